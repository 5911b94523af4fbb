package main

import (
	"context"
	"fmt"

	"github.com/kopir-kz/kopir/cmd/kopir/internal/inspect"
	"github.com/kopir-kz/kopir/cmd/kopir/internal/verdict"
	"github.com/kopir-kz/kopir/gateway/pki"
)

type certCmd struct {
	Verify certVerify `cmd:"" help:"Verify a certificate, link by link. Exit status 0: accepted, 3: refused, 2: usage."`
}

// usageFlag says what a certificate is to be used for.
type usageFlag struct {
	Usage string `help:"What the certificate is to be used for: ${enum}." enum:"sign,crl,ocsp,tsa,any" default:"sign"`
}

type certVerify struct {
	trustFlags
	usageFlag
	outputFlag
	File string `arg:"" help:"Certificate to verify (PEM or DER), - for standard input."`
}

// Run explains the chain of the first certificate of the file. Others in it are
// not used: who made the file could bring a path.
func (c *certVerify) Run(ctx context.Context, s streams) error {
	store, err := c.store(s.err)
	if err != nil {
		return usage(err)
	}
	b, err := readInput(c.File, s.in, pki.MaxBundle)
	if err != nil {
		return usage(err)
	}
	certs, err := pki.ParseCertificates(b)
	if err != nil {
		return c.tell(s, verdict.Refuse(pki.ClassInput, err))
	}
	v := inspect.Explained(store.Explain(ctx, certs[0], pki.Usage(c.Usage), c.now()))
	if len(certs) > 1 {
		v.Facts.Add("others", fmt.Sprintf("%d more certificates in the file are not used", len(certs)-1))
	}
	c.unasked(v)
	return c.tell(s, v)
}

// unasked tells where nobody was asked about revocation.
func (c *trustFlags) unasked(v *verdict.Verdict) {
	if len(c.CRL) == 0 {
		v.Facts.Add("revocation", "not looked at: no --crl")
	}
}
