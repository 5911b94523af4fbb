package pki_test

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
)

// crl makes a revocation list from a template.
func crl(t *testing.T, ca *pkitest.Authority, l x509.RevocationList) *x509.RevocationList {
	t.Helper()
	l.Number = big.NewInt(1)
	if l.ThisUpdate.IsZero() {
		l.ThisUpdate, l.NextUpdate = pkitest.Now().Add(-time.Hour), pkitest.Now().Add(time.Hour)
	}
	der, err := x509.CreateRevocationList(rand.Reader, &l, ca.Certificate, ca.Key)
	if err != nil {
		t.Fatal(err)
	}
	out, err := x509.ParseRevocationList(der)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func entries(at time.Time, reason int, revoked ...*x509.Certificate) (out []x509.RevocationListEntry) {
	for _, c := range revoked {
		out = append(out, x509.RevocationListEntry{SerialNumber: c.SerialNumber, RevocationTime: at, ReasonCode: reason})
	}
	return out
}

// delta marks a list as holding only what changed since list number 1.
func delta(l x509.RevocationList) x509.RevocationList {
	l.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 27}, Critical: true, Value: []byte{2, 1, 1}}}
	return l
}

// authoritiesOnly marks a list as holding authorities only.
func authoritiesOnly(l x509.RevocationList) x509.RevocationList {
	l.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true, Value: []byte{0x30, 3, 0x82, 1, 0xff}}}
	return l
}

