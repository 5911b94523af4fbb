package shep

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// Check is one thing that every message is checked for, in this order.
type Check string

// The checks.
const (
	CheckHTTP      Check = "http"      // method, content type, SOAPAction
	CheckXML       Check = "xml"       // strict reading, SOAP 1.1, one Body
	CheckSignature Check = "signature" // the Body is signed and the signature holds
	CheckChain     Check = "chain"     // the signer's certificate: issuer, validity, revocation
	CheckSchema    Check = "schema"    // the tree of the channel's contract
	CheckSender    Check = "sender"    // senderId is known and is the signer
	CheckSkew      Check = "skew"      // messageDate is near our clock
	CheckDuplicate Check = "duplicate" // messageId was not used before
	CheckService   Check = "service"   // serviceId is in the register, and of this channel or clone
	CheckInside    Check = "inside"    // the document inside data is signed, where the registry demands it
	CheckPayload   Check = "payload"   // the registry's own contract
)

// maxRequest bounds a request in bytes; requests are a few kilobytes.
const maxRequest = 4 << 20

// incoming is one message on its way through the checks.
type incoming struct {
	s        *Server
	log      *Received
	body     []byte   // of the request
	refusal  *Refusal // the first failed check that counts
	question Question
	clone    string // namespace of the wrapper, "" for the channel's own
	service  Service
	ask      Ask
	bent     bool           // a fault strikes the answer
	verified *wsse.Verified // nil if the signature did not hold (lenient)
}

// note records a verdict and tells whether to go on. A lenient end point goes
// on after a failed check, unless the message cannot be understood without it.
func (in *incoming) note(c Check, failed *Refusal, needed bool) bool {
	in.log.Verdicts = append(in.log.Verdicts, verdict(c, failed))
	if failed == nil {
		return true
	}
	if in.s.o.Lenient && !needed {
		return true
	}
	in.refusal = failed
	return false
}

// receive checks a message. In the result either refusal is set or ask is.
func (s *Server) receive(w http.ResponseWriter, r *http.Request) *incoming {
	now := s.o.Clock()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	in := &incoming{s: s, log: &Received{At: now}, body: body}
	if !in.note(CheckHTTP, checkHTTP(r, err), false) {
		return in
	}
	tree := in.verify(r, body)
	if in.refusal != nil {
		return in
	}
	info, failed := in.shape(tree)
	if !in.note(CheckSchema, failed, true) {
		return in
	}
	_ = in.note(CheckSender, in.sender(info), false) &&
		in.note(CheckSkew, in.skew(info, now), false) &&
		in.note(CheckDuplicate, in.duplicate(now), false) &&
		in.note(CheckService, in.known(), true) &&
		(!in.service.SignedInside || in.note(CheckInside, in.inside(r), false))
	in.ask.Now = now
	return in
}

// checkHTTP: the binding is document/literal over SOAP 1.1 HTTP with an empty
// soapAction (SOAP 1.1 section 6.1).
func checkHTTP(r *http.Request, readErr error) *Refusal {
	if readErr != nil {
		return &Refusal{CheckHTTP, "a whole body within the limit", "an error while reading"}
	}
	if r.Method != http.MethodPost {
		return &Refusal{CheckHTTP, "POST", r.Method}
	}
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "text/xml" {
		return &Refusal{CheckHTTP, "Content-Type text/xml", "another one or none"}
	}
	if c := params["charset"]; c != "" && !strings.EqualFold(c, "utf-8") {
		return &Refusal{CheckHTTP, "charset UTF-8", "another one"}
	}
	action, sent := r.Header["Soapaction"]
	if !sent || action[0] != `""` && action[0] != "" {
		return &Refusal{CheckHTTP, `the header SOAPAction: ""`, "another one or none"}
	}
	return nil
}

// verify checks signature and chain and gives the Body to read: the verified
// one, or for a lenient end point the one that is there.
func (in *incoming) verify(r *http.Request, body []byte) xmltext.Node {
	v, err := wsse.VerifyBody(r.Context(), body, in.s.o.Trust, wsse.Policy{Clock: in.s.o.Clock, Skew: in.s.o.Skew})
	if err == nil {
		for _, c := range []Check{CheckXML, CheckSignature, CheckChain} {
			in.note(c, nil, false)
		}
		in.verified = v
		return v.Body
	}
	class, reason := classify(err)
	failed := &Refusal{class, expectation(class), reason}
	if class == CheckXML {
		in.note(CheckXML, failed, true)
		return xmltext.Node{}
	}
	in.note(CheckXML, nil, false)
	if !in.note(class, failed, false) {
		return xmltext.Node{}
	}
	doc, err := xmltext.Parse(body, xmltext.Limits{})
	if err != nil { // cannot happen after a failure further on
		in.refusal = &Refusal{CheckXML, expectation(CheckXML), "another document"}
		return xmltext.Node{}
	}
	return doc.Root().Child(soapSpace, "Body")
}

