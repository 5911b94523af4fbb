package gost3410

import (
	"crypto/hmac"
	"crypto/sha512"
)

// freshBytes is how much randomness goes into a nonce: enough for it alone to
// be as hard to guess as a key of the smaller curve.
const freshBytes = 32

// nonces derives the nonces of one signature in the manner of RFC 6979,
// section 3.6: HMAC_DRBG over the key, the number that is signed and fresh
// randomness. Whoever does not know all three cannot tell a nonce from chance.
//
// The hash is SHA-512 because it runs in constant time; a table-driven ГОСТ
// hash would let the cache see the key. Nobody else needs to derive the same
// nonce, so numbers are written little-endian, as everywhere here.
type nonces struct {
	key, value [sha512.Size]byte
	used       bool
}

func newNonces(d, e, fresh []byte) *nonces {
	n := new(nonces)
	for i := range n.value {
		n.value[i] = 1
	}
	n.update(0, d, e, fresh)
	n.update(1, d, e, fresh)
	return n
}

// next is a nonce of at most 64 bytes. It is not checked to be in range. The
// next call overwrites it.
func (n *nonces) next(size int) []byte {
	if n.used {
		n.update(0)
	}
	n.used = true
	n.mac(&n.value)
	return n.value[:size]
}

// update is the one of HMAC_DRBG (NIST SP 800-90A, section 10.1.2.2), which
// RFC 6979 spells out as steps d to g and, without input, as the end of h.
func (n *nonces) update(step byte, input ...[]byte) {
	n.mac(&n.key, append([][]byte{{step}}, input...)...)
	n.mac(&n.value)
}

// mac sets out to the HMAC of the value and the input.
func (n *nonces) mac(out *[sha512.Size]byte, input ...[]byte) {
	h := hmac.New(sha512.New, n.key[:])
	h.Write(n.value[:])
	for _, b := range input {
		h.Write(b)
	}
	h.Sum(out[:0])
}

func (n *nonces) wipe() {
	clear(n.key[:])
	clear(n.value[:])
}
