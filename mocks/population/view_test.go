package population

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// TestOneFactOnePlace: a fact that is changed in the files is changed in every
// view that shows it.
func TestOneFactOnePlace(t *testing.T) {
	t.Parallel()
	t.Run("name", func(t *testing.T) {
		t.Parallel()
		p, err := edited(t, "20-large.yaml", "given: Әсемгүл,", "given: Өзгергенгүл,")
		if err != nil {
			t.Fatal(err)
		}
		mother := p.ByKey("large-mother")
		names := map[string]fact.Name{
			"ГБД ФЛ":       p.View(fact.RegistryPerson).Individual(mother.IIN).Name.Kk,
			"account":      p.View(fact.RegistryAccount).Accounts(mother.IIN)[0].Holder.Name.Kk,
			"award":        p.View(fact.RegistryAward).Awards(mother.IIN)[0].Recipient.Name.Kk,
			"social":       p.View(fact.RegistryStatus).Person(mother.IIN).Name.Kk,
			"at address":   named(t, p, "9900000000000111", mother.Key),
			"own marriage": part(t, p.View(fact.RegistryCivil).Acts(mother.IIN), fact.Marriage, fact.Wife).After.Kk,
		}
		for i, child := range []string{"turns-18", "twin-girl", "twin-boy", "child-with-disability"} {
			names[fmt.Sprint("birth of child ", i)] = part(t, p.View(fact.RegistryCivil).Acts(p.ByKey(child).IIN), fact.Birth, fact.Mother).After.Kk
		}
		for where, n := range names {
			if n.Given != "Өзгергенгүл" {
				t.Errorf("%s: %s", where, n)
			}
		}
	})
	t.Run("death date", func(t *testing.T) {
		t.Parallel()
		p, err := edited(t, "10-erlan.yaml", `"2024-10-02"`, `"2024-10-03"`)
		if err != nil {
			t.Fatal(err)
		}
		iin := p.ByKey("deceased").IIN
		death := p.View(fact.RegistryCivil).Acts(iin)
		if got := death[len(death)-1]; got.Kind != fact.Death || got.Event != "2024-10-03" {
			t.Errorf("the act tells of %s on %s", got.Kind, got.Event)
		}
		if got := p.View(fact.RegistryPerson).Individual(iin).Died; got != "2024-10-03" {
			t.Error(got)
		}
	})
	t.Run("address", func(t *testing.T) {
		t.Parallel()
		p, err := edited(t, "02-places.yaml", `building: "12", corpus: "1", flat: "45"`, `building: "13", corpus: "1", flat: "45"`)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"adult", "compound-name"} {
			for _, r := range []fact.Registry{fact.RegistryPerson, fact.RegistryAddress} {
				if got := p.View(r).Residences(p.ByKey(key).IIN)[0].Location.Building; got != "13" {
					t.Errorf("%s in %s: %s", key, r, got)
				}
			}
		}
	})
	t.Run("act", func(t *testing.T) {
		t.Parallel()
		p, err := edited(t, "10-erlan.yaml", `number: "1990003", issued: "2019-08-30"`, `number: "1990033", issued: "2019-09-30"`)
		if err != nil {
			t.Fatal(err)
		}
		iin := p.ByKey("child").IIN
		if c := p.View(fact.RegistryPerson).Individual(iin).BirthCertificate; c.Number != "1990033" || c.Begin != "2019-09-30" {
			t.Errorf("%+v", c)
		}
		for _, of := range []string{"child", "adult", "compound-name"} {
			found := slices.ContainsFunc(p.View(fact.RegistryCivil).Acts(p.ByKey(of).IIN), func(a Act) bool {
				return a.Kind == fact.Birth && a.Certificates[0].Number == "1990033"
			})
			if !found {
				t.Errorf("not in the acts of %s", of)
			}
		}
	})
}

// named finds somebody among those registered at an address.
func named(t *testing.T, p *Population, code, key string) fact.Name {
	t.Helper()
	_, here := p.View(fact.RegistryAddress).At(code, today)
	for _, one := range here {
		if one.Key == key {
			return one.Name.Kk
		}
	}
	t.Errorf("%s is not registered at %s", key, code)
	return fact.Name{}
}