func classify(err error) (Check, string) {
	var e *xmldsig.Error
	if !errors.As(err, &e) {
		return CheckXML, "an unreadable document"
	}
	reason := e.Reason
	if e.Err != nil {
		reason += ": " + e.Err.Error()
	}
	switch e.Class {
	case xmldsig.ClassInput:
		return CheckXML, reason
	case xmldsig.ClassTrust:
		return CheckChain, reason
	default:
		return CheckSignature, reason
	}
}

func expectation(c Check) string {
	switch c {
	case CheckXML:
		return "a well-formed SOAP 1.1 envelope in UTF-8"
	case CheckChain:
		return "a certificate that leads to a root of GET /mock/pki, is valid now and not revoked"
	default:
		return "one WS-Security signature over the soap:Body that holds"
	}
}

// shape reads the tree of SyncSendMessageRequest.
func (in *incoming) shape(body xmltext.Node) (map[string]xmltext.Node, *Refusal) {
	wrapper := body.First()
	if wrapper.Is(TaxSpace, "SendMessage") {
		in.clone = TaxSpace
	} else if !wrapper.Is(typesSpace, "SendMessage") {
		wrapper = xmltext.Node{}
	}
	if wrapper.IsZero() || !wrapper.NextElement().IsZero() {
		return nil, &Refusal{CheckSchema, "{" + typesSpace + "}SendMessage as the only child of the Body", "another tree"}
	}
	top, failed := Sequence(CheckSchema, wrapper, One("request"))
	if failed != nil {
		return nil, failed
	}
	request, failed := Sequence(CheckSchema, top["request"], One("requestInfo"), One("requestData"))
	if failed != nil {
		return nil, failed
	}
	header := []Particle{
		One("messageId"), Maybe("correlationId"), One("serviceId"),
		One("messageDate"), Maybe("routeId"), One("sender"), Any("properties"), Maybe("sessionId"),
	}
	if in.clone == TaxSpace {
		header = []Particle{One("messageId"), Maybe("correlationId"), One("serviceId"), One("messageDate"), One("sender")}
	}
	info, failed := Sequence(CheckSchema, request["requestInfo"], header...)
	if failed != nil {
		return nil, failed
	}
	if failed := checkProperties(request["requestInfo"]); failed != nil {
		return nil, failed
	}
	sender, failed := Sequence(CheckSchema, info["sender"], One("senderId"), Maybe("password"))
	if failed != nil {
		return nil, failed
	}
	info["senderId"], info["password"] = sender["senderId"], sender["password"]
	in.question = Question{
		ServiceID:     value(info["serviceId"]),
		MessageID:     value(info["messageId"]),
		CorrelationID: value(info["correlationId"]),
	}
	in.log.question(in.question, value(info["senderId"]))
	if in.question.MessageID == "" {
		return nil, &Refusal{CheckSchema, "a messageId of the sender", "an empty one"}
	}
	data, failed := Sequence(CheckSchema, request["requestData"], One("data"))
	if failed != nil {
		return nil, failed
	}
	return info, in.payload(data["data"])
}

// checkProperties: common/v10/Types Property limits both parts.
func checkProperties(info xmltext.Node) *Refusal {
	for c := range info.Elements() {
		if c.Local() != "properties" {
			continue
		}
		p, failed := Sequence(CheckSchema, c, One("key"), One("value"))
		if failed != nil {
			return failed
		}
		if len([]rune(p["key"].Text())) > 30 || len([]rune(p["value"].Text())) > 500 {
			return &Refusal{CheckSchema, "properties with a key of at most 30 and a value of at most 500 characters", "a longer one"}
		}
	}
	return nil
}

