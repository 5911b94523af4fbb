package pki_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
)

func TestChains(t *testing.T) {
	t.Parallel()
	root := pkitest.NewAuthority(t, "Root")
	stranger := pkitest.NewAuthority(t, "Root") // same name, other key
	mid := sub(t, root, "Mid")
	low := sub(t, mid, "Low")
	noCA := sub(t, root, "No CA", func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = false, true })
	noConstraints := sub(t, root, "No constraints", func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = false, false })
	noSign := sub(t, root, "No certSign", func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCRLSign })
	systemKey := pkitest.ECKey(t)
	system := root.Issue(t, "System", systemKey.Public()) // a leaf that issues
	leafIssuer := &pkitest.Authority{Certificate: system, Key: systemKey}
	zero := sub(t, root, "Zero", func(c *x509.Certificate) { c.MaxPathLenZero = true })
	one := sub(t, root, "One", func(c *x509.Certificate) { c.MaxPathLen = 1 })
	belowZero, belowOne := sub(t, zero, "Below zero"), sub(t, one, "Below one")
	deepBelowOne := sub(t, belowOne, "Deep below one")
	weakKey := pkitest.RSAKey(t, 1024)
	weak := &pkitest.Authority{Key: weakKey, Certificate: root.Issue(t, "Weak", weakKey.Public(), func(c *x509.Certificate) { c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign })}
	for _, tt := range []struct {
		name          string
		cert          *x509.Certificate
		intermediates []*x509.Certificate
		want          pki.Reason
	}{
		{"issued by the root", leaf(t, root, "L"), nil, ""},
		{"one authority between", leaf(t, mid, "L"), certs(mid.Certificate), ""},
		{"two authorities between", leaf(t, low, "L"), certs(low.Certificate, mid.Certificate), ""},
		{"authority between is not configured", leaf(t, mid, "L"), nil, pki.ReasonNoChain},
		{"one of two is not configured", leaf(t, low, "L"), certs(low.Certificate), pki.ReasonNoChain},
		{"other root of that name", leaf(t, stranger, "L"), certs(mid.Certificate), pki.ReasonNoChain},
		{"other root of that name, configured as an intermediate", leaf(t, stranger, "L"), certs(stranger.Certificate), pki.ReasonNoChain},
		{"self-signed", stranger.Certificate, nil, pki.ReasonNoChain},
		{"issued by a system", leaf(t, leafIssuer, "L"), certs(system), pki.ReasonNoChain},
		{"issuer is no CA", leaf(t, noCA, "L"), certs(noCA.Certificate), pki.ReasonNoChain},
		{"issuer says nothing about being a CA", leaf(t, noConstraints, "L"), certs(noConstraints.Certificate), pki.ReasonNoChain},
		{"issuer may not sign certificates", leaf(t, noSign, "L"), certs(noSign.Certificate), pki.ReasonNoChain},
		{"issuer has a short key", leaf(t, weak, "L"), certs(weak.Certificate), pki.ReasonNoChain},
		{"path length 0, no authority below", leaf(t, zero, "L"), certs(zero.Certificate), ""},
		{"path length 0, one authority below", leaf(t, belowZero, "L"), certs(belowZero.Certificate, zero.Certificate), pki.ReasonNoChain},
		{"path length 1, one authority below", leaf(t, belowOne, "L"), certs(belowOne.Certificate, one.Certificate), ""},
		{"path length 1, two authorities below", leaf(t, deepBelowOne, "L"), certs(deepBelowOne.Certificate, belowOne.Certificate, one.Certificate), pki.ReasonNoChain},
		{"no digitalSignature", leaf(t, root, "L", func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageContentCommitment }), nil, pki.ReasonKeyUsage},
		{"no keyUsage", leaf(t, root, "L", func(c *x509.Certificate) { c.KeyUsage = 0 }), nil, pki.ReasonKeyUsage},
		{"an authority signs the message", mid.Certificate, nil, pki.ReasonKeyUsage},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := pki.NewStore(pki.Options{Roots: certs(root.Certificate), Intermediates: tt.intermediates})
			c := expect(t, s, carried(tt.cert), pkitest.Now(), tt.want)
			if c == nil {
				return
			}
			if !c.Equal(tt.cert) || !c.Chain[0].Equal(tt.cert) || !c.Chain[len(c.Chain)-1].Equal(root.Certificate) || len(c.Chain) != 2+len(tt.intermediates) {
				t.Errorf("the chain has %d certificates", len(c.Chain))
			}
		})
	}
}

// TestT4MessageBringsNoAuthority: an authority that only the message brings is
// not used, or whoever signs could bring a path.
func TestT4MessageBringsNoAuthority(t *testing.T) {
	t.Parallel()
	root := pkitest.NewAuthority(t, "Root")
	mid := sub(t, root, "Mid")
	l := leaf(t, mid, "System")
	s := root.Store()
	expect(t, s, carried(l, mid.Certificate), pkitest.Now(), pki.ReasonNoChain)
	expect(t, s, carried(l, mid.Certificate, root.Certificate), pkitest.Now(), pki.ReasonNoChain)
}

