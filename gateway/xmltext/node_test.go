package xmltext_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kopir-kz/kopir/gateway/xmltext"
)

func parse(t testing.TB, s string) *xmltext.Doc {
	t.Helper()
	d, err := xmltext.ParseString(s, all)
	if err != nil {
		t.Fatalf("%v\n%q", err, s)
	}
	return d
}

func TestText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want string }{
		{"plain", `<a>Сынақов</a>`, "Сынақов"},
		{"empty", `<a></a>`, ""},
		{"empty tag", `<a/>`, ""},
		{"references", `<a>&lt;&amp;&#1241;&#x1F600;&#65;&#xD;</a>`, "<&ә😀A\r"},
		{"reference is not read twice", `<a>&amp;lt;&#38;gt;</a>`, "&lt;&gt;"},
		{"line ends", "<a>1\r\n2\r3\n4\r\r\n5</a>", "1\n2\n3\n4\n\n5"},
		{"CDATA", `<a><![CDATA[<b>&amp;]]></a>`, "<b>&amp;"},
		{"line ends in CDATA", "<a><![CDATA[1\r\n2\r]]></a>", "1\n2\n"},
		{"empty CDATA", `<a><![CDATA[]]></a>`, ""},
		{"text, CDATA, text", `<a>1<![CDATA[2]]>3<![CDATA[4]]></a>`, "1234"},
		{"a comment does not cut", `<a>12<!-- -->3456</a>`, "123456"},
		{"a processing instruction does not cut", `<a>12<?p x?>3456</a>`, "123456"},
		{"children are left out", `<a>1<b>2</b>3<b><![CDATA[4]]></b></a>`, "13"},
		{"white space is kept", "<a> \t\n </a>", " \t\n "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := parse(t, tt.text).Root().Text(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestOddName: a namespace name may be anything, and the document remembers
// where the first stands that is not an absolute URI. What they are in full is
// tested where it matters, in c14n.
func TestOddName(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, odd string }{
		{"absolute", `<a xmlns="urn:a" xmlns:p="http://a.test/"><b xmlns=""/></a>`, ""},
		{"relative", `<a xmlns="x"/>`, "x"},
		{"first of two", `<a xmlns="urn:a"><b xmlns:p="#p"/><b xmlns:q="q"/></a>`, "#p"},
		{"on a prefix that is bound otherwise below", `<p:a xmlns:p="../p"><b xmlns:p="urn:p"/></p:a>`, "../p"},
		{"ampersand", `<a xmlns:p="urn:a&amp;b"/>`, "urn:a&amp;b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, mark := range []string{"", "\ufeff"} {
				d, want := parse(t, mark+tt.text), -1
				if tt.odd != "" {
					want = strings.Index(d.Source(), `"`+tt.odd+`"`) + 1
				}
				if got := d.OddName(); got != want {
					t.Errorf("got byte %d, want %d", got, want)
				}
			}
		})
	}
	n := parse(t, `<a xmlns="x&amp;&#10;y"/>`).Root()
	if !n.Is("x&\ny", "a") {
		t.Errorf("the name reads %q", n.Space())
	}
}

func TestAttrValue(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, raw, want string }{
		{"plain", `мән`, "мән"},
		{"empty", ``, ""},
		{"white space becomes blanks", "1\t2\n3\r4\r\n5", "1 2 3 4 5"},
		{"references to white space stay", "1&#9;2&#xA;3&#13;4", "1\t2\n3\r4"},
		{"references", `&lt;&gt;&amp;&quot;&apos;&#x4D9;`, `<>&"'ә`},
		{"blanks are kept", "  1  ", "  1  "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := parse(t, `<a xmlns:p="urn:p" p:b="other" b="`+tt.raw+`"/>`).Root()
			if got, ok := n.Attr("", "b"); !ok || got != tt.want {
				t.Errorf("got %q, %v, want %q", got, ok, tt.want)
			}
		})
	}
}

