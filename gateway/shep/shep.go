// Package shep speaks the sync channel of ШЭП, the gateway of "electronic
// government", also known by its newer face SmartBridge.
//
// One call is one SOAP operation, SendMessage, whose trees and names follow
// the public record of the contract (contracts/shep holds them as WSDL and
// XSD). The package builds the request tree byte by byte and reads the answer
// tree from a verified Body. It is strict where the gateway's safety needs it
// and tolerant where live peers are known to differ: see [ReadAnswer].
//
// How a service differs from the next is its [Profile], one YAML document per
// registry operation. What an answer or a Fault means is decided by the
// profile's code lists, and always one of: success, not found, refused,
// unavailable, failed; those are never mixed. See [Profile.Judge] and
// [Profile.Blame].
//
// The package does no I/O and knows no keys.
package shep

// Names of the sync channel (ISyncChannel, version 10).
const (
	// Types is the namespace of the wrapper elements. No schema of the channel
	// sets elementFormDefault, so every element below them has no namespace.
	Types = "http://bip.bee.kz/SyncChannel/v10/Types"
	// Interfaces is the namespace of the abstract WSDL; some peers put the
	// data element there.
	Interfaces = "http://bip.bee.kz/SyncChannel/v10/Interfaces"
	// KDP is the namespace of the consent service's clone of the channel; all
	// of its elements are qualified.
	KDP = "http://service.2fa-chain.kz/ns/kdp"
	// Tax is the namespace of the tax system's clone, which answers with
	// "return" instead of "response".
	Tax = "http://kgd.integration.gov.icode.kz/"

	xsd = "http://www.w3.org/2001/XMLSchema"
	xsi = "http://www.w3.org/2001/XMLSchema-instance"
)

// Error is an answer that does not fit the contract of the channel.
type Error struct {
	Rule string // stable id, e.g. "shep.status"
	Text string // the rule in English; never contains text of the answer
}

// Error gives the rule and its text.
func (e *Error) Error() string { return e.Rule + ": " + e.Text }
