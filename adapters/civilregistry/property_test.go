package civilregistry_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/adapters/adaptertest"
	"github.com/kopir-kz/kopir/adapters/civilregistry"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// TestNobodyElse: whatever the registry sends, every act of an accepted answer
// names the person asked about in the role asked about, or says that it may not
// be theirs; and listing the acts again changes nothing.
func TestNobodyElse(t *testing.T) {
	t.Parallel()
	people := []string{mother, father, child, stranger, "", "904315401017"}
	roles := map[gateway.ActRole][]gateway.ActPartyRole{
		gateway.ActRoleSubject: {gateway.ActPartyRoleChild, gateway.ActPartyRoleDeceased, gateway.ActPartyRoleSpouse, gateway.ActPartyRoleRenamed},
		gateway.ActRoleParent:  {gateway.ActPartyRoleMother, gateway.ActPartyRoleFather, gateway.ActPartyRoleAdopter},
		gateway.ActRoleSpouse:  {gateway.ActPartyRoleSpouse},
		gateway.ActRoleChild:   {gateway.ActPartyRoleChild},
	}
	accepted := 0
	rapid.Check(t, func(t *rapid.T) {
		q := as(rapid.SampledFrom(people[:4]).Draw(t, "asked"), rapid.SampledFrom([]gateway.ActRole{gateway.ActRoleSubject, gateway.ActRoleParent, gateway.ActRoleSpouse, gateway.ActRoleChild}).Draw(t, "role"))
		acts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string { return drawAct(t, people) }), 0, 4).Draw(t, "acts")
		got, err := answered(q, answer(acts...))
		again, err2 := answered(q, answer(append(slices.Clone(acts), acts...)...))
		if err != nil {
			if !errors.Is(err, fault.AnswerMismatch) || !errors.Is(err2, fault.AnswerMismatch) {
				t.Fatalf("%v, twice %v", err, err2)
			}
			return
		}
		accepted += len(got)
		if err2 != nil || !reflect.DeepEqual(numbers(got), numbers(again)) {
			t.Fatalf("listed twice: %q, then %q, %v", numbers(got), numbers(again), err2)
		}
		for _, a := range got {
			named := slices.ContainsFunc(a.Parties, func(p gateway.ActParty) bool {
				return p.Person.IIN == q.IIN && slices.Contains(roles[q.Role], p.Role)
			})
			said := slices.ContainsFunc(doubts(a), func(s string) bool { return strings.HasPrefix(s, "part.missing /parties") })
			if !named && !said {
				t.Fatalf("an act of %d others is taken for one of the person's, without doubt", len(a.Parties))
			}
		}
	})
	if accepted == 0 {
		t.Error("no answer was accepted: the property was not tried")
	}
}

func drawAct(t *rapid.T, people []string) string {
	kind := rapid.SampledFrom([]struct{ code, element, persons string }{
		{"01", "birth", "child mother father"},
		{"02", "death", "deceased"},
		{"03", "marriage", "husband wife"},
		{"05", "nameChange", "person"},
		{"06", "adoption", "child adoptiveMother adoptiveFather"},
		{"07", "paternity", "child mother father"},
	}).Draw(t, "kind")
	var b strings.Builder
	fmt.Fprintf(&b, "<act><actType><code>%s</code></actType><%sAktRecord><zags><code>1</code></zags><numberAkt>%d</numberAkt><regDate>2020-01-0%d</regDate>",
		kind.code, kind.element, rapid.IntRange(1, 2).Draw(t, "number"), rapid.IntRange(1, 2).Draw(t, "day"))
	for _, element := range strings.Fields(kind.persons) {
		if rapid.IntRange(0, 4).Draw(t, "left out") > 0 {
			fmt.Fprintf(&b, "<%s><iin>%s</iin><surname>СЫНАҚ</surname></%s>", element, rapid.SampledFrom(people).Draw(t, "iin"), element)
		}
	}
	fmt.Fprintf(&b, "</%sAktRecord></act>", kind.element)
	return b.String()
}

// answered is read without a testing.TB of the standard library.
func answered(q gateway.CivilActQuery, document string) (gateway.CivilActs, error) {
	doc, err := xmltext.Parse([]byte(document), xmltext.Limits{})
	if err != nil {
		return nil, err
	}
	facts, err := civilregistry.New(nobody{}).Answer(q, meta(), gateway.Payload{Root: doc.Root()})
	if err != nil {
		return nil, err
	}
	return facts.(gateway.CivilActs), nil
}

// nobody knows the kinds of acts and no other code.
type nobody struct{}

func (nobody) Lookup(list, code string) (gateway.Texts, bool) {
	return gateway.Texts{KK: code, RU: code, EN: code}, list == "act_kind"
}

// numbers tells acts apart, each once.
func numbers(acts gateway.CivilActs) []string {
	var all []string
	for _, a := range acts {
		var who []string
		for _, p := range a.Parties {
			who = append(who, string(p.Role)+p.Person.IIN)
		}
		all = append(all, string(a.Kind)+a.ActNumber+string(a.RegistrationDate)+strings.Join(who, ","))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// BenchmarkAnswer reads answers of about 4, 8 and 32 KB, parsed before: the births
// of ever more children.
func BenchmarkAnswer(b *testing.B) {
	a := civilregistry.New(adaptertest.Codes(b))
	q, m := as(mother, gateway.ActRoleParent), meta()
	for _, size := range []int{4, 8, 32} {
		var acts []string
		for length := len(head); length < size*1024; length += len(birth) {
			acts = append(acts, strings.Replace(birth, "99-0902", fmt.Sprintf("99-%04d", len(acts)), 1))
		}
		text := answer(acts...)
		doc, err := xmltext.Parse([]byte(text), xmltext.Limits{})
		if err != nil {
			b.Fatal(err)
		}
		p := gateway.Payload{Root: doc.Root()}
		b.Run(fmt.Sprintf("%dKiB", size), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := a.Answer(q, m, p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
