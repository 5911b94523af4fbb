// Package address is the mock of the Address Register (ИС АР): what is behind a
// code of an address (РКА).
//
// It reads the request and writes the answer from the contract alone, which is the
// project's own after the public data model of the register.
package address

import (
	"strings"

	"github.com/beevik/etree"

	"github.com/kopir-kz/kopir/gateway/xmltext"
	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/population/fact"
	"github.com/kopir-kz/kopir/mocks/shep"
)

// Service is the Address Register in the register of ШЭП. The name is ours.
const Service = "AR_AddressObject"

const (
	space    = "urn:kopir:contract:address-object:1"
	xsiSpace = "http://www.w3.org/2001/XMLSchema-instance"
)

// Registry answers for one population. It is safe for concurrent use.
type Registry struct{ People population.Views }

// Answer implements shep.Registry. Nothing found is a success without the element
// objects.
func (r *Registry) Answer(ask shep.Ask) (shep.Reply, error) {
	if ask.Space != space || ask.Local != "AddressObjectRequest" {
		return shep.Reply{}, refuse("{"+space+"}AddressObjectRequest as payload", "another root")
	}
	in, refusal := shep.Sequence(shep.CheckPayload, ask.Payload, shep.One("requestId"), shep.One("rca"))
	if refusal != nil {
		return shep.Reply{}, refusal
	}
	id, code := text(in["requestId"]), text(in["rca"])
	if id == "" || !isCode(code) {
		return shep.Reply{}, refuse("a requestId, and an rca of up to 64 characters", "another text")
	}
	people := r.People.View(fact.RegistryAddress)
	reply := shep.Reply{RequestID: id, Status: shep.Processed(), Data: answer(id)}
	if l, _ := people.At(code, fact.Day(ask.Now)); l != nil {
		writer{people}.object(reply.Data.CreateElement("objects"), l)
	}
	return reply, nil
}

// isCode tells whether s can be a code: 1 to 64 Latin letters, digits, '.', '-', '_'.
func isCode(s string) bool {
	const chars = "0123456789.-_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	return s != "" && len(s) <= 64 && strings.Trim(s, chars) == ""
}

func answer(id string) *etree.Element {
	root := etree.NewElement("ar:AddressObjectResponse")
	root.CreateAttr("xmlns:ar", space)
	root.CreateAttr("xmlns:xsi", xsiSpace)
	put(root, "requestId", id)
	dictionary(root, "messageResult", "00000", fact.Bilingual{Kk: "Хабарлама сәтті өңделді", Ru: "Сообщение успешно обработано"})
	return root
}

// writer writes objects as elements.
type writer struct{ people *population.View }

// object writes an entry of the register. The population has no plots, and no
// entries that are not in use.
func (w writer) object(parent *etree.Element, l *fact.Location) {
	at := parent.CreateElement("object")
	put(at, "rca", l.Code)
	if l.Flat != "" {
		dictionary(at, "type", "s_pb", fact.Bilingual{Kk: "Үй-жай", Ru: "Помещение"})
	} else {
		dictionary(at, "type", "s_buildings", fact.Bilingual{Kk: "Ғимарат", Ru: "Здание"})
	}
	put(at, "actual", "true")
	w.unit(at, "region", fact.Bilingual{Kk: "Облыс немесе республикалық маңызы бар қала", Ru: "Область или город республиканского значения"}, "district", l.District, l.KATO)
	w.unit(at, "district", fact.Bilingual{Kk: "Аудан", Ru: "Район"}, "region", l.Region, "")
	if l.City.Ru != "" && l.City.Ru != "-" {
		unit(at, "locality", fact.Bilingual{Kk: "Елді мекен", Ru: "Населённый пункт"}, "", "", l.City)
	}
	if l.Street.Ru != "" {
		names(at.CreateElement("s_geonims"), l.Street)
	}
	building := at.CreateElement("s_buildings")
	put(building, "number", l.Building)
	put(building, "corpus", l.Corpus)
	if l.Flat != "" {
		put(at.CreateElement("s_pb"), "number", l.Flat)
	}
}

// unit writes an administrative unit from a dictionary of the population. Its code
// there stands for its РКО.
func (w writer) unit(parent *etree.Element, kind string, of fact.Bilingual, list, code, cato string) {
	if e, ok := w.people.Entry(list, code); ok {
		unit(parent, kind, of, code, cato, fact.Bilingual{Kk: e.Kk, Ru: e.Ru})
	}
}

func unit(parent *etree.Element, kind string, of fact.Bilingual, rco, cato string, name fact.Bilingual) {
	at := parent.CreateElement("s_ats")
	dictionary(at, "type", kind, of)
	put(at, "rco", rco)
	put(at, "cato", cato)
	names(at, name)
}

func dictionary(parent *etree.Element, name, code string, of fact.Bilingual) {
	at := parent.CreateElement(name)
	put(at, "code", code)
	names(at, of)
}

func names(at *etree.Element, of fact.Bilingual) {
	at.CreateElement("nameRu").SetText(of.Ru)
	at.CreateElement("nameKz").SetText(of.Kk)
}

func put(parent *etree.Element, name, value string) {
	if value != "" {
		parent.CreateElement(name).SetText(value)
	}
}

func refuse(expected, got string) *shep.Refusal {
	return &shep.Refusal{Check: shep.CheckPayload, Expected: expected, Got: got}
}

func text(n xmltext.Node) string { return strings.Trim(n.Text(), " \t\r\n") }
