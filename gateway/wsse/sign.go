package wsse

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/kopir-kz/kopir/gateway/c14n"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// IDStyle is how the Body carries its Id.
type IDStyle string

// The styles seen on the wire.
const (
	IDUtility IDStyle = "wsu"   // wsu:Id="id-UUID", the reference layout
	IDPlain   IDStyle = "plain" // Id="UUID", as some libraries write it
	IDBoth    IDStyle = "both"  // wsse:Id and wsu:Id with one value, as ШЭП itself pushes
)

// KeyInfo is how the signer names its certificate.
type KeyInfo string

// The forms.
const (
	KeyIdentifier       KeyInfo = "keyIdentifier"       // whole certificate in KeyIdentifier X509v3, the reference layout
	IssuerSerial        KeyInfo = "issuerSerial"        // X509IssuerSerial; the receiver must know the certificate
	BinarySecurityToken KeyInfo = "binarySecurityToken" // token in the header, referenced by Id
	X509Data            KeyInfo = "x509Data"            // X509Data/X509Certificate
)

// SignOptions choose among the layouts; the zero value is the reference layout.
type SignOptions struct {
	ID      IDStyle       // "" means IDUtility
	KeyInfo KeyInfo       // "" means KeyIdentifier
	NewID   func() string // makes the UUID of the Id; nil means a random one
}

// SignBody signs the Body of an unsigned SOAP 1.1 envelope. The certificate in
// the message is the signer's; the algorithms are those of the signer's suite.
// An Id the Body already carries is replaced. Refusals of the input are
// *xmldsig.Error; other errors come from the Signer.
func SignBody(ctx context.Context, env []byte, s xmldsig.Signer, o SignOptions) ([]byte, error) {
	d, err := xmltext.Parse(env, xmltext.Limits{})
	if err != nil {
		return nil, xmldsig.RefuseInput(err)
	}
	if err := c14n.Check(d); err != nil {
		return nil, xmldsig.RefuseForm(err)
	}
	m, err := unsigned(d)
	if err != nil {
		return nil, err
	}
	newID := o.NewID
	if newID == nil {
		newID = uuid.NewString
	}
	id := newID()
	if o.ID != IDPlain {
		id = "id-" + id
	}
	body := splitBody(d.Source(), m.body, id, o.ID)
	digest, err := digestBody(d, body, s.Suite())
	if err != nil {
		return nil, err
	}
	security, err := buildSecurity(ctx, s, o.KeyInfo, id, digest, d.Root().Prefix())
	if err != nil {
		return nil, err
	}
	return m.splice(d, security, body), nil
}

// unsigned reads an envelope that has no Security header yet.
func unsigned(d *xmltext.Doc) (*message, error) {
	root := d.Root()
	m := &message{}
	if !root.Is(namespaceSOAP11, "Envelope") {
		return nil, refuse("the root is not a SOAP 1.1 Envelope")
	}
	n := root.First()
	if n.Is(namespaceSOAP11, "Header") {
		m.header, n = n, n.NextElement()
	}
	if !n.Is(namespaceSOAP11, "Body") || !n.NextElement().IsZero() {
		return nil, refuse("Envelope must hold at most one Header and one Body")
	}
	m.body = n
	for h := m.header.First(); !h.IsZero(); h = h.NextElement() {
		if h.Is(Namespace, "Security") {
			return nil, refuse("the message already has a Security header")
		}
	}
	return m, nil
}

// splice puts the header and the Body's new start tag into the source.
func (m *message) splice(d *xmltext.Doc, security []byte, b bodyTag) []byte {
	src := d.Source()
	out := make([]byte, 0, len(src)+len(security)+len(b.tag)+64)
	at := m.body.Start()
	switch {
	case m.header.IsZero():
		name := strings.TrimPrefix(d.Root().Prefix()+":Header", ":")
		out = append(append(out, src[:at]...), "<"+name+">"...)
		out = append(append(out, security...), "</"+name+">"...)
	case m.header.EmptyTag():
		out = append(append(out, src[:m.header.End()-len("/>")]...), '>')
		out = append(append(append(out, security...), "</"+m.header.Name()+">"...), src[m.header.End():at]...)
	default:
		out = append(append(out, src[:m.header.TagEnd()]...), security...)
		out = append(out, src[m.header.TagEnd():at]...)
	}
	out = append(out, b.tag...)
	return append(append(out, b.rest...), src[m.body.End():]...)
}

// bodyTag is the Body with its new start tag.
type bodyTag struct {
	tag  string // new start tag
	rest string // content and end tag
}

// splitBody makes the start tag anew with the Id, leaving out Ids it had.
func splitBody(src string, body xmltext.Node, id string, style IDStyle) bodyTag {
	var t strings.Builder
	t.WriteString("<" + body.Name())
	bound := map[string]string{}
	for a := range body.Attrs() {
		if !a.Decl() && strings.EqualFold(a.Local(), "id") {
			continue
		}
		if a.Decl() {
			bound[strings.TrimPrefix(a.Name(), "xmlns:")] = a.Value()
		}
		t.WriteString(src[a.Start():a.End()])
	}
	write := func(prefix, uri string) {
		// A prefix that means something else in the Body, by whatever declaration,
		// must keep its meaning there.
		for old, ok := body.Lookup(prefix); ok && old != uri; old, ok = body.Lookup(prefix) {
			prefix += "x"
		}
		if bound[prefix] == "" {
			t.WriteString(` xmlns:` + prefix + `="` + uri + `"`)
		}
		t.WriteString(` ` + prefix + `:Id="` + id + `"`)
	}
	switch style {
	case IDPlain:
		t.WriteString(` Id="` + id + `"`)
	case IDBoth:
		write("wsse", Namespace)
		write("wsu", NamespaceUtility)
	default:
		write("wsu", NamespaceUtility)
	}
	t.WriteString(">")
	rest := src[body.TagEnd():body.End()]
	if body.EmptyTag() {
		rest = "</" + body.Name() + ">"
	}
	return bodyTag{t.String(), rest}
}

