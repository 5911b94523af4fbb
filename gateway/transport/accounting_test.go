package transport

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kopir-kz/kopir/gateway/fault"
)

// TestAccounting is the table of Judge seen from outside: what was sent how
// often, what the caller got, what the breaker counted, whether there was an
// alarm.
func TestAccounting(t *testing.T) {
	t.Parallel()
	reading := func(kind fault.Kind) func(int, []byte) error {
		return func(int, []byte) error { return fault.New(kind, "read answer", "") }
	}
	dial := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	for _, tt := range []struct {
		name     string
		peer     peer
		read     func(int, []byte) error
		kind     fault.Kind
		cause    Cause
		attempts int
		count    Count
		alarm    bool
	}{
		{name: "answer", peer: says(200, "<a/>"), attempts: 1, count: Success},
		{name: "not found at first, then nothing more", peer: says(200, "<none/>"), attempts: 1, count: Success},

		{name: "no connection", peer: breaks(dial), kind: fault.ShepUnavailable, cause: Refused, attempts: 3, count: Failure},
		{name: "no such host", peer: breaks(&net.DNSError{IsNotFound: true}), kind: fault.ShepUnavailable, cause: Unresolved, attempts: 3, count: Failure},
		{name: "tls", peer: breaks(x509.UnknownAuthorityError{}), kind: fault.ShepUnavailable, cause: TLSFailed, attempts: 3, count: Failure},
		{name: "tls alert", peer: breaks(&net.OpError{Op: "remote error", Err: errors.New("bad certificate")}), kind: fault.ShepUnavailable, cause: TLSFailed, attempts: 3, count: Failure},
		{name: "reset before the head", peer: breaks(&net.OpError{Op: "read", Err: syscall.ECONNRESET}), kind: fault.ShepUnavailable, cause: Reset, attempts: 3, count: Failure},
		{name: "closed before the head", peer: breaks(io.EOF), kind: fault.ShepUnavailable, cause: Reset, attempts: 3, count: Failure},
		{name: "not HTTP", peer: breaks(errors.New("malformed HTTP response")), kind: fault.ShepUnavailable, cause: BadHTTP, attempts: 3, count: Failure},
		{name: "hang", peer: hangs, kind: fault.ShepTimeout, cause: TimedOut, attempts: 3, count: Failure},
		{name: "502", peer: says(502, ""), kind: fault.ShepUnavailable, cause: HTTPStatus, attempts: 3, count: Failure},
		{name: "503", peer: says(503, ""), kind: fault.ShepUnavailable, cause: HTTPStatus, attempts: 3, count: Failure},
		{name: "504", peer: says(504, ""), kind: fault.ShepUnavailable, cause: HTTPStatus, attempts: 3, count: Failure},
		{name: "503, then an answer", peer: inTurn(says(503, ""), says(200, "<a/>")), attempts: 2, count: Success},

		{name: "500 with a Fault of the server", peer: says(500, "<Fault/>"), read: reading(fault.ShepFault), kind: fault.ShepFault, attempts: 1, count: Failure},
		{name: "500 that Read finds nothing wrong with", peer: says(500, "<a/>"), kind: fault.ShepFault, cause: HTTPStatus, attempts: 1, count: Failure},
		{name: "501", peer: says(501, ""), kind: fault.ShepFault, cause: HTTPStatus, attempts: 1, count: Failure},

		{name: "500 with a Fault of the client", peer: says(500, "<Fault/>"), read: reading(fault.ShepRefused), kind: fault.ShepRefused, attempts: 1, count: Excluded},
		{name: "400", peer: says(400, ""), kind: fault.ShepRefused, cause: HTTPStatus, attempts: 1, count: Excluded},
		{name: "403", peer: says(403, ""), kind: fault.ShepRefused, cause: HTTPStatus, attempts: 1, count: Excluded},
		{name: "404", peer: says(404, ""), kind: fault.ShepRefused, cause: HTTPStatus, attempts: 1, count: Excluded},
		{name: "busy, said by the registry", peer: says(200, ""), read: reading(fault.RegistryBusy), kind: fault.RegistryBusy, attempts: 1, count: Excluded},
		{name: "own refusal to send", peer: breaks(errAddressDenied), kind: fault.ShepUnavailable, cause: AddressDenied, attempts: 1, count: Excluded},
		{name: "error without a kind", peer: says(200, ""), read: func(int, []byte) error { return io.EOF }, kind: fault.Internal, attempts: 1, count: Excluded},

		{name: "business refusal", peer: says(200, ""), read: reading(fault.RegistryRefused), kind: fault.RegistryRefused, attempts: 1, count: Success},
		{name: "consent refused", peer: says(200, ""), read: reading(fault.ConsentRefused), kind: fault.ConsentRefused, attempts: 1, count: Success},
		{name: "contract violation", peer: says(200, ""), read: reading(fault.ContractViolation), kind: fault.ContractViolation, attempts: 1, count: Success},

		{name: "bad signature", peer: says(200, ""), read: reading(fault.SignatureInvalid), kind: fault.SignatureInvalid, attempts: 1, count: Failure, alarm: true},
		{name: "not signed", peer: says(200, ""), read: reading(fault.NotSigned), kind: fault.NotSigned, attempts: 1, count: Failure, alarm: true},
		{name: "untrusted signer", peer: says(200, ""), read: reading(fault.SignerUntrusted), kind: fault.SignerUntrusted, attempts: 1, count: Failure, alarm: true},
		{name: "malformed XML", peer: says(200, "<"), read: reading(fault.AnswerUnread), kind: fault.AnswerUnread, attempts: 1, count: Failure, alarm: true},
		{name: "another's answer", peer: says(200, ""), read: reading(fault.AnswerMismatch), kind: fault.AnswerMismatch, attempts: 1, count: Failure, alarm: true},
		{name: "redirect", peer: says(302, "", "Location", "http://canary.example.kz/"), kind: fault.AnswerUnread, cause: Redirected, attempts: 1, count: Failure, alarm: true},
		{name: "compressed", peer: says(200, "x", "Content-Encoding", "gzip"), kind: fault.AnswerUnread, cause: Encoded, attempts: 1, count: Failure, alarm: true},

		{name: "429", peer: says(429, "", "Retry-After", "1"), kind: fault.ShepUnavailable, cause: Throttled, attempts: 3, count: Excluded},
		{name: "429, then an answer", peer: inTurn(says(429, ""), says(200, "")), attempts: 2, count: Success},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := client(t, tt.peer, func(o *Options) { o.Timeout = time.Minute })
				if tt.read == nil {
					tt.read = func(int, []byte) error { return nil }
				}
				got, err := c.Do(t.Context(), roundWith(tt.read))
				wantKind(t, err, tt.kind)
				if got.Attempts != tt.attempts || got.Alarm != tt.alarm || got.Cause != tt.cause {
					t.Errorf("attempts %d alarm %t cause %q, want %d %t %q",
						got.Attempts, got.Alarm, got.Cause, tt.attempts, tt.alarm, tt.cause)
				}
				if n := counted(c); n != tt.count {
					t.Errorf("breaker counted %v, want %v", n, tt.count)
				}
			})
		})
	}
}

