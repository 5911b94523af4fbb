package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

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
	case gateway.Sex:
		v.SetString(string(gateway.SexFemale))
		return
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
	case reflect.String:
		v.SetString("Сынақ & <test>")
	case reflect.Bool:
		v.SetBool(true)
	default:
		t.Fatalf("no value for %s", v.Type())
	}
}

// TestAnswersFitTheContract: full, nearly empty and absent facts, each checked
// against openapi.yaml, and read back to the same facts.
func TestAnswersFitTheContract(t *testing.T) {
	t.Parallel()
	person, addresses := filled[gateway.Person](t), filled[gateway.Addresses](t)
	none := func(facts gateway.Facts) core {
		return func(context.Context, exchange.Call) (exchange.Result, error) {
			p := provenance()
			p.Signatures = nil
			return exchange.Result{Facts: facts, Provenance: p}, nil
		}
	}
	for _, tt := range []struct {
		name, route string
		core        core
		status      gateway.Status
		want        any // facts in the answer
	}{
		{"every field of a person", personRoute, answers(gateway.Persons{person}, nil), gateway.StatusFound, []gateway.Person{person}},
		{"two persons", personRoute, answers(gateway.Persons{person, {IIN: "904315401016", BirthDate: "1990-03-15", Sex: gateway.SexUnknown}}, nil), gateway.StatusFound, []gateway.Person{person, {IIN: "904315401016", BirthDate: "1990-03-15", Sex: gateway.SexUnknown}}},
		{"nobody", personRoute, answers(gateway.Persons(nil), nil), gateway.StatusNotFound, []gateway.Person{}},
		{"not found by a code", personRoute, answers(exchange.NotFound{}, nil), gateway.StatusNotFound, []gateway.Person{}},
		{"no signature looked at", personRoute, none(gateway.Persons(nil)), gateway.StatusNotFound, []gateway.Person{}},
		{"every field of addresses", addressRoute, answers(addresses, nil), gateway.StatusFound, addresses},
		{"person without addresses", addressRoute, answers(gateway.Addresses{IIN: "904315401016"}, nil), gateway.StatusFound, gateway.Addresses{IIN: "904315401016", Other: []gateway.Address{}}},
		{"nobody's addresses", addressRoute, answers(gateway.Addresses{}, nil), gateway.StatusNotFound, gateway.Addresses{}},
		{"addresses not found by a code", addressRoute, answers(exchange.NotFound{}, nil), gateway.StatusNotFound, gateway.Addresses{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tt.core)
			r := w.post(tt.route, goodPerson)
			text := r.Body
			if r.StatusCode != http.StatusOK {
				t.Fatalf("status %d: %s", r.StatusCode, text)
			}
			conforms(t, http.MethodPost, tt.route, r, text)
			var got struct {
				Status    gateway.Status    `json:"status"`
				Persons   []gateway.Person  `json:"persons"`
				Addresses gateway.Addresses `json:"addresses"`
			}
			if err := json.Unmarshal([]byte(text), &got); err != nil {
				t.Fatal(err)
			}
			facts := any(got.Addresses)
			if tt.route == personRoute {
				facts = got.Persons
			}
			if got.Status != tt.status || !reflect.DeepEqual(facts, tt.want) {
				t.Errorf("status %s, facts %+v", got.Status, facts)
			}
			if tt.status == gateway.StatusNotFound && strings.Contains(text, `"addresses"`) {
				t.Error("addresses of nobody")
			}
			absent(t, "the log", w.log.String(), "Сынақ", "904315401016")
			if r.Header.Get("X-Request-Id") == "" || r.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("headers %v", r.Header)
			}
		})
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
			exchange.Call{Operation: "address.search", Query: gateway.AddressQuery{IIN: "904315401016"}, Consent: gateway.Consent{Token: "a\nb", PublicKey: "k"}},
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
	for route, folder := range map[string]string{personRoute: "person/search", addressRoute: "address/search"} {
		for _, b := range examples(t, folder) {
			w := newWorld(t, answers(gateway.Persons(nil), nil))
			if r := w.post(route, string(b)); r.StatusCode != http.StatusOK {
				t.Errorf("%s: status %d: %s", folder, r.StatusCode, r.Body)
			}
		}
	}
}

// TestContractExamplesAreAccepted: and so do those of openapi.yaml itself.
func TestContractExamplesAreAccepted(t *testing.T) {
	t.Parallel()
	doc := contract(t)
	for _, route := range []string{personRoute, addressRoute} {
		for name, e := range doc.Paths.Value(route).Post.RequestBody.Value.Content["application/json"].Examples {
			b, err := json.Marshal(e.Value.Value)
			if err != nil {
				t.Fatal(err)
			}
			w := newWorld(t, answers(gateway.Persons(nil), nil))
			if r := w.post(route, string(b)); r.StatusCode != http.StatusOK {
				t.Errorf("%s %s: status %d", route, name, r.StatusCode)
			}
		}
	}
}

// TestRoutesAreThoseOfTheContract: every path of openapi.yaml is served with its
// methods.
func TestRoutesAreThoseOfTheContract(t *testing.T) {
	t.Parallel()
	w := newWorld(t, answers(gateway.Persons(nil), nil))
	paths := contract(t).Paths.Map()
	if len(paths) < 8 {
		t.Fatalf("only %d paths", len(paths))
	}
	for path, item := range paths {
		for method := range item.Operations() {
			r := w.newRequest(strings.ReplaceAll(path, "{id}", "internal"), goodPerson)
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
