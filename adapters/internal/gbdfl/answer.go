package gbdfl

import (
	"github.com/kopir-kz/kopir/adapters/internal/payload"
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

// Open reads the frame of an answer and gives a Reader for each person in it;
// none is "not found". It holds that
//
//   - requestId repeats our messageId, where the registry fills it;
//   - a question by IIN is answered by that person, and by one alone;
//   - every person has an IIN, and no two have the same;
//   - an answer without persons says that it is one, by its code, and holds
//     nothing that could be persons under another name.
func Open(p gateway.Payload, m gateway.Meta, iin string, codes gateway.Codes) ([]*payload.Reader, error) {
	root := payload.Frame(p.Root, isFrame)
	if root.IsZero() {
		return nil, fault.New(fault.ContractViolation, readAnswer, "the payload is no Response: messageResult is missing")
	}
	r := payload.Read(&contract, root, "Response", codes)
	if id := r.Text("requestId"); id != "" && id != m.MessageID {
		return nil, fault.New(fault.AnswerMismatch, readAnswer, "requestId is not our messageId")
	}
	code := ""
	if result := r.Sub("messageResult"); result != nil {
		code = result.Required("code")
	} else {
		r.Fail("messageResult", "is missing")
	}
	var persons []*payload.Reader
	for person := range r.Each("persons", "person") {
		persons = append(persons, person)
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	if len(persons) == 0 {
		return nil, holdEmpty(r, code)
	}
	return persons, checkSubjects(persons, iin)
}

// isFrame tells the element with the registry's answer.
func isFrame(n xmltext.Node) bool { return !n.ChildNamed("messageResult").IsZero() }

// holdEmpty holds that an answer without persons means "not found".
func holdEmpty(r *payload.Reader, code string) error {
	if code != processed {
		return fault.New(fault.RegistryFault, readAnswer, "messageResult reports an error")
	}
	for c := range r.Node().Elements() {
		if ofFrame(c.Local()) || payload.IsSignature(c) || c.First().IsZero() {
			continue
		}
		r.Fail("", "has no persons, but a structure that the contract does not know")
	}
	return r.Err()
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
func checkSubjects(persons []*payload.Reader, iin string) error {
	if iin != "" && len(persons) > 1 {
		return fault.New(fault.ContractViolation, readAnswer, "more than one person for one IIN")
	}
	seen := make(map[string]bool, len(persons))
	for _, p := range persons {
		s := p.Required("iin")
		switch _, err := ident.ParseIIN(s, ident.TestStand); {
		case s == "":
			return p.Err()
		case iin != "" && s != iin:
			return fault.New(fault.AnswerMismatch, readAnswer, "the answer is about another IIN")
		case err != nil:
			p.Fail("iin", "breaks a rule of the number")
			return p.Err()
		case seen[s]:
			return fault.New(fault.ContractViolation, readAnswer, "the same IIN twice")
		}
		seen[s] = true
	}
	return nil
}
