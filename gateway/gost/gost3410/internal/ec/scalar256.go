package ec

import "math/bits"

// scalar256 is a number modulo q, lowest limb first, always below q.
//
// Safe for secrets: the loops run over all limbs and choices are masks.
type scalar256 [limbs256]uint64

// add is x + y.
func (z *scalar256) add(x, y *scalar256) {
	var sum scalar256
	var carry uint64
	for i := range sum {
		sum[i], carry = bits.Add64(x[i], y[i], carry)
	}
	subtract(z[:], sum[:], order256[:], carry)
}

// negate is −x. Variable time.
func (z *scalar256) negate(x *scalar256) {
	if *x == (scalar256{}) {
		*z = scalar256{}
		return
	}
	var borrow uint64
	for i := range z {
		z[i], borrow = bits.Sub64(order256[i], x[i], borrow)
	}
}

// halve is x/2: q is odd, so it makes an odd x even.
func (z *scalar256) halve(x *scalar256) {
	odd := -(x[0] & 1)
	var carry uint64
	for i := range z {
		z[i], carry = bits.Add64(x[i], order256[i]&odd, carry)
	}
	for i := range limbs256 - 1 {
		z[i] = z[i]>>1 | z[i+1]<<63
	}
	z[limbs256-1] = z[limbs256-1]>>1 | carry<<63
}

// mul is x·y, by two Montgomery products: the second takes out the factor
// 1/2^256 of the first.
func (z *scalar256) mul(x, y *scalar256) {
	z.montgomery(x, y)
	z.montgomery(z, &orderSquare256)
}

// montgomery is x·y/2^256 (P. Montgomery, "Modular multiplication without
// trial division", 1985; the interleaved form).
func (z *scalar256) montgomery(x, y *scalar256) {
	var t [limbs256 + 1]uint64
	for i := range y {
		var carry, top uint64
		for j := range x {
			t[j], carry = mulAddAdd(x[j], y[i], t[j], carry)
		}
		t[limbs256], top = bits.Add64(t[limbs256], carry, 0)
		// A multiple of q makes the lowest limb zero; it is shifted out.
		f := t[0] * orderInverse256
		_, carry = mulAdd(f, order256[0], t[0])
		for j := 1; j < limbs256; j++ {
			t[j-1], carry = mulAddAdd(f, order256[j], t[j], carry)
		}
		t[limbs256-1], carry = bits.Add64(t[limbs256], carry, 0)
		t[limbs256] = top + carry
	}
	subtract(z[:], t[:limbs256], order256[:], t[limbs256])
	wipe(t[:])
}

// recode writes k as signs: bit i of the result stands for +2^i if it is one
// and for −2^i if it is zero. Their sum is 2·bits − (2^256 − 1), hence
// bits = (k + 2^256 − 1)/2 mod q. No digit is ever zero, so no step of a
// multiplication differs from another.
func (z *scalar256) recode(k *scalar256) {
	z.add(k, &orderOnes256)
	z.halve(z)
}

// digit is one bit of each tooth: the digit of a comb of signs as recoded.
func (z *scalar256) digit(block, column int) (digit uint64) {
	for tooth := range teeth {
		at := (tooth*blocks+block)*columns256 + column
		digit |= z[at/64] >> (at % 64) & 1 << tooth
	}
	return digit
}
