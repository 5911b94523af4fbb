package population

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// community is a set of facts with its indexes: all people of the files, or one
// generated family.
type community struct {
	set        *fact.Set
	byKey      map[string]*fact.Person
	byIIN      map[string]*fact.Person
	byFormer   map[string]*fact.Person
	byDocument map[string][]*fact.Person
	byIBAN     map[string]*fact.Person
	acts       map[string][]*fact.Act // by key of the participant, in the order of registration
	numbers    map[string][]*fact.Act // by number
}

func index(set *fact.Set) *community {
	c := &community{
		set:   set,
		byKey: map[string]*fact.Person{}, byIIN: map[string]*fact.Person{}, byFormer: map[string]*fact.Person{},
		byDocument: map[string][]*fact.Person{}, byIBAN: map[string]*fact.Person{},
		acts: map[string][]*fact.Act{}, numbers: map[string][]*fact.Act{},
	}
	for _, one := range set.People {
		c.person(one)
	}
	for _, a := range set.Acts {
		c.numbers[a.Number] = append(c.numbers[a.Number], a)
		for _, who := range a.Participants {
			if who.Person != "" {
				c.acts[who.Person] = append(c.acts[who.Person], a)
			}
		}
	}
	for _, acts := range c.acts {
		slices.SortStableFunc(acts, func(a, b *fact.Act) int { return cmp.Compare(a.Registered, b.Registered) })
	}
	return c
}

func (c *community) person(one *fact.Person) {
	c.byKey[one.Key] = one
	if one.IIN != "" {
		c.byIIN[one.IIN] = one
	}
	for _, f := range one.Former {
		c.byFormer[f.IIN] = one
	}
	for _, d := range one.Documents {
		if !slices.Contains(c.byDocument[d.Number], one) {
			c.byDocument[d.Number] = append(c.byDocument[d.Number], one)
		}
	}
	for _, a := range one.Accounts {
		c.byIBAN[a.IBAN] = one
	}
}

// asHeldBy is the set as one registry holds it; nil if nobody declares a
// difference there.
func asHeldBy(r fact.Registry, set *fact.Set) (*community, error) {
	held := *set
	held.People = slices.Clone(set.People)
	hidden := map[*fact.Act]bool{}
	changed := false
	for i, one := range set.People {
		for _, d := range one.Differences {
			if d.Registry != r {
				continue
			}
			changed = true
			as, err := differing(held.People[i], d)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", one.Key, r, err)
			}
			held.People[i] = as
			for _, a := range set.Acts {
				if p := a.Of(one.Key); p != nil && slices.Contains(d.WithoutActs, a.Kind) && (p.Role == fact.Subject || p.Role == fact.Child) {
					hidden[a] = true
				}
			}
		}
	}
	if !changed {
		return nil, nil
	}
	held.Acts = slices.DeleteFunc(slices.Clone(set.Acts), func(a *fact.Act) bool { return hidden[a] })
	return index(&held), nil
}

// differing is a person with the fields that a difference has in place of the
// truth.
func differing(one *fact.Person, d fact.Difference) (*fact.Person, error) {
	text, err := yaml.Marshal(d.As)
	if err != nil {
		return nil, err
	}
	as := one.Clone()
	if len(d.As) == 0 {
		return as, nil
	}
	strict := yaml.NewDecoder(bytes.NewReader(text))
	strict.KnownFields(true)
	return as, strict.Decode(as)
}

// name is the name a person bore after an act, or just before it. It follows
// from the present name: every later act says which parts of it are new.
func (c *community) name(one *fact.Person, at *fact.Act, before bool) fact.Names {
	name := one.Name
	acts := c.acts[one.Key]
	for _, a := range slices.Backward(acts) {
		if a == at && !before {
			break
		}
		if who := a.Of(one.Key); who != nil {
			name = name.Over(who.Before)
		}
		if a == at {
			break
		}
	}
	return name
}
