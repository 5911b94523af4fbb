package pki_test

import (
	"context"
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
)

// told is a Revoker that knows some certificates by common name.
type told map[string]struct {
	status pki.Status
	err    error
}

func (k told) Status(_ context.Context, c, issuer *x509.Certificate, at time.Time) (pki.Status, error) {
	if !at.Equal(pkitest.Now()) || pki.CheckIssued(c, issuer) != nil {
		return pki.Status{}, errors.New("asked about something else")
	}
	a := k[c.Subject.CommonName]
	return a.status, a.err
}

// TestRevocationPolicy: what each answer about each link of a chain leads to.
func TestRevocationPolicy(t *testing.T) {
	t.Parallel()
	root := pkitest.NewAuthority(t, "Root")
	mid := sub(t, root, "Mid")
	system := leaf(t, mid, "System")
	silence := errors.New("responder: no answer in time")
	good := pki.Status{State: pki.StateGood, Source: "ocsp"}
	revoked := pki.Status{State: pki.StateRevoked, Since: pkitest.Now().Add(-time.Hour), Reason: 1, Source: "crl"}
	type answers = told
	for _, tt := range []struct {
		name       string
		revoker    pki.Revoker
		soft, hard pki.Reason
		text       string
	}{
		{"nobody to ask", nil, "", pki.ReasonNoRevocation, "no source is configured"},
		{"all good", answers{"System": {good, nil}, "Mid": {good, nil}}, "", "", ""},
		{"late, but good", answers{"System": {pki.Status{State: pki.StateGood, Late: true}, nil}, "Mid": {good, nil}}, "", "", ""},
		{"revoked", answers{"System": {revoked, nil}, "Mid": {good, nil}}, pki.ReasonRevoked, pki.ReasonRevoked, "revoked at 2026-11-01T11:00:00Z, keyCompromise ("},
		{"authority revoked", answers{"System": {good, nil}, "Mid": {revoked, nil}}, pki.ReasonRevoked, pki.ReasonRevoked, `subject "CN=Mid`},
		{"unknown", answers{"System": {}, "Mid": {good, nil}}, "", pki.ReasonStatusUnknown, "does not know serial 1"},
		{"authority unknown", answers{"System": {good, nil}, "Mid": {}}, "", pki.ReasonStatusUnknown, `issuer "CN=Root`},
		{"silence", answers{"System": {pki.Status{}, silence}, "Mid": {good, nil}}, "", pki.ReasonNoRevocation, silence.Error()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := pki.Options{Roots: certs(root.Certificate), Intermediates: certs(mid.Certificate), Revoker: tt.revoker}
			expect(t, pki.NewStore(o), carried(system), pkitest.Now(), "")
			o.Revocation = pki.RevocationSoft
			expect(t, pki.NewStore(o), carried(system), pkitest.Now(), tt.soft)
			o.Revocation = pki.RevocationHard
			expect(t, pki.NewStore(o), carried(system), pkitest.Now(), tt.hard)
			if _, err := pki.NewStore(o).Resolve(t.Context(), carried(system), pkitest.Now()); err != nil && !strings.Contains(err.Error(), tt.text) {
				t.Errorf("the error lacks %q: %v", tt.text, err)
			}
		})
	}
}

func TestCRLReasons(t *testing.T) {
	t.Parallel()
	for r, want := range map[pki.CRLReason]string{
		0: "unspecified", 1: "keyCompromise", 5: "cessationOfOperation", pki.CertificateHold: "certificateHold", 7: "reason 7",
		pki.RemoveFromCRL: "removeFromCRL", 9: "privilegeWithdrawn", 10: "aACompromise", 11: "reason 11", 255: "reason 255",
	} {
		if got := r.String(); got != want {
			t.Errorf("%d is %q, want %q", uint8(r), got, want)
		}
		if final := (pki.Status{State: pki.StateRevoked, Reason: r}).Final(); final != (r != pki.CertificateHold) {
			t.Errorf("%s is final: %v", r, final)
		}
	}
	if (pki.Status{State: pki.StateGood}).Final() || (pki.Status{}).Final() {
		t.Error("what is not revoked is final")
	}
}
