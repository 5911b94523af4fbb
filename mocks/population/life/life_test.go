package life

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/population/fact"
	"github.com/kopir-kz/kopir/mocks/population/rules"
)

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

const today fact.Date = "2026-11-01"

// clock is one that can be set.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// loaded is the population of the files at noon with some generated people
// behind, read once.
var loaded = sync.OnceValues(func() (*population.Population, error) {
	people, err := population.Load(noon)
	if err != nil {
		return nil, err
	}
	return people.WithGenerated(7, 1000)
})

func start(t *testing.T) (*Store, *clock) {
	t.Helper()
	people, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	c := &clock{now: noon}
	return New(people, c.read), c
}

// happen lets an event happen to everybody's knowledge at once.
func (s *Store) happen(t *testing.T, e Event) Happened {
	t.Helper()
	h, err := s.Happen(e, nil)
	if err != nil {
		t.Fatalf("%s: %v", e.Kind(), err)
	}
	return h
}

func TestBirth(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	s.happen(t, Birth{Mother: "compound-name", Father: "adult", Sex: "female", Date: "2026-10-30", Name: fact.Names{
		Kk: fact.Name{Given: "Жаңагүл", Patronymic: "Ерланқызы"}, Ru: fact.Name{Given: "Жанагуль", Patronymic: "Ерлановна"}, Latin: fact.Name{Given: "ZHANAGUL"},
	}})
	people := s.People()
	child := people[len(people)-1]
	found := s.View(fact.RegistryPerson).Individual(child.IIN)
	if found == nil || found.Name.Kk.String() != "Сынақова Жаңагүл Ерланқызы" || found.Name.Latin.Surname != "SYNAKOVA" || found.Born != "2026-10-30" ||
		found.BirthCertificate == nil || found.BirthPlace.City != "Астана" {
		t.Fatalf("%+v", found)
	}
	acts := s.View(fact.RegistryCivil).Acts(s.ByKey("adult").IIN)
	if last := acts[len(acts)-1]; last.Kind != fact.Birth || last.Event != "2026-10-30" || last.Registered != today || len(last.Participants) != 3 {
		t.Errorf("%+v", last)
	}
	// A boy without a father has the surname of the mother in a man's form.
	s.happen(t, Birth{Mother: s.ByKey("single-mother").IIN, Sex: "male", Name: fact.Names{
		Kk: fact.Name{Given: "Жаңа"}, Ru: fact.Name{Given: "Жана"}, Latin: fact.Name{Given: "ZHANA"},
	}})
	people = s.People()
	if boy := people[len(people)-1]; boy.Name.Kk.Surname != "Сынақбаев" || boy.Name.Latin.Surname != "SYNAKBAEV" || boy.IIN == child.IIN || boy.Born != today {
		t.Errorf("%+v", boy.Name)
	}
}

func TestDeath(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	iin := s.ByKey("adult").IIN
	s.happen(t, Death{Person: "adult", Date: "2026-10-31"})
	one := s.View(fact.RegistryPerson).Individual(iin)
	if one.Died != "2026-10-31" || one.LifeStatus != "1" || one.Spouse != "" || one.DeathCertificate == nil || one.Registration.Reason != "3" ||
		one.Documents[0].Status != "18" || one.Excluded == nil {
		t.Errorf("%+v", one.Person)
	}
	if s.ByKey("compound-name").Spouse != "" {
		t.Error("the widow is married")
	}
	for _, a := range s.View(fact.RegistryAccount).Accounts(iin) {
		if a.Closed == "" {
			t.Error("an account is open")
		}
	}
	if g := s.View(fact.RegistryGuardianship).Guardianships(iin); len(g) != 1 || g[0].End != "2026-10-31" {
		t.Errorf("the guardianship goes on: %+v", g)
	}
	if j := one.Jobs[1]; j.End != "2026-10-31" {
		t.Errorf("the job goes on: %+v", j)
	}
	acts := s.View(fact.RegistryCivil).Acts(iin)
	if last := acts[len(acts)-1]; last.Kind != fact.Death || last.Event != "2026-10-31" {
		t.Errorf("%+v", last)
	}
	s.happen(t, Death{Person: "large-mother"})
	if a := s.View(fact.RegistryAward).Awards(s.ByKey("large-mother").IIN)[1]; a.State != "ended" || a.End != today {
		t.Errorf("the benefit goes on: %+v", a.Award)
	}
}

