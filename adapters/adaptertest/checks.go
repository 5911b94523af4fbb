package adaptertest

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// otherIIN is right and nobody's: the suite's stranger.
const otherIIN = "995231309018"

// checkRequest compares with the example's request element by element: the root
// may have another name or be data itself.
func (s Suite) checkRequest(t *testing.T, e example) {
	t.Helper()
	b, err := s.Adapter.Request(e.query, e.meta)
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Adapter.Request(e.query, e.meta)
	if err != nil || !bytes.Equal(b, again) {
		t.Error("the same question is written in two ways")
	}
	doc, err := xmltext.Parse(b, xmltext.Limits{})
	if err != nil {
		t.Fatalf("the request is not one XML document: %v", err)
	}
	if diff := cmp.Diff(contents(e.request), contents(doc.Root())); diff != "" {
		t.Errorf("request differs from the example (-example +adapter):\n%s", diff)
	}
}

// contents lists everything below an element: path, namespace, and the text of
// what holds no elements.
func contents(n xmltext.Node) (all [][3]string) {
	for path, c := range elements(n) {
		text := ""
		if c.First().IsZero() {
			text = c.Text()
		}
		all = append(all, [3]string{path, c.Space(), text})
	}
	return all
}

// strange is a query of no operation.
type strange struct{ gateway.Query }

// checkWrongQuery: the table of adapters cannot be wrong unnoticed.
func (s Suite) checkWrongQuery(t *testing.T, e example) {
	t.Helper()
	if _, err := s.Adapter.Request(strange{e.query}, e.meta); !errors.Is(err, fault.Internal) {
		t.Errorf("a request for a query of another operation: %v", err)
	}
	root, err := payload(e.answer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Adapter.Answer(strange{e.query}, e.meta, gateway.Payload{Root: root}); !errors.Is(err, fault.Internal) {
		t.Errorf("an answer to a query of another operation: %v", err)
	}
}

// checkSources: every source names a registry; that facts have sources is held by
// the schema.
func (s Suite) checkSources(t *testing.T, facts gateway.Facts) {
	t.Helper()
	b, err := json.Marshal(s.Objects(facts))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(b, []byte(`"registry":""`)) {
		t.Error("a fact does not say whose record it is")
	}
}

func (s Suite) checkGolden(t *testing.T, e example, facts gateway.Facts) {
	t.Helper()
	var got bytes.Buffer
	enc := json.NewEncoder(&got)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(facts); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(s.Golden, e.name+".json")
	if s.Update {
		if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, got.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("facts differ from %s (-golden +adapter):\n%s", name, diff)
	}
}

// checkSchema holds every object of the facts against the HTTP contract.
func (s Suite) checkSchema(t testing.TB, schema *openapi3.Schema, facts gateway.Facts) {
	t.Helper()
	objects := s.Objects(facts)
	if facts.Found() != (len(objects) > 0) {
		t.Error("Found() does not agree with the objects")
	}
	for _, o := range objects {
		b, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := json.Unmarshal(b, &v); err != nil {
			t.Fatal(err)
		}
		if err := schema.VisitJSON(v); err != nil {
			t.Errorf("not valid by the contract: %v", err)
		}
	}
}

func (s Suite) checkRepeat(t *testing.T, e example, facts gateway.Facts) {
	t.Helper()
	again, err := s.answer(e, e.answer)
	if err != nil || !reflect.DeepEqual(facts, again) {
		t.Errorf("the same answer read twice gives other facts: %v", err)
	}
}

// same holds that a changed envelope gives the same facts.
func (s Suite) same(t *testing.T, e example, envelope, what string, facts gateway.Facts) {
	t.Helper()
	got, err := s.answer(e, envelope)
	if err != nil {
		t.Errorf("%s: %v", what, err)
	} else if !reflect.DeepEqual(facts, got) {
		t.Errorf("%s: other facts:\n%s", what, cmp.Diff(facts, got))
	}
}

// checkUnknownElements puts elements that no contract knows in front of every
// element and behind the last one. Beside an answer without records the unknown
// element has text alone: a structure there could be records under another
// name, which an adapter may refuse.
func (s Suite) checkUnknownElements(t *testing.T, e example, facts gateway.Facts) {
	t.Helper()
	unknown := []string{"<novelty>1</novelty>", `<x:novelty xmlns:x="urn:example:novelty" x:a="1">1</x:novelty>`}
	if facts.Found() {
		unknown = append(unknown, "<novelty><code>1</code><iin>1</iin></novelty>")
	}
	for path, n := range s.elements(t, e) {
		for _, u := range unknown {
			s.same(t, e, replace(e.answer, n.Start(), n.Start(), u), "unknown element before "+path, facts)
			s.same(t, e, replace(e.answer, n.End(), n.End(), u), "unknown element after "+path, facts)
		}
	}
}

// elements gives the elements of the example's answer.
func (s Suite) elements(t testing.TB, e example) map[string]xmltext.Node {
	t.Helper()
	root, err := payload(e.answer)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]xmltext.Node{} // the last of each path is as good as any
	for path, n := range elements(root) {
		all[path] = n
	}
	return all
}

