package revocation_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/crl"
	"github.com/kopir-kz/kopir/gateway/pki/ocsp"
	"github.com/kopir-kz/kopir/gateway/pki/revocation"
)

type template = x509.RevocationList

// TestOrder: who is asked, in which order, and whose answer counts.
func TestOrder(t *testing.T) {
	t.Parallel()
	const r1, r2, l1 = responderURL, secondURL, listURL
	both := []revocation.Responder{{URL: r1}, {URL: r2}}
	hour := pkitest.Now().Add(time.Hour)
	good, unknown := pkitest.OCSP{State: pki.StateGood, NextUpdate: hour}, pkitest.OCSP{NextUpdate: hour}
	revoked := pkitest.OCSP{State: pki.StateRevoked, Since: pkitest.Now().Add(-time.Hour), Reason: 1, NextUpdate: hour}
	for _, tt := range []struct {
		name   string
		o      revocation.Options
		serve  func(w *world)
		want   pki.Status
		told   bool
		asked  map[string]int
		source string
	}{
		{"the first that answers counts", revocation.Options{Responders: both, URLs: []string{l1}}, func(w *world) { w.answers(t, r1, good); w.answers(t, r2, revoked) }, pki.Status{State: pki.StateGood}, true, map[string]int{r1: 1, r2: 0, l1: 0}, "ocsp"},
		{"the second where the first is silent", revocation.Options{Responders: both}, func(w *world) { w.answers(t, r2, revoked) }, pki.Status{State: pki.StateRevoked, Reason: 1}, true, map[string]int{r1: 1, r2: 1}, "ocsp"},
		{"the second where the first does not know", revocation.Options{Responders: both}, func(w *world) { w.answers(t, r1, unknown); w.answers(t, r2, good) }, pki.Status{State: pki.StateGood}, true, map[string]int{r1: 1, r2: 1}, "ocsp"},
		{"nobody knows", revocation.Options{Responders: both}, func(w *world) { w.answers(t, r1, unknown); w.answers(t, r2, unknown) }, pki.Status{}, true, map[string]int{r1: 1, r2: 1}, ""},
		{"one does not know, the other is silent", revocation.Options{Responders: both}, func(w *world) { w.answers(t, r1, unknown) }, pki.Status{}, true, map[string]int{r1: 1, r2: 1}, ""},
		{"a list where responders are silent", revocation.Options{Responders: both, URLs: []string{l1}}, func(w *world) { w.web.serve(l1, says(w.ca.ListDER(t, template{}))) }, pki.Status{State: pki.StateGood}, true, map[string]int{r1: 1, r2: 1, l1: 1}, "crl"},
		{"a list where no responder knows", revocation.Options{Responders: one(r1), URLs: []string{l1}}, func(w *world) {
			w.answers(t, r1, unknown)
			w.web.serve(l1, says(w.ca.ListDER(t, template{RevokedCertificateEntries: pkitest.Entries(pkitest.Now(), 4, w.system)})))
		}, pki.Status{State: pki.StateRevoked, Reason: 4}, true, map[string]int{r1: 1, l1: 1}, "crl"},
		{"lists alone", revocation.Options{URLs: []string{l1}}, func(w *world) { w.web.serve(l1, says(w.ca.ListDER(t, template{}))) }, pki.Status{State: pki.StateGood}, true, map[string]int{l1: 1}, "crl"},
		{"responder of another authority", revocation.Options{Responders: []revocation.Responder{{URL: r1, Issuer: name(t, "CN=OTHER,C=KZ")}}}, func(w *world) { w.answers(t, r1, good) }, pki.Status{}, false, map[string]int{r1: 0}, ""},
		{"responder of this authority", revocation.Options{Responders: []revocation.Responder{{URL: r1, Issuer: name(t, "C=KZ, OU=test, CN=НЕГІЗГІ КУӘЛАНДЫРУШЫ")}}}, func(w *world) { w.answers(t, r1, good) }, pki.Status{State: pki.StateGood}, true, map[string]int{r1: 1}, "ocsp"},
		{"everybody is silent", revocation.Options{Responders: both, URLs: []string{l1}}, func(*world) {}, pki.Status{}, false, map[string]int{r1: 1, r2: 1, l1: 1}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tt.serve(w)
			k := w.checker(t, tt.o)
			for range 3 { // whatever came of it, nobody is asked again at once
				st, err := w.status(t, k)
				if st.State != tt.want.State || st.Reason != tt.want.Reason || st.Source != tt.source || (err == nil) != tt.told || st.Late {
					t.Errorf("%+v, %v", st, err)
				}
			}
			for url, n := range tt.asked {
				if w.web.count(url) != n {
					t.Errorf("%s was asked %d times, want %d", url, w.web.count(url), n)
				}
			}
		})
	}
}

