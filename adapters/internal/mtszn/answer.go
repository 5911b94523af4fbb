package mtszn

import (
	"iter"
	"strings"

	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// processed is the one value of systemInfo/Status that means success, and it is
// ours. The channel has judged the value by the service profile before; here it
// only tells an answer without records from an error.
const processed = "SUCCESS"

// Answer is the frame of an answer.
type Answer struct {
	IIN  string          // asked about
	Data *payload.Reader // responseData; nil if it says nothing

	root   *payload.Reader
	status string
}

// Open reads the frame of an answer to the question that q and m made. A ChainId
// is that of the question, where the registry fills it.
func Open(q gateway.Query, m gateway.Meta, p gateway.Payload, codes gateway.Codes) (*Answer, error) {
	iin, err := Subject(q, readAnswer)
	if err != nil {
		return nil, err
	}
	n := payload.Frame(p.Root, isFrame)
	if n.IsZero() {
		return nil, fault.New(fault.ContractViolation, readAnswer, "the payload is no answer: responseData is missing")
	}
	a := &Answer{IIN: iin, root: payload.Read(&contract, n, "Response", codes)}
	if info := a.root.Sub("systemInfo"); info != nil {
		if chain := info.Text("ChainId"); chain != "" && chain != m.CorrelationID {
			return nil, fault.New(fault.AnswerMismatch, readAnswer, "ChainId is not that of our question")
		}
		a.status = info.Text("Status")
	}
	a.Data = a.root.Sub("responseData")
	return a, a.root.Err()
}

func isFrame(n xmltext.Node) bool {
	return !n.ChildNamed("responseData").IsZero() || !n.ChildNamed("systemInfo").IsZero()
}

// Err is the first rule that the answer broke while it was read.
func (a *Answer) Err() error { return a.root.Err() }

// Records gives the elements name of responseData that say anything. One that says
// only what the contract does not know is a broken rule: it could be a record with
// other names, and would pass for one with nothing in it.
func (a *Answer) Records(name string, known func(local string) bool) iter.Seq[*payload.Reader] {
	return func(yield func(*payload.Reader) bool) {
		if a.Data == nil {
			return
		}
		for r := range a.Data.All(name) {
			if r.Blank() {
				continue
			}
			if !holdsAny(r.Node(), known) {
				r.Fail("", "holds nothing that the contract knows")
				return
			}
			if !yield(r) {
				return
			}
		}
	}
}

func holdsAny(n xmltext.Node, known func(string) bool) bool {
	for c := n.First(); !c.IsZero(); c = c.NextElement() {
		if known(c.Local()) {
			return true
		}
	}
	return false
}

// Empty holds that an answer in which no records were read means "not found": it
// reports no error, has responseData, and holds no structure, other than elements
// named in known, that could be records under another name.
func (a *Answer) Empty(known ...string) error {
	if err := a.Err(); err != nil {
		return err
	}
	if a.status != "" && !strings.EqualFold(a.status, processed) {
		return fault.New(fault.RegistryFault, readAnswer, "systemInfo/Status reports an error")
	}
	data := a.root.Node().ChildNamed("responseData")
	if data.IsZero() {
		a.root.Fail("responseData", "is missing")
		return a.Err()
	}
	holdNoStructure(a.root, a.root.Node(), "systemInfo", "responseData")
	holdNoStructure(a.root, data, known...)
	return a.Err()
}

func holdNoStructure(r *payload.Reader, n xmltext.Node, known ...string) {
next:
	for c := n.First(); !c.IsZero(); c = c.NextElement() {
		for _, name := range known {
			if c.Local() == name {
				continue next
			}
		}
		if !c.First().IsZero() && !payload.IsSignature(c) {
			r.Fail("", "has no records, but a structure that the contract does not know")
			return
		}
	}
}
