// Package model is the signature of RFC 7091 as plainly as it can be written:
// one formula of the standard after the other, in numbers of any size. It is
// slow, and it is not for secrets; tests compare the real arithmetic with it.
package model

import (
	"math/big"
	"slices"
)

// Curve is y² = x³ + ax + b modulo P, with a point (X, Y) of order Q.
type Curve struct {
	Name       string
	P, A, B, Q *big.Int
	X, Y       *big.Int
	Size       int // of a number, in bytes
	Base       Powers
}

// CryptoProA is id-GostR3410-2001-CryptoPro-A-ParamSet (RFC 4357, section 11.4).
func CryptoProA() *Curve {
	return newCurve("CryptoPro-A", 32,
		"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFD97",
		"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFD94",
		"A6",
		"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF6C611070995AD10045841B09B761B893",
		"1",
		"8D91E471E0989CDA27DF505A453F2B7635294F2DDF23E3B122ACC99C9E9F1E14")
}

// TC26A512 is id-tc26-gost-3410-12-512-paramSetA (RFC 7836, section A.1).
func TC26A512() *Curve {
	return newCurve("tc26-512-A", 64,
		"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"+
			"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFDC7",
		"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"+
			"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFDC4",
		"E8C2505DEDFC86DDC1BD0B2B6667F1DA34B82574761CB0E879BD081CFD0B6265"+
			"EE3CB090F30D27614CB4574010DA90DD862EF9D4EBEE4761503190785A71C760",
		"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"+
			"27E69532F48D89116FF22B8D4E0560609B4B38ABFAD2B85DCACDB1411F10B275",
		"3",
		"7503CFE87A836AE3A61B8816E25450E6CE5E1C93ACF1ABC1778064FDCBEFA921"+
			"DF1626BE4FD036E93D75E6A50E3A41E98028FE5FC235F5B889A589CB5215F2A4")
}

// Example is the curve of the example in RFC 7091, section 7.1.
func Example() *Curve {
	return newCurve("RFC 7091, 7.1", 32,
		"8000000000000000000000000000000000000000000000000000000000000431",
		"7",
		"5FBFF498AA938CE739B8E022FBAFEF40563F6E6A3472FC2A514C0CE9DAE23B7E",
		"8000000000000000000000000000000150FE8A1892976154C59CFC193ACCF5B3",
		"2",
		"8E2A8A0E65147D4BD6316030E16D19C85C97F0A9CA267122B96ABBCEA7E8FC8")
}

func newCurve(name string, size int, p, a, b, q, x, y string) *Curve {
	c := &Curve{Name: name, Size: size, P: Hex(p), A: Hex(a), B: Hex(b), Q: Hex(q), X: Hex(x), Y: Hex(y)}
	c.Base = c.Powers(c.Generator())
	return c
}

// Hex is a number as the standards print it.
func Hex(s string) *big.Int {
	z, ok := new(big.Int).SetString(s, 16)
	if !ok {
		panic("model: not a hexadecimal number: " + s)
	}
	return z
}

// Point is a point of a curve; X is nil for infinity.
type Point struct{ X, Y *big.Int }

// IsInfinity tells whether p is infinity.
func (p Point) IsInfinity() bool { return p.X == nil }

// Generator is the point (X, Y).
func (c *Curve) Generator() Point { return Point{c.X, c.Y} }

// Contains tells whether a pair of coordinates is a point of the curve (RFC
// 7091, section 5.1).
func (c *Curve) Contains(p Point) bool {
	if p.X.Cmp(c.P) >= 0 || p.Y.Cmp(c.P) >= 0 {
		return false
	}
	return new(big.Int).Exp(p.Y, big.NewInt(2), c.P).Cmp(c.Right(p.X)) == 0
}

// Right is x³ + ax + b modulo P.
func (c *Curve) Right(x *big.Int) *big.Int {
	right := new(big.Int).Exp(x, big.NewInt(3), c.P)
	right.Add(right, new(big.Int).Mul(c.A, x))
	right.Add(right, c.B)
	return right.Mod(right, c.P)
}

