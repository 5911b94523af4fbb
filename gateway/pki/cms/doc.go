// Package cms signs and verifies documents in the Cryptographic Message Syntax
// (RFC 5652, type SignedData): with the content inside (attached) or apart
// from it (detached).
//
// It knows nothing of what is signed. It accepts a message only if every one of
// its signatures holds: the shape is right, the algorithms are on the closed
// list of package pki and go with the key, the certificate is trusted by
// configuration, the value holds, and the signed attributes name this very
// content and certificate. Certificates in a message are hints; revocation
// lists in it, countersignatures and the attributes that are not named here
// are not looked at.
package cms

import (
	"encoding/asn1"
	"errors"
	"fmt"

	"github.com/kopir-kz/kopir/gateway/pki"
)

// Limits bounds what Parse accepts; a zero field takes its default.
type Limits struct {
	Bytes        int // length of the message in BER, default 16 MiB
	Signers      int // default 16
	Certificates int // default 32
}

// The defaults of Limits.
const (
	DefaultBytes        = 16 << 20
	DefaultSigners      = 16
	DefaultCertificates = 32
)

func (l Limits) withDefaults() Limits {
	for _, f := range []struct {
		v *int
		d int
	}{
		{&l.Bytes, DefaultBytes},
		{&l.Signers, DefaultSigners},
		{&l.Certificates, DefaultCertificates},
	} {
		if *f.v <= 0 {
			*f.v = f.d
		}
	}
	return l
}

// Bounds that nobody needs to change.
const (
	maxAttributes       = 32       // of one signature, signed or not
	maxCertificateBytes = 32 << 10 // of one certificate
	maxSerialBytes      = 64       // RFC 5280 allows 20
	maxNameBytes        = 4 << 10  // of an issuer
	maxStamps           = 4        // time-stamp tokens of one signature
)

// Step is the very check that a message did not pass.
type Step string

// The steps, in their order.
const (
	StepInput              Step = "input"               // neither BER nor PEM nor base64 text, or too large
	StepStructure          Step = "structure"           // not a SignedData of the accepted shape
	StepContent            Step = "content"             // there is no content, or one inside and another outside
	StepAttributes         Step = "attributes"          // signed attributes are absent, doubled, malformed or of another content type
	StepAlgorithm          Step = "algorithm"           // not on the closed list, or it does not go with the key or the digest
	StepTimestamp          Step = "timestamp"           // a time-stamp is demanded and absent, or does not hold
	StepTrust              Step = "trust"               // the signer's certificate is not trusted
	StepSigningCertificate Step = "signing-certificate" // the signer named another certificate
	StepSignature          Step = "signature"           // the value does not fit the key and what is signed
	StepDigest             Step = "digest"              // the content is not the one that was signed
)

// Error is a refusal.
type Error struct {
	Step   Step
	Signer int    // which signature, from 1; 0 is the message as a whole
	Reason string // one sentence for operators; never values of the content
	Err    error  // cause, if there is one
}

// Class tells in the words of all signed objects where the message was refused.
// That of a time-stamp is the one its own error gives.
func (e *Error) Class() pki.Class {
	switch e.Step {
	case StepInput:
		return pki.ClassInput
	case StepStructure, StepContent, StepAttributes:
		return pki.ClassStructure
	case StepTrust:
		return pki.ClassTrust
	case StepTimestamp:
		var stamp interface{ Class() pki.Class }
		if errors.As(e.Err, &stamp) {
			return stamp.Class()
		}
	}
	return pki.ClassSignature
}

// Error says at which step, at which signature and why.
func (e *Error) Error() string {
	s := string(e.Step)
	if e.Signer > 0 {
		s = fmt.Sprintf("%s of signature %d", s, e.Signer)
	}
	if e.Err != nil {
		return fmt.Sprintf("%s: %s: %v", s, e.Reason, e.Err)
	}
	return s + ": " + e.Reason
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// ErrNotSigned is the cause of a structure refusal when a message carries no
// signature.
var ErrNotSigned = errors.New("not signed")

func refuse(s Step, format string, args ...any) *Error {
	return &Error{Step: s, Reason: fmt.Sprintf(format, args...)}
}

// of names the signature a refusal is about.
func (e *Error) of(signer int) *Error {
	e.Signer = signer
	return e
}

// Object identifiers.
//
//nolint:gochecknoglobals // constants
var (
	oidData       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1} // RFC 5652, section 4
	oidSignedData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2} // section 5.1

	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}         // section 11.1
	oidMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}         // section 11.2
	oidSigningTime   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}         // section 11.3
	oidSigningCert   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12} // RFC 2634, section 5.4
	oidSigningCertV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47} // RFC 5035, section 3
	oidTimestamp     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14} // RFC 3161, appendix A
	oidSHA1          = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}                 // names certificates in RFC 2634
	oidSHA256        = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}     // the default of RFC 5035
)
