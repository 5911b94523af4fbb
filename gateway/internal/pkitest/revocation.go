package pkitest

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/crl"
	"github.com/kopir-kz/kopir/gateway/pki/issue"
)

// List makes a revocation list from a template. Its number is 1 and it is in
// force from an hour before Now to an hour after, unless the template says
// otherwise.
func (a *Authority) List(t testing.TB, l x509.RevocationList) *crl.List {
	t.Helper()
	out, err := crl.Parse(a.ListDER(t, l))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// ListDER is List in the bytes of the wire.
func (a *Authority) ListDER(t testing.TB, l x509.RevocationList) []byte {
	t.Helper()
	if l.Number == nil {
		l.Number = big.NewInt(1)
	}
	if l.ThisUpdate.IsZero() {
		l.ThisUpdate, l.NextUpdate = Now().Add(-time.Hour), Now().Add(time.Hour)
	}
	out, err := issue.RevocationList(&l, a.Certificate, a.Key)
	if err != nil {
		t.Fatal(err)
	}
	return out.Raw
}

// Entries are entries of a list.
func Entries(at time.Time, reason pki.CRLReason, revoked ...*x509.Certificate) (out []x509.RevocationListEntry) {
	for _, c := range revoked {
		out = append(out, x509.RevocationListEntry{SerialNumber: c.SerialNumber, RevocationTime: at, ReasonCode: int(reason)})
	}
	return out
}

// Delta marks a list as holding only what changed since the list of a number.
func Delta(base byte, l x509.RevocationList) x509.RevocationList {
	l.ExtraExtensions = append(l.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 27}, Critical: true, Value: []byte{2, 1, base}})
	return l
}

// OCSP is an OCSP response in the making. It is right about a certificate that
// is good, made Now and signed by the issuer, unless a field says otherwise.
type OCSP struct {
	State      pki.State
	Since      time.Time
	Reason     pki.CRLReason
	NoReason   bool
	ThisUpdate time.Time // default Now
	NextUpdate time.Time // zero: there is none
	Hash       asn1.ObjectIdentifier
	Nonce      []byte // value of its extension
	Signer     crypto.Signer
	Carried    []*x509.Certificate // certificates in the response
	Extensions []pkix.Extension    // of the answer
}

// The structures of RFC 6960, section 4.2.1.
type (
	ocspResponse struct {
		Status asn1.Enumerated
		Body   struct {
			Kind  asn1.ObjectIdentifier
			Bytes []byte
		} `asn1:"explicit,tag:0"`
	}
	ocspBasic struct {
		Data      asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Value     asn1.BitString
		Carried   []asn1.RawValue `asn1:"explicit,tag:0,optional,omitempty"`
	}
	ocspData struct {
		Responder  asn1.RawValue
		At         time.Time `asn1:"generalized"`
		Answers    []ocspAnswer
		Extensions []pkix.Extension `asn1:"explicit,tag:1,optional,omitempty"`
	}
	ocspAnswer struct {
		ID         ocspID
		Status     asn1.RawValue
		ThisUpdate time.Time        `asn1:"generalized"`
		NextUpdate time.Time        `asn1:"generalized,explicit,tag:0,optional"`
		Extensions []pkix.Extension `asn1:"explicit,tag:1,optional,omitempty"`
	}
	ocspID struct {
		Hash              pkix.AlgorithmIdentifier
		NameHash, KeyHash []byte
		Serial            *big.Int
	}
	ocspRevoked struct {
		Since  time.Time       `asn1:"generalized"`
		Reason asn1.Enumerated `asn1:"explicit,tag:0"`
	}
	ocspRevokedBare struct {
		Since time.Time `asn1:"generalized"`
	}
)

// Respond makes the response about certificates of the authority.
func (a *Authority) Respond(t testing.TB, o OCSP, about ...*x509.Certificate) []byte {
	t.Helper()
	if o.ThisUpdate.IsZero() {
		o.ThisUpdate = Now()
	}
	if o.Hash == nil {
		o.Hash = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
	}
	if o.Signer == nil {
		o.Signer = a.Key
	}
	data := ocspData{
		Responder: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 1, IsCompound: true, Bytes: a.Certificate.RawSubject},
		At:        o.ThisUpdate,
	}
	for _, c := range about {
		data.Answers = append(data.Answers, ocspAnswer{a.ocspID(t, o.Hash, c), o.status(t), o.ThisUpdate.UTC(), o.NextUpdate.UTC(), o.Extensions})
		if o.NextUpdate.IsZero() {
			data.Answers[len(data.Answers)-1].NextUpdate = time.Time{}
		}
	}
	if o.Nonce != nil {
		data.Extensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}, Value: o.Nonce}}
	}
	tbs := marshal(t, data)
	algorithms, value, err := pki.SignMessage(o.Signer, tbs)
	if err != nil {
		t.Fatal(err)
	}
	basic := ocspBasic{Data: asn1.RawValue{FullBytes: tbs}, Algorithm: algorithms.Signature, Value: asn1.BitString{Bytes: value, BitLength: 8 * len(value)}}
	for _, c := range o.Carried {
		basic.Carried = append(basic.Carried, asn1.RawValue{FullBytes: c.Raw})
	}
	var r ocspResponse
	r.Body.Kind, r.Body.Bytes = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1}, marshal(t, basic)
	return marshal(t, r)
}

func (a *Authority) ocspID(t testing.TB, hash asn1.ObjectIdentifier, c *x509.Certificate) ocspID {
	t.Helper()
	newHash, ok := pki.NewHash(hash)
	if !ok {
		t.Fatalf("there is no hash function %v", hash)
	}
	var key struct {
		Algorithm asn1.RawValue
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(a.Certificate.RawSubjectPublicKeyInfo, &key); err != nil {
		t.Fatal(err)
	}
	names, keys := newHash(), newHash()
	names.Write(a.Certificate.RawSubject)
	keys.Write(key.Key.Bytes)
	return ocspID{pkix.AlgorithmIdentifier{Algorithm: hash, Parameters: asn1.NullRawValue}, names.Sum(nil), keys.Sum(nil), c.SerialNumber}
}

func (o OCSP) status(t testing.TB) asn1.RawValue {
	t.Helper()
	switch o.State {
	case pki.StateUnknown:
		return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 2}
	case pki.StateGood:
		return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0}
	}
	var v asn1.RawValue
	info := marshal(t, ocspRevoked{o.Since.UTC(), asn1.Enumerated(o.Reason)})
	if o.NoReason {
		info = marshal(t, ocspRevokedBare{o.Since.UTC()})
	}
	if _, err := asn1.Unmarshal(info, &v); err != nil {
		t.Fatal(err)
	}
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 1, IsCompound: true, Bytes: v.Bytes}
}

// Refuse makes a response without an answer.
func Refuse(status byte) []byte { return []byte{0x30, 3, 0x0a, 1, status} }

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	b, err := asn1.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
