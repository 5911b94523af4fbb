package transport

import (
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"time"
)

// Options are the settings of a Client. A zero field takes the default named
// beside it.
type Options struct {
	Name string // registry.operation, for metrics and the breaker

	Timeout        time.Duration // the whole call, queue included; 30s
	AttemptTimeout time.Duration // one attempt, at most Timeout; 10s or Timeout
	MaxAttempts    int           // 1 to 10; 3
	BackoffBase    time.Duration // wait before the second attempt, doubled for each further one; 200ms
	BackoffMax     time.Duration // longest such wait; 5s
	RetryAfterCap  time.Duration // longest wait a peer may ask for; 10s

	MaxConcurrent int           // calls at a time, also the size of the connection pool; 32
	QueueTimeout  time.Duration // longest wait for a place; 1s
	// Bulkhead is shared by the operations of one registry. Without it the
	// Client makes its own of MaxConcurrent places.
	Bulkhead *Bulkhead

	MaxAnswerBytes      int64 // longest answer body; 4 MiB
	MaxAnswerHeadBytes  int64 // longest answer head; 64 KiB
	DialTimeout         time.Duration
	TLSHandshakeTimeout time.Duration // both 5s

	Breaker BreakerOptions

	// TLS holds roots and client certificates. The version is at least 1.2, and
	// switching verification off is refused.
	TLS *tls.Config
	// AllowAddr decides on every address before it is dialled, after name
	// resolution, so that a name cannot be turned against us later. The default
	// is Routable.
	AllowAddr func(netip.Addr) bool
	// Base replaces the network: mocks and tests. TLS, AllowAddr and the dialling
	// settings have no effect then.
	Base http.RoundTripper
	// Rand gives numbers in [0,1) for jitter; math/rand/v2.
	Rand func() float64

	Observer Observer
}

// BreakerOptions say when a registry is given a rest. The breaker opens when,
// within the rolling Window, at least MinCalls calls ended and FailureRatio of
// them failed. It stays open for OpenFor, doubled (with jitter) each time a
// probe fails, up to OpenMax.
type BreakerOptions struct {
	Window       time.Duration // 60s, in ten buckets
	MinCalls     int           // 10
	FailureRatio float64       // 0.5
	OpenFor      time.Duration // 10s
	OpenMax      time.Duration // 2m
	Probes       int           // successes in a row that close it again, and probes at a time; 1 to 3; 1
}

// Observer is told what happened; nil fields are skipped. The functions run in
// the path of the call, so they must be quick. Breaker runs under the breaker's
// lock and must not call the Client.
type Observer struct {
	Done    func(name string, r Report, err error)
	Breaker func(name, from, to string)
}

const bucketsPerWindow = 10

// complete fills in defaults and refuses what cannot work.
func (o *Options) complete() error {
	fill(&o.Timeout, 30*time.Second)
	fill(&o.AttemptTimeout, min(10*time.Second, o.Timeout))
	fill(&o.MaxAttempts, 3)
	fill(&o.BackoffBase, 200*time.Millisecond)
	fill(&o.BackoffMax, 5*time.Second)
	fill(&o.RetryAfterCap, 10*time.Second)
	fill(&o.MaxConcurrent, 32)
	fill(&o.QueueTimeout, time.Second)
	fill(&o.MaxAnswerBytes, 4<<20)
	fill(&o.MaxAnswerHeadBytes, 64<<10)
	fill(&o.DialTimeout, 5*time.Second)
	fill(&o.TLSHandshakeTimeout, 5*time.Second)
	fill(&o.Breaker.Window, time.Minute)
	fill(&o.Breaker.MinCalls, 10)
	fill(&o.Breaker.FailureRatio, 0.5)
	fill(&o.Breaker.OpenFor, 10*time.Second)
	fill(&o.Breaker.OpenMax, 2*time.Minute)
	fill(&o.Breaker.Probes, 1)
	if o.AllowAddr == nil {
		o.AllowAddr = Routable
	}
	if o.Rand == nil {
		o.Rand = rand.Float64
	}
	if err := o.check(); err != nil {
		return err
	}
	if o.Bulkhead == nil {
		o.Bulkhead = NewBulkhead(o.MaxConcurrent)
	}
	return nil
}

func (o *Options) check() error {
	for _, rule := range []struct {
		broken bool
		text   string
	}{
		{o.Timeout < 0 || o.AttemptTimeout < 0 || o.QueueTimeout < 0, "a time-out is negative"},
		{o.AttemptTimeout > o.Timeout, "the attempt time-out exceeds the time-out"},
		{o.MaxAttempts < 1 || o.MaxAttempts > 10, "attempts must be 1 to 10"},
		{o.MaxConcurrent < 1, "at least one call at a time is needed"},
		{o.MaxAnswerBytes < 1, "the answer limit must be positive"},
		{o.Breaker.FailureRatio < 0 || o.Breaker.FailureRatio > 1, "the breaker's failure ratio must be within 0 and 1"},
		{o.Breaker.Probes < 1 || o.Breaker.Probes > 3, "the breaker's probes must be 1 to 3"},
		{o.Breaker.OpenMax < o.Breaker.OpenFor, "the breaker's longest open time is below its open time"},
		{o.TLS != nil && o.TLS.InsecureSkipVerify, "TLS verification cannot be switched off"},
	} {
		if rule.broken {
			return errors.New(rule.text)
		}
	}
	return nil
}

// fill sets a field that was left zero.
func fill[T comparable](field *T, def T) {
	var zero T
	if *field == zero {
		*field = def
	}
}
