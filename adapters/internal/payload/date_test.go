package payload

import (
	"testing"
	"time"
)

func TestParseDate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"date", "1990-03-15", "1990-03-15"},
		{"date with offset", "1990-03-15+06:00", "1990-03-15"},
		{"date in UTC", "1990-03-15Z", "1990-03-15"},
		{"midnight", "1990-03-15T00:00:00", "1990-03-15"},
		{"midnight with fraction", "1990-03-15T00:00:00.000", "1990-03-15"},
		{"midnight with offset", "1990-03-15T00:00:00.000+06:00", "1990-03-15"},
		{"midnight with Java's offset", "1990-03-15T00:00:00+0600", "1990-03-15"},
		{"midnight in UTC", "1990-03-15T00:00:00Z", "1990-03-15"},
		{"leap day", "2000-02-29", "2000-02-29"},
		{"open end", "9999-12-31", "9999-12-31"},
		{"moved into UTC", "1990-03-14T18:00:00Z", ""},
		{"moved by the reform of 2024", "1990-03-14T23:00:00+05:00", ""},
		{"time of day", "1990-03-15T10:20:30", ""},
		{"last millisecond", "1990-03-15T00:00:00.001", ""},
		{"dot without fraction", "1990-03-15T00:00:00.", ""},
		{"no leap day", "1900-02-29", ""},
		{"month 13", "1990-13-01", ""},
		{"day first", "15.03.1990", ""},
		{"short", "1990-3-15", ""},
		{"year alone", "1990", ""},
		{"no day", "1990-03-00", ""},
		{"zero date of a program", "0001-01-01", ""},
		{"before the registry", "1799-12-31", ""},
		{"trailing text", "1990-03-15 ", ""},
		{"offset without sign", "1990-03-15 06:00", ""},
		{"empty", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, ok := parseDate(tt.in)
			if ok != (tt.want != "") || ok && string(got) != tt.want {
				t.Errorf("parseDate(%q) = %v, %v", tt.in, got, ok)
			}
		})
	}
}

func TestParseTime(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"offset", "2013-02-14T00:00:00.000+06:00", "2013-02-14T00:00:00+06:00"},
		{"UTC", "2013-02-14T00:00:00Z", "2013-02-14T00:00:00Z"},
		{"Java's offset", "2013-02-14T00:00:00.5+0600", "2013-02-14T00:00:00.5+06:00"},
		{"no offset", "2013-02-14T09:00:00", "2013-02-14T09:00:00+05:00"},
		{"plain date", "2013-02-14", "2013-02-14T00:00:00+05:00"},
		{"zero time of a program", "0001-01-01T00:00:00Z", ""},
		{"time alone", "10:00:00", ""},
		{"month 13", "2013-13-14T00:00:00Z", ""},
		{"empty", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, ok := parseTime(tt.in)
			if ok != (tt.want != "") || ok && got.Format(time.RFC3339Nano) != tt.want {
				t.Errorf("parseTime(%q) = %v, %v", tt.in, got, ok)
			}
		})
	}
}
