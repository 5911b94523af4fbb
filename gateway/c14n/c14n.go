// Package c14n writes the canonical form of a document or of the subtree of
// an element: Canonical XML 1.0 and 1.1 and Exclusive XML Canonicalization
// 1.0, each with and without comments, the last with an InclusiveNamespaces
// prefix list.
//
// It walks the node table of xmltext once and writes to a hash or a buffer;
// nothing is copied that stands in the source as it must stand in the output.
// Namespace scope is a stack with undo over small integers: leaving an
// element costs what entering it cost, however many declarations are in scope.
//
// Of a document that declares a namespace name which is not an absolute URI
// nothing is canonicalized: see NameError.
package c14n

import (
	"cmp"
	"io"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// Algorithm identifiers.
const (
	URIInclusive10 = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315" // Canonical XML 1.0
	URIInclusive11 = "http://www.w3.org/2006/12/xml-c14n11"            // Canonical XML 1.1
	URIExclusive   = "http://www.w3.org/2001/10/xml-exc-c14n#"         // Exclusive XML Canonicalization 1.0
)

// Kind is the family of the method.
type Kind uint8

// The families.
const (
	Exclusive Kind = iota + 1
	Inclusive10
	Inclusive11
)

// Method is one way to canonicalize.
type Method struct {
	Kind     Kind
	Comments bool
	Prefixes []string // InclusiveNamespaces PrefixList of Exclusive; "#default" is the default namespace
}

// ByURI finds the method an algorithm identifier names, in both of its
// spellings, without and with comments.
func ByURI(uri string) (Method, bool) {
	switch uri {
	case URIExclusive:
		return Method{Kind: Exclusive}, true
	case URIExclusive + "WithComments":
		return Method{Kind: Exclusive, Comments: true}, true
	case URIInclusive10:
		return Method{Kind: Inclusive10}, true
	case URIInclusive10 + "#WithComments":
		return Method{Kind: Inclusive10, Comments: true}, true
	case URIInclusive11:
		return Method{Kind: Inclusive11}, true
	case URIInclusive11 + "#WithComments":
		return Method{Kind: Inclusive11, Comments: true}, true
	}
	return Method{}, false
}

// URI is the algorithm identifier of m.
func (m Method) URI() string {
	uri, comments := URIExclusive, "WithComments"
	switch m.Kind {
	case Inclusive10:
		uri, comments = URIInclusive10, "#WithComments"
	case Inclusive11:
		uri, comments = URIInclusive11, "#WithComments"
	}
	if m.Comments {
		return uri + comments
	}
	return uri
}

// Write writes the canonical form of the subtree of apex to w, leaving out
// the subtree of without where it is not zero (the enveloped-signature
// transform, XMLDSig section 6.6.4). Errors are those of w and of Check, and
// one for xml:base values that are too long to be joined: after an error what
// was written is no canonical form of anything.
func (m Method) Write(w io.Writer, apex, without xmltext.Node) error {
	c, err := newWriter(m, apex.Doc(), w)
	if err != nil {
		return err
	}
	defer c.free()
	c.tree(apex, without)
	return c.flush()
}

// WriteDocument writes the canonical form of the whole document to w. Errors
// are those of Write.
func (m Method) WriteDocument(w io.Writer, d *xmltext.Doc, without xmltext.Node) error {
	c, err := newWriter(m, d, w)
	if err != nil {
		return err
	}
	defer c.free()
	c.document(without)
	return c.flush()
}

// Append appends the canonical form of the subtree of apex to dst. Errors are
// those of Write; with one, dst comes back as it was.
func (m Method) Append(dst []byte, apex xmltext.Node) ([]byte, error) {
	c, err := newWriter(m, apex.Doc(), nil)
	if err != nil {
		return dst, err
	}
	defer c.free()
	c.out = dst
	c.tree(apex, xmltext.Node{})
	return c.result(dst)
}

// AppendDocument appends the canonical form of the whole document to dst.
// Errors are those of Append.
func (m Method) AppendDocument(dst []byte, d *xmltext.Doc) ([]byte, error) {
	c, err := newWriter(m, d, nil)
	if err != nil {
		return dst, err
	}
	defer c.free()
	c.out = dst
	c.document(xmltext.Node{})
	return c.result(dst)
}

// chunk is how much is gathered before it is handed to the hash.
const chunk = 4096

// none marks a prefix that is not bound, or not yet shown in the output.
const none = -1

// Numbers that xmltext gives to the default namespace, the prefix xml and the
// absent namespace name.
const (
	defaultPrefix = 0
	xmlPrefix     = 1
	noURI         = 0
)

type writer struct {
	m      Method
	d      *xmltext.Doc
	w      io.Writer
	own    []byte // buffer in front of w
	err    error
	out    []byte
	scope  []int32 // by prefix: the namespace name in scope
	shown  []int32 // by prefix: the namespace name the output has in scope
	listed []int32 // the prefixes of the document that the InclusiveNamespaces list names

	isListed []bool // by prefix, if listed is not empty
	undo     []change
	open     []frame
	decls    []int32        // scratch: prefixes to declare on this element
	attrs    []xmltext.Attr // scratch: attributes of this element
	base     string         // value of the apex's xml:base after fix-up
	rebased  bool
	room     struct {
		scope, shown [24]int32
		undo         [32]change
		open         [32]frame
		decls        [16]int32
		listed       [8]int32
		attrs        [16]xmltext.Attr
	}
}

type change struct {
	table  *[]int32
	prefix int32
	old    int32
}

type frame struct {
	node xmltext.Node
	mark int // length of undo when the element was entered
}

// writers keeps writers for reuse: their tables and their buffer are most of
// what a small document would allocate.
//
//nolint:gochecknoglobals // holds no state that could be observed
var writers = sync.Pool{New: func() any { return &writer{own: make([]byte, 0, 2*chunk)} }}

// newWriter is the only way to a writer, and there is none for a document
// without canonical form.
func newWriter(m Method, d *xmltext.Doc, w io.Writer) (*writer, error) {
	if err := Check(d); err != nil {
		return nil, err
	}
	c := writers.Get().(*writer)
	c.m, c.d, c.w, c.err, c.rebased, c.listed = m, d, w, nil, false, c.room.listed[:0]
	c.out = c.own[:0]
	n := len(d.Prefixes())
	c.scope, c.shown = table(c.room.scope[:0], n), table(c.room.shown[:0], n)
	c.undo, c.open = c.room.undo[:0], c.room.open[:0]
	c.decls, c.attrs = c.room.decls[:0], c.room.attrs[:0]
	if m.Kind == Exclusive && len(m.Prefixes) > 0 {
		c.list()
	}
	return c, nil
}

// list numbers the prefixes of the InclusiveNamespaces list; those the document
// does not have need nothing.
func (c *writer) list() {
	named := make(map[string]bool, len(c.m.Prefixes))
	for _, p := range c.m.Prefixes {
		named[p] = true
	}
	for i, p := range c.d.Prefixes() {
		if named[p] && i != defaultPrefix || i == defaultPrefix && named["#default"] {
			c.listed = append(c.listed, int32(i))
		}
	}
	if len(c.listed) > 0 {
		c.isListed = slices.Grow(c.isListed[:0], len(c.d.Prefixes()))[:len(c.d.Prefixes())]
		clear(c.isListed)
		for _, p := range c.listed {
			c.isListed[p] = true
		}
	}
}

// free gives the writer back without keeping anything of the document alive.
func (c *writer) free() {
	if c.w != nil {
		// A long run of text may have grown the buffer; keep an ordinary one.
		if cap(c.out) <= 16*chunk {
			c.own = c.out[:0]
		}
	}
	c.d, c.w, c.out = nil, nil, nil
	clear(c.room.open[:])
	clear(c.room.attrs[:])
	clear(c.own[:cap(c.own)])
	writers.Put(c)
}

// table makes a prefix table in which only the default namespace is bound: to
// no namespace.
func table(room []int32, n int) []int32 {
	if n > cap(room) {
		room = make([]int32, 0, n)
	}
	room = room[:n]
	for i := range room {
		room[i] = none
	}
	room[defaultPrefix] = noURI
	return room
}

func (c *writer) set(t *[]int32, prefix, uri int32) {
	c.undo = append(c.undo, change{t, prefix, (*t)[prefix]})
	(*t)[prefix] = uri
}

func (c *writer) back(mark int) {
	for i := len(c.undo) - 1; i >= mark; i-- {
		u := c.undo[i]
		(*u.table)[u.prefix] = u.old
	}
	c.undo = c.undo[:mark]
}

func (c *writer) flush() error {
	if c.w == nil {
		return c.err
	}
	if c.err == nil && len(c.out) > 0 {
		_, c.err = c.w.Write(c.out)
	}
	c.out = c.out[:0] // after an error nothing is kept
	return c.err
}

// result is what was appended to dst; half a form is none.
func (c *writer) result(dst []byte) ([]byte, error) {
	if c.err != nil {
		return dst, c.err
	}
	return c.out, nil
}

// pass hands a full buffer on.
func (c *writer) pass() {
	if len(c.out) >= chunk {
		_ = c.flush()
	}
}

// most is how far the buffer may grow before it is handed on; without a
// receiver it has to hold everything.
func (c *writer) most() int {
	if c.w == nil {
		return math.MaxInt
	}
	return 2 * chunk
}

// document writes what stands beside the root on lines of its own (Canonical
// XML 1.0, section 2.3, processing model of the document's children).
func (c *writer) document(without xmltext.Node) {
	behind := false
	for n := range c.d.Top() {
		switch {
		case n.Kind() == xmltext.Element:
			c.tree(n, without)
			behind = true
		case n.Kind() == xmltext.Comment && !c.m.Comments:
		case behind:
			c.out = append(c.out, '\n')
			c.leaf(n)
		default:
			c.leaf(n)
			c.out = append(c.out, '\n')
		}
	}
}

// tree writes the subtree of apex in one pass over the rows of the table.
func (c *writer) tree(apex, without xmltext.Node) {
	mark := len(c.undo)
	skip, skipTo := -1, -1
	if !without.IsZero() {
		skip, skipTo = without.Row(), without.After()
	}
	c.enterAncestors(apex.Parent())
	for i, end := apex.Row(), apex.After(); i < end; {
		n := c.d.NodeAt(i)
		for len(c.open) > 0 && c.open[len(c.open)-1].node.After() <= i {
			c.leave()
		}
		if i == skip {
			i = skipTo
			continue
		}
		if n.Kind() == xmltext.Element {
			c.enter(n, i == apex.Row())
		} else {
			c.leaf(n)
		}
		c.pass()
		i++
	}
	for len(c.open) > 0 {
		c.leave()
	}
	c.back(mark)
}

// enterAncestors brings the declarations of the omitted ancestors into scope,
// outermost first.
func (c *writer) enterAncestors(n xmltext.Node) {
	if n.IsZero() {
		return
	}
	c.enterAncestors(n.Parent())
	for i, end := n.AttrRows(); i < end; i++ {
		if a := c.d.AttrAt(i); a.Decl() {
			c.set(&c.scope, int32(a.PrefixID()), int32(a.SpaceID()))
		}
	}
}

// enter writes a start tag.
func (c *writer) enter(n xmltext.Node, apex bool) {
	c.open = append(c.open, frame{n, len(c.undo)})
	c.decls, c.attrs = c.decls[:0], c.attrs[:0]
	first, after := n.AttrRows()
	for i := first; i < after; i++ {
		if a := c.d.AttrAt(i); a.Decl() {
			c.set(&c.scope, int32(a.PrefixID()), int32(a.SpaceID()))
		} else {
			c.attrs = append(c.attrs, a)
		}
	}
	c.namespaces(n, apex, first != after)
	c.out = append(append(c.out, '<'), n.Name()...)
	for _, p := range c.decls {
		c.declare(p)
	}
	c.rebased = false
	if apex && c.m.Kind != Exclusive {
		c.inherit(n)
	}
	c.sortAttrs()
	for _, a := range c.attrs {
		c.attribute(a)
	}
	c.out = append(c.out, '>')
}

func (c *writer) leave() {
	f := c.open[len(c.open)-1]
	c.open = c.open[:len(c.open)-1]
	c.out = append(append(append(c.out, "</"...), f.node.Name()...), '>')
	c.back(f.mark)
}

// namespaces gathers in c.decls, in order, the prefixes this element must
// declare in the output.
func (c *writer) namespaces(n xmltext.Node, apex, tagged bool) {
	switch {
	case c.m.Kind == Exclusive:
		// Exclusive C14N, section 3: what is visibly utilized here …
		c.need(int32(n.PrefixID()))
		for _, a := range c.attrs {
			if a.PrefixID() != defaultPrefix {
				c.need(int32(a.PrefixID()))
			}
		}
		// … and, of the prefix list, what came into scope here.
		switch {
		case len(c.listed) == 0:
		case apex:
			for _, p := range c.listed {
				c.need(p)
			}
		case tagged:
			for i, end := n.AttrRows(); i < end; i++ {
				if a := c.d.AttrAt(i); a.Decl() && c.isListed[a.PrefixID()] {
					c.need(int32(a.PrefixID()))
				}
			}
		}
	case apex:
		for p := range c.scope {
			c.need(int32(p))
		}
	case tagged:
		for i, end := n.AttrRows(); i < end; i++ {
			if a := c.d.AttrAt(i); a.Decl() {
				c.need(int32(a.PrefixID()))
			}
		}
	}
	// By prefix; the default namespace has the empty one. Few are sorted by
	// insertion, for many that would cost the square of their number.
	names := c.d.Prefixes()
	if len(c.decls) > manyNames {
		slices.SortFunc(c.decls, func(p, q int32) int { return strings.Compare(names[p], names[q]) })
		return
	}
	for i := 1; i < len(c.decls); i++ {
		for j := i; j > 0 && names[c.decls[j]] < names[c.decls[j-1]]; j-- {
			c.decls[j], c.decls[j-1] = c.decls[j-1], c.decls[j]
		}
	}
}

// need marks a prefix for declaration unless the output already has it so.
func (c *writer) need(p int32) {
	if uri := c.scope[p]; p != xmlPrefix && uri != none && c.shown[p] != uri {
		c.set(&c.shown, p, uri)
		c.decls = append(c.decls, p)
	}
}

func (c *writer) declare(p int32) {
	c.out = append(c.out, " xmlns"...)
	if p != defaultPrefix {
		c.out = append(append(c.out, ':'), c.d.Prefixes()[p]...)
	}
	c.out = append(c.out, `="`...)
	c.out = xmltext.AppendAttr(c.out, c.d.URI(int(c.scope[p])))
	c.out = append(c.out, '"')
}

// manyNames is the number from which sorting by insertion stops to be the
// fastest way.
const manyNames = 16

// sortAttrs orders by namespace name, then local name (Canonical XML 1.0,
// section 2.2).
func (c *writer) sortAttrs() {
	if len(c.attrs) > manyNames {
		slices.SortFunc(c.attrs, func(a, b xmltext.Attr) int {
			return cmp.Or(strings.Compare(a.Space(), b.Space()), strings.Compare(a.Local(), b.Local()))
		})
		return
	}
	for i := 1; i < len(c.attrs); i++ {
		for j := i; j > 0 && before(c.attrs[j], c.attrs[j-1]); j-- {
			c.attrs[j], c.attrs[j-1] = c.attrs[j-1], c.attrs[j]
		}
	}
}

func before(a, b xmltext.Attr) bool {
	if a.SpaceID() != b.SpaceID() {
		return a.Space() < b.Space()
	}
	return a.Local() < b.Local()
}

func (c *writer) attribute(a xmltext.Attr) {
	if c.rebased && a.SpaceID() == xmlPrefix && a.Local() == "base" {
		if c.base != "" {
			c.out = append(c.out, ` xml:base="`...)
			c.out = append(xmltext.AppendAttr(c.out, c.base), '"')
		}
		return
	}
	c.out = append(append(append(c.out, ' '), a.Name()...), `="`...)
	for from := 0; from >= 0; {
		c.out, from = a.AppendCanonical(c.out, from, c.most())
		c.pass()
	}
	c.out = append(c.out, '"')
}

// leaf writes text, a comment or a processing instruction.
func (c *writer) leaf(n xmltext.Node) {
	switch n.Kind() {
	case xmltext.Text, xmltext.CData:
		for from := 0; from >= 0; {
			c.out, from = n.AppendCanonical(c.out, from, c.most())
			c.pass()
		}
	case xmltext.Comment:
		if c.m.Comments {
			c.out = append(append(append(c.out, "<!--"...), n.Text()...), "-->"...)
		}
	case xmltext.ProcInst:
		c.out = append(append(c.out, "<?"...), n.Name()...)
		if t := n.Text(); t != "" {
			c.out = append(append(c.out, ' '), t...)
		}
		c.out = append(c.out, "?>"...)
	}
}

// inherit adds the xml: attributes of omitted ancestors to the apex: all of
// them in Canonical XML 1.0 (section 2.4), only lang and space in 1.1, where
// base is joined and id is left alone (section 2.4).
func (c *writer) inherit(apex xmltext.Node) {
	for n := apex.Parent(); !n.IsZero(); n = n.Parent() {
		for i, end := n.AttrRows(); i < end; i++ {
			a := c.d.AttrAt(i)
			if a.Decl() || a.SpaceID() != xmlPrefix {
				continue
			}
			if c.m.Kind == Inclusive11 {
				switch a.Local() {
				case "lang", "space":
				case "base":
					c.rebased = true
				default:
					continue
				}
			}
			if !c.has(a) {
				c.attrs = append(c.attrs, a)
			}
		}
	}
	if c.rebased {
		c.base = c.joinBases(apex)
	}
}

// has tells whether an xml: attribute of that name is gathered already.
func (c *writer) has(a xmltext.Attr) bool {
	for _, b := range c.attrs {
		if b.SpaceID() == xmlPrefix && b.Local() == a.Local() {
			return true
		}
	}
	return false
}
