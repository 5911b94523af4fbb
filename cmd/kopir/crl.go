package main

import (
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/kopir-kz/kopir/cmd/kopir/internal/verdict"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/crl"
)

type crlCmd struct {
	Verify crlVerify `cmd:"" help:"Verify a revocation list against its issuer, which is taken as trusted. Exit status 0: accepted, 3: refused, 2: usage."`
}

type crlVerify struct {
	Issuer string `help:"Certificate of the issuer, or several to choose from." required:"" placeholder:"FILE" type:"existingfile"`
	atFlag
	outputFlag
	File string `arg:"" help:"Revocation list (PEM or DER), - for standard input."`
}

// Run verifies and prints the verdict.
func (c *crlVerify) Run(s streams) error {
	issuers, err := pki.LoadCertificates(c.Issuer)
	if err != nil {
		return usage(err)
	}
	b, err := readInput(c.File, s.in, 2*crl.MaxBytes)
	if err != nil {
		return usage(err)
	}
	lists, err := crl.ParseAll(b)
	if err == nil && len(lists) > 1 {
		err = fmt.Errorf("there are %d lists in it; one is judged at a time", len(lists))
	}
	if err != nil {
		return c.tell(s, verdict.Refuse(pki.ClassInput, err))
	}
	return c.tell(s, c.judge(lists[0], issuers))
}

func (c *crlVerify) judge(l *crl.List, issuers []*x509.Certificate) *verdict.Verdict {
	v := verdict.Accept(fmt.Sprintf("%d certificates", l.Len()))
	issuer, err := issuerOf(l, issuers)
	steps := []string{"issuer", "usage", "signature", "freshness"}
	failed, class := "", pki.ClassSignature
	switch {
	case errors.Is(err, crl.ErrIssuer):
		failed, class = "issuer", pki.ClassTrust
	case errors.Is(err, crl.ErrKeyUsage):
		failed, class = "usage", pki.ClassTrust
	case err != nil:
		failed = "signature"
	default:
		if err = c.fresh(l); err != nil {
			failed, class = "freshness", pki.ClassFreshness
		}
	}
	if err != nil {
		v = verdict.Refuse(class, err)
		v.Failed = &verdict.Failed{Step: failed, Certificate: verdict.Of(issuer)}
	} else {
		v.Signer, v.Algorithm = pki.NameText(issuer.Subject), pki.SignatureName(l.Algorithm())
	}
	v.Steps = verdict.Until(failed, v.Reason, steps...)
	listFacts(&v.Facts, l)
	return v
}

// issuerOf finds the certificate whose key signed a list. Where there is none it
// is that of the right name, or the first, and what is wrong with it.
func issuerOf(l *crl.List, issuers []*x509.Certificate) (issuer *x509.Certificate, why error) {
	for _, c := range issuers {
		err := l.CheckFrom(c)
		if err == nil {
			return c, nil
		}
		if issuer == nil || errors.Is(why, crl.ErrIssuer) && !errors.Is(err, crl.ErrIssuer) {
			issuer, why = c, err
		}
	}
	return issuer, why
}

func (c *crlVerify) fresh(l *crl.List) error {
	now := c.now()
	switch {
	case now.Before(l.ThisUpdate):
		return fmt.Errorf("the list is of a later moment, %s", verdict.Moment(l.ThisUpdate))
	case l.NextUpdate.IsZero():
		return errors.New("the list does not say when there will be a newer one")
	case now.After(l.NextUpdate):
		return fmt.Errorf("a newer list was due at %s", verdict.Moment(l.NextUpdate))
	}
	return nil
}

func listFacts(f *verdict.Facts, l *crl.List) {
	f.Add("this_update", verdict.Moment(l.ThisUpdate))
	f.Add("next_update", verdict.Moment(l.NextUpdate))
	if l.Number != nil {
		f.Add("number", l.Number.String())
	}
	if l.Base != nil {
		f.Add("delta_of", l.Base.String())
	}
	f.Add("entries", l.Len())
	var limits []string
	for _, oid := range l.Limiting {
		limits = append(limits, oid.String())
	}
	f.Add("limited_by", limits) // extensions because of which silence proves nothing
}
