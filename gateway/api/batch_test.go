package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/api"
	"github.com/kopir-kz/kopir/gateway/exchange"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/ident"
)

const batchRoute = "/v1/batch"

// item is a question of a batch.
func item(operation, query string, more ...string) string {
	return `{"operation":"` + operation + `",` + purpose + `,"query":` + query + strings.Join(more, "") + `}`
}

func items(all ...string) string { return `{"items":[` + strings.Join(all, ",") + `]}` }

// batchAnswer is the answer of a batch as a client reads it.
type batchAnswer struct {
	Results []struct {
		ReferenceID string           `json:"reference_id"`
		Operation   string           `json:"operation"`
		Answer      json.RawMessage  `json:"answer"`
		Problem     *gateway.Problem `json:"problem"`
	} `json:"results"`
	Consistency []gateway.Finding `json:"consistency"`
}

func readBatch(t testing.TB, r answer) (b batchAnswer) {
	t.Helper()
	if r.StatusCode != http.StatusOK {
		t.Fatalf("status %d: %s", r.StatusCode, r.Body)
	}
	conforms(t, http.MethodPost, batchRoute, r, r.Body)
	if err := json.Unmarshal([]byte(r.Body), &b); err != nil {
		t.Fatal(err)
	}
	return b
}

// TestBatchAnswersAsThePathsDo: for every operation the answer in a batch is the
// body of its own path, and every question comes to the core as it is there.
func TestBatchAnswersAsThePathsDo(t *testing.T) {
	t.Parallel()
	all := everyOperation(t)
	facts := map[string]gateway.Facts{}
	for _, op := range all {
		facts[op.id] = op.facts
	}
	var mu sync.Mutex
	heard := map[string][]exchange.Call{}
	w := newWorld(t, core(func(_ context.Context, c exchange.Call) (exchange.Result, error) {
		mu.Lock()
		defer mu.Unlock()
		c.RequestID = "" // another one for each request
		heard[c.Operation] = append(heard[c.Operation], c)
		return exchange.Result{Facts: facts[c.Operation], Provenance: provenance()}, nil
	}))
	const consent = `,"consent":{"token":"t","public_key":"k"}`
	var questions []string
	for _, op := range all {
		questions = append(questions, item(op.id, op.request, consent, `,"reference_id":"`+op.id+`"`))
	}
	got := readBatch(t, w.post(batchRoute, items(questions...)))
	for i, op := range all {
		alone := w.post(op.route, `{`+purpose+`,"query":`+op.request+consent+`}`)
		result := got.Results[i]
		if result.Operation != op.id || result.ReferenceID != op.id || result.Problem != nil || string(result.Answer)+"\n" != alone.Body {
			t.Errorf("%s: in a batch %s, alone %s", op.id, result.Answer, alone.Body)
		}
		if calls := heard[op.id]; len(calls) != 2 || !reflect.DeepEqual(calls[0], calls[1]) || calls[0].Consent.Token != "t" {
			t.Errorf("%s: heard %+v", op.id, calls)
		}
	}
}

