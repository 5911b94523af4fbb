// Package addressobject is the mock of the Address Register: what stands behind a
// code (РКА).
//
// No service of the register is public. The request and the answer are those of
// the project's own contract, contracts/registries/address-object, after the
// register's data model; this package reads and writes them on its own.
package addressobject

import (
	"strings"
	"time"

	"github.com/beevik/etree"

	"github.com/kopir-kz/kopir/gateway/xmltext"
	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/population/fact"
	"github.com/kopir-kz/kopir/mocks/shep"
)

// Service of the Address Register in the register of ШЭП. The name is ours.
const Service = "AR_AddressObjectSync"

const space = "https://github.com/kopir-kz/kopir/contracts/address-object/1"

// Registry answers for one population. It is safe for concurrent use.
type Registry struct {
	People population.Views
}

// Answer implements shep.Registry. Nothing found is a success without the
// element objects.
func (r *Registry) Answer(ask shep.Ask) (shep.Reply, error) {
	id, code, refusal := read(ask)
	if refusal != nil {
		return shep.Reply{}, refusal
	}
	view := r.People.View(fact.RegistryAddress)
	l, _ := view.At(code, fact.Date(ask.Now.Format(time.DateOnly)))
	w := writer{view: view}
	return shep.Reply{RequestID: id, Status: shep.Processed(), Data: w.response(id, ask.Now, l)}, nil
}

// maxMessageID and maxCode are the longest messageId and code, in characters.
const (
	maxMessageID = 36
	maxCode      = 64
)

// read holds the payload against the contract of the request.
func read(ask shep.Ask) (id, code string, _ *shep.Refusal) {
	if ask.Space != space || ask.Local != "Request" {
		return "", "", refuse("{"+space+"}Request as payload or as xsi:type of data", "another root")
	}
	in, refusal := shep.Sequence(shep.CheckPayload, ask.Payload,
		shep.One("messageId"), shep.One("messageDate"), shep.One("senderCode"), shep.One("rca"), shep.Maybe("kdpToken"), shep.Maybe("publicKey"))
	if refusal != nil {
		return "", "", refusal
	}
	id, code = text(in["messageId"]), text(in["rca"])
	if id == "" || len(id) > maxMessageID || strings.ContainsFunc(id, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return "", "", refuse("a messageId of 1 to 36 Latin characters in the payload", "another one")
	}
	if _, ok := shep.DateTime(text(in["messageDate"])); !ok {
		return "", "", refuse("a messageDate of type xsd:dateTime in the payload", "another text")
	}
	if code == "" || len(code) > maxCode || strings.ContainsFunc(code, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return "", "", refuse("a code of 1 to 64 Latin characters", "another text")
	}
	if in["kdpToken"].IsZero() != in["publicKey"].IsZero() {
		return "", "", refuse("kdpToken and publicKey together", "one of them")
	}
	return id, code, nil
}

func refuse(expected, got string) *shep.Refusal {
	return &shep.Refusal{Check: shep.CheckPayload, Expected: expected, Got: got}
}

func text(n xmltext.Node) string { return strings.Trim(n.Text(), " \t\r\n") }

// writer writes records as elements. An empty value is an absent element.
type writer struct{ view *population.View }

func (w *writer) text(parent *etree.Element, name, value string) {
	if value != "" {
		parent.CreateElement(name).SetText(value)
	}
}

func (w *writer) code(parent *etree.Element, name, code string, e fact.Entry) {
	at := parent.CreateElement(name)
	w.text(at, "code", code)
	at.CreateElement("nameRu").SetText(e.Ru)
	at.CreateElement("nameKz").SetText(e.Kk)
}

// response builds the root of an answer.
func (w *writer) response(id string, now time.Time, l *fact.Location) *etree.Element {
	root := etree.NewElement("ar:Response")
	root.CreateAttr("xmlns:ar", space)
	w.text(root, "messageId", id)
	w.text(root, "messageDate", shep.FormatTime(now))
	w.text(root, "requestId", id)
	w.code(root, "messageResult", "00000", fact.Entry{Ru: "Сообщение успешно обработано", Kk: "Хабарлама сәтті өңделді"})
	if l == nil {
		return root
	}
	objects := root.CreateElement("objects")
	for i := len(l.Renamed) - 1; i >= 0; i-- { // the earliest first
		w.object(objects, l, l.Renamed[i].City, false, l.Renamed[i].Until)
	}
	var since fact.Date
	if len(l.Renamed) > 0 {
		since = l.Renamed[0].Until
	}
	w.object(objects, l, l.City, true, since)
	return root
}

// The kinds of objects and the levels of units, with the texts of the lists
// address_object_type and address_unit_level.
const (
	ground, building, room     = "ground", "building", "room"
	region, district, locality = "region", "district", "locality"
)

func entry(code string) fact.Entry {
	switch code {
	case ground:
		return fact.Entry{Ru: "Земельный участок", Kk: "Жер учаскесі"}
	case building:
		return fact.Entry{Ru: "Здание", Kk: "Ғимарат"}
	case room:
		return fact.Entry{Ru: "Помещение", Kk: "Үй-жай"}
	case region:
		return fact.Entry{Ru: "Область или город республиканского значения", Kk: "Облыс немесе республикалық маңызы бар қала"}
	case district:
		return fact.Entry{Ru: "Район", Kk: "Аудан"}
	default:
		return fact.Entry{Ru: "Населённый пункт", Kk: "Елді мекен"}
	}
}

// object writes an entry of the register. date is when it was made or ended.
func (w *writer) object(parent *etree.Element, l *fact.Location, city fact.Bilingual, actual bool, date fact.Date) {
	at := parent.CreateElement("object")
	w.text(at, "rca", l.Code)
	kind := ground
	switch {
	case l.Flat != "":
		kind = room
	case l.Building != "":
		kind = building
	}
	w.code(at, "type", kind, entry(kind))
	at.CreateElement("actual").SetText(map[bool]string{true: "true", false: "false"}[actual])
	w.text(at, "changeDate", string(date))
	w.units(at, l, city)
	if l.Street.Ru != "" {
		street := at.CreateElement("geonim")
		w.text(street, "nameRu", l.Street.Ru)
		w.text(street, "nameKz", l.Street.Kk)
	}
	w.text(at, "building", l.Building)
	w.text(at, "corpus", l.Corpus)
	w.text(at, "flat", l.Flat)
}

// units writes the administrative units. A city of republican significance is
// the region itself. KATO is that of the lowest unit.
func (w *writer) units(parent *etree.Element, l *fact.Location, city fact.Bilingual) {
	top, _ := w.view.Entry("district", l.District) // known: the population was checked
	var last *etree.Element
	unit := func(level string, name fact.Bilingual) {
		last = parent.CreateElement("ats")
		w.code(last, "level", level, entry(level))
		last.CreateElement("nameRu").SetText(name.Ru)
		last.CreateElement("nameKz").SetText(name.Kk)
	}
	unit(region, fact.Bilingual{Ru: top.Ru, Kk: top.Kk})
	if part, ok := w.view.Entry("region", l.Region); ok {
		unit(district, fact.Bilingual{Ru: part.Ru, Kk: part.Kk})
	}
	if city.Kk != "" && city.Kk != "-" && !strings.HasPrefix(top.Kk, city.Kk) {
		unit(locality, city)
	}
	if l.KATO != "" {
		kato := etree.NewElement("cato")
		kato.SetText(l.KATO)
		last.InsertChildAt(0, kato)
	}
}
