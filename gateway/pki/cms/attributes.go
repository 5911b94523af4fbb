package cms

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/kopir-kz/kopir/gateway/pki"
)

// attributes are the signed attributes of one signature.
type attributes struct {
	der         []byte // what is signed: their SET OF in DER (RFC 5652, section 5.4)
	contentType asn1.ObjectIdentifier
	digest      []byte
	signingTime time.Time // zero if absent
	certIDs     []certID  // of the signer, from the attributes of RFC 2634 and RFC 5035
}

// certID names a certificate by its digest (ESSCertID, ESSCertIDv2).
type certID struct {
	hash   asn1.ObjectIdentifier
	sum    []byte
	serial *big.Int // nil if absent
}

// readSigned reads signed attributes. Every type may stand once, with one value:
// that is demanded of each attribute that is read here (sections 11.1 to 11.3),
// and a second one of another type would be read differently by others.
func readSigned(in cryptobyte.String) (*attributes, *Error) {
	var a attributes
	var elements [][]byte
	var seen []asn1.ObjectIdentifier
	for !in.Empty() {
		element, kind, value, ok := readAttribute(&in)
		switch {
		case !ok || len(elements) == maxAttributes:
			return nil, refuse(StepAttributes, "the signed attributes are malformed or too many")
		case slices.ContainsFunc(seen, kind.Equal):
			return nil, refuse(StepAttributes, "the signed attribute %s stands twice", kind)
		case !a.readOne(kind, value):
			return nil, refuse(StepAttributes, "the value of the signed attribute %s is malformed, or there are several", kind)
		}
		seen, elements = append(seen, kind), append(elements, element)
	}
	switch {
	case a.contentType == nil:
		return nil, refuse(StepAttributes, "the signed attribute contentType is absent")
	case a.digest == nil:
		return nil, refuse(StepAttributes, "the signed attribute messageDigest is absent")
	}
	a.der = setOf(cryptobyte_asn1.SET, elements)
	return &a, nil
}

// readAttribute reads one Attribute (section 5.3); value is what its SET OF
// holds.
func readAttribute(in *cryptobyte.String) (element []byte, kind asn1.ObjectIdentifier, value cryptobyte.String, ok bool) {
	var whole, a cryptobyte.String
	if !in.ReadASN1Element(&whole, cryptobyte_asn1.SEQUENCE) {
		return nil, nil, nil, false
	}
	element = whole
	ok = whole.ReadASN1(&a, cryptobyte_asn1.SEQUENCE) && a.ReadASN1ObjectIdentifier(&kind) && a.ReadASN1(&value, cryptobyte_asn1.SET) && a.Empty()
	return element, kind, value, ok
}

// readOne reads the value of one attribute. Those that are not known say
// nothing that the verdict depends on.
func (a *attributes) readOne(kind asn1.ObjectIdentifier, value cryptobyte.String) bool {
	switch {
	case kind.Equal(oidContentType):
		return value.ReadASN1ObjectIdentifier(&a.contentType) && value.Empty()
	case kind.Equal(oidMessageDigest):
		var digest cryptobyte.String
		ok := value.ReadASN1(&digest, cryptobyte_asn1.OCTET_STRING) && value.Empty()
		a.digest = digest
		return ok && len(digest) > 0
	case kind.Equal(oidSigningTime):
		return readTime(&value, &a.signingTime) && value.Empty()
	case kind.Equal(oidSigningCert):
		return a.readCertID(value, oidSHA1)
	case kind.Equal(oidSigningCertV2):
		return a.readCertID(value, nil)
	}
	return true
}

// readTime reads a Time (section 11.3).
func readTime(in *cryptobyte.String, t *time.Time) bool {
	if in.PeekASN1Tag(cryptobyte_asn1.UTCTime) {
		return in.ReadASN1UTCTime(t)
	}
	return in.ReadASN1GeneralizedTime(t)
}

// readCertID reads SigningCertificate (RFC 2634, section 5.4), where the hash is
// a fixed one, or SigningCertificateV2 (RFC 5035, section 3), where it is nil.
// The first certificate is the signer's; the others narrow down a chain, which
// here comes from configuration anyway.
func (a *attributes) readCertID(value cryptobyte.String, fixed asn1.ObjectIdentifier) bool {
	var outer, list, id, sum, issuer, names cryptobyte.String
	var hasIssuer bool
	c := certID{hash: fixed}
	if !value.ReadASN1(&outer, cryptobyte_asn1.SEQUENCE) || !value.Empty() || !outer.ReadASN1(&list, cryptobyte_asn1.SEQUENCE) ||
		!list.ReadASN1(&id, cryptobyte_asn1.SEQUENCE) {
		return false
	}
	if fixed == nil {
		c.hash = oidSHA256
		if id.PeekASN1Tag(cryptobyte_asn1.SEQUENCE) && !readAlgorithm(&id, &c.hash) {
			return false
		}
	}
	if !id.ReadASN1(&sum, cryptobyte_asn1.OCTET_STRING) || !id.ReadOptionalASN1(&issuer, &hasIssuer, cryptobyte_asn1.SEQUENCE) || !id.Empty() {
		return false
	}
	c.sum = sum
	if hasIssuer {
		c.serial = new(big.Int)
		if !issuer.ReadASN1(&names, cryptobyte_asn1.SEQUENCE) || len(issuer) > maxSerialBytes || !issuer.ReadASN1Integer(c.serial) {
			return false
		}
	}
	a.certIDs = append(a.certIDs, c)
	return true
}

// bound tells whether the attributes name the signer's certificate, and refuses
// those that name another one: the same key may stand in two certificates.
func (a *attributes) bound(cert *x509.Certificate) (bool, *Error) {
	for _, id := range a.certIDs {
		newHash, ok := pki.NewHash(id.hash)
		if !ok {
			return false, unknownDigest("the signed attributes name the certificate by a digest that is not accepted", id.hash)
		}
		h := newHash()
		h.Write(cert.Raw)
		if !bytes.Equal(h.Sum(nil), id.sum) || (id.serial != nil && id.serial.Cmp(cert.SerialNumber) != 0) {
			return false, refuse(StepSigningCertificate, "the signed attributes name another certificate than %s", pki.Describe(cert))
		}
	}
	return len(a.certIDs) > 0, nil
}

// readUnsigned finds the time-stamp tokens among the unsigned attributes
// (RFC 3161, appendix A).
func (s *signerInfo) readUnsigned(in cryptobyte.String) *Error {
	for count := 0; !in.Empty(); count++ {
		_, kind, value, ok := readAttribute(&in)
		if !ok || count == maxAttributes {
			return refuse(StepStructure, "the unsigned attributes are malformed or too many")
		}
		for kind.Equal(oidTimestamp) && !value.Empty() {
			var token cryptobyte.String
			if !value.ReadASN1Element(&token, cryptobyte_asn1.SEQUENCE) || len(s.stamps) == maxStamps {
				return refuse(StepStructure, "the time-stamps are malformed or too many")
			}
			s.stamps = append(s.stamps, token)
		}
	}
	return nil
}

// setOf writes a SET OF in DER, where the elements stand in the order of their
// encodings (X.690, section 11.6).
func setOf(tag cryptobyte_asn1.Tag, elements [][]byte) []byte {
	elements = slices.Clone(elements)
	slices.SortFunc(elements, bytes.Compare)
	var b cryptobyte.Builder
	b.AddASN1(tag, func(b *cryptobyte.Builder) { b.AddBytes(bytes.Join(elements, nil)) })
	return b.BytesOrPanic()
}
