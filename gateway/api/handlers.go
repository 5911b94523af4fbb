package api

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/kopir-kz/kopir/gateway/exchange"
	"github.com/kopir-kz/kopir/gateway/fault"
)

// What must not happen once a request has passed the door.
const (
	errBind   = defect("the validated request does not fit its type")
	errRender = defect("the answer could not be written as JSON")
	errFacts  = defect("the exchange returned facts of another operation")
)

// defect is a mistake of ours.
type defect string

// Error says what went wrong.
func (d defect) Error() string { return string(d) }

// serve answers the requests of an operation.
func (s *server) serve(op operation) gin.HandlerFunc {
	return func(c *gin.Context) {
		answer, err := s.carry(c, op)
		if err != nil {
			s.fail(c, err)
			return
		}
		s.render(c, answer)
	}
}

// carry takes a request from its bytes to its answer.
func (s *server) carry(c *gin.Context, op operation) (any, error) {
	who, ok := callerOf(c)
	if !ok {
		return nil, fault.New(fault.Unauthenticated, "ask", "")
	}
	document, err := s.door.read(c.Writer, c.Request)
	if err != nil {
		return nil, err
	}
	if fields := s.door.check(op.schema, document); len(fields) > 0 {
		return nil, &fault.Error{Kind: fault.InvalidRequest, Op: "check request", Fields: fields}
	}
	q, err := op.read(document)
	if err != nil {
		return nil, err
	}
	// gin reuses its context when the handler returns; the request's own lives
	// as long as somebody looks at it.
	result, err := s.Core.Do(c.Request.Context(), exchange.Call{
		RequestID: requestID(c),
		Client:    who.client.id,
		Operation: op.id,
		Purpose:   q.purpose,
		Query:     q.query,
		Consent:   q.consent,
	})
	if err != nil {
		return nil, err
	}
	return op.answer(result.Facts, result.Provenance)
}

// held is a Core that is held to what must come back.
type held struct{ Core }

// Do carries one question.
func (h held) Do(ctx context.Context, call exchange.Call) (exchange.Result, error) {
	result, err := h.Core.Do(ctx, call)
	if err == nil && result.Facts == nil {
		err = defect("the exchange returned neither facts nor an error")
	}
	result.Provenance.Signatures = list(result.Provenance.Signatures)
	return result, err
}

// render writes an answer. The errors of encoding/json repeat values: the cause
// stays out.
func (s *server) render(c *gin.Context, answer any) {
	c.Header("Content-Type", "application/json")
	c.Status(http.StatusOK)
	if err := writeJSON(c.Writer, answer); err != nil {
		s.fail(c, errRender)
	}
}
