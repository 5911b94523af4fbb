package labour

import (
	"fmt"

	"github.com/beevik/etree"

	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// statuses writes the answer of p06552: what stands today, for there is no element
// for an end.
func (w writer) statuses(data *etree.Element, one *fact.Person) {
	for _, s := range one.Statuses {
		if !w.begun(s.Begin) || s.End != "" && s.End < w.today {
			continue
		}
		at := data.CreateElement("socStatus")
		w.name(at, "socStatus", "socialStatus", s.Code)
		day(at, "socStatusDate", s.Begin)
	}
}

// Values of unemployee; ours.
const (
	Registered = "REGISTERED"
	Removed    = "REMOVED"
)

// employment writes the answer of p06556: the registrations, then the referrals.
func (w writer) employment(data *etree.Element, one *fact.Person) {
	for _, u := range one.Unemployment {
		if !w.begun(u.Registered) {
			continue
		}
		w.unemployed(data, one, u)
	}
	for _, u := range one.Unemployment {
		for _, r := range u.Referrals {
			if w.begun(r.Date) {
				w.referral(data, u, r)
			}
		}
	}
}

// centre is the name of an employment centre.
func (w writer) centre(u fact.Unemployment) fact.Bilingual {
	if e := w.people.Entity(u.Centre); e != nil {
		return e.Name
	}
	return fact.Bilingual{}
}

// unemployed writes every part, for all are required.
func (w writer) unemployed(data *etree.Element, one *fact.Person, u fact.Unemployment) {
	centre := w.centre(u)
	occupation, _ := w.people.Entry("occupation", u.Occupation) // known: the population was checked
	status := Registered
	if u.Removed != "" && w.begun(u.Removed) {
		status = Removed
	}
	at := data.CreateElement("unemp")
	at.CreateElement("iin").SetText(one.IIN)
	at.CreateElement("dep_kname").SetText(centre.Kk)
	at.CreateElement("dep_rname").SetText(centre.Ru)
	at.CreateElement("fio").SetText(one.Name.Kk.String())
	at.CreateElement("occup_type_code").SetText(u.Occupation)
	at.CreateElement("occup_type_rname").SetText(occupation.Ru)
	day(at, "registrationDate", u.Registered)
	at.CreateElement("unemployee").SetText(status)
}

func (w writer) referral(data *etree.Element, u fact.Unemployment, r fact.Referral) {
	centre := w.centre(u)
	at := data.CreateElement("referral")
	put(at, "number", r.Number)
	day(at, "date", r.Date)
	put(at, "dep_kname", centre.Kk)
	put(at, "dep_rname", centre.Ru)
	if e := w.people.Entity(r.Employer); e != nil {
		put(at, "employer_bin", e.BIN)
		put(at, "employer_kname", e.Name.Kk)
		put(at, "employer_rname", e.Name.Ru)
	}
	w.name(at, "position", "occupation", r.Occupation)
	w.name(at, "result", "referralResult", r.Result)
}

// applied is the state of an award that nobody has decided on.
const applied = "applied"

// awards writes the answer of the contract of ours.
func (w writer) awards(data *etree.Element, one *fact.Person) {
	for _, a := range w.people.Awards(one.IIN) {
		if !w.begun(a.Assigned) {
			continue
		}
		at := data.CreateElement("award")
		w.name(at, "kind", "awardKind", a.Kind)
		additionalName(at, "status", a.State, fact.Entry{}) // the contract says what the codes mean
		put(at, "number", a.Number)
		if a.State != applied {
			day(at, "decisionDate", a.Assigned)
		}
		if a.Authority != nil {
			put(at, "authorityKZ", a.Authority.Name.Kk)
			put(at, "authorityRU", a.Authority.Name.Ru)
		}
		if a.State == applied {
			day(at, "applicationDate", a.Assigned)
		}
		day(at, "beginDate", a.Begin)
		day(at, "endDate", a.End)
		put(at, "amount", fmt.Sprintf("%d.%02d", a.AmountTiyn/100, a.AmountTiyn%100))
		person(at, "recipient", a.Recipient)
		if child := isChild(a); child {
			person(at, "child", a.For)
		}
	}
}

// isChild tells an award for a child from one that the recipient has for himself or
// after a breadwinner.
func isChild(a population.Award) bool {
	return a.For != nil && a.For != a.Recipient && a.For.IIN != "" && a.For.Born > a.Recipient.Born
}

func person(parent *etree.Element, name string, p *fact.Person) {
	at := parent.CreateElement(name)
	put(at, "iin", p.IIN)
	names(at, p.Name.Kk)
	day(at, "birthDate", p.Born)
}
