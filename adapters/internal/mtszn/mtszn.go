// Package mtszn is what the adapters of the Ministry of Labour (МТСЗН) have in
// common: the frame of its application service, in which every operation asks and
// answers, and the reading of its values. The schema is contracts/registries/mtszn;
// what the public record leaves open is listed in contracts/divergences.md.
//
// The answers of most operations name nobody by IIN: the person is the one that the
// request named, and the envelope alone ties the two together. The service
// profiles therefore demand its correlationId. What an answer does tell, a birth
// date and a name, is held against the IIN asked about, and against each other
// (People).
package mtszn

import (
	"strings"

	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
)

// Short names of registries.
const (
	Registry     = "MTSZN" // who answers
	Disabilities = "CBDI"  // who keeps the records of disability and loss of capacity (ЦБДИ)
)

// Namespace is the namespace of the root elements. Their children have none.
const Namespace = "http://services.sync.mtszn/"

const (
	writeRequest = "write request to " + Registry
	readAnswer   = "read answer of " + Registry
)

// contract is how the service writes its answers.
var contract = payload.Contract{ //nolint:gochecknoglobals // a constant table
	Registry: Registry,
	Code:     payload.CodeForm{Code: "code", KK: "nameKz", RU: "nameRu"},
}

// Request writes the question by IIN that a query asks, as the element root of the
// namespace space. An error is fault.Internal: the query is none of these, or the
// channel gave no id or no date.
func Request(space, root string, q gateway.Query, m gateway.Meta) ([]byte, error) {
	iin, err := Subject(q, writeRequest)
	switch {
	case err != nil:
		return nil, err
	case m.MessageID == "":
		return nil, fault.New(fault.Internal, writeRequest, "the message has no id")
	case m.Date.IsZero():
		return nil, fault.New(fault.Internal, writeRequest, "the message has no date")
	}
	b := make([]byte, 0, 512)
	b = append(append(b, "<ns:"...), root...)
	b = append(append(append(b, ` xmlns:ns="`...), space...), `"><systemInfo>`...)
	b = payload.AppendElement(b, "MessageDate", m.Date.Format(payload.DateTime))
	b = payload.AppendOptional(b, "ChainId", m.CorrelationID)
	b = payload.AppendElement(b, "MessageId", m.MessageID)
	b = append(b, "</systemInfo><requestData>"...)
	b = payload.AppendElement(b, "iin", iin)
	return append(append(append(b, "</requestData></ns:"...), root...), '>'), nil
}

// Subject is the IIN that a query asks about; op is what was being done, for the
// error.
func Subject(q gateway.Query, op string) (string, error) {
	sq, ok := q.(gateway.SubjectQuery)
	if !ok || sq.IIN == "" {
		return "", fault.New(fault.Internal, op, "the query is no SubjectQuery with an IIN")
	}
	return sq.IIN, nil
}

// Name reads a structured name, or one that came as plain text, into a person.
func Name(r *payload.Reader, name string, p *gateway.PersonRef) {
	s := r.Sub(name)
	if s == nil {
		return
	}
	if s.Node().First().IsZero() {
		p.FullName = r.Text(name)
		return
	}
	p.Surname, p.GivenName, p.SecondName = s.Text("surname"), s.Text("name"), s.Text("patronymic")
}

// AdditionalName reads a value of the type additionalName. Neither its code nor
// its texts are certain to come; plain text is taken for the code. Zero if there
// is none.
func AdditionalName(r *payload.Reader, name, list string) gateway.Code {
	s := r.Sub(name)
	switch {
	case s == nil:
		return gateway.Code{}
	case s.Node().First().IsZero():
		return r.CodeOrText(name, list)
	}
	return s.PairCode("code", "nameKz", "nameRu", list)
}

// openEnd is how systems write that something has no end where they must write
// a date.
const openEnd = "9999-12-31"

// Term judges from the last day and the words of a decision whether it has a last
// day, and gives that day. raw is the text that the last day was read from; a
// contradiction is doubted at pointer.
func Term(raw string, end gateway.Date, words []string, pointer string, d *payload.Doubts) (gateway.Term, gateway.Date) {
	without := indefinite(words)
	if end == openEnd {
		return gateway.TermIndefinite, ""
	}
	switch {
	case without && raw != "":
		d.Add(gateway.DoubtAgreement, pointer)
		return gateway.TermUnknown, end
	case without:
		return gateway.TermIndefinite, ""
	case end != "":
		return gateway.TermFixed, end
	}
	return gateway.TermUnknown, ""
}

// indefinite tells whether one of the texts says that there is no term. A text
// that only mentions a term says nothing here.
func indefinite(texts []string) bool {
	for _, text := range texts {
		text = strings.ToLower(text)
		for _, start := range [...]string{"без срока", "бессрочн", "мерзімсіз", "мерзімі жоқ", "қайта куәландыру мерзімінсіз", "қайта куәландыру мерзімі жоқ"} {
			if strings.HasPrefix(text, start) {
				return true
			}
		}
	}
	return false
}

// Order doubts an end before its beginning.
func Order(begin, end gateway.Date, pointer string, d *payload.Doubts) {
	if end != "" && end < begin {
		d.Add(gateway.DoubtOrder, pointer)
	}
}
