package revocation_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/crl"
	"github.com/kopir-kz/kopir/gateway/pki/revocation"
)

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
	type list = x509.RevocationList
	rootList := root.List(t, list{})
	for _, tt := range []struct {
		name       string
		cert       *x509.Certificate
		lists      []*crl.List
		soft, hard pki.Reason
	}{
		{"no lists", system, nil, "", pki.ReasonNoRevocation},
		{"fresh lists", system, []*crl.List{rootList, mid.List(t, list{})}, "", ""},
		{"no list of the authority between", system, []*crl.List{rootList}, "", pki.ReasonNoRevocation},
		{"no list of the root", system, []*crl.List{mid.List(t, list{})}, "", pki.ReasonNoRevocation},
		{"revoked", system, []*crl.List{rootList, mid.List(t, list{RevokedCertificateEntries: pkitest.Entries(now.Add(-hour), 0, system)})}, pki.ReasonRevoked, pki.ReasonRevoked},
		{"revoked this very moment", system, []*crl.List{rootList, mid.List(t, list{RevokedCertificateEntries: pkitest.Entries(now, 0, system)})}, pki.ReasonRevoked, pki.ReasonRevoked},
		{"revoked a second later", system, []*crl.List{rootList, mid.List(t, list{RevokedCertificateEntries: pkitest.Entries(now.Add(time.Second), 0, system)})}, "", ""},
		{"on hold", system, []*crl.List{rootList, mid.List(t, list{RevokedCertificateEntries: pkitest.Entries(now.Add(-hour), 6, system)})}, pki.ReasonRevoked, pki.ReasonRevoked},
		{"named by a stale list", system, []*crl.List{rootList, mid.List(t, list{ThisUpdate: now.Add(-9 * hour), NextUpdate: now.Add(-8 * hour), RevokedCertificateEntries: pkitest.Entries(now.Add(-9*hour), 0, system)})}, pki.ReasonRevoked, pki.ReasonRevoked},
		{"stale list", system, []*crl.List{rootList, mid.List(t, list{ThisUpdate: now.Add(-9 * hour), NextUpdate: now.Add(-time.Second)})}, "", pki.ReasonNoRevocation},
		{"list that ends now", system, []*crl.List{rootList, mid.List(t, list{ThisUpdate: now.Add(-hour), NextUpdate: now})}, "", ""},
		{"list that starts now", system, []*crl.List{rootList, mid.List(t, list{ThisUpdate: now, NextUpdate: now.Add(hour)})}, "", ""},
		{"list of tomorrow", system, []*crl.List{rootList, mid.List(t, list{ThisUpdate: now.Add(time.Second), NextUpdate: now.Add(hour)})}, "", pki.ReasonNoRevocation},
		{"stale list beside a fresh one", system, []*crl.List{rootList, mid.List(t, list{ThisUpdate: now.Add(-9 * hour), NextUpdate: now.Add(-8 * hour)}), mid.List(t, list{})}, "", ""},
		{"fresh list beside a stale one that names it", system, []*crl.List{rootList, mid.List(t, list{}), mid.List(t, list{ThisUpdate: now.Add(-9 * hour), NextUpdate: now.Add(-8 * hour), RevokedCertificateEntries: pkitest.Entries(now.Add(-9*hour), 0, system)})}, pki.ReasonRevoked, pki.ReasonRevoked},
		{"authority between is revoked", system, []*crl.List{root.List(t, list{RevokedCertificateEntries: pkitest.Entries(now.Add(-hour), 0, mid.Certificate)}), mid.List(t, list{})}, pki.ReasonRevoked, pki.ReasonRevoked},
		{"same serial number at another issuer", system, []*crl.List{root.List(t, list{RevokedCertificateEntries: pkitest.Entries(now.Add(-hour), 0, system)}), mid.List(t, list{})}, "", ""},
		{"forged list that names it", system, []*crl.List{rootList, forged.List(t, list{RevokedCertificateEntries: pkitest.Entries(now.Add(-hour), 0, system)})}, "", pki.ReasonNoRevocation},
		{"forged list that clears it", system, []*crl.List{rootList, forged.List(t, list{})}, "", pki.ReasonNoRevocation},
		{"list of an issuer who may not sign lists", leaf(t, noCRL, "L"), []*crl.List{rootList}, "", pki.ReasonNoRevocation},
		{"changes alone prove no silence", system, []*crl.List{rootList, mid.List(t, pkitest.Delta(1, list{}))}, "", pki.ReasonNoRevocation},
		{"changes beside a stale list prove none either", system, []*crl.List{rootList, mid.List(t, pkitest.Delta(1, list{})), mid.List(t, list{ThisUpdate: now.Add(-9 * hour), NextUpdate: now.Add(-8 * hour)})}, "", pki.ReasonNoRevocation},
		{"named by the changes", system, []*crl.List{rootList, mid.List(t, list{}), mid.List(t, pkitest.Delta(1, list{RevokedCertificateEntries: pkitest.Entries(now.Add(-hour), 0, system)}))}, pki.ReasonRevoked, pki.ReasonRevoked},
		{"taken off the list by the changes", system, []*crl.List{rootList, mid.List(t, list{}), mid.List(t, pkitest.Delta(1, list{RevokedCertificateEntries: pkitest.Entries(now.Add(-hour), 8, system)}))}, "", ""},
		{"list of authorities only", system, []*crl.List{rootList, mid.List(t, authoritiesOnly(list{}))}, "", pki.ReasonNoRevocation},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := pki.Options{Roots: certs(root.Certificate), Intermediates: certs(mid.Certificate, noCRL.Certificate)}
			o.Revoker = revocation.NewLists(append(o.Roots, o.Intermediates...), tt.lists...)
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
		Revoker: revocation.NewLists(certs(root.Certificate), root.List(t, x509.RevocationList{
			ThisUpdate: now, NextUpdate: now.Add(4 * time.Hour),
			RevokedCertificateEntries: pkitest.Entries(now.Add(2*time.Hour), 0, system),
		})),
	})
	expect(t, s, carried(system), now.Add(-time.Hour), pki.ReasonNoRevocation)
	expect(t, s, carried(system), now.Add(time.Hour), "")
	expect(t, s, carried(system), now.Add(3*time.Hour), pki.ReasonRevoked)
	expect(t, s, carried(system), now.Add(5*time.Hour), pki.ReasonRevoked)
}
