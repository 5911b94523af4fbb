package rules_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/mocks/population/fact"
	"github.com/kopir-kz/kopir/mocks/population/people"
	"github.com/kopir-kz/kopir/mocks/population/rules"
)

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// world is the set of the files, to be broken.
type world struct {
	t *testing.T
	*fact.Set
}

// files is the set as it is read, once.
var files = sync.OnceValues(func() (*fact.Set, error) { return people.Read(people.Built(), noon) })

// honest is a copy of it that shares nothing.
func honest(t *testing.T) world {
	t.Helper()
	read, err := files()
	if err != nil {
		t.Fatal(err)
	}
	set := read.Clone()
	set.Properties, set.Families, set.Nobody = slices.Clone(set.Properties), slices.Clone(set.Families), slices.Clone(set.Nobody)
	set.Dictionaries, set.Entities = map[string]map[string]fact.Entry{}, map[string]*fact.Entity{}
	for name, entries := range read.Dictionaries {
		set.Dictionaries[name] = maps.Clone(entries)
	}
	for key, e := range read.Entities {
		other := *e
		set.Entities[key] = &other
	}
	return world{t, set}
}

func (w world) who(key string) *fact.Person {
	w.t.Helper()
	for _, one := range w.People {
		if one.Key == key {
			return one
		}
	}
	w.t.Fatalf("nobody is called %q", key)
	return nil
}

func (w world) act(number string) *fact.Act {
	w.t.Helper()
	for _, a := range w.Acts {
		if a.Number == number {
			return a
		}
	}
	w.t.Fatalf("no act %q", number)
	return nil
}

func (w world) care(number string) *fact.Guardianship {
	w.t.Helper()
	for _, g := range w.Guardianships {
		if g.Number == number {
			return g
		}
	}
	w.t.Fatalf("no guardianship %q", number)
	return nil
}

