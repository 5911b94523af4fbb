package exchange_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/shep"
	"github.com/kopir-kz/kopir/gateway/wsse"
	mockpki "github.com/kopir-kz/kopir/mocks/pki"
)

// reply is an answer written by hand. In info, "{m}" and "{c}" stand for the ids
// of the question.
type reply struct {
	status      int    // 200 if zero
	contentType string // text/xml; charset=utf-8 if empty
	info        string // content of responseInfo
	data        string // content of responseData
	body        string // content of the Body, instead of an answer tree
	raw         string // the whole HTTP body, instead of an envelope
	unsigned    bool
}

const ok = `<status><code>SCSS001</code><message>ok</message></status>`

func ids(message, correlation string) string {
	s := "<messageId>" + message + "</messageId>"
	if correlation != "" {
		s += "<correlationId>" + correlation + "</correlationId>"
	}
	return s
}

// peer answers every message with the same reply, signed once by ШЭП.
type peer struct {
	t     testing.TB
	reply reply
	edit  func(string) string // of the signed envelope

	mu    sync.Mutex
	asked string // the last message
	kept  string // the signed envelope, if it does not depend on the question
}

func answerPeer(t testing.TB, r reply) *peer { return &peer{t: t, reply: r} }

func (p *peer) base(s *setup) {
	s.base = roundTripper(p.roundTrip)
	s.profile.Answer.Inner = shep.Accept
}

func (p *peer) roundTrip(req *http.Request) (*http.Response, error) {
	question, err := readAll(req)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.asked = question
	p.mu.Unlock()
	status, contentType := p.reply.status, p.reply.contentType
	if status == 0 {
		status = http.StatusOK
	}
	if contentType == "" {
		contentType = "text/xml; charset=utf-8"
	}
	body := p.envelope(question)
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {contentType}},
		ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)), Request: req,
	}, nil
}

// envelopeOf is the envelope of another reply.
func (p *peer) envelopeOf(r reply) string { return answerPeer(p.t, r).envelope("") }

