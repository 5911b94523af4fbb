package revocation_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/revocation"
)

// TestOneFetchForMany: many messages of one signer at once are one question, and
// many signers of one authority fetch its list once.
func TestOneFetchForMany(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	signers := []*x509.Certificate{w.system, leaf(t, w.ca, "B"), leaf(t, w.ca, "C")}
	answer := w.ca.Respond(t, pkitest.OCSP{State: pki.StateGood}, w.system)
	l := w.ca.ListDER(t, template{})
	synctest.Test(t, func(t *testing.T) {
		slow := func(b []byte) server {
			return func(r *http.Request) (*http.Response, error) {
				time.Sleep(time.Second)
				return says(b)(r)
			}
		}
		w.web.serve(responderURL, slow(answer))
		w.web.serve(listURL, slow(l))
		w.web.serve(secondURL, slow(l))
		ask := func(k *revocation.Checker, many []*x509.Certificate) {
			var wg sync.WaitGroup
			for i := range 50 {
				wg.Go(func() {
					st, err := k.Status(t.Context(), many[i%len(many)], w.ca.Certificate, w.clock.now())
					if err != nil || st.State != pki.StateGood {
						t.Errorf("%+v, %v", st, err)
					}
				})
			}
			wg.Wait()
		}
		ask(w.checker(t, revocation.Options{Responders: one(responderURL)}), signers[:1])
		ask(w.checker(t, revocation.Options{URLs: []string{listURL, secondURL}}), signers)
	})
	for _, url := range []string{responderURL, listURL, secondURL} {
		if n := w.web.count(url); n != 1 {
			t.Errorf("%s was asked %d times", url, n)
		}
	}
}

// TestTimeout: who does not answer in time is left alone for a while, for every
// certificate, so that messages do not wait for him one by one.
func TestTimeout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	second := leaf(t, w.ca, "Second")
	synctest.Test(t, func(t *testing.T) {
		w.web.serve(responderURL, hangs)
		w.web.serve(listURL, hangs)
		k := w.checker(t, revocation.Options{Responders: one(responderURL), URLs: []string{listURL}, Timeout: 3 * time.Second, ListTimeout: 20 * time.Second})
		begun := time.Now()
		w.wantNone(t, k, revocation.ErrTimedOut)
		if waited := time.Since(begun); waited != 23*time.Second {
			t.Errorf("waited for %v", waited)
		}
		begun = time.Now()
		w.wantNone(t, k, revocation.ErrTimedOut)
		if _, err := k.Status(t.Context(), second, w.ca.Certificate, w.clock.now()); !errors.Is(err, revocation.ErrPaused) {
			t.Errorf("%v", err)
		}
		if waited := time.Since(begun); waited != 0 {
			t.Errorf("waited for %v", waited)
		}
		w.clock.pass(30 * time.Second)
		if _, err := k.Status(t.Context(), second, w.ca.Certificate, w.clock.now()); !errors.Is(err, revocation.ErrTimedOut) {
			t.Errorf("%v", err)
		}
		if n := w.web.count(responderURL); n != 2 {
			t.Errorf("asked %d times", n)
		}
	})
}

// TestSpareList: messages wait for a list that nobody has seen yet, and not again
// for one that failed while another is in force.
func TestSpareList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	base := w.ca.ListDER(t, template{Number: big.NewInt(1), ThisUpdate: w.clock.now(), NextUpdate: w.clock.now().Add(time.Hour)})
	delta := w.ca.ListDER(t, pkitest.Delta(1, template{
		Number: big.NewInt(2), ThisUpdate: w.clock.now(), NextUpdate: w.clock.now().Add(time.Hour), RevokedCertificateEntries: pkitest.Entries(w.clock.now(), 1, w.system),
	}))
	synctest.Test(t, func(t *testing.T) {
		w.web.serve(listURL, says(base))
		w.web.serve(deltaURL, hangs)
		k := w.checker(t, revocation.Options{URLs: []string{listURL, deltaURL}, ListTimeout: 20 * time.Second})
		for _, want := range []time.Duration{20 * time.Second, 0, 0} {
			begun := time.Now()
			w.want(t, k, pki.StateGood)
			if waited := time.Since(begun); waited != want {
				t.Errorf("waited for %v, want %v", waited, want)
			}
			synctest.Wait()
			w.clock.pass(time.Minute)
			time.Sleep(time.Minute)
		}
		w.web.serve(deltaURL, says(delta))
		_, _ = w.status(t, k) // asks behind this answer
		synctest.Wait()
		w.want(t, k, pki.StateRevoked)
		if n := w.web.count(deltaURL); n != 4 {
			t.Errorf("asked %d times", n)
		}
	})
}