func name(t *testing.T, dn string) pki.Name {
	t.Helper()
	n, ok := pki.ParseName(dn)
	if !ok {
		t.Fatal(dn)
	}
	return n
}

// TestStaticListsOutrank: what a list of configuration names is revoked,
// whatever a responder says.
func TestStaticListsOutrank(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.answers(t, responderURL, pkitest.OCSP{State: pki.StateGood})
	static := func(reason pki.CRLReason, from time.Time) *revocation.Lists {
		return revocation.NewLists(certs(w.ca.Certificate), w.ca.List(t, template{
			ThisUpdate: from, NextUpdate: from.Add(time.Hour), RevokedCertificateEntries: pkitest.Entries(from, reason, w.system),
		}))
	}
	year := w.clock.now().AddDate(-1, 0, 0)
	w.want(t, w.checker(t, revocation.Options{Static: static(1, year), Responders: one(responderURL)}), pki.StateRevoked)
	// A suspension of a year ago is over when a responder says so today.
	w.want(t, w.checker(t, revocation.Options{Static: static(pki.CertificateHold, year), Responders: one(responderURL)}), pki.StateGood)
	w.want(t, w.checker(t, revocation.Options{Static: static(pki.CertificateHold, year)}), pki.StateRevoked)
	w.want(t, w.checker(t, revocation.Options{Static: static(pki.CertificateHold, w.clock.now()), Responders: one(responderURL)}), pki.StateRevoked)
}

