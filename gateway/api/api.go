// Package api is the HTTP face of the gateway and the only importer of gin. It
// serves the contract of contracts/openapi.yaml.
//
// What happens to a request, in this order:
//
//  1. It gets its id: the caller's X-Request-Id if it is harmless, else a new
//     one. The answer carries it, whatever happens.
//  2. Headers against caching, sniffing and framing are set, the access log and
//     the metrics wait for the end, and a panic becomes a problem document.
//  3. The API key is looked up and must have the operation on its list.
//  4. The body is read, bounded; JSON is read strictly; the document is held
//     against the schema of the route. Every broken rule is reported by JSON
//     pointer and rule id, never with the value.
//  5. The generated server binds that very document, with exact names, to the
//     types of the operation and calls its method.
//  6. The exchange carries the question; its facts become the answer, which the
//     generated server writes.
//
// Routes, binding and rendering are generated from the contract (internal/rest).
// operations.go has one small method for each operation and answers.go the form
// of its answer; everything else is the same for all of them. A batch (batch.go)
// takes its questions through the same steps 4 to 6, each for itself.
//
// Whatever fails becomes one document by one function (problem.go): an RFC 9457
// problem from the catalogue, in the caller's language. The cause goes to the log
// only.
//
// Log lines and metrics name the route template, never a path, a query or a
// body.
package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway/api/internal/rest"
	"github.com/kopir-kz/kopir/gateway/batch"
	"github.com/kopir-kz/kopir/gateway/exchange"
)

//go:generate go -C ../../.ci/tools tool oapi-codegen -config ../../contracts/models.codegen.yaml -o ../../gateway/model.gen.go ../../contracts/openapi.yaml
//go:generate go -C ../../.ci/tools tool oapi-codegen -config ../../contracts/server.codegen.yaml -o ../../gateway/api/internal/rest/server.gen.go ../../contracts/openapi.yaml

// Core carries a question to a registry; *exchange.Exchange is one. An error is
// turned into a problem document by its fault.Kind; one without a kind is a
// defect of ours.
type Core interface {
	Do(ctx context.Context, c exchange.Call) (exchange.Result, error)
}

// DefaultMaxBodyBytes bounds a request body if Options does not. The largest
// request of the contract, with two consent tokens of 8 KiB, fits well.
const DefaultMaxBodyBytes = 64 << 10

// DefaultBaseURL is where the type URIs of problems begin if Options does not
// say. A type URI is a name; it need not be reachable (RFC 9457 section 3.1.1).
const DefaultBaseURL = "https://kopir.kz"

// Options are the parts and settings of the API.
type Options struct {
	Core    Core     // required
	Clients []Client // who may call what; nobody by default
	// Pepper is mixed into the hashes of API keys; it must be that with which
	// Client.KeyHashes were made. Empty for none.
	Pepper []byte

	// MaxBodyBytes bounds a request body. Default DefaultMaxBodyBytes.
	MaxBodyBytes int64
	// BatchTimeout bounds a batch, PerClient the questions that one client has
	// under way in its batches. Defaults are those of package batch.
	BatchTimeout time.Duration
	PerClient    int
	// BaseURL is the absolute URL under which type and instance of problems are
	// named, without a slash at the end. Default DefaultBaseURL.
	BaseURL string
	// Ready tells whether the gateway can work now; /readyz asks it. Default:
	// always.
	Ready func(context.Context) error
	// Metrics is where the API's metrics are registered and what /metrics
	// shows. Default: a registry of its own.
	Metrics *prometheus.Registry
	Log     *slog.Logger     // default slog.Default()
	Clock   func() time.Time // for durations in log and metrics; default time.Now
	NewID   func() string    // makes request ids; default random UUIDs
}

// server holds what the handlers share. It does not change after New.
type server struct {
	Options
	problems   map[string]contracts.Problem // by id
	rules      map[string]contracts.Texts   // by rule id
	operations map[string]string            // id by path
	paths      map[string]string            // the other way round
	clients    []client
	door       *door
	metrics    *metrics
	pages      *pages
	batch      *batch.Runner
}

// New makes the handler of the whole API. The error names the option that is
// missing or wrong.
func New(o Options) (http.Handler, error) {
	if o.Core == nil {
		return nil, errors.New("api: a core is needed")
	}
	o = o.withDefaults()
	base, err := url.Parse(o.BaseURL)
	if err != nil || !base.IsAbs() || base.Host == "" || strings.HasSuffix(o.BaseURL, "/") || base.RawQuery != "" || base.Fragment != "" {
		return nil, errors.New("api: the base URL must be absolute, without query and without a slash at the end")
	}
	catalogue, err := contracts.Problems()
	if err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	s := &server{
		Options: o, problems: map[string]contracts.Problem{}, rules: catalogue.Rules,
		operations: map[string]string{}, paths: map[string]string{},
	}
	for _, p := range catalogue.Problems {
		s.problems[p.ID] = p
	}
	for _, r := range rest.Routes() {
		s.operations[r.Path] = r.Operation
		s.paths[r.Operation] = r.Path
	}
	s.operations[batchRoute] = batchID
	if s.clients, err = newClients(o.Clients); err != nil {
		return nil, err
	}
	if s.door, err = newDoor(o.MaxBodyBytes); err != nil {
		return nil, err
	}
	if s.metrics, err = newMetrics(o.Metrics, catalogue); err != nil {
		return nil, err
	}
	if s.pages, err = newPages(o.BaseURL, catalogue); err != nil {
		return nil, err
	}
	if s.batch, err = batch.New(batch.Options{Core: o.Core, Timeout: o.BatchTimeout, PerClient: o.PerClient, Log: o.Log}); err != nil {
		return nil, err
	}
	return s.routes()
}

func (o Options) withDefaults() Options {
	if o.MaxBodyBytes <= 0 {
		o.MaxBodyBytes = DefaultMaxBodyBytes
	}
	if o.BaseURL == "" {
		o.BaseURL = DefaultBaseURL
	}
	if o.Ready == nil {
		o.Ready = func(context.Context) error { return nil }
	}
	if o.Metrics == nil {
		o.Metrics = prometheus.NewRegistry()
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	return o
}

// routes puts the parts in their order; see the package comment.
func (s *server) routes() (http.Handler, error) {
	gin.SetMode(gin.ReleaseMode) // else gin prints its routes to standard output
	e := gin.New()
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = false
	e.ContextWithFallback = true
	if err := e.SetTrustedProxies(nil); err != nil { // X-Forwarded-For of strangers means nothing
		return nil, err
	}
	e.Use(s.identify, s.observe, s.harden, s.catch)
	e.NoRoute(s.noRoute)
	e.NoMethod(s.noMethod)

	strict := rest.NewStrictHandlerWithOptions(handlers{s}, nil, rest.StrictGinServerOptions{
		RequestErrorHandlerFunc:  func(c *gin.Context, _ error) { s.fail(c, errBind) },
		HandlerErrorFunc:         s.fail,
		ResponseErrorHandlerFunc: func(c *gin.Context, _ error) { s.fail(c, errRender) },
	})
	rest.RegisterHandlersWithOptions(e, strict, rest.GinServerOptions{
		Middlewares: []rest.MiddlewareFunc{s.authenticate, s.enter},
	})
	e.GET("/livez", s.livez)
	e.GET("/readyz", s.readyz)
	e.GET("/metrics", gin.WrapH(s.metrics.handler))
	e.GET("/openapi.yaml", s.pages.openAPI)
	e.GET("/docs", s.pages.docs)
	e.GET("/docs/:asset", s.asset)
	e.GET("/problems/:id", s.problemPage)
	return e, nil
}
