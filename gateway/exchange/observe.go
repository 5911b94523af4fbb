package exchange

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/transport"
)

// Observer is told of every request; Metrics is one. It runs in the path of the
// request and must be quick and safe for concurrent use.
type Observer interface {
	Began(registry, operation string)
	Ended(o Observation)
}

// Observation is one request that has ended.
type Observation struct {
	Registry, Operation string
	Outcome             string           // "found", "not_found" or a fault.Kind
	Report              transport.Report // zero if it never came so far
	Took                time.Duration    // the whole request
}

type nobody struct{}

func (nobody) Began(string, string) {}
func (nobody) Ended(Observation)    {}

// Metrics counts requests for Prometheus. Labels are names of the settings and
// closed lists, never anything a client or a peer could choose.
type Metrics struct {
	requests   *prometheus.CounterVec
	duration   *prometheus.HistogramVec
	inFlight   *prometheus.GaugeVec
	retries    *prometheus.CounterVec
	signatures *prometheus.CounterVec
	codes      *prometheus.CounterVec
}

// NewMetrics registers the metrics:
//
//	kopir_requests_total{registry,operation,outcome}
//	kopir_request_duration_seconds{registry,operation,leg}
//	kopir_requests_in_flight{registry,operation}
//	kopir_retries_total{registry,operation}
//	kopir_signature_failures_total{registry,operation,kind}
//	kopir_codes_unknown_total{list}
//
// leg is total, queue, sign, network, verify or backoff; outcome is found,
// not_found or the id of a problem; kind is a problem that a signature led to;
// list is a code list of contracts/codes, or the name that an adapter has for a
// dictionary of which there is no list.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	make := promauto.With(reg)
	service := []string{"registry", "operation"}
	return &Metrics{
		requests: make.NewCounterVec(prometheus.CounterOpts{
			Name: "kopir_requests_total", Help: "Requests by how they ended.",
		}, append(service, "outcome")),
		duration: make.NewHistogramVec(prometheus.HistogramOpts{
			Name: "kopir_request_duration_seconds", Help: "Time a request took, as a whole and by leg.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, append(service, "leg")),
		inFlight: make.NewGaugeVec(prometheus.GaugeOpts{
			Name: "kopir_requests_in_flight", Help: "Requests under way.",
		}, service),
		retries: make.NewCounterVec(prometheus.CounterOpts{
			Name: "kopir_retries_total", Help: "Messages sent beyond the first of a request.",
		}, service),
		signatures: make.NewCounterVec(prometheus.CounterOpts{
			Name: "kopir_signature_failures_total", Help: "Answers refused for want of a signature that holds.",
		}, append(service, "kind")),
		codes: make.NewCounterVec(prometheus.CounterOpts{
			Name: "kopir_codes_unknown_total", Help: "Codes in answers that are on no list; the facts keep them and mark them.",
		}, []string{"list"}),
	}
}

// Began counts a request under way.
func (m *Metrics) Began(registry, operation string) {
	m.inFlight.WithLabelValues(registry, operation).Inc()
}

// Ended counts a request that has ended.
func (m *Metrics) Ended(o Observation) {
	m.inFlight.WithLabelValues(o.Registry, o.Operation).Dec()
	m.requests.WithLabelValues(o.Registry, o.Operation, o.Outcome).Inc()
	m.leg(o, "total", o.Took)
	if o.Report.Attempts > 0 {
		m.leg(o, "queue", o.Report.Queue)
		m.leg(o, "sign", o.Report.Sign)
		m.leg(o, "network", o.Report.Network)
		m.leg(o, "verify", o.Report.Verify)
		m.leg(o, "backoff", o.Report.Backoff)
		m.retries.WithLabelValues(o.Registry, o.Operation).Add(float64(o.Report.Attempts - 1))
	}
	switch fault.Kind(o.Outcome) {
	case fault.NotSigned, fault.SignatureInvalid, fault.SignerUntrusted:
		m.signatures.WithLabelValues(o.Registry, o.Operation, o.Outcome).Inc()
	}
}

// Watch counts the codes that c does not know. Adapters look every code of an
// answer up, so that no unknown one passes in silence.
func (m *Metrics) Watch(c gateway.Codes) gateway.Codes { return watched{c, m.codes} }

type watched struct {
	codes   gateway.Codes
	unknown *prometheus.CounterVec
}

func (w watched) Lookup(list, code string) (gateway.Texts, bool) {
	texts, known := w.codes.Lookup(list, code)
	if !known {
		w.unknown.WithLabelValues(list).Inc()
	}
	return texts, known
}

func (m *Metrics) leg(o Observation, leg string, d time.Duration) {
	m.duration.WithLabelValues(o.Registry, o.Operation, leg).Observe(d.Seconds())
}
