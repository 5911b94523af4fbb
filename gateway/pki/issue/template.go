package issue

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Addresses say where a certificate's issuer can be asked about it. Empty ones
// are left out.
type Addresses struct {
	OCSP        string
	Certificate string // of the issuer
	CRL, Delta  string
}

// Kind is what a certificate is for.
type Kind uint8

// The kinds.
const (
	Authority     Kind = iota // signs certificates and lists
	System                    // an information system, as ШЭП and its peers sign with
	Individual                // a natural person
	Head                      // the first head of a legal entity
	OCSPResponder             // RFC 6960, section 4.2.2.2, with id-pkix-ocsp-nocheck
	TimeStamper               // RFC 3161, section 2.3
	kinds
)

// Key usages; x509.KeyUsageContentCommitment is nonRepudiation.
const (
	signs    = x509.KeyUsageDigitalSignature
	stands   = signs | x509.KeyUsageContentCommitment // for what it signs
	agrees   = stands | x509.KeyUsageKeyAgreement
	vouching = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
)

// usages has a row for every kind, as the national centre's certificates since
// 2022 have it.
//
//nolint:gochecknoglobals // a constant table
var usages = [kinds]struct {
	key   x509.KeyUsage
	ext   []x509.ExtKeyUsage
	roles []asn1.ObjectIdentifier
}{
	Authority:     {key: vouching},
	System:        {key: agrees, roles: []asn1.ObjectIdentifier{{1, 2, 398, 3, 3, 4, 1, 2}, {1, 2, 398, 3, 3, 4, 1, 2, 6}}},
	Individual:    {key: agrees, ext: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}, roles: []asn1.ObjectIdentifier{{1, 2, 398, 3, 3, 4, 1, 1}}},
	Head:          {key: agrees, ext: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}, roles: []asn1.ObjectIdentifier{{1, 2, 398, 3, 3, 4, 1, 2}, {1, 2, 398, 3, 3, 4, 1, 2, 1}}},
	OCSPResponder: {key: signs, ext: []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}},
	TimeStamper:   {key: stands}, // its extended usage is critical and written by hand
}

// Object identifiers of extensions that crypto/x509 does not write, or not so.
//
//nolint:gochecknoglobals // constants
var (
	oidExtKeyUsage  = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidTimeStamping = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8}
	oidNoCheck      = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}
	oidFreshestCRL  = asn1.ObjectIdentifier{2, 5, 29, 46}
	oidDeltaOf      = asn1.ObjectIdentifier{2, 5, 29, 27}
)

// Template drafts a certificate; serial number and validity are the caller's
// to fill in.
func Template(k Kind, s Subject, at Addresses) *x509.Certificate {
	u := usages[k]
	c := &x509.Certificate{
		RawSubject:            s.RDNSequence(),
		KeyUsage:              u.key,
		ExtKeyUsage:           u.ext,
		UnknownExtKeyUsage:    u.roles,
		BasicConstraintsValid: k == Authority,
		IsCA:                  k == Authority,
		OCSPServer:            some(at.OCSP),
		IssuingCertificateURL: some(at.Certificate),
		CRLDistributionPoints: some(at.CRL),
	}
	if policy, err := x509.OIDFromInts([]uint64{1, 2, 398, 3, 3, 2}); err == nil {
		c.Policies = []x509.OID{policy}
	}
	switch k {
	case OCSPResponder:
		c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: oidNoCheck, Value: asn1.NullBytes})
	case TimeStamper:
		c.ExtraExtensions = append(c.ExtraExtensions, timeStamping())
	}
	if at.Delta != "" {
		c.ExtraExtensions = append(c.ExtraExtensions, freshest(at.Delta))
	}
	return c
}

func some(url string) []string {
	if url == "" {
		return nil
	}
	return []string{url}
}

// timeStamping is the extended key usage of a time-stamping authority: critical,
// and the only one (RFC 3161, section 2.3).
func timeStamping() pkix.Extension {
	b := cryptobyte.NewBuilder(nil)
	b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(oidTimeStamping) })
	return pkix.Extension{Id: oidExtKeyUsage, Critical: true, Value: b.BytesOrPanic()}
}

// freshest says where the delta list is (RFC 5280, sections 4.2.1.13 and
// 4.2.1.15): one DistributionPoint whose fullName is one URI.
func freshest(url string) pkix.Extension {
	inside := cryptobyte_asn1.Tag(0).ContextSpecific().Constructed()
	uri := cryptobyte_asn1.Tag(6).ContextSpecific()
	b := cryptobyte.NewBuilder(nil)
	b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(inside, func(b *cryptobyte.Builder) {
				b.AddASN1(inside, func(b *cryptobyte.Builder) {
					b.AddASN1(uri, func(b *cryptobyte.Builder) { b.AddBytes([]byte(url)) })
				})
			})
		})
	})
	return pkix.Extension{Id: oidFreshestCRL, Value: b.BytesOrPanic()}
}

// DeltaOf makes a revocation list the delta to the base list of a number (RFC
// 5280, section 5.2.4).
func DeltaOf(base *big.Int) pkix.Extension {
	b := cryptobyte.NewBuilder(nil)
	b.AddASN1BigInt(base)
	return pkix.Extension{Id: oidDeltaOf, Critical: true, Value: b.BytesOrPanic()}
}
