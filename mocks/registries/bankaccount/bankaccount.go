// Package bankaccount is the mock of the banks behind ПЭП, the payment gateway of
// "electronic government": its check of an IBAN.
//
// It reads the request and writes the answer element by element as the contract
// has them (contracts/registries/bank-account). The values of Status and all
// elements behind IBAN are of a contract of ours.
package bankaccount

import (
	"strings"

	"github.com/beevik/etree"

	"github.com/kopir-kz/kopir/gateway/xmltext"
	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/population/fact"
	"github.com/kopir-kz/kopir/mocks/shep"
)

// Service is the check in the register of ШЭП. The id is ours: the real one is
// not public.
const Service = "PEP_IBANCheck"

const space = "http://epay.gov.kz/IBANService"

// Values of Status; the real ones are not public.
const (
	full        = "full"         // the holder that was named
	near        = "close"        // but for spelling, or for a number that was merged
	no          = "no"           // somebody else
	notPossible = "not_possible" // the organisation does not tell
	notFound    = "not_found"    // no such account
)

// Registry answers for one population, as far as the banks know of it. It is safe
// for concurrent use.
type Registry struct{ People population.Views }

// query is a request that fits the contract.
type query struct {
	order, iban, iin string
	name             fact.Name
}

// Answer implements shep.Registry.
func (r *Registry) Answer(ask shep.Ask) (shep.Reply, error) {
	q, refusal := read(ask)
	if refusal != nil {
		return shep.Reply{}, refusal
	}
	root := etree.NewElement("ns:PEP_IBANCheckResponse")
	root.CreateAttr("xmlns:ns", space)
	text(root, "OrderNumber", q.order)
	text(root, "OrderRunDate", shep.FormatTime(ask.Now))
	reply := shep.Reply{RequestID: q.order, Status: shep.Processed(), Data: root}
	a, found := r.People.View(fact.RegistryAccount).Account(q.iban)
	if !found {
		text(root, "Status", notFound)
		text(root, "AccountCreditingType", "Account") // the contract demands one
		text(root, "IBAN", q.iban)
		return reply, nil
	}
	write(root, a, match(q, a), fact.Day(ask.Now))
	reply.Fault = a.Holder.Fault
	return reply, nil
}

// read holds the payload against the contract of the request.
func read(ask shep.Ask) (query, *shep.Refusal) {
	if ask.Space != space || ask.Local != "PEP_IBANCheckRequest" {
		return query{}, refuse("{"+space+"}PEP_IBANCheckRequest as payload", "another root")
	}
	in, refusal := shep.Sequence(shep.CheckPayload, ask.Payload,
		shep.Maybe("OrderNumber"), shep.Maybe("IIN"), shep.Maybe("RNN"), shep.Maybe("IBAN"), shep.Maybe("PaymentAccountType"),
		shep.One("OrderDate"), shep.Maybe("Surname"), shep.Maybe("Name"), shep.Maybe("Patronymic"))
	if refusal != nil {
		return query{}, refusal
	}
	if _, ok := shep.DateTime(value(in["OrderDate"])); !ok {
		return query{}, refuse("an OrderDate of type xsd:dateTime", "another text")
	}
	q := query{
		order: value(in["OrderNumber"]), iban: value(in["IBAN"]), iin: value(in["IIN"]),
		name: fact.Name{Surname: value(in["Surname"]), Given: value(in["Name"]), Patronymic: value(in["Patronymic"])},
	}
	named := q.name.Surname != "" && q.name.Given != ""
	switch {
	case q.iban == "":
		return query{}, refuse("an IBAN", "none")
	case q.iin == "" && !named:
		return query{}, refuse("an IIN, or a Surname and a Name", "neither")
	case q.iin != "" && q.name != (fact.Name{}):
		return query{}, refuse("an IIN or a name", "both")
	}
	return q, nil
}

// match compares the holder that was named with the one the bank has. Of a
// licensed organisation without a bank's register nobody learns names.
func match(q query, a population.Account) string {
	holder := a.Holder
	switch {
	case q.iin == holder.IIN && q.iin != "":
		return full
	case q.iin != "":
		for _, f := range holder.Former {
			if f.IIN == q.iin {
				return near
			}
		}
		return no
	case a.Bank.Kind == fact.Licensed:
		return notPossible
	case same(q.name, holder.Name.Kk):
		return full
	}
	for _, spelling := range []fact.Name{holder.Name.Kk, holder.Name.Ru, holder.Name.Latin} {
		if spelling.Patronymic == "" || q.name.Patronymic == "" {
			spelling.Patronymic = q.name.Patronymic
		}
		if same(q.name, spelling) {
			return near
		}
	}
	return no
}

func same(a, b fact.Name) bool {
	return strings.EqualFold(a.Surname, b.Surname) && strings.EqualFold(a.Given, b.Given) && strings.EqualFold(a.Patronymic, b.Patronymic)
}

// write adds what the contract has behind OrderRunDate.
func write(root *etree.Element, a population.Account, status string, today fact.Date) {
	crediting, state := "Account", "open"
	if a.Kind == fact.Card {
		crediting = "Card"
	}
	if a.Closed != "" && a.Closed <= today {
		state = "closed"
	}
	text(root, "Status", status)
	text(root, "OrgBIC", a.Bank.BIC)
	text(root, "OrgIIC", a.Bank.IIC)
	text(root, "OrgBIN", a.Bank.BIN)
	text(root, "AccountCreditingType", crediting)
	text(root, "IBAN", a.IBAN)
	text(root, "AccountKind", string(a.Kind))
	text(root, "AccountState", state)
	text(root, "OrgKind", string(a.Bank.Kind))
	text(root, "OrgNameKz", a.Bank.Name.Kk)
	text(root, "OrgNameRu", a.Bank.Name.Ru)
}

// text adds an element; an empty value is an absent element.
func text(parent *etree.Element, name, value string) {
	if value != "" {
		parent.CreateElement(name).SetText(value)
	}
}

func refuse(expected, got string) *shep.Refusal {
	return &shep.Refusal{Check: shep.CheckPayload, Expected: expected, Got: got}
}

func value(n xmltext.Node) string { return strings.Trim(n.Text(), " \t\r\n") }
