// Package civilregistry maps the operation civil-act.search: births, deaths,
// marriages and the other civil acts, as the civil registry (АХАЖ, РАГС, once
// ЗАГС) knows them.
//
// Of its messages only the record of a birth is on public record. It is used as
// it is; the frame around it and the records of the other six kinds are a
// contract of ours, contracts/registries/civil-act. What of the two is a fact is
// listed in contracts/divergences.md.
//
// The rules of reading are those of package payload. A part in doubt is left out
// of its act and named in the act's doubts; the answer is refused where it could
// be about somebody else, or where an act cannot be told from another.
package civilregistry

import (
	"slices"
	"strings"

	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
)

// Registry is the short name of the registry.
const Registry = "ZAGS"

// Namespace is the namespace of the root elements Request and Response, and ours.
// Their children have none, as in the public record of a birth.
const Namespace = "https://github.com/kopir-kz/kopir/contracts/civil-act/1"

const (
	writeRequest = "write request to " + Registry
	readAnswer   = "read answer of " + Registry
)

// The code lists of contracts/codes that the dictionaries have. There is none of
// the offices: their codes are passed on as unknown.
const (
	listKind        = "act_kind"
	listStatus      = "act_status"
	listFatherBasis = "father_basis"
	listOffice      = "registry_office"
	listCountry     = "country"
)

// contract is how the registry writes its answers. Addresses and parents have
// the namespaces of ГБД ФЛ, should anybody qualify them.
var contract = payload.Contract{ //nolint:gochecknoglobals // a constant table
	Registry: Registry,
	Ours: func(space, root string) bool {
		return space == "" || space == root || space == Namespace ||
			strings.HasSuffix(space, ".info.zags.kz") || strings.HasSuffix(space, ".persistence.interactive.nat")
	},
	Code: payload.CodeForm{Code: "code", KK: "nameKz", RU: "nameRu", Changed: "changeDate"},
}

// Adapter implements gateway.Adapter for gateway.CivilActQuery; its facts are
// gateway.CivilActs. It is safe for concurrent use.
type Adapter struct{ codes gateway.Codes }

// New makes the adapter; codes knows the dictionaries of the registry.
func New(codes gateway.Codes) *Adapter { return &Adapter{codes: codes} }

// Request writes the search as the Request of the contract: by person and role,
// or by act. White space inside token and key, which the access control service
// (КДП) breaks into lines, is dropped.
func (a *Adapter) Request(q gateway.Query, m gateway.Meta) ([]byte, error) {
	aq, err := query(q, writeRequest)
	if err == nil {
		err = checkMeta(m)
	}
	if err != nil {
		return nil, err
	}
	b := make([]byte, 0, 640+len(m.ConsentToken)+len(m.ConsentKey))
	b = append(b, `<act:Request xmlns:act="`+Namespace+`">`...) // a prefix, so that children are unqualified
	b = payload.AppendElement(b, "messageId", m.MessageID)
	b = payload.AppendElement(b, "messageDate", m.Date.Format(payload.DateTime))
	b = payload.AppendElement(b, "senderCode", m.SenderCode)
	b = payload.AppendOptional(b, "iin", aq.IIN)
	b = payload.AppendOptional(b, "role", string(aq.Role))
	for _, kind := range aq.Kinds {
		b = payload.AppendElement(b, "actType", code(kind))
	}
	b = payload.AppendOptional(b, "numberAkt", aq.ActNumber)
	b = payload.AppendOptional(b, "zags", aq.RegistryOffice)
	b = payload.AppendOptional(b, "regDate", string(aq.RegistrationDate))
	if m.ConsentToken != "" {
		b = payload.AppendElement(b, "kdpToken", withoutSpace(m.ConsentToken))
		b = payload.AppendElement(b, "publicKey", withoutSpace(m.ConsentKey))
	}
	return append(b, "</act:Request>"...), nil
}

// Answer reads the acts of the registry's Response. Every one must fit the
// question: the person asked about in the role asked about, or the act asked for.
// Persons whom an act names without IIN may be the one asked about; the act is
// given with that doubt. An act that is listed twice is given once.
func (a *Adapter) Answer(q gateway.Query, m gateway.Meta, p gateway.Payload) (gateway.Facts, error) {
	aq, err := query(q, readAnswer)
	if err != nil {
		return nil, err
	}
	r, result, err := a.open(p, m)
	if err != nil {
		return nil, err
	}
	acts := slices.Collect(r.Each("acts", "act"))
	if len(acts) > maxActs {
		r.Fail("acts", "holds more acts than anybody's life")
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	if len(acts) == 0 {
		return gateway.CivilActs{}, holdEmpty(r, result)
	}
	all := collection{acts: make([]gateway.CivilAct, 0, len(acts)), first: make(map[key]int, len(acts))}
	for _, s := range acts {
		act := readAct(s, aq)
		if err := r.Err(); err != nil {
			return nil, err
		}
		if !fits(&act, aq) {
			return nil, fault.New(fault.AnswerMismatch, readAnswer, "the answer holds an act that was not asked for")
		}
		all.add(act)
	}
	return all.judged(), nil
}

// maxActs bounds an answer: an act in Go is many times the size of the least one
// on the wire.
const maxActs = 256

func query(q gateway.Query, op string) (gateway.CivilActQuery, error) {
	aq, ok := q.(gateway.CivilActQuery)
	if !ok || (aq.IIN == "") == (aq.ActNumber == "") {
		return gateway.CivilActQuery{}, fault.New(fault.Internal, op, "the query is no CivilActQuery of one mode")
	}
	return aq, nil
}

// maxMessageID is the length of messageId in the contract, where the characters
// must be visible Latin ones.
const maxMessageID = 36

func checkMeta(m gateway.Meta) error {
	switch {
	case m.MessageID == "" || len(m.MessageID) > maxMessageID || strings.ContainsFunc(m.MessageID, func(c rune) bool { return c <= ' ' || c > '~' }):
		return fault.New(fault.Internal, writeRequest, "messageId must have 1 to 36 Latin characters")
	case m.Date.IsZero():
		return fault.New(fault.Internal, writeRequest, "the message has no date")
	case (m.ConsentToken == "") != (m.ConsentKey == ""):
		return fault.New(fault.Internal, writeRequest, "a consent token and its key come together")
	}
	return nil
}

func withoutSpace(s string) string { return strings.Join(strings.Fields(s), "") }
