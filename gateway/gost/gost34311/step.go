package gost34311

import (
	"math/bits"
	"sync"
)

// sbox is the substitution of ГОСТ 28147-89 with the rotation that follows it:
// table j holds what byte j of a word contributes to the result. With 4 KB it
// stays in the nearest cache.
type sbox [4][256]uint32

// rows is an S-box as standards print it: row i is for nibble i of a word, the
// lowest first.
type rows [8][16]uint8

// testParamSet is id-GostR3411-94-TestParamSet (RFC 4357, section 11.2).
//
//nolint:gochecknoglobals // a constant table
var testParamSet = rows{
	{4, 10, 9, 2, 13, 8, 0, 14, 6, 11, 1, 12, 7, 15, 5, 3},
	{14, 11, 4, 12, 6, 13, 15, 10, 2, 3, 8, 1, 0, 7, 5, 9},
	{5, 8, 1, 13, 10, 3, 4, 2, 14, 15, 12, 7, 6, 0, 9, 11},
	{7, 13, 10, 1, 0, 8, 9, 15, 14, 4, 6, 12, 11, 2, 5, 3},
	{6, 12, 7, 1, 5, 15, 13, 8, 4, 10, 9, 14, 0, 3, 11, 2},
	{4, 11, 10, 0, 7, 2, 1, 13, 3, 6, 8, 5, 9, 12, 15, 14},
	{13, 11, 4, 1, 3, 15, 5, 9, 0, 10, 14, 7, 6, 8, 2, 12},
	{1, 15, 13, 0, 5, 7, 10, 4, 9, 2, 3, 14, 6, 11, 8, 12},
}

// sbox makes the tables of it.
func (r rows) sbox() *sbox {
	s := new(sbox)
	for j := range s {
		for v := range s[j] {
			two := uint32(r[2*j][v&15]) | uint32(r[2*j+1][v>>4])<<4
			s[j][v] = bits.RotateLeft32(two<<(8*j), 11)
		}
	}
	return s
}

//nolint:gochecknoglobals // a constant table, made when first needed
var testSbox = sync.OnceValue(testParamSet.sbox)

// step is the step-by-step hash function of RFC 5831, section 5: the next
// chaining value after the block m.
func (s *sbox) step(h, m block) block {
	var k [4][8]uint32
	u, v := h, m
	u.xor(v).key(&k[0])
	u, v = u.mixA(), v.mixA().mixA()
	u.xor(v).key(&k[1])
	// C₃, the one constant of the three that is not zero.
	u, v = u.mixA().xor(block{0xff00ff00ff00ff00, 0x00ff00ff00ff00ff, 0xff0000ff00ffff00, 0xff00ffff000000ff}), v.mixA().mixA()
	u.xor(v).key(&k[2])
	u, v = u.mixA(), v.mixA().mixA()
	u.xor(v).key(&k[3])

	x := s.encrypt(&k, h)
	return x.psi12().xor(m).psi().xor(h).psi61()
}

// encrypt encrypts each word of h with ГОСТ 28147-89 and the key beside it (RFC
// 5831, section 5.2). The four go round by round together: alone each would
// wait for its look-ups.
func (s *sbox) encrypt(k *[4][8]uint32, h block) block {
	a0, b0 := uint32(h.a), uint32(h.a>>32)
	a1, b1 := uint32(h.b), uint32(h.b>>32)
	a2, b2 := uint32(h.c), uint32(h.c>>32)
	a3, b3 := uint32(h.d), uint32(h.d>>32)
	for i := 0; i < len(schedule); i += 2 {
		j := schedule[i] & 7
		b0 ^= s.round(a0 + k[0][j])
		b1 ^= s.round(a1 + k[1][j])
		b2 ^= s.round(a2 + k[2][j])
		b3 ^= s.round(a3 + k[3][j])
		j = schedule[i+1] & 7
		a0 ^= s.round(b0 + k[0][j])
		a1 ^= s.round(b1 + k[1][j])
		a2 ^= s.round(b2 + k[2][j])
		a3 ^= s.round(b3 + k[3][j])
	}
	return block{
		uint64(a0)<<32 | uint64(b0), uint64(a1)<<32 | uint64(b1),
		uint64(a2)<<32 | uint64(b2), uint64(a3)<<32 | uint64(b3),
	}
}

// schedule is the word of the key that each of the 32 rounds adds.
//
//nolint:gochecknoglobals // a constant table
var schedule = [32]uint8{
	0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7,
	7, 6, 5, 4, 3, 2, 1, 0,
}

// round substitutes and rotates.
func (s *sbox) round(x uint32) uint32 {
	return s[0][uint8(x)] ^ s[1][uint8(x>>8)] ^ s[2][uint8(x>>16)] ^ s[3][x>>24]
}