// TestCauses: each way in which a responder or a list fails, by its error.
func TestCauses(t *testing.T) {
	t.Parallel()
	stranger := pkitest.NewAuthority(t, "НЕГІЗГІ КУӘЛАНДЫРУШЫ")
	header := func(key, value string, s server) server {
		return func(r *http.Request) (*http.Response, error) {
			a, err := s(r)
			if err == nil {
				a.Header.Set(key, value)
			}
			return a, err
		}
	}
	torn := func(*http.Request) (*http.Response, error) {
		a := response(http.StatusOK, nil)
		a.Body = io.NopCloser(io.MultiReader(io.LimitReader(zeros{}, 100), broken{}))
		return a, nil
	}
	announced := func(*http.Request) (*http.Response, error) {
		a := response(http.StatusOK, nil)
		a.ContentLength = 1 << 40
		return a, nil
	}
	endless := func(*http.Request) (*http.Response, error) {
		a := response(http.StatusOK, nil)
		a.Body = io.NopCloser(zeros{})
		return a, nil
	}
	for _, tt := range []struct {
		name  string
		serve func(w *world) server
		list  bool
		want  error
	}{
		{"nobody there", func(*world) server { return nil }, false, revocation.ErrUnreachable},
		{"redirect", func(*world) server { return header("Location", secondURL, status(http.StatusFound)) }, false, revocation.ErrRedirected},
		{"not found", func(*world) server { return status(http.StatusNotFound) }, false, revocation.ErrHTTPStatus},
		{"no content", func(*world) server { return status(http.StatusNoContent) }, false, revocation.ErrHTTPStatus},
		{"server error", func(*world) server { return status(http.StatusBadGateway) }, false, revocation.ErrHTTPStatus},
		{"compressed", func(*world) server { return header("Content-Encoding", "gzip", says([]byte{1})) }, false, revocation.ErrEncoded},
		{"torn", func(*world) server { return torn }, false, revocation.ErrUnreachable},
		{"announces too much", func(*world) server { return announced }, false, revocation.ErrTooLong},
		{"sends too much", func(*world) server { return endless }, false, revocation.ErrTooLong},
		{"a page", func(*world) server { return says([]byte("<html>hunter2</html>")) }, false, ocsp.ErrMalformed},
		{"malformedRequest", func(*world) server { return says(pkitest.Refuse(1)) }, false, ocsp.MalformedRequest},
		{"internalError", func(*world) server { return says(pkitest.Refuse(2)) }, false, ocsp.InternalError},
		{"tryLater", func(*world) server { return says(pkitest.Refuse(3)) }, false, ocsp.TryLater},
		{"sigRequired", func(*world) server { return says(pkitest.Refuse(5)) }, false, ocsp.SigRequired},
		{"unauthorized", func(*world) server { return says(pkitest.Refuse(6)) }, false, ocsp.Unauthorized},
		{"T5: forged by another authority", func(w *world) server {
			return responds(t, stranger, w.clock, pkitest.OCSP{State: pki.StateGood}, w.system)
		}, false, ocsp.ErrSignature},
		{"T5: about another certificate", func(w *world) server {
			return says(w.ca.Respond(t, pkitest.OCSP{State: pki.StateGood}, leaf(t, w.ca, "Other")))
		}, false, ocsp.ErrCertID},
		{"T5: stale", func(w *world) server {
			return responds(t, w.ca, w.clock, pkitest.OCSP{State: pki.StateGood, ThisUpdate: w.clock.now().Add(-2 * time.Hour), NextUpdate: w.clock.now().Add(-time.Hour)}, w.system)
		}, false, ocsp.ErrStale},
		{"T5: of tomorrow", func(w *world) server {
			return responds(t, w.ca, w.clock, pkitest.OCSP{State: pki.StateGood, ThisUpdate: w.clock.now().Add(24 * time.Hour)}, w.system)
		}, false, ocsp.ErrNotYetValid},
		{"T5: for another request", func(w *world) server {
			return responds(t, w.ca, w.clock, pkitest.OCSP{State: pki.StateGood, Nonce: []byte{4, 1, 7}}, w.system)
		}, false, ocsp.ErrNonce},
		{"list: nobody there", func(*world) server { return nil }, true, revocation.ErrUnreachable},
		{"list: redirect", func(*world) server { return header("Location", secondURL, status(http.StatusMovedPermanently)) }, true, revocation.ErrRedirected},
		{"list: sends too much", func(*world) server { return endless }, true, revocation.ErrTooLong},
		{"list: nothing", func(*world) server { return says(nil) }, true, nil},
		{"list: a page", func(*world) server { return says([]byte("<html>")) }, true, nil},
		{"list: cut off", func(w *world) server { return says(w.ca.ListDER(t, template{})[:50]) }, true, crl.ErrMalformed},
		{"T5: list forged by another authority", func(*world) server { return says(stranger.ListDER(t, template{})) }, true, revocation.ErrUnsigned},
		{"T5: stale list", func(w *world) server {
			return says(w.ca.ListDER(t, template{ThisUpdate: w.clock.now().Add(-2 * time.Hour), NextUpdate: w.clock.now().Add(-time.Hour)}))
		}, true, revocation.ErrStale},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			url, o := responderURL, revocation.Options{Responders: one(responderURL), Limits: crl.Limits{Bytes: 1 << 16}}
			if tt.list {
				url, o.Responders, o.URLs = listURL, nil, []string{listURL}
			}
			if s := tt.serve(w); s != nil {
				w.web.serve(url, s)
			}
			k := w.checker(t, o)
			w.wantNone(t, k, tt.want)
			_, err := w.status(t, k)
			var source *revocation.SourceError
			if !errors.As(err, &source) || url != "http://"+source.Source+"/" && !tt.list {
				t.Errorf("the source is not named: %v", err)
			}
			if w.web.count(url) != 1 || w.web.count(secondURL) != 0 {
				t.Errorf("asked %d times, where it was redirected to %d times", w.web.count(url), w.web.count(secondURL))
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestNonce: an answer without one is taken unless it is required; one that is
// echoed has to be ours.
func TestNonce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	echo := func(r *http.Request) (*http.Response, error) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		nonce := b[len(b)-34:] // the last extension's value
		if nonce[0] != 4 || nonce[1] != 32 {
			t.Errorf("no nonce of 32 bytes: %x", b)
		}
		return response(http.StatusOK, w.ca.Respond(t, pkitest.OCSP{State: pki.StateGood, ThisUpdate: w.clock.now(), Nonce: nonce}, w.system)), nil
	}
	strict := []revocation.Responder{{URL: responderURL, RequireNonce: true}}
	w.web.serve(responderURL, echo)
	w.want(t, w.checker(t, revocation.Options{Responders: strict}), pki.StateGood)
	w.answers(t, responderURL, pkitest.OCSP{State: pki.StateGood})
	w.want(t, w.checker(t, revocation.Options{Responders: one(responderURL)}), pki.StateGood)
	w.wantNone(t, w.checker(t, revocation.Options{Responders: strict}), ocsp.ErrNonce)
}

// TestPinnedAndRevokedResponders: a responder of configuration may answer; one
// that the issuer delegated to and then revoked may not.
func TestPinnedAndRevokedResponders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := pkitest.ECKey(t)
	alien := pkitest.NewAuthority(t, "Alien").Issue(t, "R", key.Public())
	delegate := w.ca.Issue(t, "R", key.Public(), func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning} })
	w.answers(t, responderURL, pkitest.OCSP{State: pki.StateGood, Signer: key})
	w.wantNone(t, w.checker(t, revocation.Options{Responders: one(responderURL)}), ocsp.ErrSignature)
	w.want(t, w.checker(t, revocation.Options{Responders: []revocation.Responder{{URL: responderURL, Certificate: alien}}}), pki.StateGood)

	w.answers(t, responderURL, pkitest.OCSP{State: pki.StateGood, Signer: key, Carried: certs(delegate)})
	w.want(t, w.checker(t, revocation.Options{Responders: one(responderURL)}), pki.StateGood)
	static := revocation.NewLists(certs(w.ca.Certificate), w.ca.List(t, template{
		ThisUpdate: w.clock.now().Add(-9 * time.Hour), NextUpdate: w.clock.now().Add(-8 * time.Hour),
		RevokedCertificateEntries: pkitest.Entries(w.clock.now().Add(-9*time.Hour), 1, delegate),
	}))
	w.wantNone(t, w.checker(t, revocation.Options{Static: static, Responders: one(responderURL)}), revocation.ErrResponder)
}

