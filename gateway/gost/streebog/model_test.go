package streebog

import (
	"math/big"
	"slices"
)

// vector is 512 bits; byte 0 is the least significant, a₀ of RFC 6986.
type vector [64]byte

// model is Streebog as RFC 6986 tells it, byte by byte and bit by bit. It has
// nothing in common with the package but the constants.
func model(message []byte, size int) []byte {
	var h vector
	if size == Size256 {
		for i := range h {
			h[i] = 1
		}
	}
	n, sum := new(big.Int), new(big.Int)
	for len(message) >= 64 {
		m := vector(message[:64])
		h = compress(n, h, m)
		n = add(n, big.NewInt(512))
		sum = add(sum, m.number())
		message = message[64:]
	}
	var m vector
	copy(m[:], message)
	m[len(message)] = 1
	h = compress(n, h, m)
	n = add(n, big.NewInt(int64(8*len(message))))
	sum = add(sum, m.number())
	h = compress(new(big.Int), h, fromNumber(n))
	h = compress(new(big.Int), h, fromNumber(sum))
	return slices.Clone(h[64-size:])
}

// compress is g_N(h, m).
func compress(n *big.Int, h, m vector) vector {
	k := xor(h, fromNumber(n)).s().p().l()
	x := m
	for i := range constants {
		x = xor(x, k).s().p().l()
		k = xor(k, constant(i)).s().p().l()
	}
	return xor(xor(xor(x, k), h), m)
}

func (v vector) s() (out vector) {
	for i := range v {
		out[i] = pi[v[i]]
	}
	return out
}

// p is by τ = (0, 8, 16, …, 56, 1, 9, …, 63).
func (v vector) p() (out vector) {
	for i := range v {
		out[i] = v[i%8*8+i/8]
	}
	return out
}

// l multiplies every 64 bits with the matrix, from the highest bit on.
func (v vector) l() (out vector) {
	for w := 0; w < 64; w += 8 {
		var product uint64
		for bit := range 64 {
			if at := 63 - bit; v[w+at/8]>>(at%8)&1 == 1 {
				product ^= matrix[bit]
			}
		}
		for i := range 8 {
			out[w+i] = byte(product >> (8 * i))
		}
	}
	return out
}

func xor(a, b vector) (out vector) {
	for i := range a {
		out[i] = a[i] ^ b[i]
	}
	return out
}

func constant(i int) (out vector) {
	for j := range out {
		out[j] = byte(constants[i][j/8] >> (j % 8 * 8))
	}
	return out
}

func add(a, b *big.Int) *big.Int {
	sum := new(big.Int).Add(a, b)
	return sum.Mod(sum, new(big.Int).Lsh(big.NewInt(1), 512))
}

func (v vector) number() *big.Int {
	slices.Reverse(v[:])
	return new(big.Int).SetBytes(v[:])
}

func fromNumber(n *big.Int) (v vector) {
	n.FillBytes(v[:])
	slices.Reverse(v[:])
	return v
}
