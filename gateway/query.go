package gateway

import (
	"errors"

	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/ident"
)

// Check holds the query against the rules that the JSON schema cannot express:
// exactly one search mode ("query.mode"), and an IIN that is right and fits the
// mode (the rules of ident.ParseIIN).
func (q PersonQuery) Check(m ident.Mode) []fault.Field {
	var fields []fault.Field
	byName := !q.BirthDate.IsZero() && (q.Surname != "" || q.GivenName != "")
	partOfName := !q.BirthDate.IsZero() || q.Surname != "" || q.GivenName != "" || q.SecondName != ""
	modes := 0
	for _, asked := range []bool{q.IIN != "", q.DocumentNumber != "", partOfName} {
		if asked {
			modes++
		}
	}
	if modes != 1 || partOfName && !byName {
		fields = append(fields, fault.Field{
			Rule:   "query.mode",
			Detail: "must be exactly one of: iin; document_number; birth_date with surname or given_name",
		})
	}
	if q.IIN != "" {
		fields = append(fields, checkIIN(q.IIN, m)...)
	}
	return fields
}

// Subject is the IIN asked about, or "" in a search by document or name.
func (q PersonQuery) Subject() string { return q.IIN }

// Check tells whether the IIN is right and fits the mode.
func (q AddressQuery) Check(m ident.Mode) []fault.Field { return checkIIN(q.IIN, m) }

// Subject is the IIN asked about.
func (q AddressQuery) Subject() string { return q.IIN }

func checkIIN(s string, m ident.Mode) []fault.Field {
	_, err := ident.ParseIIN(s, m)
	var e *ident.Error
	if !errors.As(err, &e) {
		return nil
	}
	return []fault.Field{{Pointer: "/iin", Rule: e.Rule, Detail: e.Text}}
}
