package person

import (
	"fmt"
	"strconv"

	"github.com/beevik/etree"

	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// writer writes records as elements. An empty value is an absent element.
type writer struct {
	people   *population.View
	nilDates bool
}

func (w *writer) text(parent *etree.Element, name, value string) {
	if value != "" {
		parent.CreateElement(name).SetText(value)
	}
}

func (w *writer) date(parent *etree.Element, name string, d fact.Date) {
	w.text(parent, name, string(d))
}

// entry writes a dictionary value without the date of its last change.
func (w *writer) entry(parent *etree.Element, name, code string, e fact.Entry) *etree.Element {
	at := parent.CreateElement(name)
	at.CreateElement("code").SetText(code)
	at.CreateElement("nameRu").SetText(e.Ru)
	at.CreateElement("nameKz").SetText(e.Kk)
	return at
}

// code writes a value of one of the population's dictionaries.
func (w *writer) code(parent *etree.Element, name, dictionary, code string) {
	if code == "" {
		return
	}
	e, _ := w.people.Entry(dictionary, code) // known: the population was checked
	at := w.entry(parent, name, code, e)
	if w.nilDates {
		at.CreateElement("changeDate").CreateAttr("xsi:nil", "true")
		return
	}
	w.text(at, "changeDate", e.Changed)
}

func (w *writer) person(parent *etree.Element, p *population.Individual) *etree.Element {
	at := parent.CreateElement("person")
	w.text(at, "iin", p.IIN)
	w.text(at, "surname", p.Name.Kk.Surname)
	w.text(at, "name", p.Name.Kk.Given)
	w.text(at, "patronymic", p.Name.Kk.Patronymic)
	w.text(at, "engFirstName", p.Name.Latin.Given)
	w.text(at, "engSurname", p.Name.Latin.Surname)
	w.date(at, "birthDate", p.Born)
	w.date(at, "deathDate", p.Died)
	w.code(at, "gender", "gender", p.Sex)
	w.code(at, "nationality", "nationality", p.Nationality)
	w.code(at, "citizenship", "country", p.Citizenship)
	w.code(at, "lifeStatus", "lifeStatus", p.LifeStatus)
	w.imprisoned(at, p.Imprisoned)
	w.certificate(at, "birthCertificate", p.BirthCertificate)
	w.certificate(at, "deathCertificate", p.DeathCertificate)
	w.birthPlace(at, p.BirthPlace)
	w.registration(at, p.Registration)
	w.capable(at, p.Capable)
	w.absence(at, "missing", p.Missing)
	w.absence(at, "disappear", p.Disappeared)
	w.excluded(at, p.Excluded)
	w.repatriation(at, p.Repatriation)
	if len(p.Documents) > 0 {
		documents := at.CreateElement("documents")
		for _, d := range p.Documents {
			w.document(documents, p, d)
		}
	}
	if len(p.Addresses) > 0 {
		addresses := at.CreateElement("addresses")
		for _, a := range p.Addresses {
			w.address(addresses, a)
		}
	}
	if p.Removed {
		w.text(at, "removed", "true")
	}
	return at
}

func (w *writer) document(parent *etree.Element, p *population.Individual, d fact.Document) {
	at := parent.CreateElement("document")
	w.code(at, "type", "documentType", d.Type)
	w.text(at, "number", d.Number)
	w.text(at, "series", d.Series)
	w.date(at, "beginDate", d.Begin)
	w.date(at, "endDate", d.End)
	w.code(at, "issueOrganization", "issuer", d.Issuer)
	w.code(at, "status", "documentStatus", d.Status)
	w.date(at, "invalidityDate", d.InvalidityDate)
	name := p.Name.Kk
	if d.Surname != "" {
		name.Surname = d.Surname
	}
	if d.Given != "" {
		name.Given = d.Given
	}
	w.text(at, "surname", name.Surname)
	w.text(at, "name", name.Given)
	w.text(at, "patronymic", name.Patronymic)
	w.date(at, "birthDate", p.Born)
}

func (w *writer) place(at *etree.Element, p fact.Place) {
	w.code(at, "country", "country", p.Country)
	w.code(at, "district", "district", p.District)
	w.code(at, "region", "region", p.Region)
	if f := p.Foreign; f != nil {
		foreign := at.CreateElement("foreignData")
		w.text(foreign, "districtName", f.District)
		w.text(foreign, "regionName", f.Region)
	}
	w.text(at, "city", p.City)
}

func (w *writer) birthPlace(parent *etree.Element, p fact.Place) {
	at := parent.CreateElement("birthPlace")
	w.place(at, p)
	w.text(at, "birthTeCodeAR", p.TeCode)
}

// house writes an address in Kazakh, the language the registry keeps.
func (w *writer) house(at *etree.Element, r *population.Residence) {
	l := r.Location
	w.place(at, fact.Place{Country: l.Country, District: l.District, Region: l.Region, Foreign: l.Foreign, City: r.City.Kk})
	w.text(at, "street", l.Street.Kk)
	w.text(at, "building", l.Building)
	w.text(at, "corpus", l.Corpus)
	w.text(at, "flat", l.Flat)
	w.date(at, "beginDate", r.Begin)
	w.date(at, "endDate", r.End)
}

// Codes of addressStatus, addressInvalidity and addressType.
const (
	registered, removed        = "1", "2"
	notRemoved                 = "0"
	temporary, formerResidence = "1", "2"
)

func (w *writer) registration(parent *etree.Element, r *population.Residence) {
	if r == nil {
		return
	}
	at := parent.CreateElement("regAddress")
	w.house(at, r)
	status, invalidity := registered, notRemoved
	if r.End != "" {
		status, invalidity = removed, r.Reason
	}
	w.code(at, "status", "addressStatus", status)
	w.code(at, "invalidity", "addressInvalidity", invalidity)
	w.text(at, "arCode", r.Location.Code)
}

func (w *writer) address(parent *etree.Element, r population.Residence) {
	at := parent.CreateElement("address")
	kind := formerResidence
	if r.Kind == fact.Temporary {
		kind = temporary
	}
	w.code(at, "type", "addressType", kind)
	w.house(at, &r)
	w.text(at, "arCode", r.Location.Code)
}

func (w *writer) certificate(parent *etree.Element, name string, c *population.Certificate) {
	if c == nil {
		return
	}
	at := parent.CreateElement(name)
	w.text(at, "number", c.Number)
	w.date(at, "beginDate", c.Begin)
	w.text(at, "issueOrganisation", c.Office.Ru) // spelt with s here, with z in documents
}

func (w *writer) imprisoned(parent *etree.Element, v *fact.Imprisoned) {
	if v == nil {
		return
	}
	at := parent.CreateElement("imprisonedStatus")
	w.code(at, "imprisonedStatus", "imprisonedStatus", v.Status)
	w.date(at, "imprisonedBeginDate", v.Begin)
	w.date(at, "imprisonedEndDate", v.End)
}

func (w *writer) capable(parent *etree.Element, v *fact.Capable) {
	if v == nil {
		return
	}
	at := parent.CreateElement("personCapableStatus")
	w.code(at, "capableStatus", "capableStatus", v.Status)
	w.date(at, "capableDate", v.Date)
	w.date(at, "capableEndDate", v.End)
	w.text(at, "capableNumber", v.Number)
	w.code(at, "court", "court", v.Court)
}

// absence writes missingStatus and disappearStatus, which differ in the prefix
// of their elements only.
func (w *writer) absence(parent *etree.Element, prefix string, v *fact.Absence) {
	if v == nil {
		return
	}
	at := parent.CreateElement(prefix + "Status")
	w.text(at, prefix, strconv.FormatBool(v.Is))
	w.date(at, prefix+"Date", v.Date)
	w.date(at, prefix+"EndDate", v.End)
	w.text(at, prefix+"Number", v.Number)
	w.code(at, "gpTerritorial", "territorialBody", v.Authority)
}

func (w *writer) excluded(parent *etree.Element, v *fact.Excluded) {
	if v == nil {
		return
	}
	at := parent.CreateElement("excludeStatus")
	w.code(at, "excludeReason", "excludeReason", v.Reason)
	w.date(at, "excludeReasonDate", v.ReasonDate)
	w.date(at, "excludeDate", v.Date)
	w.code(at, "excludeParticipant", "excludeParticipant", v.Participant)
}

func (w *writer) repatriation(parent *etree.Element, v *fact.Repatriation) {
	if v == nil {
		return
	}
	at := parent.CreateElement("repatriationStatus")
	w.code(at, "repatriationStatus", "repatriationStatus", v.Status)
	w.text(at, "repatriationDate", v.Date)
	w.date(at, "repatriationEndDate", v.End)
	w.text(at, "repatriationNumber", v.Number)
	w.text(at, "repatriationOrg", v.Org)
	w.code(at, "repatriationReason", "repatriationReason", v.Reason)
}

// pad adds replaced documents to a person until the record has about size
// bytes. A person without documents stays as it is.
func (w *writer) pad(at *etree.Element, p *population.Individual, size int) {
	documents := at.SelectElement("documents")
	if documents == nil {
		return
	}
	size -= length(at)
	for i := 0; size > 0; i++ {
		w.document(documents, p, fact.Document{
			Type: "002", Number: fmt.Sprintf("98%07d", i), Begin: "2001-02-03", End: "2011-02-02",
			Issuer: "002", Status: "17", InvalidityDate: "2010-04-05",
		})
		all := documents.ChildElements()
		size -= length(all[len(all)-1])
	}
}

// length counts the bytes that an element will have when it is written.
func length(e *etree.Element) int {
	n := len("<></>") + 2*len(e.Tag)
	for _, a := range e.Attr {
		n += len(` =""`) + len(a.FullKey()) + len(a.Value)
	}
	for _, c := range e.Child {
		switch c := c.(type) {
		case *etree.Element:
			n += length(c)
		case *etree.CharData:
			n += len(c.Data)
		}
	}
	return n
}
