package population

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/kopir-kz/kopir/gateway/ident"
)

// Error is one broken invariant.
type Error struct {
	Rule string // stable id, e.g. "spouse.mutual"
	Key  string // the person who breaks it; "" for the file as a whole
	Text string // the rule in English
}

// Error names person and rule.
func (e *Error) Error() string {
	if e.Key == "" {
		return e.Rule + ": " + e.Text
	}
	return e.Rule + ": " + e.Key + ": " + e.Text
}

// minParentAge is the least difference of age between parent and child, in
// years. It guards against swapped roles, not against biology.
const minParentAge = 12

// checker collects what is wrong with the person at hand.
type checker struct {
	p    *Population
	one  *Person
	errs []error
}

// must records a broken rule unless ok.
func (c *checker) must(ok bool, rule, text string) {
	if !ok {
		key := ""
		if c.one != nil {
			key = c.one.Key
		}
		c.errs = append(c.errs, &Error{rule, key, text})
	}
}

func (p *Population) check() error {
	c := &checker{p: p}
	c.whole()
	for _, one := range p.people {
		c.one = one
		c.identity()
		c.name()
		c.life()
		c.family()
		c.codes()
		c.documents()
		c.addresses()
		c.decisions()
	}
	return errors.Join(c.errs...)
}

// whole checks what only the file as a whole can break.
func (c *checker) whole() {
	c.must(len(c.p.byKey) == len(c.p.people), "key.unique", "two people have one key")
	c.must(len(c.p.byIIN) == len(c.p.people), "iin.unique", "two people have one IIN")
	properties := map[string]bool{}
	for _, one := range c.p.people {
		properties[one.Property.ID] = true
	}
	c.must(len(properties) == len(c.p.people), "property.unique", "two people exist for one property")
	for _, iin := range c.p.notFound {
		_, err := ident.ParseIIN(iin, ident.Mock)
		c.must(err == nil, "not_found.iin", "an IIN of nobody must be right and synthetic")
		c.must(c.p.byIIN[iin] == nil, "not_found.nobody", "an IIN of nobody belongs to somebody")
	}
	for name, entries := range c.p.dictionaries {
		for _, e := range entries {
			c.must(e.Ru != "" && e.Kk != "", "dictionary.languages", name+": a value needs both languages")
			_, err := time.Parse(time.RFC3339, e.Changed)
			c.must(e.Changed == "" || err == nil, "date.form", "a moment is written with offset (RFC 3339)")
		}
	}
	for _, holders := range c.p.byDocument {
		c.must(len(holders) == 1, "document.unique", "two people hold one document")
	}
}

