package xmltext

import (
	"math"
	"strings"
	"unicode/utf8"
)

// Limits bounds what Parse accepts; a zero field takes its default.
type Limits struct {
	Bytes      int  // length of the document, default 4 MiB
	Depth      int  // nesting of elements, default 512
	Elements   int  // elements in all, default 100 000; other nodes and attributes may be twice as many
	Attributes int  // attributes and declarations on one element, default 256
	Namespaces int  // namespace declarations in all, default 20 000
	Comments   bool // let comments in
	PIs        bool // let processing instructions in
}

// The defaults of Limits.
const (
	DefaultBytes      = 4 << 20
	DefaultDepth      = 512
	DefaultElements   = 100_000
	DefaultAttributes = 256
	DefaultNamespaces = 20_000
)

func (l Limits) withDefaults() Limits {
	for _, f := range []struct {
		v *int
		d int
	}{
		{&l.Bytes, DefaultBytes},
		{&l.Depth, DefaultDepth},
		{&l.Elements, DefaultElements},
		{&l.Attributes, DefaultAttributes},
		{&l.Namespaces, DefaultNamespaces},
	} {
		if *f.v <= 0 {
			*f.v = f.d
		}
	}
	// Offsets are 32 bits wide.
	l.Bytes = min(l.Bytes, math.MaxInt32/2)
	return l
}

// parser walks the text once. Its err is set by the first broken rule and
// ends the walk.
type parser struct {
	d     *Doc
	s     string
	i     int
	lim   Limits
	cur   int32 // row of the open element, -1 outside the root
	depth int
	count struct{ elements, others, decls int }
	scope scope
	err   *Error
}

// Parse reads one document. The error is always an *Error.
func Parse(b []byte, l Limits) (*Doc, error) {
	l = l.withDefaults()
	if len(b) > l.Bytes {
		return nil, &Error{RuleBytes, l.Bytes, "the document is longer than allowed"}
	}
	return parse(string(b), l)
}

// ParseString is Parse for text that is already a string, such as a document
// carried in the character data of another one.
func ParseString(s string, l Limits) (*Doc, error) {
	l = l.withDefaults()
	if len(s) > l.Bytes {
		return nil, &Error{RuleBytes, l.Bytes, "the document is longer than allowed"}
	}
	return parse(s, l)
}

// parse takes the byte order mark off, and counts it in the offset of an error.
func parse(s string, l Limits) (*Doc, error) {
	text := strings.TrimPrefix(s, "\ufeff")
	d, err := read(text, l)
	if err != nil {
		err.Offset += len(s) - len(text)
		return nil, err
	}
	return d, nil
}

func read(s string, l Limits) (*Doc, *Error) {
	if err := checkEncoding(s); err != nil {
		return nil, err
	}
	// Room for what a well-formed document of that many tags holds: there is no
	// growing, and no more than the limits allow.
	tags := min(strings.Count(s, "<"), 2*l.Elements)
	d := &Doc{src: s, root: -1, odd: -1, nodes: make([]node, 0, tags+tags/2+1), attrs: make([]attribute, 0, min(strings.Count(s, "="), 2*l.Elements))}
	p := &parser{d: d, s: s, lim: l, cur: -1}
	var room scopeRoom
	p.scope.init(d, &room)
	p.declaration()
	for p.err == nil && p.i < len(p.s) {
		p.next()
	}
	switch {
	case p.err != nil:
		return nil, p.err
	case p.cur >= 0:
		return nil, &Error{RuleTag, len(s), "the document ends inside an element"}
	case d.root < 0:
		return nil, &Error{RuleRoot, len(s), "there is no root element"}
	}
	return d, nil
}

// checkEncoding refuses all that is not UTF-8, and the two code points that
// UTF-8 can write but XML 1.0 (section 2.2) excludes. Control characters are
// refused where they are met.
func checkEncoding(s string) *Error {
	if !utf8.ValidString(s) {
		off := 0
		for off < len(s) {
			r, n := utf8.DecodeRuneInString(s[off:])
			if r == utf8.RuneError && n < 2 {
				break
			}
			off += n
		}
		return &Error{RuleEncoding, off, "the text is not UTF-8"}
	}
	for _, bad := range []string{"\ufffe", "\uffff"} {
		if i := strings.Index(s, bad); i >= 0 {
			return &Error{RuleChar, i, "the character is not allowed in XML"}
		}
	}
	return nil
}

