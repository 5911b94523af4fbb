package xmldsig

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/kopir-kz/kopir/gateway/c14n"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// The one accepted shape (XMLDSig, section 4):
//
//	Signature  = SignedInfo SignatureValue KeyInfo? Object*
//	SignedInfo = CanonicalizationMethod SignatureMethod Reference{1,16}
//	Reference  = Transforms? DigestMethod DigestValue
//	Transforms = Transform{1,4}
//
// with no text beside white space, no further children, values that are text
// alone, and Algorithm or URI as the only attributes beside Id. Object is let
// in only where the caller expects an enveloping signature.

// signature is a ds:Signature taken apart.
type signature struct {
	node       xmltext.Node
	signedInfo xmltext.Node
	keyInfo    xmltext.Node
	method     algorithm // of SignedInfo's canonicalization
	algorithm  string    // SignatureMethod Algorithm
	parameters bool      // SignatureMethod has child elements
	value      xmltext.Node
	refs       []reference

	room [2]reference
}

// reference is a ds:Reference taken apart.
type reference struct {
	node       xmltext.Node
	uri        string
	transforms []algorithm
	digestURI  string
	digest     xmltext.Node
	target     xmltext.Node
	whole      bool // URI="": the whole document
	name       string

	room [2]algorithm
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

func children(n xmltext.Node) (r reader) {
	r.at, r.cur = n, n.First()
	if !n.OnlyElements() {
		r.refuse("text beside the child elements of %s", n.Local())
	}
	return r
}

func (r *reader) refuse(format string, args ...any) {
	if r.err == nil {
		r.err = Refuse(ClassStructure, format, args...).At(r.at)
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

// textOnly refuses an element that holds anything but text, so that no reader
// can see another value than we do.
func (r *reader) textOnly(n xmltext.Node) xmltext.Node {
	if r.err == nil && !isText(n) {
		r.refuse("%s is not text alone", n.Local())
	}
	return n
}

func isText(n xmltext.Node) bool {
	for c := range n.Nodes() {
		if c.Kind() != xmltext.Text {
			return false
		}
	}
	return true
}

// Base64 decodes the text of an element. White space is let in, as are
// references to it (peers write "&#13;"); child nodes other than text are not.
func Base64(n xmltext.Node) ([]byte, bool) { return appendBase64(nil, n) }

func appendBase64(dst []byte, n xmltext.Node) ([]byte, bool) {
	if !isText(n) {
		return dst, false
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
	// The encoded text is laid behind the place where the decoded bytes go.
	size := base64.StdEncoding.DecodedLen(len(text))
	from := len(dst)
	dst = slices.Grow(dst, size+len(text))[:from+size+len(text)]
	encoded := dst[from+size:]
	copy(encoded, text)
	count, err := base64.StdEncoding.Strict().Decode(dst[from:from+size], encoded)
	return dst[:from+count], err == nil
}

// read takes a ds:Signature apart.
func (s *signature) read(n xmltext.Node, enveloping bool) *Error {
	*s = signature{node: n}
	r := children(n)
	r.attributes(n, "")
	s.signedInfo = r.take("SignedInfo")
	s.value = r.textOnly(r.take("SignatureValue"))
	if r.cur.Is(Namespace, "KeyInfo") {
		s.keyInfo = r.take("KeyInfo")
	}
	for enveloping && r.cur.Is(Namespace, "Object") {
		r.take("Object")
	}
	r.end()
	if r.err != nil {
		return r.err
	}
	return s.readSignedInfo()
}

func (s *signature) readSignedInfo() *Error {
	r := children(s.signedInfo)
	r.attributes(s.signedInfo, "")
	s.method.read(&r, r.take("CanonicalizationMethod"))
	m := r.take("SignatureMethod")
	s.algorithm, s.parameters = r.attributes(m, "Algorithm"), !m.First().IsZero()
	s.refs = s.room[:0]
	for r.err == nil && (!r.cur.IsZero() || len(s.refs) == 0) {
		if len(s.refs) == MaxReferences {
			r.refuse("SignedInfo has more than %d References", MaxReferences)
			break
		}
		s.refs = append(s.refs, reference{})
		if n := r.take("Reference"); r.err == nil {
			r.err = s.refs[len(s.refs)-1].read(n)
		}
	}
	return r.err
}

func (ref *reference) read(n xmltext.Node) *Error {
	r := children(n)
	ref.node, ref.uri = n, r.attributes(n, "URI")
	if r.cur.Is(Namespace, "Transforms") {
		ts := children(r.take("Transforms"))
		ref.transforms = ref.room[:0]
		for ts.err == nil && !ts.cur.IsZero() {
			if len(ref.transforms) == MaxTransforms {
				ts.refuse("a Reference has more than %d Transforms", MaxTransforms)
				break
			}
			ref.transforms = append(ref.transforms, algorithm{})
			ref.transforms[len(ref.transforms)-1].read(&ts, ts.take("Transform"))
		}
		if r.err == nil {
			r.err = ts.err
		}
	}
	m := r.take("DigestMethod")
	ref.digestURI = r.attributes(m, "Algorithm")
	ref.digest = r.textOnly(r.take("DigestValue"))
	r.end()
	return r.err
}

// maxPrefixList is how long an InclusiveNamespaces PrefixList may be: it is
// held against every prefix of the document before the signature is checked.
const maxPrefixList = 1 << 10

// read reads an element that names an algorithm; the only parameter that
// exists for the accepted ones is InclusiveNamespaces. An algorithm that is
// not accepted is refused later, by name, whatever parameters it has.
func (a *algorithm) read(r *reader, n xmltext.Node) {
	if r.err != nil {
		return
	}
	a.uri = r.attributes(n, "Algorithm")
	p := n.First()
	if p.IsZero() {
		return
	}
	if m, ok := c14n.ByURI(a.uri); !ok {
		return
	} else if m.Kind != c14n.Exclusive || !p.Is(NamespaceExclusive, "InclusiveNamespaces") || !p.NextElement().IsZero() {
		r.refuse("%s has an unexpected parameter", n.Local())
		return
	}
	list, _ := p.Attr("", "PrefixList")
	if len(list) > maxPrefixList {
		r.refuse("the PrefixList of %s is too long", n.Local())
		return
	}
	a.prefixes = strings.Fields(list)
}
