package ocsp

import (
	"encoding/asn1"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/kopir-kz/kopir/gateway/pki"
)

// Bounds of a response.
const (
	MaxBytes        = 64 << 10
	maxAnswers      = 64
	maxCertificates = 8
)

// Response is a response that was taken to pieces. Nothing in it counts before
// About.
type Response struct {
	ProducedAt time.Time
	Answers    []Answer
	// Nonce is the nonce the responder echoed, as the content of its extension:
	// an OCTET STRING, of some responders the bytes as they are. nil if there is
	// none.
	Nonce        []byte
	Certificates [][]byte // DER, of responders

	signed *pki.Signed
}

// Answer is what a response says about one certificate.
type Answer struct {
	ID     CertID
	State  pki.State     // StateUnknown: the responder does not know the certificate
	Since  time.Time     // of StateRevoked
	Reason pki.CRLReason // of StateRevoked

	ThisUpdate time.Time // when it was right
	NextUpdate time.Time // when there will be a newer one; zero: at any time
}

// Parse reads a response. The error is ErrTooLong, ErrMalformed with what was
// wrong, ErrExtension, or a Refusal.
func Parse(b []byte) (*Response, error) {
	if len(b) > MaxBytes {
		return nil, ErrTooLong
	}
	in := cryptobyte.String(b)
	var outer, body, basic cryptobyte.String
	var status int
	if !in.ReadASN1(&outer, der.SEQUENCE) || !in.Empty() || !outer.ReadASN1Enum(&status) || status < 0 || status > 255 {
		return nil, malformed("responseStatus")
	}
	if status != 0 {
		return nil, Refusal(status)
	}
	var kind asn1.ObjectIdentifier
	if !outer.ReadASN1(&body, constructed(0)) || !outer.Empty() || !body.ReadASN1(&body, der.SEQUENCE) ||
		!body.ReadASN1ObjectIdentifier(&kind) || !kind.Equal(oidBasic) ||
		!body.ReadASN1(&basic, der.OCTET_STRING) || !body.Empty() {
		return nil, malformed("responseBytes")
	}
	signed, err := pki.ParseSigned(basic)
	if err != nil {
		return nil, malformed("not signed as one")
	}
	r := &Response{signed: signed}
	if err := r.readCertificates(signed.Rest); err != nil {
		return nil, err
	}
	if err := r.readData(signed.TBS); err != nil {
		return nil, err
	}
	return r, nil
}

func malformed(part string) error { return fmt.Errorf("%w: %s", ErrMalformed, part) }

func (r *Response) readCertificates(in cryptobyte.String) error {
	var all cryptobyte.String
	var given bool
	if !in.ReadOptionalASN1(&all, &given, constructed(0)) || !in.Empty() || given && !all.ReadASN1(&all, der.SEQUENCE) {
		return malformed("certs")
	}
	for !all.Empty() {
		var one cryptobyte.String
		if len(r.Certificates) == maxCertificates {
			return ErrTooLong
		}
		if !all.ReadASN1Element(&one, der.SEQUENCE) {
			return malformed("certs")
		}
		r.Certificates = append(r.Certificates, one)
	}
	return nil
}

// readData reads ResponseData. Who the responder says it is does not matter:
// whoever signed is found by the signature.
func (r *Response) readData(tbs cryptobyte.String) error {
	var answers, responder cryptobyte.String
	var tag der.Tag
	if !tbs.ReadASN1(&tbs, der.SEQUENCE) || !tbs.SkipOptionalASN1(constructed(0)) ||
		!tbs.ReadAnyASN1(&responder, &tag) || (tag != constructed(1) && tag != constructed(2)) ||
		!tbs.ReadASN1GeneralizedTime(&r.ProducedAt) || !tbs.ReadASN1(&answers, der.SEQUENCE) {
		return malformed("head")
	}
	for !answers.Empty() {
		if len(r.Answers) == maxAnswers {
			return ErrTooLong
		}
		a, err := readAnswer(&answers)
		if err != nil {
			return err
		}
		r.Answers = append(r.Answers, a)
	}
	err := readExtensions(&tbs, func(id asn1.ObjectIdentifier, value []byte) bool {
		if id.Equal(oidNonce) {
			r.Nonce = value
		}
		return id.Equal(oidNonce)
	})
	if err == nil && !tbs.Empty() {
		err = malformed("tail")
	}
	return err
}

func readAnswer(in *cryptobyte.String) (a Answer, err error) {
	var one, id, algorithm, status cryptobyte.String
	a.ID.Serial = new(big.Int)
	var nameHash, keyHash cryptobyte.String
	if !in.ReadASN1(&one, der.SEQUENCE) || !one.ReadASN1(&id, der.SEQUENCE) ||
		!id.ReadASN1(&algorithm, der.SEQUENCE) || !algorithm.ReadASN1ObjectIdentifier(&a.ID.Hash) ||
		!id.ReadASN1(&nameHash, der.OCTET_STRING) || !id.ReadASN1(&keyHash, der.OCTET_STRING) ||
		!id.ReadASN1Integer(a.ID.Serial) || !id.Empty() {
		return a, malformed("certID")
	}
	a.ID.NameHash, a.ID.KeyHash = nameHash, keyHash
	var tag der.Tag
	if !one.ReadAnyASN1(&status, &tag) {
		return a, malformed("certStatus")
	}
	switch tag {
	case der.Tag(0).ContextSpecific():
		a.State = pki.StateGood
	case constructed(1):
		a.State = pki.StateRevoked
		var reason cryptobyte.String
		var given bool
		code := 0
		if !status.ReadASN1GeneralizedTime(&a.Since) || !status.ReadOptionalASN1(&reason, &given, constructed(0)) || !status.Empty() ||
			given && (!reason.ReadASN1Enum(&code) || code < 0 || code > 255) {
			return a, malformed("revoked")
		}
		a.Reason = pki.CRLReason(code)
	case der.Tag(2).ContextSpecific():
	default:
		return a, malformed("certStatus")
	}
	var next cryptobyte.String
	var given bool
	if !one.ReadASN1GeneralizedTime(&a.ThisUpdate) || !one.ReadOptionalASN1(&next, &given, constructed(0)) ||
		given && (!next.ReadASN1GeneralizedTime(&a.NextUpdate) || a.NextUpdate.Before(a.ThisUpdate)) {
		return a, malformed("thisUpdate, nextUpdate")
	}
	err = readExtensions(&one, func(asn1.ObjectIdentifier, []byte) bool { return false })
	if err == nil && !one.Empty() {
		err = malformed("SingleResponse")
	}
	return a, err
}

// readExtensions reads [1] Extensions if they are there; known tells whether
// one is understood.
func readExtensions(in *cryptobyte.String, known func(id asn1.ObjectIdentifier, value []byte) bool) error {
	var all cryptobyte.String
	var given bool
	if !in.ReadOptionalASN1(&all, &given, constructed(1)) || given && !all.ReadASN1(&all, der.SEQUENCE) {
		return malformed("extensions")
	}
	for !all.Empty() {
		var one, value cryptobyte.String
		var id asn1.ObjectIdentifier
		critical := false
		if !all.ReadASN1(&one, der.SEQUENCE) || !one.ReadASN1ObjectIdentifier(&id) ||
			one.PeekASN1Tag(der.BOOLEAN) && !one.ReadASN1Boolean(&critical) || !one.ReadASN1(&value, der.OCTET_STRING) || !one.Empty() {
			return malformed("extensions")
		}
		if !known(id, value) && critical {
			return ErrExtension
		}
	}
	return nil
}
