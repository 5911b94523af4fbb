// Package guardianship is the mock of the two registers that know who is in whose
// care: that of the local executive bodies (акимат), and that of the Ministry of
// Education (eTrustee).
//
// It reads the requests and writes the answers from the contract alone. The first
// writes every element of a record, nil where it has nothing to say; the second
// leaves out what it does not know.
package guardianship

import (
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/kopir-kz/kopir/gateway/xmltext"
	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/population/fact"
	"github.com/kopir-kz/kopir/mocks/shep"
)

// Service is the register of the local executive bodies in the register of ШЭП. The
// name is ours.
const Service = "AKIMAT_Guardianship"

const (
	space    = "http://helpers.guardianship.service.akimat.shep.nit"
	xsiSpace = "http://www.w3.org/2001/XMLSchema-instance"
)

// Roots of the answers.
const (
	Record = "GetGuardianshipResponse"  // one record
	List   = "GetGuardianshipResponses" // several
)

const processed = "00000" // result_code; ours

// Registry answers as the local executive bodies for one population. It is safe for
// concurrent use.
type Registry struct{ People population.Views }

// Answer implements shep.Registry. Nothing found is a success whose elements are
// nil.
func (r *Registry) Answer(ask shep.Ask) (shep.Reply, error) {
	if ask.Space != space || ask.Local != "GetGuardianshipRequest" {
		return shep.Reply{}, refuse("{"+space+"}GetGuardianshipRequest as payload", "another root")
	}
	in, refusal := shep.Sequence(shep.CheckPayload, ask.Payload, shep.Maybe("req_iin"), shep.Maybe("child_iin"))
	if refusal != nil {
		return shep.Reply{}, refusal
	}
	guardian, ward := text(in["req_iin"]), text(in["child_iin"])
	if (guardian == "") == (ward == "") || !isIIN(guardian+ward) {
		return shep.Reply{}, refuse("req_iin or child_iin, of 12 digits", "not one of them")
	}
	people := r.People.View(fact.RegistryGuardianship)
	reply := shep.Reply{Status: shep.Processed()}
	if one := people.Person(guardian + ward); one != nil {
		reply.Fault = one.Fault
	}
	var records []map[string]string
	for _, p := range pairs(people, guardian, ward) {
		if p.care.Date <= fact.Day(ask.Now) {
			records = append(records, said(people, p))
		}
	}
	reply.Data = answer(records)
	return reply, nil
}

// pair is a decision about one ward and one guardian.
type pair struct {
	care           population.Care
	guardian, ward *fact.Person
}

// pairs are the decisions with somebody as the guardian or as the ward: one for
// each guardian, of whom a host family has two.
func pairs(people *population.View, guardian, ward string) []pair {
	var all []pair
	for _, c := range people.Guardianships(guardian + ward) {
		for _, g := range c.Guardians {
			if g.IIN == guardian || c.Ward.IIN == ward {
				all = append(all, pair{c, g, c.Ward})
			}
		}
	}
	return all
}

// elements are those of a record, in the order of the contract.
func elements() []string {
	return []string{
		"result_code", "id", "citizenship", "req_iin", "req_surname", "req_name", "req_patronymic", "req_birthday",
		"req_documentnumber", "req_issuer", "req_issuedate", "req_address", "child_iin", "child_surname", "child_name",
		"child_patronymic", "child_birthday", "child_documentnumber", "child_issuer", "child_issuedate", "decision_reason_kz",
		"decision_reason_ru", "decision_organization_kz", "decision_organization_ru", "decision_region_code", "decision_number",
		"decision_issuedate", "guardianship_end_number", "guardianship_end_date", "signedData",
	}
}

// Nothing is the record that says nothing but a result.
func Nothing(code string) *etree.Element {
	root := envelope(Record)
	fill(root, map[string]string{"result_code": code})
	return root
}

func answer(records []map[string]string) *etree.Element {
	if len(records) == 0 {
		return Nothing(processed)
	}
	if len(records) == 1 {
		root := envelope(Record)
		fill(root, records[0])
		return root
	}
	root := envelope(List)
	for _, one := range records {
		fill(root.CreateElement(Record), one)
	}
	return root
}

func envelope(name string) *etree.Element {
	root := etree.NewElement("g:" + name)
	root.CreateAttr("xmlns:g", space)
	root.CreateAttr("xmlns:xsi", xsiSpace)
	return root
}

// fill writes a record: every element, nil for what is not said.
func fill(at *etree.Element, said map[string]string) {
	for _, name := range elements() {
		e := at.CreateElement(name)
		if said[name] == "" {
			e.CreateAttr("xsi:nil", "true")
			continue
		}
		e.SetText(said[name])
	}
}

// said is what a record says about a decision.
func said(people *population.View, p pair) map[string]string {
	c := p.care
	all := map[string]string{
		"result_code": processed, "decision_number": c.Number, "decision_issuedate": string(c.Date),
		"decision_reason_kz": c.Reason.Kk, "decision_reason_ru": c.Reason.Ru,
		"guardianship_end_number": c.EndNumber, "guardianship_end_date": string(c.End),
		"req_address": home(people, p.guardian, c.Date),
	}
	if c.Authority != nil {
		all["decision_organization_kz"], all["decision_organization_ru"] = c.Authority.Name.Kk, c.Authority.Name.Ru
	}
	person(all, "req_", people, p.guardian)
	person(all, "child_", people, p.ward)
	return all
}

func person(all map[string]string, prefix string, people *population.View, one *fact.Person) {
	number, issuer, issued := paper(people, one)
	for name, value := range map[string]string{
		"iin": one.IIN, "surname": one.Name.Kk.Surname, "name": one.Name.Kk.Given, "patronymic": one.Name.Kk.Patronymic,
		"birthday": string(one.Born), "documentnumber": number, "issuer": issuer, "issuedate": string(issued),
	} {
		all[prefix+name] = value
	}
}

// valid is the status of a document that is.
const valid = "00"

// paper is the document by which the office knows somebody: of identity, and for
// those who have none the certificate of birth.
func paper(people *population.View, one *fact.Person) (number, issuer string, issued fact.Date) {
	for _, d := range slices.Backward(one.Documents) {
		if d.Status == valid {
			e, _ := people.Entry("issuer", d.Issuer) // known: the population was checked
			return d.Number, e.Kk, d.Begin
		}
	}
	if i := people.Individual(one.IIN); i != nil && i.BirthCertificate != nil {
		return i.BirthCertificate.Number, i.BirthCertificate.Office.Kk, i.BirthCertificate.Begin
	}
	return "", "", ""
}

// home is where somebody was registered on a day, in one line.
func home(people *population.View, one *fact.Person, on fact.Date) string {
	for _, r := range people.Residences(one.IIN) {
		if r.Kind == fact.Permanent && r.Current(on) {
			parts := []string{r.City.Kk, r.Location.Street.Kk, r.Location.Building, r.Location.Corpus, r.Location.Flat}
			return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" || s == "-" }), ", ")
		}
	}
	return ""
}

func isIIN(s string) bool { return len(s) == 12 && strings.Trim(s, "0123456789") == "" }

func refuse(expected, got string) *shep.Refusal {
	return &shep.Refusal{Check: shep.CheckPayload, Expected: expected, Got: got}
}

func text(n xmltext.Node) string { return strings.Trim(n.Text(), " \t\r\n") }
