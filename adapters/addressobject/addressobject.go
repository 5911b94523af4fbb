// Package addressobject maps the operation address-object.search: what the Address
// Register (ИС АР) knows behind a code of an address (РКА). The schema,
// contracts/registries/address-object, is a contract of ours after the public data
// model of the register: no service of it is on public record.
package addressobject

import (
	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
)

// Registry is the short name of the register.
const Registry = "AR"

const (
	namespace  = "urn:kopir:contract:address-object:1"
	writing    = "write request to AR"
	readAnswer = "read answer of AR"
)

// The code lists of contracts/codes.
const (
	listObject = "address_object"
	listStatus = "address_object_status"
	listUnit   = "address_unit"
)

var contract = payload.Contract{ //nolint:gochecknoglobals // a constant table
	Registry: Registry,
	Code:     payload.CodeForm{Code: "code", KK: "nameKz", RU: "nameRu"},
}

// Adapter implements gateway.Adapter for gateway.AddressObjectQuery; its facts are
// gateway.AddressObjects. It is safe for concurrent use.
type Adapter struct{ codes gateway.Codes }

// New makes the adapter; codes knows the dictionaries of the register.
func New(codes gateway.Codes) *Adapter { return &Adapter{codes: codes} }

// Request writes an AddressObjectRequest.
func (a *Adapter) Request(q gateway.Query, m gateway.Meta) ([]byte, error) {
	aq, err := query(q, writing)
	if err != nil {
		return nil, err
	}
	if m.MessageID == "" {
		return nil, fault.New(fault.Internal, writing, "the message has no id")
	}
	b := make([]byte, 0, 256)
	b = append(b, `<ar:AddressObjectRequest xmlns:ar="`+namespace+`">`...)
	b = payload.AppendElement(b, "requestId", m.MessageID)
	b = payload.AppendElement(b, "rca", aq.AddressRegisterCode)
	return append(b, "</ar:AddressObjectRequest>"...), nil
}

// Answer reads an AddressObjectResponse. The channel has judged its result by the
// service profile; here an answer without objects is "not found" if nothing in it
// could be one under another name. Every object must have the code asked about;
// equal ones are given once.
func (a *Adapter) Answer(q gateway.Query, m gateway.Meta, p gateway.Payload) (gateway.Facts, error) {
	aq, err := query(q, readAnswer)
	if err != nil {
		return nil, err
	}
	r := payload.Read(&contract, p.Root, "AddressObjectResponse", a.codes)
	if id := r.Text("requestId"); id != "" && id != m.MessageID {
		return nil, fault.New(fault.AnswerMismatch, readAnswer, "requestId is not our messageId")
	}
	if result := r.Sub("messageResult"); result != nil {
		result.Required("code")
	} else {
		r.Fail("messageResult", "is missing")
	}
	all := gateway.AddressObjects{}
	taken := map[record]struct{}{}
	for s := range r.Each("objects", "object") {
		if s.Blank() {
			continue
		}
		o := object(s)
		if code := o.Address.AddressRegisterCode; code != "" && code != aq.AddressRegisterCode {
			return nil, fault.New(fault.AnswerMismatch, readAnswer, "the answer is about another code")
		}
		k := record{o.Type, o.Status, o.Address}
		if _, repeated := taken[k]; !repeated {
			taken[k] = struct{}{}
			all = append(all, o)
		}
	}
	if len(all) == 0 {
		holdEmpty(r)
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	return all, nil
}

// record is what an object says, without what we make of it.
type record struct {
	kind, status gateway.Code
	address      gateway.Address
}

func query(q gateway.Query, op string) (gateway.AddressObjectQuery, error) {
	aq, ok := q.(gateway.AddressObjectQuery)
	if !ok || aq.AddressRegisterCode == "" {
		return gateway.AddressObjectQuery{}, fault.New(fault.Internal, op, "the query is no AddressObjectQuery with a code")
	}
	return aq, nil
}

// holdEmpty holds that an answer without objects has no structure in their place.
func holdEmpty(r *payload.Reader) {
	for c := range r.Node().Elements() {
		switch c.Local() {
		case "messageResult", "objects":
			continue
		}
		if !payload.IsSignature(c) && !c.First().IsZero() {
			r.Fail("", "has no objects, but a structure that could be one")
		}
	}
}

// object maps an object with all that it lies in.
func object(r *payload.Reader) gateway.AddressObject {
	var d payload.Doubts
	o := gateway.AddressObject{
		Type:    r.RequiredCode("type", listObject),
		Address: gateway.Address{AddressRegisterCode: r.Required("rca")},
		Source:  gateway.Source{Registry: Registry},
	}
	if actual := r.Text("actual"); actual != "" {
		o.Status = r.Known(boolean(actual), listStatus)
		d.Code(o.Status, "/status")
	} else {
		d.Add(gateway.DoubtMissing, "/status")
	}
	units(r, &o.Address, &d)
	place(r, &o, &d)
	o.Address.FullAddress = payload.FullAddress(o.Address)
	o.Doubt = d.List
	return o
}

// boolean is an xsd:boolean in words; any other text is left as it is.
func boolean(s string) string {
	switch s {
	case "1":
		return "true"
	case "0":
		return "false"
	}
	return s
}

// units maps the administrative units, in whatever order they come; one of a kind
// we do not know has no place in an address, and neither has a second one of a kind.
func units(r *payload.Reader, a *gateway.Address, d *payload.Doubts) {
	deepest, came := -1, map[string]struct{}{}
	for s := range r.All("s_ats") {
		kind := s.RequiredCode("type", listUnit)
		depth := -1
		if _, again := came[kind.Code]; again {
			s.Fail("type", "stands there twice")
		}
		came[kind.Code] = struct{}{}
		switch it := unit(s); kind.Code {
		case "region":
			depth, a.District = 0, it
		case "district":
			depth, a.Region = 1, it
		case "rural_district":
			depth, a.RuralDistrict = 2, gateway.LocalText{KK: it.KK, RU: it.RU}
		case "locality":
			depth, a.Locality = 3, gateway.LocalText{KK: it.KK, RU: it.RU}
		default:
			d.Add(gateway.DoubtCode, "/address")
		}
		if cato := s.Text("cato"); cato != "" && depth > deepest {
			deepest, a.KATO = depth, cato
		}
	}
	if len(came) == 0 {
		d.Add(gateway.DoubtMissing, "/address")
	}
}

// unit is a unit with its code in the register (РКО), of which there is no list.
func unit(r *payload.Reader) gateway.Code {
	return gateway.Code{Code: r.Text("rco"), KK: r.Text("nameKz"), RU: r.Text("nameRu")}
}

// place maps the street, the building and the room. The object is of a table, and
// what that table says of it must be there.
func place(r *payload.Reader, o *gateway.AddressObject, d *payload.Doubts) {
	if s := r.Sub("s_geonims"); s != nil {
		o.Address.Street = s.Pair("nameKz", "nameRu")
	}
	ground, building, room := r.Sub("s_grounds"), r.Sub("s_buildings"), r.Sub("s_pb")
	if building != nil {
		o.Address.Building, o.Address.Block = building.Text("number"), building.Text("corpus")
	}
	if room != nil {
		o.Address.Flat = room.Text("number")
	}
	d.Code(o.Type, "/type")
	switch code := o.Type.Code; {
	case code == "s_grounds" && ground == nil, code == "s_buildings" && building == nil, code == "s_pb" && room == nil:
		d.Add(gateway.DoubtAgreement, "/type")
	}
}
