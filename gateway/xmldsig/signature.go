package xmldsig

import (
	"encoding/base64"
	"strings"

	"github.com/kopir-kz/kopir/gateway/c14n"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// The one accepted shape (XMLDSig, section 4):
//
//	Signature  = SignedInfo SignatureValue KeyInfo
//	SignedInfo = CanonicalizationMethod SignatureMethod Reference{1,16}
//	Reference  = Transforms? DigestMethod DigestValue
//	Transforms = Transform{1,4}
//
// with no text beside white space, no further children, values that are text
// alone, and Algorithm or URI as the only attributes beside Id.

// signature is a ds:Signature taken apart.
type signature struct {
	node       xmltext.Node
	signedInfo xmltext.Node
	keyInfo    xmltext.Node
	method     algorithm // of SignedInfo's canonicalization
	signatures string    // SignatureMethod Algorithm
	value      []byte
	refs       []reference
}

// reference is a ds:Reference taken apart.
type reference struct {
	uri        string
	transforms []algorithm
	digestURI  string
	digest     []byte
	target     xmltext.Node
	whole      bool // URI="": the whole document
	name       string
}

// algorithm is a Transform or CanonicalizationMethod.
type algorithm struct {
	uri      string
	prefixes []string // of InclusiveNamespaces
}

// reader walks the children of an element and remembers the first deviation.
type reader struct {
	at  xmltext.Node
	cur xmltext.Node
	err *Error
}

func children(n xmltext.Node) *reader {
	r := &reader{at: n, cur: n.First()}
	if !n.OnlyElements() {
		r.refuse("text beside the child elements of %s", n.Local())
	}
	return r
}

func (r *reader) refuse(format string, args ...any) {
	if r.err == nil {
		r.err = Refuse(ClassStructure, format, args...)
	}
}

// take reads the next child, which must have this name.
func (r *reader) take(local string) xmltext.Node {
	n := r.cur
	if r.err != nil {
		return xmltext.Node{}
	}
	if !n.Is(Namespace, local) {
		r.refuse("%s must have %s as its next child", r.at.Local(), local)
		return xmltext.Node{}
	}
	r.cur = n.NextElement()
	return n
}

func (r *reader) end() {
	if r.err == nil && !r.cur.IsZero() {
		r.refuse("%s has an unexpected child", r.at.Local())
	}
}

// attributes refuses attributes other than the named one; Id is let in where
// the schema has it.
func (r *reader) attributes(n xmltext.Node, name string) string {
	if r.err != nil {
		return ""
	}
	var value string
	found := false
	for a := range n.Attrs() {
		switch {
		case a.Decl():
		case a.Space() == "" && a.Local() == name:
			value, found = a.Value(), true
		case a.Space() == "" && (a.Local() == "Id" || a.Local() == "Type" && n.Local() == "Reference"):
		default:
			r.refuse("%s has an unexpected attribute", n.Local())
		}
	}
	if name != "" && !found {
		r.refuse("%s has no %s", n.Local(), name)
	}
	return value
}

// bytes reads base64 text that may be broken over lines.
func (r *reader) bytes(n xmltext.Node) []byte {
	if r.err != nil {
		return nil
	}
	b, ok := Base64(n)
	if !ok {
		r.refuse("%s is not base64 text alone", n.Local())
	}
	return b
}

// Base64 decodes the text of an element. White space is let in, as are
// references to it (peers write "&#13;"); child nodes other than text are not,
// so that no reader can see another value.
func Base64(n xmltext.Node) ([]byte, bool) {
	for c := range n.Nodes() {
		if k := c.Kind(); k != xmltext.Text {
			return nil, false
		}
	}
	text := n.Text()
	if strings.ContainsAny(text, " \t\r\n") {
		text = strings.Map(func(r rune) rune {
			if r == ' ' || r == '\t' || r == '\r' || r == '\n' {
				return -1
			}
			return r
		}, text)
	}
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	return b, err == nil && len(b) > 0
}

// readSignature takes a ds:Signature apart.
func readSignature(n xmltext.Node) (*signature, *Error) {
	s := &signature{node: n}
	r := children(n)
	r.attributes(n, "")
	s.signedInfo = r.take("SignedInfo")
	s.value = r.bytes(r.take("SignatureValue"))
	s.keyInfo = r.take("KeyInfo")
	r.end()
	if r.err != nil {
		return nil, r.err
	}
	if err := s.readSignedInfo(); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *signature) readSignedInfo() *Error {
	r := children(s.signedInfo)
	r.attributes(s.signedInfo, "")
	s.method = r.algorithm(r.take("CanonicalizationMethod"))
	m := r.take("SignatureMethod")
	s.signatures = r.attributes(m, "Algorithm")
	if r.err == nil && !m.First().IsZero() {
		r.refuse("SignatureMethod has parameters")
	}
	for r.err == nil && (!r.cur.IsZero() || len(s.refs) == 0) {
		if len(s.refs) == MaxReferences {
			r.refuse("SignedInfo has more than %d References", MaxReferences)
			break
		}
		ref, err := readReference(r.take("Reference"))
		if r.err == nil {
			r.err = err
		}
		s.refs = append(s.refs, ref)
	}
	return r.err
}

func readReference(n xmltext.Node) (ref reference, err *Error) {
	if n.IsZero() {
		return ref, nil
	}
	r := children(n)
	ref.uri = r.attributes(n, "URI")
	if r.cur.Is(Namespace, "Transforms") {
		ts := children(r.take("Transforms"))
		for ts.err == nil && !ts.cur.IsZero() {
			if len(ref.transforms) == MaxTransforms {
				ts.refuse("a Reference has more than %d Transforms", MaxTransforms)
				break
			}
			ref.transforms = append(ref.transforms, ts.algorithm(ts.take("Transform")))
		}
		if r.err == nil {
			r.err = ts.err
		}
	}
	m := r.take("DigestMethod")
	ref.digestURI = r.attributes(m, "Algorithm")
	ref.digest = r.bytes(r.take("DigestValue"))
	r.end()
	return ref, r.err
}

// algorithm reads an element that names an algorithm; the only parameter that
// exists for the accepted ones is InclusiveNamespaces. An algorithm that is
// not accepted is refused later, by name, whatever parameters it has.
func (r *reader) algorithm(n xmltext.Node) (a algorithm) {
	if r.err != nil {
		return a
	}
	a.uri = r.attributes(n, "Algorithm")
	p := n.First()
	if p.IsZero() {
		return a
	}
	if m, ok := c14n.ByURI(a.uri); !ok {
		return a
	} else if m.Kind != c14n.Exclusive || !p.Is(NamespaceExclusive, "InclusiveNamespaces") || !p.NextElement().IsZero() {
		r.refuse("%s has an unexpected parameter", n.Local())
		return a
	}
	list, _ := p.Attr("", "PrefixList")
	a.prefixes = strings.Fields(list)
	return a
}