func (s Suite) checkOrder(t *testing.T, e example, facts gateway.Facts) {
	t.Helper()
	root, err := payload(e.answer)
	if err != nil {
		t.Fatal(err)
	}
	s.same(t, e, replace(e.answer, root.Start(), root.End(), reversed(e.answer, root)), "order reversed", facts)
}

func (s Suite) checkMissing(t *testing.T, e example, schema *openapi3.Schema) {
	t.Helper()
	for path, n := range s.elements(t, e) {
		envelope := without(e.answer, n)
		facts, err := s.answer(e, envelope)
		switch required := says(s.Required, path); {
		case says(s.Doubted, path):
			if err != nil || !doubts(t, facts, gateway.DoubtMissing) {
				t.Errorf("without %s: not doubted, %v", path, err)
			}
		case errors.Is(err, fault.AnswerMismatch) && e.query.Subject() != "" && strings.Contains(n.Raw(), e.query.Subject()):
			// Without the person asked about, what is left is about others.
			s.checkRefusal(t, e, e.answer, err, fault.AnswerMismatch)
		case err != nil && !required:
			t.Errorf("without %s: %v", path, err)
		case err != nil:
			s.checkRefusal(t, e, e.answer, err, fault.ContractViolation)
		case required:
			t.Errorf("an answer without %s is taken", path)
		default:
			s.checkSchema(t, schema, facts)
		}
	}
}

// doubts tells whether a fact has a doubt of that rule.
func doubts(t *testing.T, facts gateway.Facts, rule gateway.DoubtRule) bool {
	t.Helper()
	b, err := json.Marshal(facts)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Contains(b, []byte(`"rule":"`+string(rule)+`"`))
}

// checkTwice repeats every element that is read once.
func (s Suite) checkTwice(t *testing.T, e example) {
	t.Helper()
	for path, n := range s.elements(t, e) {
		if !s.reads(path) || isList(n) || isList(n.Parent()) || says(s.Repeated, path) {
			continue // a list may be split, and may hold any number
		}
		if _, err := s.answer(e, twice(e.answer, n)); err == nil {
			t.Errorf("two %s are taken", path)
		} else {
			s.checkRefusal(t, e, e.answer, err, fault.ContractViolation)
		}
	}
}

// isList tells by the names whether an element is a list: documents/document.
func isList(n xmltext.Node) bool {
	c := n.First().Local()
	if c == "" {
		return strings.HasSuffix(n.Local(), "s")
	}
	return n.Local() == c+"s" || n.Local() == c+"es"
}

// checkUnknownCodes gives every dictionary value a code that no list has.
func (s Suite) checkUnknownCodes(t *testing.T, e example) {
	t.Helper()
	const code = "Z9Z"
	for path, n := range s.elements(t, e) {
		if !s.reads(path) || n.Nil() || !s.isCode(path, n) {
			continue
		}
		facts, err := s.answer(e, saying(e.answer, n, code))
		if err != nil {
			t.Errorf("unknown code at %s: %v", path, err)
			continue
		}
		b, err := json.Marshal(facts)
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`"code":"` + code + `","kk":"[^"]*","ru":"[^"]*","en":"","known":false`).Match(b) {
			t.Errorf("unknown code at %s is not kept and marked", path)
		}
	}
}

