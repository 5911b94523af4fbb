package xmltext_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/gateway/c14n"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// FuzzParse: whatever comes in, it is refused with a rule and a place, or it is
// a document whose nodes lie where they say, and whose canonical form, where
// there is one, is read again as the same document.
func FuzzParse(f *testing.F) {
	for _, list := range samples {
		for _, s := range list {
			if len(s.text) < 1000 {
				f.Add([]byte(strings.Replace(s.text, mark, "", 1)))
			}
		}
	}
	f.Add([]byte(family))
	f.Add([]byte(`<a xmlns="relative" xmlns:p="urn:a&amp;b"/>`))
	limits := xmltext.Limits{Bytes: 1 << 16, Comments: true, PIs: true}
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := xmltext.Parse(b, limits)
		if err != nil {
			var e *xmltext.Error
			if !errors.As(err, &e) || e.Rule == "" || e.Offset < 0 || e.Offset > len(b) {
				t.Fatalf("%v", err)
			}
			return
		}
		checkNodes(t, d)
		m := c14n.Method{Kind: c14n.Inclusive10, Comments: true}
		once, err := m.AppendDocument(nil, d)
		if at := d.OddName(); at >= 0 {
			if e := new(c14n.NameError); !errors.As(err, &e) || e.Offset != at || len(once) > 0 {
				t.Fatalf("the name at byte %d has a canonical form: %q, %v", at, once, err)
			}
			return
		}
		if err != nil {
			t.Fatalf("%v\n%q", err, b)
		}
		// The canonical form writes references where a character would not
		// survive, so it may be longer than what was let in.
		e, err := xmltext.Parse(once, xmltext.Limits{Comments: true, PIs: true})
		if err != nil {
			t.Fatalf("the canonical form is refused: %v\n%q\n%q", err, b, once)
		}
		if twice, err := m.AppendDocument(nil, e); err != nil || string(twice) != string(once) {
			t.Fatalf("canonical form of\n%q is\n%q, whose own is\n%q, %v", b, once, twice, err)
		}
	})
}

// checkNodes holds the table of nodes to what it claims.
func checkNodes(t *testing.T, d *xmltext.Doc) {
	t.Helper()
	src := d.Source()
	var walk func(n xmltext.Node)
	walk = func(n xmltext.Node) {
		if n.Raw() != src[n.Start():n.End()] {
			t.Fatalf("Raw of %q is not what stands there", n.Name())
		}
		_ = n.Text()
		at := n.TagEnd()
		for c := range n.Nodes() {
			if c.Parent() != n || c.Start() < at || c.End() > n.ContentEnd() {
				t.Fatalf("a child of %q lies outside it", n.Name())
			}
			at = c.End()
			walk(c)
		}
		for a := range n.Attrs() {
			if a.Owner() != n || a.Start() < n.Start() || a.End() > n.TagEnd() {
				t.Fatalf("attribute %q lies outside its element", a.Name())
			}
			if v, ok := n.Attr(a.Space(), a.Local()); !a.Decl() && (!ok || v != a.Value()) {
				t.Fatalf("attribute %q is not found by its name", a.Name())
			}
		}
		if n.Kind() == xmltext.Element {
			if uri, ok := n.Lookup(n.Prefix()); !ok || uri != n.Space() {
				t.Fatalf("%q stands in namespace %q, its prefix means %q", n.Name(), n.Space(), uri)
			}
		}
	}
	walk(d.Root())
}
