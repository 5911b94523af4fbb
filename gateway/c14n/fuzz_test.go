package c14n_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// FuzzCanonical: the canonical form of a document is its own canonical form,
// with every method, and so is the exclusive form of every subtree; or there is
// none of anything, because of a name.
func FuzzCanonical(f *testing.F) {
	for i := range uint64(30) {
		f.Add([]byte(generate(rand.New(rand.NewPCG(1<<45, i))).text))
	}
	f.Add([]byte(`<ns:SendMessage xmlns:ns="urn:channel" xmlns="urn:default"><request xmlns=""><data>1</data></request></ns:SendMessage>`))
	f.Add([]byte(`<a xmlns="relative"><b xmlns="urn:b"/></a>`))
	open := xmltext.Limits{Comments: true, PIs: true}
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := xmltext.Parse(b, xmltext.Limits{Bytes: 1 << 16, Elements: 1000, Comments: true, PIs: true})
		if err != nil {
			return
		}
		if d.OddName() >= 0 {
			checkFormless(t, d)
			return
		}
		for _, m := range methods() {
			once := whole(t, m, d)
			again, err := xmltext.Parse(once, open)
			if err != nil {
				t.Fatalf("%s: the canonical form is refused: %v\n%q\n%q", m.URI(), err, b, once)
			}
			if twice := whole(t, m, again); !bytes.Equal(once, twice) {
				t.Fatalf("%s of\n%q is\n%q, whose own is\n%q", m.URI(), b, once, twice)
			}
		}
		for _, n := range elements(d) {
			once := form(t, comments(exclusive), n)
			again, err := xmltext.Parse(once, open)
			if err != nil {
				t.Fatalf("the exclusive form of a subtree is refused: %v\n%q\n%q", err, n.Raw(), once)
			}
			if twice := whole(t, comments(exclusive), again); !bytes.Equal(once, twice) {
				t.Fatalf("exclusive form of\n%q is\n%q, whose own is\n%q", n.Raw(), once, twice)
			}
		}
	})
}