func TestUnknownCriticalExtension(t *testing.T) {
	t.Parallel()
	critical := func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 398, 9, 9}, Critical: true, Value: []byte{5, 0}}}
	}
	ordinary := func(c *x509.Certificate) { critical(c); c.ExtraExtensions[0].Critical = false }
	root := pkitest.NewAuthority(t, "Root")
	mid := sub(t, root, "Mid", critical)
	s := pki.NewStore(pki.Options{Roots: certs(root.Certificate), Intermediates: certs(mid.Certificate)})
	expect(t, s, carried(leaf(t, root, "L", ordinary)), pkitest.Now(), "")
	expect(t, s, carried(leaf(t, root, "L", critical)), pkitest.Now(), pki.ReasonExtension)
	expect(t, s, carried(leaf(t, mid, "L")), pkitest.Now(), pki.ReasonExtension)
}

// TestPolicyConstraints: an authority below which only certificates of named
// policies hold (RFC 5280, section 4.2.1.11) is not used, as policies are not looked
// at; one that only forbids mappings of them may be.
func TestPolicyConstraints(t *testing.T) {
	t.Parallel()
	root := pkitest.NewAuthority(t, "Root")
	for value, want := range map[string]pki.Reason{
		"\x30\x03\x80\x01\x00": pki.ReasonExtension, // requireExplicitPolicy 0
		"\x30\x03\x80\x01\x01": pki.ReasonExtension,
		"\x30\x03\x81\x01\x00": "", // inhibitPolicyMapping
	} {
		mid := sub(t, root, "Mid", func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 36}, Critical: true, Value: []byte(value)}}
		})
		s := pki.NewStore(pki.Options{Roots: certs(root.Certificate), Intermediates: certs(mid.Certificate)})
		expect(t, s, carried(leaf(t, mid, "L")), pkitest.Now(), want)
	}
}

func TestChainLength(t *testing.T) {
	t.Parallel()
	root := pkitest.NewAuthority(t, "CA 0")
	last, between := root, certs()
	for i := 1; i <= 5; i++ {
		// A chain of six holds leaf, root and four authorities between.
		want := pki.Reason("")
		if i == 5 {
			want = pki.ReasonNoChain
		}
		last = sub(t, last, fmt.Sprintf("CA %d", i))
		between = append(between, last.Certificate)
		s := pki.NewStore(pki.Options{Roots: certs(root.Certificate), Intermediates: between})
		expect(t, s, carried(leaf(t, last, "L")), pkitest.Now(), want)
	}
}

// TestLoops: authorities that certify each other end nowhere, and quickly.
func TestLoops(t *testing.T) {
	t.Parallel()
	root := pkitest.NewAuthority(t, "Root")
	var ring []*pkitest.Authority
	for i := range 4 {
		ring = append(ring, pkitest.NewAuthority(t, fmt.Sprintf("Ring %d", i)))
	}
	// Every one certifies every other's key under its name.
	var between []*x509.Certificate
	for i, a := range ring {
		for j, b := range ring {
			if i != j {
				between = append(between, a.Issue(t, fmt.Sprintf("Ring %d", j), public(b.Key), func(c *x509.Certificate) { c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign }))
			}
		}
	}
	s := pki.NewStore(pki.Options{Roots: certs(root.Certificate), Intermediates: between})
	expect(t, s, carried(leaf(t, ring[0], "L")), pkitest.Now(), pki.ReasonNoChain)
}

// TestT5ValidityToTheSecond moves the clock across both ends, for each
// certificate of the chain.
func TestT5ValidityToTheSecond(t *testing.T) {
	t.Parallel()
	from, to := pkitest.Now().Add(-time.Hour), pkitest.Now().Add(time.Hour)
	short := func(c *x509.Certificate) { c.NotBefore, c.NotAfter = from, to }
	root := pkitest.NewAuthority(t, "Root")
	mid, shortMid := sub(t, root, "Mid"), sub(t, root, "Short", short)
	s := pki.NewStore(pki.Options{Roots: certs(root.Certificate), Intermediates: certs(mid.Certificate, shortMid.Certificate)})
	for name, c := range map[string]*x509.Certificate{"system": leaf(t, mid, "L", short), "authority": leaf(t, shortMid, "L")} {
		for _, tt := range []struct {
			name string
			at   time.Time
			want pki.Reason
		}{
			{"a second before the first moment", from.Add(-time.Second), pki.ReasonNotYetValid},
			{"first moment", from, ""},
			{"last moment", to, ""},
			{"a moment after the last", to.Add(time.Nanosecond), pki.ReasonExpired},
			{"last moment in another zone", to.In(time.FixedZone("+5", 5*3600)), ""},
		} {
			t.Run(name+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				expect(t, s, carried(c), tt.at, tt.want)
			})
		}
	}
	t.Run("root", func(t *testing.T) {
		t.Parallel()
		old := func(c *x509.Certificate) { c.NotAfter = pkitest.Now().AddDate(9, 0, 0) }
		c := leaf(t, root, "L", old)
		expect(t, root.Store(), carried(c), root.Certificate.NotAfter, "")
		expect(t, root.Store(), carried(c), root.Certificate.NotAfter.Add(time.Second), pki.ReasonExpired)
	})
}

