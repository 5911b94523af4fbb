package transport

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kopir-kz/kopir/gateway/fault"
)

func TestRetryAfterIsCapped(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		status   int
		value    string
		timeout  time.Duration
		attempts int
		within   time.Duration
	}{
		{"a day, as seconds", 503, "86400", 30 * time.Second, 3, 20 * time.Second},
		{"a day, of throttling", 429, "86400", 30 * time.Second, 3, 20 * time.Second},
		{"a date far ahead", 503, "Fri, 31 Dec 2100 23:59:59 GMT", 30 * time.Second, 3, 20 * time.Second},
		{"more seconds than fit", 503, "9223372036854775807", 30 * time.Second, 3, 20 * time.Second},
		{"no time for the cap", 503, "86400", 9 * time.Second, 1, 0},
		{"time for one cap only", 503, "86400", 15 * time.Second, 2, 10 * time.Second},
		{"negative", 503, "-5", 30 * time.Second, 3, time.Second},
		{"nonsense", 503, "soon", 30 * time.Second, 3, time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := client(t, says(tt.status, "", "Retry-After", tt.value),
					func(o *Options) { o.Timeout, o.AttemptTimeout = tt.timeout, time.Second })
				begun := time.Now()
				got, err := c.Do(t.Context(), round())
				wantKind(t, err, fault.ShepUnavailable)
				if took := time.Since(begun); took > tt.within || got.Attempts != tt.attempts {
					t.Errorf("%d attempts in %v, want %d within %v", got.Attempts, took, tt.attempts, tt.within)
				}
			})
		})
	}
}

// TestThrottlingPausesOthers: after a 429 other calls of the client are refused
// without being sent, or wait if the pause is short; then they go.
func TestThrottlingPausesOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sent := 0
		throttled := true
		c := client(t, func(r *http.Request) (*http.Response, error) {
			sent++
			if throttled {
				return says(429, "", "Retry-After", "5")(r)
			}
			return says(200, "")(r)
		}, func(o *Options) { o.MaxAttempts = 1 })
		_, err := c.Do(t.Context(), round())
		wantKind(t, err, fault.ShepUnavailable)

		throttled = false
		got, err := c.Do(t.Context(), round())
		wantKind(t, err, fault.ShepUnavailable)
		if sent != 1 || got.Attempts != 0 || got.Cause != Paused {
			t.Errorf("sent %d, report %+v: the pause was not kept", sent, got)
		}
		time.Sleep(4500 * time.Millisecond) // virtual: half a second of pause is left
		got, err = c.Do(t.Context(), round())
		wantKind(t, err, "")
		if got.Backoff != 500*time.Millisecond {
			t.Errorf("waited %v for the end of the pause", got.Backoff)
		}
		if n := c.breaker.cb.Counts(); n.TotalFailures != 0 {
			t.Errorf("throttling counted as failure: %+v", n)
		}
	})
}

// TestT33BadRequestsLeaveTheBreakerClosed: what one client can provoke does not
// close the registry to the others.
func TestT33BadRequestsLeaveTheBreakerClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := client(t, says(500, "<Fault/>"))
		bad := roundWith(func(int, []byte) error { return fault.New(fault.ShepRefused, "read answer", "") })
		for range 500 {
			_, err := c.Do(t.Context(), bad)
			wantKind(t, err, fault.ShepRefused)
		}
		if s := c.BreakerState(); s != "closed" {
			t.Fatalf("breaker %s", s)
		}
	})
}

// TestCancelledCallsLeaveTheBreakerClosed, wherever the caller was when he left.
func TestCancelledCallsLeaveTheBreakerClosed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		peer peer
	}{
		{"waiting for the answer", hangs},
		{"reading the body", func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: drip{r.Context()}, ContentLength: -1}, nil
		}},
		{"between attempts", says(503, "", "Retry-After", "5")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := client(t, tt.peer)
				for range 100 {
					ctx, cancel := context.WithCancel(t.Context())
					time.AfterFunc(1500*time.Millisecond, cancel)
					_, err := c.Do(ctx, round())
					wantKind(t, err, fault.CallerGone)
				}
				if n := c.breaker.cb.Counts(); n.TotalFailures != 0 || c.BreakerState() != "closed" {
					t.Fatalf("breaker %s, %+v", c.BreakerState(), n)
				}
			})
		})
	}
}

// TestImpatientCallers: a caller's own short deadline is his affair; one that
// leaves the registry a fair time is the registry's.
func TestImpatientCallers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		patience time.Duration
		cause    Cause
		count    Count
	}{
		{"too little time", time.Second, CutShort, Excluded},
		{"a fair time", 6 * time.Second, TimedOut, Failure},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := client(t, hangs)
				ctx, cancel := context.WithTimeout(t.Context(), tt.patience)
				defer cancel()
				got, err := c.Do(ctx, round())
				wantKind(t, err, fault.ShepTimeout)
				if got.Cause != tt.cause || counted(c) != tt.count {
					t.Errorf("cause %q counted %v, want %q %v", got.Cause, counted(c), tt.cause, tt.count)
				}
			})
		})
	}
}

