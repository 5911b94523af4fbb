package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/api"
	"github.com/kopir-kz/kopir/gateway/exchange"
	"github.com/kopir-kz/kopir/gateway/fault"
)

// TestEveryKindHasAnEntry: the kinds of package fault and the catalogue are the
// same list.
func TestEveryKindHasAnEntry(t *testing.T) {
	t.Parallel()
	c, err := contracts.Problems()
	if err != nil {
		t.Fatal(err)
	}
	var kinds, entries []string
	for _, k := range fault.Kinds() {
		kinds = append(kinds, string(k))
	}
	for _, p := range c.Problems {
		entries = append(entries, p.ID)
	}
	slices.Sort(kinds)
	slices.Sort(entries)
	if !slices.Equal(kinds, entries) {
		t.Errorf("kinds %q\nentries %q", kinds, entries)
	}
}

// TestEveryKindFromOutside: an exchange that fails so gives this document, in
// each language, and the cause stays inside.
func TestEveryKindFromOutside(t *testing.T) {
	t.Parallel()
	const cause = "upstream said СЫНАҚОВА 904315401016"
	// The case of the purpose tells this exchange how to fail.
	w := newWorld(t, core(func(_ context.Context, c exchange.Call) (exchange.Result, error) {
		return exchange.Result{}, fmt.Errorf("outer: %w", fault.Wrap(fault.Kind(c.Purpose.Case), "ask", errors.New(cause)))
	}))
	for _, kind := range fault.Kinds() {
		for _, lang := range []string{"en", "kk", "ru"} {
			t.Run(string(kind)+"/"+lang, func(t *testing.T) {
				t.Parallel()
				r := w.newRequest(personRoute, strings.Replace(goodPerson, "2025-000117", string(kind), 1))
				r.Header.Set("Accept-Language", lang)
				answer := w.do(r)
				if got := answer.Header.Get("Content-Language"); got != lang {
					t.Errorf("Content-Language %q", got)
				}
				p := problem(t, w, personRoute, answer)
				if p.Code != string(kind) {
					t.Errorf("got %s", p.Code)
				}
				b, err := json.Marshal(p)
				if err != nil {
					t.Fatal(err)
				}
				absent(t, "the answer", string(b), "upstream", "СЫНАҚОВА", "outer")
			})
		}
	}
}

// TestUnknownErrorIsInternal: an error without a kind tells strangers nothing.
func TestUnknownErrorIsInternal(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		core core
	}{
		{"error without a kind", answers(nil, errors.New("disk on fire"))},
		{"kind without an entry", answers(nil, fault.New("no-such-kind", "ask", ""))},
		{"no facts", answers(nil, nil)},
		{"facts of another operation", answers(gateway.Addresses{IIN: "904315401016"}, nil)},
		{"panic with an error", func(context.Context, exchange.Call) (exchange.Result, error) {
			panic(fmt.Errorf("СЫНАҚОВА"))
		}},
		{"panic of the run time", func(context.Context, exchange.Call) (exchange.Result, error) {
			list := []string{"СЫНАҚОВА"}
			return exchange.Result{Provenance: gateway.Provenance{MessageID: list[len(list)]}}, nil
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tt.core)
			p := problem(t, w, personRoute, w.post(personRoute, goodPerson))
			if p.Code != "internal" {
				t.Errorf("got %s", p.Code)
			}
			absent(t, "the log", w.log.String(), "СЫНАҚОВА")
			if strings.HasPrefix(tt.name, "panic") && (!strings.Contains(w.log.String(), `"stack":`) || !strings.Contains(w.log.String(), "problem_test.go")) {
				t.Errorf("the log has no stack: %s", w.log.String())
			}
		})
	}
}

