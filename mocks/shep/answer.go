package shep

import (
	"cmp"
	"errors"
	"net/http"

	"github.com/kopir-kz/kopir/mocks/pki"
)

// answer asks the registry and takes its answer through all stages.
func (s *Server) answer(r *http.Request, in *incoming) *Response {
	reply, err := in.service.Registry.Answer(in.ask)
	var refusal *Refusal
	if errors.As(err, &refusal) {
		in.note(CheckPayload, refusal, true)
		reply = Reply{Status: Status{BusinessError, refusal.Error()}}
	} else if err != nil {
		return s.broken(err)
	} else {
		in.note(CheckPayload, nil, false)
	}
	in.question.RequestID = reply.RequestID

	var faults []Stages
	if s.o.Faults != nil {
		faults = s.o.Faults(in.question.ServiceID, reply.Fault)
	}
	in.bent = len(faults) > 0
	earlier := s.earlier(in.question.ServiceID)
	m := s.message(in, reply, earlier)
	apply(faults, func(f Stages) func(*Message) { return f.Message }, m)
	g := &Signing{Envelope: pki.Shep, Inner: cmp.Or(in.service.Owner, pki.Registry), KeyInfo: s.o.KeyInfo, ID: s.o.ID, Carrier: in.service.Carrier}
	if in.service.Unsigned {
		g.Inner = ""
	}
	if g.Carrier == "" {
		g.Carrier = Self
	}
	apply(faults, func(f Stages) func(*Signing) { return f.Sign }, g)
	env, err := s.sign(r.Context(), m, g)
	if err != nil {
		return s.broken(err)
	}
	signed := &Signed{Bytes: env, Message: m, Earlier: earlier.answer, Canary: canary(r)}
	for _, f := range faults {
		if f.Signed == nil {
			continue
		}
		if err := f.Signed(signed); err != nil {
			return s.broken(err)
		}
	}
	s.keep(in.question, signed.Bytes)
	resp := envelopeResponse(signed.Bytes, m.Fault != nil)
	resp.Canary = signed.Canary
	apply(faults, func(f Stages) func(*Response) { return f.Respond }, resp)
	for _, f := range faults {
		wait(r.Context(), f.Delay)
	}
	return resp
}

func (s *Server) message(in *incoming, reply Reply, earlier exchange) *Message {
	m := &Message{
		MessageID:     in.question.MessageID, // real answers often echo it
		CorrelationID: in.question.CorrelationID,
		SessionID:     "{" + s.o.NewID() + "}",
		Date:          FormatTime(in.ask.Now),
		Status:        reply.Status,
		Data:          reply.Data,
		Clone:         in.service.Clone,
		Question:      in.question,
		Now:           in.ask.Now,
	}
	if earlier.answer != nil {
		m.Earlier = &earlier.question
	}
	return m
}

func (s *Server) earlier(service string) exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.last[service]; e != nil {
		return *e
	}
	return exchange{}
}

func (s *Server) keep(q Question, answer []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last[q.ServiceID] = &exchange{q, answer}
}

// Codes of the Faults with which the end point refuses. They are codes that
// clients of ШЭП are known to treat as terminal; their exact meaning is not
// public, the prefixes point at access and at validation.
const (
	codeAccess     = "SBF-AD-1"
	codeValidation = "SBF-VE-8"
)

// refuse is the Fault for a message that did not pass a check.
func (s *Server) refuse(why *Refusal) *Response {
	code := codeValidation
	switch why.Check {
	case CheckSignature, CheckChain, CheckSender, CheckInside:
		code = codeAccess
	}
	m := &Message{Fault: &Fault{
		Code:   "Client",
		Reason: why.Error(),
		Detail: &ErrorInfo{Code: code, Message: why.Error(), Date: FormatTime(s.o.Clock())},
	}}
	return envelopeResponse(appendEnvelope(nil, m, nil), true)
}

// broken is a defect of the mock itself, told as such.
func (s *Server) broken(err error) *Response {
	return &Response{
		Status: http.StatusNotImplemented,
		Header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}},
		Body:   []byte("mock: " + err.Error() + "\n"),
	}
}

// envelopeResponse: a Fault travels with HTTP 500 (SOAP 1.1 section 6.2).
func envelopeResponse(env []byte, fault bool) *Response {
	resp := &Response{
		Status: http.StatusOK,
		Header: http.Header{"Content-Type": {"text/xml;charset=UTF-8"}},
		Body:   env,
	}
	if fault {
		resp.Status = http.StatusInternalServerError
	}
	return resp
}

// CanaryPath is a place that nobody has a reason to ask for: whoever does,
// followed a redirect or fetched an entity.
const CanaryPath = "/mock/canary"

func canary(r *http.Request) string {
	host := r.Host
	if host == "" {
		host = "localhost"
	}
	return "http://" + host + CanaryPath
}
