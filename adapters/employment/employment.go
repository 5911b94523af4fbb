// Package employment maps the operation employment.search: the registrations of a
// person as unemployed and the referrals to a job, as the Ministry of Labour hands
// them out in its operation p06556.
//
// Of a registration the record of the contract is public, of a referral only the
// number of the operation: its form is ours.
package employment

import (
	"github.com/kopir-kz/kopir/adapters/internal/mtszn"
	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/ident"
)

// The code lists; contracts/codes has no occupation, the registry's are not public.
const (
	listStatus     = "unemployment_status"
	listOccupation = "occupation"
	listResult     = "referral_result"
)

// Adapter implements gateway.Adapter for gateway.SubjectQuery; its facts are
// gateway.Employment. It is safe for concurrent use.
type Adapter struct{ codes gateway.Codes }

// New makes the adapter; codes knows the dictionaries of the registry.
func New(codes gateway.Codes) *Adapter { return &Adapter{codes: codes} }

// Request writes the question by IIN.
func (a *Adapter) Request(q gateway.Query, m gateway.Meta) ([]byte, error) {
	return mtszn.Request(mtszn.Namespace, "p06556Request", q, m)
}

// Answer reads registrations and referrals in their order, each once. A
// registration repeats the IIN, which is held against the one asked about.
func (a *Adapter) Answer(q gateway.Query, m gateway.Meta, p gateway.Payload) (gateway.Facts, error) {
	answer, err := mtszn.Open(q, m, p, a.codes)
	if err != nil {
		return nil, err
	}
	var registrations mtszn.Distinct[gateway.UnemployedRegistration]
	for r := range answer.Records("unemp", ofRegistration) {
		one := registration(r)
		if one.Person.IIN != "" && one.Person.IIN != answer.IIN {
			return nil, fault.New(fault.AnswerMismatch, "read answer of "+mtszn.Registry, "the answer is about another IIN")
		}
		registrations.Add(string(one.RegistrationDate), one)
	}
	var referrals mtszn.Distinct[gateway.JobReferral]
	for r := range answer.Records("referral", ofReferral) {
		one := referral(r)
		referrals.Add(one.Number, one)
	}
	facts := gateway.Employment{Registrations: registrations.Values, Referrals: referrals.Values}
	if !facts.Found() {
		return gateway.Employment{}, answer.Empty("unemp", "referral")
	}
	if err := answer.Err(); err != nil {
		return nil, err
	}
	if facts.Registrations == nil {
		facts.Registrations = []gateway.UnemployedRegistration{}
	}
	if facts.Referrals == nil {
		facts.Referrals = []gateway.JobReferral{}
	}
	return facts, nil
}

// ofRegistration tells the elements of unemp.
func ofRegistration(local string) bool {
	switch local {
	case "iin", "dep_kname", "dep_rname", "fio", "occup_type_code", "occup_type_rname", "registrationDate", "unemployee":
		return true
	}
	return false
}

// registration reads unemp, every part of which the registry must send. Without an
// IIN nobody can tell whose registration it is; any other part that is missing is
// doubted.
func registration(r *payload.Reader) gateway.UnemployedRegistration {
	var d payload.Doubts
	one := gateway.UnemployedRegistration{
		Person:           gateway.PersonRef{IIN: r.Required("iin"), FullName: r.Text("fio")},
		RegistrationDate: r.RequiredDay("registrationDate", "/registration_date", &d),
		Centre:           r.Pair("dep_kname", "dep_rname"),
		Occupation:       r.PairCode("occup_type_code", "occup_type_kname", "occup_type_rname", listOccupation),
		Source:           gateway.Source{Registry: mtszn.Registry},
	}
	if status := r.Text("unemployee"); status != "" {
		one.Status = r.Known(status, listStatus)
		d.Code(one.Status, "/status")
	}
	for _, part := range [...]struct{ element, pointer string }{
		{"fio", "/person/full_name"},
		{"unemployee", "/status"},
		{"dep_kname", "/centre/kk"},
		{"dep_rname", "/centre/ru"},
		{"occup_type_code", "/occupation/code"},
		{"occup_type_rname", "/occupation/ru"},
	} {
		if r.Text(part.element) == "" {
			d.Add(gateway.DoubtMissing, part.pointer)
		}
	}
	one.Doubt = d.List
	return one
}

// ofReferral tells the elements of referral.
func ofReferral(local string) bool {
	switch local {
	case "number", "date", "dep_kname", "dep_rname", "employer_bin", "employer_kname", "employer_rname", "position", "result":
		return true
	}
	return false
}

func referral(r *payload.Reader) gateway.JobReferral {
	var d payload.Doubts
	one := gateway.JobReferral{
		Number:       r.Text("number"),
		Date:         r.RequiredDay("date", "/date", &d),
		Centre:       r.Pair("dep_kname", "dep_rname"),
		EmployerName: r.Pair("employer_kname", "employer_rname"),
		EmployerBIN:  r.Text("employer_bin"),
		Position:     mtszn.AdditionalName(r, "position", listOccupation),
		Result:       mtszn.AdditionalName(r, "result", listResult),
		Source:       gateway.Source{Registry: mtszn.Registry},
	}
	if one.Number == "" {
		d.Add(gateway.DoubtMissing, "/number")
	}
	if one.EmployerBIN != "" {
		if _, err := ident.ParseBIN(one.EmployerBIN); err != nil {
			d.Add(gateway.DoubtNumber, "/employer_bin")
		}
	}
	one.Doubt = d.List
	return one
}
