package revocation

import (
	"context"
	"sync"
)

// flights lets many callers wait for one piece of work. The zero value is ready.
type flights struct {
	mu   sync.Mutex
	done map[string]chan struct{}
}

// do starts the work of that name unless it is under way, and waits for its end
// or that of ctx, whose error it returns. The work goes on without the caller,
// for the others and for the next one.
func (f *flights) do(ctx context.Context, name string, work func()) error {
	f.mu.Lock()
	done, under := f.done[name]
	if !under {
		done = make(chan struct{})
		if f.done == nil {
			f.done = map[string]chan struct{}{}
		}
		f.done[name] = done
		go func() {
			work()
			f.mu.Lock()
			delete(f.done, name)
			f.mu.Unlock()
			close(done)
		}()
	}
	f.mu.Unlock()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
