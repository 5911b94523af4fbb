package guardianship

import (
	"time"

	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/ident"
)

// parts are the elements of a record with the part of a fact that each becomes;
// "" for those that become none.
var parts = map[string]string{ //nolint:gochecknoglobals // a constant table
	"result_code": "", "id": "", "citizenship": "", "signedData": "",
	"req_iin": "/guardian/iin", "req_surname": "/guardian/surname", "req_name": "/guardian/given_name",
	"req_patronymic": "/guardian/second_name", "req_birthday": "/guardian/birth_date",
	"req_documentnumber": "/guardian/document/number", "req_issuer": "/guardian/document/issuer_name",
	"req_issuedate": "/guardian/document/issue_date", "req_address": "/guardian/address_text",
	"child_iin": "/ward/iin", "child_surname": "/ward/surname", "child_name": "/ward/given_name",
	"child_patronymic": "/ward/second_name", "child_birthday": "/ward/birth_date",
	"child_documentnumber": "/ward/document/number", "child_issuer": "/ward/document/issuer_name",
	"child_issuedate":    "/ward/document/issue_date",
	"decision_reason_kz": "/decision/reason/kk", "decision_reason_ru": "/decision/reason/ru",
	"decision_organization_kz": "/decision/authority/kk", "decision_organization_ru": "/decision/authority/ru",
	"decision_region_code": "/decision/region", "decision_number": "/decision/number", "decision_issuedate": "/decision/date",
	"guardianship_end_number": "/end_number", "guardianship_end_date": "/end_date",
}

// order is the order in which missing parts are doubted, that of the contract.
var order = [...]string{ //nolint:gochecknoglobals // a constant table
	"req_iin", "req_surname", "req_name", "req_patronymic", "req_birthday", "req_documentnumber", "req_issuer",
	"req_issuedate", "req_address", "child_iin", "child_surname", "child_name", "child_patronymic", "child_birthday",
	"child_documentnumber", "child_issuer", "child_issuedate", "decision_reason_kz", "decision_reason_ru",
	"decision_organization_kz", "decision_organization_ru", "decision_region_code", "decision_number", "decision_issuedate",
	"guardianship_end_number", "guardianship_end_date",
}

// listRegion is the list of decision_region_code; there is none on public record.
const listRegion = "guardianship_region"

// collection is what the records of one answer make.
type collection struct {
	query gateway.GuardianshipQuery
	facts gateway.Guardianships
	taken map[record]struct{}
	known map[string]gateway.PersonRef // the first record of a person, by IIN
	two   map[string]struct{}          // IINs that two people have
}

// record is what a record says, without what we make of it.
type record struct {
	guardian, ward gateway.PersonRef
	decision       gateway.Decision
	endDate        gateway.Date
	endNumber      string
}

// take reads one record; one that says nothing is none. Which IIN must be there,
// the role decides.
func (c *collection) take(r *payload.Reader) error {
	came := make(map[string]struct{}, len(parts))
	for n := range r.Node().Elements() {
		came[n.Local()] = struct{}{}
	}
	subject := iinOf(c.query.Role)
	if _, ok := came[subject]; !ok {
		r.Fail(subject, "is missing")
	}
	if says(r) {
		if iin := r.Required(subject); iin != "" && iin != c.query.IIN {
			return fault.New(fault.AnswerMismatch, readAnswer, "the answer is about another IIN")
		}
		c.add(guardianship(r, came))
	}
	return r.Err()
}

// says tells whether a record has anything that becomes part of a fact.
func says(r *payload.Reader) bool {
	for _, part := range order {
		if r.Text(part) != "" {
			return true
		}
	}
	return false
}

func (c *collection) add(g gateway.Guardianship) {
	k := record{g.Guardian, g.Ward, g.Decision, g.EndDate, g.EndNumber}
	if _, repeated := c.taken[k]; repeated {
		return
	}
	if c.taken == nil {
		c.taken, c.known, c.two = map[record]struct{}{}, map[string]gateway.PersonRef{}, map[string]struct{}{}
	}
	c.taken[k] = struct{}{}
	c.facts = append(c.facts, g)
	c.meet(g.Guardian)
	c.meet(g.Ward)
}

