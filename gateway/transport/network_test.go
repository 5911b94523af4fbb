package transport

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/fault"
)

// canary is a synthetic IIN and canaryName a synthetic surname; a peer that
// echoes them, and an end point that carries one, must not bring them into any
// text of ours.
const (
	canary     = "904315350001"
	canaryName = "Сынақов"
)

// rawPeer serves every connection on 127.0.0.1 with script, after it has read
// the request. It counts the requests.
func rawPeer(t *testing.T, script func(n int, c *net.TCPConn)) (url string, requests *atomic.Int32) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	requests = new(atomic.Int32)
	var open sync.WaitGroup
	open.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() {
				defer c.Close()
				r, err := http.ReadRequest(bufio.NewReader(c))
				if err != nil {
					return
				}
				_, _ = io.Copy(io.Discard, r.Body)
				script(int(requests.Add(1)), c.(*net.TCPConn))
			})
		}
	})
	t.Cleanup(func() { _ = l.Close(); open.Wait() })
	return "http://" + l.Addr().String() + "/bip-sync/" + canary, requests
}

func anyAddr(netip.Addr) bool { return true }

// overNetwork makes a client on real sockets with short waits.
func overNetwork(t testing.TB, change ...func(*Options)) *Client {
	return client(t, nil, append([]func(*Options){func(o *Options) {
		o.Base, o.AllowAddr = nil, anyAddr
		o.BackoffBase, o.AttemptTimeout = time.Millisecond, 2*time.Second
	}}, change...)...)
}

const whole = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\n<a/>"

// TestTornAnswersAreRepeated: what breaks on the wire is repeated on a read,
// classified by cause, and none of what the peer sent gets into the error.
func TestTornAnswersAreRepeated(t *testing.T) {
	t.Parallel()
	echo := "<a>" + canary + canaryName + "</a>"
	write := func(s string) func(*net.TCPConn) {
		return func(c *net.TCPConn) { _, _ = io.WriteString(c, s) }
	}
	reset := func(s string) func(*net.TCPConn) {
		return func(c *net.TCPConn) {
			_, _ = io.WriteString(c, s)
			_ = c.SetLinger(0) // close sends RST
		}
	}
	for _, tt := range []struct {
		name  string
		tear  func(*net.TCPConn)
		cause Cause
	}{
		{"closed before the head", write(""), Reset},
		{"reset before the head", reset(""), Reset},
		{"closed in the head", write("HTTP/1.1 200 OK\r\nX-Echo: " + canary), Reset},
		{"garbage status line", write(canary + " " + canaryName + " garbage\r\n\r\n"), BadHTTP},
		{"garbage header", write("HTTP/1.1 200 OK\r\n" + canary + "\r\n\r\n"), BadHTTP},
		{"garbage length", write("HTTP/1.1 200 OK\r\nContent-Length: " + canary + "x\r\n\r\n"), BadHTTP},
		{"head too large", write("HTTP/1.1 200 OK\r\nX-Long: " + strings.Repeat(canary, 20_000) + "\r\n\r\n"), BadHTTP},
		{"redirect to nonsense", write("HTTP/1.1 302 Found\r\nLocation: http://%zz" + canary + "\r\n\r\n"), BadHTTP},
		{"truncated body", write("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + echo), Truncated},
		{"half-closed body", func(c *net.TCPConn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"+echo)
			_ = c.CloseWrite()
		}, Truncated},
		{"reset in the body", reset("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + echo), Truncated},
		{"no last chunk", write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n<a/>\r\n"), Truncated},
		{"bad chunk", write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n<a/>\r\nx" + canary + "\r\n"), BadBody},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			url, requests := rawPeer(t, func(n int, c *net.TCPConn) {
				if n < 3 {
					tt.tear(c)
					return
				}
				_, _ = io.WriteString(c, whole)
			})
			r := round()
			r.URL = url
			r.Prepare = func(context.Context, int) ([]byte, error) { return []byte(echo), nil }
			c := overNetwork(t)
			got, err := c.Do(t.Context(), r)
			wantKind(t, err, "")
			if got.Attempts != 3 {
				t.Errorf("%d attempts", got.Attempts)
			}

			requests.Store(-100)
			got, err = c.Do(t.Context(), r)
			wantKind(t, err, fault.ShepUnavailable)
			if got.Cause != tt.cause {
				t.Errorf("cause %q, want %q", got.Cause, tt.cause)
			}
			noPersonalData(t, err)
		})
	}
}

// noPersonalData looks through every error of the chain.
func noPersonalData(t *testing.T, err error) {
	t.Helper()
	var walk func(error)
	walk = func(err error) {
		if err == nil {
			return
		}
		for _, s := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err)} {
			if strings.Contains(s, canary) || strings.Contains(s, canaryName) || strings.Contains(s, "bip-sync") {
				t.Errorf("personal data or URL in %T: %s", err, s)
			}
		}
		walk(errors.Unwrap(err))
		if m, ok := err.(interface{ Unwrap() []error }); ok {
			for _, e := range m.Unwrap() {
				walk(e)
			}
		}
	}
	walk(err)
}

