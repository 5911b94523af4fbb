package revocation_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	other "golang.org/x/crypto/ocsp"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/revocation"
)

func sub(t testing.TB, parent *pkitest.Authority, name string) *pkitest.Authority {
	t.Helper()
	return parent.Sub(t, name)
}

// leaf makes a certificate for signing.
func leaf(t testing.TB, ca *pkitest.Authority, name string, change ...func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	return ca.Issue(t, name, pkitest.ECKey(t).Public(), change...)
}

func certs(c ...*x509.Certificate) []*x509.Certificate { return c }

// carried is the hint of a message that carries certificates.
func carried(c ...*x509.Certificate) (h pki.Hint) {
	for _, x := range c {
		h.Certificates = append(h.Certificates, x.Raw)
	}
	return h
}

// expect resolves a hint and holds the answer to a reason; "" stands for trust.
func expect(t *testing.T, s *pki.Store, h pki.Hint, at time.Time, want pki.Reason) {
	t.Helper()
	_, err := s.Resolve(context.Background(), h, at)
	var e *pki.Error
	switch {
	case want == "" && err != nil:
		t.Errorf("not trusted: %v", err)
	case want != "" && (!errors.As(err, &e) || e.Reason != want):
		t.Errorf("want %s, got %v", want, err)
	}
}

// clock is a clock that stands still unless it is moved.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: pkitest.Now()} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// web is a network inside the process. What answers at a URL may be changed at
// any time; where nothing does, nobody is reached.
type web struct {
	mu    sync.Mutex
	at    map[string]server
	asked map[string]int
}

type server func(r *http.Request) (*http.Response, error)

func newWeb() *web { return &web{at: map[string]server{}, asked: map[string]int{}} }

func (w *web) serve(url string, s server) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at[url] = s
}

func (w *web) count(url string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked[url]
}

// RoundTrip answers.
func (w *web) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	s := w.at[r.URL.String()]
	w.asked[r.URL.String()]++
	w.mu.Unlock()
	if s == nil {
		return nil, errors.New("connection refused")
	}
	return s(r)
}

func response(status int, body []byte) *http.Response {
	return &http.Response{StatusCode: status, ContentLength: -1, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body))}
}

// says answers the same every time.
func says(body []byte) server {
	return func(*http.Request) (*http.Response, error) { return response(http.StatusOK, body), nil }
}

func status(code int) server {
	return func(*http.Request) (*http.Response, error) { return response(code, nil), nil }
}

// hangs answers when the caller has lost patience.
func hangs(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// responds is an OCSP responder that is asked about certificates of one
// authority, at the time of a clock: o says what is special.
func responds(t testing.TB, ca *pkitest.Authority, c *clock, o pkitest.OCSP, about ...*x509.Certificate) server {
	return func(r *http.Request) (*http.Response, error) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		asked, err := other.ParseRequest(b)
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/ocsp-request" {
			return response(http.StatusBadRequest, nil), nil //nolint:nilerr // that is a responder's answer to it
		}
		made := o
		if made.ThisUpdate.IsZero() {
			made.ThisUpdate = c.now()
		}
		for _, one := range about {
			if one.SerialNumber.Cmp(asked.SerialNumber) == 0 {
				return response(http.StatusOK, ca.Respond(t, made, one)), nil
			}
		}
		return response(http.StatusOK, pkitest.Refuse(6)), nil
	}
}

// world is an authority with a system, and a Checker that asks over a web.
type world struct {
	ca     *pkitest.Authority
	system *x509.Certificate
	web    *web
	clock  *clock
}

const (
	responderURL = "http://ocsp.example.kz/"
	secondURL    = "http://ocsp2.example.kz/"
	listURL      = "http://crl.example.kz/nca.crl"
	deltaURL     = "http://crl.example.kz/nca_d.crl"
)

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{ca: pkitest.NewAuthority(t, "НЕГІЗГІ КУӘЛАНДЫРУШЫ"), web: newWeb(), clock: newClock()}
	w.system = leaf(t, w.ca, "System")
	return w
}

// checker makes a Checker over the world's network, with its clock.
func (w *world) checker(t testing.TB, o revocation.Options) *revocation.Checker {
	t.Helper()
	o.Authorities, o.Clock = certs(w.ca.Certificate), w.clock.now
	if o.Folder == "" {
		o.Network = w.web
	}
	k, err := revocation.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// answers serves an answer about the system at a URL.
func (w *world) answers(t testing.TB, url string, o pkitest.OCSP) {
	w.web.serve(url, responds(t, w.ca, w.clock, o, w.system))
}

// status asks about the system now.
func (w *world) status(t testing.TB, k pki.Revoker) (pki.Status, error) {
	t.Helper()
	return k.Status(t.Context(), w.system, w.ca.Certificate, w.clock.now())
}

// want asks about the system now and expects a state, and no error.
func (w *world) want(t testing.TB, k pki.Revoker, state pki.State) pki.Status {
	t.Helper()
	st, err := w.status(t, k)
	if err != nil || st.State != state {
		t.Errorf("%s: got %+v, %v, want state %d", w.clock.now().Format(time.DateTime), st, err, state)
	}
	return st
}

// wantNone expects that nobody gives an answer, for a cause.
func (w *world) wantNone(t testing.TB, k pki.Revoker, cause error) {
	t.Helper()
	st, err := w.status(t, k)
	var none *revocation.NoAnswerError
	if !errors.As(err, &none) || st != (pki.Status{}) || cause != nil && !errors.Is(err, cause) {
		t.Errorf("%s: got %+v, %v, want the cause %v", w.clock.now().Format(time.DateTime), st, err, cause)
	}
}

func one(url string) []revocation.Responder { return []revocation.Responder{{URL: url}} }
