package ident

import (
	"fmt"
	"log/slog"
	"unique"
)

// IBAN is an account number of a Kazakh bank (ИИК): twenty characters, "KZ", two
// check digits, three digits of the bank, thirteen letters or digits of the
// account (ISO 13616).
type IBAN struct{ chars unique.Handle[string] }

const hiddenIBAN hidden = "IBAN(hidden)"

// ParseIBAN checks s. The error is an *Error with one of the rules iban.length,
// iban.country, iban.characters, iban.bank and iban.check_digits.
func ParseIBAN(s string) (IBAN, error) {
	if len(s) != 20 {
		return IBAN{}, refuse("iban", "length", "must have 20 characters")
	}
	if s[:2] != "KZ" {
		return IBAN{}, refuse("iban", "country", "must begin with KZ")
	}
	if !digitsOnly(s[2:4]) || !allOf(s[4:], isUpperOrDigit) {
		return IBAN{}, refuse("iban", "characters", "must consist of digits and capital Latin letters")
	}
	if !digitsOnly(s[4:7]) {
		return IBAN{}, refuse("iban", "bank", "the fifth to seventh characters must be digits")
	}
	// 98 minus a remainder is 02 to 98: a number with 00, 01 or 99 can pass
	// the division too, but no bank computes it.
	if check := number(s[2:4]); check < 2 || check > 98 || mod97(s[4:]+s[:4]) != 1 {
		return IBAN{}, refuse("iban", "check_digits", "the check digits do not match the account")
	}
	return IBAN{unique.Make(s)}, nil
}

// Reveal gives the twenty characters, or "" for the zero IBAN. The result is
// personal data, as with IIN.Reveal.
func (a IBAN) Reveal() string {
	if a.IsZero() {
		return ""
	}
	return a.chars.Value()
}

// Bank is the three digits of the bank, or "" for the zero IBAN.
func (a IBAN) Bank() string {
	if a.IsZero() {
		return ""
	}
	return a.Reveal()[4:7]
}

// IsZero tells that there is no account.
func (a IBAN) IsZero() bool { return a == IBAN{} }

// String hides the account.
func (a IBAN) String() string { return string(hiddenIBAN) }

// GoString hides the account.
func (a IBAN) GoString() string { return string(hiddenIBAN) }

// Format hides the account under every verb.
func (a IBAN) Format(s fmt.State, _ rune) { hiddenIBAN.format(s) }

// LogValue hides the account.
func (a IBAN) LogValue() slog.Value { return hiddenIBAN.logValue() }

// MarshalText hides the account.
func (a IBAN) MarshalText() ([]byte, error) { return hiddenIBAN.marshalText() }

// mod97 is the number modulo 97 with A = 10 … Z = 35 (ISO 7064, MOD 97-10).
func mod97(s string) int {
	r := 0
	for i := range len(s) {
		if isDigit(s[i]) {
			r = (r*10 + int(s[i]-'0')) % 97
		} else {
			r = (r*100 + int(s[i]-'A') + 10) % 97
		}
	}
	return r
}
