package xmltest_test

import (
	"testing"

	"github.com/kopir-kz/kopir/gateway/ident"
	"github.com/kopir-kz/kopir/gateway/xmltext"
	"github.com/kopir-kz/kopir/gateway/xmltext/xmltest"
)

// TestAnswer: the documents have about the size asked for, are well-formed and
// name nobody who could live.
func TestAnswer(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 4 << 10, 8 << 10, 32 << 10, 256 << 10} {
		text := xmltest.Answer(size)
		if len(text) > max(size, 2500)+1500 || len(text) < size {
			t.Errorf("%d bytes for %d", len(text), size)
		}
		d, err := xmltext.ParseString(text, xmltext.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		people := 0
		for i := range d.Root().After() {
			n := d.NodeAt(i)
			if n.Kind() != xmltext.Element || n.Local() != "iin" {
				continue
			}
			people++
			if id, err := ident.ParseIIN(n.Text(), ident.Mock); err != nil || !id.Synthetic() {
				t.Errorf("%v", err)
			}
		}
		if people == 0 {
			t.Error("nobody is in the answer")
		}
	}
}
