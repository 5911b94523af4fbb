package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/api"
	"github.com/kopir-kz/kopir/gateway/exchange"
	"github.com/kopir-kz/kopir/gateway/ident"
	"github.com/kopir-kz/kopir/gateway/journal"
	"github.com/kopir-kz/kopir/gateway/shep"
	"github.com/kopir-kz/kopir/gateway/transport"
)

// nowhere is the outside of an exchange that must not get that far: journal,
// sender and adapter complain when they are used.
type nowhere struct{ t testing.TB }

func (n nowhere) used() error {
	n.t.Error("the exchange went on after a broken rule")
	return errors.New("used")
}
func (n nowhere) Begin(context.Context, journal.Intent) error { return n.used() }
func (n nowhere) End(context.Context, journal.Outcome) error  { return n.used() }
func (n nowhere) FirstSeen(context.Context, []byte, time.Duration) (bool, error) {
	return false, n.used()
}

func (n nowhere) Do(context.Context, transport.Round) (transport.Report, error) {
	return transport.Report{}, n.used()
}
func (n nowhere) Request(gateway.Query, gateway.Meta) ([]byte, error) { return nil, n.used() }
func (n nowhere) Answer(gateway.Query, gateway.Meta, gateway.Payload) (gateway.Facts, error) {
	return nil, n.used()
}

