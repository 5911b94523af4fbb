package gost34311

import (
	"encoding/binary"
	"math/bits"
)

// block is a vector of 256 bits as four words, a the least significant. As a
// struct of four fields it stays in registers, which an array does not.
type block struct{ a, b, c, d uint64 }

func load(p *[BlockSize]byte) block {
	return block{
		binary.LittleEndian.Uint64(p[0:]), binary.LittleEndian.Uint64(p[8:]),
		binary.LittleEndian.Uint64(p[16:]), binary.LittleEndian.Uint64(p[24:]),
	}
}

func (x block) xor(y block) block { return block{x.a ^ y.a, x.b ^ y.b, x.c ^ y.c, x.d ^ y.d} }

// add is the sum modulo 2²⁵⁶.
func (x block) add(y block) (z block) {
	var carry uint64
	z.a, carry = bits.Add64(x.a, y.a, 0)
	z.b, carry = bits.Add64(x.b, y.b, carry)
	z.c, carry = bits.Add64(x.c, y.c, carry)
	z.d, _ = bits.Add64(x.d, y.d, carry)
	return z
}

// mixA is the transformation A of RFC 5831, section 5.1.
func (x block) mixA() block { return block{x.b, x.c, x.d, x.a ^ x.b} }

// key is the transformation P of RFC 5831, section 5.1: word i of the result is
// made of the bytes i of the four words of x. The bytes are exchanged in pairs,
// then the pairs, for words 0 to 3 in the lower halves and for words 4 to 7 in
// the upper ones.
func (x block) key(k *[8]uint32) {
	const bytes, pairs = 0x00ff00ff00ff00ff, 0x0000ffff0000ffff
	x.a, x.b = exchange(x.a, x.b, 8, bytes)
	x.c, x.d = exchange(x.c, x.d, 8, bytes)
	x.a, x.c = exchange(x.a, x.c, 16, pairs)
	x.b, x.d = exchange(x.b, x.d, 16, pairs)
	k[0], k[4] = uint32(x.a), uint32(x.a>>32)
	k[1], k[5] = uint32(x.b), uint32(x.b>>32)
	k[2], k[6] = uint32(x.c), uint32(x.c>>32)
	k[3], k[7] = uint32(x.d), uint32(x.d>>32)
}

// exchange swaps the bits of y under the mask with those n places higher in x.
func exchange(x, y uint64, n int, mask uint64) (uint64, uint64) {
	t := (x>>n ^ y) & mask
	return x ^ t<<n, y ^ t
}

// psi is the transformation ψ of RFC 5831, section 5.3: the block moves down by
// a sixteenth, and the sum of sixteenths 1, 2, 3, 4, 13 and 16 comes in above.
func (x block) psi() block {
	in := x.a ^ x.a>>16 ^ x.a>>32 ^ x.a>>48 ^ x.d ^ x.d>>48
	return block{x.a>>16 | x.b<<48, x.b>>16 | x.c<<48, x.c>>16 | x.d<<48, x.d>>16 | in<<48}
}

// psi4 is ψ four times. Of the sums that come in each has the one before it as
// a term: first they are made without it, then summed up along the word.
func (x block) psi4() block {
	in := x.a ^ (x.a>>16 | x.b<<48) ^ (x.a>>32 | x.b<<32) ^ (x.a>>48 | x.b<<16) ^ x.d ^ x.d>>48
	in ^= in << 16
	in ^= in << 32
	return block{x.b, x.c, x.d, in}
}

// psi12 is ψ twelve times.
func (x block) psi12() block { return x.psi4().psi4().psi4() }

// psi61 is ψ 61 times.
func (x block) psi61() block {
	for range 15 {
		x = x.psi4()
	}
	return x.psi()
}
