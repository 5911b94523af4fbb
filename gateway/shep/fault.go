package shep

import (
	"strings"

	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/soap"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// maxErrors bounds how deep subError is followed; deeper ones are left out.
const maxErrors = 8

// FaultError is a SOAP Fault as a cause for the log. Its texts are codes and
// redacted sentences: nothing of it identifies a person, and nothing of it is
// meant for a caller.
type FaultError struct {
	Code   string      // local part of faultcode
	Reason string      // faultstring
	Errors []ErrorInfo // detail, from the outside in; often empty
}

// ErrorInfo is one level of the Fault's detail (common/v10/Types ErrorInfo).
type ErrorInfo struct {
	Code    string // errorCode, as by soap.Token
	Message string // errorMessage, as by soap.Redact
}

// Error tells the Fault on one line.
func (e *FaultError) Error() string {
	var b strings.Builder
	b.WriteString("SOAP Fault ")
	b.WriteString(e.Code)
	if e.Reason != "" {
		b.WriteString(": " + e.Reason)
	}
	for _, info := range e.Errors {
		b.WriteString("; " + info.Code)
		if info.Message != "" {
			b.WriteString(" (" + info.Message + ")")
		}
	}
	return b.String()
}

// Blame decides what a SOAP Fault means. The first errorCode, from the outside
// in, that the profile's fault lists know decides; else faultcode does: Client
// means that ШЭП refused our message, anything else that it could not process
// it. The result is a *fault.Error whose cause is a *FaultError.
func (p *Profile) Blame(f soap.Fault) *fault.Error {
	cause := &FaultError{Code: f.Code, Reason: f.Reason, Errors: readErrors(f.Detail)}
	kind := fault.ShepFault
	if f.Side() == soap.Client {
		kind = fault.ShepRefused
	}
	for _, e := range cause.Errors {
		if class, listed := p.Faults.class(e.Code); listed {
			kind = class.Kind()
			break
		}
	}
	return fault.Wrap(kind, "read answer", cause)
}

// readErrors reads the chain of ErrorInfo below detail. The element around it
// is named SendMessageFault1_SendMessageFault by the contract, but it is found
// by position: what it is called changes nothing.
func readErrors(detail xmltext.Node) []ErrorInfo {
	var out []ErrorInfo
	for n := detail.First(); !n.IsZero() && len(out) < maxErrors; n = n.ChildNamed("subError") {
		code, message := n.ChildNamed("errorCode"), n.ChildNamed("errorMessage")
		if code.IsZero() && message.IsZero() {
			break
		}
		out = append(out, ErrorInfo{soap.Token(code.Text()), soap.Redact(message.Text())})
	}
	return out
}