// TestT13DripEndsAtTheDeadline, also when the body does not watch the context.
func TestT13DripEndsAtTheDeadline(t *testing.T) {
	t.Parallel()
	for name, background := range map[string]bool{"connection watches": false, "connection does not": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := client(t, func(r *http.Request) (*http.Response, error) {
					ctx := r.Context()
					if background {
						ctx = context.WithoutCancel(ctx)
					}
					return &http.Response{StatusCode: http.StatusOK, Body: drip{ctx}, ContentLength: -1}, nil
				})
				begun := time.Now()
				got, err := c.Do(t.Context(), round())
				wantKind(t, err, fault.ShepTimeout)
				if took := time.Since(begun); took > 30*time.Second+time.Second || got.Attempts < 2 {
					t.Errorf("%d attempts in %v", got.Attempts, took)
				}
			})
		})
	}
}

// TestT34HungProbe: a probe that never answers ends at its deadline, and the
// breaker leaves half-open by itself.
func TestT34HungProbe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var changes []string
		var behave atomic.Pointer[peer]
		set := func(p peer) { behave.Store(&p) }
		set(says(503, ""))
		c := client(t, func(r *http.Request) (*http.Response, error) { return (*behave.Load())(r) },
			func(o *Options) {
				o.MaxAttempts = 1
				o.Observer.Breaker = func(_, from, to string) { changes = append(changes, from+">"+to) }
			})
		for range 10 {
			_, _ = c.Do(t.Context(), round())
		}
		if s := c.BreakerState(); s != "open" {
			t.Fatalf("breaker %s after ten failures", s)
		}
		prepared := false
		r := round()
		r.Prepare = func(context.Context, int) ([]byte, error) { prepared = true; return nil, nil }
		got, err := c.Do(t.Context(), r)
		wantKind(t, err, fault.ShepUnavailable)
		if prepared || got.Attempts != 0 || got.Cause != CircuitOpen {
			t.Errorf("an open breaker let work begin: %+v", got)
		}

		set(hangs)
		time.Sleep(12 * time.Second) // virtual: 10 s open, a tenth of it jitter
		begun := time.Now()
		go func() { // others are refused meanwhile, not queued behind the probe
			time.Sleep(time.Second)
			_, err := c.Do(t.Context(), round())
			if fault.KindOf(err) != fault.ShepUnavailable || time.Since(begun) > 2*time.Second {
				t.Errorf("second call during the probe: %v after %v", err, time.Since(begun))
			}
		}()
		_, err = c.Do(t.Context(), round())
		wantKind(t, err, fault.ShepTimeout)
		if took := time.Since(begun); took != 10*time.Second || c.BreakerState() != "open" {
			t.Errorf("probe took %v, breaker %s", took, c.BreakerState())
		}

		set(says(200, "<a/>"))
		time.Sleep(12 * time.Second)
		if s := c.BreakerState(); s != "open" {
			t.Errorf("breaker %s: the open time did not grow", s)
		}
		time.Sleep(12 * time.Second)
		_, err = c.Do(t.Context(), round())
		wantKind(t, err, "")
		want := []string{"closed>open", "open>half-open", "half-open>open", "open>half-open", "half-open>closed"}
		if !slices.Equal(changes, want) {
			t.Errorf("changes %v, want %v", changes, want)
		}
	})
}

// TestOpenTimeGrowsToItsMaximum and starts anew once the breaker has closed.
func TestOpenTimeGrowsToItsMaximum(t *testing.T) {
	t.Parallel()
	c := client(t, says(200, ""))
	var got []time.Duration
	for c.breaker.reopens = range 6 {
		got = append(got, c.breaker.openTime())
	}
	want := []time.Duration{11 * time.Second, 22 * time.Second, 44 * time.Second, 88 * time.Second, 132 * time.Second, 132 * time.Second}
	if !slices.Equal(got, want) {
		t.Errorf("open times %v, want %v", got, want)
	}
}

// TestBreakerNeedsVolumeAndRatio.
func TestBreakerNeedsVolumeAndRatio(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		ok, bad  int
		pauses   time.Duration
		wantOpen bool
	}{
		{"nine failures are too few", 0, 9, 0, false},
		{"ten are enough", 0, 10, 0, true},
		{"a third is too little", 20, 10, 0, false},
		{"a half is enough", 10, 10, 0, true},
		{"failures far apart", 0, 20, 10 * time.Second, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				good := true
				c := client(t, func(r *http.Request) (*http.Response, error) {
					if good {
						return says(200, "")(r)
					}
					return says(502, "")(r)
				}, func(o *Options) { o.MaxAttempts = 1 })
				for i := range tt.ok + tt.bad {
					good = i < tt.ok
					_, _ = c.Do(t.Context(), round())
					time.Sleep(tt.pauses)
				}
				if open := c.BreakerState() == "open"; open != tt.wantOpen {
					t.Errorf("open %t, want %t: %+v", open, tt.wantOpen, c.breaker.cb.Counts())
				}
			})
		})
	}
}

