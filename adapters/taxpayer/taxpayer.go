// Package taxpayer maps the operation taxpayer.search: whether a person is
// registered as an entrepreneur, and the obligatory pension contributions of a
// period, as the State Revenue Committee (КГД) knows them. The schema,
// contracts/registries/taxpayer, is a contract of ours: no such service is on
// public record.
package taxpayer

import (
	"strings"
	"time"

	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/ident"
)

// Registry is the short name of the registry.
const Registry = "KGD"

const (
	namespace  = "urn:kopir:contract:taxpayer:1"
	writing    = "write request to KGD"
	readAnswer = "read answer of KGD"
)

// The code lists of contracts/codes; of activities and tax authorities there is
// none.
const (
	listStatus       = "entrepreneur_status"
	listKind         = "entrepreneur_kind"
	listContribution = "contribution_kind"
	listActivity     = "activity"
	listAuthority    = "tax_authority"
)

var contract = payload.Contract{ //nolint:gochecknoglobals // a constant table
	Registry: Registry,
	Code:     payload.CodeForm{Code: "code", KK: "nameKz", RU: "nameRu"},
}

// Adapter implements gateway.Adapter for gateway.TaxpayerQuery; its facts are
// gateway.Taxpayer. It is safe for concurrent use.
type Adapter struct{ codes gateway.Codes }

// New makes the adapter; codes knows the dictionaries of the registry.
func New(codes gateway.Codes) *Adapter { return &Adapter{codes: codes} }

// Request writes a TaxpayerRequest; only with a period does it ask for
// contributions.
func (a *Adapter) Request(q gateway.Query, m gateway.Meta) ([]byte, error) {
	tq, err := query(q, writing)
	if err != nil {
		return nil, err
	}
	if m.MessageID == "" {
		return nil, fault.New(fault.Internal, writing, "the message has no id")
	}
	b := []byte(`<tp:TaxpayerRequest xmlns:tp="` + namespace + `">`)
	b = payload.AppendElement(b, "requestId", m.MessageID)
	b = payload.AppendElement(b, "iin", tq.IIN)
	b = payload.AppendOptional(b, "periodFrom", string(tq.Period.From))
	b = payload.AppendOptional(b, "periodTo", string(tq.Period.To))
	return append(b, "</tp:TaxpayerRequest>"...), nil
}

