// Package award maps the operation award.search: which pensions, benefits and
// payments a person has applied for or receives. The contract is ours, see
// contracts/registries/award; its frame is that of the Ministry of Labour.
package award

import (
	"strings"

	"github.com/kopir-kz/kopir/adapters/internal/mtszn"
	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/ident"
)

// namespace is that of the root elements.
const namespace = "urn:kopir:registry:award"

// The code lists of contracts/codes.
const (
	listKind   = "award_kind"
	listStatus = "award_status"
)

// Adapter implements gateway.Adapter for gateway.SubjectQuery; its facts are
// gateway.Awards. It is safe for concurrent use.
type Adapter struct{ codes gateway.Codes }

// New makes the adapter; codes knows the dictionaries of the registry.
func New(codes gateway.Codes) *Adapter { return &Adapter{codes: codes} }

// Request writes the question by IIN.
func (a *Adapter) Request(q gateway.Query, m gateway.Meta) ([]byte, error) {
	return mtszn.Request(namespace, "awardRequest", q, m)
}

// Answer reads the awards in their order, each once. Every one names its
// recipient, who is the person asked about.
func (a *Adapter) Answer(q gateway.Query, m gateway.Meta, p gateway.Payload) (gateway.Facts, error) {
	answer, err := mtszn.Open(q, m, p, a.codes)
	if err != nil {
		return nil, err
	}
	var all mtszn.Distinct[gateway.Award]
	for r := range answer.Records("award", known) {
		one := award(r)
		if one.Recipient.IIN != "" && one.Recipient.IIN != answer.IIN {
			return nil, fault.New(fault.AnswerMismatch, "read answer of "+mtszn.Registry, "the answer is about another IIN")
		}
		all.Add(one.Decision.Number, one)
	}
	if len(all.Values) == 0 {
		return gateway.Awards{}, answer.Empty("award")
	}
	if err := answer.Err(); err != nil {
		return nil, err
	}
	return gateway.Awards(all.Values), nil
}

// known tells the elements of an award.
func known(local string) bool {
	switch local {
	case "kind", "status", "number", "decisionDate", "authorityKZ", "authorityRU", "applicationDate", "beginDate", "endDate",
		"amount", "recipient", "child":
		return true
	}
	return false
}

func award(r *payload.Reader) gateway.Award {
	var d payload.Doubts
	one := gateway.Award{
		Kind:            r.RequiredCode("kind", listKind),
		Status:          r.RequiredCode("status", listStatus),
		ApplicationDate: r.Day("applicationDate", "/application_date", &d),
		BeginDate:       r.Day("beginDate", "/begin_date", &d),
		EndDate:         r.Day("endDate", "/end_date", &d),
		Amount:          amount(r, &d),
		Decision: gateway.Decision{
			Number:    r.Text("number"),
			Date:      r.Day("decisionDate", "/decision/date", &d),
			Authority: r.Pair("authorityKZ", "authorityRU"),
		},
		Source: gateway.Source{Registry: mtszn.Registry},
	}
	one.State = state(one.Status)
	d.Code(one.Kind, "/kind")
	d.Code(one.Status, "/status")
	mtszn.Order(one.BeginDate, one.EndDate, "/end_date", &d)
	if s := r.Sub("recipient"); s != nil {
		s.Required("iin")
		one.Recipient = person(s, "/recipient", &d)
	} else {
		r.Fail("recipient", "is missing")
	}
	if s := r.Sub("child"); s != nil {
		one.Child = person(s, "/child", &d)
		child(s, &d)
	}
	one.Doubt = d.List
	return one
}

// child doubts an IIN that is missing or breaks a rule of the number.
func child(r *payload.Reader, d *payload.Doubts) {
	iin := r.Text("iin")
	if iin == "" {
		d.Add(gateway.DoubtMissing, "/child/iin")
		return
	}
	if _, err := ident.ParseIIN(iin, ident.TestStand); err != nil {
		d.Add(gateway.DoubtNumber, "/child/iin")
	}
}

func person(r *payload.Reader, at string, d *payload.Doubts) gateway.PersonRef {
	return gateway.PersonRef{
		IIN:        r.Text("iin"),
		Surname:    r.Text("surname"),
		GivenName:  r.Text("name"),
		SecondName: r.Text("patronymic"),
		BirthDate:  r.PartialDay("birthDate", at+"/birth_date", d),
	}
}

// state is where an award stands, by its status.
func state(status gateway.Code) gateway.AwardState {
	switch s := gateway.AwardState(status.Code); s {
	case gateway.AwardStateApplied, gateway.AwardStateAwarded, gateway.AwardStatePaid, gateway.AwardStateSuspended,
		gateway.AwardStateEnded, gateway.AwardStateRefused:
		return s
	}
	return gateway.AwardStateUnknown
}

// Digits of an amount that the contract of ours allows.
const (
	maxWhole    = 15
	maxFraction = 2
)

// amount reads a decimal of tenge as it is; what is none, or negative, or of more
// digits than money has, is left out and doubted.
func amount(r *payload.Reader, d *payload.Doubts) gateway.Amount {
	sent := r.Text("amount")
	if sent == "" {
		return ""
	}
	whole, fraction, point := strings.Cut(sent, ".")
	if !digits(whole, maxWhole) || point && !digits(fraction, maxFraction) {
		d.Add(gateway.DoubtRange, "/amount")
		return ""
	}
	return gateway.Amount(sent)
}

func digits(s string, most int) bool {
	return s != "" && len(s) <= most && strings.Trim(s, "0123456789") == ""
}
