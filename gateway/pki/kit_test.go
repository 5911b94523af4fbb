package pki_test

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
)

// change alters the template of a certificate.
type change = func(*x509.Certificate)

// sub makes an authority under another one, with a template of its own.
func sub(t *testing.T, parent *pkitest.Authority, name string, changes ...change) *pkitest.Authority {
	t.Helper()
	key := pkitest.ECKey(t)
	ca := func(c *x509.Certificate) { c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign }
	return &pkitest.Authority{Key: key, Certificate: parent.Issue(t, name, key.Public(), append([]change{ca}, changes...)...)}
}

// leaf makes a certificate for signing.
func leaf(t *testing.T, ca *pkitest.Authority, name string, changes ...change) *x509.Certificate {
	t.Helper()
	return ca.Issue(t, name, pkitest.ECKey(t).Public(), changes...)
}

func certs(c ...*x509.Certificate) []*x509.Certificate { return c }

// carried is the hint of a message that carries certificates.
func carried(c ...*x509.Certificate) (h pki.Hint) {
	for _, x := range c {
		h.Certificates = append(h.Certificates, x.Raw)
	}
	return h
}

// named is the hint of a message that carries issuer and serial number only.
func named(c *x509.Certificate) pki.Hint {
	return pki.Hint{IssuerName: c.Issuer.String(), Serial: c.SerialNumber}
}

// expect resolves a hint and holds the answer to a reason; "" stands for trust.
func expect(t *testing.T, s *pki.Store, h pki.Hint, at time.Time, want pki.Reason) *pki.Certificate {
	t.Helper()
	c, err := s.Resolve(context.Background(), h, at)
	var e *pki.Error
	switch {
	case want == "" && err != nil:
		t.Errorf("not trusted: %v", err)
	case want != "" && (!errors.As(err, &e) || e.Reason != want):
		t.Errorf("want %s, got %v", want, err)
	case want != "" && c != nil:
		t.Error("a certificate came with the refusal")
	}
	explained(t, s, h, at, want)
	return c
}

// explained holds Explain to the same reason, and to checks that bear it out.
func explained(t *testing.T, s *pki.Store, h pki.Hint, at time.Time, want pki.Reason) {
	t.Helper()
	if len(h.Certificates) != 1 || h.Serial != nil {
		return
	}
	cert, err := pki.ParseCertificate(h.Certificates[0])
	if err != nil {
		return
	}
	x := s.Explain(context.Background(), cert, pki.UsageSign, at)
	if got := x.Err; (got != nil) != (want != "") || got != nil && (got.Reason != want || got.Certificate == nil || !got.Certificate.Equal(x.Chain[got.Link])) {
		t.Errorf("want %q, explained as %v", want, got)
	}
	borneOut, link := x.Err == nil, 0
	for _, k := range x.Checks {
		if k.Link < link || !k.Certificate.Equal(x.Chain[k.Link]) {
			t.Errorf("check %s of link %d comes after link %d, or is about another certificate", k.Name, k.Link, link)
		}
		link = k.Link
		borneOut = borneOut || k.Err == x.Err
		if x.Err == nil && k.Err != nil {
			t.Errorf("trusted, and %s of link %d failed: %v", k.Name, k.Link, k.Err)
		}
	}
	if !borneOut {
		t.Errorf("no check bears out %v", x.Err)
	}
}

func public(s crypto.Signer) crypto.PublicKey { return s.Public() }
