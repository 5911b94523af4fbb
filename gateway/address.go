package gateway

import (
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/ident"
)

// Found tells whether the registry knows the person; the zero Addresses are
// those of nobody.
func (a Addresses) Found() bool { return a.IIN != "" }

// Check holds the code against the soft rules of ident.ParseAddressCode.
func (q AddressObjectQuery) Check(ident.Mode) []fault.Field {
	_, err := ident.ParseAddressCode(q.AddressRegisterCode)
	return broken("/address_register_code", err)
}

// Subject is "": the question is about a place.
func (q AddressObjectQuery) Subject() string { return "" }

// AddressObjects are the facts of address-object.search.
type AddressObjects []AddressObject

// Found tells whether the register has the code.
func (a AddressObjects) Found() bool { return len(a) > 0 }
