package gbdfl

import (
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/ident"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

const (
	readAnswer = "read answer of GBDFL"
	// processed is the one public code of messageResult. The channel has
	// judged the code by the service profile before; here it only tells an
	// answer without persons from an error.
	processed = "00000"
)

// Answer is one Response of the registry.
type Answer struct {
	codes gateway.Codes
	space string // namespace of the root
	err   error  // the first broken rule
}

// Open reads the frame of an answer and gives a Reader for each person in it;
// none is "not found". It holds that
//
//   - requestId repeats our messageId, where the registry fills it;
//   - a question by IIN is answered by that person, and by one alone;
//   - every person has an IIN, and no two have the same;
//   - an answer without persons says that it is one, by its code, and holds
//     nothing that could be persons under another name.
func Open(p gateway.Payload, m gateway.Meta, iin string, codes gateway.Codes) (*Answer, []*Reader, error) {
	root := frame(p.Root)
	if root.IsZero() {
		return nil, nil, fault.New(fault.ContractViolation, readAnswer, "the payload is no Response: messageResult is missing")
	}
	a := &Answer{codes: codes, space: root.Space()}
	r := &Reader{node: root, name: "Response", answer: a}
	if id := r.Text("requestId"); id != "" && id != m.MessageID {
		return nil, nil, fault.New(fault.AnswerMismatch, readAnswer, "requestId is not our messageId")
	}
	code := ""
	if result := r.Sub("messageResult"); result != nil {
		code = result.Required("code")
	} else {
		r.fail("messageResult", "is missing")
	}
	var persons []*Reader
	for person := range r.Each("persons", "person") {
		persons = append(persons, person)
	}
	if len(persons) == 0 {
		r.holdEmpty(code)
	}
	if err := checkSubjects(persons, iin); a.err == nil {
		a.err = err
	}
	return a, persons, a.err
}

// Err is the first rule that the answer broke while it was read.
func (a *Answer) Err() error { return a.err }

// frame finds the element with the registry's answer: the payload's root, or an
// only child (beside a signature) where the channel gave <data> itself, or a
// wrapper of the newer declarations.
func frame(root xmltext.Node) xmltext.Node {
	const wrappers = 2
	n := root
	for range wrappers + 1 {
		if !n.ChildNamed("messageResult").IsZero() {
			return n
		}
		var only xmltext.Node
		for c := n.First(); !c.IsZero(); c = c.NextElement() {
			if isSignature(c) {
				continue
			}
			if !only.IsZero() {
				return xmltext.Node{}
			}
			only = c
		}
		n = only
	}
	return xmltext.Node{}
}

func isSignature(n xmltext.Node) bool {
	return n.Is("http://www.w3.org/2000/09/xmldsig#", "Signature")
}

// holdEmpty holds that an answer without persons means "not found".
func (r *Reader) holdEmpty(code string) {
	if r.answer.err != nil {
		return
	}
	if code != processed {
		r.answer.err = fault.New(fault.RegistryFault, readAnswer, "messageResult reports an error")
		return
	}
	for c := r.node.First(); !c.IsZero(); c = c.NextElement() {
		if ofFrame(c.Local()) || isSignature(c) || c.First().IsZero() {
			continue
		}
		r.fail("", "has no persons, but a structure that the contract does not know")
	}
}

// ofFrame tells whether a child of Response is one that the contract knows.
func ofFrame(local string) bool {
	switch local {
	case "messageId", "messageDate", "requestId", "sender", "receiver", "messageResult", "persons":
		return true
	}
	return false
}

// checkSubjects holds the persons of an answer against the IIN asked about
// (threat T14); iin is "" in the other searches.
func checkSubjects(persons []*Reader, iin string) error {
	if iin != "" && len(persons) > 1 {
		return fault.New(fault.ContractViolation, readAnswer, "more than one person for one IIN")
	}
	seen := make(map[string]bool, len(persons))
	for _, p := range persons {
		s := p.Required("iin")
		switch _, err := ident.ParseIIN(s, ident.TestStand); {
		case s == "":
			return p.answer.err
		case iin != "" && s != iin:
			return fault.New(fault.AnswerMismatch, readAnswer, "the answer is about another IIN")
		case err != nil:
			p.fail("iin", "breaks a rule of the number")
			return p.answer.err
		case seen[s]:
			return fault.New(fault.ContractViolation, readAnswer, "the same IIN twice")
		}
		seen[s] = true
	}
	return nil
}
