package tsp_test

import (
	"crypto/x509"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/revocation"
	"github.com/kopir-kz/kopir/gateway/pki/tsp"
)

// TestStolenKey: whoever has stolen the key of an authority dates a token before the
// theft became known. Revocations for other reasons leave older tokens alone.
func TestStolenKey(t *testing.T) {
	t.Parallel()
	for reason, step := range map[pki.CRLReason]tsp.Step{
		pki.Unspecified: tsp.StepAuthority, pki.KeyCompromise: tsp.StepAuthority, pki.CACompromise: tsp.StepAuthority, pki.AACompromise: tsp.StepAuthority,
		3: "", 4: "", 5: "", pki.CertificateHold: "", 9: "",
	} {
		w := newWorld(t, pkitest.ECKey(t))
		lists := revocation.NewLists([]*x509.Certificate{w.ca.Certificate}, w.ca.List(t, x509.RevocationList{
			ThisUpdate: day(-9), NextUpdate: day(9), RevokedCertificateEntries: pkitest.Entries(day(-2), reason, w.Certificate),
		}))
		v := tsp.Verifier{Clock: pkitest.Now, Keys: pki.NewStore(pki.Options{
			Roots: []*x509.Certificate{w.ca.Certificate}, Revocation: pki.RevocationHard, Revoker: lists,
		})}
		_, err := v.Verify(background, w.token(t, document, day(-3)), document)
		expect(t, err, step)
		_, err = v.Verify(background, w.token(t, document, day(-1)), document)
		expect(t, err, tsp.StepSignature)
		v.Clock = func() time.Time { return day(-2).Add(-time.Hour) } // nobody knows it yet
		_, err = v.Verify(background, w.token(t, document, day(-3)), document)
		expect(t, err, "")
	}
}
