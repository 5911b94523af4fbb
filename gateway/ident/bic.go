package ident

import "unique"

// BIC is a bank identifier (БИК): four characters of the party, two letters of
// the country, two characters of the place and, of eleven, three of the branch
// (ISO 9362). It is public and prints as it is.
type BIC struct{ chars unique.Handle[string] }

// ParseBIC checks s. The error is an *Error with one of the rules bic.length,
// bic.characters and bic.country.
func ParseBIC(s string) (BIC, error) {
	if len(s) != 8 && len(s) != 11 {
		return BIC{}, refuse("bic", "length", "must have 8 or 11 characters")
	}
	if !allOf(s, isUpperOrDigit) {
		return BIC{}, refuse("bic", "characters", "must consist of digits and capital Latin letters")
	}
	if !allOf(s[4:6], isUpper) {
		return BIC{}, refuse("bic", "country", "the fifth and sixth characters must be letters")
	}
	return BIC{unique.Make(s)}, nil
}

// Country is the two letters of the country, or "" for the zero BIC.
func (b BIC) Country() string {
	if b.IsZero() {
		return ""
	}
	return b.String()[4:6]
}

// IsZero tells that there is no bank.
func (b BIC) IsZero() bool { return b == BIC{} }

// String gives the characters, or "" for the zero BIC.
func (b BIC) String() string {
	if b.IsZero() {
		return ""
	}
	return b.chars.Value()
}

// MarshalText gives the characters.
func (b BIC) MarshalText() ([]byte, error) { return []byte(b.String()), nil }
