// Package addressobject maps the operation address-object.search: what stands
// behind a code of the Address Register (РКА). No service of the register is on
// public record; the contract, contracts/registries/address-object, is ours, after
// the register's data model.
package addressobject

import (
	"github.com/kopir-kz/kopir/adapters/internal/addressline"
	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/ident"
)

// Registry is the short name of the Address Register.
const Registry = "AR"

// Namespace is that of the root elements Request and Response; their children
// have none.
const Namespace = "https://github.com/kopir-kz/kopir/contracts/address-object/1"

const (
	writeRequest = "write request to " + Registry
	readAnswer   = "read answer of " + Registry
)

// The code lists of the register.
const (
	listType  = "address_object_type"
	listLevel = "address_unit_level"
)

var contract = payload.Contract{ //nolint:gochecknoglobals // a constant table
	Registry: Registry,
	Code:     payload.CodeForm{Code: "code", KK: "nameKz", RU: "nameRu", Changed: "changeDate"},
}

// Adapter implements gateway.Adapter for gateway.AddressObjectQuery; its facts are
// gateway.AddressObjects. It is safe for concurrent use.
type Adapter struct{ codes gateway.Codes }

// New makes the adapter; codes knows the lists of the register.
func New(codes gateway.Codes) *Adapter { return &Adapter{codes: codes} }

// Request writes the search by code.
func (a *Adapter) Request(q gateway.Query, m gateway.Meta) ([]byte, error) {
	code, err := asked(q, writeRequest)
	if err != nil {
		return nil, err
	}
	if m.MessageID == "" || m.Date.IsZero() || (m.ConsentToken == "") != (m.ConsentKey == "") {
		return nil, fault.New(fault.Internal, writeRequest, "the message has no id or no date, or half a consent")
	}
	b := make([]byte, 0, 512+len(m.ConsentToken)+len(m.ConsentKey))
	b = append(b, `<ar:Request xmlns:ar="`+Namespace+`">`...)
	b = payload.AppendElement(b, "messageId", m.MessageID)
	b = payload.AppendElement(b, "messageDate", m.Date.Format(payload.DateTime))
	b = payload.AppendElement(b, "senderCode", m.SenderCode)
	b = payload.AppendElement(b, "rca", code)
	b = payload.AppendOptional(b, "kdpToken", m.ConsentToken)
	b = payload.AppendOptional(b, "publicKey", m.ConsentKey)
	return append(b, "</ar:Request>"...), nil
}

// processed is the code of messageResult for an answer that is no error.
const processed = "00000"

// Answer reads the objects. Every one must have the code that was asked for.
func (a *Adapter) Answer(q gateway.Query, m gateway.Meta, p gateway.Payload) (gateway.Facts, error) {
	code, err := asked(q, readAnswer)
	if err != nil {
		return nil, err
	}
	r := payload.Read(&contract, p.Root, "Response", a.codes)
	if id := r.Text("requestId"); id != "" && id != m.MessageID {
		return nil, fault.New(fault.AnswerMismatch, readAnswer, "requestId is not our messageId")
	}
	result := ""
	if s := r.Sub("messageResult"); s != nil {
		result = s.Required("code")
	} else {
		r.Fail("messageResult", "is missing")
	}
	facts := gateway.AddressObjects{}
	for o := range r.Each("objects", "object") {
		if rca := o.Required("rca"); rca != "" && rca != code {
			return nil, fault.New(fault.AnswerMismatch, readAnswer, "the answer is about another code")
		}
		facts = append(facts, object(o))
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	if len(facts) == 0 && result != processed {
		return nil, fault.New(fault.RegistryFault, readAnswer, "messageResult reports an error")
	}
	return facts, nil
}

func asked(q gateway.Query, op string) (string, error) {
	aq, ok := q.(gateway.AddressObjectQuery)
	if !ok || aq.AddressRegisterCode == "" {
		return "", fault.New(fault.Internal, op, "the query is no AddressObjectQuery with a code")
	}
	return aq.AddressRegisterCode, nil
}

// object maps one object.
func object(r *payload.Reader) gateway.AddressObject {
	var d payload.Doubts
	o := gateway.AddressObject{
		Type:    r.RequiredCode("type", listType),
		Actual:  r.Required("actual") != "" && r.Bool("actual"),
		Address: address(r, &d),
		Source:  gateway.Source{Registry: Registry, RecordedAt: r.Day("changeDate", "/source/recorded_at", &d)},
	}
	d.Code(o.Type, "/type")
	o.Doubt = d.List
	return o
}

// address maps where an object is: units from the region down, street, numbers.
func address(r *payload.Reader, d *payload.Doubts) gateway.Address {
	a := gateway.Address{
		Building: r.Part("building"), Block: r.Part("corpus"), Flat: r.Part("flat"), PostalCode: r.Part("zip"),
		AddressRegisterCode: r.Text("rca"),
	}
	units := 0
	for u := range r.All("ats") {
		unit(u, &a, d)
		units++
	}
	if units == 0 {
		d.Add(gateway.DoubtMissing, "/address")
	}
	if street := r.Sub("geonim"); street != nil {
		a.Street = street.Pair("nameKz", "nameRu")
	}
	a.FullAddress = addressline.Full(a)
	return a
}

// unit puts an administrative unit into its place in the address. KATO is that of
// the lowest unit which has one.
func unit(r *payload.Reader, a *gateway.Address, d *payload.Doubts) {
	level := r.RequiredCode("level", listLevel)
	name := r.Pair("nameKz", "nameRu")
	var taken bool
	switch level.Code {
	case "region":
		a.District, taken = gateway.Code{Code: r.Text("rco"), KK: name.KK, RU: name.RU}, a.District != gateway.Code{}
	case "district":
		a.Region, taken = gateway.Code{Code: r.Text("rco"), KK: name.KK, RU: name.RU}, a.Region != gateway.Code{}
	case "rural_district":
		a.RuralDistrict, taken = name, a.RuralDistrict != gateway.LocalText{}
	case "locality":
		a.Locality, taken = name, a.Locality != gateway.LocalText{}
	default:
		d.Code(level, "/address")
		return
	}
	if taken {
		r.Fail("level", "stands there twice")
	}
	kato := r.Text("cato")
	if _, err := ident.ParseKATO(kato); err == nil {
		a.KATO = kato
	} else if kato != "" {
		d.Add(gateway.DoubtNumber, "/address/kato")
	}
}
