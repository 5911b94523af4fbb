package revocation_test

import (
	"math/big"
	"net/http"
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/ocsp"
	"github.com/kopir-kz/kopir/gateway/pki/revocation"
)

// TestT5ClockAcrossNextUpdate moves the clock across the end of an answer and of
// a list, without grace and without a newer one.
func TestT5ClockAcrossNextUpdate(t *testing.T) {
	t.Parallel()
	for name, list := range map[string]bool{"answer": false, "list": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			end := w.clock.now().Add(30 * time.Minute)
			o := revocation.Options{Responders: one(responderURL), Skew: time.Minute}
			if list {
				o.Responders, o.URLs = nil, []string{listURL}
			}
			w.answers(t, responderURL, pkitest.OCSP{State: pki.StateGood, NextUpdate: end})
			w.web.serve(listURL, says(w.ca.ListDER(t, template{ThisUpdate: w.clock.now(), NextUpdate: end})))
			k := w.checker(t, o)
			w.want(t, k, pki.StateGood)
			w.web.serve(responderURL, nil)
			w.web.serve(listURL, nil)
			w.clock.pass(30 * time.Minute)
			w.want(t, k, pki.StateGood)
			w.clock.pass(time.Minute)
			w.want(t, k, pki.StateGood) // within the skew
			w.clock.pass(time.Second)
			w.wantNone(t, k, nil)
		})
	}
}

// TestT5AcrossNotAfter: the certificate itself expires whatever its issuer says,
// and an answer cannot make it valid again.
func TestT5AcrossNotAfter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.answers(t, responderURL, pkitest.OCSP{State: pki.StateGood})
	s := pki.NewStore(pki.Options{Roots: certs(w.ca.Certificate), Revocation: pki.RevocationHard, Revoker: w.checker(t, revocation.Options{Responders: one(responderURL)})})
	expect(t, s, carried(w.system), w.clock.now(), "")
	w.clock.pass(w.system.NotAfter.Sub(w.clock.now()))
	expect(t, s, carried(w.system), w.clock.now(), "")
	w.clock.pass(time.Second)
	expect(t, s, carried(w.system), w.clock.now(), pki.ReasonExpired)
}

// TestT5RevokedThenUnknown: nothing a responder or a network does makes a
// revocation forgotten, neither in memory nor over a restart.
func TestT5RevokedThenUnknown(t *testing.T) {
	t.Parallel()
	for _, reason := range []pki.CRLReason{0, 1, pki.CertificateHold} {
		w := newWorld(t)
		o := revocation.Options{Responders: one(responderURL), URLs: []string{listURL}, CacheDir: t.TempDir(), Grace: 24 * time.Hour}
		k := w.checker(t, o)
		w.answers(t, responderURL, pkitest.OCSP{State: pki.StateRevoked, Since: w.clock.now().Add(-time.Hour), Reason: reason})
		w.want(t, k, pki.StateRevoked)
		for name, s := range map[string]server{
			"unknown":   responds(t, w.ca, w.clock, pkitest.OCSP{}, w.system),
			"silent":    nil,
			"confused":  says([]byte("<html>")),
			"down":      status(http.StatusServiceUnavailable),
			"try later": says(pkitest.Refuse(3)),
			"good, but stale": responds(t, w.ca, w.clock, pkitest.OCSP{
				State: pki.StateGood, ThisUpdate: w.clock.now().Add(-9 * time.Hour), NextUpdate: w.clock.now().Add(-time.Hour),
			}, w.system),
			"good, but from before, kept and replayed": responds(t, w.ca, w.clock, pkitest.OCSP{
				State: pki.StateGood, ThisUpdate: w.clock.now().Add(-time.Minute), NextUpdate: w.clock.now().AddDate(1, 0, 0),
			}, w.system),
		} {
			w.web.serve(responderURL, s)
			for range 3 {
				w.clock.pass(2 * time.Hour)
				if st := w.want(t, k, pki.StateRevoked); st.Reason != reason {
					t.Errorf("%s: %+v", name, st)
				}
				w.want(t, w.checker(t, o), pki.StateRevoked) // a restart
			}
		}
		w.clock.pass(30 * 24 * time.Hour)
		w.want(t, k, pki.StateRevoked)
		w.want(t, w.checker(t, o), pki.StateRevoked)
		// A new answer lifts what was only suspended.
		w.answers(t, responderURL, pkitest.OCSP{State: pki.StateGood})
		w.clock.pass(time.Hour)
		want := pki.StateRevoked
		if reason == pki.CertificateHold {
			want = pki.StateGood
		}
		w.want(t, k, want)
		w.want(t, w.checker(t, o), want)
	}
}

