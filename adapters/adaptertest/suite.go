// Package adaptertest is the conformance suite that every adapter must pass. An
// adapter's test hands it the adapter and what is special about the operation,
// and calls Run; a fuzz test calls Fuzz. New behaviour that all adapters owe is
// added here, not to one of them.
//
// The suite feeds on the examples of contracts/examples: folders with
// request.json (the body of the HTTP request), request.xml and answer.xml (the
// two envelopes). It holds that an adapter
//
//   - writes what the example's request carries, and reads what the golden file
//     has for its answer, the same every time;
//   - ignores elements it does not know, wherever they stand, and the order of
//     those it knows;
//   - takes an answer without any one optional element, and refuses one without
//     a required element or with one of them twice;
//   - keeps codes that no list has, and marks them;
//   - refuses an answer to another message or about another person;
//   - gives facts that are valid by contracts/openapi.yaml;
//   - fails with the kinds that gateway.Adapter names, in words of its own: no
//     text of the answer or the question ever appears in an error (threats T20
//     and T21).
package adaptertest

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// Suite is one adapter and what is special about its operation. Paths are local
// names below the payload's root with "/" between.
type Suite struct {
	Adapter gateway.Adapter
	// Query reads the field query of a request.json.
	Query func(query json.RawMessage) (gateway.Query, error)
	// Examples is the folder of contracts/examples with one folder per example.
	Examples string
	// Golden is the folder of the golden files, <example>.json; Update writes
	// them anew.
	Golden string
	Update bool
	// Refused names the examples that the adapter refuses, with the kind.
	Refused map[string]fault.Kind
	// Schema is the schema of contracts/openapi.yaml that each of Objects is
	// valid by.
	Schema  string
	Objects func(gateway.Facts) []any
	// Required tells whether the element at a path must be there.
	Required func(path string) bool
	// Subject is the path of the IIN an answer is about, RequestID that of the
	// id of the message it answers.
	Subject, RequestID string
	// Records is the path of the element that holds the personal data.
	Records string
	// Read tells whether the adapter looks at the element at a path; nil means
	// that it looks at all of Records.
	Read func(path string) bool
}

// example is one loaded folder.
type example struct {
	name    string
	query   gateway.Query
	meta    gateway.Meta
	request xmltext.Node // payload of request.xml
	answer  string       // answer.xml
	kind    fault.Kind   // of the refusal, "" for facts
}

// Run holds the adapter against everything the suite knows.
func Run(t *testing.T, s Suite) {
	t.Helper()
	examples := s.load(t)
	schema := s.schema(t)
	for _, e := range examples {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			s.checkRequest(t, e)
			facts, err := s.answer(e, e.answer)
			if e.kind != "" {
				s.checkRefusal(t, e, e.answer, err, e.kind)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			s.checkGolden(t, e, facts)
			s.checkSchema(t, schema, facts)
			s.checkRepeat(t, e, facts)
			s.checkUnknownElements(t, e, facts)
			s.checkOrder(t, e, facts)
			s.checkMissing(t, e, schema)
			s.checkTwice(t, e)
			s.checkUnknownCodes(t, e)
			s.checkSubject(t, e)
			s.checkSpoilt(t, e, schema)
		})
	}
}

func (s Suite) load(t testing.TB) []example {
	t.Helper()
	folders, err := fs.ReadDir(contracts.Examples(), s.Examples)
	if err != nil {
		t.Fatal(err)
	}
	var all []example
	for _, folder := range folders {
		e, err := s.loadOne(folder.Name())
		if err != nil {
			t.Fatalf("example %s: %v", folder.Name(), err)
		}
		all = append(all, e)
	}
	if len(all) == 0 {
		t.Fatal("there are no examples")
	}
	return all
}

func (s Suite) loadOne(name string) (example, error) {
	var files [3]string
	for i, file := range []string{"request.json", "request.xml", "answer.xml"} {
		b, err := fs.ReadFile(contracts.Examples(), path.Join(s.Examples, name, file))
		if err != nil {
			return example{}, err
		}
		files[i] = string(b)
	}
	var body struct {
		Query   json.RawMessage `json:"query"`
		Consent gateway.Consent `json:"consent"`
	}
	if err := json.Unmarshal([]byte(files[0]), &body); err != nil {
		return example{}, err
	}
	query, err := s.Query(body.Query)
	if err != nil {
		return example{}, err
	}
	request, err := payload(files[1])
	if err != nil {
		return example{}, err
	}
	date, err := time.Parse(time.RFC3339, request.ChildNamed("messageDate").Text())
	if err != nil {
		return example{}, fmt.Errorf("messageDate: %w", err)
	}
	return example{
		name:  name,
		query: query,
		meta: gateway.Meta{
			MessageID:    request.ChildNamed("messageId").Text(),
			SenderCode:   request.ChildNamed("senderCode").Text(),
			Date:         date,
			ConsentToken: body.Consent.Token,
			ConsentKey:   body.Consent.PublicKey,
		},
		request: request,
		answer:  files[2],
		kind:    s.Refused[name],
	}, nil
}

// answer lets the adapter read an envelope.
func (s Suite) answer(e example, envelope string) (gateway.Facts, error) {
	root, err := payload(envelope)
	if err != nil {
		return nil, err
	}
	return s.Adapter.Answer(e.query, e.meta, gateway.Payload{Root: root})
}

// payload finds the payload of an envelope, or takes the whole document for it:
// data itself if it is typed or holds several elements, otherwise its child.
func payload(document string) (xmltext.Node, error) {
	doc, err := xmltext.Parse([]byte(document), xmltext.Limits{})
	if err != nil {
		return xmltext.Node{}, err
	}
	data := find(doc.Root(), "data")
	if data.IsZero() {
		return doc.Root(), nil
	}
	first := data.First()
	if _, typed := data.Attr("http://www.w3.org/2001/XMLSchema-instance", "type"); typed || first.IsZero() || !first.NextElement().IsZero() {
		return data, nil
	}
	return first, nil
}

func find(n xmltext.Node, local string) xmltext.Node {
	if n.Local() == local {
		return n
	}
	for c := range n.Elements() {
		if found := find(c, local); !found.IsZero() {
			return found
		}
	}
	return xmltext.Node{}
}

func (s Suite) schema(t testing.TB) *openapi3.Schema {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(contracts.OpenAPI())
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		t.Fatal(err)
	}
	ref := doc.Components.Schemas[s.Schema]
	if ref == nil {
		t.Fatalf("the contract has no schema %s", s.Schema)
	}
	return ref.Value
}

// reads tells whether the adapter looks at the element at a path.
func (s Suite) reads(at string) bool {
	return (at == s.Records || strings.HasPrefix(at, s.Records+"/")) && (s.Read == nil || s.Read(at))
}

// Codes gives the code lists of the contracts to an adapter under test.
func Codes(t testing.TB) gateway.Codes {
	t.Helper()
	lists, err := contracts.Codes()
	if err != nil {
		t.Fatal(err)
	}
	return codes(lists)
}

// codes looks codes up on its own, so that a mistake in adapters.Codes shows.
type codes map[string]contracts.Dictionary

func (c codes) Lookup(list, code string) (gateway.Texts, bool) {
	if v, ok := c[list].Code(code); ok && v.Known() {
		return gateway.Texts{KK: v.KK, RU: v.RU, EN: v.EN}, true
	}
	return gateway.Texts{}, false
}
