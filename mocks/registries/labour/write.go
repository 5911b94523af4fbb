package labour

import (
	"strings"

	"github.com/beevik/etree"

	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// writer writes records as elements. An empty value is an absent element.
type writer struct {
	people *population.View
	today  fact.Date
}

func put(parent *etree.Element, name, value string) {
	if value != "" {
		parent.CreateElement(name).SetText(value)
	}
}

// newTime is the day since when all of Kazakhstan keeps UTC+5.
const newTime = "2024-03-01"

// day writes a plain day as the midnight that the ministry's systems make of it, in
// the time that most of the country kept then.
func day(parent *etree.Element, name string, d fact.Date) {
	switch {
	case d == "":
	case d < newTime:
		put(parent, name, string(d)+"T00:00:00.000+06:00")
	default:
		put(parent, name, string(d)+"T00:00:00.000+05:00")
	}
}

// name writes a value of the type additionalName, from a dictionary of the
// population.
func (w writer) name(parent *etree.Element, name, dictionary, code string) {
	if e, ok := w.people.Entry(dictionary, code); ok {
		additionalName(parent, name, code, e)
	}
}

func additionalName(parent *etree.Element, name, code string, e fact.Entry) {
	at := parent.CreateElement(name)
	put(at, "code", code)
	put(at, "nameRu", e.Ru)
	put(at, "nameKz", e.Kk)
}

// pair writes a value of a dictionary as two texts.
func (w writer) pair(parent *etree.Element, kk, ru, dictionary, code string) {
	e, _ := w.people.Entry(dictionary, code) // none for no code
	put(parent, kk, e.Kk)
	put(parent, ru, e.Ru)
}

// names writes a structured name.
func names(at *etree.Element, n fact.Name) {
	put(at, "surname", n.Surname)
	put(at, "name", n.Given)
	put(at, "patronymic", n.Patronymic)
}

// home is where a person is registered permanently; nil for nowhere.
func (w writer) home(one *fact.Person) *population.Residence {
	all := w.people.Residences(one.IIN)
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Kind == fact.Permanent && all[i].Current(w.today) {
			return &all[i]
		}
	}
	return nil
}

// line is an address in one line.
func line(r *population.Residence) string {
	if r == nil {
		return ""
	}
	var parts []string
	for _, part := range []string{r.City.Ru, r.Location.Street.Ru, r.Location.Building, r.Location.Corpus, r.Location.Flat} {
		if part != "" && part != "-" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

// region is the code of the district (район) of a home, "" for none.
func region(r *population.Residence) string {
	if r == nil {
		return ""
	}
	return r.Location.Region
}

// begun tells that something is on record already: what begins later is decided
// later.
func (w writer) begun(d fact.Date) bool { return d <= w.today }
