package gateway

import (
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/ident"
)

// Check tells whether the IIN is right and fits the mode, and whether there is a
// role.
func (q GuardianshipQuery) Check(m ident.Mode) []fault.Field {
	fields := checkIIN("/iin", q.IIN, m)
	if !q.Role.Valid() {
		fields = append(fields, fault.Field{Pointer: "/role", Rule: "field.required", Detail: "must be ward or guardian"})
	}
	return fields
}

// Subject is the IIN asked about.
func (q GuardianshipQuery) Subject() string { return q.IIN }

// Guardianships are the facts of guardianship.search and trustee.search.
type Guardianships []Guardianship

// Found tells whether the registry has such records.
func (g Guardianships) Found() bool { return len(g) > 0 }
