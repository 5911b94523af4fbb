// Package address maps the operation address.search: where a person is
// registered, as the State Database of Individuals (ГБД ФЛ) knows it. No service
// of the Address Register is on public record; the registry of individuals
// carries its codes (РКА) beside the address.
package address

import (
	"github.com/kopir-kz/kopir/adapters/internal/gbdfl"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
)

// Adapter implements gateway.Adapter for gateway.AddressQuery; its facts are
// gateway.Addresses. It is safe for concurrent use.
type Adapter struct{ codes gateway.Codes }

// New makes the adapter; codes knows the dictionaries of the registry.
func New(codes gateway.Codes) *Adapter { return &Adapter{codes: codes} }

// Request writes the search by IIN as the registry's Request; see the person
// adapter for the consent token.
func (a *Adapter) Request(q gateway.Query, m gateway.Meta) ([]byte, error) {
	aq, ok := q.(gateway.AddressQuery)
	if !ok || aq.IIN == "" {
		return nil, wrongQuery("write request to GBDFL")
	}
	return gbdfl.Request(gbdfl.Question{IIN: aq.IIN}, m)
}

// Answer reads the addresses out of the registry's Response and nothing else:
// what was not asked for is not looked at.
func (a *Adapter) Answer(q gateway.Query, m gateway.Meta, p gateway.Payload) (gateway.Facts, error) {
	aq, ok := q.(gateway.AddressQuery)
	if !ok || aq.IIN == "" {
		return nil, wrongQuery("read answer of GBDFL")
	}
	answer, found, err := gbdfl.Open(p, m, aq.IIN, a.codes)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return gateway.Addresses{}, nil
	}
	r := found[0] // a search by IIN has one answer at most
	facts := gateway.Addresses{IIN: r.Required("iin"), Registration: r.Registration(), Other: r.OtherAddresses()}
	if facts.Other == nil {
		facts.Other = []gateway.Address{}
	}
	if err := answer.Err(); err != nil {
		return nil, err
	}
	return facts, nil
}

func wrongQuery(op string) error {
	return fault.New(fault.Internal, op, "the query is no AddressQuery with an IIN")
}