func TestMarriage(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	wife, husband := s.ByKey("divorced").IIN, s.ByKey("no-patronymic")
	s.happen(t, Marriage{Husband: "no-patronymic", Wife: wife, TakesSurname: true, Date: "2026-10-20"})
	one := s.ByIIN(wife)
	if one.Spouse != husband.Key || s.ByIIN(husband.IIN).Spouse != one.Key || one.Name.Kk.Surname != "Сынақ" {
		t.Errorf("%s %+v", one.Spouse, one.Name.Kk)
	}
	acts := s.View(fact.RegistryCivil).Acts(wife)
	last := acts[len(acts)-1]
	bride := last.Participants[1]
	if last.Registered != "2026-10-20" || bride.Before.Kk.Surname != "Сынақтаева" || bride.After.Kk.Surname != "Сынақ" {
		t.Errorf("%+v", bride)
	}
	if first := acts[0].Participants[1]; first.Before.Kk.Surname != "Сынақтаева" || first.After.Kk.Surname != "Сынақова" {
		t.Errorf("the first marriage has other names now: %s, %s", first.Before.Kk, first.After.Kk)
	}
	if d := one.Documents[1]; d.Surname != "Сынақтаева" {
		t.Errorf("the document has the name %q", d.Surname)
	}
	// Without a change of name.
	s.happen(t, Marriage{Husband: "baikonur", Wife: "single-mother"})
	if got := s.ByKey("single-mother").Name.Kk.Surname; got != "Сынақбаева" {
		t.Error(got)
	}
}

func TestMove(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	s.happen(t, Move{People: []string{"adult", "compound-name"}, To: "almaty-55-8"})
	for _, key := range []string{"adult", "compound-name"} {
		i := s.View(fact.RegistryPerson).Individual(s.ByKey(key).IIN)
		if i.Registration.Location.Code != "9900000000000113" || i.Registration.Begin != today || i.Addresses[0].End == "" {
			t.Errorf("%s: %+v", key, i.Registration)
		}
	}
	if _, here := s.View(fact.RegistryAddress).At("9900000000000113", today); len(here) != 5 {
		t.Errorf("%d people live there", len(here))
	}
	// To a code of the register, for some time.
	s.happen(t, Move{People: []string{"child"}, To: "9900000000000111", Until: "2027-05-31"})
	if i := s.View(fact.RegistryPerson).Individual(s.ByKey("child").IIN); i.Registration != nil || len(i.Addresses) != 1 {
		t.Errorf("%+v", i.Addresses)
	}
	// To an address that was not there.
	s.happen(t, Move{People: []string{"widow"}, Address: &fact.Location{
		District: "1971", Region: "1971201", City: fact.Bilingual{Kk: "Астана", Ru: "Астана"}, Street: fact.Bilingual{Kk: "Жаңа көше", Ru: "Новая улица"}, Building: "1",
	}})
	i := s.View(fact.RegistryPerson).Individual(s.ByKey("widow").IIN)
	if l, here := s.View(fact.RegistryAddress).At(i.Registration.Location.Code, today); l == nil || l.Street.Ru != "Новая улица" || len(here) != 1 {
		t.Errorf("%+v", l)
	}
}

func TestDisability(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	iin := s.ByKey("single-mother").IIN
	s.happen(t, DisabilityGranted{Person: iin, Group: "II", Until: "2028-10-31", ProfessionalPercent: 40, GeneralPercent: 60})
	one := s.View(fact.RegistryDisability).Person(iin)
	if d := one.Disabilities; len(d) != 1 || d[0].Group != "II" || d[0].Reassessment != "2028-10-31" || d[0].Certificate == nil || len(one.CapacityLosses) != 2 {
		t.Errorf("%+v", one.Disabilities)
	}
	s.happen(t, DisabilityGranted{Person: iin, Group: "I", Cause: "work"})
	if d := s.ByIIN(iin).Disabilities; len(d) != 2 || d[0].End != today || d[1].End != "" || d[1].Cause != "work" {
		t.Errorf("%+v", d)
	}
	s.happen(t, DisabilityExpired{Person: "host-father", Date: "2026-10-15"})
	host := s.ByKey("host-father")
	if d := host.Disabilities[0]; d.End != "2026-10-15" || d.Reassessment != d.End || d.Programme.End != d.End || host.Awards[0].State != "ended" {
		t.Errorf("%+v %+v", d, host.Awards)
	}
}

