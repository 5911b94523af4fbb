package tsp_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/tsp"
)

const replyType = "application/timestamp-reply"

// serve answers requests in the way of RFC 3161.
func (w *world) serve(t *testing.T) http.HandlerFunc {
	t.Helper()
	return func(rw http.ResponseWriter, r *http.Request) {
		query, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/timestamp-query" {
			t.Errorf("%s %s: %v", r.Method, r.Header.Get("Content-Type"), err)
		}
		out, err := w.Respond(query, big.NewInt(7), pkitest.Now())
		if err != nil {
			t.Error(err)
		}
		rw.Header().Set("Content-Type", replyType)
		_, _ = rw.Write(out)
	}
}

func TestClient(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	reply := func(kind string, body []byte) http.HandlerFunc {
		return func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", kind)
			_, _ = rw.Write(body)
		}
	}
	waiting, err := tsp.Refusal(tsp.Waiting)
	if err != nil {
		t.Fatal(err)
	}
	canary := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	t.Cleanup(canary.Close)
	for _, tt := range []struct {
		name        string
		handler     http.HandlerFunc
		unavailable bool
		status      error
		step        tsp.Step
	}{
		{name: "a token", handler: w.serve(t)},
		{name: "a type with a parameter", handler: func(rw http.ResponseWriter, r *http.Request) {
			rec := httptest.NewRecorder()
			w.serve(t)(rec, r)
			reply(replyType+"; charset=binary", rec.Body.Bytes())(rw, r)
		}},
		{name: "a status", handler: reply(replyType, waiting), status: tsp.Waiting},
		{name: "an old answer", handler: reply(replyType, w.answer(t, tsp.NewRequest(imprint(t, oidSHA256, document)), pkitest.Now())), step: tsp.StepNonce},
		{name: "HTML", handler: reply("text/html", []byte("<html>")), unavailable: true},
		{name: "no type", handler: reply("", waiting), unavailable: true},
		{name: "not DER", handler: reply(replyType, []byte("<html>")), step: tsp.StepStructure},
		{name: "an endless answer", handler: reply(replyType, make([]byte, tsp.MaxResponse+1)), unavailable: true},
		{name: "status 503", handler: func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusServiceUnavailable) }, unavailable: true},
		{name: "a redirect", handler: http.RedirectHandler(canary.URL, http.StatusTemporaryRedirect).ServeHTTP, unavailable: true},
		{name: "a cut", handler: func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", replyType)
			rw.Header().Set("Content-Length", "100")
			_, _ = rw.Write([]byte("0"))
		}, unavailable: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(tt.handler)
			defer server.Close()
			c := tsp.Client{URL: server.URL, HTTP: server.Client(), Verifier: w.verifier(), Policy: oidPolicy}
			token, raw, err := c.Stamp(background, oidSHA256, document)
			if errors.Is(err, tsp.ErrUnavailable) != tt.unavailable {
				t.Errorf("got %v", err)
			}
			switch {
			case tt.unavailable:
			case tt.status != nil:
				if !errors.Is(err, tt.status) {
					t.Errorf("want %v, got %v", tt.status, err)
				}
			default:
				expect(t, err, tt.step)
			}
			if err != nil {
				return
			}
			if again, err := w.verifier().Verify(background, raw, document); err != nil || again.Serial.Cmp(token.Serial) != 0 {
				t.Errorf("the token as it came: %v", err)
			}
		})
	}
	if c := (tsp.Client{URL: canary.URL, Verifier: w.verifier()}); true {
		var e *pki.AlgorithmError
		if _, _, err := c.Stamp(background, oidSHA1, document); !errors.As(err, &e) {
			t.Errorf("SHA-1: %v", err)
		}
	}
}

// trip is a transport without a network.
type trip func(*http.Request) (*http.Response, error)

func (f trip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestClientTimeout holds that an authority that is silent, or silent in the
// middle of its answer, is given up after the time-out.
func TestClientTimeout(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		timeout time.Duration
		want    time.Duration
		answer  func(*http.Request) (*http.Response, error)
	}{
		{"silent", 0, tsp.DefaultTimeout, func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}},
		{"drips", time.Second, time.Second, func(r *http.Request) (*http.Response, error) {
			h := http.Header{"Content-Type": {replyType}}
			return &http.Response{StatusCode: http.StatusOK, Header: h, Body: drip{r.Context()}, Request: r}, nil
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := tsp.Client{URL: "http://tsa.invalid/", HTTP: &http.Client{Transport: trip(tt.answer)}, Timeout: tt.timeout}
				start := time.Now()
				_, _, err := c.Stamp(background, oidSHA256, document)
				if took := time.Since(start); took != tt.want || !errors.Is(err, tsp.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("after %s: %v", took, err)
				}
			})
		})
	}
}

// drip is a body that never ends.
type drip struct{ ctx context.Context }

func (d drip) Read(b []byte) (int, error) {
	select {
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	case <-time.After(300 * time.Millisecond):
		return copy(b, []byte{0x30}), nil
	}
}

func (drip) Close() error { return nil }

func TestClientBadURL(t *testing.T) {
	t.Parallel()
	c := tsp.Client{URL: "http://\x7f/"}
	if _, _, err := c.Stamp(background, oidSHA256, bytes.Clone(document)); !errors.Is(err, tsp.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}
