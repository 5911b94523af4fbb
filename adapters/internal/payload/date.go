package payload

import (
	"strings"
	"time"

	"github.com/kopir-kz/kopir/gateway"
)

// Dates are bounded from below: nobody in the registry was born before, and the
// zero dates of programs (year 1, year 1753) are no dates of people.
const (
	firstYear = 1800
	firstDate = gateway.Date("1800-01-01")
)

// parseDate reads xsd:date, with or without a time zone, and xsd:dateTime at
// midnight, which live services send for plain dates. Another time of day is
// refused: it is what a date turns into when it is moved between time zones,
// and the day could be the one before or after. The zone is dropped: a date of
// birth has none.
func parseDate(s string) (gateway.Date, bool) {
	if len(s) < len(time.DateOnly) {
		return "", false
	}
	day, err := gateway.ParseDate(s[:len(time.DateOnly)])
	if err != nil || day < firstDate {
		return "", false
	}
	rest := s[len(time.DateOnly):]
	if clock, timed := strings.CutPrefix(rest, "T00:00:00"); timed {
		rest = clock
		if fraction, ok := strings.CutPrefix(rest, "."); ok {
			rest = strings.TrimLeft(fraction, "0")
			if len(rest) == len(fraction) {
				return "", false
			}
		}
	}
	if !isZone(rest) {
		return "", false
	}
	return day, true
}

// isZone tells whether s is a time zone of XML Schema, the offset without a
// colon that Java's pattern letter Z writes, or nothing.
func isZone(s string) bool {
	if s == "" || s == "Z" {
		return true
	}
	for _, form := range [...]string{"-07:00", "-0700"} {
		if _, err := time.Parse(form, s); err == nil {
			return true
		}
	}
	return false
}

// parseTime reads xsd:dateTime in every form seen on the wire: with an offset,
// with Java's offset, with none, which is taken for the +05:00 that all
// Kazakhstan has since 1 March 2024; and a plain date as its midnight. A fraction
// of a second needs no form of its own. The offset is kept: it tells which day
// the registry meant.
func parseTime(s string) (time.Time, bool) {
	for _, form := range [...]string{time.RFC3339, "2006-01-02T15:04:05-0700", "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.ParseInLocation(form, s, time.FixedZone("", 5*60*60)); err == nil {
			_, offset := t.Zone()
			return t.In(time.FixedZone("", offset)), t.Year() >= firstYear
		}
	}
	return time.Time{}, false
}
