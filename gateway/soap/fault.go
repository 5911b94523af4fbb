package soap

import (
	"strings"

	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// Side says whom a Fault blames (SOAP 1.1 section 4.4.1).
type Side string

// The two sides. Every code that is neither Client nor one of its kin counts
// as Server: an unknown accusation is not the sender's fault.
const (
	Client Side = "client" // the message was wrong: sending it again cannot help
	Server Side = "server" // the message could not be processed
)

// Fault is a SOAP 1.1 Fault. It holds nothing that may be shown to a caller.
type Fault struct {
	Code   string       // local part of faultcode, e.g. "Server.Timeout"; each part as by [Token]
	Reason string       // faultstring as by [Redact], for the log only
	Detail xmltext.Node // detail, zero if absent; its content is upstream text
}

// Side tells whom the Fault blames. VersionMismatch and MustUnderstand say
// that the message has the wrong form, which is the sender's doing.
func (f Fault) Side() Side {
	class, _, _ := strings.Cut(f.Code, ".")
	switch class {
	case "Client", "VersionMismatch", "MustUnderstand":
		return Client
	}
	return Server
}

// Fault reads the Fault of the Body, if there is one. A Body with a Fault and
// anything beside it is refused ("soap.fault"): a reader that looks for data
// and one that looks for a Fault would disagree about it.
//
// The children of Fault have no namespace (section 4.4); peers that qualify
// them with the envelope's are understood too.
func (e Envelope) Fault() (Fault, bool, error) {
	first := e.Body.First()
	found := false
	for n := range e.Body.Elements() {
		found = found || n.Is(Namespace, "Fault")
	}
	if !found {
		return Fault{}, false, nil
	}
	count := 0
	for range e.Body.Elements() {
		count++
	}
	if count != 1 {
		return Fault{}, false, &Error{"soap.fault", "the Body holds a Fault and something beside it"}
	}
	return readFault(first), true, nil
}

func readFault(n xmltext.Node) Fault {
	code := strings.TrimSpace(faultChild(n, "faultcode").Text())
	if i := strings.LastIndexByte(code, ':'); i >= 0 { // a QName; the prefix says nothing that peers agree on
		code = code[i+1:]
	}
	return Fault{
		Code:   faultCode(code),
		Reason: Redact(faultChild(n, "faultstring").Text()),
		Detail: faultChild(n, "detail"),
	}
}

// faultCode keeps the part of a code that says whom it blames, whatever the
// parts after it are.
func faultCode(code string) string {
	side, rest, deeper := strings.Cut(code, ".")
	if !deeper {
		return Token(side)
	}
	return Token(side) + "." + Token(rest)
}

func faultChild(n xmltext.Node, local string) xmltext.Node {
	if c := n.Child("", local); !c.IsZero() {
		return c
	}
	return n.Child(Namespace, local)
}
