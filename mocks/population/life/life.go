// Package life lets the lives of the population go on: births, deaths,
// marriages, moves, disabilities and accounts change while the world runs.
//
// An event says what happened; what follows from it is worked out here, so that
// the invariants of the population hold after every event: a death ends a
// marriage, a registration, documents and accounts, and leaves an act. An event
// that would break an invariant is refused and changes nothing.
//
// Registries learn of an event at once, or each after a lag of its own. They
// learn in order: what happened later is not known before what happened earlier.
// Every event can be undone, as long as those after it make sense without it.
package life

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// Event is something that happens to people: one of [Birth], [Death],
// [Marriage], [Move], [DisabilityGranted], [DisabilityExpired] and
// [AccountClosed].
type Event interface {
	// Kind is the name of the event in the management, e.g. "birth".
	Kind() string
	// apply changes the facts.
	apply(d *draft) error
}

// Refused is an event that can not happen, with the reason. The text holds keys,
// codes and rules, and no identifier of a person.
type Refused struct{ Err error }

// Error gives the reason.
func (r *Refused) Error() string { return "the event can not happen: " + r.Err.Error() }

// Unwrap gives the broken rules, if it was rules.
func (r *Refused) Unwrap() error { return r.Err }

// ErrNoEvent tells that no event has such a number.
var ErrNoEvent = errors.New("no such event")

// Happened is an event on record.
type Happened struct {
	ID    int       // from 1 on, never given twice
	At    time.Time // when it happened, by the clock of the world
	Event Event
	// Lags is how long after it each registry learns of it; one that is not
	// there learns at once.
	Lags map[fact.Registry]time.Duration
}

// step is an event with what it made of the population.
type step struct {
	Happened
	after *population.Population
}

// Store is a population in which lives go on. It is safe for concurrent use.
type Store struct {
	clock func() time.Time
	base  *population.Population

	mu    sync.RWMutex
	steps []step
	last  int // id
}

// New starts from a population. The clock is that of the world.
func New(base *population.Population, clock func() time.Time) *Store {
	return &Store{clock: clock, base: base}
}

// Now is the population after all events, whoever knows of them.
func (s *Store) Now() *population.Population {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.after(len(s.steps))
}

func (s *Store) after(steps int) *population.Population {
	if steps == 0 {
		return s.base
	}
	return s.steps[steps-1].after
}

// View is what a registry knows by now.
func (s *Store) View(r fact.Registry) *population.View {
	now := s.clock()
	s.mu.RLock()
	defer s.mu.RUnlock()
	known := 0
	for known < len(s.steps) {
		lag := s.steps[known].Lags[r]
		if lag > 0 && now.Before(s.steps[known].At.Add(lag)) {
			break
		}
		known++
	}
	return s.after(known).View(r)
}

// maxEvents is how many events a store keeps: each holds the population as it
// was after it.
const maxEvents = 500

// Happen lets an event happen now. The error is a *Refused.
func (s *Store) Happen(e Event, lags map[fact.Registry]time.Duration) (Happened, error) {
	for _, lag := range lags {
		if lag < 0 {
			return Happened{}, &Refused{errors.New("a lag is not negative")}
		}
	}
	now := s.clock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.steps) >= maxEvents {
		return Happened{}, &Refused{fmt.Errorf("%d events have happened; undo some", maxEvents)}
	}
	h := Happened{ID: s.last + 1, At: now, Event: e, Lags: lags}
	after, err := happen(s.after(len(s.steps)), h)
	if err != nil {
		return Happened{}, err
	}
	s.last = h.ID
	s.steps = append(s.steps, step{h, after})
	return h, nil
}

func happen(before *population.Population, h Happened) (*population.Population, error) {
	d := &draft{before.Draft(), fact.Day(h.At), h.ID}
	if err := h.Event.apply(d); err != nil {
		return nil, &Refused{err}
	}
	after, err := d.Done()
	if err != nil {
		return nil, &Refused{err}
	}
	return after, nil
}

// Events lists what happened, in order.
func (s *Store) Events() []Happened {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := make([]Happened, 0, len(s.steps))
	for _, step := range s.steps {
		all = append(all, step.Happened)
	}
	return all
}

// Undo makes an event not have happened. The error is ErrNoEvent, or a *Refused
// where a later event needs this one; then nothing changes.
func (s *Store) Undo(id int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var kept []step
	for _, old := range s.steps {
		if old.ID == id {
			continue
		}
		before := s.base
		if len(kept) > 0 {
			before = kept[len(kept)-1].after
		}
		after, err := happen(before, old.Happened)
		if err != nil {
			return fmt.Errorf("event %d needs it: %w", old.ID, err)
		}
		kept = append(kept, step{old.Happened, after})
	}
	if len(kept) == len(s.steps) {
		return ErrNoEvent
	}
	s.steps = kept
	return nil
}

// Clear undoes everything.
func (s *Store) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.steps = nil
}

// People lists everybody but the generated people, as of now.
func (s *Store) People() []*fact.Person { return s.Now().People() }

// ByKey finds a person by its key, as of now; nil if there is none.
func (s *Store) ByKey(key string) *fact.Person { return s.Now().ByKey(key) }

// ByIIN finds a person by the present IIN, as of now; nil if there is none.
func (s *Store) ByIIN(iin string) *fact.Person { return s.Now().ByIIN(iin) }

// NotFound lists right IINs that belong to nobody.
func (s *Store) NotFound() []string { return s.Now().NotFound() }
