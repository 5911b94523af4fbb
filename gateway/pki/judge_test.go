package pki_test

import (
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
)

// TestExplain holds the check and the link that break, whatever else is wrong
// above them.
func TestExplain(t *testing.T) {
	t.Parallel()
	now := pkitest.Now()
	root, other := pkitest.NewAuthority(t, "Root"), pkitest.NewAuthority(t, "Root")
	mid := sub(t, root, "Mid")
	old := sub(t, root, "Old", func(c *x509.Certificate) { c.NotAfter = now.Add(-time.Hour) })
	noCA := sub(t, root, "No CA", func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = false, true })
	noSign := sub(t, root, "No certSign", func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCRLSign })
	zero := sub(t, root, "Zero", func(c *x509.Certificate) { c.MaxPathLenZero = true })
	below := sub(t, zero, "Below")
	odd := sub(t, root, "Odd", func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 398, 9, 9}, Critical: true, Value: []byte{5, 0}}}
	})
	bound := sub(t, root, "Bound", func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"kz"} })
	weakKey := pkitest.RSAKey(t, 1024)
	revoked := pki.Status{State: pki.StateRevoked, Since: now.Add(-time.Hour)}
	answers := told{"Mid": {pki.Status{State: pki.StateGood, Source: "crl"}, nil}, "Taken back": {revoked, nil}}
	for _, tt := range []struct {
		name  string
		cert  *x509.Certificate
		root  *x509.Certificate
		mids  []*x509.Certificate
		check pki.LinkCheck // "" is trusted
		link  int
		text  string
		chain int // length
	}{
		{"trusted", leaf(t, mid, "Mid"), root.Certificate, certs(mid.Certificate), "", 0, "", 3},
		{"issuer not configured", leaf(t, mid, "L"), root.Certificate, nil, pki.LinkIssuer, 0, "no certificate of its issuer", 1},
		{"root not configured", leaf(t, mid, "L"), leaf(t, mid, "R"), certs(mid.Certificate), pki.LinkIssuer, 1, "no certificate of its issuer", 2},
		{"root is another", leaf(t, mid, "L"), other.Certificate, certs(mid.Certificate), pki.LinkIssuer, 1, "did not issue it", 2},
		{"self-signed", other.Certificate, root.Certificate, nil, pki.LinkIssuer, 0, "did not issue it", 1},
		{"self-signed under a name of its own", pkitest.NewAuthority(t, "Own").Certificate, root.Certificate, nil, pki.LinkIssuer, 0, "names itself", 1},
		{"no authority", leaf(t, noCA, "L"), root.Certificate, certs(noCA.Certificate), pki.LinkIssuer, 0, "basicConstraints", 1},
		{"no keyCertSign", leaf(t, noSign, "L"), root.Certificate, certs(noSign.Certificate), pki.LinkIssuer, 0, "keyUsage", 1},
		{"path length", leaf(t, below, "L"), root.Certificate, certs(below.Certificate, zero.Certificate), pki.LinkIssuer, 1, "allows 0", 2},
		{"name constraints", leaf(t, bound, "L"), root.Certificate, certs(bound.Certificate), pki.LinkIssuer, 0, "constrained", 1},
		{"short key", root.Issue(t, "L", weakKey.Public()), root.Certificate, nil, pki.LinkKey, 0, "1024", 2},
		{"usage", leaf(t, root, "L", func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyAgreement }), root.Certificate, nil, pki.LinkUsage, 0, "digital signatures", 2},
		{"extension of the issuer", leaf(t, odd, "L"), root.Certificate, certs(odd.Certificate), pki.LinkExtensions, 1, "1.2.398.9.9", 3},
		{"expired issuer", leaf(t, old, "L"), root.Certificate, certs(old.Certificate), pki.LinkValidity, 1, "expired", 3},
		{"revoked", leaf(t, mid, "Taken back"), root.Certificate, certs(mid.Certificate), pki.LinkRevocation, 0, "revoked", 3},
		{"nobody knows", leaf(t, root, "L"), root.Certificate, nil, pki.LinkRevocation, 0, "does not know", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := pki.NewStore(pki.Options{Roots: certs(tt.root), Intermediates: tt.mids, Revocation: pki.RevocationHard, Revoker: answers})
			x := s.Explain(context.Background(), tt.cert, pki.UsageSign, now)
			if len(x.Chain) != tt.chain || !x.Chain[0].Equal(tt.cert) {
				t.Errorf("the chain has %d links", len(x.Chain))
			}
			if tt.check == "" {
				if x.Err != nil {
					t.Error(x.Err)
				}
				return
			}
			if x.Err == nil || x.Err.Link != tt.link || !strings.Contains(x.Err.Error(), tt.text) {
				t.Fatalf("got %v", x.Err)
			}
			for _, k := range x.Checks {
				if k.Err == x.Err && (k.Name != tt.check || k.Link != tt.link) {
					t.Errorf("check %s of link %d", k.Name, k.Link)
				}
			}
		})
	}
}

