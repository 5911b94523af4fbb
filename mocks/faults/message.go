package faults

import (
	"net/http"
	"strings"
	"time"

	"github.com/beevik/etree"
	"github.com/google/uuid"

	"github.com/kopir-kz/kopir/mocks/shep"
)

// skew is how far faults shift a clock: beyond any tolerance one would set.
const skew = 2 * time.Hour

func messageFaults() []Fault { return append(correlationFaults(), formFaults()...) }

// correlationFaults are about which question an answer belongs to, and when.
func correlationFaults() []Fault {
	return []Fault{
		onMessage("message-other-message-id", "the envelope's messageId is another one, as where ШЭП does not echo ours",
			func(m *shep.Message) { m.MessageID = uuid.NewString() }),
		onMessage("message-other-correlation-id", "the correlationId belongs to nobody's request",
			func(m *shep.Message) { m.CorrelationID = uuid.NewString() }),
		onMessage("message-other-request-id", "requestId, or what stands for it, inside the data belongs to nobody's request",
			func(m *shep.Message) { setIDs(m, uuid.NewString(), uuid.NewString()) }),
		onMessage("message-late", "a freshly signed answer to an earlier request: all its ids are of that one", late),
		onBytes("message-duplicate", "the answer before this one again, byte for byte; an honest one if there was none", func(s *shep.Signed) error {
			if s.Earlier != nil {
				s.Bytes = s.Earlier
			}
			return nil
		}),
		onMessage("message-empty-ids", "messageId and responseDate are there and empty", func(m *shep.Message) {
			m.MessageID, m.Date = "", ""
		}),
		onMessage("message-clock-behind", "responseDate and the date inside the data are two hours behind", func(m *shep.Message) {
			shiftClock(m, -skew)
		}),
		onMessage("message-clock-ahead", "responseDate and the date inside the data are two hours ahead", func(m *shep.Message) {
			shiftClock(m, skew)
		}),
	}
}

// formFaults are about what kind of message it is.
func formFaults() []Fault {
	return []Fault{
		onMessage("message-status-word", "the status code is the word Success instead of SCSS001",
			func(m *shep.Message) { m.Status = shep.Status{Code: "Success", Message: "OK"} }),
		onMessage("message-fault", "SOAP Fault Server with detail SCSE003; its texts hold a synthetic IIN and HTML", func(m *shep.Message) {
			m.Fault = &shep.Fault{Code: "Server", Reason: "Unhandled exception", Detail: &shep.ErrorInfo{
				Code:    shep.Unhandled,
				Message: "NullPointerException for " + LeakIIN + " <b>at line 1</b>",
				Data:    "<script>alert(1)</script>",
				Date:    m.Date,
			}}
		}),
		onMessage("message-fault-bare", "SOAP Fault Server with faultcode and faultstring alone", func(m *shep.Message) {
			m.Fault = &shep.Fault{Code: "Server", Reason: "Internal Error (from server)"}
		}),
		onMessage("message-fault-client", "SOAP Fault Client with detail SBF-AD-1: ШЭП refuses the message", func(m *shep.Message) {
			m.Fault = &shep.Fault{Code: "Client", Reason: "Access denied", Detail: &shep.ErrorInfo{Code: "SBF-AD-1", Message: "Access denied", Date: m.Date}}
		}),
		{ID: "message-soap12", Doc: "the envelope is SOAP 1.2, with its media type", Stages: shep.Stages{
			Signed: func(s *shep.Signed) error {
				s.Bytes = []byte(strings.ReplaceAll(string(s.Bytes), "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"))
				return nil
			},
			Respond: func(r *shep.Response) { r.Header.Set("Content-Type", "application/soap+xml; charset=utf-8") },
		}},
		onResponse("message-html", "an HTML page with HTTP 200, as a proxy shows it", func(r *shep.Response) {
			replaceBody(r, http.StatusOK, "text/html; charset=utf-8", "<!DOCTYPE html><html><body><h1>It works!</h1></body></html>")
		}),
		onResponse("message-json", "a JSON document with HTTP 200", func(r *shep.Response) {
			replaceBody(r, http.StatusOK, "application/json", `{"status":"ok"}`)
		}),
		onResponse("message-content-type", "an honest answer under the media type application/octet-stream", func(r *shep.Response) {
			r.Header.Set("Content-Type", "application/octet-stream")
		}),
		onResponse("message-charset", "an honest answer in UTF-8 that the header calls windows-1251", func(r *shep.Response) {
			r.Header.Set("Content-Type", "text/xml; charset=windows-1251")
		}),
		onMessage("message-data-namespace", "data is qualified with the namespace of the channel's interfaces",
			func(m *shep.Message) { m.DataSpace = shep.InterfacesSpace }),
		onMessage("message-double-encoded", "the names of the person were encoded as UTF-8 twice before signing", func(m *shep.Message) {
			for _, name := range []string{"surname", "name", "patronymic", "fio"} {
				each(m.Data, name, func(e *etree.Element) { e.SetText(encodeTwice(e.Text())) })
			}
		}),
	}
}

// LeakIIN is a right synthetic IIN of nobody that stands in the texts of a
// Fault: it must not come out of a gateway anywhere.
const LeakIIN = "605010309037"

func late(m *shep.Message) {
	q := shep.Question{MessageID: uuid.NewString(), CorrelationID: uuid.NewString(), RequestID: uuid.NewString()}
	if m.Earlier != nil {
		q = *m.Earlier
	}
	m.MessageID, m.CorrelationID = q.MessageID, q.CorrelationID
	setText(m.Data, "messageId", q.RequestID)
	setIDs(m, q.RequestID, q.CorrelationID)
}

// setIDs makes the ids inside the data belong to another request.
func setIDs(m *shep.Message, request, chain string) {
	if m.Data == nil {
		return
	}
	setText(m.Data, "requestId", request)
	setText(m.Data, "OrderNumber", request) // of ПЭП
	setText(m.Data.SelectElement("systemInfo"), "ChainId", chain)
}

func shiftClock(m *shep.Message, by time.Duration) {
	m.Date = shep.FormatTime(m.Now.Add(by))
	setText(m.Data, "messageDate", m.Date)
}

// encodeTwice reads UTF-8 bytes as Latin-1 characters.
func encodeTwice(s string) string {
	var twice []rune
	for i := range len(s) {
		if c := rune(s[i]); c >= 0xa0 || c < 0x80 { // C1 controls get lost on the way, as they do in practice
			twice = append(twice, c)
		}
	}
	return string(twice)
}

func replaceBody(r *shep.Response, status int, contentType, body string) {
	r.Status, r.Body = status, []byte(body)
	r.Header.Set("Content-Type", contentType)
}
