package population

import (
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/gateway/ident"
	"github.com/kopir-kz/kopir/mocks/population/fact"
	"github.com/kopir-kz/kopir/mocks/population/people"
)

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

const today fact.Date = "2026-11-01"

// loaded is the population of the files at noon, read once.
var loaded = sync.OnceValues(func() (*Population, error) { return Load(noon) })

func load(t *testing.T) *Population {
	t.Helper()
	p, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// edited loads the files with texts replaced, each everywhere in one file.
func edited(t *testing.T, file string, oldnew ...string) (*Population, error) {
	t.Helper()
	files := fstest.MapFS{}
	names, err := fs.Glob(people.Built(), "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		b, err := fs.ReadFile(people.Built(), name)
		if err != nil {
			t.Fatal(err)
		}
		if name == file {
			after := strings.NewReplacer(oldnew...).Replace(string(b))
			if after == string(b) {
				t.Fatalf("%s has none of %q", file, oldnew)
			}
			b = []byte(after)
		}
		files[name] = &fstest.MapFile{Data: b}
	}
	return Parse(files, noon)
}

func TestParseChecks(t *testing.T) {
	t.Parallel()
	for name, change := range map[string][]string{
		"a rule":                           {`"854412301015"`, `"854412301014"`},
		"a property nobody shows":          {"also: [card-and-current-account]", "also: []"},
		"an unknown key":                   {"life_status:", "mood:"},
		"a difference with an unknown key": {"        as:\n          name:", "        as:\n          nickname:"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := edited(t, "10-erlan.yaml", change...); err == nil {
				t.Error("accepted")
			}
		})
	}
	// What a registry holds must be consistent in itself: not an account of two.
	if _, err := edited(t, "50-divorced.yaml", `as: {iin: "815212301559", former_iins: []}`, `as: {iin: "854412301015", former_iins: []}`); err == nil ||
		!strings.Contains(err.Error(), "as bankaccount holds it") {
		t.Errorf("got %v", err)
	}
}

// TestAnyDay: the invariants hold whenever the population is loaded.
func TestAnyDay(t *testing.T) {
	t.Parallel()
	for days := -3000; days <= 3000; days += 251 {
		if _, err := Load(noon.AddDate(0, 0, days)); err != nil {
			t.Fatalf("%d days from here: %v", days, err)
		}
	}
}

// TestOneWrongDigit: a change of any digit of the birth date, of the century and
// sex, or of the check digit of anybody's IIN is refused. Serial digits are left
// out: the weight 11 of the eleventh digit makes the check digit blind to it.
func TestOneWrongDigit(t *testing.T) {
	t.Parallel()
	p := load(t)
	rapid.Check(t, func(t *rapid.T) {
		d := p.Draft()
		one := rapid.SampledFrom(d.Set.People).Draw(t, "person")
		if one.IIN == "" {
			t.Skip("no IIN")
		}
		at := rapid.SampledFrom([]int{0, 1, 2, 3, 4, 5, 6, 11}).Draw(t, "place")
		digit := byte('0' + rapid.IntRange(0, 9).Draw(t, "digit"))
		if one.IIN[at] == digit {
			t.Skip("same digit")
		}
		one.IIN = one.IIN[:at] + string(digit) + one.IIN[at+1:]
		if _, err := d.Done(); err == nil {
			t.Fatalf("%s is accepted with digit %d changed", one.Key, at)
		}
	})
}