// TestPartialFailure: what is wrong with one question stands in the place of its
// answer, with pointers into the batch; the others have theirs.
func TestPartialFailure(t *testing.T) {
	t.Parallel()
	key := api.NewKey()
	hash, err := api.HashKey(key, nil)
	if err != nil {
		t.Fatal(err)
	}
	exact := realExchange(t, ident.Mock, false)
	w := newWorld(t, core(func(ctx context.Context, c exchange.Call) (exchange.Result, error) {
		switch c.Purpose.Case {
		case "down":
			return exchange.Result{}, fault.Wrap(fault.ShepTimeout, "send", errors.New("dial upstream"))
		case "rules":
			return exact.Do(ctx, c)
		}
		return exchange.Result{Facts: gateway.Persons{}, Provenance: provenance()}, nil
	}), func(o *api.Options) {
		o.Clients = []api.Client{{ID: "benefits", KeyHashes: []string{hash}, Operations: []string{"person.search", "taxpayer.search"}}}
	})
	w.key = key
	on := func(c, item string) string { return strings.Replace(item, "2025-000117", c, 1) }
	got := readBatch(t, w.post(batchRoute, items(
		item("person.search", `{"iin":"904315401016"}`),
		item("award.search", `{"iin":"904315401016"}`),
		item("person.search", `{"iin":"904315401016","nickname":"СЫНАҚОВА"}`),
		on("rules", item("person.search", `{"iin":"904315401017"}`)),
		on("rules", item("taxpayer.search", `{"iin":"904315401016","period":{"from":"2025-02","to":"2025-01"}}`)),
		on("down", item("person.search", `{"iin":"904315401016"}`)),
		item("person.search", `{"iin":"904315401016"}`, `,"reference_id":"last"`),
	)))
	for i, want := range []string{
		"", "forbidden", "invalid-request /items/2/query/nickname field.unknown", "invalid-request /items/3/query/iin iin.check_digit",
		"invalid-request /items/4/query/period/to period.order", "shep-timeout", "",
	} {
		result, told := got.Results[i], ""
		if result.Problem != nil {
			told = strings.Join(append([]string{result.Problem.Code}, rules(*result.Problem)...), " ")
			if result.Problem.RequestID == "" || result.Problem.Title == "" || result.Answer != nil {
				t.Errorf("item %d: %+v", i, result)
			}
		} else if result.Answer == nil {
			t.Errorf("item %d has neither answer nor problem", i)
		}
		if told != want {
			t.Errorf("item %d: got %q, want %q", i, told, want)
		}
	}
	if got.Consistency == nil || len(got.Results) != 7 || got.Results[6].ReferenceID != "last" {
		t.Errorf("got %+v", got)
	}
	log := w.log.String()
	absent(t, "the log", log, "СЫНАҚОВА", "904315401016", "904315401017", "2025-02")
	for _, want := range []string{`"item":5,"operation":"person.search","problem":"shep-timeout","error":"send: shep-timeout: dial upstream"`, `"operation":"batch"`, `"client":"benefits"`} {
		if !strings.Contains(log, want) {
			t.Errorf("the log has no %s: %s", want, log)
		}
	}
	if text := w.get("/metrics").Body; !strings.Contains(text, `kopir_http_problems_total{code="forbidden"} 1`+"\n") {
		t.Error("a problem of a question is not counted")
	}
}

// TestRefusedBatch: what breaks the form of a batch refuses it whole, and nothing
// is asked.
func TestRefusedBatch(t *testing.T) {
	t.Parallel()
	const good = `{"iin":"904315401016"}`
	for _, tt := range []struct {
		name, body string
		code       string
		rules      []string
		secret     string
	}{
		{"not JSON", `{"items":[`, "malformed-json", []string{" json.syntax"}, ""},
		{"no items", `{}`, "invalid-request", []string{"/items field.required"}, ""},
		{"empty list", items(), "invalid-request", []string{"/items list.size"}, ""},
		{"thirty-three", items(slices.Repeat([]string{item("person.search", good)}, 33)...), "invalid-request", []string{"/items list.size"}, "904315401016"},
		{"unknown operation", items(item("person.search", good), item("person.delete", good)), "invalid-request", []string{"/items/1/operation operation.unknown"}, "person.delete"},
		{"no purpose", `{"items":[{"operation":"person.search","query":` + good + `}]}`, "invalid-request", []string{"/items/0/purpose field.required"}, "904315401016"},
		{"half a purpose", items(strings.Replace(item("person.search", good), `"case":"2025-000117",`, "", 1)), "invalid-request", []string{"/items/0/purpose/case field.required"}, "904315401016"},
		{"half a consent", items(item("person.search", good, `,"consent":{"token":"secret-token"}`)), "invalid-request", []string{"/items/0/consent/public_key field.required"}, "secret-token"},
		{"query as text", items(item("person.search", `"904315401016"`)), "invalid-request", []string{"/items/0/query field.type"}, "904315401016"},
		{"unknown field", items(item("person.search", good, `,"comment":"СЫНАҚОВА"`)), "invalid-request", []string{"/items/0/comment field.unknown"}, "СЫНАҚОВА"},
		{"name with spaces", items(item("person.search", good, `,"reference_id":"Сынақова А."`)), "invalid-request", []string{"/items/0/reference_id code.characters"}, "Сынақова"},
		{"an identifier for a name", items(item("person.search", good, `,"904315401016":1`)), "invalid-request", []string{"/items/0/* field.unknown"}, "904315401016"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, untouched(t))
			r := w.post(batchRoute, tt.body)
			p := problem(t, w, batchRoute, r)
			if p.Code != tt.code || !slices.Equal(rules(p), tt.rules) {
				t.Errorf("got %s %q, want %s %q", p.Code, rules(p), tt.code, tt.rules)
			}
			absent(t, "the answer", r.Body+headerText(r), tt.secret)
			absent(t, "the log", w.log.String(), tt.secret)
		})
	}
	w := newWorld(t, untouched(t))
	r := w.newRequest(batchRoute, items(item("person.search", good)))
	r.Header.Set("Authorization", "Bearer "+api.NewKey())
	if p := problem(t, w, batchRoute, w.do(r)); p.Code != "unauthenticated" {
		t.Errorf("a stranger: got %s", p.Code)
	}
}

