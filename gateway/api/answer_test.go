package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/api"
	"github.com/kopir-kz/kopir/gateway/exchange"
)

// filled gives a value of a type with something in every field, so that a field
// nobody thinks of is looked at, too.
func filled[T any](t testing.TB) T {
	t.Helper()
	var v T
	fill(t, reflect.ValueOf(&v).Elem())
	return v
}

func fill(t testing.TB, v reflect.Value) {
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Date(2025, 9, 1, 5, 0, 0, 0, time.UTC)))
		return
	case gateway.Date:
		v.Set(reflect.ValueOf(gateway.Date("1990-03-15")))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(t, v.Index(0))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem())
	case reflect.String:
		v.SetString(sample(t, v.Type().Name()))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(12.5)
	case reflect.Int:
		v.SetInt(12)
	default:
		t.Fatalf("no value for %s", v.Type())
	}
}

// sample is a value of a string type: one that its schema allows, or any text.
func sample(t testing.TB, name string) string {
	s := contract(t).Components.Schemas[name]
	switch {
	case s == nil:
		return "Сынақ & <test>"
	case len(s.Value.Enum) > 0:
		return s.Value.Enum[0].(string)
	}
	return s.Value.Example.(string)
}

// answered is one operation with a request that is right and with full facts.
type answered struct {
	id, route, request string
	facts              gateway.Facts
	name               string // of the facts in the answer
	list               bool   // they are a list, empty when nothing was found
}

func everyOperation(t testing.TB) []answered {
	const subject = `{"iin":"904315401016"}`
	return []answered{
		{"person.search", personRoute, subject, filled[gateway.Persons](t), "persons", true},
		{"address.search", addressRoute, subject, filled[gateway.Addresses](t), "addresses", false},
		{"address-object.search", "/v1/address-objects/search", `{"address_register_code":"9900000000000001"}`, filled[gateway.AddressObjects](t), "address_objects", true},
		{"civil-act.search", civilActRoute, `{"iin":"904315401016","role":"parent","kinds":["birth"]}`, filled[gateway.CivilActs](t), "civil_acts", true},
		{"disability.search", "/v1/disabilities/search", subject, filled[gateway.Disabilities](t), "disabilities", true},
		{"capacity-loss.search", "/v1/capacity-losses/search", subject, filled[gateway.CapacityLosses](t), "capacity_losses", true},
		{"bank-account.check", accountRoute, `{"iban":"KZ146010000TEST00001","holder":{"iin":"904315401016"},"bic":"HSBKKZKX"}`, filled[gateway.AccountCheck](t), "account", false},
		{"guardianship.search", guardianshipRoute, `{"iin":"904315401016","role":"ward"}`, filled[gateway.Guardianships](t), "guardianships", true},
		{"trustee.search", "/v1/trustees/search", `{"iin":"904315401016","role":"guardian"}`, filled[gateway.Guardianships](t), "guardianships", true},
		{"social-status.search", "/v1/social-status/search", subject, filled[gateway.SocialStatuses](t), "social_statuses", true},
		{"award.search", "/v1/awards/search", subject, filled[gateway.Awards](t), "awards", true},
		{"employment.search", "/v1/employment/search", subject, filled[gateway.Employment](t), "employment", false},
		{"taxpayer.search", taxpayerRoute, `{"iin":"904315401016","period":{"from":"2024-09","to":"2025-08"}}`, filled[gateway.Taxpayer](t), "taxpayer", false},
		{"legal-entity.search", legalEntityRoute, `{"bin":"991240000003"}`, filled[gateway.LegalEntity](t), "legal_entity", false},
	}
}

