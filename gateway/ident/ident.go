// Package ident holds the national identifiers as checked value types: IIN, BIN,
// IBAN, BIC, KATO, the code of the Address Register (РКА) and the number of a
// civil act.
//
// A value of these types exists only parsed; raw input stays a string. One
// spelling is accepted: no spaces, no hyphens, no lower case, ASCII only. What
// breaks a rule is refused with an *Error that names the rule and never repeats
// the value, so that a refusal may be shown and logged.
//
// IIN, IBAN, act number and address code point at a person or at a home. They hide
// themselves from every printer (fmt, log/slog, encoding/json): the digits come
// out through Reveal alone, which makes each place that needs them easy to find.
// BIN, BIC and KATO are public codes and print as they are.
//
// IIN and BIN are numbers of the national registers (Law No. 223 of 12 January
// 2007), an IBAN follows ISO 13616, a BIC ISO 9362.
package ident

import (
	"fmt"
	"io"
	"log/slog"
)

// Error tells which rule a text breaks. It never carries the text itself.
type Error struct {
	Type string // the type asked for: "iin", "bin", "iban", "bic", "kato", "address_code", "act_number", "mode"
	Rule string // stable id of the rule: Type, a dot, the rule, e.g. "iin.check_digit"
	Text string // the rule in English
}

// Error is the rule in English behind the name of the type.
func (e *Error) Error() string { return e.Type + ": " + e.Text }

func refuse(typ, rule, text string) *Error {
	return &Error{Type: typ, Rule: typ + "." + rule, Text: text}
}

// Mode says which people a set-up may speak about.
type Mode uint8

// The modes. Production is the zero value: what nobody configured is strict.
const (
	Production Mode = iota // real people only: a synthetic IIN is refused
	TestStand              // a stand of the registries' owners: real and synthetic IINs
	Mock                   // our own offline world: synthetic IINs only
)

// ParseMode reads the name of a mode: "production", "test" or "mock". The error
// is an *Error with the rule "mode.unknown".
func ParseMode(s string) (Mode, error) {
	for _, m := range []Mode{Production, TestStand, Mock} {
		if m.String() == s {
			return m, nil
		}
	}
	return Production, refuse("mode", "unknown", `must be "production", "test" or "mock"`)
}

// String is the name that ParseMode reads.
func (m Mode) String() string {
	switch m {
	case TestStand:
		return "test"
	case Mock:
		return "mock"
	default:
		return "production"
	}
}

// MarshalText writes the name of the mode.
func (m Mode) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads the name of a mode as ParseMode does.
func (m *Mode) UnmarshalText(b []byte) error {
	parsed, err := ParseMode(string(b))
	if err != nil {
		return err
	}
	*m = parsed
	return nil
}

// hidden is what a printer gets instead of a personal identifier, whatever the
// verb: %d and %x must not be a way round %v.
type hidden string

func (h hidden) format(s fmt.State)           { _, _ = io.WriteString(s, string(h)) }
func (h hidden) logValue() slog.Value         { return slog.StringValue(string(h)) }
func (h hidden) marshalText() ([]byte, error) { return []byte(h), nil }
func digitsOnly(s string) bool                { return allOf(s, isDigit) }
func isDigit(c byte) bool                     { return '0' <= c && c <= '9' }
func isUpper(c byte) bool                     { return 'A' <= c && c <= 'Z' }
func isUpperOrDigit(c byte) bool              { return isUpper(c) || isDigit(c) }
func number(s string) int {
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

func allOf(s string, is func(byte) bool) bool {
	for i := range len(s) {
		if !is(s[i]) {
			return false
		}
	}
	return true
}
