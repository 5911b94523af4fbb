package ident

import "unique"

// KATO is a code of the classifier of administrative-territorial objects: nine
// digits, two of the region, two of the district or city, two of the rural
// district, three of the settlement; higher levels are filled with zeros. It is
// public and prints as it is. The districts and regions of the State Database of
// Individuals (ГБД ФЛ) have codes of their own, which are no KATO.
type KATO struct{ digits unique.Handle[string] }

// ParseKATO checks s. The error is an *Error with one of the rules kato.length,
// kato.digits and kato.region (the region is 00). Whether such a place exists is
// a question for the classifier, which changes, and is not asked here.
func ParseKATO(s string) (KATO, error) {
	if len(s) != 9 {
		return KATO{}, refuse("kato", "length", "must have 9 digits")
	}
	if !digitsOnly(s) {
		return KATO{}, refuse("kato", "digits", "must consist of the digits 0 to 9")
	}
	if s[:2] == "00" {
		return KATO{}, refuse("kato", "region", "the first two digits must not be 00")
	}
	return KATO{unique.Make(s)}, nil
}

// Region is the code of the region the place lies in; the zero KATO for the
// zero KATO.
func (k KATO) Region() KATO {
	if k.IsZero() {
		return KATO{}
	}
	return KATO{unique.Make(k.String()[:2] + "0000000")}
}

// IsZero tells that there is no code.
func (k KATO) IsZero() bool { return k == KATO{} }

// String gives the nine digits, or "" for the zero KATO.
func (k KATO) String() string {
	if k.IsZero() {
		return ""
	}
	return k.digits.Value()
}

// MarshalText gives the nine digits.
func (k KATO) MarshalText() ([]byte, error) { return []byte(k.String()), nil }
