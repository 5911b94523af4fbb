package tsp

import (
	"bytes"
	"context"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"
)

// ErrUnavailable says that the authority gave no answer that could be read:
// whether it would have stamped is unknown, and asking again may help.
var ErrUnavailable = errors.New("the time-stamp authority is not available")

// DefaultTimeout is how long the authority has for an answer.
const DefaultTimeout = 10 * time.Second

// Media types of RFC 3161, section 3.4.
const (
	typeQuery = "application/timestamp-query"
	typeReply = "application/timestamp-reply"
)

// Client asks one authority over HTTP (RFC 3161, section 3.4). It is safe for
// concurrent use.
type Client struct {
	URL      string                // comes from configuration, never from a message
	HTTP     *http.Client          // makes the connections; nil means one with the default transport
	Timeout  time.Duration         // of a whole exchange; 0 means DefaultTimeout
	Policy   asn1.ObjectIdentifier // to be asked for; nil leaves the choice to the authority
	Verifier *Verifier             // what is demanded of the answer
}

// Stamp obtains a token over some bytes and gives it verified and as it came.
// The error wraps ErrUnavailable if there was no answer, is a *StatusError if
// there was no token in it, and an *Error if the token does not hold.
func (c *Client) Stamp(ctx context.Context, digest asn1.ObjectIdentifier, stamped []byte) (*Token, []byte, error) {
	imprint, err := NewImprint(digest, stamped)
	if err != nil {
		return nil, nil, err
	}
	r := NewRequest(imprint)
	r.Policy = c.Policy
	query, err := r.Marshal()
	if err != nil {
		return nil, nil, err
	}
	timeout := c.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	reply, err := c.exchange(ctx, query)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return c.Verifier.Answer(ctx, r, reply)
}

// exchange sends a query and reads the reply. Redirects are not followed: they
// would let the authority choose whom we talk to.
func (c *Client) exchange(ctx context.Context, query []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, bytes.NewReader(query))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", typeQuery)
	request.Header.Set("Accept", typeReply)
	var client http.Client
	if c.HTTP != nil {
		client = *c.HTTP
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("HTTP status %d", response.StatusCode)
	}
	if kind, _, err := mime.ParseMediaType(response.Header.Get("Content-Type")); err != nil || kind != typeReply {
		return nil, errors.New("the reply is not of the type " + typeReply)
	}
	reply, err := io.ReadAll(io.LimitReader(response.Body, MaxResponse+1))
	switch {
	case err != nil:
		return nil, err
	case len(reply) > MaxResponse:
		return nil, fmt.Errorf("the reply is longer than %d bytes", MaxResponse)
	}
	return reply, nil
}
