package gateway

import (
	"errors"

	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/ident"
)

// The Check methods of the queries hold what the JSON schema cannot express:
// search modes, numbers with check digits, fields that must fit each other. The
// rules are those of contracts/problems.yaml; pointers are relative to the query.
//
// Two rules are common to all. "query.mode" is broken by a query that names
// nobody, or names somebody in two ways at once; "query.too_wide" by one that
// would be answered with more people or more time than a purpose can need.

// Check tells whether the IIN is right and fits the mode.
func (q SubjectQuery) Check(m ident.Mode) []fault.Field { return checkIIN("/iin", q.IIN, m) }

// Subject is the IIN asked about.
func (q SubjectQuery) Subject() string { return q.IIN }

func mode(ways string) fault.Field {
	return fault.Field{Rule: "query.mode", Detail: "must be exactly one of: " + ways}
}

func tooWide(pointer, detail string) fault.Field {
	return fault.Field{Pointer: pointer, Rule: "query.too_wide", Detail: detail}
}

func checkIIN(pointer, s string, m ident.Mode) []fault.Field {
	_, err := ident.ParseIIN(s, m)
	return broken(pointer, err)
}

// broken is the rule that a parser of package ident found broken at a pointer.
func broken(pointer string, err error) []fault.Field {
	var e *ident.Error
	if !errors.As(err, &e) {
		return nil
	}
	return []fault.Field{{Pointer: pointer, Rule: e.Rule, Detail: e.Text}}
}
