package pki

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	gatewaypki "github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/tsp"
)

func services(p *PKI) *Services { return p.Services(func() time.Time { return noon }) }

func call(t *testing.T, s http.Handler, method, path string, body []byte) (int, []byte) {
	t.Helper()
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), method, path, bytes.NewReader(body)))
	return rec.Code, rec.Body.Bytes()
}

// askOCSP asks about a certificate of the intermediate.
func askOCSP(t *testing.T, s *Services, c *x509.Certificate) (*ocsp.Response, error) {
	t.Helper()
	issuer := s.p.Intermediates()[0]
	q, err := ocsp.CreateRequest(c, issuer, &ocsp.RequestOptions{Hash: crypto.SHA256})
	if err != nil {
		t.Fatal(err)
	}
	code, a := call(t, s, http.MethodPost, PathOCSP, q)
	if code != http.StatusOK {
		t.Fatalf("status %d", code)
	}
	return ocsp.ParseResponseForCert(a, c, issuer)
}

// TestOCSP: crypto/ocsp checks the answers, so the suite is one it knows.
func TestOCSP(t *testing.T) {
	t.Parallel()
	p := fresh(t, ECDSA)
	s := services(p)
	person, err := p.Person(Person{IIN: "905101300007", Surname: "СЫНАҚОВ", Given: "АСАН"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		c    *x509.Certificate
		want int
	}{
		{"client", identity(t, p, Client).Certificate, ocsp.Good},
		{"person", person.Certificate, ocsp.Good},
		{"revoked", identity(t, p, ClientRevoked).Certificate, ocsp.Revoked},
		{"attacker", identity(t, p, Attacker).Certificate, ocsp.Unknown},
	} {
		got, err := askOCSP(t, s, tt.c)
		if err != nil || got.Status != tt.want || noon.Before(got.ThisUpdate) || noon.After(got.NextUpdate) {
			t.Errorf("%s: %+v, %v", tt.name, got, err)
		}
	}
	p.Revoke(person.Certificate, noon, ocsp.Superseded)
	if got, err := askOCSP(t, s, person.Certificate); err != nil || got.Status != ocsp.Revoked || got.RevocationReason != ocsp.Superseded {
		t.Errorf("revoked just now: %+v, %v", got, err)
	}
}

func list(t *testing.T, s *Services, path string) *x509.RevocationList {
	t.Helper()
	code, b := call(t, s, http.MethodGet, path, nil)
	l, err := x509.ParseRevocationList(b)
	if code != http.StatusOK || err != nil {
		t.Fatalf("%s: status %d, %v", path, code, err)
	}
	return l
}

func signedBy(t *testing.T, l *x509.RevocationList, issuer *x509.Certificate) bool {
	t.Helper()
	s, err := gatewaypki.ParseSigned(l.Raw)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Check(issuer.PublicKey)
	if err != nil && !errors.Is(err, gatewaypki.ErrSignature) {
		t.Fatal(err)
	}
	return err == nil
}

// TestLists: what is revoked later is on the delta list only.
func TestLists(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *PKI) {
		s := services(p)
		p.Revoke(identity(t, p, Client).Certificate, noon.Add(-time.Hour), 4)
		for path, want := range map[string]int{PathRootCRL: 0, PathCRL: 2, PathDeltaCRL: 1} {
			l := list(t, s, path)
			issuer := p.Intermediates()[0]
			if path == PathRootCRL {
				issuer = p.Roots()[0]
			}
			if !signedBy(t, l, issuer) || !bytes.Equal(l.RawIssuer, issuer.RawSubject) {
				t.Errorf("%s is not signed by its issuer", path)
			}
			if len(l.RevokedCertificateEntries) != want || noon.Before(l.ThisUpdate) || noon.After(l.NextUpdate) {
				t.Errorf("%s: %d entries, %v to %v", path, len(l.RevokedCertificateEntries), l.ThisUpdate, l.NextUpdate)
			}
			delta := false
			for _, e := range l.Extensions {
				delta = delta || e.Critical && e.Id.String() == "2.5.29.27"
			}
			if delta != (path == PathDeltaCRL) {
				t.Errorf("%s is a delta list: %v", path, delta)
			}
		}
		if code, b := call(t, s, http.MethodGet, PathIntermediate, nil); code != http.StatusOK || !bytes.Equal(b, p.Intermediates()[0].Raw) {
			t.Errorf("the intermediate's certificate: status %d", code)
		}
	})
}