// TestAbortIsNotCaught: a handler may ask net/http to cut the connection.
func TestAbortIsNotCaught(t *testing.T) {
	t.Parallel()
	w := newWorld(t, core(func(context.Context, exchange.Call) (exchange.Result, error) { panic(http.ErrAbortHandler) }))
	defer func() {
		if v := recover(); v != http.ErrAbortHandler { //nolint:errorlint // the very value
			t.Errorf("recovered %v", v)
		}
	}()
	w.post(personRoute, goodPerson)
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		kind   fault.Kind
		advice time.Duration
		want   string
	}{
		{"advice of the registry", fault.RegistryBusy, 17 * time.Second, "17"},
		{"part of a second counts as one", fault.ShepUnavailable, 1200 * time.Millisecond, "2"},
		{"503 without advice", fault.Overloaded, 0, "5"},
		{"absurd advice", fault.ShepUnavailable, 1000 * time.Hour, "3600"},
		{"504 without advice", fault.ShepTimeout, 0, ""},
		{"504 with advice", fault.ShepTimeout, 3 * time.Second, "3"},
		{"waiting cannot help", fault.SignatureInvalid, 3 * time.Second, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, answers(nil, &fault.Error{Kind: tt.kind, RetryAfter: tt.advice}))
			r := w.post(personRoute, goodPerson)
			if got := r.Header.Get("Retry-After"); got != tt.want {
				t.Errorf("Retry-After %q, want %q", got, tt.want)
			}
			problem(t, w, personRoute, r)
		})
	}
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, accept, want string }{
		{"nothing", "", "en"},
		{"Kazakh", "kk", "kk"},
		{"Kazakh of Kazakhstan", "kk-KZ", "kk"},
		{"Russian, then Kazakh", "ru,kk;q=0.5", "ru"},
		{"Kazakh preferred by weight", "ru;q=0.3, kk;q=0.9", "kk"},
		{"German", "de", "en"},
		{"German, then Russian", "de, ru;q=0.5", "ru"},
		{"anything", "*", "en"},
		{"nonsense", "kk;q=abc\x01", "en"},
		{"very long", strings.Repeat("kk-", 3000), "en"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, untouched(t))
			r := w.newRequest(personRoute, `{}`)
			r.Header.Set("Accept-Language", tt.accept)
			answer := w.do(r)
			if got := answer.Header.Get("Content-Language"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			c, err := contracts.Problems()
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range problem(t, w, personRoute, answer).Errors {
				if f.Detail != c.Rules[f.Rule].In(tt.want) {
					t.Errorf("%s is told as %q", f.Rule, f.Detail)
				}
			}
		})
	}
}

func TestRoutesThatAreNot(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, method, path, code, allow string }{
		{"root", "GET", "/", "no-such-route", ""},
		{"unknown", "POST", "/v1/persons", "no-such-route", ""},
		{"slash at the end", "POST", "/v1/persons/search/", "no-such-route", ""},
		{"two slashes", "POST", "/v1//persons/search", "no-such-route", ""},
		{"identifier in the path", "GET", "/v1/persons/904315401016", "no-such-route", ""},
		{"up the tree", "GET", "/docs/../../etc/passwd", "no-such-route", ""},
		{"escaped up the tree", "GET", "/docs/..%2fapi.go", "no-such-route", ""},
		{"unknown asset", "GET", "/docs/docs.html", "no-such-route", ""},
		{"unknown problem", "GET", "/problems/no-such-thing", "no-such-route", ""},
		{"debugging", "GET", "/debug/pprof/", "no-such-route", ""},
		{"GET", "GET", personRoute, "method-not-allowed", "POST"},
		{"PUT", "PUT", addressRoute, "method-not-allowed", "POST"},
		{"OPTIONS", "OPTIONS", personRoute, "method-not-allowed", "POST"},
		{"POST to a page", "POST", "/docs", "method-not-allowed", "GET"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, untouched(t))
			r := w.newRequest("/", "")
			r.Method = tt.method
			r.URL.Path = tt.path
			answer := w.do(r)
			if got := answer.Header.Get("Allow"); got != tt.allow {
				t.Errorf("Allow %q, want %q", got, tt.allow)
			}
			if p := problem(t, w, "", answer); p.Code != tt.code {
				t.Errorf("got %s", p.Code)
			}
			absent(t, "the log", w.log.String(), "904315401016", "etc", "pprof")
		})
	}
}

// TestEveryRuleHasATextInThreeLanguages: rules of the schema, of the JSON
// reader and of the identifiers.
func TestEveryRuleHasATextInThreeLanguages(t *testing.T) {
	t.Parallel()
	c, err := contracts.Problems()
	if err != nil {
		t.Fatal(err)
	}
	used := []string{
		"json.empty", "json.utf8", "json.syntax", "json.trailing", "json.object", "json.duplicate_name", "json.depth",
		"json.size", "json.number", "json.surrogate",
		"field.required", "field.unknown", "field.type", "field.length", "field.format",
		"query.mode", "query.too_wide", "civil_act.role", "act_number.digits", "period.order", "account.bank",
		"iin.length", "iin.digits", "iin.century", "iin.date", "iin.check_digit", "iin.synthetic", "iin.real",
		"iban.country", "iban.bank", "iban.check_digits", "bic.length", "bic.country", "bin.month", "bin.kind", "bin.part", "bin.check_digit",
	}
	for _, m := range regexp.MustCompile(`x-rules: \{([^}]*)\}`).FindAllSubmatch(contracts.OpenAPI(), -1) {
		for _, pair := range strings.Split(string(m[1]), ",") {
			_, id, _ := strings.Cut(pair, ":")
			used = append(used, strings.TrimSpace(id))
		}
	}
	for _, id := range used {
		if _, ok := c.Rules[id]; !ok {
			t.Errorf("no text for the rule %s", id)
		}
	}
	for id := range c.Rules {
		if !slices.Contains(used, id) {
			t.Errorf("the rule %s has a text, but nothing reports it", id)
		}
	}
}

