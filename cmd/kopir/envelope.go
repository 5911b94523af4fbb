package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/kopir-kz/kopir/gateway/c14n"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/revocation"
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
	Trust        []string      `help:"Root certificates (PEM or DER)." placeholder:"FILE" type:"existingfile"`
	Intermediate []string      `help:"Certificates between the roots and the signers." placeholder:"FILE" type:"existingfile"`
	Store        []string      `help:"Certificates of systems that are named by issuer and serial number only." placeholder:"FILE" type:"existingfile"`
	CRL          []string      `name:"crl" help:"Revocation lists; with at least one, every issuer needs a fresh one." placeholder:"FILE" type:"existingfile"`
	At           *time.Time    `help:"Judge as of this moment (RFC 3339); default now." format:"2006-01-02T15:04:05Z07:00" placeholder:"TIME"`
	Signer       string        `help:"Subject the signer must have, e.g. CN=NAME." placeholder:"DN"`
	Correlation  string        `help:"correlationId of the request that the message must answer." placeholder:"ID"`
	MaxAge       time.Duration `help:"How old an answer may be by its own date." default:"5m"`
	Enveloped    bool          `help:"The file is a document signed as a whole (business data), not a SOAP message."`
	JSON         bool          `name:"json" help:"Print one JSON object."`
	File         string        `arg:"" help:"File to read, - for standard input."`
}

// verdict is what envelope verify prints.
type verdict struct {
	Verdict   string   `json:"verdict"` // accepted or refused
	Class     string   `json:"class,omitempty"`
	Reason    string   `json:"reason,omitempty"`
	Covered   []string `json:"covered"`
	Signer    string   `json:"signer,omitempty"`
	Algorithm string   `json:"algorithm,omitempty"`
}

// Run verifies and prints the verdict.
func (c *envelopeVerify) Run(ctx context.Context, s streams) error {
	store, err := c.store()
	if err != nil {
		return &exit{exitUsage, err.Error()}
	}
	message, err := readInput(c.File, s.in)
	if err != nil {
		return &exit{exitUsage, err.Error()}
	}
	v, err := c.judge(ctx, message, store)
	if err != nil {
		var e *xmldsig.Error
		if !errors.As(err, &e) {
			return err
		}
		v = verdict{Verdict: "refused", Class: string(e.Class), Reason: strings.TrimPrefix(e.Error(), string(e.Class)+": "), Covered: []string{}}
	}
	if c.JSON {
		if err := json.NewEncoder(s.out).Encode(v); err != nil {
			return err
		}
	} else {
		v.print(s.out)
	}
	if v.Verdict != "accepted" {
		return &exit{status: exitRefused}
	}
	return nil
}

func (v verdict) print(w io.Writer) {
	if v.Verdict != "accepted" {
		fmt.Fprintf(w, "refused\n  step       %s\n  reason     %s\n", v.Class, v.Reason)
		return
	}
	fmt.Fprintf(w, "accepted\n  covered    %s\n  signer     %s\n  algorithm  %s\n", strings.Join(v.Covered, ", "), v.Signer, v.Algorithm)
}

func (c *envelopeVerify) store() (*pki.Store, error) {
	var o pki.Options
	for _, g := range []struct {
		files []string
		into  *[]*x509.Certificate
	}{{c.Trust, &o.Roots}, {c.Intermediate, &o.Intermediates}, {c.Store, &o.Known}} {
		for _, f := range g.files {
			certs, err := pki.LoadCertificates(f)
			if err != nil {
				return nil, err
			}
			*g.into = append(*g.into, certs...)
		}
	}
	lists, err := loadLists(c.CRL)
	if err != nil {
		return nil, err
	}
	if len(lists) > 0 {
		o.Revocation, o.Revoker = pki.RevocationHard, revocation.NewLists(append(o.Roots, o.Intermediates...), lists...)
	}
	return pki.NewStore(o), nil
}