// TestConsistency: registries that do not agree are told, and every finding
// points at facts of this answer.
func TestConsistency(t *testing.T) {
	t.Parallel()
	const born = gateway.Date("1990-03-15")
	const iin = "904315401016"
	w := newWorld(t, core(func(_ context.Context, c exchange.Call) (exchange.Result, error) {
		p := provenance()
		p.Registry = strings.ToUpper(c.Operation)
		switch c.Operation {
		case "person.search":
			return exchange.Result{Provenance: p, Facts: gateway.Persons{{IIN: iin, Surname: "СЫНАҚОВА", GivenName: "АЙГЕРІМ", BirthDate: born, DeathDate: born, Sex: gateway.SexMale, Source: gateway.Source{Registry: "GBDFL"}}}}, nil
		case "disability.search":
			return exchange.Result{Provenance: p, Facts: gateway.Disabilities{
				{Person: gateway.PersonRef{FullName: "СЫНАКОВА ГУЛЬНАР", BirthDate: "1991"}, Ext: gateway.DisabilityExt{KZ: gateway.DisabilityKZ{Term: gateway.TermUnknown}}, Source: gateway.Source{Registry: "CBDI"}},
			}}, nil
		case "bank-account.check":
			return exchange.Result{Provenance: p, Facts: gateway.AccountCheck{
				IBAN: "KZ146010000TEST00001", HolderMatch: gateway.HolderMatchNo, Kind: gateway.AccountKindCard, State: gateway.AccountStateOpen,
				Bank: gateway.Bank{OrganisationKind: gateway.OrganisationKindBank, BIC: "CASPKZKA"}, Source: gateway.Source{Registry: "PEP"},
			}}, nil
		}
		return exchange.Result{Provenance: p, Facts: exchange.NotFound{}}, nil
	}))
	r := w.post(batchRoute, items(
		item("civil-act.search", `{"iin":"`+iin+`","role":"subject"}`),
		item("person.search", `{"iin":"`+iin+`"}`),
		item("disability.search", `{"iin":"`+iin+`"}`),
		item("bank-account.check", `{"iban":"KZ146010000TEST00001","holder":{"iin":"`+iin+`"}}`),
	))
	got := readBatch(t, r)
	var told []string
	var whole any
	if err := json.Unmarshal([]byte(r.Body), &whole); err != nil {
		t.Fatal(err)
	}
	for _, f := range got.Consistency {
		told = append(told, f.Rule+" "+string(f.Level))
		for _, fact := range f.Facts {
			if strings.HasSuffix(fact.Pointer, "/death_date") || fact.Registry != "" && resolves(whole, fact.Pointer) {
				continue
			}
			t.Errorf("%s points at %s of %q", f.Rule, fact.Pointer, fact.Registry)
		}
	}
	want := []string{
		"name.match contradiction", "birth_date.match contradiction", "iin.sex doubt", "death.match contradiction",
		"account.holder contradiction", "account.bank contradiction", "account.deceased contradiction",
	}
	if !slices.Equal(told, want) {
		t.Errorf("got %q, want %q", told, want)
	}
}

// resolves tells whether a JSON pointer leads somewhere.
func resolves(v any, pointer string) bool {
	for _, name := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		switch at := v.(type) {
		case map[string]any:
			below, ok := at[name]
			if !ok {
				return false
			}
			v = below
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(at) {
				return false
			}
			v = at[i]
		default:
			return false
		}
	}
	return true
}

// TestBatchDefect: a defect in one question is a problem of that question.
func TestBatchDefect(t *testing.T) {
	t.Parallel()
	w := newWorld(t, core(func(_ context.Context, c exchange.Call) (exchange.Result, error) {
		switch c.Operation {
		case "person.search":
			panic(fmt.Errorf("СЫНАҚОВА"))
		case "award.search":
			return exchange.Result{}, nil // neither facts nor an error
		}
		return exchange.Result{Facts: gateway.Persons{{}}, Provenance: provenance()}, nil
	}))
	got := readBatch(t, w.post(batchRoute, items(
		item("person.search", `{"iin":"904315401016"}`), item("award.search", `{"iin":"904315401016"}`), item("disability.search", `{"iin":"904315401016"}`),
	)))
	for i, result := range got.Results {
		if result.Problem == nil || result.Problem.Code != "internal" {
			t.Errorf("item %d: %+v", i, result)
		}
	}
	absent(t, "the log", w.log.String(), "СЫНАҚОВА")
}
