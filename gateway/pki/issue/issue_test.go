package issue_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/issue"
)

// TestCertificate issues a certificate of every family under an authority of
// every family.
func TestCertificate(t *testing.T) {
	t.Parallel()
	keys, subjects := pkitest.Keys(t), pkitest.Keys(t)
	for above, issuerKey := range keys {
		for below, key := range subjects {
			t.Run(above+"/"+below, func(t *testing.T) {
				t.Parallel()
				ca := newAuthority(t, issuerKey)
				c := ca.issue(t, dated(issue.Template(issue.System, issue.Subject{CommonName: "ЖҮЙЕ"}, where), 7), key.Public())
				if err := pki.CheckIssued(ca.certificate, ca.certificate); err != nil {
					t.Errorf("the authority's own: %v", err)
				}
				if err := pki.CheckIssued(c, ca.certificate); err != nil {
					t.Error(err)
				}
				if known(above) {
					if err := c.CheckSignatureFrom(ca.certificate); err != nil {
						t.Errorf("crypto/x509: %v", err)
					}
				}
				if !pki.SameKey(c.PublicKey, key.Public()) {
					t.Error("it certifies another key")
				}
				if !bytes.Equal(c.AuthorityKeyId, ca.certificate.SubjectKeyId) || len(c.SubjectKeyId) != 20 {
					t.Errorf("key identifiers %x under %x", c.SubjectKeyId, c.AuthorityKeyId)
				}
				store := pki.NewStore(pki.Options{Roots: []*x509.Certificate{ca.certificate}})
				if _, err := store.Resolve(t.Context(), pki.Hint{Certificates: [][]byte{c.Raw}}, noon); err != nil {
					t.Error(err)
				}
				raw := bytes.Clone(c.Raw)
				raw[len(raw)-3] ^= 1
				if _, err := store.Resolve(t.Context(), pki.Hint{Certificates: [][]byte{raw}}, noon); err == nil {
					t.Error("trusted with a bit of the signature changed")
				}
			})
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	ca, other := newAuthority(t, pkitest.ECKey(t)), pkitest.ECKey(t)
	c := dated(issue.Template(issue.System, issue.Subject{CommonName: "ЖҮЙЕ"}, where), 7)
	if _, err := issue.Certificate(c, ca.certificate, other.Public(), other); !errors.Is(err, issue.ErrIssuerKey) {
		t.Errorf("with another key than the issuer's: %v", err)
	}
	if _, err := issue.Certificate(c, c, ca.key.Public(), other); !errors.Is(err, issue.ErrIssuerKey) {
		t.Errorf("self-signed with another key than its own: %v", err)
	}
	if _, err := issue.Certificate(c, ca.certificate, "no key", ca.key); err == nil {
		t.Error("something that is no key was certified")
	}
	_, edwards, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := issue.Certificate(c, c, edwards.Public(), edwards); err == nil {
		t.Error("signed with a key of an unknown family")
	}
	c.SerialNumber = big.NewInt(-1)
	if _, err := issue.Certificate(c, ca.certificate, other.Public(), ca.key); err == nil || !strings.Contains(err.Error(), "drawing") {
		t.Errorf("with a negative serial number: %v", err)
	}
	l := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: noon, NextUpdate: noon.Add(time.Hour)}
	if _, err := issue.RevocationList(l, ca.certificate, other); !errors.Is(err, issue.ErrIssuerKey) {
		t.Errorf("a list with another key than the issuer's: %v", err)
	}
	l.Number = nil
	if _, err := issue.RevocationList(l, ca.certificate, ca.key); err == nil || !strings.Contains(err.Error(), "drawing") {
		t.Errorf("a list without a number: %v", err)
	}
}

// TestKinds holds the shape of each kind.
func TestKinds(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t, pkitest.ECKey(t))
	const sign, stand, agree = x509.KeyUsageDigitalSignature, x509.KeyUsageContentCommitment, x509.KeyUsageKeyAgreement
	tests := []struct {
		kind     issue.Kind
		usage    x509.KeyUsage
		roles    []pki.Role
		extended []x509.ExtKeyUsage
		critical string // besides keyUsage
	}{
		{kind: issue.Authority, usage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, critical: "2.5.29.19"},
		{kind: issue.System, usage: sign | stand | agree, roles: []pki.Role{pki.RoleLegalEntity, pki.RoleInformationSystem}},
		{kind: issue.Individual, usage: sign | stand | agree, roles: []pki.Role{pki.RoleIndividual}, extended: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}},
		{kind: issue.Head, usage: sign | stand | agree, roles: []pki.Role{pki.RoleLegalEntity, pki.RoleHead}, extended: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}},
		{kind: issue.OCSPResponder, usage: sign, extended: []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}},
		{kind: issue.TimeStamper, usage: sign | stand, extended: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}, critical: "2.5.29.37"},
	}
	for _, tt := range tests {
		c := ca.issue(t, dated(issue.Template(tt.kind, issue.Subject{CommonName: "БІРЕУ"}, where), 7), pkitest.ECKey(t).Public())
		if c.KeyUsage != tt.usage || c.IsCA != (tt.kind == issue.Authority) {
			t.Errorf("kind %d: usage %b, CA %v", tt.kind, c.KeyUsage, c.IsCA)
		}
		if got := pki.RolesOf(c); !equal(got, tt.roles) {
			t.Errorf("kind %d: roles %v", tt.kind, got)
		}
		if !equal(c.ExtKeyUsage, tt.extended) {
			t.Errorf("kind %d: extended usages %v", tt.kind, c.ExtKeyUsage)
		}
		var critical []string
		noCheck := false
		for _, e := range c.Extensions {
			switch {
			case e.Id.String() == "2.5.29.15" && !e.Critical:
				t.Errorf("kind %d: keyUsage is not critical", tt.kind)
			case e.Critical && e.Id.String() != "2.5.29.15":
				critical = append(critical, e.Id.String())
			}
			noCheck = noCheck || e.Id.String() == "1.3.6.1.5.5.7.48.1.5"
		}
		if strings.Join(critical, " ") != tt.critical || len(c.UnhandledCriticalExtensions) > 0 {
			t.Errorf("kind %d: critical are %v", tt.kind, critical)
		}
		if noCheck != (tt.kind == issue.OCSPResponder) {
			t.Errorf("kind %d: id-pkix-ocsp-nocheck %v", tt.kind, noCheck)
		}
		if len(c.Policies) != 1 || c.Policies[0].String() != "1.2.398.3.3.2" {
			t.Errorf("kind %d: policies %v", tt.kind, c.Policies)
		}
	}
}

