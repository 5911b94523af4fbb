package exchange_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/exchange"
	"github.com/kopir-kz/kopir/mocks/faults"
)

func TestMetrics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reg := prometheus.NewPedanticRegistry()
		g := start(t, func(s *setup) {
			s.options.Observer = exchange.NewMetrics(reg)
			s.profile.Breaker.MinCalls = 100
		})
		for _, step := range []struct {
			fault string
			call  exchange.Call
		}{
			{"", call()},
			{"registry-not-found", call()},
			{"transport-503", call()},
			{"signature-wrong-digest", call()},
			{"signature-wrong-system", call()},
			{"", call(func(c *exchange.Call) { c.Purpose = gateway.Purpose{} })},
		} {
			if step.fault != "" {
				if err := g.world.Arm(faults.Arming{Fault: step.fault}); err != nil {
					t.Fatal(err)
				}
			}
			_, _ = g.Do(t.Context(), step.call) // the metrics tell
			g.world.Clear("")
		}
		want := `kopir_request_duration_seconds{leg=backoff,operation=person.search,registry=GBDFL} 5
kopir_request_duration_seconds{leg=network,operation=person.search,registry=GBDFL} 5
kopir_request_duration_seconds{leg=queue,operation=person.search,registry=GBDFL} 5
kopir_request_duration_seconds{leg=sign,operation=person.search,registry=GBDFL} 5
kopir_request_duration_seconds{leg=total,operation=person.search,registry=GBDFL} 6
kopir_request_duration_seconds{leg=verify,operation=person.search,registry=GBDFL} 5
kopir_requests_in_flight{operation=person.search,registry=GBDFL} 0
kopir_requests_total{operation=person.search,outcome=found,registry=GBDFL} 1
kopir_requests_total{operation=person.search,outcome=invalid-request,registry=GBDFL} 1
kopir_requests_total{operation=person.search,outcome=not_found,registry=GBDFL} 1
kopir_requests_total{operation=person.search,outcome=shep-unavailable,registry=GBDFL} 1
kopir_requests_total{operation=person.search,outcome=signature-invalid,registry=GBDFL} 1
kopir_requests_total{operation=person.search,outcome=signer-untrusted,registry=GBDFL} 1
kopir_retries_total{operation=person.search,registry=GBDFL} 2
kopir_signature_failures_total{kind=signature-invalid,operation=person.search,registry=GBDFL} 1
kopir_signature_failures_total{kind=signer-untrusted,operation=person.search,registry=GBDFL} 1
`
		if d := cmp.Diff(want, gathered(t, reg)); d != "" {
			t.Error(d)
		}
	})
}

// TestWatch: every unknown code counts, under its list, and passes unchanged.
func TestWatch(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewPedanticRegistry()
	codes := exchange.NewMetrics(reg).Watch(onlyOne{})
	for _, tt := range []struct {
		list, code string
		known      bool
	}{
		{"act_kind", "1", true}, {"act_kind", "2", false}, {"act_kind", "СЫНАҚОВА", false}, {"country", "1", false},
	} {
		texts, known := codes.Lookup(tt.list, tt.code)
		if known != tt.known || (texts.EN == "One") != tt.known {
			t.Errorf("%s %s: %+v, %v", tt.list, tt.code, texts, known)
		}
	}
	if d := cmp.Diff("kopir_codes_unknown_total{list=act_kind} 2\nkopir_codes_unknown_total{list=country} 1\n", gathered(t, reg)); d != "" {
		t.Error(d)
	}
}

// onlyOne knows one code of one list.
type onlyOne struct{}

func (onlyOne) Lookup(list, code string) (gateway.Texts, bool) {
	if list == "act_kind" && code == "1" {
		return gateway.Texts{KK: "Бір", RU: "Один", EN: "One"}, true
	}
	return gateway.Texts{}, false
}

// gathered writes every sample with its count or value on a line.
func gathered(t *testing.T, reg prometheus.Gatherer) string {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, f := range families {
		for _, m := range f.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetName()+"="+l.GetValue())
			}
			value := m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
			fmt.Fprintf(&b, "%s{%s} %g\n", f.GetName(), strings.Join(labels, ","), value)
		}
	}
	return b.String()
}
