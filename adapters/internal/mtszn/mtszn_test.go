package mtszn

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

const iin = "904315401016" // born 1990-03-15

func meta() gateway.Meta {
	return gateway.Meta{MessageID: "m-1", CorrelationID: "c-1", Date: time.Date(2025, 9, 1, 10, 0, 0, 0, time.FixedZone("", 5*60*60))}
}

type noCodes struct{}

func (noCodes) Lookup(string, string) (gateway.Texts, bool) { return gateway.Texts{}, false }

func TestRequest(t *testing.T) {
	t.Parallel()
	const want = `<ns:p06560Request xmlns:ns="http://services.sync.mtszn/"><systemInfo><MessageDate>2025-09-01T10:00:00.000+05:00</MessageDate>` +
		`<ChainId>c-1</ChainId><MessageId>m-1</MessageId></systemInfo><requestData><iin>` + iin + `</iin></requestData></ns:p06560Request>`
	if got, err := Request(Namespace, "p06560Request", gateway.SubjectQuery{IIN: iin}, meta()); err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
	for _, tt := range []struct {
		name string
		iin  string
		meta func(*gateway.Meta)
	}{
		{"nobody", "", func(*gateway.Meta) {}},
		{"no id", iin, func(m *gateway.Meta) { m.MessageID = "" }},
		{"no date", iin, func(m *gateway.Meta) { m.Date = time.Time{} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := meta()
			tt.meta(&m)
			if _, err := Request(Namespace, "p06560Request", gateway.SubjectQuery{IIN: tt.iin}, m); !errors.Is(err, fault.Internal) {
				t.Error(err)
			}
		})
	}
}

// read reads the elements record of an answer as an adapter does, and counts them.
func read(t testing.TB, document string) (int, error) {
	t.Helper()
	doc, err := xmltext.Parse([]byte(document), xmltext.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := Open(gateway.SubjectQuery{IIN: iin}, meta(), gateway.Payload{Root: doc.Root()}, noCodes{})
	if err != nil {
		return 0, err
	}
	n := 0
	for range a.Records("record", func(local string) bool { return local == "fio" }) {
		n++
	}
	if n == 0 {
		return 0, a.Empty("record")
	}
	return n, a.Err()
}

func TestFrame(t *testing.T) {
	t.Parallel()
	const record = "<record><fio>Сынақова</fio></record>"
	for _, tt := range []struct {
		name, answer string
		records      int
		refused      fault.Kind
	}{
		{"one record", "<r><systemInfo/><responseData>" + record + "</responseData></r>", 1, ""},
		{"in a wrapper", "<r><return><systemInfo/><responseData>" + record + record + "</responseData></return></r>", 2, ""},
		{"data itself, with a signature", `<data><responseData>` + record + `</responseData><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo/></ds:Signature></data>`, 1, ""},
		{"qualified children", `<a:r xmlns:a="urn:a"><a:responseData><a:record><a:fio>Сынақова</a:fio></a:record></a:responseData></a:r>`, 1, ""},
		{"nil and empty records", `<r xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><responseData><record xsi:nil="true"/><record/>` + record + `</responseData></r>`, 1, ""},
		{"nothing", "<r><responseData/></r>", 0, ""},
		{"nil", `<r xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><responseData xsi:nil="true"/></r>`, 0, ""},
		{"said to be a success", "<r><systemInfo><Status>success</Status></systemInfo><responseData/></r>", 0, ""},
		{"our chain", "<r><systemInfo><ChainId>c-1</ChainId></systemInfo><responseData/></r>", 0, ""},

		{"another chain", "<r><systemInfo><ChainId>c-2</ChainId></systemInfo><responseData/></r>", 0, fault.AnswerMismatch},
		{"an error", "<r><systemInfo><Status>50001</Status></systemInfo><responseData/></r>", 0, fault.RegistryFault},
		{"no answer at all", "<r><record/></r>", 0, fault.ContractViolation},
		{"no responseData", "<r><systemInfo><Status>SUCCESS</Status></systemInfo></r>", 0, fault.ContractViolation},
		{"two responseData", "<r><responseData/><responseData>" + record + "</responseData></r>", 0, fault.ContractViolation},
		{"two statuses", "<r><systemInfo><Status>SUCCESS</Status><Status>404</Status></systemInfo><responseData/></r>", 0, fault.ContractViolation},
		{"records under another name", "<r><responseData><person><fio>Сынақова</fio></person></responseData></r>", 0, fault.ContractViolation},
		{"records beside responseData", "<r><responseData/><list>" + record + "</list></r>", 0, fault.ContractViolation},
		{"a record with other names", "<r><responseData><record><name>Сынақова</name></record></responseData></r>", 0, fault.ContractViolation},
		{"a record in a record", "<r><responseData><record>" + record + "</record></responseData></r>", 0, fault.ContractViolation},
		{"a record that is text", "<r><responseData><record>Сынақова</record></responseData></r>", 0, fault.ContractViolation},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n, err := read(t, tt.answer)
			if n != tt.records && err == nil || (err != nil) != (tt.refused != "") || err != nil && fault.KindOf(err) != tt.refused {
				t.Errorf("%d records, %v; want %d, %s", n, err, tt.records, tt.refused)
			}
			if err != nil && strings.Contains(err.Error(), "Сынақова") {
				t.Error("the refusal repeats a name")
			}
		})
	}
}

