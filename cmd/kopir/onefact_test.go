package main

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// change is one fact of the population in two versions.
type change struct {
	name   string
	family string // whose members are asked about
	// to writes a version of the fact, 0 or 1, into a draft.
	to func(d *population.Draft, version int)
	// texts are what answers show of both versions: where one stands in the first
	// answers, the other stands in the second, and nothing else differs. None for a
	// fact that answers show in several words.
	texts [][2]string
	// shown are the operations that show the fact, in ascending order, as far as the
	// gateway has them.
	shown []string
}

func changes() []change {
	pick := func(version int, v ...string) string { return v[version] }
	man := func(d *population.Draft) *fact.Person { return d.Person("adult") }
	return []change{
		{
			name: "surname", family: "erlan", texts: [][2]string{{"Сынақбірінші", "Сынақекінші"}},
			shown: []string{"civil-act.search", "guardianship.search", "person.search", "trustee.search"},
			to: func(d *population.Draft, v int) {
				man(d).Name.Kk.Surname = pick(v, "Сынақбірінші", "Сынақекінші")
			},
		},
		{
			name: "birth date, and the number made of it", family: "erlan", texts: [][2]string{{"1988-12-01", "1988-12-02"}, {"885201401072", "885202401078"}},
			shown: []string{"address.search", "award.search", "disability.search", "guardianship.search", "person.search", "trustee.search"},
			to: func(d *population.Draft, v int) {
				one := d.Person("incapacitated")
				one.Born, one.IIN = fact.Date(pick(v, "1988-12-01", "1988-12-02")), pick(v, "885201401072", "885202401078")
			},
		},
		{
			name: "certificate of a birth", family: "erlan", texts: [][2]string{{"1990771", "1990772"}},
			shown: []string{"civil-act.search", "person.search"},
			to: func(d *population.Draft, v int) {
				for _, a := range d.Set.Acts {
					if a.Number == "99-0103" {
						a.Certificates[0].Number = pick(v, "1990771", "1990772")
					}
				}
			},
		},
		{
			name: "house", family: "erlan", texts: [][2]string{{"771-үй", "772-үй"}, {"дом 771", "дом 772"}, {`"771"`, `"772"`}, {"Сынак, 771", "Сынак, 772"}},
			shown: []string{"address-object.search", "address.search", "disability.search", "person.search"},
			to:    func(d *population.Draft, v int) { d.Set.Locations["astana-30-2"].Building = pick(v, "771", "772") },
		},
		{
			name: "group of a disability", family: "erlan",
			shown: []string{"disability.search"},
			to:    func(d *population.Draft, v int) { d.Person("incapacitated").Disabilities[0].Group = pick(v, "I", "II") },
		},
		{
			name: "account closed", family: "erlan",
			shown: []string{"bank-account.check"},
			to: func(d *population.Draft, v int) {
				man(d).Accounts[1].Closed = fact.Date(pick(v, "", "2026-05-05"))
			},
		},
		{
			name: "award suspended", family: "erlan",
			shown: []string{"award.search"},
			to:    func(d *population.Draft, v int) { d.Person("widow").Awards[0].State = pick(v, "paid", "suspended") },
		},
		{
			name: "name of an employer", family: "erlan", texts: [][2]string{{"«Сынақ Бір» ЖШС", "«Сынақ Екі» ЖШС"}},
			shown: []string{"legal-entity.search", "taxpayer.search"},
			to: func(d *population.Draft, v int) {
				d.Set.Entities["synaq-works"].Name.Kk = pick(v, "«Сынақ Бір» ЖШС", "«Сынақ Екі» ЖШС")
			},
		},
	}
}

// TestOneFact: changing one fact in the population changes it in every registry
// that shows it, and nothing else anywhere.
func TestOneFact(t *testing.T) {
	t.Parallel()
	for _, c := range changes() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			before, after := c.answers(t, 0), c.answers(t, 1)
			var shown []string
			for operation, was := range before {
				if !slices.Equal(was, after[operation]) {
					shown = append(shown, operation)
				}
				if c.texts == nil {
					continue
				}
				if diff := cmp.Diff(c.renamed(was), after[operation]); diff != "" {
					t.Errorf("%s: -expected +answers:\n%s", operation, diff)
				}
			}
			slices.Sort(shown)
			want := slices.DeleteFunc(c.shown, func(operation string) bool { return before[operation] == nil })
			if diff := cmp.Diff(want, shown); diff != "" {
				t.Errorf("shown by other registries than expected:\n%s", diff)
			}
		})
	}
}

// answers asks everything about the family in one version of the population.
func (c change) answers(t *testing.T, version int) (all map[string][]string) {
	t.Helper()
	d := fixedPeople(t).Draft()
	c.to(d, version)
	people, err := d.Done()
	if err != nil {
		t.Fatal(err)
	}
	who := slices.DeleteFunc(people.People(), func(one *fact.Person) bool { return one.Family != c.family })
	synctest.Test(t, func(t *testing.T) {
		all = newOffice(t, people, nil).answers(t, people, who)
	})
	return all
}

// renamed puts the second version in the place of the first.
func (c change) renamed(lines []string) (out []string) {
	var pairs []string
	for _, p := range c.texts {
		pairs = append(pairs, p[0], p[1])
	}
	r := strings.NewReplacer(pairs...)
	for _, l := range lines {
		out = append(out, r.Replace(l))
	}
	return out
}
