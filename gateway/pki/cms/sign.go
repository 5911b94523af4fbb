package cms

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/kopir-kz/kopir/gateway/pki"
)

// SignOptions says what a message is to be like; the zero value makes an
// attached one.
type SignOptions struct {
	Detached       bool                  // leave the content out
	ContentType    asn1.ObjectIdentifier // nil means data
	SigningTime    time.Time             // the signer's claim; zero leaves it out
	Certificates   []*x509.Certificate   // to be carried beside the signer's
	NoCertificates bool                  // carry none: the reader knows the signer
	Unbound        bool                  // name no certificate among what is signed, like the national library

	// Stamp obtains a time-stamp token over the signature value, to be carried
	// beside it; nil means none.
	Stamp func(value []byte) (token []byte, err error)
}

// errOtherKey says that a certificate is not one of the key.
var errOtherKey = errors.New("the certificate is of another key")

// Sign makes a message with one signature, DER. The key decides the algorithms;
// the signed attributes name the certificate (RFC 5035).
func Sign(content []byte, key crypto.Signer, cert *x509.Certificate, o SignOptions) ([]byte, error) {
	if !pki.SameKey(key.Public(), cert.PublicKey) {
		return nil, errOtherKey
	}
	if o.ContentType == nil {
		o.ContentType = oidData
	}
	algorithms, newHash, err := pki.AlgorithmsOf(key.Public())
	if err != nil {
		return nil, err
	}
	h := newHash()
	h.Write(content)
	elements, err := o.attributes(h.Sum(nil), cert)
	if err != nil {
		return nil, err
	}
	_, signature, err := pki.SignMessage(key, setOf(setTag, elements))
	if err != nil {
		return nil, fmt.Errorf("sign the attributes: %w", err)
	}
	s := made{signed: setOf(set0, elements), value: signature}
	if s.digest, err = asn1.Marshal(algorithms.Digest); err != nil {
		return nil, err
	}
	if s.algorithm, err = asn1.Marshal(algorithms.Signature); err != nil {
		return nil, err
	}
	if o.Stamp != nil {
		token, err := o.Stamp(signature)
		if err != nil {
			return nil, fmt.Errorf("time-stamp the signature: %w", err)
		}
		stamp, err := attribute(oidTimestamp, asn1.RawValue{FullBytes: token})
		if err != nil {
			return nil, err
		}
		s.unsigned = setOf(set1, [][]byte{stamp})
	}
	return s.message(content, cert, &o)
}

// setTag is the tag of signed attributes where they are signed (RFC 5652,
// section 5.4); in the message they have an implicit one.
const setTag = cryptobyte_asn1.SET

// attributes makes the signed attributes.
func (o *SignOptions) attributes(digest []byte, cert *x509.Certificate) (elements [][]byte, err error) {
	type value struct {
		kind  asn1.ObjectIdentifier
		value any
	}
	values := []value{{oidContentType, o.ContentType}, {oidMessageDigest, digest}}
	if !o.Unbound {
		id, err := signingCertificate(cert)
		if err != nil {
			return nil, err
		}
		values = append(values, value{oidSigningCertV2, id})
	}
	if !o.SigningTime.IsZero() {
		// UTCTime up to 2049, GeneralizedTime after (section 11.3); seconds, UTC.
		values = append(values, value{oidSigningTime, o.SigningTime.UTC().Truncate(time.Second)})
	}
	for _, v := range values {
		a, err := attribute(v.kind, v.value)
		if err != nil {
			return nil, err
		}
		elements = append(elements, a)
	}
	return elements, nil
}

// signingCertificate makes a SigningCertificateV2 (RFC 5035, section 3) with
// SHA-256, its default.
func signingCertificate(cert *x509.Certificate) (any, error) {
	type issuerSerial struct {
		Names  []asn1.RawValue // GeneralNames
		Serial asn1.RawValue
	}
	type certID struct {
		Sum    []byte
		Issuer issuerSerial
	}
	serial, err := asn1.Marshal(cert.SerialNumber)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(cert.Raw)
	directory := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: cert.RawIssuer} // GeneralName
	id := certID{sum[:], issuerSerial{[]asn1.RawValue{directory}, asn1.RawValue{FullBytes: serial}}}
	return struct{ Certs []certID }{[]certID{id}}, nil
}

// attribute makes an Attribute with one value.
func attribute(kind asn1.ObjectIdentifier, value any) ([]byte, error) {
	return asn1.Marshal(struct {
		Type   asn1.ObjectIdentifier
		Values []any `asn1:"set"`
	}{kind, []any{value}})
}

// made is a signature that was made, its parts in DER.
type made struct {
	digest, algorithm, signed, value, unsigned []byte
}

// message puts the parts together.
func (s *made) message(content []byte, cert *x509.Certificate, o *SignOptions) ([]byte, error) {
	// RFC 5652, section 5.1: 3 for content of another type than data.
	version := int64(1)
	if !o.ContentType.Equal(oidData) {
		version = 3
	}
	var b cryptobyte.Builder
	sequence := cryptobyte_asn1.SEQUENCE
	b.AddASN1(sequence, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oidSignedData)
		b.AddASN1(set0, func(b *cryptobyte.Builder) {
			b.AddASN1(sequence, func(b *cryptobyte.Builder) {
				b.AddASN1Int64(version)
				b.AddASN1(setTag, func(b *cryptobyte.Builder) { b.AddBytes(s.digest) })
				b.AddASN1(sequence, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(o.ContentType)
					if !o.Detached {
						b.AddASN1(set0, func(b *cryptobyte.Builder) { b.AddASN1OctetString(content) })
					}
				})
				if !o.NoCertificates {
					certificates := [][]byte{cert.Raw}
					for _, c := range o.Certificates {
						certificates = append(certificates, c.Raw)
					}
					b.AddBytes(setOf(set0, certificates))
				}
				b.AddASN1(setTag, func(b *cryptobyte.Builder) { s.signerInfo(b, cert) })
			})
		})
	})
	return b.Bytes()
}

func (s *made) signerInfo(b *cryptobyte.Builder, cert *x509.Certificate) {
	b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddBytes(cert.RawIssuer)
			b.AddASN1BigInt(cert.SerialNumber)
		})
		b.AddBytes(s.digest)
		b.AddBytes(s.signed)
		b.AddBytes(s.algorithm)
		b.AddASN1OctetString(s.value)
		b.AddBytes(s.unsigned)
	})
}