// broken says how to break each rule.
var broken = []struct {
	rule  string
	spoil func(w world)
}{
	{"key.present", func(w world) { w.who("magic-timing").Key = "" }},
	{"key.unique", func(w world) { w.who("namesake").Key = "adult" }},
	{"iin.unique", func(w world) { w.who("namesake").IIN = w.who("many-documents").IIN }},
	{"iin.unique", func(w world) {
		w.who("namesake").Former = []fact.FormerIIN{{IIN: w.who("many-documents").IIN, Merged: "2020-01-01"}}
	}},
	{"iin.right", func(w world) { w.who("adult").IIN = "854412301014" }},
	{"iin.right", func(w world) { w.who("adult").IIN = "850412301017" }}, // a real number
	{"iin.birth", func(w world) { w.who("adult").Born = "1985-04-13" }},
	{"iin.sex", func(w world) { w.who("adult").Sex = "2" }},
	{"iin.needed", func(w world) { w.who("adult").IIN = "" }},
	{"nobody.iin", func(w world) { w.Nobody[0] = "995231309019" }},
	{"nobody.nobody", func(w world) { w.Nobody[0] = w.who("adult").IIN }},

	{"name.surname", func(w world) { w.who("adult").Name.Kk.Surname = "Ахметов" }},
	{"name.given", func(w world) { w.who("adult").Name.Latin.Given = "" }},
	{"name.patronymic", func(w world) { w.who("adult").Name.Ru.Patronymic = "" }},

	{"life.status", func(w world) { w.who("adult").LifeStatus = "1" }},
	{"life.order", func(w world) { w.who("deceased").Died = "1950-01-01" }},
	{"life.span", func(w world) { w.who("widow").Statuses[0].Begin = "1950-01-01" }},
	{"life.span", func(w world) { w.who("deceased").Awards[0].End = "2025-01-01" }},

	{"spouse.mutual", func(w world) { w.who("adult").Spouse = "widow" }},
	{"spouse.mutual", func(w world) { w.who("adult").Spouse = "nobody" }},
	{"spouse.alive", func(w world) { w.who("deceased").Spouse, w.who("widow").Spouse = "widow", "deceased" }},
	{"spouse.kin", func(w world) { w.who("adult").Spouse, w.who("widow").Spouse = "widow", "adult" }},
	{"spouse.act", func(w world) { w.who("divorced").Spouse, w.who("ex-husband").Spouse = "ex-husband", "divorced" }},
	{"spouse.age", func(w world) { w.act("99-0102").Registered = "2000-01-01" }},
	{"parents.count", func(w world) { w.who("child").Parents = []string{"adult", "adult"} }},
	{"parents.known", func(w world) { w.who("child").Parents = []string{"nobody"} }},
	{"parents.older", func(w world) { w.who("adult").Parents = []string{"child"} }},
	{"parents.alive", func(w world) { w.who("child").Parents = []string{"deceased"}; w.who("deceased").Died = "2017-01-01" }},
	{"parents.act", func(w world) { w.who("child").Parents = []string{"widow"} }},

	{"code.known", func(w world) { w.who("adult").Nationality = "999" }},
	{"code.present", func(w world) { w.who("adult").Nationality = "" }},
	{"date.form", func(w world) { w.who("adult").Documents[0].Begin = "14.05.2019" }},
	{"date.form", func(w world) { w.who("no-patronymic").Repatriation.Date = "2009-04-02" }},
	{"date.present", func(w world) { w.who("adult").Documents[0].Begin = "" }},
	{"date.order", func(w world) { w.who("adult").Documents[0].End = "2009-05-13" }},
	{"text.languages", func(w world) { w.care("12-107").Reason.Kk = "" }},
	{"dictionary.languages", func(w world) { w.Dictionaries["gender"]["1"] = fact.Entry{Ru: "Мужской"} }},
	{"place.region", func(w world) { w.who("adult").BirthPlace.Region = "1902213" }},

	{"document.number", func(w world) { w.who("adult").Documents[0].Number = "" }},
	{"document.unique", func(w world) { w.who("adult").Documents[0].Number = "990000102" }},
	{"document.order", func(w world) { w.who("adult").Documents[0].Begin = "1980-01-01" }},
	{"document.status", func(w world) { w.who("adult").Documents[0].InvalidityDate = "2020-01-01" }},
	{"document.life", func(w world) {
		w.who("deceased").Documents[0].Status, w.who("deceased").Documents[0].InvalidityDate = "00", ""
	}},
	{"document.repeated", func(w world) { w.who("many-documents").Documents[4].Repeated = false }},
	{"document.copy", func(w world) { w.who("many-documents").Documents[4].Series = "X" }},

	{"residence.kind", func(w world) { w.who("adult").Residences[0].Kind = "holiday" }},
	{"residence.birth", func(w world) { w.who("adult").Residences[0].Begin = "1980-01-01" }},
	{"residence.life", func(w world) { w.who("deceased").Residences[0].End = "" }},
	{"residence.order", func(w world) { slices.Reverse(w.who("adult").Residences) }},
	{"residence.term", func(w world) { w.who("adult").Residences[1].End = "" }},
	{"residence.overlap", func(w world) { w.who("many-documents").Residences[0].End = "2003-03-04" }},
	{"location.known", func(w world) { w.who("adult").Residences[0].At = "nowhere" }},
	{"location.known", func(w world) { w.Entities["synaq-bank"].Location = "nowhere" }},
	{"location.code", func(w world) { w.Locations["astana-12-45"].Code = "" }},
	{"location.code", func(w world) { w.Locations["baikonur-6-14"].Code = "9900000000000199" }},
	{"location.unique", func(w world) { w.Locations["astana-12-45"].Code = w.Locations["astana-30-2"].Code }},
	{"location.kato", func(w world) { w.Locations["astana-12-45"].KATO = "000000000" }},
	{"location.renamed", func(w world) { w.Locations["synaq-village-3"].Renamed[0].City.Ru = "" }},

	{"act.kind", func(w world) { w.act("99-0101").Kind = "party" }},
	{"act.number", func(w world) { w.act("99-0101").Number = "" }},
	{"act.unique", func(w world) { w.act("99-0117").Number = "99-0116" }},
	{"act.office", func(w world) { w.act("99-0101").Office = "" }},
	{"act.office", func(w world) { w.act("417-0130").Country = fact.Kazakhstan }},
	{"act.order", func(w world) { w.act("99-0224").Event = "2016-04-23" }},
	{"act.order", func(w world) { w.act("99-0103").Registered = "2019-08-22" }},
	{"act.order", func(w world) { w.act("99-0106").Registered = "2024-10-01" }},
	{"act.birth", func(w world) { w.act("99-0103").Participants[0].Person = "adult" }},
	{"act.death", func(w world) {
		w.Acts = slices.DeleteFunc(w.Acts, func(a *fact.Act) bool { return a.Kind == fact.Death })
	}},
	{"act.death", func(w world) { w.act("99-0106").Participants[0].Person = "adult" }},
	{"act.life", func(w world) { w.act("99-0102").Registered = "1980-01-01" }},
	{"act.life", func(w world) { w.act("99-0111").Registered = "2025-01-01" }},
	{"act.roles", func(w world) { w.act("99-0102").Participants[0].Role = fact.Father }},
	{"act.roles", func(w world) { w.act("99-0103").Participants[2].Role = fact.Mother }},
	{"act.participant", func(w world) { w.act("99-0101").Participants[1].Person = "" }},
	{"act.participant", func(w world) { w.act("99-0101").Participants[2].Person = "widow" }},
	{"act.sex", func(w world) { w.act("99-0101").Participants[1].Person = "deceased" }},
	{"act.sex", func(w world) { w.act("99-0101").Participants[2].Person = "compound-name" }},
	{"act.name", func(w world) { w.act("99-0101").Participants[0].Before = &fact.Names{} }},
	{"act.divorce", func(w world) {
		w.act("99-0124").Registered, w.act("99-0124").Certificates[0].Issued = "2017-01-01", "2017-01-01"
	}},
	{"act.decision", func(w world) { w.act("99-0223").Decision = nil }},
	{"act.decision", func(w world) { w.act("99-0223").Decision.Number = "" }},
	{"act.decision", func(w world) { w.act("99-0223").Decision.Effective = "2017-03-01" }},
	{"act.statement", func(w world) { w.act("99-0130").OnStatement = true }},
	{"certificate.number", func(w world) { w.act("99-0101").Certificates[0].Number = "" }},
	{"certificate.order", func(w world) { w.act("99-0101").Certificates[0].Issued = "1985-04-19" }},
	{"person.known", func(w world) { w.act("99-0101").Participants[1].Person = "nobody" }},
	{"person.known", func(w world) { w.care("12-107").Ward = "nobody" }},
	{"person.known", func(w world) { w.care("12-107").Guardians[0] = "nobody" }},
	{"person.known", func(w world) { w.Entities["synaq-works"].Head = "nobody" }},
	{"person.known", func(w world) { w.who("large-mother").Awards[0].For = "nobody" }},

	{"guardianship.kind", func(w world) { w.care("12-107").Kind = "friendship" }},
	{"guardianship.decision", func(w world) { w.care("12-107").Number = "" }},
	{"guardianship.end", func(w world) { w.care("12-107").End = "2020-01-01" }},
	{"guardianship.authority", func(w world) { w.care("12-107").Authority = "synaq-bank" }},
	{"guardianship.guardians", func(w world) { w.care("12-107").Guardians = nil }},
	{"guardianship.guardians", func(w world) { w.care("12-107").Guardians = []string{"adult", "widow"} }},
	{"guardianship.age", func(w world) { w.care("12-107").Guardians = []string{"twin-boy"} }},
	{"guardianship.life", func(w world) { w.care("12-107").Guardians = []string{"deceased"} }},
	{"guardianship.ward", func(w world) { w.who("incapacitated").Capable = nil }},

	{"disability.term", func(w world) { w.who("host-father").Disabilities[0].Reassessment = "" }},
	{"disability.term", func(w world) { w.who("host-father").Disabilities[0].Reassessment = "2020-01-01" }},
	{"disability.child", func(w world) { w.who("child-with-disability").Disabilities[0].End = "2034-10-06" }},
	{"disability.child", func(w world) { w.who("host-father").Disabilities[0].Group = "child" }},
	{"disability.overlap", func(w world) {
		one := w.who("incapacitated")
		one.Disabilities = append(one.Disabilities, w.who("host-father").Disabilities[0])
	}},
	{"programme.whole", func(w world) { w.who("host-father").Disabilities[0].Programme.Parts = nil }},
	{"programme.order", func(w world) { w.who("host-father").Disabilities[0].Programme.Begin = "2020-01-01" }},
	{"loss.kind", func(w world) { w.who("later-husband").CapacityLosses[0].Kind = "mental" }},
	{"loss.percent", func(w world) { w.who("later-husband").CapacityLosses[0].Percent = 101 }},
	{"finding.act", func(w world) { w.who("host-father").Disabilities[0].Act = "" }},
	{"finding.order", func(w world) { w.who("host-father").Disabilities[0].Examined = "2020-01-01" }},
	{"finding.certificate", func(w world) { w.who("host-father").Disabilities[0].Certificate = nil }},
	{"finding.life", func(w world) { w.who("deceased").Disabilities = w.who("incapacitated").Disabilities }},

	{"account.unique", func(w world) { w.who("adult").Accounts = w.who("widow").Accounts }},
	{"account.claimed", func(w world) { w.who("widow").Claims = w.who("widow").Accounts[0].IBAN }},
	{"account.bank", func(w world) { w.who("adult").Accounts[0].Bank = "synaq-works" }},
	{"account.kind", func(w world) { w.who("adult").Accounts[0].Kind = "secret" }},
	{"account.order", func(w world) { w.who("adult").Accounts[0].Opened = "1980-01-01" }},
	{"account.life", func(w world) { w.who("deceased").Accounts[0].Closed = "" }},
	{"account.prison", func(w world) { w.who("adult").Accounts[0].Kind = fact.Prison }},
	{"iban.right", func(w world) { w.who("adult").Accounts[0].IBAN = "KZ009900000SYNAQ0101" }},
	{"iban.bank", func(w world) { w.who("adult").Accounts[0].Bank = "synaq-post" }},

	{"entity.bin", func(w world) { w.Entities["synaq-works"].BIN = "010140900049" }},
	{"entity.unique", func(w world) { w.Entities["synaq-works"].BIN = w.Entities["old-mill"].BIN }},
	{"entity.bank", func(w world) { w.Entities["synaq-works"].BankCode = "993" }},
	{"entity.bic", func(w world) { w.Entities["synaq-bank"].BIC = "SNQB" }},
	{"entity.code", func(w world) { w.Entities["synaq-bank"].BankCode = "601" }},
	{"entity.code", func(w world) { w.Entities["synaq-bank"].BankCode = "991" }},

	{"award.authority", func(w world) { w.who("widow").Awards[0].Authority = "synaq-bank" }},
	{"award.number", func(w world) { w.who("widow").Awards[0].Number = "" }},
	{"award.state", func(w world) { w.who("widow").Awards[0].State = "dreamt" }},
	{"award.state", func(w world) { w.who("widow").Awards[0].State = "ended" }},
	{"award.amount", func(w world) { w.who("widow").Awards[0].AmountTiyn = 0 }},
	{"award.account", func(w world) { w.who("widow").Awards[0].IBAN = w.who("adult").Accounts[0].IBAN }},
	{"job.employer", func(w world) { w.who("adult").Jobs[1].Employer = "nobody" }},
	{"job.employer", func(w world) { w.who("later-husband").Jobs[0].End = "2024-01-01" }},
	{"unemployment.number", func(w world) { w.who("single-mother").Unemployment[0].Number = "" }},
	{"unemployment.centre", func(w world) { w.who("single-mother").Unemployment[0].Centre = "synaq-bank" }},
	{"unemployment.job", func(w world) { w.who("single-mother").Jobs[0].End = "" }},
	{"referral.number", func(w world) { w.who("single-mother").Unemployment[0].Referrals[0].Number = "" }},
	{"referral.employer", func(w world) { w.who("single-mother").Unemployment[0].Referrals[0].Employer = "employment-centre" }},
	{"referral.order", func(w world) { w.who("single-mother").Unemployment[0].Referrals[0].Date = "2020-01-01" }},
	{"business.whole", func(w world) { w.who("large-father").Businesses[0].Name.Kk = "" }},
	{"business.age", func(w world) { w.who("large-father").Businesses[0].Registered = "1990-01-01" }},
	{"contribution.amount", func(w world) { w.who("adult").Contributions[0].AmountTiyn = 0 }},
	{"contribution.payer", func(w world) { w.who("adult").Contributions[0].Payer = "" }},

	{"difference.registry", func(w world) { w.who("ex-husband").Differences[0].Registry = "library" }},
	{"difference.kind", func(w world) { w.who("ex-husband").Differences[0].Kind = "mood" }},
	{"difference.reason", func(w world) { w.who("ex-husband").Differences[0].Reason.Kk = "" }},
	{"difference.what", func(w world) { w.who("ex-husband").Differences[0].As = nil }},

	{"property.known", func(w world) { w.who("adult").Also = []string{"unheard-of"} }},
	{"property.languages", func(w world) { w.Properties[0].Kk = "" }},
	{"property.twice", func(w world) { w.Properties = append(w.Properties, w.Properties[0]) }},
	{"property.unique", func(w world) { w.who("adult").Property = "newborn" }},
	{"property.unique", func(w world) { w.who("adult").Property = "" }},
	{"property.shown", func(w world) { w.who("adult").Also = nil }},
	{"family.known", func(w world) { w.who("adult").Family = "" }},
	{"family.languages", func(w world) { w.Families[0].Kk = "" }},
}