// TestFromCertificates: URLs in a certificate are used where that is allowed,
// after those of configuration, and only if they are http or https.
func TestFromCertificates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	points := func(url string) []byte {
		c := leaf(t, w.ca, "Points", func(c *x509.Certificate) { c.CRLDistributionPoints = []string{url} })
		for _, e := range c.Extensions {
			if e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 31}) {
				return e.Value
			}
		}
		return nil
	}
	w.system = leaf(t, w.ca, "System", func(c *x509.Certificate) {
		c.OCSPServer = []string{"ldap://ocsp.example.kz/", "http://user@ocsp.example.kz/", "file:///etc/passwd", secondURL}
		c.CRLDistributionPoints = []string{"ldap://crl.example.kz/", listURL}
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 46}, Value: points(deltaURL)}}
	})
	off := w.checker(t, revocation.Options{Responders: one(responderURL)})
	w.wantNone(t, off, revocation.ErrUnreachable)
	on := w.checker(t, revocation.Options{Responders: one(responderURL), FromCertificates: true})
	w.wantNone(t, on, revocation.ErrUnreachable)
	for url, n := range map[string]int{responderURL: 2, secondURL: 1, listURL: 1, deltaURL: 1} {
		if w.web.count(url) != n {
			t.Errorf("%s was asked %d times, want %d", url, w.web.count(url), n)
		}
	}
	if len(w.web.asked) != 4 {
		t.Errorf("asked: %v", w.web.asked)
	}
	w.clock.pass(time.Hour)
	w.web.serve(listURL, says(w.ca.ListDER(t, template{ThisUpdate: w.clock.now(), NextUpdate: w.clock.now().Add(time.Hour)})))
	w.want(t, on, pki.StateGood)
	w.clock.pass(time.Hour + time.Second)
	w.answers(t, secondURL, pkitest.OCSP{State: pki.StateGood})
	if st := w.want(t, on, pki.StateGood); st.Source != "ocsp" {
		t.Errorf("%+v", st)
	}
}

