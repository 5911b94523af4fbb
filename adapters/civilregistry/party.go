package civilregistry

import (
	"cmp"
	"strconv"

	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/ident"
)

// party maps a person of a record. An IIN that breaks its rules is kept, so that
// the act stays comparable with paper, and doubted.
func (a *reading) party(r *payload.Reader, role gateway.ActPartyRole) {
	at := partyAt(len(a.Parties))
	before, after := name(r), r.Sub("nameAfter")
	p := gateway.ActParty{Role: role, Person: gateway.PersonRef{
		IIN:         r.Text("iin"),
		Surname:     before.Surname,
		GivenName:   before.GivenName,
		SecondName:  before.SecondName,
		FullName:    before.FullName,
		BirthDate:   r.PartialDay("birthDate", at+"/birth_date", &a.doubts),
		Citizenship: r.Code("citizenship", listCountry),
	}}
	if after != nil {
		p.NameAfter = name(after)
	}
	if p.Person.IIN != "" {
		if _, err := ident.ParseIIN(p.Person.IIN, ident.TestStand); err != nil {
			a.doubts.Add(gateway.DoubtNumber, at+"/iin")
		}
	}
	if before == (gateway.PersonName{}) {
		a.doubts.Add(gateway.DoubtMissing, at)
	}
	a.Parties = append(a.Parties, p)
}

// partyAt is the pointer to the person of a party.
func partyAt(i int) string { return "/parties/" + strconv.Itoa(i) + "/person" }

// name reads the parts of a name. The patronymic is secondname in the record of
// a child; how a parent's is spelt there is not on public record, and elsewhere
// that type says patronymic, so either is taken. Without surname or name, an
// element that the contract does not know may be that part, renamed.
func name(r *payload.Reader) gateway.PersonName {
	n := gateway.PersonName{
		Surname:    r.Text("surname"),
		GivenName:  r.Text("name"),
		SecondName: cmp.Or(r.Text("secondname"), r.Text("patronymic")),
		FullName:   r.Text("fio"),
	}
	if n.FullName == "" && (n.Surname == "" || n.GivenName == "") {
		r.HoldKnown(ofPerson, "has no surname or name, but an element that the contract does not know")
	}
	return n
}

// ofPerson tells whether a child of a person is one that the contract knows.
func ofPerson(local string) bool {
	switch local {
	case "iin", "fio", "surname", "name", "secondname", "patronymic", "birthDate", "birthAddress", "citizenship", "nameAfter":
		return true
	}
	return false
}

// holds tells whether a person of that role can be the one asked about.
func holds(asked gateway.ActRole, role gateway.ActPartyRole) bool {
	switch role {
	case gateway.ActPartyRoleChild:
		return asked == gateway.ActRoleChild || asked == gateway.ActRoleSubject
	case gateway.ActPartyRoleSpouse:
		return asked == gateway.ActRoleSpouse || asked == gateway.ActRoleSubject
	case gateway.ActPartyRoleMother, gateway.ActPartyRoleFather, gateway.ActPartyRoleAdopter:
		return asked == gateway.ActRoleParent
	}
	return asked == gateway.ActRoleSubject // the deceased, the renamed
}
