package contracts_test

import (
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway/ident"
)

func TestCatalogueIsWhole(t *testing.T) {
	t.Parallel()
	c, err := contracts.Problems()
	if err != nil {
		t.Fatal(err)
	}
	id := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	sides := []string{"caller", "gateway", "shep", "registry", "pki", "consent"}
	seen := map[string]bool{}
	for _, p := range c.Problems {
		t.Run(p.ID, func(t *testing.T) {
			if !id.MatchString(p.ID) || seen[p.ID] {
				t.Error("the id has a wrong form or stands twice")
			}
			seen[p.ID] = true
			if !slices.Contains(sides, p.Side) {
				t.Errorf("side %q", p.Side)
			}
			callers := p.Side == "caller" || p.Side == "consent"
			if callers != (p.Status >= 400 && p.Status < 500) || !callers && (p.Status < 500 || p.Status > 504) {
				t.Errorf("status %d does not fit the side %s", p.Status, p.Side)
			}
			whole(t, "title", p.Title)
			whole(t, "detail", p.Detail)
			whole(t, "action", p.Action)
		})
	}
	if _, ok := c.Problem("no-such-problem"); ok {
		t.Error("found an id that is not there")
	}
	if p, ok := c.Problem("shep-timeout"); !ok || p.Status != 504 || !p.Retryable {
		t.Errorf("shep-timeout is %+v", p)
	}
}

func TestRulesAreWhole(t *testing.T) {
	t.Parallel()
	c, err := contracts.Problems()
	if err != nil {
		t.Fatal(err)
	}
	id := regexp.MustCompile(`^[a-z_]+\.[a-z_0-9]+$`)
	for rule, text := range c.Rules {
		if !id.MatchString(rule) {
			t.Errorf("rule %q has a wrong form", rule)
		}
		whole(t, rule, text)
	}
}

// cyrillic keeps a text in the wrong language, or one left in English, out.
var cyrillic = regexp.MustCompile(`\p{Cyrillic}`)

func whole(t *testing.T, what string, s contracts.Texts) {
	t.Helper()
	for lang, text := range map[string]string{"kk": s.KK, "ru": s.RU, "en": s.EN} {
		if strings.TrimSpace(text) != text || text == "" {
			t.Errorf("%s: the %s text is empty or has space around it", what, lang)
		}
		if lang != "en" && !cyrillic.MatchString(text) {
			t.Errorf("%s: the %s text has no Cyrillic letter", what, lang)
		}
		if s.In(lang) != text {
			t.Errorf("%s: In(%q) gives another text", what, lang)
		}
	}
	if s.In("de") != s.EN {
		t.Errorf("%s: another language must give English", what)
	}
	if s.KK == s.RU && len(s.KK) > 40 {
		t.Errorf("%s: the same sentence in Kazakh and Russian", what)
	}
}

func TestCodes(t *testing.T) {
	t.Parallel()
	all, err := contracts.Codes()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 9 {
		t.Fatalf("only %d lists", len(all))
	}
	for id, d := range all {
		if d.Source == "" || (d.Registry == "") != (d.Element == "") {
			t.Errorf("%s does not say where it is used and what it rests on", id)
		}
		whole(t, id, d.Title)
		seen := map[string]bool{}
		for _, c := range d.Codes {
			if c.Code == "" || seen[c.Code] {
				t.Errorf("%s: code %q is empty or stands twice", id, c.Code)
			}
			seen[c.Code] = true
			if !slices.Contains([]string{"record", "inferred", "iso", "contract", "ours"}, c.Origin) {
				t.Errorf("%s %s: origin %q", id, c.Code, c.Origin)
			}
			whole(t, id+" "+c.Code, c.Texts)
		}
	}
	for _, tt := range []struct {
		name, dictionary, code string
		found, known           bool
	}{
		{"identity card", "document_type", "002", true, true},
		{"leading zeros count", "document_type", "2", false, false},
		{"invented for the offline world", "address_type", "1", true, false},
		{"Kazakhstan", "country", "398", true, true},
		{"not on the list", "document_status", "99", false, false},
		{"of a contract of ours", "act_kind", "07", true, true},
		{"a cause that we worded", "disability_cause", "1", true, false},
		{"a region", "kato", "710000000", true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, ok := all[tt.dictionary].Code(tt.code)
			if ok != tt.found || ok && c.Known() != tt.known {
				t.Errorf("found %v, known %v", ok, ok && c.Known())
			}
		})
	}
}

