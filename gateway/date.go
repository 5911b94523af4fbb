package gateway

import (
	"fmt"
	"strings"
	"time"
)

// Date is a day of the calendar as the contract writes it, "1990-03-15" (RFC
// 3339, full-date); "" is no date. A date of birth has no time zone, so a Date
// has none. The years have four digits: of two Dates the greater text is the
// later day.
type Date string

// DateOf is the day of a moment in the moment's own zone; no date for the zero
// time.
func DateOf(t time.Time) Date {
	if t.IsZero() {
		return ""
	}
	return Date(t.Format(time.DateOnly))
}

// ParseDate reads a full-date of a day that exists. The error does not repeat
// the text.
func ParseDate(s string) (Date, error) {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return "", fmt.Errorf("not a date of the form %s", time.DateOnly)
	}
	return Date(s), nil
}

// UnmarshalText keeps other texts from becoming a Date by way of JSON.
func (d *Date) UnmarshalText(b []byte) (err error) {
	*d, err = ParseDate(string(b))
	return err
}

// IsZero tells that there is no date.
func (d Date) IsZero() bool { return d == "" }

// ParsePartialDate reads YYYY, YYYY-MM or YYYY-MM-DD; ok is false for another
// form and for a month or a day that does not exist.
func ParsePartialDate(s string) (d PartialDate, ok bool) {
	for _, layout := range [...]string{"2006", "2006-01", time.DateOnly} {
		if len(s) == len(layout) {
			_, err := time.Parse(layout, s)
			return PartialDate(s), err == nil
		}
	}
	return "", false
}

// WholeDate is a whole day as a PartialDate, "" for no date.
func WholeDate(d Date) PartialDate { return PartialDate(d) }

// Date gives the day; ok is false if a part of it is not known.
func (d PartialDate) Date() (day Date, ok bool) {
	day, err := ParseDate(string(d))
	return day, err == nil
}

// Agrees tells whether both can be the same day: what one of them does not know
// contradicts nothing.
func (d PartialDate) Agrees(other PartialDate) bool {
	return strings.HasPrefix(string(d), string(other)) || strings.HasPrefix(string(other), string(d))
}