func TestEveryRuleIsKept(t *testing.T) {
	t.Parallel()
	w := honest(t)
	if err := errors.Join(rules.Check(w.Set), rules.Covered(w.Set)); err != nil {
		t.Fatal(err)
	}
	for i, tt := range broken {
		t.Run(tt.rule+" "+strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			w := honest(t)
			tt.spoil(w)
			err := errors.Join(rules.Check(w.Set), rules.Covered(w.Set))
			if !slices.Contains(names(err), tt.rule) {
				t.Errorf("broken are %v", names(err))
			}
		})
	}
}

// names lists the rules that an error tells of.
func names(err error) (all []string) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range joined.Unwrap() {
			all = append(all, names(err)...)
		}
		return all
	}
	var e *rules.Error
	if errors.As(err, &e) {
		all = append(all, e.Rule)
	}
	return all
}

// TestEveryRuleIsBroken reads the rules from the source: none goes untested.
func TestEveryRuleIsBroken(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	rule := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if s, ok := call.Fun.(*ast.SelectorExpr); ok && (s.Sel.Name == "must" || s.Sel.Name == "entity") && len(call.Args) > 1 {
					if id, ok := call.Args[1].(*ast.BasicLit); ok {
						rule[strings.Trim(id.Value, `"`)] = true
					}
				}
			}
			return true
		})
	}
	if len(rule) < 90 {
		t.Fatalf("only %d rules were found", len(rule))
	}
	for _, tt := range broken {
		delete(rule, tt.rule)
	}
	for _, name := range slices.Sorted(maps.Keys(rule)) {
		t.Errorf("no test breaks %s", name)
	}
}

func TestErrorNamesRuleAndPerson(t *testing.T) {
	t.Parallel()
	if got := (&rules.Error{Rule: "iin.right", Key: "adult", Text: "wrong"}).Error(); got != "iin.right: adult: wrong" {
		t.Error(got)
	}
	if got := (&rules.Error{Rule: "iin.unique", Text: "twice"}).Error(); got != "iin.unique: twice" {
		t.Error(got)
	}
}
