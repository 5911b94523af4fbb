package c14n_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/gateway/c14n"
	"github.com/kopir-kz/kopir/gateway/xmltext"
	"github.com/kopir-kz/kopir/gateway/xmltext/xmltest"
)

// elements lists the elements of a document.
func elements(d *xmltext.Doc) (out []xmltext.Node) {
	for i := d.Root().Row(); i < d.Root().After(); i++ {
		if n := d.NodeAt(i); n.Kind() == xmltext.Element {
			out = append(out, n)
		}
	}
	return out
}

// methods are all there are.
func methods() (out []c14n.Method) {
	for _, m := range []c14n.Method{exclusive, prefixes("a", "#default"), inclusive, version11} {
		out = append(out, m, comments(m))
	}
	return out
}

// TestSubtreesLeaveNoState canonicalizes every subtree with every method,
// forwards and backwards: what came before must not show, and a form appended
// to a buffer must be the one that is written to a hash.
func TestSubtreesLeaveNoState(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		d := parse(t, generate(rand.New(rand.NewPCG(1<<42, seed))).text)
		all := elements(d)
		var forwards [][]byte
		for _, n := range all {
			for _, m := range methods() {
				forwards = append(forwards, form(t, m, n))
			}
		}
		next := len(forwards)
		for i := len(all) - 1; i >= 0; i-- {
			ms := methods()
			for j := len(ms) - 1; j >= 0; j-- {
				next--
				var b bytes.Buffer
				if err := ms[j].Write(&b, all[i], xmltext.Node{}); err != nil || !bytes.Equal(b.Bytes(), forwards[next]) {
					t.Fatalf("%s of %q\nis   %q\nthen %q, %v", ms[j].URI(), all[i].Raw(), forwards[next], b.Bytes(), err)
				}
			}
		}
	}
}

// TestWithoutIsCuttingOut: leaving a subtree out is the same as a document in
// which its bytes do not stand. Nothing, written as CDATA, takes their place,
// or a carriage return before and a line feed behind would become one line end.
func TestWithoutIsCuttingOut(t *testing.T) {
	t.Parallel()
	compared := 0
	for seed := range uint64(200) {
		d := parse(t, generate(rand.New(rand.NewPCG(1<<43, seed))).text)
		src := d.Source()
		for _, n := range elements(d)[1:] {
			cut := parse(t, src[:n.Start()]+"<![CDATA[]]>"+src[n.End():])
			for _, m := range methods() {
				var got bytes.Buffer
				if err := m.WriteDocument(&got, d, n); err != nil {
					t.Fatal(err)
				}
				if want := whole(t, m, cut); !bytes.Equal(got.Bytes(), want) {
					t.Fatalf("%s without %q\ngot  %q\nwant %q", m.URI(), n.Raw(), got.Bytes(), want)
				}
				compared++
			}
		}
	}
	if compared < 1000 {
		t.Errorf("only %d forms were compared", compared)
	}
}

// TestWholeTreeOfRoot: the document without what stands beside the root is the
// subtree of the root.
func TestWholeTreeOfRoot(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		d := parse(t, generate(rand.New(rand.NewPCG(1<<44, seed))).text)
		for _, m := range methods() {
			root, doc := form(t, m, d.Root()), whole(t, m, d)
			if !bytes.Contains(doc, root) {
				t.Fatalf("%s\nroot     %q\ndocument %q", m.URI(), root, doc)
			}
		}
	}
}

// TestAppendKeepsWhatWasThere: the buffer's content stays.
func TestAppendKeepsWhatWasThere(t *testing.T) {
	t.Parallel()
	d := parse(t, `<a/>`)
	if got, err := exclusive.Append([]byte("before "), d.Root()); err != nil || string(got) != "before <a></a>" {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := exclusive.AppendDocument([]byte("before "), d); err != nil || string(got) != "before <a></a>" {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestLargeDocumentInPieces: output is handed on in pieces; a hash must see
// the same bytes as a buffer, whatever the size.
func TestLargeDocumentInPieces(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		xmltest.Answer(300 << 10),
		"<a>" + strings.Repeat("x", 200<<10) + "</a>",
		"<a>" + strings.Repeat("&amp;\r", 50<<10) + "</a>",
		`<a b="` + strings.Repeat("\t&lt;", 50<<10) + `"/>`,
		"<a>" + strings.Repeat("<b/>", 50<<10) + "</a>",
	} {
		d := parse(t, text)
		for _, m := range methods() {
			h := sha256.New()
			if err := m.Write(h, d.Root(), xmltext.Node{}); err != nil {
				t.Fatal(err)
			}
			if want := sha256.Sum256(form(t, m, d.Root())); !bytes.Equal(h.Sum(nil), want[:]) {
				t.Errorf("%s of %.20s…: a hash and a buffer see different bytes", m.URI(), text)
			}
		}
	}
}

var errFull = errors.New("full")

// full is a writer that takes a number of bytes.
type full struct{ room int }

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.room {
		return 0, errFull
	}
	f.room -= len(p)
	return len(p), nil
}

// TestWriterErrorsAreReported, and the next document is not harmed by them.
func TestWriterErrorsAreReported(t *testing.T) {
	t.Parallel()
	d := parse(t, xmltest.Answer(64<<10))
	want := form(t, exclusive, d.Root())
	for room := 0; room < len(want); room += 5000 {
		if err := exclusive.Write(&full{room}, d.Root(), xmltext.Node{}); !errors.Is(err, errFull) {
			t.Fatalf("room for %d of %d bytes: %v", room, len(want), err)
		}
		if err := exclusive.WriteDocument(&full{room}, d, xmltext.Node{}); !errors.Is(err, errFull) {
			t.Fatalf("room for %d of %d bytes: %v", room, len(want), err)
		}
	}
	if got := form(t, exclusive, d.Root()); !bytes.Equal(got, want) {
		t.Error("a failed writer changed the next form")
	}
}
