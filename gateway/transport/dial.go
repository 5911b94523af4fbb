package transport

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// errAddressDenied: the allow-list does not know the address.
var errAddressDenied = errors.New("address not allowed")

// Routable is the default rule for addresses: no loopback, link-local (which
// holds the metadata services of clouds), multicast or unspecified address.
// Private ranges are allowed, because ШЭП is reached inside a state network.
func Routable(a netip.Addr) bool {
	a = a.Unmap()
	return !a.IsLoopback() && !a.IsLinkLocalUnicast() && !a.IsMulticast() && !a.IsUnspecified()
}

// Within allows the addresses of the given ranges and no others.
func Within(ranges ...netip.Prefix) func(netip.Addr) bool {
	return func(a netip.Addr) bool {
		a = a.Unmap().WithZone("")
		for _, r := range ranges {
			if r.Contains(a) {
				return true
			}
		}
		return false
	}
}

// newHTTPTransport makes the connection pool of a Client. Its size is that of
// the bulkhead: with the usual two idle connections per host most calls would
// open a new one.
func newHTTPTransport(o *Options) *http.Transport {
	dialer := &net.Dialer{
		Timeout:   o.DialTimeout,
		KeepAlive: 30 * time.Second,
		Control:   guard(o.AllowAddr),
	}
	conf := &tls.Config{}
	if o.TLS != nil {
		conf = o.TLS.Clone()
	}
	conf.MinVersion = max(conf.MinVersion, tls.VersionTLS12)
	var protocols http.Protocols
	protocols.SetHTTP1(true) // ШЭП speaks HTTP/1.1; one protocol is one set of failure modes
	return &http.Transport{
		Proxy:                  nil, // a proxy named by the environment would read the messages
		DialContext:            dialer.DialContext,
		TLSClientConfig:        conf,
		TLSHandshakeTimeout:    o.TLSHandshakeTimeout,
		ResponseHeaderTimeout:  o.AttemptTimeout,
		MaxResponseHeaderBytes: o.MaxAnswerHeadBytes,
		MaxConnsPerHost:        o.MaxConcurrent,
		MaxIdleConns:           o.MaxConcurrent,
		MaxIdleConnsPerHost:    o.MaxConcurrent,
		IdleConnTimeout:        90 * time.Second,
		DisableCompression:     true,
		Protocols:              &protocols,
	}
}

// NewNetwork makes the connection pool of a Client alone, for requests that are no
// calls of a registry: with the same rule for addresses, no proxy, TLS 1.2 at
// least, and nothing unpacked. Retries, breaker and limits of bodies are the
// caller's business.
func NewNetwork(o Options) (*http.Transport, error) {
	if err := o.complete(); err != nil {
		return nil, fmt.Errorf("transport %s: %w", o.Name, err)
	}
	return newHTTPTransport(&o), nil
}

// guard looks at the very address that is about to be connected to. A check of
// the name beforehand could be outlived by the next resolution.
func guard(allow func(netip.Addr) bool) func(network, address string, c syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(address)
		if err != nil || !allow(ap.Addr()) {
			return errAddressDenied
		}
		return nil
	}
}