func equal[T comparable](a, b []T) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// TestAddresses: openssl reads the addresses, the freshest list among them,
// where a certificate has them, and none where it has none.
func TestAddresses(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t, pkitest.ECKey(t))
	c := ca.issue(t, dated(issue.Template(issue.System, issue.Subject{CommonName: "ЖҮЙЕ"}, where), 7), pkitest.ECKey(t).Public())
	if got := c.OCSPServer[0] + c.IssuingCertificateURL[0] + c.CRLDistributionPoints[0]; got != where.OCSP+where.Certificate+where.CRL {
		t.Error(got)
	}
	bare := ca.issue(t, dated(issue.Template(issue.System, issue.Subject{CommonName: "ЖҮЙЕ"}, issue.Addresses{}), 8), pkitest.ECKey(t).Public())
	if bare.OCSPServer != nil || bare.IssuingCertificateURL != nil || bare.CRLDistributionPoints != nil || len(bare.Extensions) >= len(c.Extensions) {
		t.Error("there are addresses that nobody gave")
	}
	text := openssl(t, map[string][]byte{"c.der": c.Raw}, "x509", "-inform", "der", "-in", "c.der", "-noout", "-ext", "freshestCRL")
	if !strings.Contains(text, "URI:"+where.Delta) {
		t.Error(text)
	}
}

