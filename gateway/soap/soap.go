// Package soap reads and writes SOAP 1.1 envelopes (W3C Note of 8 May 2000).
//
// It knows the Envelope, its Header, its Body and the Fault, and nothing of
// signatures or registries. Reading works on a document that the strict reader
// already accepted; writing appends bytes.
//
// What is written is canonical as written: each element declares the prefixes
// it uses itself, so that the exclusive canonical form of the Body equals the
// very bytes that travel. A signer then digests what it sends.
//
// What a Fault says is never data and never shown to a caller. Its texts leave
// this package only through [Redact] and [Token], for the operator's log.
package soap

import (
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// Names of SOAP 1.1 (section 3) and of the version that is refused by name.
const (
	Namespace   = "http://schemas.xmlsoap.org/soap/envelope/" // SOAP 1.1
	Namespace12 = "http://www.w3.org/2003/05/soap-envelope"   // SOAP 1.2
	Prefix      = "soap"                                      // the prefix that is written

	// ContentType is sent with every request (SOAP 1.1 section 6.1, RFC 3023).
	ContentType = "text/xml; charset=utf-8"
	// Action is the value of the SOAPAction header: the contract of the
	// e-government gateway declares the empty string, quotes included.
	Action = `""`
)

// Error is a refusal to take a document for a SOAP 1.1 envelope.
type Error struct {
	Rule string // stable id, e.g. "soap.version"
	Text string // the rule in English; never contains text of the document
}

// Error gives the rule and its text.
func (e *Error) Error() string { return e.Rule + ": " + e.Text }

// Envelope points at the parts of one envelope. The nodes belong to the
// document they were read from.
type Envelope struct {
	Header xmltext.Node // zero if the envelope has none
	Body   xmltext.Node
}

// Read finds the parts of the envelope doc. It accepts exactly what SOAP 1.1
// section 4 and WS-I Basic Profile 1.1 (R1011) allow: an optional Header, then
// one Body, and nothing after it. A SOAP 1.2 envelope is refused as such, with
// the rule "soap.version".
func Read(doc *xmltext.Doc) (Envelope, error) {
	root := doc.Root()
	switch {
	case root.Is(Namespace, "Envelope"):
	case root.Is(Namespace12, "Envelope"):
		return Envelope{}, &Error{"soap.version", "the envelope is SOAP 1.2; the channel speaks SOAP 1.1"}
	default:
		return Envelope{}, &Error{"soap.root", "the document is not a SOAP envelope"}
	}
	var env Envelope
	for n := range root.Elements() {
		switch {
		case !env.Body.IsZero():
			return Envelope{}, &Error{"soap.trailer", "the envelope has an element after its Body"}
		case n.Is(Namespace, "Body"):
			env.Body = n
		case n.Is(Namespace, "Header") && env.Header.IsZero():
			env.Header = n
		default:
			return Envelope{}, &Error{"soap.structure", "the envelope has an element that is neither its Header nor its Body"}
		}
	}
	if env.Body.IsZero() {
		return Envelope{}, &Error{"soap.body", "the envelope has no Body"}
	}
	return env, nil
}

// The start and end of an envelope with an empty Header. The Body declares the
// prefix again: in exclusive canonical form (W3C xml-exc-c14n section 2.2) an
// apex element carries the declarations it uses, so the Body is canonical as
// written.
const (
	envelopeStart = `<soap:Envelope xmlns:soap="` + Namespace + `"`
	bodyStart     = `><soap:Header></soap:Header><soap:Body xmlns:soap="` + Namespace + `">`
	envelopeEnd   = `</soap:Body></soap:Envelope>`
)

// Declaration binds a prefix on the Envelope. Prefixes that appear only inside
// values, such as that of an xsi:type, belong here: exclusive canonical form
// drops them from the Body, so written there they would be bytes that are sent
// and not signed.
type Declaration struct{ Prefix, Space string }

// AppendStart appends everything up to and including the start tag of the Body.
func AppendStart(dst []byte, decls ...Declaration) []byte {
	dst = append(dst, envelopeStart...)
	for _, d := range decls {
		dst = append(dst, " xmlns:"...)
		dst = append(dst, d.Prefix...)
		dst = append(dst, `="`...)
		dst = xmltext.AppendAttr(dst, d.Space)
		dst = append(dst, '"')
	}
	return append(dst, bodyStart...)
}

// AppendEnd appends the end tags of the Body and of the Envelope.
func AppendEnd(dst []byte) []byte { return append(dst, envelopeEnd...) }
