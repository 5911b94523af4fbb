package transport

import (
	"errors"

	"github.com/kopir-kz/kopir/gateway/fault"
)

// Count is what a call means to the breaker.
type Count uint8

// The breaker counts failures against successes and overlooks the rest.
const (
	Excluded Count = iota // says nothing about the health of the registry
	Success               // the registry and the way to it work
	Failure               // they do not
)

// Verdict is what the outcome of an attempt leads to.
type Verdict struct {
	Retry bool  // another attempt, with a new message, may help
	Count Count // how the breaker sees the call if this is its end
	Alarm bool  // integrity or trust is broken: a person must be told
}

// Judge is the accounting table.
//
//	outcome                                              breaker   retry  alarm
//	verified answer, "not found" included                success   –      –
//	verified answer that is a business refusal or does
//	not fit the contract: the channel works              success   no     –
//	no connection, TLS, time-out, torn body, 502-504     failure   yes    –
//	SOAP Fault blaming the server                        failure   no     –
//	unreadable, unsigned, wrongly signed, untrusted,
//	replayed, stale or mixed-up answer, redirect         failure   no     yes
//	429                                                  excluded  yes, after the pause
//	Fault blaming us, 4xx, "busy" said by the registry   excluded  no     –
//	caller gone or with too little time, no place, own
//	refusal to send, own defect                          excluded  no     –
//
// One client's bad requests must not close the registry to the others, so
// nothing a client can provoke by itself is a failure.
func Judge(err error) Verdict {
	if err == nil {
		return Verdict{Count: Success}
	}
	var cause Cause
	if errors.As(err, &cause) {
		switch cause {
		case Throttled:
			return Verdict{Retry: true}
		case CutShort, AddressDenied, CircuitOpen, QueueFull, Paused:
			return Verdict{}
		}
	}
	switch fault.KindOf(err) {
	case fault.RegistryFault, fault.RegistryRefused, fault.ConsentRefused, fault.ContractViolation:
		return Verdict{Count: Success}
	case fault.ShepUnavailable, fault.ShepTimeout:
		return Verdict{Count: Failure, Retry: true}
	case fault.ShepFault:
		return Verdict{Count: Failure}
	case fault.AnswerUnread, fault.AnswerMismatch, fault.AnswerReplayed, fault.AnswerStale,
		fault.NotSigned, fault.SignatureInvalid, fault.SignerUntrusted:
		return Verdict{Count: Failure, Alarm: true}
	}
	return Verdict{}
}
