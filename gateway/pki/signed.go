package pki

import (
	"crypto"
	"encoding/asn1"
	"errors"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Signed is what certificates, revocation lists and OCSP answers have in common
// (RFC 5280, section 4.1.1; RFC 6960, section 4.2.1): bytes, the name of an
// algorithm, a signature over the bytes.
type Signed struct {
	TBS       []byte                // what is signed, DER with its header
	Algorithm asn1.ObjectIdentifier // as named beside the signature
	Value     []byte
	Rest      []byte // what follows in the same SEQUENCE; an OCSP answer carries certificates there
}

var errNotSigned = errors.New("not a SEQUENCE of signed bytes, algorithm and signature")

// ParseSigned takes a signed object apart. It looks into none of the parts, so
// that objects whose inner and outer algorithm are spelled differently, as live
// revocation lists of the national centre have them, are read too.
func ParseSigned(der []byte) (*Signed, error) {
	in := cryptobyte.String(der)
	var outer, tbs, algorithm cryptobyte.String
	var s Signed
	var value asn1.BitString
	if !in.ReadASN1(&outer, cryptobyte_asn1.SEQUENCE) || !in.Empty() ||
		!outer.ReadASN1Element(&tbs, cryptobyte_asn1.SEQUENCE) ||
		!outer.ReadASN1(&algorithm, cryptobyte_asn1.SEQUENCE) || !algorithm.ReadASN1ObjectIdentifier(&s.Algorithm) ||
		!outer.ReadASN1BitString(&value) || value.BitLength%8 != 0 {
		return nil, errNotSigned
	}
	s.TBS, s.Value, s.Rest = tbs, value.Bytes, outer
	return &s, nil
}

// Check checks the signature with a key; for the error see CheckSignature.
func (s *Signed) Check(pub crypto.PublicKey) error {
	return CheckSignature(pub, s.Algorithm, s.TBS, s.Value)
}
