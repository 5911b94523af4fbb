package xmltext

import (
	"strings"
	"unicode/utf8"
)

// declaration reads the XML declaration (XML 1.0, section 2.8): version 1.0
// and, if an encoding is named, UTF-8.
func (p *parser) declaration() {
	if !strings.HasPrefix(p.s, "<?xml") || len(p.s) < 6 || !isSpace(p.s[5]) {
		return
	}
	n := strings.Index(p.s, "?>")
	if n < 0 {
		p.fail(RuleDeclaration, 0, "the XML declaration has no end")
		return
	}
	rest := p.s[5:n]
	for _, want := range []string{"version", "encoding", "standalone"} {
		value, after, ok := pseudoAttribute(rest, want)
		if !ok && want != "version" {
			continue
		}
		rest = after
		switch {
		case want == "version" && value != "1.0", want == "standalone" && value != "yes" && value != "no":
			p.fail(RuleDeclaration, 0, "the XML declaration names another version or is malformed")
		case want == "encoding" && !strings.EqualFold(value, "UTF-8"):
			p.fail(RuleEncoding, 0, "the XML declaration names an encoding other than UTF-8")
		}
	}
	if strings.Trim(rest, " \t\r\n") != "" {
		p.fail(RuleDeclaration, 0, "the XML declaration is malformed")
	}
	p.i = n + len("?>")
}

// pseudoAttribute reads one attribute of an XML declaration.
func pseudoAttribute(s, name string) (value, rest string, ok bool) {
	t := strings.TrimLeft(s, " \t\r\n")
	if len(t) == len(s) || !strings.HasPrefix(t, name) {
		return "", s, false
	}
	t = strings.TrimLeft(t[len(name):], " \t\r\n")
	if !strings.HasPrefix(t, "=") {
		return "", s, false
	}
	t = strings.TrimLeft(t[1:], " \t\r\n")
	if t == "" || (t[0] != '"' && t[0] != '\'') {
		return "", s, false
	}
	end := strings.IndexByte(t[1:], t[0])
	if end < 0 {
		return "", s, false
	}
	return t[1 : 1+end], t[2+end:], true
}

// Bytes that can stand in an ASCII name; non-ASCII names take the slow way.
const (
	nameChar  = 1 << iota // may follow
	nameStart             // may begin
	nameHigh              // part of a character beyond ASCII
)

//nolint:gochecknoglobals // a constant table
var nameClass = func() (t [256]uint8) {
	for c := range 256 {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_':
			t[c] = nameChar | nameStart
		case c >= '0' && c <= '9', c == '-', c == '.':
			t[c] = nameChar
		case c >= utf8.RuneSelf:
			t[c] = nameHigh
		}
	}
	return t
}()

// qname reads a qualified name (Namespaces in XML 1.0, section 4) at i.
func (p *parser) qname(i int) (start, colon, end int) {
	start = i
	i = p.ncname(i)
	if p.err == nil && i < len(p.s) && p.s[i] == ':' {
		colon = i + 1 - start
		i = p.ncname(i + 1)
		if p.err == nil && i < len(p.s) && p.s[i] == ':' {
			p.fail(RuleName, i, "a name has at most one colon")
		}
	}
	return start, colon, i
}

func (p *parser) ncname(i int) int {
	start := i
	for i < len(p.s) {
		k := nameClass[p.s[i]]
		if k == nameHigh {
			r, n := utf8.DecodeRuneInString(p.s[i:])
			if !isNameRune(r, i == start) {
				break
			}
			i += n
			continue
		}
		if k == 0 || (i == start && k&nameStart == 0) {
			break
		}
		i++
	}
	if i == start {
		p.fail(RuleName, i, "a name is expected here")
	}
	return i
}

// isNameRune holds the NameStartChar and NameChar productions beyond ASCII
// (XML 1.0 fifth edition, section 2.3).
func isNameRune(r rune, first bool) bool {
	if !first && (r == 0xB7 || (r >= 0x300 && r <= 0x36F) || r == 0x203F || r == 0x2040) {
		return true
	}
	return r >= 0xC0 && r != 0xD7 && r != 0xF7 &&
		(r <= 0x2FF || (r >= 0x370 && r <= 0x1FFF && r != 0x37E) || r == 0x200C || r == 0x200D ||
			(r >= 0x2070 && r <= 0x218F) || (r >= 0x2C00 && r <= 0x2FEF) || (r >= 0x3001 && r <= 0xD7FF) ||
			(r >= 0xF900 && r <= 0xFDCF) || (r >= 0xFDF0 && r <= 0xFFFD) || (r >= 0x10000 && r <= 0xEFFFF))
}