// TestAlternatives: of several URLs in a certificate for the same list one is
// enough, and one that is in force keeps the others from being tried.
func TestAlternatives(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.system = leaf(t, w.ca, "System", func(c *x509.Certificate) { c.CRLDistributionPoints = []string{listURL, secondURL} })
	k := w.checker(t, revocation.Options{FromCertificates: true})
	serve := func(url string) {
		w.web.serve(url, says(w.ca.ListDER(t, template{ThisUpdate: w.clock.now(), NextUpdate: w.clock.now().Add(time.Hour)})))
	}
	serve(secondURL)
	for range 10 {
		w.want(t, k, pki.StateGood)
		w.clock.pass(time.Minute)
	}
	if w.web.count(listURL) != 1 || w.web.count(secondURL) != 1 {
		t.Errorf("asked: %v", w.web.asked)
	}
	w.clock.pass(time.Hour)
	serve(listURL)
	w.want(t, k, pki.StateGood)
	if w.web.count(listURL) != 2 || w.web.count(secondURL) != 1 {
		t.Errorf("asked: %v", w.web.asked)
	}
}

// TestListsOfOthers: a URL whose list is of another authority is not fetched for
// this one again.
func TestListsOfOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := pkitest.NewAuthority(t, "Other")
	k, err := revocation.New(revocation.Options{
		Authorities: certs(w.ca.Certificate, other.Certificate), URLs: []string{listURL, secondURL}, Network: w.web, Clock: w.clock.now,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.web.serve(listURL, says(w.ca.ListDER(t, template{NextUpdate: w.clock.now().Add(9 * time.Hour), ThisUpdate: w.clock.now()})))
	w.web.serve(secondURL, says(other.ListDER(t, template{NextUpdate: w.clock.now().Add(time.Hour), ThisUpdate: w.clock.now()})))
	w.want(t, k, pki.StateGood)
	w.clock.pass(2 * time.Hour)
	w.want(t, k, pki.StateGood)
	if w.web.count(listURL) != 1 || w.web.count(secondURL) != 1 {
		t.Errorf("asked: %v", w.web.asked)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	many := make([]string, 65)
	for i := range many {
		many[i] = listURL
	}
	for name, o := range map[string]revocation.Options{
		"URLs and no network":           {URLs: []string{listURL}},
		"responder and no network":      {Responders: one(responderURL)},
		"certificates and no network":   {FromCertificates: true},
		"a scheme that is not HTTP":     {URLs: []string{"ldap://crl.example.kz/"}, Network: w.web},
		"a URL with a user":             {Responders: one("http://hunter2@ocsp.example.kz/"), Network: w.web},
		"a relative URL":                {Responders: one("ocsp"), Network: w.web},
		"a hash function nobody knows":  {Responders: []revocation.Responder{{URL: responderURL, Hash: asn1.ObjectIdentifier{1, 2, 3}}}, Network: w.web},
		"too many URLs":                 {URLs: many, Network: w.web},
		"a cache folder that is a file": {CacheDir: "kit_test.go"},
	} {
		if k, err := revocation.New(o); err == nil || k != nil {
			t.Errorf("%s: accepted", name)
		}
	}
	// With nothing to ask it is as good as no list.
	w.wantNone(t, w.checker(t, revocation.Options{}), nil)
}
