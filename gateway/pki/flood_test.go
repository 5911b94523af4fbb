package pki_test

import (
	"testing"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
)

// TestFloodDoesNotKeepOut: a certificate that comes after many others is remembered
// all the same, and its key with what was computed of it.
func TestFloodDoesNotKeepOut(t *testing.T) {
	t.Parallel()
	ca := pkitest.NewAuthority(t, "Root")
	pub := pkitest.ECKey(t).Public()
	s := ca.Store()
	for range pki.MaxCached {
		expect(t, s, carried(ca.Issue(t, "Flood", pub)), pkitest.Now(), "")
	}
	c := leaf(t, ca, "System")
	first := expect(t, s, carried(c), pkitest.Now(), "")
	if again := expect(t, s, carried(c), pkitest.Now(), ""); again != first {
		t.Error("its chain was built twice")
	}
	if s.Cached() != pki.MaxCached {
		t.Errorf("%d are remembered", s.Cached())
	}
}
