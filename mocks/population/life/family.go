package life

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kopir-kz/kopir/gateway/ident"
	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// Birth is a child that is born, and registered today. Its IIN has one of
// the serials set aside for events.
type Birth struct {
	Mother string `json:"mother,omitempty"` // key or IIN
	Father string `json:"father,omitempty"` // key or IIN; "" for none in the act
	Sex    string `json:"sex,omitempty"`    // "male" or "female"
	// Name needs the given name in its three spellings. A surname that is
	// missing is the father's, or the mother's where no father is named.
	Name fact.Names `json:"name"`
	Date fact.Date  `json:"date,omitempty"` // of birth; default today
}

// Kind is "birth".
func (Birth) Kind() string { return "birth" }

func (b Birth) apply(d *draft) error {
	on, err := d.day(b.Date)
	if err != nil {
		return err
	}
	mother, err := d.find(b.Mother)
	if err != nil {
		return fmt.Errorf("mother: %w", err)
	}
	child := &fact.Person{
		Key: fmt.Sprintf("born-%d", d.id), Family: mother.Family, Name: b.Name, Born: on, LifeStatus: "0",
		Nationality: mother.Nationality, Citizenship: mother.Citizenship, Parents: []string{mother.Key}, BirthPlace: birthPlace(d, mother, d.today),
	}
	who := []fact.Participant{{Role: fact.Child, Person: child.Key}, {Role: fact.Mother, Person: mother.Key}}
	named := mother
	if b.Father != "" {
		if named, err = d.find(b.Father); err != nil {
			return fmt.Errorf("father: %w", err)
		}
		child.Parents = append(child.Parents, named.Key)
		who = append(who, fact.Participant{Role: fact.Father, Person: named.Key})
	}
	switch b.Sex {
	case "male":
		child.Sex = "1"
	case "female":
		child.Sex = "2"
	default:
		return errors.New(`the sex is "male" or "female"`)
	}
	family := surname(named.Name, child.Sex)
	child.Name = family.Over(&b.Name)
	if child.IIN = freeIIN(d, child); child.IIN == "" {
		return errors.New("no number is left for this day")
	}
	d.Set.People = append(d.Set.People, child)
	d.record(fact.Birth, d.today, who...)
	return nil
}

// The serials set aside for people born in the course of the world.
const firstSerial, serials = 910, 90

// freeIIN gives a number that nobody has, from the serial of the event on; ""
// when the day has none left.
func freeIIN(d *draft, child *fact.Person) string {
	t, err := child.Born.Time()
	if err != nil {
		return ""
	}
	sex := map[string]ident.Sex{"1": ident.Male, "2": ident.Female}[child.Sex]
	for n := range serials {
		n, err := ident.SyntheticIIN(t.Year(), t.Month(), t.Day(), sex, firstSerial+(d.id+n)%serials)
		if err != nil || slices.Contains(d.Set.Nobody, n.Reveal()) {
			continue
		}
		if !slices.ContainsFunc(d.Set.People, func(one *fact.Person) bool { return one.IIN == n.Reveal() }) {
			return n.Reveal()
		}
	}
	return ""
}

// birthPlace is where the mother lives, or else where she was born.
func birthPlace(d *draft, mother *fact.Person, on fact.Date) fact.Place {
	for _, r := range slices.Backward(mother.Residences) {
		if l := d.Set.Locations[r.At]; l != nil && r.Current(on) {
			return fact.Place{Country: l.Country, District: l.District, Region: l.Region, City: l.City.Kk}
		}
	}
	return mother.BirthPlace
}

// surname gives the surnames of n alone, in the form for a sex: a woman's has
// an ending more where a man's ends in -в.
func surname(n fact.Names, sex string) fact.Names {
	form := func(s, v, a string) string {
		man := strings.TrimSuffix(s, a)
		switch {
		case !strings.HasSuffix(man, v):
			return s
		case sex == "2":
			return man + a
		}
		return man
	}
	return fact.Names{
		Kk:    fact.Name{Surname: form(n.Kk.Surname, "в", "а")},
		Ru:    fact.Name{Surname: form(n.Ru.Surname, "в", "а")},
		Latin: fact.Name{Surname: form(n.Latin.Surname, "V", "A")},
	}
}

// Marriage of a man and a woman, registered on its day.
type Marriage struct {
	Husband      string    `json:"husband,omitempty"` // key or IIN
	Wife         string    `json:"wife,omitempty"`
	TakesSurname bool      `json:"takes_surname,omitempty"` // the wife takes the husband's
	Date         fact.Date `json:"date,omitempty"`          // default today
}

