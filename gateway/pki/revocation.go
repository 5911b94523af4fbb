package pki

import (
	"context"
	"crypto/x509"
	"strconv"
	"time"
)

// Revocation says what is demanded about revocation.
type Revocation uint8

// The demands.
const (
	// RevocationOff asks nobody.
	RevocationOff Revocation = iota
	// RevocationSoft refuses what is known to be revoked, and accepts silence.
	RevocationSoft
	// RevocationHard also demands a valid, fresh answer for every certificate in
	// the chain but the anchor.
	RevocationHard
)

// A Revoker knows which certificates their issuers have taken back. A Store
// asks it about each link of a chain it has built. It must be safe for
// concurrent use and should answer from memory while what it knows is fresh.
type Revoker interface {
	// Status tells how it stands with a certificate at a moment; the issuer has
	// signed it. StateUnknown without an error means that somebody who should know
	// the certificate does not; with an error, that nobody gave an answer that
	// counts at that moment, and why. The text of the error names neither people
	// nor certificates other than by issuer and serial number.
	Status(ctx context.Context, c, issuer *x509.Certificate, at time.Time) (Status, error)
}

// State is what is known about a certificate.
type State uint8

// The states. The zero value proves nothing.
const (
	StateUnknown State = iota
	StateGood
	StateRevoked
)

// Status is an answer about one certificate.
type Status struct {
	State  State
	Since  time.Time // of StateRevoked: from when
	Reason CRLReason // of StateRevoked: why
	Source string    // what said so: "ocsp" or "crl"
	Late   bool      // the answer is past its time, and nobody gave a newer one
}

// Compromised tells whether somebody else may have had the key, so that what it
// signed proves no moment: of a revocation for another reason, what was signed
// before stays (RFC 3161, section 4). No reason at all is as bad.
func (s Status) Compromised() bool {
	switch s.Reason {
	case Unspecified, KeyCompromise, CACompromise, AACompromise:
		return s.State == StateRevoked
	}
	return false
}

// Final tells whether nothing can change the answer: a revocation that is no
// mere suspension (RFC 5280, section 5.3.1).
func (s Status) Final() bool { return s.State == StateRevoked && s.Reason != CertificateHold }

// CRLReason says why a certificate was revoked (RFC 5280, section 5.3.1).
type CRLReason uint8

// The reasons that are more than a comment.
const (
	Unspecified     CRLReason = 0 // or none is given
	KeyCompromise   CRLReason = 1
	CACompromise    CRLReason = 2
	CertificateHold CRLReason = 6 // suspended; may be lifted
	RemoveFromCRL   CRLReason = 8 // the suspension is lifted; in delta lists only
	AACompromise    CRLReason = 10
)

// String is the name of RFC 5280.
func (r CRLReason) String() string {
	names := [...]string{
		"unspecified", "keyCompromise", "cACompromise", "affiliationChanged", "superseded", "cessationOfOperation",
		"certificateHold", 8: "removeFromCRL", "privilegeWithdrawn", "aACompromise",
	}
	if int(r) < len(names) && names[r] != "" {
		return names[r]
	}
	return "reason " + strconv.Itoa(int(r))
}
