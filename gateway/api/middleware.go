package api

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/kopir-kz/kopir/gateway/ident"
)

const (
	headerRequestID = "X-Request-Id"
	requestIDKey    = "kopir.request_id"
)

// identify gives the request its id. A caller's id is kept only if it cannot
// harm a log line and holds no identifier of a person.
func (s *server) identify(c *gin.Context) {
	id := c.GetHeader(headerRequestID)
	if !harmless(id) {
		id = s.NewID()
	}
	c.Set(requestIDKey, id)
	c.Header(headerRequestID, id)
}

func requestID(c *gin.Context) string { return c.GetString(requestIDKey) }

var requestIDForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// harmless tells whether a caller's request id may be logged.
func harmless(id string) bool {
	if !requestIDForm.MatchString(id) {
		return false
	}
	const length = 12
	for i := 0; i+length <= len(id); i++ {
		if _, err := ident.ParseIIN(id[i:i+length], ident.TestStand); err == nil {
			return false
		}
	}
	return true
}

// observe writes the access log and the metrics when the request has ended. The
// line names the route template; the path could hold anything.
func (s *server) observe(c *gin.Context) {
	start := s.Clock()
	s.metrics.inFlight.Inc()
	defer s.metrics.inFlight.Dec()
	c.Next()

	took := s.Clock().Sub(start)
	route := c.FullPath()
	if route == "" {
		route = noRoute
	}
	status := c.Writer.Status()
	attrs := []slog.Attr{
		slog.String("request_id", requestID(c)),
		slog.String("method", method(c.Request.Method)),
		slog.String("route", route),
		slog.Int("status", status),
		slog.Float64("duration_seconds", took.Seconds()),
		slog.Int("answer_bytes", max(c.Writer.Size(), 0)),
	}
	if who, ok := callerOf(c); ok {
		attrs = append(attrs, slog.String("client", who.client.id), slog.String("operation", who.operation))
	}
	level := slog.LevelInfo
	v, _ := c.Get(failureKey)
	failed, bad := v.(failure)
	if bad {
		attrs = append(attrs, slog.String("problem", failed.id), slog.String("error", failed.err.Error()))
	}
	switch {
	case status >= http.StatusInternalServerError:
		level = slog.LevelError
	case !bad && c.Request.Method == http.MethodGet: // probes, scrapes, pages
		level = slog.LevelDebug
	}
	s.Log.LogAttrs(c.Request.Context(), level, "request", attrs...)
	s.metrics.count(route, status, took, failed.id)
}

// method bounds what a stranger can put on a log line.
func method(m string) string {
	known := []string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodOptions, http.MethodTrace, http.MethodConnect,
	}
	if slices.Contains(known, m) {
		return m
	}
	return "OTHER"
}

// harden sets what holds for every answer: never stored, never guessed at,
// never framed, nothing loaded. Pages loosen the policy for their own files.
func (s *server) harden(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", policyNothing)
}

// The content security policies: of data, and of our pages. Pages have no inline
// script and no inline style.
const (
	policyNothing = "default-src 'none'; frame-ancestors 'none'"
	policyPage    = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

// catch turns a panic into the problem "internal". The value of a panic may
// hold anything, so the log gets its type, the text only of errors of the Go
// run time, and the stack, which shows addresses and no values.
func (s *server) catch(c *gin.Context) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if v == http.ErrAbortHandler { //nolint:errorlint // net/http compares so, too
			panic(v) // asks net/http to cut the connection
		}
		text := fmt.Sprintf("panic with %T", v)
		if e, ok := v.(runtime.Error); ok {
			text = "panic: " + e.Error()
		}
		s.Log.LogAttrs(c.Request.Context(), slog.LevelError, "panic",
			slog.String("request_id", requestID(c)), slog.String("error", text), slog.String("stack", string(debug.Stack())))
		s.fail(c, defect(text))
	}()
	c.Next()
}

// writeJSON writes a document whose status and headers are set.
func writeJSON(w http.ResponseWriter, v any) error {
	b, err := json.Marshal(v)
	if err == nil {
		_, err = w.Write(append(b, '\n'))
	}
	return err
}
