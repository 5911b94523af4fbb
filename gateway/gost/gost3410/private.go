package gost3410

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
)

// PrivateKey signs. It is a crypto.Signer and may be used at once from many
// goroutines. Nothing prints or encodes it by accident: fmt, log/slog and the
// encoders of text and JSON get "***", and only Bytes gives the number.
type PrivateKey struct {
	public *PublicKey
	// secret is behind a function, which fmt cannot look into: for a verb that does
	// not fit it follows pointers, and in another type's hidden field it does not
	// call our methods.
	secret func() *secret
}

// secret is the number d, until it is wiped.
type secret struct {
	mu        sync.RWMutex
	d         []byte // little-endian
	destroyed bool
}

// GenerateKey makes a key out of randomness; nil stands for crypto/rand. The
// error is ErrRandom.
func GenerateKey(c *Curve, random io.Reader) (*PrivateKey, error) {
	// Nearly every number of this length is in range; a source that gives none
	// in so many attempts is broken.
	const attempts = 64
	d := make([]byte, c.size)
	defer clear(d)
	for range attempts {
		if err := read(random, d); err != nil {
			return nil, err
		}
		if c.arithmetic.InOrder(d) {
			return newPrivateKey(c, d)
		}
	}
	return nil, fmt.Errorf("%w: no number in range", ErrRandom)
}

// ParsePrivateKey reads the number d, 0 < d < q, little-endian and as long as
// the curve demands, as the OCTET STRING in a key of ГОСТ 34.10-2015 holds it.
// The errors are ErrLength and ErrPrivateKey.
func ParsePrivateKey(c *Curve, d []byte) (*PrivateKey, error) {
	if len(d) != c.size {
		return nil, lengthError(ErrLength, len(d), c.size)
	}
	if !c.arithmetic.InOrder(d) {
		return nil, ErrPrivateKey
	}
	return newPrivateKey(c, d)
}

// ParsePrivateKeyInteger reads the number d from the content of an INTEGER, as
// a key of ГОСТ 34.310-2004 holds it: big-endian, without the zeros at the
// front or with one. The errors are ErrLength and ErrPrivateKey.
func ParsePrivateKeyInteger(c *Curve, d []byte) (*PrivateKey, error) {
	if len(d) == c.size+1 && d[0] == 0 {
		d = d[1:]
	}
	if len(d) == 0 || len(d) > c.size {
		return nil, lengthError(ErrLength, len(d), c.size)
	}
	padded := make([]byte, c.size)
	defer clear(padded)
	copy(padded[c.size-len(d):], d)
	slices.Reverse(padded)
	return ParsePrivateKey(c, padded)
}

// newPrivateKey is the key of a number in range.
func newPrivateKey(c *Curve, d []byte) (*PrivateKey, error) {
	xy := make([]byte, 2*c.size)
	c.arithmetic.Multiply(xy, d)
	public, err := ParsePublicKey(c, xy)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFault, err) // d·G is a point for every d in range
	}
	s := &secret{d: bytes.Clone(d)}
	return &PrivateKey{public, func() *secret { return s }}, nil
}

// Public is the *PublicKey.
func (k *PrivateKey) Public() crypto.PublicKey { return k.public }

// Equal tells whether x is the same *PrivateKey. It compares the public keys,
// which say as much.
func (k *PrivateKey) Equal(x crypto.PrivateKey) bool {
	other, ok := x.(*PrivateKey)
	return ok && k.public.Equal(other.public)
}

// Bytes is what ParsePrivateKey reads, for writing the key to its file: the
// caller wipes it. The error is ErrDestroyed.
func (k *PrivateKey) Bytes() ([]byte, error) {
	s := k.secret()
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.destroyed {
		return nil, ErrDestroyed
	}
	return bytes.Clone(s.d), nil
}

// Destroy wipes the key; it cannot sign any more. Signatures under way at that
// moment are finished.
func (k *PrivateKey) Destroy() {
	s := k.secret()
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.d)
	s.destroyed = true
}

// Sign makes the signature r ‖ s of a digest (RFC 7091, section 6.1). The fresh
// randomness for its nonce is read from random; nil stands for crypto/rand.
// opts is nil or names no hash, because ГОСТ hashes have no crypto.Hash. The
// errors are ErrDigest, ErrDestroyed, ErrRandom and ErrFault.
func (k *PrivateKey) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	c := k.public.curve
	if opts != nil && opts.HashFunc() != 0 {
		return nil, fmt.Errorf("%w: it is said to be of %v", ErrDigest, opts.HashFunc())
	}
	if err := c.checkDigest(digest); err != nil {
		return nil, err
	}
	d, err := k.Bytes()
	if err != nil {
		return nil, err
	}
	defer clear(d)
	var fresh [freshBytes]byte
	defer clear(fresh[:])
	if err := read(random, fresh[:]); err != nil {
		return nil, err
	}
	e := make([]byte, c.size)
	c.arithmetic.Number(e, digest)
	nonces := newNonces(d, e, fresh[:])
	defer nonces.wipe()
	sig := make([]byte, 2*c.size)
	for {
		nonce := nonces.next(c.size)
		if c.arithmetic.InOrder(nonce) && c.arithmetic.Sign(sig, d, e, nonce) {
			break
		}
	}
	if !k.public.key.Verify(e, sig) {
		return nil, ErrFault
	}
	return sig, nil
}

// read fills b from a source of randomness.
func read(random io.Reader, b []byte) error {
	if random == nil {
		random = rand.Reader
	}
	if _, err := io.ReadFull(random, b); err != nil {
		return fmt.Errorf("%w: %w", ErrRandom, err)
	}
	return nil
}

const masked = "***"

// String masks.
func (PrivateKey) String() string { return masked }

// GoString masks %#v.
func (PrivateKey) GoString() string { return masked }

// Format masks every verb of fmt.
func (PrivateKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, masked) }

// LogValue masks in log/slog.
func (PrivateKey) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText masks in encoding/json and others.
func (PrivateKey) MarshalText() ([]byte, error) { return []byte(masked), nil }
