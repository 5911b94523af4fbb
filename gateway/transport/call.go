package transport

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/kopir-kz/kopir/gateway/fault"
)

// call is one logical call on its way through the retry loop. Its methods are
// the hooks of a retryablehttp.Client made for this call alone: the library
// keeps hooks in the client, and they need the state of the call.
//
//nolint:containedctx // a call lives exactly as long as its contexts
type call struct {
	client *Client
	round  Round
	caller context.Context // ends when the caller gives up, without our own deadline
	ctx    context.Context // the whole call, with our deadline

	attempt   int                // counts from 1
	body      []byte             // the message of this attempt
	firstSent time.Time          // when the first attempt was handed to the network
	sent      time.Time          // when this one was
	limited   context.Context    // this attempt, with its own deadline
	cancel    context.CancelFunc // ends limited
	judged    bool               // answer has explained this attempt's error already
	failed    bool               // an attempt so far was a failure in the breaker's sense
	wait      time.Duration      // before the next attempt
	err       error              // of the last attempt

	report Report
}

// run is the inside of the breaker: the retry loop.
func (k *call) run(ctx context.Context) error {
	k.ctx, k.cancel = ctx, func() {}
	if err := k.prepare(); err != nil {
		return err
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodPost, k.round.URL, k.reader)
	if err != nil { // the text would quote the URL
		return fault.New(fault.Internal, "send", "the end point is not a URL")
	}
	req.Header = k.round.Header.Clone()
	if req.Header == nil {
		req.Header = make(http.Header)
	}
	if _, set := req.Header["User-Agent"]; !set {
		req.Header.Set("User-Agent", "kopir")
	}
	req.SetResponseHandler(k.answer)
	loop := retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: k, CheckRedirect: stay},
		RetryMax:     k.client.o.MaxAttempts - 1,
		CheckRetry:   k.check,
		Backoff:      k.backoff,
		PrepareRetry: k.prepareRetry,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	if _, err = loop.Do(req); err == nil { //nolint:bodyclose // answer has closed it
		return nil
	}
	if errors.Is(k.caller.Err(), context.Canceled) {
		return gone()
	}
	if k.err == nil { // the loop failed without asking us; never take that for success
		return fault.New(fault.Internal, "send", "the call ended without a reason")
	}
	return k.err
}

// stay refuses redirects: the answer with the 3xx status is returned as it is.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// prepare builds and signs the message of the next attempt.
func (k *call) prepare() error {
	k.attempt++
	begun := time.Now()
	k.body, k.err = k.round.Prepare(k.ctx, k.attempt)
	k.report.Sign += time.Since(begun)
	if k.err != nil && errors.Is(k.caller.Err(), context.Canceled) {
		k.err = gone()
	}
	return k.err
}

// prepareRetry is retryablehttp's hook between two attempts.
func (k *call) prepareRetry(req *http.Request) error {
	if err := k.prepare(); err != nil {
		return err
	}
	req.ContentLength = int64(len(k.body))
	return nil
}

// reader is asked for before every attempt.
func (k *call) reader() (io.Reader, error) { return bytes.NewReader(k.body), nil }

// RoundTrip makes a call the http.RoundTripper of its own http.Client. It gives
// the attempt its deadline, which also covers reading the body, and it hides
// CloseIdleConnections, which retryablehttp would call after every failed call
// and so take the connections from under all the others.
func (k *call) RoundTrip(req *http.Request) (*http.Response, error) {
	k.limited, k.cancel = context.WithTimeout(req.Context(), k.client.o.AttemptTimeout)
	k.judged = false
	k.sent = time.Now()
	if k.report.Attempts == 0 {
		k.firstSent = k.sent
	}
	k.report.Attempts++
	return k.client.rt.RoundTrip(req.WithContext(k.limited))
}

// answer is retryablehttp's response handler: it reads, bounds, verifies and
// classifies, and what it returns goes to check.
func (k *call) answer(resp *http.Response) error {
	defer k.cancel()
	k.judged = true
	k.report.Status = resp.StatusCode
	body, err := k.receive(resp)
	_ = resp.Body.Close()   // the answer is whole or refused; closing cannot change that
	resp.Body = http.NoBody // retryablehttp would drain it otherwise
	k.report.Network += time.Since(k.sent)
	if err == nil {
		begun := time.Now()
		err = k.read(resp, body)
		k.report.Verify += time.Since(begun)
	}
	k.err = err
	return err
}