func (p *parser) fail(r Rule, at int, text string) {
	if p.err == nil {
		p.err = &Error{r, at, text}
	}
}

// next reads one piece of markup or one run of characters.
func (p *parser) next() {
	if p.s[p.i] != '<' {
		p.text()
		return
	}
	rest := p.s[p.i:]
	switch {
	case len(rest) > 1 && rest[1] == '/':
		p.endTag()
	case strings.HasPrefix(rest, "<!--"):
		p.comment()
	case strings.HasPrefix(rest, "<![CDATA["):
		p.cdata()
	case strings.HasPrefix(rest, "<!"):
		p.fail(RuleDoctype, p.i, "a document type declaration is never accepted")
	case strings.HasPrefix(rest, "<?"):
		p.procInst()
	default:
		p.startTag()
	}
}

// add appends a node that is not an element under the open element.
func (p *parser) add(n node, limit Rule) {
	p.count.others++
	if p.count.others > 2*p.lim.Elements+1 {
		p.fail(limit, int(n.start), "the document has too many nodes")
		return
	}
	n.parent = p.cur
	n.next = int32(len(p.d.nodes)) + 1
	p.d.nodes = append(p.d.nodes, n)
}

// Classes of bytes in character data and attribute values.
const (
	plain = iota
	stop  // '<', or the quote is found by comparison
	ref   // '&'
	cr    // carriage return
	gt    // '>'
	white // TAB, LF
	quote // '"'
	bad   // other control characters
)

//nolint:gochecknoglobals // a constant table
var class = func() (t [256]uint8) {
	for c := range 0x20 {
		t[c] = bad
	}
	t['\t'], t['\n'], t['\r'] = white, white, cr
	t['<'], t['&'], t['>'], t['"'] = stop, ref, gt, quote
	return t
}()

const notAllowed = "the character is not allowed in XML"

// text reads a run of character data up to the next '<'.
func (p *parser) text() {
	start, flags := p.i, uint8(0)
	if p.cur < 0 {
		p.outside()
		return
	}
	s, i := p.s, p.i
	for i < len(s) {
		switch class[s[i]] {
		case stop:
			p.i = i
			p.add(node{kind: Text, flags: flags, start: int32(start), end: int32(i), inner: int32(start), close: int32(i)}, RuleElements)
			return
		case ref:
			n := reference(s[i:])
			if n == 0 {
				p.fail(RuleEntity, i, "only the five predefined entities and valid character references are accepted")
				return
			}
			flags |= flagRef
			i += n
			continue
		case cr:
			flags |= flagCR
		case gt:
			flags |= flagGT
			if strings.HasSuffix(s[start:i], "]]") {
				p.fail(RuleCData, i, "\"]]>\" may not stand in text")
				return
			}
		case bad:
			p.fail(RuleChar, i, notAllowed)
			return
		}
		i++
	}
	p.fail(RuleTag, i, "the document ends inside an element")
}

// outside reads what stands beside the root: white space only.
func (p *parser) outside() {
	i := p.i
	for i < len(p.s) && isSpace(p.s[i]) {
		i++
	}
	if i < len(p.s) && p.s[i] != '<' {
		p.fail(RuleRoot, i, "there is text outside the root element")
		return
	}
	p.i = i
}

func (p *parser) comment() {
	start, from := p.i, p.i+len("<!--")
	if !p.lim.Comments {
		p.fail(RuleComment, start, "comments are not accepted here")
		return
	}
	n := strings.Index(p.s[from:], "--")
	if n < 0 || !strings.HasPrefix(p.s[from+n:], "-->") {
		p.fail(RuleComment, start, "the comment contains \"--\" or has no end")
		return
	}
	p.run(Comment, start, from, from+n, from+n+len("-->"), 0)
}

func (p *parser) cdata() {
	start, from := p.i, p.i+len("<![CDATA[")
	if p.cur < 0 {
		p.fail(RuleRoot, start, "there is text outside the root element")
		return
	}
	n := strings.Index(p.s[from:], "]]>")
	if n < 0 {
		p.fail(RuleCData, start, "the CDATA section has no end")
		return
	}
	flags := uint8(0)
	// What CDATA hides from the reader canonical text must escape.
	if strings.ContainsAny(p.s[from:from+n], "<&>") {
		flags = flagGT
	}
	p.run(CData, start, from, from+n, from+n+len("]]>"), flags)
}

