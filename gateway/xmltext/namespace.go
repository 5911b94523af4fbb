package xmltext

import "strings"

// scope is the stack of namespace bindings of the open elements. A binding
// remembers the one it hides, so that leaving an element undoes it without
// copying: the cost of a document is proportional to its length, however many
// declarations are in scope.
type scope struct {
	d        *Doc
	bindings []binding
	top      []int32 // by prefix number: the binding in force, -1 for none
	byPrefix map[string]int32
	byURI    map[string]int32
}

// scopeRoom is memory for the scope of most documents; it lives on the stack.
type scopeRoom struct {
	bindings [2 * smallTable]binding
	top      [smallTable]int32
}

type binding struct {
	owner       int32 // row of the declaring element
	prefix, uri int32
	hidden      int32 // the binding that was in force before
}

// smallTable is the size up to which a linear search beats a map.
const smallTable = 16

func (s *scope) init(d *Doc, room *scopeRoom) {
	s.d = d
	d.prefixes = append(d.prefixRoom[:0], "", "xml", "xmlns")
	d.uris = append(d.uriRoom[:0], "", NamespaceXML, NamespaceXMLNS)
	s.bindings = room.bindings[:0]
	s.top = append(room.top[:0], -1, -1, -1)
}

// intern gives the number of a string in a table; the map takes over when the
// table outgrows a linear search.
func intern(table *[]string, m *map[string]int32, v string) int32 {
	if len(*table) <= smallTable {
		for i, t := range *table {
			if t == v {
				return int32(i)
			}
		}
	} else {
		if *m == nil {
			*m = make(map[string]int32, 4*smallTable)
			for i, t := range *table {
				(*m)[t] = int32(i)
			}
		}
		if i, ok := (*m)[v]; ok {
			return i
		}
	}
	i := int32(len(*table))
	*table = append(*table, v)
	if *m != nil {
		(*m)[v] = i
	}
	return i
}

func (s *scope) prefix(v string) int32 {
	n := intern(&s.d.prefixes, &s.byPrefix, v)
	for int(n) >= len(s.top) {
		s.top = append(s.top, -1)
	}
	return n
}

func (s *scope) uri(v string) int32 { return intern(&s.d.uris, &s.byURI, v) }

func (s *scope) bind(owner, prefix, uri int32) {
	s.bindings = append(s.bindings, binding{owner, prefix, uri, s.top[prefix]})
	s.top[prefix] = int32(len(s.bindings) - 1)
}

// leave undoes the bindings of an element.
func (s *scope) leave(owner int32) {
	for n := len(s.bindings); n > 0 && s.bindings[n-1].owner == owner; n-- {
		s.top[s.bindings[n-1].prefix] = s.bindings[n-1].hidden
		s.bindings = s.bindings[:n-1]
	}
}

func (s *scope) lookup(prefix int32) (int32, bool) {
	switch {
	case prefix == prefixXML:
		return uriXML, true
	case s.top[prefix] >= 0:
		return s.bindings[s.top[prefix]].uri, true
	}
	return uriNone, prefix == prefixNone
}

// resolve binds the declarations of a start tag, then resolves the element's
// and the attributes' names and refuses an attribute that stands twice.
func (p *parser) resolve(n *node, row int32) {
	attrs := p.d.attrs[n.attr:]
	for i := range attrs {
		p.declare(&attrs[i], row)
	}
	if p.err != nil {
		return
	}
	var ok bool
	if n.colon > 0 {
		n.prefix = p.scope.prefix(p.s[n.name : n.name+n.colon-1])
	}
	if n.uri, ok = p.scope.lookup(n.prefix); !ok {
		p.fail(RulePrefix, int(n.name), "the prefix is not declared")
		return
	}
	for i := range attrs {
		a := &attrs[i]
		if a.decl || a.colon == 0 {
			continue
		}
		a.prefix = p.scope.prefix(p.s[a.name : a.name+a.colon-1])
		if a.uri, ok = p.scope.lookup(a.prefix); !ok {
			p.fail(RulePrefix, int(a.name), "the prefix is not declared")
			return
		}
	}
	p.duplicates(attrs)
}

