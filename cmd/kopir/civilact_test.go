package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	domain "github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/config"
	"github.com/kopir-kz/kopir/mocks"
	"github.com/kopir-kz/kopir/mocks/faults"
	"github.com/kopir-kz/kopir/mocks/pki"
	"github.com/kopir-kz/kopir/mocks/population/fact"
	"github.com/kopir-kz/kopir/mocks/population/life"
	"github.com/kopir-kz/kopir/mocks/registries/civilregistry"
	"github.com/kopir-kz/kopir/mocks/shep"
)

// actStand is a gateway over a mock world that is asked about civil acts.
type actStand struct {
	world   *mocks.World
	handler http.Handler
}

func newActStand(t *testing.T, carrier shep.Carrier) actStand {
	t.Helper()
	st, err := newStand(t.TempDir(), "127.0.0.1:0", "127.0.0.1:0", config.Log{Level: "error", Format: "json"}, mocks.Options{Suite: pki.ECDSA, Carrier: carrier})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.world.Close() })
	g, err := assemble(t.Context(), st.cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return actStand{st.world, g.handler}
}

// actReply is an answer, or the code of a problem.
type actReply struct {
	domain.CivilActAnswer
	Status any    `json:"status"`
	Code   string `json:"code"`
}

func (s actStand) ask(t *testing.T, query string) actReply {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/v1/civil-acts/search", strings.NewReader(
		`{"purpose":{"service":"00601","case":"case-1","legal_basis":"test","official":"op-1"},"query":`+query+`}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+devKey)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	var reply actReply
	if err := json.Unmarshal(w.Body.Bytes(), &reply); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	return reply
}

func (s actStand) byPerson(key, role string, kinds ...string) string {
	q, err := json.Marshal(map[string]any{"iin": s.world.People.ByKey(key).IIN, "role": role, "kinds": kinds})
	if err != nil {
		return err.Error()
	}
	return strings.Replace(string(q), `,"kinds":null`, "", 1)
}

// TestCivilActs asks about every kind of act, through the gateway, the envelope
// and both signatures.
func TestCivilActs(t *testing.T) {
	t.Parallel()
	s := newActStand(t, "")
	for _, tt := range []struct {
		name, query string
		want        []string // "kind registration-date", the beginning
	}{
		{"births of a mother", s.byPerson("large-mother", "parent", "birth"), []string{"birth 2", "birth 2012-03-12", "birth 2012-03-12", "birth 2016-10-19"}},
		{"a birth, of the child", s.byPerson("later-child", "subject", "birth"), []string{"birth 2007-08-14"}},
		{"a paternity", s.byPerson("later-child", "child", "paternity"), []string{"paternity 2008-06-20"}},
		{"a marriage", s.byPerson("later-wife", "spouse"), []string{"marriage 2008-06-02"}},
		{"a marriage and its end", s.byPerson("divorced", "spouse"), []string{"marriage 2004-12-18", "divorce 2016-04-22"}},
		{"an adoption", s.byPerson("adoptive-father", "parent"), []string{"adoption 2017-02-20"}},
		{"a change of name", s.byPerson("many-documents", "subject", "name_change"), []string{"name_change 2011-05-10"}},
		{"a death", s.byPerson("deceased", "subject", "death"), []string{"death "}},
		{"one act", `{"act_number":"99-0127","registry_office":"7101","registration_date":"2008-06-02"}`, []string{"marriage 2008-06-02"}},
		{"no such act", `{"act_number":"99-0127","registry_office":"7101","registration_date":"2008-06-03"}`, nil},
		{"nobody", fmt.Sprintf(`{"iin":%q,"role":"subject"}`, s.world.People.NotFound()[0]), nil},
		{"alive", s.byPerson("adult", "subject", "death"), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := s.ask(t, tt.query)
			var got []string
			for _, act := range a.CivilActs {
				got = append(got, string(act.Kind)+" "+string(act.RegistrationDate))
				if act.Doubt != nil || act.ActNumber == "" || act.RegistryOffice.Code == "" || act.Country.Code != "398" || len(act.Parties) == 0 || len(act.Certificates) == 0 {
					t.Errorf("in doubt, or not whole: %s, %d doubts", act.Kind, len(act.Doubt))
				}
			}
			if status := map[bool]string{true: "found", false: "not_found"}[tt.want != nil]; a.Status != any(status) || !slices.EqualFunc(got, tt.want, strings.HasPrefix) {
				t.Errorf("%v %s: %q, want %q", a.Status, a.Code, got, tt.want)
			}
			if n := len(a.Provenance.Signatures); n != 2 {
				t.Errorf("%d signature verdicts", n)
			}
		})
	}
}

// TestCivilActsOfEverybody: every act that the population knows comes through
// whole, in every role, and no role shows another's.
func TestCivilActsOfEverybody(t *testing.T) {
	t.Parallel()
	s := newActStand(t, "")
	found := map[domain.ActKind]int{}
	for _, one := range s.world.People.People() {
		if one.IIN == "" || one.Fault != "" {
			continue
		}
		for _, role := range []domain.ActRole{domain.ActRoleSubject, domain.ActRoleParent, domain.ActRoleSpouse, domain.ActRoleChild} {
			a := s.ask(t, s.byPerson(one.Key, string(role)))
			if a.Code != "" {
				t.Errorf("%s as %s: %s", one.Key, role, a.Code)
			}
			for _, act := range a.CivilActs {
				found[act.Kind]++
				if act.Doubt != nil || !slices.Contains(role.Kinds(), act.Kind) {
					t.Errorf("%s as %s: a %s, %d doubts", one.Key, role, act.Kind, len(act.Doubt))
				}
			}
		}
	}
	for _, kind := range domain.ActRoleSubject.Kinds() {
		if found[kind] == 0 {
			t.Errorf("there is no %s", kind)
		}
	}
}

// TestCivilActCarriers: the registry's document is read in whatever form it is
// carried, escaped or in CDATA too.
func TestCivilActCarriers(t *testing.T) {
	t.Parallel()
	for _, carrier := range []shep.Carrier{shep.Self, shep.Child, shep.String, shep.CDATA} {
		t.Run(string(carrier), func(t *testing.T) {
			t.Parallel()
			s := newActStand(t, carrier)
			if a := s.ask(t, s.byPerson("twin-boy", "child")); a.Status != any("found") || len(a.Provenance.Signatures) != 2 {
				t.Errorf("%v %s", a.Status, a.Code)
			}
		})
	}
}

// TestCivilActHappens: what happens in the offline world shows in the registry,
// in one that lags behind only later.
func TestCivilActHappens(t *testing.T) {
	t.Parallel()
	s := newActStand(t, "")
	mother := s.byPerson("single-mother", "parent")
	before := len(s.ask(t, mother).CivilActs)
	birth := life.Birth{Mother: "single-mother", Sex: "female", Name: fact.Names{Kk: fact.Name{Given: "Ару"}, Ru: fact.Name{Given: "Ару"}, Latin: fact.Name{Given: "ARU"}}}
	for _, tt := range []struct {
		name string
		lag  time.Duration
		want int
	}{
		{"at once", 0, before + 1},
		{"behind by an hour", time.Hour, before + 1},
	} {
		if _, err := s.world.People.Happen(birth, map[fact.Registry]time.Duration{fact.RegistryCivil: tt.lag}); err != nil {
			t.Fatal(err)
		}
		if got := len(s.ask(t, mother).CivilActs); got != tt.want {
			t.Errorf("%s: %d births, want %d", tt.name, got, tt.want)
		}
	}
}

// TestCivilActFaults: each way to say no comes out as its own problem, and the
// three kinds of no are not mixed.
func TestCivilActFaults(t *testing.T) {
	t.Parallel()
	s := newActStand(t, "")
	for _, tt := range []struct{ fault, want string }{ // status of an answer, or code of a problem
		{"registry-not-found", "not_found"},
		{"registry-not-found-code", "not_found"},
		{"registry-refused", "registry-refused"},
		{"registry-no-consent", "consent-refused"},
		{"registry-internal-error", "registry-fault"},
		{"registry-maintenance", "registry-unavailable"},
		{"registry-overload", "registry-unavailable"},
		{"payload-wrong-person", "answer-mismatch"},
		{"payload-renamed", "contract-violation"},
		{"payload-new-element", "found"},
		{"payload-nil-dates", "found"},
		{"payload-city-dash", "found"},
		{"message-other-request-id", "answer-mismatch"},
		{"message-other-correlation-id", "answer-mismatch"},
		{"message-fault", "shep-fault"},
		{"message-fault-client", "shep-refused"},
		{"message-html", "answer-unreadable"},
		{"signature-wrong-digest", "signature-invalid"},
	} {
		t.Run(tt.fault, func(t *testing.T) { // one after the other: the fault strikes the service
			if err := s.world.Arm(faults.Arming{Fault: tt.fault, Service: civilregistry.Service}); err != nil {
				t.Fatal(err)
			}
			defer s.world.Clear(tt.fault)
			a := s.ask(t, s.byPerson("twin-boy", "child"))
			if a.Code != tt.want && a.Status != any(tt.want) {
				t.Errorf("got %v %s, want %s", a.Status, a.Code, tt.want)
			}
		})
	}
}
