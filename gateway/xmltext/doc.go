// Package xmltext is the one strict, bounded reader that stands in front of
// every XML document Kopir did not write itself.
//
// It accepts a subset of XML 1.0 (fifth edition) with Namespaces in XML 1.0:
// UTF-8 only, no document type declaration, one root, nothing before or after
// it, every prefix bound, no attribute twice, and comments and processing
// instructions only where the caller allows them. Size, depth and counts are
// bounded before work is done. Each refusal is an *Error that names the rule
// and the byte. A namespace name may be anything; the document remembers the
// first one that has no canonical form.
//
// Parse keeps an immutable copy of the text and a flat table of nodes in
// document order that point into it: nothing is copied or re-serialised, so
// the bytes that are digested, the offsets at which a signature is spliced in
// and the values that are read all belong to the same document. A Node is a
// small value that names one row of the table.
package xmltext

import (
	"iter"
	"sort"
	"strings"
)

// Namespace names every document knows without declaring them.
const (
	// NamespaceXML is bound to the prefix xml (Namespaces in XML 1.0, section 3).
	NamespaceXML = "http://www.w3.org/XML/1998/namespace"
	// NamespaceXMLNS is bound to the prefix xmlns (ditto).
	NamespaceXMLNS = "http://www.w3.org/2000/xmlns/"
	namespaceXSI   = "http://www.w3.org/2001/XMLSchema-instance"
)

// Kind tells what a Node is.
type Kind uint8

// The kinds of nodes.
const (
	Element Kind = iota + 1
	Text
	CData
	Comment
	ProcInst
)

// Prefixes and namespace names are numbered per document, so that scope
// handling in canonicalization works on small integers instead of strings.
const (
	prefixNone  = 0 // the default namespace
	prefixXML   = 1
	prefixXMLNS = 2
	uriNone     = 0 // no namespace
	uriXML      = 1
	uriXMLNS    = 2
)

// Flags of a run of characters: what keeps it from being its own value.
const (
	flagRef   = 1 << iota // contains a character or entity reference
	flagCR                // contains a carriage return (line-end normalisation)
	flagGT                // contains '>', which canonical text escapes
	flagQuote             // attribute value contains '"' (canonical form escapes it)
	flagSpace             // attribute value contains a literal TAB or LF
)

type node struct {
	start, end   int32 // whole node; for an element from '<' to after its end tag
	inner, close int32 // element: after the start tag, before the end tag; else the character run
	name, colon  int32 // element or PI: start of the name, length of the prefix with its colon
	nameEnd      int32
	parent       int32
	next         int32 // first row after this node's subtree
	attr, attrs  int32 // attributes: first row and count, declarations included
	prefix, uri  int32
	kind         Kind
	flags        uint8
}

type attribute struct {
	name, colon, nameEnd int32 // colon: length of the prefix with its colon
	value, valueEnd      int32 // between the quotes
	start                int32 // of the white space in front of the attribute
	prefix, uri          int32 // of the attribute, or, for a declaration, what it declares
	decl                 bool  // xmlns or xmlns:p
	flags                uint8
}

// Doc is one accepted document. It is immutable and safe for concurrent use.
type Doc struct {
	src      string
	nodes    []node
	attrs    []attribute
	prefixes []string
	uris     []string
	root     int32
	odd      int32 // value of the first declaration of a name without canonical form, -1 for none
	// Most documents need no more room than this for their names.
	prefixRoom, uriRoom [smallTable]string
}

// Source is the text that was parsed, without a byte order mark.
func (d *Doc) Source() string { return d.src }

// Root is the document element.
func (d *Doc) Root() Node { return Node{d, d.root} }

// Top iterates over the nodes beside and including the root: comments and
// processing instructions in front of it and behind it, in document order.
func (d *Doc) Top() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		for i := int32(0); int(i) < len(d.nodes); i = d.nodes[i].next {
			if !yield(Node{d, i}) {
				return
			}
		}
	}
}

