package faults

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // the fault is its use
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"fmt"
	"hash"
	"math/big"
	"regexp"
	"strings"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410"
	gatewaypki "github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/mocks/pki"
	"github.com/kopir-kz/kopir/mocks/shep"
)

func signatureFaults() []Fault {
	return []Fault{
		onSigning("signature-none", "the envelope is not signed: its Header is empty",
			func(g *shep.Signing) { g.Envelope = "" }),
		onBytes("signature-wrong-digest", "one letter of the Body is changed after signing", tamper),
		onBytes("signature-wrong-value", "one bit of SignatureValue is changed", wrongValue),
		as("signature-unknown-key", "signed by an attacker whose certificate has the subject of ШЭП and an issuer of the right name", pki.Attacker),
		as("signature-wrong-system", "signed by another system of the right authority: the registry instead of ШЭП", pki.Registry),
		as("signature-expired", "signed with a certificate of ШЭП that has expired", pki.ShepExpired),
		as("signature-not-yet-valid", "signed with a certificate of ШЭП that is not valid yet", pki.ShepNotYet),
		as("signature-revoked", "signed with a certificate of ШЭП that its issuer has revoked", pki.ShepRevoked),
		onSigning("signature-unknown-serial", "names by issuer and serial number a right certificate that was handed out to nobody",
			func(g *shep.Signing) { g.Envelope, g.KeyInfo = pki.ShepOtherSerial, wsse.IssuerSerial }),
		onSigning("signature-sha1", "SHA-1 as digest and in the signature, right otherwise",
			func(g *shep.Signing) { g.Algorithm = sha1Algorithm }),
		onSigning("signature-hmac", "HMAC-SHA256 keyed with the public key of ШЭП, which everybody knows",
			func(g *shep.Signing) { g.Algorithm = hmacAlgorithm }),
		onSigning("signature-algorithm-none", `the SignatureMethod is "none" and the SignatureValue empty`,
			func(g *shep.Signing) { g.Algorithm = noneAlgorithm }),
		onSigning("signature-extra-transform", "an XPath transform stands before the canonicalization; the signature fits it",
			func(g *shep.Signing) { g.SignedInfo = extraTransform }),
		onBytes("signature-duplicate-id", "a header element carries the same wsu:Id as the Body", duplicateID),
		onBytes("signature-outside-security", "the Signature is a child of the Header instead of wsse:Security", outsideSecurity),
		onBytes("signature-second", "wsse:Security holds the same Signature twice", secondSignature),
		{ID: "signature-other-element", Doc: "a right signature covers a header element, and not the Body", Stages: shep.Stages{
			Sign:   func(g *shep.Signing) { g.SignedInfo = coverNote },
			Signed: func(s *shep.Signed) error { return after(s, headerTag, note(noteID)) },
		}},
		onBytes("signature-comment-in-value", "a comment splits a surname after signing; canonical form without comments does not see it", commentInValue),
		onSigning("inner-missing", "the registry's data is not signed, the envelope is",
			func(g *shep.Signing) { g.Inner = "" }),
		onSigning("inner-wrong-digest", "one letter of the data is changed between the registry's signature and that of ШЭП",
			func(g *shep.Signing) { g.Inside = changeLetter }),
		onSigning("inner-unknown-key", "the registry's data is signed by an attacker, the envelope by ШЭП",
			func(g *shep.Signing) { g.Inner = pki.Attacker }),
	}
}

// as signs with another identity and sends its certificate along, so that what
// is wrong with the certificate is the only thing wrong.
func as(id, doc string, role pki.Role) Fault {
	return onSigning(id, doc, func(g *shep.Signing) { g.Envelope, g.KeyInfo = role, wsse.KeyIdentifier })
}

// tamper changes what was signed.
func tamper(s *shep.Signed) error {
	before, body, rest, err := cut(s.Bytes, bodyTag, bodyEnd)
	if err != nil {
		return err
	}
	s.Bytes = []byte(before + string(changeLetter([]byte(body))) + rest)
	return nil
}