// TestT5ListForgets: a revocation that was seen outlives the list it stood on.
func TestT5ListForgets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	serve := func(number int64, reason int) {
		l := template{Number: big.NewInt(number), ThisUpdate: w.clock.now(), NextUpdate: w.clock.now().Add(time.Hour)}
		if reason >= 0 {
			l.RevokedCertificateEntries = pkitest.Entries(w.clock.now(), pki.CRLReason(reason), w.system)
		}
		w.web.serve(listURL, says(w.ca.ListDER(t, l)))
	}
	k := w.checker(t, revocation.Options{URLs: []string{listURL}})
	serve(1, int(pki.CertificateHold))
	w.want(t, k, pki.StateRevoked)
	w.clock.pass(2 * time.Hour)
	serve(2, -1) // the suspension is lifted
	w.want(t, k, pki.StateGood)
	w.clock.pass(2 * time.Hour)
	serve(3, 1)
	w.want(t, k, pki.StateRevoked)
	w.clock.pass(2 * time.Hour)
	serve(4, -1)
	w.want(t, k, pki.StateRevoked)
}

// TestT5ListReplayed: an older list, still in force, does not replace a newer one.
func TestT5ListReplayed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := w.ca.ListDER(t, template{ThisUpdate: w.clock.now().Add(-time.Hour), NextUpdate: w.clock.now().AddDate(0, 1, 0)})
	w.web.serve(listURL, says(w.ca.ListDER(t, template{
		Number: big.NewInt(2), ThisUpdate: w.clock.now(), NextUpdate: w.clock.now().Add(time.Hour),
		RevokedCertificateEntries: pkitest.Entries(w.clock.now(), pki.CertificateHold, w.system),
	})))
	k := w.checker(t, revocation.Options{URLs: []string{listURL}})
	w.want(t, k, pki.StateRevoked)
	w.web.serve(listURL, says(old))
	w.clock.pass(2 * time.Hour)
	w.want(t, k, pki.StateRevoked)
}

// TestOutage: responders and lists fall silent; what they said last counts until
// its time and the grace are over, and they are asked now and then.
func TestOutage(t *testing.T) {
	t.Parallel()
	const grace, term = 24 * time.Hour, 2 * time.Hour
	for name, list := range map[string]bool{"responder": false, "list": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			url := responderURL
			o := revocation.Options{Responders: one(url), Grace: grace, CacheDir: t.TempDir(), Retry: time.Minute}
			if list {
				url = listURL
				o.Responders, o.URLs = nil, []string{url}
			}
			up := func() {
				w.answers(t, responderURL, pkitest.OCSP{State: pki.StateGood, NextUpdate: w.clock.now().Add(term)})
				w.web.serve(listURL, says(w.ca.ListDER(t, template{ThisUpdate: w.clock.now(), NextUpdate: w.clock.now().Add(term)})))
			}
			k := w.checker(t, o)
			up()
			if st := w.want(t, k, pki.StateGood); st.Late {
				t.Error("late at once")
			}
			w.web.serve(url, nil)
			for passed := time.Duration(0); passed <= term+grace; passed += 10 * time.Minute {
				if st := w.want(t, k, pki.StateGood); st.Late != (passed > term) {
					t.Errorf("after %v: %+v", passed, st)
				}
				w.want(t, w.checker(t, o), pki.StateGood) // a restart in the middle of it
				w.clock.pass(10 * time.Minute)
			}
			w.wantNone(t, k, revocation.ErrUnreachable)
			w.wantNone(t, w.checker(t, o), revocation.ErrUnreachable)
			up()
			w.clock.pass(time.Minute)
			if st := w.want(t, k, pki.StateGood); st.Late {
				t.Error("late after the outage")
			}
		})
	}
}