func TestAttrByName(t *testing.T) {
	t.Parallel()
	n := parse(t, `<a xmlns="urn:a" xmlns:p="urn:p" xmlns:q="urn:q" b="1" p:b="2" q:b="3" xml:lang="kk"/>`).Root()
	for _, tt := range []struct {
		space, local, want string
		ok                 bool
	}{
		{"", "b", "1", true},
		{"urn:p", "b", "2", true},
		{"urn:q", "b", "3", true},
		{xmltext.NamespaceXML, "lang", "kk", true},
		{"urn:a", "b", "", false}, // the default namespace is not an attribute's
		{"", "p:b", "", false},
		{"", "xmlns", "", false}, // a declaration is not an attribute
		{"", "p", "", false},
		{xmltext.NamespaceXMLNS, "p", "", false},
		{"", "B", "", false},
	} {
		if got, ok := n.Attr(tt.space, tt.local); got != tt.want || ok != tt.ok {
			t.Errorf("Attr(%q, %q) = %q, %v, want %q, %v", tt.space, tt.local, got, ok, tt.want, tt.ok)
		}
	}
	if got := n.NumAttrs(); got != 4 {
		t.Errorf("%d attributes, want 4", got)
	}
	var seen []string
	for a := range n.Attrs() {
		if a.Owner() != n {
			t.Errorf("%s belongs to %q", a.Name(), a.Owner().Name())
		}
		seen = append(seen, a.Name()+"|"+a.Local()+"|"+a.Raw())
	}
	want := []string{"xmlns|xmlns|urn:a", "xmlns:p|p|urn:p", "xmlns:q|q|urn:q", "b|b|1", "p:b|b|2", "q:b|b|3", "xml:lang|lang|kk"}
	if d := cmp.Diff(want, seen); d != "" {
		t.Error(d)
	}
}

