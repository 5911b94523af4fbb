package consistency

import (
	"slices"
	"strconv"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/ident"
)

// person is everything that the answers say about one IIN.
type person struct {
	records []record // the reference first, once all are read
	deaths  []death
	asked   []ref // questions to the civil registry that a death act would have answered
}

// record is one record that names a person.
type record struct {
	ref
	name  gateway.PersonName
	birth gateway.PartialDate
	sex   gateway.Sex
	main  bool // of the registry of individuals
}

// death is what a registry says about the death of a person: a date, or that it
// knows of none.
type death struct {
	ref
	dead bool
	date gateway.PartialDate
}

type act struct {
	ref
	gateway.CivilAct
}

type account struct {
	ref
	gateway.AccountCheck
	holder string // IIN
}

type disability struct {
	ref
	gateway.Disability
	iin string
	day gateway.PartialDate
}

type guardianship struct {
	ref
	gateway.Guardianship
	guardian, ward string // IINs
	day            gateway.PartialDate
}

// of gives the person of an IIN.
func (c *checker) of(iin string) *person {
	if c.people[iin] == nil {
		c.people[iin] = &person{}
		c.order = append(c.order, iin)
	}
	return c.people[iin]
}

// name takes what a record says about a person; iin is whom the question named, for
// records without one.
func (c *checker) name(p gateway.PersonRef, iin string, at ref) {
	if p.IIN != "" {
		iin = p.IIN
	}
	name := nameOf(p)
	if iin == "" || name == (gateway.PersonName{}) && p.BirthDate == "" {
		return
	}
	one := c.of(iin)
	one.records = append(one.records, record{ref: at, name: name, birth: p.BirthDate})
}

// read sorts the facts of an answer by what they are compared for. Facts of
// other kinds, and those of "not found", have nothing to compare but that.
func (c *checker) read(a Answer) {
	subject := ""
	if a.Query != nil {
		subject = a.Query.Subject()
	}
	day := gateway.WholeDate(gateway.DateOf(a.At))
	at := func(list string, i int, source gateway.Source) ref {
		registry := source.Registry
		if registry == "" {
			registry = a.Registry
		}
		return ref{a.Pointer + "/" + list + "/" + strconv.Itoa(i), registry}
	}
	if q, isActs := a.Query.(gateway.CivilActQuery); isActs && subject != "" && wouldTellDeath(q) {
		one := c.of(subject)
		one.asked = append(one.asked, ref{a.Pointer, a.Registry})
	}
	switch facts := a.Facts.(type) {
	case gateway.Persons:
		for i, p := range facts {
			c.individual(p, at("persons", i, p.Source))
		}
	case gateway.CivilActs:
		for i, f := range facts {
			c.act(act{at("civil_acts", i, f.Source), f})
		}
	case gateway.Disabilities:
		for i, f := range facts {
			r := at("disabilities", i, f.Source)
			c.name(f.Person, subject, r.at("/person"))
			c.disabled = append(c.disabled, disability{r, f, either(f.Person.IIN, subject), day})
		}
	case gateway.CapacityLosses:
		for i, f := range facts {
			c.name(f.Person, subject, at("capacity_losses", i, f.Source).at("/person"))
		}
	case gateway.AccountCheck:
		if facts.Found() {
			c.checked = append(c.checked, account{ref{a.Pointer + "/account", either(facts.Source.Registry, a.Registry)}, facts, subject})
		}
	case gateway.Guardianships:
		for i, f := range facts {
			r := at("guardianships", i, f.Source)
			guardian := either(f.Guardian.IIN, askedAs(a.Query, gateway.GuardianshipRoleGuardian))
			ward := either(f.Ward.IIN, askedAs(a.Query, gateway.GuardianshipRoleWard))
			c.name(f.Guardian, guardian, r.at("/guardian"))
			c.name(f.Ward, ward, r.at("/ward"))
			c.wards = append(c.wards, guardianship{r, f, guardian, ward, day})
		}
	case gateway.Awards:
		for i, f := range facts {
			r := at("awards", i, f.Source)
			c.name(f.Recipient, "", r.at("/recipient"))
			c.name(f.Child, "", r.at("/child"))
		}
	case gateway.Employment:
		for i, f := range facts.Registrations {
			c.name(f.Person, subject, at("employment/registrations", i, f.Source).at("/person"))
		}
	case gateway.LegalEntity:
		c.name(facts.Head, "", ref{a.Pointer + "/legal_entity/head", either(facts.Source.Registry, a.Registry)})
	}
}

// individual takes a person of the registry of individuals.
func (c *checker) individual(p gateway.Person, at ref) {
	if p.IIN == "" {
		return
	}
	one := c.of(p.IIN)
	one.records = append(one.records, record{
		ref: at, name: gateway.PersonName{Surname: p.Surname, GivenName: p.GivenName, SecondName: p.SecondName},
		birth: gateway.WholeDate(p.BirthDate), sex: p.Sex, main: true,
	})
	one.deaths = append(one.deaths, death{at.at("/death_date"), !p.DeathDate.IsZero(), gateway.WholeDate(p.DeathDate)})
}

// act takes a civil act with the people in it.
func (c *checker) act(a act) {
	c.acts = append(c.acts, a)
	for i, party := range a.Parties {
		at := a.at("/parties/" + strconv.Itoa(i) + "/person")
		c.name(party.Person, "", at)
		if a.Kind == gateway.ActKindDeath && party.Role == gateway.ActPartyRoleDeceased && party.Person.IIN != "" {
			one := c.of(party.Person.IIN)
			one.deaths = append(one.deaths, death{a.at("/event_date"), true, a.EventDate})
		}
	}
}

// wouldTellDeath tells whether the answer to a question would have the death act
// of its subject, if there were one.
func wouldTellDeath(q gateway.CivilActQuery) bool {
	return q.Role == gateway.ActRoleSubject && (len(q.Kinds) == 0 || slices.Contains(q.Kinds, gateway.ActKindDeath))
}

// askedAs is the IIN of a question about guardianships, if the person asked about
// has that role.
func askedAs(q gateway.Query, role gateway.GuardianshipRole) string {
	if g, isGuardianship := q.(gateway.GuardianshipQuery); isGuardianship && g.Role == role {
		return g.IIN
	}
	return ""
}

func either(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}

// parse reads an IIN as any mode has it; a wrong one is nobody's.
func parse(iin string) (ident.IIN, bool) {
	n, err := ident.ParseIIN(iin, ident.TestStand)
	return n, err == nil
}