func part(t *testing.T, acts []Act, kind fact.ActKind, role fact.Role) Participant {
	t.Helper()
	for _, a := range acts {
		for _, p := range a.Participants {
			if a.Kind == kind && p.Role == role {
				return p
			}
		}
	}
	t.Errorf("no %s in a %s", role, kind)
	return Participant{}
}

// TestRegistriesDifferOnlyWhereDeclared compares what each registry holds with
// the truth, person by person.
func TestRegistriesDifferOnlyWhereDeclared(t *testing.T) {
	t.Parallel()
	p := load(t)
	declared, differing := 0, 0
	for _, r := range fact.Registries() {
		held := p.View(r).People()
		for i, one := range p.People() {
			declares := slices.ContainsFunc(one.Differences, func(d fact.Difference) bool { return d.Registry == r })
			if declares {
				declared++
			}
			if held[i] != one {
				differing++
				if !declares {
					t.Errorf("%s differs in %s", one.Key, r)
				}
			}
		}
	}
	if declared < 4 || declared != differing {
		t.Errorf("%d differences are declared, %d are there", declared, differing)
	}
}

// TestNamesThroughLife: the name at any act follows from the present one and
// from what later acts replaced.
func TestNamesThroughLife(t *testing.T) {
	t.Parallel()
	p := load(t)
	civil := p.View(fact.RegistryCivil)
	surnames := func(key string) (all []string) {
		for _, a := range civil.Acts(p.ByKey(key).IIN) {
			for _, who := range a.Participants {
				if who.Person == p.ByKey(key) {
					all = append(all, fmt.Sprintf("%s %s %s→%s", a.Registered, a.Kind, who.Before.Kk.Surname, who.After.Kk.Surname))
				}
			}
		}
		return all
	}
	for key, want := range map[string][]string{
		"divorced":    {"2004-12-18 marriage Сынақтаева→Сынақова", "2007-08-13 birth Сынақова→Сынақова", "2016-04-22 divorce Сынақова→Сынақтаева"},
		"later-wife":  {"2007-08-14 birth Сынақова→Сынақова", "2008-06-02 marriage Сынақова→Сынақұлова", "2008-06-20 paternity Сынақұлова→Сынақұлова"},
		"later-child": {"2007-08-14 birth Сынақова→Сынақова", "2008-06-20 paternity Сынақова→Сынақұлова"},
		"adopted":     {"2015-06-08 birth Сынақбаев→Сынақбаев", "2017-02-20 adoption Сынақбаев→Сынақбеков"},
		"namesake":    {"2009-10-01 birth Сынақбаева→Сынақбаева"}, // recorded so, never borne
	} {
		if got := surnames(key); !slices.Equal(got, want) {
			t.Errorf("%s:\n%v, want\n%v", key, got, want)
		}
	}
	if name := part(t, civil.Acts(p.ByKey("adopted").IIN), fact.Adoption, fact.Child).Before.Kk; name.String() != "Сынақбаев Дамир Ермекұлы" {
		t.Error(name)
	}
	father := part(t, civil.Acts(p.ByKey("statement-child").IIN), fact.Birth, fact.Father)
	if father.Person != nil || father.IIN() != "" || father.After.Kk.Given != "Марат" {
		t.Errorf("%+v", father)
	}
}

func TestActsByNumber(t *testing.T) {
	t.Parallel()
	civil := load(t).View(fact.RegistryCivil)
	if got := civil.ActsByNumber("99-0124"); len(got) != 1 || got[0].Kind != fact.Marriage || got[0].Participants[0].IIN() == "" {
		t.Errorf("%d acts", len(got))
	}
	for _, number := range []string{"417-0130", "unheard-of"} { // another state's is not kept
		if got := civil.ActsByNumber(number); len(got) != 0 {
			t.Errorf("%s: %d acts", number, len(got))
		}
	}
}

func TestOrganisations(t *testing.T) {
	t.Parallel()
	p := load(t)
	v := p.View(fact.RegistryEntity)
	o, ok := v.Organisation(v.Entity("synaq-works").BIN)
	if !ok || o.Key != "synaq-works" || o.Head != p.ByKey("adoptive-father") || o.Address.City.Ru != "Астана" {
		t.Errorf("%+v", o)
	}
	if _, ok := v.Organisation("991240000003"); ok || v.Entity("nobody") != nil {
		t.Error("an organisation of nobody is found")
	}
	if l, here := v.At("0000000000000000", today); l != nil || here != nil {
		t.Error("an address of nowhere is found")
	}
}