// counted tells how the breaker saw the one call that was made.
func counted(c *Client) Count {
	switch n := c.breaker.cb.Counts(); {
	case n.TotalFailures == 1:
		return Failure
	case n.TotalSuccesses == 1:
		return Success
	}
	return Excluded
}

// TestJudgeKnowsEveryKind: a new kind must be given its consequences here.
func TestJudgeKnowsEveryKind(t *testing.T) {
	t.Parallel()
	var (
		none    = Verdict{}
		success = Verdict{Count: Success}
		again   = Verdict{Count: Failure, Retry: true}
		alarm   = Verdict{Count: Failure, Alarm: true}
	)
	want := map[fault.Kind]Verdict{
		fault.InvalidRequest: none, fault.MalformedJSON: none, fault.BodyTooLarge: none,
		fault.UnsupportedMediaType: none, fault.Unauthenticated: none, fault.Forbidden: none,
		fault.NoSuchRoute: none, fault.MethodNotAllowed: none, fault.CallerGone: none,
		fault.Internal: none, fault.Overloaded: none, fault.JournalUnavailable: none, fault.SigningFailed: none,
		fault.ShepFault: {Count: Failure}, fault.ShepRefused: none, fault.ShepUnavailable: again, fault.ShepTimeout: again,
		fault.AnswerUnread: alarm, fault.AnswerMismatch: alarm, fault.AnswerReplayed: alarm, fault.AnswerStale: alarm,
		fault.RegistryFault: success, fault.RegistryRefused: success, fault.RegistryBusy: none, fault.ContractViolation: success,
		fault.NotSigned: alarm, fault.SignatureInvalid: alarm, fault.SignerUntrusted: alarm,
		fault.ConsentMissing: none, fault.ConsentRefused: success,
	}
	for _, k := range fault.Kinds() {
		w, known := want[k]
		if !known {
			t.Errorf("%s: no consequences decided", k)
		}
		if got := Judge(fault.New(k, "", "")); got != w {
			t.Errorf("%s: %+v, want %+v", k, got, w)
		}
	}
}

