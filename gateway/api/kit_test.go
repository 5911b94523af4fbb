package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/api"
	"github.com/kopir-kz/kopir/gateway/exchange"
	"github.com/kopir-kz/kopir/gateway/ident"
)

const (
	personRoute  = "/v1/persons/search"
	addressRoute = "/v1/addresses/search"

	civilActRoute     = "/v1/civil-acts/search"
	accountRoute      = "/v1/bank-accounts/check"
	guardianshipRoute = "/v1/guardianships/search"
	taxpayerRoute     = "/v1/taxpayers/search"
	legalEntityRoute  = "/v1/legal-entities/search"

	purpose     = `"purpose":{"service":"00601","case":"2025-000117","legal_basis":"Order 279","official":"op-0042"}`
	goodPerson  = `{` + purpose + `,"query":{"iin":"904315401016"}}`
	goodAddress = goodPerson
)

// core is a Core whose answer is given by a function.
type core func(ctx context.Context, c exchange.Call) (exchange.Result, error)

func (f core) Do(ctx context.Context, c exchange.Call) (exchange.Result, error) { return f(ctx, c) }

// answers is a core that always gives the same.
func answers(f gateway.Facts, err error) core {
	return func(context.Context, exchange.Call) (exchange.Result, error) {
		return exchange.Result{Facts: f, Provenance: provenance()}, err
	}
}

// untouched is a core that must not be asked.
func untouched(t *testing.T) core {
	return func(context.Context, exchange.Call) (exchange.Result, error) {
		t.Error("the core was asked")
		return exchange.Result{Facts: gateway.Persons(nil)}, nil
	}
}

func provenance() gateway.Provenance {
	at := time.Date(2025, 9, 1, 5, 0, 0, 0, time.UTC)
	return gateway.Provenance{
		ExchangeID: "x-1", Registry: "GBDFL", ServiceID: "GBDFL_UniversalServiceSync", MessageID: "m-1", CorrelationID: "c-1",
		AskedAt: at, ObservedAt: at.Add(time.Second), Attempts: 1,
		Signatures: []gateway.SignatureVerdict{{Layer: gateway.LayerEnvelope, Verdict: gateway.VerdictVerified, Signer: "CN=SHEP", Algorithm: "RSA-SHA256", Covered: []string{"Body"}}},
	}
}

// world is an API with its log and a client that may do everything.
type world struct {
	http.Handler
	key string
	log *logBuffer
}

// logBuffer is an io.Writer for several goroutines.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b.Reset()
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newWorld makes an API. Options may be changed before it starts.
func newWorld(t testing.TB, c api.Core, change ...func(*api.Options)) world {
	t.Helper()
	key := api.NewKey()
	hash, err := api.HashKey(key, nil)
	if err != nil {
		t.Fatal(err)
	}
	log := &logBuffer{}
	o := api.Options{
		Core:    c,
		Clients: []api.Client{{ID: "benefits", KeyHashes: []string{hash}, Operations: api.Operations()}},
		Log:     slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, f := range change {
		f(&o)
	}
	h, err := api.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return world{h, key, log}
}

// newRequest is a request with everything right but the body.
func (w world) newRequest(route, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, route, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+w.key)
	r.Header.Set("Content-Type", "application/json")
	return r
}

// answer is what came back, whole.
type answer struct {
	StatusCode int
	Header     http.Header
	Body       string
}

func (w world) do(r *http.Request) answer {
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, r)
	return answer{rec.Code, rec.Header(), rec.Body.String()}
}

func (w world) post(route, body string) answer { return w.do(w.newRequest(route, body)) }

func (w world) get(path string, header ...string) answer {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return w.do(r)
}

// problem reads a problem document and holds everything about it that does not
// depend on the case against catalogue and contract.
func problem(t testing.TB, w world, route string, r answer) gateway.Problem {
	t.Helper()
	text := r.Body
	var p gateway.Problem
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		t.Fatalf("not a problem document: %v: %s", err, text)
	}
	conforms(t, http.MethodPost, route, r, text)
	entry := catalogueEntry(t, p.Code)
	lang := r.Header.Get("Content-Language")
	for _, check := range []struct{ name, got, want string }{
		{"Content-Type", r.Header.Get("Content-Type"), "application/problem+json"},
		{"type", p.Type, "https://kopir.kz/problems/" + p.Code},
		{"title", p.Title, entry.Title.In(lang)},
		{"detail", p.Detail, entry.Detail.In(lang)},
		{"action", p.Action, entry.Action.In(lang)},
		{"HTTP status", strconv.Itoa(r.StatusCode), strconv.Itoa(entry.Status)},
		{"status", strconv.Itoa(p.Status), strconv.Itoa(entry.Status)},
		{"side", string(p.Side), entry.Side},
		{"retryable", strconv.FormatBool(p.Retryable), strconv.FormatBool(entry.Retryable)},
		{"request_id", p.RequestID, r.Header.Get("X-Request-Id")},
		{"instance", p.Instance, "https://kopir.kz/requests/" + p.RequestID},
		{"Cache-Control", r.Header.Get("Cache-Control"), "no-store"},
	} {
		if check.got != check.want {
			t.Errorf("%s of %s is %q, want %q", check.name, p.Code, check.got, check.want)
		}
	}
	if p.RequestID == "" {
		t.Error("no request id")
	}
	if !strings.Contains(w.log.String(), p.RequestID) {
		t.Error("the log does not know the request id")
	}
	return p
}

