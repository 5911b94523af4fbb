package pki

import (
	"bytes"
	"crypto/x509"
)

// Cached counts the certificates whose chains the store remembers.
func (s *Store) Cached() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.parsed)
}

// CachedNames counts the spellings of names the store remembers.
func (s *Store) CachedNames() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.byName)
}

// MaxCached is the most it remembers.
const MaxCached = maxParsed

// Issues tells whether an authority signed a certificate right below it.
func Issues(issuer, c *x509.Certificate) bool {
	return bytes.Equal(issuer.RawSubject, c.RawIssuer) && issues(issuer, c, 0) == ""
}
