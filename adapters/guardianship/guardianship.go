// Package guardianship maps the operation guardianship.search: who is whose
// guardian, as the local executive bodies (акимат) know it. The schema is
// contracts/registries/guardianship; what in it is ours is listed in
// contracts/divergences.md.
//
// The record is flat, and every element of it is required but nillable: nil says
// that there is no such thing, absence says nothing at all and is doubted. No
// element ties an answer to its question, so the service profile demands the
// correlationId of the envelope, and every record must name the person asked
// about in the role asked about.
package guardianship

import (
	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// Registry is the short name of the registry.
const Registry = "AKIMAT"

const (
	namespace  = "http://helpers.guardianship.service.akimat.shep.nit"
	writing    = "write request to AKIMAT"
	readAnswer = "read answer of AKIMAT"
	recordName = "GetGuardianshipResponse"
	listName   = "GetGuardianshipResponses"
)

var contract = payload.Contract{Registry: Registry} //nolint:gochecknoglobals // a constant

// Adapter implements gateway.Adapter for gateway.GuardianshipQuery; its facts are
// gateway.Guardianships. It is safe for concurrent use.
type Adapter struct{ codes gateway.Codes }

// New makes the adapter; codes knows the dictionaries of the registry.
func New(codes gateway.Codes) *Adapter { return &Adapter{codes: codes} }

// Request writes a GetGuardianshipRequest, which names the person by the element
// that answers have for the role.
func (a *Adapter) Request(q gateway.Query, _ gateway.Meta) ([]byte, error) {
	gq, err := query(q, writing)
	if err != nil {
		return nil, err
	}
	b := make([]byte, 0, 256)
	b = append(b, `<g:GetGuardianshipRequest xmlns:g="`+namespace+`">`...)
	b = payload.AppendElement(b, iinOf(gq.Role), gq.IIN)
	return append(b, "</g:GetGuardianshipRequest>"...), nil
}

// Answer reads one record or a list of them, each once. A record whose elements
// are all nil is "not found", and so is a list without any.
func (a *Adapter) Answer(q gateway.Query, _ gateway.Meta, p gateway.Payload) (gateway.Facts, error) {
	gq, err := query(q, readAnswer)
	if err != nil {
		return nil, err
	}
	root := payload.Frame(p.Root, isAnswer)
	if root.IsZero() {
		return nil, fault.New(fault.ContractViolation, readAnswer, "there is neither a record nor a list of them")
	}
	all := collection{query: gq}
	if isRecord(root) {
		err = all.take(payload.Read(&contract, root, recordName, a.codes))
	} else {
		r := payload.Read(&contract, root, listName, a.codes)
		for s := range r.All(recordName) {
			if err == nil {
				err = all.take(s)
			}
		}
		holdEmpty(r, len(all.facts))
		if err == nil {
			err = r.Err()
		}
	}
	if err != nil {
		return nil, err
	}
	return all.done(), nil
}

// holdEmpty holds that a list without records has no structure in it, which could
// be records under another name.
func holdEmpty(r *payload.Reader, records int) {
	for c := range r.Node().Elements() {
		if records == 0 && c.Local() != recordName && !payload.IsSignature(c) && !c.First().IsZero() {
			r.Fail("", "has no record, but a structure that could be one")
		}
	}
}

func query(q gateway.Query, op string) (gateway.GuardianshipQuery, error) {
	gq, ok := q.(gateway.GuardianshipQuery)
	if !ok || gq.IIN == "" || !gq.Role.Valid() {
		return gateway.GuardianshipQuery{}, fault.New(fault.Internal, op, "the query is no GuardianshipQuery with an IIN and a role")
	}
	return gq, nil
}

// iinOf names the element with the IIN of a role.
func iinOf(role gateway.GuardianshipRole) string {
	if role == gateway.GuardianshipRoleWard {
		return "child_iin"
	}
	return "req_iin"
}

func isAnswer(n xmltext.Node) bool {
	return n.Local() == listName || !n.ChildNamed(recordName).IsZero() || isRecord(n)
}

// isRecord tells a record by any two of its elements, for one may be missing.
func isRecord(n xmltext.Node) bool {
	found := 0
	for c := range n.Elements() {
		if _, ours := parts[c.Local()]; ours {
			found++
		}
	}
	return found >= 2
}
