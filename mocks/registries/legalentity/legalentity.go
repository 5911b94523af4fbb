// Package legalentity is the mock of ГБД ЮЛ, the State Database of Legal Entities:
// its service GbdulInfoByBin_v2.
//
// It reads the request and writes the answer element by element as the contract
// has them (contracts/registries/legal-entity). The codes of Status and most
// names in an organisation are of a contract of ours.
package legalentity

import (
	"strings"

	"github.com/beevik/etree"

	"github.com/kopir-kz/kopir/gateway/ident"
	"github.com/kopir-kz/kopir/gateway/xmltext"
	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/population/fact"
	"github.com/kopir-kz/kopir/mocks/shep"
)

// Service is the service in the register of ШЭП. Its questions are signed inside.
const Service = "GbdulInfoByBin_v2"

const space = "http://gbdulinfobybin_v2.egp.gbdul.tamur.kz"

// Codes of Status; the real ones are not public.
const (
	Processed = "00000"
	NoRecord  = "404"
)

// Registry answers for the organisations of one population. It is safe for
// concurrent use.
type Registry struct{ People population.Views }

// Answer implements shep.Registry. An organisation that does not exist is a
// success with a Status that says so.
func (r *Registry) Answer(ask shep.Ask) (shep.Reply, error) {
	bin, refusal := read(ask)
	if refusal != nil {
		return shep.Reply{}, refusal
	}
	view := r.People.View(fact.RegistryEntity)
	root := etree.NewElement("ns:Response")
	root.CreateAttr("xmlns:ns", space)
	reply := shep.Reply{Status: shep.Processed(), Data: root}
	o, found := view.Organisation(bin)
	if !found {
		dictionary(root, "Status", NoRecord, fact.Entry{Ru: "Сведения не найдены", Kk: "Мәліметтер табылмады"})
		return reply, nil
	}
	dictionary(root, "Status", Processed, fact.Entry{Ru: "Сообщение успешно обработано", Kk: "Хабарлама сәтті өңделді"})
	organisation(root, view, o, fact.Day(ask.Now))
	return reply, nil
}

// read holds the payload against the contract of the request.
func read(ask shep.Ask) (bin string, refusal *shep.Refusal) {
	if ask.Space != space || ask.Local != "Request" {
		return "", refuse("{"+space+"}Request as payload", "another root")
	}
	in, refusal := shep.Sequence(shep.CheckPayload, ask.Payload, shep.One("RequestorBIN"), shep.One("BIN"))
	if refusal != nil {
		return "", refusal
	}
	for _, name := range []string{"RequestorBIN", "BIN"} {
		if _, err := ident.ParseBIN(value(in[name])); err != nil {
			return "", refuse("a right BIN as "+name, "another text")
		}
	}
	return value(in["BIN"]), nil
}

// State of an organisation on a day.
func status(o population.Organisation, today fact.Date) (string, fact.Entry) {
	if o.Liquidated != "" && o.Liquidated <= today {
		return "3", fact.Entry{Ru: "Ликвидировано", Kk: "Таратылған"}
	}
	return "1", fact.Entry{Ru: "Зарегистрировано", Kk: "Тіркелген"}
}

func organisation(root *etree.Element, view *population.View, o population.Organisation, today fact.Date) {
	at := root.CreateElement("Organization")
	text(at, "BIN", o.BIN)
	code, entry := status(o, today)
	dictionary(at, "RegStatus", code, entry)
	dictionary(at, "OrganizationType", "1", fact.Entry{Ru: "Юридическое лицо", Kk: "Заңды тұлға"})
	text(at, "FullNameRu", o.Name.Ru)
	text(at, "FullNameKz", o.Name.Kk)
	text(at, "ShortNameRu", o.Short.Ru)
	text(at, "ShortNameKz", o.Short.Kk)
	text(at, "RegistrationDate", string(o.Registered))
	if activity, ok := view.Entry("activity", o.Activity); ok {
		dictionary(at, "ActivityType", o.Activity, activity)
	}
	if o.Head != nil {
		head := at.CreateElement("Leader")
		text(head, "IIN", o.Head.IIN)
		text(head, "Surname", o.Head.Name.Kk.Surname)
		text(head, "Name", o.Head.Name.Kk.Given)
		text(head, "Middlename", o.Head.Name.Kk.Patronymic)
	}
	address(at, view, o.Address)
	text(at, "UpdateDate", string(max(o.Registered, o.Liquidated)))
}

// address writes AddressType, in the order of the contract.
func address(parent *etree.Element, view *population.View, l *fact.Location) {
	if l == nil {
		return
	}
	at := parent.CreateElement("Address")
	district, _ := view.Entry("district", l.District) // known: the population was checked
	region, _ := view.Entry("region", l.Region)
	text(at, "RKA", l.Code)
	text(at, "KATO", l.KATO)
	text(at, "DistrictRu", district.Ru)
	text(at, "DistrictKz", district.Kk)
	text(at, "RegionRu", region.Ru)
	text(at, "RegionKz", region.Kk)
	at.CreateElement("CityRu").SetText(l.City.Ru) // required
	at.CreateElement("CityKz").SetText(l.City.Kk)
	text(at, "StreetRu", l.Street.Ru)
	text(at, "StreetKz", l.Street.Kk)
	text(at, "BuildingNumber", l.Building)
	text(at, "Corpus", l.Corpus)
	text(at, "AppartmentNumber", l.Flat)
}

func dictionary(parent *etree.Element, name, code string, e fact.Entry) {
	at := parent.CreateElement(name)
	at.CreateElement("Code").SetText(code)
	at.CreateElement("NameRu").SetText(e.Ru)
	at.CreateElement("NameKz").SetText(e.Kk)
}

// text adds an element; an empty value is an absent element.
func text(parent *etree.Element, name, value string) {
	if value != "" {
		parent.CreateElement(name).SetText(value)
	}
}

func refuse(expected, got string) *shep.Refusal {
	return &shep.Refusal{Check: shep.CheckPayload, Expected: expected, Got: got}
}

func value(n xmltext.Node) string { return strings.Trim(n.Text(), " \t\r\n") }