func (p *peer) envelope(question string) string {
	if p.reply.raw != "" {
		return p.reply.raw
	}
	content := p.reply.body
	if content == "" {
		content = `<n:SendMessageResponse xmlns:n="` + shep.Types + `"><response><responseInfo>` + p.reply.info +
			`</responseInfo><responseData>` + p.reply.data + `</responseData></response></n:SendMessageResponse>`
	}
	content = strings.NewReplacer("{m}", part(question, "messageId"), "{c}", part(question, "correlationId")).Replace(content)
	env := `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>` + content + `</s:Body></s:Envelope>`
	if p.reply.unsigned {
		return env
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	fixed := !strings.Contains(p.reply.info+p.reply.data+p.reply.body, "{")
	if p.kept == "" || !fixed {
		signed, err := wsse.SignBody(p.t.Context(), []byte(env), identity(p.t, mockpki.Shep), wsse.SignOptions{KeyInfo: wsse.IssuerSerial})
		if err != nil {
			p.t.Error(err)
		}
		p.kept = string(signed)
	}
	if p.edit != nil {
		return p.edit(p.kept)
	}
	return p.kept
}

// stub puts an adapter that finds whatever it is given.
func stub(s *setup) {
	s.adapter = anything{}
	s.profile.Payload = shep.PayloadCodes{}
}

type anything struct{}

func (anything) Request(gateway.Query, gateway.Meta) ([]byte, error) { return []byte("<q></q>"), nil }

func (anything) Answer(_ gateway.Query, _ gateway.Meta, p gateway.Payload) (gateway.Facts, error) {
	return found(p.Root.Local()), nil
}

// found is the name of the payload's root.
type found string

func (f found) Found() bool { return f != "" }

// Answers that no mock of a registry would give.
func TestOddAnswers(t *testing.T) {
	t.Parallel()
	fresh := "<responseDate>" + noon.Format(time.RFC3339) + "</responseDate>"
	const data = "<data><a/></data>"
	echo := ids("{m}", "{c}")
	failure := func(code string) string {
		return "<status><code>" + code + "</code><message>person " + adultIIN + " Ерлан</message></status>"
	}
	for _, tc := range []struct {
		name   string
		reply  reply
		change func(*shep.Profile)
		want   string // kind, "not_found", or the name of the payload's root
	}{
		{"plain", reply{info: echo + fresh + ok, data: data}, nil, "a"},
		{"application/xml", reply{contentType: "application/xml", info: echo + ok, data: data}, nil, "a"},
		{"charset in capitals", reply{contentType: `text/xml; charset="UTF-8"`, info: echo + ok, data: data}, nil, "a"},
		{"no media type", reply{contentType: "; charset=utf-8", info: echo + ok, data: data}, nil, "answer-unreadable"},
		{"multipart", reply{contentType: "multipart/related; boundary=x", info: echo + ok, data: data}, nil, "answer-unreadable"},
		{"empty body", reply{raw: " "}, nil, "answer-unreadable"},
		{"page under the media type of XML", reply{raw: "<html/>"}, nil, "answer-unreadable"},

		{"HTTP 500 and a page", reply{status: 500, contentType: "text/html", raw: "<html/>"}, nil, "shep-fault"},
		{"HTTP 500 and a signed answer", reply{status: 500, info: echo + ok, data: data}, nil, "shep-fault"},
		{"HTTP 500 and a page under the media type of XML", reply{status: 500, raw: "<!DOCTYPE html><html/>"}, nil, "answer-unreadable"},
		{"HTTP 202", reply{status: 202, info: echo + ok, data: data}, nil, "shep-fault"},
		{"HTTP 200 and an unsigned Fault", reply{unsigned: true, body: `<s:Fault><faultcode>s:Server</faultcode></s:Fault>`}, nil, "shep-fault"},
		{"signed Fault", reply{status: 500, body: `<s:Fault><faultcode>s:Client</faultcode></s:Fault>`}, nil, "shep-refused"},
		{"unsigned Fault and data", reply{unsigned: true, body: `<s:Fault><faultcode>s:Server</faultcode></s:Fault><a/>`}, nil, "signature-invalid"},
		{
			"Fault that the profile knows",
			reply{
				status: 500, unsigned: true,
				body: `<s:Fault><faultcode>s:Server</faultcode><detail><e><errorCode>E-503</errorCode></e></detail></s:Fault>`,
			},
			func(p *shep.Profile) { p.Faults.Busy = []string{"E-503"} }, "registry-unavailable",
		},

		{"another tree", reply{body: `<getPersonResponse xmlns="http://kopir.test/x"/>`}, nil, "contract-violation"},
		{"no status", reply{info: echo, data: data}, nil, "contract-violation"},
		{"a date that is none", reply{info: echo + "<responseDate>today</responseDate>" + ok, data: data}, nil, "contract-violation"},
		{"no date where one is required", reply{info: echo + ok, data: data}, func(p *shep.Profile) { p.Answer.Date = shep.Require }, "answer-stale"},
		{
			"no correlationId where one is required",
			reply{info: ids("{m}", "") + ok, data: data},
			func(p *shep.Profile) { p.Answer.Correlation = shep.Require }, "answer-mismatch",
		},
		{
			"own messageId where an echo is required",
			reply{info: ids("own", "{c}") + ok, data: data},
			func(p *shep.Profile) { p.Answer.MessageID = shep.MessageIDEcho }, "answer-mismatch",
		},

		{"success without data", reply{info: echo + ok}, nil, "contract-violation"},
		{
			"success without data, which means not found",
			reply{info: echo + ok},
			func(p *shep.Profile) { p.Data.Empty = shep.EmptyNotFound }, "not_found",
		},
		{
			"success without data where its signature is required",
			reply{info: echo + ok},
			func(p *shep.Profile) { p.Data.Empty, p.Answer.Inner = shep.EmptyNotFound, shep.Require }, "not_found",
		},
		{
			"not found by a status",
			reply{info: echo + failure("SCSE404")},
			func(p *shep.Profile) { p.Status.NotFound = []string{"SCSE404"} }, "not_found",
		},
		{
			"not found, tied to us by the messageId alone",
			reply{info: ids("{m}", "") + failure("SCSE404")},
			func(p *shep.Profile) { p.Status.NotFound = []string{"SCSE404"} }, "not_found",
		},
		{
			"not found, tied to us by nothing",
			reply{info: ids("", "") + failure("SCSE404")},
			func(p *shep.Profile) { p.Status.NotFound = []string{"SCSE404"} }, "answer-mismatch",
		},
		{"plain text as data of a success", reply{info: echo + ok, data: "<data>no such record</data>"}, nil, "answer-unreadable"},
		{"plain text as data of a failure", reply{info: echo + failure("SCSE001"), data: "<data>no such record</data>"}, nil, "registry-fault"},
		{"text and elements as data", reply{info: echo + ok, data: "<data>x<a/></data>"}, nil, "contract-violation"},
		{"DOCTYPE in the document inside data", reply{info: echo + ok, data: "<data>&lt;!DOCTYPE a>&lt;a/></data>"}, nil, "answer-unreadable"},
		{"relative namespace name in the document inside data", reply{info: echo + ok, data: "<data>&lt;b xmlns='x'/></data>"}, nil, "b"},
		{
			"relative namespace name, unsigned: there is no form in which it could be remembered",
			reply{unsigned: true, info: echo + ok, data: "<data><a xmlns='x'/></data>"},
			func(p *shep.Profile) { p.Answer.Envelope = shep.Accept }, "answer-unreadable",
		},
		{
			"relative namespace name where the envelope's signature is ignored",
			reply{unsigned: true, info: echo + ok, data: "<data><a xmlns='x'/></data>"},
			func(p *shep.Profile) { p.Answer.Envelope = shep.Ignore }, "answer-unreadable",
		},
		{"document inside data", reply{info: echo + ok, data: "<data>&lt;b/></data>"}, nil, "b"},
		{"two signatures in the data", reply{info: echo + ok, data: `<data><a><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>` +
			`<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/></a></data>`}, nil, "signature-invalid"},
		{"unhandled exception with a person in its text", reply{info: echo + failure("SCSE003")}, nil, "registry-fault"},
		{"code of the gateway's own layers", reply{info: echo + failure("SBF-AD-1")}, nil, "shep-refused"},
		{
			"not found without data, with the data's signature required and the envelope's not there",
			reply{unsigned: true, info: echo + failure("SCSE404")},
			func(p *shep.Profile) {
				p.Status.NotFound, p.Answer.Inner, p.Answer.Envelope = []string{"SCSE404"}, shep.Require, shep.Accept
			}, "answer-not-signed",
		},
		{
			"success without data, with the data's signature required and the envelope's ignored",
			reply{info: echo + ok},
			func(p *shep.Profile) {
				p.Data.Empty, p.Answer.Inner, p.Answer.Envelope = shep.EmptyNotFound, shep.Require, shep.Ignore
			}, "answer-not-signed",
		},
		{
			"not found without data, with the data's signature required and the envelope's verified",
			reply{info: echo + failure("SCSE404")},
			func(p *shep.Profile) {
				p.Status.NotFound, p.Answer.Inner, p.Answer.Envelope = []string{"SCSE404"}, shep.Require, shep.Accept
			}, "not_found",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			g := start(t, answerPeer(t, tc.reply).base, stub, func(s *setup) {
				s.profile.MaxAttempts = 1
				if tc.change != nil {
					tc.change(&s.profile)
				}
			})
			result, err := g.Do(t.Context(), call())
			got := string(fault.KindOf(err))
			switch f := result.Facts.(type) {
			case found:
				got = string(f)
			case nil:
			default:
				if !f.Found() {
					got = "not_found"
				}
			}
			if got != tc.want {
				t.Errorf("got %s (%v), want %s", got, err, tc.want)
			}
			holdBack(t, "the log", g.log.String())
			if err != nil {
				holdBack(t, "the error", err.Error())
			}
		})
	}
}