func TestT5Revocation(t *testing.T) {
	t.Parallel()
	root := pkitest.NewAuthority(t, "Root")
	mid := sub(t, root, "Mid")
	system := leaf(t, mid, "System")
	now, hour := pkitest.Now(), time.Hour
	forged := pkitest.NewAuthority(t, "Mid")
	noCRLKey := pkitest.ECKey(t)
	noCRL := &pkitest.Authority{Key: noCRLKey, Certificate: root.Issue(t, "No cRLSign", noCRLKey.Public(), func(c *x509.Certificate) {
		c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageDigitalSignature
	})}
	rootList := crl(t, root, x509.RevocationList{})
	type list = x509.RevocationList
	for _, tt := range []struct {
		name       string
		cert       *x509.Certificate
		lists      []*list
		soft, hard pki.Reason
	}{
		{"no lists", system, nil, "", pki.ReasonNoRevocation},
		{"fresh lists", system, []*list{rootList, crl(t, mid, list{})}, "", ""},
		{"no list of the authority between", system, []*list{rootList}, "", pki.ReasonNoRevocation},
		{"no list of the root", system, []*list{crl(t, mid, list{})}, "", pki.ReasonNoRevocation},
		{"revoked", system, []*list{rootList, crl(t, mid, list{RevokedCertificateEntries: entries(now.Add(-hour), 0, system)})}, pki.ReasonRevoked, pki.ReasonRevoked},
		{"revoked this very moment", system, []*list{rootList, crl(t, mid, list{RevokedCertificateEntries: entries(now, 0, system)})}, pki.ReasonRevoked, pki.ReasonRevoked},
		{"revoked a second later", system, []*list{rootList, crl(t, mid, list{RevokedCertificateEntries: entries(now.Add(time.Second), 0, system)})}, "", ""},
		{"on hold", system, []*list{rootList, crl(t, mid, list{RevokedCertificateEntries: entries(now.Add(-hour), 6, system)})}, pki.ReasonRevoked, pki.ReasonRevoked},
		{"named by a stale list", system, []*list{rootList, crl(t, mid, list{ThisUpdate: now.Add(-9 * hour), NextUpdate: now.Add(-8 * hour), RevokedCertificateEntries: entries(now.Add(-9*hour), 0, system)})}, pki.ReasonRevoked, pki.ReasonRevoked},
		{"stale list", system, []*list{rootList, crl(t, mid, list{ThisUpdate: now.Add(-9 * hour), NextUpdate: now.Add(-time.Second)})}, "", pki.ReasonNoRevocation},
		{"list that ends now", system, []*list{rootList, crl(t, mid, list{ThisUpdate: now.Add(-hour), NextUpdate: now})}, "", ""},
		{"list that starts now", system, []*list{rootList, crl(t, mid, list{ThisUpdate: now, NextUpdate: now.Add(hour)})}, "", ""},
		{"list of tomorrow", system, []*list{rootList, crl(t, mid, list{ThisUpdate: now.Add(time.Second), NextUpdate: now.Add(hour)})}, "", pki.ReasonNoRevocation},
		{"stale list beside a fresh one", system, []*list{rootList, crl(t, mid, list{ThisUpdate: now.Add(-9 * hour), NextUpdate: now.Add(-8 * hour)}), crl(t, mid, list{})}, "", ""},
		{"fresh list beside a stale one that names it", system, []*list{rootList, crl(t, mid, list{}), crl(t, mid, list{ThisUpdate: now.Add(-9 * hour), NextUpdate: now.Add(-8 * hour), RevokedCertificateEntries: entries(now.Add(-9*hour), 0, system)})}, pki.ReasonRevoked, pki.ReasonRevoked},
		{"authority between is revoked", system, []*list{crl(t, root, list{RevokedCertificateEntries: entries(now.Add(-hour), 0, mid.Certificate)}), crl(t, mid, list{})}, pki.ReasonRevoked, pki.ReasonRevoked},
		{"same serial number at another issuer", system, []*list{crl(t, root, list{RevokedCertificateEntries: entries(now.Add(-hour), 0, system)}), crl(t, mid, list{})}, "", ""},
		{"forged list that names it", system, []*list{rootList, crl(t, forged, list{RevokedCertificateEntries: entries(now.Add(-hour), 0, system)})}, "", pki.ReasonNoRevocation},
		{"forged list that clears it", system, []*list{rootList, crl(t, forged, list{})}, "", pki.ReasonNoRevocation},
		{"list of an issuer who may not sign lists", leaf(t, noCRL, "L"), []*list{rootList}, "", pki.ReasonNoRevocation},
		{"changes alone prove no silence", system, []*list{rootList, crl(t, mid, delta(list{}))}, "", pki.ReasonNoRevocation},
		{"changes beside a stale list prove none either", system, []*list{rootList, crl(t, mid, delta(list{})), crl(t, mid, list{ThisUpdate: now.Add(-9 * hour), NextUpdate: now.Add(-8 * hour)})}, "", pki.ReasonNoRevocation},
		{"named by the changes", system, []*list{rootList, crl(t, mid, list{}), crl(t, mid, delta(list{RevokedCertificateEntries: entries(now.Add(-hour), 0, system)}))}, pki.ReasonRevoked, pki.ReasonRevoked},
		{"taken off the list by the changes", system, []*list{rootList, crl(t, mid, list{}), crl(t, mid, delta(list{RevokedCertificateEntries: entries(now.Add(-hour), 8, system)}))}, "", ""},
		{"list of authorities only", system, []*list{rootList, crl(t, mid, authoritiesOnly(list{}))}, "", pki.ReasonNoRevocation},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := pki.Options{Roots: certs(root.Certificate), Intermediates: certs(mid.Certificate, noCRL.Certificate), CRLs: tt.lists}
			for mode, want := range map[pki.Revocation]pki.Reason{pki.RevocationOff: "", pki.RevocationSoft: tt.soft, pki.RevocationHard: tt.hard} {
				o.Revocation = mode
				expect(t, pki.NewStore(o), carried(tt.cert), now, want)
			}
		})
	}
}

// TestRevocationSeesTheClock: one store answers differently as time goes by,
// although it remembers the chain.
func TestRevocationSeesTheClock(t *testing.T) {
	t.Parallel()
	root := pkitest.NewAuthority(t, "Root")
	system := leaf(t, root, "System")
	now := pkitest.Now()
	s := pki.NewStore(pki.Options{
		Roots: certs(root.Certificate), Revocation: pki.RevocationHard,
		CRLs: []*x509.RevocationList{crl(t, root, x509.RevocationList{
			ThisUpdate: now, NextUpdate: now.Add(4 * time.Hour),
			RevokedCertificateEntries: entries(now.Add(2*time.Hour), 0, system),
		})},
	})
	expect(t, s, carried(system), now.Add(-time.Hour), pki.ReasonNoRevocation)
	expect(t, s, carried(system), now.Add(time.Hour), "")
	expect(t, s, carried(system), now.Add(3*time.Hour), pki.ReasonRevoked)
	expect(t, s, carried(system), now.Add(5*time.Hour), pki.ReasonRevoked)
}
