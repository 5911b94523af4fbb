package rules

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/kopir-kz/kopir/gateway/ident"
	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// Bounds of age, in years. They guard against swapped roles and wrong
// centuries, not against biology or law.
const (
	minParentAge = 12
	maxMotherAge = 60
	minSpouseAge = 16
	adultAge     = 18
	maxLife      = 120
)

func (c *checker) identity() {
	one := c.one
	c.must(one.Key != "", "key.present", "a person needs a key")
	if one.IIN == "" {
		c.must(len(one.Accounts) == 0 && len(one.Documents) == 0, "iin.needed", "nobody gets a document or an account without an IIN")
	}
	for _, iin := range append([]string{one.IIN}, former(one)...) {
		if iin != "" {
			c.iin(iin)
		}
	}
	for _, f := range one.Former {
		c.date(f.Merged, true)
	}
	c.code("gender", one.Sex, true)
	c.code("nationality", one.Nationality, true)
	c.code("country", one.Citizenship, true)
	c.code("lifeStatus", one.LifeStatus, true)
	c.place(one.BirthPlace)
}

// iin checks a number against the person who has it.
func (c *checker) iin(iin string) {
	n, err := ident.ParseIIN(iin, ident.Mock)
	c.must(err == nil, "iin.right", "the IIN must be right and synthetic")
	if err != nil {
		return
	}
	y, m, d := n.BirthDate()
	c.must(fact.Date(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)) == c.one.Born, "iin.birth", "birth date and IIN disagree")
	sex := map[string]ident.Sex{"1": ident.Male, "2": ident.Female}[c.one.Sex]
	c.must(n.Sex() == sex, "iin.sex", "sex and IIN disagree")
}

func (c *checker) name() { c.names(c.one.Name) }

func (c *checker) names(n fact.Names) {
	// A registry may write Kazakh names in Russian letters.
	kk := strings.HasPrefix(n.Kk.Surname, "Сынақ") || strings.HasPrefix(n.Kk.Surname, "Сынак")
	c.must(kk && strings.HasPrefix(n.Ru.Surname, "Сынак") && strings.HasPrefix(n.Latin.Surname, "SYNAK"),
		"name.surname", "a surname is built on «Сынақ»")
	c.must(n.Kk.Given != "" && n.Ru.Given != "" && n.Latin.Given != "", "name.given", "a given name is missing")
	c.must((n.Kk.Patronymic == "") == (n.Ru.Patronymic == ""), "name.patronymic", "a patronymic exists in both spellings or in none")
}

func (c *checker) life() {
	one := c.one
	c.date(one.Born, true)
	c.date(one.Died, false)
	dead := one.Died != ""
	c.must((one.LifeStatus == "1") == dead, "life.status", "life status and death date disagree")
	c.must(!dead || one.Died >= one.Born && one.Died <= one.Born.Add(maxLife, 0, 0), "life.order", "death before birth or far after it")
	births, deaths := 0, 0
	for _, a := range c.acts[one.Key] {
		switch who := a.Of(one.Key); {
		case a.Kind == fact.Birth && who.Role == fact.Child:
			births++
		case a.Kind == fact.Death && who.Role == fact.Subject:
			deaths++
		}
		c.must(a.Happened() >= one.Born, "act.life", "somebody takes part in an act before being born")
		c.must(!dead || a.Kind == fact.Death || a.Kind == fact.Birth || a.Happened() <= one.Died, "act.life", "somebody takes part in an act after death")
	}
	c.must((deaths == 1) == dead && deaths <= 1, "act.death", "every death has one act, and every death act a dead person")
	needed := one.BirthPlace.Country == fact.Kazakhstan && one.Born > actsSince
	c.must(births <= 1 && (births == 1 || !needed), "act.birth", "everybody born in Kazakhstan after "+string(actsSince)+" has one birth act")
}

// actsSince is the day after which registrations of births in Kazakhstan are in
// the state's information systems (annex 9 to Order No. 279 of 28 April 2015).
const actsSince fact.Date = "2007-08-13"

func (c *checker) family() {
	one := c.one
	if one.Spouse != "" {
		c.spouse(c.people[one.Spouse])
	}
	c.must(len(one.Parents) <= 2 && len(slices.Compact(slices.Sorted(slices.Values(one.Parents)))) == len(one.Parents),
		"parents.count", "a person has at most two different parents")
	for _, key := range one.Parents {
		parent := c.people[key]
		c.must(parent != nil, "parents.known", "a parent is not in the population")
		if parent == nil {
			continue
		}
		c.must(one.Born >= parent.Born.Add(minParentAge, 0, 0), "parents.older", "a child is not younger than its parent by enough")
		c.must(parent.Sex != "2" || one.Born <= parent.Born.Add(maxMotherAge, 0, 0), "parents.older", "a mother is too old")
		c.must(parent.Died == "" || one.Born <= parent.Died.Add(0, 10, 0), "parents.alive", "a child is born after its parent's death")
		c.descent(parent)
	}
}

// descent: where acts tell whose child somebody is, they name each parent.
func (c *checker) descent(parent *fact.Person) {
	told, named := false, false
	for _, a := range c.acts[c.one.Key] {
		if who := a.Of(c.one.Key); who.Role != fact.Child || a.Kind != fact.Birth && a.Kind != fact.Adoption && a.Kind != fact.Paternity {
			continue
		}
		told = true
		if p := a.Of(parent.Key); p != nil && (p.Role == fact.Mother || p.Role == fact.Father) {
			named = true
		}
	}
	c.must(!told || named, "parents.act", "a parent stands in no act about the child")
}

