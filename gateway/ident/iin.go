package ident

import (
	"fmt"
	"log/slog"
	"time"
	"unique"
)

// IIN is the individual identification number of a person: twelve digits, six
// of the birth date (YYMMDD), one of century and sex, four serial, one check
// digit. Two IINs are equal by == when their digits are equal.
//
// A synthetic IIN, of a person who does not exist, has its month raised by 40
// (41 to 52) and is right otherwise.
type IIN struct {
	// A handle, not bytes: fmt prints unexported fields of a foreign struct by
	// reflection, without asking our methods, and must find no digits there.
	digits unique.Handle[string]
}

const hiddenIIN hidden = "IIN(hidden)"

// syntheticShift is added to the month of a synthetic IIN.
const syntheticShift = 40

// Sex is the sex recorded in an IIN.
type Sex uint8

// The sexes an IIN can record.
const (
	Male   Sex = iota + 1 // odd seventh digit
	Female                // even seventh digit
)

// String is "male" or "female", the words of the JSON contract.
func (s Sex) String() string {
	switch s {
	case Male:
		return "male"
	case Female:
		return "female"
	default:
		return "unknown"
	}
}

// ParseIIN checks s and whether the mode allows such a number. The error is an
// *Error with one of the rules, in the order of checking:
//
//	iin.length       not twelve bytes
//	iin.digits       a byte other than 0 to 9
//	iin.century      the seventh digit is not 1 to 6
//	iin.date         no such day in that century
//	iin.check_digit  the last digit is wrong, or the stem is never issued
//	iin.synthetic    a synthetic number in production
//	iin.real         a real number in the mock world
//
// A birth date that has not come yet is accepted: this package has no clock.
func ParseIIN(s string, m Mode) (IIN, error) {
	if len(s) != 12 {
		return IIN{}, refuse("iin", "length", "must have 12 digits")
	}
	if !digitsOnly(s) {
		return IIN{}, refuse("iin", "digits", "must consist of the digits 0 to 9")
	}
	if s[6] < '1' || s[6] > '6' {
		return IIN{}, refuse("iin", "century", "the seventh digit must be 1 to 6")
	}
	if !dateExists(iinDate(s)) {
		return IIN{}, refuse("iin", "date", "the first six digits must be a date that exists in the century of the seventh")
	}
	if c, ok := checkDigit(s[:11]); !ok || c != s[11] {
		return IIN{}, refuse("iin", "check_digit", "the last digit does not match the others")
	}
	n := IIN{unique.Make(s)}
	switch {
	case m == TestStand:
	case m == Mock && !n.Synthetic():
		return IIN{}, refuse("iin", "real", "the mock world takes synthetic numbers only (month 41 to 52)")
	case m != Mock && n.Synthetic():
		return IIN{}, refuse("iin", "synthetic", "production takes no synthetic number (month 41 to 52)")
	}
	return n, nil
}

// SyntheticIIN makes the number of a person who does not exist, for mocks and
// tests: the month carries 40 more, so that production refuses it. The serial
// is 0 to 9999. An *Error tells that the date, sex or serial does not fit
// ("iin.date", "iin.century", "iin.serial") or that the stem is one of those
// never issued ("iin.stem"): take the next serial.
func SyntheticIIN(year int, month time.Month, day int, sex Sex, serial int) (IIN, error) {
	if !dateExists(year, month, day) {
		return IIN{}, refuse("iin", "date", "no such day")
	}
	if year < 1800 || year > 2099 || (sex != Male && sex != Female) {
		return IIN{}, refuse("iin", "century", "the year must be 1800 to 2099 and the sex known")
	}
	if serial < 0 || serial > 9999 {
		return IIN{}, refuse("iin", "serial", "the serial must be 0 to 9999")
	}
	century := (year/100-18)*2 + int(sex)
	stem := fmt.Sprintf("%02d%02d%02d%d%04d", year%100, int(month)+syntheticShift, day, century, serial)
	c, ok := checkDigit(stem)
	if !ok {
		return IIN{}, refuse("iin", "stem", "no number is issued with this serial")
	}
	return IIN{unique.Make(stem + string(c))}, nil
}

// Reveal gives the twelve digits, or "" for the zero IIN. The result is personal
// data: for the wire, for evidence, never for a log, an error or a URL.
func (n IIN) Reveal() string {
	if n.IsZero() {
		return ""
	}
	return n.digits.Value()
}

// IsZero tells that there is no number.
func (n IIN) IsZero() bool { return n == IIN{} }

// Synthetic tells that the number belongs to nobody (month 41 to 52).
func (n IIN) Synthetic() bool { s := n.Reveal(); return s != "" && number(s[2:4]) > syntheticShift }

// BirthDate is the date the number records, with the real month also for a
// synthetic number; zeros for the zero IIN.
func (n IIN) BirthDate() (year int, month time.Month, day int) {
	if n.IsZero() {
		return 0, 0, 0
	}
	return iinDate(n.Reveal())
}

// Sex is the sex the number records; zero for the zero IIN.
func (n IIN) Sex() Sex {
	switch s := n.Reveal(); {
	case s == "":
		return 0
	case s[6]%2 == 1:
		return Male
	default:
		return Female
	}
}

// String hides the number.
func (n IIN) String() string { return string(hiddenIIN) }

// GoString hides the number.
func (n IIN) GoString() string { return string(hiddenIIN) }

// Format hides the number under every verb.
func (n IIN) Format(s fmt.State, _ rune) { hiddenIIN.format(s) }

// LogValue hides the number.
func (n IIN) LogValue() slog.Value { return hiddenIIN.logValue() }

// MarshalText hides the number: domain structs carry text, not this type, where
// JSON must hold the digits.
func (n IIN) MarshalText() ([]byte, error) { return hiddenIIN.marshalText() }

// iinDate reads the birth date of twelve digits whose seventh is 1 to 6.
func iinDate(s string) (year int, month time.Month, day int) {
	month = time.Month(number(s[2:4]))
	if month > syntheticShift {
		month -= syntheticShift
	}
	return 1800 + int(s[6]-'1')/2*100 + number(s[:2]), month, number(s[4:6])
}

func dateExists(year int, month time.Month, day int) bool {
	y, m, d := time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Date()
	return y == year && m == month && d == day
}
