// Package rules holds the invariants of the population: what must be true of
// each person, of each act, and between people, whoever wrote the facts down: a
// file, a generator or an event in the course of the world.
//
// Rules never look at the clock: what holds today holds tomorrow.
package rules

import (
	"errors"
	"slices"
	"time"

	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// Error is one broken invariant.
type Error struct {
	Rule string // stable id, e.g. "spouse.mutual"
	Key  string // of the person, or of the act, entity or address; "" for the set as a whole
	Text string // the rule in English
}

// Error names person and rule.
func (e *Error) Error() string {
	if e.Key == "" {
		return e.Rule + ": " + e.Text
	}
	return e.Rule + ": " + e.Key + ": " + e.Text
}

// Check holds a set against every invariant. What is broken comes joined, each
// as an *Error.
func Check(set *fact.Set) error {
	c := &checker{set: set, people: map[string]*fact.Person{}, acts: map[string][]*fact.Act{}}
	for _, one := range set.People {
		c.people[one.Key] = one
	}
	for _, a := range set.Acts {
		for _, who := range a.Participants {
			if who.Person != "" {
				c.acts[who.Person] = append(c.acts[who.Person], a)
			}
		}
	}
	c.whole()
	for _, one := range set.People {
		c.one, c.key = one, one.Key
		c.person()
	}
	c.one = nil
	for _, a := range set.Acts {
		c.key = string(a.Kind) + " " + a.Number
		c.act(a)
	}
	for _, g := range set.Guardianships {
		c.key = "guardianship " + g.Number
		c.guardianship(g)
	}
	return errors.Join(c.errs...)
}

// checker collects what is wrong with the fact at hand.
type checker struct {
	set    *fact.Set
	people map[string]*fact.Person
	acts   map[string][]*fact.Act // by key of the participant

	one  *fact.Person // at hand; nil while no person is
	key  string
	errs []error
}

// must records a broken rule unless ok.
func (c *checker) must(ok bool, rule, text string) {
	if !ok {
		c.errs = append(c.errs, &Error{rule, c.key, text})
	}
}

// person checks all about the person at hand.
func (c *checker) person() {
	c.identity()
	c.name()
	c.life()
	c.family()
	c.documents()
	c.residences()
	c.decisions()
	c.disabilities()
	c.accounts()
	c.means()
	c.differences()
}

func (c *checker) code(dictionary, code string, required bool) {
	if code == "" {
		c.must(!required, "code.present", dictionary+": a code is missing")
		return
	}
	_, ok := c.set.Dictionaries[dictionary][code]
	c.must(ok, "code.known", dictionary+": a code is not in the dictionary")
}

func (c *checker) date(d fact.Date, required bool) {
	if d == "" {
		c.must(!required, "date.present", "a date is missing")
		return
	}
	_, err := d.Time()
	c.must(err == nil, "date.form", "a date is written YYYY-MM-DD, or relative to $today")
}

func (c *checker) moment(t string, required bool) {
	_, err := time.Parse(time.RFC3339, t)
	c.must(t == "" && !required || err == nil, "date.form", "a moment is written with offset (RFC 3339)")
}

// span checks two dates of which either may be missing.
func (c *checker) span(begin, end fact.Date) {
	c.date(begin, false)
	c.date(end, false)
	c.must(begin == "" || end == "" || begin <= end, "date.order", "an end before its begin")
}

func (c *checker) bilingual(b fact.Bilingual) {
	c.must((b.Kk == "") == (b.Ru == ""), "text.languages", "a text exists in Kazakh and in Russian or not at all")
}

// entity finds an organisation of one of some kinds.
func (c *checker) entity(key, rule string, kinds ...fact.EntityKind) *fact.Entity {
	e := c.set.Entities[key]
	c.must(e != nil && slices.Contains(kinds, e.Kind), rule, "the organisation is not in the population, or of another kind")
	return e
}