// TestBaseURL: the operator's own name for problems.
func TestBaseURL(t *testing.T) {
	t.Parallel()
	w := newWorld(t, untouched(t), func(o *api.Options) { o.BaseURL = "https://gate.example/kopir" })
	var p gateway.Problem
	if err := json.Unmarshal([]byte(w.post(personRoute, `{}`).Body), &p); err != nil {
		t.Fatal(err)
	}
	if p.Type != "https://gate.example/kopir/problems/invalid-request" || p.Instance != "https://gate.example/kopir/requests/"+p.RequestID {
		t.Errorf("type %s, instance %s", p.Type, p.Instance)
	}
}

// TestCallerGone: the context of the request reaches the core.
func TestCallerGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, core(func(ctx context.Context, _ exchange.Call) (exchange.Result, error) {
		<-ctx.Done()
		return exchange.Result{}, fault.Wrap(fault.CallerGone, "wait", ctx.Err())
	}))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := w.do(w.newRequest(personRoute, goodPerson).WithContext(ctx))
	if r.StatusCode != 499 || !strings.Contains(w.log.String(), `"problem":"caller-gone"`) {
		t.Errorf("status %d, log %s", r.StatusCode, w.log.String())
	}
}

// TestTheLogKnowsWhy: what strangers are not told is in the log, on one line
// with the request's id.
func TestTheLogKnowsWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t, answers(nil, fault.Wrap(fault.SignerUntrusted, "verify envelope", errors.New("chain ends at CN=Test"))))
	p := problem(t, w, personRoute, w.post(personRoute, goodPerson))
	var line map[string]any
	if err := json.Unmarshal([]byte(strings.TrimSpace(w.log.String())), &line); err != nil {
		t.Fatalf("not one line of JSON: %v: %s", err, w.log.String())
	}
	for name, want := range map[string]string{
		"level": "ERROR", "request_id": p.RequestID, "route": personRoute, "method": "POST", "status": strconv.Itoa(p.Status),
		"client": "benefits", "operation": "person.search", "problem": "signer-untrusted",
		"error": "verify envelope: signer-untrusted: chain ends at CN=Test",
	} {
		if got := fmt.Sprint(line[name]); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// TestContractShowsTheCatalogue: the sample problems of openapi.yaml are those
// of the catalogue, word for word.
func TestContractShowsTheCatalogue(t *testing.T) {
	t.Parallel()
	c, err := contracts.Problems()
	if err != nil {
		t.Fatal(err)
	}
	for _, response := range []string{"Refused", "Failed"} {
		for name, e := range contract(t).Components.Responses[response].Value.Content["application/problem+json"].Examples {
			b, err := json.Marshal(e.Value.Value)
			if err != nil {
				t.Fatal(err)
			}
			var p gateway.Problem
			if err := json.Unmarshal(b, &p); err != nil {
				t.Fatal(err)
			}
			entry, _ := c.Problem(p.Code)
			if p.Type != api.DefaultBaseURL+"/problems/"+p.Code || p.Status != entry.Status || string(p.Side) != entry.Side || p.Retryable != entry.Retryable {
				t.Errorf("%s: %+v", name, p)
			}
			if !slices.ContainsFunc([]string{"kk", "ru", "en"}, func(lang string) bool {
				return p.Title == entry.Title.In(lang) && p.Detail == entry.Detail.In(lang) && p.Action == entry.Action.In(lang)
			}) {
				t.Errorf("%s: texts of no language of the catalogue", name)
			}
			for _, f := range p.Errors {
				if f.Detail != c.Rules[f.Rule].EN {
					t.Errorf("%s: text of %s", name, f.Rule)
				}
			}
		}
	}
}
