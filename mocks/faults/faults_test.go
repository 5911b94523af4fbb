package faults

import (
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/ident"
)

func TestCatalogueIsInOrder(t *testing.T) {
	t.Parallel()
	id := regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)+$`)
	groups := []Group{Signature, Message, Transport, Payload, Registry, Timing}
	seen, last := map[string]bool{}, 0
	for _, f := range Faults() {
		if !id.MatchString(f.ID) || seen[f.ID] {
			t.Errorf("id %q is malformed or stands twice", f.ID)
		}
		seen[f.ID] = true
		if n := len([]rune(f.Doc)); n < 10 || n > 140 {
			t.Errorf("%s: the documentation line has %d characters", f.ID, n)
		}
		at := slices.Index(groups, f.Group)
		if at < last {
			t.Errorf("%s: group %q is out of order", f.ID, f.Group)
		}
		last = at
		s := f.Stages
		if s.Delay == 0 && s.Message == nil && s.Sign == nil && s.Signed == nil && s.Respond == nil {
			t.Errorf("%s has no implementation", f.ID)
		}
		if found, ok := Find(f.ID); !ok || found.Doc != f.Doc {
			t.Errorf("%s is not found", f.ID)
		}
	}
	if _, ok := Find("signature"); ok {
		t.Error("found what is not there")
	}
}

func TestNumbersOfNobody(t *testing.T) {
	t.Parallel()
	for _, iin := range []string{LeakIIN, StrangerIIN} {
		if _, err := ident.ParseIIN(iin, ident.Mock); err != nil {
			t.Error(err)
		}
	}
}

func TestArmory(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		armed []Arming
		calls []string // services, in order
		want  []int    // faults that strike each call
		hits  []int    // of each arming afterwards
	}{
		{"nothing armed", nil, []string{"a"}, []int{0}, nil},
		{"until cleared", []Arming{{Fault: "message-html"}}, []string{"a", "b", "a"}, []int{1, 1, 1}, []int{3}},
		{"first two calls", []Arming{{Fault: "message-html", Times: 2}}, []string{"a", "b", "a"}, []int{1, 1, 0}, []int{2}},
		{"one service", []Arming{{Fault: "message-html", Service: "a", Times: 1}}, []string{"b", "a", "a"}, []int{0, 1, 0}, []int{1}},
		{"two at once", []Arming{{Fault: "message-html"}, {Fault: "timing-delay", Times: 1}}, []string{"a", "a"}, []int{2, 1}, []int{2, 1}},
		{"armed again", []Arming{{Fault: "message-html"}, {Fault: "message-html", Times: 1}}, []string{"a", "a"}, []int{1, 0}, []int{1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var a Armory
			for _, what := range tt.armed {
				if err := a.Arm(what); err != nil {
					t.Fatal(err)
				}
			}
			for i, service := range tt.calls {
				if got := len(a.Take(service)); got != tt.want[i] {
					t.Errorf("call %d: %d faults, want %d", i, got, tt.want[i])
				}
			}
			var hits []int
			for _, armed := range a.List() {
				hits = append(hits, armed.Hits)
			}
			if !slices.Equal(hits, tt.hits) {
				t.Errorf("hits %v, want %v", hits, tt.hits)
			}
		})
	}
}

func TestArmoryClears(t *testing.T) {
	t.Parallel()
	var a Armory
	for _, what := range []Arming{{Fault: "message-html"}, {Fault: "message-html", Service: "a"}, {Fault: "message-json"}} {
		if err := a.Arm(what); err != nil {
			t.Fatal(err)
		}
	}
	if a.Clear("message-html"); len(a.List()) != 1 || a.List()[0].Fault != "message-json" {
		t.Errorf("left: %v", a.List())
	}
	if a.Clear(""); len(a.List()) != 0 || len(a.Take("a")) != 0 {
		t.Errorf("left: %v", a.List())
	}
}

func TestArmoryRefuses(t *testing.T) {
	t.Parallel()
	var a Armory
	for _, what := range []Arming{{Fault: "nonsense"}, {Fault: "message-html", Times: -1}, {Fault: "message-html", Delay: -time.Second}} {
		if a.Arm(what) == nil {
			t.Errorf("armed %+v", what)
		}
	}
}

// TestArmoryCountsEveryCall: under load, a fault armed for n calls strikes n.
func TestArmoryCountsEveryCall(t *testing.T) {
	t.Parallel()
	var a Armory
	if err := a.Arm(Arming{Fault: "message-html", Times: 50, Delay: time.Second}); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	struck := 0
	for range 8 {
		wg.Go(func() {
			for range 20 {
				for _, s := range a.Take("a") {
					mu.Lock()
					struck++
					mu.Unlock()
					if s.Delay != time.Second {
						t.Error("the delay of the arming is lost")
					}
				}
			}
		})
	}
	wg.Wait()
	if struck != 50 {
		t.Errorf("struck %d calls", struck)
	}
}
