package gost3410_test

import (
	"crypto"
	"encoding/binary"
	"io"
	"math/big"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410"
	"github.com/kopir-kz/kopir/gateway/gost/gost3410/internal/model"
)

// pair is a curve beside its model.
type pair struct {
	*gost3410.Curve
	model *model.Curve
}

// pairs are both curves. Making the models takes a while.
var pairs = sync.OnceValue(func() []pair {
	return []pair{{gost3410.CryptoProA(), model.CryptoProA()}, {gost3410.TC26A512(), model.TC26A512()}}
})

// eachCurve runs a test for both curves.
func eachCurve(t *testing.T, test func(t *testing.T, c pair)) {
	t.Helper()
	t.Parallel()
	for _, c := range pairs() {
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			test(t, c)
		})
	}
}

// chance is a source of numbers that is the same in every run.
func chance(seed uint64) *rand.ChaCha8 {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	return rand.NewChaCha8(key)
}

func randomBytes(random io.Reader, n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(random, b); err != nil {
		panic(err)
	}
	return b
}

// scalar is a number from 1 to q − 1.
func (c pair) scalar(random io.Reader) *big.Int {
	n := model.FromBytes(randomBytes(random, c.Size()+8))
	n.Mod(n, new(big.Int).Sub(c.model.Q, big.NewInt(1)))
	return n.Add(n, big.NewInt(1))
}

// privateKey is the key of a number.
func (c pair) privateKey(t testing.TB, d *big.Int) *gost3410.PrivateKey {
	t.Helper()
	key, err := gost3410.ParsePrivateKey(c.Curve, c.model.Bytes(d))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// publicKey is the key of a point.
func (c pair) publicKey(t testing.TB, p model.Point) *gost3410.PublicKey {
	t.Helper()
	key, err := gost3410.ParsePublicKey(c.Curve, c.model.Bytes(p.X, p.Y))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func public(key crypto.Signer) *gost3410.PublicKey { return key.Public().(*gost3410.PublicKey) }

// numbers are r and s of a signature.
func (c pair) numbers(sig []byte) (r, s *big.Int) {
	return model.FromBytes(sig[:c.Size()]), model.FromBytes(sig[c.Size():])
}
