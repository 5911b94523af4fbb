package pki_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
)

// TestHints: what a message says selects, and never more than configuration
// lets it.
func TestHints(t *testing.T) {
	t.Parallel()
	root := pkitest.NewAuthority(t, "Root")
	a, b := leaf(t, root, "System A"), leaf(t, root, "System B")
	stranger := leaf(t, pkitest.NewAuthority(t, "Root"), "System A")
	withID := leaf(t, root, "System C", func(c *x509.Certificate) { c.SubjectKeyId = []byte{1, 2, 3} })
	s := root.Store(a, b, withID)
	with := func(h pki.Hint, f func(*pki.Hint)) pki.Hint { f(&h); return h }
	for _, tt := range []struct {
		name string
		h    pki.Hint
		want pki.Reason
		cert *x509.Certificate
	}{
		{"nothing", pki.Hint{}, pki.ReasonNoHint, nil},
		{"issuer without a serial number", pki.Hint{IssuerName: a.Issuer.String()}, pki.ReasonNoHint, nil},
		{"not a certificate", pki.Hint{Certificates: [][]byte{[]byte("0\x03no")}}, pki.ReasonMalformed, nil},
		{"empty", pki.Hint{Certificates: [][]byte{{}}}, pki.ReasonMalformed, nil},
		{"certificate with a byte behind", pki.Hint{Certificates: [][]byte{append([]byte(nil), append(a.Raw, 0)...)}}, pki.ReasonMalformed, nil},
		{"issuer and serial number", named(a), "", a},
		{"other system", named(b), "", b},
		{"unknown serial number", with(named(a), func(h *pki.Hint) { h.Serial = big.NewInt(999) }), pki.ReasonUnknown, nil},
		{"negative serial number", with(named(a), func(h *pki.Hint) { h.Serial = new(big.Int).Neg(a.SerialNumber) }), pki.ReasonUnknown, nil},
		{"known serial number of another issuer", with(named(a), func(h *pki.Hint) { h.IssuerName = "CN=Other,OU=TEST,C=KZ" }), pki.ReasonUnknown, nil},
		{"issuer's name in part", with(named(a), func(h *pki.Hint) { h.IssuerName = "CN=Root,C=KZ" }), pki.ReasonUnknown, nil},
		{"issuer's name and more", with(named(a), func(h *pki.Hint) { h.IssuerName += ",L=Astana" }), pki.ReasonUnknown, nil},
		{"issuer's name is none", with(named(a), func(h *pki.Hint) { h.IssuerName = "Root" }), pki.ReasonUnknown, nil},
		{"issuer's name is empty", with(named(a), func(h *pki.Hint) { h.IssuerName = "" }), pki.ReasonUnknown, nil},
		{"key identifier", pki.Hint{KeyID: []byte{1, 2, 3}}, "", withID},
		{"unknown key identifier", pki.Hint{KeyID: []byte{1, 2}}, pki.ReasonUnknown, nil},
		{"key identifier that would match its absence", pki.Hint{KeyID: []byte{}, Serial: a.SerialNumber, IssuerName: a.Issuer.String()}, "", a},
		{"subject", pki.Hint{SubjectName: b.Subject.String()}, "", b},
		{"unknown subject", pki.Hint{SubjectName: "CN=System D,OU=TEST,C=KZ"}, pki.ReasonUnknown, nil},
		{"all three agree", with(named(withID), func(h *pki.Hint) { h.KeyID, h.SubjectName = withID.SubjectKeyId, withID.Subject.String() }), "", withID},
		{"subject contradicts serial number", with(named(a), func(h *pki.Hint) { h.SubjectName = b.Subject.String() }), pki.ReasonUnknown, nil},
		{"certificate", carried(a), "", a},
		{"certificate and its own issuer and serial number", with(named(a), func(h *pki.Hint) { h.Certificates = [][]byte{a.Raw} }), "", a},
		{"certificate and another's serial number", with(named(b), func(h *pki.Hint) { h.Certificates = [][]byte{a.Raw} }), pki.ReasonAmbiguous, nil},
		{"stranger's certificate under a known name", carried(stranger), pki.ReasonNoChain, nil},
		{"stranger's certificate with a known serial number", with(named(a), func(h *pki.Hint) { h.Certificates = [][]byte{stranger.Raw} }), pki.ReasonNoChain, nil},
		{"with its issuer", carried(a, root.Certificate), "", a},
		{"behind its issuer", carried(root.Certificate, a), "", a},
		{"two systems", carried(a, b), pki.ReasonAmbiguous, nil},
		{"one system twice", carried(a, a), "", a},
		{"one of them is no certificate", pki.Hint{Certificates: [][]byte{a.Raw, []byte("x")}}, pki.ReasonMalformed, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := expect(t, s, tt.h, pkitest.Now(), tt.want)
			if c != nil && !c.Equal(tt.cert) {
				t.Errorf("resolved to %s", pki.Describe(c.Certificate))
			}
		})
	}
}

