package gbdfl

import (
	"strings"

	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
)

// maxMessageID is the length of messageId in the registry's schema, where the
// characters must be Latin too.
const maxMessageID = 36

// Question is one search. Exactly one mode is filled: IIN; DocumentNumber; or
// BirthDate with at least one of Surname and Name. In the last one the registry
// takes a name part left out as "has no such part".
type Question struct {
	IIN                       string
	Surname, Name, Patronymic string
	BirthDate                 gateway.Date
	DocumentNumber            string
}

// Request writes the registry's request. The root has a prefix, so that its
// children are unqualified without xmlns="". The consent token makes it the
// request of the token service; white space inside token and key, which the
// access control service (КДП) breaks into lines, is dropped.
func Request(q Question, m gateway.Meta) ([]byte, error) {
	if err := checkMeta(m); err != nil {
		return nil, err
	}
	b := make([]byte, 0, 640+len(m.ConsentToken)+len(m.ConsentKey))
	b = append(b, `<mes:Request xmlns:mes="`+Namespace+`">`...)
	b = payload.AppendElement(b, "messageId", m.MessageID)
	b = payload.AppendElement(b, "messageDate", m.Date.Format(payload.DateTime))
	b = payload.AppendElement(b, "senderCode", m.SenderCode)
	b = payload.AppendOptional(b, "iin", q.IIN)
	b = payload.AppendOptional(b, "surname", q.Surname)
	b = payload.AppendOptional(b, "name", q.Name)
	b = payload.AppendOptional(b, "patronymic", q.Patronymic)
	b = payload.AppendOptional(b, "birthDate", string(q.BirthDate))
	b = payload.AppendOptional(b, "documentNumber", q.DocumentNumber)
	if m.ConsentToken != "" {
		b = payload.AppendElement(b, "kdpToken", withoutSpace(m.ConsentToken))
		b = payload.AppendElement(b, "publicKey", withoutSpace(m.ConsentKey))
	}
	return append(b, "</mes:Request>"...), nil
}

func checkMeta(m gateway.Meta) error {
	refuse := func(text string) error { return fault.New(fault.Internal, "write request to GBDFL", text) }
	if m.MessageID == "" || len(m.MessageID) > maxMessageID {
		return refuse("messageId must have 1 to 36 characters")
	}
	for _, c := range []byte(m.MessageID) {
		if c <= ' ' || c >= 0x7f {
			return refuse("messageId must be Latin")
		}
	}
	if m.Date.IsZero() {
		return refuse("the message has no date")
	}
	if (m.ConsentToken == "") != (m.ConsentKey == "") {
		return refuse("a consent token and its key come together")
	}
	return nil
}

func withoutSpace(s string) string { return strings.Join(strings.Fields(s), "") }
