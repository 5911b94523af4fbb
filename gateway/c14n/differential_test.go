package c14n_test

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/gateway/c14n"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

var update = flag.Bool("update", false, "write the golden files anew with libxml2")

// A sample is a document and one way to canonicalize it.
type sample struct {
	method  c14n.Method
	element int // in document order; -1 for the whole document
	text    string
}

// TestAgreesWithLibxml2 compares with libxml2 on generated documents:
// KOPIR_C14N_DOCS of them, 2,000 if it is not set.
func TestAgreesWithLibxml2(t *testing.T) {
	t.Parallel()
	if err := exec.Command("perl", "-MXML::LibXML", "-e", "1").Run(); err != nil {
		t.Skip("perl with XML::LibXML (package libxml-libxml-perl) is not installed")
	}
	count := documents(t)
	const batch = 1000
	done, differences := 0, 0
	for seed := uint64(0); done < count; seed++ {
		samples := make([]sample, 0, batch)
		for i := 0; i < batch && done+i < count; i++ {
			samples = append(samples, generate(rand.New(rand.NewPCG(seed, uint64(i)))))
		}
		want := libxml2(t, samples)
		for i, s := range samples {
			got := canonical(t, s)
			if want[i] == nil {
				t.Errorf("libxml2 refuses what we accept:\n%q", s.text)
				differences++
			} else if !bytes.Equal(got, want[i]) {
				t.Errorf("%s element %d prefixes %v\ndocument %q\nours     %q\nlibxml2  %q", s.method.URI(), s.element, s.method.Prefixes, s.text, got, want[i])
				differences++
			}
			if differences > 5 {
				t.FailNow()
			}
		}
		done += len(samples)
	}
	t.Logf("%d differences in %d documents", differences, done)
}

// documents is how many documents are generated: KOPIR_C14N_DOCS, or 2,000.
func documents(t *testing.T) int {
	t.Helper()
	v := os.Getenv("KOPIR_C14N_DOCS")
	if v == "" {
		return 2000
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		t.Fatalf("KOPIR_C14N_DOCS: %v", err)
	}
	return n
}

const goldenFile = "testdata/libxml2.golden"