// The first letter of a value, up to which text: of a person's surname, of a
// text that the data always has, of the text that the status has, of any text.
var (
	surnameLetter = regexp.MustCompile(`surname(?:>|&gt;)\p{L}`)
	fioLetter     = regexp.MustCompile(`fio(?:>|&gt;)\p{L}`) // a whole name in one text
	nameLetter    = regexp.MustCompile(`nameRu(?:>|&gt;)\p{L}`)
	statusLetter  = regexp.MustCompile(`message>\p{L}`)
	anyLetter     = regexp.MustCompile(`(?:>|&gt;)\p{L}`)
)

// changeLetter changes the first letter of a surname, or of another text where
// nobody was found.
func changeLetter(b []byte) []byte {
	at := firstMatch(b, surnameLetter, fioLetter, nameLetter, statusLetter, anyLetter)
	if at == nil {
		return b
	}
	found := []rune(string(b[at[0]:at[1]]))
	last := &found[len(found)-1]
	if *last == 'Ж' {
		*last = 'Щ'
	} else {
		*last = 'Ж'
	}
	return []byte(string(b[:at[0]]) + string(found) + string(b[at[1]:]))
}

// firstMatch is where the first of the expressions that matches does so.
func firstMatch(b []byte, all ...*regexp.Regexp) []int {
	for _, re := range all {
		if at := re.FindIndex(b); at != nil {
			return at
		}
	}
	return nil
}

func wrongValue(s *shep.Signed) error {
	before, value, rest, err := cut(s.Bytes, "<ds:SignatureValue>", "</ds:SignatureValue>")
	if err != nil {
		return err
	}
	text := strings.TrimSuffix(strings.TrimPrefix(value, "<ds:SignatureValue>"), "</ds:SignatureValue>")
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) == 0 {
		return errNoPlace
	}
	raw[len(raw)/2] ^= 1
	s.Bytes = []byte(before + "<ds:SignatureValue>" + base64.StdEncoding.EncodeToString(raw) + "</ds:SignatureValue>" + rest)
	return nil
}

// noteID is the Id of the header element that is signed in place of the Body.
const noteID = "note-1"

// note is a header element in exclusive canonical form, so that its bytes are
// what is digested.
func note(id string) string {
	return `<mock:Note xmlns:mock="urn:kopir:mock" xmlns:wsu="` + wsse.NamespaceUtility + `" wsu:Id="` + id + `">not the Body</mock:Note>`
}

var (
	referenceURI = regexp.MustCompile(`URI="#[^"]*"`)
	digestValue  = regexp.MustCompile(`<ds:DigestValue>[^<]*</ds:DigestValue>`)
	bodyID       = regexp.MustCompile(`Id="([^"]*)"`)
)

func coverNote(signedInfo string, newHash func() hash.Hash) string {
	h := newHash()
	h.Write([]byte(note(noteID)))
	signedInfo = referenceURI.ReplaceAllString(signedInfo, `URI="#`+noteID+`"`)
	return digestValue.ReplaceAllString(signedInfo, `<ds:DigestValue>`+base64.StdEncoding.EncodeToString(h.Sum(nil))+`</ds:DigestValue>`)
}

func extraTransform(signedInfo string, _ func() hash.Hash) string {
	const transforms = "<ds:Transforms>"
	return strings.Replace(signedInfo, transforms, transforms+
		`<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>true()</ds:XPath></ds:Transform>`, 1)
}

func duplicateID(s *shep.Signed) error {
	_, body, _, err := cut(s.Bytes, bodyTag, bodyEnd)
	if err != nil {
		return err
	}
	id := bodyID.FindStringSubmatch(body)
	if id == nil {
		return errNoPlace
	}
	return after(s, headerTag, note(id[1]))
}

