// Package bankaccount maps the operation bank-account.check: whose account it is,
// and the requisites that a payment to it needs, as the payment gateway of
// "electronic government" (ПЭП) tells. The schema is
// contracts/registries/bank-account; what in it is ours is listed in
// contracts/divergences.md.
package bankaccount

import (
	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/ident"
)

// Registry is the short name of the payment gateway.
const Registry = "PEP"

const (
	namespace   = "http://epay.gov.kz/IBANService"
	writing     = "write request to PEP"
	readAnswer  = "read answer of PEP"
	card        = "Card" // the one AccountCreditingType that decides the kind of an account
	noSuchThing = "not_found"
)

// The code lists of contracts/codes.
const (
	listMatch     = "holder_match"
	listCrediting = "account_type"
	listKind      = "account_kind"
	listState     = "account_state"
	listOrg       = "organisation_kind"
	listBank      = "bank"
)

var contract = payload.Contract{Registry: Registry} //nolint:gochecknoglobals // a constant

// Adapter implements gateway.Adapter for gateway.AccountQuery; its facts are
// gateway.AccountCheck. It is safe for concurrent use.
type Adapter struct{ codes gateway.Codes }

// New makes the adapter; codes knows the words of the registry.
func New(codes gateway.Codes) *Adapter { return &Adapter{codes: codes} }

// Request writes a PEP_IBANCheckRequest. The messageId is its OrderNumber. A
// holder with an IIN is named by it alone, as the record has it; one without by
// the elements that our contract adds.
func (a *Adapter) Request(q gateway.Query, m gateway.Meta) ([]byte, error) {
	aq, err := query(q, writing)
	if err != nil {
		return nil, err
	}
	if m.MessageID == "" || m.Date.IsZero() {
		return nil, fault.New(fault.Internal, writing, "the message has no id or no date")
	}
	b := make([]byte, 0, 512)
	b = append(b, `<ibn:PEP_IBANCheckRequest xmlns:ibn="`+namespace+`">`...)
	b = payload.AppendElement(b, "OrderNumber", m.MessageID)
	b = payload.AppendOptional(b, "IIN", aq.Holder.IIN)
	b = payload.AppendElement(b, "IBAN", aq.IBAN)
	b = payload.AppendElement(b, "OrderDate", m.Date.Format(payload.DateTime))
	if aq.Holder.IIN == "" {
		b = payload.AppendElement(b, "Surname", aq.Holder.Surname)
		b = payload.AppendElement(b, "Name", aq.Holder.GivenName)
		b = payload.AppendOptional(b, "Patronymic", aq.Holder.SecondName)
	}
	return append(b, "</ibn:PEP_IBANCheckRequest>"...), nil
}

// Answer reads a PEP_IBANCheckResponse. It must be about the account asked about;
// the holder's IIN is not in it, so the order number ties it to the question.
func (a *Adapter) Answer(q gateway.Query, m gateway.Meta, p gateway.Payload) (gateway.Facts, error) {
	aq, err := query(q, readAnswer)
	if err != nil {
		return nil, err
	}
	r := payload.Read(&contract, p.Root, "PEP_IBANCheckResponse", a.codes)
	if id := r.Text("OrderNumber"); id != "" && id != m.MessageID {
		return nil, fault.New(fault.AnswerMismatch, readAnswer, "OrderNumber is not our messageId")
	}
	if iban := r.Required("IBAN"); iban != "" && iban != aq.IBAN {
		return nil, fault.New(fault.AnswerMismatch, readAnswer, "the answer is about another account")
	}
	facts := account(r, aq.IBAN)
	if err := r.Err(); err != nil {
		return nil, err
	}
	if facts.HolderStatus.Code == noSuchThing {
		return gateway.AccountCheck{}, nil
	}
	return facts, nil
}

func query(q gateway.Query, op string) (gateway.AccountQuery, error) {
	aq, ok := q.(gateway.AccountQuery)
	if !ok || aq.IBAN == "" {
		return gateway.AccountQuery{}, fault.New(fault.Internal, op, "the query is no AccountQuery with an IBAN")
	}
	return aq, nil
}