// TestBulkhead: over the limit a call waits, then is refused before any work;
// operations that share a bulkhead share its places; a caller who has left
// takes none.
func TestBulkhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shared := NewBulkhead(2)
		limit := func(o *Options) { o.Bulkhead, o.Timeout, o.AttemptTimeout = shared, 3*time.Second, 3*time.Second }
		persons, addresses := client(t, hangs, limit), client(t, hangs, limit)
		for _, c := range []*Client{persons, addresses} {
			go func() { _, _ = c.Do(t.Context(), round()) }()
		}
		synctest.Wait()
		if shared.InUse() != 2 {
			t.Fatalf("%d places in use", shared.InUse())
		}
		r := round()
		r.Prepare = func(context.Context, int) ([]byte, error) {
			t.Error("work began without a place")
			return nil, nil
		}
		begun := time.Now()
		got, err := persons.Do(t.Context(), r)
		wantKind(t, err, fault.Overloaded)
		if time.Since(begun) != time.Second || got.Queue != time.Second {
			t.Errorf("refused after %v, reported %v", time.Since(begun), got.Queue)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = persons.Do(ctx, r)
		wantKind(t, err, fault.CallerGone)
		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(time.Second/2, cancel)
		_, err = persons.Do(ctx, r)
		wantKind(t, err, fault.CallerGone)

		time.Sleep(5 * time.Second)
		if shared.InUse() != 0 {
			t.Errorf("%d places were not given back", shared.InUse())
		}
	})
}

// TestAnswerLimit with and without a declared length.
func TestAnswerLimit(t *testing.T) {
	t.Parallel()
	const limit = 100_000
	for _, size := range []int{0, 1, limit - 1, limit, limit + 1, 10 * limit} {
		for _, declared := range []bool{true, false} {
			t.Run(fmt.Sprintf("%d declared %t", size, declared), func(t *testing.T) {
				t.Parallel()
				answer := make([]byte, size)
				for i := range answer {
					answer[i] = byte(i)
				}
				c := client(t, func(r *http.Request) (*http.Response, error) {
					resp, err := says(200, string(answer))(r)
					if !declared {
						resp.ContentLength = -1
					}
					return resp, err
				}, func(o *Options) { o.MaxAnswerBytes = limit })
				read := false
				got, err := c.Do(t.Context(), roundWith(func(_ int, body []byte) error {
					read = slices.Equal(body, answer)
					return nil
				}))
				if size <= limit {
					wantKind(t, err, "")
					if !read {
						t.Error("the body arrived changed")
					}
					return
				}
				wantKind(t, err, fault.AnswerUnread)
				if read || got.Cause != TooLarge || got.Attempts != 1 {
					t.Errorf("read %t, report %+v", read, got)
				}
			})
		}
	}
}

// TestReportAndObserver: phases add up over attempts and reach the observer.
func TestReportAndObserver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen Report
		slow := func(status int) peer {
			return func(r *http.Request) (*http.Response, error) {
				time.Sleep(300 * time.Millisecond)
				return says(status, "<a/>")(r)
			}
		}
		c := client(t, inTurn(slow(503), slow(200)), func(o *Options) {
			o.Observer.Done = func(name string, r Report, err error) {
				if name != "person.search" || err != nil {
					t.Errorf("observed %s %v", name, err)
				}
				seen = r
			}
		})
		r := roundWith(func(int, []byte) error { time.Sleep(20 * time.Millisecond); return nil })
		r.Prepare = func(context.Context, int) ([]byte, error) { time.Sleep(10 * time.Millisecond); return nil, nil }
		got, err := c.Do(t.Context(), r)
		wantKind(t, err, "")
		want := Report{
			Attempts: 2, Status: 200, Breaker: "closed", Sign: 20 * time.Millisecond,
			Network: 600 * time.Millisecond, Verify: 20 * time.Millisecond, Backoff: 150 * time.Millisecond,
		}
		if got != want || seen != want {
			t.Errorf("report %+v, observed %+v, want %+v", got, seen, want)
		}
	})
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*Options)
	}{
		{"attempt above total", func(o *Options) { o.Timeout, o.AttemptTimeout = time.Second, 2*time.Second }},
		{"negative", func(o *Options) { o.Timeout = -1 }},
		{"too many attempts", func(o *Options) { o.MaxAttempts = 11 }},
		{"no concurrency", func(o *Options) { o.MaxConcurrent = -1 }},
		{"no answer", func(o *Options) { o.MaxAnswerBytes = -1 }},
		{"ratio", func(o *Options) { o.Breaker.FailureRatio = 1.5 }},
		{"probes", func(o *Options) { o.Breaker.Probes = 4 }},
		{"open times", func(o *Options) { o.Breaker.OpenMax = time.Second }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var o Options
			tt.change(&o)
			if _, err := New(o); err == nil {
				t.Error("accepted")
			}
		})
	}
}
