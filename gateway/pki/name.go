package pki

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"
)

// Name is a distinguished name reduced to what two spellings of it share:
// attribute types as dotted identifiers with their values, case and white
// space folded, in sorted order. Writers disagree about the order of the
// parts (RFC 4514 against X.500), so order does not count.
type Name []string

// Equal tells whether both names have the same parts.
func (n Name) Equal(m Name) bool { return slices.Equal(n, m) }

// Holds tells whether every part of m is also a part of n.
func (n Name) Holds(m Name) bool {
	for _, part := range m {
		if !slices.Contains(n, part) {
			return false
		}
	}
	return true
}

// once tells whether n has each type of m once.
func (n Name) once(m Name) bool {
	for _, part := range m {
		kind, _, _ := strings.Cut(part, "=")
		count := 0
		for _, p := range n {
			if k, _, _ := strings.Cut(p, "="); k == kind {
				count++
			}
		}
		if count != 1 {
			return false
		}
	}
	return true
}

// NameOf reads the name out of a parsed certificate.
func NameOf(raw []byte) Name {
	var seq pkix.RDNSequence
	if _, err := asn1.Unmarshal(raw, &seq); err != nil {
		return nil
	}
	var n Name
	for _, set := range seq {
		for _, a := range set {
			if s, ok := a.Value.(string); ok {
				n = append(n, part(a.Type.String(), s))
			}
		}
	}
	slices.Sort(n)
	return n
}

func part(oid, value string) string {
	fields := strings.FieldsFunc(value, unicode.IsSpace)
	return oid + "=" + strings.ToLower(strings.Join(fields, " "))
}

// attributeTypes are the short names that writers of X509IssuerName use
// (RFC 4514, section 3, and the habits of Java and OpenSSL).
//
//nolint:gochecknoglobals // a constant table
var attributeTypes = map[string]string{
	"CN": "2.5.4.3", "SN": "2.5.4.4", "SURNAME": "2.5.4.4", "SERIALNUMBER": "2.5.4.5", "C": "2.5.4.6",
	"L": "2.5.4.7", "ST": "2.5.4.8", "S": "2.5.4.8", "STREET": "2.5.4.9", "O": "2.5.4.10", "OU": "2.5.4.11",
	"T": "2.5.4.12", "TITLE": "2.5.4.12", "BUSINESSCATEGORY": "2.5.4.15", "POSTALCODE": "2.5.4.17",
	"G": "2.5.4.42", "GN": "2.5.4.42", "GIVENNAME": "2.5.4.42",
	"E": "1.2.840.113549.1.9.1", "EMAILADDRESS": "1.2.840.113549.1.9.1",
	"UID": "0.9.2342.19200300.100.1.1", "DC": "0.9.2342.19200300.100.1.25",
}

// ParseName reads a name written as text: parts divided by commas, semicolons
// or plus signs, values plain, escaped or quoted (RFC 4514, section 3, and
// RFC 2253, section 4, for the old forms). ok is false if it is not one.
func ParseName(s string) (n Name, ok bool) {
	for s = strings.TrimLeft(s, " \t\r\n"); s != ""; {
		key, rest, found := strings.Cut(s, "=")
		if !found {
			return nil, false
		}
		oid, known := attributeType(strings.TrimSpace(key))
		if !known {
			return nil, false
		}
		value, after, good := parseValue(strings.TrimLeft(rest, " \t\r\n"))
		if !good {
			return nil, false
		}
		n = append(n, part(oid, value))
		s = after
	}
	slices.Sort(n)
	return n, len(n) > 0
}

func attributeType(key string) (string, bool) {
	up := strings.ToUpper(key)
	if oid, ok := attributeTypes[up]; ok {
		return oid, true
	}
	oid := strings.TrimPrefix(up, "OID.")
	for _, c := range oid {
		if c != '.' && (c < '0' || c > '9') {
			return "", false
		}
	}
	return oid, oid != ""
}

// parseValue reads one value up to its divider.
func parseValue(s string) (value, rest string, ok bool) {
	var b strings.Builder
	quoted, i := strings.HasPrefix(s, `"`), 0
	if quoted {
		i = 1
	}
	plain := func(v string) string { return v }
	if strings.HasPrefix(s, "#") {
		plain = hexValue
	}
	for ; i < len(s); i++ {
		c := s[i]
		switch {
		case quoted && c == '"':
			rest = strings.TrimLeft(s[i+1:], " \t\r\n")
			if rest != "" && !strings.ContainsRune(",;+", rune(rest[0])) {
				return "", "", false
			}
			return b.String(), strings.TrimLeft(strings.TrimLeft(rest, ",;+"), " \t\r\n"), true
		case c == '\\' && i+1 < len(s):
			if i+2 < len(s) {
				if raw, err := hex.DecodeString(s[i+1 : i+3]); err == nil {
					b.WriteByte(raw[0])
					i += 2
					continue
				}
			}
			i++
			b.WriteByte(s[i])
		case !quoted && (c == ',' || c == ';' || c == '+'):
			return plain(strings.TrimSpace(b.String())), strings.TrimLeft(s[i+1:], " \t\r\n"), true
		default:
			b.WriteByte(c)
		}
	}
	return plain(strings.TrimSpace(b.String())), "", !quoted
}

// hexValue resolves a value written as "#" and its BER encoding.
func hexValue(s string) string {
	raw, err := hex.DecodeString(strings.TrimPrefix(s, "#"))
	if !strings.HasPrefix(s, "#") || err != nil {
		return s
	}
	var v string
	if _, err := asn1.Unmarshal(raw, &v); err != nil {
		return s
	}
	return v
}
