package bench

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestQuantile(t *testing.T) {
	t.Parallel()
	hundred := make([]int, 100)
	for i := range hundred {
		hundred[i] = 100 - i
	}
	for _, tt := range []struct {
		name   string
		values []int
		q      float64
		want   int
	}{
		{"one value", []int{7}, 0.99, 7},
		{"middle of three", []int{3, 1, 2}, 0.5, 2},
		{"lower middle of four", []int{4, 3, 1, 2}, 0.5, 2},
		{"99 of 100", hundred, 0.99, 99},
		{"all of 100", hundred, 1, 100},
		{"none of 100", hundred, 0, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			before := slices.Clone(tt.values)
			if got := quantile(tt.values, tt.q); got != tt.want {
				t.Errorf("%d, want %d", got, tt.want)
			}
			if !slices.Equal(before, tt.values) {
				t.Error("the values were moved")
			}
		})
	}
}

func TestLogTakesExchangesWhileRecording(t *testing.T) {
	t.Parallel()
	var l log
	exchange := func(took, network string) []byte {
		return []byte(`{"time":"2026-11-01T12:00:00Z","level":"INFO","msg":"exchange","network":` + network + `,"took":` + took + `}`)
	}
	l.line(exchange("9000000", "1000000"))
	if got := l.record(true); len(got) != 0 {
		t.Fatalf("%v was recorded before it was asked for", got)
	}
	l.line(exchange("5000000", "3000000"))
	l.line([]byte(`{"msg":"request","duration_seconds":0.004}`))
	l.line([]byte(`{"msg":"exchange" torn`))
	l.line(exchange("4000000", "3000000"))
	if got, want := l.record(false), []time.Duration{2 * time.Millisecond, time.Millisecond}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	l.line(exchange("5000000", "3000000"))
	if got := l.record(false); len(got) != 0 {
		t.Errorf("%v was recorded afterwards", got)
	}
}

// question of a server that is no gateway.
func question() Question { return Question{Path: "/ask", Key: "key", Want: []byte("found")} }

func TestClosedLoopEndsAtTheFirstWrongAnswer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		answer func(w http.ResponseWriter, n int64)
		fails  string
	}{
		{"right answers", func(w http.ResponseWriter, _ int64) { _, _ = w.Write([]byte("found")) }, ""},
		{"another answer", func(w http.ResponseWriter, n int64) {
			if n < 3 {
				_, _ = w.Write([]byte("found"))
			}
		}, "answers 200, and not as expected"},
		{"a problem", func(w http.ResponseWriter, _ int64) { http.Error(w, "found", http.StatusBadGateway) }, "answers 502"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int64
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodPost || r.URL.Path != "/ask" || r.Header.Get("Authorization") != "Bearer key" {
					t.Errorf("asked %s %s", r.Method, r.URL)
				}
				tt.answer(w, n.Add(1))
			}))
			defer srv.Close()
			taken, err := newClient(srv.URL, question()).closed(t.Context(), 2, 50*time.Millisecond)
			if int64(len(taken)) != n.Load() {
				t.Errorf("%d durations of %d calls", len(taken), n.Load())
			}
			if tt.fails == "" && err != nil || tt.fails != "" && (err == nil || !strings.Contains(err.Error(), tt.fails)) {
				t.Errorf("error %v, want %q", err, tt.fails)
			}
		})
	}
}

// roundTripper is a server made of a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// The open loop asks at its rate even though every answer takes longer than the
// time between two questions.
func TestOpenLoopDoesNotWaitForAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		c := newClient("http://gateway", question())
		c.http.Timeout = 0
		c.http.Transport = roundTripper(func(*http.Request) (*http.Response, error) {
			asked.Add(1)
			time.Sleep(300 * time.Millisecond)
			rec := httptest.NewRecorder()
			_, err := rec.WriteString("found")
			return rec.Result(), err
		})
		began := time.Now()
		if err := c.open(t.Context(), 100, time.Second); err != nil {
			t.Fatal(err)
		}
		if asked.Load() != 100 || time.Since(began) != 1290*time.Millisecond {
			t.Errorf("%d questions in %s", asked.Load(), time.Since(began))
		}
	})
}

func TestOpenLoopGivesUpOnAGatewayThatFallsBehind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient("http://gateway", question())
		c.http.Timeout = 0
		c.http.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			time.Sleep(time.Minute)
			return nil, http.ErrHandlerTimeout
		})
		if err := c.open(t.Context(), 1000, time.Minute); err == nil || !strings.Contains(err.Error(), "keep up with 1000") {
			t.Errorf("error %v", err)
		}
	})
}

func TestFloor(t *testing.T) {
	t.Parallel()
	if err := supported(); err != nil {
		t.Skip(err)
	}
	f, err := newFloor(4 << 10)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.measure(t.Context(), time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if f.each() <= 0 || f.each() > time.Second {
		t.Errorf("an RSA signature takes %s", f.each())
	}
}

func TestProcessFigures(t *testing.T) {
	t.Parallel()
	if err := supported(); err != nil {
		t.Skip(err)
	}
	if n, err := resident(os.Getpid()); err != nil || n < 1<<20 || n > 1<<40 {
		t.Errorf("resident memory %d, %v", n, err)
	}
	if d, err := cpuOf(os.Getpid()); err != nil || d < 0 || d > 24*time.Hour {
		t.Errorf("processor time %s, %v", d, err)
	}
	if _, err := cpuOf(-1); err == nil {
		t.Error("there is a process -1")
	}
	if _, err := resident(-1); err == nil {
		t.Error("there is a process -1")
	}
}

func TestProcessThatNeverGetsReady(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell")
	}
	cmd := exec.CommandContext(t.Context(), sh, "-c", "echo no port; exit 3")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	_, err = start(t.Context(), cmd, out, func(line string) bool { return line == "ready" }, func([]byte) {})
	if err == nil || !strings.Contains(err.Error(), "no port") || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("error %v", err)
	}
}
