package revocation

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Why a source gave no answer, beside the errors of ocsp and crl. The texts of
// the network layer are not passed on: they quote what the peer sent.
var (
	ErrUnreachable = errors.New("not reached")
	ErrTimedOut    = errors.New("no answer in time")
	ErrRedirected  = errors.New("redirected; a source has to answer where it is configured")
	ErrHTTPStatus  = errors.New("an HTTP status other than 200")
	ErrEncoded     = errors.New("the answer is compressed")
	ErrTooLong     = errors.New("the answer is longer than allowed")
	ErrPaused      = errors.New("left alone after a failure")
	ErrUnsigned    = errors.New("signed by no configured authority")
	ErrIssuer      = errors.New("of another authority than the issuer")
	ErrUnknown     = errors.New("does not know the certificate")
	ErrOlder       = errors.New("older than what is known")
	ErrStale       = errors.New("past its time")
	ErrResponder   = errors.New("the certificate of the responder is revoked")
)

// SourceError says which source gave no answer, and why.
type SourceError struct {
	Source string // host of the responder or of the list
	Err    error
}

// Error is the host and the cause.
func (e *SourceError) Error() string { return e.Source + ": " + e.Err.Error() }

// Unwrap gives the cause.
func (e *SourceError) Unwrap() error { return e.Err }

// maxURL bounds what is taken from a certificate.
const maxURL = 1024

// parseURL takes the URLs that may be asked.
func parseURL(s string) (*url.URL, error) {
	if len(s) > maxURL {
		return nil, ErrTooLong
	}
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.Fragment != "" {
		return nil, ErrUnreachable
	}
	return u, nil
}

// host names a source in errors and logs.
func host(s string) string {
	u, err := parseURL(s)
	if err != nil {
		return "a malformed URL"
	}
	return u.Host
}

// get asks a URL, with a body by POST, and reads at most limit bytes.
func get(ctx context.Context, network http.RoundTripper, at string, body []byte, limit int, timeout time.Duration) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	method, sent := http.MethodGet, io.Reader(http.NoBody)
	if body != nil {
		method, sent = http.MethodPost, bytes.NewReader(body)
	}
	r, err := http.NewRequestWithContext(ctx, method, at, sent)
	if err != nil {
		return nil, ErrUnreachable
	}
	r.Header.Set("User-Agent", "kopir")
	if body != nil {
		r.Header.Set("Content-Type", "application/ocsp-request")
	}
	// Not an http.Client: that one would follow redirects and keep cookies.
	answer, err := network.RoundTrip(r)
	if err != nil {
		return nil, failed(ctx)
	}
	defer answer.Body.Close()
	switch encoding := answer.Header.Get("Content-Encoding"); {
	case answer.StatusCode >= 300 && answer.StatusCode < 400:
		return nil, ErrRedirected
	case answer.StatusCode != http.StatusOK:
		return nil, ErrHTTPStatus
	case encoding != "" && !strings.EqualFold(encoding, "identity"):
		return nil, ErrEncoded
	case answer.ContentLength > int64(limit):
		return nil, ErrTooLong
	}
	b, err := io.ReadAll(io.LimitReader(answer.Body, int64(limit)+1))
	switch {
	case err != nil:
		return nil, failed(ctx)
	case len(b) > limit:
		return nil, ErrTooLong
	}
	return b, nil
}

func failed(ctx context.Context) error {
	if ctx.Err() != nil {
		return ErrTimedOut
	}
	return ErrUnreachable
}
