package cms_test

import (
	"context"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/vectors"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/cms"
)

// TestVectors verifies messages of the national library. Their certificates have
// expired and their authorities are not all at hand, so that each is judged at
// its own time, with its own certificate pinned.
func TestVectors(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(vectors.Dir(t), "cms")
	at := time.Date(2020, 9, 9, 20, 3, 14, 0, time.UTC) // both name it
	for _, tt := range []struct {
		file string
		bin  bool // the certificate is of an organisation
	}{
		{"kalkan-rsa-personal.cms.b64", false},
		{"kalkan-gost2004-org-active.cms.b64", true},
	} {
		t.Run(tt.file, func(t *testing.T) {
			t.Parallel()
			b, err := os.ReadFile(filepath.Join(dir, tt.file))
			if err != nil {
				t.Fatal(err)
			}
			m, err := cms.Parse(b, cms.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			certs := m.Certificates()
			if len(certs) != 1 {
				t.Fatalf("%d certificates", len(certs))
			}
			if certs[0].PublicKey == nil {
				t.Skip("keys of the national algorithm are not read")
			}
			o := cms.Options{
				Keys:  pki.NewStore(pki.Options{Known: []*x509.Certificate{certs[0]}}),
				Clock: func() time.Time { return at },
			}
			v, err := m.Verify(context.Background(), o)
			if err != nil {
				t.Fatal(err)
			}
			s := v.Signers[0]
			if string(v.Content) != "asdasd" || !s.SigningTime.Equal(at) || s.Bound {
				t.Errorf("content %q, signed at %s", v.Content, s.SigningTime)
			}
			if pki.SubjectIIN(s.Certificate.Certificate) == "" || (pki.SubjectBIN(s.Certificate.Certificate) != "") != tt.bin {
				t.Error("the numbers of the subject are not found")
			}
			o.Keys = pki.NewStore(pki.Options{})
			_, err = m.Verify(context.Background(), o)
			var e *pki.Error
			if !errors.As(err, &e) || e.Reason != pki.ReasonNoChain {
				t.Errorf("trusted by nobody: %v", err)
			}
			for i := range b {
				flipped := append([]byte(nil), b...)
				flipped[i] ^= 1
				w, err := verify(flipped, cms.Options{Keys: pki.NewStore(pki.Options{Known: certs}), Clock: o.Clock})
				if err == nil && (string(w.Content) != "asdasd" || !w.Signers[0].Certificate.Equal(certs[0])) {
					t.Errorf("character %d changed: accepted with another meaning", i)
				}
			}
		})
	}
}
