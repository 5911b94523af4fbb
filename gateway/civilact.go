package gateway

import (
	"slices"
	"strconv"

	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/ident"
)

// Check holds that there is exactly one search mode with all its parts, and
// that the role can occur in the kinds asked for ("civil_act.role").
func (q CivilActQuery) Check(m ident.Mode) []fault.Field {
	byPerson := q.IIN != "" || q.Role != "" || len(q.Kinds) > 0
	byAct := q.ActNumber != "" || q.RegistryOffice != "" || !q.RegistrationDate.IsZero()
	var fields []fault.Field
	switch {
	case byPerson == byAct, byPerson && q.IIN == "", byAct && q.ActNumber == "":
		fields = append(fields, mode("iin with role; act_number with registry_office and registration_date"))
	case byPerson && q.Role == "":
		fields = append(fields, tooWide("/role", "an iin needs a role"))
	case byAct && (q.RegistryOffice == "" || q.RegistrationDate.IsZero()):
		fields = append(fields, tooWide("/act_number", "a number needs registry_office and registration_date"))
	}
	if q.IIN != "" {
		fields = append(fields, checkIIN("/iin", q.IIN, m)...)
	}
	if q.ActNumber != "" {
		_, err := ident.ParseActNumber(q.ActNumber)
		fields = append(fields, broken("/act_number", err)...)
	}
	for i, kind := range q.Kinds {
		if q.Role != "" && !slices.Contains(q.Role.Kinds(), kind) {
			fields = append(fields, fault.Field{
				Pointer: "/kinds/" + strconv.Itoa(i), Rule: "civil_act.role", Detail: "the role does not occur in acts of this kind",
			})
		}
	}
	return fields
}

// Subject is the IIN asked about, or "" in a search by act.
func (q CivilActQuery) Subject() string { return q.IIN }

// Kinds are the kinds of acts in which the role occurs; none for a role that the
// contract does not have.
func (r ActRole) Kinds() []ActKind {
	switch r {
	case ActRoleSubject:
		return []ActKind{ActKindBirth, ActKindDeath, ActKindMarriage, ActKindDivorce, ActKindNameChange, ActKindAdoption, ActKindPaternity}
	case ActRoleParent, ActRoleChild:
		return []ActKind{ActKindBirth, ActKindAdoption, ActKindPaternity}
	case ActRoleSpouse:
		return []ActKind{ActKindMarriage, ActKindDivorce}
	}
	return nil
}

// CivilActs are the facts of civil-act.search.
type CivilActs []CivilAct

// Found tells whether there are such acts.
func (a CivilActs) Found() bool { return len(a) > 0 }
