package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strconv"
	"syscall"
	"time"

	"github.com/kopir-kz/kopir/gateway/fault"
)

// Cause names why the network part of an attempt failed. It is an error, found
// in the chain of the *fault.Error, and a metric label. The list is closed:
// texts of the network layer quote addresses, header lines and body bytes of the
// peer, and none of that may reach a log.
type Cause string

// Error is the name of the cause.
func (c Cause) Error() string { return string(c) }

// Causes.
const (
	Unresolved    Cause = "unresolved"     // the host name has no address
	Refused       Cause = "refused"        // nobody listens, or no route
	TLSFailed     Cause = "tls"            // handshake or peer certificate
	Reset         Cause = "reset"          // the connection broke before the answer's head was whole
	BadHTTP       Cause = "bad-http"       // the answer's head is not HTTP
	Truncated     Cause = "truncated"      // the body ended before its length or last chunk
	BadBody       Cause = "bad-body"       // the body's framing is broken
	TimedOut      Cause = "timeout"        // no whole answer in time
	CutShort      Cause = "cut-short"      // the caller's own deadline left the registry too little time
	HTTPStatus    Cause = "status"         // a status that is not an answer
	Redirected    Cause = "redirected"     // a 3xx; not followed
	Throttled     Cause = "throttled"      // 429
	TooLarge      Cause = "too-large"      // the body exceeds the limit
	Encoded       Cause = "encoded"        // the body is compressed, which was not asked for
	AddressDenied Cause = "address-denied" // the address is not on the allow-list
	CircuitOpen   Cause = "circuit-open"   // the breaker is open
	QueueFull     Cause = "queue-full"     // no place in the bulkhead
	Paused        Cause = "paused"         // the peer asked for a rest
)

// text is what strangers may read.
func (c Cause) text() string {
	switch c {
	case Unresolved:
		return "the host name has no address"
	case Refused:
		return "no connection"
	case TLSFailed:
		return "the TLS handshake failed"
	case Reset:
		return "the connection broke before an answer"
	case BadHTTP:
		return "the answer is not HTTP"
	case Truncated:
		return "the answer broke off"
	case BadBody:
		return "the framing of the answer is broken"
	case TimedOut, CutShort:
		return "no whole answer in time"
	case TooLarge:
		return "the answer exceeds the size limit"
	case Encoded:
		return "the answer has a content encoding that was not asked for"
	case Redirected:
		return "the answer is a redirect, which is never followed"
	case AddressDenied:
		return "the address of the end point is not allowed"
	}
	return ""
}

// kind is the fault a cause leads to.
func (c Cause) kind() fault.Kind {
	switch c {
	case TimedOut, CutShort:
		return fault.ShepTimeout
	case TooLarge, Encoded, Redirected:
		return fault.AnswerUnread
	}
	return fault.ShepUnavailable
}

func failed(op string, c Cause) error {
	return &fault.Error{Kind: c.kind(), Op: op, Detail: c.text(), Err: c}
}

func gone() error {
	return fault.New(fault.CallerGone, "send", "the caller cancelled")
}

func paused(left time.Duration) error {
	return &fault.Error{
		Kind: fault.ShepUnavailable, Op: "send",
		Detail: "the peer asked for a rest", RetryAfter: left, Err: Paused,
	}
}

// unexpectedStatus classifies an HTTP status whose body is not looked at.
func unexpectedStatus(status int, retryAfter time.Duration) error {
	e := &fault.Error{
		Kind: fault.ShepUnavailable, Op: "read answer",
		Detail: "HTTP " + strconv.Itoa(status), RetryAfter: retryAfter, Err: HTTPStatus,
	}
	switch {
	case status >= 300 && status < 400:
		return failed("read answer", Redirected)
	case status == 429:
		e.Err = Throttled
	case status >= 400 && status < 500:
		e.Kind = fault.ShepRefused
	case status < 502 || status > 504:
		e.Kind = fault.ShepFault // 501, 505 and beyond: a defect over there that a repetition does not heal
	}
	return e
}

// sendCause classifies an error of http.Client.Do: no answer's head came.
func sendCause(err error) Cause {
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.Is(err, errAddressDenied):
		return AddressDenied
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return TimedOut
	case errors.As(err, &dns):
		return Unresolved
	case isTLS(err):
		return TLSFailed
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return Reset
	}
	var op *net.OpError
	if errors.As(err, &op) {
		if op.Op == "dial" {
			return Refused
		}
		return Reset
	}
	return BadHTTP
}

// bodyCause classifies an error of reading the body.
func bodyCause(err error) Cause {
	var timeout net.Error
	var op *net.OpError
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return TimedOut
	case errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &op):
		return Truncated
	}
	return BadBody
}

func isTLS(err error) bool {
	var (
		verification *tls.CertificateVerificationError
		record       tls.RecordHeaderError
		alert        tls.AlertError
		authority    x509.UnknownAuthorityError
		host         x509.HostnameError
		invalid      x509.CertificateInvalidError
	)
	if errors.As(err, &verification) || errors.As(err, &record) || errors.As(err, &alert) ||
		errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &invalid) {
		return true
	}
	// An alert of the peer comes as net.OpError{Op: "remote error"}, our own as
	// {Op: "local error"} (crypto/tls).
	var op *net.OpError
	return errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error")
}
