// Package trustee maps the operation trustee.search: who is whose guardian or
// trustee, as the Ministry of Education (МОН) knows it. Only the type eTrustee is
// on public record; the rest of contracts/registries/trustee is a contract of ours,
// see contracts/divergences.md.
package trustee

import (
	"time"

	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/ident"
)

// Registry is the short name of the registry.
const Registry = "MON"

const (
	namespace  = "urn:kopir:contract:trustee:1"
	writing    = "write request to MON"
	readAnswer = "read answer of MON"
)

var contract = payload.Contract{Registry: Registry} //nolint:gochecknoglobals // a constant

// Adapter implements gateway.Adapter for gateway.GuardianshipQuery; its facts are
// gateway.Guardianships. It is safe for concurrent use.
type Adapter struct{ codes gateway.Codes }

// New makes the adapter; codes is for the reader, the registry sends none.
func New(codes gateway.Codes) *Adapter { return &Adapter{codes: codes} }

// Request writes a TrusteeRequest.
func (a *Adapter) Request(q gateway.Query, m gateway.Meta) ([]byte, error) {
	gq, err := query(q, writing)
	if err != nil {
		return nil, err
	}
	if m.MessageID == "" {
		return nil, fault.New(fault.Internal, writing, "the message has no id")
	}
	b := make([]byte, 0, 256)
	b = append(b, `<t:TrusteeRequest xmlns:t="`+namespace+`">`...)
	b = payload.AppendElement(b, "requestId", m.MessageID)
	b = payload.AppendElement(b, "iin", gq.IIN)
	b = payload.AppendElement(b, "role", string(gq.Role))
	return append(b, "</t:TrusteeRequest>"...), nil
}