// TestGeneratedPeopleStandBehind: they are found in every view by what they have,
// and take nothing from those written by hand.
func TestGeneratedPeopleStandBehind(t *testing.T) {
	t.Parallel()
	hand := load(t)
	p, err := hand.WithGenerated(7, 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	if p.Generated() != 1_000_000 || hand.Generated() != 0 || len(p.People()) != len(hand.People()) {
		t.Fatal("the sizes are wrong")
	}
	for _, one := range hand.People() {
		if p.ByKey(one.Key) != one || one.IIN != "" && p.ByIIN(one.IIN) != one {
			t.Errorf("%s is lost", one.Key)
		}
	}
	if p.GeneratedAt(-1) != nil || p.GeneratedAt(1_000_000) != nil || hand.GeneratedAt(0) != nil {
		t.Error("there are people beyond the last")
	}
	rapid.Check(t, func(t *rapid.T) {
		one := p.GeneratedAt(rapid.IntRange(0, p.Generated()-1).Draw(t, "number"))
		is := func(how string, found *fact.Person) {
			if found == nil || found.IIN != one.IIN || found.Key != one.Key {
				t.Errorf("not found by %s", how)
			}
		}
		v := p.View(rapid.SampledFrom(fact.Registries()).Draw(t, "registry"))
		is("key", p.ByKey(one.Key))
		is("IIN", v.Person(one.IIN))
		is("IIN in ГБД ФЛ", v.Individual(one.IIN).Person)
		for _, d := range one.Documents {
			is("document", v.ByDocument(d.Number)[0].Person)
		}
		if !slices.ContainsFunc(v.ByBirth(one.Born, one.Name.Kk), func(i *Individual) bool { return i.IIN == one.IIN }) {
			t.Error("not found by name and birth date")
		}
		for _, a := range one.Accounts {
			found, ok := v.Account(a.IBAN)
			if !ok || found.Bank == nil {
				t.Fatal("the account is not found")
			}
			is("account", found.Holder)
		}
		if len(v.Residences(one.IIN)) == 0 {
			t.Error("lives nowhere")
		}
		for _, a := range v.Acts(one.IIN) {
			if got := v.ActsByNumber(a.Number); len(got) != 1 || got[0].Kind != a.Kind {
				t.Errorf("%d acts by number", len(got))
			}
		}
		for _, c := range v.Guardianships(one.IIN) {
			if c.Ward == nil || c.Authority == nil || len(c.Guardians) != 1 {
				t.Errorf("%+v", c)
			}
		}
	})
}

func TestGenerateAlone(t *testing.T) {
	t.Parallel()
	p, err := Generate(1, 100)
	if err != nil || p.Generated() != 100 || len(p.People()) != 0 {
		t.Fatalf("%v", err)
	}
	one := p.GeneratedAt(0)
	if p.ByIIN(one.IIN) == nil || p.View(fact.RegistryEntity).Entity("synaq-bank") == nil {
		t.Error("not complete")
	}
	if _, ok := p.Entry("gender", one.Sex); !ok || len(p.Dictionaries()) == 0 || !slices.Contains(p.Codes("gender"), one.Sex) {
		t.Error("no dictionaries")
	}
	if _, err := Generate(1, -1); err == nil {
		t.Error("a negative population")
	}
}

// BenchmarkMillion measures what a registry does to answer about one of a
// million.
func BenchmarkMillion(b *testing.B) {
	hand, err := Load(noon)
	if err != nil {
		b.Fatal(err)
	}
	p, err := hand.WithGenerated(7, 1_000_000)
	if err != nil {
		b.Fatal(err)
	}
	var people []*fact.Person
	for i := range 256 {
		people = append(people, p.GeneratedAt(i*3906))
	}
	v := p.View(fact.RegistryPerson)
	b.Run("Individual", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			v.Individual(people[i%len(people)].IIN)
		}
	})
	b.Run("ByBirth", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			one := people[i%len(people)]
			v.ByBirth(one.Born, one.Name.Kk)
		}
	})
	b.Run("Load", func(b *testing.B) {
		for b.Loop() {
			if _, err := Load(noon); err != nil {
				b.Fatal(err)
			}
		}
	})
}
