package ident

import (
	"fmt"
	"log/slog"
	"unicode"
	"unique"
)

// ActNumber is the number of a record of the civil registry. Its form is not
// public; numbers of digits, with a letter, a slash or a hyphen, are seen. It is
// unique within an office and a year at most. It points at an event in somebody's
// life and hides itself as an IIN does.
type ActNumber struct{ chars unique.Handle[string] }

const (
	hiddenActNumber hidden = "ActNumber(hidden)"

	maxActNumber = 32 // characters; ours, far above any number seen
)

// ParseActNumber checks s softly. The error is an *Error with one of the rules
// act_number.length (empty, or over 32 characters), act_number.characters
// (anything but letters, digits, '/' and '-') and act_number.digits (no digit).
func ParseActNumber(s string) (ActNumber, error) {
	n, digit := 0, false
	for _, c := range s {
		n++
		digit = digit || '0' <= c && c <= '9'
		if !isActRune(c) {
			return ActNumber{}, refuse("act_number", "characters", "must consist of letters, digits, '/' and '-'")
		}
	}
	if n == 0 || n > maxActNumber {
		return ActNumber{}, refuse("act_number", "length", "must have 1 to 32 characters")
	}
	if !digit {
		return ActNumber{}, refuse("act_number", "digits", "must have a digit")
	}
	return ActNumber{unique.Make(s)}, nil
}

// Reveal gives the number, or "" for the zero ActNumber. The result is personal
// data, as with IIN.Reveal.
func (n ActNumber) Reveal() string {
	if n.IsZero() {
		return ""
	}
	return n.chars.Value()
}

// IsZero tells that there is no number.
func (n ActNumber) IsZero() bool { return n == ActNumber{} }

// String hides the number.
func (n ActNumber) String() string { return string(hiddenActNumber) }

// GoString hides the number.
func (n ActNumber) GoString() string { return string(hiddenActNumber) }

// Format hides the number under every verb.
func (n ActNumber) Format(s fmt.State, _ rune) { hiddenActNumber.format(s) }

// LogValue hides the number.
func (n ActNumber) LogValue() slog.Value { return hiddenActNumber.logValue() }

// MarshalText hides the number.
func (n ActNumber) MarshalText() ([]byte, error) { return hiddenActNumber.marshalText() }

// isActRune tells whether a character can stand in a number: the contract's
// pattern, a letter of any script being a letter.
func isActRune(c rune) bool {
	return c == '/' || c == '-' || '0' <= c && c <= '9' || unicode.IsLetter(c)
}