// digestBody digests the Body as it will stand in the message: it is read once
// more with its new start tag, inside an element that carries the
// declarations of the Envelope.
func digestBody(d *xmltext.Doc, b bodyTag, suite *xmldsig.Suite) ([]byte, error) {
	root := d.Root()
	src := d.Source()
	text := make([]byte, 0, root.TagEnd()-root.Start()+len(b.tag)+len(b.rest)+len(root.Name())+3)
	text = append(append(append(text, src[root.Start():root.TagEnd()]...), b.tag...), b.rest...)
	text = append(append(append(text, "</"...), root.Name()...), '>')
	e, err := xmltext.Parse(text, xmltext.Limits{})
	if err != nil {
		return nil, xmldsig.RefuseInput(err)
	}
	h := suite.NewHash()
	if err := (c14n.Method{Kind: c14n.Exclusive}).Write(h, e.Root().First(), xmltext.Node{}); err != nil {
		return nil, xmldsig.RefuseForm(err)
	}
	return h.Sum(nil), nil
}

// buildSecurity writes the Security header. SignedInfo is written in the very
// form its exclusive canonical form has, so that it is signed as it stands.
func buildSecurity(ctx context.Context, s xmldsig.Signer, form KeyInfo, id string, digest []byte, soap string) ([]byte, error) {
	suite := s.Suite()
	declared := ""
	if soap == "" || soap == "wsse" {
		// An attribute cannot use the default namespace the Envelope stands in,
		// nor a prefix that Security itself binds anew.
		soap, declared = "soap", ` xmlns:soap="`+namespaceSOAP11+`"`
	}
	const c14nURI = c14n.URIExclusive
	signedInfo := `<ds:SignedInfo xmlns:ds="` + xmldsig.Namespace + `">` +
		`<ds:CanonicalizationMethod Algorithm="` + c14nURI + `"></ds:CanonicalizationMethod>` +
		`<ds:SignatureMethod Algorithm="` + suite.SignatureURI + `"></ds:SignatureMethod>` +
		`<ds:Reference URI="#` + id + `"><ds:Transforms><ds:Transform Algorithm="` + c14nURI + `"></ds:Transform></ds:Transforms>` +
		`<ds:DigestMethod Algorithm="` + suite.DigestURI + `"></ds:DigestMethod>` +
		`<ds:DigestValue>` + base64.StdEncoding.EncodeToString(digest) + `</ds:DigestValue></ds:Reference></ds:SignedInfo>`
	value, err := s.Sign(ctx, []byte(signedInfo))
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	token, reference, err := keyInfo(s.Certificate(), form, id)
	if err != nil {
		return nil, err
	}
	var b []byte
	b = append(b, `<wsse:Security xmlns:wsse="`+Namespace+`"`+declared+` `+soap+`:mustUnderstand="1">`+token+`<ds:Signature xmlns:ds="`+xmldsig.Namespace+`">`...)
	b = append(b, strings.Replace(signedInfo, ` xmlns:ds="`+xmldsig.Namespace+`"`, "", 1)...)
	b = append(b, `<ds:SignatureValue>`...)
	b = base64.StdEncoding.AppendEncode(b, value)
	return append(b, `</ds:SignatureValue><ds:KeyInfo>`+reference+`</ds:KeyInfo></ds:Signature></wsse:Security>`...), nil
}

// keyInfo writes the content of ds:KeyInfo and, where the form needs one, the
// token in front of the signature.
func keyInfo(der []byte, form KeyInfo, id string) (token, reference string, err error) {
	const open, end = `<wsse:SecurityTokenReference>`, `</wsse:SecurityTokenReference>`
	cert := base64.StdEncoding.EncodeToString(der)
	switch form {
	case "", KeyIdentifier:
		return "", open + `<wsse:KeyIdentifier EncodingType="` + EncodingBase64 + `" ValueType="` + TokenX509v3 + `">` + cert + `</wsse:KeyIdentifier>` + end, nil
	case X509Data:
		return "", `<ds:X509Data><ds:X509Certificate>` + cert + `</ds:X509Certificate></ds:X509Data>`, nil
	case BinarySecurityToken:
		token = `<wsse:BinarySecurityToken xmlns:wsu="` + NamespaceUtility + `" EncodingType="` + EncodingBase64 + `" ValueType="` + TokenX509v3 + `" wsu:Id="x509-` + id + `">` + cert + `</wsse:BinarySecurityToken>`
		return token, open + `<wsse:Reference URI="#x509-` + id + `" ValueType="` + TokenX509v3 + `"></wsse:Reference>` + end, nil
	case IssuerSerial:
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return "", "", fmt.Errorf("signer's certificate: %w", err)
		}
		name := xmltext.AppendText(nil, c.Issuer.String())
		return "", open + `<ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>` + string(name) + `</ds:X509IssuerName><ds:X509SerialNumber>` +
			c.SerialNumber.String() + `</ds:X509SerialNumber></ds:X509IssuerSerial></ds:X509Data>` + end, nil
	}
	return "", "", fmt.Errorf("unknown KeyInfo form %q", form)
}
