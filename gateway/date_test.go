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
