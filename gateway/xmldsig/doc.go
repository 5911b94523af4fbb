// Package xmldsig signs and verifies XML signatures (XML Signature Syntax and
// Processing, W3C Recommendation, second edition) strictly.
//
// It knows nothing of SOAP: what a Reference may point to, and what else may
// stand in KeyInfo, is told by the caller. It accepts a signature only if its
// algorithms are on a closed list, the document has a canonical form, its shape
// is exactly the one described in signature.go, the certificate is trusted by
// configuration, the suite fits its key, the value holds over SignedInfo and
// every Reference holds. It returns the very nodes that were digested; nothing
// else of a document should be read.
package xmldsig

import (
	"errors"
	"fmt"
	"time"

	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// Namespace is the XML signature namespace, NamespaceExclusive the one of the
// InclusiveNamespaces parameter.
const (
	Namespace          = "http://www.w3.org/2000/09/xmldsig#"
	NamespaceExclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
	uriEnveloped       = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
)

// Bounds on what a signature may hold.
const (
	MaxReferences = 16
	MaxTransforms = 4
)

// Class is the step at which a message was refused.
type Class = pki.Class

// The classes, in the order of the steps; only the names of algorithms are looked
// at before the structure.
const (
	ClassInput       = pki.ClassInput       // the strict reader refused the text, or it has no canonical form
	ClassStructure   = pki.ClassStructure   // not the one accepted shape, or no signature at all
	ClassTrust       = pki.ClassTrust       // the signer is not one we trust
	ClassSignature   = pki.ClassSignature   // forbidden algorithm, wrong value or wrong digest
	ClassFreshness   = pki.ClassFreshness   // outside the time window
	ClassCorrelation = pki.ClassCorrelation // an answer to another question
)

// Error is a refusal.
type Error struct {
	Class  Class
	Reason string // one sentence for operators; never values of the message's content
	Err    error  // cause, if there is one
	Step   Step   // the very check, as far as it is known; Error does not print it
}

// Error says at which step and why.
func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %s: %v", e.Class, e.Reason, e.Err)
	}
	return fmt.Sprintf("%s: %s", e.Class, e.Reason)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// ErrNotSigned is the cause of a structure refusal when there is no signature
// where one is expected.
var ErrNotSigned = errors.New("not signed")

// Refuse makes an Error.
func Refuse(c Class, format string, args ...any) *Error {
	return &Error{Class: c, Reason: fmt.Sprintf(format, args...)}
}

// RefuseInput makes an Error of what the strict reader said.
func RefuseInput(err error) *Error {
	return &Error{Class: ClassInput, Reason: "the text is refused by the strict reader", Err: err, Step: Step{Name: StepText}}
}

// RefuseForm makes an Error of what canonicalization said.
func RefuseForm(err error) *Error {
	return &Error{Class: ClassInput, Reason: "the document has no canonical form", Err: err, Step: Step{Name: StepForm}}
}

// KeyResolver finds the certificate a hint means and checks at a moment that
// it is trusted; pki.Store is one.
type KeyResolver = pki.KeyResolver

// Policy is what a verifier demands.
type Policy struct {
	Suites []*Suite         // accepted algorithms; nil means Suites()
	Limits xmltext.Limits   // of the strict reader
	Clock  func() time.Time // nil means time.Now
	Signer string           // subject the signer must have, e.g. "CN=ШЭП"; "" accepts every trusted one
	Report func(Step)       // is told every check that was passed; nil is not

	// Token reads, for VerifyEnveloped, children of KeyInfo that are not of
	// the XML signature namespace; nil refuses them. wsse.Token reads those
	// of WS-Security.
	Token func(child xmltext.Node, h *pki.Hint) *Error
}

// Now is the moment at which everything is judged.
func (p *Policy) Now() time.Time {
	if p.Clock != nil {
		return p.Clock()
	}
	return time.Now()
}

// Verified is what a signature vouches for.
type Verified struct {
	Targets []Target // in the order of the References
	Signer  *pki.Certificate
	Suite   *Suite

	room [4]Target
}

// Target is one digested node.
type Target struct {
	Node xmltext.Node
	Name string // what it is, e.g. "Body"
}

// Covered names the digested nodes.
func (v *Verified) Covered() []string {
	out := make([]string, len(v.Targets))
	for i, t := range v.Targets {
		out[i] = t.Name
	}
	return out
}
