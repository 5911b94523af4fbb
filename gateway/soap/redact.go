package soap

import (
	"strings"
	"unicode/utf8"
)

// Limits of what a foreign text may put into our log.
const (
	maxRedacted = 160 // runes of a redacted text
	maxToken    = 24  // bytes of a code
	maxDigits   = 6   // digits of a code: an IIN has twelve
	maxLetters  = 4   // capitals in a row that need not be a word
)

// Redact makes a text of a peer fit for a log: what it says about the failure
// stays readable, what may identify a person does not stay.
//
// Only the words of a closed vocabulary survive, in lower case. Everything else
// - names in whatever case, numbers, signs, markup, words that nobody put on the
// list - is replaced by "…", and neighbouring replacements by one. What comes
// out is made of our own words, so one text stays one line. At most 160 runes
// are returned.
func Redact(s string) string {
	var b strings.Builder
	runes, masked := 0, false
	for field := range strings.FieldsSeq(bound(s)) {
		text, keep := word(strings.Trim(field, `.,;:!?()[]"'«»`))
		if !keep && masked {
			continue
		}
		if !keep {
			text = "…"
		}
		size := utf8.RuneCountInString(text) + 1
		if runes+size > maxRedacted {
			break
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(text)
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

// Token returns a code of a peer (a faultcode, errorCode or status code) if it
// has the form of one: at most 24 of the characters A-Z a-z 0-9 . _ : -, of
// which at most six are digits, so that no IIN and no full date passes for a
// code, and letters only as a word of the vocabulary of [Redact] or as at most
// four capitals in a row. Anything else becomes "?", and the empty text stays
// empty.
//
// The form cannot tell everything: a name of four capitals or fewer ("ALI"), a
// name spelled like a word of the list, and a number of at most six digits, such
// as a year of birth, do pass.
func Token(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > maxToken {
		return "?"
	}
	digits, begin := 0, 0 // begin is where the run of letters before i began
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
			continue
		case '0' <= c && c <= '9':
			digits++
		case c == '.', c == '_', c == ':', c == '-':
		default:
			return "?"
		}
		if digits > maxDigits || !tokenWord(s[begin:i]) {
			return "?"
		}
		begin = i + 1
	}
	if !tokenWord(s[begin:]) {
		return "?"
	}
	return s
}

// tokenWord tells whether a run of letters may stand in a code.
func tokenWord(run string) bool {
	if len(run) <= maxLetters && strings.ToUpper(run) == run {
		return true
	}
	_, known := word(run)
	return known
}
