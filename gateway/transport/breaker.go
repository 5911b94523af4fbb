package transport

import (
	"errors"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/kopir-kz/kopir/gateway/fault"
)

// breaker is gobreaker's local circuit breaker with Judge as its bookkeeper and
// a growing open time. gobreaker's own open time is fixed at construction, so
// it is set to the shortest one and a gate in front keeps callers out for
// longer after every failed probe.
//
// A probe cannot hang: every call runs under the deadline of Client.Do.
type breaker struct {
	cb      *gobreaker.CircuitBreaker[struct{}]
	o       BreakerOptions
	rand    func() float64
	gate    *pause
	reopens int // failed probes in a row; guarded by the lock of cb
	tell    func(from, to string)
}

func newBreaker(o *Options) *breaker {
	b := &breaker{o: o.Breaker, rand: o.Rand, gate: newPause(), tell: func(string, string) {}}
	if o.Observer.Breaker != nil {
		b.tell = func(from, to string) { o.Observer.Breaker(o.Name, from, to) }
	}
	b.cb = gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
		Name:          o.Name,
		MaxRequests:   uint32(o.Breaker.Probes),
		Interval:      o.Breaker.Window,
		BucketPeriod:  o.Breaker.Window / bucketsPerWindow,
		Timeout:       o.Breaker.OpenFor,
		ReadyToTrip:   b.readyToTrip,
		OnStateChange: b.changed,
		IsSuccessful:  func(err error) bool { return Judge(err).Count == Success },
		IsExcluded:    func(err error) bool { return Judge(err).Count == Excluded },
	})
	return b
}

// readyToTrip wants a ratio and a volume: one failure of one call at night is
// not an outage.
func (b *breaker) readyToTrip(c gobreaker.Counts) bool {
	ended := c.TotalSuccesses + c.TotalFailures
	return ended >= uint32(b.o.MinCalls) && float64(c.TotalFailures) >= b.o.FailureRatio*float64(ended)
}

// changed runs under the lock of cb.
func (b *breaker) changed(_ string, from, to gobreaker.State) {
	switch {
	case to == gobreaker.StateClosed:
		b.reopens = 0
	case to == gobreaker.StateOpen && from == gobreaker.StateHalfOpen:
		b.reopens++
	}
	if to == gobreaker.StateOpen {
		b.gate.set(b.openTime())
	}
	b.tell(from.String(), to.String())
}

// openTime doubles with every failed probe and adds up to a fifth, so that
// several gateways do not probe a recovering registry in step.
func (b *breaker) openTime() time.Duration {
	d := b.o.OpenFor
	for range b.reopens {
		if d *= 2; d >= b.o.OpenMax {
			d = b.o.OpenMax
			break
		}
	}
	return d + time.Duration(b.rand()*float64(d)/5)
}

// do runs f unless the breaker is open.
func (b *breaker) do(f func() error) error {
	if left := b.gate.left(); left > 0 {
		return circuitOpen(left)
	}
	_, err := b.cb.Execute(func() (struct{}, error) { return struct{}{}, f() })
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		return circuitOpen(max(b.gate.left(), time.Second))
	}
	return err
}

func (b *breaker) state() string {
	if b.gate.left() > 0 {
		return gobreaker.StateOpen.String()
	}
	return b.cb.State().String()
}

func circuitOpen(left time.Duration) error {
	return &fault.Error{
		Kind: fault.ShepUnavailable, Op: "send",
		Detail: "the registry failed repeatedly and is given a rest", RetryAfter: left, Err: CircuitOpen,
	}
}