func TestAccountClosed(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	iban := s.ByKey("widow").Accounts[0].IBAN
	s.happen(t, AccountClosed{IBAN: iban})
	if a, ok := s.View(fact.RegistryAccount).Account(iban); !ok || a.Closed != today {
		t.Errorf("%+v", a)
	}
}

// TestWhatCanNotHappen: an event that would break an invariant is refused, says
// why without an identifier, and changes nothing.
func TestWhatCanNotHappen(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	before := s.Now()
	given := fact.Names{Kk: fact.Name{Given: "А"}, Ru: fact.Name{Given: "А"}, Latin: fact.Name{Given: "A"}}
	iban := s.ByKey("ex-husband").Accounts[0].IBAN
	for _, tt := range []struct {
		name  string
		event Event
		want  string
	}{
		{"birth by nobody", Birth{Mother: "nobody", Sex: "male", Name: given}, "nobody has this key"},
		{"birth without mother", Birth{Sex: "male", Name: given}, "mother"},
		{"birth by the dead", Birth{Mother: "widow", Father: "deceased", Sex: "male", Name: given}, "dead"},
		{"birth by a man", Birth{Mother: "adult", Sex: "male", Name: given}, "act.sex"},
		{"birth by a child", Birth{Mother: "child", Sex: "male", Name: given}, "parents.older"},
		{"birth without sex", Birth{Mother: "compound-name", Name: given}, "sex"},
		{"birth without name", Birth{Mother: "compound-name", Sex: "male"}, "name.given"},
		{"birth tomorrow", Birth{Mother: "compound-name", Sex: "male", Name: given, Date: "2026-11-02"}, "not come yet"},
		{"birth on no day", Birth{Mother: "compound-name", Sex: "male", Name: given, Date: "2026-02-30"}, "YYYY-MM-DD"},
		{"death of nobody", Death{Person: "nobody"}, "nobody has this key"},
		{"death twice", Death{Person: "deceased"}, "dead"},
		{"death before birth", Death{Person: "child", Date: "2019-01-01"}, "life.order"},
		{"bigamy", Marriage{Husband: "adult", Wife: "single-mother"}, "married"},
		{"marriage with the dead", Marriage{Husband: "deceased", Wife: "single-mother"}, "husband"},
		{"marriage with nobody", Marriage{Husband: "baikonur", Wife: "nobody"}, "wife"},
		{"marriage of two women", Marriage{Husband: "widow", Wife: "single-mother"}, "act.sex"},
		{"marriage of a child", Marriage{Husband: "baikonur", Wife: "twin-girl"}, "spouse.age"},
		{"marriage of mother and son", Marriage{Husband: "missing", Wife: "widow"}, "spouse.kin"},
		{"move of nobody", Move{To: "astana-30-2"}, "somebody"},
		{"move to nowhere", Move{People: []string{"adult"}, To: "nowhere"}, "no such address"},
		{"move without address", Move{People: []string{"adult"}}, "where"},
		{"move to two addresses", Move{People: []string{"adult"}, To: "astana-30-2", Address: &fact.Location{}}, "where"},
		{"move to a wrong address", Move{People: []string{"adult"}, Address: &fact.Location{District: "0000", City: fact.Bilingual{Kk: "a", Ru: "a"}}}, "code.known"},
		{"move before the last one", Move{People: []string{"adult"}, To: "astana-30-2", Date: "2014-01-01"}, "date.order"},
		{"move of the dead", Move{People: []string{"adult", "deceased"}, To: "astana-30-2"}, "dead"},
		{"unknown group", DisabilityGranted{Person: "adult", Group: "IV"}, "code.known"},
		{"unknown cause", DisabilityGranted{Person: "adult", Group: "I", Cause: "luck"}, "code.known"},
		{"child's disability of an adult", DisabilityGranted{Person: "adult", Group: "child", Until: "2027-01-01"}, "disability.child"},
		{"ends before it begins", DisabilityGranted{Person: "adult", Group: "I", Until: "2026-01-01"}, "date.order"},
		{"disability of nobody", DisabilityGranted{Person: "nobody", Group: "I"}, "nobody"},
		{"percent", DisabilityGranted{Person: "adult", Group: "I", GeneralPercent: 101}, "loss.percent"},
		{"no disability to end", DisabilityExpired{Person: "adult"}, "no disability"},
		{"disability of nobody ends", DisabilityExpired{Person: "nobody"}, "nobody"},
		{"account of nobody", AccountClosed{IBAN: "KZ00"}, "nobody has this account"},
		{"closed account", AccountClosed{IBAN: iban}, "closed"},
		{"closed before it was opened", AccountClosed{IBAN: s.ByKey("adult").Accounts[0].IBAN, Date: "2000-01-01"}, "date.order"},
	} {
		_, err := s.Happen(tt.event, nil)
		var refused *Refused
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
		for _, one := range s.People() {
			if err != nil && one.IIN != "" && strings.Contains(err.Error(), one.IIN) {
				t.Errorf("%s: the text holds an IIN", tt.name)
			}
		}
	}
	if _, err := s.Happen(Death{Person: "adult"}, map[fact.Registry]time.Duration{fact.RegistryPerson: -1}); err == nil {
		t.Error("a negative lag is accepted")
	}
	if len(s.Events()) != 0 || s.Now() != before {
		t.Error("something changed")
	}
	var broken *rules.Error
	if _, err := s.Happen(Death{Person: "child", Date: "2019-01-01"}, nil); !errors.As(err, &broken) {
		t.Error("the broken rule does not come out")
	}
}

