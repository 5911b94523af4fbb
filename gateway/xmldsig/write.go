package xmldsig

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/kopir-kz/kopir/gateway/c14n"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// writeSignature writes the ds:Signature that constructSignature lets goxmldsig
// build, byte for byte, with any suite.
func writeSignature(ctx context.Context, d *xmltext.Doc, s Signer) ([]byte, error) {
	suite := s.Suite()
	h := suite.NewHash()
	if err := (c14n.Method{Kind: c14n.Inclusive10}).WriteDocument(h, d, xmltext.Node{}); err != nil {
		return nil, RefuseForm(err)
	}
	signedInfo := `<ds:SignedInfo>` +
		`<ds:CanonicalizationMethod Algorithm="` + c14n.URIInclusive10 + `"/>` +
		`<ds:SignatureMethod Algorithm="` + suite.SignatureURI + `"/>` +
		`<ds:Reference URI=""><ds:Transforms>` +
		`<ds:Transform Algorithm="` + uriEnveloped + `"/>` +
		`<ds:Transform Algorithm="` + c14n.URIInclusive10 + `#WithComments"/></ds:Transforms>` +
		`<ds:DigestMethod Algorithm="` + suite.DigestURI + `"/>` +
		`<ds:DigestValue>` + base64.StdEncoding.EncodeToString(h.Sum(nil)) + `</ds:DigestValue></ds:Reference></ds:SignedInfo>`
	canonical, err := inPlace(d, signedInfo)
	if err != nil {
		return nil, err
	}
	value, err := s.Sign(ctx, canonical)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return []byte(`<ds:Signature xmlns:ds="` + Namespace + `">` + signedInfo +
		`<ds:SignatureValue>` + base64.StdEncoding.EncodeToString(value) + `</ds:SignatureValue>` +
		`<ds:KeyInfo><ds:X509Data><ds:X509Certificate>` + base64.StdEncoding.EncodeToString(s.Certificate()) +
		`</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>`), nil
}

// inPlace gives the canonical form that SignedInfo has as a grandchild of the
// document's root: it inherits what the root declares (Canonical XML 1.0,
// section 2.4).
func inPlace(d *xmltext.Doc, signedInfo string) ([]byte, error) {
	root := d.Root()
	var b strings.Builder
	b.WriteString("<" + root.Name())
	for a := range root.Attrs() {
		if a.Decl() || a.Space() == xmltext.NamespaceXML {
			b.WriteString(d.Source()[a.Start():a.End()]) // with the white space in front
		}
	}
	b.WriteString(`><ds:Signature xmlns:ds="` + Namespace + `">` + signedInfo + `</ds:Signature></` + root.Name() + `>`)
	shell, err := xmltext.ParseString(b.String(), xmltext.Limits{})
	if err != nil {
		return nil, RefuseInput(err)
	}
	return c14n.Method{Kind: c14n.Inclusive10}.Append(nil, shell.Root().First().First())
}
