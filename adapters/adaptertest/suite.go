// Package adaptertest is the conformance suite that every adapter must pass. An
// adapter's test hands it the adapter and what is special about the operation,
// and calls Run; other tests call Allocations, Fuzz and Benchmark. New behaviour
// that all adapters owe is added here, not to one of them.
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
//     a required element or with one of them twice, or doubts it where the suite
//     says so;
//   - keeps codes that no list has, and marks them;
//   - refuses an answer to another message or about another person;
//   - gives facts that are valid by contracts/openapi.yaml, each with its source;
//   - fails with the kinds that gateway.Adapter names, in words of its own: no
//     text of the answer or the question ever appears in an error (threats T20
//     and T21);
//   - refuses a query of another operation.
//
// sample_test.go of this package is a whole registry in one file and shows what a
// new service of a known shape takes.
package adaptertest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
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
// names below the payload's root with "/" between. A field that is a function may
// be nil: then it says no to every path, unless its comment has it otherwise.
type Suite struct {
	Adapter gateway.Adapter
	// Query reads the field query of a request.json; see Query[Q].
	Query func(query json.RawMessage) (gateway.Query, error)
	// Files holds the examples; contracts.Examples() if nil.
	Files fs.FS
	// Examples is the folder of Files with one folder per example.
	Examples string
	// Asked tells which examples the suite is about, by their question; nil means
	// all of them.
	Asked func(gateway.Query) bool
	// Golden is the folder of the golden files, <example>.json; Update writes
	// them anew.
	Golden string
	Update bool
	// Refused names the examples that the adapter refuses, with the kind.
	Refused map[string]fault.Kind
	// Schema is the schema of contracts/openapi.yaml that each of Objects is
	// valid by; see List[F] and One.
	Schema  string
	Objects func(gateway.Facts) []any
	// Required tells whether an answer without the element at a path is refused.
	Required func(path string) bool
	// Doubted tells whether the element at a path should be there, and its
	// absence costs a doubt.
	Doubted func(path string) bool
	// Sender is the name of the element of a request that holds the registry's
	// code for us; senderCode if empty.
	Sender string
	// Subject is the path of the IIN an answer is about, RequestID that of the
	// id of the message it answers; "" if the registry sends none.
	Subject, RequestID string
	// Records is the path of the element that holds the personal data; "" for the
	// whole payload.
	Records string
	// Read tells whether the adapter looks at the element at a path; nil means
	// that it looks at all of Records.
	Read func(path string) bool
	// Repeated tells whether the element at a path may stand there several times
	// although its parent is no list by its name (documents/document).
	Repeated func(path string) bool
	// Codes tells whether the element at a path holds the code of a dictionary
	// value; nil means every element named code.
	Codes func(path string) bool
}

// Query reads a query of type Q.
func Query[Q gateway.Query](b json.RawMessage) (gateway.Query, error) {
	var q Q
	err := json.Unmarshal(b, &q)
	return q, err
}

// List gives the facts of a list F one by one.
func List[F ~[]E, E any](f gateway.Facts) (all []any) {
	for _, e := range f.(F) {
		all = append(all, e)
	}
	return all
}

// One gives facts that are one object.
func One(f gateway.Facts) []any {
	if !f.Found() {
		return nil
	}
	return []any{f}
}

// example is one loaded folder.
type example struct {
	name    string
	query   gateway.Query
	meta    gateway.Meta
	request xmltext.Node // payload of request.xml
	answer  string       // answer.xml, or the document that its data holds as text
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
			s.checkWrongQuery(t, e)
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
			s.checkSources(t, facts)
		})
	}
}

func (s Suite) load(t testing.TB) []example {
	t.Helper()
	if s.Files == nil {
		s.Files = contracts.Examples()
	}
	folders, err := fs.ReadDir(s.Files, s.Examples)
	if err != nil {
		t.Fatal(err)
	}
	var all []example
	for _, folder := range folders {
		e, err := s.loadOne(folder.Name())
		if err != nil {
			t.Fatalf("example %s: %v", folder.Name(), err)
		}
		if s.Asked == nil || s.Asked(e.query) {
			all = append(all, e)
		}
	}
	if len(all) == 0 {
		t.Fatal("there are no examples")
	}
	return all
}

func (s Suite) loadOne(name string) (example, error) {
	var files [3]string
	for i, file := range []string{"request.json", "request.xml", "answer.xml"} {
		b, err := fs.ReadFile(s.Files, path.Join(s.Examples, name, file))
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
	e := example{name: name, query: query, kind: s.Refused[name]}
	if e.request, err = payload(files[1]); err != nil {
		return example{}, err
	}
	if e.answer, err = document(files[2]); err != nil {
		return example{}, err
	}
	e.meta, err = meta(files[1], e.request, cmp.Or(s.Sender, "senderCode"))
	e.meta.ConsentToken, e.meta.ConsentKey = body.Consent.Token, body.Consent.PublicKey
	return e, err
}

// meta is what the channel gave to the request of an example: the ids and the
// date of its envelope, and the registry's code for us, which stands in the
// payload alone.
func meta(envelope string, request xmltext.Node, sender string) (gateway.Meta, error) {
	doc, err := xmltext.Parse([]byte(envelope), xmltext.Limits{})
	if err != nil {
		return gateway.Meta{}, err
	}
	info := find(doc.Root(), "requestInfo")
	date, err := time.Parse(time.RFC3339, info.ChildNamed("messageDate").Text())
	if err != nil {
		return gateway.Meta{}, fmt.Errorf("messageDate: %w", err)
	}
	return gateway.Meta{
		MessageID:     info.ChildNamed("messageId").Text(),
		CorrelationID: info.ChildNamed("correlationId").Text(),
		SenderCode:    find(request, sender).Text(),
		Date:          date,
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
// data itself if it is typed or holds several elements, otherwise its child, or
// the document that it holds as text.
func payload(text string) (xmltext.Node, error) {
	inner, err := document(text)
	if err != nil {
		return xmltext.Node{}, err
	}
	doc, err := xmltext.Parse([]byte(inner), xmltext.Limits{})
	if err != nil {
		return xmltext.Node{}, err
	}
	if doc.Root().Local() != "Envelope" {
		return doc.Root(), nil
	}
	data := find(doc.Root(), "data")
	if data.IsZero() {
		return xmltext.Node{}, errors.New("the envelope has no data")
	}
	first := data.First()
	if _, typed := data.Attr("http://www.w3.org/2001/XMLSchema-instance", "type"); typed || first.IsZero() || !first.NextElement().IsZero() {
		return data, nil
	}
	return first, nil
}

// document is the document that the payload stands in: the one that data holds
// as text, or the envelope itself.
func document(envelope string) (string, error) {
	doc, err := xmltext.Parse([]byte(envelope), xmltext.Limits{})
	if err != nil {
		return "", err
	}
	if doc.Root().Local() == "Envelope" {
		data := find(doc.Root(), "data")
		if text := strings.TrimSpace(data.Text()); data.First().IsZero() && strings.HasPrefix(text, "<") {
			return text, nil
		}
	}
	return envelope, nil
}

func find(n xmltext.Node, local string) xmltext.Node {
	if n.IsZero() || n.Local() == local {
		return n
	}
	for c := range n.Elements() {
		if found := find(c, local); !found.IsZero() {
			return found
		}
	}
	return xmltext.Node{}
}

func says(f func(string) bool, path string) bool { return f != nil && f(path) }

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
	within := s.Records == "" || at == s.Records || strings.HasPrefix(at, s.Records+"/")
	return within && (s.Read == nil || s.Read(at))
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
