package pkcs12_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha1"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki/pkcs12"
)

// zeros is a random source that is none.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func pkcs8(t testing.TB, key crypto.PrivateKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestEncode(t *testing.T) {
	t.Parallel()
	ca := pkitest.NewAuthority(t, "Сынақ CA")
	key := pkitest.ECKey(t)
	// crypto/x509 gives no key identifier to what is not an authority.
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: pkitest.Now(), NotAfter: pkitest.Now().AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.Certificate, key.Public(), ca.Key)
	if err != nil {
		t.Fatal(err)
	}
	plain := &x509.Certificate{Raw: der}
	digest := sha1.Sum(plain.Raw)
	identified := ca.Issue(t, "Сынақ", key.Public(), func(c *x509.Certificate) { c.SubjectKeyId = []byte{1, 2, 3} })
	for _, c := range []struct {
		name  string
		certs [][]byte
		id    []byte
	}{
		{"one certificate", [][]byte{plain.Raw}, digest[:]},
		{"a certificate with a key identifier", [][]byte{identified.Raw}, []byte{1, 2, 3}},
		{"a chain", [][]byte{identified.Raw, ca.Certificate.Raw}, []byte{1, 2, 3}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file, err := pkcs12.Encode(pkcs8(t, key), c.certs, []byte(password), rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			s := open(t, file)
			if len(s.Keys) != 1 || !bytes.Equal(s.Keys[0].PKCS8, pkcs8(t, key)) || !bytes.Equal(s.Keys[0].LocalKeyID, c.id) {
				t.Errorf("%d keys, the first for %x", len(s.Keys), s.Keys[0].LocalKeyID)
			}
			if len(s.Certificates) != len(c.certs) {
				t.Fatalf("%d certificates", len(s.Certificates))
			}
			for i, got := range s.Certificates {
				if !bytes.Equal(got.DER, c.certs[i]) || (i == 0) != bytes.Equal(got.LocalKeyID, c.id) {
					t.Errorf("certificate %d is another, or named %x", i, got.LocalKeyID)
				}
			}
		})
	}
}

// TestEncodeAnyPassword: every password opens what it closed, the empty one too,
// and its neighbour does not.
func TestEncodeAnyPassword(t *testing.T) {
	t.Parallel()
	cert := pkitest.NewAuthority(t, "Сынақ CA").Certificate.Raw
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.OneOf(rapid.SliceOfN(rapid.Byte(), 0, 40), rapid.Map(rapid.String(), func(s string) []byte { return []byte(s) })).Draw(t, "password")
		file, err := pkcs12.Encode(aKey, [][]byte{cert}, secret, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		s, err := pkcs12.Decode(file, secret, pkcs12.Limits{})
		if err != nil || !bytes.Equal(s.Keys[0].PKCS8, aKey) {
			t.Fatalf("%q: %v", secret, err)
		}
		if _, err := pkcs12.Decode(file, append(secret, '!'), pkcs12.Limits{}); err == nil {
			t.Fatalf("%q and one character more opens it too", secret)
		}
	})
}

func TestEncodeRefuses(t *testing.T) {
	t.Parallel()
	cert := pkitest.NewAuthority(t, "Сынақ CA").Certificate.Raw
	if _, err := pkcs12.Encode(aKey, nil, []byte(password), rand.Reader); err == nil {
		t.Error("no certificate is let in")
	}
	if _, err := pkcs12.Encode(aKey, [][]byte{aCertificate}, []byte(password), rand.Reader); err == nil {
		t.Error("what is no certificate is let in")
	}
	for _, octets := range []int{0, 19, 20, 59} {
		_, err := pkcs12.Encode(aKey, [][]byte{cert}, []byte(password), io.LimitReader(zeros{}, int64(octets)))
		if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("with %d random bytes: %v", octets, err)
		}
	}
}