// TestGraceIsForSilence: who answers that he does not know the certificate has
// answered.
func TestGraceIsForSilence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.answers(t, responderURL, pkitest.OCSP{State: pki.StateGood, NextUpdate: w.clock.now().Add(time.Hour)})
	k := w.checker(t, revocation.Options{Responders: one(responderURL), Grace: 24 * time.Hour})
	w.want(t, k, pki.StateGood)
	w.answers(t, responderURL, pkitest.OCSP{})
	w.clock.pass(2 * time.Hour)
	w.want(t, k, pki.StateUnknown)
	w.answers(t, responderURL, pkitest.OCSP{State: pki.StateGood})
	w.clock.pass(time.Hour)
	w.want(t, k, pki.StateGood)
}

// TestMaxAge: an answer that is good for a week is renewed every hour, and used
// for the week if that does not succeed.
func TestMaxAge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	week := w.clock.now().Add(7 * 24 * time.Hour)
	made := w.clock.now().Add(-24 * time.Hour)
	w.answers(t, responderURL, pkitest.OCSP{State: pki.StateGood, ThisUpdate: made, NextUpdate: week})
	o := revocation.Options{Responders: one(responderURL), MaxAge: time.Hour, Retry: time.Minute, CacheDir: t.TempDir()}
	k := w.checker(t, o)
	for hours := range 5 {
		w.want(t, k, pki.StateGood)
		w.clock.pass(59 * time.Minute)
		w.want(t, k, pki.StateGood)
		w.want(t, w.checker(t, o), pki.StateGood) // a restart asks nobody either
		if n := w.web.count(responderURL); n != hours+1 {
			t.Errorf("asked %d times in %d hours", n, hours+1)
		}
		w.clock.pass(time.Minute)
	}
	w.web.serve(responderURL, nil)
	w.clock.pass(week.Sub(w.clock.now()))
	w.want(t, k, pki.StateGood)
	w.clock.pass(time.Minute)
	w.wantNone(t, k, revocation.ErrUnreachable)
	// The same answer once more, past its time now.
	w.answers(t, responderURL, pkitest.OCSP{State: pki.StateGood, ThisUpdate: made, NextUpdate: week})
	w.clock.pass(time.Minute)
	w.wantNone(t, k, ocsp.ErrStale)
}

// TestPastMoments: what is fetched today must cover the moment that is asked
// about, and grace is for today; a revocation counts from its own time on.
func TestPastMoments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	now, day := w.clock.now(), 24*time.Hour
	at := func(k pki.Revoker, when time.Time) pki.State {
		st, err := k.Status(t.Context(), w.system, w.ca.Certificate, when)
		if (err != nil) != (st.State == pki.StateUnknown) {
			t.Errorf("%+v, %v", st, err)
		}
		return st.State
	}
	o := revocation.Options{Responders: one(responderURL), Grace: day}
	w.answers(t, responderURL, pkitest.OCSP{State: pki.StateGood, NextUpdate: now.Add(time.Hour)})
	k := w.checker(t, o)
	if s := at(k, now.Add(-7*day)); s != pki.StateUnknown {
		t.Errorf("today's answer is taken for one of last week: %v", s)
	}
	if s := at(k, now); s != pki.StateGood || w.web.count(responderURL) != 1 {
		t.Errorf("%v", s)
	}
	// A list of that time, from a file, speaks of it.
	o.Static = revocation.NewLists(certs(w.ca.Certificate), w.ca.List(t, template{ThisUpdate: now.Add(-8 * day), NextUpdate: now.Add(-6 * day)}))
	k = w.checker(t, o)
	if s := at(k, now.Add(-7*day)); s != pki.StateGood {
		t.Errorf("the list of last week: %v", s)
	}
	if s := at(k, now.Add(-5*day)); s != pki.StateUnknown {
		t.Errorf("after the list of last week: %v", s)
	}
	w.answers(t, responderURL, pkitest.OCSP{State: pki.StateRevoked, Since: now.Add(-2 * day), Reason: 1})
	k = w.checker(t, o)
	for when, want := range map[time.Duration]pki.State{-7 * day: pki.StateGood, -3 * day: pki.StateUnknown, -2 * day: pki.StateRevoked, 0: pki.StateRevoked} {
		if s := at(k, now.Add(when)); s != want {
			t.Errorf("%v: %v, want %v", when, s, want)
		}
	}
}

