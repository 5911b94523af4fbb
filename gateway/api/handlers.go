package api

import (
	"context"

	"github.com/gin-gonic/gin"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/exchange"
	"github.com/kopir-kz/kopir/gateway/fault"
)

// What must not happen once a request has passed the door. The causes are left
// out on purpose: the errors of encoding/json repeat values.
const (
	errBind    = defect("the validated request does not fit its type")
	errRender  = defect("the answer could not be written as JSON")
	errNothing = defect("the exchange returned neither facts nor an error")
	errFacts   = defect("the exchange returned facts of another operation")
)

// defect is a mistake of ours.
type defect string

// Error says what went wrong.
func (d defect) Error() string { return string(d) }

// handlers are the business operations behind the generated server.
type handlers struct{ *server }

// reply is what every answer says beside its facts.
type reply struct {
	status     gateway.Status
	provenance gateway.Provenance
}

// ask puts the question to the core under the identity that authenticate left,
// and makes the answer of what came back.
func ask[F gateway.Facts, A any](ctx context.Context, h handlers, answer func(F, reply) A, p gateway.Purpose, q gateway.Query, consent gateway.Consent) (a A, err error) {
	c, who, err := asker(ctx)
	if err != nil {
		return a, err
	}
	// gin reuses its context when the handler returns; the request's own lives
	// as long as somebody looks at it.
	result, err := h.Core.Do(c.Request.Context(), exchange.Call{
		RequestID: requestID(c),
		Client:    who.client.id,
		Operation: who.operation,
		Purpose:   p,
		Query:     q,
		Consent:   consent,
	})
	if err != nil {
		return a, err
	}
	return answered(result, answer)
}

// asker finds whom authenticate let through.
func asker(ctx context.Context) (*gin.Context, caller, error) {
	c, ok := ctx.(*gin.Context)
	if !ok {
		return nil, caller{}, defect("a handler was called outside gin")
	}
	who, ok := callerOf(c)
	if !ok {
		return nil, caller{}, fault.New(fault.Unauthenticated, "ask", "")
	}
	return c, who, nil
}

// answered makes the answer of what the core returned; of no facts if nothing
// was found.
func answered[F gateway.Facts, A any](result exchange.Result, answer func(F, reply) A) (a A, err error) {
	var facts F
	r := reply{gateway.StatusNotFound, result.Provenance}
	r.provenance.Signatures = list(r.provenance.Signatures)
	switch {
	case result.Facts == nil:
		return a, errNothing
	case result.Facts.Found():
		f, ok := result.Facts.(F)
		if !ok {
			return a, errFacts
		}
		facts, r.status = f, gateway.StatusFound
	}
	return answer(facts, r), nil
}

// list is never nil: the contract has lists, never null.
func list[S ~[]E, E any](s S) []E {
	if s == nil {
		return []E{}
	}
	return s
}
