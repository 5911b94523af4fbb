package ec

import "math/bits"

// element256 is a residue modulo p, lowest limb first. Any number below 2^256
// is allowed: reduce gives the one below p. The unrolled operations are in
// limbs256.gen.go.
type element256 [limbs256]uint64

// reduce is x with its representative below p. Safe for secrets: see subtract.
func (z *element256) reduce(x *element256) { subtract(z[:], x[:], p256[:], 0) }

// isReduced tells whether z is below p. Variable time.
func (z *element256) isReduced() bool {
	var reduced element256
	reduced.reduce(z)
	return reduced == *z
}

// isZero tells whether z is 0 modulo p. Variable time.
func (z *element256) isZero() bool { return *z == element256{} || *z == p256 }

// equal tells whether z is x modulo p. Variable time.
func (z *element256) equal(x *element256) bool {
	var difference element256
	difference.sub(z, x)
	return difference.isZero()
}

// triple is 3x.
func (z *element256) triple(x *element256) {
	var double element256
	double.add(x, x)
	z.add(&double, x)
}

// negateIf is −z for odd flag and z for even. Safe for secrets: the choice is a
// mask, and the negative is computed in either case.
func (z *element256) negateIf(flag uint64) {
	var negative element256
	negative.sub(&element256{}, z)
	mask := -(flag & 1)
	for i := range z {
		z[i] ^= mask & (z[i] ^ negative[i])
	}
}

// inverse is 1/x, and 0 for 0, as x^(p−2) (Fermat). Safe for secrets: the
// exponent is public, so the sequence of operations is always the same.
//
// p−2 is a run of ones above ten other bits. x to a run of ones is built along
// the binary digits of its length.
func (z *element256) inverse(x *element256) {
	run, length := *x, 1 // x^(2^length − 1)
	for bit := bits.Len(inverseRun256) - 2; bit >= 0; bit-- {
		half := run
		for range length {
			run.square(&run)
		}
		run.mul(&run, &half)
		length *= 2
		if inverseRun256>>bit&1 == 1 {
			run.square(&run)
			run.mul(&run, x)
			length++
		}
	}
	for bit := 9; bit >= 0; bit-- {
		run.square(&run)
		if inverseLow256>>bit&1 == 1 {
			run.mul(&run, x)
		}
	}
	*z = run
}