// TestCertificatesThatIssueEachOther: none of them is the signer's.
func TestCertificatesThatIssueEachOther(t *testing.T) {
	t.Parallel()
	a, b := pkitest.NewAuthority(t, "A"), pkitest.NewAuthority(t, "B")
	ab, ba := a.Issue(t, "B", public(b.Key)), b.Issue(t, "A", public(a.Key))
	expect(t, a.Store(), carried(ab, ba), pkitest.Now(), pki.ReasonAmbiguous)
}

// TestWithoutRootsOnlyTheKnown: an operator who configures no root pins the
// known certificates themselves.
func TestWithoutRootsOnlyTheKnown(t *testing.T) {
	t.Parallel()
	root := pkitest.NewAuthority(t, "Root")
	a, b := leaf(t, root, "System A"), leaf(t, root, "System B")
	s := pki.NewStore(pki.Options{Known: certs(a), Intermediates: certs(root.Certificate), Revocation: pki.RevocationHard})
	expect(t, s, named(a), pkitest.Now(), "")
	expect(t, s, carried(a), pkitest.Now(), "")
	expect(t, s, carried(a), a.NotAfter.Add(time.Second), pki.ReasonExpired)
	expect(t, s, carried(b), pkitest.Now(), pki.ReasonNoChain)
	expect(t, pki.NewStore(pki.Options{}), carried(a), pkitest.Now(), pki.ReasonNoChain)
}

// TestRotation: while a system changes its certificate both are configured, and
// messages name either in whatever spelling of the issuer their library has.
func TestRotation(t *testing.T) {
	t.Parallel()
	root := pkitest.NewAuthority(t, "ҰЛТТЫҚ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (TEST) 2026")
	now := pkitest.Now()
	former := leaf(t, root, "ШЭП", func(c *x509.Certificate) { c.NotAfter = now.Add(time.Hour) })
	next := leaf(t, root, "ШЭП", func(c *x509.Certificate) { c.NotBefore = now.Add(-time.Hour) })
	s := root.Store(former, next)
	spellings := []string{
		"CN=ҰЛТТЫҚ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (TEST) 2026,OU=TEST,C=KZ",
		"C=KZ, OU=TEST, CN=ҰЛТТЫҚ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (TEST) 2026",
		"c=kz;ou=test;cn=ұлттық  куәландырушы орталық (test) 2026",
		`OID.2.5.4.3="ҰЛТТЫҚ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ (TEST) 2026"+2.5.4.11=TEST,C=KZ`,
		root.Certificate.Subject.String(),
	}
	for _, issuer := range spellings {
		for _, tt := range []struct {
			cert *x509.Certificate
			at   time.Time
			want pki.Reason
		}{
			{former, now, ""},
			{next, now, ""},
			{former, now.Add(2 * time.Hour), pki.ReasonExpired},
			{next, now.Add(2 * time.Hour), ""},
			{next, now.Add(-2 * time.Hour), pki.ReasonNotYetValid},
			{former, now.Add(-2 * time.Hour), ""},
		} {
			c := expect(t, s, pki.Hint{IssuerName: issuer, Serial: tt.cert.SerialNumber}, tt.at, tt.want)
			if c != nil && !c.Equal(tt.cert) {
				t.Errorf("%s: the other certificate was taken", issuer)
			}
		}
	}
	t.Run("by subject, whichever holds", func(t *testing.T) {
		t.Parallel()
		for at, want := range map[time.Time]*x509.Certificate{now.Add(-2 * time.Hour): former, now.Add(2 * time.Hour): next} {
			if c := expect(t, s, pki.Hint{SubjectName: "C=KZ,OU=TEST,CN=ШЭП"}, at, ""); c != nil && !c.Equal(want) {
				t.Errorf("at %s the other certificate was taken", at)
			}
		}
	})
	t.Run("same name and number, two keys", func(t *testing.T) {
		t.Parallel()
		same := func(c *x509.Certificate) { c.SerialNumber = big.NewInt(77) }
		dead := leaf(t, root, "X", same, func(c *x509.Certificate) { c.NotAfter = now.Add(-time.Hour) })
		live := leaf(t, root, "X", same)
		for _, order := range [][]*x509.Certificate{certs(dead, live), certs(live, dead)} {
			if c := expect(t, root.Store(order...), named(live), now, ""); c != nil && !c.Equal(live) {
				t.Error("the expired certificate was taken")
			}
		}
	})
}

