package xmldsig_test

import (
	"testing"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
)

// TestWritersAgree: where goxmldsig knows the algorithm, what it builds and what
// is written by hand are the same bytes. RSA gives the same value for the same
// text, so the whole signature can be compared.
func TestWritersAgree(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.RSAKey(t, 2048))
	for name, doc := range documents {
		ours, theirs, err := xmldsig.BothWriters(t.Context(), doc, w.signer)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if ours != theirs {
			t.Errorf("%s:\n%s\n%s", name, ours, theirs)
		}
	}
}
