// Package ber turns BER into DER, so that encoding/asn1 can read what keystores,
// CMS messages and time-stamp tokens of other makers contain.
//
// Three freedoms of BER (ITU-T X.690) are taken away: indefinite lengths,
// lengths written longer than needed, and strings cut into segments. Nothing
// else is touched: tags, the order of a SET and the contents of every primitive
// element stay as they are, so that an element which is DER already, such as a
// certificate or signed attributes, keeps its bytes and with them its
// signature. What an OCTET STRING carries is contents too: a caller who expects
// BER inside converts it in turn.
//
// Input is hostile: length, depth and number of elements are bounded, and work
// and memory grow with the length of the input only.
package ber

import "fmt"

// Limits bounds what ToDER accepts; a zero field takes its default.
type Limits struct {
	Bytes    int // length of the input, and of the output, default 4 MiB
	Depth    int // nesting of elements, default 64
	Elements int // elements in all, default 100 000
}

// The defaults of Limits.
const (
	DefaultBytes    = 4 << 20
	DefaultDepth    = 64
	DefaultElements = 100_000
)

func (l Limits) withDefaults() Limits {
	for _, f := range []struct {
		v *int
		d int
	}{
		{&l.Bytes, DefaultBytes},
		{&l.Depth, DefaultDepth},
		{&l.Elements, DefaultElements},
	} {
		if *f.v <= 0 {
			*f.v = f.d
		}
	}
	return l
}

// Error is a refusal: the rule that was broken, where, and the rule in words.
// It never contains bytes of the input.
type Error struct {
	Rule   Rule
	Offset int // in bytes from the start of the input
	Text   string
}

// Error says which rule was broken and at which byte.
func (e *Error) Error() string {
	return fmt.Sprintf("ber rule %s at byte %d: %s", e.Rule, e.Offset, e.Text)
}

// Rule is the stable name of a reading rule.
type Rule string

// The rules; sections are those of X.690.
const (
	RuleTag       Rule = "tag"            // a tag in a form that 8.1.2 does not allow, or above 2^28-1
	RuleLength    Rule = "length"         // a length in a form that 8.1.3 does not allow
	RuleTruncated Rule = "truncated"      // an element that ends behind the one around it, or behind the input
	RuleEnd       Rule = "end"            // end-of-contents octets where none belong (8.1.5)
	RuleForm      Rule = "form"           // a primitive SEQUENCE, or a number, a truth value and the like that is constructed
	RuleSegment   Rule = "segment"        // a string cut into something other than strings of its kind (8.6.4, 8.7.3)
	RuleTrailing  Rule = "trailing"       // bytes behind the one element
	RuleBytes     Rule = "limit.bytes"    // input or output too long
	RuleDepth     Rule = "limit.depth"    // nested too deeply
	RuleElements  Rule = "limit.elements" // too many elements
)