// TestListsAgree: what several lists and types say is the same.
func TestListsAgree(t *testing.T) {
	t.Parallel()
	all, err := contracts.Codes()
	if err != nil {
		t.Fatal(err)
	}
	banks := map[string]string{}
	for _, c := range all["bank"].Codes {
		banks[c.Code] = c.BIC
	}
	if !maps.Equal(banks, ident.Banks()) {
		t.Errorf("banks %v, package ident has %v", banks, ident.Banks())
	}
	for _, c := range all["kato"].Codes {
		if k, err := ident.ParseKATO(c.Code); err != nil || k.Region() != k {
			t.Errorf("%s is no region: %v", c.Code, err)
		}
	}
	doc := openAPI(t)
	for _, c := range all["account_kind"].Codes {
		if !slices.Contains(doc.Components.Schemas["AccountKind"].Value.Enum, any(c.Code)) {
			t.Errorf("account_kind %s is not in AccountKind", c.Code)
		}
	}
}

func TestOpenAPIIsValid(t *testing.T) {
	t.Parallel()
	doc := openAPI(t)
	if doc.OpenAPI != "3.0.3" {
		t.Errorf("version %s: the error texts of a 3.1 validator repeat values", doc.OpenAPI)
	}
	for name, s := range doc.Components.Schemas {
		request := strings.HasSuffix(name, "Request") || strings.HasSuffix(name, "Query") || name == "Purpose" || name == "Consent"
		closed := s.Value.AdditionalProperties.Has != nil && !*s.Value.AdditionalProperties.Has
		if request && !closed {
			t.Errorf("%s accepts unknown fields", name)
		}
		if s.Value.Description == "" {
			t.Errorf("%s has no description", name)
		}
		for field, p := range s.Value.Properties {
			if !regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`).MatchString(field) {
				t.Errorf("%s.%s is not snake_case", name, field)
			}
			if p.Ref == "" && p.Value.Description == "" && name != "Health" {
				t.Errorf("%s.%s has no description", name, field)
			}
		}
	}
}

// TestRequestExamples holds the JSON half of every example against the schema
// of its operation, and the folders against the operations.
func TestRequestExamples(t *testing.T) {
	t.Parallel()
	doc := openAPI(t)
	requests := map[string]*openapi3.Schema{} // by folder
	var ids []any
	for _, item := range doc.Paths.Map() {
		if item.Post == nil || item.Post.Extensions["x-operation"] == nil {
			continue // a batch has those of its questions
		}
		id := item.Post.Extensions["x-operation"].(string)
		ids = append(ids, id)
		requests[strings.Replace(id, ".", "/", 1)] = item.Post.RequestBody.Value.Content["application/json"].Schema.Value
	}
	batched := doc.Components.Schemas["Operation"].Value.Enum
	if len(ids) != len(batched) || slices.ContainsFunc(ids, func(id any) bool { return !slices.Contains(batched, id) }) {
		t.Errorf("operations are %v, those of batches %v", ids, batched)
	}
	names, err := fs.Glob(contracts.Examples(), "*/*/*/request.json")
	if err != nil || len(names) < 15 {
		t.Fatalf("%d examples: %v", len(names), err)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			schema := requests[path.Dir(path.Dir(name))]
			if schema == nil {
				t.Fatal("the folder is named after no operation")
			}
			if err := schema.VisitJSON(readJSON(t, name)); err != nil {
				t.Error(err)
			}
		})
	}
}

func openAPI(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(contracts.OpenAPI())
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return doc
}
