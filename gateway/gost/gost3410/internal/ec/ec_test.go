package ec

import (
	"math/big"
	"slices"
	"testing"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410/internal/model"
)

// edges are numbers of a size around 0, m, 2m and the powers of two at which
// limbs end.
func edges(m *big.Int, bits int) (ns []*big.Int) {
	around := []*big.Int{new(big.Int), m, new(big.Int).Rsh(m, 1), new(big.Int).Lsh(big.NewInt(1), uint(bits))}
	for i := 64; i < bits; i += 64 {
		around = append(around, new(big.Int).Lsh(big.NewInt(1), uint(i)))
	}
	for _, n := range around {
		for _, d := range []int64{-1000, -3, -2, -1, 0, 1, 2, 3, 500} {
			if n := new(big.Int).Add(n, big.NewInt(d)); n.Sign() >= 0 && n.BitLen() <= bits {
				ns = append(ns, n)
			}
		}
	}
	return ns
}

func fromBig(z []uint64, n *big.Int) {
	b := n.FillBytes(make([]byte, 8*len(z)))
	slices.Reverse(b)
	fromBytes(z, b)
}

// checkNAF: digits are zero or odd and below 16, and one of five neighbours at
// most is not zero.
func checkNAF(t *testing.T, digits []int8) {
	t.Helper()
	last := -5
	for i, d := range digits {
		if d == 0 {
			continue
		}
		if d&1 == 0 || d < -15 || d > 15 || i-last < 5 {
			t.Errorf("digit %d at %d, the one before at %d", d, i, last)
		}
		last = i
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for digit := range uint64(2 * entries) {
		index, negative := split(digit)
		// Bits of one stand for plus, those of zero for minus, and the highest bit
		// of an entry in the table is one.
		got := index | entries
		if negative == 1 {
			got = ^got & (2*entries - 1)
		}
		if got != digit || negative > 1 {
			t.Errorf("%b is split into %b and %d", digit, index, negative)
		}
	}
}

func samePoint(p, q model.Point) bool {
	if p.IsInfinity() || q.IsInfinity() {
		return p.IsInfinity() == q.IsInfinity()
	}
	return p.X.Cmp(q.X) == 0 && p.Y.Cmp(q.Y) == 0
}
