package civilregistry

import (
	"strconv"

	"github.com/kopir-kz/kopir/adapters/internal/gbdfl"
	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
)

// record is one kind of act on the wire.
type record struct {
	code    string // of actType, on the list act_kind
	element string
	kind    gateway.ActKind
	// public tells that the record is the one on public record, in which every
	// field is optional.
	public  bool
	persons []member
}

// member is an element of a record that holds a person.
type member struct {
	element string
	role    gateway.ActPartyRole
	must    bool // the contract demands the person
}

var records = [...]record{ //nolint:gochecknoglobals // a constant table
	{"01", "birthAktRecord", gateway.ActKindBirth, true, []member{
		{"child", gateway.ActPartyRoleChild, false}, {"mother", gateway.ActPartyRoleMother, false}, {"father", gateway.ActPartyRoleFather, false},
	}},
	{"02", "deathAktRecord", gateway.ActKindDeath, false, []member{{"deceased", gateway.ActPartyRoleDeceased, true}}},
	{"03", "marriageAktRecord", gateway.ActKindMarriage, false, []member{
		{"husband", gateway.ActPartyRoleSpouse, true}, {"wife", gateway.ActPartyRoleSpouse, true},
	}},
	{"04", "divorceAktRecord", gateway.ActKindDivorce, false, []member{
		{"husband", gateway.ActPartyRoleSpouse, true}, {"wife", gateway.ActPartyRoleSpouse, true},
	}},
	{"05", "nameChangeAktRecord", gateway.ActKindNameChange, false, []member{{"person", gateway.ActPartyRoleRenamed, true}}},
	{"06", "adoptionAktRecord", gateway.ActKindAdoption, false, []member{
		{"child", gateway.ActPartyRoleChild, true}, {"adoptiveMother", gateway.ActPartyRoleAdopter, false}, {"adoptiveFather", gateway.ActPartyRoleAdopter, false},
	}},
	{"07", "paternityAktRecord", gateway.ActKindPaternity, false, []member{
		{"child", gateway.ActPartyRoleChild, true}, {"mother", gateway.ActPartyRoleMother, false}, {"father", gateway.ActPartyRoleFather, true},
	}},
}

// code is the code of a kind of act in requests, where the same list holds.
func code(kind gateway.ActKind) string {
	for _, r := range records {
		if r.kind == kind {
			return r.code
		}
	}
	return "" // the query has passed its Check: it has no other kinds
}

// reading is one act while it is read.
type reading struct {
	gateway.CivilAct
	doubts payload.Doubts
}

// readAct maps one act element. What was asked decides what must be there: an
// act that was asked for by its number, office and date must show them.
func readAct(r *payload.Reader, q gateway.CivilActQuery) gateway.CivilAct {
	a := reading{CivilAct: gateway.CivilAct{
		Type:         r.RequiredCode("actType", listKind),
		Country:      r.Code("country", listCountry),
		Status:       r.Code("status", listStatus),
		FatherBasis:  r.Code("fatherBasis", listFatherBasis),
		EventPlace:   gbdfl.Place(r, "eventPlace"),
		Certificates: []gateway.Certificate{},
		Parties:      []gateway.ActParty{},
	}}
	a.doubts.Code(a.Type, "/type")
	a.doubts.Code(a.Status, "/status")
	a.EventDate = r.PartialDay("eventDate", "/event_date", &a.doubts)
	a.record(r, q.ActNumber != "")
	a.certificates(r)
	a.decision(r)
	a.order()
	a.Source = gateway.Source{Registry: Registry, RecordedAt: a.RegistrationDate}
	a.Doubt = a.doubts.List
	return a.CivilAct
}

