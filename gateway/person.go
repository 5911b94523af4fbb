package gateway

import (
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/ident"
)

// Check holds that there is exactly one search mode, and an IIN that is right
// and fits the mode (the rules of ident.ParseIIN).
func (q PersonQuery) Check(m ident.Mode) []fault.Field {
	var fields []fault.Field
	byName := !q.BirthDate.IsZero() && (q.Surname != "" || q.GivenName != "")
	partOfName := !q.BirthDate.IsZero() || q.Surname != "" || q.GivenName != "" || q.SecondName != ""
	if count(q.IIN != "", q.DocumentNumber != "", partOfName) != 1 || partOfName && !byName {
		fields = append(fields, mode("iin; document_number; birth_date with surname or given_name"))
	}
	if q.IIN != "" {
		fields = append(fields, checkIIN("/iin", q.IIN, m)...)
	}
	return fields
}

// Subject is the IIN asked about, or "" in a search by document or name.
func (q PersonQuery) Subject() string { return q.IIN }

// count tells how many of several things are so.
func count(each ...bool) (n int) {
	for _, is := range each {
		if is {
			n++
		}
	}
	return n
}

// Persons are the facts of person.search: everyone that fits the question.
type Persons []Person

// Found tells whether anyone fits.
func (p Persons) Found() bool { return len(p) > 0 }
