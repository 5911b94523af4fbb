package exchange_test

import (
	"testing"
	"testing/synctest"

	"github.com/kopir-kz/kopir/gateway/batch"
	"github.com/kopir-kz/kopir/gateway/exchange"
	"github.com/kopir-kz/kopir/mocks/faults"
)

// TestBatch: every question of a batch is an exchange of its own, with its own
// intent and outcome; a fault hits one of them.
func TestBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := start(t, func(s *setup) { s.profile.Breaker.MinCalls = 100 })
		if err := g.world.Arm(faults.Arming{Fault: "signature-wrong-digest", Times: 1}); err != nil {
			t.Fatal(err)
		}
		r, err := batch.New(batch.Options{Core: g.Exchange})
		if err != nil {
			t.Fatal(err)
		}
		calls := []exchange.Call{call(), call(), call(), call(func(c *exchange.Call) { c.Purpose.Official = "" })}
		failed := 0
		for _, out := range r.Do(t.Context(), calls) {
			if out.Err != nil {
				failed++
			}
		}
		if failed != 2 {
			t.Errorf("%d questions failed", failed)
		}
		begun, ended := map[string]bool{}, map[string]bool{}
		for _, in := range g.journal.intents {
			begun[in.Exchange] = true
		}
		for _, out := range g.journal.outcomes {
			ended[out.Exchange] = begun[out.Exchange]
		}
		if len(begun) != 3 || len(ended) != 3 { // the fourth never came so far
			t.Errorf("%d intents, %d outcomes", len(begun), len(ended))
		}
	})
}