// TestCallerGone: a caller that has no more time gets what is known, and the
// question goes on for the next one.
func TestCallerGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	answer := w.ca.Respond(t, pkitest.OCSP{State: pki.StateGood}, w.system)
	synctest.Test(t, func(t *testing.T) {
		w.web.serve(responderURL, func(r *http.Request) (*http.Response, error) {
			select {
			case <-time.After(2 * time.Second):
				return says(answer)(r)
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		})
		k := w.checker(t, revocation.Options{Responders: one(responderURL)})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		st, err := k.Status(ctx, w.system, w.ca.Certificate, w.clock.now())
		if st.State != pki.StateUnknown || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%+v, %v", st, err)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		w.want(t, k, pki.StateGood)
		if n := w.web.count(responderURL); n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}

// TestManyCertificates: memory is bounded, and revocations stay in it.
func TestManyCertificates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	static := revocation.NewLists(certs(w.ca.Certificate), w.ca.List(t, template{RevokedCertificateEntries: pkitest.Entries(w.clock.now(), 1, w.system)}))
	k := w.checker(t, revocation.Options{Static: static})
	w.want(t, k, pki.StateRevoked)
	c := *w.system
	for i := range 3 * revocation.MaxRecords {
		c.SerialNumber = big.NewInt(int64(1000 + i))
		if st, err := k.Status(t.Context(), &c, w.ca.Certificate, w.clock.now()); err != nil || st.State != pki.StateGood {
			t.Fatalf("%+v, %v", st, err)
		}
	}
	if n := k.Records(w.ca.Certificate); n != revocation.MaxRecords {
		t.Errorf("%d records", n)
	}
	c.SerialNumber = new(big.Int).Lsh(big.NewInt(1), 300) // longer than a key of the map
	if st, err := k.Status(t.Context(), &c, w.ca.Certificate, w.clock.now()); err != nil || st.State != pki.StateGood {
		t.Errorf("%+v, %v", st, err)
	}
}

// TestWarm: while answers are fresh nobody is asked, nothing is read and nothing
// is allocated. It counts for the whole process, so it is not parallel.
func TestWarm(t *testing.T) {
	w := newWorld(t)
	dir := t.TempDir()
	w.answers(t, responderURL, pkitest.OCSP{State: pki.StateGood})
	w.web.serve(listURL, says(w.ca.ListDER(t, template{})))
	for name, o := range map[string]revocation.Options{
		"responder": {Responders: one(responderURL), URLs: []string{listURL}, CacheDir: dir},
		"list":      {URLs: []string{listURL}, CacheDir: dir},
		"static":    {Static: revocation.NewLists(certs(w.ca.Certificate), w.ca.List(t, template{}))},
	} {
		k := w.checker(t, o)
		w.want(t, k, pki.StateGood)
		w.web.serve(responderURL, nil)
		w.web.serve(listURL, nil)
		ctx, at := context.Background(), w.clock.now()
		if n := testing.AllocsPerRun(100, func() {
			if st, err := k.Status(ctx, w.system, w.ca.Certificate, at); err != nil || st.State != pki.StateGood {
				t.Fatal(st, err)
			}
		}); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
		w.answers(t, responderURL, pkitest.OCSP{State: pki.StateGood})
		w.web.serve(listURL, says(w.ca.ListDER(t, template{})))
	}
}

// TestNobodyIsNamed: neither the log nor an error has a person, a number of his
// or what a peer sent.
func TestNobodyIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.system = leaf(t, w.ca, "СЫНАҚБЕКОВ ТЕСТ", func(c *x509.Certificate) {
		c.Subject.SerialNumber = "IIN904315300120"
		c.SerialNumber = big.NewInt(0x5eed5eed)
	})
	var log bytes.Buffer
	k := w.checker(t, revocation.Options{
		Responders: []revocation.Responder{{URL: responderURL + "?key=hunter2"}, {URL: secondURL}}, URLs: []string{listURL},
		CacheDir: t.TempDir(), Log: slog.New(slog.NewTextHandler(&log, nil)),
	})
	w.web.serve(secondURL, says([]byte("hunter2")))
	w.web.serve(listURL, func(*http.Request) (*http.Response, error) { return nil, errors.New("hunter2") })
	s := pki.NewStore(pki.Options{Roots: certs(w.ca.Certificate), Revocation: pki.RevocationHard, Revoker: k})
	_, err := s.Resolve(t.Context(), carried(w.system), w.clock.now())
	if err == nil || log.Len() == 0 {
		t.Fatal("nothing failed")
	}
	for _, text := range []string{err.Error(), log.String()} {
		for _, secret := range []string{"904315300120", "СЫНАҚБЕКОВ", "hunter2"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q is told: %s", secret, text)
			}
		}
		if !strings.Contains(text, "ocsp2.example.kz") || !strings.Contains(text, "crl.example.kz") {
			t.Errorf("the sources are not named: %s", text)
		}
	}
	if strings.Contains(log.String(), "5eed5eed") || !strings.Contains(err.Error(), "serial 5eed5eed of issuer") {
		t.Errorf("%v\n%s", err, log.String())
	}
}
