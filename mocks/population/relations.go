package population

import (
	"slices"

	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// Act is a civil act with everybody in it.
type Act struct {
	*fact.Act
	Event        fact.Date // day of the birth, death, marriage and so on; Act.Event may leave it open
	Participants []Participant
}

// Participant is somebody in an act.
type Participant struct {
	Role   fact.Role
	Person *fact.Person // nil for somebody who is known by name alone
	Born   fact.Date
	Before fact.Names // the name before the act
	After  fact.Names // the name after it, the same where the act changes none
}

// IIN is that of the participant, "" where it is not known.
func (p *Participant) IIN() string {
	if p.Person == nil {
		return ""
	}
	return p.Person.IIN
}

// Acts lists the acts in which a person takes part in any role, in the order of
// registration. Acts of other states are not in the civil registry.
func (v *View) Acts(iin string) []Act {
	c, one := v.find(iin)
	if one == nil {
		return nil
	}
	return c.explain(c.acts[one.Key])
}

// ActsByNumber finds acts by their number, which is unique in an office only.
func (v *View) ActsByNumber(number string) []Act {
	found := v.here.explain(v.here.numbers[number])
	if g := v.p.generated; g != nil {
		if f, ok := g.ByAct(number); ok && !v.p.settled[f] {
			c := index(g.Family(f))
			found = append(found, c.explain(c.numbers[number])...)
		}
	}
	return found
}

// ActsOf lists the acts about people without an IIN, found by name and birth
// date, such as a birth before the IIN is given. Letter case counts.
func (v *View) ActsOf(name fact.Name, born fact.Date) []Act {
	var found []Act
	for _, one := range v.here.set.People {
		if one.IIN == "" && one.Born == born && one.Name.Kk == name {
			found = append(found, v.here.explain(v.here.acts[one.Key])...)
		}
	}
	return found
}

// explain names everybody in acts that the civil registry keeps.
func (c *community) explain(acts []*fact.Act) []Act {
	var all []Act
	for _, a := range acts {
		if a.Kept() {
			all = append(all, c.act(a))
		}
	}
	return all
}

func (c *community) act(a *fact.Act) Act {
	out := Act{Act: a, Event: a.Happened()}
	for _, who := range a.Participants {
		p := Participant{Role: who.Role, Born: who.Born}
		if one := c.byKey[who.Person]; one != nil {
			p.Person, p.Born = one, one.Born
			p.Before, p.After = c.name(one, a, true).Over(who.Recorded), c.name(one, a, false).Over(who.Recorded)
			if a.Kind == fact.Birth && who.Role == fact.Child {
				out.Event, p.Before = one.Born, p.After
			}
			if a.Kind == fact.Death {
				out.Event = one.Died
			}
		} else if who.Name != nil {
			p.Before = *who.Name
			p.After = p.Before.Over(who.Recorded)
		}
		out.Participants = append(out.Participants, p)
	}
	return out
}

// Account is a bank account with its bank and its holder.
type Account struct {
	fact.BankAccount
	Bank   *fact.Entity
	Holder *fact.Person
}

// Account finds an account by its IBAN; false if there is none.
func (v *View) Account(iban string) (Account, bool) {
	c, holder := v.here, v.here.byIBAN[iban]
	if g := v.p.generated; holder == nil && g != nil {
		if f, member, ok := g.ByIBAN(iban); ok {
			c, holder = v.member(f, member)
		}
	}
	if holder == nil {
		return Account{}, false
	}
	at := slices.IndexFunc(holder.Accounts, func(a fact.BankAccount) bool { return a.IBAN == iban })
	return c.account(holder, holder.Accounts[at]), true
}

// Accounts lists the accounts of a person, open and closed.
func (v *View) Accounts(iin string) []Account {
	c, one := v.find(iin)
	if one == nil {
		return nil
	}
	var all []Account
	for _, a := range one.Accounts {
		all = append(all, c.account(one, a))
	}
	return all
}

func (c *community) account(holder *fact.Person, a fact.BankAccount) Account {
	return Account{a, c.set.Entities[a.Bank], holder}
}

// Care is a guardianship with everybody in it.
type Care struct {
	*fact.Guardianship
	Ward      *fact.Person
	Guardians []*fact.Person
	Authority *fact.Entity
}

// Guardianships lists the decisions in which a person is the ward or one of the
// guardians, in force or ended.
func (v *View) Guardianships(iin string) []Care {
	c, one := v.find(iin)
	if one == nil {
		return nil
	}
	var all []Care
	for _, g := range c.set.Guardianships {
		if g.Ward != one.Key && !slices.Contains(g.Guardians, one.Key) {
			continue
		}
		care := Care{Guardianship: g, Ward: c.byKey[g.Ward], Authority: c.set.Entities[g.Authority]}
		for _, key := range g.Guardians {
			care.Guardians = append(care.Guardians, c.byKey[key])
		}
		all = append(all, care)
	}
	return all
}

// Award is a benefit or pension with the authority that assigned it.
type Award struct {
	fact.Award
	Recipient *fact.Person
	For       *fact.Person // the child or the breadwinner; the recipient where it is nobody else
	Authority *fact.Entity
}

// Awards lists what is and was assigned to a person.
func (v *View) Awards(iin string) []Award {
	c, one := v.find(iin)
	if one == nil {
		return nil
	}
	var all []Award
	for _, a := range one.Awards {
		award := Award{a, one, one, c.set.Entities[a.Authority]}
		if a.For != "" {
			award.For = c.byKey[a.For]
		}
		all = append(all, award)
	}
	return all
}

// Organisation is an entity with its address and its head.
type Organisation struct {
	*fact.Entity
	Key     string
	Address *fact.Location
	Head    *fact.Person // nil for somebody outside the population
}

// Organisation finds a legal entity by its BIN; false if there is none.
func (v *View) Organisation(bin string) (Organisation, bool) {
	set := v.here.set
	for _, key := range sortedKeys(set.Entities) {
		if e := set.Entities[key]; e.BIN == bin {
			return Organisation{e, key, set.Locations[e.Location], v.here.byKey[e.Head]}, true
		}
	}
	return Organisation{}, false
}

// Entity finds an organisation by the key that jobs, contributions and
// registrations of the unemployed have; nil if there is none.
func (v *View) Entity(key string) *fact.Entity { return v.here.set.Entities[key] }
