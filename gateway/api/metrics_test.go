package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/api"
	"github.com/kopir-kz/kopir/gateway/fault"
)

// TestMetrics: series exist from the start, count what happened, and are not
// multiplied by what strangers write.
func TestMetrics(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewRegistry()
	w := newWorld(t, answers(gateway.Persons(nil), nil), func(o *api.Options) { o.Metrics = reg })
	before := series(t, reg)
	text := w.get("/metrics").Body
	if problems, err := promlint.New(strings.NewReader(text)).Lint(); err != nil || len(problems) > 0 {
		t.Errorf("lint: %v %v", problems, err)
	}
	for _, want := range []string{
		`kopir_http_requests_total{route="/v1/persons/search",status="5xx"} 0`,
		`kopir_http_requests_total{route="none",status="4xx"} 0`,
		`kopir_http_request_duration_seconds_count{route="/v1/addresses/search"} 0`,
		`kopir_http_requests_in_flight 1`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no %s", want)
		}
	}
	for _, k := range fault.Kinds() {
		if !strings.Contains(text, fmt.Sprintf("kopir_http_problems_total{code=%q} 0\n", string(k))) {
			t.Errorf("no series for %s", k)
		}
	}

	w.post(personRoute, goodPerson)
	w.post(personRoute, "{")
	iin := synthetic(t, 1)
	for i := range 50 {
		w.get(fmt.Sprintf("/%s/%d", iin, i))
		r := w.newRequest(personRoute, "")
		r.Method = fmt.Sprintf("M%d", i)
		w.do(r)
	}
	text = w.get("/metrics").Body
	for _, want := range []string{
		`kopir_http_requests_total{route="/v1/persons/search",status="2xx"} 1`,
		`kopir_http_requests_total{route="/v1/persons/search",status="4xx"} 1`,
		`kopir_http_requests_total{route="none",status="4xx"} 100`,
		`kopir_http_problems_total{code="malformed-json"} 1`,
		`kopir_http_problems_total{code="no-such-route"} 50`,
		`kopir_http_problems_total{code="method-not-allowed"} 50`,
		`kopir_http_request_duration_seconds_count{route="/v1/persons/search"} 2`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no %s", want)
		}
	}
	absent(t, "/metrics", text, iin)
	if after := series(t, reg); after != before {
		t.Errorf("%d series became %d", before, after)
	}
}

func series(t *testing.T, reg *prometheus.Registry) int {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, f := range families {
		n += len(f.GetMetric())
	}
	return n
}

// TestMetricsAreRegisteredOnce: two APIs cannot share a registry by mistake.
func TestMetricsAreRegisteredOnce(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewRegistry()
	o := api.Options{Core: answers(gateway.Persons(nil), nil), Metrics: reg}
	if _, err := api.New(o); err != nil {
		t.Fatal(err)
	}
	if _, err := api.New(o); err == nil {
		t.Error("registered twice")
	}
}

// TestProbesAreQuiet: probes and scrapes do not fill the log, their failures do.
func TestProbesAreQuiet(t *testing.T) {
	t.Parallel()
	w := newWorld(t, untouched(t))
	w.get("/livez")
	if !strings.Contains(w.log.String(), `"level":"DEBUG"`) {
		t.Errorf("log %s", w.log.String())
	}
	r := w.newRequest("/livez", "")
	r.Method = http.MethodPost
	w.do(r)
	if !strings.Contains(w.log.String(), `"level":"INFO"`) {
		t.Errorf("log %s", w.log.String())
	}
}
