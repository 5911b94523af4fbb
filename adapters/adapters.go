// Package adapters holds the one table from operations to the adapters that map
// them. Each adapter is a folder of the same shape: it maps, does no I/O and
// knows no other adapter; what two of them share lies in adapters/internal. A
// new one gets a line in New and passes adapters/adaptertest.
package adapters

import (
	"github.com/kopir-kz/kopir/adapters/address"
	"github.com/kopir-kz/kopir/adapters/civilregistry"
	"github.com/kopir-kz/kopir/adapters/person"
	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway"
)

// The operations, by the names that service profiles and clients' rights use.
const (
	PersonSearch   = "person.search"    // who a person is
	AddressSearch  = "address.search"   // where a person is registered
	CivilActSearch = "civil-act.search" // births, deaths, marriages and the other civil acts
)

// New makes every adapter, by the operation it maps.
func New(codes gateway.Codes) map[string]gateway.Adapter {
	return map[string]gateway.Adapter{
		PersonSearch:  person.New(codes),
		AddressSearch: address.New(codes),

		CivilActSearch: civilregistry.New(codes),
	}
}

// Codes gives the adapters the code lists of the contracts. A code that rests on
// no public record counts as unknown, and its texts are not used: they name a
// value of the offline world, and a registry may mean something else by it.
func Codes(lists map[string]contracts.Dictionary) gateway.Codes {
	known := make(codes, len(lists))
	for id, list := range lists {
		known[id] = make(map[string]contracts.Texts, len(list.Codes))
		for _, c := range list.Codes {
			if c.Known() {
				known[id][c.Code] = c.Texts
			}
		}
	}
	return known
}

// codes is texts by list and code.
type codes map[string]map[string]contracts.Texts

func (c codes) Lookup(list, code string) (gateway.Texts, bool) {
	texts, known := c[list][code]
	return gateway.Texts(texts), known
}