// TestSubject holds the order of attributes and their string types to those of
// the national centre.
func TestSubject(t *testing.T) {
	t.Parallel()
	const utf8, printable = 12, 19
	type attribute struct {
		oid   string
		tag   int
		value string
	}
	tests := []struct {
		name    string
		subject issue.Subject
		want    []attribute
	}{
		{"system", issue.Subject{UserID: "1.2.398.6.10.1.1", CommonName: "ЖҮЙЕ", Organization: "ҰЙЫМ", BIN: "991240000003"}, []attribute{
			{"0.9.2342.19200300.100.1.1", utf8, "1.2.398.6.10.1.1"},
			{"2.5.4.3", utf8, "ЖҮЙЕ"},
			{"2.5.4.6", printable, "KZ"},
			{"2.5.4.10", utf8, "ҰЙЫМ"},
			{"2.5.4.11", utf8, "BIN991240000003"},
		}},
		{"head", issue.Subject{CommonName: "СЫНАҚОВ АСАН", Surname: "СЫНАҚОВ", IIN: "905101300001", Organization: "ҰЙЫМ", BIN: "991240000003", Patronymic: "СЫНАҚҰЛЫ"}, []attribute{
			{"2.5.4.3", utf8, "СЫНАҚОВ АСАН"},
			{"2.5.4.4", utf8, "СЫНАҚОВ"},
			{"2.5.4.5", printable, "IIN905101300001"},
			{"2.5.4.6", printable, "KZ"},
			{"2.5.4.10", utf8, "ҰЙЫМ"},
			{"2.5.4.11", utf8, "BIN991240000003"},
			{"2.5.4.42", utf8, "СЫНАҚҰЛЫ"},
		}},
		{"authority", issue.Subject{CommonName: "ОРТАЛЫҚ"}, []attribute{{"2.5.4.3", utf8, "ОРТАЛЫҚ"}, {"2.5.4.6", printable, "KZ"}}},
		{"older authority", issue.Subject{CommonName: "ОРТАЛЫҚ", CountryFirst: true}, []attribute{{"2.5.4.6", printable, "KZ"}, {"2.5.4.3", utf8, "ОРТАЛЫҚ"}}},
	}
	for _, tt := range tests {
		var sets []asn1.RawValue
		if rest, err := asn1.Unmarshal(tt.subject.RDNSequence(), &sets); err != nil || len(rest) > 0 {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		var got []attribute
		for _, set := range sets {
			var a struct {
				Type  asn1.ObjectIdentifier
				Value asn1.RawValue
			}
			if rest, err := asn1.Unmarshal(set.Bytes, &a); err != nil || len(rest) > 0 || set.Tag != asn1.TagSet {
				t.Errorf("%s: %v", tt.name, err)
			}
			got = append(got, attribute{a.Type.String(), a.Value.Tag, string(a.Value.Bytes)})
		}
		if !equal(got, tt.want) {
			t.Errorf("%s: %v", tt.name, got)
		}
		var read pkix.RDNSequence
		if _, err := asn1.Unmarshal(tt.subject.RDNSequence(), &read); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	ca := newAuthority(t, pkitest.ECKey(t))
	c := ca.issue(t, dated(issue.Template(issue.Head, tests[1].subject, where), 7), pkitest.ECKey(t).Public())
	if pki.SubjectIIN(c) != tests[1].subject.IIN || pki.SubjectBIN(c) != tests[1].subject.BIN {
		t.Error("the numbers of a subject are not read back")
	}
}

func TestRevocationList(t *testing.T) {
	t.Parallel()
	entries := []x509.RevocationListEntry{{SerialNumber: big.NewInt(7), RevocationTime: noon.Add(-time.Hour), ReasonCode: 1}}
	for family, key := range pkitest.Keys(t) {
		t.Run(family, func(t *testing.T) {
			t.Parallel()
			ca := newAuthority(t, key)
			for _, extra := range [][]pkix.Extension{nil, {issue.DeltaOf(big.NewInt(41))}} {
				l, err := issue.RevocationList(&x509.RevocationList{
					Number: big.NewInt(42), ThisUpdate: noon, NextUpdate: noon.Add(time.Hour), RevokedCertificateEntries: entries, ExtraExtensions: extra,
				}, ca.certificate, ca.key)
				if err != nil {
					t.Fatal(err)
				}
				s, err := pki.ParseSigned(l.Raw)
				if err != nil {
					t.Fatal(err)
				}
				if err := s.Check(ca.key.Public()); err != nil {
					t.Error(err)
				}
				if known(family) && l.CheckSignatureFrom(ca.certificate) != nil {
					t.Error("crypto/x509 refuses it")
				}
				if len(l.RevokedCertificateEntries) != 1 || l.Number.Int64() != 42 || !bytes.Equal(l.AuthorityKeyId, ca.certificate.SubjectKeyId) {
					t.Errorf("%+v", l)
				}
				text := openssl(t, map[string][]byte{"l.der": l.Raw}, "crl", "-inform", "der", "-in", "l.der", "-noout", "-text")
				if delta := strings.Contains(text, "Delta CRL Indicator: critical"); delta != (extra != nil) {
					t.Errorf("a delta list: %v\n%s", delta, text)
				}
			}
		})
	}
}

// TestOpenSSLAcceptsList is a second opinion.
func TestOpenSSLAcceptsList(t *testing.T) {
	t.Parallel()
	for family, key := range pkitest.Keys(t) {
		if !known(family) {
			continue
		}
		ca := newAuthority(t, key)
		l, err := issue.RevocationList(&x509.RevocationList{Number: big.NewInt(1), ThisUpdate: noon, NextUpdate: noon.Add(time.Hour)}, ca.certificate, ca.key)
		if err != nil {
			t.Fatal(err)
		}
		files := map[string][]byte{
			"ca.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.certificate.Raw}),
			"l.pem":  pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: l.Raw}),
		}
		if out := openssl(t, files, "crl", "-in", "l.pem", "-CAfile", "ca.pem", "-noout", "-verify"); !strings.Contains(out, "verify OK") {
			t.Errorf("%s: %s", family, out)
		}
	}
}