// TestAnswersFitTheContract: for every operation full and absent facts, each
// checked against openapi.yaml, and read back to the same facts.
func TestAnswersFitTheContract(t *testing.T) {
	t.Parallel()
	all := everyOperation(t)
	if len(all) != len(api.Operations()) {
		t.Fatalf("%d operations of %d", len(all), len(api.Operations()))
	}
	silent := func(context.Context, exchange.Call) (exchange.Result, error) { // nobody looked at signatures
		p := provenance()
		p.Signatures = nil
		return exchange.Result{Facts: exchange.NotFound{}, Provenance: p}, nil
	}
	for _, op := range all {
		none := reflect.Zero(reflect.TypeOf(op.facts)).Interface().(gateway.Facts)
		for _, tt := range []struct {
			name string
			core core
			want gateway.Facts
		}{
			{"full", answers(op.facts, nil), op.facts},
			{"nothing", answers(none, nil), none},
			{"not found by a code", silent, none},
		} {
			t.Run(op.id+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, tt.core)
				r := w.post(op.route, `{`+purpose+`,"query":`+op.request+`}`)
				if r.StatusCode != http.StatusOK {
					t.Fatalf("status %d: %s", r.StatusCode, r.Body)
				}
				conforms(t, http.MethodPost, op.route, r, r.Body)
				var got map[string]json.RawMessage
				if err := json.Unmarshal([]byte(r.Body), &got); err != nil {
					t.Fatal(err)
				}
				if status := `"found"`; tt.want.Found() != (string(got["status"]) == status) {
					t.Errorf("status %s", got["status"])
				}
				text, there := got[op.name]
				if there != (op.list || tt.want.Found()) {
					t.Errorf("facts there: %v", there)
				}
				if there {
					facts := reflect.New(reflect.TypeOf(op.facts))
					if err := json.Unmarshal(text, facts.Interface()); err != nil {
						t.Fatal(err)
					}
					if tt.want.Found() && !reflect.DeepEqual(facts.Elem().Interface(), any(tt.want)) {
						t.Errorf("facts %+v", facts.Elem())
					}
					if !tt.want.Found() && string(text) != "[]" {
						t.Errorf("facts of nobody: %s", text)
					}
				}
				absent(t, "the log", w.log.String(), "Сынақ", "904315401016")
				if r.Header.Get("X-Request-Id") == "" || r.Header.Get("Cache-Control") != "no-store" {
					t.Errorf("headers %v", r.Header)
				}
			})
		}
	}
}

// TestCall: what the exchange is asked is what the request says.
func TestCall(t *testing.T) {
	t.Parallel()
	const who = `"purpose":{"service":"s","case":"c","legal_basis":"l","official":"o"}`
	p := gateway.Purpose{Service: "s", Case: "c", LegalBasis: "l", Official: "o"}
	const born = gateway.Date("1990-03-15")
	for _, tt := range []struct {
		name, route, body string
		want              exchange.Call
	}{
		{"person by IIN", personRoute, `{` + who + `,"query":{"iin":"904315401016"}}`, exchange.Call{Operation: "person.search", Query: gateway.PersonQuery{IIN: "904315401016"}}},
		{"person by document", personRoute, `{` + who + `,"query":{"document_number":"N990000/01-Ә"}}`, exchange.Call{Operation: "person.search", Query: gateway.PersonQuery{DocumentNumber: "N990000/01-Ә"}}},
		{
			"person by name, escaped", personRoute, `{` + who + `,"query":{"birth_date":"1990-03-15","surname":"\u0421ЫНАҚОВА-ӘБДІ","given_name":"Ай Герім","second_name":"Д’Арк"}}`,
			exchange.Call{Operation: "person.search", Query: gateway.PersonQuery{BirthDate: born, Surname: "СЫНАҚОВА-ӘБДІ", GivenName: "Ай Герім", SecondName: "Д’Арк"}},
		},
		{
			"address with consent", addressRoute, `{` + who + `,"query":{"iin":"904315401016"},"consent":{"token":"a\nb","public_key":"k"}}`,
			exchange.Call{Operation: "address.search", Query: gateway.SubjectQuery{IIN: "904315401016"}, Consent: gateway.Consent{Token: "a\nb", PublicKey: "k"}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got exchange.Call
			w := newWorld(t, core(func(_ context.Context, c exchange.Call) (exchange.Result, error) {
				got = c
				return exchange.Result{Facts: gateway.Persons(nil), Provenance: provenance()}, nil
			}))
			r := w.newRequest(tt.route, tt.body)
			r.Header.Set("X-Request-Id", "req-1")
			if answer := w.do(r); answer.StatusCode != http.StatusOK {
				t.Fatalf("status %d: %s", answer.StatusCode, answer.Body)
			}
			tt.want.RequestID, tt.want.Client, tt.want.Purpose = "req-1", "benefits", p
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

// TestExamplesAreAccepted: the requests of contracts/examples pass the door.
func TestExamplesAreAccepted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, answers(exchange.NotFound{}, nil))
	for _, op := range everyOperation(t) {
		for _, b := range examples(t, strings.Replace(op.id, ".", "/", 1)) {
			if r := w.post(op.route, string(b)); r.StatusCode != http.StatusOK {
				t.Errorf("%s: status %d: %s", op.id, r.StatusCode, r.Body)
			}
		}
	}
}

// TestContractExamplesAreAccepted: and so do those of openapi.yaml itself.
func TestContractExamplesAreAccepted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, answers(exchange.NotFound{}, nil))
	for route, item := range contract(t).Paths.Map() {
		if item.Post == nil {
			continue
		}
		for name, e := range item.Post.RequestBody.Value.Content["application/json"].Examples {
			b, err := json.Marshal(e.Value.Value)
			if err != nil {
				t.Fatal(err)
			}
			if r := w.post(route, string(b)); r.StatusCode != http.StatusOK {
				t.Errorf("%s %s: status %d: %s", route, name, r.StatusCode, r.Body)
			}
		}
		for name, e := range item.Post.Responses.Value("200").Value.Content["application/json"].Examples {
			schema := item.Post.Responses.Value("200").Value.Content["application/json"].Schema.Value
			if err := schema.VisitJSON(e.Value.Value, openapi3.VisitAsResponse(), openapi3.EnableFormatValidation()); err != nil {
				t.Errorf("%s %s: %v", route, name, err)
			}
			undeclared(t, route+" "+name, schema, e.Value.Value)
		}
	}
}

