package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway/api/internal/rest"
)

// noRoute stands for every path that is not of the contract.
const noRoute = "none"

// metrics of the API. Every label has a closed set of values and every series
// exists from the start, so that a rate over the first failure is right.
type metrics struct {
	handler  http.Handler
	requests *prometheus.CounterVec   // by route and class of the status
	duration *prometheus.HistogramVec // by route
	problems *prometheus.CounterVec   // by id of the catalogue
	inFlight prometheus.Gauge
}

// metricRoutes are the values of the label route.
func metricRoutes() []string {
	routes := []string{noRoute, "/livez", "/readyz", "/metrics", "/openapi.yaml", "/docs", "/docs/:asset", "/problems/:id"}
	for _, r := range rest.Routes() {
		routes = append(routes, r.Path)
	}
	return routes
}

func newMetrics(reg *prometheus.Registry, catalogue *contracts.Catalogue) (*metrics, error) {
	m := &metrics{
		handler: promhttp.HandlerFor(reg, promhttp.HandlerOpts{}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kopir_http_requests_total",
			Help: "HTTP requests by route of the contract and class of the status.",
		}, []string{"route", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "kopir_http_request_duration_seconds",
			Help:    "Time from the head of a request to the end of its answer.",
			Buckets: []float64{0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60},
		}, []string{"route"}),
		problems: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kopir_http_problems_total",
			Help: "Problem documents given out, by their code.",
		}, []string{"code"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "kopir_http_requests_in_flight",
			Help: "HTTP requests being answered now.",
		}),
	}
	for _, c := range []prometheus.Collector{m.requests, m.duration, m.problems, m.inFlight} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	for _, route := range metricRoutes() {
		m.duration.WithLabelValues(route)
		for class := 2; class <= 5; class++ {
			m.requests.WithLabelValues(route, strconv.Itoa(class)+"xx")
		}
	}
	for _, p := range catalogue.Problems {
		m.problems.WithLabelValues(p.ID)
	}
	return m, nil
}

// count takes an ended request in; problem is "" for one that did not fail.
func (m *metrics) count(route string, status int, took time.Duration, problem string) {
	m.requests.WithLabelValues(route, strconv.Itoa(status/100)+"xx").Inc()
	m.duration.WithLabelValues(route).Observe(max(took.Seconds(), 0))
	m.problem(problem)
}

// problem counts a problem document; "" for none.
func (m *metrics) problem(id string) {
	if id != "" {
		m.problems.WithLabelValues(id).Inc()
	}
}
