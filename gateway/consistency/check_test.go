package consistency

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/ident"
)

var today = time.Date(2025, 9, 1, 5, 0, 0, 0, time.UTC)

func day(y int, m time.Month, d int) gateway.Date {
	return gateway.DateOf(time.Date(y, m, d, 0, 0, 0, 0, time.UTC))
}

// at is the midnight of a day.
func at(t testing.TB, d gateway.Date) time.Time {
	t.Helper()
	moment, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

func iinOf(t testing.TB, born gateway.Date, sex ident.Sex, serial int) string {
	t.Helper()
	on := at(t, born)
	for ; ; serial++ { // a stem in eleven is never issued
		n, err := ident.SyntheticIIN(on.Year(), on.Month(), on.Day(), sex, serial)
		if err == nil {
			return n.Reveal()
		}
	}
}

// family is what the registries say about a mother, a father and their child.
type family struct {
	mother, father, child gateway.Person
	birth, marriage       gateway.CivilAct
	disability            gateway.Disability
	account               gateway.AccountCheck
	guardianship          gateway.Guardianship
	acts                  gateway.CivilActQuery // the question about the mother's acts
	dead                  gateway.CivilActs     // its answer
}

func source(registry string) gateway.Source { return gateway.Source{Registry: registry} }

func reference(p gateway.Person) gateway.PersonRef {
	return gateway.PersonRef{IIN: p.IIN, Surname: p.Surname, GivenName: p.GivenName, SecondName: p.SecondName, BirthDate: gateway.WholeDate(p.BirthDate)}
}

func someone(t testing.TB, surname, given, second string, born gateway.Date, sex ident.Sex, serial int) gateway.Person {
	t.Helper()
	return gateway.Person{
		IIN: iinOf(t, born, sex, serial), Surname: surname, GivenName: given, SecondName: second, BirthDate: born,
		Sex: gateway.Sex(sex.String()), Source: source("GBDFL"),
	}
}

// consistent is a family whose registries agree.
func consistent(t testing.TB) family {
	f := family{
		mother: someone(t, "СЫНАҚОВА", "АЙГЕРІМ", "ТЕСТҚЫЗЫ", day(1990, 3, 15), ident.Female, 100),
		father: someone(t, "СЫНАҚОВ", "ЕРЛАН", "БОЛАТҰЛЫ", day(1988, 2, 29), ident.Male, 200),
		child:  someone(t, "СЫНАҚОВ", "АЛАН", "ЕРЛАНҰЛЫ", day(2015, 8, 20), ident.Male, 300),
	}
	f.birth = gateway.CivilAct{
		Kind: gateway.ActKindBirth, RegistrationDate: day(2015, 8, 22), EventDate: "2015-08-20", Source: source("ZAGS"),
		Parties: []gateway.ActParty{
			{Role: gateway.ActPartyRoleChild, Person: reference(f.child)},
			{Role: gateway.ActPartyRoleMother, Person: reference(f.mother)},
			{Role: gateway.ActPartyRoleFather, Person: reference(f.father)},
		},
	}
	maiden := reference(f.mother)
	maiden.Surname = "ТЕСТОВА"
	f.marriage = gateway.CivilAct{
		Kind: gateway.ActKindMarriage, RegistrationDate: day(2012, 6, 2), Source: source("ZAGS"),
		Parties: []gateway.ActParty{
			{Role: gateway.ActPartyRoleSpouse, Person: reference(f.father)},
			{Role: gateway.ActPartyRoleSpouse, Person: maiden, NameAfter: gateway.PersonName{Surname: "СЫНАКОВА", GivenName: "АЙГЕРИМ"}},
		},
	}
	f.disability = gateway.Disability{
		Person: gateway.PersonRef{FullName: "Сынаков Алан Ерланович", BirthDate: "2015-08"}, BeginDate: day(2020, 1, 1), Source: source("CBDI"),
		Ext: gateway.DisabilityExt{KZ: gateway.DisabilityKZ{Group: gateway.Code{Code: childUnder16}, Term: gateway.TermFixed}},
	}
	f.account = gateway.AccountCheck{
		IBAN: "KZ146010000TEST00001", HolderMatch: gateway.HolderMatchFull, State: gateway.AccountStateOpen,
		Bank: gateway.Bank{BIC: "HSBKKZKX"}, Source: source("PEP"),
	}
	f.guardianship = gateway.Guardianship{Guardian: reference(f.mother), Ward: gateway.PersonRef{Surname: "СЫНАКОВ", GivenName: "АЛАН", BirthDate: "2015-08-20"}, Source: source("AKIMAT")}
	f.acts = gateway.CivilActQuery{IIN: f.mother.IIN, Role: gateway.ActRoleSubject}
	return f
}

func (f family) answers() []Answer {
	all := []Answer{
		{Query: gateway.PersonQuery{IIN: f.mother.IIN}, Facts: gateway.Persons{f.mother}, Registry: "GBDFL"},
		{Query: gateway.PersonQuery{IIN: f.father.IIN}, Facts: gateway.Persons{f.father}, Registry: "GBDFL"},
		{Query: gateway.PersonQuery{IIN: f.child.IIN}, Facts: gateway.Persons{f.child}, Registry: "GBDFL"},
		{Query: gateway.CivilActQuery{IIN: f.mother.IIN, Role: gateway.ActRoleParent}, Facts: gateway.CivilActs{f.birth}, Registry: "ZAGS"},
		{Query: gateway.CivilActQuery{IIN: f.mother.IIN, Role: gateway.ActRoleSpouse}, Facts: gateway.CivilActs{f.marriage}, Registry: "ZAGS"},
		{Query: gateway.SubjectQuery{IIN: f.child.IIN}, Facts: gateway.Disabilities{f.disability}, Registry: "CBDI"},
		{Query: gateway.AccountQuery{Holder: gateway.HolderQuery{IIN: f.mother.IIN}}, Facts: f.account, Registry: "PEP"},
		{Query: gateway.GuardianshipQuery{IIN: f.child.IIN, Role: gateway.GuardianshipRoleWard}, Facts: gateway.Guardianships{f.guardianship}, Registry: "AKIMAT"},
		{Query: f.acts, Facts: f.dead, Registry: "ZAGS"},
	}
	for i := range all {
		all[i].Pointer, all[i].At = fmt.Sprintf("/results/%d/answer", i), today
	}
	return all
}

// outcome lists what is not ok as "rule level".
func outcome(findings []gateway.Finding) (all []string) {
	for _, f := range findings {
		if f.Level != gateway.FindingLevelOk {
			all = append(all, f.Rule+" "+string(f.Level))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*family)
		want   []string
	}{
		{"a family that agrees", func(*family) {}, nil},
		{"no marriage to explain the name", func(f *family) { f.marriage.Parties[1].NameAfter = gateway.PersonName{} }, []string{"name.match contradiction"}},
		{
			"name given back by a divorce", func(f *family) {
				divorce := f.marriage
				divorce.Kind, divorce.RegistrationDate = gateway.ActKindDivorce, day(2020, 1, 1)
				married, maiden := reference(f.mother), gateway.PersonName{Surname: "Тестова", GivenName: "Айгерим"}
				divorce.Parties = []gateway.ActParty{{Role: gateway.ActPartyRoleSpouse, Person: married, NameAfter: maiden}}
				f.dead = gateway.CivilActs{divorce}
				f.mother.Surname = "ТЕСТОВА"
			}, nil,
		},
		{"the act is another person's", func(f *family) { f.marriage.Parties[1].Person.IIN = f.father.IIN }, []string{"birth_date.match contradiction", "name.match contradiction"}},
		{"another given name in the child's record", func(f *family) { f.birth.Parties[0].Person.GivenName = "ДӘУРЕН" }, []string{"name.match contradiction"}},
		{"nearly the same", func(f *family) { f.birth.Parties[1].Person.GivenName = "АЙГЕРИН" }, []string{"name.match doubt"}},
		{"birth date in the act", func(f *family) { f.birth.Parties[0].Person.BirthDate = "2015-08-21" }, []string{"birth_date.match contradiction"}},
		{"birth year in the act", func(f *family) { f.birth.Parties[0].Person.BirthDate = "2015" }, nil},
		{"month of birth in the disability", func(f *family) { f.disability.Person.BirthDate = "2015-09" }, []string{"birth_date.match contradiction"}},
		{"IIN of another birth date", func(f *family) {
			f.father.BirthDate = day(1988, 3, 1)
			for _, a := range []*gateway.CivilAct{&f.birth, &f.marriage} {
				for i := range a.Parties {
					if a.Parties[i].Person.IIN == f.father.IIN {
						a.Parties[i].Person.BirthDate = "1988-03-01"
					}
				}
			}
		}, []string{"iin.birth_date doubt"}},
		{"IIN of the other sex", func(f *family) { f.father.Sex = gateway.SexFemale }, []string{"iin.sex doubt"}},
		{"sex that is not told", func(f *family) { f.father.Sex = gateway.SexUnknown }, nil},

		{"dead in the registry of individuals only", func(f *family) { f.mother.DeathDate = day(2025, 1, 1) }, []string{"account.deceased contradiction", "death.match contradiction"}},
		{"dead, and nobody asked for the act", func(f *family) {
			f.mother.DeathDate, f.acts.Kinds = day(2025, 1, 1), []gateway.ActKind{gateway.ActKindBirth}
			f.account.State = gateway.AccountStateClosed
		}, nil},
		{"dead in the civil registry only", func(f *family) { f.dead = gateway.CivilActs{deathOf(f.mother, "2025-01-01")} }, []string{"account.deceased contradiction", "death.match contradiction"}},
		{"dead in both", func(f *family) {
			f.mother.DeathDate, f.account.State = day(2025, 1, 1), gateway.AccountStateClosed
			f.dead = gateway.CivilActs{deathOf(f.mother, "2025-01")}
		}, nil},
		{"dead in both, on two days", func(f *family) {
			f.mother.DeathDate, f.account.State = day(2025, 1, 1), gateway.AccountStateClosed
			f.dead = gateway.CivilActs{deathOf(f.mother, "2025-01-02")}
		}, []string{"death.date doubt"}},

		{"another person's account", func(f *family) { f.account.HolderMatch = gateway.HolderMatchNo }, []string{"account.holder contradiction"}},
		{"close holder", func(f *family) { f.account.HolderMatch = gateway.HolderMatchClose }, []string{"account.holder doubt"}},
		{"the bank does not say", func(f *family) { f.account.HolderMatch = gateway.HolderMatchNotPossible }, []string{"account.holder doubt"}},
		{"BIC of another bank", func(f *family) { f.account.Bank.BIC = "CASPKZKA" }, []string{"account.bank contradiction"}},
		{"BIC of a branch", func(f *family) { f.account.Bank.BIC = "HSBKKZKXALM" }, nil},
		{"no BIC", func(f *family) { f.account.Bank.BIC = "" }, nil},
		{"a bank that nobody knows", func(f *family) { f.account.IBAN, f.account.Bank.BIC = "KZ369990000TEST00001", "CASPKZKA" }, nil},
		{"no such account", func(f *family) { f.account = gateway.AccountCheck{HolderMatch: gateway.HolderMatchNo} }, nil},

		{"child's disability at 18", func(f *family) { grow(t, f, day(2007, 9, 1)) }, []string{"age.child_disability contradiction"}},
		{"on the day before 18", func(f *family) { grow(t, f, day(2007, 9, 2)) }, []string{"age.child_disability doubt"}},
		{"category of the younger at 16", func(f *family) { grow(t, f, day(2009, 9, 1)) }, []string{"age.child_disability doubt"}},
		{"category of the older at 15", func(f *family) { f.disability.Ext.KZ.Group.Code = child16to18 }, []string{"age.child_disability doubt"}},
		{"category of the older at 17", func(f *family) { grow(t, f, day(2008, 9, 1)); f.disability.Ext.KZ.Group.Code = child16to18 }, nil},
		{"it ended before", func(f *family) { grow(t, f, day(2007, 9, 1)); f.disability.EndDate = day(2025, 8, 31) }, nil},
		{"it has expired", func(f *family) {
			grow(t, f, day(2007, 9, 1))
			f.disability.DisabilityStatus = gateway.DisabilityStatusExpired
		}, nil},
		{"group II at 18", func(f *family) { grow(t, f, day(2007, 9, 1)); f.disability.Ext.KZ.Group.Code = "II" }, nil},

		{"married at 17", func(f *family) { f.marriage.RegistrationDate = day(2008, 3, 14) }, []string{"age.marriage doubt"}},
		{"married at 15", func(f *family) { f.marriage.RegistrationDate = day(2006, 3, 14) }, []string{"age.marriage contradiction"}},
		{"married before birth", func(f *family) { f.marriage.RegistrationDate = day(1987, 3, 14) }, []string{"act.before_birth contradiction"}},
		{"a mother of 13", func(f *family) { young(t, f, day(2002, 8, 21)) }, []string{"age.parent doubt"}},
		{"a mother of 14", func(f *family) { young(t, f, day(2001, 8, 20)) }, nil},
		{"a mother as old as her child", func(f *family) { young(t, f, day(2015, 8, 20)) }, []string{"age.guardian contradiction", "age.parent contradiction"}},
		{"ward of age", func(f *family) { f.guardianship.Ward.BirthDate = "2007-09-01"; f.guardianship.Ward.IIN = "" }, []string{"birth_date.match contradiction"}},
		{"ward of age, not asked about", func(f *family) {
			f.guardianship.Ward = gateway.PersonRef{Surname: "СЫНАҚОВ", GivenName: "ДӘУРЕН", BirthDate: "2007-09-01", IIN: iinOf(t, day(2007, 9, 1), ident.Male, 900)}
		}, []string{"age.ward doubt"}},
		{"guardianship that has ended", func(f *family) {
			f.guardianship.Ward = gateway.PersonRef{BirthDate: "2000-01-01", IIN: iinOf(t, day(2000, 1, 1), ident.Male, 900)}
			f.guardianship.EndDate = day(2018, 1, 1)
		}, nil},
		{"guardian under age", func(f *family) {
			f.guardianship.Guardian = gateway.PersonRef{BirthDate: "2008-01-01", IIN: iinOf(t, day(2008, 1, 1), ident.Male, 900)}
		}, []string{"age.guardian contradiction"}},
		{"two people under one IIN", func(f *family) { f.father.IIN = f.mother.IIN }, []string{"birth_date.match contradiction", "person.several contradiction"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := consistent(t)
			tt.change(&f)
			findings := Check(f.answers()...)
			if got := outcome(findings); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			whole(t, f, findings)
		})
	}
}

func deathOf(p gateway.Person, on gateway.PartialDate) gateway.CivilAct {
	return gateway.CivilAct{
		Kind: gateway.ActKindDeath, RegistrationDate: day(2025, 1, 3), EventDate: on, Source: source("ZAGS"),
		Parties: []gateway.ActParty{{Role: gateway.ActPartyRoleDeceased, Person: reference(p)}},
	}
}

// grow gives the child another birth date, everywhere.
func grow(t testing.TB, f *family, born gateway.Date) {
	t.Helper()
	f.child = someone(t, f.child.Surname, f.child.GivenName, f.child.SecondName, born, ident.Male, 300)
	f.birth.Parties[0].Person = reference(f.child)
	f.birth.RegistrationDate = gateway.DateOf(at(t, born).AddDate(5, 0, 0)) // late, so that the parents are old enough
	f.birth.Parties = f.birth.Parties[:1]
	f.disability.Person.BirthDate = gateway.WholeDate(born)[:7]
	f.guardianship.Ward.BirthDate, f.guardianship.EndDate = gateway.WholeDate(born), day(2016, 1, 1)
}

// young gives the mother another birth date, everywhere, and no marriage.
func young(t testing.TB, f *family, born gateway.Date) {
	t.Helper()
	f.mother = someone(t, f.mother.Surname, f.mother.GivenName, f.mother.SecondName, born, ident.Female, 100)
	f.birth.Parties[1].Person = reference(f.mother)
	f.guardianship.Guardian = reference(f.mother)
	f.marriage.Parties = f.marriage.Parties[:1]
	f.acts.IIN = f.mother.IIN
}

// whole holds what every finding must have, and that it holds no value.
func whole(t testing.TB, f family, findings []gateway.Finding) {
	t.Helper()
	b, err := json.Marshal(findings)
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{f.mother.IIN, f.child.IIN, "СЫНАҚ", "Сынақ", "1990-03-15", f.account.IBAN} {
		if value != "" && strings.Contains(string(b), value) {
			t.Errorf("the findings hold %s", value)
		}
	}
	for _, one := range findings {
		if one.Text.KK == "" || one.Text.RU == "" || one.Text.EN == "" || len(one.Facts) == 0 {
			t.Errorf("not whole: %+v", one)
		}
		for _, fact := range one.Facts {
			if !strings.HasPrefix(fact.Pointer, "/results/") || fact.Registry == "" {
				t.Errorf("points nowhere: %+v", one)
			}
		}
	}
}

// TestNothingToCompare: no answers, one answer and "not found" give no findings.
func TestNothingToCompare(t *testing.T) {
	t.Parallel()
	f := consistent(t)
	for _, answers := range [][]Answer{
		nil,
		f.answers()[:1],
		{{Query: gateway.PersonQuery{IIN: f.mother.IIN}, Facts: gateway.Persons{}}, {Facts: gateway.CivilActs{}}, {}},
	} {
		if got := Check(answers...); len(got) != 0 {
			t.Errorf("got %+v", got)
		}
	}
}

// TestOrderOfAnswers: in whatever order the answers come, the same is found.
func TestOrderOfAnswers(t *testing.T) {
	t.Parallel()
	changes := []func(*family){
		func(*family) {},
		func(f *family) { f.mother.DeathDate = day(2025, 1, 1) },
		func(f *family) { f.birth.Parties[0].Person.BirthDate = "2015-08-21" },
		func(f *family) { f.account.HolderMatch, f.account.Bank.BIC = gateway.HolderMatchNo, "CASPKZKA" },
		func(f *family) { f.marriage.Parties[1].NameAfter = gateway.PersonName{} },
		func(f *family) { f.marriage.RegistrationDate = day(2006, 3, 14) },
	}
	rapid.Check(t, func(rt *rapid.T) {
		f := consistent(t)
		for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, len(changes)-1), 1, 3, rapid.ID).Draw(rt, "changes") {
			changes[i](&f)
		}
		all := f.answers()
		want := every(Check(all...))
		if got := every(Check(rapid.Permutation(all).Draw(rt, "order")...)); !slices.Equal(got, want) {
			rt.Fatalf("got %q, want %q", got, want)
		}
	})
}

// every lists all findings as "rule level", sorted.
func every(findings []gateway.Finding) (all []string) {
	for _, f := range findings {
		all = append(all, f.Rule+" "+string(f.Level))
	}
	slices.Sort(all)
	return all
}

// TestTexts: every rule has texts for the levels it can have.
func TestTexts(t *testing.T) {
	t.Parallel()
	for rule, all := range texts {
		if len(all) == 0 {
			t.Errorf("%s has no outcome", rule)
		}
		for level, text := range all {
			if text.KK == "" || text.RU == "" || text.EN == "" || !level.Valid() {
				t.Errorf("%s %s: %+v", rule, level, text)
			}
		}
	}
}

// BenchmarkCheck compares the answers of a whole family.
func BenchmarkCheck(b *testing.B) {
	answers := consistent(b).answers()
	b.ReportAllocs()
	for b.Loop() {
		Check(answers...)
	}
}
