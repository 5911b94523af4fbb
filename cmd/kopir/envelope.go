package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/kopir-kz/kopir/cmd/kopir/internal/verdict"
	"github.com/kopir-kz/kopir/gateway/c14n"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/shep"
	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

type envelopeCmd struct {
	Verify envelopeVerify `cmd:"" help:"Verify a signed message and print what was checked. Exit status 0: accepted, 3: refused, 2: usage."`
	Sign   envelopeSign   `cmd:"" help:"Sign the Body of a SOAP message, or a document as a whole."`
	C14n   envelopeC14n   `cmd:"" name:"c14n" help:"Write the canonical form of a document or of one element."`
}

type envelopeVerify struct {
	trustFlags
	Store       []string      `help:"Certificates of systems that are named by issuer and serial number only." placeholder:"FILE" type:"existingfile"`
	Signer      string        `help:"Subject the signer must have, e.g. CN=NAME; of several signers, each." placeholder:"DN"`
	Correlation string        `help:"correlationId of the request that the message must answer." placeholder:"ID"`
	MaxAge      time.Duration `help:"How old an answer may be by its own date." default:"5m"`
	Enveloped   bool          `help:"The file is a document signed as a whole (business data), perhaps by several, and not a SOAP message."`
	outputFlag
	File string `arg:"" help:"File to read, - for standard input."`
}

// Run verifies and prints the verdict.
func (c *envelopeVerify) Run(ctx context.Context, s streams) error {
	store, err := c.store(s.err, c.Store...)
	if err != nil {
		return usage(err)
	}
	message, err := readInput(c.File, s.in, xmltext.DefaultBytes)
	if err != nil {
		return usage(err)
	}
	v, err := c.judge(ctx, message, store)
	if err != nil {
		return err
	}
	return c.tell(s, v)
}

// judge comes to a verdict; an error says that there is none.
func (c *envelopeVerify) judge(ctx context.Context, message []byte, store *pki.Store) (*verdict.Verdict, error) {
	var t verdict.Trace
	verify := c.body
	if c.Enveloped {
		verify = c.document
	}
	v, err := verify(ctx, message, store, &t)
	var e *xmldsig.Error
	switch {
	case errors.As(err, &e):
		v = verdict.Refuse(e.Class, err)
	case err != nil:
		return nil, err
	}
	t.Tell(v)
	return v, nil
}

// document judges business data, the last signature first.
func (c *envelopeVerify) document(ctx context.Context, message []byte, store *pki.Store, t *verdict.Trace) (*verdict.Verdict, error) {
	limits := xmltext.Limits{Comments: true, PIs: true}
	d, err := xmltext.Parse(message, limits)
	if err != nil {
		return nil, xmldsig.RefuseInput(err)
	}
	all, err := xmldsig.VerifyAllEnveloped(ctx, d.Root(), store, xmldsig.Policy{Limits: limits, Clock: c.now, Signer: c.Signer, Token: wsse.Token, Report: t.XML})
	if err != nil {
		return nil, err
	}
	last := all[len(all)-1]
	return accept(last.Covered(), last.Signer, last.Suite), nil
}

// body judges a SOAP message.
func (c *envelopeVerify) body(ctx context.Context, message []byte, store *pki.Store, t *verdict.Trace) (*verdict.Verdict, error) {
	v, err := wsse.VerifyBody(ctx, message, store, wsse.Policy{Clock: c.now, Signer: c.Signer, Report: t.XML})
	if err != nil {
		return nil, err
	}
	if err := c.answer(v.Body); err != nil {
		return nil, err
	}
	return accept(v.Covered, v.Signer, v.Suite), nil
}

func accept(covered []string, signer *pki.Certificate, suite *xmldsig.Suite) *verdict.Verdict {
	v := verdict.Accept(covered...)
	v.Signer, v.Algorithm, v.Chain = signer.SubjectText(), suite.Name, verdict.Chained(signer.Chain)
	return v
}

// astana is the zone of dates that name none: Kazakhstan has one since 1 March
// 2024.
//
//nolint:gochecknoglobals // a constant
var astana = time.FixedZone("UTC+5", 5*60*60)

// answer checks what only an answer of the sync channel has: its own date and
// the correlationId.
func (c *envelopeVerify) answer(body xmltext.Node) error {
	if !body.First().Is(shep.Types, "SendMessageResponse") {
		if c.Correlation != "" {
			return xmldsig.Refuse(xmldsig.ClassCorrelation, "the message is not an answer of the sync channel")
		}
		return nil
	}
	a, err := shep.ReadAnswer(body)
	if err != nil {
		return &xmldsig.Error{Class: xmldsig.ClassStructure, Reason: "the answer does not have the channel's form", Err: err}
	}
	if a.Date != "" {
		at, ok := shep.Time(a.Date, astana)
		switch {
		case !ok:
			return xmldsig.Refuse(xmldsig.ClassFreshness, "responseDate is not a date and time")
		case at.After(c.now().Add(wsse.DefaultSkew)):
			return xmldsig.Refuse(xmldsig.ClassFreshness, "responseDate lies in the future")
		case at.Before(c.now().Add(-c.MaxAge)):
			return xmldsig.Refuse(xmldsig.ClassFreshness, "responseDate is older than %s", c.MaxAge)
		}
	}
	if c.Correlation != "" && a.CorrelationID != c.Correlation {
		return xmldsig.Refuse(xmldsig.ClassCorrelation, "the message answers another request: its correlationId is another one")
	}
	return nil
}

type envelopeC14n struct {
	Mode     string `help:"Method: ${enum}." enum:"exclusive,inclusive,inclusive11" default:"exclusive"`
	Comments bool   `help:"Keep comments."`
	Prefixes string `name:"inclusive-prefixes" help:"InclusiveNamespaces PrefixList of the exclusive method." placeholder:"\"a b\""`
	ID       string `name:"id" help:"Id of the element to write; default the whole document." placeholder:"ID"`
	File     string `arg:"" help:"File to read, - for standard input."`
}

// Run writes the canonical form.
func (c *envelopeC14n) Run(s streams) error {
	message, err := readInput(c.File, s.in, xmltext.DefaultBytes)
	if err != nil {
		return usage(err)
	}
	d, err := xmltext.Parse(message, xmltext.Limits{Comments: true, PIs: true})
	if err != nil {
		return &exit{exitRefused, err.Error()}
	}
	if err := c14n.Check(d); err != nil {
		return &exit{exitRefused, err.Error()}
	}
	m := c14n.Method{Kind: c14n.Exclusive, Comments: c.Comments, Prefixes: strings.Fields(c.Prefixes)}
	switch c.Mode {
	case "inclusive":
		m.Kind = c14n.Inclusive10
	case "inclusive11":
		m.Kind = c14n.Inclusive11
	}
	if c.ID == "" {
		return m.WriteDocument(s.out, d, xmltext.Node{})
	}
	n, err := xmldsig.FindID(d, c.ID)
	if err != nil {
		return &exit{exitRefused, err.Error()}
	}
	return m.Write(s.out, n, xmltext.Node{})
}
