package c14n_test

import (
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/gateway/c14n"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

func parse(t testing.TB, s string) *xmltext.Doc {
	t.Helper()
	d, err := xmltext.ParseString(s, xmltext.Limits{Comments: true, PIs: true})
	if err != nil {
		t.Fatalf("%v\n%q", err, s)
	}
	return d
}

// form is the canonical form of a subtree, whole that of a document.
func form(t testing.TB, m c14n.Method, apex xmltext.Node) []byte {
	t.Helper()
	out, err := m.Append(nil, apex)
	if err != nil {
		t.Fatalf("%v\n%q", err, apex.Doc().Source())
	}
	return out
}

func whole(t testing.TB, m c14n.Method, d *xmltext.Doc) []byte {
	t.Helper()
	out, err := m.AppendDocument(nil, d)
	if err != nil {
		t.Fatalf("%v\n%q", err, d.Source())
	}
	return out
}

// find is the first element of that qualified name.
func find(t testing.TB, d *xmltext.Doc, name string) xmltext.Node {
	t.Helper()
	for i := d.Root().Row(); i < d.Root().After(); i++ {
		if n := d.NodeAt(i); n.Kind() == xmltext.Element && n.Name() == name {
			return n
		}
	}
	t.Fatalf("there is no element %s", name)
	return xmltext.Node{}
}

var (
	inclusive = c14n.Method{Kind: c14n.Inclusive10}
	version11 = c14n.Method{Kind: c14n.Inclusive11}
	exclusive = c14n.Method{Kind: c14n.Exclusive}
)

func comments(m c14n.Method) c14n.Method { m.Comments = true; return m }

func prefixes(p ...string) c14n.Method { return c14n.Method{Kind: c14n.Exclusive, Prefixes: p} }

// TestSpecificationDocuments holds the examples of Canonical XML 1.0, section
// 3, as far as they need no document type; where an attribute or an entity
// comes from one there, it is written out here.
func TestSpecificationDocuments(t *testing.T) {
	t.Parallel()
	const pis = "<?xml version=\"1.0\"?>\n\n<?xml-stylesheet   href=\"doc.xsl\"\n   type=\"text/xsl\"   ?>\n\n" +
		"<doc>Hello, world!<!-- Comment 1 --></doc>\n\n<?pi-without-data     ?>\n\n<!-- Comment 2 -->\n\n<!-- Comment 3 -->\n"
	const spaces = "<doc>\n   <clean>   </clean>\n   <dirty>   A   B   </dirty>\n   <mixed>\n      A\n      <clean>   </clean>\n" +
		"      B\n      <dirty>   A   B   </dirty>\n      C\n   </mixed>\n</doc>"
	for _, tt := range []struct {
		name, in, want string
		method         c14n.Method
	}{
		{
			"3.1 processing instructions and comments, without comments", pis,
			"<?xml-stylesheet href=\"doc.xsl\"\n   type=\"text/xsl\"   ?>\n<doc>Hello, world!</doc>\n<?pi-without-data?>", inclusive,
		},
		{
			"3.1 processing instructions and comments", pis,
			"<?xml-stylesheet href=\"doc.xsl\"\n   type=\"text/xsl\"   ?>\n<doc>Hello, world!<!-- Comment 1 --></doc>\n<?pi-without-data?>\n<!-- Comment 2 -->\n<!-- Comment 3 -->", comments(inclusive),
		},
		{"3.2 white space", spaces, spaces, inclusive},
		{"3.3 start and end tags", `<doc>
   <e1   />
   <e2   ></e2>
   <e3   name = "elem3"   id="elem3"   />
   <e4   name="elem4"   id="elem4"   ></e4>
   <e5 a:attr="out" b:attr="sorted" attr2="all" attr="I'm"
      xmlns:b="http://www.ietf.org"
      xmlns:a="http://www.w3.org"
      xmlns="http://example.org"/>
   <e6 xmlns="" xmlns:a="http://www.w3.org">
      <e7 xmlns="http://www.ietf.org">
         <e8 xmlns="" xmlns:a="http://www.w3.org">
            <e9 xmlns="" xmlns:a="http://www.ietf.org" attr="default"/>
         </e8>
      </e7>
   </e6>
</doc>`, `<doc>
   <e1></e1>
   <e2></e2>
   <e3 id="elem3" name="elem3"></e3>
   <e4 id="elem4" name="elem4"></e4>
   <e5 xmlns="http://example.org" xmlns:a="http://www.w3.org" xmlns:b="http://www.ietf.org" attr="I'm" attr2="all" b:attr="sorted" a:attr="out"></e5>
   <e6 xmlns:a="http://www.w3.org">
      <e7 xmlns="http://www.ietf.org">
         <e8 xmlns="">
            <e9 xmlns:a="http://www.ietf.org" attr="default"></e9>
         </e8>
      </e7>
   </e6>
</doc>`, inclusive},
		{"3.4 characters and references", `<doc>
   <text>First line&#x0d;&#10;Second line</text>
   <value>&#x32;</value>
   <compute><![CDATA[value>"0" && value<"10" ?"valid":"error"]]></compute>
   <compute expr='value>"0" &amp;&amp; value&lt;"10" ?"valid":"error"'>valid</compute>
   <norm attr=' &apos;   &#x20;&#13;&#xa;&#9;   &apos; '/>
</doc>`, `<doc>
   <text>First line&#xD;
Second line</text>
   <value>2</value>
   <compute>value&gt;"0" &amp;&amp; value&lt;"10" ?"valid":"error"</compute>
   <compute expr="value>&quot;0&quot; &amp;&amp; value&lt;&quot;10&quot; ?&quot;valid&quot;:&quot;error&quot;">valid</compute>
   <norm attr=" '    &#xD;&#xA;&#x9;   ' "></norm>
</doc>`, inclusive},
		{"3.6 UTF-8", `<?xml version="1.0" encoding="UTF-8"?><doc>&#169;</doc>`, "<doc>©</doc>", inclusive},
		{"line ends", "<a b='1\r\n2\r3'>\r\n\r</a>", "<a b=\"1 2 3\">\n\n</a>", inclusive},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := string(whole(t, tt.method, parse(t, tt.in))); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// TestSpecificationSubtrees holds examples of Canonical XML 1.0 (3.7) and 1.1
// (3.8), and of Exclusive XML Canonicalization 1.0 (2.1, 2.2), and the shapes
// on which implementations differ.
func TestSpecificationSubtrees(t *testing.T) {
	t.Parallel()
	const base = `<doc xmlns="http://www.ietf.org" xmlns:w3c="http://www.w3.org" xml:base="something/else"><e1>` +
		`<e2 xmlns="" xml:id="abc" xml:base="bar/" xml:space="preserve"><e3 id="E3" xml:base="foo"/></e2></e1></doc>`
	const local = "<n0:local xmlns:n0=\"foo:bar\" xmlns:n3=\"ftp://example.org\">\n<n1:elem2 xmlns:n1=\"http://example.net\" xml:lang=\"en\">\n" +
		"<n3:stuff xmlns:n3=\"ftp://example.org\"/>\n</n1:elem2>\n</n0:local>"
	const pdu = "<n2:pdu xmlns:n1=\"http://example.com\" xmlns:n2=\"http://foo.example\" xml:lang=\"fr\" xml:space=\"retain\">\n" +
		"<n1:elem2 xmlns:n1=\"http://example.net\" xml:lang=\"en\">\n<n3:stuff xmlns:n3=\"ftp://example.org\"/>\n</n1:elem2>\n</n2:pdu>"
	const elem2 = "<n1:elem2 xmlns:n1=\"http://example.net\" xml:lang=\"en\">\n<n3:stuff xmlns:n3=\"ftp://example.org\"></n3:stuff>\n</n1:elem2>"
	const message = `<ns:SendMessage xmlns:ns="urn:channel" xmlns="urn:default"><request xmlns=""><data>1</data></request></ns:SendMessage>`
	for _, tt := range []struct {
		name, in, element string
		method            c14n.Method
		want              string
	}{
		{
			"1.0 inherits xml: attributes as they are", base, "e3", inclusive,
			`<e3 xmlns:w3c="http://www.w3.org" id="E3" xml:base="foo" xml:id="abc" xml:space="preserve"></e3>`,
		},
		{
			"1.1 joins xml:base and leaves xml:id", base, "e3", version11,
			`<e3 xmlns:w3c="http://www.w3.org" id="E3" xml:base="something/bar/foo" xml:space="preserve"></e3>`,
		},
		{"exclusive inherits nothing", base, "e3", exclusive, `<e3 id="E3" xml:base="foo"></e3>`},
		{"whole tree in 1.1 keeps xml:base", base, "doc", version11, `<doc xmlns="http://www.ietf.org" xmlns:w3c="http://www.w3.org" xml:base="something/else"><e1>` +
			`<e2 xmlns="" xml:base="bar/" xml:id="abc" xml:space="preserve"><e3 id="E3" xml:base="foo"></e3></e2></e1></doc>`},
		{
			"2.1 inclusive, in one envelope", local, "n1:elem2", inclusive,
			"<n1:elem2 xmlns:n0=\"foo:bar\" xmlns:n1=\"http://example.net\" xmlns:n3=\"ftp://example.org\" xml:lang=\"en\">\n<n3:stuff></n3:stuff>\n</n1:elem2>",
		},
		{
			"2.1 inclusive, in another", pdu, "n1:elem2", inclusive,
			"<n1:elem2 xmlns:n1=\"http://example.net\" xmlns:n2=\"http://foo.example\" xml:lang=\"en\" xml:space=\"retain\">\n<n3:stuff xmlns:n3=\"ftp://example.org\"></n3:stuff>\n</n1:elem2>",
		},
		{"2.2 exclusive, in one envelope", local, "n1:elem2", exclusive, elem2},
		{"2.2 exclusive, in another", pdu, "n1:elem2", exclusive, elem2},
		{"prefix list, not in scope", pdu, "n1:elem2", prefixes("n0", "n3"), elem2},
		{
			"prefix list, declared above", local, "n1:elem2", prefixes("n3"),
			"<n1:elem2 xmlns:n1=\"http://example.net\" xmlns:n3=\"ftp://example.org\" xml:lang=\"en\">\n<n3:stuff></n3:stuff>\n</n1:elem2>",
		},
		{"request xmlns empty, exclusive", message, "request", exclusive, `<request><data>1</data></request>`},
		{
			"request xmlns empty, exclusive, from above", message, "ns:SendMessage", exclusive,
			`<ns:SendMessage xmlns:ns="urn:channel"><request><data>1</data></request></ns:SendMessage>`,
		},
		{
			"request xmlns empty, default listed", message, "ns:SendMessage", prefixes("#default"),
			`<ns:SendMessage xmlns="urn:default" xmlns:ns="urn:channel"><request xmlns=""><data>1</data></request></ns:SendMessage>`,
		},
		{
			"request xmlns empty, inclusive", message, "ns:SendMessage", inclusive,
			`<ns:SendMessage xmlns="urn:default" xmlns:ns="urn:channel"><request xmlns=""><data>1</data></request></ns:SendMessage>`,
		},
		{
			"request xmlns empty, below a default in use", `<SendMessage xmlns="urn:t"><request xmlns=""><a xmlns="urn:t"/><b/></request></SendMessage>`, "SendMessage", exclusive,
			`<SendMessage xmlns="urn:t"><request xmlns=""><a xmlns="urn:t"></a><b></b></request></SendMessage>`,
		},
		{"default undone at the apex", `<x xmlns="urn:x"><request xmlns=""><a/></request></x>`, "request", inclusive, `<request><a></a></request>`},
		{
			"xml:lang goes behind other namespaces", `<a xmlns:z="urn:z" z:b="" xml:lang="kk" c="" xmlns:b="http://a"  b:d=""/>`, "a", exclusive,
			`<a xmlns:b="http://a" xmlns:z="urn:z" c="" b:d="" xml:lang="kk" z:b=""></a>`,
		},
		{
			"binding moved to a child", `<p:a xmlns:p="urn:1"><p:b xmlns:p="urn:2"><p:c xmlns:p="urn:1"/></p:b><p:d/></p:a>`, "p:a", exclusive,
			`<p:a xmlns:p="urn:1"><p:b xmlns:p="urn:2"><p:c xmlns:p="urn:1"></p:c></p:b><p:d></p:d></p:a>`,
		},
		{
			"siblings declare each for itself", `<a xmlns:p="urn:p"><p:b/><p:b/></a>`, "a", exclusive,
			`<a><p:b xmlns:p="urn:p"></p:b><p:b xmlns:p="urn:p"></p:b></a>`,
		},
		{
			"superfluous declarations go", `<a xmlns="urn:a" xmlns:p="urn:p"><b xmlns="urn:a" xmlns:p="urn:p"/></a>`, "a", inclusive,
			`<a xmlns="urn:a" xmlns:p="urn:p"><b></b></a>`,
		},
		{"xml declared is not written", `<a xmlns:xml="http://www.w3.org/XML/1998/namespace" xml:lang="kk"/>`, "a", inclusive, `<a xml:lang="kk"></a>`},
		{"xml listed is not written", `<a xml:lang="kk"/>`, "a", prefixes("xml"), `<a xml:lang="kk"></a>`},
		{"comments are left out", `<a><!-- 1 --><b/><!-- 2 --></a>`, "a", exclusive, `<a><b></b></a>`},
		{"comments are kept", "<a><!-- 1\r\n --><b/></a>", "a", comments(exclusive), "<a><!-- 1\n --><b></b></a>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := string(form(t, tt.method, find(t, parse(t, tt.in), tt.element)))
			if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// TestJoinBases holds the rows of Canonical XML 1.1, section 2.4 and appendix
// A, and what RFC 3986, section 5.4, says where both agree.
func TestJoinBases(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ base, ref, want string }{
		{"abc/", "../", ""},
		{"../", "../", "../../"},
		{"..", "..", "../../"},
		{"", "no/.././/pseudo-netpath/seg/file.ext", "pseudo-netpath/seg/file.ext"},
		{"", "no/..//.///pseudo-netpath/seg/file.ext", "pseudo-netpath/seg/file.ext"},
		{"", "yes/no//..//.///pseudo-netpath/seg/file.ext", "yes/pseudo-netpath/seg/file.ext"},
		{"", "no/../yes", "yes"},
		{"", "no/../yes/", "yes/"},
		{"", "no/../yes/no/..", "yes/"},
		{"", "../../no/../..", "../../../"},
		{"", "no/../..", "../"},
		{"", "no/..", ""},
		{"", "/a/b/c/./../../g", "/a/g"},
		{"", "mid/content=5/../6", "mid/6"},
		{"", "../../..", "../../../"},
		{"", "..yes/..no/..no/..no/../../../..yes", "..yes/..yes"},
		{"", ".", ""},
		{"", "./.", ""},
		{"", "../../no/../", "../../"},
		{"", "yes/no/../yes/no/no/../..", "yes/yes/"},
		{"", "/yes/no/no/../..", "/yes/"},
		{"", "/..no/../", "/"},
		{"", "/..", "/"},
		{"", "/./.././..", "/"},
		{"http://a/b/c/d;p?q", "g", "http://a/b/c/g"},
		{"http://a/b/c/d;p?q", "/g", "http://a/g"},
		{"http://a/b/c/d;p?q", "//g", "http://g"},
		{"http://a/b/c/d;p?q", "?y", "http://a/b/c/d;p?y"},
		{"http://a/b/c/d;p?q", "g?y#s", "http://a/b/c/g?y#s"},
		{"http://a/b/c/d;p?q", "", "http://a/b/c/d;p?q"},
		{"http://a/b/c/d;p?q", "../..", "http://a/"},
		{"http://a/b/c/d;p?q", "../../../g", "http://a/g"},
		{"http://a/b/c/d;p?q", "g:h", "g:h"},
		{"http://a", "g", "http://a/g"},
	} {
		t.Run(tt.base+" and "+tt.ref, func(t *testing.T) {
			t.Parallel()
			d := parse(t, `<a xml:base="`+tt.base+`"><b xml:base="`+tt.ref+`"/></a>`)
			want := `<b></b>`
			if tt.want != "" {
				want = `<b xml:base="` + tt.want + `"></b>`
			}
			if got := string(form(t, version11, d.Root().First())); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestMethodsByName(t *testing.T) {
	t.Parallel()
	for _, uri := range []string{
		"http://www.w3.org/TR/2001/REC-xml-c14n-20010315", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
		"http://www.w3.org/2006/12/xml-c14n11", "http://www.w3.org/2006/12/xml-c14n11#WithComments",
		"http://www.w3.org/2001/10/xml-exc-c14n#", "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
	} {
		m, ok := c14n.ByURI(uri)
		if !ok || m.URI() != uri || m.Comments != strings.HasSuffix(uri, "WithComments") {
			t.Errorf("%s is read as %+v", uri, m)
		}
	}
	for _, uri := range []string{
		"", "http://www.w3.org/2001/10/xml-exc-c14n", "http://www.w3.org/2001/10/xml-exc-c14n##WithComments",
		"http://www.w3.org/TR/2001/REC-xml-c14n-20010315#", "http://www.w3.org/TR/1999/REC-xpath-19991116",
		"http://www.w3.org/2010/xml-c14n2", "HTTP://www.w3.org/2001/10/xml-exc-c14n#",
	} {
		if m, ok := c14n.ByURI(uri); ok {
			t.Errorf("%q is read as %+v", uri, m)
		}
	}
}
