// Package legalentity maps the operation legal-entity.search: what an
// organisation is, as the State Database of Legal Entities (ГБД ЮЛ) knows it, by
// its service GbdulInfoByBin_v2. The schema is contracts/registries/legal-entity;
// most names in it are ours, see contracts/divergences.md.
package legalentity

import (
	"strconv"

	"github.com/kopir-kz/kopir/adapters/internal/addressline"
	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/ident"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// Registry is the short name of the registry.
const Registry = "GBDUL"

const (
	namespace  = "http://gbdulinfobybin_v2.egp.gbdul.tamur.kz"
	writing    = "write request to GBDUL"
	readAnswer = "read answer of GBDUL"
)

// The names of the registry's dictionaries. None of their codes is public.
const (
	listStatus    = "entity_status"
	listType      = "entity_type"
	listLegalForm = "legal_form"
	listOwnership = "ownership"
	listSize      = "entity_size"
	listActivity  = "activity"
)

var contract = payload.Contract{ //nolint:gochecknoglobals // a constant table
	Registry: Registry,
	Code:     payload.CodeForm{Code: "Code", KK: "NameKz", RU: "NameRu"},
}

// Adapter implements gateway.Adapter for gateway.LegalEntityQuery; its facts are
// gateway.LegalEntity. It is safe for concurrent use.
type Adapter struct{ codes gateway.Codes }

// New makes the adapter; codes knows the dictionaries of the registry.
func New(codes gateway.Codes) *Adapter { return &Adapter{codes: codes} }

// Request writes a Request. Meta's SenderCode must be the BIN of our own
// organisation. The channel signs the document and sends it as text.
func (a *Adapter) Request(q gateway.Query, m gateway.Meta) ([]byte, error) {
	eq, err := query(q, writing)
	if err != nil {
		return nil, err
	}
	if _, err := ident.ParseBIN(m.SenderCode); err != nil {
		return nil, fault.New(fault.Internal, writing, "sender_code of the service profile is not the BIN of an organisation")
	}
	b := []byte(`<gbd:Request xmlns:gbd="` + namespace + `">`)
	b = payload.AppendElement(b, "RequestorBIN", m.SenderCode)
	b = payload.AppendElement(b, "BIN", eq.BIN)
	return append(b, "</gbd:Request>"...), nil
}

// Answer reads a Response. The channel has judged its status by the service
// profile; here an answer without Organization is "not found" if nothing in it
// could be an organisation under another name.
func (a *Adapter) Answer(q gateway.Query, _ gateway.Meta, p gateway.Payload) (gateway.Facts, error) {
	eq, err := query(q, readAnswer)
	if err != nil {
		return nil, err
	}
	r := payload.Read(&contract, p.Root, "Response", a.codes)
	if status := r.Sub("Status"); status != nil {
		status.Required("Code")
	} else {
		r.Fail("Status", "is missing")
	}
	var facts gateway.LegalEntity
	if o := r.Sub("Organization"); o != nil {
		facts = entity(o)
	} else {
		holdEmpty(r)
	}
	switch err := r.Err(); {
	case err != nil:
		return nil, err
	case facts.Found() && facts.BIN != eq.BIN:
		return nil, fault.New(fault.AnswerMismatch, readAnswer, "the answer is about another BIN")
	}
	return facts, nil
}

func query(q gateway.Query, op string) (gateway.LegalEntityQuery, error) {
	eq, ok := q.(gateway.LegalEntityQuery)
	if !ok {
		return gateway.LegalEntityQuery{}, fault.New(fault.Internal, op, "the query is no LegalEntityQuery")
	}
	return eq, nil
}

// holdEmpty holds that an answer without Organization has no structure in its
// place, an Organization that says nothing among them. IpsNerezident is one: what it says about a non-resident is not on public
// record, but it is not that there is none.
func holdEmpty(r *payload.Reader) {
	for c := range r.Node().Elements() {
		if c.Local() != "Status" && !isSignature(c) && !c.First().IsZero() {
			r.Fail("", "has no Organization, but a structure whose meaning is not known")
		}
	}
}

func isSignature(n xmltext.Node) bool {
	return n.Is("http://www.w3.org/2000/09/xmldsig#", "Signature")
}

func entity(r *payload.Reader) gateway.LegalEntity {
	var d payload.Doubts
	e := gateway.LegalEntity{
		BIN:       r.Required("BIN"),
		Name:      r.Pair("FullNameKz", "FullNameRu"),
		ShortName: r.Pair("ShortNameKz", "ShortNameRu"),
		LatinName: r.Text("FullNameLat"),

		Status:    r.Code("RegStatus", listStatus),
		Type:      r.Code("OrganizationType", listType),
		LegalForm: r.Code("LegalForm", listLegalForm),
		Ownership: r.Code("OwnershipForm", listOwnership),
		Size:      r.Code("EnterpriseSize", listSize),
		Activity:  r.Code("ActivityType", listActivity),

		Registration:     registration(r, "Registration", "/registration", &d),
		LastRegistration: registration(r, "ReRegistration", "/last_registration", &d),
		Address:          address(r.Sub("Address"), &d),
		Head:             person(r.Sub("Leader")),
		HeadBIN:          r.Text("HeadBIN"),
		Founders:         founders(r),
		Source:           gateway.Source{Registry: Registry, RecordedAt: r.Day("UpdateDate", "/source/recorded_at", &d)},
	}
	if e.Name == (gateway.LocalText{}) {
		d.Add(gateway.DoubtMissing, "/name")
	}
	if first, last := e.Registration.Date, e.LastRegistration.Date; last != "" && last < first {
		d.Add(gateway.DoubtOrder, "/last_registration/date")
	}
	doubtNumbers(&e, &d)
	e.Doubt = d.List
	return e
}

// registration maps the elements of a registration, which share a prefix.
func registration(r *payload.Reader, prefix, pointer string, d *payload.Doubts) gateway.Decision {
	return gateway.Decision{
		Number:    r.Text(prefix + "Number"),
		Date:      r.Day(prefix+"Date", pointer+"/date", d),
		Authority: r.Pair(prefix+"OrgKz", prefix+"OrgRu"),
	}
}

// person maps somebody named in a record; nil is nobody.
func person(r *payload.Reader) gateway.PersonRef {
	if r == nil {
		return gateway.PersonRef{}
	}
	return gateway.PersonRef{
		IIN:        r.Text("IIN"),
		Surname:    r.Text("Surname"),
		GivenName:  r.Text("Name"),
		SecondName: r.Text("Middlename"),
	}
}

// founders maps the founders, each once.
func founders(r *payload.Reader) []gateway.Founder {
	var all payload.Distinct[gateway.Founder]
	for f := range r.Each("Founders", "Founder") {
		if f.Blank() {
			continue
		}
		founder := gateway.Founder{Person: person(f.Sub("Person")), BIN: f.Text("BIN"), Name: f.Pair("NameKz", "NameRu")}
		all.Add(founder.Person.IIN+founder.BIN, founder)
	}
	return all.Values
}

// doubtNumbers doubts the numbers of others in the record; a wrong one is kept.
func doubtNumbers(e *gateway.LegalEntity, d *payload.Doubts) {
	iin := func(s, pointer string) {
		if _, err := ident.ParseIIN(s, ident.TestStand); s != "" && err != nil {
			d.Add(gateway.DoubtNumber, pointer)
		}
	}
	bin := func(s, pointer string) {
		if _, err := ident.ParseBIN(s); s != "" && err != nil {
			d.Add(gateway.DoubtNumber, pointer)
		}
	}
	iin(e.Head.IIN, "/head/iin")
	bin(e.HeadBIN, "/head_bin")
	for i, f := range e.Founders {
		pointer := "/founders/" + strconv.Itoa(i)
		iin(f.Person.IIN, pointer+"/person/iin")
		bin(f.BIN, pointer+"/bin")
	}
	if _, err := ident.ParseKATO(e.Address.KATO); e.Address.KATO != "" && err != nil {
		d.Add(gateway.DoubtNumber, "/address/kato")
	}
}

// address maps AddressType; nil is none. ATE, GeonimCode and the types of building
// and room have no place in our model.
func address(r *payload.Reader, d *payload.Doubts) gateway.Address {
	if r == nil {
		return gateway.Address{}
	}
	a := gateway.Address{
		District:            r.PairCode("", "DistrictKz", "DistrictRu", ""),
		Region:              r.PairCode("", "RegionKz", "RegionRu", ""),
		RuralDistrict:       r.Pair("RuralKz", "RuralRu"),
		Locality:            gateway.LocalText{KK: r.Part("CityKz"), RU: r.Part("CityRu")},
		Street:              r.Pair("StreetKz", "StreetRu"),
		Building:            r.Part("BuildingNumber"),
		Block:               either(r, "Corpus", "Block"),
		Flat:                either(r, "AppartmentNumber", "OfficeNumber"),
		PostalCode:          r.Part("ZIPCode"),
		KATO:                r.Part("KATO"),
		AddressRegisterCode: r.Part("RKA"),
		Source:              gateway.Source{Registry: Registry},
	}
	if a.Locality == (gateway.LocalText{}) {
		d.Add(gateway.DoubtMissing, "/address/locality")
	}
	a.FullAddress = addressline.Full(a)
	return a
}

// either is the first of two parts of which our model has one; both are read, so
// that neither stands there twice unnoticed.
func either(r *payload.Reader, name, otherwise string) string {
	first, second := r.Part(name), r.Part(otherwise)
	if first != "" {
		return first
	}
	return second
}
