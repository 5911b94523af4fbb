package adaptertest_test

// A whole registry in one file: what a new service of a known shape takes. It
// answers the operation social-status.search in words of its own. The contract is
// the pair of envelopes, the rest is a service profile and an adapter; nothing
// else of the gateway knows of it.

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kopir-kz/kopir/adapters/adaptertest"
	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/api"
	"github.com/kopir-kz/kopir/gateway/exchange"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/ident"
	"github.com/kopir-kz/kopir/gateway/journal"
	"github.com/kopir-kz/kopir/gateway/shep"
	"github.com/kopir-kz/kopir/gateway/transport"
)

// ---- the contract -------------------------------------------------------------

const (
	sampleJSON = `{"purpose":{"service":"00601","case":"1","legal_basis":"Order 279","official":"op-0042"},"query":{"iin":"904315401016"}}`

	sampleRequest = `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><typ:SendMessage xmlns:typ="http://bip.bee.kz/SyncChannel/v10/Types"><request>` +
		`<requestInfo><messageId>m-1</messageId><correlationId>c-1</correlationId><serviceId>SAMPLE</serviceId><messageDate>2025-09-01T10:00:00.000+05:00</messageDate><sender><senderId>EXAMPLE</senderId></sender></requestInfo>` +
		`<requestData><data><s:ask xmlns:s="urn:sample"><number>m-1</number><who>904315401016</who></s:ask></data></requestData>` +
		`</request></typ:SendMessage></soap:Body></soap:Envelope>`

	sampleAnswer = `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header/><soap:Body><typ:SendMessageResponse xmlns:typ="http://bip.bee.kz/SyncChannel/v10/Types"><response>` +
		`<responseInfo><messageId>m-2</messageId><correlationId>c-1</correlationId><responseDate>2025-09-01T10:00:01.000+05:00</responseDate><status><code>SCSS001</code><message>OK</message></status><sessionId>{7b0d3f52-3a61-4c07-9d00-000000000001}</sessionId></responseInfo>` +
		`<responseData><data><s:told xmlns:s="urn:sample"><number>m-1</number><result>0</result><citizen><who>904315401016</who>` +
		`<status><id>17</id><nameRus>Многодетная мать</nameRus><nameKaz>Көпбалалы ана</nameKaz><since>2021-02-10T00:00:00+06:00</since></status>` +
		`<status><id>18</id><nameRus>Пенсионер</nameRus><nameKaz>Зейнеткер</nameKaz><since>2021-02-30</since></status>` +
		`</citizen></s:told></data></responseData></response></typ:SendMessageResponse></soap:Body></soap:Envelope>`

	sampleGolden = `[
  {
    "status": {
      "code": "17",
      "kk": "Көпбалалы ана",
      "ru": "Многодетная мать",
      "en": "",
      "known": false
    },
    "begin_date": "2021-02-10",
    "source": {
      "registry": "SAMPLE"
    }
  },
  {
    "status": {
      "code": "18",
      "kk": "Зейнеткер",
      "ru": "Пенсионер",
      "en": "",
      "known": false
    },
    "source": {
      "registry": "SAMPLE"
    },
    "doubt": [
      {
        "rule": "date.impossible",
        "pointer": "/begin_date",
        "text": {
          "kk": "Мұндай күн жоқ; мән берілмеді.",
          "ru": "Такой даты нет; значение не передано.",
          "en": "There is no such date; the value was left out."
        }
      }
    ]
  }
]
`
)

// ---- the service profile --------------------------------------------------------

const sampleProfile = `
id: social-status.search
registry: SAMPLE
service_id: SAMPLE
endpoint: http://shep.invalid/
sender_id: EXAMPLE
envelope: {signature: none}
answer: {envelope: ignore, inner: ignore}
payload: {path: result, success: ["0"], not_found: ["4"]}
`

// ---- the adapter ----------------------------------------------------------------

var sampleContract = payload.Contract{Registry: "SAMPLE", Code: payload.CodeForm{Code: "id", KK: "nameKaz", RU: "nameRus"}}

type sampleAdapter struct{ codes gateway.Codes }

func (sampleAdapter) Request(q gateway.Query, m gateway.Meta) ([]byte, error) {
	sq, ok := q.(gateway.SubjectQuery)
	if !ok {
		return nil, fault.New(fault.Internal, "write request to SAMPLE", "the query is no SubjectQuery")
	}
	b := []byte(`<s:ask xmlns:s="urn:sample">`)
	b = payload.AppendElement(b, "number", m.MessageID)
	b = payload.AppendElement(b, "who", sq.IIN)
	return append(b, "</s:ask>"...), nil
}