// declare binds what an attribute declares, if it is a declaration
// (Namespaces in XML 1.0, section 3).
func (p *parser) declare(a *attribute, row int32) {
	name := p.s[a.name:a.nameEnd]
	if name != "xmlns" && !strings.HasPrefix(name, "xmlns:") {
		return
	}
	a.decl = true
	p.count.decls++
	if p.count.decls > p.lim.Namespaces {
		p.fail(RuleNamespaces, int(a.name), "the document has too many namespace declarations")
		return
	}
	value := p.s[a.value:a.valueEnd]
	if a.flags&(flagRef|flagCR|flagSpace) != 0 {
		value = string(appendValue(nil, value, true, true))
	}
	if a.colon > 0 {
		a.prefix = p.scope.prefix(p.s[a.name+a.colon : a.nameEnd])
	}
	known := len(p.d.uris)
	a.uri = p.scope.uri(value)
	switch {
	case a.prefix == prefixXMLNS, a.uri == uriXMLNS,
		(a.prefix == prefixXML) != (a.uri == uriXML):
		p.fail(RulePrefix, int(a.name), "xml and xmlns may not be bound otherwise")
	case a.prefix != prefixNone && a.uri == uriNone:
		p.fail(RulePrefix, int(a.name), "a prefix cannot be undeclared")
	default:
		if int(a.uri) == known && p.d.odd < 0 && !isAbsoluteURI(value) {
			p.d.odd = a.value
		}
		p.scope.bind(row, a.prefix, a.uri)
	}
}

// isAbsoluteURI checks for a scheme and for the characters of RFC 3986,
// section 2. Canonical XML 1.0, section 1.3, demands a failure on relative
// namespace names: gateway/c14n fails, the reader only takes note. A name with
// '&' counts as odd too: libxml2 and its users canonicalize it as "&#38;" where
// the recommendation demands "&amp;", so no signature over such a name would
// mean the same to everybody.
func isAbsoluteURI(s string) bool {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || scheme == "" || nameClass[scheme[0]]&nameStart == 0 || scheme[0] == '_' {
		return false
	}
	for i := range len(scheme) {
		if c := scheme[i]; nameClass[c] == nameHigh || (nameClass[c] == 0 && c != '+') || c == '_' {
			return false
		}
	}
	if authority, ok := strings.CutPrefix(rest, "//"); ok && !isAuthority(authority) {
		return false
	}
	if strings.Count(rest, "#") > 1 {
		return false
	}
	for i := range len(rest) {
		c := rest[i]
		if c == '%' {
			if i+2 >= len(rest) || !isHex(rest[i+1]) || !isHex(rest[i+2]) {
				return false
			}
			continue
		}
		if (nameClass[c]&nameChar == 0 || c >= 0x80) && strings.IndexByte("~:/?#@!$'()*+,;=", c) < 0 {
			return false
		}
	}
	return true
}

// isAuthority checks what follows "//" for a host and perhaps a port (RFC 3986,
// section 3.2); nobody names a namespace by a user or an IP literal.
func isAuthority(s string) bool {
	if i := strings.IndexAny(s, "/?#"); i >= 0 {
		s = s[:i]
	}
	host, port, found := strings.Cut(s, ":")
	digits := port != "" && len(port) <= 5 && strings.Trim(port, "0123456789") == ""
	return !strings.Contains(host, "@") && (!found || digits)
}

func isHex(c byte) bool {
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')
}

// duplicates refuses an attribute that stands twice on an element: by
// expanded name, so that two prefixes of one namespace count as the same
// (Namespaces in XML 1.0, section 6.3).
func (p *parser) duplicates(attrs []attribute) {
	if len(attrs) < 2 {
		return
	}
	if len(attrs) <= smallTable {
		for i := range attrs {
			for j := range i {
				if p.key(&attrs[i]) == p.key(&attrs[j]) {
					p.fail(RuleDuplicate, int(attrs[i].name), "the same attribute stands twice on one element")
					return
				}
			}
		}
		return
	}
	seen := make(map[attributeKey]struct{}, len(attrs))
	for i := range attrs {
		k := p.key(&attrs[i])
		if _, ok := seen[k]; ok {
			p.fail(RuleDuplicate, int(attrs[i].name), "the same attribute stands twice on one element")
			return
		}
		seen[k] = struct{}{}
	}
}

type attributeKey struct {
	uri   int32
	local string
}

func (p *parser) key(a *attribute) attributeKey {
	if a.decl {
		return attributeKey{-1, p.d.prefixes[a.prefix]}
	}
	return attributeKey{a.uri, p.s[a.name+a.colon : a.nameEnd]}
}
