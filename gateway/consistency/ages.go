package consistency

import (
	"fmt"
	"time"

	"github.com/kopir-kz/kopir/gateway"
)

// Ages of the law, in years.
const (
	ofAge         = 18 // Civil Code, article 17
	marriageAge   = 18 // Code on Marriage (Matrimony) and Family, article 10
	loweredAge    = 16 // the same: two years less with permission
	childCategory = 16 // Order No. 279 of 28 April 2015, annex 10: child under 16, from 16 to 18
	parentAge     = 14 // ours: a parent as young as that is a reason to look
)

// Codes of the list disability_group that are categories of children.
const (
	childUnder16 = "child_under_16"
	child16to18  = "child_16_to_18"
)

// ages compares what people are with how old they are.
func (c *checker) ages() {
	for _, d := range c.disabled {
		c.childDisability(d)
	}
	for _, a := range c.acts {
		c.ageInAct(a)
	}
	for _, g := range c.wards {
		c.ageInGuardianship(g)
	}
}

// born is the birth date of a person and the record that has it: the reference, if
// the IIN is known, otherwise the record in hand.
func (c *checker) born(iin string, own gateway.PartialDate, at ref) (gateway.PartialDate, ref) {
	if p := c.people[iin]; p != nil && len(p.records) > 0 {
		if first, _ := p.reference(); first.birth != "" {
			return first.birth, first.at("/birth_date")
		}
	}
	return own, at.at("/birth_date")
}

// years is the age on a day; known is false unless both are whole days. Who was
// born on 29 February is a year older on 1 March of other years.
func years(born, on gateway.PartialDate) (n int, known bool) {
	b, err1 := time.Parse(time.DateOnly, string(born))
	d, err2 := time.Parse(time.DateOnly, string(on))
	if err1 != nil || err2 != nil {
		return 0, false
	}
	n = d.Year() - b.Year()
	if d.Before(time.Date(d.Year(), b.Month(), b.Day(), 0, 0, 0, 0, time.UTC)) {
		n--
	}
	return n, true
}

// childDisability: a category of children ends with a birthday. One whose term is
// over says nothing about today.
func (c *checker) childDisability(d disability) {
	group := d.Ext.KZ.Group.Code
	if group != childUnder16 && group != child16to18 || d.DisabilityStatus == gateway.DisabilityStatusExpired {
		return
	}
	if end := gateway.WholeDate(d.EndDate); end != "" && end < d.day {
		return
	}
	born, at := c.born(d.iin, d.Person.BirthDate, d.at("/person"))
	age, known := years(born, d.day)
	if !known {
		return
	}
	level := ok
	switch {
	case age >= ofAge:
		level = contradiction
	case (age >= childCategory) != (group == child16to18):
		level = doubt
	}
	c.find(AgeDisability, level, d.at("/ext/kz/group"), at)
}

// ageInAct: spouses, parents and everybody who must have been born by then.
func (c *checker) ageInAct(a act) {
	registered := gateway.WholeDate(a.RegistrationDate)
	var child gateway.PartialDate
	var childAt ref
	for i, party := range a.Parties {
		if party.Role == gateway.ActPartyRoleChild {
			child, childAt = c.born(party.Person.IIN, party.Person.BirthDate, a.at(fmt.Sprintf("/parties/%d/person", i)))
		}
	}
	for i, party := range a.Parties {
		born, at := c.born(party.Person.IIN, party.Person.BirthDate, a.at(fmt.Sprintf("/parties/%d/person", i)))
		age, known := years(born, registered)
		if known && age < 0 {
			c.find(OutOfTimeOrder, contradiction, a.at("/registration_date"), at)
			continue
		}
		switch party.Role {
		case gateway.ActPartyRoleSpouse:
			if a.Kind == gateway.ActKindMarriage && known && age < marriageAge {
				c.find(AgeMarriage, agreeAbove(age, loweredAge), a.at("/registration_date"), at)
			}
		case gateway.ActPartyRoleMother, gateway.ActPartyRoleFather:
			if older, known := years(born, child); known && older < parentAge {
				c.find(AgeParent, agreeAbove(older, 1), at, childAt)
			}
		}
	}
}

// agreeAbove is a doubt from the bound on, and a contradiction below it.
func agreeAbove(n, bound int) gateway.FindingLevel {
	if n < bound {
		return contradiction
	}
	return doubt
}

// ageInGuardianship: a ward of age may be one without legal capacity, so that this
// is a doubt; a guardian must be of age.
func (c *checker) ageInGuardianship(g guardianship) {
	if end := gateway.WholeDate(g.EndDate); end != "" && end < g.day {
		return
	}
	born, at := c.born(g.ward, g.Ward.BirthDate, g.at("/ward"))
	if age, known := years(born, g.day); known && age >= ofAge {
		c.find(AgeWard, doubt, g.ref, at)
	}
	born, at = c.born(g.guardian, g.Guardian.BirthDate, g.at("/guardian"))
	if age, known := years(born, g.day); known && age < ofAge {
		c.find(AgeGuardian, contradiction, g.ref, at)
	}
}