// TestTroubles holds what each trouble does to the three kinds of answers.
func TestTroubles(t *testing.T) {
	t.Parallel()
	p := fresh(t, ECDSA)
	client := identity(t, p, Client).Certificate
	q, err := ocsp.CreateRequest(client, p.Intermediates()[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[Trouble]func(t *testing.T, s *Services){
		NoTrouble: func(t *testing.T, s *Services) {
			if got, err := askOCSP(t, s, client); err != nil || got.Status != ocsp.Good {
				t.Errorf("%+v, %v", got, err)
			}
		},
		Down: func(t *testing.T, s *Services) {
			for _, path := range []string{PathOCSP, PathCRL, PathDeltaCRL, PathRootCRL, PathIntermediate} {
				if code, _ := call(t, s, http.MethodPost, path, q); code != http.StatusServiceUnavailable {
					t.Errorf("%s: status %d", path, code)
				}
			}
		},
		Stale: func(t *testing.T, s *Services) {
			if got, err := askOCSP(t, s, client); err != nil || got.Status != ocsp.Good || got.NextUpdate.After(noon) {
				t.Errorf("%+v, %v", got, err)
			}
			if l := list(t, s, PathCRL); l.NextUpdate.After(noon) || !signedBy(t, l, p.Intermediates()[0]) {
				t.Errorf("a list until %v", l.NextUpdate)
			}
		},
		UnknownCert: func(t *testing.T, s *Services) {
			if got, err := askOCSP(t, s, client); err != nil || got.Status != ocsp.Unknown {
				t.Errorf("%+v, %v", got, err)
			}
		},
		TryLater: func(t *testing.T, s *Services) {
			var e ocsp.ResponseError
			if _, err := askOCSP(t, s, client); !errors.As(err, &e) || e.Status != ocsp.TryLater {
				t.Errorf("%v", err)
			}
		},
		WrongSigner: func(t *testing.T, s *Services) {
			if _, err := askOCSP(t, s, client); err == nil || !strings.Contains(err.Error(), "signature") {
				t.Errorf("the answer: %v", err)
			}
			for _, path := range []string{PathCRL, PathDeltaCRL, PathRootCRL} {
				issuer := p.Intermediates()[0]
				if path == PathRootCRL {
					issuer = p.Roots()[0]
				}
				if l := list(t, s, path); signedBy(t, l, issuer) || !bytes.Equal(l.RawIssuer, issuer.RawSubject) {
					t.Errorf("%s is signed by its issuer, or names another", path)
				}
			}
		},
		NoNonce: func(t *testing.T, s *Services) {
			// A request with one extension, a nonce, made from one without.
			nonce := []byte{0xa2, 0x15, 0x30, 0x13, 0x30, 0x11, 6, 9, 0x2b, 6, 1, 5, 5, 7, 0x30, 1, 2, 4, 4, 4, 2, 0xab, 0xcd}
			with := append([]byte{0x30, q[1] + byte(len(nonce)), 0x30, q[3] + byte(len(nonce))}, append(q[4:len(q):len(q)], nonce...)...)
			_, without := call(t, s, http.MethodPost, PathOCSP, with)
			s.Let(NoTrouble)
			_, echoed := call(t, s, http.MethodPost, PathOCSP, with)
			if value := nonce[len(nonce)-6:]; bytes.Contains(without, value) || !bytes.Contains(echoed, value) {
				t.Error("the nonce is echoed always or never")
			}
		},
	}
	for _, trouble := range Troubles() {
		name := string(trouble)
		if trouble == NoTrouble {
			name = "none"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := services(p)
			s.Let(trouble)
			if s.Trouble() != trouble {
				t.Errorf("the trouble is %q", s.Trouble())
			}
			tests[trouble](t, s)
		})
	}
}

func TestBadRequests(t *testing.T) {
	t.Parallel()
	s := services(fresh(t, ECDSA))
	if code, b := call(t, s, http.MethodPost, PathOCSP, []byte("what?")); code != http.StatusOK || !bytes.Equal(b, ocsp.MalformedRequestErrorResponse) {
		t.Errorf("status %d, %x", code, b)
	}
	if code, _ := call(t, s, http.MethodPost, PathOCSP, make([]byte, maxRequest+1)); code != http.StatusBadRequest {
		t.Errorf("too large: status %d", code)
	}
	if code, _ := call(t, s, http.MethodGet, PathOCSP, nil); code != http.StatusMethodNotAllowed {
		t.Errorf("GET: status %d", code)
	}
	if code, _ := call(t, s, http.MethodGet, "/nothing", nil); code != http.StatusNotFound {
		t.Errorf("another path: status %d", code)
	}
}

// inside answers requests without a network.
type inside struct{ h http.Handler }

func (i inside) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	i.h.ServeHTTP(rec, r)
	return rec.Result(), nil
}

// TestTimeStamps: a token of every suite holds for whoever trusts the root, and
// fails as the troubles say.
func TestTimeStamps(t *testing.T) {
	t.Parallel()
	stamped, sha256 := []byte("хабарлама"), asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	each(t, func(t *testing.T, p *PKI) {
		s := services(p)
		store := gatewaypki.NewStore(gatewaypki.Options{Roots: p.Roots(), Intermediates: p.Intermediates()})
		client := tsp.Client{
			URL: "http://pki.mock" + PathTSP, HTTP: &http.Client{Transport: inside{s}}, Policy: TSAPolicy(),
			Verifier: &tsp.Verifier{Keys: store, Clock: func() time.Time { return noon }},
		}
		token, _, err := client.Stamp(t.Context(), sha256, stamped)
		if err != nil || !token.Time.Equal(noon) || !token.Policy.Equal(TSAPolicy()) {
			t.Fatalf("%+v, %v", token, err)
		}
		step := func(want tsp.Step) func(error) bool {
			return func(err error) bool {
				var e *tsp.Error
				return errors.As(err, &e) && e.Step == want
			}
		}
		for trouble, fits := range map[Trouble]func(error) bool{
			Down:        func(err error) bool { return errors.Is(err, tsp.ErrUnavailable) },
			TryLater:    func(err error) bool { return errors.Is(err, tsp.TimeNotAvailable) },
			Stale:       step(tsp.StepTime),
			WrongSigner: step(tsp.StepSignature),
		} {
			s.Let(trouble)
			if _, _, err := client.Stamp(t.Context(), sha256, stamped); !fits(err) {
				t.Errorf("%s: %v", trouble, err)
			}
		}
		s.Let(NoTrouble)
		if code, _ := call(t, s, http.MethodPost, PathTSP, make([]byte, maxRequest+1)); code != http.StatusBadRequest {
			t.Errorf("too large: status %d", code)
		}
	})
}