// Answer reads a TaxpayerResponse. The channel has judged its result by the
// service profile; here an answer without taxpayer is "not found" if nothing in
// it could be one under another name. Contributions outside the period that was
// asked for are not looked at.
func (a *Adapter) Answer(q gateway.Query, m gateway.Meta, p gateway.Payload) (gateway.Facts, error) {
	tq, err := query(q, readAnswer)
	if err != nil {
		return nil, err
	}
	r := payload.Read(&contract, p.Root, "TaxpayerResponse", a.codes)
	if id := r.Text("requestId"); id != "" && id != m.MessageID {
		return nil, fault.New(fault.AnswerMismatch, readAnswer, "requestId is not our messageId")
	}
	if result := r.Sub("result"); result != nil {
		result.Required("code")
	} else {
		r.Fail("result", "is missing")
	}
	facts := gateway.Taxpayer{}
	if t := r.Sub("taxpayer"); t != nil {
		if iin := t.Required("iin"); iin != "" && iin != tq.IIN {
			return nil, fault.New(fault.AnswerMismatch, readAnswer, "the answer is about another IIN")
		}
		facts = gateway.Taxpayer{IIN: tq.IIN, Registrations: registrations(t, gateway.DateOf(m.Date)), Contributions: contributions(t, tq.Period)}
	} else {
		holdEmpty(r)
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	return facts, nil
}

func query(q gateway.Query, op string) (gateway.TaxpayerQuery, error) {
	tq, ok := q.(gateway.TaxpayerQuery)
	if !ok {
		return gateway.TaxpayerQuery{}, fault.New(fault.Internal, op, "the query is no TaxpayerQuery")
	}
	return tq, nil
}

// holdEmpty holds that an answer without taxpayer has no structure in its place, a
// taxpayer that says nothing among them.
func holdEmpty(r *payload.Reader) {
	for c := range r.Node().Elements() {
		signature := c.Is("http://www.w3.org/2000/09/xmldsig#", "Signature")
		if c.Local() != "result" && !signature && !c.First().IsZero() {
			r.Fail("", "has no taxpayer, but a structure that could be one")
		}
	}
}

// registrations maps every registration, also ended ones, each once; today is the
// day of the question.
func registrations(r *payload.Reader, today gateway.Date) []gateway.EntrepreneurRegistration {
	all := []gateway.EntrepreneurRegistration{}
	seen := map[record]struct{}{}
	for s := range r.Each("registrations", "registration") {
		if s.Blank() {
			continue
		}
		e := registration(s, today)
		k := record{e.Status, e.Kind, e.Activity, e.Authority, e.Name, e.RegistrationDate, e.EndDate}
		if _, repeated := seen[k]; !repeated {
			seen[k] = struct{}{}
			all = append(all, e)
		}
	}
	return all
}

// record is what a registration says, without what we make of it.
type record struct {
	status, kind, activity, authority gateway.Code
	name                              gateway.LocalText
	begin, end                        gateway.Date
}

func registration(r *payload.Reader, today gateway.Date) gateway.EntrepreneurRegistration {
	var d payload.Doubts
	e := gateway.EntrepreneurRegistration{
		State:            gateway.EntrepreneurStateUnknown,
		Status:           r.Code("status", listStatus),
		Kind:             r.Code("kind", listKind),
		Name:             r.Pair("nameKz", "nameRu"),
		Activity:         r.Code("activity", listActivity),
		RegistrationDate: r.RequiredDay("beginDate", "/registration_date", &d),
		EndDate:          r.Day("endDate", "/end_date", &d),
		Authority:        r.Code("taxAuthority", listAuthority),
		Source:           gateway.Source{Registry: Registry},
	}
	switch {
	case e.Status.Known:
		e.State = gateway.EntrepreneurState(e.Status.Code) // the list has the words of the HTTP contract
	case e.Status.Code == "":
		d.Add(gateway.DoubtMissing, "/state")
	}
	d.Code(e.Status, "/state")
	if e.EndDate != "" && e.EndDate < e.RegistrationDate {
		d.Add(gateway.DoubtOrder, "/end_date")
	}
	over := e.EndDate != "" && today != "" && e.EndDate < today
	if over && e.State != gateway.EntrepreneurStateEnded && e.State != gateway.EntrepreneurStateUnknown {
		d.Add(gateway.DoubtAgreement, "/state")
	}
	e.Doubt = d.List
	return e
}

// contributions maps the contributions for the months of a period; none are asked
// for without one. Two that look the same are given twice: they have no number by
// which to tell one payment from two.
func contributions(r *payload.Reader, period gateway.PeriodQuery) []gateway.PensionContribution {
	all := []gateway.PensionContribution{}
	if period == (gateway.PeriodQuery{}) {
		return all
	}
	for s := range r.Each("contributions", "contribution") {
		if s.Blank() {
			continue
		}
		if month := month(s); period.From <= month && month <= period.To {
			all = append(all, contribution(s, month))
		}
	}
	return all
}

func contribution(r *payload.Reader, month gateway.Month) gateway.PensionContribution {
	var d payload.Doubts
	c := gateway.PensionContribution{
		Month:       month,
		Kind:        r.Code("kind", listContribution),
		Amount:      amount(r, &d),
		PaymentDate: r.Day("paymentDate", "/payment_date", &d),
		PayerBIN:    r.Text("payerBin"),
		PayerName:   r.Pair("payerNameKz", "payerNameRu"),
		Source:      gateway.Source{Registry: Registry},
	}
	if _, err := ident.ParseBIN(c.PayerBIN); c.PayerBIN != "" && err != nil {
		d.Add(gateway.DoubtNumber, "/payer_bin")
	}
	c.Doubt = d.List
	return c
}

// month is the child of the type xsd:gYearMonth, which must be there: without it
// nobody knows what was paid for.
func month(r *payload.Reader) gateway.Month {
	s := r.Required("month")
	const form = "2006-01"
	if len(s) >= len(form) {
		_, err := time.Parse(form, s[:len(form)])
		zone := s[len(form):]
		if _, zoneErr := time.Parse("Z07:00", zone); err == nil && (zone == "" || zoneErr == nil) && s >= "1800" {
			return gateway.Month(s[:len(form)])
		}
	}
	r.Fail("month", "is not a month")
	return ""
}

// amount is the child of the type xsd:decimal with two digits behind the point,
// so that amounts compare. One that is negative or has parts of a tiyn cannot be,
// and is left out.
func amount(r *payload.Reader, d *payload.Doubts) gateway.Amount {
	const most = 15 // digits of whole tenge
	s := r.Text("amount")
	if s == "" {
		d.Add(gateway.DoubtMissing, "/amount")
		return ""
	}
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(s, "+"), ".")
	whole, fraction = strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")
	if strings.Trim(s, "+.0123456789") != "" || strings.Trim(whole+fraction, "0123456789") != "" || !strings.ContainsAny(s, "0123456789") ||
		len(whole) > most || len(fraction) > 2 {
		d.Add(gateway.DoubtRange, "/amount")
		return ""
	}
	if whole == "" {
		whole = "0"
	}
	return gateway.Amount(whole + "." + (fraction + "00")[:2])
}
