// Package population is the one set of people that every mock registry shows.
//
// The people live in the files of package people, and exist only there. Each is
// listed for one property that a gateway has to survive, such as a missing
// patronymic or a document listed twice. Behind them may stand any number of
// generated people (see [Generate]), who are computed when they are asked for.
//
// What depends on the clock, such as an act five days old or a birthday
// tomorrow, is resolved when the population is loaded. From then on the people
// stay as they are, also when the clock of the world is set.
//
// Loading checks every invariant (see package rules): what the registries say
// about one person, and what two persons say about each other, agrees by
// construction. A registry sees the population through a [View]: a projection of
// the same facts, which adds nothing of its own and differs only where the
// population declares it.
package population

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"time"

	"github.com/kopir-kz/kopir/mocks/population/fact"
	"github.com/kopir-kz/kopir/mocks/population/generator"
	"github.com/kopir-kz/kopir/mocks/population/people"
	"github.com/kopir-kz/kopir/mocks/population/rules"
)

// Population is a checked set of people. It is read-only and safe for
// concurrent use.
type Population struct {
	set   *fact.Set
	truth *community
	seen  map[fact.Registry]*community // where a registry holds something else

	generated *generator.Population // nil for none
	settled   map[int]bool          // generated families that are in the set instead
}

// Load reads the people that are built into the binary, as of a moment.
func Load(now time.Time) (*Population, error) { return Parse(people.Built(), now) }

// Parse reads the files of a folder as one population, as of a moment (see
// package people), and checks every invariant, and that every property is shown
// by somebody. Broken invariants come joined, each as a *rules.Error that names
// the rule and the key of the person.
func Parse(files fs.FS, now time.Time) (*Population, error) {
	set, err := people.Read(files, now)
	if err != nil {
		return nil, err
	}
	p, err := build(set)
	if err := errors.Join(err, rules.Covered(set)); err != nil {
		return nil, err
	}
	return p, nil
}

// build checks and indexes a set. What a registry holds instead must be
// consistent in itself too.
func build(set *fact.Set) (*Population, error) {
	if err := rules.Check(set); err != nil {
		return nil, err
	}
	p := &Population{set: set, truth: index(set), seen: map[fact.Registry]*community{}}
	for _, r := range fact.Registries() {
		as, err := asHeldBy(r, set)
		switch {
		case err != nil:
			return nil, err
		case as == nil:
			continue
		}
		if err := rules.Check(as.set); err != nil {
			return nil, fmt.Errorf("as %s holds it: %w", r, err)
		}
		p.seen[r] = as
	}
	return p, nil
}

// Generate makes a population of n people that are computed from a seed and
// take no memory of their own; the same seed gives the same people. Dictionaries
// and organisations are those of the files.
func Generate(seed uint64, n int) (*Population, error) {
	common, err := Commons()
	if err != nil {
		return nil, err
	}
	p, err := build(common)
	if err != nil {
		return nil, err
	}
	return p.WithGenerated(seed, n)
}

// Commons is what generated people share with those of the files: dictionaries,
// organisations and their addresses.
func Commons() (*fact.Set, error) {
	p, err := Load(time.Time{}) // nothing here depends on the clock
	if err != nil {
		return nil, err
	}
	c := &fact.Set{Dictionaries: p.set.Dictionaries, Entities: map[string]*fact.Entity{}, Locations: p.set.Locations}
	for key, e := range p.set.Entities {
		headless := *e
		headless.Head = "" // one of the people of the files
		c.Entities[key] = &headless
	}
	return c, nil
}

// WithGenerated puts n generated people behind those of p, whose own identifiers
// they never share.
func (p *Population) WithGenerated(seed uint64, n int) (*Population, error) {
	g, err := generator.New(seed, n, p.set)
	if err != nil {
		return nil, err
	}
	both := *p
	both.generated, both.settled = g, nil
	return &both, nil
}

// Generated is how many people are generated, also those whom an event has
// moved into the set.
func (p *Population) Generated() int {
	if p.generated == nil {
		return 0
	}
	return p.generated.Len()
}

// GeneratedAt gives a generated person by number, from 0 to Generated()-1; nil
// beyond.
func (p *Population) GeneratedAt(i int) *fact.Person {
	if i < 0 || i >= p.Generated() {
		return nil
	}
	f, member := p.generated.Member(i)
	return p.ByKey(generator.Key(f, member))
}

// Facts are all but those about generated people. They are shared and must not
// be changed; see [Population.Draft] for that.
func (p *Population) Facts() *fact.Set { return p.set }

// People lists everybody but the generated people, in the order of the files.
func (p *Population) People() []*fact.Person { return slices.Clone(p.set.People) }

// Properties lists what people can exist for.
func (p *Population) Properties() []fact.Property { return slices.Clone(p.set.Properties) }

// Property looks up what a person exists for.
func (p *Population) Property(id string) (fact.Property, bool) {
	for _, known := range p.set.Properties {
		if known.ID == id {
			return known, true
		}
	}
	return fact.Property{}, false
}

// Families lists the families of the files.
func (p *Population) Families() []fact.Family { return slices.Clone(p.set.Families) }

// Entry looks up a code in a dictionary, e.g. Entry("gender", "2").
func (p *Population) Entry(dictionary, code string) (fact.Entry, bool) {
	e, ok := p.set.Dictionaries[dictionary][code]
	return e, ok
}

// Codes lists the codes of a dictionary in ascending order.
func (p *Population) Codes(dictionary string) []string {
	return sortedKeys(p.set.Dictionaries[dictionary])
}

// Dictionaries lists the names of the dictionaries in ascending order.
func (p *Population) Dictionaries() []string { return sortedKeys(p.set.Dictionaries) }

// NotFound lists right IINs that belong to nobody here.
func (p *Population) NotFound() []string { return slices.Clone(p.set.Nobody) }

// ByKey finds a person by its key, such as "adult"; nil if there is none.
func (p *Population) ByKey(key string) *fact.Person {
	if one := p.truth.byKey[key]; one != nil {
		return one
	}
	if p.generated == nil {
		return nil
	}
	f, member, ok := p.generated.ByKey(key)
	if !ok || p.settled[f] {
		return nil
	}
	return p.generated.Family(f).People[member]
}

// ByIIN finds a person by the present IIN; nil if there is none.
func (p *Population) ByIIN(iin string) *fact.Person { return p.View("").Person(iin) }

// Views is where a registry finds its view of the people: a population, or one
// in which lives go on. A mock registry holds a Views and takes its view anew for
// every question, for what it knows changes; all that belongs to one answer comes
// from one view.
type Views interface {
	View(r fact.Registry) *View
}

// View is the population as a registry sees it; "" sees the truth.
func (p *Population) View(r fact.Registry) *View {
	v := &View{p: p, registry: r, here: p.truth}
	if as := p.seen[r]; as != nil {
		v.here = as
	}
	return v
}

// sortedKeys lists the keys of a map in ascending order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
