// Package shep is the mock of ШЭП, the e-government gateway: the SOAP 1.1 end
// point of its sync channel.
//
// Life of one message: the caller is checked strictly (see [Check]), the
// registry behind the service answers, the answer is dressed in the channel's
// envelope, signed inside by the registry and outside by ШЭП, and written to
// the wire. Between these steps lie the stages at which an armed fault may bend
// the answer (see [Stages]).
//
// The package reads and writes the wire from the contract on its own; it shares
// no mapping with the gateway under test, or one mistake would be made twice
// and the tests would agree. What is shared is the strict reader and the
// signature code, which have foreign vectors of their own.
package shep

import (
	"crypto/x509"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/mocks/pki"
)

// Names of the wire.
const (
	soapSpace  = "http://schemas.xmlsoap.org/soap/envelope/"
	typesSpace = "http://bip.bee.kz/SyncChannel/v10/Types"
	xsiSpace   = "http://www.w3.org/2001/XMLSchema-instance"
	xsdSpace   = "http://www.w3.org/2001/XMLSchema"

	// InterfacesSpace is the namespace in which some peers put data.
	InterfacesSpace = "http://bip.bee.kz/SyncChannel/v10/Interfaces"
	// TaxSpace is that of the wrappers in the tax system's clone of the channel,
	// which answers with return and knows no routeId, properties and sessionId.
	TaxSpace = "http://kgd.integration.gov.icode.kz/"
)

// Path is where the real sync channel listens; the mock does the same.
const Path = "/bip-sync-wss-gost/"

// Header marks every answer of the offline world, so that nobody takes one for
// an answer of the state.
const Header = "X-Kopir-Mock"

// LenientHeader names, in every answer of a lenient end point, the checks that
// a strict one would have refused the message for, or "none".
const LenientHeader = "X-Kopir-Mock-Lenient"

// Sender is a system that may send.
type Sender struct {
	ID       string // sender/senderId
	Password string // sender/password; "" means none is asked for
	BIN      string // of the organisation; must stand in the certificate as OU=BIN…
}

// Service is one entry of the service register.
type Service struct {
	Registry Registry
	Carrier  Carrier  // how answers carry the registry's data; default Self
	Owner    pki.Role // who signs the data; default pki.Registry
	Unsigned bool     // the registry does not sign its data

	SignedInside bool   // the registry demands that the sender signs its document inside data
	Clone        string // namespace of the clone of the channel that the service is behind; "" for the channel itself
}

// Options of an end point.
type Options struct {
	PKI      *pki.PKI
	Trust    xmldsig.KeyResolver // whom the end point believes
	Senders  []Sender
	Services map[string]Service // by serviceId
	Clock    func() time.Time
	NewID    func() string // UUIDs

	// Faults gives the stages to apply to the answer of a service, and those of
	// the fault that the answer asks for itself (see Reply.Fault); nil for none.
	Faults func(service, own string) []Stages

	KeyInfo wsse.KeyInfo  // default issuer and serial, as real answers have it
	ID      wsse.IDStyle  // default wsu:Id
	Skew    time.Duration // how far messageDate may lie from our clock; default 5 minutes
	Lenient bool          // note failed checks instead of refusing
	Keep    int           // how many received messages are remembered; default 1000

	// Tap is handed every message with its answer, before the answer is written;
	// nil for nobody. It must be safe for concurrent use.
	Tap func(Messages)
}

// Messages are a question and its answer as they are on the wire, with all the
// personal data in them; the end point keeps none of it.
type Messages struct {
	Service  string // serviceId; "" if the question did not get so far
	Status   int    // HTTP status of the answer
	Bent     bool   // a fault struck the answer
	Question []byte
	Answer   []byte
}

// Server is the end point. It is safe for concurrent use.
type Server struct {
	o Options

	mu       sync.Mutex
	signers  map[pki.Role]xmldsig.Signer
	seen     ids
	received []*Received
	last     map[string]*exchange // by serviceId
	raw      map[closer]struct{}  // connections taken over from net/http
}

// exchange is what is remembered of the latest question on a service.
type exchange struct {
	question Question
	answer   []byte
}

type closer interface{ Close() error }

// New makes an end point.
func New(o Options) *Server {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.KeyInfo == "" {
		o.KeyInfo = wsse.IssuerSerial
	}
	if o.ID == "" {
		o.ID = wsse.IDUtility
	}
	if o.Skew == 0 {
		o.Skew = 5 * time.Minute
	}
	if o.Keep == 0 {
		o.Keep = 1000
	}
	return &Server{
		o:       o,
		signers: map[pki.Role]xmldsig.Signer{},
		last:    map[string]*exchange{},
		raw:     map[closer]struct{}{},
	}
}

// ServeHTTP takes one message.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	in := s.receive(w, r)
	var resp *Response
	if in.refusal != nil {
		resp = s.refuse(in.refusal)
	} else {
		resp = s.answer(r, in)
	}
	in.log.Status = resp.Status
	resp.Header.Set(Header, "1")
	s.remember(in.log)
	if s.o.Lenient {
		resp.Header.Set(LenientHeader, in.log.failed())
	}
	if s.o.Tap != nil {
		s.o.Tap(Messages{Service: in.question.ServiceID, Status: resp.Status, Bent: in.bent, Question: in.body, Answer: resp.Body})
	}
	s.write(w, r, resp)
}

// Close cuts the connections that faults took over from net/http.
func (s *Server) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.raw {
		_ = c.Close() // the peer sees the end either way
	}
	clear(s.raw)
}

// signer gives the signer of a role. Making one parses keys, so it is kept.
func (s *Server) signer(r pki.Role) (xmldsig.Signer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.signers[r]; ok {
		return known, nil
	}
	id, err := s.o.PKI.Identity(r)
	if err != nil {
		return nil, err
	}
	made, err := xmldsig.NewSigner(id.Key, id.Certificate.Raw)
	if err != nil {
		return nil, err
	}
	s.signers[r] = made
	return made, nil
}

// BIN finds the BIN of an organisation in the subject of its certificate.
func BIN(c *x509.Certificate) string {
	for _, ou := range c.Subject.OrganizationalUnit {
		if bin, ok := strings.CutPrefix(ou, "BIN"); ok {
			return bin
		}
	}
	return ""
}
