// Package civilregistry is the mock of the civil registry (АХАЖ, РАГС): births,
// deaths, marriages and the other civil acts.
//
// The record of a birth is written element by element as the public record has
// it. No service of the registry is public, so the request, the frame of the
// answer and the records of the other six kinds are those of the project's own
// contract.
package civilregistry

import (
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"

	"github.com/kopir-kz/kopir/gateway/xmltext"
	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/population/fact"
	"github.com/kopir-kz/kopir/mocks/shep"
)

// Service of the civil registry in the register of ШЭП. The name is ours.
const Service = "ZAGS_CivilActSync"

const (
	space    = "https://github.com/kopir-kz/kopir/contracts/civil-act/1"
	xsiSpace = "http://www.w3.org/2001/XMLSchema-instance"
)

// Registry answers for one population. It is safe for concurrent use.
type Registry struct {
	People population.Views
}

// query is a request that fits the contract.
type query struct {
	messageID            string
	iin, role            string
	kinds                []string // codes
	number, office       string
	registered           fact.Date
	byPerson, byActParts bool
}

// Answer implements shep.Registry. Nothing found is a success without the
// element acts.
func (r *Registry) Answer(ask shep.Ask) (shep.Reply, error) {
	q, refusal := read(ask)
	if refusal != nil {
		return shep.Reply{}, refusal
	}
	people := r.People.View(fact.RegistryCivil)
	w := writer{people: people}
	var found []population.Act
	reply := shep.Reply{RequestID: q.messageID, Status: shep.Processed()}
	if q.byPerson {
		found = slices.DeleteFunc(people.Acts(q.iin), func(a population.Act) bool { return !q.wants(a) })
		if one := people.Person(q.iin); one != nil {
			w.nilDates, reply.Fault = one.NilDates, one.Fault
		}
	} else {
		found = slices.DeleteFunc(people.ActsByNumber(q.number), func(a population.Act) bool {
			return a.Office != q.office || a.Registered != q.registered
		})
	}
	reply.Data = w.response(q, ask.Now, found)
	return reply, nil
}

// wants tells whether an act is of a kind that was asked for, and shows the person
// in the role asked about.
func (q *query) wants(a population.Act) bool {
	if len(q.kinds) > 0 && !slices.Contains(q.kinds, formOf(a.Kind).code) {
		return false
	}
	return slices.ContainsFunc(a.Participants, func(p population.Participant) bool {
		return p.IIN() == q.iin && is(p.Role, q.role)
	})
}

// is tells whether somebody in an act stands there in a role of the request.
func is(role fact.Role, asked string) bool {
	switch role {
	case fact.Child:
		return asked == "child" || asked == "subject"
	case fact.Husband, fact.Wife:
		return asked == "spouse" || asked == "subject"
	case fact.Mother, fact.Father:
		return asked == "parent"
	default:
		return asked == "subject"
	}
}

// read holds the payload against the contract of the request.
func read(ask shep.Ask) (query, *shep.Refusal) {
	if ask.Space != space || ask.Local != "Request" {
		return query{}, refuse("{"+space+"}Request as payload or as xsi:type of data", "another root")
	}
	in, refusal := shep.Sequence(shep.CheckPayload, ask.Payload,
		shep.One("messageId"), shep.One("messageDate"), shep.One("senderCode"), shep.Maybe("iin"), shep.Maybe("role"), shep.Any("actType"),
		shep.Maybe("numberAkt"), shep.Maybe("zags"), shep.Maybe("regDate"), shep.Maybe("kdpToken"), shep.Maybe("publicKey"))
	if refusal != nil {
		return query{}, refusal
	}
	q := query{
		messageID: text(in["messageId"]), iin: text(in["iin"]), role: text(in["role"]),
		number: text(in["numberAkt"]), office: text(in["zags"]), registered: fact.Date(text(in["regDate"])),
	}
	for c := range ask.Payload.Elements() {
		if c.Local() == "actType" {
			q.kinds = append(q.kinds, text(c))
		}
	}
	q.byPerson = q.iin != "" || q.role != "" || len(q.kinds) > 0
	q.byActParts = q.number != "" || q.office != "" || q.registered != ""
	if in["kdpToken"].IsZero() != in["publicKey"].IsZero() {
		return query{}, refuse("kdpToken and publicKey together", "one of them")
	}
	return q, q.check(text(in["messageDate"]))
}

// maxMessageID is the longest messageId, in Latin characters.
const maxMessageID = 36

func (q *query) check(messageDate string) *shep.Refusal {
	if q.messageID == "" || len(q.messageID) > maxMessageID || strings.ContainsFunc(q.messageID, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return refuse("a messageId of 1 to 36 Latin characters in the payload", "another one")
	}
	if _, ok := shep.DateTime(messageDate); !ok {
		return refuse("a messageDate of type xsd:dateTime in the payload", "another text")
	}
	if q.byPerson == q.byActParts {
		return refuse("a person with a role, or an act", "both or neither")
	}
	if q.byPerson {
		if q.iin == "" || !slices.Contains([]string{"subject", "parent", "spouse", "child"}, q.role) {
			return refuse("an iin with one of the four roles", "not both")
		}
		if len(q.kinds) > len(forms) || slices.ContainsFunc(q.kinds, func(code string) bool { return !known(code) }) {
			return refuse("codes of kinds of acts", "another code")
		}
		return nil
	}
	if _, err := time.Parse(time.DateOnly, string(q.registered)); err != nil || q.number == "" || q.office == "" {
		return refuse("numberAkt, zags and a regDate of type xsd:date", "not all of them")
	}
	return nil
}

func refuse(expected, got string) *shep.Refusal {
	return &shep.Refusal{Check: shep.CheckPayload, Expected: expected, Got: got}
}

func text(n xmltext.Node) string { return strings.Trim(n.Text(), " \t\r\n") }

// response builds the root of an answer.
func (w *writer) response(q query, now time.Time, found []population.Act) *etree.Element {
	root := etree.NewElement("zags:Response")
	root.CreateAttr("xmlns:zags", space)
	root.CreateAttr("xmlns:xsi", xsiSpace)
	w.text(root, "messageId", q.messageID)
	w.text(root, "messageDate", shep.FormatTime(now))
	w.text(root, "requestId", q.messageID)
	w.entry(root, "messageResult", "00000", fact.Entry{Ru: "Сообщение успешно обработано", Kk: "Хабарлама сәтті өңделді"})
	if len(found) == 0 {
		return root
	}
	acts := root.CreateElement("acts")
	for _, a := range found {
		w.act(acts, a)
	}
	return root
}