func (p *parser) procInst() {
	start := p.i
	if !p.lim.PIs {
		p.fail(RulePI, start, "processing instructions are not accepted here")
		return
	}
	name, colon, nameEnd := p.qname(start + 2)
	if p.err != nil {
		return
	}
	if colon > 0 || strings.EqualFold(p.s[name:nameEnd], "xml") {
		p.fail(RulePI, start, "the target of the processing instruction is not allowed")
		return
	}
	n := strings.Index(p.s[nameEnd:], "?>")
	if n < 0 || (n > 0 && !isSpace(p.s[nameEnd])) {
		p.fail(RulePI, start, "the processing instruction is malformed")
		return
	}
	from, to := nameEnd, nameEnd+n
	for from < to && isSpace(p.s[from]) {
		from++
	}
	p.run(ProcInst, start, from, to, to+len("?>"), 0)
	if p.err == nil {
		r := &p.d.nodes[len(p.d.nodes)-1]
		r.name, r.nameEnd = int32(name), int32(nameEnd)
	}
}

// run checks the characters of a delimited run and adds its node.
func (p *parser) run(k Kind, start, from, to, end int, flags uint8) {
	for i := from; i < to; i++ {
		switch class[p.s[i]] {
		case bad:
			p.fail(RuleChar, i, notAllowed)
			return
		case cr:
			flags |= flagCR
		}
	}
	p.add(node{kind: k, flags: flags, start: int32(start), end: int32(end), inner: int32(from), close: int32(to)}, RuleElements)
	p.i = end
}

// reference measures a reference at the start of s; 0 means it is not one.
func reference(s string) int {
	for _, e := range entities {
		if strings.HasPrefix(s, e.name) {
			return len(e.name)
		}
	}
	_, n := charRef(s)
	return n
}

//nolint:gochecknoglobals // XML 1.0, section 4.6: the predefined entities
var entities = [...]struct {
	name string
	char byte
}{{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&apos;", '\''}, {"&quot;", '"'}}

// charRef reads a character reference (XML 1.0, section 4.1) at the start of
// s and its length; length 0 means there is none that names a valid character.
func charRef(s string) (rune, int) {
	if !strings.HasPrefix(s, "&#") {
		return 0, 0
	}
	i, base := 2, rune(10)
	if strings.HasPrefix(s, "&#x") {
		i, base = 3, 16
	}
	var r rune
	for first := i; i < len(s) && r <= utf8.MaxRune; i++ {
		c, v := s[i], rune(-1)
		switch {
		case c >= '0' && c <= '9':
			v = rune(c - '0')
		case base == 16 && c >= 'a' && c <= 'f':
			v = rune(c-'a') + 10
		case base == 16 && c >= 'A' && c <= 'F':
			v = rune(c-'A') + 10
		case c == ';' && i > first && isChar(r):
			return r, i + 1
		}
		if v < 0 {
			return 0, 0
		}
		r = r*base + v
	}
	return 0, 0
}

// isChar is the Char production of XML 1.0, section 2.2.
func isChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || (r >= 0x20 && r <= 0xD7FF) ||
		(r >= 0xE000 && r <= 0xFFFD) || (r >= 0x10000 && r <= utf8.MaxRune)
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// appendValue appends the value of a raw run: line ends normalised (XML 1.0,
// section 2.11), references resolved where refs is set, and, for attribute
// values, white space turned into blanks (section 3.3.3).
func appendValue(dst []byte, raw string, attr, refs bool) []byte {
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case c == '\r':
			if i+1 < len(raw) && raw[i+1] == '\n' {
				i++
			}
			if attr {
				dst = append(dst, ' ')
			} else {
				dst = append(dst, '\n')
			}
		case attr && (c == '\t' || c == '\n'):
			dst = append(dst, ' ')
		case refs && c == '&':
			var n int
			dst, n = appendReference(dst, raw[i:])
			i += n - 1
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// appendReference resolves a reference that the parser has let in.
func appendReference(dst []byte, s string) ([]byte, int) {
	if r, n := charRef(s); n > 0 {
		return utf8.AppendRune(dst, r), n
	}
	for _, e := range entities {
		if strings.HasPrefix(s, e.name) {
			return append(dst, e.char), len(e.name)
		}
	}
	return append(dst, s[0]), 1
}