// realExchange is the exchange as it is, with nothing behind it; all operations
// are configured if none is named.
func realExchange(t testing.TB, mode ident.Mode, consent bool, operations ...string) *exchange.Exchange {
	t.Helper()
	if operations == nil {
		operations = api.Operations()
	}
	profiles, err := shep.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	var services []exchange.Service
	for _, id := range operations {
		p, err := profiles[0].WithDefaults()
		if err != nil {
			t.Fatal(err)
		}
		p.ID, p.Endpoint, p.SenderID, p.ConsentRequired = id, "http://shep.invalid/", "EXAMPLE", consent
		p.Envelope.Signature, p.Answer.Envelope, p.Answer.Inner = shep.NoSignature, shep.Ignore, shep.Ignore
		services = append(services, exchange.Service{Profile: p, Adapter: nowhere{t}, Sender: nowhere{t}})
	}
	x, err := exchange.New(exchange.Options{
		Services: services, Journal: nowhere{t}, Mode: mode, Subject: func(string) string { return "ref" },
	})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestBadInput: each kind of bad input gives a problem document that names field
// and rule, never the value.
func TestBadInput(t *testing.T) {
	t.Parallel()
	const realIIN = "991231500006" // right, of nobody: born 2099-12-31
	query := func(q string) string { return `{` + purpose + `,"query":` + q + `}` }
	worlds := map[ident.Mode]world{}
	for _, mode := range []ident.Mode{ident.Production, ident.Mock} {
		worlds[mode] = newWorld(t, realExchange(t, mode, false))
	}
	for _, tt := range []struct {
		name   string
		route  string
		body   string
		mode   ident.Mode
		code   string
		rules  []string
		secret string // nothing that a time, a duration or an id in the log could hold by chance
	}{
		{"nothing", personRoute, ``, ident.Mock, "malformed-json", []string{" json.empty"}, ""},
		{"not JSON", personRoute, `{"query":{"iin":"904315401016"`, ident.Mock, "malformed-json", []string{" json.syntax"}, "904315401016"},
		{"not UTF-8", personRoute, "{\"a\":\"\xff\"}", ident.Mock, "malformed-json", []string{" json.utf8"}, ""},
		{"two documents", personRoute, goodPerson + goodPerson, ident.Mock, "malformed-json", []string{" json.trailing"}, "904315401016"},
		{"an array", personRoute, `[]`, ident.Mock, "malformed-json", []string{" json.object"}, ""},
		{"field twice", personRoute, query(`{"iin":"904315401016","iin":"854412301015"}`), ident.Mock, "malformed-json", []string{"/query/iin json.duplicate_name"}, "854412301015"},
		{"field twice, once escaped", personRoute, query(`{"iin":"904315401016","\u0069in":"854412301015"}`), ident.Mock, "malformed-json", []string{"/query/iin json.duplicate_name"}, "854412301015"},
		{"identifier as a name, twice", personRoute, query(`{"904315401016":1,"904315401016":2}`), ident.Mock, "malformed-json", []string{"/query/* json.duplicate_name"}, "904315401016"},
		{"too deep", personRoute, strings.Repeat(`{"a":`, 40) + `1` + strings.Repeat(`}`, 40), ident.Mock, "malformed-json", []string{" json.depth"}, ""},
		{"half a surrogate pair", personRoute, query(`{"iin":"\ud83d"}`), ident.Mock, "malformed-json", []string{" json.surrogate"}, ""},
		{"long number", personRoute, query(`{"iin":` + strings.Repeat("9", 40) + `}`), ident.Mock, "malformed-json", []string{"/query/iin json.number"}, "9999999999"},

		{"empty object", personRoute, `{}`, ident.Mock, "invalid-request", []string{"/purpose field.required", "/query field.required"}, ""},
		{"no purpose", personRoute, `{"query":{"iin":"904315401016"}}`, ident.Mock, "invalid-request", []string{"/purpose field.required"}, "904315401016"},
		{"purpose without its parts", addressRoute, `{"purpose":{},"query":{"iin":"904315401016"}}`, ident.Mock, "invalid-request", []string{"/purpose/case field.required", "/purpose/legal_basis field.required", "/purpose/official field.required", "/purpose/service field.required"}, "904315401016"},
		{"empty part of a purpose", personRoute, strings.Replace(goodPerson, "op-0042", "", 1), ident.Mock, "invalid-request", []string{"/purpose/official field.length", "/purpose/official text.printable"}, "904315401016"},
		{"blank part of a purpose", personRoute, strings.Replace(goodPerson, "op-0042", "   ", 1), ident.Mock, "invalid-request", []string{"/purpose/official text.printable"}, ""},
		{"line break in a purpose", personRoute, strings.Replace(goodPerson, "op-0042", `op\nсынақ`, 1), ident.Mock, "invalid-request", []string{"/purpose/official text.printable"}, "сынақ"},
		{"text direction in a purpose", personRoute, strings.Replace(goodPerson, "op-0042", `op\u202eсынақ`, 1), ident.Mock, "invalid-request", []string{"/purpose/official text.printable"}, "сынақ"},
		{"purpose as text", personRoute, `{"purpose":"curiosity","query":{"iin":"904315401016"}}`, ident.Mock, "invalid-request", []string{"/purpose field.type"}, "curiosity"},
		{"unknown field", personRoute, `{` + purpose + `,"query":{"iin":"904315401016"},"comment":"СЫНАҚОВА"}`, ident.Mock, "invalid-request", []string{"/comment field.unknown"}, "СЫНАҚОВА"},
		{"two unknown fields", personRoute, query(`{"iin":"904315401016","sur_name":"СЫНАҚОВА","fullname":"СЫНАҚОВА"}`), ident.Mock, "invalid-request", []string{"/query/fullname field.unknown", "/query/sur_name field.unknown"}, "СЫНАҚОВА"},
		{"identifier as a name", personRoute, query(`{"904315401016":"x"}`), ident.Mock, "invalid-request", []string{"/query/* field.unknown"}, "904315401016"},
		{"surname as a name", personRoute, query(`{"СЫНАҚОВА":"x"}`), ident.Mock, "invalid-request", []string{"/query/* field.unknown"}, "СЫНАҚОВА"},
		{"other case", personRoute, query(`{"IIN":"904315401016"}`), ident.Mock, "invalid-request", []string{"/query/IIN field.unknown"}, "904315401016"},
		{"null", personRoute, query(`null`), ident.Mock, "invalid-request", []string{"/query field.type"}, ""},
		{"number for text", personRoute, query(`{"iin":904315401016}`), ident.Mock, "invalid-request", []string{"/query/iin field.type"}, "904315401016"},
		{"list for text", personRoute, query(`{"iin":["904315401016"]}`), ident.Mock, "invalid-request", []string{"/query/iin field.type"}, "904315401016"},
		{"document number of a person elsewhere", addressRoute, query(`{"document_number":"990000001"}`), ident.Mock, "invalid-request", []string{"/query/document_number field.unknown", "/query/iin field.required"}, "990000001"},
		{"half a consent", personRoute, `{` + purpose + `,"query":{"iin":"904315401016"},"consent":{"token":"secret-token"}}`, ident.Mock, "invalid-request", []string{"/consent/public_key field.required"}, "secret-token"},
		{"consent that is no ASCII", personRoute, `{` + purpose + `,"query":{"iin":"904315401016"},"consent":{"token":"құпия","public_key":"k"}}`, ident.Mock, "invalid-request", []string{"/consent/token text.ascii"}, "құпия"},

		{"empty query", personRoute, query(`{}`), ident.Mock, "invalid-request", []string{"/query query.mode"}, ""},
		{"two ways to search", personRoute, query(`{"iin":"904315401016","document_number":"990000001"}`), ident.Mock, "invalid-request", []string{"/query query.mode"}, "990000001"},
		{"birth date without name", personRoute, query(`{"birth_date":"1990-03-15"}`), ident.Mock, "invalid-request", []string{"/query query.mode"}, "1990-03-15"},
		{"name without birth date", personRoute, query(`{"surname":"СЫНАҚОВА"}`), ident.Mock, "invalid-request", []string{"/query query.mode"}, "СЫНАҚОВА"},
		{"30 February", personRoute, query(`{"birth_date":"1990-02-30","surname":"СЫНАҚОВА"}`), ident.Mock, "invalid-request", []string{"/query/birth_date date.calendar"}, "1990-02-30"},
		{"day first", personRoute, query(`{"birth_date":"15.03.1990","surname":"СЫНАҚОВА"}`), ident.Mock, "invalid-request", []string{"/query/birth_date date.calendar"}, "15.03.1990"},
		{"digits in a name", personRoute, query(`{"birth_date":"1990-03-15","surname":"СЫНАҚ0ВА"}`), ident.Mock, "invalid-request", []string{"/query/surname name.characters"}, "СЫНАҚ0ВА"},
		{"mark-up in a name", personRoute, query(`{"birth_date":"1990-03-15","given_name":"<b>"}`), ident.Mock, "invalid-request", []string{"/query/given_name name.characters"}, "<b>"},
		{"space in a document number", personRoute, query(`{"document_number":"99 0000001"}`), ident.Mock, "invalid-request", []string{"/query/document_number document_number.characters"}, "99 0000001"},
		{"short IIN", personRoute, query(`{"iin":"90431540101"}`), ident.Mock, "invalid-request", []string{"/query/iin iin.length"}, "90431540101"},
		{"letters in an IIN", addressRoute, query(`{"iin":"90431540101O"}`), ident.Mock, "invalid-request", []string{"/query/iin iin.digits"}, "90431540101"},
		{"wrong check digit", personRoute, query(`{"iin":"904315401017"}`), ident.Mock, "invalid-request", []string{"/query/iin iin.check_digit"}, "904315401017"},
		{"wrong check digit, address", addressRoute, query(`{"iin":"904315401017"}`), ident.Mock, "invalid-request", []string{"/query/iin iin.check_digit"}, "904315401017"},
		{"no such day in an IIN", personRoute, query(`{"iin":"904331401016"}`), ident.Mock, "invalid-request", []string{"/query/iin iin.check_digit"}, "904331401016"},
		{"century of an IIN", personRoute, query(`{"iin":"904315901016"}`), ident.Mock, "invalid-request", []string{"/query/iin iin.century"}, "904315901016"},
		{"synthetic IIN in production", personRoute, goodPerson, ident.Production, "invalid-request", []string{"/query/iin iin.synthetic"}, "904315401016"},
		{"synthetic IIN in production, address", addressRoute, goodAddress, ident.Production, "invalid-request", []string{"/query/iin iin.synthetic"}, "904315401016"},
		{"real IIN in the mock world", personRoute, query(`{"iin":"` + realIIN + `"}`), ident.Mock, "invalid-request", []string{"/query/iin iin.real"}, realIIN},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := worlds[tt.mode]
			r := w.post(tt.route, tt.body)
			p := problem(t, w, tt.route, r)
			if p.Code != tt.code || !slices.Equal(rules(p), tt.rules) {
				t.Errorf("got %s %q, want %s %q", p.Code, rules(p), tt.code, tt.rules)
			}
			for _, f := range p.Errors {
				if f.Detail == "" {
					t.Errorf("%s has no text", f.Rule)
				}
			}
			answer, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			absent(t, "the answer", string(answer)+headerText(r), tt.secret)
			absent(t, "the log", w.log.String(), tt.secret)
		})
	}
}

