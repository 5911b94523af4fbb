package pkcs12_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki/pkcs12"
)

// program runs a foreign program; without it the test is skipped.
func program(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed", name)
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8") // what arguments are read in
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return out
}

// needLegacy skips where OpenSSL comes without RC2 and RC4.
func needLegacy(t *testing.T) {
	t.Helper()
	if path, err := exec.LookPath("openssl"); err == nil {
		if exec.CommandContext(t.Context(), path, "list", "-provider", "legacy", "-providers").Run() != nil {
			t.Skip("this OpenSSL has no legacy provider")
		}
	}
}

func writePEM(t *testing.T, path, kind string, ders ...[]byte) {
	t.Helper()
	var out bytes.Buffer
	for _, der := range ders {
		if err := pem.Encode(&out, &pem.Block{Type: kind, Bytes: der}); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

var exports = []struct {
	name   string
	args   string
	legacy bool
	needs  string // an option of OpenSSL that not every version has
	empty  bool   // no password

	iterations int
	refuse     pkcs12.Reason
}{
	{name: "by default"},
	{name: "by default, no password", empty: true},
	{name: "legacy", args: "-legacy", legacy: true},
	{name: "legacy, no password", args: "-legacy", legacy: true, empty: true},
	{name: "3DES", args: "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg SHA1"},
	{name: "3DES of two keys", args: "-keypbe PBE-SHA1-2DES -certpbe PBE-SHA1-2DES -macalg SHA1"},
	{name: "RC2", args: "-legacy -keypbe PBE-SHA1-RC2-128 -certpbe PBE-SHA1-RC2-40", legacy: true},
	{name: "RC4", args: "-legacy -keypbe PBE-SHA1-RC4-128", legacy: true, refuse: pkcs12.Unsupported},
	{name: "AES of 128 and 192 bits, SHA-512", args: "-keypbe AES-128-CBC -certpbe AES-192-CBC -macalg SHA512"},
	{name: "3DES in PBES2, SHA-384", args: "-keypbe DES-EDE3-CBC -certpbe DES-EDE3-CBC -macalg SHA384"},
	{name: "Camellia", args: "-keypbe CAMELLIA-256-CBC", refuse: pkcs12.Unsupported},
	{name: "SHA-224", args: "-macalg SHA224"},
	{name: "MD5", args: "-macalg MD5", refuse: pkcs12.Unsupported},
	{name: "PBMAC1", args: "-pbmac1_pbkdf2", needs: "-pbmac1_pbkdf2"},
	{name: "PBMAC1, SHA-512", args: "-pbmac1_pbkdf2 -pbmac1_pbkdf2_md SHA512 -macalg SHA512", needs: "-pbmac1_pbkdf2"},
	{name: "in the clear", args: "-keypbe NONE -certpbe NONE"},
	{name: "one iteration", args: "-noiter -nomaciter"},
	{name: "many iterations", args: "-iter 50000", iterations: 50000},
	{name: "no MAC", args: "-nomac", refuse: pkcs12.NoMAC},
}

// TestOpenSSL opens what OpenSSL writes.
func TestOpenSSL(t *testing.T) {
	t.Parallel()
	help := string(program(t, "openssl", "pkcs12", "-help"))
	ca := pkitest.NewAuthority(t, "Сынақ CA")
	dir := t.TempDir()
	keys := map[string]crypto.Signer{"rsa": pkitest.RSAKey(t, 2048), "ec": pkitest.ECKey(t)}
	certs := map[string]*x509.Certificate{}
	for kind, key := range keys {
		certs[kind] = ca.Issue(t, "Сынақ", key.Public())
		writePEM(t, filepath.Join(dir, kind+".key"), "PRIVATE KEY", pkcs8(t, key))
		writePEM(t, filepath.Join(dir, kind+".crt"), "CERTIFICATE", certs[kind].Raw, ca.Certificate.Raw)
	}
	for i, c := range exports {
		for kind, key := range keys {
			if i > 3 && kind == "rsa" {
				continue // the kind of the key changes nothing but its length
			}
			t.Run(c.name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				if c.legacy {
					needLegacy(t)
				}
				if !strings.Contains(help, c.needs) {
					t.Skipf("this OpenSSL has no option %s", c.needs)
				}
				secret := password
				if c.empty {
					secret = ""
				}
				out := filepath.Join(t.TempDir(), "keystore.p12")
				program(t, "openssl", append([]string{
					"pkcs12", "-export", "-out", out, "-passout", "pass:" + secret, "-name", "Сынақ",
					"-inkey", filepath.Join(dir, kind+".key"), "-in", filepath.Join(dir, kind+".crt"),
				}, strings.Fields(c.args)...)...)
				if c.refuse != "" {
					expect(t, mustRead(t, out), pkcs12.Limits{}, c.refuse, "")
					return
				}
				s := holds(t, mustRead(t, out), secret, key, certs[kind], ca.Certificate)
				if c.iterations != 0 && (s.MAC.Iterations != c.iterations || s.Encryption[0].Iterations != c.iterations) {
					t.Errorf("protected by %v, %v", s.MAC, s.Encryption)
				}
			})
		}
	}
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// holds opens a keystore of one key with the first of the certificates, and sees
// that another password does not open it.
func holds(t *testing.T, file []byte, secret string, key crypto.Signer, certs ...*x509.Certificate) *pkcs12.Keystore {
	t.Helper()
	s, err := pkcs12.Decode(file, []byte(secret), pkcs12.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Keys) != 1 || len(s.Certificates) != len(certs) {
		t.Fatalf("%d keys, %d certificates", len(s.Keys), len(s.Certificates))
	}
	got, err := x509.ParsePKCS8PrivateKey(s.Keys[0].PKCS8)
	if err != nil || !got.(interface {
		Equal(x crypto.PrivateKey) bool
	}).Equal(key) {
		t.Errorf("the key is another, %v", err)
	}
	if s.Keys[0].FriendlyName != "Сынақ" || len(s.Keys[0].LocalKeyID) == 0 {
		t.Errorf("the key is named %q, %x", s.Keys[0].FriendlyName, s.Keys[0].LocalKeyID)
	}
	for _, c := range certs {
		i := slices.IndexFunc(s.Certificates, func(got pkcs12.Certificate) bool { return bytes.Equal(got.DER, c.Raw) })
		if i < 0 || bytes.Equal(s.Certificates[i].LocalKeyID, s.Keys[0].LocalKeyID) != (c == certs[0]) {
			t.Errorf("certificate %s is missing, or not that of the key", c.SerialNumber)
		}
	}
	_, err = pkcs12.Decode(file, []byte(secret+"!"), pkcs12.Limits{})
	var e *pkcs12.Error
	if !errors.As(err, &e) || e.Reason != pkcs12.WrongPassword {
		t.Errorf("with another password: %v", err)
	}
	return s
}

// TestJava opens what the keytool of Java writes, today's way and the old one.
func TestJava(t *testing.T) {
	t.Parallel()
	for name, option := range map[string]string{"by default": "-J-Dx=x", "legacy": "-J-Dkeystore.pkcs12.legacy"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := filepath.Join(t.TempDir(), "keystore.p12")
			const alias = "сынақ🔑"
			program(t, "keytool", option, "-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=Synaq",
				"-alias", alias, "-storetype", "PKCS12", "-keystore", out, "-storepass", nationalPassword)
			s, err := pkcs12.Decode(mustRead(t, out), []byte(nationalPassword), pkcs12.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if len(s.Keys) != 1 || len(s.Certificates) != 1 || s.Keys[0].FriendlyName != alias {
				t.Fatalf("%d keys, %d certificates", len(s.Keys), len(s.Certificates))
			}
			key, err := x509.ParsePKCS8PrivateKey(s.Keys[0].PKCS8)
			if err != nil {
				t.Fatal(err)
			}
			c, err := x509.ParseCertificate(s.Certificates[0].DER)
			if err != nil || !c.PublicKey.(interface{ Equal(x crypto.PublicKey) bool }).Equal(key.(crypto.Signer).Public()) {
				t.Errorf("the key is not that of the certificate, %v", err)
			}
		})
	}
}

// TestOpenSSLReads sees that OpenSSL opens what Encode writes.
func TestOpenSSLReads(t *testing.T) {
	t.Parallel()
	needLegacy(t)
	ca := pkitest.NewAuthority(t, "Сынақ CA")
	key := pkitest.RSAKey(t, 2048)
	cert := ca.Issue(t, "Сынақ", key.Public())
	for _, secret := range []string{password, ""} {
		file, err := pkcs12.Encode(pkcs8(t, key), [][]byte{cert.Raw, ca.Certificate.Raw}, []byte(secret), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		in := filepath.Join(t.TempDir(), "keystore.p12")
		if err := os.WriteFile(in, file, 0o600); err != nil {
			t.Fatal(err)
		}
		out := program(t, "openssl", "pkcs12", "-legacy", "-in", in, "-passin", "pass:"+secret, "-nodes")
		var got [][]byte
		for block, rest := pem.Decode(out); block != nil; block, rest = pem.Decode(rest) {
			got = append(got, block.Bytes)
		}
		want := [][]byte{pkcs8(t, key), cert.Raw, ca.Certificate.Raw}
		if !slices.EqualFunc(got, want, bytes.Equal) {
			t.Errorf("OpenSSL reads %d PEM blocks, or others:\n%s", len(got), out)
		}
	}
}
