// Package consistency compares what several registries say about the same thing:
// names, birth dates, deaths, accounts and ages. It decides nothing. A finding
// says which facts were compared and whether they agree, and holds no value.
//
// People are joined by IIN alone. A record without one (a child in a table of
// addresses, a guardian known by name) is joined only where the question itself
// named the person; nobody is recognised by a name.
//
// The reference for a person is the registry of individuals, if its answer is
// there, otherwise the first record that names the person. Every other record is
// compared with it, so that the work grows with the number of records and not with
// its square.
package consistency

import (
	"time"

	"github.com/kopir-kz/kopir/gateway"
)

// Answer is the facts of one registry.
type Answer struct {
	Query    gateway.Query // what was asked; it tells whom a record without an IIN is about
	Facts    gateway.Facts
	Registry string    // that answered
	At       time.Time // when it answered; the day that ages and terms are counted to
	Pointer  string    // RFC 6901 pointer to the body of the answer, e.g. "/results/0/answer"
}

// Check compares the facts of all answers, and gives what it compared in the
// order of the answers. The same answers give the same findings.
func Check(answers ...Answer) []gateway.Finding {
	c := &checker{people: map[string]*person{}}
	for _, a := range answers {
		c.read(a)
	}
	for _, iin := range c.order {
		p := c.people[iin]
		c.names(iin, p)
		c.births(p)
		c.number(iin, p)
		c.deaths(p)
	}
	c.accounts()
	c.ages()
	return c.findings
}

// checker is one run of Check.
type checker struct {
	people   map[string]*person // by IIN
	order    []string           // of their first mention
	acts     []act
	checked  []account
	disabled []disability
	wards    []guardianship
	findings []gateway.Finding
}

// ref is a fact and whose record it is.
type ref struct{ pointer, registry string }

// at is a part of the fact.
func (r ref) at(part string) ref { return ref{r.pointer + part, r.registry} }

// find records the outcome of a comparison.
func (c *checker) find(rule Rule, level gateway.FindingLevel, facts ...ref) {
	f := gateway.Finding{Rule: string(rule), Level: level, Text: texts[rule][level], Facts: make([]gateway.FactRef, 0, len(facts))}
	for _, r := range facts {
		f.Facts = append(f.Facts, gateway.FactRef{Pointer: r.pointer, Registry: r.registry})
	}
	c.findings = append(c.findings, f)
}

// agree is ok or otherwise.
func agree(ok bool, otherwise gateway.FindingLevel) gateway.FindingLevel {
	if ok {
		return gateway.FindingLevelOk
	}
	return otherwise
}
