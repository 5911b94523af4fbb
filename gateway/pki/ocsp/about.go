package ocsp

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/kopir-kz/kopir/gateway/pki"
)

// Question is what a response must answer.
type Question struct {
	Certificate *x509.Certificate
	Issuer      *x509.Certificate // its issuer
	// Responder may sign beside the issuer and those it delegates to; nil if
	// nobody else may.
	Responder *x509.Certificate
	// Nonce is that of the request. nil for a response that was kept: then none is
	// looked at.
	Nonce []byte
	// RequireNonce refuses a response without one. Responders that prepare their
	// answers beforehand leave it out.
	RequireNonce bool
	// At is the moment at which the responder's certificate must be valid.
	At time.Time
}

// Algorithm is that of the signature.
func (r *Response) Algorithm() asn1.ObjectIdentifier { return r.signed.Algorithm }

// About gives the answer about a certificate, whatever its age, and the
// certificate of who signed it. These are the checks, in order: the signature
// and the right to answer (RFC 6960, section 4.2.2.2), nonce, CertID.
func (r *Response) About(q Question) (a Answer, signer *x509.Certificate, err error) {
	if signer, err = r.signer(q); err != nil {
		return a, nil, err
	}
	if q.Nonce != nil && (r.Nonce != nil || q.RequireNonce) && !sameNonce(r.Nonce, q.Nonce) {
		return a, nil, ErrNonce
	}
	for _, a := range r.Answers {
		if a.ID.names(q.Certificate, q.Issuer) {
			return a, signer, nil
		}
	}
	return a, nil, ErrCertID
}

func sameNonce(echoed, sent []byte) bool {
	in := cryptobyte.String(echoed)
	var inner cryptobyte.String
	return bytes.Equal(echoed, sent) || in.ReadASN1(&inner, der.OCTET_STRING) && in.Empty() && bytes.Equal(inner, sent)
}

// signer finds who signed the response, if he may.
func (r *Response) signer(q Question) (*x509.Certificate, error) {
	why := r.signed.Check(q.Issuer.PublicKey)
	if why == nil {
		return q.Issuer, nil
	}
	if p := q.Responder; p != nil && r.signed.Check(p.PublicKey) == nil {
		return p, during(p, q.At)
	}
	for _, raw := range r.Certificates {
		c, err := pki.ParseCertificate(raw)
		if err == nil && r.signed.Check(c.PublicKey) == nil {
			return c, delegated(c, q)
		}
	}
	return nil, fmt.Errorf("%w: %w", ErrSignature, why)
}

func unfit(why string) error { return fmt.Errorf("%w: %s", ErrResponder, why) }

func during(c *x509.Certificate, at time.Time) error {
	if at.Before(c.NotBefore) || at.After(c.NotAfter) {
		return unfit("its certificate is not valid at that time")
	}
	return nil
}

// delegated checks the certificate of a responder that the issuer has named by
// issuing it. Whether that certificate is revoked is not asked here: the question
// would have no end (RFC 6960, section 4.2.2.2.1).
func delegated(c *x509.Certificate, q Question) error {
	switch {
	case !bytes.Equal(c.RawIssuer, q.Issuer.RawSubject) || pki.CheckIssued(c, q.Issuer) != nil:
		return unfit("its certificate is of another issuer")
	case !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning):
		return unfit("its certificate is not for signing OCSP responses")
	case c.KeyUsage != 0 && c.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0:
		return unfit("its certificate is not for signing")
	case len(c.UnhandledCriticalExtensions) > 0:
		return unfit("its certificate has a critical extension that is not understood")
	case pki.CheckKey(c) != nil:
		return unfit("its key is too short or of no supported kind")
	}
	return during(c, q.At)
}

// Until is the last moment of the answer: nextUpdate, or where it has none,
// maxAge after thisUpdate.
func (a Answer) Until(maxAge time.Duration) time.Time {
	if a.NextUpdate.IsZero() {
		return a.ThisUpdate.Add(maxAge)
	}
	return a.NextUpdate
}

// Fresh tells whether the answer is about a moment, with two clocks that may
// differ by skew. The error is ErrNotYetValid or ErrStale.
func (a Answer) Fresh(at time.Time, skew, maxAge time.Duration) error {
	switch {
	case at.Before(a.ThisUpdate.Add(-skew)):
		return ErrNotYetValid
	case at.After(a.Until(maxAge).Add(skew)):
		return ErrStale
	}
	return nil
}
