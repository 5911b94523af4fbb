package people

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/kopir-kz/kopir/gateway/ident"
	"github.com/kopir-kz/kopir/mocks/population/fact"
)

func TestRelativeDates(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"born: $today":                     `born: "2028-02-28"`,
		"{a: $today-5d, b: $today+1d}":     `{a: "2028-02-23", b: "2028-02-29"}`,
		"$today+1d-18y":                    `"2010-03-01"`, // no 29 February 2010
		"$today-18y+1d":                    `"2010-03-01"`,
		"$today+1m":                        `"2028-03-28"`,
		"$today+9y-1d":                     `"2037-02-27"`,
		"birth date: 2001-01-01, today":    "birth date: 2001-01-01, today",
		"$today-5 and $today-5w":           `"2028-02-28"-5 and "2028-02-28"-5w`, // no steps: the rules refuse the date
		"a text about $todays and $ today": `a text about "2028-02-28"s and $ today`,
	} {
		got, err := resolve([]byte(text), "2028-02-28")
		if err != nil || string(got) != want {
			t.Errorf("%s: %s (%v), want %s", text, got, err, want)
		}
	}
	if _, err := resolve(nil, "2028-02-30"); err == nil {
		t.Error("a day that does not exist is today")
	}
}

// TestIINsOfRelativePeople: on any day the computed numbers are right, fit birth
// date and sex, and the birthdays are where they are said to be.
func TestIINsOfRelativePeople(t *testing.T) {
	t.Parallel()
	for days := 0; days < 4000; days += 193 {
		now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC).AddDate(0, 0, days)
		set, err := Read(Built(), now)
		if err != nil {
			t.Fatal(err)
		}
		computed := 0
		for _, one := range set.People {
			if one.Serial == 0 {
				continue
			}
			computed++
			n, err := ident.ParseIIN(one.IIN, ident.Mock)
			if err != nil {
				t.Fatalf("%s: %v", one.Key, err)
			}
			y, m, d := n.BirthDate()
			if got := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly); got != string(one.Born) {
				t.Errorf("%s: born %s by the IIN", one.Key, got)
			}
			if one.Property == "turns-18-tomorrow" && fact.Age(one.Born, fact.Day(now)) != 17 {
				t.Errorf("%s is not 17 years old on %s", one.Key, fact.Day(now))
			}
		}
		if computed == 0 {
			t.Fatal("nobody's IIN is computed")
		}
	}
}

// TestClockBeforeTheFiles: people are as of the day the files were written.
func TestClockBeforeTheFiles(t *testing.T) {
	t.Parallel()
	early, err1 := Read(Built(), time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC))
	written, err2 := Read(Built(), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	for i, one := range early.People {
		if one.Born != written.People[i].Born || one.IIN != written.People[i].IIN {
			t.Errorf("%s is born %s and %s", one.Key, one.Born, written.People[i].Born)
		}
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	const head = "version: 1\n"
	for _, tt := range []struct {
		name  string
		files []string
		want  string
	}{
		{"other version", []string{"version: 2\n"}, "version 2"},
		{"no version", []string{"people: []\n"}, "version 0"},
		{"unknown key", []string{head + "poeple: []\n"}, "poeple"},
		{"unknown field of a person", []string{head + "people: [{key: a, height: 180}]\n"}, "height"},
		{"no YAML", []string{"\t:"}, "yaml"},
		{"dictionary twice", []string{head + "dictionaries: {gender: {}}\n", head + "dictionaries: {gender: {}}\n"}, "dictionary gender"},
		{"entity twice", []string{head + "entities: {a: {}}\n", head + "entities: {a: {}}\n"}, "entity a"},
		{"location twice", []string{head + "locations: {a: {}}\n", head + "locations: {a: {}}\n"}, "location a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			files := fstest.MapFS{}
			for i, text := range tt.files {
				files[string(rune('a'+i))+".yaml"] = &fstest.MapFile{Data: []byte(text)}
			}
			if _, err := Read(files, time.Now()); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v", err)
			}
		})
	}
	// A person whose facts allow no IIN has none; that is for the rules to tell.
	set, err := Read(fstest.MapFS{"a.yaml": {Data: []byte(head + "people: [{key: a, serial: 5, born: never}]\n")}}, time.Now())
	if err != nil || set.People[0].IIN != "" {
		t.Errorf("%v", err)
	}
}
