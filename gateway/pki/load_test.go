package pki_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
)

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func write(t *testing.T, mode os.FileMode, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func pkcs8(t *testing.T, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// TestT30KeyFilesOfOthersAreRefused: what others can read is no secret.
func TestT30KeyFilesOfOthersAreRefused(t *testing.T) {
	t.Parallel()
	text := block("PRIVATE KEY", pkcs8(t, pkitest.ECKey(t)))
	for mode, accepted := range map[os.FileMode]bool{
		0o600: true, 0o400: true, 0o700: true,
		0o644: false, 0o640: false, 0o604: false, 0o660: false, 0o666: false, 0o620: false, 0o601: false, 0o777: false,
	} {
		path := write(t, mode, text)
		key, err := pki.LoadKey(path)
		switch {
		case accepted && err != nil:
			t.Errorf("mode %04o is refused: %v", mode, err)
		case !accepted && (err == nil || key != nil):
			t.Errorf("mode %04o is accepted", mode)
		case !accepted && !strings.Contains(err.Error(), path):
			t.Errorf("the error does not name the file: %v", err)
		}
	}
}

func TestKeyForms(t *testing.T) {
	t.Parallel()
	rsaKey, ecKey := pkitest.RSAKey(t, 2048), pkitest.ECKey(t)
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sec1, err := x509.MarshalECPrivateKey(ecKey)
	if err != nil {
		t.Fatal(err)
	}
	parameters := block("EC PARAMETERS", []byte{6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7})
	certificate := block("CERTIFICATE", pkitest.NewAuthority(t, "Root").Certificate.Raw)
	for _, tt := range []struct {
		name, text string
		public     any
	}{
		{"PKCS#8, RSA", block("PRIVATE KEY", pkcs8(t, rsaKey)), rsaKey.Public()},
		{"PKCS#8, ECDSA", block("PRIVATE KEY", pkcs8(t, ecKey)), ecKey.Public()},
		{"PKCS#8, Ed25519", block("PRIVATE KEY", pkcs8(t, edKey)), edKey.Public()},
		{"PKCS#1", block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey)), rsaKey.Public()},
		{"SEC 1", block("EC PRIVATE KEY", sec1), ecKey.Public()},
		{"SEC 1 behind its parameters, as OpenSSL writes it", parameters + block("EC PRIVATE KEY", sec1), ecKey.Public()},
		{"behind its certificate", certificate + block("PRIVATE KEY", pkcs8(t, ecKey)), ecKey.Public()},
		{"text around", "key of the test stand\n" + block("PRIVATE KEY", pkcs8(t, ecKey)) + "end\n", ecKey.Public()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			key, err := pki.LoadKey(write(t, 0o600, tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if !pki.SameKey(key.Public(), tt.public) {
				t.Error("another key was read")
			}
		})
	}
}

// TestBadKeysAreNotQuoted: an error goes to a log, a key must not.
func TestBadKeysAreNotQuoted(t *testing.T) {
	t.Parallel()
	der := pkcs8(t, pkitest.ECKey(t))
	wrong := block("EC PRIVATE KEY", der)
	for _, tt := range []struct{ name, text string }{
		{"nothing", ""},
		{"no PEM", base64.StdEncoding.EncodeToString(der)},
		{"DER", string(der)},
		{"cut off", block("PRIVATE KEY", der[:len(der)/2])},
		{"wrong kind", wrong},
		{"encrypted", block("ENCRYPTED PRIVATE KEY", der)},
		{"certificate", block("CERTIFICATE", pkitest.NewAuthority(t, "Root").Certificate.Raw)},
		{"public key", block("PUBLIC KEY", der)},
		{"parameters alone", block("EC PARAMETERS", der)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			key, err := pki.LoadKey(write(t, 0o600, tt.text))
			if err == nil || key != nil {
				t.Fatal("accepted")
			}
			for _, form := range []string{string(der[10:30]), base64.StdEncoding.EncodeToString(der)[8:24]} {
				if strings.Contains(err.Error(), form) {
					t.Errorf("the error quotes the key: %v", err)
				}
			}
		})
	}
	if _, err := pki.LoadKey(filepath.Join(t.TempDir(), "missing")); !os.IsNotExist(err) {
		t.Errorf("a missing file: %v", err)
	}
	if _, err := pki.LoadKey(t.TempDir()); err == nil {
		t.Error("a folder is accepted")
	}
}

func TestLoadCertificates(t *testing.T) {
	t.Parallel()
	a, b := pkitest.NewAuthority(t, "A").Certificate, pkitest.NewAuthority(t, "B").Certificate
	key := block("PRIVATE KEY", pkcs8(t, pkitest.ECKey(t)))
	for _, tt := range []struct {
		name, text string
		want       []*x509.Certificate
	}{
		{"one", block("CERTIFICATE", a.Raw), certs(a)},
		{"two", block("CERTIFICATE", a.Raw) + block("CERTIFICATE", b.Raw), certs(a, b)},
		{"with a key between", block("CERTIFICATE", a.Raw) + key + block("CERTIFICATE", b.Raw), certs(a, b)},
		{"DER", string(a.Raw), certs(a)},
		{"DER with a byte behind", string(a.Raw) + "x", nil},
		{"second is malformed", block("CERTIFICATE", a.Raw) + block("CERTIFICATE", b.Raw[:50]), nil},
		{"key alone", key, nil},
		{"nothing", "", nil},
		{"text", "not a certificate", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := write(t, 0o644, tt.text)
			got, err := pki.LoadCertificates(path)
			if (err == nil) != (tt.want != nil) || len(got) != len(tt.want) {
				t.Fatalf("%d certificates, %v", len(got), err)
			}
			for i := range got {
				if !got[i].Equal(tt.want[i]) {
					t.Errorf("certificate %d is another", i)
				}
			}
			if err != nil && !strings.Contains(err.Error(), path) {
				t.Errorf("the error does not name the file: %v", err)
			}
		})
	}
	if _, err := pki.LoadCertificates(filepath.Join(t.TempDir(), "missing")); !os.IsNotExist(err) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestSameKey(t *testing.T) {
	t.Parallel()
	a, b, r := pkitest.ECKey(t), pkitest.ECKey(t), pkitest.RSAKey(t, 2048)
	der, err := x509.MarshalPKIXPublicKey(a.Public())
	if err != nil {
		t.Fatal(err)
	}
	again, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		t.Fatal(err)
	}
	if !pki.SameKey(a.Public(), again) {
		t.Error("a key is not itself")
	}
	if pki.SameKey(a.Public(), b.Public()) || pki.SameKey(a.Public(), r.Public()) || pki.SameKey(nil, nil) || pki.SameKey("x", "x") {
		t.Error("two keys are taken for one")
	}
}

// TestSubject: the pinned name is held against the subject, whatever was asked
// before.
func TestSubject(t *testing.T) {
	t.Parallel()
	root := pkitest.NewAuthority(t, "Root")
	c := expect(t, root.Store(), carried(leaf(t, root, "ШЭП")), pkitest.Now(), "")
	for range 2 {
		for dn, want := range map[string]bool{"CN=ШЭП": true, "C=KZ,CN=шэп": true, "CN=Root": false, "CN=ШЭП,O=X": false, "ШЭП": false, "": false} {
			if got := c.Named(dn); got != want || c.Named(dn) != got {
				t.Errorf("%q: %v", dn, !want)
			}
		}
	}
	if got := c.SubjectText(); got != "CN=ШЭП,OU=TEST,C=KZ" {
		t.Errorf("the subject is %s", got)
	}
}