func TestNil(t *testing.T) {
	t.Parallel()
	const xsi = ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`
	for text, want := range map[string]bool{
		`<a` + xsi + ` xsi:nil="true"/>`:        true,
		`<a` + xsi + ` xsi:nil="1"/>`:           true,
		`<a` + xsi + ` xsi:nil=" true "/>`:      true,
		`<a` + xsi + ` xsi:nil="&#10;1"/>`:      true,
		`<a` + xsi + ` xsi:nil="false"/>`:       false,
		`<a` + xsi + ` xsi:nil="0"/>`:           false,
		`<a` + xsi + ` xsi:nil="TRUE"/>`:        false,
		`<a` + xsi + ` xsi:nil=""/>`:            false,
		`<a nil="true"/>`:                       false,
		`<a xmlns:xsi="urn:x" xsi:nil="true"/>`: false,
		`<a/>`:                                  false,
	} {
		if got := parse(t, text).Root().Nil(); got != want {
			t.Errorf("%s: nil is %v", text, got)
		}
	}
}

const family = `<?xml version="1.0"?><!-- before --><p:root xmlns:p="urn:p">text<a/><!-- c --><b><c xmlns="urn:c"/><![CDATA[x]]></b><p:a>2</p:a><?pi data?><a>3</a></p:root><?after?>`

func TestNavigation(t *testing.T) {
	t.Parallel()
	d := parse(t, family)
	root := d.Root()
	if !root.Is("urn:p", "root") || root.Is("", "root") || root.Is("urn:p", "p:root") {
		t.Error("the root is known by namespace and local name")
	}
	if root.Name() != "p:root" || root.Prefix() != "p" || root.Local() != "root" || root.Space() != "urn:p" {
		t.Errorf("the root is %q %q %q %q", root.Name(), root.Prefix(), root.Local(), root.Space())
	}
	if !root.Parent().IsZero() {
		t.Error("the root has a parent")
	}
	var names, kinds []string
	for e := range root.Elements() {
		names = append(names, e.Name())
		if e.Parent() != root || !root.Contains(e) || e.Contains(root) {
			t.Errorf("%s is not a child of the root", e.Name())
		}
	}
	if d := cmp.Diff([]string{"a", "b", "p:a", "a"}, names); d != "" {
		t.Error(d)
	}
	for n := range root.Nodes() {
		kinds = append(kinds, [...]string{"", "element", "text", "cdata", "comment", "pi"}[n.Kind()])
	}
	if d := cmp.Diff([]string{"text", "element", "comment", "element", "element", "pi", "element"}, kinds); d != "" {
		t.Error(d)
	}
	for _, tt := range []struct {
		name      string
		got, want string
	}{
		{"first", root.First().Raw(), `<a/>`},
		{"first child of a name", root.Child("", "a").Raw(), `<a/>`},
		{"first child of a namespace", root.Child("urn:p", "a").Raw(), `<p:a>2</p:a>`},
		{"by local name alone", root.ChildNamed("c").Raw(), ``},
		{"grandchild", root.Child("", "b").ChildNamed("c").Raw(), `<c xmlns="urn:c"/>`},
		{"none", root.Child("urn:q", "a").Raw(), ``},
		{"sibling over a comment", root.First().NextElement().Name(), "b"},
		{"text behind a child", root.Child("", "b").Text(), "x"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, tt.got, tt.want)
		}
	}
	var top []string
	for n := range d.Top() {
		top = append(top, n.Raw())
	}
	if len(top) != 3 || top[0] != "<!-- before -->" || top[1] != root.Raw() || top[2] != "<?after?>" {
		t.Errorf("beside the root: %q", top)
	}
}

// TestIterationStops: the iterators obey a loop that ends early.
func TestIterationStops(t *testing.T) {
	t.Parallel()
	d := parse(t, family)
	for range d.Top() {
		break
	}
	for range d.Root().Elements() {
		break
	}
	for range d.Root().Nodes() {
		break
	}
	for range d.Root().Attrs() {
		break
	}
}

// TestOffsets: what a node says about its place is what stands there.
func TestOffsets(t *testing.T) {
	t.Parallel()
	d := parse(t, "\ufeff<r a='1'  b = \"2\"><e x=''>in</e ><f/>\n</r>")
	src := d.Source()
	if strings.HasPrefix(src, "\ufeff") {
		t.Fatal("the byte order mark is part of the source")
	}
	r := d.Root()
	e, f := r.Child("", "e"), r.Child("", "f")
	a, _ := r.AttrRows()
	for _, tt := range []struct{ name, got, want string }{
		{"root", src[r.Start():r.End()], src},
		{"start tag", src[r.Start():r.TagEnd()], `<r a='1'  b = "2">`},
		{"up to the name's end", src[r.Start():r.NameEnd()], `<r`},
		{"end tag", src[r.ContentEnd():r.End()], `</r>`},
		{"content", src[e.TagEnd():e.ContentEnd()], `in`},
		{"end tag with white space", src[e.ContentEnd():e.End()], `</e >`},
		{"empty tag", src[f.Start():f.End()], `<f/>`},
		{"no content", src[f.TagEnd():f.ContentEnd()], ``},
		{"attribute with white space in front", src[d.AttrAt(a).Start():d.AttrAt(a).End()], ` a='1'`},
		{"attribute with white space inside", src[d.AttrAt(a+1).Start():d.AttrAt(a+1).End()], `  b = "2"`},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, tt.got, tt.want)
		}
	}
	if e.EmptyTag() || !f.EmptyTag() {
		t.Error("an empty tag is not told from a pair of tags")
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	d := parse(t, `<a xmlns="urn:1" xmlns:p="urn:p"><b xmlns="" xmlns:p="urn:q"><c xmlns:r="urn:r"/></b></a>`)
	a := d.Root()
	b := a.First()
	c := b.First()
	for _, tt := range []struct {
		name   string
		n      xmltext.Node
		prefix string
		want   string
		ok     bool
	}{
		{"default", a, "", "urn:1", true},
		{"default undone", b, "", "", true},
		{"default undone above", c, "", "", true},
		{"prefix", a, "p", "urn:p", true},
		{"prefix bound anew", b, "p", "urn:q", true},
		{"inherited", c, "p", "urn:q", true},
		{"own", c, "r", "urn:r", true},
		{"declared below", a, "r", "", false},
		{"xml", c, "xml", xmltext.NamespaceXML, true},
		{"unknown", c, "x", "", false},
		{"zero node", xmltext.Node{}, "", "", true},
	} {
		if got, ok := tt.n.Lookup(tt.prefix); got != tt.want || ok != tt.ok {
			t.Errorf("%s: %q, %v, want %q, %v", tt.name, got, ok, tt.want, tt.ok)
		}
	}
	if b.Space() != "" || c.Space() != "" || a.Space() != "urn:1" {
		t.Error("names are resolved in another scope than Lookup")
	}
}

// TestManyNames goes beyond the size up to which names are searched linearly,
// with bindings that hide each other.
func TestManyNames(t *testing.T) {
	t.Parallel()
	const n = 200
	var b strings.Builder
	b.WriteString("<r")
	for i := range n {
		b.WriteString(" xmlns:p" + strings.Repeat("x", i) + "='urn:" + strings.Repeat("y", i) + "'")
	}
	b.WriteString("><e")
	for i := range n {
		b.WriteString(" xmlns:p" + strings.Repeat("x", i) + "='urn:z" + strings.Repeat("y", i) + "'")
	}
	b.WriteString("/><f/></r>")
	root := parse(t, b.String()).Root()
	inner, behind := root.First(), root.First().NextElement()
	for i := range n {
		prefix, y := "p"+strings.Repeat("x", i), strings.Repeat("y", i)
		if got, _ := inner.Lookup(prefix); got != "urn:z"+y {
			t.Fatalf("inside, prefix %d is %q", i, got)
		}
		if got, _ := behind.Lookup(prefix); got != "urn:"+y {
			t.Fatalf("behind, prefix %d is %q", i, got)
		}
	}
}

func TestOnlyElements(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`<a/>`:                         true,
		"<a> \r\n\t<b/>\n</a>":         true,
		`<a><b>text</b></a>`:           true,
		`<a><!-- c --><b/><?p x?></a>`: true,
		`<a>&#32;<b/></a>`:             true,
		`<a>.<b/></a>`:                 false,
		`<a><b/><![CDATA[x]]></a>`:     false,
		`<a><b/>&#160;</a>`:            false,
	} {
		if got := parse(t, text).Root().OnlyElements(); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// TestZeroNode: the zero Node answers instead of failing, so that a missing
// child can be asked for its child.
func TestZeroNode(t *testing.T) {
	t.Parallel()
	var n xmltext.Node
	got := []string{n.Raw(), n.Name(), n.Local(), n.Prefix(), n.Space(), n.Text(), n.Child("", "a").Child("", "b").Text()}
	if !slices.Equal(got, make([]string, len(got))) {
		t.Errorf("the zero Node says %q", got)
	}
	if _, ok := n.Attr("", "a"); ok || n.Nil() || n.Is("", "") || !n.IsZero() || n.NumAttrs() != 0 {
		t.Error("the zero Node claims to be something")
	}
	for range n.Elements() {
		t.Error("the zero Node has an element")
	}
	for range n.Nodes() {
		t.Error("the zero Node has a node")
	}
	for range n.Attrs() {
		t.Error("the zero Node has an attribute")
	}
	if !n.First().IsZero() || !n.Parent().IsZero() || !n.ChildNamed("a").IsZero() || !n.OnlyElements() {
		t.Error("the zero Node has relatives")
	}
}