// TestUnknownSignerIsToldHowToFix: the most frequent question of operators.
func TestUnknownSignerIsToldHowToFix(t *testing.T) {
	t.Parallel()
	root := pkitest.NewAuthority(t, "Root")
	c := leaf(t, root, "System")
	_, err := root.Store().Resolve(context.Background(), named(c), pkitest.Now())
	for _, part := range []string{"CN=Root", fmt.Sprintf("serial number %x (hex)", c.SerialNumber), "trust store"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("the error lacks %q: %v", part, err)
		}
	}
}

// TestCacheIsBounded: neither strangers nor a flood of good certificates grow
// the memory of the store, and nobody is refused because it is full.
func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	root, stranger := pkitest.NewAuthority(t, "Root"), pkitest.NewAuthority(t, "Root")
	s := root.Store()
	key := pkitest.ECKey(t).Public()
	for i := range 50 {
		expect(t, s, carried(stranger.Issue(t, fmt.Sprint(i), key)), pkitest.Now(), pki.ReasonNoChain)
	}
	if n := s.Cached(); n != 0 {
		t.Errorf("%d strangers are remembered", n)
	}
	for i := range pki.MaxCached + 50 {
		c := root.Issue(t, fmt.Sprint(i), key)
		expect(t, s, carried(c), pkitest.Now(), "")
		expect(t, s, carried(c), c.NotAfter.Add(time.Second), pki.ReasonExpired)
	}
	if n := s.Cached(); n != pki.MaxCached {
		t.Errorf("%d certificates are remembered, at most %d should be", n, pki.MaxCached)
	}
}

// TestNamesAreRememberedWithinBounds: a stranger may name a known certificate
// in any number of spellings of any length.
func TestNamesAreRememberedWithinBounds(t *testing.T) {
	t.Parallel()
	root := pkitest.NewAuthority(t, "Root")
	c := leaf(t, root, "System")
	s := root.Store(c)
	h := named(c)
	h.IssuerName += strings.Repeat(" ", 1000)
	expect(t, s, h, pkitest.Now(), "")
	if n := s.CachedNames(); n != 0 {
		t.Errorf("a long spelling is remembered: %d", n)
	}
	for i := range pki.MaxCached + 50 {
		h.IssuerName = c.Issuer.String() + strings.Repeat(" ", i)
		expect(t, s, h, pkitest.Now(), "")
		expect(t, s, h, c.NotAfter.Add(time.Second), pki.ReasonExpired)
	}
	if n := s.CachedNames(); n == 0 || n > pki.MaxCached {
		t.Errorf("%d spellings are remembered", n)
	}
}

func TestStoreIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	root := pkitest.NewAuthority(t, "Root")
	var all []*x509.Certificate
	for i := range 20 {
		all = append(all, leaf(t, root, fmt.Sprint(i)))
	}
	s := root.Store(all...)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, c := range all {
				expect(t, s, carried(c), pkitest.Now(), "")
				expect(t, s, named(c), pkitest.Now(), "")
			}
		})
	}
	wg.Wait()
}
