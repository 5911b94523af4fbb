// Package pkitest makes throw-away certificates for tests.
package pkitest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/issue"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
)

// Authority is a certification authority with a key of its own.
type Authority struct {
	Certificate *x509.Certificate
	Key         crypto.Signer
	serial      atomic.Int64 // the last one given; tests that run in parallel share an authority
}

// Now lies inside the validity of everything the package makes by default.
func Now() time.Time { return time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC) }

// NewAuthority makes a self-signed root with an ECDSA key.
func NewAuthority(t testing.TB, name string) *Authority { return NewAuthorityWith(t, name, ECKey(t)) }

// NewAuthorityWith makes a self-signed root with a key of any family.
func NewAuthorityWith(t testing.TB, name string, key crypto.Signer) *Authority {
	t.Helper()
	a := &Authority{Key: key}
	a.Certificate = a.create(t, name, key.Public(), nil, authority)
	return a
}

func authority(c *x509.Certificate) {
	c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
}

// Sub makes an intermediate authority.
func (a *Authority) Sub(t testing.TB, name string) *Authority {
	t.Helper()
	key := ECKey(t)
	return &Authority{Key: key, Certificate: a.create(t, name, key.Public(), a.Certificate, authority)}
}

// Issue certifies a key for signing; change may alter the template.
func (a *Authority) Issue(t testing.TB, name string, pub crypto.PublicKey, change ...func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	return a.create(t, name, pub, a.Certificate, change...)
}

func (a *Authority) create(t testing.TB, name string, pub crypto.PublicKey, parent *x509.Certificate, change ...func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	c := &x509.Certificate{
		SerialNumber:          big.NewInt(a.serial.Add(1)),
		Subject:               pkix.Name{CommonName: name, Country: []string{"KZ"}, OrganizationalUnit: []string{"TEST"}},
		NotBefore:             Now().AddDate(-1, 0, 0),
		NotAfter:              Now().AddDate(1, 0, 0),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
		BasicConstraintsValid: true,
	}
	for _, f := range change {
		f(c)
	}
	if parent == nil {
		parent = c
	}
	out, err := issue.Certificate(c, parent, pub, a.Key)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Revoke makes a revocation list that names the certificates.
func (a *Authority) Revoke(t testing.TB, from, to time.Time, certs ...*x509.Certificate) *x509.RevocationList {
	t.Helper()
	l := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: from, NextUpdate: to}
	for _, c := range certs {
		l.RevokedCertificateEntries = append(l.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: c.SerialNumber, RevocationTime: from})
	}
	out, err := issue.RevocationList(l, a.Certificate, a.Key)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Store trusts the authority and what else is given.
func (a *Authority) Store(known ...*x509.Certificate) *pki.Store {
	return pki.NewStore(pki.Options{Roots: []*x509.Certificate{a.Certificate}, Known: known})
}

// Signer makes a Signer of a key with a certificate of the authority.
func (a *Authority) Signer(t testing.TB, name string, key crypto.Signer, change ...func(*x509.Certificate)) xmldsig.Signer {
	t.Helper()
	s, err := xmldsig.NewSigner(key, a.Issue(t, name, key.Public(), change...).Raw)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Keys makes a key of each family that signs.
func Keys(t testing.TB) map[string]crypto.Signer {
	t.Helper()
	return map[string]crypto.Signer{
		"rsa":      RSAKey(t, 2048),
		"ecdsa":    ECKey(t),
		"gost2004": GOSTKey(t, gost3410.CryptoProA()),
		"gost2015": GOSTKey(t, gost3410.TC26A512()),
	}
}

// GOSTKey makes a key of a national algorithm.
func GOSTKey(t testing.TB, c *gost3410.Curve) *gost3410.PrivateKey {
	t.Helper()
	k, err := gost3410.GenerateKey(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// ECKey makes a P-256 key.
func ECKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// RSAKey makes an RSA key.
func RSAKey(t testing.TB, bits int) *rsa.PrivateKey {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return k
}
