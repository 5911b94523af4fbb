package transport

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// errFull: no place became free in time.
var errFull = errors.New("bulkhead full")

// Bulkhead bounds the calls under way to one registry, so that a slow registry
// cannot use up the gateway. Operations of the same registry share one.
type Bulkhead struct{ places chan struct{} }

// NewBulkhead makes a Bulkhead of so many places, at least one.
func NewBulkhead(places int) *Bulkhead {
	return &Bulkhead{places: make(chan struct{}, max(places, 1))}
}

// InUse counts the places taken.
func (b *Bulkhead) InUse() int { return len(b.places) }

// acquire takes a place, waiting at most wait. An ended ctx takes none.
func (b *Bulkhead) acquire(ctx context.Context, wait time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case b.places <- struct{}{}:
		return nil
	default:
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case b.places <- struct{}{}:
		return nil
	case <-t.C:
		return errFull
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (b *Bulkhead) release() { <-b.places }

// pause is the rest a peer asked for with 429: all calls of the Client keep it,
// not only the one that was told. Times count from start, hence on the
// monotonic clock.
type pause struct {
	start time.Time
	until atomic.Int64
}

func newPause() *pause { return &pause{start: time.Now()} }

// set makes the pause last at least d from now.
func (p *pause) set(d time.Duration) {
	end := int64(time.Since(p.start) + d)
	for {
		old := p.until.Load()
		if old >= end || p.until.CompareAndSwap(old, end) {
			return
		}
	}
}

// left tells how much of the pause remains, or a value ≤ 0.
func (p *pause) left() time.Duration {
	until := p.until.Load()
	if until == 0 { // the usual case, without reading the clock
		return 0
	}
	return time.Duration(until) - time.Since(p.start)
}