// TestConsentMissing: the operation needs a token and none came.
func TestConsentMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, realExchange(t, ident.Mock, true))
	if p := problem(t, w, personRoute, w.post(personRoute, goodPerson)); p.Code != "consent-missing" || p.Side != gateway.SideConsent {
		t.Errorf("got %s on side %s", p.Code, p.Side)
	}
}

// TestT21ValuesAreNotEchoed puts a bad value in every field that a request of
// any operation has, and looks for it in everything that comes out.
func TestT21ValuesAreNotEchoed(t *testing.T) {
	t.Parallel()
	canary := synthetic(t, 4711)
	w := newWorld(t, realExchange(t, ident.Mock, false))
	for route, item := range contract(t).Paths.Map() {
		if item.Post == nil {
			continue
		}
		request := item.Post.RequestBody.Value.Content["application/json"].Schema.Value
		fields := append(leaves(request, nil), []string{"unknown"}, []string{"query", "unknown"}, []string{"purpose"}, []string{"query"}, []string{"consent"})
		for _, field := range fields {
			for _, value := range []string{
				canary[:11] + "%X", "\x1b[31m" + canary, canary + "\n" + canary, "\u202e" + canary, strings.Repeat(canary, 1000), `"` + canary, "<script>" + canary,
			} {
				document := map[string]any{
					"purpose": map[string]any{"service": "1", "case": "1", "legal_basis": "1", "official": "1"},
					"query":   map[string]any{},
				}
				put(document, field, value)
				b, err := json.Marshal(document)
				if err != nil {
					t.Fatal(err)
				}
				r := w.post(route, string(b))
				if r.StatusCode != http.StatusUnprocessableEntity {
					t.Errorf("%s %s: status %d", route, field, r.StatusCode)
				}
				absent(t, route+" "+strings.Join(field, "/")+": the answer", r.Body+headerText(r), canary[:11])
				absent(t, route+" "+strings.Join(field, "/")+": the log", w.log.String(), canary[:11])
				w.log.reset()
			}
		}
	}
}