// TestAnyAdultJoins: a person built at random within the rules is accepted, and
// then found by every key the registries search by.
func TestAnyAdultJoins(t *testing.T) {
	t.Parallel()
	p := load(t)
	rapid.Check(t, func(t *rapid.T) {
		year := rapid.IntRange(1910, 1999).Draw(t, "year")
		sex := rapid.SampledFrom([]ident.Sex{ident.Male, ident.Female}).Draw(t, "sex")
		n, err := ident.SyntheticIIN(year, 6, rapid.IntRange(1, 30).Draw(t, "day"), sex, rapid.IntRange(2000, 9999).Draw(t, "serial"))
		if err != nil {
			t.Skip("a stem that is never issued")
		}
		d := p.Draft()
		joined := newcomer(n)
		d.Set.People = append(d.Set.People, joined)
		grown, err := d.Done()
		if err != nil {
			t.Fatal(err)
		}
		v := grown.View(fact.RegistryPerson)
		if found := v.Individual(n.Reveal()); found == nil || found.Key != "newcomer" {
			t.Error("not found by IIN")
		}
		if found := v.ByDocument("990009999"); len(found) != 1 || found[0].Key != "newcomer" {
			t.Error("not found by document")
		}
		if found := v.ByBirth(joined.Born, joined.Name.Kk); len(found) != 1 || found[0].Key != "newcomer" {
			t.Errorf("%d found by name and birth date", len(found))
		}
		if p.ByIIN(n.Reveal()) != nil || len(p.People()) != len(grown.People())-1 {
			t.Error("the draft changed the population it was made from")
		}
	})
}

func newcomer(n ident.IIN) *fact.Person {
	y, m, d := n.BirthDate()
	return &fact.Person{
		Key: "newcomer", IIN: n.Reveal(), Sex: map[ident.Sex]string{ident.Male: "1", ident.Female: "2"}[n.Sex()],
		Born: fact.Day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC)),
		Name: fact.Names{
			Kk:    fact.Name{Surname: "Сынақбай", Given: "Кездейсоқ"},
			Ru:    fact.Name{Surname: "Сынакбай", Given: "Кездейсок"},
			Latin: fact.Name{Surname: "SYNAKBAI", Given: "KEZDEISOK"},
		},
		Nationality: "005", Citizenship: fact.Kazakhstan, LifeStatus: "0",
		Documents: []fact.Document{{Type: "002", Number: "990009999", Begin: "2020-01-01", Issuer: "002", Status: "00"}},
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	p := load(t)
	v := p.View(fact.RegistryPerson)
	adult, meiram := p.ByKey("adult"), p.ByKey("no-patronymic")
	keys := func(found []*Individual) (keys []string) {
		for _, one := range found {
			keys = append(keys, one.Key)
		}
		return keys
	}
	for _, tt := range []struct {
		name string
		got  []*Individual
		want []string
	}{
		{"document", v.ByDocument("N99000101"), []string{"adult"}},
		{"document listed twice", v.ByDocument("990000109"), []string{"many-documents"}},
		{"unknown document", v.ByDocument("000000000"), nil},
		{"birth and name", v.ByBirth(adult.Born, adult.Name.Kk), []string{"adult"}},
		{"case does not count", v.ByBirth(adult.Born, fact.Name{Surname: "СЫНАҚОВ", Given: "ЕРЛАН", Patronymic: "БОЛАТҰЛЫ"}), []string{"adult"}},
		{"omitted patronymic means none", v.ByBirth(adult.Born, fact.Name{Surname: "Сынақов", Given: "Ерлан"}), nil},
		{"no patronymic", v.ByBirth(meiram.Born, meiram.Name.Kk), []string{"no-patronymic"}},
		{"namesakes", v.ByBirth("1970-05-09", p.ByKey("namesake").Name.Kk), []string{"many-documents", "namesake"}},
		{"other birth date", v.ByBirth("1985-04-13", adult.Name.Kk), nil},
		{"no IIN yet", v.ByBirth(p.ByKey("no-iin-yet").Born, p.ByKey("no-iin-yet").Name.Kk), nil},
	} {
		if !slices.Equal(keys(tt.got), tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, keys(tt.got), tt.want)
		}
	}
	for _, iin := range append(p.NotFound(), "") {
		if p.ByIIN(iin) != nil || v.Individual(iin) != nil || v.Acts(iin) != nil || v.Accounts(iin) != nil || v.Residences(iin) != nil ||
			v.Guardianships(iin) != nil || v.Awards(iin) != nil {
			t.Error("an IIN of nobody finds something")
		}
	}
	for _, one := range p.People() {
		if one.IIN != "" && p.ByIIN(one.IIN) != one {
			t.Errorf("%s is not found by IIN", one.Key)
		}
	}
}
