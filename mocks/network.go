package mocks

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/kopir-kz/kopir/mocks/pki"
	"github.com/kopir-kz/kopir/mocks/shep"
)

// inProcess is the host of a world that does not listen.
const inProcess = "http://shep.mock"

// serving is what a listening world holds.
type serving struct {
	mu       sync.Mutex
	listener net.Listener
	server   *http.Server // nil until the world is ready
	url      string
	done     chan struct{}
}

// Listen serves the world on a TCP address, by default "127.0.0.1:0". Only
// addresses of this machine are accepted unless Options.AllowRemote is set. A
// world listens once.
func (w *World) Listen(addr string) error {
	l, err := w.bind(addr)
	if err != nil {
		return err
	}
	if err := w.serve(l); err != nil {
		return errors.Join(err, w.Close())
	}
	return nil
}

// bind opens the port: from here on the world knows its URL.
func (w *World) bind(addr string) (net.Listener, error) {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	if !w.o.AllowRemote && !loopback(addr) {
		return nil, fmt.Errorf("mocks: %q is not an address of this machine, and remote access is not allowed", addr)
	}
	w.serving.mu.Lock()
	defer w.serving.mu.Unlock()
	if w.serving.listener != nil {
		return nil, errors.New("mocks: the world listens already")
	}
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, err
	}
	scheme := "http://"
	if w.o.TLS != Plain {
		scheme = "https://"
	}
	w.serving.listener, w.serving.url = l, scheme+l.Addr().String()
	return l, nil
}

// serve answers whoever comes through the port.
func (w *World) serve(l net.Listener) error {
	if w.o.TLS != Plain {
		var err error
		if l, err = w.secure(l); err != nil {
			return err
		}
	}
	w.serving.mu.Lock()
	defer w.serving.mu.Unlock()
	server := &http.Server{Handler: w.handler, ReadHeaderTimeout: headerTimeout, ErrorLog: silent()}
	done := make(chan struct{})
	w.serving.server, w.serving.done = server, done
	go func() {
		defer close(done)
		_ = server.Serve(l) // always an error: that it was closed
	}()
	return nil
}

const headerTimeout = 10 * time.Second

// silent drops what net/http says of callers that break off: in this world they
// mean to.
func silent() *log.Logger { return log.New(io.Discard, "", 0) }

func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func (w *World) secure(l net.Listener) (net.Listener, error) {
	role := pki.Server
	if w.o.TLS == UnknownCA {
		role = pki.AttackerServer
	}
	id, err := w.PKI.Identity(role)
	if err != nil {
		return nil, err
	}
	return tls.NewListener(l, &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{id.Certificate.Raw}, PrivateKey: id.Key}},
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"http/1.1"}, // faults take over connections
	}), nil
}

// URL is where the world listens, without a path. A world that does not listen
// has a name that only its RoundTripper knows.
func (w *World) URL() string {
	w.serving.mu.Lock()
	defer w.serving.mu.Unlock()
	if w.serving.url == "" {
		return inProcess
	}
	return w.serving.url
}

// Endpoint is the URL of the sync channel.
func (w *World) Endpoint() string { return w.URL() + shep.Path }

// Close stops listening and cuts every connection. The world itself stays
// usable through its RoundTripper.
func (w *World) Close() error {
	if w.shep != nil {
		w.shep.Close()
	}
	w.serving.mu.Lock()
	listener, server, done := w.serving.listener, w.serving.server, w.serving.done
	w.serving.mu.Unlock()
	switch {
	case listener == nil:
		return nil
	case server == nil:
		return listener.Close()
	}
	err := server.Close()
	<-done
	return err
}

// RoundTripper speaks to the world inside the process. Each request has its
// own connection, a pipe under the HTTP/1.1 of net/http on both sides: faults of
// the connection arrive as the errors a socket would give. It works under
// testing/synctest, also where the world was started outside the bubble.
// Whatever host a request names, the world answers.
func (w *World) RoundTripper() http.RoundTripper {
	server := &http.Server{Handler: w.handler, ReadHeaderTimeout: headerTimeout, ErrorLog: silent()}
	return &http.Transport{
		DisableKeepAlives:  true,
		DisableCompression: true,
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			client, peer := newPipe()
			go func() {
				_ = server.Serve(&oneConn{conn: peer}) // io.EOF after the one connection
			}()
			return client, nil
		},
	}
}

// oneConn is a listener that has one connection to give.
type oneConn struct {
	mu   sync.Mutex
	conn net.Conn
}

func (l *oneConn) Accept() (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn == nil {
		return nil, io.EOF
	}
	c := l.conn
	l.conn = nil
	return c, nil
}

func (l *oneConn) Close() error   { return nil }
func (l *oneConn) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "mock" }

// pipeEnd is one end of a net.Pipe whose peer can be told how it ended.
type pipeEnd struct {
	net.Conn
	fate *fate
}

// fate is shared by both ends.
type fate struct {
	mu  sync.Mutex
	err error
}

func newPipe() (client, server net.Conn) {
	a, b := net.Pipe()
	shared := &fate{}
	return &pipeEnd{a, shared}, &pipeEnd{b, shared}
}

// Break implements shep.Breaker.
func (p *pipeEnd) Break(err error) {
	p.fate.mu.Lock()
	p.fate.err = err
	p.fate.mu.Unlock()
	_ = p.Close() // a pipe does not fail to close
}

func (p *pipeEnd) Read(b []byte) (int, error) {
	n, err := p.Conn.Read(b)
	return n, p.fate.explain(err)
}

func (p *pipeEnd) Write(b []byte) (int, error) {
	n, err := p.Conn.Write(b)
	return n, p.fate.explain(err)
}

// explain gives the reason for the end of a broken pipe.
func (f *fate) explain(err error) error {
	if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe) {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return f.err
	}
	return err
}
