package revocation_test

import (
	"crypto/x509"
	"math/big"
	"testing"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/revocation"
)

// BenchmarkResolve is what revocation costs a message whose signer is known: an
// answer of a responder in memory, or a list of 100,000 entries.
func BenchmarkResolve(b *testing.B) {
	w := newWorld(b)
	long := template{}
	for i := range 100_000 {
		long.RevokedCertificateEntries = append(long.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: big.NewInt(int64(1000 + i)), RevocationTime: w.clock.now()})
	}
	w.answers(b, responderURL, pkitest.OCSP{State: pki.StateGood})
	w.web.serve(listURL, says(w.ca.ListDER(b, long)))
	hint := carried(w.system)
	for name, o := range map[string]pki.Options{
		"off":       {},
		"responder": {Revocation: pki.RevocationHard, Revoker: w.checker(b, revocation.Options{Responders: one(responderURL)})},
		"list":      {Revocation: pki.RevocationHard, Revoker: w.checker(b, revocation.Options{URLs: []string{listURL}})},
	} {
		b.Run(name, func(b *testing.B) {
			o.Roots = certs(w.ca.Certificate)
			s := pki.NewStore(o)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Resolve(b.Context(), hint, w.clock.now()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
