package gost3410

import (
	"bytes"
	"crypto"
	"fmt"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410/internal/ec"
)

// PublicKey checks signatures. ParsePublicKey makes one; it never changes and
// may be used at once from many goroutines.
type PublicKey struct {
	curve *Curve
	xy    []byte
	key   ec.Key
}

// ParsePublicKey reads a public key: the coordinates X ‖ Y, each little-endian
// (RFC 4491, section 2.3.2). The errors are ErrLength, ErrCoordinate and
// ErrPoint.
func ParsePublicKey(c *Curve, xy []byte) (*PublicKey, error) {
	if len(xy) != 2*c.size {
		return nil, lengthError(ErrLength, len(xy), 2*c.size)
	}
	if !c.arithmetic.InField(xy[:c.size]) || !c.arithmetic.InField(xy[c.size:]) {
		return nil, ErrCoordinate
	}
	key, ok := c.arithmetic.NewKey(xy)
	if !ok {
		return nil, ErrPoint
	}
	return &PublicKey{c, bytes.Clone(xy), key}, nil
}

// Curve is the curve of the key.
func (k *PublicKey) Curve() *Curve { return k.curve }

// Bytes is what ParsePublicKey reads.
func (k *PublicKey) Bytes() []byte { return bytes.Clone(k.xy) }

// Equal tells whether x is the same *PublicKey.
func (k *PublicKey) Equal(x crypto.PublicKey) bool {
	other, ok := x.(*PublicKey)
	return ok && k.curve == other.curve && bytes.Equal(k.xy, other.xy)
}

// Verify checks the signature r ‖ s of a digest (RFC 7091, section 6.2). The
// errors are ErrDigest, ErrLength, ErrRange and ErrSignature.
func (k *PublicKey) Verify(digest, sig []byte) error {
	c := k.curve
	if err := c.checkDigest(digest); err != nil {
		return err
	}
	if len(sig) != 2*c.size {
		return lengthError(ErrLength, len(sig), 2*c.size)
	}
	if !c.arithmetic.InOrder(sig[:c.size]) || !c.arithmetic.InOrder(sig[c.size:]) {
		return ErrRange
	}
	e := make([]byte, c.size)
	c.arithmetic.Number(e, digest)
	if !k.key.Verify(e, sig) {
		return ErrSignature
	}
	return nil
}

func lengthError(err error, got, want int) error {
	return fmt.Errorf("%w: %d bytes instead of %d", err, got, want)
}
