package gost3410_test

import (
	"bytes"
	"errors"
	"math/big"
	"os"
	"strconv"
	"testing"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410"
	"github.com/kopir-kz/kopir/gateway/gost/gost3410/internal/model"
)

// signatures is the number of signatures on each curve that TestAgainstModel
// compares; KOPIR_GOST_PAIRS demands another.
func signatures(t *testing.T) int {
	v := os.Getenv("KOPIR_GOST_PAIRS")
	if v == "" {
		return 300
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		t.Fatalf("KOPIR_GOST_PAIRS: %v", err)
	}
	return n
}

// TestAgainstModel: the model verifies what we sign, and we verify what the
// model signs. Each key serves long enough to get its table.
func TestAgainstModel(t *testing.T) {
	eachCurve(t, func(t *testing.T, c pair) {
		const ofOneKey = 10
		random := chance(1)
		for n := range signatures(t) {
			if n%ofOneKey != 0 {
				continue
			}
			d := c.scalar(random)
			key := c.privateKey(t, d)
			point := c.model.Multiply(d, c.model.Base)
			powers := c.model.Powers(point)
			if want := c.model.Bytes(point.X, point.Y); !bytes.Equal(public(key).Bytes(), want) {
				t.Fatalf("the public key of %x is %x, not %x", d, public(key).Bytes(), want)
			}
			verifier := c.publicKey(t, point)
			for range ofOneKey {
				digest := randomBytes(random, c.Size())
				e := c.model.Number(digest)
				sig, err := key.Sign(random, digest, nil)
				if err != nil {
					t.Fatal(err)
				}
				if r, s := c.numbers(sig); !c.model.Verify(powers, e, r, s) {
					t.Fatalf("key %x, digest %x: the model refuses %x", d, digest, sig)
				}
				theirs := c.model.Bytes(c.model.Sign(d, e, c.scalar(random)))
				if err := verifier.Verify(digest, theirs); err != nil {
					t.Fatalf("key %x, digest %x: we refuse %x: %v", d, digest, theirs, err)
				}
			}
		}
	})
}

// TestSpecialNumbers: keys, nonces and digests for which the sums in a
// verification meet equal and opposite points.
func TestSpecialNumbers(t *testing.T) {
	eachCurve(t, func(t *testing.T, c pair) {
		q := c.model.Q
		numbers := []*big.Int{
			big.NewInt(1), big.NewInt(2), new(big.Int).Sub(q, big.NewInt(1)), new(big.Int).Sub(q, big.NewInt(2)),
			new(big.Int).Rsh(q, 1), new(big.Int).Lsh(big.NewInt(1), uint(8*c.Size()-8)),
		}
		for _, d := range numbers {
			verifier := public(c.privateKey(t, d))
			for _, k := range numbers {
				r, _ := c.model.Sign(d, big.NewInt(1), k)
				// z₁ = z₂ and z₁ = −z₂, besides two plain ones.
				equal := new(big.Int).Mul(r, new(big.Int).Add(d, big.NewInt(1)))
				equal.Mul(equal, new(big.Int).ModInverse(new(big.Int).Neg(k), q))
				opposite := new(big.Int).Mul(r, new(big.Int).Sub(big.NewInt(1), d))
				opposite.Mul(opposite, new(big.Int).ModInverse(k, q))
				for _, e := range []*big.Int{equal.Mod(equal, q), opposite.Mod(opposite, q), big.NewInt(1), numbers[3]} {
					digest := c.model.Bytes(e)
					r, s := c.model.Sign(d, c.model.Number(digest), k)
					if s.Sign() == 0 {
						continue // no signature
					}
					if err := verifier.Verify(digest, c.model.Bytes(r, s)); err != nil {
						t.Errorf("key %x, nonce %x, digest %x: %v", d, k, digest, err)
					}
				}
			}
		}
	})
}

