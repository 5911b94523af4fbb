package gateway

import (
	"testing"
	"time"

	openapi_types "github.com/oapi-codegen/runtime/types"
	"pgregory.net/rapid"
)

func TestParsePartialDate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, in string
		ok       bool
	}{
		{"year", "1990", true},
		{"month", "1990-03", true},
		{"day", "1990-03-15", true},
		{"leap day", "2000-02-29", true},
		{"no leap day", "1900-02-29", false},
		{"month 13", "1990-13", false},
		{"month 0", "1990-00", false},
		{"day 0", "1990-03-00", false},
		{"short year", "990", false},
		{"day first", "15-03-1990", false},
		{"empty", "", false},
		{"words", "вчера", false},
		{"dateTime", "1990-03-15T00:00:00", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, ok := ParsePartialDate(tt.in)
			if ok != tt.ok || ok && string(got) != tt.in {
				t.Errorf("got %q, %v", got, ok)
			}
		})
	}
}

// TestPartialDates: a day agrees with itself, its month and its year, and with no
// other day.
func TestPartialDates(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 60000).Draw(t, "day"))
		other := at.AddDate(0, 0, rapid.IntRange(1, 20000).Draw(t, "later"))
		d := WholeDate(openapi_types.Date{Time: at})
		for _, part := range []PartialDate{d, d[:7], d[:4], ""} {
			if !d.Agrees(part) || !part.Agrees(d) {
				t.Fatalf("%s does not agree with %q", d, part)
			}
		}
		if d.Agrees(WholeDate(openapi_types.Date{Time: other})) {
			t.Fatal("two days agree")
		}
		if back, ok := d.Date(); !ok || !back.Equal(at) {
			t.Fatalf("%s is read as %v", d, back)
		}
		if _, ok := d[:7].Date(); ok {
			t.Fatal("a month is a day")
		}
	})
	if WholeDate(openapi_types.Date{}) != "" {
		t.Error("no date is a date")
	}
}

// TestDoubts: every rule has its texts, and no two rules the same.
func TestDoubts(t *testing.T) {
	t.Parallel()
	seen := map[string]DoubtRule{}
	for rule := range doubts {
		d := NewDoubt(rule, "/event_date")
		if d.Rule != string(rule) || d.Pointer != "/event_date" || d.Text.KK == "" || d.Text.RU == "" || d.Text.EN == "" {
			t.Errorf("%s: %+v", rule, d)
		}
		for _, text := range []string{d.Text.KK, d.Text.RU, d.Text.EN} {
			if seen[text] != "" {
				t.Errorf("%s and %s say the same", rule, seen[text])
			}
			seen[text] = rule
		}
	}
	for _, rule := range []DoubtRule{DoubtCode, DoubtDate, DoubtMissing, DoubtNumber, DoubtRange, DoubtOrder, DoubtIdentity, DoubtAgreement} {
		if _, ok := doubts[rule]; !ok {
			t.Errorf("%s has no text", rule)
		}
	}
}
