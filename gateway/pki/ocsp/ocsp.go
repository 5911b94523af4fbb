// Package ocsp asks and reads the Online Certificate Status Protocol (RFC 6960)
// for certificates of any key family. It does no I/O: it makes a request, and it
// judges the bytes that came back.
//
// Reading and judging are apart. Parse takes a response to pieces and believes
// nothing; Response.About gives the answer about one certificate after checking
// who signed it and whom it is about; Answer.Fresh holds the answer against a
// clock. An answer that says "revoked" is worth knowing even when it is old.
package ocsp

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/kopir-kz/kopir/gateway/pki"
)

// What can be wrong with a response. A responder that refuses to answer gives a
// Refusal instead.
var (
	ErrMalformed   = errors.New("not an OCSP response")
	ErrTooLong     = errors.New("the OCSP response is longer than allowed")
	ErrExtension   = errors.New("the OCSP response has a critical extension that is not understood")
	ErrSignature   = errors.New("the OCSP response is signed neither by the issuer nor by a responder of its")
	ErrResponder   = errors.New("who signed the OCSP response may not answer for the issuer")
	ErrCertID      = errors.New("the OCSP response is about another certificate")
	ErrNonce       = errors.New("the OCSP response answers another request")
	ErrNotYetValid = errors.New("the OCSP response lies in the future")
	ErrStale       = errors.New("the OCSP response is past its time")
)

// Refusal is a responseStatus other than successful (RFC 6960, section
// 4.2.1). Such a response is not signed: anybody on the way can make it.
type Refusal uint8

// The refusals.
const (
	MalformedRequest Refusal = 1
	InternalError    Refusal = 2
	TryLater         Refusal = 3
	SigRequired      Refusal = 5
	Unauthorized     Refusal = 6
)

// Error is the name of RFC 6960.
func (r Refusal) Error() string {
	names := [...]string{1: "malformedRequest", "internalError", "tryLater", 5: "sigRequired", "unauthorized"}
	if int(r) < len(names) && names[r] != "" {
		return "the OCSP responder refuses: " + names[r]
	}
	return fmt.Sprintf("the OCSP responder refuses: status %d", uint8(r))
}

// SHA1 names certificates where nothing else is asked for: every responder
// knows it, and nothing depends on collisions.
//
//nolint:gochecknoglobals // a constant
var SHA1 = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}

// CertID names a certificate (RFC 6960, section 4.1.1).
type CertID struct {
	Hash     asn1.ObjectIdentifier
	NameHash []byte // of the issuer's name
	KeyHash  []byte // of the issuer's key
	Serial   *big.Int
}

// NewCertID names a certificate by a hash function; the error is a
// *pki.AlgorithmError if that is not known.
func NewCertID(c, issuer *x509.Certificate, hash asn1.ObjectIdentifier) (CertID, error) {
	newHash, ok := pki.NewHash(hash)
	if !ok {
		return CertID{}, &pki.AlgorithmError{What: "hash function", OID: hash}
	}
	spki := cryptobyte.String(issuer.RawSubjectPublicKeyInfo)
	var key asn1.BitString
	if !spki.ReadASN1(&spki, der.SEQUENCE) || !spki.SkipASN1(der.SEQUENCE) || !spki.ReadASN1BitString(&key) {
		return CertID{}, errors.New("the issuer's key is malformed")
	}
	sum := func(b []byte) []byte {
		h := newHash()
		h.Write(b)
		return h.Sum(nil)
	}
	return CertID{Hash: hash, NameHash: sum(issuer.RawSubject), KeyHash: sum(key.Bytes), Serial: c.SerialNumber}, nil
}

// names tells whether an identifier, by whichever hash function, means a
// certificate.
func (id CertID) names(c, issuer *x509.Certificate) bool {
	if id.Serial.Cmp(c.SerialNumber) != 0 {
		return false
	}
	want, err := NewCertID(c, issuer, id.Hash)
	return err == nil && bytes.Equal(id.NameHash, want.NameHash) && bytes.Equal(id.KeyHash, want.KeyHash)
}

// Object identifiers.
//
//nolint:gochecknoglobals // constants
var (
	oidBasic = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1}
	oidNonce = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}
)

func constructed(n uint8) der.Tag { return der.Tag(n).Constructed().ContextSpecific() }

// NewRequest makes the request about one certificate, without a signature. A
// nonce (RFC 9654: 32 random bytes) ties the answer to it; nil leaves it out.
func NewRequest(id CertID, nonce []byte) ([]byte, error) {
	var b cryptobyte.Builder
	sequence := func(b *cryptobyte.Builder, fill cryptobyte.BuilderContinuation) { b.AddASN1(der.SEQUENCE, fill) }
	sequence(&b, func(b *cryptobyte.Builder) { // OCSPRequest
		sequence(b, func(b *cryptobyte.Builder) { // TBSRequest
			sequence(b, func(b *cryptobyte.Builder) { // requestList
				sequence(b, func(b *cryptobyte.Builder) { sequence(b, id.marshal) })
			})
			if nonce == nil {
				return
			}
			b.AddASN1(constructed(2), func(b *cryptobyte.Builder) { // requestExtensions
				sequence(b, func(b *cryptobyte.Builder) {
					sequence(b, func(b *cryptobyte.Builder) {
						b.AddASN1ObjectIdentifier(oidNonce)
						b.AddASN1(der.OCTET_STRING, func(b *cryptobyte.Builder) { b.AddASN1OctetString(nonce) })
					})
				})
			})
		})
	})
	return b.Bytes()
}

func (id CertID) marshal(b *cryptobyte.Builder) {
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(id.Hash)
		b.AddASN1NULL()
	})
	b.AddASN1OctetString(id.NameHash)
	b.AddASN1OctetString(id.KeyHash)
	b.AddASN1BigInt(id.Serial)
}
