package rules

import (
	"slices"

	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// roles an act must and may have, each once.
var roles = map[fact.ActKind]struct{ must, may []fact.Role }{ //nolint:gochecknoglobals // a constant table
	fact.Birth:      {[]fact.Role{fact.Child}, []fact.Role{fact.Mother, fact.Father}},
	fact.Death:      {[]fact.Role{fact.Subject}, nil},
	fact.Marriage:   {[]fact.Role{fact.Husband, fact.Wife}, nil},
	fact.Divorce:    {[]fact.Role{fact.Husband, fact.Wife}, nil},
	fact.NameChange: {[]fact.Role{fact.Subject}, nil},
	fact.Adoption:   {[]fact.Role{fact.Child}, []fact.Role{fact.Mother, fact.Father}},
	fact.Paternity:  {[]fact.Role{fact.Child, fact.Father}, []fact.Role{fact.Mother}},
}

// act checks one civil act.
func (c *checker) act(a *fact.Act) {
	c.must(slices.Contains(fact.ActKinds(), a.Kind), "act.kind", "no such kind of act")
	c.must(a.Number != "", "act.number", "an act needs a number")
	c.must((a.Office == "") != (a.Foreign == nil), "act.office", "an act is made by an office of Kazakhstan or by another state's")
	c.must(a.Foreign == nil || a.Where() != fact.Kazakhstan, "act.office", "another state's office is not in Kazakhstan")
	c.code("office", a.Office, false)
	c.code("country", a.Country, false)
	c.date(a.Registered, true)
	c.date(a.Event, false)
	c.must(a.Event <= a.Registered, "act.order", "an act before its event")
	if d := a.Decision; d != nil {
		c.code("court", d.Court, true)
		c.must(d.Number != "", "act.decision", "a decision needs a number")
		c.date(d.Date, true)
		c.span(d.Date, d.Effective)
		c.must(d.Effective <= a.Registered, "act.decision", "a decision takes force before it is registered")
	}
	c.must(a.Decision != nil || a.Kind != fact.Adoption, "act.decision", "a court decides about an adoption")
	c.must(!a.OnStatement || a.Kind == fact.Birth && len(a.With(fact.Father)) == 1, "act.statement", "only a father in a birth act stands there on a statement")
	last := a.Registered
	for _, cert := range a.Certificates {
		c.certificate(cert, last)
		last = cert.Issued
	}
	c.participants(a)
}

// certificate checks a paper that can not be older than what it is about.
func (c *checker) certificate(cert fact.Certificate, since fact.Date) {
	c.must(cert.Number != "", "certificate.number", "a certificate needs a number")
	c.date(cert.Issued, true)
	c.code("office", cert.Office, false)
	c.must(cert.Issued >= since, "certificate.order", "a certificate before its registration, or before the one it replaces")
}

func (c *checker) participants(a *fact.Act) {
	allowed := roles[a.Kind]
	for _, role := range allowed.must {
		c.must(len(a.With(role)) == 1, "act.roles", "a role is missing or there twice: "+string(role))
	}
	for _, role := range allowed.may {
		c.must(len(a.With(role)) <= 1, "act.roles", "a role is there twice: "+string(role))
	}
	seen := map[string]bool{}
	for i := range a.Participants {
		who := &a.Participants[i]
		c.must(slices.Contains(allowed.must, who.Role) || slices.Contains(allowed.may, who.Role), "act.roles", "an act of this kind has no such role")
		c.must((who.Person == "") != (who.Name == nil), "act.participant", "a participant is a person of the population or a name")
		if who.Name != nil {
			c.names(*who.Name)
			c.date(who.Born, false)
			continue
		}
		c.must(!seen[who.Person], "act.participant", "somebody stands in one act twice")
		seen[who.Person] = true
		one := c.people[who.Person]
		c.must(one != nil, "person.known", "somebody in an act is not in the population")
		if one == nil {
			continue
		}
		c.must(who.Role != fact.Mother && who.Role != fact.Wife || one.Sex == "2", "act.sex", "a mother or wife is a woman")
		c.must(who.Role != fact.Father && who.Role != fact.Husband || one.Sex == "1", "act.sex", "a father or husband is a man")
		c.must(who.Before == nil || a.Kind != fact.Death && (a.Kind != fact.Birth || who.Role != fact.Child), "act.name", "births and deaths change no name")
		c.events(a, who, one)
	}
}

// events holds the day of an act against the life of its subject.
func (c *checker) events(a *fact.Act, who *fact.Participant, one *fact.Person) {
	switch {
	case a.Kind == fact.Birth && who.Role == fact.Child:
		c.must(a.Registered >= one.Born && a.Event == "", "act.order", "a birth is registered on its day or later, and the day is the person's")
		for _, p := range a.Participants {
			parent := c.people[p.Person]
			c.must(p.Role == fact.Child || parent == nil || one.Born >= parent.Born.Add(minParentAge, 0, 0), "parents.older", "a child is not younger than its parent by enough")
		}
	case a.Kind == fact.Death && who.Role == fact.Subject:
		c.must(a.Registered >= one.Died && a.Event == "", "act.order", "a death is registered on its day or later, and the day is the person's")
	case a.Kind == fact.Divorce:
		c.divorce(a, one)
	}
}

// divorce: there was a marriage of the same two.
func (c *checker) divorce(a *fact.Act, one *fact.Person) {
	married := false
	for _, m := range c.acts[one.Key] {
		if m.Kind != fact.Marriage || m.Registered > a.Registered {
			continue
		}
		married = married || !slices.ContainsFunc(a.Participants, func(p fact.Participant) bool { return p.Person != "" && m.Of(p.Person) == nil })
	}
	c.must(married, "act.divorce", "a divorce has a marriage act before it")
}

func (c *checker) guardianship(g *fact.Guardianship) {
	c.must(slices.Contains(fact.GuardianshipKinds(), g.Kind), "guardianship.kind", "no such form of care")
	c.must(g.Number != "" && g.Date != "", "guardianship.decision", "a guardianship needs a decision with number and date")
	c.date(g.Date, true)
	c.span(g.Date, g.End)
	c.must((g.End == "") == (g.EndNumber == ""), "guardianship.end", "an end has a decision too")
	c.bilingual(g.Reason)
	c.entity(g.Authority, "guardianship.authority", fact.Authority)
	ward := c.people[g.Ward]
	c.must(ward != nil, "person.known", "the ward is not in the population")
	c.must(len(g.Guardians) == 1 || len(g.Guardians) == 2 && g.Kind == fact.HostFamily, "guardianship.guardians", "a ward has a guardian, in a host family two at most")
	for _, key := range g.Guardians {
		guardian := c.people[key]
		c.must(guardian != nil && guardian != ward, "person.known", "a guardian is not in the population, or the ward")
		if guardian == nil {
			continue
		}
		c.must(g.Date >= guardian.Born.Add(adultAge, 0, 0), "guardianship.age", "a guardian is of age")
		c.must(guardian.Died == "" || g.End != "" && g.End <= guardian.Died, "guardianship.life", "a guardianship ends with the guardian's life")
	}
	if ward == nil {
		return
	}
	minor := g.Date < ward.Born.Add(adultAge, 0, 0)
	c.must(g.Date >= ward.Born && (minor || ward.Capable != nil && ward.Capable.Date <= g.Date), "guardianship.ward", "a ward is a minor, or was declared incapable before")
	c.must(ward.Died == "" || g.End != "" && g.End <= ward.Died, "guardianship.life", "a guardianship ends with the ward's life")
}
