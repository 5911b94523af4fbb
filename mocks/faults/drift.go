package faults

import (
	"slices"

	"github.com/beevik/etree"

	"github.com/kopir-kz/kopir/mocks/shep"
)

// StrangerIIN is a right synthetic IIN of nobody: the wrong person's.
const StrangerIIN = "995231309018"

// driftFaults change what the registry says about a person. All of them are
// signed inside and out. An answer without persons stays as it is.
func driftFaults() []Fault { return append(schemaFaults(), contentFaults()...) }

// people are the elements of a person in the contracts: of ГБД ФЛ the first, of
// civil acts the others.
var people = [...]string{ //nolint:gochecknoglobals // a constant table
	"person", "child", "mother", "father", "deceased", "husband", "wife", "adoptiveMother", "adoptiveFather",
}

func onPerson(id, doc string, do func(*etree.Element)) Fault {
	return onMessage("payload-"+id, doc, func(m *shep.Message) {
		for _, name := range people {
			each(m.Data, name, do)
		}
	})
}

// schemaFaults break the contract of the registry.
func schemaFaults() []Fault {
	return []Fault{
		onPerson("new-element", "every person has an element bloodGroup that no contract knows", func(p *etree.Element) {
			p.CreateElement("bloodGroup").SetText("1")
		}),
		onPerson("missing-element", "the required birthDate is missing", func(p *etree.Element) { remove(p, "birthDate") }),
		onPerson("reordered", "gender stands in front of all other elements of the person", func(p *etree.Element) {
			if e := p.SelectElement("gender"); e != nil {
				p.InsertChildAt(0, e)
			}
		}),
		onPerson("renamed", "surname is called lastName", func(p *etree.Element) {
			for _, e := range p.SelectElements("surname") {
				e.Tag = "lastName"
			}
		}),
		onPerson("unknown-code", "gender has the code 7, which no dictionary knows", func(p *etree.Element) {
			if e := p.FindElement("gender/code"); e != nil {
				e.SetText("7")
			}
		}),
	}
}

// contentFaults keep the contract and surprise all the same.
func contentFaults() []Fault {
	return []Fault{
		onPerson("empty-lists", "documents and addresses are there and empty", func(p *etree.Element) {
			for _, name := range []string{"documents", "addresses"} {
				remove(p, name)
				p.CreateElement(name)
			}
		}),
		onMessage("payload-two-persons", "two different people with one IIN", func(m *shep.Message) {
			each(m.Data, "persons", func(all *etree.Element) {
				second := all.SelectElement("person").Copy()
				setText(second, "name", "Екінші")
				all.AddChild(second)
			})
		}),
		onMessage("payload-wrong-person", "the record of somebody else: another IIN and surname than asked for", func(m *shep.Message) {
			for _, name := range people {
				each(m.Data, name, func(p *etree.Element) {
					setText(p, "iin", StrangerIIN)
					setText(p, "surname", "Сынақбөтен")
				})
			}
			for _, name := range []string{"req_iin", "child_iin"} { // of guardianships, which have no element for a person
				each(m.Data, name, func(e *etree.Element) { e.SetText(StrangerIIN) })
			}
		}),
		onPerson("duplicate-documents", "every document is listed twice", func(p *etree.Element) {
			if all := p.SelectElement("documents"); all != nil {
				for _, d := range all.SelectElements("document") {
					all.AddChild(d.Copy())
				}
			}
		}),
		onPerson("nil-dates", "change dates and ends of validity are xsi:nil", func(p *etree.Element) {
			for _, name := range []string{"changeDate", "endDate"} {
				for _, e := range p.FindElements(".//" + name) {
					e.Child = nil
					e.Attr = nil
					e.CreateAttr("xsi:nil", "true")
				}
			}
		}),
		onPerson("city-dash", `the city of every address is "-"`, func(p *etree.Element) {
			for _, e := range p.FindElements(".//city") {
				e.SetText("-")
			}
		}),
	}
}

// each calls do for every element of that name, at any depth.
func each(root *etree.Element, name string, do func(*etree.Element)) {
	if root == nil {
		return
	}
	for _, e := range root.FindElements(".//" + name) {
		do(e)
	}
}

// setText changes the text of a child that is there.
func setText(parent *etree.Element, name, text string) {
	if parent == nil {
		return
	}
	if e := parent.SelectElement(name); e != nil {
		e.SetText(text)
	}
}

func remove(parent *etree.Element, names ...string) {
	for _, e := range parent.ChildElements() {
		if slices.Contains(names, e.Tag) {
			parent.RemoveChild(e)
		}
	}
}
