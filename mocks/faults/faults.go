// Package faults is the closed catalogue of what can go wrong between a gateway
// and ШЭП.
//
// A fault has an id, one line of documentation and one implementation: some of
// the stages that an answer passes (see shep.Stages). It is armed by id for a
// service and a number of calls, counts its hits, and is cleared. Nothing here
// is random: an armed fault strikes every message that passed the checks of the
// end point. A message that did not pass is refused and counts no hit.
//
// Where a real signature is possible it is made. A fault of the registry or of
// the payload is signed honestly inside and out, so that only a gateway that
// looks at the content can notice it.
package faults

import (
	"github.com/kopir-kz/kopir/mocks/shep"
)

// Group says on which layer a fault lies.
type Group string

// The groups, in the order of the catalogue.
const (
	Signature Group = "signature" // who signed what
	Message   Group = "message"   // ids, dates, status, Fault, media type
	Transport Group = "transport" // connection and HTTP
	Payload   Group = "payload"   // XML and the registry's contract
	Registry  Group = "registry"  // what the registry says
	Timing    Group = "timing"    // how long it takes
)

// Fault is one entry of the catalogue.
type Fault struct {
	ID    string `json:"id"`
	Group Group  `json:"group"`
	Doc   string `json:"doc"` // what the caller gets, one line

	Stages shep.Stages `json:"-"`
}

// Faults lists the catalogue. The order is stable and ids never change their
// meaning.
func Faults() []Fault {
	var all []Fault
	for _, g := range []struct {
		group  Group
		faults []Fault
	}{
		{Signature, append(signatureFaults(), wrappingFaults()...)},
		{Message, messageFaults()},
		{Transport, transportFaults()},
		{Payload, append(xmlFaults(), driftFaults()...)},
		{Registry, registryFaults()},
		{Timing, timingFaults()},
	} {
		for _, f := range g.faults {
			f.Group = g.group
			all = append(all, f)
		}
	}
	return all
}

// Find looks a fault up by its id.
func Find(id string) (Fault, bool) {
	for _, f := range Faults() {
		if f.ID == id {
			return f, true
		}
	}
	return Fault{}, false
}

// Short forms: most faults have one stage.
func onMessage(id, doc string, do func(*shep.Message)) Fault {
	return Fault{ID: id, Doc: doc, Stages: shep.Stages{Message: do}}
}

func onSigning(id, doc string, do func(*shep.Signing)) Fault {
	return Fault{ID: id, Doc: doc, Stages: shep.Stages{Sign: do}}
}

func onBytes(id, doc string, do func(*shep.Signed) error) Fault {
	return Fault{ID: id, Doc: doc, Stages: shep.Stages{Signed: do}}
}

func onResponse(id, doc string, do func(*shep.Response)) Fault {
	return Fault{ID: id, Doc: doc, Stages: shep.Stages{Respond: do}}
}
