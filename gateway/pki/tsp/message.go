package tsp

import (
	"crypto/rand"
	"encoding/asn1"
	"hash"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/ber"
)

// Imprint is the digest of the bytes in question (MessageImprint, RFC 3161,
// section 2.4.1).
type Imprint struct {
	Digest asn1.ObjectIdentifier
	Sum    []byte
}

// NewImprint digests bytes; the error is a *pki.AlgorithmError.
func NewImprint(digest asn1.ObjectIdentifier, stamped []byte) (Imprint, error) {
	newHash, ok := newHash(digest)
	if !ok {
		return Imprint{}, &pki.AlgorithmError{What: "digest algorithm", OID: digest}
	}
	h := newHash()
	h.Write(stamped)
	return Imprint{digest, h.Sum(nil)}, nil
}

// newHash gives the hash of an accepted digest. A collision would let one token
// stand for two documents, so SHA-1 is none.
func newHash(digest asn1.ObjectIdentifier) (func() hash.Hash, bool) {
	if digest.Equal(oidSHA1) {
		return nil, false
	}
	return pki.NewHash(digest)
}

// Request asks for a token (TimeStampReq, RFC 3161, section 2.4.1).
type Request struct {
	Imprint Imprint
	Policy  asn1.ObjectIdentifier // under which the token is to be made; nil leaves the choice to the authority
	Nonce   *big.Int              // ties the answer to the request; nil ties nothing
	CertReq bool                  // the token is to carry the authority's certificate
}

// NewRequest makes a request with a fresh nonce of 64 bits that asks for the
// certificate.
func NewRequest(i Imprint) *Request {
	nonce := make([]byte, 8)
	_, _ = rand.Read(nonce) // never fails
	return &Request{Imprint: i, Nonce: new(big.Int).SetBytes(nonce), CertReq: true}
}

// Marshal writes the request in DER.
func (r *Request) Marshal() ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		r.Imprint.add(b)
		if r.Policy != nil {
			b.AddASN1ObjectIdentifier(r.Policy)
		}
		if r.Nonce != nil {
			b.AddASN1BigInt(r.Nonce)
		}
		if r.CertReq {
			b.AddASN1Boolean(true)
		}
	})
	return b.Bytes()
}

func (i *Imprint) add(b *cryptobyte.Builder) {
	b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(i.Digest) })
		b.AddASN1OctetString(i.Sum)
	})
}

// Bounds on numbers and digests.
const (
	maxRequest = 16 << 10
	maxNumber  = 64 // bytes of a nonce or a serial number
	maxSum     = 64 // bytes of a digest
)

func (i *Imprint) read(in *cryptobyte.String) bool {
	var imprint, algorithm, sum cryptobyte.String
	ok := in.ReadASN1(&imprint, cryptobyte_asn1.SEQUENCE) &&
		imprint.ReadASN1(&algorithm, cryptobyte_asn1.SEQUENCE) && algorithm.ReadASN1ObjectIdentifier(&i.Digest) &&
		imprint.ReadASN1(&sum, cryptobyte_asn1.OCTET_STRING) && imprint.Empty()
	i.Sum = sum
	return ok && len(sum) > 0 && len(sum) <= maxSum
}

// readNumber reads an optional INTEGER; nil if it is absent.
func readNumber(in *cryptobyte.String, n **big.Int) bool {
	if !in.PeekASN1Tag(cryptobyte_asn1.INTEGER) {
		return true
	}
	var element cryptobyte.String
	if !in.ReadASN1Element(&element, cryptobyte_asn1.INTEGER) || len(element) > maxNumber {
		return false
	}
	*n = new(big.Int)
	return element.ReadASN1Integer(*n)
}

// Tags of optional parts.
const (
	tag0 = cryptobyte_asn1.Tag(0 | 0x80) // primitive
	tag1 = cryptobyte_asn1.Tag(1 | 0x80)
	set0 = cryptobyte_asn1.Tag(0 | 0xa0)
	set1 = cryptobyte_asn1.Tag(1 | 0xa0)
)

// ParseRequest reads a request in DER. One with extensions is refused, as none
// is understood. The error is an *Error.
func ParseRequest(der []byte) (*Request, error) {
	in := cryptobyte.String(der)
	var body cryptobyte.String
	var version int
	var r Request
	if len(der) > maxRequest || !in.ReadASN1(&body, cryptobyte_asn1.SEQUENCE) || !in.Empty() ||
		!body.ReadASN1Integer(&version) || version != 1 || !r.Imprint.read(&body) {
		return nil, refuse(StepStructure, "not a TimeStampReq")
	}
	if body.PeekASN1Tag(cryptobyte_asn1.OBJECT_IDENTIFIER) && !body.ReadASN1ObjectIdentifier(&r.Policy) {
		return nil, refuse(StepStructure, "the policy asked for is malformed")
	}
	if !readNumber(&body, &r.Nonce) || !readOptionalBool(&body, &r.CertReq) || !body.Empty() {
		return nil, refuse(StepStructure, "the end of the TimeStampReq is malformed, or there are extensions")
	}
	return &r, nil
}

// readOptionalBool reads a BOOLEAN DEFAULT FALSE.
func readOptionalBool(in *cryptobyte.String, v *bool) bool {
	return !in.PeekASN1Tag(cryptobyte_asn1.BOOLEAN) || in.ReadASN1Boolean(v)
}

// ParseResponse takes the token out of an answer in BER (TimeStampResp, RFC
// 3161, section 2.4.2). The error is a *StatusError if the authority gives none,
// otherwise an *Error.
func ParseResponse(data []byte) (token []byte, err error) {
	der, err := ber.ToDER(data, ber.Limits{Bytes: MaxResponse})
	if err != nil {
		return nil, &Error{StepStructure, "the answer is not BER within the limits", err}
	}
	in := cryptobyte.String(der)
	var body, info, text, rest cryptobyte.String
	var hasText bool
	var bits asn1.BitString
	var status int
	if !in.ReadASN1(&body, cryptobyte_asn1.SEQUENCE) || !in.Empty() || !body.ReadASN1(&info, cryptobyte_asn1.SEQUENCE) ||
		!info.ReadASN1Integer(&status) || !info.ReadOptionalASN1(&text, &hasText, cryptobyte_asn1.SEQUENCE) ||
		(!info.Empty() && !info.ReadASN1BitString(&bits)) || !info.Empty() {
		return nil, refuse(StepStructure, "not a TimeStampResp")
	}
	if s := Status(status); s != Granted && s != GrantedWithMods {
		e := &StatusError{Status: s}
		for _, f := range failures {
			if bits.At(int(f)) == 1 {
				e.Failures = append(e.Failures, f)
			}
		}
		return nil, e
	}
	if !body.ReadASN1Element(&rest, cryptobyte_asn1.SEQUENCE) || !body.Empty() {
		return nil, refuse(StepStructure, "the answer grants a token and carries none")
	}
	return rest, nil
}
