package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/kopir-kz/kopir/cmd/kopir/internal/verdict"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/ocsp"
)

type ocspCmd struct {
	Verify ocspVerify `cmd:"" help:"Verify an OCSP response against the issuer, which is taken as trusted. That it says \"revoked\" is no refusal. Exit status 0: accepted, 3: refused, 2: usage."`
}

type ocspVerify struct {
	Issuer    string        `help:"Certificate of the issuer of the certificate in question." required:"" placeholder:"FILE" type:"existingfile"`
	Cert      string        `help:"The certificate in question; default whichever the response is about." placeholder:"FILE" type:"existingfile"`
	Responder string        `help:"Certificate that may sign beside the issuer and those it delegates to." placeholder:"FILE" type:"existingfile"`
	MaxAge    time.Duration `help:"How long an answer is good that does not say when there will be a newer one." default:"1h"`
	atFlag
	outputFlag
	File string `arg:"" help:"Response (DER), - for standard input."`
}

// Run verifies and prints the verdict.
func (c *ocspVerify) Run(s streams) error {
	q := ocsp.Question{At: c.now()}
	for _, f := range []struct {
		file string
		into **x509.Certificate
	}{{c.Issuer, &q.Issuer}, {c.Cert, &q.Certificate}, {c.Responder, &q.Responder}} {
		if f.file == "" {
			continue
		}
		certs, err := pki.LoadCertificates(f.file)
		if err != nil {
			return usage(err)
		}
		*f.into = certs[0]
	}
	b, err := readInput(c.File, s.in, ocsp.MaxBytes)
	if err != nil {
		return usage(err)
	}
	return c.tell(s, c.judge(b, q))
}

func (c *ocspVerify) judge(b []byte, q ocsp.Question) *verdict.Verdict {
	r, err := ocsp.Parse(b)
	if err != nil {
		return refused(err)
	}
	questions := c.questions(r, q)
	if len(questions) == 0 {
		return refused(fmt.Errorf("%w: it answers nothing", ocsp.ErrMalformed))
	}
	var answers []ocsp.Answer
	var signer *x509.Certificate
	for _, about := range questions {
		var a ocsp.Answer
		if a, signer, err = r.About(about); err == nil {
			answers = append(answers, a)
			err = a.Fresh(q.At, 0, c.MaxAge)
		}
		if err != nil {
			break
		}
	}
	v := verdict.Accept()
	if err != nil {
		v = refused(err)
	} else {
		for _, a := range answers {
			v.Covered = append(v.Covered, "serial "+a.ID.Serial.Text(16))
		}
		v.Signer, v.Algorithm = pki.NameText(signer.Subject), pki.SignatureName(r.Algorithm())
	}
	v.Steps = verdict.Until(failedStep(v), v.Reason, "structure", "signature", "responder", "certificate", "freshness")
	v.Facts.Add("produced_at", verdict.Moment(r.ProducedAt))
	for _, a := range answers {
		answerFacts(&v.Facts, a)
	}
	return v
}

// questions are about the certificate that is given, or about each that the
// response names.
func (c *ocspVerify) questions(r *ocsp.Response, q ocsp.Question) (out []ocsp.Question) {
	if q.Certificate != nil {
		return []ocsp.Question{q}
	}
	for _, a := range r.Answers {
		q.Certificate = &x509.Certificate{SerialNumber: a.ID.Serial}
		out = append(out, q)
	}
	return out
}

// refused tells at which step a response is refused.
func refused(err error) *verdict.Verdict {
	var refusal ocsp.Refusal
	for _, row := range []struct {
		err   error
		class pki.Class
		step  string
	}{
		{ocsp.ErrMalformed, pki.ClassInput, "structure"},
		{ocsp.ErrTooLong, pki.ClassInput, "structure"},
		{ocsp.ErrExtension, pki.ClassStructure, "structure"},
		{ocsp.ErrSignature, pki.ClassSignature, "signature"},
		{ocsp.ErrResponder, pki.ClassTrust, "responder"},
		{ocsp.ErrCertID, pki.ClassCorrelation, "certificate"},
		{ocsp.ErrNotYetValid, pki.ClassFreshness, "freshness"},
		{ocsp.ErrStale, pki.ClassFreshness, "freshness"},
	} {
		if errors.Is(err, row.err) {
			v := verdict.Refuse(row.class, err)
			v.Failed.Step = row.step
			return v
		}
	}
	if errors.As(err, &refusal) {
		err = fmt.Errorf("the responder gives no answer, and does not sign that: %w", err)
	}
	v := verdict.Refuse(pki.ClassStructure, err)
	v.Failed.Step = "structure"
	return v
}

func failedStep(v *verdict.Verdict) string {
	if v.Failed == nil {
		return ""
	}
	return v.Failed.Step
}

func answerFacts(f *verdict.Facts, a ocsp.Answer) {
	f.Add("serial", a.ID.Serial.Text(16))
	f.Add("status", map[pki.State]string{pki.StateGood: "good", pki.StateRevoked: "revoked", pki.StateUnknown: "unknown"}[a.State])
	if a.State == pki.StateRevoked {
		f.Add("revoked_at", verdict.Moment(a.Since))
		f.Add("revoked_for", a.Reason.String())
	}
	f.Add("this_update", verdict.Moment(a.ThisUpdate))
	f.Add("next_update", verdict.Moment(a.NextUpdate))
}
