package generator_test

import (
	"runtime"
	"testing"

	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/gateway/ident"
	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/population/fact"
	"github.com/kopir-kz/kopir/mocks/population/generator"
	"github.com/kopir-kz/kopir/mocks/population/rules"
)

const million = 1_000_000

func generate(t testing.TB, seed uint64, n int) *generator.Population {
	t.Helper()
	common, err := population.Commons()
	if err != nil {
		t.Fatal(err)
	}
	p, err := generator.New(seed, n, common)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestFamiliesKeepTheRules: any family of any seed holds every invariant of the
// people written by hand.
func TestFamiliesKeepTheRules(t *testing.T) {
	t.Parallel()
	common, err := population.Commons()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		p, err := generator.New(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(1, generator.MaxSize).Draw(t, "size"), common)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			f := rapid.IntRange(0, p.Families()-1).Draw(t, "family")
			set := p.Family(f)
			if err := rules.Check(set); err != nil {
				t.Fatalf("family %d: %v", f, err)
			}
			for _, one := range set.People {
				if one.Born > "2024-12-31" || one.Died > "2024-12-31" {
					t.Fatalf("%s lives in the future", one.Key)
				}
			}
		}
	})
}

// TestEverybodyIsFound: whoever has a number is found by key, IIN, document,
// account and name with birth date, and is the same person each time.
func TestEverybodyIsFound(t *testing.T) {
	t.Parallel()
	common, err := population.Commons()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		p, err := generator.New(rapid.Uint64().Draw(t, "seed"), rapid.SampledFrom([]int{1, 35, 36, 37, 1000, million, generator.MaxSize}).Draw(t, "size"), common)
		if err != nil {
			t.Fatal(err)
		}
		f, m := p.Member(rapid.IntRange(0, p.Len()-1).Draw(t, "number"))
		one := p.Family(f).People[m]
		found := func(how string, f2, m2 int, ok bool) {
			if !ok || f2 != f || m2 != m {
				t.Errorf("by %s: family %d member %d (%v), want %d and %d", how, f2, m2, ok, f, m)
			}
		}
		check := func(how string, by func(string) (int, int, bool), id string) {
			f2, m2, ok := by(id)
			found(how, f2, m2, ok)
		}
		check("key", p.ByKey, one.Key)
		check("IIN", p.ByIIN, one.IIN)
		for _, d := range one.Documents {
			check("document", p.ByDocument, d.Number)
		}
		for _, a := range one.Accounts {
			check("account", p.ByIBAN, a.IBAN)
		}
		named := false
		for _, at := range p.ByBirth(one.Born, one.Name.Kk) {
			named = named || at.Family == f && at.Member == m
		}
		if !named {
			t.Error("not found by name and birth date")
		}
		for _, a := range p.Family(f).Acts {
			if f2, ok := p.ByAct(a.Number); !ok || f2 != f {
				t.Errorf("the act of family %d belongs to %d (%v)", f, f2, ok)
			}
		}
	})
}

// TestNobodyElseIsFound: identifiers that were given to nobody find nobody.
func TestNobodyElseIsFound(t *testing.T) {
	t.Parallel()
	p := generate(t, 7, 1000)
	members := map[string]bool{}
	for i := range p.Len() {
		f, m := p.Member(i)
		members[p.Family(f).People[m].IIN] = true
	}
	if len(members) != p.Len() {
		t.Fatalf("%d IINs for %d people", len(members), p.Len())
	}
	found := 0
	rapid.Check(t, func(t *rapid.T) {
		n, err := ident.SyntheticIIN(rapid.IntRange(1945, 2024).Draw(t, "year"), 6, rapid.IntRange(1, 30).Draw(t, "day"),
			rapid.SampledFrom([]ident.Sex{ident.Male, ident.Female}).Draw(t, "sex"), rapid.IntRange(0, 9999).Draw(t, "serial"))
		if err != nil {
			t.Skip("a stem that is never issued")
		}
		if _, _, ok := p.ByIIN(n.Reveal()); ok != members[n.Reveal()] {
			t.Fatalf("found: %v", ok)
		}
		found++
	})
	if found == 0 {
		t.Fatal("nothing was tried")
	}
	for _, id := range []string{"", "x", "g", "g1", "g1-9", "g999999999-0", "g-1-0", "g01-0", "904315401016", "854412301015"} {
		if _, _, ok := p.ByKey(id); ok {
			t.Errorf("key %q", id)
		}
		if _, _, ok := p.ByIIN(id); ok {
			t.Errorf("IIN %q", id)
		}
		if _, _, ok := p.ByDocument(id); ok {
			t.Errorf("document %q", id)
		}
		if _, _, ok := p.ByIBAN("KZ00990G" + id); ok {
			t.Errorf("IBAN %q", id)
		}
		if _, ok := p.ByAct(id); ok {
			t.Errorf("act %q", id)
		}
	}
	if got := p.ByBirth("1970-13-45", fact.Name{}); got != nil {
		t.Errorf("%v are born on a day that does not exist", got)
	}
}