// TestLag: a registry learns of an event after its lag, and of what happened
// later not before.
func TestLag(t *testing.T) {
	t.Parallel()
	s, c := start(t)
	iin := s.ByKey("adult").IIN
	if _, err := s.Happen(Death{Person: "adult"}, map[fact.Registry]time.Duration{fact.RegistryAccount: 48 * time.Hour, fact.RegistryPerson: time.Hour}); err != nil {
		t.Fatal(err)
	}
	c.set(noon.Add(30 * time.Minute))
	s.happen(t, Move{People: []string{"compound-name"}, To: "astana-30-2"})
	wife := s.ByKey("compound-name").IIN
	known := func(r fact.Registry) (dead, moved bool) {
		v := s.View(r)
		res := v.Residences(wife)
		return v.Person(iin).Died != "", res[len(res)-1].At == "astana-30-2"
	}
	for _, tt := range []struct {
		after       time.Duration
		registry    fact.Registry
		dead, moved bool
	}{
		{30 * time.Minute, fact.RegistryCivil, true, true},
		{30 * time.Minute, fact.RegistryPerson, false, false},
		{59 * time.Minute, fact.RegistryPerson, false, false},
		{time.Hour, fact.RegistryPerson, true, true},
		{47 * time.Hour, fact.RegistryAccount, false, false},
		{48 * time.Hour, fact.RegistryAccount, true, true},
		{0, fact.RegistryAccount, false, false}, // the clock was set back
	} {
		c.set(noon.Add(tt.after))
		if dead, moved := known(tt.registry); dead != tt.dead || moved != tt.moved {
			t.Errorf("%s after %s: dead %v, moved %v", tt.registry, tt.after, dead, moved)
		}
	}
}

