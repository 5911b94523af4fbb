package soap

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of what a foreign text may put into our log.
const (
	maxRedacted = 160 // runes of a redacted text
	maxToken    = 40  // bytes of a code
	maxDigits   = 6   // digits of a code: an IIN has twelve
)

// Redact makes a text of a peer fit for a log: what a person wrote about the
// failure stays readable, what may identify a person does not stay.
//
// Only words of lower-case letters survive. Everything else - capitalised
// words, which may be names, and anything with a digit, a sign or markup - is
// replaced by "…", and neighbouring replacements by one. Control and bidi
// characters are neither letters nor kept, so one text stays one line. At most
// 160 runes are returned.
func Redact(s string) string {
	var b strings.Builder
	runes, masked := 0, false
	for word := range strings.FieldsSeq(bound(s)) {
		trimmed := strings.TrimRight(word, ".,;:!?")
		keep := trimmed != "" && lower(trimmed)
		if !keep && masked {
			continue
		}
		if !keep {
			trimmed = "…"
		}
		size := utf8.RuneCountInString(trimmed) + 1
		if runes+size > maxRedacted {
			break
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(trimmed)
		runes, masked = runes+size, !keep
	}
	return b.String()
}

// bound cuts a text before any work is spent on it.
func bound(s string) string {
	if len(s) > 8*maxRedacted {
		return s[:8*maxRedacted]
	}
	return s
}

func lower(word string) bool {
	for _, r := range word {
		if !unicode.IsLower(r) {
			return false
		}
	}
	return true
}

// Token returns a code of a peer (a faultcode, errorCode or status code) if it
// has the form of one: at most 40 of the characters A-Z a-z 0-9 . _ : -, of
// which at most six are digits, so that no IIN passes for a code. Anything else
// becomes "?", and the empty text stays empty.
func Token(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > maxToken {
		return "?"
	}
	digits := 0
	for i := range len(s) {
		c := s[i]
		switch {
		case '0' <= c && c <= '9':
			digits++
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '.', c == '_', c == ':', c == '-':
		default:
			return "?"
		}
		if digits > maxDigits {
			return "?"
		}
	}
	return s
}
