package verdict

import (
	"fmt"

	"github.com/kopir-kz/kopir/gateway/xmldsig"
)

// Trace collects the checks that the signatures of an XML document have passed.
type Trace struct{ passed []xmldsig.Step }

// Passed takes one; it is what a policy reports to.
func (t *Trace) Passed(s xmldsig.Step) { t.passed = append(t.passed, s) }

// Tell writes what was collected into a verdict: the steps, with the failing one
// at the end, and who signed, if there are several.
func (t *Trace) Tell(v *Verdict) {
	several := v.Failed != nil && v.Failed.Signature > 1
	for _, s := range t.passed {
		several = several || s.Signature > 1
	}
	for _, s := range t.passed {
		if !several {
			s.Signature = 0
		}
		v.Steps = append(v.Steps, Step{Step: string(s.Name), Signature: s.Signature, OK: true, Text: found(s)})
	}
	if f := v.Failed; f != nil {
		if !several {
			f.Signature = 0
		}
		v.Steps = append(v.Steps, Step{Step: f.Step, Signature: f.Signature, Text: v.Reason})
	}
	if several {
		v.Signers = t.signers()
		if f := v.Failed; f != nil && (len(v.Signers) == 0 || v.Signers[len(v.Signers)-1].Signature != f.Signature) {
			v.Signers = append(v.Signers, Signer{Signature: f.Signature, Certificate: f.Certificate})
		}
	}
}

// found is what a passed check saw.
func found(s xmldsig.Step) string {
	switch s.Name {
	case xmldsig.StepTrust:
		return fmt.Sprintf("%s, chain of %d", s.Signer.SubjectText(), len(s.Signer.Chain))
	case xmldsig.StepValue:
		return s.Suite.Name
	case xmldsig.StepDigest:
		return fmt.Sprintf("%s, %s", Path(s.Node), s.Suite.DigestURI)
	case xmldsig.StepCoverage, xmldsig.StepFreshness:
		return Path(s.Node)
	}
	return ""
}

// signers lists who signed, the last first, as far as their certificates are
// trusted. A signature holds if its digest does, which is checked last.
func (t *Trace) signers() (out []Signer) {
	for _, s := range t.passed {
		if s.Name == xmldsig.StepTrust {
			out = append(out, Signer{Signature: s.Signature, Signer: s.Signer.SubjectText(), Certificate: Of(s.Signer.Certificate)})
		}
		if s.Name == xmldsig.StepValue {
			out[len(out)-1].Algorithm = s.Suite.Name
		}
		if s.Name == xmldsig.StepDigest {
			out[len(out)-1].Holds = true
		}
	}
	return out
}
