package batch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/exchange"
	"github.com/kopir-kz/kopir/gateway/fault"
)

// registries answer after the time that the case of the purpose says, and
// remember how many of them were at work at once.
type registries struct {
	mu         sync.Mutex
	busy, most int
}

func (r *registries) Do(ctx context.Context, c exchange.Call) (exchange.Result, error) {
	r.mu.Lock()
	r.busy++
	r.most = max(r.most, r.busy)
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		r.busy--
		r.mu.Unlock()
	}()
	delay, err := time.ParseDuration(c.Purpose.Case)
	if err != nil {
		panic(c.Purpose.Case)
	}
	select {
	case <-time.After(delay):
	case <-ctx.Done():
		return exchange.Result{}, fault.Wrap(fault.ShepTimeout, "send", ctx.Err())
	}
	if c.Operation == "broken" {
		return exchange.Result{}, fault.New(fault.RegistryFault, "read answer", "")
	}
	return exchange.Result{Facts: gateway.Persons{{IIN: c.RequestID}}}, nil
}

func questions(client string, delays ...string) (calls []exchange.Call) {
	for i, d := range delays {
		calls = append(calls, exchange.Call{RequestID: fmt.Sprint(i), Client: client, Operation: "person.search", Purpose: gateway.Purpose{Case: d}})
	}
	return calls
}

func runner(t testing.TB, o Options) *Runner {
	t.Helper()
	r, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestTimeOfTheSlowest: fourteen registries take the time of the slowest, to the
// nanosecond of a virtual clock, and the outcomes are in the order of the calls.
func TestTimeOfTheSlowest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var delays []string
		for i := range 14 {
			delays = append(delays, fmt.Sprintf("%dms", 1400-100*i))
		}
		r := runner(t, Options{Core: &registries{}})
		begun := time.Now()
		outcomes := r.Do(t.Context(), questions("benefits", delays...))
		if took := time.Since(begun); took != 1400*time.Millisecond {
			t.Errorf("took %v", took)
		}
		for i, out := range outcomes {
			if persons, _ := out.Result.Facts.(gateway.Persons); out.Err != nil || len(persons) != 1 || persons[0].IIN != fmt.Sprint(i) {
				t.Errorf("outcome %d: %+v", i, out)
			}
		}
	})
}

// TestPartialFailure: a failure, a defect and a registry that hangs are told
// where they happened; the others have their answers, at the deadline at the
// latest.
func TestPartialFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		r := runner(t, Options{Core: &registries{}, Timeout: 5 * time.Second, Log: slog.New(slog.NewJSONHandler(&log, nil))})
		calls := questions("benefits", "1s", "1s", "СЫНАҚОВА", "1h")
		calls[1].Operation = "broken"
		begun := time.Now()
		outcomes := r.Do(t.Context(), calls)
		if took := time.Since(begun); took != 5*time.Second {
			t.Errorf("took %v", took)
		}
		for i, want := range []error{nil, fault.RegistryFault, fault.Internal, fault.ShepTimeout} {
			if got := outcomes[i]; want == nil && (got.Err != nil || got.Result.Facts == nil) || want != nil && (!errors.Is(got.Err, want) || got.Result.Facts != nil) {
				t.Errorf("outcome %d: %+v, want %v", i, got, want)
			}
		}
		if !strings.Contains(log.String(), "batch_test.go") || strings.Contains(log.String(), "СЫНАҚОВА") {
			t.Errorf("log %s", log.String())
		}
	})
}

// TestShareOfAClient: a client has no more questions under way than its share, in
// all its batches together, and takes nothing from another client.
func TestShareOfAClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		core := &registries{}
		r := runner(t, Options{Core: core, PerClient: 4})
		var all sync.WaitGroup
		begun := time.Now()
		took := make([]time.Duration, 3)
		for i, client := range []string{"greedy", "greedy", "modest"} {
			all.Go(func() {
				n := 8 - i/2*6 // eight questions, eight, two
				for _, out := range r.Do(t.Context(), questions(client, strings.Split(strings.Repeat("1s ", n-1)+"1s", " ")...)) {
					if out.Err != nil {
						t.Error(out.Err)
					}
				}
				took[i] = time.Since(begun)
			})
		}
		all.Wait()
		if core.most != 4+2 {
			t.Errorf("%d questions under way at once", core.most)
		}
		if max(took[0], took[1]) != 4*time.Second || took[2] != time.Second {
			t.Errorf("took %v", took)
		}
	})
}

// TestWaitingEnds: who waits for a turn is told when there will be none, and why.
func TestWaitingEnds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		cancel bool
		want   fault.Kind
	}{
		{"deadline", false, fault.Overloaded},
		{"caller has gone", true, fault.CallerGone},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tt.cancel {
					time.AfterFunc(time.Second, cancel)
				}
				core := &registries{}
				r := runner(t, Options{Core: core, PerClient: 1, Timeout: 2 * time.Second})
				waited := 0
				for _, out := range r.Do(ctx, questions("benefits", "1h", "1h", "1h")) {
					if errors.Is(out.Err, tt.want) {
						waited++
					}
				}
				if waited != 2 || core.most != 1 {
					t.Errorf("%d were told %s, %d under way at once", waited, tt.want, core.most)
				}
			})
		})
	}
}

func TestNoCore(t *testing.T) {
	t.Parallel()
	if _, err := New(Options{}); err == nil {
		t.Error("made of nothing")
	}
}

// BenchmarkBatch puts a batch to registries that take 1 to 14 ms each, at once
// and one after the other. The first takes the time of the slowest.
func BenchmarkBatch(b *testing.B) {
	var delays []string
	for i := range 14 {
		delays = append(delays, fmt.Sprintf("%dms", i+1))
	}
	r := runner(b, Options{Core: &registries{}})
	calls := questions("benefits", delays...)
	b.Run("at once", func(b *testing.B) {
		for b.Loop() {
			r.Do(b.Context(), calls)
		}
	})
	b.Run("one by one", func(b *testing.B) {
		for b.Loop() {
			for i := range calls {
				r.Do(b.Context(), calls[i:i+1])
			}
		}
	})
}
