package issue

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/kopir-kz/kopir/gateway/pki"
)

// OCSPStatus is what a responder says about a certificate (RFC 6960, section
// 2.2).
type OCSPStatus struct {
	Status  CertStatus
	Revoked time.Time // when, if it is
	Reason  int       // why, if it is; 0 is not written (RFC 5280, section 5.3.1)
}

// CertStatus is a word of it; the values are the tags of the CHOICE.
type CertStatus uint8

// The words.
const (
	Good    CertStatus = 0
	Revoked CertStatus = 1
	Unknown CertStatus = 2
)

// OCSP is a responder for the certificates of one issuer.
type OCSP struct {
	Issuer      *x509.Certificate
	Certificate *x509.Certificate // of the responder, sent along; nil where the issuer answers itself
	Key         crypto.Signer     // of Certificate, or of the issuer

	// Status is asked about serial numbers of the issuer. About certificates of
	// others the responder says Unknown.
	Status func(serial *big.Int) OCSPStatus

	ProducedAt time.Time
	ThisUpdate time.Time
	NextUpdate time.Time // zero: not written, newer information is there all the time
	ByKey      bool      // the responder names itself by its key, not by its name
	NoNonce    bool      // the request's nonce is not echoed
}

// OCSPFailure is the status of an answer that says nothing about certificates
// (RFC 6960, section 4.2.1).
type OCSPFailure uint8

// The failures.
const (
	OCSPMalformed     OCSPFailure = 1
	OCSPInternalError OCSPFailure = 2
	OCSPTryLater      OCSPFailure = 3
	OCSPUnauthorized  OCSPFailure = 6
)

// Bytes is the answer.
func (f OCSPFailure) Bytes() []byte { return []byte{0x30, 3, 0x0a, 1, byte(f)} }

// Bounds of a request.
const (
	maxRequestBytes = 16 << 10
	maxRequests     = 32
	maxNonceBytes   = 128 + 3 // RFC 9654, section 2.1, with the header of its OCTET STRING
)

// ErrOCSPRequest is the refusal of a request that cannot be read; OCSPMalformed
// is the answer to it.
var ErrOCSPRequest = errors.New("not an OCSP request within the bounds")

// OCSPResponse answers a request (RFC 6960, section 4.1.1). Whether the request
// is signed, and by whom, is not looked at.
func OCSPResponse(request []byte, o OCSP) ([]byte, error) {
	r, err := readOCSPRequest(request)
	if err != nil {
		return nil, err
	}
	tbs, err := o.responseData(r)
	if err != nil {
		return nil, err
	}
	var certs cryptobyte.Builder
	if o.Certificate != nil {
		certs.AddASN1(explicit(0), func(b *cryptobyte.Builder) {
			b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddBytes(o.Certificate.Raw) })
		})
	}
	basic, err := seal(tbs, o.Key, certs.BytesOrPanic())
	if err != nil {
		return nil, err
	}
	b := cryptobyte.NewBuilder(nil)
	b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Enum(0) // successful
		b.AddASN1(explicit(0), func(b *cryptobyte.Builder) {
			b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(oidOCSPBasic)
				b.AddASN1OctetString(basic)
			})
		})
	})
	return b.Bytes()
}

//nolint:gochecknoglobals // constants
var (
	oidOCSPBasic = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1}
	oidOCSPNonce = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}
)

func explicit(n cryptobyte_asn1.Tag) cryptobyte_asn1.Tag { return n.ContextSpecific().Constructed() }

// certID names a certificate (RFC 6960, section 4.1.1).
type certID struct {
	raw             []byte // goes back as it came
	hash            asn1.ObjectIdentifier
	issuer, keyHash []byte
	serial          *big.Int
}

type ocspRequest struct {
	ids   []certID
	nonce []byte // the extension's value; nil for none
}

func readOCSPRequest(der []byte) (r ocspRequest, err error) {
	in := cryptobyte.String(der)
	var outer, tbs, list, extensions cryptobyte.String
	var extended bool
	if len(der) > maxRequestBytes ||
		!in.ReadASN1(&outer, cryptobyte_asn1.SEQUENCE) || !in.Empty() || !outer.ReadASN1(&tbs, cryptobyte_asn1.SEQUENCE) ||
		!tbs.SkipOptionalASN1(explicit(0)) || !tbs.SkipOptionalASN1(explicit(1)) || // version, requestorName
		!tbs.ReadASN1(&list, cryptobyte_asn1.SEQUENCE) || !tbs.ReadOptionalASN1(&extensions, &extended, explicit(2)) || !tbs.Empty() {
		return r, ErrOCSPRequest
	}
	for !list.Empty() && len(r.ids) < maxRequests {
		var one cryptobyte.String
		var id certID
		if !list.ReadASN1(&one, cryptobyte_asn1.SEQUENCE) || !id.read(&one) || !one.SkipOptionalASN1(explicit(0)) || !one.Empty() {
			return r, ErrOCSPRequest
		}
		r.ids = append(r.ids, id)
	}
	if len(r.ids) == 0 || !list.Empty() || extended && !r.readExtensions(extensions) {
		return r, ErrOCSPRequest
	}
	return r, nil
}