// TestGolden holds 300 generated documents against what libxml2 made of them,
// for machines without libxml2.
func TestGolden(t *testing.T) {
	t.Parallel()
	var samples []sample
	for i := range 300 {
		samples = append(samples, generate(rand.New(rand.NewPCG(1<<40, uint64(i)))))
	}
	if *update {
		var b bytes.Buffer
		for i, out := range libxml2(t, samples) {
			fmt.Fprintf(&b, "%d %d\n%s\n", i, len(out), out)
		}
		if err := os.WriteFile(goldenFile, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Open(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := bufio.NewReader(f)
	for i, s := range samples {
		var n, length int
		if _, err := fmt.Fscanf(r, "%d %d\n", &n, &length); err != nil || n != i {
			t.Fatalf("golden record %d: %v", i, err)
		}
		want := make([]byte, length+1)
		if _, err := io.ReadFull(r, want); err != nil {
			t.Fatal(err)
		}
		if got := canonical(t, s); !bytes.Equal(got, want[:length]) {
			t.Errorf("sample %d, %s\ndocument %q\nours     %q\nlibxml2  %q", i, s.method.URI(), s.text, got, want[:length])
		}
	}
}

func canonical(t *testing.T, s sample) []byte {
	t.Helper()
	d, err := xmltext.ParseString(s.text, xmltext.Limits{Comments: true, PIs: true})
	if err != nil {
		t.Fatalf("the generator made what the reader refuses: %v\n%q", err, s.text)
	}
	if s.element < 0 {
		return whole(t, s.method, d)
	}
	return form(t, s.method, elementAt(d, s.element))
}

// elementAt is the element of that number in document order.
func elementAt(d *xmltext.Doc, number int) xmltext.Node {
	for i := d.Root().Row(); ; i++ {
		if n := d.NodeAt(i); n.Kind() == xmltext.Element {
			if number == 0 {
				return n
			}
			number--
		}
	}
}

// libxml2 canonicalizes with libxml2; nil stands for a refusal.
func libxml2(t *testing.T, samples []sample) [][]byte {
	t.Helper()
	var in bytes.Buffer
	for _, s := range samples {
		kind, comments, prefixes, element := "exc", 0, "-", "-"
		switch s.method.Kind {
		case c14n.Inclusive10:
			kind = "c10"
		case c14n.Inclusive11:
			kind = "c11"
		}
		if s.method.Comments {
			comments = 1
		}
		if len(s.method.Prefixes) > 0 {
			prefixes = strings.Join(s.method.Prefixes, ",")
		}
		if s.element >= 0 {
			element = strconv.Itoa(s.element)
		}
		fmt.Fprintf(&in, "%s %d %s %s %d\n%s", kind, comments, prefixes, element, len(s.text), s.text)
	}
	cmd := exec.Command("perl", "testdata/libxml2.pl")
	cmd.Stdin = &in
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	raw, err := cmd.Output()
	if err != nil {
		t.Fatalf("libxml2: %v\n%s", err, stderr.String())
	}
	r := bufio.NewReader(bytes.NewReader(raw))
	var out [][]byte
	for {
		var n int
		if _, err := fmt.Fscanf(r, "%d\n", &n); err != nil {
			if errors.Is(err, io.EOF) {
				break
			}
			t.Fatal(err)
		}
		if n < 0 {
			out = append(out, nil)
			continue
		}
		b := make([]byte, n)
		if _, err := io.ReadFull(r, b); err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	if len(out) != len(samples) {
		t.Fatalf("libxml2 answered %d of %d samples", len(out), len(samples))
	}
	return out
}

// generator writes a random document that the strict reader accepts.
type generator struct {
	r        *rand.Rand
	b        strings.Builder
	elements int
	budget   int
}

func pick[T any](r *rand.Rand, v ...T) T { return v[r.IntN(len(v))] }

func generate(r *rand.Rand) sample {
	g := &generator{r: r, budget: 2 + r.IntN(30)}
	g.b.WriteString(pick(r, "", "", `<?xml version="1.0" encoding="UTF-8"?>`, "<?xml version='1.0'?>\r\n", "\ufeff"))
	g.misc()
	g.element(0, map[string]bool{})
	g.misc()
	kind := pick(r, c14n.Exclusive, c14n.Exclusive, c14n.Inclusive10, c14n.Inclusive11)
	m := c14n.Method{Kind: kind, Comments: r.IntN(2) == 0}
	if kind == c14n.Exclusive && r.IntN(3) == 0 {
		m.Prefixes = pick(r, []string{"a"}, []string{"b", "c"}, []string{"#default"}, []string{"a", "#default", "unused"}, []string{"xml", "a"})
	}
	s := sample{method: m, element: -1, text: g.b.String()}
	if r.IntN(3) > 0 {
		s.element = r.IntN(g.elements)
	}
	return s
}

func (g *generator) misc() {
	for range g.r.IntN(3) {
		g.b.WriteString(pick(g.r, "\n", " ", "<!-- before -->", "<?pi some data?>", "<?pi?>", "<!--\r\n-->"))
	}
}

// element writes an element whose ancestors bind the prefixes in scope.
func (g *generator) element(depth int, scope map[string]bool) {
	g.elements++
	g.budget--
	in := map[string]bool{}
	for p, v := range scope {
		in[p] = v
	}
	var attrs []string
	for _, p := range []string{"", "a", "b", "c", "ұ"} {
		if g.r.IntN(4) > 0 {
			continue
		}
		uri := pick(g.r, "urn:one", "urn:two", "http://example.test/ns?a=1;b=2", "urn:o&#110;e")
		if p == "" {
			if g.r.IntN(3) == 0 {
				uri = ""
			}
			attrs = append(attrs, "xmlns="+g.quoted(uri))
			continue
		}
		attrs = append(attrs, "xmlns:"+p+"="+g.quoted(uri))
		in[p] = true
	}
	name := g.name(in)
	attrs = g.attributes(attrs, in)
	g.r.Shuffle(len(attrs), func(i, j int) { attrs[i], attrs[j] = attrs[j], attrs[i] })
	g.b.WriteString("<" + name)
	for _, a := range attrs {
		g.b.WriteString(pick(g.r, " ", "  ", "\n", "\t", "\r\n") + a)
	}
	if g.r.IntN(5) == 0 {
		g.b.WriteString(pick(g.r, "/>", " />"))
		return
	}
	g.b.WriteString(pick(g.r, ">", " >"))
	for range g.r.IntN(6) {
		if g.budget > 0 && depth < 12 && g.r.IntN(2) == 0 {
			g.element(depth+1, in)
		} else {
			g.content()
		}
	}
	g.b.WriteString("</" + name + pick(g.r, ">", " >", "\n>"))
}

func (g *generator) name(in map[string]bool) string {
	prefixes := []string{""}
	for _, p := range []string{"a", "b", "c", "ұ"} {
		if in[p] {
			prefixes = append(prefixes, p+":")
		}
	}
	return pick(g.r, prefixes...) + pick(g.r, "e", "request", "деректер", "x-y.z", "_1")
}

// attributes adds attributes, each expanded name once: every prefix has local
// names of its own, because two prefixes may share a namespace.
func (g *generator) attributes(attrs []string, in map[string]bool) []string {
	for _, n := range []string{"plain", "other", "Id"} {
		if g.r.IntN(4) == 0 {
			attrs = append(attrs, n+pick(g.r, "=", " = ")+g.quoted(g.value()))
		}
	}
	for _, p := range []string{"a", "b", "c", "ұ"} {
		if in[p] && g.r.IntN(3) == 0 {
			attrs = append(attrs, p+":in-"+p+"="+g.quoted(g.value()))
		}
	}
	for _, a := range []string{`xml:lang="kk"`, `xml:lang='ru'`, `xml:space="preserve"`} {
		if g.r.IntN(8) == 0 {
			if strings.HasPrefix(a, "xml:lang='") && strings.Contains(strings.Join(attrs, " "), "xml:lang") {
				continue
			}
			attrs = append(attrs, a)
		}
	}
	if g.r.IntN(8) == 0 {
		attrs = append(attrs, `xml:base="`+pick(g.r, "http://example.test/a/b", "http://example.test/x/", "../up", "sub/", "file.xml", "/rooted/path", "//other.test/p")+`"`)
	}
	if g.r.IntN(8) == 0 {
		attrs = append(attrs, fmt.Sprintf(`xml:id="n%d"`, g.elements))
	}
	return attrs
}

func (g *generator) value() string {
	var b strings.Builder
	for range g.r.IntN(5) {
		b.WriteString(pick(g.r, "v", "мән", " ", "\t", "\n", "\r\n", "\r", "&amp;", "&lt;", "&gt;", ">", "&quot;", "&apos;", "&#10;", "&#13;", "&#x9;", "&#xD;", "&#1241;", "&#x1F600;", "  "))
	}
	return b.String()
}

// quoted puts a value between quotes, at times with the other quote inside.
func (g *generator) quoted(v string) string {
	if g.r.IntN(2) == 0 {
		return `"` + v + `"`
	}
	if v != "" && !strings.Contains(v, ":") && g.r.IntN(2) == 0 {
		v += `"`
	}
	return "'" + v + "'"
}

func (g *generator) content() {
	g.b.WriteString(pick(g.r, "text", "мәтін", " ", "\n", "\r\n", "\r", "\t", "&amp;", "&lt;", "&gt;", ">", "]]&gt;", "\"", "'", "&quot;", "&#13;", "&#xA;", "&#1241;",
		"<![CDATA[<&>]]>", "<![CDATA[]]>", "<![CDATA[a\r\nb]]>", "<![CDATA[]] >]]>", "<!-- c -->", "<!--a\r\nb-->", "<!---->", "<?pi?>", "<?pi  data  ?>", "<?p a\r\nb?>"))
}
