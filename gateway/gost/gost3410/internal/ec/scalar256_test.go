package ec

import (
	"math/big"
	"testing"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410/internal/model"
)

// scalars256 are those of elements256 that are below q.
func scalars256(q *big.Int) (xs []scalar256) {
	for _, x := range elements256(q) {
		if toBig(x[:]).Cmp(q) < 0 {
			xs = append(xs, scalar256(x))
		}
	}
	return xs
}

func TestScalar256(t *testing.T) {
	t.Parallel()
	q := model.CryptoProA().Q
	check := func(op string, got *scalar256, want *big.Int, x, y *scalar256) {
		t.Helper()
		if toBig(got[:]).Cmp(want.Mod(want, q)) != 0 {
			t.Fatalf("%s of %x and %x is %x, not %x", op, *x, *y, *got, want)
		}
	}
	half := new(big.Int).ModInverse(big.NewInt(2), q)
	xs := scalars256(q)
	for i := range xs {
		x := &xs[i]
		n := toBig(x[:])
		for j := range xs {
			y := &xs[j]
			m := toBig(y[:])
			var z scalar256
			z.mul(x, y)
			check("mul", &z, new(big.Int).Mul(n, m), x, y)
			z.add(x, y)
			check("add", &z, new(big.Int).Add(n, m), x, y)
		}
		var z scalar256
		z.negate(x)
		check("negate", &z, new(big.Int).Neg(n), x, x)
		z.halve(x)
		check("halve", &z, new(big.Int).Mul(n, half), x, x)
		if n.Sign() != 0 {
			invert(z[:], x[:], order256[:])
			check("invert", &z, new(big.Int).ModInverse(n, q), x, x)
		}
	}
}

// TestDigits256: what the comb and the non-adjacent form make of a number adds
// up to it.
func TestDigits256(t *testing.T) {
	t.Parallel()
	q := model.CryptoProA().Q
	xs := scalars256(q)
	for i := range xs {
		x := &xs[i]
		var signs scalar256
		signs.recode(x)
		sum := new(big.Int)
		for block := range blocks {
			for column := range columns256 {
				index, negative := split(signs.digit(block, column))
				n := multiple256(block, int(index))
				n.Lsh(n, uint(column))
				if negative == 1 {
					n.Neg(n)
				}
				sum.Add(sum, n)
			}
		}
		if sum.Mod(sum, q); sum.Cmp(toBig(x[:])) != 0 {
			t.Errorf("the comb of %x adds up to %x", *x, sum)
		}

		var digits [256 + 1]int8
		naf(digits[:], x[:])
		sum.SetInt64(0)
		for i := len(digits) - 1; i >= 0; i-- {
			sum.Lsh(sum, 1)
			sum.Add(sum, big.NewInt(int64(digits[i])))
		}
		if sum.Cmp(toBig(x[:])) != 0 {
			t.Errorf("the non-adjacent form of %x adds up to %x", *x, sum)
		}
		checkNAF(t, digits[:])
	}
}

// multiple256 is the entry of the table as a multiple of the point.
func multiple256(block, index int) *big.Int {
	sum := new(big.Int)
	for tooth := range teeth {
		n := new(big.Int).Lsh(big.NewInt(1), uint((tooth*blocks+block)*columns256))
		if tooth < teeth-1 && index>>tooth&1 == 0 {
			n.Neg(n)
		}
		sum.Add(sum, n)
	}
	return sum
}

func TestTable256(t *testing.T) {
	t.Parallel()
	c := model.CryptoProA()
	for block, row := range base256() {
		for i := 0; i < entries; i += 9 {
			n := multiple256(block, i)
			want := c.Multiply(n.Mod(n, c.Q), c.Base)
			if got := point256(&row[i]); got.X.Cmp(want.X) != 0 || got.Y.Cmp(want.Y) != 0 {
				t.Errorf("entry %d of block %d is %x, not %x", i, block, got, want)
			}
		}
	}
}
