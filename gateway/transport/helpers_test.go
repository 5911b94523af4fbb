package transport

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/kopir-kz/kopir/gateway/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// peer is the network: a function instead of sockets, so that a test under
// synctest takes virtual time.
type peer func(*http.Request) (*http.Response, error)

func (p peer) RoundTrip(r *http.Request) (*http.Response, error) { return p(r) }

// says answers with a status, a body and header fields in pairs.
func says(status int, body string, header ...string) peer {
	return func(r *http.Request) (*http.Response, error) {
		h := http.Header{}
		for i := 0; i+1 < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return &http.Response{
			StatusCode: status, Header: h, ContentLength: int64(len(body)),
			Body: io.NopCloser(bytes.NewReader([]byte(body))), Request: r,
		}, nil
	}
}

// breaks fails without an answer.
func breaks(err error) peer {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// hangs never answers.
func hangs(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// inTurn uses one peer after the other, the last one for ever.
func inTurn(peers ...peer) peer {
	i := 0
	return func(r *http.Request) (*http.Response, error) {
		p := peers[min(i, len(peers)-1)]
		i++
		return p(r)
	}
}

func client(t testing.TB, p peer, change ...func(*Options)) *Client {
	t.Helper()
	o := Options{Name: "person.search", Base: p, Rand: func() float64 { return 0.5 }}
	for _, f := range change {
		f(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// round is a call whose message and verdict do not matter to the test.
func round() Round { return roundWith(func(int, []byte) error { return nil }) }

func roundWith(read func(status int, body []byte) error) Round {
	return Round{
		URL:     "http://shep.example.kz/bip-sync",
		Prepare: func(context.Context, int) ([]byte, error) { return []byte("<request/>"), nil },
		Read: func(_ context.Context, status int, _ http.Header, body []byte) error {
			return read(status, body)
		},
	}
}

func wantKind(t *testing.T, err error, want fault.Kind) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Fatalf("error: %v", err)
		}
		return
	}
	if err == nil {
		t.Fatalf("no error, want %s", want)
	}
	if got := fault.KindOf(err); got != want {
		t.Fatalf("kind %s, want %s: %v", got, want, err)
	}
}

// drip is a body that sends one byte per second and never ends. Like the body
// of a real connection it breaks when the request's context ends.
type drip struct{ ctx context.Context }

func (d drip) Read(p []byte) (int, error) {
	if err := sleep(d.ctx, time.Second); err != nil {
		return 0, err
	}
	p[0] = ' '
	return 1, nil
}

func (drip) Close() error { return nil }
