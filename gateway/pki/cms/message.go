package cms

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/ber"
)

// Message is a SignedData that was read and not verified.
type Message struct {
	contentType  asn1.ObjectIdentifier
	content      []byte
	attached     bool
	certificates []*x509.Certificate
	signers      []signerInfo
}

// signerInfo is one signature (RFC 5652, section 5.3).
type signerInfo struct {
	issuer     []byte // DER, together with serial; or
	serial     *big.Int
	keyID      []byte
	digest     asn1.ObjectIdentifier
	attributes *attributes // nil if there are none
	algorithm  asn1.ObjectIdentifier
	value      []byte
	stamps     [][]byte // time-stamp tokens over value
}

// ContentType tells what kind of content the message says it has; nobody
// vouches for it yet.
func (m *Message) ContentType() asn1.ObjectIdentifier { return m.contentType }

// Content is what an attached message carries, and nobody vouches for it yet:
// read Verified.Content. It is nil if the message is detached.
func (m *Message) Content() []byte { return m.content }

// Attached tells whether the message carries its content.
func (m *Message) Attached() bool { return m.attached }

// Certificates are those the message carries, as far as they can be read. They
// are hints.
func (m *Message) Certificates() []*x509.Certificate { return slices.Clone(m.certificates) }

// Parse reads a message in DER, BER, PEM or base64 text. The Message shares
// memory with data. The error is an *Error.
func Parse(data []byte, l Limits) (*Message, error) {
	l = l.withDefaults()
	raw, refusal := decode(data, l)
	if refusal != nil {
		return nil, refusal
	}
	der, err := ber.ToDER(raw, ber.Limits{Bytes: l.Bytes})
	if err != nil {
		return nil, &Error{Step: StepInput, Reason: "the message is not BER within the limits", Err: err}
	}
	m := &Message{}
	if refusal := m.read(der, l); refusal != nil {
		return nil, refusal
	}
	return m, nil
}

// armour are the labels of PEM blocks that hold a SignedData (RFC 7468,
// sections 8 and 9, and an older habit).
//
//nolint:gochecknoglobals // a constant table
var armour = []string{"CMS", "PKCS7", "PKCS #7 SIGNED DATA"}

// decode takes PEM or base64 off. BER begins with the tag of a SEQUENCE, which
// is "0"; base64 of it begins with "M".
func decode(data []byte, l Limits) ([]byte, *Error) {
	if len(data) > 2*l.Bytes {
		return nil, refuse(StepInput, "the message is longer than allowed")
	}
	if len(data) > 0 && data[0] == 0x30 {
		return data, nil
	}
	text := bytes.TrimSpace(data)
	if bytes.HasPrefix(text, []byte("-----BEGIN")) {
		block, rest := pem.Decode(text)
		if block == nil || len(rest) > 0 || len(block.Headers) > 0 || !slices.Contains(armour, block.Type) {
			return nil, refuse(StepInput, "the text is not one PEM block of a CMS message")
		}
		return block.Bytes, nil
	}
	strict := base64.StdEncoding.Strict()
	text = bytes.Join(bytes.Fields(text), nil)
	raw := make([]byte, strict.DecodedLen(len(text)))
	n, err := strict.Decode(raw, text)
	if err != nil || n == 0 {
		return nil, refuse(StepInput, "the input is neither BER nor PEM nor base64 text")
	}
	return raw[:n], nil
}

// Tags of the optional parts.
const (
	tag0 = cryptobyte_asn1.Tag(0 | 0x80) // primitive
	set0 = cryptobyte_asn1.Tag(0 | 0xa0)
	set1 = cryptobyte_asn1.Tag(1 | 0xa0)
)

// read reads ContentInfo and SignedData (RFC 5652, sections 3 and 5.1).
func (m *Message) read(der []byte, l Limits) *Error {
	in := cryptobyte.String(der)
	var info, wrapped, signed, digests, encapsulated, signers cryptobyte.String
	var kind asn1.ObjectIdentifier
	var version int
	if !in.ReadASN1(&info, cryptobyte_asn1.SEQUENCE) || !in.Empty() || !info.ReadASN1ObjectIdentifier(&kind) ||
		!info.ReadASN1(&wrapped, set0) || !info.Empty() {
		return refuse(StepStructure, "not a ContentInfo")
	}
	if !kind.Equal(oidSignedData) {
		return refuse(StepStructure, "the message is not of the type SignedData but %s", kind)
	}
	var certificates, lists cryptobyte.String
	var hasCertificates, hasLists bool
	if !wrapped.ReadASN1(&signed, cryptobyte_asn1.SEQUENCE) || !wrapped.Empty() ||
		!signed.ReadASN1Integer(&version) || version < 1 || version > 5 ||
		!signed.ReadASN1(&digests, cryptobyte_asn1.SET) ||
		!signed.ReadASN1(&encapsulated, cryptobyte_asn1.SEQUENCE) ||
		!signed.ReadOptionalASN1(&certificates, &hasCertificates, set0) ||
		!signed.ReadOptionalASN1(&lists, &hasLists, set1) ||
		!signed.ReadASN1(&signers, cryptobyte_asn1.SET) || !signed.Empty() {
		return refuse(StepStructure, "not a SignedData")
	}
	// digestAlgorithms only helps those who read in one pass (section 5.1): the
	// digest that counts is named by each signature.
	if err := m.readContent(encapsulated); err != nil {
		return err
	}
	if err := m.readCertificates(certificates, l); err != nil {
		return err
	}
	return m.readSigners(signers, l)
}

