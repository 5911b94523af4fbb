package gost3410_test

import (
	"errors"
	"math/big"
	"testing"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410"
	"github.com/kopir-kz/kopir/gateway/gost/gost3410/internal/model"
)

// curveOf lets the fuzzer choose the curve.
func curveOf(wide bool) pair {
	if wide {
		return pairs()[1]
	}
	return pairs()[0]
}

// FuzzParsePublicKey: a key is accepted if and only if the model says that it
// is a point of the curve, and is written as it was read.
func FuzzParsePublicKey(f *testing.F) {
	for i, c := range pairs() {
		g := c.model.Generator()
		for _, p := range []model.Point{g, c.model.Add(g, g), c.model.Negate(g), {X: c.model.P, Y: g.Y}, {X: g.X, Y: c.model.P}} {
			f.Add(i == 1, c.model.Bytes(p.X, p.Y))
		}
		f.Add(i == 1, make([]byte, 2*c.Size()))
		f.Add(i == 1, []byte{4})
	}
	f.Fuzz(func(t *testing.T, wide bool, xy []byte) {
		c := curveOf(wide)
		key, err := gost3410.ParsePublicKey(c.Curve, xy)
		if len(xy) != 2*c.Size() {
			if !errors.Is(err, gost3410.ErrLength) {
				t.Fatalf("%d bytes: %v", len(xy), err)
			}
			return
		}
		p := model.Point{X: model.FromBytes(xy[:c.Size()]), Y: model.FromBytes(xy[c.Size():])}
		switch contains := c.model.Contains(p); {
		case contains && (err != nil || string(key.Bytes()) != string(xy)):
			t.Fatalf("a point is refused or read as another: %v", err)
		case !contains && err == nil:
			t.Fatal("what is no point is accepted")
		case errors.Is(err, gost3410.ErrCoordinate) != (p.X.Cmp(c.model.P) >= 0 || p.Y.Cmp(c.model.P) >= 0):
			t.Fatalf("the cause is another: %v", err)
		}
	})
}

// FuzzVerify: whatever the digest and the signature are, we say what the model
// says. The key is d·G for a small d, so that the fuzzer meets signatures that
// hold: change is xored to one that does.
func FuzzVerify(f *testing.F) {
	for _, wide := range []bool{false, true} {
		f.Add(wide, uint16(1), []byte("digest"), []byte{})
		f.Add(wide, uint16(2), []byte{}, []byte{1})
		f.Add(wide, uint16(3), []byte{255}, []byte("\x00\x00\x00\x00\x80"))
	}
	f.Fuzz(func(t *testing.T, wide bool, seed uint16, digest, change []byte) {
		c := curveOf(wide)
		d := big.NewInt(int64(seed) + 1)
		digest = append(digest, make([]byte, c.Size())...)[:c.Size()]
		e := c.model.Number(digest)
		point := c.model.Multiply(d, c.model.Base)
		sig := c.model.Bytes(c.model.Sign(d, e, new(big.Int).Add(d, e)))
		for i, b := range change {
			sig[i%len(sig)] ^= b
		}
		r, s := c.numbers(sig)
		want := c.model.Verify(c.model.Powers(point), e, r, s)
		key := c.publicKey(t, point)
		for range 7 { // without and with a table
			if err := key.Verify(digest, sig); (err == nil) != want {
				t.Fatalf("key %v, digest %x, signature %x: %v, but the model says %v", d, digest, sig, err, want)
			}
		}
	})
}
