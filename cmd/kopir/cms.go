package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/kopir-kz/kopir/cmd/kopir/internal/verdict"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/cms"
	"github.com/kopir-kz/kopir/gateway/pki/tsp"
)

type cmsCmd struct {
	Verify cmsVerify `cmd:"" help:"Verify a signed document (CMS) and print who signed it. Exit status 0: accepted, 3: refused, 2: usage."`
}

type cmsVerify struct {
	Content string `help:"What a detached message was made over, - for standard input." placeholder:"FILE"`
	trustFlags
	Store     []string `help:"Certificates of signers that the message only names." placeholder:"FILE" type:"existingfile"`
	Signer    string   `help:"Subject every signer must have, e.g. CN=NAME." placeholder:"DN"`
	Timestamp string   `help:"What to do with time-stamps: ${enum}. A certificate is judged at the moment that a checked one proves." enum:"check,require,ignore" default:"check"`
	outputFlag
	File string `arg:"" help:"Message to read, DER, PEM or base64; - for standard input."`
}

// maxContent is the longest content of a detached message that is read, in bytes.
const maxContent = 256 << 20

// maxMessage lets in the longest message also in base64, with line ends.
const maxMessage = cms.DefaultBytes * 3 / 2

// Run verifies and prints the verdict.
func (c *cmsVerify) Run(ctx context.Context, s streams) error {
	store, err := c.store(s.err, c.Store...)
	if err != nil {
		return usage(err)
	}
	message, err := readInput(c.File, s.in, maxMessage)
	if err != nil {
		return usage(err)
	}
	content, err := readContent(c.Content, c.File, s)
	if err != nil {
		return usage(err)
	}
	return c.tell(s, c.judge(ctx, message, content, store))
}

// readContent reads the content that a signature is over, if a file is named.
func readContent(file, message string, s streams) ([]byte, error) {
	switch file {
	case "":
		return nil, nil
	case message:
		return nil, errors.New("--content is the message itself")
	}
	b, err := readInput(file, s.in, maxContent)
	switch {
	case err != nil:
		return nil, err
	case len(b) > maxContent:
		return nil, fmt.Errorf("%s: longer than %d bytes", file, maxContent)
	case b == nil:
		b = []byte{}
	}
	return b, nil
}

func (c *cmsVerify) judge(ctx context.Context, message, content []byte, store *pki.Store) *verdict.Verdict {
	var t verdict.Trace
	m, err := cms.Parse(message, cms.Limits{})
	if err != nil {
		v := verdict.Refuse(pki.ClassInput, err)
		t.Tell(v)
		return v
	}
	t.Passed(string(cms.StepStructure), "")
	o := cms.Options{Content: content, Keys: store, Clock: c.now, Report: t.CMS, RequireTimestamp: c.Timestamp == "require"}
	if c.Timestamp != "ignore" {
		o.Timestamp = (&tsp.Verifier{Keys: store, Clock: c.now}).Checker()
	}
	signed, err := m.Verify(ctx, o)
	if err == nil {
		err = c.pinned(signed)
	}
	var v *verdict.Verdict
	if err != nil {
		v = verdict.Refuse(pki.ClassSignature, err)
	} else {
		v = verdict.Accept("content")
		first := signed.Signers[0]
		v.Signer, v.Algorithm, v.Chain = first.Certificate.SubjectText(), verdict.SignatureOf(first), verdict.Chained(first.Certificate.Chain)
		v.Facts.Add("content_type", signed.ContentType.String())
		v.Facts.Add("content_bytes", len(signed.Content))
		v.Facts.Add("attached", m.Attached())
		signerFacts(&v.Facts, signed.Signers)
	}
	t.Tell(v)
	c.unasked(v)
	return v
}

// pinned holds every signer to the expected subject.
func (c *cmsVerify) pinned(signed *cms.Verified) error {
	for i, s := range signed.Signers {
		if c.Signer != "" && !s.Certificate.Named(c.Signer) {
			return &cms.Error{
				Step: cms.StepTrust, Signer: i + 1, Reason: "the signer is not the expected one",
				Err: &pki.Error{Reason: pki.ReasonSignerPin, Text: pki.Describe(s.Certificate.Certificate), Certificate: s.Certificate.Certificate},
			}
		}
	}
	return nil
}

// signerFacts tell when each signature was made.
func signerFacts(f *verdict.Facts, signers []cms.Signer) {
	var claimed, proven []string
	for _, s := range signers {
		if !s.SigningTime.IsZero() {
			claimed = append(claimed, verdict.Moment(s.SigningTime))
		}
		if !s.Timestamp.IsZero() {
			proven = append(proven, verdict.Moment(s.Timestamp))
		}
	}
	f.Add("signing_time", claimed) // what the signer claims
	f.Add("timestamp", proven)
}