// TestAnyHistory: whatever responder and list say in whatever order, a final
// revocation stays, "good" is said only while somebody said so about this time,
// and a restart knows no less.
func TestAnyHistory(t *testing.T) {
	t.Parallel()
	shared, top := newWorld(t), t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(top, "")
		if err != nil {
			rt.Fatal(err)
		}
		h := &history{world: world{ca: shared.ca, system: shared.system, web: newWeb(), clock: newClock()}}
		h.web.serve(responderURL, h.respond(t))
		h.web.serve(listURL, h.list(t))
		const grace = 3 * time.Hour
		o := revocation.Options{Responders: one(responderURL), URLs: []string{listURL}, Grace: grace, Skew: time.Minute, Retry: time.Second, CacheDir: dir}
		k := h.checker(t, o)
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			h.clock.pass(time.Duration(rapid.IntRange(1, 300).Draw(rt, "minutes")) * time.Minute)
			h.term = time.Duration(rapid.IntRange(1, 300).Draw(rt, "term")) * time.Minute
			h.responder = rapid.SampledFrom([]string{"good", "revoked", "hold", "unknown", "silence"}).Draw(rt, "responder")
			h.listed = rapid.SampledFrom([]string{"good", "revoked", "silence"}).Draw(rt, "list")
			if rapid.IntRange(0, 3).Draw(rt, "restart") == 0 {
				// What only stood on a list that was replaced is not known any more.
				k, h.seen = h.checker(t, o), false
			}
			h.heard = ""
			st, err := h.status(t, k)
			now := h.clock.now()
			switch {
			case (h.told || h.seen || h.onList) != st.Final():
				rt.Fatalf("a revocation is forgotten or invented: %+v, %v; %+v", st, err, h)
			case st.State == pki.StateGood && now.After(h.goodUntil.Add(grace)):
				rt.Fatalf("good by nobody: %+v", st)
			case h.heard == "good" && !st.Final() && st.State != pki.StateGood:
				rt.Fatalf("a good answer is not taken: %+v, %v", st, err)
			case h.heard == "hold" && st.State != pki.StateRevoked:
				rt.Fatalf("a suspension is not taken: %+v, %v", st, err)
			}
			h.seen = h.seen || st.Final()
		}
	})
}

// history is a world in which responder and list say what they are told, and
// what they have said.
type history struct {
	world
	responder, listed string
	term              time.Duration

	heard     string    // of the responder, this time
	told      bool      // it said "revoked" once
	onList    bool      // the last list that was fetched names the certificate
	seen      bool      // a final revocation was reported since the start
	goodUntil time.Time // latest end of what was good
}

func (h *history) good() {
	if end := h.clock.now().Add(h.term); end.After(h.goodUntil) {
		h.goodUntil = end
	}
}

func (h *history) respond(t *testing.T) server {
	return func(r *http.Request) (*http.Response, error) {
		h.heard = h.responder
		a := pkitest.OCSP{NextUpdate: h.clock.now().Add(h.term), Since: h.clock.now()}
		switch h.responder {
		case "good":
			a.State = pki.StateGood
			h.good()
		case "revoked":
			a.State, a.Reason = pki.StateRevoked, 1
			h.told = true
		case "hold":
			a.State, a.Reason = pki.StateRevoked, pki.CertificateHold
		case "silence":
			return nil, http.ErrHandlerTimeout
		}
		return responds(t, h.ca, h.clock, a, h.system)(r)
	}
}

func (h *history) list(t *testing.T) server {
	return func(*http.Request) (*http.Response, error) {
		now := h.clock.now()
		l := template{Number: big.NewInt(now.Unix()), ThisUpdate: now, NextUpdate: now.Add(h.term)}
		switch h.listed {
		case "silence":
			return nil, http.ErrHandlerTimeout
		case "revoked":
			l.RevokedCertificateEntries = pkitest.Entries(now, 1, h.system)
		case "good":
			h.good()
		}
		h.onList = h.listed == "revoked"
		return response(http.StatusOK, h.ca.ListDER(t, l)), nil
	}
}
