// Package gateway holds the domain types of Kopir and the small interfaces that
// its parts meet at. The types are generated from contracts/openapi.yaml, so
// what the HTTP contract says and what Go code holds cannot drift apart.
//
// The life of a request, hop by hop:
//
//  1. gateway/api binds JSON to a request type, authenticates the client and
//     takes or makes the request id.
//  2. gateway/exchange checks the Query, the purpose and the consent, sets the
//     deadline and writes the intent to the journal.
//  3. The Adapter of the operation writes the Query as the payload of the
//     registry's contract.
//  4. gateway/shep, gateway/soap and gateway/wsse wrap the payload by the
//     service profile and sign it.
//  5. gateway/transport sends it and reads the answer, bounded; the answer is
//     verified and classified inside its retry loop.
//  6. The Adapter reads the verified Payload back into Facts; the exchange
//     writes the outcome; the API renders JSON or a problem document.
//
// Personal identifiers travel in bodies, never in a URL, a log or an error.
package gateway

import (
	"time"

	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/ident"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// Query is a question about one subject.
type Query interface {
	// Check lists every broken rule with its JSON pointer, relative to the
	// query object ("/iin"); nil if the question may be asked in this mode.
	Check(m ident.Mode) []fault.Field
	// Subject is the IIN asked about, or "" if the question names the person
	// in another way. It serves the correlation of the answer and the keyed
	// hash of the journal, and is never logged.
	Subject() string
}

// Meta is what the channel gives to the payload of one message. A retry has a
// new MessageID and Date.
type Meta struct {
	MessageID     string    // of this message, at most 36 Latin characters
	CorrelationID string    // of all messages of the exchange
	SenderCode    string    // the registry's code for us; may be empty
	Date          time.Time // when the message was made; its zone goes on the wire
	ConsentToken  string    // token of the access control service (КДП); "" for none
	ConsentKey    string    // the public key that came with the token
}

// Payload is the verified answer of a registry: nothing in it lies outside what
// a signature covered, if the profile asks for one.
type Payload struct {
	// Root is the element that holds the registry's answer: a child of <data>,
	// <data> itself, or the root of the document that <data> carried as text.
	Root xmltext.Node
}

// Adapter maps one operation of one registry in both directions. It is pure: no
// I/O, no clock, no state that changes; safe for concurrent use.
type Adapter interface {
	// Request writes the payload: one element without an XML declaration, to be
	// placed inside <data>. The query has passed its Check. An error means that
	// the channel's Meta does not fit the contract and is fault.Internal.
	Request(q Query, m Meta) ([]byte, error)
	// Answer reads the answer to the message that q and m made. "Not found" is
	// no error: it is Facts with Found() == false. An error has one of the kinds
	//
	//	fault.ContractViolation  the answer does not fit the contract
	//	fault.AnswerMismatch     the answer is to another message or person
	//	fault.RegistryFault      the registry reports an error of its own
	//
	// and never holds a value of the answer.
	Answer(q Query, m Meta, p Payload) (Facts, error)
}

// Codes knows the code lists of contracts/codes.
type Codes interface {
	// Lookup finds the texts of a code; known is false for a code that the
	// list, or for a list that this version of the gateway, does not have.
	Lookup(list, code string) (texts Texts, known bool)
}

// Facts is what a registry knows, typed: Persons, Addresses, CivilActs and the
// other types with this method.
type Facts interface {
	// Found tells whether the registry has such a record.
	Found() bool
}