func TestUndo(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	base := s.Now()
	birth := s.happen(t, Birth{Mother: "compound-name", Sex: "male", Name: fact.Names{
		Kk: fact.Name{Given: "А"}, Ru: fact.Name{Given: "А"}, Latin: fact.Name{Given: "A"},
	}})
	people := s.People()
	child := people[len(people)-1].Key
	move := s.happen(t, Move{People: []string{child}, To: "astana-12-45"})
	death := s.happen(t, Death{Person: "widow"})
	if err := s.Undo(birth.ID); err == nil || len(s.Events()) != 3 {
		t.Errorf("the child that moved was never born: %v", err)
	}
	// What an event made keeps its name when an earlier event is undone.
	twin := s.happen(t, Birth{Mother: "compound-name", Sex: "female", Name: fact.Names{
		Kk: fact.Name{Given: "Б"}, Ru: fact.Name{Given: "Б"}, Latin: fact.Name{Given: "B"},
	}})
	people = s.People()
	born := *people[len(people)-1]
	if err := s.Undo(move.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.Undo(birth.ID); err != nil {
		t.Fatal(err)
	}
	if got := s.ByKey(born.Key); got == nil || got.IIN != born.IIN || got.Name != born.Name {
		t.Errorf("another child: %+v", got)
	}
	if err := s.Undo(twin.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.Undo(99); !errors.Is(err, ErrNoEvent) {
		t.Errorf("got %v", err)
	}
	if got := s.Events(); len(got) != 1 || got[0].ID != death.ID || s.ByKey(child) != nil || s.ByKey("widow").Died == "" {
		t.Errorf("%+v", got)
	}
	if again := s.happen(t, AccountClosed{IBAN: s.ByKey("adult").Accounts[0].IBAN}); again.ID <= death.ID {
		t.Error("a number is given twice")
	}
	s.Clear()
	if len(s.Events()) != 0 || s.Now() != base || s.ByKey("widow").Died != "" {
		t.Error("something is left")
	}
}

// TestGeneratedPeopleLiveToo: an event moves the family into the set, and the
// person is found once, in the new state.
func TestGeneratedPeopleLiveToo(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	wife := s.Now().GeneratedAt(0) // of a couple
	husband := s.ByKey(wife.Spouse)
	s.happen(t, Death{Person: husband.IIN})
	v := s.View(fact.RegistryPerson)
	if one := v.Individual(husband.IIN); one == nil || one.Died != today || one.DeathCertificate == nil || one.Registration == nil {
		t.Fatalf("%+v", one)
	}
	if s.ByIIN(wife.IIN).Spouse != "" || s.ByKey(wife.Key).Spouse != "" || s.Now().GeneratedAt(0).Spouse != "" {
		t.Error("the widow is married")
	}
	for _, d := range husband.Documents {
		if found := v.ByDocument(d.Number); len(found) != 1 || found[0].Died == "" {
			t.Errorf("%d found by document", len(found))
		}
	}
	if found := v.ByBirth(husband.Born, husband.Name.Kk); len(found) != 1 || found[0].Died == "" {
		t.Errorf("%d found by name and birth date", len(found))
	}
	if _, ok := s.View(fact.RegistryAccount).Account("KZ00990G000000000000"); ok {
		t.Error("an account of nobody is found")
	}
	var open string
	for i := range s.Now().Generated() {
		if one := s.Now().GeneratedAt(i); one.Died == "" && len(one.Accounts) > 0 && one.Accounts[0].Closed == "" && i > 10 {
			open = one.Accounts[0].IBAN
			break
		}
	}
	s.happen(t, AccountClosed{IBAN: open})
	if a, ok := s.View(fact.RegistryAccount).Account(open); !ok || a.Closed != today {
		t.Errorf("%+v", a.BankAccount)
	}
	s.Clear()
	if s.ByIIN(husband.IIN).Died != "" {
		t.Error("dead after all was undone")
	}
}

// TestAnyLives: whatever happens to whomever, in any order, invariants hold,
// nobody who is not concerned changes, and undoing everything one by one leads
// back.
func TestAnyLives(t *testing.T) {
	t.Parallel()
	base, _ := start(t)
	first := base.Now()
	var keys []string
	for _, one := range first.People() {
		keys = append(keys, one.Key)
	}
	keys = append(keys, "g0-0", "g0-1", "g6-1", "g11-1")
	var ibans []string
	for _, key := range keys {
		for _, a := range first.ByKey(key).Accounts {
			ibans = append(ibans, a.IBAN)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		c := &clock{now: noon}
		s := New(first, c.read)
		for range rapid.IntRange(1, 6).Draw(t, "events") {
			c.set(c.read().Add(time.Duration(rapid.IntRange(0, 1000).Draw(t, "hours")) * time.Hour))
			e := drawEvent(t, keys, ibans)
			if _, err := s.Happen(e, nil); err != nil {
				var refused *Refused
				if !errors.As(err, &refused) {
					t.Fatalf("%T: %v", e, err)
				}
			}
		}
		if err := rules.Check(s.Now().Facts()); err != nil {
			t.Fatal(err)
		}
		for _, r := range fact.Registries() {
			if s.View(r).Person(first.ByKey("child").IIN) == nil {
				t.Error("a child is lost")
			}
		}
		for _, h := range slices.Backward(s.Events()) {
			if err := s.Undo(h.ID); err != nil {
				t.Fatal(err)
			}
		}
		if s.Now() != first {
			t.Error("not back where it began")
		}
	})
	if !reflect.DeepEqual(first.Facts().People[0], base.Now().Facts().People[0]) {
		t.Error("the base has changed")
	}
}

func drawEvent(t *rapid.T, keys, ibans []string) Event {
	who := rapid.SampledFrom(keys)
	switch rapid.IntRange(0, 6).Draw(t, "kind") {
	case 0:
		return Birth{Mother: who.Draw(t, "mother"), Father: who.Draw(t, "father"), Sex: rapid.SampledFrom([]string{"male", "female"}).Draw(t, "sex"), Name: fact.Names{
			Kk: fact.Name{Given: "А"}, Ru: fact.Name{Given: "А"}, Latin: fact.Name{Given: "A"},
		}}
	case 1:
		return Death{Person: who.Draw(t, "person")}
	case 2:
		return Marriage{Husband: who.Draw(t, "husband"), Wife: who.Draw(t, "wife"), TakesSurname: rapid.Bool().Draw(t, "takes")}
	case 3:
		return Move{People: []string{who.Draw(t, "person")}, To: rapid.SampledFrom([]string{"astana-30-2", "almaty-55-8"}).Draw(t, "to")}
	case 4:
		return DisabilityGranted{Person: who.Draw(t, "person"), Group: rapid.SampledFrom([]string{"I", "II", "III"}).Draw(t, "group"), Until: rapid.SampledFrom([]fact.Date{"", "2040-01-01"}).Draw(t, "until")}
	case 5:
		return DisabilityExpired{Person: who.Draw(t, "person")}
	default:
		return AccountClosed{IBAN: rapid.SampledFrom(ibans).Draw(t, "iban")}
	}
}

// TestAtOneTime: registries look while lives go on. It is the race detector that
// judges here.
func TestAtOneTime(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	iin := s.ByKey("adult").IIN
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				if v := s.View(fact.RegistryPerson).Individual(iin); v == nil || v.Registration == nil {
					t.Error("lost on the way")
				}
			}
		})
	}
	for range 10 {
		h := s.happen(t, Move{People: []string{"adult"}, To: "astana-30-2"})
		if err := s.Undo(h.ID); err != nil {
			t.Error(err)
		}
	}
	wg.Wait()
}

