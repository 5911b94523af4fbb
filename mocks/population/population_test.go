package population

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/gateway/ident"
)

func load(t *testing.T) *Population {
	t.Helper()
	p, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestPeopleShowTheirProperty holds each person against the property it exists
// for, so that an edit of the file cannot lose one.
func TestPeopleShowTheirProperty(t *testing.T) {
	t.Parallel()
	p := load(t)
	tests := []struct {
		name string
		ok   func(*Person) bool
	}{
		{"temporary-registration", func(x *Person) bool {
			return x.Registration != nil && len(x.Addresses) == 1 && x.Addresses[0].Type == "1"
		}},
		{"long-compound-name", func(x *Person) bool {
			k := strings.ToLower(x.Name.Kk.Surname + x.Name.Kk.Given + x.Name.Kk.Patronymic)
			return len([]rune(k)) > 60 && !slices.ContainsFunc([]rune("әғқңөұүһі"), func(r rune) bool { return !strings.ContainsRune(k, r) })
		}},
		{"child-without-address", func(x *Person) bool {
			return x.Registration == nil && len(x.Documents) == 0 && x.BirthCertificate != nil && len(x.Parents) == 2
		}},
		{"no-patronymic", func(x *Person) bool { return x.Name.Kk.Patronymic == "" && x.Repatriation != nil }},
		{"residence-permit", func(x *Person) bool { return x.Citizenship != "398" && x.Documents[0].Type == "003" }},
		{"deceased", func(x *Person) bool { return x.Died != "" && x.DeathCertificate != nil }},
		{"incapacitated", func(x *Person) bool { return x.Capable != nil }},
		{"missing", func(x *Person) bool { return x.Missing != nil && x.Disappeared != nil }},
		{"many-documents", func(x *Person) bool {
			var status []string
			repeated := false
			for _, d := range x.Documents {
				status = append(status, d.Status)
				repeated = repeated || d.Repeated
			}
			return repeated && slices.Contains(status, "17") && slices.Contains(status, "07") && slices.Contains(status, "00")
		}},
		{"namesake-city-dash", func(x *Person) bool {
			return x.NilDates && x.Registration.City == "-" && len(p.ByBirth(x.Born, x.Name.Kk)) == 2
		}},
	}
	if len(tests) != len(p.People()) {
		t.Fatalf("%d people, %d properties tested", len(p.People()), len(tests))
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			one := p.People()[i]
			if one.Property.ID != tt.name || !tt.ok(one) {
				t.Errorf("person %q does not show %q", one.Key, tt.name)
			}
		})
	}
}

func TestParseNamesTheBrokenRule(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		old, new string // replaced once in the file
		rule     string
	}{
		{"check digit", `"854412301015"`, `"854412301014"`, "iin.right"},
		{"real IIN", `"854412301015"`, `"850412301017"`, "iin.right"},
		{"same IIN", `"704509401108"`, `"704509401099"`, "iin.unique"},
		{"birth date", `born: "1985-04-12"`, `born: "1985-04-13"`, "iin.birth"},
		{"sex", `sex: "1"`, `sex: "2"`, "iin.sex"},
		{"surname", `surname: Сынақов,`, `surname: Ахметов,`, "name.surname"},
		{"patronymic in one spelling", `patronymic: Болатұлы`, `patronymic: ""`, "name.patronymic"},
		{"spouse does not answer", `spouse: adult`, `spouse: missing`, "spouse.mutual"},
		{"parent younger", `parents: [deceased]`, `parents: [child]`, "parents.older"},
		{"parent unknown", `parents: [deceased]`, `parents: [nobody]`, "parents.known"},
		{"parent twice", `parents: [adult, compound-name]`, `parents: [adult, adult]`, "parents.count"},
		{"dead without date", `died: "2024-10-02"`, `died: ""`, "life.status"},
		{"unknown code", `nationality: "005"`, `nationality: "999"`, "code.known"},
		{"missing code", `nationality: "005"`, `nationality: ""`, "code.present"},
		{"document of two people", `number: "990000102"`, `number: "990000101"`, "document.unique"},
		{"undeclared repetition", `, repeated: true`, ``, "document.repeated"},
		{"repetition differs", `status: "00", repeated: true`, `status: "00", series: X, repeated: true`, "document.copy"},
		{"ends before it begins", `end: "2029-05-13"`, `end: "2009-05-13"`, "date.order"},
		{"date form", `begin: "2019-05-14"`, `begin: "14.05.2019"`, "date.form"},
		{"valid with invalidity date", `status: "07"`, `status: "00"`, "document.status"},
		{"nobody is somebody", `["995231309018"`, `["854412301015"`, "not_found.nobody"},
		{"dictionary language", `{ru: Мужской, kk: Еркек}`, `{ru: Мужской}`, "dictionary.languages"},
		{"region elsewhere", `region: "1901205", city: Аршалы кенті, te_code`, `region: "1902213", city: Аршалы кенті, te_code`, "place.region"},
		{"property twice", `id: deceased`, `id: missing`, "property.unique"},
		{"property language", `en: dead, with`, `x: dead, with`, ""},
		{"other version", `version: 1`, `version: 2`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			broken := strings.Replace(string(embedded), tt.old, tt.new, 1)
			if broken == string(embedded) {
				t.Fatalf("the file has no %q", tt.old)
			}
			_, err := Parse([]byte(broken))
			if err == nil {
				t.Fatal("accepted")
			}
			if tt.rule != "" && !hasRule(err, tt.rule) {
				t.Errorf("got %v, want rule %s", err, tt.rule)
			}
		})
	}
}

func hasRule(err error, rule string) bool {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return false
	}
	return slices.ContainsFunc(joined.Unwrap(), func(err error) bool {
		var e *Error
		return errors.As(err, &e) && e.Rule == rule
	})
}

