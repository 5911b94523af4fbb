package mocks

import (
	"crypto/x509"
	"errors"
	"testing"
	"time"

	gatewaypki "github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/ocsp"
	"github.com/kopir-kz/kopir/gateway/pki/revocation"
	"github.com/kopir-kz/kopir/mocks/pki"
)

// TestRevocation asks the authority of the offline world, in every suite, as a
// gateway does that takes the addresses from certificates; in every trouble too.
func TestRevocation(t *testing.T) {
	t.Parallel()
	for _, suite := range pki.Suites() {
		t.Run(string(suite), func(t *testing.T) {
			t.Parallel()
			w, err := Start(Options{Suite: suite, Clock: atNoon})
			if err != nil {
				t.Fatal(err)
			}
			issuer := w.PKI.Intermediates()[0]
			certificate := func(r pki.Role) *x509.Certificate {
				id, err := w.PKI.Identity(r)
				if err != nil {
					t.Fatal(err)
				}
				return id.Certificate
			}
			status := func(c *x509.Certificate) (gatewaypki.Status, error) {
				k, err := revocation.New(revocation.Options{
					Authorities: w.PKI.Intermediates(), FromCertificates: true, Network: w.RoundTripper(), Clock: atNoon, Skew: 5 * time.Minute,
				})
				if err != nil {
					t.Fatal(err)
				}
				return k.Status(t.Context(), c, issuer, noon)
			}
			honest := certificate(pki.Client)
			for _, tt := range []struct {
				trouble pki.Trouble
				source  string // of the answer that it is good; "" for none
				cause   error
			}{
				{pki.NoTrouble, "ocsp", nil},
				{pki.NoNonce, "ocsp", nil},
				{pki.UnknownCert, "crl", nil},
				{pki.TryLater, "crl", nil},
				{pki.Down, "", revocation.ErrHTTPStatus},
				{pki.Stale, "", ocsp.ErrStale},
				{pki.Stale, "", revocation.ErrStale},
				{pki.WrongSigner, "", ocsp.ErrResponder},
				{pki.WrongSigner, "", revocation.ErrUnsigned},
			} {
				w.Authority.Let(tt.trouble)
				st, err := status(honest)
				if st.Source != tt.source || (st.State == gatewaypki.StateGood) != (tt.source != "") || !errors.Is(err, tt.cause) {
					t.Errorf("%s: %+v, %v", tt.trouble, st, err)
				}
			}
			w.Authority.Let(pki.NoTrouble)
			if st, err := status(certificate(pki.ClientRevoked)); err != nil || !st.Final() || st.Source != "ocsp" {
				t.Errorf("%+v, %v", st, err)
			}
			w.PKI.Revoke(honest, noon, 1) // on the delta list
			w.Authority.Let(pki.TryLater)
			for _, role := range []pki.Role{pki.Client, pki.ClientRevoked} {
				if st, err := status(certificate(role)); err != nil || !st.Final() || st.Source != "crl" {
					t.Errorf("%s: %+v, %v", role, st, err)
				}
			}
		})
	}
}
