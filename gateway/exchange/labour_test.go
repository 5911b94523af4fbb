package exchange_test

import (
	"errors"
	"testing"

	"github.com/kopir-kz/kopir/adapters"
	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/exchange"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/shep"
	"github.com/kopir-kz/kopir/mocks/faults"
	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// labour are the operations of the Ministry of Labour with what each must tell of a
// person of the population.
var labour = map[string]func(t *testing.T, f gateway.Facts, people *population.Population, one *fact.Person){
	adapters.DisabilitySearch:   holdDisabilities,
	adapters.CapacityLossSearch: holdLosses,
	adapters.SocialStatusSearch: holdStatuses,
	adapters.EmploymentSearch:   holdEmployment,
	adapters.AwardSearch:        holdAwards,
}

// recorded names somebody of whom each operation has a record.
var recorded = map[string]string{
	adapters.DisabilitySearch: "child-with-disability", adapters.CapacityLossSearch: "adoptive-father",
	adapters.SocialStatusSearch: "large-mother", adapters.EmploymentSearch: "single-mother", adapters.AwardSearch: "large-mother",
}

// startLabour puts an exchange for one of the operations before a mock world.
func startLabour(t testing.TB, operation string) *gatewayUnderTest {
	t.Helper()
	lists, err := contracts.Codes()
	if err != nil {
		t.Fatal(err)
	}
	return start(t, func(s *setup) {
		p := s.profile
		s.profile, err = shep.Profile{
			ID: operation, Endpoint: p.Endpoint, SenderID: p.SenderID, Breaker: p.Breaker,
			Answer: shep.AnswerProfile{Signer: p.Answer.Signer, InnerSigner: ownerOf(t, "MTSZN"), Inner: shep.Require},
		}.WithDefaults()
		if err != nil {
			t.Fatal(err)
		}
		s.profile.MaxAttempts = 1
		s.adapter = adapters.New(adapters.Codes(lists))[operation]
	})
}

// about asks an operation about a person.
func about(operation, iin string) exchange.Call {
	return call(func(c *exchange.Call) { c.Operation, c.Query = operation, gateway.SubjectQuery{IIN: iin} })
}

// TestLabourTellsThePopulation: what the population holds about everybody comes out
// as facts, through contract, signatures and adapter, and nothing else does.
func TestLabourTellsThePopulation(t *testing.T) {
	t.Parallel()
	for operation, hold := range labour {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			g := startLabour(t, operation)
			people := g.world.People.Now()
			found := 0
			for _, one := range people.People() {
				if one.IIN == "" || one.Fault != "" {
					continue
				}
				result, err := g.Do(t.Context(), about(operation, one.IIN))
				if err != nil {
					t.Fatalf("%s: %v", one.Key, err)
				}
				if result.Facts.Found() {
					found++
				}
				if result.Provenance.Registry != "MTSZN" || len(result.Provenance.Signatures) != 2 || result.Provenance.Signatures[1].Verdict != gateway.VerdictVerified {
					t.Errorf("%s: provenance %+v", one.Key, result.Provenance)
				}
				hold(t, result.Facts, people, one)
			}
			if found == 0 {
				t.Error("nobody has such a record")
			}
			nobody, err := g.Do(t.Context(), about(operation, people.NotFound()[0]))
			if err != nil || nobody.Facts.Found() {
				t.Errorf("nobody: %v", err)
			}
			holdBack(t, "the log", g.log.String())
		})
	}
}

// TestLabourRefusals: each way not to answer has its kind, for every operation.
func TestLabourRefusals(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]fault.Kind{
		"registry-not-found":           "",
		"registry-not-found-code":      "",
		"registry-refused":             fault.RegistryRefused,
		"registry-no-consent":          fault.ConsentRefused,
		"registry-internal-error":      fault.RegistryFault,
		"registry-maintenance":         fault.RegistryBusy,
		"registry-overload":            fault.RegistryBusy,
		"message-fault":                fault.ShepFault,
		"message-other-correlation-id": fault.AnswerMismatch,
		"message-other-request-id":     fault.AnswerMismatch,
		"message-late":                 fault.AnswerMismatch,
		"signature-wrong-digest":       fault.SignatureInvalid,
		"inner-missing":                fault.NotSigned,
		"inner-wrong-digest":           fault.SignatureInvalid,
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			for operation, key := range recorded {
				g := startLabour(t, operation)
				if err := g.world.Arm(faults.Arming{Fault: id}); err != nil {
					t.Fatal(err)
				}
				result, err := g.Do(t.Context(), about(operation, g.world.People.Now().ByKey(key).IIN))
				switch {
				case want == "" && (err != nil || result.Facts.Found()):
					t.Errorf("%s: %v", operation, err)
				case want != "" && !errors.Is(err, want):
					t.Errorf("%s: %v, want %s", operation, err, want)
				}
			}
		})
	}
}

