package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// client asks the question.
type client struct {
	http     http.Client
	url      string
	question Question
}

// mostWaiting bounds the open loop: a gateway that has fallen so far behind is
// not at half load.
const mostWaiting = 256

func newClient(base string, q Question) *client {
	return &client{
		http:     http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: mostWaiting}, Timeout: time.Minute},
		url:      base + q.Path,
		question: q,
	}
}

// ask asks once. An answer that is not the expected one is an error: figures
// of refusals would be figures of something else.
func (c *client) ask(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(c.question.Body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.question.Key)
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK || !bytes.Contains(body, c.question.Want) {
		return fmt.Errorf("the gateway answers %d, and not as expected", resp.StatusCode)
	}
	return nil
}

// closed lets callers ask without pause for a while and returns how long every
// call took. The first failure ends it.
func (c *client) closed(ctx context.Context, callers int, d time.Duration) ([]time.Duration, error) {
	end := time.Now().Add(d)
	var mu sync.Mutex
	var all []time.Duration
	var failed error
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			var mine []time.Duration
			var err error
			for now := time.Now(); err == nil && (now.Before(end) || len(mine) == 0); {
				began := now
				err = c.ask(ctx)
				now = time.Now()
				mine = append(mine, now.Sub(began))
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, mine...)
			failed = errors.Join(failed, err)
		})
	}
	wg.Wait()
	return all, failed
}

// open asks at a fixed rate for a while, never waiting for an answer before the
// next question.
func (c *client) open(ctx context.Context, rate float64, d time.Duration) error {
	failed := make(chan error, 1)
	places := make(chan struct{}, mostWaiting)
	var wg sync.WaitGroup
	defer wg.Wait()
	interval := time.Duration(float64(time.Second) / rate)
	began := time.Now()
	for next := time.Duration(0); next < d; next += interval {
		if err := rest(ctx, next-time.Since(began)); err != nil {
			return err
		}
		select {
		case err := <-failed:
			return err
		case places <- struct{}{}:
		default:
			return fmt.Errorf("the gateway does not keep up with %.0f questions a second", rate)
		}
		wg.Go(func() {
			if err := c.ask(ctx); err != nil {
				select {
				case failed <- err:
				default:
				}
			}
			<-places
		})
	}
	wg.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}
