// Package batch puts several questions at once. Each is an exchange of its own,
// with its own checks, records and attempts; what becomes of one touches no
// other. A batch takes the time of its slowest question, not the sum, as long as
// the client has not more questions under way than its share.
package batch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/kopir-kz/kopir/gateway/exchange"
	"github.com/kopir-kz/kopir/gateway/fault"
)

// The defaults of Options.
const (
	DefaultTimeout   = 45 * time.Second // longer than the 30 s that one question may take, and its wait
	DefaultPerClient = 32               // the largest batch of the contract
)

// Core carries one question; *exchange.Exchange is one.
type Core interface {
	Do(ctx context.Context, c exchange.Call) (exchange.Result, error)
}

// Options are the parts and settings of a Runner.
type Options struct {
	Core Core // required
	// Timeout bounds a whole batch. A question that it cuts short fails as one
	// that was not answered in time. Default DefaultTimeout.
	Timeout time.Duration
	// PerClient bounds the questions that one client has under way, in all its
	// batches together; the rest wait for their turn. Default DefaultPerClient.
	PerClient int
	Log       *slog.Logger // default slog.Default()
}

// Outcome is what became of one question.
type Outcome struct {
	Result exchange.Result
	Err    error // as exchange.Do has it; Result is zero then
}

// Runner runs batches. It is safe for concurrent use.
type Runner struct {
	o      Options
	mu     sync.Mutex
	places map[string]chan struct{} // by client; as many as there are clients
}

// New makes a Runner.
func New(o Options) (*Runner, error) {
	if o.Core == nil {
		return nil, errors.New("batch: a core is needed")
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.PerClient <= 0 {
		o.PerClient = DefaultPerClient
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Runner{o: o, places: map[string]chan struct{}{}}, nil
}

// Do puts the questions and waits for all of them. The outcomes are in their
// order.
func (r *Runner) Do(ctx context.Context, calls []exchange.Call) []Outcome {
	ctx, cancel := context.WithTimeout(ctx, r.o.Timeout)
	defer cancel()
	outcomes := make([]Outcome, len(calls))
	var all sync.WaitGroup
	for i, c := range calls {
		all.Go(func() { outcomes[i] = r.one(ctx, c) })
	}
	all.Wait()
	return outcomes
}

// one puts a question when it is its turn.
func (r *Runner) one(ctx context.Context, c exchange.Call) (out Outcome) {
	defer func() {
		if v := recover(); v != nil {
			// The value may hold what a person could be told by; its type and the
			// stack do not.
			r.o.Log.LogAttrs(ctx, slog.LevelError, "defect", slog.String("request_id", c.RequestID),
				slog.String("error", fmt.Sprintf("panic with %T", v)), slog.String("stack", string(debug.Stack())))
			out = Outcome{Err: fault.New(fault.Internal, "carry a question of a batch", "")}
		}
	}()
	places := r.of(c.Client)
	select {
	case places <- struct{}{}:
		defer func() { <-places }()
	case <-ctx.Done():
	}
	switch err := ctx.Err(); { // also for whoever got a place too late
	case errors.Is(err, context.Canceled):
		return Outcome{Err: fault.New(fault.CallerGone, "wait for a turn", "the caller cancelled")}
	case err != nil:
		return Outcome{Err: fault.New(fault.Overloaded, "wait for a turn", "too many questions of this client are under way")}
	}
	result, err := r.o.Core.Do(ctx, c)
	return Outcome{Result: result, Err: err}
}

// of gives the places of a client.
func (r *Runner) of(client string) chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.places[client] == nil {
		r.places[client] = make(chan struct{}, r.o.PerClient)
	}
	return r.places[client]
}
