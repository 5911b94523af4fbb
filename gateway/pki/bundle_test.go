package pki_test

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/pkcs12"
)

func pemOf(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// TestBundle reads files of every form, and tells whose certificate is whose.
func TestBundle(t *testing.T) {
	t.Parallel()
	ca := pkitest.NewAuthority(t, "Test CA")
	key, other := pkitest.ECKey(t), pkitest.RSAKey(t, 2048)
	cert, otherCert := ca.Issue(t, "Сынақ 1", key.Public()), ca.Issue(t, "Сынақ 2", other.Public())
	keyDER, otherDER := pkcs8(t, key), pkcs8(t, other)
	keystore, err := pkcs12.Encode(keyDER, [][]byte{cert.Raw, ca.Certificate.Raw}, []byte("сөз"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	all := slices.Concat(pemOf("CERTIFICATE", ca.Certificate.Raw), pemOf("EC PARAMETERS", []byte{5, 0}), pemOf("PRIVATE KEY", otherDER), pemOf("CERTIFICATE", cert.Raw),
		pemOf("PRIVATE KEY", keyDER), pemOf("CERTIFICATE", otherCert.Raw))
	for _, tt := range []struct {
		name  string
		in    []byte
		form  pki.Form
		certs []*x509.Certificate // in the file
		of    []*x509.Certificate // of its keys
	}{
		{"certificate", cert.Raw, pki.FormDER, certs(cert), nil},
		{"certificates", slices.Concat(pemOf("CERTIFICATE", cert.Raw), pemOf("CERTIFICATE", ca.Certificate.Raw)), pki.FormPEM, certs(cert, ca.Certificate), nil},
		{"key", pemOf("PRIVATE KEY", keyDER), pki.FormPEM, nil, certs(nil)},
		{"key of another certificate", slices.Concat(pemOf("PRIVATE KEY", keyDER), pemOf("CERTIFICATE", otherCert.Raw)), pki.FormPEM, certs(otherCert), certs(nil)},
		{"two keys", all, pki.FormPEM, certs(ca.Certificate, cert, otherCert), certs(otherCert, cert)},
		{"keystore", keystore, pki.FormPKCS12, certs(cert, ca.Certificate), certs(cert)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := bytes.Clone(tt.in)
			b, err := pki.ParseBundle(in, []byte("сөз"))
			if err != nil {
				t.Fatal(err)
			}
			clear(in)
			if b.Form != tt.form || !slices.EqualFunc(b.Certificates, tt.certs, (*x509.Certificate).Equal) || len(b.Identities) != len(tt.of) {
				t.Fatalf("form %s, %d certificates, %d keys", b.Form, len(b.Certificates), len(b.Identities))
			}
			if tt.form == pki.FormPKCS12 != (b.MAC.Name != "") {
				t.Errorf("the MAC is %v", b.MAC)
			}
			for i, id := range b.Identities {
				if !id.Certificate.Equal(tt.of[i]) {
					t.Errorf("key %d has another certificate", i)
				}
				for _, c := range id.Others {
					if c.Equal(id.Certificate) {
						t.Errorf("key %d has its certificate twice", i)
					}
				}
			}
		})
	}
}

func TestBundleRefusals(t *testing.T) {
	t.Parallel()
	key := pkcs8(t, pkitest.ECKey(t))
	for _, tt := range []struct {
		name string
		in   []byte
		want error // nil is any
	}{
		{"nothing", nil, nil},
		{"text", []byte("Сынақ"), nil},
		{"other PEM", pemOf("X509 CRL", []byte{1}), nil},
		{"DER of something else", key, nil},
		{"a certificate and a byte", append(bytes.Clone(pkitest.NewAuthority(t, "CA").Certificate.Raw), 0), nil},
		{"a certificate that is none", pemOf("CERTIFICATE", []byte{0x30, 0}), nil},
		{"a key that is none", pemOf("PRIVATE KEY", []byte{0x30, 0}), pki.ErrPrivateKey},
		{"an encrypted key", pemOf("ENCRYPTED PRIVATE KEY", key), nil},
		{"a keystore that is none", []byte{0x30, 3, 2, 1, 3}, &pkcs12.Error{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b, err := pki.ParseBundle(tt.in, nil)
			var store *pkcs12.Error
			if b != nil || err == nil || errors.As(tt.want, &store) && !errors.As(err, &store) || store == nil && tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("got %v", err)
			}
		})
	}
	dir := t.TempDir()
	long := filepath.Join(dir, "long")
	if err := os.WriteFile(long, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(long, pki.MaxBundle+1); err != nil {
		t.Fatal(err)
	}
	if _, err := pki.ReadBundle(long); !errors.Is(err, pki.ErrTooLong) {
		t.Errorf("a long file: %v", err)
	}
	if _, err := pki.ReadBundle(dir); err == nil {
		t.Error("a folder is read")
	}
}

// FuzzBundle: whatever is read gives keys and certificates, or a reason, and the
// certificate of a key is its.
func FuzzBundle(f *testing.F) {
	ca := pkitest.NewAuthority(f, "CA")
	key := pkitest.ECKey(f)
	der, err := pki.MarshalPKCS8(key)
	if err != nil {
		f.Fatal(err)
	}
	cert := ca.Issue(f, "Сынақ", key.Public())
	store, err := pkcs12.Encode(der, [][]byte{cert.Raw}, nil, rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(cert.Raw)
	f.Add(store)
	f.Add(slices.Concat(pemOf("PRIVATE KEY", der), pemOf("CERTIFICATE", cert.Raw)))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := pki.ParseBundle(b, nil)
		if (err == nil) != (got != nil) {
			t.Fatalf("%v, and %v", got, err)
		}
		if err != nil {
			return
		}
		if got.Form != pki.FormOf(b) || got.Form == pki.FormDER && len(got.Certificates) != 1 {
			t.Errorf("form %s, %d certificates", got.Form, len(got.Certificates))
		}
		for _, id := range got.Identities {
			if id.Certificate != nil && !pki.SameKey(id.Certificate.PublicKey, id.Key.Public()) {
				t.Error("a key has the certificate of another")
			}
			if want := len(got.Certificates); len(id.Others) != want && (id.Certificate == nil || len(id.Others) != want-1) {
				t.Errorf("%d of %d certificates are others", len(id.Others), want)
			}
		}
	})
}