// TestExplainTellsEverything: a chain that holds has every check, by link.
func TestExplainTellsEverything(t *testing.T) {
	t.Parallel()
	root := pkitest.NewAuthority(t, "Root")
	mid := sub(t, root, "Mid")
	good := pki.Status{State: pki.StateGood, Source: "ocsp"}
	s := pki.NewStore(pki.Options{
		Roots: certs(root.Certificate), Intermediates: certs(mid.Certificate), Revocation: pki.RevocationHard,
		Revoker: told{"Mid": {good, nil}, "L": {good, nil}},
	})
	x := s.Explain(context.Background(), leaf(t, mid, "L"), pki.UsageSign, pkitest.Now())
	want := [][]pki.LinkCheck{
		{pki.LinkIssuer, pki.LinkKey, pki.LinkUsage, pki.LinkExtensions, pki.LinkValidity, pki.LinkRevocation},
		{pki.LinkAuthority, pki.LinkIssuer, pki.LinkExtensions, pki.LinkValidity, pki.LinkRevocation},
		{pki.LinkAuthority, pki.LinkExtensions, pki.LinkValidity, pki.LinkAnchor},
	}
	var got [3][]pki.LinkCheck
	for _, k := range x.Checks {
		got[k.Link] = append(got[k.Link], k.Name)
		if k.Err != nil || k.Name == pki.LinkRevocation && k.Status != good {
			t.Errorf("%s of link %d: %v, %v", k.Name, k.Link, k.Status, k.Err)
		}
	}
	for link := range want {
		if strings.Join(names(got[link]), " ") != strings.Join(names(want[link]), " ") {
			t.Errorf("link %d: %q", link, got[link])
		}
	}
}

func names(list []pki.LinkCheck) (out []string) {
	for _, n := range list {
		out = append(out, string(n))
	}
	return out
}

// TestUsages: which certificate is made for what.
func TestUsages(t *testing.T) {
	t.Parallel()
	root := pkitest.NewAuthority(t, "Root")
	critical := func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: []byte{0x30, 10, 6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 8}}}
	}
	all := []pki.Usage{pki.UsageSign, pki.UsageCRL, pki.UsageOCSP, pki.UsageTSA, pki.UsageAny}
	for _, tt := range []struct {
		name string
		cert *x509.Certificate
		fits string // usages
	}{
		{"system", leaf(t, root, "L"), "sign any"},
		{"authority", sub(t, root, "CA").Certificate, "crl any"},
		{"authority without lists", sub(t, root, "CA", func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCertSign }).Certificate, "any"},
		{"responder", leaf(t, root, "L", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning} }), "sign ocsp any"},
		{"responder that may not sign", leaf(t, root, "L", func(c *x509.Certificate) {
			c.KeyUsage, c.ExtKeyUsage = x509.KeyUsageKeyAgreement, []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
		}), "any"},
		{"time-stamping", leaf(t, root, "L", critical), "sign tsa any"},
		{"time-stamping, not critical", leaf(t, root, "L", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping} }), "sign any"},
		{"time-stamping and more", leaf(t, root, "L", func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping, x509.ExtKeyUsageOCSPSigning}
		}), "sign ocsp any"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var fits []string
			for _, u := range all {
				if x := root.Store().Explain(context.Background(), tt.cert, u, pkitest.Now()); x.Err == nil {
					fits = append(fits, string(u))
				} else if x.Err.Reason != pki.ReasonKeyUsage {
					t.Errorf("%s: %v", u, x.Err)
				}
			}
			if got := strings.Join(fits, " "); got != tt.fits {
				t.Errorf("fits %s, want %s", got, tt.fits)
			}
		})
	}
}

// TestExplainPinned: without roots a known certificate is its own anchor.
func TestExplainPinned(t *testing.T) {
	t.Parallel()
	root := pkitest.NewAuthority(t, "Root")
	l, stranger := leaf(t, root, "L"), leaf(t, root, "M")
	s := pki.NewStore(pki.Options{Known: certs(l)})
	if x := s.Explain(context.Background(), l, pki.UsageSign, pkitest.Now()); x.Err != nil || len(x.Chain) != 1 {
		t.Errorf("%v, %d links", x.Err, len(x.Chain))
	}
	if x := s.Explain(context.Background(), stranger, pki.UsageSign, pkitest.Now()); x.Err == nil || x.Err.Reason != pki.ReasonNoChain {
		t.Errorf("a stranger: %v", x.Err)
	}
}
