package xmltext

// AppendText appends s as character data, escaped the way Canonical XML 1.0
// (section 2.3) writes a text node. Characters that XML cannot carry are
// dropped, so what is written can always be read.
func AppendText(dst []byte, s string) []byte {
	return appendEscaped(dst, s, false)
}

// AppendAttr appends s as an attribute value for double quotes, escaped the
// way Canonical XML 1.0 writes one.
func AppendAttr(dst []byte, s string) []byte {
	return appendEscaped(dst, s, true)
}

func appendEscaped(dst []byte, s string, attr bool) []byte {
	from := 0
	for i := 0; i < len(s); i++ {
		var e string
		switch c := s[i]; {
		case c == '&':
			e = "&amp;"
		case c == '<':
			e = "&lt;"
		case c == '>' && !attr:
			e = "&gt;"
		case c == '\r':
			e = "&#xD;"
		case c == '"' && attr:
			e = "&quot;"
		case c == '\t' && attr:
			e = "&#x9;"
		case c == '\n' && attr:
			e = "&#xA;"
		case c == '\t', c == '\n', c >= 0x20:
			continue
		}
		dst = append(append(dst, s[from:i]...), e...)
		from = i + 1
	}
	return append(dst, s[from:]...)
}
