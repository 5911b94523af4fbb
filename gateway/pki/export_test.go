package pki

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
