package shep

import (
	"context"
	"hash"
	"iter"
	"net/http"
	"time"

	"github.com/beevik/etree"

	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/mocks/pki"
)

// Stages are the points at which one answer can be bent, in the order in which
// an answer passes them. A nil stage is honest.
type Stages struct {
	Delay time.Duration // before anything is sent

	Message func(*Message)      // what is said, before any signature
	Sign    func(*Signing)      // who signs, and how
	Signed  func(*Signed) error // the signed envelope as bytes
	Respond func(*Response)     // the HTTP answer
}

// Question is what a registry is asked.
type Question struct {
	ServiceID     string
	MessageID     string // of the envelope
	CorrelationID string // of the envelope, may be empty
	RequestID     string // messageId of the payload, if the registry's contract has one
}

// Message is an answer before it is signed. Faults change it at will; what it
// cannot express is done on the bytes.
type Message struct {
	MessageID     string
	CorrelationID string
	SessionID     string
	Date          string // responseDate
	Status        Status
	Data          *etree.Element // root of the registry's answer; nil for none
	DataSpace     string         // namespace of the data element; normally none
	Fault         *Fault         // a SOAP Fault instead of all this
	Clone         string         // namespace of the wrapper of a clone; "" for the channel's own

	Question Question
	Earlier  *Question // the question before this one on the same service, nil if there was none
	Now      time.Time // the clock of the mock
}

// Status is responseInfo/status.
type Status struct{ Code, Message string }

// Status codes of the channel.
const (
	Success       = "SCSS001" // processed
	Failure       = "SCSE001" // failure or business error
	BusinessError = "SCSE002" // error in the business data
	Unhandled     = "SCSE003" // unhandled exception
)

// Processed is the status of an answer that nothing is wrong with.
func Processed() Status {
	return Status{Success, "Message has been processed successfully"}
}

// Fault is a SOAP 1.1 Fault of the channel (SOAP 1.1 section 4.4; detail
// SendMessageFault1_SendMessageFault of type ErrorInfo).
type Fault struct {
	Code   string // local part of faultcode: "Client" or "Server"
	Reason string // faultstring
	Detail *ErrorInfo
}

// ErrorInfo is the detail of a Fault.
type ErrorInfo struct{ Code, Message, Data, Date string }

// Carrier says how the answer carries the registry's data.
type Carrier string

// The carriers.
const (
	Self   Carrier = "self"   // data is itself the root of the registry's answer, with its namespaces and signature
	Child  Carrier = "child"  // the root is the only child of data
	String Carrier = "string" // data is an xs:string with the escaped document
	CDATA  Carrier = "cdata"  // data is an xs:string with the document in CDATA
)

// Signing says who signs an answer and how. A role "" leaves that signature out.
type Signing struct {
	Envelope pki.Role
	Inner    pki.Role
	KeyInfo  wsse.KeyInfo
	ID       wsse.IDStyle
	Carrier  Carrier

	// Inside changes the registry's document between the inner signature and
	// the envelope's.
	Inside func([]byte) []byte
	// Algorithm gives the algorithm of the envelope signature in place of the
	// one that fits the key.
	Algorithm func(*pki.Identity) Algorithm
	// SignedInfo changes the canonical SignedInfo of the envelope signature
	// before its value is made, so that the value fits the change; digests that
	// are changed are of newHash.
	SignedInfo func(signedInfo string, newHash func() hash.Hash) string
}

// Algorithm is a way to sign that no honest system uses.
type Algorithm struct {
	SignatureURI, DigestURI string
	NewHash                 func() hash.Hash // of the Reference
	Value                   func(signedInfo []byte) ([]byte, error)
}

// Signed is an answer with its signatures.
type Signed struct {
	Bytes   []byte
	Message *Message
	Earlier []byte // the answer before this one on the same service, nil if there was none
	Canary  string // a URL of this mock that nobody has a reason to fetch
}

// Response is the HTTP answer.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
	Canary string // as in Signed

	// Hang sends nothing until the caller gives up.
	Hang bool
	// Wire, if set, writes to the connection itself. It gets the whole answer
	// as HTTP/1.1 text and yields what to do with it.
	Wire func(raw []byte) iter.Seq[Step]
}

// Step is one act on the connection: wait, then write, then perhaps end it.
type Step struct {
	Wait  time.Duration
	Write []byte
	End   End
}

// End says how a connection ends.
type End int

// The ends. Refuse and Reset differ for a caller in the same process only: on
// a socket, the connection is made before anybody can tell which call it is.
const (
	GoOn      End = iota
	Close         // FIN
	HalfClose     // FIN of our direction, then silence until the caller closes
	Reset         // RST
	Refuse        // as if nobody had listened
)

// apply runs one stage of every fault.
func apply[T any](faults []Stages, stage func(Stages) func(T), on T) {
	for _, f := range faults {
		if do := stage(f); do != nil {
			do(on)
		}
	}
}

// wait lasts d or until the caller gives up; it tells whether d has passed.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
