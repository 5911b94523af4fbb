package exchange_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/adapters"
	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/exchange"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/shep"
	"github.com/kopir-kz/kopir/mocks"
	"github.com/kopir-kz/kopir/mocks/faults"
	mockpki "github.com/kopir-kz/kopir/mocks/pki"
	mockshep "github.com/kopir-kz/kopir/mocks/shep"
)

// operation puts another operation in the place of person.search: its embedded
// profile, completed as an operator would, and its adapter.
func operation(t testing.TB, id string) func(*setup) {
	t.Helper()
	lists, err := contracts.Codes()
	if err != nil {
		t.Fatal(err)
	}
	all, err := keys()
	if err != nil {
		t.Fatal(err)
	}
	client, err := all.Identity(mockpki.Client)
	if err != nil {
		t.Fatal(err)
	}
	p, err := shep.Profile{
		ID: id, Endpoint: "http://shep.mock/bip-sync-wss-gost/", SenderID: mocks.SenderID, SenderCode: mockshep.BIN(client.Certificate),
		Answer: shep.AnswerProfile{Signer: "CN=ШЭП СЫНАҚ (MOCK)", Inner: shep.Require},
	}.WithDefaults()
	if err != nil {
		t.Fatal(err)
	}
	p.Answer.InnerSigner = ownerOf(t, p.Registry)
	return func(s *setup) { s.profile, s.adapter = p, adapters.New(adapters.Codes(lists))[id] }
}

// ownerOf is the name of the system that signs the data of a registry.
func ownerOf(t testing.TB, registry string) string {
	t.Helper()
	all, err := keys()
	if err != nil {
		t.Fatal(err)
	}
	id, err := all.Identity(mockpki.Owner(registry))
	if err != nil {
		t.Fatal(err)
	}
	return "CN=" + id.Certificate.Subject.CommonName
}

// asking is a call of another operation.
func asking(id string, q gateway.Query) exchange.Call {
	return call(func(c *exchange.Call) { c.Operation, c.Query = id, q })
}

func TestBankAccounts(t *testing.T) {
	t.Parallel()
	g := start(t, operation(t, "bank-account.check"))
	iin := func(s string) gateway.HolderQuery { return gateway.HolderQuery{IIN: s} }
	named := func(surname, given, second string) gateway.HolderQuery {
		return gateway.HolderQuery{Surname: surname, GivenName: given, SecondName: second}
	}
	for _, tt := range []struct {
		name, iban string
		holder     gateway.HolderQuery
		match      gateway.HolderMatch // "" for no such account
		kind       gateway.AccountKind
		state      gateway.AccountState
		org        gateway.OrganisationKind
	}{
		{"his card", "KZ219900000SYNAQ0101", iin(adultIIN), "full", "card", "open", "bank"},
		{"his current account", "KZ459900001SYNAQ0101", iin(adultIIN), "full", "current", "open", "bank"},
		{"his wife's", "KZ919900000SYNAQ0102", iin(adultIIN), "no", "card", "open", "bank"},
		{"claimed, and his wife's", "KZ639900000SYNAQ0121", iin("764830301227"), "no", "card", "open", "bank"},
		{"of Kazpost", "KZ649910000SYNAQ0111", iin("554308401112"), "full", "personal", "open", "kazpost"},
		{"of a licensed organisation", "KZ329920000SYNAQ0113", iin("804220301131"), "full", "current", "open", "licensed"},
		{"of somebody who was in prison", "KZ269900000SYNAQ0108", iin("904721301087"), "full", "prison", "closed", "bank"},
		{"the bank has the number before a merger", "KZ529900000SYNAQ0125", iin("815212301251"), "no", "current", "closed", "bank"},
		{"that number", "KZ529900000SYNAQ0125", iin("815212301559"), "full", "current", "closed", "bank"},
		{"by name", "KZ219900000SYNAQ0101", named("Сынақов", "Ерлан", "Болатұлы"), "full", "card", "open", "bank"},
		{"by name in other letters", "KZ219900000SYNAQ0101", named("СЫНАҚОВ", "ЕРЛАН", "БОЛАТҰЛЫ"), "full", "card", "open", "bank"},
		{"by name without patronymic", "KZ219900000SYNAQ0101", named("Сынақов", "Ерлан", ""), "close", "card", "open", "bank"},
		{"by the Latin name", "KZ219900000SYNAQ0101", named("SYNAKOV", "YERLAN", ""), "close", "card", "open", "bank"},
		{"by another name", "KZ219900000SYNAQ0101", named("Сынақов", "Асқар", ""), "no", "card", "open", "bank"},
		{"by name where names are not compared", "KZ329920000SYNAQ0113", named("Сынақжанов", "Нұржан", "Әділұлы"), "not_possible", "current", "open", "licensed"},
		{"nobody's account", "KZ146010000TEST00001", iin(adultIIN), "", "", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			result, err := g.Do(t.Context(), asking("bank-account.check", gateway.AccountQuery{IBAN: tt.iban, Holder: tt.holder}))
			if err != nil {
				t.Fatal(err)
			}
			c := result.Facts.(gateway.AccountCheck)
			if c.Found() != (tt.match != "") || c.HolderMatch != tt.match || c.Kind != tt.kind || c.State != tt.state || c.Bank.OrganisationKind != tt.org || c.Doubt != nil {
				t.Errorf("got %+v", c)
			}
			if c.Found() && (c.IBAN != tt.iban || c.Bank.BIC == "" || c.Bank.BIN == "" || c.Bank.Name.KK == "" || c.IIC == "" || c.Source.RecordedAt != "2026-11-01") {
				t.Errorf("a requisite is missing: %+v", c)
			}
		})
	}
}