// TestT32EveryAttemptIsANewMessage: Prepare runs per attempt, and what it returns
// is what is sent, with its own length.
func TestT32EveryAttemptIsANewMessage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var sent []string
		c := client(t, func(r *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(r.Body)
			if err != nil || int64(len(body)) != r.ContentLength {
				t.Errorf("length %d, content length %d, %v", len(body), r.ContentLength, err)
			}
			sent = append(sent, string(body))
			return says(503, "")(r)
		})
		r := round()
		r.Header = http.Header{"Soapaction": {`""`}}
		r.Prepare = func(_ context.Context, attempt int) ([]byte, error) {
			return []byte([]string{"", "first", "second one", "3"}[attempt]), nil
		}
		_, err := c.Do(t.Context(), r)
		wantKind(t, err, fault.ShepUnavailable)
		if !slices.Equal(sent, []string{"first", "second one", "3"}) {
			t.Errorf("sent %q", sent)
		}
		if len(r.Header) != 1 {
			t.Errorf("the caller's header was written to: %v", r.Header)
		}
	})
}

// TestPrepareErrorSendsNothing, neither at first nor before a repetition.
func TestPrepareErrorSendsNothing(t *testing.T) {
	t.Parallel()
	for _, failing := range []int{1, 2} {
		synctest.Test(t, func(t *testing.T) {
			c := client(t, says(503, ""))
			r := round()
			r.Prepare = func(_ context.Context, attempt int) ([]byte, error) {
				if attempt == failing {
					return nil, fault.New(fault.SigningFailed, "sign", "")
				}
				return nil, nil
			}
			got, err := c.Do(t.Context(), r)
			wantKind(t, err, fault.SigningFailed)
			if got.Attempts != failing-1 {
				t.Errorf("%d attempts, want %d", got.Attempts, failing-1)
			}
		})
	}
}

// TestBadEndpointIsNotQuoted: net/url's own error would show the whole URL.
func TestBadEndpointIsNotQuoted(t *testing.T) {
	t.Parallel()
	c := client(t, says(200, ""))
	for _, u := range []string{"http://shep.example.kz/\x7f904315350001", "://904315350001", "http:///904315350001"} {
		r := round()
		r.URL = u
		_, err := c.Do(t.Context(), r)
		if err == nil && u != "http:///904315350001" {
			t.Errorf("%q accepted", u)
		}
		var ue *url.Error
		if errors.As(err, &ue) {
			t.Errorf("the URL is in the chain: %v", err)
		}
	}
}