// account maps the answer, also one that there is no such account.
func account(r *payload.Reader, iban string) gateway.AccountCheck {
	var d payload.Doubts
	r.Required("OrderRunDate")
	c := gateway.AccountCheck{
		IBAN:         iban,
		HolderMatch:  gateway.HolderMatchNotPossible,
		HolderStatus: word(r, "Status", listMatch),
		State:        gateway.AccountStateUnknown,
		Status:       word(r, "AccountState", listState),
		IIC:          r.Text("OrgIIC"),
		Source:       gateway.Source{Registry: Registry, RecordedAt: gateway.DateOf(r.Time("OrderRunDate"))},
	}
	if c.HolderStatus.Known {
		c.HolderMatch = gateway.HolderMatch(c.HolderStatus.Code) // the list has the words of the HTTP contract
	}
	d.Code(c.HolderStatus, "/holder_match")
	if c.Status.Known {
		c.State = gateway.AccountState(c.Status.Code)
	}
	d.Code(c.Status, "/state")
	if _, err := ident.ParseIBAN(c.IIC); c.IIC != "" && err != nil {
		d.Add(gateway.DoubtNumber, "/iic")
	}
	c.Kind, c.Type = kind(r, &d)
	c.Bank = bank(r, iban, &d)
	c.Doubt = d.List
	return c
}

// word is an element that holds the code of one of our lists; zero if it is not
// there.
func word(r *payload.Reader, name, list string) gateway.Code {
	s := r.Text(name)
	if s == "" {
		return gateway.Code{}
	}
	return r.Known(s, list)
}

// kind decides what kind of account it is. The record tells cards from all others
// and no more; our AccountKind tells the rest, and must not contradict it.
func kind(r *payload.Reader, d *payload.Doubts) (gateway.AccountKind, gateway.Code) {
	r.Required("AccountCreditingType")
	crediting, said := word(r, "AccountCreditingType", listCrediting), word(r, "AccountKind", listKind)
	d.Code(crediting, "/kind")
	d.Code(said, "/kind")
	switch {
	case said.Known:
		k := gateway.AccountKind(said.Code)
		if crediting.Known && (k == gateway.AccountKindCard) != (crediting.Code == card) {
			d.Add(gateway.DoubtAgreement, "/kind")
		}
		return k, said
	case said.Code != "":
		return gateway.AccountKindUnknown, said
	case crediting.Code == card:
		return gateway.AccountKindCard, crediting
	}
	return gateway.AccountKindUnknown, crediting
}

// bank maps who keeps the account. A BIC of another bank than the three digits of
// the IBAN are those of is a contradiction, if we know the digits.
func bank(r *payload.Reader, iban string, d *payload.Doubts) gateway.Bank {
	number, _ := ident.ParseIBAN(iban) // the query was checked; otherwise the bank is not known
	b := gateway.Bank{
		OrganisationKind: organisation(number),
		Name:             r.Pair("OrgNameKz", "OrgNameRu"),
		BranchName:       r.Text("BranchName"),
		BIC:              r.Text("OrgBIC"),
		BIN:              r.Text("OrgBIN"),
		Code:             number.Bank(),
	}
	if said := word(r, "OrgKind", listOrg); said.Code != "" {
		d.Code(said, "/bank/organisation_kind")
		k := gateway.OrganisationKindUnknown
		if said.Known {
			k = gateway.OrganisationKind(said.Code)
		}
		if known := b.OrganisationKind; said.Known && known != gateway.OrganisationKindUnknown && known != k {
			d.Add(gateway.DoubtAgreement, "/bank/organisation_kind")
		}
		b.OrganisationKind = k
	}
	if b.Name == (gateway.LocalText{}) && !number.BIC().IsZero() {
		listed := r.Known(number.Bank(), listBank)
		b.Name = gateway.LocalText{KK: listed.KK, RU: listed.RU}
	}
	if b.BIC != "" {
		bic, err := ident.ParseBIC(b.BIC)
		switch {
		case err != nil:
			d.Add(gateway.DoubtNumber, "/bank/bic")
		case !number.BIC().IsZero() && !number.BIC().SameParty(bic):
			d.Add(gateway.DoubtAgreement, "/bank/bic")
		}
	}
	if _, err := ident.ParseBIN(b.BIN); b.BIN != "" && err != nil {
		d.Add(gateway.DoubtNumber, "/bank/bin")
	}
	return b
}

// organisation is what the bank's digits tell. The three state bodies with digits
// of their own are none of the kinds, and no licensed organisation is on record.
func organisation(number ident.IBAN) gateway.OrganisationKind {
	switch bic := number.BIC().String(); bic {
	case "", "GCVPKZ2A", "KKMFKZ2A", "NBRKKZKX":
		return gateway.OrganisationKindUnknown
	case "KPSTKZKA":
		return gateway.OrganisationKindKazpost
	}
	return gateway.OrganisationKindBank
}
