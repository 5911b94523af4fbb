// Package taxpayer is the mock of the State Revenue Committee (КГД): who is
// registered as an entrepreneur, and who pays pension contributions.
//
// It reads the request and writes the answer by a contract of ours
// (contracts/registries/taxpayer), over the tax system's clone of the channel.
package taxpayer

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/beevik/etree"

	"github.com/kopir-kz/kopir/gateway/xmltext"
	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/population/fact"
	"github.com/kopir-kz/kopir/mocks/shep"
)

// Service is the service in the register of ШЭП; the id is ours.
const Service = "KGD_TAXPAYER"

const space = "urn:kopir:contract:taxpayer:1"

// Processed is the code of a result that nothing is wrong with.
const Processed = "000"

// Registry answers for one population, as far as the tax authorities know of it.
// It is safe for concurrent use.
type Registry struct{ People population.Views }

// query is a request that fits the contract; no months ask for no contributions.
type query struct{ id, iin, from, to string }

// Answer implements shep.Registry. Of somebody unknown there is no element
// taxpayer; somebody without business and contributions has empty lists.
func (r *Registry) Answer(ask shep.Ask) (shep.Reply, error) {
	q, refusal := read(ask)
	if refusal != nil {
		return shep.Reply{}, refusal
	}
	root := etree.NewElement("ns:TaxpayerResponse")
	root.CreateAttr("xmlns:ns", space)
	text(root, "requestId", q.id)
	dictionary(root, "result", Processed, fact.Entry{Ru: "Сообщение обработано", Kk: "Хабарлама өңделді"})
	reply := shep.Reply{RequestID: q.id, Status: shep.Processed(), Data: root}
	view := r.People.View(fact.RegistryTax)
	one := view.Person(q.iin)
	if one == nil {
		return reply, nil
	}
	at := root.CreateElement("taxpayer")
	text(at, "iin", one.IIN)
	registrations := at.CreateElement("registrations")
	for _, b := range one.Businesses {
		registration(registrations, view, b, fact.Day(ask.Now))
	}
	if q.from != "" {
		contributions := at.CreateElement("contributions")
		for _, c := range one.Contributions {
			if month := month(c); q.from <= month && month <= q.to {
				contribution(contributions, view, c)
			}
		}
	}
	reply.Fault = one.Fault
	return reply, nil
}

// yearMonth is xsd:gYearMonth without a zone.
var yearMonth = regexp.MustCompile(`^[0-9]{4}-(0[1-9]|1[0-2])$`)

// read holds the payload against the contract of the request.
func read(ask shep.Ask) (query, *shep.Refusal) {
	if ask.Space != space || ask.Local != "TaxpayerRequest" {
		return query{}, refuse("{"+space+"}TaxpayerRequest as payload", "another root")
	}
	in, refusal := shep.Sequence(shep.CheckPayload, ask.Payload,
		shep.One("requestId"), shep.One("iin"), shep.Maybe("periodFrom"), shep.Maybe("periodTo"))
	if refusal != nil {
		return query{}, refusal
	}
	q := query{value(in["requestId"]), value(in["iin"]), value(in["periodFrom"]), value(in["periodTo"])}
	if q.id == "" || q.iin == "" {
		return query{}, refuse("a requestId and an iin", "an empty one")
	}
	if (q.from != "" || q.to != "") && (!yearMonth.MatchString(q.from) || !yearMonth.MatchString(q.to) || q.to < q.from) {
		return query{}, refuse("a periodFrom and a periodTo of type xsd:gYearMonth, in order", "something else")
	}
	return q, nil
}

// month is what a contribution counts for: the month of the payment.
func month(c fact.Contribution) string { return string(c.Paid)[:len("2006-01")] }

func registration(parent *etree.Element, view *population.View, b fact.Business, today fact.Date) {
	at := parent.CreateElement("registration")
	status, words := "active", fact.Entry{Ru: "Действует", Kk: "Қолданыста"}
	if b.Ended != "" && b.Ended <= today {
		status, words = "ended", fact.Entry{Ru: "Прекращена", Kk: "Тоқтатылған"}
	}
	dictionary(at, "status", status, words)
	dictionary(at, "kind", "entrepreneur", fact.Entry{Ru: "Индивидуальный предприниматель", Kk: "Жеке кәсіпкер"})
	text(at, "nameRu", b.Name.Ru)
	text(at, "nameKz", b.Name.Kk)
	if activity, ok := view.Entry("activity", b.Activity); ok {
		dictionary(at, "activity", b.Activity, activity)
	}
	text(at, "beginDate", string(b.Registered))
	if status == "ended" {
		text(at, "endDate", string(b.Ended))
	}
	if office, ok := view.Entry("taxOffice", b.Office); ok {
		dictionary(at, "taxAuthority", b.Office, office)
	}
}

func contribution(parent *etree.Element, view *population.View, c fact.Contribution) {
	at := parent.CreateElement("contribution")
	text(at, "month", month(c))
	dictionary(at, "kind", "obligatory", fact.Entry{Ru: "Обязательные пенсионные взносы", Kk: "Міндетті зейнетақы жарналары"})
	text(at, "amount", fmt.Sprintf("%d.%02d", c.AmountTiyn/100, c.AmountTiyn%100))
	text(at, "paymentDate", string(c.Paid))
	if payer := view.Entity(c.Payer); payer != nil {
		text(at, "payerBin", payer.BIN)
		text(at, "payerNameRu", payer.Name.Ru)
		text(at, "payerNameKz", payer.Name.Kk)
	}
}

func dictionary(parent *etree.Element, name, code string, e fact.Entry) {
	at := parent.CreateElement(name)
	at.CreateElement("code").SetText(code)
	at.CreateElement("nameRu").SetText(e.Ru)
	at.CreateElement("nameKz").SetText(e.Kk)
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
