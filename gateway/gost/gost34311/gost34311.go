// Package gost34311 is the hash function of ГОСТ 34.311-95, which is that of
// GOST R 34.11-94 (RFC 5831), with the S-box id-GostR3411-94-TestParamSet (RFC
// 4357, section 11.2) and a start vector of zeros.
//
// In spite of its name this S-box is the one in use: the national certification
// authority of Kazakhstan and the e-government gateway mean it by 34.311. Most
// programs take the hash with the CryptoPro S-box, which gives other digests.
//
// The hash is broken in theory (collisions in 2¹⁰⁵ steps instead of 2¹²⁸). It is
// here to verify and make signatures of the standard of 2004, which has no
// other.
//
// The look-ups in tables take their time from what is hashed, and a neighbour
// on the same processor could measure it. Here that is safe: texts under a
// signature and certificates are hashed, nothing of which a few leaked bits
// would be worth an attack. Keys, passwords and nonces must not pass through
// this package; nonces of signatures are derived with a hash of constant time.
package gost34311

import (
	"encoding/binary"
	"hash"
)

// Lengths in bytes.
const (
	Size      = 32
	BlockSize = 32
)

// New returns a hash that computes ГОСТ 34.311-95 with the S-box of
// id-GostR3411-94-TestParamSet. Digests come in the order of the bytes on the
// wire, which is that of RFC 5831 read from the right.
func New() hash.Hash { return newDigest(testSbox()) }

// digest is the state of RFC 5831, section 6.
type digest struct {
	s      *sbox
	h      block  // chaining value
	length uint64 // L, how many bits went into h; no message is as long as 2⁶⁴
	sum    block  // Σ, the sum of the blocks that went into h, modulo 2²⁵⁶

	rest  [BlockSize]byte // read, but not yet a whole block
	nrest int
}

func newDigest(s *sbox) *digest { return &digest{s: s} }

// Size returns the length of the digest in bytes.
func (d *digest) Size() int { return Size }

// BlockSize returns the length of a block in bytes.
func (d *digest) BlockSize() int { return BlockSize }

// Reset makes the hash as it was when new.
func (d *digest) Reset() { *d = digest{s: d.s} }

// Write hashes more. It never fails.
func (d *digest) Write(p []byte) (int, error) {
	n := len(p)
	if d.nrest > 0 {
		k := copy(d.rest[d.nrest:], p)
		d.nrest += k
		p = p[k:]
		if d.nrest < BlockSize {
			return n, nil
		}
		d.block(&d.rest, BlockSize)
	}
	for ; len(p) >= BlockSize; p = p[BlockSize:] {
		d.block((*[BlockSize]byte)(p), BlockSize)
	}
	d.nrest = copy(d.rest[:], p)
	return n, nil
}

// Sum appends the digest of what was written to b; more can be written behind
// it.
func (d *digest) Sum(b []byte) []byte {
	end := *d
	out := end.finish()
	return append(b, out[:]...)
}

// block takes in the next block, of which the first n bytes are the message's.
func (d *digest) block(p *[BlockSize]byte, n int) {
	m := load(p)
	d.h = d.s.step(d.h, m)
	d.sum = d.sum.add(m)
	d.length += 8 * uint64(n)
}

// finish pads the last block with zeros, takes it in, and after it the length
// and the sum (RFC 5831, section 6); the digest cannot be used afterwards.
func (d *digest) finish() (out [Size]byte) {
	if d.nrest > 0 {
		clear(d.rest[d.nrest:])
		d.block(&d.rest, d.nrest)
	}
	h := d.s.step(d.h, block{d.length, 0, 0, 0})
	h = d.s.step(h, d.sum)
	binary.LittleEndian.PutUint64(out[0:], h.a)
	binary.LittleEndian.PutUint64(out[8:], h.b)
	binary.LittleEndian.PutUint64(out[16:], h.c)
	binary.LittleEndian.PutUint64(out[24:], h.d)
	return out
}
