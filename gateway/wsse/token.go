package wsse

import (
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// Token reads wsse:SecurityTokenReference into the hint: KeyIdentifier with
// the whole certificate or the subject key identifier, Reference to a
// BinarySecurityToken of the same header, or X509Data.
func (m *message) Token(n xmltext.Node, h *pki.Hint) *xmldsig.Error {
	if r := n.First(); n.Is(Namespace, "SecurityTokenReference") && r.Is(Namespace, "Reference") && r.NextElement().IsZero() {
		return m.tokenByURI(r, h)
	}
	return Token(n, h)
}

// Token reads a wsse:SecurityTokenReference that stands on its own, as some
// business-data signatures carry one beside X509Data.
func Token(n xmltext.Node, h *pki.Hint) *xmldsig.Error {
	if !n.Is(Namespace, "SecurityTokenReference") {
		return refuse("the child %q of KeyInfo is not accepted", xmldsig.ElementName(n.Local()))
	}
	c := n.First()
	if c.IsZero() || !c.NextElement().IsZero() || !n.OnlyElements() {
		return refuse("SecurityTokenReference must hold exactly one reference")
	}
	switch {
	case c.Is(Namespace, "KeyIdentifier"):
		return keyIdentifier(c, h)
	case c.Is(xmldsig.Namespace, "X509Data"):
		return xmldsig.ReadX509Data(c, h)
	}
	return refuse("SecurityTokenReference holds an unexpected reference")
}

func keyIdentifier(n xmltext.Node, h *pki.Hint) *xmldsig.Error {
	if err := base64Encoding(n); err != nil {
		return err
	}
	switch v, _ := n.Attr("", "ValueType"); v {
	case TokenX509v3:
		return xmldsig.AddCertificate(n, h)
	case TokenX509SKI:
		return xmldsig.AddKeyID(n, h)
	default:
		return refuse("the ValueType of KeyIdentifier is not accepted")
	}
}

func base64Encoding(n xmltext.Node) *xmldsig.Error {
	if e, ok := n.Attr("", "EncodingType"); ok && e != EncodingBase64 {
		return refuse("the EncodingType of %s is not Base64Binary", n.Local())
	}
	return nil
}

// tokenByURI follows a Reference to the BinarySecurityToken in the same
// Security header.
func (m *message) tokenByURI(n xmltext.Node, h *pki.Hint) *xmldsig.Error {
	uri, _ := n.Attr("", "URI")
	if v, ok := n.Attr("", "ValueType"); ok && v != TokenX509v3 {
		return refuse("the ValueType of Reference is not accepted")
	}
	var found xmltext.Node
	for c := range m.security.Elements() {
		id, ok := c.Attr(NamespaceUtility, "Id")
		if ok && uri == "#"+id && c.Is(Namespace, "BinarySecurityToken") {
			if !found.IsZero() {
				return refuse("two BinarySecurityTokens carry the same Id")
			}
			found = c
		}
	}
	if found.IsZero() {
		return refuse("the token reference points to no BinarySecurityToken of this header")
	}
	if v, _ := found.Attr("", "ValueType"); v != TokenX509v3 {
		return refuse("the ValueType of BinarySecurityToken is not accepted")
	}
	if err := base64Encoding(found); err != nil {
		return err
	}
	return xmldsig.AddCertificate(found, h)
}
