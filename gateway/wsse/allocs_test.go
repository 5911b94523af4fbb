//go:build !race

// Under the race detector pools drop at random what is put into them, so
// allocations cannot be counted.

package wsse_test

import (
	"context"
	"fmt"
	"runtime/debug"
	"testing"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmltext/xmltest"
)

// maxAllocations is what verifying one answer may allocate, whatever its size.
const maxAllocations = 16

// TestAllocationsPerVerify keeps the number of allocations small whatever the
// length of the answer. It counts those of the whole process, so it is not
// parallel. The collector rests meanwhile: in a heap as small as a test's it
// would run for every large answer and empty the pools each time.
func TestAllocationsPerVerify(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	w := newWorld(t, pkitest.RSAKey(t, 2048))
	for _, size := range []int{4 << 10, 32 << 10, 256 << 10} {
		t.Run(fmt.Sprintf("%d KB", size>>10), func(t *testing.T) {
			env := w.sign(t, xmltest.Answer(size), wsse.SignOptions{KeyInfo: wsse.KeyIdentifier})
			ctx := context.Background()
			allocations := testing.AllocsPerRun(100, func() {
				if _, err := wsse.VerifyBody(ctx, env, w.store, w.policy); err != nil {
					t.Fatal(err)
				}
			})
			if allocations > maxAllocations {
				t.Errorf("%.0f allocations, at most %d are allowed", allocations, maxAllocations)
			}
		})
	}
}