func catalogueEntry(t testing.TB, id string) contracts.Problem {
	t.Helper()
	c, err := contracts.Problems()
	if err != nil {
		t.Fatal(err)
	}
	p, ok := c.Problem(id)
	if !ok {
		t.Fatalf("the catalogue has no %q", id)
	}
	return p
}

func contract(t testing.TB) *openapi3.T {
	t.Helper()
	doc, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// loadContract reads the contract once for all tests; nobody changes it.
var loadContract = sync.OnceValues(func() (*openapi3.T, error) {
	return openapi3.NewLoader().LoadFromData(contracts.OpenAPI())
})

// conforms holds an answer against what the contract says for its route,
// method, status and media type. A route that is not of the contract answers
// with a problem document.
func conforms(t testing.TB, method, route string, r answer, text string) {
	t.Helper()
	doc := contract(t)
	media := strings.Split(r.Header.Get("Content-Type"), ";")[0]
	schema := doc.Components.Schemas["Problem"].Value
	if path := doc.Paths.Value(route); path != nil && path.GetOperation(method) != nil {
		responses := path.GetOperation(method).Responses
		response := responses.Value(strconv.Itoa(r.StatusCode))
		if response == nil {
			response = responses.Value(fmt.Sprintf("%dXX", r.StatusCode/100))
		}
		if response == nil {
			t.Fatalf("the contract has no status %d for %s %s", r.StatusCode, method, route)
		}
		content := response.Value.Content[media]
		if content == nil {
			t.Fatalf("the contract has no %s for %s %s %d", media, method, route, r.StatusCode)
		}
		schema = content.Schema.Value
	}
	if !strings.HasSuffix(media, "json") {
		return
	}
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	if err := schema.VisitJSON(v, openapi3.MultiErrors(), openapi3.VisitAsResponse(), openapi3.EnableFormatValidation()); err != nil {
		t.Errorf("%s %s %d: %v", method, route, r.StatusCode, err)
	}
	undeclared(t, "", schema, v)
}

// undeclared finds fields of an answer that its schema does not declare.
func undeclared(t testing.TB, at string, s *openapi3.Schema, v any) {
	t.Helper()
	for len(s.AllOf) == 1 {
		s = s.AllOf[0].Value
	}
	if s.Type.Is("object") && len(s.Properties) == 0 {
		return // any object
	}
	switch v := v.(type) {
	case map[string]any:
		for name, child := range v {
			if p := s.Properties[name]; p != nil {
				undeclared(t, at+"/"+name, p.Value, child)
			} else {
				t.Errorf("%s/%s is not in the contract", at, name)
			}
		}
	case []any:
		for i, child := range v {
			undeclared(t, at+"/"+strconv.Itoa(i), s.Items.Value, child)
		}
	}
}

// rules lists the broken rules of a problem as "pointer rule".
func rules(p gateway.Problem) []string {
	var all []string
	for _, f := range p.Errors {
		all = append(all, f.Pointer+" "+f.Rule)
	}
	return all
}

// absent demands that none of the secrets shows in a text.
func absent(t testing.TB, where, text string, secrets ...string) {
	t.Helper()
	for _, s := range secrets {
		if s != "" && strings.Contains(text, s) {
			t.Errorf("%s holds the value %q: %s", where, s, text)
		}
	}
}

// headerText is everything an answer says outside its body.
func headerText(r answer) string {
	var b strings.Builder
	_ = r.Header.Write(&b) // a Builder does not fail
	return b.String()
}

func synthetic(t testing.TB, serial int) string {
	t.Helper()
	iin, err := ident.SyntheticIIN(1990, time.March, 15, ident.Female, serial)
	if err != nil {
		t.Fatal(err)
	}
	return iin.Reveal()
}
