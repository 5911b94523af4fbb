package api

import (
	"log/slog"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"
	"github.com/oapi-codegen/runtime"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/batch"
	"github.com/kopir-kz/kopir/gateway/consistency"
	"github.com/kopir-kz/kopir/gateway/exchange"
	"github.com/kopir-kz/kopir/gateway/fault"
)

const (
	batchID     = "batch" // in the access log
	batchRoute  = "/v1/batch"
	batchSchema = "BatchRequest"
)

// asked is one question of a batch on its way to its result.
type asked struct {
	op     operation
	query  gateway.Query
	answer any
	facts  consistency.Answer
	err    error
}

// serveBatch answers POST /v1/batch.
func (s *server) serveBatch(c *gin.Context) {
	who, err := s.identity(c)
	if err != nil {
		s.fail(c, err)
		return
	}
	c.Set(callerKey, caller{who, batchID})
	items, err := s.readBatch(c)
	if err != nil {
		s.fail(c, err)
		return
	}
	all := make([]asked, len(items))
	var calls []exchange.Call
	var places []int // of the calls in all
	for i, item := range items {
		call, op, err := s.prepare(c, who, item)
		all[i] = asked{op: op, query: call.Query, err: err}
		if err == nil {
			calls, places = append(calls, call), append(places, i)
		}
	}
	for i, out := range s.batch.Do(c.Request.Context(), calls) {
		s.settle(&all[places[i]], places[i], out)
	}
	s.render(c, s.collect(c, items, all))
}

// readBatch reads the questions. What breaks the form of a batch refuses it
// whole: nothing was asked then.
func (s *server) readBatch(c *gin.Context) ([]gateway.BatchItemRequest, error) {
	document, err := s.door.read(c.Writer, c.Request)
	if err != nil {
		return nil, err
	}
	if fields := s.door.check(batchSchema, document); len(fields) > 0 {
		return nil, &fault.Error{Kind: fault.InvalidRequest, Op: "check request", Fields: fields}
	}
	var body gateway.BatchRequest
	if err := runtime.BindJSONValue(document, &body); err != nil {
		return nil, errBind
	}
	return body.Items, nil
}

// prepare makes the call of a question, as the operation's own path would: right,
// form, types.
func (s *server) prepare(c *gin.Context, who client, item gateway.BatchItemRequest) (exchange.Call, operation, error) {
	op, ok := operationOf(string(item.Operation))
	if !ok {
		return exchange.Call{}, op, defect("an operation of the contract is missing")
	}
	if err := who.may(op.id); err != nil {
		return exchange.Call{}, op, err
	}
	// Purpose and consent were held against the form of the batch; what is left
	// is the query, which has the form of the operation.
	purpose := map[string]any{"service": item.Purpose.Service, "case": item.Purpose.Case, "legal_basis": item.Purpose.LegalBasis, "official": item.Purpose.Official}
	document := map[string]any{"purpose": purpose, "query": item.Query}
	if fields := s.door.check(op.schema, document); len(fields) > 0 {
		return exchange.Call{}, op, &fault.Error{Kind: fault.InvalidRequest, Op: "check request", Fields: fields}
	}
	q, err := op.read(document)
	if err != nil {
		return exchange.Call{}, op, err
	}
	return exchange.Call{
		RequestID: requestID(c), Client: who.id, Operation: op.id,
		Purpose: item.Purpose, Query: q.query, Consent: item.Consent,
	}, op, nil
}

// settle turns the outcome of a question into its answer.
func (s *server) settle(a *asked, place int, out batch.Outcome) {
	if a.err = out.Err; a.err != nil {
		return
	}
	if a.answer, a.err = a.op.answer(out.Result.Facts, out.Result.Provenance); a.err == nil {
		a.facts = consistency.Answer{
			Query: a.query, Facts: out.Result.Facts, Registry: out.Result.Provenance.Registry, At: out.Result.Provenance.ObservedAt,
			Pointer: "/results/" + strconv.Itoa(place) + "/answer",
		}
	}
}

// collect is the answer of the batch. A problem points into the request of the
// batch, and the log gets the cause of each that is ours to mend.
func (s *server) collect(c *gin.Context, items []gateway.BatchItemRequest, all []asked) gateway.BatchAnswer {
	answer := gateway.BatchAnswer{Results: make([]gateway.BatchResult, len(all))}
	lang := languageOf(c.Request)
	var facts []consistency.Answer
	for i, a := range all {
		result := &answer.Results[i]
		result.ReferenceID, result.Operation = items[i].ReferenceID, items[i].Operation
		if a.err != nil {
			entry := s.entry(a.err)
			result.Problem = s.document(c, entry, lang, a.err)
			for k := range result.Problem.Errors {
				f := &result.Problem.Errors[k]
				f.Pointer = "/items/" + strconv.Itoa(i) + f.Pointer
			}
			s.metrics.problem(entry.ID)
			s.logItem(c, i, a, entry.ID)
			continue
		}
		result.Answer = a.answer
		facts = append(facts, a.facts)
	}
	answer.Consistency = list(consistency.Check(facts...))
	return answer
}

// operationOf finds an operation by its id.
func operationOf(id string) (operation, bool) {
	all := operations()
	i := slices.IndexFunc(all, func(op operation) bool { return op.id == id })
	if i < 0 {
		return operation{}, false
	}
	return all[i], true
}

// logItem tells the log what the problem of a question does not tell the caller.
func (s *server) logItem(c *gin.Context, place int, a asked, problem string) {
	level := slog.LevelInfo
	if s.problems[problem].Status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	s.Log.LogAttrs(c.Request.Context(), level, "question",
		slog.String("request_id", requestID(c)), slog.Int("item", place), slog.String("operation", a.op.id),
		slog.String("problem", problem), slog.String("error", a.err.Error()))
}