// spouse checks a marriage that lasts.
func (c *checker) spouse(s *fact.Person) {
	one := c.one
	c.must(s != nil && s != one && s.Spouse == one.Key, "spouse.mutual", "a marriage needs two people who name each other")
	if s == nil {
		return
	}
	c.must(one.Died == "" && s.Died == "", "spouse.alive", "a marriage ends with a life")
	c.must(!slices.Contains(one.Parents, s.Key) && !slices.Contains(s.Parents, one.Key) && !sharesParent(one, s), "spouse.kin", "next of kin do not marry")
	var last *fact.Act
	for _, a := range c.acts[one.Key] {
		if a.Of(s.Key) != nil && (a.Kind == fact.Marriage || a.Kind == fact.Divorce) && (last == nil || a.Registered > last.Registered) {
			last = a
		}
	}
	c.must(last != nil && last.Kind == fact.Marriage, "spouse.act", "spouses have a marriage act, and no divorce after it")
	c.must(last == nil || last.Happened() >= one.Born.Add(minSpouseAge, 0, 0), "spouse.age", "a child does not marry")
}

func sharesParent(a, b *fact.Person) bool {
	return slices.ContainsFunc(a.Parents, func(key string) bool { return slices.Contains(b.Parents, key) })
}

// documents checks numbers, order of dates and declared repetitions.
func (c *checker) documents() {
	seen := map[string]bool{}
	for i, d := range c.one.Documents {
		c.code("documentType", d.Type, true)
		c.code("documentStatus", d.Status, true)
		c.code("issuer", d.Issuer, true)
		c.must(d.Number != "", "document.number", "a document needs a number")
		c.span(d.Begin, d.End)
		c.date(d.Begin, true)
		c.date(d.InvalidityDate, false)
		c.must(d.Begin >= c.one.Born, "document.order", "a document was issued before the birth")
		c.must((d.Status == "00") == (d.InvalidityDate == ""), "document.status", "a document that is not valid has a date, a valid one has none")
		c.must(c.one.Died == "" || d.Status != "00", "document.life", "the documents of the dead are not valid")
		if !d.Repeated {
			c.must(!seen[d.Number], "document.repeated", "a repetition must be declared")
			seen[d.Number] = true
			continue
		}
		d.Repeated = false
		c.must(i > 0 && reflect.DeepEqual(d, c.one.Documents[i-1]), "document.copy", "a repetition must equal the entry before it")
	}
}

func (c *checker) residences() {
	var before *fact.Residence
	for i, r := range c.one.Residences {
		c.must(r.Kind == fact.Permanent || r.Kind == fact.Temporary, "residence.kind", "a registration is permanent or temporary")
		c.must(c.set.Locations[r.At] != nil, "location.known", "an address is not in the population")
		c.date(r.Begin, true)
		c.span(r.Begin, r.End)
		c.code("addressInvalidity", r.Reason, r.Kind == fact.Permanent && r.End != "")
		c.must(r.Begin >= c.one.Born, "residence.birth", "a registration before the birth")
		c.must(c.one.Died == "" || r.End != "", "residence.life", "the dead are registered nowhere")
		c.must(i == 0 || c.one.Residences[i-1].Begin <= r.Begin, "residence.order", "registrations stand in the order of their beginning")
		if r.Kind != fact.Permanent {
			c.must(r.End != "", "residence.term", "a temporary registration has a term")
			continue
		}
		c.must(before == nil || before.End != "" && before.End <= r.Begin, "residence.overlap", "two permanent registrations at one time")
		before = &c.one.Residences[i]
	}
}

// decisions checks what courts and authorities decided.
func (c *checker) decisions() {
	one := c.one
	if v := one.Imprisoned; v != nil {
		c.code("imprisonedStatus", v.Status, true)
		c.span(v.Begin, v.End)
	}
	if v := one.Capable; v != nil {
		c.code("capableStatus", v.Status, true)
		c.code("court", v.Court, true)
		c.span(v.Date, v.End)
	}
	for _, v := range []*fact.Absence{one.Missing, one.Disappeared} {
		if v != nil {
			c.code("territorialBody", v.Authority, true)
			c.span(v.Date, v.End)
		}
	}
	if v := one.Excluded; v != nil {
		c.code("excludeReason", v.Reason, true)
		c.code("excludeParticipant", v.Participant, false)
		c.span(v.ReasonDate, v.Date)
	}
	if v := one.Repatriation; v != nil {
		c.code("repatriationStatus", v.Status, false)
		c.code("repatriationReason", v.Reason, false)
		c.moment(v.Date, true)
	}
}

func (c *checker) place(p fact.Place) {
	c.code("country", p.Country, false)
	c.code("district", p.District, false)
	c.code("region", p.Region, false)
	c.must(p.Region == "" || strings.HasPrefix(p.Region, p.District), "place.region", "a region lies in its district")
}

// differences checks that what is declared is known and says why.
func (c *checker) differences() {
	for _, d := range c.one.Differences {
		c.must(slices.Contains(fact.Registries(), d.Registry), "difference.registry", "a difference names no registry")
		c.must(slices.Contains(fact.DifferenceKinds(), d.Kind), "difference.kind", "a difference is of no known kind")
		c.must(d.Reason.En != "" && d.Reason.Ru != "" && d.Reason.Kk != "", "difference.reason", "a difference says why, in three languages")
		c.must(len(d.As)+len(d.WithoutActs) > 0, "difference.what", "a difference says what the registry has instead")
		for _, kind := range d.WithoutActs {
			c.must(slices.Contains(fact.ActKinds(), kind), "act.kind", "no such kind of act")
		}
	}
}