// TestSeedDecides: the same seed gives the same people, another one others.
func TestSeedDecides(t *testing.T) {
	t.Parallel()
	a, b, c := generate(t, 1, million), generate(t, 1, million), generate(t, 2, million)
	same := 0
	for i := range 1000 {
		f, m := a.Member(i * 999)
		one, two, other := a.Family(f).People[m], b.Family(f).People[m], c.Family(f).People[m]
		if one.IIN != two.IIN || one.Name != two.Name || len(one.Accounts) != len(two.Accounts) {
			t.Fatalf("person %d differs", i*999)
		}
		if one.IIN == other.IIN {
			same++
		}
	}
	if same > 1 {
		t.Errorf("%d of 1000 people have one IIN under two seeds", same)
	}
}

// TestKindsOfFamilies: a thousand people show everything that a family can have.
func TestKindsOfFamilies(t *testing.T) {
	t.Parallel()
	p := generate(t, 7, 5000)
	seen := map[string]int{}
	for f := range p.Families() {
		set := p.Family(f)
		for _, a := range set.Acts {
			seen[string(a.Kind)]++
		}
		for _, g := range set.Guardianships {
			seen[string(g.Kind)]++
		}
		for _, one := range set.People {
			for what, has := range map[string]bool{
				"dead": one.Died != "", "spouse": one.Spouse != "", "disability": len(one.Disabilities) > 0, "business": len(one.Businesses) > 0,
				"unemployed": len(one.Unemployment) > 0, "award": len(one.Awards) > 0, "no account": len(one.Accounts) == 0, "two accounts": len(one.Accounts) == 2,
			} {
				if has {
					seen[what]++
				}
			}
		}
	}
	for _, what := range []string{
		"birth", "death", "marriage", "divorce", "guardianship", "dead", "spouse", "disability", "business", "unemployed", "award", "no account", "two accounts",
	} {
		if seen[what] == 0 {
			t.Errorf("nobody shows %s: %v", what, seen)
		}
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	common, err := population.Commons()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{-1, generator.MaxSize + 1} {
		if _, err := generator.New(1, n, common); err == nil {
			t.Errorf("%d people are accepted", n)
		}
	}
	if _, err := generator.New(1, 1, nil); err == nil {
		t.Error("accepted without dictionaries")
	}
	for _, n := range []int{0, 1, 35, 36, 37, 1000} {
		p := generate(t, 3, n)
		people := 0
		for f := range p.Families() {
			people += len(p.Family(f).People)
		}
		if people != n || p.Len() != n {
			t.Errorf("%d people in the families of %d", people, n)
		}
	}
}

// BenchmarkMillion measures lookups in a population of a million, and what
// memory the population holds.
func BenchmarkMillion(b *testing.B) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	p := generate(b, 7, million)
	runtime.GC()
	runtime.ReadMemStats(&after)
	held := float64(int64(after.HeapAlloc) - int64(before.HeapAlloc))

	var people []*fact.Person
	for i := range 256 {
		f, m := p.Member(i * 3906)
		people = append(people, p.Family(f).People[m])
	}
	for _, how := range []struct {
		name string
		look func(*fact.Person)
	}{
		{"IIN", func(one *fact.Person) { p.ByIIN(one.IIN) }},
		{"IINAndFamily", func(one *fact.Person) {
			f, _, _ := p.ByIIN(one.IIN)
			p.Family(f)
		}},
		{"NameAndBirth", func(one *fact.Person) { p.ByBirth(one.Born, one.Name.Kk) }},
	} {
		b.Run(how.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				how.look(people[i%len(people)])
			}
			b.ReportMetric(held/1024, "KB-held")
		})
	}
	b.Run("New", func(b *testing.B) {
		common, err := population.Commons()
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := generator.New(7, million, common); err != nil {
				b.Fatal(err)
			}
		}
	})
	runtime.KeepAlive(p)
}
