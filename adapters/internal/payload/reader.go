// Package payload is what adapters read answers and write requests with: the
// children of an element by name, texts, dates, codes, lists, and the rules that
// hold for all of them.
//
// Answers are read tolerantly where live ones are known to differ (order, extra
// elements, namespaces, empty lists, xsi:nil, dates with a time) and strictly where
// a wrong reading would become a wrong fact about a person: an element that is
// read once and stands there twice, a date that is none, a required element
// that is missing. What is refused is a fault.ContractViolation that names the
// path in the contract and the rule, never a value. Where one part in doubt need
// not cost the whole fact, the reader leaves it out and says why (Doubts).
package payload

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

// Contract is what all answers of a registry have in common.
type Contract struct {
	Registry string // short name, for errors
	// Ours tells whether an element of the namespace space can be of the
	// contract in an answer whose root has the namespace root. If nil, it must
	// be that namespace or none.
	Ours func(space, root string) bool
	// Code names the children of a dictionary value.
	Code CodeForm
}

// CodeForm names the children of a dictionary value; a name that is empty is not
// looked for.
type CodeForm struct{ Code, KK, RU, Changed string }

// Reader reads the children of one element by name, in any order. The first
// broken rule sticks to the whole answer (see Err); after it, values are zero.
type Reader struct {
	node   xmltext.Node
	name   string // in the contract
	parent *Reader
	answer *answer
}

// answer is what all readers of one answer share.
type answer struct {
	contract *Contract
	codes    gateway.Codes
	space    string // namespace of the root
	err      error  // the first broken rule
}

// Read begins to read an answer at its root, which the contract calls name.
func Read(c *Contract, root xmltext.Node, name string, codes gateway.Codes) *Reader {
	return &Reader{node: root, name: name, answer: &answer{contract: c, codes: codes, space: root.Space()}}
}

// Err is the first rule that the answer broke while it was read.
func (r *Reader) Err() error { return r.answer.err }

// Node is the element itself.
func (r *Reader) Node() xmltext.Node { return r.node }

// Fail records a broken rule of the child name ("" for the element itself). The
// rule goes on the path: "is missing". It must not hold a value.
func (r *Reader) Fail(name, rule string) {
	if r.answer.err != nil {
		return
	}
	path := name
	for p := r; p != nil; p = p.parent {
		path = p.name + "/" + path
	}
	r.answer.err = fault.New(fault.ContractViolation, "read answer of "+r.answer.contract.Registry, strings.TrimSuffix(path, "/")+" "+rule)
}

// ours tells whether an element can be of the contract.
func (r *Reader) ours(n xmltext.Node) bool {
	if f := r.answer.contract.Ours; f != nil {
		return f(n.Space(), r.answer.space)
	}
	return n.Space() == "" || n.Space() == r.answer.space
}

// child is the child element of that name, zero if there is none or if it is
// nil (xsi:nil). Two of them are a broken rule: whichever were read, the other
// would be the truth for somebody.
func (r *Reader) child(name string) xmltext.Node {
	var found xmltext.Node
	for c := r.node.First(); !c.IsZero(); c = c.NextElement() {
		if c.Local() != name || !r.ours(c) {
			continue
		}
		if !found.IsZero() {
			r.Fail(name, "stands there twice")
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
		r.Fail(name, "is missing")
	}
}

// Blank tells that the element says nothing: no characters at any depth.
func (r *Reader) Blank() bool { return blank(r.node) }

// HoldKnown holds that every child is one of the contract's, as known tells;
// elements of foreign namespaces do not count. why is the rule that makes an
// unknown one a refusal here: in general it is ignored.
func (r *Reader) HoldKnown(known func(local string) bool, why string) {
	for c := r.node.First(); !c.IsZero(); c = c.NextElement() {
		if r.ours(c) && !known(c.Local()) {
			r.Fail("", why)
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
			if l.Local() != list || !r.ours(l) {
				continue
			}
			within := &Reader{node: l, name: list, parent: r, answer: r.answer}
			items := 0
			for n := l.First(); !n.IsZero(); n = n.NextElement() {
				if n.Local() != item || !r.ours(n) {
					continue
				}
				items++
				if !yield(&Reader{node: n, name: item, parent: within, answer: r.answer}) {
					return
				}
			}
			if items == 0 && !blank(l) {
				within.Fail("", "holds something else than "+item)
			}
		}
	}
}

// All reads a list without an element around it: every child of that name.
func (r *Reader) All(item string) iter.Seq[*Reader] {
	return func(yield func(*Reader) bool) {
		for n := r.node.First(); !n.IsZero(); n = n.NextElement() {
			if n.Local() == item && r.ours(n) && !n.Nil() && !yield(&Reader{node: n, name: item, parent: r, answer: r.answer}) {
				return
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
		r.Fail(name, "is missing")
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
	d, ok := parseDate(s)
	if !ok {
		r.Fail(name, "is not a date")
	}
	return d
}

// RequiredDate is Date; none breaks the contract.
func (r *Reader) RequiredDate(name string) gateway.Date {
	r.Required(name)
	return r.Date(name)
}

// Time is a child of the type xsd:dateTime; zero if there is none.
func (r *Reader) Time(name string) time.Time {
	s := r.Text(name)
	if s == "" {
		return time.Time{}
	}
	t, ok := parseTime(s)
	if !ok {
		r.Fail(name, "is not a date and time")
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
	r.Fail(name, "is neither true nor false")
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
	return d.Itself(list)
}

// Itself is the element as a dictionary value; see Code.
func (r *Reader) Itself(list string) gateway.Code {
	form := &r.answer.contract.Code
	c := gateway.Code{Code: r.Text(form.Code), KK: r.Text(form.KK), RU: r.Text(form.RU)}
	if form.Changed != "" {
		c.ChangedAt = r.Time(form.Changed)
	}
	if c.Code == "" {
		r.Fail(form.Code, "is missing")
		return gateway.Code{}
	}
	return r.known(c, list)
}

// RequiredCode is Code; none breaks the contract.
func (r *Reader) RequiredCode(name, list string) gateway.Code {
	c := r.Code(name, list)
	if c.Code == "" {
		r.Fail(name, "is missing")
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

// PairCode is a dictionary value of registries that send code and texts side by
// side, each in an element of its own; code is "" where they send texts alone.
// Zero if there is none of them.
func (r *Reader) PairCode(code, kk, ru, list string) gateway.Code {
	c := gateway.Code{KK: r.Text(kk), RU: r.Text(ru)}
	if code != "" {
		c.Code = r.Text(code)
	}
	if c.Code == "" {
		return c // texts without a code are known to nobody
	}
	return r.known(c, list)
}

// Pair is a text in Kazakh and in Russian, each in an element of its own.
func (r *Reader) Pair(kk, ru string) gateway.LocalText {
	return gateway.LocalText{KK: r.Text(kk), RU: r.Text(ru)}
}

// Known is a code that our own list gives the texts of, for registries that send
// none.
func (r *Reader) Known(code, list string) gateway.Code {
	return r.known(gateway.Code{Code: code}, list)
}

func (r *Reader) known(c gateway.Code, list string) gateway.Code {
	texts, ok := r.answer.codes.Lookup(list, c.Code)
	c.Known, c.EN = ok, texts.EN
	if c.KK == "" {
		c.KK = texts.KK
	}
	if c.RU == "" {
		c.RU = texts.RU
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
