package ec

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410/internal/model"
)

// point256 is a point as the model has it.
func point256(p *affine256) model.Point {
	var x, y element256
	x.reduce(&p.x)
	y.reduce(&p.y)
	return model.Point{X: toBig(x[:]), Y: toBig(y[:])}
}

func affineOf256(p model.Point) (q affine256) {
	fromBig(q.x[:], p.X)
	fromBig(q.y[:], p.Y)
	return q
}

// multiples256 are −4·G to 4·G; among their sums is every kind of pair:
// different, equal, opposite and infinite points.
func multiples256(c *model.Curve) (points []model.Point) {
	p := c.Negate(c.Multiply(big.NewInt(4), c.Base))
	for range 9 {
		points = append(points, p)
		p = c.Add(p, c.Generator())
	}
	return points
}

func TestSums256(t *testing.T) {
	t.Parallel()
	c := model.CryptoProA()
	points := multiples256(c)
	random := rand.New(rand.NewPCG(256, 2))
	for i, p := range points {
		double := c.Add(p, p)
		pp, jp := projectiveOf256(p, random), jacobianOf256(p, random)
		if pp.double(); !samePoint(fromProjective256(&pp), double) {
			t.Errorf("complete formulas: 2·%d·G is %x", i-4, fromProjective256(&pp))
		}
		if jp.double(); !samePoint(fromJacobian256(&jp), double) {
			t.Errorf("jacobian formulas: 2·%d·G is %x", i-4, fromJacobian256(&jp))
		}
		for j, q := range points {
			if q.IsInfinity() {
				continue // has no affine form
			}
			sum, difference, aq := c.Add(p, q), c.Add(p, c.Negate(q)), affineOf256(q)
			pp, jp := projectiveOf256(p, random), jacobianOf256(p, random)
			if pp.add(&aq); !samePoint(fromProjective256(&pp), sum) {
				t.Errorf("complete formulas: %d·G + %d·G is %x", i-4, j-4, fromProjective256(&pp))
			}
			jq := jp
			if jp.add(&aq, 0); !samePoint(fromJacobian256(&jp), sum) {
				t.Errorf("jacobian formulas: %d·G + %d·G is %x", i-4, j-4, fromJacobian256(&jp))
			}
			if jq.add(&aq, 1); !samePoint(fromJacobian256(&jq), difference) {
				t.Errorf("jacobian formulas: %d·G − %d·G is %x", i-4, j-4, fromJacobian256(&jq))
			}
		}
	}
}

func randomElement256(random *rand.Rand) (z element256) {
	for i := range z {
		z[i] = random.Uint64()
	}
	return z
}

// projectiveOf256 is a point with a z of chance.
func projectiveOf256(p model.Point, random *rand.Rand) (q projective256) {
	z := randomElement256(random)
	if p.IsInfinity() {
		q.y = z
		return q
	}
	a := affineOf256(p)
	q.x.mul(&a.x, &z)
	q.y.mul(&a.y, &z)
	q.z = z
	return q
}

func fromProjective256(p *projective256) model.Point {
	if p.z.isZero() {
		return model.Point{}
	}
	a := p.affine()
	return point256(&a)
}

// jacobianOf256 is a point with a z of chance.
func jacobianOf256(p model.Point, random *rand.Rand) (q jacobian256) {
	z := randomElement256(random)
	if p.IsInfinity() {
		q.x.square(&z)
		q.y.mul(&q.x, &z)
		q.z = p256 // zero, in its other form
		return q
	}
	var t element256
	a := affineOf256(p)
	t.square(&z)
	q.x.mul(&a.x, &t)
	t.mul(&t, &z)
	q.y.mul(&a.y, &t)
	q.z = z
	return q
}

func fromJacobian256(p *jacobian256) model.Point {
	if p.z.isZero() {
		return model.Point{}
	}
	var a [1]affine256
	normalize256(a[:], []jacobian256{*p})
	return point256(&a[0])
}

func TestIsOnCurve256(t *testing.T) {
	t.Parallel()
	c := model.CryptoProA()
	for _, p := range multiples256(c) {
		if p.IsInfinity() {
			continue
		}
		q := affineOf256(p)
		if !q.isOnCurve() {
			t.Errorf("%x is on the curve", p)
		}
		q.y.add(&q.y, &element256{1})
		if q.isOnCurve() {
			t.Errorf("%x is not on the curve", q)
		}
	}
	if new(affine256).isOnCurve() {
		t.Error("(0, 0) is not on the curve")
	}
}

// TestMultiply256: the two ways to multiply by a number give what the model
// gives.
func TestMultiply256(t *testing.T) {
	t.Parallel()
	c := model.CryptoProA()
	for _, k := range scalars256(c.Q) {
		n := toBig(k[:])
		want := c.Multiply(n, c.Base)
		var p projective256
		base256().multiply(&p, &k)
		if got := fromProjective256(&p); !samePoint(got, want) {
			t.Errorf("%x·G is %x, not %x", n, got, want)
		}
		if n.Sign() == 0 {
			continue
		}
		xy, scalar := make([]byte, 2*c.Size), c.Bytes(n)
		Curve256{}.Multiply(xy, scalar)
		if got := model.FromBytes(xy[:c.Size]); got.Cmp(want.X) != 0 {
			t.Errorf("x of %x·G is %x, not %x", n, got, want.X)
		}
	}
}

// TestCombinations256: z₁·G + z₂·Q with and without a table of Q, where Q is
// related to G so that sums meet equal and opposite points.
func TestCombinations256(t *testing.T) {
	t.Parallel()
	c := model.CryptoProA()
	numbers := []int64{1, -1, 2, -31}
	ints := make([]*big.Int, 0, len(numbers))
	for _, n := range numbers {
		z := big.NewInt(n)
		ints = append(ints, z.Mod(z, c.Q))
	}
	random := rand.New(rand.NewPCG(256, 3))
	k := randomElement256(random)
	ints = append(ints, new(big.Int).Mod(toBig(k[:]), c.Q))
	for _, d := range ints {
		point := affineOf256(c.Multiply(d, c.Base))
		table := newTable256(&point)
		for _, z1 := range ints {
			for _, z2 := range ints {
				n := new(big.Int).Mul(z2, d)
				n.Add(n, z1)
				want := c.Multiply(n.Mod(n, c.Q), c.Base)
				var s1, s2 scalar256
				fromBig(s1[:], z1)
				fromBig(s2[:], z2)
				s1.recode(&s1)
				slow := (&key256{point: point}).slowly(&s1, &s2)
				if got := fromJacobian256(&slow); !samePoint(got, want) {
					t.Errorf("without a table %x·G + %x·(%x·G) is %x, not %x", z1, z2, d, got, want)
				}
				s2.recode(&s2)
				fast := table.combine(&s1, &s2)
				if got := fromJacobian256(&fast); !samePoint(got, want) {
					t.Errorf("with a table %x·G + %x·(%x·G) is %x, not %x", z1, z2, d, got, want)
				}
			}
		}
	}
}
