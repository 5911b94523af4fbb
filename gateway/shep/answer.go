package shep

import (
	"strings"
	"time"

	"github.com/kopir-kz/kopir/gateway/soap"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// Answer is one SendMessageResponse. Its strings are parts of the document.
type Answer struct {
	MessageID     string // of the answering system, or an echo of ours; may be empty
	CorrelationID string // may be empty
	Date          string // responseDate as sent; may be empty; see AnswerTime
	Status        Status
	Data          xmltext.Node // the data element, zero if absent
}

// Status is responseInfo/status.
type Status struct {
	Code    string // as sent, without surrounding white space; never empty
	Message string // as by soap.Redact: for the log only
}

// maxID bounds the ids and codes of a peer, in bytes.
const maxID = 256

// ReadAnswer reads the answer in a Body. The caller has verified that Body, or
// has a policy that says it need not.
//
// Tolerated, because live peers do it: an empty messageId or responseDate; data
// absent, empty, or in the namespace [Interfaces]; "return" in place of
// "response"; elements qualified with the wrapper's namespace, and no element
// "response" at all, as the consent service has it; unknown elements beside the
// known ones. Refused: another wrapper, an element twice that is read once, an
// answer without status code, ids longer than 256 bytes.
func ReadAnswer(body xmltext.Node) (Answer, error) {
	wrapper := body.First()
	if wrapper.IsZero() || !wrapper.NextElement().IsZero() {
		return Answer{}, &Error{"shep.body", "the Body does not hold exactly one element"}
	}
	if !isAnswer(wrapper) {
		return Answer{}, &Error{"shep.wrapper", "the Body holds no SendMessageResponse"}
	}
	r := reader{space: wrapper.Space()}
	response := wrapper
	if n := r.child(wrapper, "response", "return"); !n.IsZero() {
		response = n
	}
	info := r.child(response, "responseInfo")
	status := r.child(info, "status")
	a := Answer{
		MessageID:     r.text(info, "messageId"),
		CorrelationID: r.text(info, "correlationId"),
		Date:          r.text(info, "responseDate"),
		Status: Status{
			Code:    r.text(status, "code"),
			Message: soap.Redact(r.child(status, "message").Text()),
		},
		Data: r.child(r.child(response, "responseData"), "data"),
	}
	if r.err == nil && a.Status.Code == "" {
		r.err = &Error{"shep.status", "the answer has no status code"}
	}
	if r.err != nil {
		return Answer{}, r.err
	}
	return a, nil
}

func isAnswer(n xmltext.Node) bool {
	switch n.Space() {
	case Types, KDP, Tax:
		return n.Local() == "SendMessageResponse" || n.Local() == "sendMessageResponse"
	}
	return false
}

// reader looks children up by local name; the first broken rule sticks.
type reader struct {
	space string // of the wrapper
	err   error
}

// child finds the child with one of the names, in no namespace, the wrapper's
// or that of the interfaces. Two of them are refused: which one counts would be
// anybody's guess.
func (r *reader) child(n xmltext.Node, names ...string) xmltext.Node {
	var found xmltext.Node
	for c := n.First(); !c.IsZero(); c = c.NextElement() {
		if !r.known(c, names) {
			continue
		}
		if !found.IsZero() && r.err == nil {
			r.err = &Error{"shep.twice", "the answer has an element twice: " + names[0]}
		}
		found = c
	}
	return found
}

func (r *reader) known(n xmltext.Node, names []string) bool {
	switch n.Space() {
	case "", r.space, Interfaces:
	default:
		return false
	}
	for _, name := range names {
		if n.Local() == name {
			return true
		}
	}
	return false
}

func (r *reader) text(n xmltext.Node, name string) string {
	s := strings.Trim(r.child(n, name).Text(), " \t\r\n")
	if len(s) > maxID && r.err == nil {
		r.err = &Error{"shep.length", "the answer has an id, date or code of more than 256 bytes: " + name}
	}
	return s
}

// Time reads a date in any form that peers are known to send: xsd:dateTime with
// any fraction, the offset of Java's pattern letter Z, which is no xsd:dateTime,
// and no offset; that one is taken in loc. ok is false for anything else.
func Time(s string, loc *time.Location) (t time.Time, ok bool) {
	for _, form := range [...]string{
		"2006-01-02T15:04:05Z07:00", // Parse takes a fraction after the seconds without being told
		"2006-01-02T15:04:05-0700",
		"2006-01-02T15:04:05",
	} {
		if t, err := time.ParseInLocation(form, s, loc); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
