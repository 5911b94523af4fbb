package api

import (
	"context"

	"github.com/gin-gonic/gin"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/exchange"
	"github.com/kopir-kz/kopir/gateway/fault"
)

// What the generated code could not do. The causes are left out on purpose: the
// errors of encoding/json repeat values.
const (
	errBind   = defect("the validated request does not fit its type")
	errRender = defect("the answer could not be written as JSON")
	errFacts  = defect("the exchange returned facts of another operation")
)

// defect is a mistake of ours.
type defect string

// Error says what went wrong.
func (d defect) Error() string { return string(d) }

// handlers are the business operations behind the generated server.
type handlers struct{ core Core }

// SearchPersons answers POST /v1/persons/search.
func (h handlers) SearchPersons(ctx context.Context, r SearchPersonsRequestObject) (SearchPersonsResponseObject, error) {
	result, err := h.ask(ctx, r.Body.Purpose, r.Body.Query, r.Body.Consent)
	if err != nil {
		return nil, err
	}
	answer := PersonAnswer{Status: gateway.StatusNotFound, Persons: []gateway.Person{}, Provenance: result.Provenance}
	if result.Facts.Found() {
		persons, ok := result.Facts.(gateway.Persons)
		if !ok {
			return nil, errFacts
		}
		answer.Status, answer.Persons = gateway.StatusFound, persons
	}
	return SearchPersons200JSONResponse{Body: answer}, nil
}

// SearchAddresses answers POST /v1/addresses/search.
func (h handlers) SearchAddresses(ctx context.Context, r SearchAddressesRequestObject) (SearchAddressesResponseObject, error) {
	result, err := h.ask(ctx, r.Body.Purpose, r.Body.Query, r.Body.Consent)
	if err != nil {
		return nil, err
	}
	answer := AddressAnswer{Status: gateway.StatusNotFound, Provenance: result.Provenance}
	if result.Facts.Found() {
		addresses, ok := result.Facts.(gateway.Addresses)
		if !ok {
			return nil, errFacts
		}
		if addresses.Other == nil {
			addresses.Other = []gateway.Address{} // the contract has a list, never null
		}
		answer.Status, answer.Addresses = gateway.StatusFound, addresses
	}
	return SearchAddresses200JSONResponse{Body: answer}, nil
}

// ask puts the question to the core under the identity that authenticate left.
func (h handlers) ask(ctx context.Context, p gateway.Purpose, q gateway.Query, consent gateway.Consent) (exchange.Result, error) {
	c, ok := ctx.(*gin.Context)
	if !ok {
		return exchange.Result{}, defect("a handler was called outside gin")
	}
	caller, ok := callerOf(c)
	if !ok {
		return exchange.Result{}, fault.New(fault.Unauthenticated, "ask", "")
	}
	// gin reuses its context when the handler returns; the request's own lives
	// as long as somebody looks at it.
	result, err := h.core.Do(c.Request.Context(), exchange.Call{
		RequestID: requestID(c),
		Client:    caller.client,
		Operation: caller.operation,
		Purpose:   p,
		Query:     q,
		Consent:   consent,
	})
	if err == nil && result.Facts == nil {
		err = defect("the exchange returned neither facts nor an error")
	}
	if result.Provenance.Signatures == nil {
		result.Provenance.Signatures = []gateway.SignatureVerdict{}
	}
	return result, err
}
