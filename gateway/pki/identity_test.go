package pki_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/internal/vectors"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/pkcs12"
	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
)

const envelope = `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><a xmlns="urn:kz:test">Сынақов</a></soap:Body></soap:Envelope>`

// TestNationalKeystores opens the keystores of the national centre, signs an
// envelope with each and verifies it.
func TestNationalKeystores(t *testing.T) {
	t.Parallel()
	for file, suite := range map[string]string{
		"gost2004-org.p12": "ГОСТ 34.310-2004", "gost512-infosystem.p12": "ГОСТ 34.10-2015/512", "rsa-org-auth.p12": "RSA-SHA256",
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			b, err := os.ReadFile(filepath.Join(vectors.Dir(t), "p12", file))
			if err != nil {
				t.Fatal(err)
			}
			f, err := pki.ParseBundle(b, []byte("Qwerty12"))
			if err != nil {
				t.Fatal(err)
			}
			all := f.Identities
			if len(all) != 1 || all[0].Certificate == nil || len(all[0].Others) != 0 {
				t.Fatalf("%d keys", len(all))
			}
			id := all[0]
			signer, err := xmldsig.NewSigner(id.Key, id.Certificate.Raw)
			if err != nil {
				t.Fatal(err)
			}
			if signer.Suite().Name != suite {
				t.Errorf("it signs with %s", signer.Suite().Name)
			}
			signed, err := wsse.SignBody(context.Background(), []byte(envelope), signer, wsse.SignOptions{})
			if err != nil {
				t.Fatal(err)
			}
			store := pki.NewStore(pki.Options{Known: append(all[0].Others, id.Certificate)})
			policy := wsse.Policy{Clock: func() time.Time { return id.Certificate.NotBefore.Add(time.Hour) }}
			v, err := wsse.VerifyBody(context.Background(), signed, store, policy)
			if err != nil || !v.Signer.Equal(id.Certificate) {
				t.Fatalf("verify: %v", err)
			}
			changed := bytes.Replace(signed, []byte("Сынақов"), []byte("Сынақоб"), 1)
			if _, err := wsse.VerifyBody(context.Background(), changed, store, policy); err == nil {
				t.Error("a changed Body is accepted")
			}
		})
	}
}

func TestIdentities(t *testing.T) {
	t.Parallel()
	ca := pkitest.NewAuthority(t, "Test CA")
	password := []byte("сөз 1")
	for name, key := range pkitest.Keys(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cert := ca.Issue(t, "Сынақ", key.Public())
			der, err := pki.MarshalPKCS8(key)
			if err != nil {
				t.Fatal(err)
			}
			p12, err := pkcs12.Encode(der, [][]byte{ca.Certificate.Raw, cert.Raw}, password, rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
			text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})...)
			text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Certificate.Raw})...)
			for form, b := range map[string][]byte{"p12": p12, "pem": text} {
				path := filepath.Join(t.TempDir(), form)
				if err := os.WriteFile(path, b, 0o600); err != nil {
					t.Fatal(err)
				}
				id, err := pki.LoadIdentity(path, password)
				if err != nil {
					t.Fatalf("%s: %v", form, err)
				}
				if !pki.SameKey(id.Key.Public(), key.Public()) || !id.Certificate.Equal(cert) || len(id.Others) != 1 || !id.Others[0].Equal(ca.Certificate) {
					t.Errorf("%s: another identity", form)
				}
				if err := os.Chmod(path, 0o640); err != nil {
					t.Fatal(err)
				}
				if _, err := pki.LoadIdentity(path, password); !errors.Is(err, pki.ErrReadable) {
					t.Errorf("%s that others can read: %v", form, err)
				}
			}
			var refused *pkcs12.Error
			if _, err := pki.ParseBundle(p12, []byte("another")); !errors.As(err, &refused) || refused.Reason != pkcs12.WrongPassword {
				t.Errorf("wrong password: %v", err)
			} else if strings.Contains(err.Error(), "another") {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}
