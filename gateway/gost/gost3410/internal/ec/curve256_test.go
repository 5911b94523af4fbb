package ec

import (
	"math/big"
	"testing"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410/internal/model"
)

// TestSignZero256: where s would be zero there is no signature, and the caller is
// told to take another nonce (RFC 7091, section 6.1, step 6).
func TestSignZero256(t *testing.T) {
	t.Parallel()
	c := model.CryptoProA()
	e, k := big.NewInt(3), big.NewInt(1234567)
	r, _ := c.Sign(big.NewInt(1), e, k)
	d := new(big.Int).Mul(k, e) // d = −k·e/r
	d.Mul(d.Neg(d), new(big.Int).ModInverse(r, c.Q))
	d.Mod(d, c.Q)
	sig := make([]byte, 2*c.Size)
	if (Curve256{}).Sign(sig, c.Bytes(d), c.Bytes(e), c.Bytes(k)) {
		t.Errorf("the signature is %x", sig)
	}
	d.Add(d, big.NewInt(1))
	if !(Curve256{}).Sign(sig, c.Bytes(d), c.Bytes(e), c.Bytes(k)) {
		t.Error("no signature")
	}
}

// TestRanges256: what is in the field and what is a private key.
func TestRanges256(t *testing.T) {
	t.Parallel()
	c := model.CryptoProA()
	for _, m := range []*big.Int{c.P, c.Q} {
		for _, n := range edges(m, 256) {
			if got := (Curve256{}).InField(c.Bytes(n)); got != (n.Cmp(c.P) < 0) {
				t.Errorf("%x is in the field: %v", n, got)
			}
			if got := (Curve256{}).InOrder(c.Bytes(n)); got != (n.Sign() > 0 && n.Cmp(c.Q) < 0) {
				t.Errorf("%x is in the order: %v", n, got)
			}
			e := make([]byte, c.Size)
			Curve256{}.Number(e, c.Bytes(n))
			if want := c.Number(c.Bytes(n)); model.FromBytes(e).Cmp(want) != 0 {
				t.Errorf("the number of %x is %x, not %x", n, e, want)
			}
		}
	}
}

// TestKeyTable256: a key gets its table after the uses promised, once, and its
// verdicts stay.
func TestKeyTable256(t *testing.T) {
	t.Parallel()
	c := model.CryptoProA()
	d, e := big.NewInt(77), big.NewInt(5)
	point := c.Multiply(d, c.Base)
	key, ok := Curve256{}.NewKey(c.Bytes(point.X, point.Y))
	if !ok {
		t.Fatal("the key is refused")
	}
	r, s := c.Sign(d, e, big.NewInt(88))
	good, bad := c.Bytes(r, s), c.Bytes(s, r)
	for n := 1; n < 2*tableAfter; n++ {
		sig := good
		if n%2 == 0 {
			sig = bad
		}
		if got := key.Verify(c.Bytes(e), sig); got != (n%2 == 1) {
			t.Errorf("verification %d: %v", n, got)
		}
		if has := key.(*key256).table.Load() != nil; has != (n >= tableAfter) {
			t.Errorf("after verification %d the key has a table: %v", n, has)
		}
	}
}
