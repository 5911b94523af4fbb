package ec

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410/internal/model"
)

// elements256 are the residues that carries and reductions stumble over, and
// some by chance.
func elements256(m *big.Int) (xs []element256) {
	for _, n := range edges(m, 256) {
		var x element256
		fromBig(x[:], n)
		xs = append(xs, x)
	}
	random := rand.New(rand.NewPCG(256, 1))
	for range 60 {
		var x element256
		for i := range x {
			x[i] = random.Uint64()
		}
		xs = append(xs, x)
	}
	return xs
}

func TestElement256(t *testing.T) {
	t.Parallel()
	p, b := model.CryptoProA().P, model.CryptoProA().B
	check := func(op string, got *element256, want *big.Int, x, y *element256) {
		t.Helper()
		reduced := *got
		reduced.reduce(&reduced)
		if toBig(reduced[:]).Cmp(want.Mod(want, p)) != 0 {
			t.Fatalf("%s of %x and %x is %x, not %x", op, *x, *y, reduced, want)
		}
		if isZero := want.Sign() == 0; got.isZero() != isZero {
			t.Fatalf("%s of %x and %x: isZero is %v", op, *x, *y, !isZero)
		}
		if !reduced.isReduced() || got.isReduced() != (*got == reduced) {
			t.Fatalf("%s of %x and %x: isReduced is wrong for %x", op, *x, *y, *got)
		}
	}
	xs := elements256(p)
	for i := range xs {
		x := &xs[i]
		n := toBig(x[:])
		for j := range xs {
			y := &xs[j]
			m := toBig(y[:])
			var z element256
			z.mul(x, y)
			check("mul", &z, new(big.Int).Mul(n, m), x, y)
			z.add(x, y)
			check("add", &z, new(big.Int).Add(n, m), x, y)
			z.sub(x, y)
			check("sub", &z, new(big.Int).Sub(n, m), x, y)
			if z.sub(x, y); z.isZero() != x.equal(y) {
				t.Fatalf("equal of %x and %x", *x, *y)
			}
		}
		var z element256
		z.square(x)
		check("square", &z, new(big.Int).Mul(n, n), x, x)
		z.triple(x)
		check("triple", &z, new(big.Int).Mul(n, big.NewInt(3)), x, x)
		z.mulB(x)
		check("mulB", &z, new(big.Int).Mul(n, b), x, x)
		z = *x
		z.negateIf(0)
		check("negateIf(0)", &z, new(big.Int).Set(n), x, x)
		z.negateIf(1)
		check("negateIf(1)", &z, new(big.Int).Neg(n), x, x)
		z.inverse(x)
		check("inverse", &z, new(big.Int).Exp(n, new(big.Int).Sub(p, big.NewInt(2)), p), x, x)
	}
}

// TestElementInPlace256: the result may be put in place of the operands.
func TestElementInPlace256(t *testing.T) {
	t.Parallel()
	xs := elements256(model.CryptoProA().P)
	for i := range xs {
		x, y := &xs[i], &xs[(i*7+1)%len(xs)]
		for name, op := range map[string]func(z, x, y *element256){
			"mul":     (*element256).mul,
			"add":     (*element256).add,
			"sub":     (*element256).sub,
			"square":  func(z, x, _ *element256) { z.square(x) },
			"triple":  func(z, x, _ *element256) { z.triple(x) },
			"mulB":    func(z, x, _ *element256) { z.mulB(x) },
			"inverse": func(z, x, _ *element256) { z.inverse(x) },
			"reduce":  func(z, x, _ *element256) { z.reduce(x) },
		} {
			var want element256
			op(&want, x, y)
			first, second := *x, *y
			if op(&first, &first, y); first != want {
				t.Errorf("%s in place of x: %x, not %x", name, first, want)
			}
			if op(&second, x, &second); second != want {
				t.Errorf("%s in place of y: %x, not %x", name, second, want)
			}
			op(&want, x, x)
			both := *x
			if op(&both, &both, &both); both != want {
				t.Errorf("%s in place of both: %x, not %x", name, both, want)
			}
		}
	}
}

// TestElementThirdCarry256 multiplies what overflows again after the second
// fold, which chance does not find: (2^256 − 1)·y is 2^256·(y − 1) + (2^256 − y),
// folded (c − 1)·y − c + 2^256, and y puts (c − 1)·y − c just below a multiple of
// 2^256.
func TestElementThirdCarry256(t *testing.T) {
	t.Parallel()
	p := model.CryptoProA().P
	r := new(big.Int).Lsh(big.NewInt(1), 256)
	c := new(big.Int).Sub(r, p)
	less := new(big.Int).Sub(c, big.NewInt(1))
	var x element256
	for i := range x {
		x[i] = ^uint64(0)
	}
	for m := int64(1); m < c.Int64()-1; m++ {
		n := new(big.Int).Mul(big.NewInt(m), r)
		n.Add(n, less)
		n.Div(n, less)
		var y, z element256
		fromBig(y[:], n)
		z.mul(&x, &y)
		z.reduce(&z)
		want := new(big.Int).Mul(toBig(x[:]), n)
		if toBig(z[:]).Cmp(want.Mod(want, p)) != 0 {
			t.Fatalf("%x·%x is %x, not %x", x, y, z, want)
		}
	}
}

func TestPick256(t *testing.T) {
	t.Parallel()
	table := base256()
	for block := range blocks {
		for i := range entries {
			var got affine256
			if got.pick(&table[block], uint64(i)); got != table[block][i] {
				t.Fatalf("entry %d of block %d is another", i, block)
			}
		}
	}
}
