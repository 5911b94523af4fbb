package revocation_test

import (
	"crypto/x509"
	"math/big"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/revocation"
)

// TestPlaceIsNotTakenOver: somebody on the way answers once with a list that is
// sound, and of another authority. When he is gone the right one is found again,
// and a restart does not bring his back.
func TestPlaceIsNotTakenOver(t *testing.T) {
	t.Parallel()
	for name, fromCertificates := range map[string]bool{"of the certificate": true, "of configuration": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.system = leaf(t, w.ca, "System", func(c *x509.Certificate) { c.CRLDistributionPoints = []string{listURL} })
			stranger, now := pkitest.NewAuthority(t, "Another"), w.clock.now()
			o := revocation.Options{
				Authorities: certs(w.ca.Certificate, stranger.Certificate), Clock: w.clock.now, Network: w.web, CacheDir: t.TempDir(),
				FromCertificates: fromCertificates,
			}
			if !fromCertificates {
				o.URLs = []string{listURL}
			}
			k, err := revocation.New(o)
			if err != nil {
				t.Fatal(err)
			}
			w.web.serve(listURL, says(stranger.Revoke(t, now, now.Add(24*time.Hour)).Raw))
			w.wantNone(t, k, nil)
			w.web.serve(listURL, says(w.ca.Revoke(t, now, now.Add(7*24*time.Hour), w.system).Raw))
			w.clock.pass(25 * time.Hour)
			w.want(t, k, pki.StateRevoked)
			if k, err = revocation.New(o); err != nil {
				t.Fatal(err)
			}
			w.want(t, k, pki.StateRevoked)
		})
	}
}

// TestListIsNotForgotten: neither the list of another authority nor one of changes
// takes away what the list before it has said, and the next one is let in though
// it is older than they are.
func TestListIsNotForgotten(t *testing.T) {
	t.Parallel()
	for name, delta := range map[string]bool{"another authority": false, "changes only": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			stranger, now := pkitest.NewAuthority(t, "Another"), w.clock.now()
			k, err := revocation.New(revocation.Options{
				Authorities: certs(w.ca.Certificate, stranger.Certificate), Clock: w.clock.now, Network: w.web, URLs: []string{listURL},
			})
			if err != nil {
				t.Fatal(err)
			}
			other := leaf(t, w.ca, "Other")
			ask := func(want pki.State) {
				t.Helper()
				st, err := k.Status(t.Context(), other, w.ca.Certificate, w.clock.now())
				if st.State != want {
					t.Errorf("%+v, %v", st, err)
				}
			}
			list := func(number int64, from time.Time, revoked ...*x509.Certificate) x509.RevocationList {
				return x509.RevocationList{
					Number: big.NewInt(number), ThisUpdate: from, NextUpdate: from.Add(time.Hour), RevokedCertificateEntries: pkitest.Entries(now, 1, revoked...),
				}
			}
			w.web.serve(listURL, says(w.ca.ListDER(t, list(1, now, w.system))))
			ask(pki.StateGood)
			w.clock.pass(2 * time.Hour)
			between := stranger.ListDER(t, list(1, w.clock.now()))
			if delta {
				between = w.ca.ListDER(t, pkitest.Delta(1, list(2, w.clock.now())))
			}
			w.web.serve(listURL, says(between))
			k.Status(t.Context(), other, w.ca.Certificate, w.clock.now())
			w.want(t, k, pki.StateRevoked)
			next := w.clock.now().Add(-time.Minute)
			w.clock.pass(61 * time.Minute)
			later := list(3, next, other)
			later.NextUpdate = w.clock.now().Add(time.Hour)
			w.web.serve(listURL, says(w.ca.ListDER(t, later)))
			ask(pki.StateRevoked)
		})
	}
}
