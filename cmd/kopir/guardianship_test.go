package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	domain "github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/mocks/faults"
	"github.com/kopir-kz/kopir/mocks/registries/guardianship"
	"github.com/kopir-kz/kopir/mocks/shep"
)

// post asks one of the routes of a gateway; into receives the answer, or the
// problem.
func post(t *testing.T, handler http.Handler, route, query string, into any) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, route, strings.NewReader(
		`{"purpose":{"service":"00601","case":"case-1","legal_basis":"test","official":"op-1"},"query":`+query+`}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+devKey)
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
}

// careReply is an answer about guardianships, or the code of a problem.
type careReply struct {
	domain.GuardianshipAnswer
	Status any    `json:"status"`
	Code   string `json:"code"`
}

const (
	guardianshipRoute = "/v1/guardianships/search"
	trusteeRoute      = "/v1/trustees/search"
)

func (s actStand) care(t *testing.T, route, iin, role string) (a careReply) {
	t.Helper()
	post(t, s.handler, route, fmt.Sprintf(`{"iin":%q,"role":%q}`, iin, role), &a)
	return a
}

// TestGuardianships asks both registers in both roles, through the gateway, the
// envelope and both signatures.
func TestGuardianships(t *testing.T) {
	t.Parallel()
	s := newActStand(t, "")
	for _, tt := range []struct {
		name, route, key, role string
		want                   []string // "kind guardian ward decision end"
	}{
		{"a ward", guardianshipRoute, "ward", "ward", []string{"unknown guardian ward 2019-10-01 "}},
		{"of a guardian", guardianshipRoute, "guardian", "guardian", []string{"unknown guardian ward 2019-10-01 "}},
		{"a ward of age", guardianshipRoute, "incapacitated", "ward", []string{"unknown adult incapacitated 2012-04-10 "}},
		{"one that has ended, and a host family", guardianshipRoute, "host-child", "ward", []string{
			"unknown host-mother host-child 2021-02-01 2022-03-01", "unknown host-mother host-child 2022-03-01 ", "unknown host-father host-child 2022-03-01 ",
		}},
		{"a guardian is no ward", guardianshipRoute, "guardian", "ward", nil},
		{"nobody", guardianshipRoute, "", "ward", nil},
		{"a ward", trusteeRoute, "ward", "ward", []string{"guardianship guardian ward 2019-10-01 "}},
		{"of a guardian", trusteeRoute, "guardian", "guardian", []string{"guardianship guardian ward 2019-10-01 "}},
		{"a host family is none", trusteeRoute, "host-child", "ward", []string{"guardianship host-mother host-child 2021-02-01 2022-03-01"}},
		{"of nobody", trusteeRoute, "host-father", "guardian", nil},
		{"nobody", trusteeRoute, "", "ward", nil},
	} {
		t.Run(tt.route+"/"+tt.name, func(t *testing.T) {
			t.Parallel()
			iin := s.world.People.NotFound()[0]
			if tt.key != "" {
				iin = s.world.People.ByKey(tt.key).IIN
			}
			a := s.care(t, tt.route, iin, tt.role)
			var got []string
			for _, g := range a.Guardianships {
				got = append(got, fmt.Sprintf("%s %s %s %s %s", g.Kind, s.keyOf(g.Guardian.IIN), s.keyOf(g.Ward.IIN), g.Decision.Date, g.EndDate))
				if g.Doubt != nil {
					t.Errorf("in doubt: %+v", g.Doubt)
				}
			}
			if status := map[bool]string{true: "found", false: "not_found"}[tt.want != nil]; a.Status != any(status) || !slices.Equal(got, tt.want) {
				t.Errorf("%v %s: %q, want %q", a.Status, a.Code, got, tt.want)
			}
			if n := len(a.Provenance.Signatures); n != 2 {
				t.Errorf("%d signature verdicts", n)
			}
		})
	}
}

// keyOf names the person of an IIN as the files of the population do.
func (s actStand) keyOf(iin string) string {
	for _, one := range s.world.People.People() {
		if one.IIN == iin {
			return one.Key
		}
	}
	return ""
}

// TestGuardianshipCarriers: the register's document is read in whatever form it is
// carried.
func TestGuardianshipCarriers(t *testing.T) {
	t.Parallel()
	for _, carrier := range []shep.Carrier{shep.Self, shep.Child, shep.String, shep.CDATA} {
		t.Run(string(carrier), func(t *testing.T) {
			t.Parallel()
			s := newActStand(t, carrier)
			for _, route := range []string{guardianshipRoute, trusteeRoute} {
				for _, key := range []string{"ward", "host-child"} { // one record, and several
					if a := s.care(t, route, s.world.People.ByKey(key).IIN, "ward"); a.Status != any("found") || len(a.Provenance.Signatures) != 2 {
						t.Errorf("%s: %v %s", route, a.Status, a.Code)
					}
				}
			}
		})
	}
}

// TestGuardianshipFaults: each way to say no comes out as its own problem. Those
// that the gateway asks again for are last: in a row they open its breaker.
func TestGuardianshipFaults(t *testing.T) {
	t.Parallel()
	s := newActStand(t, "")
	for route, service := range map[string]string{guardianshipRoute: guardianship.Service, trusteeRoute: guardianship.ServiceTrustee} {
		for _, tt := range []struct{ fault, want string }{ // status of an answer, or code of a problem
			{"registry-not-found", "not_found"},
			{"registry-not-found-code", "not_found"},
			{"registry-refused", "registry-refused"},
			{"registry-no-consent", "consent-refused"},
			{"payload-wrong-person", "answer-mismatch"},
			{"message-other-correlation-id", "answer-mismatch"},
			{"message-fault-client", "shep-refused"},
			{"message-html", "answer-unreadable"},
			{"signature-wrong-digest", "signature-invalid"},
			{"registry-internal-error", "registry-fault"},
			{"registry-maintenance", "registry-unavailable"},
			{"registry-overload", "registry-unavailable"},
			{"message-fault", "shep-fault"},
		} {
			t.Run(service+"/"+tt.fault, func(t *testing.T) { // one after the other: the fault strikes the service
				if err := s.world.Arm(faults.Arming{Fault: tt.fault, Service: service}); err != nil {
					t.Fatal(err)
				}
				defer s.world.Clear(tt.fault)
				a := s.care(t, route, s.world.People.ByKey("ward").IIN, "ward")
				if a.Code != tt.want && a.Status != any(tt.want) {
					t.Errorf("got %v %s, want %s", a.Status, a.Code, tt.want)
				}
			})
		}
	}
}
