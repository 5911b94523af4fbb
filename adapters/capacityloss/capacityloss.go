// Package capacityloss maps the operation capacity-loss.search: how much capacity
// for work a person has lost, in per cent, as the Ministry of Labour hands it out in
// its operation p06590. The group of a disability is another operation, see package
// disability.
//
// What is on public record is the loss of general capacity: УОТ, the abbreviation
// in the names of the elements, is утрата общей трудоспособности. The loss of
// professional capacity, УПТ, is a part of ours.
package capacityloss

import (
	"strconv"
	"strings"

	"github.com/kopir-kz/kopir/adapters/internal/mtszn"
	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
)

// Adapter implements gateway.Adapter for gateway.SubjectQuery; its facts are
// gateway.CapacityLosses. It is safe for concurrent use.
type Adapter struct{ codes gateway.Codes }

// New makes the adapter; codes knows the dictionaries of the registry.
func New(codes gateway.Codes) *Adapter { return &Adapter{codes: codes} }

// Request writes the question by IIN.
func (a *Adapter) Request(q gateway.Query, m gateway.Meta) ([]byte, error) {
	return mtszn.Request(mtszn.Namespace, "p06590Request", q, m)
}

// Answer reads the loss of general capacity, then those of professional capacity,
// each once.
func (a *Adapter) Answer(q gateway.Query, m gateway.Meta, p gateway.Payload) (gateway.Facts, error) {
	answer, err := mtszn.Open(q, m, p, a.codes)
	if err != nil {
		return nil, err
	}
	var all mtszn.Distinct[gateway.CapacityLoss]
	if r := answer.Data; r != nil {
		var d payload.Doubts
		who := person(r, &d)
		mtszn.NewPeople(answer.IIN).Take(who, &d)
		if says(r) {
			one := loss(r, uot, who, d)
			all.Add(one.ActNumber, one)
		}
		for upt := range answer.Records("upt", known) {
			one := loss(upt, professional, who, d)
			all.Add(one.ActNumber, one)
		}
	}
	if len(all.Values) == 0 {
		if answer.Data != nil { // 0 says that there is no loss, silence does not
			answer.Data.Required(uot.percent)
		}
		return gateway.CapacityLosses{}, answer.Empty("upt", "fio", "mse", "district", "uotPeriod")
	}
	if err := answer.Err(); err != nil {
		return nil, err
	}
	return gateway.CapacityLosses(all.Values), nil
}

// form names the elements of a loss.
type form struct {
	kind                                                    gateway.CapacityKind
	number, effective, opinion, end, percent, period, begin string
}

// The two forms, which differ in three letters.
var (
	uot = form{ //nolint:gochecknoglobals // a constant table
		gateway.CapacityKindGeneral,
		"docUotNumber", "effectiveUotDate", "expertOpinionUotDate", "uotEndDate", "uotPercent", "uotPeriod", "uotStartDate",
	}
	professional = form{ //nolint:gochecknoglobals // a constant table
		gateway.CapacityKindProfessional,
		"docUptNumber", "effectiveUptDate", "expertOpinionUptDate", "uptEndDate", "uptPercent", "uptPeriod", "uptStartDate",
	}
)

// known tells the elements of a loss of professional capacity.
func known(local string) bool {
	f := &professional
	switch local {
	case f.number, f.effective, f.opinion, f.end, f.percent, f.period, f.begin, "mse":
		return true
	}
	return false
}

// says tells whether responseData holds a loss of general capacity. Its percentage
// is required and a number, so that it is 0 where there is nothing to tell; only a 0
// that stands alone, or beside the person, is taken for that.
func says(r *payload.Reader) bool {
	for _, name := range [...]string{uot.number, uot.effective, uot.opinion, uot.end, uot.begin} {
		if r.Text(name) != "" {
			return true
		}
	}
	if r.Sub(uot.period) != nil || r.Sub("mse") != nil {
		return true
	}
	sent := r.Text(uot.percent)
	if v, ok := number(sent); ok && v == 0 {
		return false
	}
	return sent != ""
}

func person(r *payload.Reader, d *payload.Doubts) gateway.PersonRef {
	p := gateway.PersonRef{BirthDate: r.PartialDay("birthDate", "/person/birth_date", d), AddressText: r.Text("address")}
	mtszn.Name(r, "fio", &p)
	return p
}

// loss reads one loss of a person; d holds the doubts about the person.
func loss(r *payload.Reader, f form, who gateway.PersonRef, d payload.Doubts) gateway.CapacityLoss {
	d.List = append([]gateway.Doubt(nil), d.List...)
	one := gateway.CapacityLoss{
		Kind:              f.kind,
		Percent:           percent(r, f.percent, &d),
		Person:            who,
		BeginDate:         r.Day(f.begin, "/begin_date", &d),
		EndDate:           r.Day(f.end, "/end_date", &d),
		EffectiveDate:     r.Day(f.effective, "/effective_date", &d),
		Period:            mtszn.AdditionalName(r, f.period, ""),
		ExpertOpinionDate: r.Day(f.opinion, "/expert_opinion_date", &d),
		ActNumber:         r.Text(f.number),
		Issuer:            mtszn.AdditionalName(r, "mse", ""),
		Source:            gateway.Source{Registry: mtszn.Disabilities},
	}
	if f.kind == gateway.CapacityKindGeneral {
		one.District = mtszn.AdditionalName(r, "district", "")
	}
	words := []string{one.Period.KK, one.Period.RU, one.Period.Code}
	one.Term, one.EndDate = mtszn.Term(r.Text(f.end), one.EndDate, words, "/term", &d)
	mtszn.Order(one.BeginDate, one.EndDate, "/end_date", &d)
	one.Doubt = d.List
	return one
}

// percent reads how much is lost. Nothing is no loss, and more than all cannot be:
// both are left out and doubted, as is what is no number.
func percent(r *payload.Reader, name string, d *payload.Doubts) *float64 {
	sent := r.Text(name)
	if sent == "" {
		d.Add(gateway.DoubtMissing, "/percent")
		return nil
	}
	v, ok := number(sent)
	if !ok || v <= 0 || v > 100 {
		d.Add(gateway.DoubtRange, "/percent")
		return nil
	}
	return &v
}

// maxNumber is how long a percentage may be; no service writes more digits of a
// double.
const maxNumber = 32

// number reads an xsd:double that is finite (XML Schema part 2, 3.2.5).
func number(s string) (float64, bool) {
	if len(s) > maxNumber || strings.Trim(s, "+-.0123456789eE") != "" {
		return 0, false // the names of infinity and of no number, and what only Go reads
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil
}