func TestLegalEntities(t *testing.T) {
	t.Parallel()
	g := start(t, operation(t, "legal-entity.search"))
	for _, tt := range []struct{ name, bin, want, status, head string }{
		{"works", "990440900045", "ТОО «Сынак Жумыс»", "1", "764830301227"},
		{"liquidated", "990540900059", "ТОО «Старая мельница»", "3", ""},
		{"a bank", "990140900014", "АО «Сынак Банк»", "1", ""},
		{"none", "991240000003", "", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			result, err := g.Do(t.Context(), asking("legal-entity.search", gateway.LegalEntityQuery{BIN: tt.bin}))
			if err != nil {
				t.Fatal(err)
			}
			e, _ := result.Facts.(gateway.LegalEntity) // "not found" by a code is none
			if e.Found() != (tt.want != "") || e.Name.RU != tt.want || e.Status.Code != tt.status || e.Head.IIN != tt.head || e.Doubt != nil {
				t.Errorf("got %+v", e)
			}
			if e.Found() && (e.BIN != tt.bin || e.Address.KATO == "" || e.Address.FullAddress.KK == "" || e.Registration.Date == "") {
				t.Errorf("a part is missing: %+v", e)
			}
			for _, s := range result.Provenance.Signatures {
				if s.Verdict != gateway.VerdictVerified {
					t.Errorf("signature %+v", s)
				}
			}
		})
	}
}

// TestLegalEntityIsAskedWithASignatureInside: the registry does not answer a
// question that nobody signed.
func TestLegalEntityIsAskedWithASignatureInside(t *testing.T) {
	t.Parallel()
	g := start(t, operation(t, "legal-entity.search"), func(s *setup) { s.profile.Inner.Carrier, s.profile.Data.Form = shep.None, shep.String })
	_, err := g.Do(t.Context(), asking("legal-entity.search", gateway.LegalEntityQuery{BIN: "990440900045"}))
	wantKind(t, err, fault.ShepRefused)
	received := g.world.Received()
	verdicts := received[len(received)-1].Verdicts
	if last := verdicts[len(verdicts)-1]; last.Check != mockshep.CheckInside || last.Passed {
		t.Errorf("refused for %+v", last)
	}
}

