// Package person is the mock of ГБД ФЛ, the State Database of Individuals: its
// universal service, with and without a consent token.
//
// It reads the request and writes the answer element by element as the public
// record of the contract has them: order, cardinality, names and namespaces.
// Children have no namespace. Where the record is silent, the codes in codes.go
// are ours and say so.
package person

import (
	"cmp"
	"strings"
	"time"

	"github.com/beevik/etree"

	"github.com/kopir-kz/kopir/gateway/xmltext"
	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/population/fact"
	"github.com/kopir-kz/kopir/mocks/shep"
)

// Services of ГБД ФЛ in the register of ШЭП.
const (
	ServiceUniversal = "GBDFL_UniversalServiceSync" // no consent token
	ServiceToken     = "GBDFLUniversal_token"       // needs a consent token
)

const (
	messageSpace     = "http://message.persistence.interactive.nat"
	smartBridgeSpace = "http://smartbridge.b10.kz"
	xsiSpace         = "http://www.w3.org/2001/XMLSchema-instance"
)

// Consent is a token of the access control service (КДП) with which a person
// allowed one service to be asked.
type Consent struct {
	Token     string
	PublicKey string
	Service   string    // the only service it is for
	Until     time.Time // zero: without end
}

// Registry answers for one population, as far as it knows of it. It is safe for
// concurrent use.
type Registry struct {
	People   population.Views
	Consents []Consent // tokens that services with a token know
	Token    bool      // the service needs a consent token

	// Pad adds replaced documents to every person until the record has about
	// that many bytes. For benchmarks; 0 adds none.
	Pad int
}

// query is a request of the registry that fits its contract.
type query struct {
	messageID, senderCode                 string
	iin, document                         string
	born                                  fact.Date
	name                                  fact.Name
	token, publicKey                      string
	byIIN, byDocument, byBirth, byAnyName bool
}

// Answer implements shep.Registry. Nobody found is a success without the
// element persons: the registry's own way to say so.
func (r *Registry) Answer(ask shep.Ask) (shep.Reply, error) {
	q, refusal := r.read(ask)
	if refusal != nil {
		return shep.Reply{}, refusal
	}
	reply := shep.Reply{RequestID: q.messageID, Status: shep.Processed()}
	if r.Token {
		if code := r.consent(q, ask); code != Processed {
			reply.Status = shep.Status{Code: shep.BusinessError, Message: code.Ru()}
			reply.Data = r.response(q, ask.Now, code, nil, nil)
			return reply, nil
		}
	}
	people := r.People.View(fact.RegistryPerson)
	var found []*population.Individual
	switch {
	case q.byIIN:
		if one := people.Individual(q.iin); one != nil {
			found = append(found, one)
		}
	case q.byDocument:
		found = people.ByDocument(q.document)
	default:
		found = people.ByBirth(q.born, q.name)
	}
	reply.Data = r.response(q, ask.Now, Processed, people, found)
	for _, one := range found {
		reply.Fault = cmp.Or(reply.Fault, one.Fault)
	}
	return reply, nil
}

// read holds the payload against the contract of the request.
func (r *Registry) read(ask shep.Ask) (query, *shep.Refusal) {
	if !isRequest(ask) {
		return query{}, refuse("{"+messageSpace+"}Request as payload or as xsi:type of data", "another root")
	}
	want := []shep.Particle{
		shep.One("messageId"), shep.One("messageDate"), shep.One("senderCode"), shep.Maybe("iin"),
		shep.Maybe("surname"), shep.Maybe("name"), shep.Maybe("patronymic"), shep.Maybe("birthDate"), shep.Maybe("documentNumber"),
	}
	if r.Token {
		want = append(want, shep.One("kdpToken"), shep.One("publicKey"))
	}
	in, refusal := shep.Sequence(shep.CheckPayload, ask.Payload, want...)
	if refusal != nil {
		return query{}, refusal
	}
	q := query{
		messageID:  text(in["messageId"]),
		senderCode: text(in["senderCode"]),
		iin:        text(in["iin"]),
		document:   text(in["documentNumber"]),
		born:       fact.Date(text(in["birthDate"])),
		name:       fact.Name{Surname: text(in["surname"]), Given: text(in["name"]), Patronymic: text(in["patronymic"])},
		token:      text(in["kdpToken"]),
		publicKey:  text(in["publicKey"]),
	}
	q.byIIN, q.byDocument, q.byBirth = q.iin != "", q.document != "", q.born != ""
	q.byAnyName = q.name != fact.Name{}
	return q, q.check(text(in["messageDate"]))
}

// isRequest accepts the three ways in which the root of the request is named.
func isRequest(ask shep.Ask) bool {
	switch ask.Space {
	case messageSpace:
		return ask.Local == "Request"
	case smartBridgeSpace:
		return ask.Local == "sendMessageRequest"
	}
	return false
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
	if q.byBirth {
		if _, err := time.Parse(time.DateOnly, string(q.born)); err != nil {
			return refuse("a birthDate of type xsd:date", "another text")
		}
	}
	switch {
	case q.byIIN && (q.byDocument || q.byBirth || q.byAnyName),
		q.byDocument && (q.byBirth || q.byAnyName):
		return refuse("one way to search", "several")
	case q.byIIN, q.byDocument, q.byBirth && q.byAnyName:
		return nil
	default:
		return refuse("an iin, a documentNumber, or a birthDate with surname or name", "none of them")
	}
}

// consent judges the token of a query.
func (r *Registry) consent(q query, ask shep.Ask) Code {
	if q.token == "" || q.publicKey == "" {
		return ConsentMissing
	}
	for _, c := range r.Consents {
		switch {
		case c.Token != q.token || c.PublicKey != q.publicKey:
		case c.Service != ask.ServiceID:
			return ConsentOther
		case !c.Until.IsZero() && ask.Now.After(c.Until):
			return ConsentExpired
		default:
			return Processed
		}
	}
	return ConsentUnknown
}

// response builds the root of an answer.
func (r *Registry) response(q query, now time.Time, code Code, people *population.View, found []*population.Individual) *etree.Element {
	root := etree.NewElement("ns:Response")
	root.CreateAttr("xmlns:ns", messageSpace)
	root.CreateAttr("xmlns:xsi", xsiSpace)
	w := writer{people: people}
	w.text(root, "messageId", q.messageID)
	w.text(root, "messageDate", shep.FormatTime(now))
	w.text(root, "requestId", q.messageID)
	w.entry(root, "sender", "GBDFL", fact.Entry{Ru: "ГБД ФЛ", Kk: "ЖТ МДБ"})
	w.entry(root, "receiver", q.senderCode, fact.Entry{Ru: "Система-получатель", Kk: "Алушы жүйе"})
	w.entry(root, "messageResult", string(code), fact.Entry{Ru: code.Ru(), Kk: code.Kk()})
	if len(found) == 0 {
		return root
	}
	persons := root.CreateElement("persons")
	for _, one := range found {
		w.nilDates = one.NilDates
		w.pad(w.person(persons, one), one, r.Pad)
	}
	return root
}

func refuse(expected, got string) *shep.Refusal {
	return &shep.Refusal{Check: shep.CheckPayload, Expected: expected, Got: got}
}

func text(n xmltext.Node) string { return strings.Trim(n.Text(), " \t\r\n") }