// startTag reads a start tag or an empty-element tag.
func (p *parser) startTag() {
	if p.cur < 0 && p.d.root >= 0 {
		p.fail(RuleRoot, p.i, "there is more than one root element")
		return
	}
	p.count.elements++
	if p.count.elements > p.lim.Elements {
		p.fail(RuleElements, p.i, "the document has too many elements")
		return
	}
	row := int32(len(p.d.nodes))
	name, colon, nameEnd := p.qname(p.i + 1)
	n := node{kind: Element, start: int32(p.i), name: int32(name), colon: int32(colon), nameEnd: int32(nameEnd), parent: p.cur, attr: int32(len(p.d.attrs))}
	p.i = nameEnd
	empty := p.attributes(int(n.attr))
	if p.err != nil {
		return
	}
	n.attrs = int32(len(p.d.attrs)) - n.attr
	n.inner = int32(p.i)
	if p.resolve(&n, row); p.err != nil {
		return
	}
	if p.cur < 0 {
		p.d.root = row
	}
	if empty {
		n.close, n.end, n.next = n.inner, n.inner, row+1
		p.scope.leave(row)
		if p.depth >= p.lim.Depth {
			p.fail(RuleDepth, int(n.start), "elements are nested too deeply")
		}
		p.d.nodes = append(p.d.nodes, n)
		return
	}
	if p.depth++; p.depth > p.lim.Depth {
		p.fail(RuleDepth, int(n.start), "elements are nested too deeply")
		return
	}
	p.d.nodes = append(p.d.nodes, n)
	p.cur = row
}

// endTag reads an end tag and closes the open element.
func (p *parser) endTag() {
	if p.cur < 0 {
		p.fail(RuleTag, p.i, "an end tag without a start tag")
		return
	}
	n := &p.d.nodes[p.cur]
	name := p.s[n.name:n.nameEnd]
	i := p.i + 2
	if !strings.HasPrefix(p.s[i:], name) {
		p.fail(RuleTag, p.i, "the end tag does not fit the start tag")
		return
	}
	for i += len(name); i < len(p.s) && isSpace(p.s[i]); i++ {
	}
	if i >= len(p.s) || p.s[i] != '>' {
		p.fail(RuleTag, p.i, "the end tag does not fit the start tag")
		return
	}
	n.close, n.end, n.next = int32(p.i), int32(i+1), int32(len(p.d.nodes))
	p.scope.leave(p.cur)
	p.depth--
	p.cur = n.parent
	p.i = i + 1
}

// attributes reads up to and including the end of a start tag.
func (p *parser) attributes(first int) (empty bool) {
	for p.err == nil {
		start := p.i
		i := p.i
		for i < len(p.s) && isSpace(p.s[i]) {
			i++
		}
		switch {
		case i >= len(p.s):
			p.fail(RuleTag, i, "the document ends inside a tag")
		case p.s[i] == '>':
			p.i = i + 1
			return false
		case strings.HasPrefix(p.s[i:], "/>"):
			p.i = i + 2
			return true
		case i == start:
			p.fail(RuleTag, i, "white space must stand in front of an attribute")
		case len(p.d.attrs)-first >= p.lim.Attributes:
			p.fail(RuleAttributes, i, "the element has too many attributes")
		case len(p.d.attrs) >= 2*p.lim.Elements:
			p.fail(RuleAttributes, i, "the document has too many attributes")
		default:
			p.i = i
			p.attribute(start)
		}
	}
	return false
}

// attribute reads one attribute; its names are resolved once all are read.
func (p *parser) attribute(start int) {
	name, colon, nameEnd := p.qname(p.i)
	if p.err != nil {
		return
	}
	i := nameEnd
	for i < len(p.s) && isSpace(p.s[i]) {
		i++
	}
	if i >= len(p.s) || p.s[i] != '=' {
		p.fail(RuleAttribute, i, "the attribute has no value")
		return
	}
	for i++; i < len(p.s) && isSpace(p.s[i]); i++ {
	}
	if i >= len(p.s) || (p.s[i] != '"' && p.s[i] != '\'') {
		p.fail(RuleAttribute, i, "the attribute's value is not quoted")
		return
	}
	from := i + 1
	to, flags := p.attributeValue(from, p.s[i])
	p.i = to + 1
	p.d.attrs = append(p.d.attrs, attribute{
		start: int32(start), name: int32(name), colon: int32(colon), nameEnd: int32(nameEnd),
		value: int32(from), valueEnd: int32(to), flags: flags,
	})
}

// attributeValue checks a value up to its closing quote.
func (p *parser) attributeValue(i int, delimiter byte) (end int, flags uint8) {
	s := p.s
	for i < len(s) {
		switch k := class[s[i]]; {
		case s[i] == delimiter:
			return i, flags
		case k == stop:
			p.fail(RuleAttribute, i, "'<' may not stand in an attribute value")
			return i, 0
		case k == ref:
			n := reference(s[i:])
			if n == 0 {
				p.fail(RuleEntity, i, "only the five predefined entities and valid character references are accepted")
				return i, 0
			}
			flags |= flagRef
			i += n
			continue
		case k == cr:
			flags |= flagCR
		case k == white:
			flags |= flagSpace
		case k == quote:
			flags |= flagQuote
		case k == bad:
			p.fail(RuleChar, i, notAllowed)
			return i, 0
		}
		i++
	}
	p.fail(RuleAttribute, i, "the attribute's value has no end")
	return i, 0
}
