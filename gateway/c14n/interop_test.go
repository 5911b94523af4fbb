package c14n_test

import (
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/gateway/c14n"
	"github.com/kopir-kz/kopir/gateway/internal/vectors"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// santuario says what becomes of each document of Apache Santuario: refused by
// the reader with a rule, without canonical form for a relative namespace name,
// or, from an element on, what stands in the file out.
var santuario = map[string]struct {
	rule    xmltext.Rule
	odd     bool
	element string // "" for the whole document
	method  c14n.Method
	out     string
}{
	"in/31_input.xml":                      {rule: xmltext.RuleDoctype},
	"in/32_input.xml":                      {method: inclusive, out: "in/32_c14n.xml"},
	"in/33_input.xml":                      {rule: xmltext.RuleDoctype},
	"in/34_input.xml":                      {rule: xmltext.RuleDoctype},
	"in/35_input.xml":                      {rule: xmltext.RuleDoctype},
	"in/36_input.xml":                      {rule: xmltext.RuleEncoding}, // ISO-8859-1
	"in/37_input.xml":                      {rule: xmltext.RuleDoctype},
	"in/38_input.xml":                      {rule: xmltext.RuleDoctype},
	"in/default_ns_redefinition_input.xml": {element: "dsig:Object", method: inclusive, out: "in/default_ns_redefinition_c14n.xml"},
	"in/foo.xml":                           {method: inclusive, out: "in/31_c14n.xml"},
	"in/relative-ns-behaviour.xml":         {odd: true, method: inclusive},
	"inExcl/example2_2_1.xml":              {element: "n1:elem2", method: inclusive, out: "inExcl/example2_2_1_c14nized.xml"},
	"inExcl/example2_2_2.xml":              {element: "n1:elem2", method: inclusive, out: "inExcl/example2_2_2_c14nized.xml"},
	"inExcl/example2_2_3.xml":              {element: "p", method: exclusive, out: "inExcl/example2_2_3_c14nized_exclusive.xml"},
	"inExcl/example2_4.xml":                {element: "etsi:elem2", method: exclusive, out: "inExcl/example2_4_c14nized.xml"},
	"inExcl/plain-soap-1.1.xml":            {element: "env:Body", method: exclusive, out: "inExcl/plain-soap-c14nized.xml"},
}

// outputs are the files that hold canonical forms or belong to refused
// documents, and so are no inputs.
var outputs = []string{
	"in/31_c14n-comments.xml", "in/31_c14n.xml", "in/32_c14n.xml", "in/33_c14n.xml", "in/34_c14n.xml", "in/35_c14n.xml", "in/36_c14n.xml",
	"in/37_c14n.xml", "in/37_subset.xpath", "in/38_c14n.xml", "in/default_ns_redefinition_c14n.xml", "in/doc.dtd",
	"inExcl/example2_2_1_c14nized.xml", "inExcl/example2_2_2_c14nized.xml", "inExcl/example2_2_3_c14nized_exclusive.xml",
	"inExcl/example2_2_c14nized_exclusive.xml", "inExcl/example2_4_c14nized.xml", "inExcl/plain-soap-c14nized.xml",
}

func TestSantuario(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(filepath.Join(vectors.Dir(t), "interop"), "santuario/src/test/resources/org/apache/xml/security/c14n")
	files, err := filepath.Glob(filepath.Join(dir, "in*", "*"))
	if err != nil || len(files) != len(santuario)+len(outputs) {
		t.Errorf("%d files, %d are listed: %v", len(files), len(santuario)+len(outputs), err)
	}
	for file, tt := range santuario {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			d, err := xmltext.ParseString(read(t, filepath.Join(dir, file)), xmltext.Limits{Comments: true, PIs: true})
			var e *xmltext.Error
			if tt.rule != "" {
				if !errors.As(err, &e) || e.Rule != tt.rule {
					t.Errorf("want a refusal by rule %s, got %v", tt.rule, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if tt.odd {
				if out, err := tt.method.AppendDocument(nil, d); out != nil || !odd(err) {
					t.Errorf("want a NameError, got %q, %v", out, err)
				}
				return
			}
			var got []byte
			if tt.element == "" {
				got = whole(t, tt.method, d)
			} else {
				got = form(t, tt.method, find(t, d, tt.element))
			}
			if want := read(t, filepath.Join(dir, tt.out)); string(got) != want {
				t.Errorf("got\n%.2000s\nwant\n%.2000s", got, want)
			}
		})
	}
	t.Run("exclusive form does not depend on the surroundings", func(t *testing.T) {
		t.Parallel()
		want := read(t, filepath.Join(dir, "inExcl/example2_2_c14nized_exclusive.xml"))
		for _, file := range []string{"inExcl/example2_2_1.xml", "inExcl/example2_2_2.xml"} {
			if got := string(form(t, exclusive, find(t, parse(t, read(t, filepath.Join(dir, file))), "n1:elem2"))); got != want {
				t.Errorf("%s: got\n%s\nwant\n%s", file, got, want)
			}
		}
	})
}

// TestMerlinExclusive checks the four digests of merlin-exc-c14n-one: with and
// without comments, with and without a prefix list.
func TestMerlinExclusive(t *testing.T) {
	t.Parallel()
	d := parse(t, read(t, filepath.Join(filepath.Join(vectors.Dir(t), "interop"), "xmlsec/tests/merlin-exc-c14n-one/exc-signature.xml")))
	signed := find(t, d, "dsig:Object")
	checked := 0
	for i := range d.Root().After() {
		ref := d.NodeAt(i)
		if ref.Kind() != xmltext.Element || ref.Local() != "Reference" {
			continue
		}
		transform := ref.First().First()
		uri, _ := transform.Attr("", "Algorithm")
		m, ok := c14n.ByURI(uri)
		if !ok {
			t.Fatalf("algorithm %q", uri)
		}
		list, _ := transform.First().Attr("", "PrefixList")
		m.Prefixes = strings.Fields(list)
		sum := sha1.Sum(form(t, m, signed))
		if got, want := base64.StdEncoding.EncodeToString(sum[:]), ref.ChildNamed("DigestValue").Text(); got != want {
			t.Errorf("%s %v: digest %s, want %s", m.URI(), m.Prefixes, got, want)
		}
		checked++
	}
	if checked != 4 {
		t.Errorf("%d References were checked", checked)
	}
}