// readContent reads EncapsulatedContentInfo (section 5.2).
func (m *Message) readContent(in cryptobyte.String) *Error {
	var wrapped, content cryptobyte.String
	if !in.ReadASN1ObjectIdentifier(&m.contentType) || !in.ReadOptionalASN1(&wrapped, &m.attached, set0) || !in.Empty() {
		return refuse(StepStructure, "not an EncapsulatedContentInfo")
	}
	if !m.attached {
		return nil
	}
	if !wrapped.ReadASN1(&content, cryptobyte_asn1.OCTET_STRING) || !wrapped.Empty() {
		return refuse(StepStructure, "the content is not an OCTET STRING")
	}
	m.content = content
	return nil
}

// readCertificates reads CertificateSet (section 10.2.3). What is no X.509
// certificate, or one that cannot be read, cannot have signed.
func (m *Message) readCertificates(in cryptobyte.String, l Limits) *Error {
	for count := 0; !in.Empty(); count++ {
		var der cryptobyte.String
		var tag cryptobyte_asn1.Tag
		if !in.ReadAnyASN1Element(&der, &tag) {
			return refuse(StepStructure, "not a set of certificates")
		}
		if count == l.Certificates || len(der) > maxCertificateBytes {
			return refuse(StepStructure, "the message carries too large or too many certificates")
		}
		if tag != cryptobyte_asn1.SEQUENCE {
			continue
		}
		c, err := pki.ParseCertificate(der)
		if err == nil && !slices.ContainsFunc(m.certificates, c.Equal) {
			m.certificates = append(m.certificates, c)
		}
	}
	return nil
}

func (m *Message) readSigners(in cryptobyte.String, l Limits) *Error {
	for !in.Empty() {
		if len(m.signers) == l.Signers {
			return refuse(StepStructure, "the message carries more than %d signatures", l.Signers)
		}
		var s signerInfo
		if err := s.read(&in); err != nil {
			return err.of(len(m.signers) + 1)
		}
		m.signers = append(m.signers, s)
	}
	if len(m.signers) == 0 {
		return &Error{Step: StepStructure, Reason: "the message carries no signature", Err: ErrNotSigned}
	}
	return nil
}

// read reads one SignerInfo (section 5.3).
func (s *signerInfo) read(in *cryptobyte.String) *Error {
	var info, signed, unsigned, value cryptobyte.String
	var version int
	var hasSigned, hasUnsigned bool
	if !in.ReadASN1(&info, cryptobyte_asn1.SEQUENCE) || !info.ReadASN1Integer(&version) || (version != 1 && version != 3) ||
		!s.readIdentifier(&info) || !readAlgorithm(&info, &s.digest) ||
		!info.ReadOptionalASN1(&signed, &hasSigned, set0) || !readAlgorithm(&info, &s.algorithm) ||
		!info.ReadASN1(&value, cryptobyte_asn1.OCTET_STRING) ||
		!info.ReadOptionalASN1(&unsigned, &hasUnsigned, set1) || !info.Empty() {
		return refuse(StepStructure, "not a SignerInfo")
	}
	s.value = value
	if hasSigned {
		var err *Error
		if s.attributes, err = readSigned(signed); err != nil {
			return err
		}
	}
	return s.readUnsigned(unsigned)
}

// readIdentifier reads SignerIdentifier: issuer and serial number, or the
// subject key identifier.
func (s *signerInfo) readIdentifier(in *cryptobyte.String) bool {
	var id, issuer cryptobyte.String
	if in.PeekASN1Tag(tag0) {
		ok := in.ReadASN1(&id, tag0)
		s.keyID = id
		return ok && len(id) > 0 && len(id) <= maxSerialBytes
	}
	if !in.ReadASN1(&id, cryptobyte_asn1.SEQUENCE) || !id.ReadASN1Element(&issuer, cryptobyte_asn1.SEQUENCE) ||
		len(issuer) > maxNameBytes || len(id) > maxSerialBytes {
		return false
	}
	s.issuer, s.serial = issuer, new(big.Int)
	return id.ReadASN1Integer(s.serial) && id.Empty()
}

// readAlgorithm reads an AlgorithmIdentifier. No algorithm on the closed list
// has parameters that mean anything, so they are let in and not looked at.
func readAlgorithm(in *cryptobyte.String, oid *asn1.ObjectIdentifier) bool {
	var a cryptobyte.String
	return in.ReadASN1(&a, cryptobyte_asn1.SEQUENCE) && a.ReadASN1ObjectIdentifier(oid)
}