func (a sampleAdapter) Answer(q gateway.Query, m gateway.Meta, p gateway.Payload) (gateway.Facts, error) {
	sq, ok := q.(gateway.SubjectQuery)
	if !ok {
		return nil, fault.New(fault.Internal, "read answer of SAMPLE", "the query is no SubjectQuery")
	}
	r := payload.Read(&sampleContract, p.Root, "told", a.codes)
	if id := r.Text("number"); id != "" && id != m.MessageID {
		return nil, fault.New(fault.AnswerMismatch, "read answer of SAMPLE", "number is not our messageId")
	}
	facts := gateway.SocialStatuses{}
	if citizen := r.Sub("citizen"); citizen != nil {
		if who := citizen.Required("who"); who != "" && who != sq.IIN {
			return nil, fault.New(fault.AnswerMismatch, "read answer of SAMPLE", "the answer is about another IIN")
		}
		for s := range citizen.All("status") {
			var d payload.Doubts
			facts = append(facts, gateway.SocialStatus{
				Status:    s.Itself(""),
				BeginDate: s.Day("since", "/begin_date", &d),
				Source:    gateway.Source{Registry: "SAMPLE"},
				Doubt:     d.List,
			})
		}
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	return facts, nil
}

// ---- the proof --------------------------------------------------------------------

func sample(t testing.TB) adaptertest.Suite {
	t.Helper()
	golden := t.TempDir()
	if err := os.WriteFile(filepath.Join(golden, "statuses.json"), []byte(sampleGolden), 0o600); err != nil {
		t.Fatal(err)
	}
	return adaptertest.Suite{
		Adapter: sampleAdapter{adaptertest.Codes(t)},
		Query:   adaptertest.Query[gateway.SubjectQuery],
		Files: fstest.MapFS{
			"sample/statuses/request.json": {Data: []byte(sampleJSON)},
			"sample/statuses/request.xml":  {Data: []byte(sampleRequest)},
			"sample/statuses/answer.xml":   {Data: []byte(sampleAnswer)},
		},
		Examples:  "sample",
		Golden:    golden,
		Schema:    "SocialStatus",
		Objects:   adaptertest.List[gateway.SocialStatuses],
		Required:  func(path string) bool { return path == "citizen/who" || strings.HasSuffix(path, "/id") },
		Codes:     func(path string) bool { return strings.HasSuffix(path, "/id") },
		Repeated:  func(path string) bool { return path == "citizen/status" },
		Subject:   "citizen/who",
		RequestID: "number",
		Records:   "citizen",
	}
}

func TestSampleConformance(t *testing.T) {
	t.Parallel()
	adaptertest.Run(t, sample(t))
}

func TestSampleAllocations(t *testing.T) { adaptertest.Allocations(t, sample(t)) }

func FuzzSample(f *testing.F) { adaptertest.Fuzz(f, sample(f)) }

// TestSampleNeedsAProfileAndAnAdapter: with these two and nothing else, a
// question over HTTP becomes the sample's message, and its answer JSON.
func TestSampleNeedsAProfileAndAnAdapter(t *testing.T) {
	t.Parallel()
	var p shep.Profile
	if err := yaml.Unmarshal([]byte(sampleProfile), &p); err != nil {
		t.Fatal(err)
	}
	p, err := p.WithDefaults()
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2025, 9, 1, 5, 0, 0, 0, time.UTC)
	x, err := exchange.New(exchange.Options{
		Services: []exchange.Service{{Profile: p, Adapter: sampleAdapter{adaptertest.Codes(t)}, Sender: sampleService{t}}},
		Journal:  nowhere{}, Subject: func(string) string { return "ref" }, Mode: ident.Mock, Clock: func() time.Time { return at },
		NewID: func() string { return "m-1" }, NewExchangeID: func() string { return "c-1" },
	})
	if err != nil {
		t.Fatal(err)
	}
	key := api.NewKey()
	hash, err := api.HashKey(key, nil)
	if err != nil {
		t.Fatal(err)
	}
	h, err := api.New(api.Options{Core: x, Clients: []api.Client{{ID: "benefits", KeyHashes: []string{hash}, Operations: []string{"social-status.search"}}}})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/v1/social-status/search", strings.NewReader(sampleJSON))
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	var got gateway.SocialStatusAnswer
	if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil || rec.Code != http.StatusOK {
		t.Fatalf("status %d, %v: %s", rec.Code, err, rec.Body)
	}
	if got.Provenance.Registry != "SAMPLE" || got.Status != gateway.StatusFound || len(got.SocialStatuses) != 2 || got.SocialStatuses[0].Status.Code != "17" {
		t.Errorf("got %s", rec.Body)
	}
}

// sampleService is the registry behind its channel.
type sampleService struct{ t *testing.T }

func (s sampleService) Do(ctx context.Context, r transport.Round) (transport.Report, error) {
	message, err := r.Prepare(ctx, 1)
	if err != nil {
		return transport.Report{}, err
	}
	if !strings.Contains(string(message), `<number>m-1</number><who>904315401016</who>`) {
		return transport.Report{}, errors.New("the message does not hold the question")
	}
	header := http.Header{"Content-Type": {"text/xml; charset=utf-8"}}
	return transport.Report{Attempts: 1}, r.Read(ctx, http.StatusOK, header, []byte(sampleAnswer))
}

// nowhere keeps no evidence.
type nowhere struct{}

func (nowhere) Begin(context.Context, journal.Intent) error { return nil }
func (nowhere) End(context.Context, journal.Outcome) error  { return nil }
func (nowhere) FirstSeen(context.Context, []byte, time.Duration) (bool, error) {
	return true, nil
}