// payload finds the root of the registry's request: data itself if it has a
// type, a document in its text, or its only child.
func (in *incoming) payload(data xmltext.Node) *Refusal {
	in.ask.ServiceID = in.question.ServiceID
	if typ, ok := data.Attr(xsiSpace, "type"); ok {
		prefix, local, qualified := strings.Cut(typ, ":")
		if !qualified {
			prefix, local = "", typ
		}
		space, _ := data.Lookup(prefix)
		if space != xsdSpace {
			in.ask.Payload, in.ask.Space, in.ask.Local = data, space, local
			return nil
		}
		doc, err := xmltext.Parse([]byte(data.Text()), xmltext.Limits{})
		if err != nil {
			return &Refusal{CheckSchema, "an XML document in the text of data", "something else"}
		}
		in.ask.setRoot(doc.Root())
		return nil
	}
	root := data.First()
	if root.IsZero() || !root.NextElement().IsZero() || !data.OnlyElements() {
		return &Refusal{CheckSchema, "one element in data, or an xsi:type on it", "neither"}
	}
	in.ask.setRoot(root)
	return nil
}

func (q *Ask) setRoot(n xmltext.Node) {
	q.Payload, q.Space, q.Local = n, n.Space(), n.Local()
}

// sender: the certificate must be the sender's own, which the BIN tells.
func (in *incoming) sender(info map[string]xmltext.Node) *Refusal {
	for _, known := range in.s.o.Senders {
		if known.ID != value(info["senderId"]) {
			continue
		}
		if known.Password != "" && value(info["password"]) != known.Password {
			return &Refusal{CheckSender, "the password of the sender", "another one or none"}
		}
		if in.verified == nil { // already told by the checks before
			return nil
		}
		if bin := BIN(in.verified.Signer.Certificate); bin != known.BIN {
			return &Refusal{CheckSender, "a certificate with OU=BIN" + known.BIN, "the certificate of another organisation"}
		}
		return nil
	}
	return &Refusal{CheckSender, "a registered senderId", "an unknown one"}
}

func (in *incoming) skew(info map[string]xmltext.Node, now time.Time) *Refusal {
	t, ok := DateTime(value(info["messageDate"]))
	if !ok {
		return &Refusal{CheckSkew, "a messageDate of type xsd:dateTime", "another text"}
	}
	if d := now.Sub(t).Abs(); d > in.s.o.Skew {
		return &Refusal{CheckSkew, "a messageDate within " + in.s.o.Skew.String() + " of " + FormatTime(now), FormatTime(t)}
	}
	return nil
}

func (in *incoming) duplicate(now time.Time) *Refusal {
	in.s.mu.Lock()
	defer in.s.mu.Unlock()
	if !in.s.seen.add(in.question.MessageID, now, 2*in.s.o.Skew) {
		return &Refusal{CheckDuplicate, "a messageId that was not used before", "the same one again"}
	}
	return nil
}

// ids remembers messageIds in two generations: each lives at least for the span
// in which a copy would pass the skew check, and none for ever.
type ids struct {
	young, old map[string]struct{}
	since      time.Time // the young generation
}

// add tells whether the id is new within the span.
func (s *ids) add(id string, now time.Time, span time.Duration) bool {
	if s.young == nil || now.Sub(s.since).Abs() > span {
		s.young, s.old, s.since = map[string]struct{}{}, s.young, now
	}
	_, young := s.young[id]
	_, old := s.old[id]
	s.young[id] = struct{}{}
	return !young && !old
}

func (in *incoming) known() *Refusal {
	var ok bool
	if in.service, ok = in.s.o.Services[in.question.ServiceID]; !ok {
		return &Refusal{CheckService, "a serviceId of the register", "an unknown one"}
	}
	if in.service.Clone != in.clone {
		return &Refusal{CheckService, "SendMessage in the namespace of the service's channel", "another one"}
	}
	return nil
}

// inside: the document is signed as a whole by the organisation that sends it.
func (in *incoming) inside(r *http.Request) *Refusal {
	const want = "a document inside data with an enveloped signature of the sender that holds"
	v, err := xmldsig.VerifyEnveloped(r.Context(), in.ask.Payload, in.s.o.Trust, xmldsig.Policy{Clock: in.s.o.Clock})
	if err != nil {
		_, reason := classify(err)
		return &Refusal{CheckInside, want, reason}
	}
	if in.verified != nil && BIN(v.Signer.Certificate) != BIN(in.verified.Signer.Certificate) {
		return &Refusal{CheckInside, want, "the signature of another organisation"}
	}
	return nil
}

func value(n xmltext.Node) string { return strings.Trim(n.Text(), " \t\r\n") }
