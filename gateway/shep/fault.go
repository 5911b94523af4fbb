package shep

import (
	"strings"

	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/soap"
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
//
// The chain of ErrorInfo below detail is found by position: what the element
// around it is called (SendMessageFault1_SendMessageFault by the contract)
// changes nothing.
func (p *Profile) Blame(f soap.Fault) *fault.Error {
	cause := &FaultError{Code: f.Code, Reason: f.Reason}
	kind, decided := fault.ShepFault, false
	if f.Side() == soap.Client {
		kind = fault.ShepRefused
	}
	for n := f.Detail.First(); !n.IsZero() && len(cause.Errors) < maxErrors; n = n.ChildNamed("subError") {
		code, message := n.ChildNamed("errorCode"), n.ChildNamed("errorMessage")
		if code.IsZero() && message.IsZero() {
			break
		}
		sent := strings.TrimSpace(code.Text())
		if class, listed := p.Faults.class(sent); listed && !decided {
			kind, decided = class.Kind(), true
		}
		cause.Errors = append(cause.Errors, ErrorInfo{soap.Token(sent), soap.Redact(message.Text())})
	}
	return fault.Wrap(kind, "read answer", cause)
}