// read hands the answer to the caller. A status of 500 announces a SOAP Fault,
// and a Fault is never data: should Read find nothing wrong, we do.
func (k *call) read(resp *http.Response, body []byte) error {
	err := k.round.Read(k.ctx, resp.StatusCode, resp.Header, body)
	if err == nil && resp.StatusCode >= 300 {
		return unexpectedStatus(resp.StatusCode, 0)
	}
	return err
}

// receive reads the body of an answer, or refuses the answer by its head. The
// buffer is not pooled: what Read makes of it may point into it, and memory
// that held one person's data must not turn up in another call.
func (k *call) receive(resp *http.Response) ([]byte, error) {
	o := &k.client.o
	if s := resp.StatusCode; s != http.StatusInternalServerError && (s < 200 || s > 299) {
		after := min(retryAfter(resp.Header), o.RetryAfterCap)
		if s == http.StatusTooManyRequests {
			k.client.pause.set(max(after, o.BackoffBase))
		}
		return nil, unexpectedStatus(s, after)
	}
	if e := resp.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return nil, failed("read answer", Encoded)
	}
	if resp.ContentLength > o.MaxAnswerBytes {
		return nil, failed("read answer", TooLarge)
	}
	return k.readAll(resp)
}

// firstBuffer bounds what a peer's Content-Length can make us reserve before it
// has sent anything.
const firstBuffer = 64 << 10

func (k *call) readAll(resp *http.Response) ([]byte, error) {
	limit := k.client.o.MaxAnswerBytes
	size := int64(4 << 10)
	if resp.ContentLength >= 0 {
		size = min(resp.ContentLength, firstBuffer) + 1 // one more, to see the end without growing
	}
	buf := make([]byte, 0, size)
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := resp.Body.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		switch {
		case int64(len(buf)) > limit:
			return nil, failed("read answer", TooLarge)
		case errors.Is(err, io.EOF):
			return buf, nil
		case err == nil:
			err = k.limited.Err() // a peer that drips for ever, on a transport that does not watch the context
		}
		if err != nil {
			return nil, k.explain("read answer", bodyCause(err))
		}
	}
}

// explain turns a cause into the error of the attempt, once it is clear whose
// patience ended. If the caller brought a deadline of his own and it left the
// registry less than half an attempt, the registry is not to blame.
func (k *call) explain(op string, c Cause) error {
	switch k.caller.Err() {
	case nil:
		return failed(op, c)
	case context.DeadlineExceeded:
		if !k.failed && time.Since(k.firstSent) < k.client.o.AttemptTimeout/2 {
			return failed(op, CutShort)
		}
		return failed(op, TimedOut)
	default:
		return gone()
	}
}

// check is retryablehttp's CheckRetry. Without an error it lets the loop go on
// to answer; with one it decides by Judge and by the time that is left.
func (k *call) check(ctx context.Context, _ *http.Response, err error) (bool, error) {
	if err == nil {
		return false, nil
	}
	if !k.judged {
		k.cancel()
		k.report.Network += time.Since(k.sent)
		k.err = k.explain("send", sendCause(err))
	}
	v := Judge(k.err)
	k.failed = k.failed || v.Count == Failure
	if !v.Retry || k.attempt >= k.client.o.MaxAttempts {
		return false, nil
	}
	k.wait = k.nextWait()
	deadline, ok := ctx.Deadline()
	// To wait for the deadline only to fail at it helps nobody.
	return !ok || k.wait < time.Until(deadline), nil
}

// nextWait doubles from attempt to attempt and has jitter in its upper half. A
// wait the peer asked for comes first; both it and a pause are capped already.
func (k *call) nextWait() time.Duration {
	o := &k.client.o
	d := o.BackoffBase
	for i := 1; i < k.attempt && d < o.BackoffMax; i++ {
		d *= 2
	}
	d = min(d, o.BackoffMax)
	d = d/2 + time.Duration(o.Rand()*float64(d)/2)
	var e *fault.Error
	if errors.As(k.err, &e) && e.RetryAfter > 0 {
		d = e.RetryAfter
	}
	return max(d, k.client.pause.left())
}

// backoff is retryablehttp's hook; check has done the sum.
func (k *call) backoff(_, _ time.Duration, _ int, _ *http.Response) time.Duration {
	k.report.Backoff += k.wait
	return k.wait
}

// retryAfter reads the header of RFC 9110 §10.2.3, seconds or a date; zero if it
// is absent or makes no sense.
func retryAfter(h http.Header) time.Duration {
	v := h.Get("Retry-After")
	if v == "" {
		return 0
	}
	if n, err := strconv.ParseInt(v, 10, 64); err == nil {
		return time.Duration(min(max(n, 0), int64(24*time.Hour/time.Second))) * time.Second
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(time.Until(t), 0)
	}
	return 0
}