// leaves lists the paths of all fields below a schema that hold no object.
func leaves(s *openapi3.Schema, at []string) (all [][]string) {
	for name, p := range s.Properties {
		here := append(slices.Clone(at), name)
		if len(p.Value.Properties) == 0 {
			all = append(all, here)
			continue
		}
		all = append(all, leaves(p.Value, here)...)
	}
	return all
}

// put sets a field of a document, making the objects on its way.
func put(document map[string]any, at []string, value any) {
	if len(at) == 1 {
		document[at[0]] = value
		return
	}
	below, ok := document[at[0]].(map[string]any)
	if !ok {
		below = map[string]any{}
		document[at[0]] = below
	}
	put(below, at[1:], value)
}

// TestMediaType: only application/json in UTF-8, not compressed.
func TestMediaType(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, value, encoding string
		ok                    bool
	}{
		{"JSON", "application/json", "", true},
		{"JSON with charset", "application/json; charset=utf-8", "", true},
		{"JSON with charset in capitals", `Application/JSON; charset="UTF-8"`, "", true},
		{"none", "", "", false},
		{"text", "text/plain", "", false},
		{"form", "application/x-www-form-urlencoded", "", false},
		{"JSON of another kind", "application/vnd.api+json", "", false},
		{"another charset", "application/json; charset=windows-1251", "", false},
		{"broken parameter", "application/json; charset", "", false},
		{"compressed", "application/json", "gzip", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, answers(gateway.Persons(nil), nil))
			r := w.newRequest(personRoute, goodPerson)
			r.Header.Set("Content-Type", tt.value)
			if tt.value == "" {
				r.Header.Del("Content-Type")
			}
			if tt.encoding != "" {
				r.Header.Set("Content-Encoding", tt.encoding)
			}
			switch answer := w.do(r); {
			case tt.ok && answer.StatusCode != http.StatusOK:
				t.Errorf("status %d: %s", answer.StatusCode, answer.Body)
			case !tt.ok:
				if p := problem(t, w, personRoute, answer); p.Code != "unsupported-media-type" {
					t.Errorf("got %s", p.Code)
				}
			}
		})
	}
}

