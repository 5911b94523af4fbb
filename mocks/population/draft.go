package population

import (
	"maps"
	"slices"

	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// Draft is a population that is being changed. It is used by one goroutine, and
// becomes a population of its own by [Draft.Done].
type Draft struct {
	// Set holds the facts; they may be changed at will until Done.
	Set *fact.Set

	from    *Population
	settled map[int]bool
}

// Draft copies the population to be changed; p itself stays as it is.
func (p *Population) Draft() *Draft {
	settled := maps.Clone(p.settled)
	if settled == nil {
		settled = map[int]bool{}
	}
	return &Draft{Set: p.set.Clone(), from: p, settled: settled}
}

// Person finds a person by key or IIN; nil if there is none. A generated person
// moves into the set with the whole family, for facts about people stand
// together.
func (d *Draft) Person(id string) *fact.Person {
	if one := d.among(id); one != nil {
		return one
	}
	g := d.from.generated
	if g == nil {
		return nil
	}
	family, _, ok := g.ByKey(id)
	if !ok {
		family, _, ok = g.ByIIN(id)
	}
	if !ok || d.settled[family] {
		return nil
	}
	d.settle(g.Family(family), family)
	return d.among(id)
}

// Account finds the holder of an account and the account; nil if there is none.
func (d *Draft) Account(iban string) (*fact.Person, *fact.BankAccount) {
	if g := d.from.generated; g != nil {
		if family, _, ok := g.ByIBAN(iban); ok && !d.settled[family] {
			d.settle(g.Family(family), family)
		}
	}
	for _, one := range d.Set.People {
		for i := range one.Accounts {
			if one.Accounts[i].IBAN == iban {
				return one, &one.Accounts[i]
			}
		}
	}
	return nil, nil
}

func (d *Draft) among(id string) *fact.Person {
	at := slices.IndexFunc(d.Set.People, func(one *fact.Person) bool { return id != "" && (one.Key == id || one.IIN == id) })
	if at < 0 {
		return nil
	}
	return d.Set.People[at]
}

// settle moves a generated family into the set. Its addresses get keys that are
// the family's own.
func (d *Draft) settle(family *fact.Set, number int) {
	d.settled[number] = true
	prefix := family.People[0].Key + "/"
	for key, l := range family.Locations {
		d.Set.Locations[prefix+key] = l
	}
	for _, one := range family.People {
		for i := range one.Residences {
			one.Residences[i].At = prefix + one.Residences[i].At
		}
	}
	d.Set.People = append(d.Set.People, family.People...)
	d.Set.Acts = append(d.Set.Acts, family.Acts...)
	d.Set.Guardianships = append(d.Set.Guardianships, family.Guardianships...)
}

// Done checks every invariant and makes the draft a population. The draft must
// not be changed afterwards. Broken invariants come joined, each as a
// *rules.Error.
func (d *Draft) Done() (*Population, error) {
	p, err := build(d.Set)
	if err != nil {
		return nil, err
	}
	p.generated, p.settled = d.from.generated, d.settled
	return p, nil
}
