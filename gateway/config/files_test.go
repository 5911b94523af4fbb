package config_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/config"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/pkcs12"
)

// world is a directory with every file that good.yaml names.
type world struct {
	t   *testing.T
	dir string
	key *ecdsa.PrivateKey
}

func newWorld(t *testing.T, subject pkix.Name) *world {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	w := &world{t: t, dir: t.TempDir(), key: key}
	long := strings.Repeat("k", 32)
	for name, text := range map[string]string{"subject.key": long, "pepper": long, "shep.password": "hunter2"} {
		w.write(name, []byte(text), 0o600)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	w.write("gateway.key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600)
	for _, name := range []string{"root.pem", "nca.pem", "shep.pem", "tls-root.pem", "gateway.pem", "ocsp.pem"} {
		w.certificate(name, subject, key)
	}
	list, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(1), NextUpdate: time.Now().Add(time.Hour)},
		&x509.Certificate{KeyUsage: x509.KeyUsageCRLSign, SubjectKeyId: []byte{1}, Subject: subject}, key)
	must(t, err)
	must(t, os.Mkdir(filepath.Join(w.dir, "lists"), 0o755))
	w.write("nca.crl", pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: list}), 0o644)
	return w
}

func (w *world) write(name string, b []byte, mode os.FileMode) {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	must(w.t, os.WriteFile(path, b, 0o600))
	must(w.t, os.Chmod(path, mode))
}

func (w *world) certificate(name string, subject pkix.Name, key crypto.Signer) {
	w.t.Helper()
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: subject, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	must(w.t, err)
	w.write(name, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644)
}

// check reads good.yaml in this world, in a mode.
func (w *world) check(mode string) error {
	w.t.Helper()
	text := strings.ReplaceAll(good(w.t), "/etc/kopir/", "")
	text = strings.Replace(text, "mode: production", "mode: "+mode, 1)
	c, err := config.Parse([]byte(text), w.dir)
	must(w.t, err)
	return c.CheckFiles()
}

var genuine = pkix.Name{CommonName: "ШЭП", Organization: []string{"Сынақ"}}

func TestFiles(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		spoil func(*world)
		want  []string // beginnings of the lines
	}{
		{name: "good"},
		{
			"T30: key readable by the group", func(w *world) { must(t, os.Chmod(filepath.Join(w.dir, "gateway.key"), 0o640)) },
			[]string{"signing.key_file: DIR/gateway.key: the key file has mode 0640"},
		},
		{
			"T30: key readable by all", func(w *world) { must(t, os.Chmod(filepath.Join(w.dir, "gateway.key"), 0o644)) },
			[]string{"signing.key_file: DIR/gateway.key: the key file has mode 0644"},
		},
		{"secrets readable by others", func(w *world) {
			for _, f := range []string{"subject.key", "pepper", "shep.password"} {
				must(t, os.Chmod(filepath.Join(w.dir, f), 0o604))
			}
		}, []string{
			"journal.subject_key_file: DIR/subject.key: accessible to others (mode 0604); use chmod 600",
			"clients_pepper_file: DIR/pepper: accessible to others (mode 0604); use chmod 600",
			"services[0].sender_password_file: DIR/shep.password: accessible to others (mode 0604); use chmod 600",
		}},
		{
			"short keys", func(w *world) {
				w.write("subject.key", []byte("short"), 0o600)
				w.write("pepper", []byte("short"), 0o600)
			},
			[]string{"journal.subject_key_file: DIR/subject.key: shorter than 32 bytes", "clients_pepper_file: DIR/pepper: shorter than 32 bytes"},
		},
		{
			"absent", func(w *world) { must(t, os.Remove(filepath.Join(w.dir, "shep.pem"))) },
			[]string{"trust.known[0]: DIR/shep.pem: no such file or directory"},
		},
		{
			"no certificate", func(w *world) { w.write("root.pem", []byte("hunter2"), 0o644) },
			[]string{"trust.roots[0]: DIR/root.pem: there is no CERTIFICATE in it"},
		},
		{
			"no revocation list", func(w *world) { w.write("nca.crl", []byte("hunter2"), 0o644) },
			[]string{"trust.crls[0]: DIR/nca.crl: there is no X509 CRL in it"},
		},
		{
			"no folder of lists", func(w *world) {
				must(t, os.Remove(filepath.Join(w.dir, "lists")))
				w.write("lists", nil, 0o644)
			},
			[]string{"trust.crl_folder: DIR/lists: not a directory"},
		},
		{
			"no key", func(w *world) { w.write("gateway.key", []byte("hunter2"), 0o600) },
			[]string{"signing.key_file: DIR/gateway.key: there is neither a key nor a certificate in it"},
		},
		{"another's certificate", func(w *world) {
			other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			must(t, err)
			w.certificate("gateway.pem", genuine, other)
		}, []string{"signing.key_file: DIR/gateway.key: the certificate is not of the key"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, genuine)
			if tt.spoil != nil {
				tt.spoil(w)
			}
			wantLines(t, w.check("production"), w.dir, tt.want)
		})
	}
}