func TestDecode(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ kind, fields, want string }{
		{"death", `{"person": "adult", "date": "2026-10-31"}`, ""},
		{"move", `{"people": ["adult"], "address": {"city": {"kk": "Астана", "ru": "Астана"}, "kato": "710000000"}}`, ""},
		{"birth", `{"mother": "a", "name": {"kk": {"given": "А"}}}`, ""},
		{"marriage", `{}`, ""},
		{"disability_granted", `{"general_percent": 30}`, ""},
		{"disability_expired", `{}`, ""},
		{"account_closed", `{}`, ""},
		{"death", `{"who": "adult"}`, "who"},
		{"death", `[]`, "fields"},
		{"move", `{"address": {"planet": "Mars"}}`, "planet"},
		{"wedding", `{}`, `"marriage"`},
		{"", `{}`, "one of"},
	} {
		e, err := Decode(tt.kind, []byte(tt.fields))
		switch {
		case tt.want == "" && (err != nil || e.Kind() != tt.kind):
			t.Errorf("%s %s: %v", tt.kind, tt.fields, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s %s: got %v, want %q", tt.kind, tt.fields, err, tt.want)
		}
	}
	if len(Kinds()) != 7 {
		t.Errorf("%v", Kinds())
	}
}

// FuzzDecode: whatever is decoded either happens, and then the invariants hold,
// or is refused and changes nothing.
func FuzzDecode(f *testing.F) {
	people, err := population.Load(noon)
	if err != nil {
		f.Fatal(err)
	}
	for _, kind := range Kinds() {
		f.Add(kind, []byte(`{"person": "adult", "date": "2026-10-31"}`))
	}
	f.Add("move", []byte(`{"people": ["adult", "adult"], "to": "astana-30-2", "until": "2020-01-01"}`))
	f.Add("birth", []byte(`{"mother": "widow", "sex": "male", "name": {"kk": {"surname": "Сынақ", "given": "А"}, "ru": {"surname": "Сынак", "given": "А"}, "latin": {"surname": "SYNAK", "given": "A"}}}`))
	f.Fuzz(func(t *testing.T, kind string, fields []byte) {
		e, err := Decode(kind, fields)
		if err != nil {
			return
		}
		s := New(people, func() time.Time { return noon })
		if _, err = s.Happen(e, nil); err != nil && s.Now() != people {
			t.Fatal("refused, and yet something changed")
		}
		if err := rules.Check(s.Now().Facts()); err != nil {
			t.Fatal(err)
		}
	})
}
