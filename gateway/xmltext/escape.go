package xmltext

import "strings"

// AppendText appends s as character data, escaped the way Canonical XML 1.0
// (section 2.3) writes a text node. Characters that XML cannot carry are
// dropped and bytes that are not UTF-8 become U+FFFD, so what is written can
// always be read.
func AppendText(dst []byte, s string) []byte {
	return appendEscaped(dst, carried(s), false)
}

// AppendAttr appends s as an attribute value for double quotes, escaped the
// way Canonical XML 1.0 writes one.
func AppendAttr(dst []byte, s string) []byte {
	return appendEscaped(dst, carried(s), true)
}

// carried is s without what appendEscaped, which looks at single bytes, cannot
// see: bytes that are not UTF-8, U+FFFE and U+FFFF.
func carried(s string) string {
	if checkEncoding(s) == nil {
		return s
	}
	return strings.Map(func(r rune) rune {
		if !isChar(r) {
			return -1
		}
		return r
	}, s)
}

func appendEscaped(dst []byte, s string, attr bool) []byte {
	from := 0
	for i := range len(s) {
		if c := s[i]; special(c, attr) {
			dst = appendChar(append(dst, s[from:i]...), c, attr)
			from = i + 1
		}
	}
	return append(dst, s[from:]...)
}

// special tells whether a byte must be escaped or dropped.
func special(c byte, attr bool) bool {
	switch {
	case c > '>':
		return false
	case c < 0x20:
		return attr || (c != '\t' && c != '\n')
	}
	return c == '&' || c == '<' || (c == '>' && !attr) || (c == '"' && attr)
}

// appendChar appends the canonical form of a special byte.
func appendChar(dst []byte, c byte, attr bool) []byte {
	switch {
	case c == '&':
		return append(dst, "&amp;"...)
	case c == '<':
		return append(dst, "&lt;"...)
	case c == '>' && !attr:
		return append(dst, "&gt;"...)
	case c == '\r':
		return append(dst, "&#xD;"...)
	case c == '"' && attr:
		return append(dst, "&quot;"...)
	case c == '\t' && attr:
		return append(dst, "&#x9;"...)
	case c == '\n' && attr:
		return append(dst, "&#xA;"...)
	case c >= 0x20:
		return append(dst, c)
	}
	return dst
}

// AppendCanonical appends the characters of a text-like node, from an offset
// on, as Canonical XML writes a text node. It stops when dst has grown to max
// bytes and returns the offset to go on from, or -1 at the end: a long run need
// not be in memory whole.
func (n Node) AppendCanonical(dst []byte, from, max int) ([]byte, int) {
	r := n.row()
	return appendCanonicalPart(dst, n.d.src[r.inner:r.close], from, max, r.flags&(flagRef|flagCR|flagGT) == 0, false, r.kind == Text)
}

// AppendCanonical appends the value as Canonical XML writes an attribute's, in
// the same way.
func (a Attr) AppendCanonical(dst []byte, from, max int) ([]byte, int) {
	r := a.row()
	return appendCanonicalPart(dst, a.d.src[r.value:r.valueEnd], from, max, r.flags == 0, true, true)
}

func appendCanonicalPart(dst []byte, raw string, from, max int, plain, attr, refs bool) ([]byte, int) {
	if plain {
		end := min(len(raw), from+max)
		if dst = append(dst, raw[from:end]...); end == len(raw) {
			end = -1
		}
		return dst, end
	}
	return appendCanonical(dst, raw, from, max, attr, refs)
}

// appendCanonical resolves and normalises a raw run like appendValue, and
// escapes what comes out, without the value in between.
func appendCanonical(dst []byte, raw string, from, max int, attr, refs bool) ([]byte, int) {
	for i := from; i < len(raw); {
		if len(dst) >= max {
			return dst, i
		}
		c := raw[i]
		switch {
		case c == '\r' || (attr && (c == '\t' || c == '\n')):
			n := 1
			if c == '\r' && i+1 < len(raw) && raw[i+1] == '\n' {
				n = 2
			}
			if attr {
				dst = append(dst, ' ')
			} else {
				dst = append(dst, '\n')
			}
			i += n
		case refs && c == '&':
			at := len(dst)
			var n int
			dst, n = appendReference(dst, raw[i:])
			if v := dst[at]; len(dst) == at+1 && special(v, attr) {
				dst = appendChar(dst[:at], v, attr)
			}
			i += n
		case special(c, attr):
			dst = appendChar(dst, c, attr)
			i++
		default:
			j := i + 1
			for j < len(raw) && j-i < max && raw[j] != '&' && raw[j] != '\r' && !special(raw[j], attr) {
				j++
			}
			dst = append(dst, raw[i:j]...)
			i = j
		}
	}
	return dst, -1
}