// keyFor is a public key for which r and s hold for e, given the point with
// the x coordinate r: Q = (C − z₁·G)/z₂.
func (c pair) keyFor(e, r, s *big.Int, point model.Point) model.Point {
	z1, z2 := c.model.Multipliers(e, r, s)
	sum := c.model.Add(point, c.model.Negate(c.model.Multiply(z1, c.model.Base)))
	return c.model.Multiply(z2.ModInverse(z2, c.model.Q), c.model.Powers(sum))
}

// TestCoordinateAboveOrder: r is the coordinate modulo q, so r + q is another
// coordinate with the same r. None is met by chance.
func TestCoordinateAboveOrder(t *testing.T) {
	eachCurve(t, func(t *testing.T, c pair) {
		random := chance(2)
		found := 0
		for r := int64(1); found < 3; r++ {
			x := new(big.Int).Add(c.model.Q, big.NewInt(r))
			y := new(big.Int).ModSqrt(c.model.Right(x), c.model.P)
			if y == nil {
				continue
			}
			found++
			digest := randomBytes(random, c.Size())
			s := c.scalar(random)
			r := big.NewInt(r)
			q := c.keyFor(c.model.Number(digest), r, s, model.Point{X: x, Y: y})
			key := c.publicKey(t, q)
			for range 10 { // without and with a table
				if err := key.Verify(digest, c.model.Bytes(r, s)); err != nil {
					t.Errorf("x = q + %d: %v", r, err)
				}
			}
		}
	})
}

// TestCoordinateAboveField: r + q from p upwards is no coordinate, though modulo p
// it names one.
func TestCoordinateAboveField(t *testing.T) {
	eachCurve(t, func(t *testing.T, c pair) {
		digest := randomBytes(chance(14), c.Size())
		g, s := c.model.Generator(), c.scalar(chance(15))
		r := new(big.Int).Add(g.X, c.model.P)
		r.Sub(r, c.model.Q)
		key := c.publicKey(t, c.keyFor(c.model.Number(digest), r, s, g))
		if err := key.Verify(digest, c.model.Bytes(r, s)); !errors.Is(err, gost3410.ErrSignature) {
			t.Errorf("r = x + p − q: %v", err)
		}
	})
}

// TestDigestNumber: the digest is little-endian, modulo q, and 0 is 1 (RFC 7091,
// section 6.1, step 2). A signature holds for every digest of the same number
// and for no other.
func TestDigestNumber(t *testing.T) {
	eachCurve(t, func(t *testing.T, c pair) {
		one, q := big.NewInt(1), c.model.Q
		ones := new(big.Int).Lsh(one, uint(8*c.Size()))
		ones.Sub(ones, one)
		key := c.privateKey(t, big.NewInt(12345))
		for _, tt := range []struct {
			name         string
			first, other *big.Int
			same         bool
		}{
			{"zero is one", new(big.Int), one, true},
			{"the order is one", q, one, true},
			{"one above the order is one", new(big.Int).Add(q, one), one, true},
			{"modulo the order", ones, new(big.Int).Sub(ones, q), true},
			{"two is not one", big.NewInt(2), one, false},
			{"big-endian", one, new(big.Int).Lsh(one, uint(8*c.Size()-8)), false},
		} {
			sig, err := key.Sign(chance(3), c.model.Bytes(tt.first), nil)
			if err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
			if err := public(key).Verify(c.model.Bytes(tt.other), sig); (err == nil) != tt.same {
				t.Errorf("%s: %v", tt.name, err)
			}
			if other, err := key.Sign(chance(3), c.model.Bytes(tt.other), nil); err != nil || bytes.Equal(sig, other) != tt.same {
				t.Errorf("%s: signed as %x and %x, %v", tt.name, sig, other, err)
			}
		}
	})
}

// TestGenerator: 1·G is the generator of the standard, whose figures the model
// has on its own.
func TestGenerator(t *testing.T) {
	eachCurve(t, func(t *testing.T, c pair) {
		g := c.publicKey(t, c.model.Generator())
		if !g.Equal(c.privateKey(t, big.NewInt(1)).Public()) {
			t.Error("1·G is not G")
		}
		if g.Curve() != c.Curve || c.Size() != c.model.Size {
			t.Error("the curve is another")
		}
	})
}