func (c *checker) identity() {
	one := c.one
	c.must(one.Key != "", "key.present", "a person needs a key")
	t := one.Property.Text
	c.must(one.Property.ID != "" && t.En != "" && t.Ru != "" && t.Kk != "", "property.languages", "a property needs an id and three languages")
	n, err := ident.ParseIIN(one.IIN, ident.Mock)
	c.must(err == nil, "iin.right", "the IIN must be right and synthetic")
	if err != nil {
		return
	}
	y, m, d := n.BirthDate()
	iinBorn := Date(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
	c.must(iinBorn == one.Born, "iin.birth", "birth date and IIN disagree")
	sex := map[string]ident.Sex{"1": ident.Male, "2": ident.Female}[one.Sex]
	c.must(n.Sex() == sex, "iin.sex", "sex and IIN disagree")
}

func (c *checker) name() {
	n := c.one.Name
	c.must(strings.HasPrefix(n.Kk.Surname, "Сынақ") && strings.HasPrefix(n.Ru.Surname, "Сынак") &&
		strings.HasPrefix(n.Latin.Surname, "SYNAK"), "name.surname", "a surname is built on «Сынақ»")
	c.must(n.Kk.Given != "" && n.Ru.Given != "" && n.Latin.Given != "", "name.given", "a given name is missing")
	c.must((n.Kk.Patronymic == "") == (n.Ru.Patronymic == ""), "name.patronymic", "a patronymic exists in both spellings or in none")
}

func (c *checker) life() {
	one := c.one
	c.date(one.Born, true)
	c.date(one.Died, false)
	dead := one.Died != ""
	c.must((one.LifeStatus == "1") == dead, "life.status", "life status and death date disagree")
	c.must((one.DeathCertificate != nil) == dead, "life.certificate", "every death has a certificate and every certificate a death")
	c.must(!dead || one.Died >= one.Born, "life.order", "death before birth")
	for _, cert := range []*Certificate{one.BirthCertificate, one.DeathCertificate} {
		if cert != nil {
			c.must(cert.Number != "", "certificate.number", "a certificate needs a number")
			c.date(cert.Begin, false)
		}
	}
	if dead && one.DeathCertificate != nil {
		c.must(one.DeathCertificate.Begin >= one.Died, "certificate.order", "death certificate before the death")
	}
	if b := one.BirthCertificate; b != nil {
		c.must(b.Begin >= one.Born, "certificate.order", "birth certificate before the birth")
	}
}

func (c *checker) family() {
	one := c.one
	if one.Spouse != "" {
		s := c.p.byKey[one.Spouse]
		c.must(s != nil && s != one && s.Spouse == one.Key, "spouse.mutual", "a marriage needs two people who name each other")
	}
	c.must(len(one.Parents) <= 2 && len(slices.Compact(slices.Sorted(slices.Values(one.Parents)))) == len(one.Parents),
		"parents.count", "a person has at most two different parents")
	for _, key := range one.Parents {
		parent := c.p.byKey[key]
		c.must(parent != nil, "parents.known", "a parent is not in the file")
		if parent == nil {
			continue
		}
		born, err1 := time.Parse(time.DateOnly, string(parent.Born))
		child, err2 := time.Parse(time.DateOnly, string(one.Born))
		c.must(err1 == nil && err2 == nil && !child.Before(born.AddDate(minParentAge, 0, 0)),
			"parents.older", "a child is not younger than its parent by enough")
	}
}

func (c *checker) codes() {
	one := c.one
	c.code("gender", one.Sex, true)
	c.code("nationality", one.Nationality, true)
	c.code("country", one.Citizenship, true)
	c.code("lifeStatus", one.LifeStatus, true)
	c.place(one.BirthPlace)
	for _, d := range one.Documents {
		c.code("documentType", d.Type, true)
		c.code("documentStatus", d.Status, true)
		c.code("issuer", d.Issuer, true)
	}
}

// documents checks numbers, order of dates and declared repetitions.
func (c *checker) documents() {
	seen := map[string]bool{}
	for i, d := range c.one.Documents {
		c.must(d.Number != "", "document.number", "a document needs a number")
		c.span(d.Begin, d.End)
		c.date(d.Begin, true)
		c.date(d.InvalidityDate, false)
		c.must(d.Begin >= c.one.Born, "document.order", "a document was issued before the birth")
		c.must((d.Status == "00") == (d.InvalidityDate == ""), "document.status", "a document that is not valid has a date, a valid one has none")
		if !d.Repeated {
			c.must(!seen[d.Number], "document.repeated", "a repetition must be declared")
			seen[d.Number] = true
			continue
		}
		d.Repeated = false
		c.must(i > 0 && reflect.DeepEqual(d, c.one.Documents[i-1]), "document.copy", "a repetition must equal the entry before it")
	}
}

func (c *checker) addresses() {
	if r := c.one.Registration; r != nil {
		c.place(r.Place)
		c.code("addressStatus", r.Status, true)
		c.code("addressInvalidity", r.Invalidity, true)
		c.must(r.Type == "", "address.type", "a registration has no type")
		c.must((r.Status == "1") == (r.End == ""), "address.status", "registered means no end date")
		c.span(r.Begin, r.End)
	}
	for _, a := range c.one.Addresses {
		c.place(a.Place)
		c.code("addressType", a.Type, true)
		c.must(a.Status == "" && a.Invalidity == "", "address.type", "only a registration has a status")
		c.span(a.Begin, a.End)
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
	for _, v := range []*Absence{one.Missing, one.Disappeared} {
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
		_, err := time.Parse(time.RFC3339, v.Date)
		c.must(err == nil, "date.form", "a moment is written with offset (RFC 3339)")
	}
}

func (c *checker) place(p Place) {
	c.code("country", p.Country, false)
	c.code("district", p.District, false)
	c.code("region", p.Region, false)
	c.must(p.Region == "" || strings.HasPrefix(p.Region, p.District), "place.region", "a region lies in its district")
}

func (c *checker) code(dictionary, code string, required bool) {
	if code == "" {
		c.must(!required, "code.present", dictionary+": a code is missing")
		return
	}
	_, ok := c.p.Entry(dictionary, code)
	c.must(ok, "code.known", dictionary+": a code is not in the dictionary")
}

func (c *checker) date(d Date, required bool) {
	if d == "" {
		c.must(!required, "date.present", "a date is missing")
		return
	}
	_, err := time.Parse(time.DateOnly, string(d))
	c.must(err == nil, "date.form", "a date is written YYYY-MM-DD")
}

// span checks two dates of which the second may be missing.
func (c *checker) span(begin, end Date) {
	c.date(begin, false)
	c.date(end, false)
	c.must(end == "" || begin <= end, "date.order", "an end before its begin")
}