// Kind is "marriage".
func (Marriage) Kind() string { return "marriage" }

func (m Marriage) apply(d *draft) error {
	on, err := d.day(m.Date)
	if err != nil {
		return err
	}
	husband, err := d.find(m.Husband)
	if err != nil {
		return fmt.Errorf("husband: %w", err)
	}
	wife, err := d.find(m.Wife)
	if err != nil {
		return fmt.Errorf("wife: %w", err)
	}
	if husband.Spouse != "" || wife.Spouse != "" {
		return errors.New("one of them is married")
	}
	husband.Spouse, wife.Spouse = wife.Key, husband.Key
	bride := fact.Participant{Role: fact.Wife, Person: wife.Key}
	if m.TakesSurname {
		n := wife.Name
		old := fact.Names{Kk: fact.Name{Surname: n.Kk.Surname}, Ru: fact.Name{Surname: n.Ru.Surname}, Latin: fact.Name{Surname: n.Latin.Surname}}
		bride.Before = &old
		for i := range wife.Documents { // they keep the name they were issued in
			if wife.Documents[i].Surname == "" {
				wife.Documents[i].Surname = old.Kk.Surname
			}
		}
		taken := surname(husband.Name, "2")
		wife.Name = wife.Name.Over(&taken)
	}
	d.record(fact.Marriage, on, fact.Participant{Role: fact.Husband, Person: husband.Key}, bride)
	return nil
}

// Death of a person, registered today. It ends what ends with a life: the
// marriage, the validity of documents, registrations, accounts, disability,
// benefits, work, guardianships.
type Death struct {
	Person string    `json:"person,omitempty"` // key or IIN
	Date   fact.Date `json:"date,omitempty"`   // default today
}

// Kind is "death".
func (Death) Kind() string { return "death" }

func (e Death) apply(d *draft) error {
	on, err := d.day(e.Date)
	if err != nil {
		return err
	}
	one, err := d.find(e.Person)
	if err != nil {
		return err
	}
	if s := d.Person(one.Spouse); s != nil {
		s.Spouse, one.Spouse = "", ""
	}
	one.Died, one.LifeStatus = on, "1"
	one.Excluded = &fact.Excluded{Reason: "1", ReasonDate: on, Date: d.today, Participant: "1"}
	for i := range one.Documents {
		if p := &one.Documents[i]; p.Status == "00" {
			p.Status, p.InvalidityDate, p.End = "18", d.today, max(p.Begin, on)
		}
	}
	one.Residences = slices.DeleteFunc(one.Residences, func(r fact.Residence) bool { return r.Begin > d.today })
	for i := range one.Residences {
		if r := &one.Residences[i]; r.End == "" || r.End > d.today {
			r.End, r.Reason = d.today, "3"
		}
	}
	for i := range one.Accounts {
		if a := &one.Accounts[i]; a.Closed == "" {
			a.Closed = d.today
		}
	}
	endMeans(one, on)
	for _, g := range d.Set.Guardianships {
		if g.End == "" && (g.Ward == one.Key || slices.Contains(g.Guardians, one.Key)) {
			g.End, g.EndNumber = on, g.Number+"/end"
		}
	}
	d.record(fact.Death, d.today, fact.Participant{Role: fact.Subject, Person: one.Key})
	return nil
}

// endMeans ends findings, benefits, work and business on a day.
func endMeans(one *fact.Person, on fact.Date) {
	end := func(d *fact.Date) {
		if *d == "" || *d > on {
			*d = on
		}
	}
	for i := range one.Disabilities {
		endDisability(&one.Disabilities[i], on)
	}
	for i := range one.CapacityLosses {
		end(&one.CapacityLosses[i].End)
	}
	for i := range one.Statuses {
		end(&one.Statuses[i].End)
	}
	for i := range one.Awards {
		if a := &one.Awards[i]; a.End == "" || a.End > on {
			a.End, a.State = on, "ended"
		}
	}
	for i := range one.Jobs {
		end(&one.Jobs[i].End)
	}
	for i := range one.Unemployment {
		end(&one.Unemployment[i].Removed)
	}
	for i := range one.Businesses {
		end(&one.Businesses[i].Ended)
	}
}

// endDisability ends one on a day, unless it ended before.
func endDisability(v *fact.Disability, on fact.Date) {
	if v.End != "" && v.End <= on {
		return
	}
	v.End, v.Reassessment = on, on
	if p := v.Programme; p != nil && (p.End == "" || p.End > on) {
		p.End = max(p.Begin, on)
	}
}
