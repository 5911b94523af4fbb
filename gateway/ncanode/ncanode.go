// Package ncanode has messages signed by a service with the HTTP interface of
// NCANode 3 (POST /wsse/sign and /xml/sign), for operators who must use a
// certified library that runs beside Kopir and not in it.
//
// That interface takes the keystore and its password with every request. They
// are sent to the configured address only, which must be on this machine or be
// https, and to nobody else: redirects are refused. A service of one's own that
// speaks the interface and keeps the key itself gets neither.
//
// Nothing that comes back is trusted: the signature must hold under the
// configured certificate, and what is signed must be what was sent.
package ncanode

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/kopir-kz/kopir/gateway/c14n"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// What can go wrong.
var (
	ErrAddress     = errors.New("the address of the signing service must be https, or http on this machine")
	ErrLayout      = errors.New("the signing service writes the reference layout only: wsu:Id and KeyIdentifier")
	ErrUnavailable = errors.New("the signing service cannot be reached or does not answer in time")
	ErrRefused     = errors.New("the signing service refuses to sign")
	ErrAnswer      = errors.New("the signing service does not answer in its own form")
	ErrSignature   = errors.New("what the signing service gave back is not a valid signature of the configured certificate")
	ErrChanged     = errors.New("the signing service signed another message than it was given")
)

// Options of a signing service.
type Options struct {
	// URL is where the service is, e.g. "http://127.0.0.1:14579".
	URL string
	// Certificate is the only one whose signatures are taken.
	Certificate *x509.Certificate
	// Keystore is a PKCS#12 keystore in base64, Password and Alias go with it.
	// All three may be empty, for a service that keeps the key itself.
	Keystore, Password, Alias string
	// Timeout bounds one signature; 0 means 10 seconds.
	Timeout time.Duration
	// Transport is how the service is reached; nil means a plain one.
	Transport http.RoundTripper
}

const defaultTimeout = 10 * time.Second

// maxAnswer bounds the answer. A signed envelope is some KB longer than ours.
const maxAnswer = 8 << 20

// Client signs by a signing service. It is safe for concurrent use.
type Client struct {
	o    Options
	http *http.Client
}

// New makes a Client. The error is ErrAddress.
func New(o Options) (*Client, error) {
	if err := CheckURL(o.URL); err != nil {
		return nil, err
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.Transport == nil {
		// No proxy of the environment sees the keystore.
		o.Transport = &http.Transport{MaxIdleConnsPerHost: 32, IdleConnTimeout: time.Minute, DisableCompression: true}
	}
	return &Client{o, &http.Client{
		Transport:     o.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// CheckURL tells whether a service may be at an address. The error is ErrAddress.
func CheckURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || (u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname()))) {
		return ErrAddress
	}
	return nil
}

// CheckLayout tells whether a service can write a layout. The error is ErrLayout.
func CheckLayout(o wsse.SignOptions) error {
	if (o.ID != "" && o.ID != wsse.IDUtility) || (o.KeyInfo != "" && o.KeyInfo != wsse.KeyIdentifier) {
		return ErrLayout
	}
	return nil
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// SignBody has the Body of an envelope signed. The layout is the service's; the
// options may only ask for that one.
func (c *Client) SignBody(ctx context.Context, env []byte, o wsse.SignOptions) ([]byte, error) {
	if err := CheckLayout(o); err != nil {
		return nil, err
	}
	signed, err := c.ask(ctx, "/wsse/sign", struct {
		credentials
		XML  string `json:"xml"`
		Trim bool   `json:"trimXml"`
	}{c.credentials(), string(env), false})
	if err != nil {
		return nil, err
	}
	v, err := wsse.VerifyBody(ctx, signed, c, wsse.Policy{})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	ours, err := xmltext.Parse(env, xmltext.Limits{})
	if err != nil {
		return nil, xmldsig.RefuseInput(err)
	}
	body := ours.Root().First()
	if body.Local() == "Header" {
		body = body.NextElement()
	}
	if !same(body.First(), v.Body.First(), xmltext.Node{}) {
		return nil, ErrChanged
	}
	return signed, nil
}

// SignEnveloped has a document signed as a whole.
func (c *Client) SignEnveloped(ctx context.Context, doc []byte) ([]byte, error) {
	signed, err := c.ask(ctx, "/xml/sign", struct {
		XML     string        `json:"xml"`
		Signers []credentials `json:"signers"`
		Clear   bool          `json:"clearSignatures"`
		Trim    bool          `json:"trimXml"`
	}{string(doc), []credentials{c.credentials()}, false, false})
	if err != nil {
		return nil, err
	}
	limits := xmltext.Limits{Comments: true, PIs: true}
	d, err := xmltext.Parse(signed, limits)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	v, err := xmldsig.VerifyEnveloped(ctx, d.Root(), c, xmldsig.Policy{Limits: limits})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	ours, err := xmltext.Parse(doc, limits)
	if err != nil {
		return nil, xmldsig.RefuseInput(err)
	}
	root := v.Targets[0].Node
	var signature xmltext.Node
	for e := range root.Elements() {
		signature = e // the verifier demands that it is the last one
	}
	if !same(ours.Root(), root, signature) {
		return nil, ErrChanged
	}
	return signed, nil
}

// same tells whether two elements have the same canonical form; a part of the
// second does not count.
func same(a, b, without xmltext.Node) bool {
	if a.IsZero() || b.IsZero() {
		return a.IsZero() && b.IsZero()
	}
	m := c14n.Method{Kind: c14n.Exclusive, Comments: true}
	var x, y bytes.Buffer
	return m.Write(&x, a, xmltext.Node{}) == nil && m.Write(&y, b, without) == nil && bytes.Equal(x.Bytes(), y.Bytes())
}

// Resolve accepts the configured certificate and no other, so that a Client is
// the judge of what it gets back.
func (c *Client) Resolve(_ context.Context, h pki.Hint, _ time.Time) (*pki.Certificate, error) {
	if len(h.Certificates) != 1 || !bytes.Equal(h.Certificates[0], c.o.Certificate.Raw) {
		return nil, &pki.Error{Reason: pki.ReasonSignerPin, Text: "the certificate is not the configured one"}
	}
	return &pki.Certificate{Certificate: c.o.Certificate, Chain: []*x509.Certificate{c.o.Certificate}}, nil
}

// credentials is SignerRequest of the interface.
type credentials struct {
	Key      string  `json:"key"`
	Password string  `json:"password"`
	Alias    *string `json:"keyAlias"`
}

func (c *Client) credentials() credentials {
	out := credentials{Key: c.o.Keystore, Password: c.o.Password}
	if c.o.Alias != "" {
		out.Alias = &c.o.Alias
	}
	return out
}

// ask posts a request and takes the signed text out of the answer. Texts of the
// service are not repeated: they may quote what they were given.
func (c *Client) ask(ctx context.Context, path string, request any) ([]byte, error) {
	body, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.o.URL+path, bytes.NewReader(body))
	if err != nil {
		return nil, ErrAddress
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(r)
	if err != nil {
		return nil, ErrUnavailable
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, ErrUnavailable
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%w: HTTP status %d", ErrRefused, resp.StatusCode)
	case len(raw) > maxAnswer:
		return nil, ErrAnswer
	}
	var answer struct {
		Status int    `json:"status"`
		XML    string `json:"xml"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return nil, ErrAnswer
	}
	if answer.Status != http.StatusOK || answer.XML == "" {
		return nil, fmt.Errorf("%w: status %d", ErrRefused, answer.Status)
	}
	return []byte(answer.XML), nil
}