// meet holds a person against the first one of that IIN. Another birth date, or
// names without a word in common, are another person.
func (c *collection) meet(p gateway.PersonRef) {
	if p.IIN == "" {
		return
	}
	first, again := c.known[p.IIN]
	if !again {
		c.known[p.IIN] = p
		return
	}
	if first.BirthDate != "" && p.BirthDate != "" && !first.BirthDate.Agrees(p.BirthDate) || payload.Apart(name(first), name(p)) {
		c.two[p.IIN] = struct{}{}
	}
}

func name(p gateway.PersonRef) string { return p.Surname + " " + p.GivenName + " " + p.SecondName }

// done gives the facts, those about two people doubted.
func (c *collection) done() gateway.Guardianships {
	if c.facts == nil {
		return gateway.Guardianships{}
	}
	for i := range c.facts {
		g := &c.facts[i]
		d := payload.Doubts{List: g.Doubt}
		if _, two := c.two[g.Guardian.IIN]; two {
			d.Add(gateway.DoubtIdentity, "/guardian")
		}
		if _, two := c.two[g.Ward.IIN]; two {
			d.Add(gateway.DoubtIdentity, "/ward")
		}
		g.Doubt = d.List
	}
	return c.facts
}

// guardianship maps a record. It does not say which of the two forms of care it
// is, and a planned end looks like one that has come.
func guardianship(r *payload.Reader, came map[string]struct{}) gateway.Guardianship {
	var d payload.Doubts
	missing(came, &d)
	g := gateway.Guardianship{
		Kind:     gateway.GuardianshipKindUnknown,
		Guardian: person(r, "req_", "/guardian", &d),
		Ward:     person(r, "child_", "/ward", &d),
		Decision: gateway.Decision{
			Number:    r.Text("decision_number"),
			Date:      r.Day("decision_issuedate", "/decision/date", &d),
			Authority: r.Pair("decision_organization_kz", "decision_organization_ru"),
			Reason:    r.Pair("decision_reason_kz", "decision_reason_ru"),
		},
		EndDate:   r.Day("guardianship_end_date", "/end_date", &d),
		EndNumber: r.Text("guardianship_end_number"),
		Source:    gateway.Source{Registry: Registry},
	}
	g.Guardian.AddressText = r.Text("req_address")
	if code := r.Text("decision_region_code"); code != "" {
		g.Decision.Region = r.Known(code, listRegion)
	}
	if g.EndDate != "" && g.EndDate < g.Decision.Date {
		d.Add(gateway.DoubtOrder, "/end_date")
	}
	if g.Guardian.IIN != "" && g.Guardian.IIN == g.Ward.IIN {
		d.Add(gateway.DoubtAgreement, "/guardian/iin") // nobody is his own guardian
	}
	g.Doubt = d.List
	return g
}

// missing doubts every element that did not come, not even as nil.
func missing(came map[string]struct{}, d *payload.Doubts) {
	for _, part := range order {
		if _, ok := came[part]; !ok {
			d.Add(gateway.DoubtMissing, parts[part])
		}
	}
}

// person maps the elements of one of the two people.
func person(r *payload.Reader, prefix, at string, d *payload.Doubts) gateway.PersonRef {
	p := gateway.PersonRef{
		IIN:        r.Text(prefix + "iin"),
		Surname:    r.Text(prefix + "surname"),
		GivenName:  r.Text(prefix + "name"),
		SecondName: r.Text(prefix + "patronymic"),
		BirthDate:  r.PartialDay(prefix+"birthday", at+"/birth_date", d),
		Document: gateway.DocumentRef{
			Number:     r.Text(prefix + "documentnumber"),
			IssueDate:  r.Day(prefix+"issuedate", at+"/document/issue_date", d),
			IssuerName: r.Text(prefix + "issuer"),
		},
	}
	if p.IIN == "" {
		return p
	}
	n, err := ident.ParseIIN(p.IIN, ident.TestStand)
	if err != nil {
		d.Add(gateway.DoubtNumber, at+"/iin")
		return p
	}
	year, month, day := n.BirthDate()
	if born := gateway.WholeDate(gateway.DateOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))); p.BirthDate != "" && !p.BirthDate.Agrees(born) {
		d.Add(gateway.DoubtAgreement, at+"/birth_date")
	}
	return p
}
