package ident

import (
	"fmt"
	"log/slog"
	"unique"
)

// AddressCode is a code of the Address Register (РКА, arCode): it names a plot,
// a building or a room, and so where somebody lives. The format rules are not
// public; one capture shows sixteen digits. The code is therefore opaque: it is
// refused only if it cannot be a code at all.
type AddressCode struct{ chars unique.Handle[string] }

const hiddenAddressCode hidden = "AddressCode(hidden)"

const (
	maxAddressCodeChars = 64 // ours: far above any code seen
	usualAddressCode    = 16 // digits of the codes seen
)

// ParseAddressCode checks s softly. The error is an *Error with one of the rules
// address_code.length (empty, or over 64 characters) and address_code.characters
// (anything but Latin letters, digits, dot, hyphen and underscore).
func ParseAddressCode(s string) (AddressCode, error) {
	if s == "" || len(s) > maxAddressCodeChars {
		return AddressCode{}, refuse("address_code", "length", "must have 1 to 64 characters")
	}
	if !allOf(s, isCodeChar) {
		return AddressCode{}, refuse("address_code", "characters", "must consist of Latin letters, digits, '.', '-' and '_'")
	}
	return AddressCode{unique.Make(s)}, nil
}

// Usual tells that the code has the form seen in the register: sixteen digits.
// Another form is a reason to look, not to refuse.
func (c AddressCode) Usual() bool {
	s := c.Reveal()
	return len(s) == usualAddressCode && digitsOnly(s)
}

// Reveal gives the code, or "" for the zero AddressCode. The result is personal
// data, as with IIN.Reveal.
func (c AddressCode) Reveal() string {
	if c.IsZero() {
		return ""
	}
	return c.chars.Value()
}

// IsZero tells that there is no code.
func (c AddressCode) IsZero() bool { return c == AddressCode{} }

// String hides the code.
func (c AddressCode) String() string { return string(hiddenAddressCode) }

// GoString hides the code.
func (c AddressCode) GoString() string { return string(hiddenAddressCode) }

// Format hides the code under every verb.
func (c AddressCode) Format(s fmt.State, _ rune) { hiddenAddressCode.format(s) }

// LogValue hides the code.
func (c AddressCode) LogValue() slog.Value { return hiddenAddressCode.logValue() }

// MarshalText hides the code.
func (c AddressCode) MarshalText() ([]byte, error) { return hiddenAddressCode.marshalText() }

func isCodeChar(c byte) bool {
	return isUpperOrDigit(c) || 'a' <= c && c <= 'z' || c == '.' || c == '-' || c == '_'
}
