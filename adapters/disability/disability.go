// Package disability maps the operation disability.search: the records that the
// central database of people with disabilities (ЦБДИ) has of a person, as the
// Ministry of Labour hands them out in its operation p06560. Loss of capacity in
// per cent is another operation, see package capacityloss.
package disability

import (
	"github.com/kopir-kz/kopir/adapters/internal/mtszn"
	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
)

// The code lists of contracts/codes.
const (
	listGroup   = "disability_group"
	listMeasure = "disability_measure"
)

// Adapter implements gateway.Adapter for gateway.SubjectQuery; its facts are
// gateway.Disabilities. It is safe for concurrent use.
type Adapter struct{ codes gateway.Codes }

// New makes the adapter; codes knows the dictionaries of the registry.
func New(codes gateway.Codes) *Adapter { return &Adapter{codes: codes} }

// Request writes the question by IIN.
func (a *Adapter) Request(q gateway.Query, m gateway.Meta) ([]byte, error) {
	return mtszn.Request(mtszn.Namespace, "p06560Request", q, m)
}

// Answer reads the records in their order, each once. The day of the message tells
// which terms are over.
func (a *Adapter) Answer(q gateway.Query, m gateway.Meta, p gateway.Payload) (gateway.Facts, error) {
	answer, err := mtszn.Open(q, m, p, a.codes)
	if err != nil {
		return nil, err
	}
	people := mtszn.NewPeople(answer.IIN)
	var all mtszn.Distinct[gateway.Disability]
	for r := range answer.Records("disablements", known) {
		var d payload.Doubts
		one := disability(r, &d, gateway.DateOf(m.Date))
		people.Take(one.Person, &d)
		one.Doubt = d.List
		all.Add(one.Ext.KZ.ActNumber, one)
	}
	if len(all.Values) == 0 {
		return gateway.Disabilities{}, answer.Empty("disablements")
	}
	for i := range all.Values {
		all.Values[i].Doubt = people.Doubt(all.Values[i].Doubt)
	}
	if err := answer.Err(); err != nil {
		return nil, err
	}
	return gateway.Disabilities(all.Values), nil
}

// known tells the elements of a record.
func known(local string) bool {
	switch local {
	case "address", "birthDate", "disabledCauseKZ", "disabledCauseRU", "disabledEndDate", "disabledGroup", "disabledPeriod",
		"disabledStartDate", "districtKZ", "districtRU", "docNumber", "expertOpinionDate", "fio", "issuerKZ", "issuerRU",
		"reexaminationDate", "ipr":
		return true
	}
	return false
}

func disability(r *payload.Reader, d *payload.Doubts, today gateway.Date) gateway.Disability {
	one := gateway.Disability{
		Person: gateway.PersonRef{
			FullName:    r.Text("fio"),
			BirthDate:   r.PartialDay("birthDate", "/person/birth_date", d),
			AddressText: r.Text("address"),
		},
		Source: gateway.Source{Registry: mtszn.Disabilities},
	}
	one.Ext.KZ = gateway.DisabilityKZ{
		Group:               group(r, d),
		Cause:               r.PairCode("", "disabledCauseKZ", "disabledCauseRU", ""),
		Period:              r.Text("disabledPeriod"),
		ExpertOpinionDate:   r.Day("expertOpinionDate", "/ext/kz/expert_opinion_date", d),
		ActNumber:           r.Text("docNumber"),
		Issuer:              r.Pair("issuerKZ", "issuerRU"),
		District:            r.Pair("districtKZ", "districtRU"),
		IndividualProgramme: programme(r.Sub("ipr"), d),
	}
	term(r, &one, d, today)
	return one
}

// term reads from when to when a disability stands, and where that leaves it
// today. Dates in doubt leave that open.
func term(r *payload.Reader, one *gateway.Disability, d *payload.Doubts, today gateway.Date) {
	before, kz := len(d.List), &one.Ext.KZ
	one.BeginDate = r.Day("disabledStartDate", "/begin_date", d)
	one.EndDate = r.Day("disabledEndDate", "/end_date", d)
	kz.ReassessmentDate = r.Day("reexaminationDate", "/ext/kz/reassessment_date", d)
	// Without term there is no reassessment either: one that is named contradicts.
	dated := r.Text("disabledEndDate")
	if dated == "" {
		dated = r.Text("reexaminationDate")
	}
	kz.Term, one.EndDate = mtszn.Term(dated, one.EndDate, []string{kz.Period}, "/ext/kz/term", d)
	mtszn.Order(one.BeginDate, one.EndDate, "/end_date", d)
	mtszn.Order(one.BeginDate, kz.ReassessmentDate, "/ext/kz/reassessment_date", d)
	if len(d.List) == before {
		one.DisabilityStatus = status(one, today)
	}
}

// status tells where a disability stands in the words of DCI; "" where the record
// does not tell whether its term is over.
func status(one *gateway.Disability, today gateway.Date) gateway.DisabilityStatus {
	passed := func(day gateway.Date) bool { return day != "" && day < today }
	switch {
	case today == "":
		return ""
	case passed(one.EndDate), passed(one.Ext.KZ.ReassessmentDate):
		return gateway.DisabilityStatusExpired
	case one.Ext.KZ.Term == gateway.TermUnknown:
		return ""
	}
	return gateway.DisabilityStatusApproved
}

func programme(r *payload.Reader, d *payload.Doubts) gateway.IndividualProgramme {
	if r == nil {
		return gateway.IndividualProgramme{}
	}
	const at = "/ext/kz/individual_programme"
	p := gateway.IndividualProgramme{
		Number:    r.Text("number"),
		BeginDate: r.Day("beginDate", at+"/begin_date", d),
		EndDate:   r.Day("endDate", at+"/end_date", d),
	}
	mtszn.Order(p.BeginDate, p.EndDate, at+"/end_date", d)
	for m := range r.All("measure") {
		if !m.Blank() {
			p.Measures = append(p.Measures, m.PairCode("code", "nameKz", "nameRu", listMeasure))
		}
	}
	return p
}
