package shep

import (
	"time"

	"github.com/beevik/etree"

	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// Registry answers the questions of one service. Implementations must be safe
// for concurrent use.
type Registry interface {
	// Answer reads the payload, which is the root of the registry's request,
	// and returns the root of its answer. A payload that breaks the registry's
	// contract gives a *Refusal; any other error is a defect of the mock.
	Answer(q Ask) (Reply, error)
}

// Ask is one question to a registry.
type Ask struct {
	ServiceID    string
	Payload      xmltext.Node // root of the registry's request
	Space, Local string       // its name, or its xsi:type if it has one
	Now          time.Time
}

// Reply is what a registry says.
type Reply struct {
	RequestID string // id inside the payload, "" if the contract has none
	Status    Status
	Data      *etree.Element // root of the answer, detached; nil for none
	Fault     string         // id of a fault that strikes this answer, for the people made for it; "" for none
}

// Refusal says which check a message did not pass. The texts never hold
// personal data: expected and got are rules, names, ids, times and subjects.
type Refusal struct {
	Check    Check
	Expected string
	Got      string
}

// Error is what the caller is told: in the offline world a refusal explains
// itself.
func (r *Refusal) Error() string {
	return "mock: check " + string(r.Check) + ": expected " + r.Expected + "; got " + r.Got
}
