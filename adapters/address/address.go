// Package address maps the operation address.search: where a person is and was
// registered, as the State Database of Individuals (ГБД ФЛ) knows it. No service
// of the Address Register is on public record; the registry of individuals
// carries its codes (РКА) beside the address.
package address

import (
	"strings"
	"time"

	"github.com/kopir-kz/kopir/adapters/internal/gbdfl"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
)

// Adapter implements gateway.Adapter for gateway.SubjectQuery; its facts are
// gateway.Addresses. It is safe for concurrent use.
type Adapter struct{ codes gateway.Codes }

// New makes the adapter; codes knows the dictionaries of the registry.
func New(codes gateway.Codes) *Adapter { return &Adapter{codes: codes} }

// Request writes the search by IIN as the registry's Request; see the person
// adapter for the consent token.
func (a *Adapter) Request(q gateway.Query, m gateway.Meta) ([]byte, error) {
	sq, ok := q.(gateway.SubjectQuery)
	if !ok || sq.IIN == "" {
		return nil, wrongQuery("write request to GBDFL")
	}
	return gbdfl.Request(gbdfl.Question{IIN: sq.IIN}, m)
}

// Answer reads the addresses out of the registry's Response and nothing else:
// what was not asked for is not looked at. The day of the message tells which
// terms are over.
func (a *Adapter) Answer(q gateway.Query, m gateway.Meta, p gateway.Payload) (gateway.Facts, error) {
	sq, ok := q.(gateway.SubjectQuery)
	if !ok || sq.IIN == "" {
		return nil, wrongQuery("read answer of GBDFL")
	}
	found, err := gbdfl.Open(p, m, sq.IIN, a.codes)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return gateway.Addresses{}, nil
	}
	r := found[0] // a search by IIN has one answer at most
	facts := gateway.Addresses{
		IIN:       r.Required("iin"),
		Temporary: []gateway.Address{}, History: []gateway.Address{}, Other: []gateway.Address{},
	}
	if registration := gbdfl.Registration(r); registration != (gateway.Address{}) {
		sortIn(&facts, registration, permanent, m.Date)
	}
	for _, other := range gbdfl.OtherAddresses(r) {
		sortIn(&facts, other, kindOf(other), m.Date)
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	return facts, nil
}

// kind is what an address is to the person.
type kind int

const (
	unknown kind = iota
	permanent
	temporary
	former
)

// kindOf reads the kind of an address beside the registration. The codes are not
// public, their meanings are: a registry that names them in words is taken at
// its word, one that does not settles nothing.
func kindOf(a gateway.Address) kind {
	switch {
	case says(a.Type, "временн", "уақытша"):
		return temporary
	case says(a.Type, "прежн", "убыт", "выбыт", "бұрынғы", "кеткен"):
		return former
	}
	return unknown
}

// says tells whether a text of a code has one of the stems.
func says(c gateway.Code, stems ...string) bool {
	texts := strings.ToLower(c.RU + " " + c.KK)
	for _, stem := range stems {
		if strings.Contains(texts, stem) {
			return true
		}
	}
	return false
}

// sortIn puts an address into its list. A second permanent one cannot come.
func sortIn(facts *gateway.Addresses, a gateway.Address, k kind, asked time.Time) {
	a.Source = gateway.Source{Registry: gbdfl.Registry}
	over := !a.EndDate.IsZero() && !asked.IsZero() && a.EndDate < gateway.DateOf(asked)
	switch {
	case over, k == former, says(a.Status, "снят", "шығарыл"):
		facts.History = append(facts.History, a)
	case k == permanent:
		facts.Permanent = a
	case k == temporary:
		facts.Temporary = append(facts.Temporary, a)
	default:
		facts.Other = append(facts.Other, a)
	}
}

func wrongQuery(op string) error {
	return fault.New(fault.Internal, op, "the query is no SubjectQuery with an IIN")
}
