// Package fault holds the closed list of ways in which a call can fail.
//
// A Kind is the id of one entry of contracts/problems.yaml, and is itself an
// error, so that errors.Is(err, fault.NotSigned) works through any number of
// wraps. The HTTP status, the side that failed and the texts for people live
// in the catalogue; this package only names the kinds. gateway/api is the one
// place that turns a Kind into an RFC 9457 problem document.
package fault

import (
	"errors"
	"strings"
	"time"
)

// Kind is one way to fail: the id of an entry in contracts/problems.yaml.
type Kind string

// Error makes a Kind usable as the target of errors.Is.
func (k Kind) Error() string { return string(k) }

// Failures on the caller's side.
const (
	InvalidRequest       Kind = "invalid-request"        // a field breaks a rule; Error.Fields says which
	MalformedJSON        Kind = "malformed-json"         // the body is not one JSON document we accept
	BodyTooLarge         Kind = "body-too-large"         // the request body exceeds the configured limit
	UnsupportedMediaType Kind = "unsupported-media-type" // the request is not application/json
	Unauthenticated      Kind = "unauthenticated"        // no or unknown API key
	Forbidden            Kind = "forbidden"              // the client may not call this operation
	NoSuchRoute          Kind = "no-such-route"          // unknown path
	MethodNotAllowed     Kind = "method-not-allowed"     // known path, other method
	CallerGone           Kind = "caller-gone"            // the caller cancelled before the answer came
)

// Failures of the gateway itself.
const (
	Internal           Kind = "internal"            // a defect of ours
	Overloaded         Kind = "overloaded"          // no place in the bulkhead of the registry in time
	JournalUnavailable Kind = "journal-unavailable" // the intent could not be recorded, so nothing was sent
	SigningFailed      Kind = "signing-failed"      // the key could not be used
)

// Failures of the e-government gateway (ШЭП) and of the way to it.
const (
	ShepFault       Kind = "shep-fault"        // a SOAP Fault blames ШЭП or the registry behind it
	ShepRefused     Kind = "shep-refused"      // ШЭП refused our message: rights, signature, form
	ShepUnavailable Kind = "shep-unavailable"  // no connection, 502-504, breaker open
	ShepTimeout     Kind = "shep-timeout"      // no whole answer before the deadline
	AnswerUnread    Kind = "answer-unreadable" // the answer breaks the strict reading rules
	AnswerMismatch  Kind = "answer-mismatch"   // the answer is to another question or person
	AnswerReplayed  Kind = "answer-replayed"   // this signed answer was accepted before
	AnswerStale     Kind = "answer-stale"      // the answer's own date lies outside the window
)

// Failures of the registry behind ШЭП.
const (
	RegistryFault     Kind = "registry-fault"       // the registry answered with an error of its own
	RegistryRefused   Kind = "registry-refused"     // the registry refused: rights or purpose
	RegistryBusy      Kind = "registry-unavailable" // maintenance or overload, said by the registry
	ContractViolation Kind = "contract-violation"   // the verified answer does not fit the contract
)

// Failures of trust.
const (
	NotSigned        Kind = "answer-not-signed" // a signature is required and absent
	SignatureInvalid Kind = "signature-invalid" // the signature does not hold or has a forbidden form
	SignerUntrusted  Kind = "signer-untrusted"  // it holds, but the signer is not one we trust
)

// Failures of consent.
const (
	ConsentMissing Kind = "consent-missing" // the operation needs a consent token and none came
	ConsentRefused Kind = "consent-refused" // the registry did not accept the consent token
)

// Kinds lists every kind; a test holds it against contracts/problems.yaml.
func Kinds() []Kind {
	return []Kind{
		InvalidRequest, MalformedJSON, BodyTooLarge, UnsupportedMediaType, Unauthenticated,
		Forbidden, NoSuchRoute, MethodNotAllowed, CallerGone,
		Internal, Overloaded, JournalUnavailable, SigningFailed,
		ShepFault, ShepRefused, ShepUnavailable, ShepTimeout, AnswerUnread, AnswerMismatch,
		AnswerReplayed, AnswerStale,
		RegistryFault, RegistryRefused, RegistryBusy, ContractViolation,
		NotSigned, SignatureInvalid, SignerUntrusted,
		ConsentMissing, ConsentRefused,
	}
}

// Field is one broken rule of a request. It never carries the value.
type Field struct {
	Pointer string // RFC 6901 JSON pointer, e.g. "/query/iin"
	Rule    string // stable rule id, e.g. "iin.check_digit"
	Detail  string // the rule in English, without the value
}

// Error is a failure with its kind and what a person may need to act on it.
type Error struct {
	Kind       Kind
	Op         string        // what was being done, e.g. "read answer"
	Registry   string        // registry short name, if one is involved
	Detail     string        // safe for strangers: no value, no upstream text
	Fields     []Field       // for InvalidRequest
	RetryAfter time.Duration // advice; zero means none
	Err        error         // the cause, for the log only
}

// New makes an Error of a kind.
func New(k Kind, op, detail string) *Error { return &Error{Kind: k, Op: op, Detail: detail} }

// Wrap makes an Error of a kind around its cause.
func Wrap(k Kind, op string, err error) *Error { return &Error{Kind: k, Op: op, Err: err} }

// Error is the text for the log: operation, kind, safe detail, cause.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Op != "" {
		b.WriteString(e.Op)
		b.WriteString(": ")
	}
	b.WriteString(string(e.Kind))
	if e.Detail != "" {
		b.WriteString(": ")
		b.WriteString(e.Detail)
	}
	for _, f := range e.Fields {
		b.WriteString("; ")
		b.WriteString(f.Pointer)
		b.WriteString(" ")
		b.WriteString(f.Rule)
	}
	if e.Err != nil {
		b.WriteString(": ")
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

// Unwrap gives both the kind and the cause to errors.Is and errors.As.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// KindOf tells the outermost kind of an error; an error without one is
// Internal, because nobody decided that strangers may know more.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	var k Kind
	if errors.As(err, &k) {
		return k
	}
	return Internal
}