func (id *certID) read(in *cryptobyte.String) bool {
	var element, fields, algorithm, name, key cryptobyte.String
	if !in.ReadASN1Element(&element, cryptobyte_asn1.SEQUENCE) {
		return false
	}
	id.raw, id.serial = element, new(big.Int)
	if !element.ReadASN1(&fields, cryptobyte_asn1.SEQUENCE) ||
		!fields.ReadASN1(&algorithm, cryptobyte_asn1.SEQUENCE) || !algorithm.ReadASN1ObjectIdentifier(&id.hash) ||
		!fields.ReadASN1(&name, cryptobyte_asn1.OCTET_STRING) || !fields.ReadASN1(&key, cryptobyte_asn1.OCTET_STRING) ||
		!fields.ReadASN1Integer(id.serial) || !fields.Empty() {
		return false
	}
	id.issuer, id.keyHash = name, key
	return true
}

func (r *ocspRequest) readExtensions(in cryptobyte.String) bool {
	var list cryptobyte.String
	if !in.ReadASN1(&list, cryptobyte_asn1.SEQUENCE) || !in.Empty() {
		return false
	}
	for !list.Empty() {
		var one, value cryptobyte.String
		var oid asn1.ObjectIdentifier
		if !list.ReadASN1(&one, cryptobyte_asn1.SEQUENCE) || !one.ReadASN1ObjectIdentifier(&oid) ||
			!one.SkipOptionalASN1(cryptobyte_asn1.BOOLEAN) || !one.ReadASN1(&value, cryptobyte_asn1.OCTET_STRING) || !one.Empty() {
			return false
		}
		if oid.Equal(oidOCSPNonce) {
			if len(value) > maxNonceBytes {
				return false
			}
			r.nonce = value
		}
	}
	return true
}

// about tells whether a certificate is one of the responder's issuer.
func (o *OCSP) about(id certID) bool {
	newHash, ok := pki.NewHash(id.hash)
	if !ok {
		return false
	}
	sum := func(b []byte) []byte {
		h := newHash()
		h.Write(b)
		return h.Sum(nil)
	}
	return bytes.Equal(id.issuer, sum(o.Issuer.RawSubject)) && bytes.Equal(id.keyHash, sum(keyBits(o.Issuer.RawSubjectPublicKeyInfo)))
}

// responseData is what is signed (RFC 6960, section 4.2.1).
func (o *OCSP) responseData(r ocspRequest) ([]byte, error) {
	self := o.Certificate
	if self == nil {
		self = o.Issuer
	}
	b := cryptobyte.NewBuilder(nil)
	b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		if o.ByKey {
			id, err := KeyID(o.Key.Public())
			if err != nil {
				b.SetError(err)
				return
			}
			b.AddASN1(explicit(2), func(b *cryptobyte.Builder) { b.AddASN1OctetString(id) })
		} else {
			b.AddASN1(explicit(1), func(b *cryptobyte.Builder) { b.AddBytes(self.RawSubject) })
		}
		b.AddASN1GeneralizedTime(o.ProducedAt.UTC())
		b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			for _, id := range r.ids {
				b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) { o.single(b, id) })
			}
		})
		if r.nonce != nil && !o.NoNonce {
			b.AddASN1(explicit(1), func(b *cryptobyte.Builder) {
				b.MarshalASN1([]pkix.Extension{{Id: oidOCSPNonce, Value: r.nonce}})
			})
		}
	})
	return b.Bytes()
}

// single is the SingleResponse about one certificate.
func (o *OCSP) single(b *cryptobyte.Builder, id certID) {
	s := OCSPStatus{Status: Unknown}
	if o.about(id) {
		s = o.Status(id.serial)
	}
	b.AddBytes(id.raw)
	if s.Status == Revoked {
		b.AddASN1(explicit(1), func(b *cryptobyte.Builder) {
			b.AddASN1GeneralizedTime(s.Revoked.UTC())
			if s.Reason != 0 {
				b.AddASN1(explicit(0), func(b *cryptobyte.Builder) { b.AddASN1Enum(int64(s.Reason)) })
			}
		})
	} else {
		b.AddASN1(cryptobyte_asn1.Tag(s.Status).ContextSpecific(), func(*cryptobyte.Builder) {})
	}
	b.AddASN1GeneralizedTime(o.ThisUpdate.UTC())
	if !o.NextUpdate.IsZero() {
		b.AddASN1(explicit(0), func(b *cryptobyte.Builder) { b.AddASN1GeneralizedTime(o.NextUpdate.UTC()) })
	}
}
