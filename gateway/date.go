package gateway

import (
	"fmt"
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
