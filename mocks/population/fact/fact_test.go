package fact

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDates(t *testing.T) {
	t.Parallel()
	// At 20:30 UTC the next day has begun in Kazakhstan.
	if got := Day(time.Date(2026, 10, 31, 20, 30, 0, 0, time.UTC)); got != "2026-11-01" {
		t.Error(got)
	}
	for _, tt := range []struct {
		from    Date
		y, m, d int
		want    Date
	}{
		{"2026-11-01", 0, 0, -5, "2026-10-27"},
		{"2028-02-29", -18, 0, 0, "2010-03-01"},
		{"2026-01-31", 0, 1, 0, "2026-03-03"},
		{"", 1, 1, 1, ""},
		{"2026-13-45", 1, 1, 1, ""},
	} {
		if got := tt.from.Add(tt.y, tt.m, tt.d); got != tt.want {
			t.Errorf("%s %d %d %d: %s, want %s", tt.from, tt.y, tt.m, tt.d, got, tt.want)
		}
	}
	for _, tt := range []struct {
		born, on Date
		want     int
	}{
		{"2008-11-02", "2026-11-01", 17},
		{"2008-11-01", "2026-11-01", 18},
		{"2008-10-31", "2026-11-01", 18},
		{"2012-02-29", "2026-02-28", 13},
		{"2012-02-29", "2026-03-01", 14},
		{"2012-02-29", "2028-02-29", 16},
		{"", "2026-11-01", 0},
	} {
		if got := Age(tt.born, tt.on); got != tt.want {
			t.Errorf("born %s, on %s: %d, want %d", tt.born, tt.on, got, tt.want)
		}
	}
}

func TestNamesOver(t *testing.T) {
	t.Parallel()
	n := Names{Kk: Name{"Сынақова", "Гүлзат", "Рашидқызы"}, Ru: Name{"Сынакова", "Гульзат", "Рашидовна"}, Latin: Name{"SYNAKOVA", "GULZAT", ""}}
	got := n.Over(&Names{Kk: Name{Surname: "Сынақтаева"}, Latin: Name{Surname: "SYNAKTAEVA"}})
	if got.Kk.String() != "Сынақтаева Гүлзат Рашидқызы" || got.Ru != n.Ru || got.Latin.String() != "SYNAKTAEVA GULZAT" || n.Over(nil) != n {
		t.Errorf("%+v", got)
	}
}

func TestCityOn(t *testing.T) {
	t.Parallel()
	l := Location{City: Bilingual{"3", "3"}, Renamed: []Renaming{{"2012-06-01", Bilingual{"2", "2"}}, {"1990-01-01", Bilingual{"1", "1"}}}}
	for on, want := range map[Date]string{"": "3", "2020-01-01": "3", "2012-06-01": "3", "2012-05-31": "2", "1990-01-01": "2", "1989-12-31": "1"} {
		if got := l.CityOn(on); got.Kk != want {
			t.Errorf("on %q: %s, want %s", on, got.Kk, want)
		}
	}
}

// TestCloneSharesNothing: a copy is equal, and no change of it reaches the
// original.
func TestCloneSharesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringN(0, 5, -1)
		p := &Person{
			Key: text.Draw(t, "key"), Also: []string{"a"}, Parents: nil,
			Excluded:    &Excluded{Reason: text.Draw(t, "reason")},
			Accounts:    []BankAccount{{IBAN: text.Draw(t, "iban")}},
			Differences: []Difference{{As: map[string]any{"name": map[string]any{"kk": text.Draw(t, "name")}, "parents": []any{"x"}}}},
		}
		c, again := p.Clone(), p.Clone()
		if !reflect.DeepEqual(c, p) {
			t.Fatal("the copy differs")
		}
		c.Also[0], c.Excluded.Reason, c.Accounts[0].IBAN = "changed!", "changed!", "changed!"
		c.Differences[0].As["name"].(map[string]any)["kk"] = "changed!"
		c.Differences[0].As["parents"].([]any)[0] = "changed!"
		if !reflect.DeepEqual(again, p) {
			t.Fatal("a change of the copy reached the original")
		}
	})
}

func TestRegistries(t *testing.T) {
	t.Parallel()
	for _, r := range Registries() {
		if got, err := ParseRegistry(string(r)); err != nil || got != r {
			t.Errorf("%s: %v", r, err)
		}
	}
	if _, err := ParseRegistry("library"); err == nil {
		t.Error("a library is a registry")
	}
}