func holdDisabilities(t *testing.T, f gateway.Facts, _ *population.Population, one *fact.Person) {
	t.Helper()
	got, _ := f.(gateway.Disabilities)
	if len(got) != len(one.Disabilities) {
		t.Errorf("%s: %d disabilities, want %d", one.Key, len(got), len(one.Disabilities))
		return
	}
	for i, d := range one.Disabilities {
		kz := got[i].Ext.KZ
		if kz.Group.Code != d.Group || !kz.Group.Known || string(got[i].BeginDate) != string(d.Begin) || string(got[i].EndDate) != string(d.End) ||
			kz.ActNumber != d.Act || (kz.Term == gateway.TermIndefinite) != (d.End == "") || string(kz.ReassessmentDate) != string(d.Reassessment) {
			t.Errorf("%s: %+v, want %+v", one.Key, got[i], d)
		}
		if p := kz.IndividualProgramme; (d.Programme != nil) != (p.Number != "") || d.Programme != nil && len(p.Measures) != len(d.Programme.Parts) {
			t.Errorf("%s: programme %+v", one.Key, p)
		}
		if len(got[i].Doubt) > 0 || got[i].Source.Registry != "CBDI" || string(got[i].Person.BirthDate) != string(one.Born) {
			t.Errorf("%s: doubt %+v", one.Key, got[i].Doubt)
		}
	}
}

func holdLosses(t *testing.T, f gateway.Facts, _ *population.Population, one *fact.Person) {
	t.Helper()
	got, _ := f.(gateway.CapacityLosses)
	if len(got) != len(one.CapacityLosses) {
		t.Errorf("%s: %d losses, want %d", one.Key, len(got), len(one.CapacityLosses))
		return
	}
	for i, l := range one.CapacityLosses {
		if got[i].Percent == nil || *got[i].Percent != float64(l.Percent) || string(got[i].Kind) != string(l.Kind) || got[i].ActNumber != l.Act ||
			string(got[i].BeginDate) != string(l.Begin) || string(got[i].EndDate) != string(l.End) || len(got[i].Doubt) > 0 {
			t.Errorf("%s: %+v, want %+v", one.Key, got[i], l)
		}
	}
}

func holdStatuses(t *testing.T, f gateway.Facts, _ *population.Population, one *fact.Person) {
	t.Helper()
	var want []fact.Status
	for _, s := range one.Statuses {
		if s.End == "" || s.End >= fact.Day(noon) {
			want = append(want, s)
		}
	}
	got, _ := f.(gateway.SocialStatuses)
	if len(got) != len(want) {
		t.Errorf("%s: %d statuses, want %d", one.Key, len(got), len(want))
		return
	}
	for i, s := range want {
		// What the codes mean is not public: they are kept and unknown.
		if c := got[i].Status; c.Code != s.Code || c.Known || c.RU == "" || string(got[i].BeginDate) != string(s.Begin) {
			t.Errorf("%s: %+v, want %+v", one.Key, got[i], s)
		}
	}
}

func holdEmployment(t *testing.T, f gateway.Facts, people *population.Population, one *fact.Person) {
	t.Helper()
	got, _ := f.(gateway.Employment)
	if len(got.Registrations) != len(one.Unemployment) {
		t.Errorf("%s: %d registrations, want %d", one.Key, len(got.Registrations), len(one.Unemployment))
		return
	}
	var referrals []fact.Referral
	for _, u := range one.Unemployment {
		referrals = append(referrals, u.Referrals...)
	}
	if len(got.Referrals) != len(referrals) {
		t.Errorf("%s: %d referrals, want %d", one.Key, len(got.Referrals), len(referrals))
	}
	for i, r := range got.Referrals {
		if r.Number != referrals[i].Number || string(r.Date) != string(referrals[i].Date) || r.Result.Code != referrals[i].Result || len(r.Doubt) > 0 {
			t.Errorf("%s: %+v, want %+v", one.Key, r, referrals[i])
		}
	}
	for i, u := range one.Unemployment {
		r := got.Registrations[i]
		if r.Person.IIN != one.IIN || string(r.RegistrationDate) != string(u.Registered) || r.Occupation.Code != u.Occupation ||
			r.Centre.RU != people.View(fact.RegistryEmployment).Entity(u.Centre).Name.Ru {
			t.Errorf("%s: %+v, want %+v", one.Key, r, u)
		}
	}
}

func holdAwards(t *testing.T, f gateway.Facts, _ *population.Population, one *fact.Person) {
	t.Helper()
	got, _ := f.(gateway.Awards)
	if len(got) != len(one.Awards) {
		t.Errorf("%s: %d awards, want %d", one.Key, len(got), len(one.Awards))
		return
	}
	for i, a := range one.Awards {
		if got[i].Kind.Code != a.Kind || !got[i].Kind.Known || string(got[i].State) != a.State || got[i].Decision.Number != a.Number ||
			string(got[i].BeginDate) != string(a.Begin) || string(got[i].EndDate) != string(a.End) || got[i].Recipient.IIN != one.IIN || len(got[i].Doubt) > 0 {
			t.Errorf("%s: %+v, want %+v", one.Key, got[i], a)
		}
	}
}
