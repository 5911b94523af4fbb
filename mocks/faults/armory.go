package faults

import (
	"fmt"
	"sync"
	"time"

	"github.com/kopir-kz/kopir/mocks/shep"
)

// Arming says which fault strikes where and how often.
type Arming struct {
	Fault   string        `json:"fault"`             // id in the catalogue
	Service string        `json:"service,omitempty"` // serviceId; "" means every service
	Times   int           `json:"times,omitempty"`   // strikes that many calls; 0 means until cleared
	Delay   time.Duration `json:"-"`                 // before the answer, on top of the fault's own
}

// Armed is an arming with the number of calls it has struck. One that has
// struck all its calls stays listed and does nothing.
type Armed struct {
	Arming
	Hits int `json:"hits"`
}

// Armory holds the armed faults of one end point. The zero value is empty and
// ready. It is safe for concurrent use.
type Armory struct {
	mu    sync.Mutex
	armed []*loaded
}

type loaded struct {
	Armed
	stages shep.Stages
}

// Arm makes a fault strike. Arming the same fault for the same service again
// replaces the earlier arming and counts from zero. The error names an id that
// is not in the catalogue.
func (a *Armory) Arm(what Arming) error {
	f, ok := Find(what.Fault)
	if !ok {
		return fmt.Errorf("no fault %q in the catalogue", what.Fault)
	}
	if what.Times < 0 || what.Delay < 0 {
		return fmt.Errorf("fault %q: times and delay are not negative", what.Fault)
	}
	f.Stages.Delay += what.Delay
	a.mu.Lock()
	defer a.mu.Unlock()
	a.clear(func(l *loaded) bool { return l.Fault == what.Fault && l.Service == what.Service })
	a.armed = append(a.armed, &loaded{Armed{Arming: what}, f.Stages})
	return nil
}

// Clear disarms a fault on all services; the id "" disarms everything.
func (a *Armory) Clear(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.clear(func(l *loaded) bool { return id == "" || l.Fault == id })
}

func (a *Armory) clear(drop func(*loaded) bool) {
	var kept []*loaded
	for _, l := range a.armed {
		if !drop(l) {
			kept = append(kept, l)
		}
	}
	a.armed = kept
}

// Take counts one call on a service and gives the stages that strike it, in
// the order of arming.
func (a *Armory) Take(service string) []shep.Stages {
	a.mu.Lock()
	defer a.mu.Unlock()
	var striking []shep.Stages
	for _, l := range a.armed {
		if l.Service != "" && l.Service != service || l.Times > 0 && l.Hits >= l.Times {
			continue
		}
		l.Hits++
		striking = append(striking, l.stages)
	}
	return striking
}

// List gives what is armed, in the order of arming.
func (a *Armory) List() []Armed {
	a.mu.Lock()
	defer a.mu.Unlock()
	list := make([]Armed, 0, len(a.armed))
	for _, l := range a.armed {
		list = append(list, l.Armed)
	}
	return list
}
