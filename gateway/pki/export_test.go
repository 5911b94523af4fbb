package pki

// Cached counts the certificates whose chains the store remembers.
func (s *Store) Cached() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.parsed)
}

// MaxCached is the most it remembers.
const MaxCached = maxParsed
