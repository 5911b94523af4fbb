package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/kopir-kz/kopir/adapters"
	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway/api"
	"github.com/kopir-kz/kopir/gateway/exchange"
	"github.com/kopir-kz/kopir/gateway/ident"
	"github.com/kopir-kz/kopir/gateway/journal"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/crl"
	"github.com/kopir-kz/kopir/gateway/pki/revocation"
	"github.com/kopir-kz/kopir/gateway/shep"
	"github.com/kopir-kz/kopir/gateway/transport"
	"github.com/kopir-kz/kopir/mocks"
	mockpki "github.com/kopir-kz/kopir/mocks/pki"
	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/population/fact"
	mockshep "github.com/kopir-kz/kopir/mocks/shep"
)

var update = flag.Bool("update", false, "write golden files and the table of the README anew")

// fixed is the day of the golden files: what depends on the clock of the world is
// the same in every run.
var fixed = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

var fixedKeys = sync.OnceValues(func() (*mockpki.PKI, error) {
	return mockpki.New(mockpki.Options{Clock: func() time.Time { return fixed }, Suite: mockpki.ECDSA})
})

func fixedPeople(t *testing.T) *population.Population {
	t.Helper()
	people, err := population.Load(fixed)
	if err != nil {
		t.Fatal(err)
	}
	return people
}

// office is a gateway before a mock world, from the HTTP API to both signatures,
// without a socket and without a disk. It runs in a bubble of testing/synctest, so
// that slow answers and repetitions take no time.
type office struct {
	world      *mocks.World
	handler    http.Handler
	operations []string                // that there is a profile for, in ascending order
	paths      map[string]string       // by operation
	profiles   map[string]shep.Profile // by operation
}

// newOffice makes one. tap is as in mocks.Options.
func newOffice(t *testing.T, people *population.Population, tap func(mockshep.Messages)) *office {
	t.Helper()
	begun := time.Now()
	clock := func() time.Time { return fixed.Add(time.Since(begun)) }
	keys, err := fixedKeys()
	if err != nil {
		t.Fatal(err)
	}
	o := &office{paths: operationPaths(t), profiles: map[string]shep.Profile{}}
	if o.world, err = mocks.Start(mocks.Options{PKI: keys, Clock: clock, People: people, Tap: tap}); err != nil {
		t.Fatal(err)
	}
	client, err := keys.Identity(mockpki.Client)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := keySigner(client.Key, client.Certificate)
	if err != nil {
		t.Fatal(err)
	}
	known, err := keys.Known()
	if err != nil {
		t.Fatal(err)
	}
	lists, err := crl.ParseAll(keys.CRLPEM())
	if err != nil {
		t.Fatal(err)
	}
	trust := pki.NewStore(pki.Options{
		Roots: keys.Roots(), Intermediates: keys.Intermediates(), Known: known, Revocation: pki.RevocationHard,
		Revoker: revocation.NewLists(slices.Concat(keys.Roots(), keys.Intermediates()), lists...),
	})
	x, err := exchange.New(exchange.Options{
		Services: o.services(t), Journal: forgetful{}, Subject: strings.ToUpper, Signer: signer, Keys: trust, Mode: ident.Mock, Clock: clock,
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	hash, err := api.HashKey(devKey, nil)
	if err != nil {
		t.Fatal(err)
	}
	o.handler, err = api.New(api.Options{
		Core: x, Clients: []api.Client{{ID: "dev", KeyHashes: []string{hash}, Operations: o.operations}},
		Metrics: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// services joins profiles and adapters as loadServices does. The breaker never
// opens: the people who are made for faults are many.
func (o *office) services(t *testing.T) (all []exchange.Service) {
	t.Helper()
	lists, err := contracts.Codes()
	if err != nil {
		t.Fatal(err)
	}
	table := adapters.New(adapters.Codes(lists))
	profiles, err := mockServices(o.world)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range profiles {
		to := exchange.TransportOptions(&p)
		to.Base, to.Breaker.MinCalls = o.world.RoundTripper(), 1000
		client, err := transport.New(to)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		all = append(all, exchange.Service{Profile: p, Adapter: table[p.ID], Sender: client})
		o.operations, o.profiles[p.ID] = append(o.operations, p.ID), p
	}
	slices.Sort(o.operations)
	return all
}

// forgetful is a journal without a disk.
type forgetful struct{}

func (forgetful) Begin(context.Context, journal.Intent) error { return nil }
func (forgetful) End(context.Context, journal.Outcome) error  { return nil }
func (forgetful) FirstSeen(context.Context, []byte, time.Duration) (bool, error) {
	return true, nil
}

// operationPaths are the paths of the HTTP contract, by operation.
func operationPaths(t *testing.T) map[string]string {
	t.Helper()
	paths := map[string]string{}
	path := ""
	for line := range strings.Lines(string(contracts.OpenAPI())) {
		if strings.HasPrefix(line, "  /") {
			path = strings.TrimSuffix(strings.TrimSpace(line), ":")
		}
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "x-operation: "); ok {
			paths[name] = path
		}
	}
	return paths
}

// post puts one question and gives the members of the answer or the problem.
func (o *office) post(t *testing.T, operation string, query any) (members map[string]json.RawMessage) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"purpose": demoPurpose(), "query": query})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, o.paths[operation], bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+devKey)
	w := httptest.NewRecorder()
	o.handler.ServeHTTP(w, r)
	if err := json.Unmarshal(w.Body.Bytes(), &members); err != nil {
		t.Fatalf("%s: %v", operation, err)
	}
	return members
}

