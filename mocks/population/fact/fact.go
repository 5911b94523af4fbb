// Package fact holds the types of what the offline world knows: people, civil
// acts, decisions, accounts, addresses and organisations, each fact once.
//
// Facts refer to each other by key, so that nothing is written down twice: a
// birth act has no birth date of its own, a certificate no name. What a
// registry shows is computed from them (see package population).
package fact

import "time"

// Set is a set of facts that is complete in itself: whatever a fact refers to
// is in the same set.
type Set struct {
	// Dictionaries are the code lists of the registries, by name and code.
	Dictionaries map[string]map[string]Entry `yaml:"dictionaries"`

	Properties []Property           `yaml:"properties"` // what people can exist for
	Families   []Family             `yaml:"families"`
	Entities   map[string]*Entity   `yaml:"entities"`  // organisations, by key
	Locations  map[string]*Location `yaml:"locations"` // the Address Register, by key

	People        []*Person       `yaml:"people"`
	Acts          []*Act          `yaml:"acts"`
	Guardianships []*Guardianship `yaml:"guardianships"`
	Nobody        []string        `yaml:"nobody"` // right IINs that belong to nobody
}

// Clone copies what changes in the course of lives: people, acts, guardianships
// and addresses. Dictionaries, organisations and properties are shared.
func (s *Set) Clone() *Set {
	c := *s
	c.People, c.Acts, c.Guardianships, c.Locations = clone(s.People), clone(s.Acts), clone(s.Guardianships), clone(s.Locations)
	return &c
}

// Clone copies a person with everything that belongs to it.
func (p *Person) Clone() *Person { return clone(p) }

// Date is a day as YYYY-MM-DD (xsd:date without zone, RFC 3339 full-date); ""
// for none. Dates compare as text. In the files of the population a date may be
// relative, see package population.
type Date string

// utcOffset is the only time of Kazakhstan since 1 March 2024, in seconds.
const utcOffset = 5 * 60 * 60

// Day is the date that calendars in Kazakhstan show at a moment.
func Day(t time.Time) Date {
	return Date(t.In(time.FixedZone("UTC+5", utcOffset)).Format(time.DateOnly))
}

// Time is the start of the day in UTC; the error tells that there is no such
// day, or no date.
func (d Date) Time() (time.Time, error) { return time.Parse(time.DateOnly, string(d)) }

// Add is the date so many years, months and days later. A day that does not
// exist rolls over into the next month, 29 February into 1 March. The Add of no
// date is no date.
func (d Date) Add(years, months, days int) Date {
	t, err := d.Time()
	if err != nil {
		return ""
	}
	return Date(t.AddDate(years, months, days).Format(time.DateOnly))
}

// Age is the number of full years from a birth to a day; 0 if one of the dates
// is missing.
func Age(born, on Date) int {
	b, err1 := born.Time()
	t, err2 := on.Time()
	if err1 != nil || err2 != nil {
		return 0
	}
	age := t.Year() - b.Year()
	if t.Month() < b.Month() || t.Month() == b.Month() && t.Day() < b.Day() {
		age--
	}
	return age
}

// Text is one text in the three languages of the project.
type Text struct {
	En string `yaml:"en" json:"en"`
	Ru string `yaml:"ru" json:"ru"`
	Kk string `yaml:"kk" json:"kk"`
}

// Bilingual is a text of a registry, in the two languages they keep.
type Bilingual struct {
	Kk string `yaml:"kk" json:"kk"`
	Ru string `yaml:"ru" json:"ru"`
}

// Property is something that a gateway has to survive, and that a person
// exists for.
type Property struct {
	ID   string `yaml:"id" json:"id"`
	Text `yaml:",inline"`
}

// Family is a group of people who were written together.
type Family struct {
	ID   string `yaml:"id" json:"id"`
	Text `yaml:",inline"`
}

// Name is one spelling of a person's name. A part that the person has not is
// empty; Latin spellings have no patronymic.
type Name struct {
	Surname    string `yaml:"surname" json:"surname"`
	Given      string `yaml:"given" json:"given"`
	Patronymic string `yaml:"patronymic" json:"patronymic,omitempty"`
}

// String joins the parts as registries print them, in one line.
func (n Name) String() string {
	s := n.Surname + " " + n.Given
	if n.Patronymic != "" {
		s += " " + n.Patronymic
	}
	return s
}

// Names are the spellings of one name. ГБД ФЛ shows and searches the Kazakh
// one, the spelling of the birth record; Latin is that of the passport.
type Names struct {
	Kk    Name `yaml:"kk" json:"kk"`
	Ru    Name `yaml:"ru" json:"ru"`
	Latin Name `yaml:"latin" json:"latin"`
}

// Over gives n with the parts that other has in place of its own.
func (n Names) Over(other *Names) Names {
	if other == nil {
		return n
	}
	for _, part := range []struct {
		into *string
		from string
	}{
		{&n.Kk.Surname, other.Kk.Surname},
		{&n.Kk.Given, other.Kk.Given},
		{&n.Kk.Patronymic, other.Kk.Patronymic},
		{&n.Ru.Surname, other.Ru.Surname},
		{&n.Ru.Given, other.Ru.Given},
		{&n.Ru.Patronymic, other.Ru.Patronymic},
		{&n.Latin.Surname, other.Latin.Surname},
		{&n.Latin.Given, other.Latin.Given},
	} {
		if part.from != "" {
			*part.into = part.from
		}
	}
	return n
}

// Entry is one value of a dictionary of the registries.
type Entry struct {
	Ru      string `yaml:"ru"`
	Kk      string `yaml:"kk"`
	Changed string `yaml:"changed,omitempty"` // xsd:dateTime with offset; "" for never
}

// Kazakhstan is the code of the country in the dictionary of that name (ISO
// 3166-1 numeric).
const Kazakhstan = "398"