func TestTaxpayers(t *testing.T) {
	t.Parallel()
	g := start(t, operation(t, "taxpayer.search"))
	year := gateway.PeriodQuery{From: "2025-11", To: "2026-10"}
	for _, tt := range []struct {
		name, iin     string
		period        gateway.PeriodQuery
		registrations int
		paid          string // months and amounts
		payer         string
	}{
		{"an entrepreneur", "804220301131", gateway.PeriodQuery{}, 1, "", ""},
		{"who pays for himself", "804220301131", year, 1, "2026-09 8500.00, 2026-10 8500.00", ""},
		{"in one month", "804220301131", gateway.PeriodQuery{From: "2026-09", To: "2026-09"}, 1, "2026-09 8500.00", ""},
		{"an employee", adultIIN, year, 0, "2026-08 45000.00, 2026-09 45000.00, 2026-10 45000.00", "990440900045"},
		{"an employee, not asked for contributions", adultIIN, gateway.PeriodQuery{}, 0, "", ""},
		{"a pensioner", "554308401112", year, 0, "", ""},
		{"nobody", "995231309018", year, 0, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			result, err := g.Do(t.Context(), asking("taxpayer.search", gateway.TaxpayerQuery{IIN: tt.iin, Period: tt.period}))
			if err != nil {
				t.Fatal(err)
			}
			facts := result.Facts.(gateway.Taxpayer)
			var paid []string
			for _, c := range facts.Contributions {
				paid = append(paid, string(c.Month)+" "+string(c.Amount))
				if c.PayerBIN != tt.payer || c.Doubt != nil || !c.Kind.Known {
					t.Errorf("got %+v", c)
				}
			}
			if len(facts.Registrations) != tt.registrations || strings.Join(paid, ", ") != tt.paid || facts.Found() != (tt.registrations > 0 || tt.paid != "") {
				t.Errorf("got %+v", facts)
			}
			for _, r := range facts.Registrations {
				if r.State != gateway.EntrepreneurStateActive || r.RegistrationDate != "2017-03-15" || r.Activity.Code != "10710" || r.Authority.Code != "6201" || r.Doubt != nil {
					t.Errorf("got %+v", r)
				}
			}
		})
	}
}

// TestOperationsUnderFaults: what the registry says and what happens on the way
// comes out of each operation as what it is.
func TestOperationsUnderFaults(t *testing.T) {
	t.Parallel()
	const found, notFound = fault.Kind("found"), fault.Kind("not found")
	for _, op := range []struct {
		id     string
		query  gateway.Query
		judged bool // the registry has a code of its own for refusals
		ids    bool // and repeats the id of the question
	}{
		{"bank-account.check", gateway.AccountQuery{IBAN: "KZ219900000SYNAQ0101", Holder: gateway.HolderQuery{IIN: adultIIN}}, false, true},
		{"legal-entity.search", gateway.LegalEntityQuery{BIN: "990440900045"}, true, false},
		{"taxpayer.search", gateway.TaxpayerQuery{IIN: "804220301131"}, true, true},
	} {
		either := func(is bool, kind, otherwise fault.Kind) fault.Kind {
			if is {
				return kind
			}
			return otherwise
		}
		for id, want := range map[string]fault.Kind{
			"registry-not-found":           notFound,
			"registry-not-found-code":      either(op.judged, notFound, fault.RegistryFault),
			"registry-refused":             either(op.judged, fault.RegistryRefused, fault.RegistryFault),
			"registry-maintenance":         either(op.judged, fault.RegistryBusy, fault.RegistryFault),
			"registry-internal-error":      fault.RegistryFault,
			"message-other-request-id":     either(op.ids, fault.AnswerMismatch, found),
			"message-empty-ids":            found,
			"message-fault":                fault.ShepFault,
			"message-fault-client":         fault.ShepRefused,
			"message-data-namespace":       found,
			"inner-missing":                fault.NotSigned,
			"inner-unknown-key":            fault.SignerUntrusted,
			"transport-503":                fault.ShepUnavailable,
			"payload-new-element":          found,
			"payload-missing-element":      found, // a person's, and there is none
			"registry-not-found-status":    fault.RegistryFault,
			"signature-none":               fault.NotSigned,
			"message-other-correlation-id": fault.AnswerMismatch,
		} {
			t.Run(op.id+" "+id, func(t *testing.T) {
				t.Parallel()
				if _, ok := faults.Find(id); !ok {
					t.Fatalf("there is no fault %s", id)
				}
				g := start(t, operation(t, op.id), func(s *setup) { s.profile.MaxAttempts = 1 })
				if err := g.world.Arm(faults.Arming{Fault: id}); err != nil {
					t.Fatal(err)
				}
				result, err := g.Do(t.Context(), asking(op.id, op.query))
				got := fault.KindOf(err)
				switch {
				case err == nil && result.Facts.Found():
					got = found
				case err == nil:
					got = notFound
				}
				if got != want || err != nil && !errors.Is(err, got) {
					t.Errorf("got %s, want %s: %v", got, want, err)
				}
			})
		}
	}
}
