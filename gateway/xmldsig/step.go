package xmldsig

import (
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// StepName names a check.
type StepName string

// The checks, in their order.
const (
	StepText       StepName = "text"            // the strict reader lets the text in
	StepAlgorithms StepName = "algorithms"      // every algorithm that is named is on the closed list
	StepForm       StepName = "canonical-form"  // the document has one
	StepStructure  StepName = "structure"       // envelope and signature have the accepted shape
	StepReferences StepName = "references"      // every Reference points to one element in an expected place, by expected transforms
	StepKeyInfo    StepName = "key-info"        // KeyInfo names a certificate in an accepted form
	StepTrust      StepName = "trust"           // the certificate is trusted, and the expected one
	StepValue      StepName = "signature-value" // the value holds over SignedInfo
	StepDigest     StepName = "digest"          // the digest of a Reference holds
	StepCoverage   StepName = "coverage"        // what must be signed is among what is
	StepFreshness  StepName = "freshness"       // the message lies in the time window
)

// Step is one check, passed or not, for whoever looks into a single message.
// What its Node is called is the message's word: neither errors nor logs repeat
// it.
type Step struct {
	Name StepName
	// Signature is which of several in a document, from 1 in the order of signing;
	// 0 where only one is let in.
	Signature int
	Node      xmltext.Node     // what was looked at; zero for the document as a whole
	Target    string           // of StepDigest, what the Node is, e.g. "Body"
	Suite     *Suite           // of StepValue; of StepDigest, whose digest it is
	Signer    *pki.Certificate // from StepTrust on, once it is known
}

// steps accompanies one verification.
type steps struct {
	report func(Step)
	at     Step
}

// done ends a check: a refusal learns where it happened, a success is reported.
func (s *steps) done(name StepName, refusal *Error) error {
	s.at.Name = name
	if refusal == nil {
		if s.report != nil {
			s.report(s.at)
		}
		return nil
	}
	return refusal.during(s.at)
}

// during adds what a refusal does not know of where it happened.
func (e *Error) during(s Step) *Error {
	if !e.Step.Node.IsZero() {
		s.Node = e.Step.Node
	}
	e.Step = s
	return e
}

// At names the node a refusal is about.
func (e *Error) At(n xmltext.Node) *Error {
	e.Step.Node = n
	return e
}

// In names the check that a refusal comes from.
func (e *Error) In(name StepName) *Error {
	e.Step.Name = name
	return e
}
