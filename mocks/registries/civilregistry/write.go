package civilregistry

import (
	"slices"

	"github.com/beevik/etree"

	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// writer writes acts as elements. An empty value is an absent element.
type writer struct {
	people   *population.View
	nilDates bool
}

func (w *writer) text(parent *etree.Element, name, value string) {
	if value != "" {
		parent.CreateElement(name).SetText(value)
	}
}

// entry writes a dictionary value.
func (w *writer) entry(parent *etree.Element, name, code string, e fact.Entry) {
	at := parent.CreateElement(name)
	at.CreateElement("code").SetText(code)
	at.CreateElement("nameRu").SetText(e.Ru)
	at.CreateElement("nameKz").SetText(e.Kk)
	if w.nilDates {
		at.CreateElement("changeDate").CreateAttr("xsi:nil", "true")
		return
	}
	w.text(at, "changeDate", e.Changed)
}

// code writes a value of one of the population's dictionaries.
func (w *writer) code(parent *etree.Element, name, dictionary, code string) {
	if code == "" {
		return
	}
	e, _ := w.people.Entry(dictionary, code) // known: the population was checked
	w.entry(parent, name, code, e)
}

// own writes a value of a dictionary of the registry itself.
func (w *writer) own(parent *etree.Element, name, code string) {
	if code != "" {
		w.entry(parent, name, code, entries[name][code])
	}
}

func (w *writer) act(parent *etree.Element, a population.Act) {
	f := formOf(a.Kind)
	at := parent.CreateElement("act")
	w.entry(at, "actType", f.code, f.name)
	w.record(at.CreateElement(f.element), f, a)
	w.code(at, "country", "country", a.Where())
	if a.Kind == fact.Death || a.Act.Event != "" { // a birth has the day of the child, other acts are their own event
		w.text(at, "eventDate", string(a.Event))
	}
	w.own(at, "status", inForce)
	w.certificates(at, a)
	w.own(at, "fatherBasis", w.fatherBasis(a))
	if d := a.Decision; d != nil {
		court, _ := w.people.Entry("court", d.Court) // known, as all codes
		to := at.CreateElement("decision")
		w.text(to, "number", d.Number)
		w.text(to, "date", string(d.Date))
		w.text(to, "effectiveDate", string(d.Effective))
		w.text(to, "authorityRu", court.Ru)
		w.text(to, "authorityKz", court.Kk)
	}
}

// record writes the record itself: the office, the number, the day, the people.
func (w *writer) record(at *etree.Element, f form, a population.Act) {
	w.code(at, "zags", "office", a.Office)
	w.text(at, "numberAkt", a.Number)
	w.text(at, "regDate", midnight(a.Registered))
	for _, seat := range f.people {
		for _, p := range a.Participants {
			switch {
			case p.Role != seat.role:
			case a.Kind == fact.Birth:
				w.ofBirth(at.CreateElement(seat.element), p)
			default:
				w.person(at.CreateElement(seat.element), p)
			}
		}
	}
}

// reform is the day on which all Kazakhstan went over to UTC+5.
const reform fact.Date = "2024-03-01"

// midnight writes a day as the registry keeps it: as a moment, at the offset of
// its time.
func midnight(d fact.Date) string {
	if d < reform {
		return string(d) + "T00:00:00.000+06:00"
	}
	return string(d) + "T00:00:00.000+05:00"
}

// ofBirth writes somebody in the record of a birth, which has fewer fields than
// our own records have.
func (w *writer) ofBirth(at *etree.Element, p population.Participant) {
	w.text(at, "iin", p.IIN())
	w.name(at, p.Before)
	w.text(at, "birthDate", string(p.Born))
	if p.Role != fact.Child || p.Person == nil {
		return
	}
	to, from := at.CreateElement("birthAddress"), p.Person.BirthPlace
	w.code(to, "country", "country", from.Country)
	w.code(to, "district", "district", from.District)
	w.code(to, "region", "region", from.Region)
	if from.Foreign != nil {
		foreign := to.CreateElement("foreignData")
		w.text(foreign, "districtName", from.Foreign.District)
		w.text(foreign, "regionName", from.Foreign.Region)
	}
	w.text(to, "city", from.City)
}

func (w *writer) person(at *etree.Element, p population.Participant) {
	w.text(at, "iin", p.IIN())
	w.name(at, p.Before)
	w.text(at, "birthDate", string(p.Born))
	if p.Person != nil {
		w.code(at, "citizenship", "country", p.Person.Citizenship)
	}
	if p.After.Kk != p.Before.Kk {
		w.name(at.CreateElement("nameAfter"), p.After)
	}
}

func (w *writer) name(at *etree.Element, n fact.Names) {
	w.text(at, "surname", n.Kk.Surname)
	w.text(at, "name", n.Kk.Given)
	w.text(at, "secondname", n.Kk.Patronymic)
}

func (w *writer) certificates(parent *etree.Element, a population.Act) {
	if len(a.Certificates) == 0 {
		return
	}
	all := parent.CreateElement("certificates")
	for _, c := range a.Certificates {
		if c.Office == "" {
			c.Office = a.Office
		}
		office, _ := w.people.Entry("office", c.Office) // known, as all codes
		at := all.CreateElement("certificate")
		w.text(at, "number", c.Number)
		w.text(at, "beginDate", string(c.Issued))
		w.text(at, "issueOrganisation", office.Ru) // in one language, as in ГБД ФЛ
	}
}

// fatherBasis is what the father stands in a birth act on: the mother's statement,
// or the marriage of the parents before it; "" where the acts do not tell.
func (w *writer) fatherBasis(a population.Act) string {
	var mother, father string
	for _, p := range a.Participants {
		switch p.Role {
		case fact.Mother:
			mother = p.IIN()
		case fact.Father:
			father = p.IIN()
		}
	}
	married := func(m population.Act) bool {
		return m.Kind == fact.Marriage && m.Registered <= a.Registered &&
			slices.ContainsFunc(m.Participants, func(p population.Participant) bool { return p.IIN() == father })
	}
	switch {
	case a.Kind != fact.Birth:
		return ""
	case a.OnStatement:
		return byStatement
	case mother != "" && father != "" && slices.ContainsFunc(w.people.Acts(mother), married):
		return byMarriage
	}
	return ""
}