// TestOneOfSeveralChainsIsEnough: an authority's certificate was renewed, the
// old one has expired.
func TestOneOfSeveralChainsIsEnough(t *testing.T) {
	t.Parallel()
	root := pkitest.NewAuthority(t, "Root")
	mid := sub(t, root, "Mid")
	expired := root.Issue(t, "Mid", public(mid.Key), func(c *x509.Certificate) {
		c.IsCA, c.KeyUsage, c.NotAfter = true, x509.KeyUsageCertSign, pkitest.Now().Add(-time.Hour)
	})
	l := leaf(t, mid, "L")
	for _, order := range [][]*x509.Certificate{certs(expired, mid.Certificate), certs(mid.Certificate, expired)} {
		s := pki.NewStore(pki.Options{Roots: certs(root.Certificate), Intermediates: order})
		expect(t, s, carried(l), pkitest.Now(), "")
	}
	s := pki.NewStore(pki.Options{Roots: certs(root.Certificate), Intermediates: certs(expired)})
	expect(t, s, carried(l), pkitest.Now(), pki.ReasonExpired)
}

func TestT3KeysTooShortOrUnknown(t *testing.T) {
	t.Parallel()
	root := pkitest.NewAuthority(t, "Root")
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p521, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	edwards, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		key  any
		want pki.Reason
	}{
		{"RSA 1024", pkitest.RSAKey(t, 1024).Public(), pki.ReasonWeakKey},
		{"RSA 2047", pkitest.RSAKey(t, 2047).Public(), pki.ReasonWeakKey},
		{"RSA 2048", pkitest.RSAKey(t, 2048).Public(), ""},
		{"P-224", p224.Public(), pki.ReasonWeakKey},
		{"P-256", pkitest.ECKey(t).Public(), ""},
		{"P-521", p521.Public(), ""},
		{"Ed25519", edwards, pki.ReasonKeyKind},
	} {
		t.Run(tt.name, func(t *testing.T) {
			expect(t, root.Store(), carried(root.Issue(t, tt.name, tt.key)), pkitest.Now(), tt.want)
		})
	}
}

// TestErrorsNameNoPerson: a certificate of a person carries name and IIN; the
// refusal names organisation, issuer and serial number instead.
func TestErrorsNameNoPerson(t *testing.T) {
	t.Parallel()
	root := pkitest.NewAuthority(t, "Root")
	person := leaf(t, root, "СЫНАҚБЕКОВ ТЕСТ", func(c *x509.Certificate) {
		c.Subject.SerialNumber, c.Subject.Organization = "IIN904315300120", []string{"ТОО СЫНАҚ-СЕРВИС"}
		c.Subject.ExtraNames = []pkix.AttributeTypeAndValue{{Type: asn1.ObjectIdentifier{2, 5, 4, 42}, Value: "ТЕСТҰЛЫ"}}
		c.NotAfter = pkitest.Now().Add(-time.Hour)
	})
	system := leaf(t, root, "СЫНАҚ ЖҮЙЕСІ", func(c *x509.Certificate) { c.NotAfter = pkitest.Now().Add(-time.Hour) })
	_, err := root.Store().Resolve(t.Context(), carried(person), pkitest.Now())
	if err == nil {
		t.Fatal("an expired certificate is trusted")
	}
	for _, secret := range []string{"904315300120", "СЫНАҚБЕКОВ", "ТЕСТҰЛЫ"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error names a person: %v", err)
		}
	}
	for _, part := range []string{"ТОО СЫНАҚ-СЕРВИС", "CN=Root", person.SerialNumber.String()} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error lacks %q: %v", part, err)
		}
	}
	_, err = root.Store().Resolve(t.Context(), pki.Hint{SubjectName: person.Subject.String()}, pkitest.Now())
	if err == nil || strings.Contains(err.Error(), "904315300120") || strings.Contains(err.Error(), "СЫНАҚБЕКОВ") {
		t.Errorf("the error names a person: %v", err)
	}
	own := &x509.Certificate{Subject: person.Subject, Issuer: person.Subject, SerialNumber: person.SerialNumber}
	if text := pki.Describe(own); strings.Contains(text, "904315300120") || strings.Contains(text, "СЫНАҚБЕКОВ") {
		t.Errorf("a person that is its own issuer is named: %s", text)
	}
	if text := pki.Describe(system); !strings.Contains(text, "СЫНАҚ ЖҮЙЕСІ") {
		t.Errorf("a system is not named: %s", text)
	}
}