func TestTerm(t *testing.T) {
	t.Parallel()
	const end = gateway.Date("2026-02-09")
	for _, tt := range []struct {
		name, raw string
		end       gateway.Date
		words     string
		term      gateway.Term
		last      gateway.Date
		doubted   bool
	}{
		{"nothing", "", "", "", gateway.TermUnknown, "", false},
		{"an end", "2026-02-09", end, "2 года", gateway.TermFixed, end, false},
		{"words", "", "", "2 года", gateway.TermUnknown, "", false},
		{"without term", "", "", "Без срока переосвидетельствования", gateway.TermIndefinite, "", false},
		{"without term, in Kazakh", "", "", "МЕРЗІМСІЗ", gateway.TermIndefinite, "", false},
		{"a text that mentions it", "", "", "не бессрочно", gateway.TermUnknown, "", false},
		{"an end that is none", "9999-12-31", openEnd, "", gateway.TermIndefinite, "", false},
		{"an end that is none, in words too", "9999-12-31", openEnd, "бессрочно", gateway.TermIndefinite, "", false},
		{"no such day", "2026-02-30", "", "", gateway.TermUnknown, "", false},
		{"contradiction", "2026-02-09", end, "бессрочно", gateway.TermUnknown, end, true},
		{"contradiction with no such day", "2026-02-30", "", "бессрочно", gateway.TermUnknown, "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var d payload.Doubts
			term, last := Term(tt.raw, tt.end, []string{"", tt.words}, "/term", &d)
			if term != tt.term || last != tt.last || (len(d.List) == 1) != tt.doubted {
				t.Errorf("%s until %q, doubts %v", term, last, d.List)
			}
		})
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	her := gateway.PersonRef{FullName: "СЫНАҚОВА АЙГЕРІМ ТЕСТҚЫЗЫ", BirthDate: "1990-03-15"}
	for _, tt := range []struct {
		name    string
		who     []gateway.PersonRef
		other   bool // the birth date is not that of the IIN
		several bool
	}{
		{"herself", []gateway.PersonRef{her}, false, false},
		{"nobody named", []gateway.PersonRef{{}, {}}, false, false},
		{"twice, spelt in two ways", []gateway.PersonRef{her, {FullName: "Сынакова Айгерим", BirthDate: "1990-03"}}, false, false},
		{"before and after a marriage", []gateway.PersonRef{her, {Surname: "Сынақбаева", GivenName: "Айгерім"}}, false, false},
		{"a corrected date", []gateway.PersonRef{{FullName: "Сынақова Айгерім", BirthDate: "1990-03-16"}}, true, false},
		{"two dates", []gateway.PersonRef{her, {FullName: "Сынақова Айгерім", BirthDate: "1991-03-15"}}, true, true},
		{"two names", []gateway.PersonRef{her, {FullName: "Тестов Данияр"}}, false, true},
		{"the first without a name", []gateway.PersonRef{{BirthDate: "1990-03-15"}, {FullName: "Сынақова"}, {FullName: "Тестов"}}, false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := NewPeople(iin)
			var d payload.Doubts
			for _, who := range tt.who {
				p.Take(who, &d)
			}
			if several := len(p.Doubt(nil)) > 0; several != tt.several || (len(d.List) > 0) != tt.other {
				t.Errorf("several %v, doubts %v", several, d.List)
			}
		})
	}
}

// TestDistinct against the plain way to do it.
func TestDistinct(t *testing.T) {
	t.Parallel()
	type value struct {
		Key   string
		Parts []string
	}
	few := rapid.SampledFrom([]string{"", "a", "b"})
	values := rapid.SliceOf(rapid.Custom(func(t *rapid.T) value {
		return value{few.Draw(t, "key"), rapid.SliceOfN(few, 1, 2).Draw(t, "parts")}
	}))
	same := func(v, w value) bool { return v.Key == w.Key && slices.Equal(v.Parts, w.Parts) }
	rapid.Check(t, func(t *rapid.T) {
		var d Distinct[value]
		var want []value
		for _, v := range values.Draw(t, "values") {
			d.Add(v.Key, v)
			if !slices.ContainsFunc(want, func(w value) bool { return same(v, w) }) {
				want = append(want, v)
			}
		}
		if !slices.EqualFunc(d.Values, want, same) {
			t.Errorf("%v, want %v", d.Values, want)
		}
	})
}
