package pki

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410"
)

// ParseCertificate reads a certificate of any supported family. It is
// x509.ParseCertificate, and PublicKey is filled in also where the key is of a
// national algorithm, which crypto/x509 leaves empty. What crypto/x509 passes over
// behind the signature is refused: nobody has signed it, so that anybody could
// make as many spellings of a certificate as he likes.
func ParseCertificate(der []byte) (*x509.Certificate, error) {
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	if s, err := ParseSigned(der); err != nil || len(s.Rest) > 0 {
		return nil, errors.New("the certificate does not end with its signature")
	}
	if c.PublicKey == nil {
		if c.PublicKey, err = ParsePublicKey(c.RawSubjectPublicKeyInfo); err != nil {
			return nil, fmt.Errorf("the certificate's key: %w", err)
		}
	}
	return c, nil
}

// ParsePublicKey reads a SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7). A key
// of a kind that is not supported gives nil and no error: a certificate with
// such a key can be looked at, but nothing signed with it is accepted. A key of
// a national algorithm that deviates from the algorithm's form gives a *KeyError.
func ParsePublicKey(spki []byte) (crypto.PublicKey, error) {
	if pub, found, err := parseNational(spki); found {
		return pub, err
	}
	pub, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		return nil, nil //nolint:nilerr,nilnil // see above
	}
	return pub, nil
}

// MarshalPublicKey encodes a key of any supported family as a
// SubjectPublicKeyInfo.
func MarshalPublicKey(pub crypto.PublicKey) ([]byte, error) {
	if k, ok := pub.(*gost3410.PublicKey); ok {
		return marshalNational(k)
	}
	return x509.MarshalPKIXPublicKey(pub)
}

// CheckIssued checks that the issuer's key signed a certificate; for the error
// see CheckSignature.
func CheckIssued(c, issuer *x509.Certificate) error {
	s, err := ParseSigned(c.Raw)
	if err != nil {
		return err
	}
	return s.Check(issuer.PublicKey)
}
