package gbdfl

import (
	"iter"
	"strings"
	"time"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// trim removes white space of XML around a text; strings.Trim would build its
// set of characters for every value.
func trim(s string) string {
	for s != "" && isWhite(s[0]) {
		s = s[1:]
	}
	for s != "" && isWhite(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

func isWhite(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// Reader reads the children of one element by name, in any order. The first
// broken rule sticks to the whole answer (see Answer.Err); after it, values are
// zero. Rules are told with the path of contract names, never with a value.
type Reader struct {
	node   xmltext.Node
	name   string // in the contract
	parent *Reader
	answer *Answer
}

// fail records a broken rule of the child name ("" for the element itself).
func (r *Reader) fail(name, rule string) {
	if r.answer.err != nil {
		return
	}
	path := name
	for p := r; p != nil; p = p.parent {
		path = p.name + "/" + path
	}
	r.answer.err = fault.New(fault.ContractViolation, "read answer of GBDFL", strings.TrimSuffix(path, "/")+" "+rule)
}

// child is the child element of that name, zero if there is none or if it is
// nil (xsi:nil). Two of them are a broken rule: whichever were read, the other
// would be the truth for somebody.
func (r *Reader) child(name string) xmltext.Node {
	var found xmltext.Node
	for c := r.node.First(); !c.IsZero(); c = c.NextElement() {
		if c.Local() != name || !ours(c.Space(), r.answer.space) {
			continue
		}
		if !found.IsZero() {
			r.fail(name, "stands there twice")
			return xmltext.Node{}
		}
		found = c
	}
	if !found.IsZero() && found.Nil() {
		return xmltext.Node{}
	}
	return found
}

// MustHave holds that there is such a child, be it empty.
func (r *Reader) MustHave(name string) {
	if r.child(name).IsZero() {
		r.fail(name, "is missing")
	}
}

// Blank tells that the element says nothing: no characters at any depth.
func (r *Reader) Blank() bool { return blank(r.node) }

// HoldKnown holds that every child is one of the contract's, as known tells;
// elements of foreign namespaces do not count. why is the rule that makes an
// unknown one a refusal here: in general it is ignored.
func (r *Reader) HoldKnown(known func(local string) bool, why string) {
	for c := r.node.First(); !c.IsZero(); c = c.NextElement() {
		if ours(c.Space(), r.answer.space) && !known(c.Local()) {
			r.fail("", why)
			return
		}
	}
}

// Sub reads a structure. It is nil if the structure is absent or says nothing.
func (r *Reader) Sub(name string) *Reader {
	n := r.child(name)
	if blank(n) {
		return nil
	}
	return &Reader{node: n, name: name, parent: r, answer: r.answer}
}

// Each reads a list: the elements item of the element list. The list may be
// absent, empty or split over several elements; one that holds elements, but no
// item, breaks the contract, for it would pass for an empty one.
func (r *Reader) Each(list, item string) iter.Seq[*Reader] {
	return func(yield func(*Reader) bool) {
		for l := r.node.First(); !l.IsZero(); l = l.NextElement() {
			if l.Local() != list || !ours(l.Space(), r.answer.space) {
				continue
			}
			within := &Reader{node: l, name: list, parent: r, answer: r.answer}
			items := 0
			for n := l.First(); !n.IsZero(); n = n.NextElement() {
				if n.Local() != item || !ours(n.Space(), r.answer.space) {
					continue
				}
				items++
				if !yield(&Reader{node: n, name: item, parent: within, answer: r.answer}) {
					return
				}
			}
			if items == 0 && !blank(l) {
				within.fail("", "holds something else than "+item)
			}
		}
	}
}

// Text is the text of a child without surrounding white space, "" if there is
// none.
func (r *Reader) Text(name string) string { return trim(r.child(name).Text()) }

// Required is Text; "" breaks the contract.
func (r *Reader) Required(name string) string {
	s := r.Text(name)
	if s == "" {
		r.fail(name, "is missing")
	}
	return s
}

// Part is Text for a part of an address, where a bare hyphen means none.
func (r *Reader) Part(name string) string {
	if s := r.Text(name); s != "-" {
		return s
	}
	return ""
}

// Date is a child of the type xsd:date; "" if there is none.
func (r *Reader) Date(name string) gateway.Date {
	s := r.Text(name)
	if s == "" {
		return ""
	}
	return r.date(name, s)
}

// RequiredDate is Date; none breaks the contract.
func (r *Reader) RequiredDate(name string) gateway.Date {
	s := r.Required(name)
	if s == "" {
		return ""
	}
	return r.date(name, s)
}

func (r *Reader) date(name, s string) gateway.Date {
	d, ok := parseDate(s)
	if !ok {
		r.fail(name, "is not a date")
	}
	return d
}

// Time is a child of the type xsd:dateTime; zero if there is none.
func (r *Reader) Time(name string) time.Time {
	s := r.Text(name)
	if s == "" {
		return time.Time{}
	}
	t, ok := parseTime(s)
	if !ok {
		r.fail(name, "is not a date and time")
	}
	return t
}

// Bool is a child of the type xsd:boolean; false if there is none.
func (r *Reader) Bool(name string) bool {
	switch r.Text(name) {
	case "true", "1":
		return true
	case "", "false", "0":
		return false
	}
	r.fail(name, "is neither true nor false")
	return false
}

// Code is a dictionary value: the code and the texts as sent. Texts that were
// not sent come from our list. A code that our list does not have is kept and
// marked as unknown. Zero if there is none; texts without a code break the
// contract.
func (r *Reader) Code(name, list string) gateway.Code {
	n := r.child(name)
	if blank(n) {
		return gateway.Code{}
	}
	d := Reader{node: n, name: name, parent: r, answer: r.answer}
	c := gateway.Code{Code: d.Text("code"), KK: d.Text("nameKz"), RU: d.Text("nameRu"), ChangedAt: d.Time("changeDate")}
	if c.Code == "" {
		d.fail("code", "is missing")
		return gateway.Code{}
	}
	return r.known(c, list)
}

// RequiredCode is Code; none breaks the contract.
func (r *Reader) RequiredCode(name, list string) gateway.Code {
	c := r.Code(name, list)
	if c.Code == "" {
		r.fail(name, "is missing")
	}
	return c
}

// CodeOrText is Code for the few elements whose type the public record does not
// show: plain text is taken for the code.
func (r *Reader) CodeOrText(name, list string) gateway.Code {
	if n := r.child(name); n.First().IsZero() {
		if s := trim(n.Text()); s != "" {
			return r.known(gateway.Code{Code: s}, list)
		}
	}
	return r.Code(name, list)
}

func (r *Reader) known(c gateway.Code, list string) gateway.Code {
	kk, ru, ok := r.answer.codes.Lookup(list, c.Code)
	c.Known = ok
	if c.KK == "" {
		c.KK = kk
	}
	if c.RU == "" {
		c.RU = ru
	}
	return c
}

// blank tells that an element holds no characters at any depth.
func blank(n xmltext.Node) bool {
	if n.IsZero() {
		return true
	}
	if trim(n.Text()) != "" {
		return false
	}
	for c := n.First(); !c.IsZero(); c = c.NextElement() {
		if !blank(c) {
			return false
		}
	}
	return true
}