func (c *envelopeVerify) now() time.Time {
	if c.At != nil {
		return *c.At
	}
	return time.Now()
}

func (c *envelopeVerify) judge(ctx context.Context, message []byte, store *pki.Store) (verdict, error) {
	if c.Enveloped {
		limits := xmltext.Limits{Comments: true, PIs: true}
		d, err := xmltext.Parse(message, limits)
		if err != nil {
			return verdict{}, xmldsig.RefuseInput(err)
		}
		v, err := xmldsig.VerifyEnveloped(ctx, d.Root(), store, xmldsig.Policy{Limits: limits, Clock: c.now, Signer: c.Signer, Token: wsse.Token})
		if err != nil {
			return verdict{}, err
		}
		return accepted(v.Covered(), v.Signer, v.Suite), nil
	}
	v, err := wsse.VerifyBody(ctx, message, store, wsse.Policy{Clock: c.now, Signer: c.Signer})
	if err != nil {
		return verdict{}, err
	}
	if err := c.answer(v.Body); err != nil {
		return verdict{}, err
	}
	return accepted(v.Covered, v.Signer, v.Suite), nil
}

func accepted(covered []string, signer *pki.Certificate, suite *xmldsig.Suite) verdict {
	return verdict{Verdict: "accepted", Covered: covered, Signer: signer.SubjectText(), Algorithm: suite.Name}
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

// readInput reads a file or standard input, one byte more than the strict
// reader lets in, so that the reader can say that it is too long.
func readInput(file string, stdin io.Reader) ([]byte, error) {
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		stdin = f
	}
	return io.ReadAll(io.LimitReader(stdin, xmltext.DefaultBytes+1))
}

type envelopeSign struct {
	Key       string `help:"Private key (PEM); readable by its owner only." required:"" placeholder:"FILE" type:"existingfile"`
	Cert      string `help:"Certificate of the key." required:"" placeholder:"FILE" type:"existingfile"`
	Enveloped bool   `help:"Sign the document as a whole (business data) instead of a SOAP Body."`
	KeyInfo   string `name:"keyinfo" help:"How the certificate is named: ${enum}." enum:"keyIdentifier,issuerSerial,binarySecurityToken,x509Data" default:"keyIdentifier"`
	ID        string `name:"id" help:"How the Body carries its Id: ${enum}." enum:"wsu,plain,both" default:"wsu"`
	File      string `arg:"" help:"File to read, - for standard input."`
}

// Run signs and writes the signed message.
func (c *envelopeSign) Run(ctx context.Context, s streams) error {
	key, err := pki.LoadKey(c.Key)
	if err != nil {
		return &exit{exitUsage, err.Error()}
	}
	certs, err := pki.LoadCertificates(c.Cert)
	if err != nil {
		return &exit{exitUsage, err.Error()}
	}
	if !pki.SameKey(certs[0].PublicKey, key.Public()) {
		return &exit{exitUsage, "the certificate is not the key's"}
	}
	signer, err := xmldsig.NewSigner(key, certs[0].Raw)
	if err != nil {
		return &exit{exitUsage, err.Error()}
	}
	message, err := readInput(c.File, s.in)
	if err != nil {
		return &exit{exitUsage, err.Error()}
	}
	var out []byte
	if c.Enveloped {
		out, err = xmldsig.SignEnveloped(ctx, message, signer)
	} else {
		out, err = wsse.SignBody(ctx, message, signer, wsse.SignOptions{ID: wsse.IDStyle(c.ID), KeyInfo: wsse.KeyInfo(c.KeyInfo)})
	}
	var e *xmldsig.Error
	if errors.As(err, &e) {
		return &exit{exitRefused, err.Error()}
	}
	if err != nil {
		return err
	}
	_, err = s.out.Write(out)
	return err
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
	message, err := readInput(c.File, s.in)
	if err != nil {
		return &exit{exitUsage, err.Error()}
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
