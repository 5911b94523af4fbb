// Package ec is the arithmetic of the two curves of gost3410: the fields, the
// scalars, the points and the equations of RFC 7091, sections 6.1 and 6.2. It
// knows nothing of nonces, key files or error texts.
//
// The sources for 256 bits are written by hand. Those for 512 bits are made
// from them by putting 512 for 256, and the unrolled arithmetic of both sizes
// (limbs256.gen.go, limbs512.gen.go) is printed by ../gen from the figures of
// RFC 4357 and RFC 7836. Generics would call the field through a dictionary,
// which costs the inlining and moves every temporary to the heap.
//
// What works on secrets takes the same time and touches the same memory
// whatever they are; what does not says "variable time" and is for public
// data only. Numbers in bytes are little-endian, as they stand in signatures
// and keys.
package ec

import (
	"encoding/binary"
	"math/big"
	"math/bits"
	"slices"
)

//go:generate go run ../gen

// Curve is the arithmetic of one curve. All byte slices are as long as the
// field (32 or 64 bytes), points and signatures twice that; the caller has
// checked it.
type Curve interface {
	// InField tells whether a coordinate is below p. Variable time.
	InField(coordinate []byte) bool
	// InOrder tells whether 0 < scalar < q.
	InOrder(scalar []byte) bool
	// Number turns a digest into the number e of RFC 7091, section 6.1,
	// steps 1 and 2: the digest modulo q, and 1 for 0.
	Number(e, digest []byte)
	// Multiply writes the point scalar·G as X and Y, for 0 < scalar < q.
	Multiply(xy, scalar []byte)
	// Sign writes r and s for the private key d, the number e and the nonce k.
	// ok is false where one of them is zero: another nonce is needed.
	Sign(sig, d, e, k []byte) (ok bool)
	// NewKey is a public key of coordinates below p. ok is false if the point is
	// not on the curve. Variable time.
	NewKey(xy []byte) (key Key, ok bool)
}

// Key is a point of the curve that signatures are checked with. Both curves
// have prime order, so every point but infinity, which has no coordinates,
// generates the whole group: there is no small subgroup to check for.
type Key interface {
	// Verify tells whether a signature with r and s in range belongs to the
	// number e and this key. Variable time. It may be called at once from many
	// goroutines.
	Verify(e, sig []byte) bool
}

// The comb that multiplies a point whose table we have (M. Hamburg, "Fast and
// compact elliptic-curve cryptography", IACR ePrint 2012/309, section 3.3): a
// scalar of n bits is cut into teeth of n/8 bits, each tooth into blocks of n/64
// columns. One entry of the table adds one bit of all teeth at once. That
// makes 8 additions for a column, and one doubling between columns.
const (
	teeth   = 8
	blocks  = 8
	entries = 1 << (teeth - 1) // of a block; the other half is their negatives
)

// tableAfter is the number of verifications after which a key gets a table of
// its own: about when computing without one has cost as much as building it.
const tableAfter = 6

// odds is the number of odd multiples of a point that serve without a table:
// 1, 3, … 15, for digits of naf below 16.
const odds = 8

// naf writes a number as digits that are zero or odd and below 16 in absolute
// value, at most one of five neighbours not zero (the non-adjacent form of
// width 5). digits are zero before, and one more than the number has bits.
// Variable time.
func naf(digits []int8, number []uint64) {
	k := append(slices.Clone(number), 0) // the room that a carry needs
	for i := range digits {
		if k[0]&1 == 1 {
			d := int8(k[0] & 31)
			if d > 15 {
				d -= 32
			}
			digits[i] = d
			// The low five bits of k − d are zero: no borrow when d > 0.
			carry := uint64(0)
			if d < 0 {
				carry = uint64(-d)
			} else {
				k[0] -= uint64(d)
			}
			for j := range k {
				k[j], carry = bits.Add64(k[j], carry, 0)
			}
		}
		for j := range len(k) - 1 {
			k[j] = k[j]>>1 | k[j+1]<<63
		}
		k[len(k)-1] >>= 1
	}
}

// split is a digit as the place in the table and whether the entry there has
// to be negated (1) or not (0): the highest tooth is always positive in the
// table.
func split(digit uint64) (index, negative uint64) {
	negative = digit>>(teeth-1) ^ 1
	return (digit ^ -negative) & (entries - 1), negative
}

// invert is 1/x mod m for a prime m that does not divide x. Variable time.
func invert(z, x, m []uint64) {
	inverse := new(big.Int).ModInverse(toBig(x), toBig(m))
	b := inverse.FillBytes(make([]byte, 8*len(z)))
	slices.Reverse(b)
	fromBytes(z, b)
}

func toBig(x []uint64) *big.Int {
	b := make([]byte, 8*len(x))
	toBytes(b, x)
	slices.Reverse(b)
	return new(big.Int).SetBytes(b)
}

func fromBytes(z []uint64, b []byte) {
	for i := range z {
		z[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
}

func toBytes(b []byte, x []uint64) {
	for i, limb := range x {
		binary.LittleEndian.PutUint64(b[8*i:], limb)
	}
}

// wipe zeroes what held a secret. A call that is not inlined is not taken for
// a store that nobody reads.
//
//go:noinline
func wipe(x []uint64) { clear(x) }

// subtract is x − m where that is not negative, and x otherwise; carry is the
// limb above x. Safe for secrets: the choice is a mask, not a branch.
func subtract(z, x, m []uint64, carry uint64) {
	var borrow uint64
	for i := range z {
		_, borrow = bits.Sub64(x[i], m[i], borrow)
	}
	_, borrow = bits.Sub64(carry, 0, borrow)
	keep := -borrow
	borrow = 0
	for i := range z {
		z[i], borrow = bits.Sub64(x[i], m[i]&^keep, borrow)
	}
}

// mulAdd is a·b + c, which always fits two limbs.
func mulAdd(a, b, c uint64) (low, high uint64) {
	high, low = bits.Mul64(a, b)
	low, carry := bits.Add64(low, c, 0)
	high, _ = bits.Add64(high, 0, carry)
	return low, high
}

// mulAddAdd is a·b + c + d, which always fits two limbs too.
func mulAddAdd(a, b, c, d uint64) (low, high uint64) {
	high, low = bits.Mul64(a, b)
	low, carry := bits.Add64(low, c, 0)
	high, _ = bits.Add64(high, 0, carry)
	low, carry = bits.Add64(low, d, 0)
	high, _ = bits.Add64(high, 0, carry)
	return low, high
}

// accumulate adds x·y to the number a, of three limbs.
func accumulate(a0, a1, a2, x, y uint64) (uint64, uint64, uint64) {
	high, low := bits.Mul64(x, y)
	a0, carry := bits.Add64(a0, low, 0)
	a1, carry = bits.Add64(a1, high, carry)
	a2, _ = bits.Add64(a2, 0, carry)
	return a0, a1, a2
}

// inOrder tells whether 0 < k < q. Safe for secrets: it looks at every limb.
func inOrder(k, q []uint64) bool {
	var any, borrow uint64
	for i := range k {
		any |= k[i]
		_, borrow = bits.Sub64(k[i], q[i], borrow)
	}
	return borrow == 1 && any != 0
}
