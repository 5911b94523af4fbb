package consistency

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/names"
)

// reference is the record that the others are compared with, and those others.
func (p *person) reference() (first record, others []record) {
	at := 0
	for i, r := range p.records {
		if r.main {
			at = i
			break
		}
	}
	others = append(others, p.records[:at]...)
	return p.records[at], append(others, p.records[at+1:]...)
}

// names compares the names of all records of a person. A name that a civil act
// took away or gave is explained by that act.
func (c *checker) names(iin string, p *person) {
	if len(p.records) == 0 {
		return
	}
	first, others := p.reference()
	for _, r := range others {
		if r.main && r.registry == first.registry && r.pointer != first.pointer && !sameRecord(first, r) {
			c.find(Identity, contradiction, first.ref, r.ref)
			continue
		}
		switch names.Compare(first.name, r.name) {
		case names.Unknown:
		case names.Exact, names.Transliterated:
			c.find(NameMatch, ok, first.ref, r.ref)
		case names.Close:
			c.find(NameMatch, doubt, first.ref, r.ref)
		default:
			if why, explained := c.explains(iin, first.name, r.name); explained {
				c.find(NameChanged, ok, first.ref, r.ref, why)
			} else {
				c.find(NameMatch, contradiction, first.ref, r.ref)
			}
		}
	}
}

// sameRecord tells whether a record came twice, by two questions.
func sameRecord(a, b record) bool { return a.name == b.name && a.birth == b.birth && a.sex == b.sex }

// explains finds the act that ends a chain of acts by which one of two names of a
// person became the other: born A, married as B, divorced as A again.
func (c *checker) explains(iin string, a, b gateway.PersonName) (ref, bool) {
	known := []gateway.PersonName{a}
	for grown := true; grown; {
		grown = false
		for _, act := range c.acts {
			for i, party := range act.Parties {
				if party.NameAfter == (gateway.PersonName{}) || party.Person.IIN != "" && party.Person.IIN != iin {
					continue
				}
				before, after := nameOf(party.Person), party.NameAfter
				for _, step := range [...][2]gateway.PersonName{{before, after}, {after, before}} {
					if !among(known, step[0]) || among(known, step[1]) {
						continue
					}
					if names.Compare(step[1], b) >= names.Transliterated {
						return act.at(fmt.Sprintf("/parties/%d/name_after", i)), true
					}
					known, grown = append(known, step[1]), true
				}
			}
		}
	}
	return ref{}, false
}

// among tells whether a name is one of several, in whatever spelling.
func among(known []gateway.PersonName, name gateway.PersonName) bool {
	return slices.ContainsFunc(known, func(n gateway.PersonName) bool { return names.Compare(n, name) >= names.Transliterated })
}

// nameOf is the name in a record.
func nameOf(p gateway.PersonRef) gateway.PersonName {
	return gateway.PersonName{Surname: p.Surname, GivenName: p.GivenName, SecondName: p.SecondName, FullName: p.FullName}
}

// births compares the birth dates of all records of a person.
func (c *checker) births(p *person) {
	if len(p.records) == 0 {
		return
	}
	first, others := p.reference()
	for _, r := range others {
		if first.birth != "" && r.birth != "" {
			c.find(BirthMatch, agree(first.birth.Agrees(r.birth), contradiction), first.at("/birth_date"), r.at("/birth_date"))
		}
	}
}

// number compares the reference with what the IIN itself records. Numbers were
// given with mistakes, so that this is never more than a doubt.
func (c *checker) number(iin string, p *person) {
	n, right := parse(iin)
	if !right || len(p.records) == 0 {
		return
	}
	first, _ := p.reference()
	year, month, day := n.BirthDate()
	if first.birth != "" && !first.birth.Agrees(gateway.PartialDate(fmt.Sprintf("%04d-%02d-%02d", year, month, day))) {
		c.find(IINBirth, doubt, first.at("/birth_date"), first.at("/iin"))
	}
	if known := first.sex == gateway.SexMale || first.sex == gateway.SexFemale; known && string(first.sex) != n.Sex().String() {
		c.find(IINSex, doubt, first.at("/sex"), first.at("/iin"))
	}
}

// deaths compares what registries say about a death. That the civil registry has
// no act says something only if it was asked so that it would have told.
func (c *checker) deaths(p *person) {
	told := p.deaths
	for _, q := range p.asked {
		act := false
		for _, d := range p.deaths {
			act = act || d.dead && strings.HasPrefix(d.pointer, q.pointer+"/")
		}
		if !act {
			told = append(told[:len(told):len(told)], death{ref: q})
		}
	}
	if len(told) < 2 {
		return
	}
	first := told[0]
	for _, d := range told[1:] {
		switch {
		case !first.dead && !d.dead:
		case first.dead != d.dead:
			c.find(DeathMatch, contradiction, first.ref, d.ref)
		default:
			c.find(DeathMatch, ok, first.ref, d.ref)
			if first.date != "" && d.date != "" {
				c.find(DeathDate, agree(first.date.Agrees(d.date), doubt), first.ref, d.ref)
			}
		}
	}
}
