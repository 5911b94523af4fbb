package api

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/kopir-kz/kopir/gateway/fault"
)

// Client is a system that may call the gateway. What is not on its list is
// refused.
type Client struct {
	// ID names the client in the journal, in log lines and in metrics: lower
	// case letters, digits and hyphens, at most 63.
	ID string
	// KeyHashes are the hashes of its API keys, as HashKey makes them. Several
	// allow an old and a new key to overlap.
	KeyHashes []string
	// Operations it may call, e.g. "person.search".
	Operations []string
}

// An API key is keyPrefix and 32 random bytes in base64url without padding. The
// prefix lets scanners for leaked secrets find it.
const (
	keyPrefix  = "kopir_"
	keyBytes   = 32
	hashPrefix = "hmac-sha256:"
)

// NewKey makes an API key of 256 random bits. It is shown once; the settings
// keep its hash only.
func NewKey() string {
	var b [keyBytes]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return keyPrefix + base64.RawURLEncoding.EncodeToString(b[:])
}

// HashKey gives the hash of an API key for the settings: HMAC-SHA-256 under the
// pepper, in hex behind "hmac-sha256:". One round is enough, because a key has
// 256 random bits and nobody can choose one that has fewer. The pepper makes a
// stolen settings file useless even to somebody who holds a list of keys. The
// error says that key is none of ours.
func HashKey(key string, pepper []byte) (string, error) {
	sum, ok := hashKey(key, pepper)
	if !ok {
		return "", errors.New("api: this is not an API key")
	}
	return hashPrefix + hex.EncodeToString(sum[:]), nil
}

func hashKey(key string, pepper []byte) (sum [sha256.Size]byte, ok bool) {
	text, ok := strings.CutPrefix(key, keyPrefix)
	if !ok || len(text) != base64.RawURLEncoding.EncodedLen(keyBytes) {
		return sum, false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != keyBytes {
		return sum, false
	}
	mac := hmac.New(sha256.New, pepper)
	mac.Write(b)
	mac.Sum(sum[:0])
	return sum, true
}

// client is a Client ready for look-up.
type client struct {
	id         string
	hashes     [][]byte
	operations []string
}

// newClients checks the list. The error names the client and the rule.
func newClients(list []Client) ([]client, error) {
	id := regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)
	known := Operations()
	seen := map[string]bool{}
	clients := make([]client, 0, len(list))
	for _, c := range list {
		if !id.MatchString(c.ID) || seen[c.ID] {
			return nil, fmt.Errorf("api: client %q: the id has a wrong form or is given twice", c.ID)
		}
		seen[c.ID] = true
		if len(c.KeyHashes) == 0 {
			return nil, fmt.Errorf("api: client %q has no key", c.ID)
		}
		entry := client{id: c.ID, operations: c.Operations}
		for _, text := range c.KeyHashes {
			digits, ok := strings.CutPrefix(text, hashPrefix)
			sum, err := hex.DecodeString(digits)
			if !ok || err != nil || len(sum) != sha256.Size || seen[text] {
				return nil, fmt.Errorf("api: client %q: a key hash has a wrong form or is given twice", c.ID)
			}
			seen[text] = true
			entry.hashes = append(entry.hashes, sum)
		}
		for _, op := range c.Operations {
			if !slices.Contains(known, op) {
				return nil, fmt.Errorf("api: client %q: no operation %q", c.ID, op)
			}
		}
		clients = append(clients, entry)
	}
	return clients, nil
}

// lookUp finds the client of a key. It compares every hash in constant time and
// does not stop at the right one, so that the time tells nothing.
func (s *server) lookUp(key string) (found client, ok bool) {
	sum, wellFormed := hashKey(key, s.Pepper)
	match := -1
	for i := range s.clients {
		for _, hash := range s.clients[i].hashes {
			match = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(hash, sum[:]), i, match)
		}
	}
	if !wellFormed || match < 0 {
		return client{}, false
	}
	return s.clients[match], true
}

// caller is who asks for what.
type caller struct {
	client    client
	operation string
}

const callerKey = "kopir.caller"

func callerOf(c *gin.Context) (caller, bool) {
	v, _ := c.Get(callerKey)
	who, ok := v.(caller)
	return who, ok
}

// may tells whether the operation is on the client's list.
func (c client) may(operation string) error {
	if !slices.Contains(c.operations, operation) {
		return fault.New(fault.Forbidden, "authorize", operation+" is not on the client's list")
	}
	return nil
}

// authenticate lets a known client through to an operation on its list. It runs
// before the body is looked at: strangers learn nothing about the contract's
// checks.
func (s *server) authenticate(c *gin.Context) {
	found, err := s.identity(c)
	if err == nil {
		operation := s.operations[c.FullPath()] // if it were "", that is on nobody's list
		c.Set(callerKey, caller{found, operation})
		if operation != batchID { // the rights are those of the questions in it
			err = found.may(operation)
		}
	}
	if err != nil {
		s.fail(c, err)
	}
}

// identity finds the client of the API key that came with a request.
func (s *server) identity(c *gin.Context) (client, error) {
	header := c.Request.Header.Values("Authorization")
	if len(header) != 1 {
		return client{}, fault.New(fault.Unauthenticated, "authenticate", "not exactly one Authorization header")
	}
	scheme, key, _ := strings.Cut(header[0], " ")
	if !strings.EqualFold(scheme, "Bearer") { // RFC 9110 section 11.1: case-insensitive
		return client{}, fault.New(fault.Unauthenticated, "authenticate", "another scheme than Bearer")
	}
	found, ok := s.lookUp(key)
	if !ok {
		return client{}, fault.New(fault.Unauthenticated, "authenticate", "unknown key")
	}
	return found, nil
}
