package civilregistry

import (
	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// processed is the messageResult of an answer that nothing is wrong with. The
// channel has judged the code by the service profile before; here it only tells
// an answer without acts from an error.
const processed = "00000"

// open reads the frame of an answer: requestId must repeat our messageId where
// the registry fills it, and there must be a result, whose code is given.
func (a *Adapter) open(p gateway.Payload, m gateway.Meta) (r *payload.Reader, code string, err error) {
	if p.Root.IsZero() {
		return nil, "", fault.New(fault.ContractViolation, readAnswer, "there is no payload")
	}
	r = payload.Read(&contract, p.Root, "Response", a.codes)
	if id := r.Text("requestId"); id != "" && id != m.MessageID {
		return nil, "", fault.New(fault.AnswerMismatch, readAnswer, "requestId is not our messageId")
	}
	if result := r.Sub("messageResult"); result != nil {
		code = result.Required("code")
	} else {
		r.Fail("messageResult", "is missing")
	}
	return r, code, r.Err()
}

// holdEmpty holds that an answer without acts means "not found": its code says
// so, and nothing in it could be acts under another name.
func holdEmpty(r *payload.Reader, code string) error {
	if code != processed {
		return fault.New(fault.RegistryFault, readAnswer, "messageResult reports an error")
	}
	for c := range r.Node().Elements() {
		if !ofFrame(c) && !c.First().IsZero() {
			r.Fail("", "has no acts, but a structure that the contract does not know")
		}
	}
	return r.Err()
}

// ofFrame tells whether a child of Response is one that the contract knows.
func ofFrame(n xmltext.Node) bool {
	switch n.Local() {
	case "messageId", "messageDate", "requestId", "messageResult", "acts":
		return true
	}
	return n.Is("http://www.w3.org/2000/09/xmldsig#", "Signature")
}
