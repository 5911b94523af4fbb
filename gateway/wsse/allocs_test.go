//go:build !race

// Under the race detector pools drop at random what is put into them, so
// allocations cannot be counted.

package wsse_test

import (
	"context"
	"crypto"
	"fmt"
	"runtime/debug"
	"testing"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410"
	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmltext/xmltest"
)

// TestAllocationsPerVerify keeps the number of allocations small whatever the
// length of the answer: a hash that allocated for each block would be found. It
// counts those of the whole process, so it is not parallel. The collector rests
// meanwhile: in a heap as small as a test's it would run for every large answer
// and empty the pools each time.
func TestAllocationsPerVerify(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	for _, tt := range []struct {
		name string
		key  crypto.Signer
		most float64
	}{
		{"RSA", pkitest.RSAKey(t, 2048), 16},
		{"GOST2004", pkitest.GOSTKey(t, gost3410.CryptoProA()), 23},
		{"GOST2015", pkitest.GOSTKey(t, gost3410.TC26A512()), 28},
	} {
		w := newWorld(t, tt.key)
		for _, size := range []int{4 << 10, 32 << 10, 256 << 10} {
			t.Run(fmt.Sprintf("%s, %d KB", tt.name, size>>10), func(t *testing.T) {
				env := w.sign(t, xmltest.Answer(size), wsse.SignOptions{KeyInfo: wsse.KeyIdentifier})
				verify := func() {
					if _, err := wsse.VerifyBody(context.Background(), env, w.store, w.policy); err != nil {
						t.Fatal(err)
					}
				}
				for range 20 {
					verify() // a national key makes its table
				}
				if allocations := testing.AllocsPerRun(100, verify); allocations > tt.most {
					t.Errorf("%.0f allocations, at most %.0f are allowed", allocations, tt.most)
				}
			})
		}
	}
}