func TestSearch(t *testing.T) {
	t.Parallel()
	p := load(t)
	adult := p.ByKey("adult")
	keys := func(found []*Person) (keys []string) {
		for _, one := range found {
			keys = append(keys, one.Key)
		}
		return keys
	}
	nameless := Name{Surname: adult.Name.Kk.Surname, Given: adult.Name.Kk.Given}
	meiram := p.ByKey("no-patronymic")
	tests := []struct {
		name string
		got  []string
		want []string
	}{
		{"document", keys(p.ByDocument("N99000101")), []string{"adult"}},
		{"document listed twice", keys(p.ByDocument("990000109")), []string{"many-documents"}},
		{"unknown document", keys(p.ByDocument("000000000")), nil},
		{"birth and name", keys(p.ByBirth(adult.Born, adult.Name.Kk)), []string{"adult"}},
		{"case does not count", keys(p.ByBirth(adult.Born, Name{"СЫНАҚОВ", "ЕРЛАН", "БОЛАТҰЛЫ"})), []string{"adult"}},
		{"omitted patronymic means none", keys(p.ByBirth(adult.Born, nameless)), nil},
		{"no patronymic", keys(p.ByBirth(meiram.Born, meiram.Name.Kk)), []string{"no-patronymic"}},
		{"namesakes", keys(p.ByBirth("1970-05-09", p.ByKey("namesake").Name.Kk)), []string{"many-documents", "namesake"}},
		{"other birth date", keys(p.ByBirth("1985-04-13", adult.Name.Kk)), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if !slices.Equal(tt.got, tt.want) {
				t.Errorf("got %v, want %v", tt.got, tt.want)
			}
		})
	}
	for _, iin := range p.NotFound() {
		if p.ByIIN(iin) != nil {
			t.Error("an IIN of nobody finds somebody")
		}
	}
	for _, one := range p.People() {
		if p.ByIIN(one.IIN) != one {
			t.Errorf("%s is not found by IIN", one.Key)
		}
	}
}

// TestOneWrongDigit: a change of any digit of the birth date, of the century and
// sex, or of the check digit of anybody's IIN is refused. Serial digits are left
// out: the weight 11 of the eleventh digit makes the check digit blind to it.
func TestOneWrongDigit(t *testing.T) {
	t.Parallel()
	honest := decoded(t)
	rapid.Check(t, func(t *rapid.T) {
		f := honest
		f.People = slices.Clone(honest.People)
		who := rapid.IntRange(0, len(f.People)-1).Draw(t, "person")
		at := rapid.SampledFrom([]int{0, 1, 2, 3, 4, 5, 6, 11}).Draw(t, "place")
		digit := byte('0' + rapid.IntRange(0, 9).Draw(t, "digit"))
		changed := *f.People[who]
		if changed.IIN[at] == digit {
			t.Skip("same digit")
		}
		changed.IIN = changed.IIN[:at] + string(digit) + changed.IIN[at+1:]
		f.People[who] = &changed
		if _, err := build(f); err == nil {
			t.Fatalf("accepted with digit %d changed", at)
		}
	})
}

// decoded is the file before its check.
func decoded(t *testing.T) (f file) {
	t.Helper()
	if err := yaml.Unmarshal(embedded, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// TestAnyAdultJoins: a person built at random within the rules is accepted, and
// then found by every key the registries search by; the same person with a
// birth date after that of a child is refused.
func TestAnyAdultJoins(t *testing.T) {
	t.Parallel()
	honest := decoded(t)
	rapid.Check(t, func(t *rapid.T) {
		year := rapid.IntRange(1900, 1999).Draw(t, "year")
		sex := rapid.SampledFrom([]ident.Sex{ident.Male, ident.Female}).Draw(t, "sex")
		n, err := ident.SyntheticIIN(year, 6, rapid.IntRange(1, 30).Draw(t, "day"), sex, rapid.IntRange(2000, 9999).Draw(t, "serial"))
		if err != nil {
			t.Skip("a stem that is never issued")
		}
		joined := newcomer(n)
		f := honest
		f.People = append(slices.Clone(honest.People), joined)
		p, err := build(f)
		if err != nil {
			t.Fatal(err)
		}
		if p.ByIIN(n.Reveal()) != joined {
			t.Error("not found by IIN")
		}
		if found := p.ByDocument("990009999"); len(found) != 1 || found[0] != joined {
			t.Error("not found by document")
		}
		if found := p.ByBirth(joined.Born, joined.Name.Kk); len(found) != 1 || found[0] != joined {
			t.Errorf("%d found by name and birth date", len(found))
		}
		joined.Parents = []string{"child"} // born 2019, after everybody drawn here
		if _, err := build(f); !hasRule(err, "parents.older") {
			t.Errorf("a child older than its parent: %v", err)
		}
	})
}

func newcomer(n ident.IIN) *Person {
	y, m, d := n.BirthDate()
	born := Date(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
	return &Person{
		Key:      "newcomer",
		Property: Property{"newcomer", Text{"drawn", "случайный", "кездейсоқ"}},
		IIN:      n.Reveal(), Sex: map[ident.Sex]string{ident.Male: "1", ident.Female: "2"}[n.Sex()], Born: born,
		Name: Names{
			Kk:    Name{Surname: "Сынақбай", Given: "Кездейсоқ"},
			Ru:    Name{Surname: "Сынакбай", Given: "Кездейсок"},
			Latin: Name{Surname: "SYNAKBAI", Given: "KEZDEISOK"},
		},
		Nationality: "005", Citizenship: "398", LifeStatus: "0",
		Documents: []Document{{Type: "002", Number: "990009999", Begin: "2020-01-01", Issuer: "002", Status: "00"}},
	}
}