// OddName is the offset in the source of the first namespace name that is not
// an absolute URI, or is one that implementations write differently; -1 if
// there is none. Namespaces in XML 1.0 lets such names be, but no canonical form
// exists of a document that declares one (Canonical XML 1.0, section 1.3).
func (d *Doc) OddName() int { return int(d.odd) }

// NodeAt gives the node of a row; rows count nodes in document order from 0.
func (d *Doc) NodeAt(row int) Node { return Node{d, int32(row)} }

// Prefixes gives every prefix of the document by its number; number 0 is the
// default namespace, 1 is xml, 2 is xmlns.
func (d *Doc) Prefixes() []string { return d.prefixes }

// URI gives the namespace name of a number; number 0 is no namespace.
func (d *Doc) URI(n int) string { return d.uris[n] }

// Node is one node of a Doc. The zero Node is no node; its methods that
// return strings return "", and its iterators yield nothing.
type Node struct {
	d *Doc
	i int32
}

func (n Node) row() *node { return &n.d.nodes[n.i] }

// IsZero tells whether n is no node.
func (n Node) IsZero() bool { return n.d == nil }

// Doc is the document n belongs to.
func (n Node) Doc() *Doc { return n.d }

// Row is the position of n in document order.
func (n Node) Row() int { return int(n.i) }

// After is the first row that does not belong to n's subtree.
func (n Node) After() int { return int(n.row().next) }

// Kind is what n is.
func (n Node) Kind() Kind { return n.row().kind }

// Start is the offset of n's first byte in the source.
func (n Node) Start() int { return int(n.row().start) }

// End is the offset behind n's last byte in the source.
func (n Node) End() int { return int(n.row().end) }

// TagEnd is the offset behind an element's start tag.
func (n Node) TagEnd() int { return int(n.row().inner) }

// NameEnd is the offset behind the name in an element's start tag: the place
// where an attribute can be spliced in.
func (n Node) NameEnd() int { return int(n.row().nameEnd) }

// ContentEnd is the offset of an element's end tag, or, for <a/>, the same as
// TagEnd.
func (n Node) ContentEnd() int { return int(n.row().close) }

// EmptyTag tells whether the element was written as <a/>.
func (n Node) EmptyTag() bool { r := n.row(); return r.inner == r.end }

// Raw is the source text of n.
func (n Node) Raw() string {
	if n.IsZero() {
		return ""
	}
	r := n.row()
	return n.d.src[r.start:r.end]
}

// Name is the qualified name as written, or the target of a processing
// instruction.
func (n Node) Name() string {
	if n.IsZero() {
		return ""
	}
	r := n.row()
	return n.d.src[r.name:r.nameEnd]
}

// Local is the local part of an element's name.
func (n Node) Local() string {
	if n.IsZero() {
		return ""
	}
	r := n.row()
	return n.d.src[r.name+r.colon : r.nameEnd]
}

// Prefix is the prefix as written, without the colon.
func (n Node) Prefix() string {
	if n.IsZero() {
		return ""
	}
	return n.d.prefixes[n.row().prefix]
}

// Space is the namespace name of an element, "" for none.
func (n Node) Space() string {
	if n.IsZero() {
		return ""
	}
	return n.d.uris[n.row().uri]
}

// PrefixID and SpaceID are the numbers of prefix and namespace name.
func (n Node) PrefixID() int { return int(n.row().prefix) }

// SpaceID is the number of the element's namespace name.
func (n Node) SpaceID() int { return int(n.row().uri) }

// Is tells whether n is the element with that namespace name and local name.
func (n Node) Is(space, local string) bool {
	return !n.IsZero() && n.row().kind == Element && n.Local() == local && n.Space() == space
}

// Parent is the element around n, zero for the root.
func (n Node) Parent() Node {
	if n.IsZero() || n.row().parent < 0 {
		return Node{}
	}
	return Node{n.d, n.row().parent}
}

