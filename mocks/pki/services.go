package pki

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"io"
	"math/big"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/kopir-kz/kopir/gateway/pki/issue"
	"github.com/kopir-kz/kopir/gateway/pki/tsp"
)

// Paths of the services, below PKI's URL.
const (
	PathOCSP         = "/ocsp"
	PathTSP          = "/tsp"
	PathRootCRL      = "/crl/root.crl"
	PathCRL          = "/crl/system.crl"
	PathDeltaCRL     = "/crl/system_d.crl"
	PathIntermediate = "/cert/system.cer"
)

// addresses are what certificates say about where to ask.
func (p *PKI) addresses() issue.Addresses {
	if p.url == "" {
		return issue.Addresses{}
	}
	return issue.Addresses{OCSP: p.url + PathOCSP, Certificate: p.url + PathIntermediate, CRL: p.url + PathCRL, Delta: p.url + PathDeltaCRL}
}

// Trouble is a way in which the services of an authority fail.
type Trouble string

// The troubles.
const (
	NoTrouble   Trouble = ""
	Down        Trouble = "down"         // 503 to everything
	Stale       Trouble = "stale"        // everything is of yesterday, and lists were to be renewed an hour ago
	UnknownCert Trouble = "unknown"      // OCSP knows no certificate
	TryLater    Trouble = "try-later"    // OCSP says so, the time-stamping authority that it has no time
	WrongSigner Trouble = "wrong-signer" // everything is signed by the attacker's authority or those it certified
	NoNonce     Trouble = "no-nonce"     // OCSP does not echo nonces
)

// Troubles lists them.
func Troubles() []Trouble {
	return []Trouble{NoTrouble, Down, Stale, UnknownCert, TryLater, WrongSigner, NoNonce}
}

// Services are the authorities over HTTP: OCSP (RFC 6960, appendix A.1), base and
// delta revocation lists and the intermediate's certificate (RFC 5280, sections
// 4.2.1.13 and 4.2.2.1), time-stamps (RFC 3161, section 3.4). They are safe for
// concurrent use.
type Services struct {
	p       *PKI
	clock   func() time.Time
	trouble atomic.Value // Trouble
	mux     *http.ServeMux
}

// Services makes the services, with a clock of their own: worlds that share a
// PKI need not live at the same time.
func (p *PKI) Services(clock func() time.Time) *Services {
	s := &Services{p: p, clock: clock, mux: http.NewServeMux()}
	s.trouble.Store(NoTrouble)
	s.mux.HandleFunc("POST "+PathOCSP, s.ocsp)
	s.mux.HandleFunc("POST "+PathTSP, s.tsp)
	s.mux.HandleFunc("GET "+PathRootCRL, s.list(p.root, func() []x509.RevocationListEntry { return nil }, nil))
	s.mux.HandleFunc("GET "+PathCRL, s.list(p.intermediate, func() []x509.RevocationListEntry { return p.register.entries(true) }, nil))
	s.mux.HandleFunc("GET "+PathDeltaCRL, s.list(p.intermediate, func() []x509.RevocationListEntry { return p.register.entries(false) }, big.NewInt(baseNumber)))
	s.mux.HandleFunc("GET "+PathIntermediate, func(w http.ResponseWriter, _ *http.Request) {
		reply(w, "application/pkix-cert", p.intermediate.Certificate.Raw)
	})
	return s
}

// Let makes the services fail, or with NoTrouble work again.
func (s *Services) Let(t Trouble) { s.trouble.Store(t) }

// Trouble is the way in which they fail now.
func (s *Services) Trouble() Trouble { return s.trouble.Load().(Trouble) }

// ServeHTTP answers at the paths of the package.
func (s *Services) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.Trouble() == Down {
		http.Error(w, "the authority is down", http.StatusServiceUnavailable)
		return
	}
	s.mux.ServeHTTP(w, r)
}

func reply(w http.ResponseWriter, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(body) // the caller may have gone
}

// now is the time by which everything is signed.
func (s *Services) now() time.Time {
	now := s.clock().UTC().Truncate(time.Second)
	if s.Trouble() == Stale {
		return now.Add(-day)
	}
	return now
}

// since is from when what is signed now is said to hold, and until when.
func (s *Services) since(term time.Duration) (from, to time.Time) {
	now := s.now()
	if s.Trouble() == Stale {
		term = day - time.Hour
	}
	return now.Add(-time.Minute), now.Add(term)
}

// list signs a list for each who asks; with a base it is the delta to it.
func (s *Services) list(issuer *Identity, entries func() []x509.RevocationListEntry, base *big.Int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		by := issuer
		if s.Trouble() == WrongSigner {
			pretended := *issuer.Certificate
			pretended.PublicKey = nil
			by = &Identity{Key: s.p.rogue.Key, Certificate: &pretended}
		}
		from, to := s.since(crlTerm)
		l, err := signList(by, entries(), from, to, base)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		reply(w, "application/pkix-crl", l.Raw)
	}
}

// maxRequest bounds what is read of a request in bytes.
const maxRequest = 64 << 10

// readRequest reads a request; it answers and tells false if it cannot.
func readRequest(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		http.Error(w, "the request is too large or broke off", http.StatusBadRequest)
		return nil, false
	}
	return body, true
}

// TSAPolicy is under which time-stamps are made; it is of the arc for examples.
func TSAPolicy() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 999, 2, 1} }

func (s *Services) tsp(w http.ResponseWriter, r *http.Request) {
	body, ok := readRequest(w, r)
	if !ok {
		return
	}
	answer, err := s.answerTSP(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	reply(w, "application/timestamp-reply", answer)
}

func (s *Services) answerTSP(request []byte) ([]byte, error) {
	role := TSA
	switch s.Trouble() {
	case TryLater:
		return tsp.Refusal(tsp.Rejection, tsp.TimeNotAvailable)
	case WrongSigner:
		role = AttackerTSA
	}
	id, err := s.p.Identity(role)
	if err != nil {
		return nil, err
	}
	n, err := serial()
	if err != nil {
		return nil, err
	}
	a := tsp.Authority{Key: id.Key, Certificate: id.Certificate, Chain: s.p.Intermediates(), Policy: TSAPolicy(), Accuracy: time.Minute}
	return a.Respond(request, n, s.now())
}

func (s *Services) ocsp(w http.ResponseWriter, r *http.Request) {
	body, ok := readRequest(w, r)
	if !ok {
		return
	}
	answer, err := s.answerOCSP(body)
	switch {
	case s.Trouble() == TryLater:
		answer = issue.OCSPTryLater.Bytes()
	case errors.Is(err, issue.ErrOCSPRequest):
		answer = issue.OCSPMalformed.Bytes()
	case err != nil:
		answer = issue.OCSPInternalError.Bytes()
	}
	reply(w, "application/ocsp-response", answer)
}

func (s *Services) answerOCSP(request []byte) ([]byte, error) {
	trouble, role := s.Trouble(), OCSP
	if trouble == WrongSigner {
		role = AttackerOCSP
	}
	id, err := s.p.Identity(role)
	if err != nil {
		return nil, err
	}
	o := issue.OCSP{
		Issuer: s.p.intermediate.Certificate, Certificate: id.Certificate, Key: id.Key,
		Status: s.p.register.status, NoNonce: trouble == NoNonce,
	}
	if trouble == UnknownCert {
		o.Status = func(*big.Int) issue.OCSPStatus { return issue.OCSPStatus{Status: issue.Unknown} }
	}
	o.ThisUpdate, o.NextUpdate = s.since(ocspTerm)
	o.ProducedAt = o.ThisUpdate
	return issue.OCSPResponse(request, o)
}