// Add is the sum of two points (RFC 7091, section 5.1).
func (c *Curve) Add(p, q Point) Point {
	if p.IsInfinity() {
		return q
	}
	if q.IsInfinity() {
		return p
	}
	slope, divisor := new(big.Int), new(big.Int)
	if p.X.Cmp(q.X) != 0 {
		slope.Sub(q.Y, p.Y)
		divisor.Sub(q.X, p.X)
	} else if p.Y.Cmp(q.Y) == 0 && p.Y.Sign() != 0 {
		slope.Mul(p.X, p.X)
		slope.Mul(slope, big.NewInt(3))
		slope.Add(slope, c.A)
		divisor.Lsh(p.Y, 1)
	} else {
		return Point{}
	}
	divisor.ModInverse(divisor.Mod(divisor, c.P), c.P)
	slope.Mul(slope, divisor)
	slope.Mod(slope, c.P)
	x := new(big.Int).Mul(slope, slope)
	x.Sub(x, p.X)
	x.Sub(x, q.X)
	x.Mod(x, c.P)
	y := new(big.Int).Sub(p.X, x)
	y.Mul(y, slope)
	y.Sub(y, p.Y)
	return Point{x, y.Mod(y, c.P)}
}

// Negate is −p.
func (c *Curve) Negate(p Point) Point {
	if p.IsInfinity() {
		return p
	}
	y := new(big.Int).Neg(p.Y)
	return Point{p.X, y.Mod(y, c.P)}
}

// Powers are a point times 1, 2, 4 and so on, for multiplying it often.
type Powers []Point

// Powers of a point, for numbers below Q.
func (c *Curve) Powers(p Point) Powers {
	powers := make(Powers, c.Q.BitLen())
	for i := range powers {
		powers[i] = p
		p = c.Add(p, p)
	}
	return powers
}

// Multiply is k times a point, 0 <= k < Q.
func (c *Curve) Multiply(k *big.Int, powers Powers) (sum Point) {
	for i, p := range powers {
		if k.Bit(i) == 1 {
			sum = c.Add(sum, p)
		}
	}
	return sum
}

// Number is the number e of a digest, whose bytes are little-endian (RFC 7091,
// section 6.1, steps 1 and 2).
func (c *Curve) Number(digest []byte) *big.Int {
	e := FromBytes(digest)
	if e.Mod(e, c.Q); e.Sign() == 0 {
		e.SetInt64(1)
	}
	return e
}

// Sign is r and s for the key d, the number e and the nonce k (RFC 7091, section
// 6.1, steps 4 to 6).
func (c *Curve) Sign(d, e, k *big.Int) (r, s *big.Int) {
	r = new(big.Int).Mod(c.Multiply(k, c.Base).X, c.Q)
	s = new(big.Int).Mul(r, d)
	s.Add(s, new(big.Int).Mul(k, e))
	return r, s.Mod(s, c.Q)
}

// Verify tells whether r and s hold for the number e and a public key (RFC 7091,
// section 6.2, steps 1 and 4 to 7).
func (c *Curve) Verify(key Powers, e, r, s *big.Int) bool {
	if r.Sign() <= 0 || s.Sign() <= 0 || r.Cmp(c.Q) >= 0 || s.Cmp(c.Q) >= 0 {
		return false
	}
	z1, z2 := c.Multipliers(e, r, s)
	sum := c.Add(c.Multiply(z1, c.Base), c.Multiply(z2, key))
	return !sum.IsInfinity() && new(big.Int).Mod(sum.X, c.Q).Cmp(r) == 0
}

// Multipliers are z₁ = s/e and z₂ = −r/e modulo Q.
func (c *Curve) Multipliers(e, r, s *big.Int) (z1, z2 *big.Int) {
	v := new(big.Int).ModInverse(e, c.Q)
	z1 = new(big.Int).Mul(s, v)
	z2 = new(big.Int).Mul(r, v)
	z2.Neg(z2)
	return z1.Mod(z1, c.Q), z2.Mod(z2, c.Q)
}

// Bytes are numbers side by side, each little-endian and Size bytes long.
func (c *Curve) Bytes(numbers ...*big.Int) (b []byte) {
	for _, n := range numbers {
		part := n.FillBytes(make([]byte, c.Size))
		slices.Reverse(part)
		b = append(b, part...)
	}
	return b
}

// FromBytes is a little-endian number.
func FromBytes(b []byte) *big.Int {
	b = slices.Clone(b)
	slices.Reverse(b)
	return new(big.Int).SetBytes(b)
}
