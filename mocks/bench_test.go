package mocks

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/uuid"

	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/mocks/pki"
	"github.com/kopir-kz/kopir/mocks/shep"
)

// BenchmarkAnswer measures what an honest answer of 8 KB costs the mock, beside
// its floor: the two RSA signatures it makes. A mock that is the peer of a
// benchmark must not be what is measured.
func BenchmarkAnswer(b *testing.B) {
	keys, err := sharedPKI[pki.RSA]()
	if err != nil {
		b.Fatal(err)
	}
	w, err := Start(Options{PKI: keys, Lenient: true})
	if err != nil {
		b.Fatal(err)
	}
	id, err := keys.Identity(pki.Client)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("floor", func(b *testing.B) {
		digest := sha256.Sum256([]byte("x"))
		for b.Loop() {
			for range 2 {
				if _, err := id.Key.Sign(rand.Reader, digest[:], crypto.SHA256); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("answer", func(b *testing.B) {
		signer, err := xmldsig.NewSigner(id.Key, id.Certificate.Raw)
		if err != nil {
			b.Fatal(err)
		}
		q := ask(w.People.ByKey("compound-name").IIN)
		q.messageID, q.date = uuid.NewString(), shep.FormatTime(w.Now())
		env, err := wsse.SignBody(b.Context(), q.text(), signer, wsse.SignOptions{})
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			req := httptest.NewRequest(http.MethodPost, w.Endpoint(), bytes.NewReader(env))
			req.Header = q.header
			rec := httptest.NewRecorder()
			w.Handler().ServeHTTP(rec, req)
			if rec.Code != http.StatusOK {
				b.Fatalf("status %d: %s", rec.Code, rec.Body)
			}
		}
	})
}