func (s Suite) isCode(path string, n xmltext.Node) bool {
	if s.Codes != nil {
		return s.Codes(path)
	}
	return n.Local() == "code"
}

// checkSubject swaps what binds an answer to its question (threat T14).
func (s Suite) checkSubject(t *testing.T, e example) {
	t.Helper()
	all := s.elements(t, e)
	if n, ok := all[s.Subject]; ok && !n.Nil() && e.query.Subject() != "" {
		_, err := s.answer(e, saying(e.answer, n, otherIIN))
		s.checkRefusal(t, e, e.answer, err, fault.AnswerMismatch)
	}
	if s.RequestID == "" {
		return // the envelope alone ties such answers to their question
	}
	n, ok := all[s.RequestID]
	if !ok {
		t.Fatalf("the example has no %s", s.RequestID)
	}
	_, err := s.answer(e, saying(e.answer, n, "another-message"))
	s.checkRefusal(t, e, e.answer, err, fault.AnswerMismatch)
	if _, err := s.answer(e, saying(e.answer, n, "")); err != nil {
		t.Errorf("an empty %s is refused: %v", s.RequestID, err)
	}
}

// checkSpoilt gives every leaf a text that fits nowhere and everywhere: it is
// taken as it is, or refused without being repeated.
func (s Suite) checkSpoilt(t *testing.T, e example, schema *openapi3.Schema) {
	t.Helper()
	for path, n := range s.elements(t, e) {
		if !isLeaf(n) {
			continue
		}
		for _, canary := range []string{"Сынақтың канарейкасы", "904315401026", "2025-13-45", "&lt;b&gt;canary&lt;/b&gt;"} {
			envelope := saying(e.answer, n, canary)
			facts, err := s.answer(e, envelope)
			if err == nil {
				s.checkSchema(t, schema, facts)
				continue
			}
			s.checkRefusal(t, e, envelope, err, "")
			if t.Failed() {
				t.Fatalf("at %s", path)
			}
		}
	}
}

// checkRefusal holds an error against the contract of gateway.Adapter; kind ""
// stands for any of its kinds. The envelope is what was read.
func (s Suite) checkRefusal(t testing.TB, e example, envelope string, err error, kind fault.Kind) {
	t.Helper()
	if err == nil {
		t.Errorf("taken, want %s", kind)
		return
	}
	got := fault.KindOf(err)
	if kind != "" && got != kind {
		t.Errorf("refused with %s (%v), want %s", got, err, kind)
	}
	if !errors.Is(err, fault.ContractViolation) && !errors.Is(err, fault.AnswerMismatch) && !errors.Is(err, fault.RegistryFault) {
		t.Errorf("refused with a kind that no adapter has: %v", err)
	}
	checkWords(t, err)
	for _, secret := range s.secrets(t, e, envelope) {
		if strings.Contains(err.Error(), secret) {
			t.Error("the refusal repeats a text of the answer or the question")
		}
	}
}

// checkWords: an adapter's refusals are made of contract names and English.
func checkWords(t testing.TB, err error) {
	t.Helper()
	if !regexp.MustCompile(`^[ -~]*$`).MatchString(err.Error()) || regexp.MustCompile(`[0-9]{6}|[<>&]`).MatchString(err.Error()) {
		t.Error("the refusal holds what no rule has: digits, markup or another script")
	}
}

// secrets are the texts of the records and of the question. Words in small Latin
// letters are codes of our own contracts, which errors may share a word with; no
// person is named so.
func (s Suite) secrets(t testing.TB, e example, envelope string) []string {
	t.Helper()
	var all []string
	var names string
	root, err := payload(envelope)
	if err != nil {
		t.Fatal(err)
	}
	for path, n := range elements(root) {
		text := strings.TrimSpace(n.Text())
		if strings.HasPrefix(path, s.Records) && isLeaf(n) && len(text) > 3 && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz_") != "" {
			all = append(all, text)
		}
		names += n.Local() + " "
	}
	// A word that is part of a name in the contract is no secret: Account.
	all = slices.DeleteFunc(all, func(text string) bool { return strings.Contains(names, text) })
	if subject := e.query.Subject(); subject != "" {
		all = append(all, subject)
	}
	return all
}
