package revocation_test

import (
	"crypto/x509"
	"math/big"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/crl"
	"github.com/kopir-kz/kopir/gateway/pki/revocation"
)

// TestDeltaLists: what base and delta lists say together, at one moment.
func TestDeltaLists(t *testing.T) {
	t.Parallel()
	ca := pkitest.NewAuthority(t, "Root")
	c := leaf(t, ca, "System")
	now := pkitest.Now()
	const hour, day = time.Hour, 24 * time.Hour
	// list makes a list of a number, made some time ago for a term. base is 0 for a
	// complete one, reason is below 0 where it does not name the certificate.
	list := func(number int64, base byte, ago, term time.Duration, reason int) *crl.List {
		l := x509.RevocationList{Number: big.NewInt(number), ThisUpdate: now.Add(-ago), NextUpdate: now.Add(-ago + term)}
		if reason >= 0 {
			l.RevokedCertificateEntries = pkitest.Entries(now.Add(-30*day), pki.CRLReason(reason), c)
		}
		if base > 0 {
			l = pkitest.Delta(base, l)
		}
		return ca.List(t, l)
	}
	const silent, compromise, hold, lifted = -1, 1, int(pki.CertificateHold), int(pki.RemoveFromCRL)
	for _, tt := range []struct {
		name  string
		lists []*crl.List
		want  pki.State // StateUnknown: no answer
	}{
		{"base alone", []*crl.List{list(5, 0, day, 7*day, silent)}, pki.StateGood},
		{"delta alone", []*crl.List{list(6, 5, hour, day, silent)}, pki.StateUnknown},
		{"base and delta", []*crl.List{list(5, 0, day, 7*day, silent), list(6, 5, hour, day, silent)}, pki.StateGood},
		{"delta names it", []*crl.List{list(5, 0, day, 7*day, silent), list(6, 5, hour, day, compromise)}, pki.StateRevoked},
		{"delta alone names it", []*crl.List{list(6, 5, hour, day, compromise)}, pki.StateRevoked},
		{"stale base, fresh delta", []*crl.List{list(5, 0, 9*day, 7*day, silent), list(6, 5, hour, day, silent)}, pki.StateGood},
		{"stale base of a later number, fresh delta", []*crl.List{list(7, 0, 9*day, 7*day, silent), list(9, 5, hour, day, silent)}, pki.StateGood},
		{"stale base, delta of a later one", []*crl.List{list(4, 0, 9*day, 7*day, silent), list(6, 5, hour, day, silent)}, pki.StateUnknown},
		{"fresh base, stale delta", []*crl.List{list(5, 0, day, 7*day, silent), list(6, 5, day, hour, silent)}, pki.StateGood},
		{"both stale", []*crl.List{list(5, 0, 9*day, 7*day, silent), list(6, 5, 8*day, day, silent)}, pki.StateUnknown},
		{"on hold in the base", []*crl.List{list(5, 0, day, 7*day, hold), list(6, 5, hour, day, silent)}, pki.StateRevoked},
		{"hold lifted by the delta", []*crl.List{list(5, 0, day, 7*day, hold), list(6, 5, hour, day, lifted)}, pki.StateGood},
		{"the order of the lists does not matter", []*crl.List{list(6, 5, hour, day, lifted), list(5, 0, day, 7*day, hold)}, pki.StateGood},
		{"hold lifted by a delta of a later base", []*crl.List{list(4, 0, day, 7*day, hold), list(6, 5, hour, day, lifted)}, pki.StateRevoked},
		{"hold lifted by an earlier delta", []*crl.List{list(7, 0, hour, 7*day, hold), list(6, 5, 2*hour, day, lifted)}, pki.StateRevoked},
		{"hold lifted by the next base", []*crl.List{list(5, 0, day, 7*day, hold), list(7, 0, hour, 7*day, silent)}, pki.StateGood},
		{"on hold again", []*crl.List{list(5, 0, 3*day, 7*day, hold), list(7, 0, 2*day, 7*day, silent), list(8, 7, hour, day, hold)}, pki.StateRevoked},
		{"lifted, on hold and lifted again", []*crl.List{list(5, 0, 3*day, 7*day, hold), list(6, 5, 2*day, day, lifted), list(7, 5, day, day, hold), list(8, 5, hour, day, lifted)}, pki.StateGood},
		{"compromise is lifted by nothing", []*crl.List{list(5, 0, day, 7*day, compromise), list(6, 5, hour, day, lifted), list(7, 0, hour, 7*day, silent)}, pki.StateRevoked},
		{"delta lifts what the base does not name", []*crl.List{list(5, 0, day, 7*day, silent), list(6, 5, hour, day, lifted)}, pki.StateGood},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			st, err := revocation.NewLists(certs(ca.Certificate), tt.lists...).Status(t.Context(), c, ca.Certificate, now)
			if st.State != tt.want || (err != nil) != (tt.want == pki.StateUnknown) {
				t.Errorf("%+v, %v", st, err)
			}
		})
	}
}

// TestHoldAtItsTime: a suspension that was lifted later still counts for the
// moments while it lasted.
func TestHoldAtItsTime(t *testing.T) {
	t.Parallel()
	ca := pkitest.NewAuthority(t, "Root")
	c := leaf(t, ca, "System")
	now, hour := pkitest.Now(), time.Hour
	list := func(number, from int, revoked ...x509.RevocationListEntry) *crl.List {
		at := now.Add(time.Duration(from) * hour)
		return ca.List(t, x509.RevocationList{Number: big.NewInt(int64(number)), ThisUpdate: at, NextUpdate: at.Add(4 * hour), RevokedCertificateEntries: revoked})
	}
	s := revocation.NewLists(certs(ca.Certificate), list(1, 0), list(2, 4, pkitest.Entries(now.Add(3*hour), pki.CertificateHold, c)...), list(3, 8))
	for at, want := range map[int]pki.State{1: pki.StateGood, 3: pki.StateRevoked, 5: pki.StateRevoked, 7: pki.StateRevoked, 9: pki.StateGood, 13: pki.StateUnknown} {
		if st, _ := s.Status(t.Context(), c, ca.Certificate, now.Add(time.Duration(at)*hour)); st.State != want {
			t.Errorf("hour %d: %+v", at, st)
		}
	}
}

func TestUnexplainedLists(t *testing.T) {
	t.Parallel()
	ca, stranger := pkitest.NewAuthority(t, "Root"), pkitest.NewAuthority(t, "Root")
	l := x509.RevocationList{}
	s := revocation.NewLists(certs(ca.Certificate), ca.List(t, l), stranger.List(t, l), ca.List(t, l))
	if s.Unexplained() != 1 {
		t.Errorf("%d", s.Unexplained())
	}
}
