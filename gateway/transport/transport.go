// Package transport carries one logical read call to ШЭП over HTTP.
//
// The order is fixed, and every step is entered only when the one before it
// let the call through:
//
//	deadline → bulkhead → pause → breaker { retry { Prepare → send → read bounded → Read } }
//
// Prepare and Read belong to the caller. Prepare builds and signs the message,
// anew for every attempt, so that no two attempts carry the same messageId.
// Read verifies and classifies the whole answer while the call is still inside
// the retry loop, so that a torn body or a failed signature is seen by the same
// policy that sees a refused connection. What each outcome means for retry,
// breaker and alarm is one table: see Judge.
//
// The loop is go-retryablehttp and the breaker is gobreaker/v2, with their
// defaults replaced where they do harm:
//
//   - a SOAP Fault arrives with HTTP 500 (SOAP 1.1 §6.2): it is an answer, sent
//     once and read, not a reason to repeat;
//   - Retry-After is obeyed up to a cap and never beyond the deadline;
//   - waits between attempts carry jitter;
//   - redirects are not followed: a signed message goes where the settings say;
//   - nothing is unpacked: a compressed answer is refused;
//   - a failed call does not throw away the idle connections of the others;
//   - no error text of the network layer is passed on. Go's own texts quote the
//     URL and what the peer sent; ours are a closed list (Cause).
package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/kopir-kz/kopir/gateway/fault"
)

// Client sends the calls of one registry operation. It is safe for concurrent
// use and owns its connections until Close.
type Client struct {
	o        Options
	rt       http.RoundTripper
	close    func()
	bulkhead *Bulkhead
	pause    *pause
	breaker  *breaker
}

// New checks the options, fills in the defaults and makes a Client. It opens no
// connection.
func New(o Options) (*Client, error) {
	if err := o.complete(); err != nil {
		return nil, fmt.Errorf("transport %s: %w", o.Name, err)
	}
	c := &Client{o: o, rt: o.Base, close: func() {}, bulkhead: o.Bulkhead, pause: newPause()}
	if c.rt == nil {
		own := newHTTPTransport(&o)
		c.rt, c.close = own, own.CloseIdleConnections
	}
	c.breaker = newBreaker(&o)
	return c, nil
}

// Close drops the idle connections. Calls under way are not touched.
func (c *Client) Close() { c.close() }

// BreakerState tells the state of the breaker: "closed", "half-open", "open".
func (c *Client) BreakerState() string { return c.breaker.state() }

// Round is one logical call.
type Round struct {
	// URL is the end point. It must carry no identifier: personal data travels
	// in bodies only.
	URL string
	// Header goes out with every attempt.
	Header http.Header
	// Prepare builds and signs the body of an attempt; attempts count from 1.
	// The slice must stay unchanged afterwards, because the network may still be
	// reading it when the next attempt begins. An error ends the call.
	Prepare func(ctx context.Context, attempt int) ([]byte, error)
	// Read verifies and classifies an answer with HTTP status 2xx or 500; all
	// others are classified here. The body belongs to Read from then on. Judge
	// decides by the returned error what happens next; nil is success.
	Read func(ctx context.Context, status int, header http.Header, body []byte) error
}

// Report tells what a call took. It is complete for failed calls too.
type Report struct {
	Attempts int    // messages handed to the network
	Status   int    // HTTP status of the last answer, 0 if none came
	Cause    Cause  // why the network part of the last attempt failed, or ""
	Breaker  string // state of the breaker after the call
	Alarm    bool   // an answer failed integrity or trust: someone must look

	Queue   time.Duration // waiting for a place
	Sign    time.Duration // in Prepare
	Network time.Duration // from sending to the last byte of the answer
	Verify  time.Duration // in Read
	Backoff time.Duration // between attempts, and in a pause asked for by the peer
}

// Do carries one call. The error is a *fault.Error, or what Prepare or Read
// returned.
//
// A cancelled ctx gives fault.CallerGone, no place in time fault.Overloaded, an
// open breaker fault.ShepUnavailable with RetryAfter, and no whole answer in
// time fault.ShepTimeout.
func (c *Client) Do(ctx context.Context, r Round) (Report, error) {
	k := &call{client: c, round: r, caller: ctx}
	limited, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()

	err := c.admit(limited, k)

	k.report.Breaker = c.breaker.state()
	k.report.Alarm = Judge(err).Alarm
	var cause Cause
	if errors.As(err, &cause) {
		k.report.Cause = cause
	}
	if c.o.Observer.Done != nil {
		c.o.Observer.Done(c.o.Name, k.report, err)
	}
	return k.report, err
}

// admit takes the call through bulkhead, pause and breaker. The place is taken
// before any processor time is spent: under overload the cheapest work is the
// work that was never begun.
func (c *Client) admit(ctx context.Context, k *call) error {
	begun := time.Now()
	err := c.bulkhead.acquire(ctx, c.o.QueueTimeout)
	k.report.Queue = time.Since(begun)
	if err != nil {
		return k.notAdmitted(err)
	}
	defer c.bulkhead.release()

	if left := c.pause.left(); left > 0 {
		if left > c.o.QueueTimeout {
			return paused(left)
		}
		err := sleep(ctx, left)
		k.report.Backoff += time.Since(begun) - k.report.Queue
		if err != nil {
			return k.notAdmitted(err)
		}
	}
	return c.breaker.do(func() error { return k.run(ctx) })
}

// notAdmitted explains an end of the wait in front of the registry.
func (k *call) notAdmitted(err error) error {
	if errors.Is(k.caller.Err(), context.Canceled) {
		return gone()
	}
	if !errors.Is(err, errFull) && !errors.Is(err, context.DeadlineExceeded) {
		return fault.Wrap(fault.Internal, "wait for a place", err)
	}
	return &fault.Error{
		Kind: fault.Overloaded, Op: "wait for a place",
		Detail: "too many calls to this registry are under way", RetryAfter: k.client.o.QueueTimeout, Err: QueueFull,
	}
}

// sleep waits unless ctx ends first.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