// TestRoutesAreThoseOfTheContract: every path of openapi.yaml is served with its
// methods.
func TestRoutesAreThoseOfTheContract(t *testing.T) {
	t.Parallel()
	w := newWorld(t, answers(gateway.Persons(nil), nil))
	good := map[string]string{"/v1/batch": `{"items":[{"operation":"person.search",` + purpose + `,"query":{"iin":"904315401016"}}]}`}
	for _, op := range everyOperation(t) {
		good[op.route] = `{` + purpose + `,"query":` + op.request + `}`
	}
	paths := contract(t).Paths.Map()
	if len(paths) < len(good)+6 {
		t.Fatalf("only %d paths", len(paths))
	}
	var ids []string
	for _, item := range paths {
		if item.Post != nil {
			if id, ok := item.Post.Extensions["x-operation"].(string); ok {
				ids = append(ids, id)
			}
		}
	}
	if slices.Sort(ids); !slices.Equal(ids, slices.Sorted(slices.Values(api.Operations()))) {
		t.Errorf("the contract has the operations %q, the API %q", ids, api.Operations())
	}
	for _, op := range everyOperation(t) {
		if id := paths[op.route].Post.Extensions["x-operation"]; id != op.id {
			t.Errorf("%s is called %v in the contract", op.id, id)
		}
	}
	for path, item := range paths {
		for method := range item.Operations() {
			r := w.newRequest(strings.ReplaceAll(path, "{id}", "internal"), good[path])
			r.Method = method
			answer := w.do(r)
			if answer.StatusCode != http.StatusOK {
				t.Errorf("%s %s: status %d", method, path, answer.StatusCode)
			}
			conforms(t, method, path, answer, answer.Body)
		}
	}
}

func TestOpenAPIIsServedAsItIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, untouched(t))
	if r := w.get("/openapi.yaml"); r.Body != string(contracts.OpenAPI()) {
		t.Error("another document")
	}
}

// TestReady: readiness is asked each time; an error without a kind means "not
// now", not a defect, and its text stays inside.
func TestReady(t *testing.T) {
	t.Parallel()
	var err error
	w := newWorld(t, untouched(t), func(o *api.Options) { o.Ready = func(context.Context) error { return err } })
	if r := w.get("/readyz"); r.StatusCode != http.StatusOK || r.Body != "{\"status\":\"ok\"}\n" {
		t.Errorf("status %d", r.StatusCode)
	}
	err = errorText("journal at /var/lib/secret is locked")
	r := w.get("/readyz")
	if p := problem(t, w, "", r); p.Code != "overloaded" || p.Status != http.StatusServiceUnavailable {
		t.Errorf("got %s", p.Code)
	}
	if r := w.get("/livez"); r.StatusCode != http.StatusOK {
		t.Errorf("alive: status %d", r.StatusCode)
	}
}

type errorText string

func (e errorText) Error() string { return string(e) }
