package c14n_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/gateway/c14n"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// odd tells whether an error says that a name has no canonical form.
func odd(err error) bool {
	var e *c14n.NameError
	return errors.As(err, &e)
}

// checkFormless holds that nothing of a document is canonicalized, by whatever
// method and in whatever way.
func checkFormless(t *testing.T, d *xmltext.Doc) {
	t.Helper()
	if err := c14n.Check(d); !odd(err) {
		t.Errorf("Check says %v", err)
	}
	for _, m := range methods() {
		var w bytes.Buffer
		if err := m.WriteDocument(&w, d, xmltext.Node{}); !odd(err) {
			t.Errorf("%s: WriteDocument says %v", m.URI(), err)
		}
		if out, err := m.AppendDocument([]byte("before"), d); !odd(err) || string(out) != "before" {
			t.Errorf("%s: AppendDocument says %q, %v", m.URI(), out, err)
		}
		for _, n := range elements(d) {
			if err := m.Write(&w, n, xmltext.Node{}); !odd(err) {
				t.Errorf("%s: Write says %v", m.URI(), err)
			}
			if out, err := m.Append([]byte("before"), n); !odd(err) || string(out) != "before" {
				t.Errorf("%s: Append says %q, %v", m.URI(), out, err)
			}
		}
		if w.Len() > 0 {
			t.Errorf("%s wrote %q", m.URI(), w.Bytes())
		}
	}
}

// TestOddNames: the reader lets every namespace name be, but what is not an
// absolute URI has no canonical form, nor has anything beside it.
func TestOddNames(t *testing.T) {
	t.Parallel()
	const mark = "¦" // in front of the name; without it the document has a form
	for _, tt := range []struct{ name, text string }{
		{"forms", `<a xmlns="urn:a" xmlns:b="http://www.a.test/x?y=1;z#%D0%B0" xmlns:c="x+y-z.1:/"/>`},
		{"by a reference", `<a xmlns="ur&#110;:a"/>`},
		{"port", `<a xmlns="http://www.a.test:8080/x" xmlns:p="http://www.a.test:65535" xmlns:q="file:///x"/>`},
		{"none", `<a xmlns="urn:a"><b xmlns=""/></a>`},
		{"port is not a number", `<a xmlns:p="¦http://a:b/"/>`},
		{"port is empty", `<a xmlns:p="¦http://a:/"/>`},
		{"port is too long", `<a xmlns:p="¦http://a:655350"/>`},
		{"user", `<a xmlns:p="¦http://u@a/"/>`},
		{"IP literal", `<a xmlns:p="¦http://[::1]/"/>`},
		{"brackets", `<a xmlns:p="¦urn:[a]"/>`},
		{"two fragments", `<a xmlns:p="¦urn:a#b#c"/>`},
		{"relative", `<a xmlns="¦data"/>`},
		{"relative path", `<a xmlns:p="¦../x"/>`},
		{"fragment", `<a xmlns:p="¦#a"/>`},
		{"no scheme", `<a xmlns:p="¦:a"/>`},
		{"scheme starts with a digit", `<a xmlns:p="¦1a:b"/>`},
		{"white space inside", `<a xmlns:p="¦urn:a b"/>`},
		{"white space in front", `<a xmlns:p="¦ urn:a"/>`},
		{"line end behind", "<a xmlns:p='¦urn:a\n'/>"},
		{"line end by a reference", `<a xmlns:p="¦urn:a&#10;"/>`},
		{"beyond ASCII", `<a xmlns:p="¦urn:ү"/>`},
		{"ampersand", `<a xmlns:p="¦urn:a&amp;b"/>`},
		{"quote", `<a xmlns:p='¦urn:"a"'/>`},
		{"angle bracket", `<a xmlns:p='¦urn:&lt;'/>`},
		{"bad escape", `<a xmlns:p="¦urn:%zz"/>`},
		{"cut escape", `<a xmlns:p="¦urn:%a"/>`},
		{"deep inside", `<a xmlns="urn:a"><b/><c xmlns:p="urn:p" xmlns:q="¦q"/><d/></a>`},
		{"used or not, first of several", `<p:a xmlns:p="urn:p" xmlns:q="¦q"><r xmlns="r"/></p:a>`},
		{"undone again", `<a xmlns="¦a"><b xmlns="urn:b"><c xmlns=""/></b></a>`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := parse(t, strings.Replace(tt.text, mark, "", 1))
			at := strings.Index(tt.text, mark)
			if at < 0 {
				if err := c14n.Check(d); err != nil {
					t.Error(err)
				}
				for _, m := range methods() {
					whole(t, m, d)
				}
				return
			}
			checkFormless(t, d)
			var e *c14n.NameError
			if err := c14n.Check(d); !errors.As(err, &e) || e.Offset != at {
				t.Errorf("want byte %d, got %v", at, err)
			}
		})
	}
	// The offset counts in what the document has as its source, and the error
	// does not quote it: a name could be anything.
	const secret = "Сынақбеков"
	d := parse(t, "\ufeff<a xmlns='"+secret+"'/>")
	if err := c14n.Check(d); !odd(err) || strings.Contains(err.Error(), "Сынақ") || !strings.HasPrefix(d.Source()[d.OddName():], secret) {
		t.Errorf("got %v", err)
	}
}

// TestBasesTooLong: a form that would take too much work is none, in whatever
// way it is asked for.
func TestBasesTooLong(t *testing.T) {
	t.Parallel()
	d := parse(t, strings.Repeat(`<a xml:base="`+strings.Repeat("x", 1<<10)+`">`, 20)+"<b/>"+strings.Repeat("</a>", 20))
	var w bytes.Buffer
	if err := version11.Write(&w, find(t, d, "b"), xmltext.Node{}); err == nil || w.Len() > 0 {
		t.Errorf("written: %q, %v", w.Bytes(), err)
	}
	if out, err := version11.Append([]byte("before"), find(t, d, "b")); err == nil || string(out) != "before" {
		t.Errorf("appended: %q, %v", out, err)
	}
	form(t, inclusive, find(t, d, "b"))
}
