// Package issue does what a certification authority does: it signs
// certificates, revocation lists and OCSP answers with keys of every family
// that pki knows. The offline world and tests live on it; a gateway issues
// nothing.
//
// crypto/x509 knows how all this is encoded and nothing of the national
// algorithms. So it draws an outline with a throw-away key, and key, algorithm
// and signature of the outline are exchanged for the real ones.
package issue

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // makes key identifiers, where nothing depends on collisions
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/kopir-kz/kopir/gateway/pki"
)

// ErrIssuerKey is the refusal to sign for an issuer with a key that is not its.
var ErrIssuerKey = errors.New("the key is not that of the issuer's certificate")

// Certificate issues a certificate for a key. The template is used as by
// x509.CreateCertificate, save that the algorithm is always the one that goes
// with the issuer's key, and that without a SubjectKeyId it gets KeyID(pub), as
// the national centre does it. A template that is its own parent gives a
// self-signed certificate.
func Certificate(template, parent *x509.Certificate, pub crypto.PublicKey, key crypto.Signer) (*x509.Certificate, error) {
	issuerKey := parent.PublicKey
	if parent == template {
		issuerKey = pub
	}
	if issuerKey != nil && !pki.SameKey(issuerKey, key.Public()) {
		return nil, ErrIssuerKey
	}
	spki, err := pki.MarshalPublicKey(pub)
	if err != nil {
		return nil, err
	}
	standIn, err := newStandIn()
	if err != nil {
		return nil, err
	}
	issuer, drawn := *parent, *template
	issuer.PublicKey, drawn.SignatureAlgorithm = nil, x509.UnknownSignatureAlgorithm
	if len(drawn.SubjectKeyId) == 0 {
		if drawn.SubjectKeyId, err = KeyID(pub); err != nil {
			return nil, err
		}
	}
	if parent == template && len(drawn.AuthorityKeyId) == 0 {
		drawn.AuthorityKeyId = drawn.SubjectKeyId
	}
	outline, err := x509.CreateCertificate(rand.Reader, &drawn, &issuer, standIn.Public(), standIn)
	if err != nil {
		return nil, fmt.Errorf("drawing the certificate: %w", err)
	}
	// TBSCertificate = version serialNumber signature issuer validity subject
	// subjectPublicKeyInfo … (RFC 5280, section 4.1)
	der, err := finish(outline, key, 2, map[int][]byte{6: spki})
	if err != nil {
		return nil, err
	}
	return pki.ParseCertificate(der)
}

// RevocationList signs a revocation list. The template is used as by
// x509.CreateRevocationList, save for the algorithm, and the issuer must be
// allowed to sign lists and have a key identifier. With DeltaOf among the
// extra extensions it is a delta list.
func RevocationList(template *x509.RevocationList, issuer *x509.Certificate, key crypto.Signer) (*x509.RevocationList, error) {
	if issuer.PublicKey != nil && !pki.SameKey(issuer.PublicKey, key.Public()) {
		return nil, ErrIssuerKey
	}
	standIn, err := newStandIn()
	if err != nil {
		return nil, err
	}
	drawn := *template
	drawn.SignatureAlgorithm = x509.UnknownSignatureAlgorithm
	outline, err := x509.CreateRevocationList(rand.Reader, &drawn, issuer, standIn)
	if err != nil {
		return nil, fmt.Errorf("drawing the revocation list: %w", err)
	}
	// TBSCertList = version signature issuer … (RFC 5280, section 5.1)
	der, err := finish(outline, key, 1, nil)
	if err != nil {
		return nil, err
	}
	return x509.ParseRevocationList(der)
}

// KeyID is the key identifier of a public key: SHA-1 of its BIT STRING (RFC
// 5280, section 4.2.1.2, method 1).
func KeyID(pub crypto.PublicKey) ([]byte, error) {
	spki, err := pki.MarshalPublicKey(pub)
	if err != nil {
		return nil, err
	}
	sum := sha1.Sum(keyBits(spki)) //nolint:gosec // see the import
	return sum[:], nil
}

// keyBits is the content of the BIT STRING of a SubjectPublicKeyInfo.
func keyBits(spki []byte) []byte {
	in := cryptobyte.String(spki)
	var outer cryptobyte.String
	var bits asn1.BitString
	if !in.ReadASN1(&outer, cryptobyte_asn1.SEQUENCE) || !outer.SkipASN1(cryptobyte_asn1.SEQUENCE) || !outer.ReadASN1BitString(&bits) {
		return nil
	}
	return bits.Bytes
}

func newStandIn() (*ecdsa.PrivateKey, error) {
	return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
}

// finish exchanges parts of what an outline signs, counted from 0, the one at
// the place algorithm for the algorithm of the key, and signs it.
func finish(outline []byte, key crypto.Signer, algorithm int, parts map[int][]byte) ([]byte, error) {
	signed, err := pki.ParseSigned(outline)
	if err != nil {
		return nil, err
	}
	a, _, err := pki.AlgorithmsOf(key.Public())
	if err != nil {
		return nil, err
	}
	name, err := asn1.Marshal(a.Signature)
	if err != nil {
		return nil, err
	}
	in := cryptobyte.String(signed.TBS)
	var fields, field cryptobyte.String
	if !in.ReadASN1(&fields, cryptobyte_asn1.SEQUENCE) {
		return nil, errOutline
	}
	b := cryptobyte.NewBuilder(nil)
	b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for i := 0; !fields.Empty(); i++ {
			if !fields.ReadAnyASN1Element(&field, nil) {
				b.SetError(errOutline)
				return
			}
			switch part, exchanged := parts[i]; {
			case i == algorithm:
				b.AddBytes(name)
			case exchanged:
				b.AddBytes(part)
			default:
				b.AddBytes(field)
			}
		}
	})
	tbs, err := b.Bytes()
	if err != nil {
		return nil, err
	}
	return seal(tbs, key, nil)
}

var errOutline = errors.New("the outline is not as it was expected")

// seal makes the SEQUENCE of signed bytes, algorithm, signature and what may
// follow.
func seal(tbs []byte, key crypto.Signer, rest []byte) ([]byte, error) {
	a, value, err := pki.SignMessage(key, tbs)
	if err != nil {
		return nil, err
	}
	name, err := asn1.Marshal(a.Signature)
	if err != nil {
		return nil, err
	}
	b := cryptobyte.NewBuilder(nil)
	b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(tbs)
		b.AddBytes(name)
		b.AddASN1BitString(value)
		b.AddBytes(rest)
	})
	return b.Bytes()
}