// Contains tells whether m is n or lies inside it.
func (n Node) Contains(m Node) bool {
	return n.d == m.d && m.i >= n.i && m.i < n.row().next
}

// Nodes iterates over all children of an element.
func (n Node) Nodes() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		if n.IsZero() || n.row().kind != Element {
			return
		}
		for i, end := n.i+1, n.row().next; i < end; i = n.d.nodes[i].next {
			if !yield(Node{n.d, i}) {
				return
			}
		}
	}
}

// Elements iterates over the child elements.
func (n Node) Elements() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		for c := n.First(); !c.IsZero(); c = c.NextElement() {
			if !yield(c) {
				return
			}
		}
	}
}

// First is the first child element, zero if there is none.
func (n Node) First() Node {
	if n.IsZero() || n.row().kind != Element {
		return Node{}
	}
	return n.d.element(n.i+1, n.row().next)
}

// NextElement is the next sibling element, zero if there is none.
func (n Node) NextElement() Node {
	r := n.row()
	end := int32(len(n.d.nodes))
	if r.parent >= 0 {
		end = n.d.nodes[r.parent].next
	}
	return n.d.element(r.next, end)
}

// element is the first element among the siblings that start at row i.
func (d *Doc) element(i, end int32) Node {
	for ; i < end; i = d.nodes[i].next {
		if d.nodes[i].kind == Element {
			return Node{d, i}
		}
	}
	return Node{}
}

// Child is the first child element of that name, zero if there is none.
func (n Node) Child(space, local string) Node {
	for c := n.First(); !c.IsZero(); c = c.NextElement() {
		if c.Is(space, local) {
			return c
		}
	}
	return Node{}
}

// ChildNamed is the first child element of that local name in any namespace:
// for wires whose peers disagree about qualification.
func (n Node) ChildNamed(local string) Node {
	for c := n.First(); !c.IsZero(); c = c.NextElement() {
		if c.Local() == local {
			return c
		}
	}
	return Node{}
}

// OnlyElements tells whether n holds no characters but white space beside its
// child elements (and whatever else Limits let in).
func (n Node) OnlyElements() bool {
	for c := range n.Nodes() {
		if k := c.Kind(); (k == Text || k == CData) && strings.Trim(c.value(), " \t\r\n") != "" {
			return false
		}
	}
	return true
}

// Text is the character data of an element's own text and CDATA children with
// references resolved and line ends normalised; for other nodes their own
// characters. It returns a part of the source where that is the value.
func (n Node) Text() string {
	if n.IsZero() {
		return ""
	}
	if n.row().kind != Element {
		return n.value()
	}
	var first string
	var rest []byte
	count := 0
	for c := range n.Nodes() {
		if k := c.Kind(); k != Text && k != CData {
			continue
		}
		switch count {
		case 0:
			first = c.value()
		case 1:
			rest = append(append(rest, first...), c.value()...)
		default:
			rest = append(rest, c.value()...)
		}
		count++
	}
	if count < 2 {
		return first
	}
	return string(rest)
}

// value is the character data of a text-like node.
func (n Node) value() string {
	r := n.row()
	raw := n.d.src[r.inner:r.close]
	if r.flags&(flagRef|flagCR) == 0 {
		return raw
	}
	return string(appendValue(nil, raw, false, r.kind == Text))
}

// Nil tells whether the element carries xsi:nil with a true value (XML Schema
// 1.0 part 1, section 2.6.2).
func (n Node) Nil() bool {
	v, ok := n.Attr(namespaceXSI, "nil")
	v = strings.Trim(v, " \t\r\n")
	return ok && (v == "true" || v == "1")
}

// Attr is the normalised value of an attribute; a namespace declaration is
// not an attribute.
func (n Node) Attr(space, local string) (string, bool) {
	for a := range n.Attrs() {
		if !a.Decl() && a.Local() == local && a.Space() == space {
			return a.Value(), true
		}
	}
	return "", false
}

