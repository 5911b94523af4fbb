package main

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"

	"github.com/kopir-kz/kopir/cmd/kopir/internal/inspect"
	"github.com/kopir-kz/kopir/cmd/kopir/internal/verdict"
	"github.com/kopir-kz/kopir/gateway/pki"
)

type keysCheck struct {
	passwordFlags
	Cert string `help:"Certificate of the key; default the one beside it in its file." placeholder:"FILE" type:"existingfile"`
	trustFlags
	usageFlag
	outputFlag
	File string `arg:"" help:"Key or keystore to check." type:"existingfile"`
}

// Run checks the one key of a file as a gateway would use it, and its certificate.
func (c *keysCheck) Run(ctx context.Context, s streams) error {
	b, err := c.keystores(s).open(c.File)
	var e *exit
	switch {
	case errors.As(err, &e):
		return err
	case err != nil:
		return c.tell(s, verdict.Refuse(pki.ClassInput, err))
	}
	if c.Cert != "" {
		if b.Certificates, err = pki.LoadCertificates(c.Cert); err != nil {
			return usage(err)
		}
	}
	k := keyCheck{verdict: verdict.Accept("key", "certificate")}
	k.step("form", pki.ClassInput, string(b.Form), one(b))
	if len(b.Identities) == 1 {
		doubt, err := exposed(c.File, b.Form)
		k.step("mode", pki.ClassTrust, cmp.Or(doubt, "only its owner can read it"), err)
		if err := c.certificate(ctx, s, &k, b); err != nil {
			return usage(err)
		}
	}
	if len(c.Trust) == 0 {
		k.verdict.Facts.Add("chain", "not looked at: no --trust")
	} else {
		c.unasked(k.verdict)
	}
	return c.tell(s, k.verdict)
}

// certificate checks the key with its certificate, and the certificate. The error
// is about the files of trust.
func (c *keysCheck) certificate(ctx context.Context, s streams, k *keyCheck, b *pki.Bundle) error {
	key := b.Identities[0].Key
	cert := fitting(b)
	if cert == nil {
		k.step("certificate", pki.ClassSignature, "", errors.New("there is no certificate of this key"))
		return nil
	}
	k.step("certificate", pki.ClassSignature, pki.NameText(cert.Subject), nil)
	algorithm, err := pki.Probe(key, cert.PublicKey)
	k.step("probe", pki.ClassSignature, algorithm, err)
	store := pki.NewStore(pki.Options{Known: []*x509.Certificate{cert}})
	if len(c.Trust) > 0 {
		if store, err = c.store(s.err); err != nil {
			return err
		}
	}
	k.explain(store.Explain(ctx, cert, pki.Usage(c.Usage), c.now()))
	if k.verdict.Verdict == verdict.Accepted {
		k.verdict.Signer, k.verdict.Algorithm = pki.NameText(cert.Subject), algorithm
	}
	return nil
}

// fitting is the certificate of the key.
func fitting(b *pki.Bundle) *x509.Certificate {
	for _, c := range b.Certificates {
		if pki.SameKey(c.PublicKey, b.Identities[0].Key.Public()) {
			return c
		}
	}
	return nil
}

// keyCheck collects the steps; the first that fails makes the verdict.
type keyCheck struct{ verdict *verdict.Verdict }

func (k *keyCheck) step(name string, class pki.Class, text string, err error) {
	s := verdict.Step{Step: name, OK: err == nil, Text: text}
	if err != nil {
		s.Text = err.Error()
		v := verdict.Refuse(class, err)
		v.Failed.Step = name
		k.refuse(v)
	}
	k.verdict.Steps = append(k.verdict.Steps, s)
}

func (k *keyCheck) refuse(v *verdict.Verdict) {
	if k.verdict.Verdict == verdict.Accepted {
		v.Steps = k.verdict.Steps
		k.verdict = v
	}
}

func (k *keyCheck) explain(x *pki.Explanation) {
	v := inspect.Explained(x)
	steps := append(k.verdict.Steps, v.Steps...)
	if v.Verdict != verdict.Accepted {
		k.refuse(v)
	}
	k.verdict.Chain, k.verdict.Steps = v.Chain, steps
}
