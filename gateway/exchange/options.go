package exchange

import (
	"github.com/kopir-kz/kopir/gateway/shep"
	"github.com/kopir-kz/kopir/gateway/transport"
)

// TransportOptions are the settings of the transport that a service profile
// decides. What the whole gateway has in common (TLS, addresses, the bulkhead
// of a registry) is for the caller to add.
func TransportOptions(p *shep.Profile) transport.Options {
	return transport.Options{
		Name:           p.ID,
		Timeout:        p.Timeout.Std(),
		AttemptTimeout: p.AttemptTimeout.Std(),
		MaxAttempts:    p.MaxAttempts,
		RetryAfterCap:  p.RetryAfterCap.Std(),
		MaxConcurrent:  p.MaxConcurrent,
		QueueTimeout:   p.QueueTimeout.Std(),
		MaxAnswerBytes: p.MaxAnswerBytes,
		Breaker: transport.BreakerOptions{
			Window:       p.Breaker.Window.Std(),
			MinCalls:     p.Breaker.MinCalls,
			FailureRatio: p.Breaker.FailureRatio,
			OpenFor:      p.Breaker.OpenFor.Std(),
			OpenMax:      p.Breaker.OpenMax.Std(),
			Probes:       p.Breaker.Probes,
		},
	}
}
