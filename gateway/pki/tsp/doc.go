// Package tsp asks a time-stamp authority for tokens and checks them (RFC 3161,
// with RFC 5816).
//
// A token is a CMS message of the authority that names a digest and a moment: it
// proves that what has this digest existed at that moment. It is accepted only
// if its signature holds, if the certificate is trusted by configuration at that
// moment and made for time-stamping alone, and if the digest is that of the
// bytes in question.
package tsp

import (
	"encoding/asn1"
	"errors"
	"fmt"
	"strings"

	"github.com/kopir-kz/kopir/gateway/pki"
)

// Step is the very check that a token or an answer did not pass.
type Step string

// The steps.
const (
	StepStructure Step = "structure" // not a time-stamp of the accepted shape
	StepSignature Step = "signature" // the CMS message around it does not hold; the cause is a *cms.Error
	StepAuthority Step = "authority" // the certificate is not made for time-stamping, or the token does not name it
	StepPolicy    Step = "policy"    // made under a policy that is not accepted, or not asked for
	StepTime      Step = "time"      // the moment has not come yet or, in an answer, is long past
	StepImprint   Step = "imprint"   // made over other bytes, or with a forbidden digest
	StepNonce     Step = "nonce"     // an answer to another request
)

// Error is a refusal of a token or an answer.
type Error struct {
	Step   Step
	Reason string // one sentence for operators
	Err    error  // cause, if there is one
}

// Class tells the step in the words of all signed objects.
func (e *Error) Class() pki.Class {
	var inner interface{ Class() pki.Class }
	switch e.Step {
	case StepStructure:
		return pki.ClassStructure
	case StepAuthority, StepPolicy:
		return pki.ClassTrust
	case StepTime:
		return pki.ClassFreshness
	case StepImprint, StepNonce:
		return pki.ClassCorrelation
	}
	if errors.As(e.Err, &inner) {
		return inner.Class()
	}
	return pki.ClassSignature
}

// Error says at which step and why.
func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("time-stamp %s: %s: %v", e.Step, e.Reason, e.Err)
	}
	return fmt.Sprintf("time-stamp %s: %s", e.Step, e.Reason)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

func refuse(s Step, format string, args ...any) *Error {
	return &Error{Step: s, Reason: fmt.Sprintf(format, args...)}
}

// Status is the PKIStatus of an answer (RFC 3161, section 2.4.2). It is itself
// an error, so that errors.Is(err, tsp.Rejection) works.
type Status int

// The statuses.
const (
	Granted Status = iota // a token, as asked for
	GrantedWithMods
	Rejection
	Waiting
	RevocationWarning
	RevocationNotification
)

// Error is the name of RFC 3161.
func (s Status) Error() string {
	names := [...]string{"granted", "grantedWithMods", "rejection", "waiting", "revocationWarning", "revocationNotification"}
	if s >= 0 && int(s) < len(names) {
		return names[s]
	}
	return fmt.Sprintf("status %d", int(s))
}

// Failure is one bit of PKIFailureInfo (RFC 3161, section 2.4.2), and itself an
// error.
type Failure int

// The failures.
const (
	BadAlg              Failure = 0
	BadRequest          Failure = 2
	BadDataFormat       Failure = 5
	TimeNotAvailable    Failure = 14
	UnacceptedPolicy    Failure = 15
	UnacceptedExtension Failure = 16
	AddInfoNotAvailable Failure = 17
	SystemFailure       Failure = 25
)

// failures are all that RFC 3161 knows.
//
//nolint:gochecknoglobals // a constant table
var failures = []Failure{
	BadAlg, BadRequest, BadDataFormat, TimeNotAvailable, UnacceptedPolicy, UnacceptedExtension, AddInfoNotAvailable, SystemFailure,
}

// Error is the name of RFC 3161.
func (f Failure) Error() string {
	switch f {
	case BadAlg:
		return "badAlg"
	case BadRequest:
		return "badRequest"
	case BadDataFormat:
		return "badDataFormat"
	case TimeNotAvailable:
		return "timeNotAvailable"
	case UnacceptedPolicy:
		return "unacceptedPolicy"
	case UnacceptedExtension:
		return "unacceptedExtension"
	case AddInfoNotAvailable:
		return "addInfoNotAvailable"
	case SystemFailure:
		return "systemFailure"
	}
	return fmt.Sprintf("failure %d", int(f))
}

// StatusError is an answer without a token. The free text of the authority is
// left out: it is a stranger's.
type StatusError struct {
	Status   Status
	Failures []Failure
}

// Error names the status and the failures.
func (e *StatusError) Error() string {
	names := []string{"the time-stamp authority answers " + e.Status.Error()}
	for _, f := range e.Failures {
		names = append(names, f.Error())
	}
	return strings.Join(names, ", ")
}

// Unwrap gives the status and the failures to errors.Is.
func (e *StatusError) Unwrap() []error {
	out := []error{e.Status}
	for _, f := range e.Failures {
		out = append(out, f)
	}
	return out
}

// Object identifiers.
//
//nolint:gochecknoglobals // constants
var (
	oidTSTInfo     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4} // RFC 3161, section 2.4.2
	oidExtKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 37}                      // RFC 5280, section 4.2.1.12
	oidSHA1        = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}                // known to package pki, and never accepted here
)
