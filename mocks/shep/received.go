package shep

import (
	"slices"
	"strings"
	"time"
)

// Received is what is known of one message. It holds ids and verdicts, never
// the payload.
type Received struct {
	At            time.Time `json:"at"`
	Service       string    `json:"service"`
	MessageID     string    `json:"message_id"`
	CorrelationID string    `json:"correlation_id"`
	Sender        string    `json:"sender"`
	Verdicts      []Verdict `json:"verdicts"` // in the order of the checks; a check that was not reached is absent
	Status        int       `json:"status"`   // HTTP status of the answer
}

// Verdict is the outcome of one check.
type Verdict struct {
	Check    Check  `json:"check"`
	Passed   bool   `json:"passed"`
	Expected string `json:"expected,omitempty"`
	Got      string `json:"got,omitempty"`
}

// Accepted tells whether every check was reached and passed.
func (r Received) Accepted() bool {
	return len(r.Verdicts) > 0 && r.Verdicts[len(r.Verdicts)-1].Check == CheckPayload && r.failed() == "none"
}

func (r Received) failed() string {
	var failed []string
	for _, v := range r.Verdicts {
		if !v.Passed {
			failed = append(failed, string(v.Check))
		}
	}
	if failed == nil {
		return "none"
	}
	return strings.Join(failed, ", ")
}

func (r *Received) question(q Question, sender string) {
	r.Service, r.MessageID, r.CorrelationID, r.Sender = short(q.ServiceID), short(q.MessageID), short(q.CorrelationID), short(sender)
}

// short bounds what a stranger may put into the list.
func short(s string) string {
	if len(s) > 100 {
		return strings.ToValidUTF8(s[:100], "") + "…"
	}
	return s
}

func verdict(c Check, failed *Refusal) Verdict {
	if failed == nil {
		return Verdict{Check: c, Passed: true}
	}
	return Verdict{Check: c, Expected: failed.Expected, Got: failed.Got}
}

func (s *Server) remember(r *Received) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if drop := len(s.received) + 1 - s.o.Keep; drop > 0 {
		s.received = slices.Delete(s.received, 0, drop)
	}
	s.received = append(s.received, r)
}

// Received lists the latest messages, oldest first.
func (s *Server) Received() []Received {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Received, 0, len(s.received))
	for _, r := range s.received {
		one := *r
		one.Verdicts = slices.Clone(r.Verdicts)
		all = append(all, one)
	}
	return all
}

// Forget empties the list of received messages and the memory of their ids.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.received = nil
	s.seen = ids{}
	clear(s.last)
}
