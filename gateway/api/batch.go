package api

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"
	"github.com/oapi-codegen/runtime"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/api/internal/rest"
	"github.com/kopir-kz/kopir/gateway/batch"
	"github.com/kopir-kz/kopir/gateway/consistency"
	"github.com/kopir-kz/kopir/gateway/exchange"
	"github.com/kopir-kz/kopir/gateway/fault"
)

// A batch is no operation: clients need no right of its own for it.
const (
	batchRoute = "/v1/batch"
	batchID    = "batch" // in the access log
)

// kind is an operation as batches ask it: what their contract leaves open, the
// query and the answer.
type kind struct {
	query  func(document map[string]any) (gateway.Query, error)
	answer func(exchange.Result) (any, error)
}

// of makes a kind with queries of type Q and the answers that answer makes.
func of[Q gateway.Query, F gateway.Facts, A any](answer func(F, reply) A) kind {
	return kind{
		query: func(document map[string]any) (gateway.Query, error) {
			var q Q
			if err := runtime.BindJSONValue(document, &q); err != nil {
				return nil, errBind
			}
			return q, nil
		},
		answer: func(result exchange.Result) (any, error) { return answered(result, answer) },
	}
}

// question is one question of a batch on its way to its result.
type question struct {
	item   gateway.BatchItemRequest
	kind   kind
	query  gateway.Query
	answer any
	facts  consistency.Answer
	err    error
}

// Batch answers POST /v1/batch.
func (h handlers) Batch(ctx context.Context, r rest.BatchRequestObject) (rest.BatchResponseObject, error) {
	c, who, err := asker(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]question, len(r.Body.Items))
	var calls []exchange.Call
	var places []int // of the calls in all
	known := kinds()
	for i, item := range r.Body.Items {
		q := &all[i]
		q.item, q.kind = item, known[string(item.Operation)]
		if q.err = h.prepare(q, who.client); q.err == nil {
			calls, places = append(calls, exchange.Call{
				RequestID: requestID(c), Client: who.client.id, Operation: string(item.Operation),
				Purpose: item.Purpose, Query: q.query, Consent: item.Consent,
			}), append(places, i)
		}
	}
	for i, out := range h.batch.Do(c.Request.Context(), calls) {
		all[places[i]].settle(places[i], out)
	}
	return rest.Batch200JSONResponse{Body: h.collect(c, all)}, nil
}

// prepare holds a question against what its own path asks for: the right, and the
// form of the query. The purpose and the consent were checked with the batch.
func (s *server) prepare(q *question, who client) (err error) {
	operation := string(q.item.Operation)
	if err := who.may(operation); err != nil {
		return err
	}
	if q.kind.query == nil {
		return defect("an operation of the contract is missing")
	}
	if fields := s.door.checkQuery(s.paths[operation], q.item.Query); len(fields) > 0 {
		return &fault.Error{Kind: fault.InvalidRequest, Op: "check request", Fields: fields}
	}
	q.query, err = q.kind.query(q.item.Query)
	return err
}

// settle turns what became of a question into its answer.
func (q *question) settle(place int, out batch.Outcome) {
	if q.err = out.Err; q.err != nil {
		return
	}
	if q.answer, q.err = q.kind.answer(out.Result); q.err != nil {
		return
	}
	from := &out.Result.Provenance
	q.facts = consistency.Answer{
		Query: q.query, Facts: out.Result.Facts, Registry: from.Registry, At: from.ObservedAt,
		Pointer: "/results/" + strconv.Itoa(place) + "/answer",
	}
}

// collect makes the answer of the batch. A problem points into the request of the
// batch; what it does not tell the caller goes to the log.
func (s *server) collect(c *gin.Context, all []question) gateway.BatchAnswer {
	answer := gateway.BatchAnswer{Results: make([]gateway.BatchResult, len(all))}
	lang := languageOf(c.Request)
	var facts []consistency.Answer
	for i := range all {
		q, result := &all[i], &answer.Results[i]
		result.ReferenceID, result.Operation = q.item.ReferenceID, q.item.Operation
		if q.err == nil {
			result.Answer = q.answer
			facts = append(facts, q.facts)
			continue
		}
		entry := s.entry(q.err)
		result.Problem = s.document(c, entry, lang, q.err)
		for k := range result.Problem.Errors {
			f := &result.Problem.Errors[k]
			f.Pointer = "/items/" + strconv.Itoa(i) + f.Pointer
		}
		s.metrics.problem(entry.ID)
		level := slog.LevelInfo
		if entry.Status >= http.StatusInternalServerError {
			level = slog.LevelError
		}
		s.Log.LogAttrs(c.Request.Context(), level, "question",
			slog.String("request_id", requestID(c)), slog.Int("item", i), slog.String("operation", string(q.item.Operation)),
			slog.String("problem", entry.ID), slog.String("error", q.err.Error()))
	}
	answer.Consistency = list(consistency.Check(facts...))
	return answer
}