func wantLines(t *testing.T, err error, dir string, want []string) {
	t.Helper()
	var got []string
	if err != nil {
		got = strings.Split(strings.ReplaceAll(err.Error(), dir, "DIR"), "\n")
	}
	ok := len(got) == len(want)
	for i := range want {
		ok = ok && strings.HasPrefix(got[i], want[i])
	}
	if !ok || strings.Contains(strings.Join(got, ""), "hunter2") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestT41TrustIsBoundToTheMode: production takes no certificate of the mock world
// or of a test authority, in any of its places, and the mock world nothing real.
func TestT41TrustIsBoundToTheMode(t *testing.T) {
	t.Parallel()
	mock := pkix.Name{CommonName: "ШЭП", Organization: []string{"KOPIR MOCK"}}
	test := pkix.Name{CommonName: "ҰКО 3.0 (RSA TEST)"}
	six := func(text string) (out []string) {
		for _, f := range []string{
			"signing.certificate_file: DIR/gateway.pem", "trust.roots[0]: DIR/root.pem", "trust.intermediates[0]: DIR/nca.pem",
			"trust.known[0]: DIR/shep.pem", "outbound.tls_roots[0]: DIR/tls-root.pem", "trust.ocsp[0].certificate_file: DIR/ocsp.pem",
		} {
			out = append(out, f+": "+text)
		}
		return out
	}
	for _, tt := range []struct {
		name    string
		subject pkix.Name
		mode    string
		want    []string
	}{
		{"production, real", genuine, "production", nil},
		{"production, a name that only contains the word", pkix.Name{CommonName: "TESTAMENT 2022"}, "production", nil},
		{"production, mock", mock, "production", six("a certificate of the mock world, in production")},
		{"production, test", test, "production", six("a test certificate, in production")},
		{"test stand, test", test, "test", nil},
		{"test stand, mock", mock, "test", nil},
		{"mock, mock", mock, "mock", nil},
		{"mock, real", genuine, "mock", six("not a certificate of the mock world, in mode mock")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tt.subject)
			wantLines(t, w.check(tt.mode), w.dir, tt.want)
		})
	}
}

// TestHalfASigningKey, where no service needs one.
func TestHalfASigningKey(t *testing.T) {
	t.Parallel()
	text := strings.ReplaceAll(good(t), "sender_id: kopir", "sender_id: kopir\n    envelope: {signature: none}")
	text = strings.Replace(text, "  key_file: gateway.key\n", "", 1)
	_, err := config.Parse([]byte(text), "/")
	if err == nil || err.Error() != "line 11: signing.certificate_file: goes with key_file, program or service" {
		t.Errorf("%v", err)
	}
}

// TestKeystore: a PKCS#12 keystore brings key and certificate.
func TestKeystore(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		certificate bool   // the keystore holds one
		settings    string // beside key_file
		password    string // in the file
		want        []string
	}{
		"whole":                 {true, "  password_file: gateway.password\n", "hunter2", nil},
		"certificate by file":   {false, "  password_file: gateway.password\n  certificate_file: gateway.pem\n", "hunter2", nil},
		"no certificate":        {false, "  password_file: gateway.password\n", "hunter2", []string{"signing.key_file: DIR/gateway.key: holds no certificate of the key: signing.certificate_file must name it"}},
		"wrong password":        {true, "  password_file: gateway.password\n", "hunter3", []string{"signing.key_file: DIR/gateway.key: keystore: "}},
		"no password":           {true, "", "hunter2", []string{"signing.key_file: DIR/gateway.key: keystore: "}},
		"another's by its name": {true, "  password_file: gateway.password\n  certificate_file: other.pem\n", "hunter2", []string{"signing.key_file: DIR/gateway.key: the certificate is not of the key"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, genuine)
			key, err := pki.LoadIdentity(filepath.Join(w.dir, "gateway.key"), nil)
			must(t, err)
			der, err := pki.MarshalPKCS8(key.Key)
			must(t, err)
			other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			must(t, err)
			w.certificate("other.pem", genuine, other)
			held := "other.pem"
			if tt.certificate {
				held = "gateway.pem"
			}
			certs, err := pki.LoadCertificates(filepath.Join(w.dir, held))
			must(t, err)
			store, err := pkcs12.Encode(der, [][]byte{certs[0].Raw}, []byte("hunter2"), rand.Reader)
			must(t, err)
			w.write("gateway.key", store, 0o600)
			w.write("gateway.password", []byte(tt.password), 0o600)
			text := strings.ReplaceAll(good(t), "/etc/kopir/", "")
			c, err := config.Parse([]byte(strings.Replace(text, "  certificate_file: gateway.pem\n", tt.settings, 1)), w.dir)
			must(t, err)
			wantLines(t, c.CheckFiles(), w.dir, tt.want)
		})
	}
}
