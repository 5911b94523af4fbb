package payload

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// oneCode knows the code 1 of every list.
type oneCode struct{}

func (oneCode) Lookup(_, code string) (gateway.Texts, bool) {
	if code == "1" {
		return gateway.Texts{KK: "Бір", RU: "Один", EN: "One"}, true
	}
	return gateway.Texts{}, false
}

func reader(t testing.TB, children string) *Reader {
	t.Helper()
	doc, err := xmltext.Parse([]byte(`<told xmlns:o="urn:other">`+children+`</told>`), xmltext.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return Read(&Contract{Registry: "TEST", Code: CodeForm{Code: "id", KK: "kz", RU: "ru"}}, doc.Root(), "told", oneCode{})
}

func TestCodes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, children string
		read           func(*Reader) gateway.Code
		want           gateway.Code
	}{
		{"texts of our list", "<c><id>1</id></c>", func(r *Reader) gateway.Code { return r.Code("c", "l") }, gateway.Code{Code: "1", KK: "Бір", RU: "Один", EN: "One", Known: true}},
		{"its own texts", "<c><id>1</id><kz>К</kz><ru>Р</ru></c>", func(r *Reader) gateway.Code { return r.Code("c", "l") }, gateway.Code{Code: "1", KK: "К", RU: "Р", EN: "One", Known: true}},
		{"unknown", "<c><id>2</id><ru>Р</ru></c>", func(r *Reader) gateway.Code { return r.Code("c", "l") }, gateway.Code{Code: "2", RU: "Р"}},
		{"none", "", func(r *Reader) gateway.Code { return r.Code("c", "l") }, gateway.Code{}},
		{"a pair with a code", "<c>1</c><cRU>Р</cRU>", func(r *Reader) gateway.Code { return r.PairCode("c", "cKZ", "cRU", "l") }, gateway.Code{Code: "1", KK: "Бір", RU: "Р", EN: "One", Known: true}},
		{"a pair alone", "<cKZ>К</cKZ><cRU>Р</cRU>", func(r *Reader) gateway.Code { return r.PairCode("", "cKZ", "cRU", "l") }, gateway.Code{KK: "К", RU: "Р"}},
		{"no pair", "", func(r *Reader) gateway.Code { return r.PairCode("c", "cKZ", "cRU", "l") }, gateway.Code{}},
		{"a code of ours", "", func(r *Reader) gateway.Code { return r.Known("1", "l") }, gateway.Code{Code: "1", KK: "Бір", RU: "Один", EN: "One", Known: true}},
		{"another namespace", "<o:c><id>1</id></o:c>", func(r *Reader) gateway.Code { return r.Code("c", "l") }, gateway.Code{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := reader(t, tt.children)
			if got := tt.read(r); got != tt.want || r.Err() != nil {
				t.Errorf("got %+v, %v", got, r.Err())
			}
		})
	}
}

// TestDoubtfulDates: what is no date is left out and doubted; what is one is not.
func TestDoubtfulDates(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text    string
		day     gateway.Date
		partial gateway.PartialDate
	}{
		{"2025-08-20", "2025-08-20", "2025-08-20"},
		{"2025-08-20T00:00:00+05:00", "2025-08-20", "2025-08-20"},
		{"2025-08", "", "2025-08"},
		{"2025", "", "2025"},
		{"2025-02-30", "", ""},
		{"2025-13", "", ""},
		{"1799", "", ""},
		{"0001-01-01", "", ""},
		{"вчера", "", ""},
	} {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			r := reader(t, "<d>"+tt.text+"</d>")
			var whole, part Doubts
			if got := r.Day("d", "/day", &whole); got != tt.day || (len(whole.List) == 0) != (tt.day != "") {
				t.Errorf("day %q, %+v", got, whole)
			}
			if got := r.PartialDay("d", "/day", &part); got != tt.partial || (len(part.List) == 0) != (tt.partial != "") {
				t.Errorf("partial day %q, %+v", got, part)
			}
			for _, d := range append(whole.List, part.List...) {
				if d.Rule != string(gateway.DoubtDate) || d.Pointer != "/day" || strings.Contains(d.Text.RU, tt.text) {
					t.Errorf("doubt %+v", d)
				}
			}
			if r.Err() != nil {
				t.Errorf("a doubt refuses the answer: %v", r.Err())
			}
		})
	}
	var none Doubts
	if r := reader(t, ""); r.Day("d", "/day", &none) != "" || r.PartialDay("d", "/day", &none) != "" || none.List != nil {
		t.Errorf("no date is doubted: %+v", none)
	}
	if reader(t, "").RequiredDay("d", "/day", &none); len(none.List) != 1 || none.List[0].Rule != string(gateway.DoubtMissing) {
		t.Errorf("a missing date is not doubted: %+v", none)
	}
}

// TestDoubtsAreSaidOnce: each reason stands once, in the order in which it came.
func TestDoubtsAreSaidOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rules := []gateway.DoubtRule{gateway.DoubtCode, gateway.DoubtDate, gateway.DoubtMissing}
		var d Doubts
		var want []gateway.Doubt
		for range rapid.IntRange(0, 12).Draw(t, "doubts") {
			rule, pointer := rapid.SampledFrom(rules).Draw(t, "rule"), rapid.SampledFrom([]string{"", "/a"}).Draw(t, "pointer")
			d.Add(rule, pointer)
			if one := gateway.NewDoubt(rule, pointer); !slices.Contains(want, one) {
				want = append(want, one)
			}
		}
		if !slices.Equal(d.List, want) {
			t.Fatalf("got %+v, want %+v", d.List, want)
		}
	})
	var d Doubts
	d.Code(gateway.Code{}, "/kind")
	d.Code(gateway.Code{Code: "1", Known: true}, "/kind")
	if d.Code(gateway.Code{Code: "2"}, "/kind"); len(d.List) != 1 || d.List[0].Rule != string(gateway.DoubtCode) {
		t.Errorf("got %+v", d.List)
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	r := reader(t, `<n>1</n><n/><o:n>2</o:n><n xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/><n>3</n>`)
	var got []string
	for n := range r.All("n") {
		got = append(got, n.Node().Text())
	}
	if !slices.Equal(got, []string{"1", "", "3"}) {
		t.Errorf("got %q", got)
	}
	for range r.All("n") {
		break // leaving early must be harmless
	}
}

// TestFailKeepsTheFirst: the first broken rule is told, with its path and without
// a value.
func TestFailKeepsTheFirst(t *testing.T) {
	t.Parallel()
	r := reader(t, "<a><b>СЫНАҚОВА</b><b>x</b></a>")
	a := r.Sub("a")
	if a.Text("b") != "" || a.Date("c") != "" {
		t.Error("a repeated element is read")
	}
	a.Fail("c", "is missing")
	if err := r.Err(); !errors.Is(err, fault.ContractViolation) || !strings.HasSuffix(err.Error(), "read answer of TEST: contract-violation: told/a/b stands there twice") {
		t.Errorf("got %v", err)
	}
}

func TestWrite(t *testing.T) {
	t.Parallel()
	b := AppendElement(nil, "a", "x < y & «з»")
	b = AppendOptional(b, "b", "")
	b = AppendOptional(b, "c", "1")
	if got := string(b); got != "<a>x &lt; y &amp; «з»</a><c>1</c>" {
		t.Errorf("got %s", got)
	}
}
