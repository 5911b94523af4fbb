package gateway

import (
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/ident"
)

// Check tells whether the BIN is right (the rules of ident.ParseBIN).
func (q LegalEntityQuery) Check(ident.Mode) []fault.Field {
	_, err := ident.ParseBIN(q.BIN)
	return broken("/bin", err)
}

// Subject is "": an organisation is no person.
func (q LegalEntityQuery) Subject() string { return "" }

// Found tells whether there is such an organisation; the zero LegalEntity is none.
func (e LegalEntity) Found() bool { return e.BIN != "" }