func outsideSecurity(s *shep.Signed) error {
	before, signature, rest, err := cut(s.Bytes, signatureTag, signatureEnd)
	if err != nil {
		return err
	}
	// KeyInfo uses the prefix that Security declares.
	signature = strings.Replace(signature, "<ds:Signature ", `<ds:Signature xmlns:wsse="`+wsse.Namespace+`" `, 1)
	s.Bytes = []byte(before + strings.Replace(rest, securityEnd, securityEnd+signature, 1))
	return nil
}

func secondSignature(s *shep.Signed) error {
	before, signature, rest, err := cut(s.Bytes, signatureTag, signatureEnd)
	if err != nil {
		return err
	}
	s.Bytes = []byte(before + signature + signature + rest)
	return nil
}

// The first letter of the text of an element, never of an escaped document.
var (
	surnameText = regexp.MustCompile(`<surname>\p{L}`)
	statusText  = regexp.MustCompile(`<message>\p{L}`)
)

func commentInValue(s *shep.Signed) error {
	at := firstMatch(s.Bytes, surnameText, statusText)
	if at == nil {
		return errNoPlace
	}
	s.Bytes = []byte(string(s.Bytes[:at[1]]) + "<!-- -->" + string(s.Bytes[at[1]:]))
	return nil
}

// sha1Algorithm is RSA or ECDSA with SHA-1 (RFC 9231 sections 2.3.1 and 2.3.6
// keep the identifiers; nothing may use them any more). A national signature
// cannot be made over so short a digest: there it is the Reference's alone.
func sha1Algorithm(id *pki.Identity) shep.Algorithm {
	a := shep.Algorithm{
		SignatureURI: "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
		DigestURI:    "http://www.w3.org/2000/09/xmldsig#sha1",
		NewHash:      sha1.New,
		Value: func(signedInfo []byte) ([]byte, error) {
			sum := sha1.Sum(signedInfo) //nolint:gosec // the fault is its use
			return id.Key.Sign(rand.Reader, sum[:], crypto.SHA1)
		},
	}
	switch pub := id.Key.Public().(type) {
	case *ecdsa.PublicKey:
		der := a.Value
		a.SignatureURI = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1"
		a.Value = func(signedInfo []byte) ([]byte, error) {
			value, err := der(signedInfo)
			if err != nil {
				return nil, err
			}
			return fixedLength(pub, value)
		}
	case *gost3410.PublicKey:
		for _, s := range xmldsig.Suites() {
			if s.Fits(pub) {
				a.SignatureURI = s.SignatureURI
			}
		}
		a.Value = func(signedInfo []byte) ([]byte, error) {
			_, value, err := gatewaypki.SignMessage(id.Key, signedInfo)
			return value, err
		}
	}
	return a
}

// fixedLength turns an ASN.1 ECDSA signature into r and s side by side.
func fixedLength(pub *ecdsa.PublicKey, der []byte) ([]byte, error) {
	var v struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &v); err != nil {
		return nil, fmt.Errorf("reading an ECDSA signature: %w", err)
	}
	size := (pub.Curve.Params().BitSize + 7) / 8
	out := make([]byte, 2*size)
	v.R.FillBytes(out[:size])
	v.S.FillBytes(out[size:])
	return out, nil
}

func hmacAlgorithm(id *pki.Identity) shep.Algorithm {
	return shep.Algorithm{
		SignatureURI: "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
		DigestURI:    "http://www.w3.org/2001/04/xmlenc#sha256",
		NewHash:      sha256.New,
		Value: func(signedInfo []byte) ([]byte, error) {
			public, err := gatewaypki.MarshalPublicKey(id.Key.Public())
			if err != nil {
				return nil, err
			}
			h := hmac.New(sha256.New, public)
			h.Write(signedInfo)
			return h.Sum(nil), nil
		},
	}
}

func noneAlgorithm(*pki.Identity) shep.Algorithm {
	return shep.Algorithm{
		SignatureURI: "none",
		DigestURI:    "http://www.w3.org/2001/04/xmlenc#sha256",
		NewHash:      sha256.New,
		Value:        func([]byte) ([]byte, error) { return nil, nil },
	}
}
