package ident

import "unique"

// BIN is the business identification number of an organisation: twelve digits,
// four of the registration month (YYMM), one of the kind, one of the part, five
// serial, one check digit. It is public and prints as it is.
type BIN struct{ digits unique.Handle[string] }

// ParseBIN checks s. The error is an *Error with one of the rules bin.length,
// bin.digits, bin.month, bin.kind (fifth digit not 4, 5 or 6), bin.part (sixth
// digit not 0 to 3) and bin.check_digit. An IIN never passes: its fifth digit is
// 0 to 3.
func ParseBIN(s string) (BIN, error) {
	if len(s) != 12 {
		return BIN{}, refuse("bin", "length", "must have 12 digits")
	}
	if !digitsOnly(s) {
		return BIN{}, refuse("bin", "digits", "must consist of the digits 0 to 9")
	}
	if m := number(s[2:4]); m < 1 || m > 12 {
		return BIN{}, refuse("bin", "month", "the third and fourth digits must be a month")
	}
	if s[4] < '4' || s[4] > '6' {
		return BIN{}, refuse("bin", "kind", "the fifth digit must be 4 (resident), 5 (non-resident) or 6 (joint enterprise of individuals)")
	}
	if s[5] > '3' {
		return BIN{}, refuse("bin", "part", "the sixth digit must be 0 (head), 1 (branch), 2 (representation) or 3 (farm)")
	}
	if c, ok := checkDigit(s[:11]); !ok || c != s[11] {
		return BIN{}, refuse("bin", "check_digit", "the last digit does not match the others")
	}
	return BIN{unique.Make(s)}, nil
}

// IsZero tells that there is no number.
func (b BIN) IsZero() bool { return b == BIN{} }

// String gives the twelve digits, or "" for the zero BIN.
func (b BIN) String() string {
	if b.IsZero() {
		return ""
	}
	return b.digits.Value()
}

// MarshalText gives the twelve digits.
func (b BIN) MarshalText() ([]byte, error) { return []byte(b.String()), nil }
