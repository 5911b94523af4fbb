package gateway

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseDate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		ok   bool
	}{
		{"1990-03-15", true},
		{"2000-02-29", true},
		{"9999-12-31", true},
		{"1900-02-29", false},
		{"1990-02-30", false},
		{"1990-13-01", false},
		{"1990-3-15", false},
		{"90-03-15", false},
		{"15.03.1990", false},
		{"1990-03-15T00:00:00Z", false},
		{" 1990-03-15", false},
		{"", false},
	} {
		d, err := ParseDate(tt.text)
		if (err == nil) != tt.ok || tt.ok && string(d) != tt.text || !tt.ok && !d.IsZero() {
			t.Errorf("ParseDate(%q) = %q, %v", tt.text, d, err)
		}
		var v struct{ D Date }
		err = json.Unmarshal([]byte(`{"D":"`+tt.text+`"}`), &v)
		if (err == nil) != tt.ok || v.D != d {
			t.Errorf("from JSON: %q, %v", v.D, err)
		}
	}
}

// TestDatesAreOrdered as the days are that they name.
func TestDatesAreOrdered(t *testing.T) {
	t.Parallel()
	day := rapid.Map(rapid.Int64Range(0, 9998*365), func(n int64) time.Time {
		return time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(n)).Add(time.Second)
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := day.Draw(t, "a"), day.Draw(t, "b")
		if (DateOf(a) < DateOf(b)) != a.Before(b) || (DateOf(a) == DateOf(b)) != a.Equal(b) {
			t.Errorf("%s and %s", DateOf(a), DateOf(b))
		}
		if d, err := ParseDate(string(DateOf(a))); err != nil || d != DateOf(a) {
			t.Error(d, err)
		}
	})
	if d := DateOf(time.Time{}); !d.IsZero() {
		t.Errorf("the zero time is %q", d)
	}
	if d := DateOf(time.Date(2025, 9, 1, 23, 0, 0, 0, time.UTC).In(time.FixedZone("", 5*60*60))); d != "2025-09-02" {
		t.Errorf("the day in the moment's own zone is %q", d)
	}
}

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
		d := WholeDate(DateOf(at))
		for _, part := range []PartialDate{d, d[:7], d[:4], ""} {
			if !d.Agrees(part) || !part.Agrees(d) {
				t.Fatalf("%s does not agree with %q", d, part)
			}
		}
		if d.Agrees(WholeDate(DateOf(other))) {
			t.Fatal("two days agree")
		}
		if back, ok := d.Date(); !ok || back != DateOf(at) {
			t.Fatalf("%s is read as %v", d, back)
		}
		if _, ok := d[:7].Date(); ok {
			t.Fatal("a month is a day")
		}
	})
	if WholeDate("") != "" {
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