// TestNoIdentifierInAnyError: identifiers in the end point, the message and
// everything the peer says, for answers that are not torn.
func TestNoIdentifierInAnyError(t *testing.T) {
	t.Parallel()
	hop := canary + " " + canaryName
	mux := http.NewServeMux()
	for _, status := range []int{302, 307, 400, 403, 429, 500, 501, 503} {
		mux.HandleFunc(fmt.Sprintf("/bip-sync/%d/", status), func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://127.0.0.1:1/"+canary)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, hop)
		})
	}
	srv := httptest.NewServer(mux)
	defer srv.Close()
	closed := "http://127.0.0.1:1"
	for _, url := range []string{
		closed + "/bip-sync", "https" + strings.TrimPrefix(srv.URL, "http"), "http://" + canary + ".invalid", "gopher://" + canary,
		srv.URL + "/bip-sync/302", srv.URL + "/bip-sync/307", srv.URL + "/bip-sync/400", srv.URL + "/bip-sync/403",
		srv.URL + "/bip-sync/429", srv.URL + "/bip-sync/500", srv.URL + "/bip-sync/501", srv.URL + "/bip-sync/503",
	} {
		r := round()
		r.URL = url + "/" + canary + "?iin=" + canary
		r.Prepare = func(context.Context, int) ([]byte, error) { return []byte(hop), nil }
		_, err := overNetwork(t, func(o *Options) { o.MaxAttempts = 2; o.RetryAfterCap = time.Millisecond }).Do(t.Context(), r)
		if err == nil {
			t.Errorf("%s: no error", url)
		}
		noPersonalData(t, err)
	}
}

// TestT17RedirectSendsNothing: the signed message must not be handed on, with
// any of the statuses, and the canary must not be asked.
func TestT17RedirectSendsNothing(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", other.URL)
			w.WriteHeader(status)
		}))
		r := round()
		r.URL = srv.URL
		got, err := overNetwork(t).Do(t.Context(), r)
		wantKind(t, err, fault.AnswerUnread)
		if asked.Load() != 0 || got.Attempts != 1 || got.Cause != Redirected {
			t.Errorf("%d: canary asked %d times, report %+v", status, asked.Load(), got)
		}
		srv.Close()
	}
}

// TestT17AddressesAreCheckedWhenDialled, for names too, so that what a name
// resolved to earlier does not matter.
func TestT17AddressesAreCheckedWhenDialled(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer srv.Close()
	_, port, _ := net.SplitHostPort(srv.Listener.Addr().String())
	for _, host := range []string{"127.0.0.1", "localhost", "169.254.169.254", "[::ffff:127.0.0.1]", "0.0.0.0"} {
		r := round()
		r.URL = "http://" + host + ":" + port
		got, err := overNetwork(t, func(o *Options) { o.AllowAddr = nil }).Do(t.Context(), r)
		wantKind(t, err, fault.ShepUnavailable)
		if asked.Load() != 0 || got.Cause != AddressDenied {
			t.Errorf("%s: asked %d times, report %+v", host, asked.Load(), got)
		}
	}
}

func TestAddressRules(t *testing.T) {
	t.Parallel()
	state := Within(netip.MustParsePrefix("10.61.0.0/16"), netip.MustParsePrefix("fd00::/8"))
	for _, tt := range []struct {
		addr            string
		routable, state bool
	}{
		{"10.61.40.133", true, true},
		{"::ffff:10.61.40.133", true, true},
		{"10.62.0.1", true, false},
		{"fd00::1", true, true},
		{"195.12.113.1", true, false},
		{"127.0.0.1", false, false},
		{"::1", false, false},
		{"::ffff:127.0.0.1", false, false},
		{"169.254.169.254", false, false},
		{"fe80::1%eth0", false, false},
		{"0.0.0.0", false, false},
		{"224.0.0.1", false, false},
	} {
		a := netip.MustParseAddr(tt.addr)
		if Routable(a) != tt.routable || state(a) != tt.state {
			t.Errorf("%s: routable %t state %t", a, Routable(a), state(a))
		}
	}
}

