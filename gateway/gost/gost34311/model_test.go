package gost34311

import (
	"encoding/binary"
	"math/big"
	"math/bits"
	"slices"
)

// vector is 256 bits; byte 0 is the least significant, ξ₁ of RFC 5831.
type vector [32]byte

// model is the hash as RFC 5831 tells it, byte by byte and nibble by nibble. It
// has nothing in common with the package but the S-box.
type model struct{ sbox rows }

func (o model) sum(message []byte) []byte {
	var h vector
	length, sum := new(big.Int), new(big.Int)
	for len(message) > 0 {
		var m vector
		n := copy(m[:], message)
		h = o.step(h, m)
		length = add(length, big.NewInt(int64(8*n)))
		sum = add(sum, m.number())
		message = message[n:]
	}
	h = o.step(h, fromNumber(length))
	h = o.step(h, fromNumber(sum))
	return h[:]
}

// step is the hash of one step, of section 5.
func (o model) step(h, m vector) vector {
	c3 := vector{
		0x00, 0xff, 0x00, 0xff, 0x00, 0xff, 0x00, 0xff, 0xff, 0x00, 0xff, 0x00, 0xff, 0x00, 0xff, 0x00,
		0x00, 0xff, 0xff, 0x00, 0xff, 0x00, 0x00, 0xff, 0xff, 0x00, 0x00, 0x00, 0xff, 0xff, 0x00, 0xff,
	}
	c := [5]vector{3: c3}
	u, v := h, m
	keys := [5]vector{1: xor(u, v).p()}
	for j := 2; j <= 4; j++ {
		u = xor(u.a(), c[j])
		v = v.a().a()
		keys[j] = xor(u, v).p()
	}
	var s vector
	for i := range 4 {
		part := o.encrypt(keys[i+1], [8]byte(h[8*i:]))
		copy(s[8*i:], part[:])
	}
	return xor(h, xor(m, s.psi(12)).psi(1)).psi(61)
}

// a is A(y₄‖y₃‖y₂‖y₁) = (y₁⊕y₂)‖y₄‖y₃‖y₂.
func (x vector) a() (out vector) {
	copy(out[:24], x[8:])
	for i := range 8 {
		out[24+i] = x[i] ^ x[8+i]
	}
	return out
}

// p is P by φ(i+1+4(k-1)) = 8i+k.
func (x vector) p() (out vector) {
	for i := range 4 {
		for k := 1; k <= 8; k++ {
			out[i+1+4*(k-1)-1] = x[8*i+k-1]
		}
	}
	return out
}

// psi is ψ so many times.
func (x vector) psi(times int) vector {
	for range times {
		in := [2]byte{}
		for _, sixteenth := range []int{1, 2, 3, 4, 13, 16} {
			in[0] ^= x[2*(sixteenth-1)]
			in[1] ^= x[2*(sixteenth-1)+1]
		}
		copy(x[:], x[2:])
		copy(x[30:], in[:])
	}
	return x
}

// encrypt is ГОСТ 28147-89 in the mode of simple substitution: the words of the
// key forward three times and backward once, and no exchange in the last round.
func (o model) encrypt(key vector, text [8]byte) (out [8]byte) {
	n1, n2 := binary.LittleEndian.Uint32(text[:]), binary.LittleEndian.Uint32(text[4:])
	for round := range 32 {
		word := round % 8
		if round >= 24 {
			word = 7 - word
		}
		x := n1 + binary.LittleEndian.Uint32(key[4*word:])
		var y uint32
		for nibble := range 8 {
			y |= uint32(o.sbox[nibble][x>>(4*nibble)&15]) << (4 * nibble)
		}
		n1, n2 = n2^bits.RotateLeft32(y, 11), n1
	}
	n1, n2 = n2, n1
	binary.LittleEndian.PutUint32(out[:], n1)
	binary.LittleEndian.PutUint32(out[4:], n2)
	return out
}

func xor(a, b vector) (out vector) {
	for i := range a {
		out[i] = a[i] ^ b[i]
	}
	return out
}

func add(a, b *big.Int) *big.Int {
	sum := new(big.Int).Add(a, b)
	return sum.Mod(sum, new(big.Int).Lsh(big.NewInt(1), 256))
}

func (x vector) number() *big.Int {
	slices.Reverse(x[:])
	return new(big.Int).SetBytes(x[:])
}

func fromNumber(n *big.Int) (x vector) {
	n.FillBytes(x[:])
	slices.Reverse(x[:])
	return x
}
