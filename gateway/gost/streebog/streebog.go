// Package streebog is the hash function of ГОСТ 34.11-2015, known as Streebog
// (RFC 6986), with digests of 512 and of 256 bits.
//
// Digests come in the order of the bytes on the wire: it is the order of
// ds:DigestValue and of "openssl dgst", and the reverse of the way RFC 6986
// prints numbers.
//
// The look-ups in tables take their time from what is hashed, and a neighbour
// on the same processor could measure it. Here that is safe: texts under a
// signature and certificates are hashed, nothing of which a few leaked bits
// would be worth an attack. Keys, passwords and nonces must not pass through
// this package; nonces of signatures are derived with a hash of constant time.
package streebog

import (
	"encoding/binary"
	"hash"
	"math/bits"
)

// Lengths in bytes.
const (
	Size      = 64 // of a digest of Streebog-512
	Size256   = 32 // of a digest of Streebog-256
	BlockSize = 64
)

// New512 returns a hash that computes Streebog-512.
func New512() hash.Hash { return newDigest(Size) }

// New256 returns a hash that computes Streebog-256. It has another initial
// value than Streebog-512, so a digest of one is no part of a digest of the
// other.
func New256() hash.Hash { return newDigest(Size256) }

// Sum512 returns the Streebog-512 digest of data.
func Sum512(data []byte) [Size]byte {
	d := newDigest(Size)
	d.write(data)
	return d.finish()
}

// Sum256 returns the Streebog-256 digest of data.
func Sum256(data []byte) [Size256]byte {
	d := newDigest(Size256)
	d.write(data)
	out := d.finish()
	return [Size256]byte(out[Size-Size256:])
}

// words is a vector of 512 bits as a number: the least significant word first.
type words [8]uint64

// digest is the state of RFC 6986, section 9.
type digest struct {
	h      words  // chaining value
	length uint64 // N, how many bits went into h; no message is as long as 2⁶⁴
	sum    words  // Σ, the sum of the blocks that went into h, modulo 2⁵¹²

	rest  [BlockSize]byte // read, but not yet a whole block
	nrest int
	size  int
}

func newDigest(size int) *digest {
	d := &digest{size: size}
	d.Reset()
	return d
}

// Size returns the length of the digest in bytes.
func (d *digest) Size() int { return d.size }

// BlockSize returns the length of a block in bytes.
func (d *digest) BlockSize() int { return BlockSize }

// Reset makes the hash as it was when new. The bytes of the initial value are 0
// for a digest of 512 bits and 1 for one of 256 (RFC 6986, section 6.1).
func (d *digest) Reset() {
	*d = digest{size: d.size}
	if d.size == Size256 {
		for i := range d.h {
			d.h[i] = 0x0101010101010101
		}
	}
}

// Write hashes more. It never fails.
func (d *digest) Write(p []byte) (int, error) {
	d.write(p)
	return len(p), nil
}

func (d *digest) write(p []byte) {
	if d.nrest > 0 {
		n := copy(d.rest[d.nrest:], p)
		d.nrest += n
		p = p[n:]
		if d.nrest < BlockSize {
			return
		}
		d.blocks(d.rest[:])
		d.nrest = 0
	}
	whole := len(p) &^ (BlockSize - 1)
	d.blocks(p[:whole])
	d.nrest = copy(d.rest[:], p[whole:])
}

// Sum appends the digest of what was written to b; more can be written behind
// it.
func (d *digest) Sum(b []byte) []byte {
	end := *d
	out := end.finish()
	return append(b, out[Size-d.size:]...)
}

// blocks is stage 2 of RFC 6986, section 9.2: p is a number of whole blocks.
func (d *digest) blocks(p []byte) {
	t := tables()
	for ; len(p) >= BlockSize; p = p[BlockSize:] {
		m := load((*[BlockSize]byte)(p))
		t.compress(&d.h, &m, d.length)
		d.length += 8 * BlockSize
		d.sum.add(&m)
	}
}

// finish is stage 3 of RFC 6986, section 9.3; the digest cannot be used
// afterwards. A digest of 256 bits is the upper half of the result.
func (d *digest) finish() (out [Size]byte) {
	d.rest[d.nrest] = 1
	clear(d.rest[d.nrest+1:])
	m := load(&d.rest)
	t := tables()
	t.compress(&d.h, &m, d.length)
	d.length += 8 * uint64(d.nrest)
	d.sum.add(&m)
	t.compress(&d.h, &words{d.length}, 0)
	t.compress(&d.h, &d.sum, 0)
	for i, w := range d.h {
		binary.LittleEndian.PutUint64(out[8*i:], w)
	}
	return out
}

func load(b *[BlockSize]byte) (m words) {
	for i := range m {
		m[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return m
}

// add adds m modulo 2⁵¹².
func (w *words) add(m *words) {
	var carry uint64
	for i := range w {
		w[i], carry = bits.Add64(w[i], m[i], carry)
	}
}