// record reads the record of whatever kind stands there; the kind is given if
// record and entry agree on it. identified tells that the act was asked for by
// number, office and date.
func (a *reading) record(r *payload.Reader, identified bool) {
	var kind record
	var s *payload.Reader
	for _, k := range records {
		switch sub := r.Sub(k.element); {
		case sub == nil:
		case s != nil:
			r.Fail("", "holds records of two kinds")
			return
		default:
			kind, s = k, sub
		}
	}
	if s == nil {
		a.doubts.Add(gateway.DoubtMissing, "")
		return
	}
	switch {
	case !a.Type.Known: // in doubt already
	case a.Type.Code == kind.code:
		a.Kind = kind.kind
	default:
		a.doubts.Add(gateway.DoubtAgreement, "/type")
	}
	must := identified || !kind.public
	a.RegistryOffice = s.Code("zags", listOffice)
	a.ActNumber = s.Text("numberAkt")
	a.RegistrationDate = s.Day("regDate", "/registration_date", &a.doubts)
	if must {
		a.demand(a.RegistryOffice.Code, "/registry_office")
		a.demand(a.ActNumber, "/act_number")
		a.demand(s.Text("regDate"), "/registration_date")
	}
	a.Parties = make([]gateway.ActParty, 0, len(kind.persons))
	for _, m := range kind.persons {
		if one := s.Sub(m.element); one != nil {
			a.party(one, m.role)
		} else if m.must {
			a.doubts.Add(gateway.DoubtMissing, "/parties")
		}
	}
	if kind.public {
		a.birth(s.Sub("child"))
	}
}

// demand doubts a part that the contract demands and that did not come.
func (a *reading) demand(text, pointer string) {
	if text == "" {
		a.doubts.Add(gateway.DoubtMissing, pointer)
	}
}

// birth takes day and place of a birth from the child, where the public record
// has them.
func (a *reading) birth(child *payload.Reader) {
	if child == nil {
		return
	}
	if place := gbdfl.Place(child, "birthAddress"); place != (gateway.Address{}) {
		a.EventPlace = place
	}
	switch born := a.Parties[0].Person.BirthDate; {
	case a.EventDate == "":
		a.EventDate = born
	case !a.EventDate.Agrees(born):
		a.doubts.Add(gateway.DoubtAgreement, "/event_date")
	}
}

func (a *reading) certificates(r *payload.Reader) {
	var all payload.Distinct[gateway.Certificate]
	for s := range r.Each("certificates", "certificate") {
		if s.Blank() {
			continue
		}
		c := gateway.Certificate{Number: s.Text("number"), IssuerName: s.Text("issueOrganisation")}
		if c.Number == "" { // a certificate without its number is none
			a.doubts.Add(gateway.DoubtMissing, "/certificates")
			continue
		}
		at := "/certificates/" + strconv.Itoa(len(all.Values)) + "/begin_date"
		var doubts payload.Doubts
		c.BeginDate = s.Day("beginDate", at, &doubts)
		if !c.BeginDate.IsZero() && c.BeginDate < a.RegistrationDate {
			doubts.Add(gateway.DoubtAgreement, at)
		}
		known := len(all.Values)
		if all.Add(c.Number, c); len(all.Values) > known {
			a.doubts.List = append(a.doubts.List, doubts.List...)
		}
	}
	a.Certificates = append(a.Certificates, all.Values...)
}

func (a *reading) decision(r *payload.Reader) {
	s := r.Sub("decision")
	if s == nil {
		return
	}
	a.Decision = gateway.Decision{
		Number:        s.Text("number"),
		Date:          s.Day("date", "/decision/date", &a.doubts),
		EffectiveDate: s.Day("effectiveDate", "/decision/effective_date", &a.doubts),
		Authority:     s.Pair("authorityKz", "authorityRu"),
		Reason:        s.Pair("reasonKz", "reasonRu"),
	}
	if !a.Decision.EffectiveDate.IsZero() && a.Decision.EffectiveDate < a.Decision.Date {
		a.doubts.Add(gateway.DoubtOrder, "/decision/effective_date")
	}
}

// order doubts an event after its registration. An event of which only the year
// or the month is known is compared by that.
func (a *reading) order() {
	registered := gateway.WholeDate(a.RegistrationDate)
	if n := len(a.EventDate); registered != "" && a.EventDate > registered[:min(n, len(registered))] {
		a.doubts.Add(gateway.DoubtAgreement, "/event_date")
	}
}