// TestBodyLimit: a body of the limit passes, one byte more does not, whether its
// length is announced or not.
func TestBodyLimit(t *testing.T) {
	t.Parallel()
	const limit = 1000
	for _, tt := range []struct {
		name      string
		size      int
		announced bool
		status    int
	}{
		{"at the limit", limit, true, http.StatusOK},
		{"one byte more", limit + 1, true, http.StatusRequestEntityTooLarge},
		{"one byte more, not announced", limit + 1, false, http.StatusRequestEntityTooLarge},
		{"a megabyte", 1 << 20, false, http.StatusRequestEntityTooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, answers(gateway.Persons(nil), nil), func(o *api.Options) { o.MaxBodyBytes = limit })
			text := goodPerson + strings.Repeat(" ", tt.size-len(goodPerson))
			r := w.newRequest(personRoute, text)
			if !tt.announced {
				r.ContentLength = -1
			}
			answer := w.do(r)
			if answer.StatusCode != tt.status {
				t.Errorf("status %d, want %d", answer.StatusCode, tt.status)
			}
			if tt.status != http.StatusOK {
				if p := problem(t, w, personRoute, answer); p.Code != "body-too-large" {
					t.Errorf("got %s", p.Code)
				}
			}
		})
	}
}

// FuzzRequest: whatever comes in, the answer is an answer of the contract, the
// core sees only what the document says, and nothing is a defect of ours.
func FuzzRequest(f *testing.F) {
	var asked gateway.Query
	w := newWorld(f, core(func(_ context.Context, c exchange.Call) (exchange.Result, error) {
		asked = c.Query
		return exchange.Result{Facts: gateway.Persons(nil), Provenance: provenance()}, nil
	}))
	f.Add([]byte(goodPerson))
	f.Add([]byte(`{` + purpose + `,"query":{"birth_date":"1990-03-15","surname":"СЫНАҚОВА"},"consent":{"token":"t","public_key":"k"}}`))
	f.Add([]byte(`{"query":{"iin":"1","IIN":"2"}}`))
	f.Add([]byte(`{"purpose":null}`))
	f.Add([]byte("{\"a\":\"\xff\"}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		asked = nil
		w.log.reset()
		r := w.post(personRoute, string(b))
		if r.StatusCode >= http.StatusInternalServerError || (asked != nil) != (r.StatusCode == http.StatusOK) {
			t.Fatalf("status %d, core asked: %v", r.StatusCode, asked != nil)
		}
		if asked == nil {
			problem(t, w, personRoute, r)
			return
		}
		var document struct{ Query map[string]string }
		if err := json.Unmarshal(b, &document); err != nil {
			t.Fatal(err)
		}
		q := asked.(gateway.PersonQuery)
		seen := map[string]string{"iin": q.IIN, "document_number": q.DocumentNumber, "surname": q.Surname, "given_name": q.GivenName, "second_name": q.SecondName}
		if !q.BirthDate.IsZero() {
			seen["birth_date"] = string(q.BirthDate)
		}
		for name, value := range document.Query {
			if seen[name] != value {
				t.Fatalf("%s differs", name)
			}
			delete(seen, name)
		}
		for name, value := range seen {
			if value != "" {
				t.Fatalf("%s came from nowhere", name)
			}
		}
	})
}

// TestErrorsAreBounded: a request with very many broken rules gets some of them.
func TestErrorsAreBounded(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 300 {
		fmt.Fprintf(&b, `,"x%s":1`, strings.Repeat("y", i%30)+strings.Repeat("z", i/30))
	}
	w := newWorld(t, untouched(t))
	p := problem(t, w, personRoute, w.post(personRoute, `{`+purpose+b.String()+`,"query":{"iin":"904315401016"}}`))
	if len(p.Errors) != 32 {
		t.Errorf("%d errors", len(p.Errors))
	}
}