// TestNoProxyFromTheEnvironment would otherwise be told all messages.
func TestNoProxyFromTheEnvironment(t *testing.T) {
	asked := false
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer proxy.Close()
	t.Setenv("HTTP_PROXY", proxy.URL)
	r := round()
	r.URL = "http://shep.invalid"
	_, err := overNetwork(t, func(o *Options) { o.MaxAttempts = 1 }).Do(t.Context(), r)
	wantKind(t, err, fault.ShepUnavailable)
	if asked {
		t.Error("the proxy was asked")
	}
}

// TestNothingIsUnpacked: we ask for no compression, and a peer that compresses
// all the same is refused before a byte is read.
func TestNothingIsUnpacked(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, _ = z.Write(make([]byte, 16<<20))
	_ = z.Close()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if e := r.Header.Get("Accept-Encoding"); e != "" {
			t.Errorf("asked for %q", e)
		}
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb.Bytes())
	}))
	defer srv.Close()
	r := round()
	r.URL = srv.URL
	got, err := overNetwork(t).Do(t.Context(), r)
	wantKind(t, err, fault.AnswerUnread)
	if got.Cause != Encoded || got.Attempts != 1 {
		t.Errorf("report %+v", got)
	}
}

// TestTLS: unknown roots and old versions are refused, ours are accepted, and
// verification cannot be switched off.
func TestTLS(t *testing.T) {
	t.Parallel()
	serve := func(version uint16) *httptest.Server {
		srv := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		srv.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: version}
		srv.Config.ErrorLog = discard()
		srv.StartTLS()
		t.Cleanup(srv.Close)
		return srv
	}
	modern, old := serve(tls.VersionTLS13), serve(tls.VersionTLS11)
	roots := x509.NewCertPool()
	roots.AddCert(modern.Certificate())
	for _, tt := range []struct {
		name string
		url  string
		conf *tls.Config
		kind fault.Kind
	}{
		{"our root", modern.URL, &tls.Config{RootCAs: roots}, ""},
		{"unknown root", modern.URL, nil, fault.ShepUnavailable},
		{"TLS 1.1", old.URL, &tls.Config{RootCAs: roots}, fault.ShepUnavailable},
		{"TLS 1.1, allowed by mistake", old.URL, &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS10}, fault.ShepUnavailable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := round()
			r.URL = tt.url
			got, err := overNetwork(t, func(o *Options) { o.TLS = tt.conf; o.MaxAttempts = 1 }).Do(t.Context(), r)
			wantKind(t, err, tt.kind)
			if tt.kind != "" && got.Cause != TLSFailed {
				t.Errorf("cause %q", got.Cause)
			}
		})
	}
	if _, err := New(Options{TLS: &tls.Config{InsecureSkipVerify: true}}); err == nil {
		t.Error("verification could be switched off")
	}
}

// TestFailedCallsKeepTheConnections: retryablehttp closes all idle connections
// after a failed call; a business refusal of one client would cost every other
// one a handshake.
func TestFailedCallsKeepTheConnections(t *testing.T) {
	t.Parallel()
	var opened atomic.Int32
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<a/>")
	}))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	srv.Start()
	defer srv.Close()
	r := roundWith(func(int, []byte) error { return fault.New(fault.RegistryRefused, "read answer", "") })
	r.URL = srv.URL
	c := overNetwork(t)
	for range 10 {
		_, err := c.Do(t.Context(), r)
		wantKind(t, err, fault.RegistryRefused)
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("%d connections for ten calls", n)
	}
}

// TestT35DeadPeersLeaveNothingBehind: many peers that accept and never answer;
// TestMain looks for goroutines afterwards.
func TestT35DeadPeersLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	url, _ := rawPeer(t, func(int, *net.TCPConn) { <-done })
	t.Cleanup(func() { close(done) })
	c := overNetwork(t, func(o *Options) {
		o.MaxAttempts, o.AttemptTimeout, o.MaxConcurrent = 1, 50*time.Millisecond, 64
		o.Breaker.MinCalls = 1000
	})
	var calls sync.WaitGroup
	for range 64 {
		calls.Go(func() {
			r := round()
			r.URL = url
			_, err := c.Do(t.Context(), r)
			if fault.KindOf(err) != fault.ShepTimeout {
				t.Errorf("%v", err)
			}
		})
	}
	calls.Wait()
}
