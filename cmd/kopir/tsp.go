package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kopir-kz/kopir/cmd/kopir/internal/verdict"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/tsp"
)

type tspCmd struct {
	Verify tspVerify `cmd:"" help:"Verify a time-stamp. Exit status 0: accepted, 3: refused, 2: usage."`
}

type tspVerify struct {
	Content string `help:"What was stamped, - for standard input." placeholder:"FILE" xor:"stamped"`
	Digest  string `help:"Digest of what was stamped, by the hash function that the token names." placeholder:"HEX" xor:"stamped"`
	trustFlags
	Store []string `help:"Certificates of time-stamp authorities that the token only names." placeholder:"FILE" type:"existingfile"`
	outputFlag
	File string `arg:"" help:"Token or answer of the authority: DER, a token also in PEM or base64; - for standard input."`
}

// Run verifies and prints the verdict.
func (c *tspVerify) Run(ctx context.Context, s streams) error {
	store, err := c.store(s.err, c.Store...)
	if err != nil {
		return usage(err)
	}
	sum, err := hex.DecodeString(c.Digest)
	if err != nil {
		return usage(errors.New("--digest is not hexadecimal"))
	}
	token, err := readInput(c.File, s.in, 2*tsp.MaxResponse)
	if err != nil {
		return usage(err)
	}
	content, err := readContent(c.Content, c.File, s)
	if err != nil {
		return usage(err)
	}
	return c.tell(s, c.judge(ctx, token, content, sum, store))
}

func (c *tspVerify) judge(ctx context.Context, token, content, sum []byte, store *pki.Store) *verdict.Verdict {
	t, compared, err := c.verify(ctx, token, content, sum, store)
	var status *tsp.StatusError
	if err != nil {
		v := verdict.Refuse(pki.ClassStructure, err)
		if errors.As(err, &status) {
			v.Failed.Step = "status"
		}
		c.finish(v, true)
		return v
	}
	v := verdict.Accept("token")
	if compared {
		v.Covered = append(v.Covered, "content")
	} else {
		v.Facts.Add("content", "not compared: neither --content nor --digest")
	}
	v.Signer, v.Chain = t.Authority.SubjectText(), verdict.Chained(t.Authority.Chain)
	if a, _, err := pki.AlgorithmsOf(t.Authority.PublicKey); err == nil {
		v.Algorithm = a.Name
	}
	v.Facts.Add("time", verdict.Moment(t.Time))
	if t.Accuracy > 0 {
		v.Facts.Add("accuracy", t.Accuracy.String())
	}
	v.Facts.Add("token_serial", t.Serial.Text(16))
	v.Facts.Add("policy", t.Policy.String())
	v.Facts.Add("digest", pki.DigestName(t.Imprint.Digest))
	c.finish(v, compared)
	return v
}

// finish lists the checks in the order in which they were made: the imprint before
// the signature if the content is there to compare, at the end if its digest is.
func (c *tspVerify) finish(v *verdict.Verdict, compared bool) {
	steps := []tsp.Step{tsp.StepStructure, tsp.StepTime, tsp.StepSignature, tsp.StepAuthority}
	if c.Content != "" {
		steps = slices.Insert(steps, 2, tsp.StepImprint)
	} else if compared {
		steps = append(steps, tsp.StepImprint)
	}
	failed, _, _ := strings.Cut(failedStep(v), "/")
	if failed == "status" {
		steps = []tsp.Step{"status"}
	}
	v.Steps = verdict.Until(failed, v.Reason, steps...)
	c.unasked(v)
}

// verify verifies a token, or the one in an answer. compared tells whether what
// was stamped is at hand.
func (c *tspVerify) verify(ctx context.Context, b, content, sum []byte, store *pki.Store) (t *tsp.Token, compared bool, err error) {
	if isAnswer(b) {
		if b, err = tsp.ParseResponse(b); err != nil {
			return nil, false, err
		}
	}
	v := tsp.Verifier{Keys: store, Clock: c.now}
	if content != nil {
		t, err = v.Verify(ctx, b, content)
		return t, true, err
	}
	if t, err = v.VerifyToken(ctx, b); err != nil || len(sum) == 0 {
		return t, false, err
	}
	if !bytes.Equal(t.Imprint.Sum, sum) {
		return nil, true, &tsp.Error{Step: tsp.StepImprint, Reason: fmt.Sprintf("the token names another digest by %s", pki.DigestName(t.Imprint.Digest))}
	}
	return t, true, nil
}

// isAnswer tells an answer from a token: both are a SEQUENCE, and the answer
// begins with another one (RFC 3161, section 2.4.2).
func isAnswer(b []byte) bool {
	if len(b) < 2 || b[0] != 0x30 {
		return false
	}
	head := 2
	if b[1] > 0x80 {
		head += int(b[1] & 0x7f)
	}
	return len(b) > head && b[head] == 0x30
}