// Answer reads a TrusteeResponse. The channel has judged its result by the service
// profile; here an answer without person is "not found" if nothing in it could be
// one under another name. Equal records are given once.
func (a *Adapter) Answer(q gateway.Query, m gateway.Meta, p gateway.Payload) (gateway.Facts, error) {
	gq, err := query(q, readAnswer)
	if err != nil {
		return nil, err
	}
	r := payload.Read(&contract, p.Root, "TrusteeResponse", a.codes)
	if id := r.Text("requestId"); id != "" && id != m.MessageID {
		return nil, fault.New(fault.AnswerMismatch, readAnswer, "requestId is not our messageId")
	}
	if result := r.Sub("messageResult"); result != nil {
		result.Required("code")
	} else {
		r.Fail("messageResult", "is missing")
	}
	all := gateway.Guardianships{}
	if s := r.Sub("person"); s != nil {
		if iin := s.Required("iin"); iin != "" && iin != gq.IIN {
			return nil, fault.New(fault.AnswerMismatch, readAnswer, "the answer is about another IIN")
		}
		all = records(s, gq)
	} else {
		holdEmpty(r)
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	return all, nil
}

func query(q gateway.Query, op string) (gateway.GuardianshipQuery, error) {
	gq, ok := q.(gateway.GuardianshipQuery)
	if !ok || gq.IIN == "" || !gq.Role.Valid() {
		return gateway.GuardianshipQuery{}, fault.New(fault.Internal, op, "the query is no GuardianshipQuery with an IIN and a role")
	}
	return gq, nil
}

// holdEmpty holds that an answer without person has no structure in its place, a
// person that says nothing among them.
func holdEmpty(r *payload.Reader) {
	for c := range r.Node().Elements() {
		empty := c.First().IsZero() && c.Local() != "person" || c.Nil()
		if c.Local() != "messageResult" && !payload.IsSignature(c) && !empty {
			r.Fail("", "has no person, but a structure that could be one")
		}
	}
}

// record is what an eTrustee says, without what we make of it.
type record struct {
	kind     gateway.GuardianshipKind
	other    gateway.PersonRef
	from, to gateway.Date
}

func records(r *payload.Reader, q gateway.GuardianshipQuery) gateway.Guardianships {
	all := gateway.Guardianships{}
	taken := map[record]struct{}{}
	met := map[string]gateway.PersonRef{}
	two := map[string]struct{}{} // IINs that two people have
	for s := range r.All("eTrustee") {
		one, doubts := read(s, named(q.Role))
		if _, repeated := taken[one]; repeated {
			continue
		}
		taken[one] = struct{}{}
		if first, again := met[one.other.IIN]; again && one.other.IIN != "" && apart(first, one.other) {
			two[one.other.IIN] = struct{}{}
		} else if !again {
			met[one.other.IIN] = one.other
		}
		all = append(all, guardianship(one, doubts, q))
	}
	for i := range all {
		g := &all[i]
		other := &g.Guardian
		if q.Role == gateway.GuardianshipRoleGuardian {
			other = &g.Ward
		}
		if _, several := two[other.IIN]; several {
			g.Doubt = append(g.Doubt, gateway.NewDoubt(gateway.DoubtIdentity, named(q.Role)))
		}
	}
	return all
}

// named points at the person whom the records name: the other one than was asked
// about.
func named(role gateway.GuardianshipRole) string {
	if role == gateway.GuardianshipRoleWard {
		return "/guardian"
	}
	return "/ward"
}

// apart tells two people of one IIN from one: by another birth date, or names
// without a word in common.
func apart(a, b gateway.PersonRef) bool {
	return a.BirthDate != "" && b.BirthDate != "" && !a.BirthDate.Agrees(b.BirthDate) || payload.Apart(name(a), name(b))
}

func name(p gateway.PersonRef) string { return p.Surname + " " + p.GivenName + " " + p.SecondName }

// read reads an eTrustee; at points at the person whom it names.
func read(r *payload.Reader, at string) (record, payload.Doubts) {
	var d payload.Doubts
	one := record{
		kind: kind(r, &d),
		other: gateway.PersonRef{
			IIN:        r.Text("iin"),
			Surname:    r.Text("surName"),
			GivenName:  r.Text("name"),
			SecondName: r.Text("middleName"),
			BirthDate:  r.PartialDay("birthDate", at+"/birth_date", &d),
		},
		from: r.Day("solutionDate", "/decision/date", &d),
		to:   r.Day("solutionFinishDate", "/end_date", &d),
	}
	if one.to != "" && one.to < one.from {
		d.Add(gateway.DoubtOrder, "/end_date")
	}
	if one.other.IIN != "" {
		checkPerson(one.other, at, &d)
	}
	return one, d
}

// kind reads the boolean guardian; without it, or with another word, nobody knows.
func kind(r *payload.Reader, d *payload.Doubts) gateway.GuardianshipKind {
	switch r.Text("guardian") {
	case "true", "1":
		return gateway.GuardianshipKindGuardianship
	case "false", "0":
		return gateway.GuardianshipKindTrusteeship
	case "":
		d.Add(gateway.DoubtMissing, "/kind")
	default:
		d.Add(gateway.DoubtRange, "/kind")
	}
	return gateway.GuardianshipKindUnknown
}

// checkPerson doubts an IIN that is none, and a birth date of another IIN.
func checkPerson(p gateway.PersonRef, at string, d *payload.Doubts) {
	n, err := ident.ParseIIN(p.IIN, ident.TestStand)
	if err != nil {
		d.Add(gateway.DoubtNumber, at+"/iin")
		return
	}
	year, month, day := n.BirthDate()
	if born := gateway.WholeDate(gateway.DateOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))); p.BirthDate != "" && !p.BirthDate.Agrees(born) {
		d.Add(gateway.DoubtAgreement, at+"/birth_date")
	}
}

func guardianship(one record, d payload.Doubts, q gateway.GuardianshipQuery) gateway.Guardianship {
	g := gateway.Guardianship{
		Kind:     one.kind,
		Guardian: gateway.PersonRef{IIN: q.IIN},
		Ward:     one.other,
		Decision: gateway.Decision{Date: one.from},
		EndDate:  one.to,
		Source:   gateway.Source{Registry: Registry},
	}
	if q.Role == gateway.GuardianshipRoleWard {
		g.Guardian, g.Ward = g.Ward, g.Guardian
	}
	if one.other.IIN == q.IIN {
		d.Add(gateway.DoubtAgreement, named(q.Role)+"/iin") // nobody is his own guardian
	}
	g.Doubt = d.List
	return g
}