// ask puts one question and gives the answer without its provenance, or the code
// of the problem.
func (o *office) ask(t *testing.T, operation string, query any) json.RawMessage {
	t.Helper()
	answer := o.post(t, operation, query)
	if code := answer["code"]; code != nil {
		answer = map[string]json.RawMessage{"problem": code}
	}
	delete(answer, "provenance")
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(answer); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSpace(b.Bytes())
}

// refusal puts a wrong question and gives the rules that it breaks.
func (o *office) refusal(t *testing.T, operation string, query any) (rules []string) {
	t.Helper()
	problem := o.post(t, operation, query)
	var fields []struct{ Rule string }
	if err := json.Unmarshal(problem["errors"], &fields); err != nil || string(problem["code"]) != `"invalid-request"` {
		t.Fatalf("%s: a wrong question is not refused: %s, %v", operation, problem["code"], err)
	}
	for _, f := range fields {
		rules = append(rules, f.Rule)
	}
	return rules
}

// asked is a question about somebody: what is asked, and in which words.
type asked struct {
	who, how string // key, and what tells several questions about one apart
	query    map[string]any
}

// questionsAbout are all questions that an operation can be asked about a person:
// none where it takes an IIN and the person has none.
func questionsAbout(people *population.Population, operation string, one *fact.Person) (all []asked) {
	add := func(how string, query map[string]any) { all = append(all, asked{one.Key, how, query}) }
	by := func(more ...any) map[string]any {
		q := map[string]any{"iin": one.IIN}
		for i := 0; i < len(more); i += 2 {
			q[more[i].(string)] = more[i+1] //nolint:errcheck // written below
		}
		return q
	}
	name := map[string]any{"surname": one.Name.Kk.Surname, "given_name": one.Name.Kk.Given}
	if one.Name.Kk.Patronymic != "" {
		name["second_name"] = one.Name.Kk.Patronymic
	}
	switch {
	case operation == "bank-account.check":
		for _, a := range one.Accounts {
			add(a.IBAN, map[string]any{"iban": a.IBAN, "holder": by()})
			add(a.IBAN+" by name", map[string]any{"iban": a.IBAN, "holder": name})
		}
		if one.Claims != "" {
			add(one.Claims+" claimed", map[string]any{"iban": one.Claims, "holder": by()})
		}
	case operation == "person.search" && one.IIN == "":
		name["birth_date"] = one.Born
		add("by name", name)
	case operation == "civil-act.search" && one.IIN == "":
		for _, a := range people.Facts().Acts {
			if a.Of(one.Key) != nil && a.Office != "" {
				add("by act", map[string]any{"act_number": a.Number, "registry_office": a.Office, "registration_date": a.Registered})
			}
		}
	case one.IIN == "":
	case operation == "civil-act.search":
		for _, role := range []string{"subject", "parent", "spouse", "child"} {
			add("as "+role, by("role", role))
		}
	case operation == "guardianship.search" || operation == "trustee.search":
		for _, role := range []string{"ward", "guardian"} {
			add("as "+role, by("role", role))
		}
	case operation == "taxpayer.search":
		add("", by("period", map[string]string{"from": "2022-01", "to": "2026-11"}))
	default:
		add("", by())
	}
	return all
}

// questions are all questions of an operation: about the people, or about what it
// is about instead, each organisation or each place that somebody lives at.
func questions(people *population.Population, operation string, who []*fact.Person) (all []asked) {
	facts := people.Facts()
	switch operation {
	case "legal-entity.search":
		for key, e := range facts.Entities {
			all = append(all, asked{key, "", map[string]any{"bin": e.BIN}})
		}
	case "address-object.search":
		for key, l := range facts.Locations {
			if l.Code != "" {
				all = append(all, asked{key, "", map[string]any{"address_register_code": l.Code}})
			}
		}
	default:
		for _, one := range who {
			all = append(all, questionsAbout(people, operation, one)...)
		}
		return all
	}
	slices.SortFunc(all, func(a, b asked) int { return strings.Compare(a.who, b.who) })
	return all
}

// answers asks everything about some people and gives the answers, one line of
// JSON for each question, by operation.
func (o *office) answers(t *testing.T, people *population.Population, who []*fact.Person) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, operation := range o.operations {
		for _, q := range questions(people, operation, who) {
			label := strings.TrimSpace(q.who + " " + q.how)
			all[operation] = append(all[operation], fmt.Sprintf(`{"about":%q,"answer":%s}`, label, o.ask(t, operation, q.query)))
		}
	}
	return all
}
