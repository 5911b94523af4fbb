package xmltext_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/gateway/xmltext"
)

func TestAppendEscaped(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, text, attr string }{
		{"plain", "Сынақов", "Сынақов", "Сынақов"},
		{"empty", "", "", ""},
		{"markup", `<a b="c" d='e'>&`, `&lt;a b="c" d='e'&gt;&amp;`, `&lt;a b=&quot;c&quot; d='e'>&amp;`},
		{"end of CDATA", "]]>", "]]&gt;", "]]>"},
		{"white space", "\t\n\r ", "\t\n&#xD; ", "&#x9;&#xA;&#xD; "},
		{"references are text", "&amp;&#10;", "&amp;amp;&amp;#10;", "&amp;amp;&amp;#10;"},
		{"what XML cannot carry", "a\x00b\x1bc\ufffed\uffffe", "abcde", "abcde"},
		{"what is not UTF-8", "a\xffb\xc3", "a\ufffdb\ufffd", "a\ufffdb\ufffd"},
		{"a surrogate's bytes", "\xed\xa0\x80", "\ufffd\ufffd\ufffd", "\ufffd\ufffd\ufffd"},
		{"DEL and C1", "\x7f\u0085\u2028", "\x7f\u0085\u2028", "\x7f\u0085\u2028"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := string(xmltext.AppendText([]byte(">"), tt.in)); got != ">"+tt.text {
				t.Errorf("text: %q, want %q", got, tt.text)
			}
			if got := string(xmltext.AppendAttr([]byte(">"), tt.in)); got != ">"+tt.attr {
				t.Errorf("attribute: %q, want %q", got, tt.attr)
			}
		})
	}
}

// readable is s as XML can carry it.
func readable(s string) string {
	return strings.Map(func(r rune) rune {
		if (r < ' ' && r != '\t' && r != '\n' && r != '\r') || r == '\ufffe' || r == '\uffff' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

// TestEscapedTextComesBack: whatever is written is accepted by the reader and
// read as it was.
func TestEscapedTextComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.Custom(func(t *rapid.T) string {
			return string(rapid.SliceOf(rapid.SampledFrom([]byte("<>&\"'\t\n\r ]x\x00\x1f\xef\xbf\xbe\xd2"))).Draw(t, "bytes"))
		})).Draw(t, "s")
		doc := []byte(`<a b="`)
		doc = xmltext.AppendAttr(doc, s)
		doc = append(doc, `">`...)
		doc = xmltext.AppendText(doc, s)
		doc = append(doc, `</a>`...)
		d, err := xmltext.Parse(doc, xmltext.Limits{})
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%q", err, doc)
		}
		if !utf8.ValidString(s) {
			return // what is not text has no text to come back
		}
		if got := d.Root().Text(); got != readable(s) {
			t.Errorf("text %q came back as %q", s, got)
		}
		if got, _ := d.Root().Attr("", "b"); got != readable(s) {
			t.Errorf("attribute %q came back as %q", s, got)
		}
	})
}