// NumAttrs counts the attributes without namespace declarations.
func (n Node) NumAttrs() int {
	c := 0
	for a := range n.Attrs() {
		if !a.Decl() {
			c++
		}
	}
	return c
}

// Attrs iterates over attributes and namespace declarations as written.
func (n Node) Attrs() iter.Seq[Attr] {
	return func(yield func(Attr) bool) {
		if n.IsZero() {
			return
		}
		r := n.row()
		for i := r.attr; i < r.attr+r.attrs; i++ {
			if !yield(Attr{n.d, i}) {
				return
			}
		}
	}
}

// AttrRows gives the rows of n's attributes, declarations included; see
// Doc.AttrAt. A loop over rows costs less than Attrs on a hot path.
func (n Node) AttrRows() (first, after int) {
	r := n.row()
	return int(r.attr), int(r.attr + r.attrs)
}

// AttrAt gives the attribute of a row.
func (d *Doc) AttrAt(row int) Attr { return Attr{d, int32(row)} }

// Attr is one attribute or namespace declaration.
type Attr struct {
	d *Doc
	i int32
}

func (a Attr) row() *attribute { return &a.d.attrs[a.i] }

// Decl tells whether a is a namespace declaration.
func (a Attr) Decl() bool { return a.row().decl }

// Name is the qualified name as written.
func (a Attr) Name() string { r := a.row(); return a.d.src[r.name:r.nameEnd] }

// Local is the local part of the name.
func (a Attr) Local() string { r := a.row(); return a.d.src[r.name+r.colon : r.nameEnd] }

// Space is the attribute's namespace name; an unprefixed one has none.
func (a Attr) Space() string { return a.d.uris[a.row().uri] }

// PrefixID is the number of the attribute's prefix, or of the prefix that a
// declaration declares.
func (a Attr) PrefixID() int { return int(a.row().prefix) }

// SpaceID is the number of the attribute's namespace name, or of the one that
// a declaration binds.
func (a Attr) SpaceID() int { return int(a.row().uri) }

// Start is the offset of the white space in front of the attribute, End the
// offset behind its closing quote.
func (a Attr) Start() int { return int(a.row().start) }

// End is the offset behind the closing quote.
func (a Attr) End() int { return int(a.row().valueEnd) + 1 }

// Raw is the value as written between the quotes.
func (a Attr) Raw() string { r := a.row(); return a.d.src[r.value:r.valueEnd] }

// Value is the normalised value (XML 1.0, section 3.3.3, for CDATA).
func (a Attr) Value() string {
	r := a.row()
	if r.flags&(flagRef|flagCR|flagSpace) == 0 {
		return a.d.src[r.value:r.valueEnd]
	}
	return string(appendValue(nil, a.d.src[r.value:r.valueEnd], true, true))
}

// Lookup resolves a prefix ("" for the default namespace) in the scope of an
// element; ok is false for an unbound prefix.
func (n Node) Lookup(prefix string) (uri string, ok bool) {
	if prefix == "xml" {
		return NamespaceXML, true
	}
	for ; !n.IsZero(); n = n.Parent() {
		for a := range n.Attrs() {
			if a.Decl() && n.d.prefixes[a.row().prefix] == prefix {
				return n.d.uris[a.row().uri], true
			}
		}
	}
	return "", prefix == ""
}

// NumAttrs is the number of attribute rows of the document.
func (d *Doc) NumAttrs() int { return len(d.attrs) }

// Owner is the element an attribute belongs to.
func (a Attr) Owner() Node {
	nodes := a.d.nodes
	// Attribute rows are in the order of their elements.
	i := sort.Search(len(nodes), func(i int) bool { return nodes[i].start > a.row().start })
	for i--; nodes[i].kind != Element; i-- {
	}
	return Node{a.d, int32(i)}
}
