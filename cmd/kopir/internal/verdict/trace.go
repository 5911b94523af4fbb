package verdict

import (
	"fmt"

	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/cms"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
)

// Trace collects the checks that the signatures of a message have passed. A
// verifier stops at the first that fails, so that every signature it came to
// holds but the one it stopped at.
type Trace struct {
	steps   []Step
	signers []Signer // in the order in which they were looked at
	digest  string   // of the latest signature of a CMS message
	several bool
}

// XML takes a check; it is what a policy reports to.
func (t *Trace) XML(s xmldsig.Step) {
	text := ""
	switch s.Name {
	case xmldsig.StepTrust:
		text = chainText(s.Signer)
		t.signer(s.Signature, s.Signer)
	case xmldsig.StepValue:
		text = s.Suite.Name
		t.signers[len(t.signers)-1].Algorithm = s.Suite.Name
	case xmldsig.StepDigest:
		text = fmt.Sprintf("%s, %s", Path(s.Node), s.Suite.DigestURI)
	case xmldsig.StepCoverage, xmldsig.StepFreshness:
		text = Path(s.Node)
	}
	t.passed(string(s.Name), s.Signature, text)
}

// CMS takes a check; it is what the options of a verifier report to.
func (t *Trace) CMS(signature int, step cms.Step, s cms.Signer) {
	text := ""
	t.digest = pki.DigestName(s.Digest)
	switch step {
	case cms.StepTimestamp:
		text = Moment(s.Timestamp)
	case cms.StepTrust:
		text = chainText(s.Certificate)
		t.signer(signature, s.Certificate)
	case cms.StepSignature:
		text = SignatureOf(s)
		t.signers[len(t.signers)-1].Algorithm = text
	case cms.StepDigest:
		text = t.digest
	}
	t.passed(string(step), signature, text)
}

// SignatureOf names the algorithm of a signature that a message may name by its
// key's algorithm alone.
func SignatureOf(s cms.Signer) string {
	if a, _, err := pki.AlgorithmsOf(s.Certificate.PublicKey); err == nil && a.Digest.Algorithm.Equal(s.Digest) {
		return a.Name
	}
	return pki.SignatureName(s.Signature)
}

func chainText(c *pki.Certificate) string {
	return fmt.Sprintf("%s, chain of %d", c.SubjectText(), len(c.Chain))
}

func (t *Trace) signer(signature int, c *pki.Certificate) {
	t.signers = append(t.signers, Signer{Signature: signature, Holds: true, Signer: c.SubjectText(), Certificate: Of(c.Certificate)})
}

func (t *Trace) passed(step string, signature int, text string) {
	t.several = t.several || signature > 1
	t.steps = append(t.steps, Step{Step: step, Signature: signature, OK: true, Text: text})
}

// Passed adds a check of the caller's own.
func (t *Trace) Passed(step, text string) { t.passed(step, 0, text) }

// Tell writes what was collected into a verdict: the steps, with the failing one
// at the end, and who signed, if there are several.
func (t *Trace) Tell(v *Verdict) {
	f := v.Failed
	several := t.several || f != nil && f.Signature > 1
	v.Steps = t.steps
	if f != nil {
		t.stopped(f)
		v.Steps = append(v.Steps, Step{Step: f.Step, Signature: f.Signature, Text: v.Reason})
	}
	if several {
		v.Signers = t.signers
		return
	}
	for i := range v.Steps {
		v.Steps[i].Signature = 0
	}
	if f != nil {
		f.Signature = 0
	}
}

// stopped marks the signature that does not hold, and names its certificate.
func (t *Trace) stopped(f *Failed) {
	if f.Signature == 0 {
		return
	}
	if f.Step == string(cms.StepDigest) && f.Digest == "" {
		f.Digest = t.digest
	}
	last := len(t.signers) - 1
	if last < 0 || t.signers[last].Signature != f.Signature {
		t.signers = append(t.signers, Signer{Signature: f.Signature, Certificate: f.Certificate})
		return
	}
	t.signers[last].Holds = false
	if f.Certificate == nil {
		f.Certificate = t.signers[last].Certificate
	}
}
