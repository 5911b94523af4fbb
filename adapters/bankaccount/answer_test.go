package bankaccount_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/adapters/adaptertest"
	"github.com/kopir-kz/kopir/adapters/bankaccount"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

const (
	iban  = "KZ146010000TEST00001" // of a bank that is on the list
	other = "KZ039900000SYNAQ0134" // of one that is not
	iin   = "904315401016"
)

// read reads an answer about an account that holds the given elements beside
// those that every answer has.
func read(t testing.TB, account, elements string) (gateway.AccountCheck, error) {
	t.Helper()
	return readAll(t, account, "<OrderNumber>question-1</OrderNumber><OrderRunDate>2025-09-01T23:30:00-02:00</OrderRunDate><IBAN>"+account+"</IBAN>"+elements)
}

func readAll(t testing.TB, account, elements string) (gateway.AccountCheck, error) {
	t.Helper()
	document := `<i:PEP_IBANCheckResponse xmlns:i="http://epay.gov.kz/IBANService" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` + elements + `</i:PEP_IBANCheckResponse>`
	doc, err := xmltext.Parse([]byte(document), xmltext.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	q := gateway.AccountQuery{IBAN: account, Holder: gateway.HolderQuery{IIN: iin}}
	m := gateway.Meta{MessageID: "question-1", Date: time.Date(2025, 9, 1, 10, 0, 0, 0, time.UTC)}
	facts, err := bankaccount.New(adaptertest.Codes(t)).Answer(q, m, gateway.Payload{Root: doc.Root()})
	if err != nil {
		return gateway.AccountCheck{}, err
	}
	return facts.(gateway.AccountCheck), nil
}

// rules are the doubts of a fact, as "rule pointer".
func rules(c gateway.AccountCheck) string {
	all := []string{}
	for _, d := range c.Doubt {
		all = append(all, d.Rule+" "+d.Pointer)
	}
	return strings.Join(all, ", ")
}

func TestHolderMatch(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, status string
		want         gateway.HolderMatch
		doubts       string
	}{
		{"full", "<Status>full</Status>", gateway.HolderMatchFull, ""},
		{"close", "<Status> close </Status>", gateway.HolderMatchClose, ""},
		{"no", "<Status>no</Status>", gateway.HolderMatchNo, ""},
		{"not possible", "<Status>not_possible</Status>", gateway.HolderMatchNotPossible, ""},
		{"absent", "", gateway.HolderMatchNotPossible, ""},
		{"empty", "<Status/>", gateway.HolderMatchNotPossible, ""},
		{"nil", `<Status xsi:nil="true"/>`, gateway.HolderMatchNotPossible, ""},
		{"in another case it is another word", "<Status>Full</Status>", gateway.HolderMatchNotPossible, "code.unknown /holder_match"},
		{"a code of the real registry", "<Status>0</Status>", gateway.HolderMatchNotPossible, "code.unknown /holder_match"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, iban, "<AccountCreditingType>Card</AccountCreditingType>"+tt.status)
			if err != nil || got.HolderMatch != tt.want || rules(got) != tt.doubts {
				t.Errorf("got %s, %q, %v", got.HolderMatch, rules(got), err)
			}
			if got.Source.RecordedAt != "2025-09-01" {
				t.Errorf("of %s: the day is the registry's own", got.Source.RecordedAt)
			}
		})
	}
}

func TestKindAndState(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, elements string
		kind           gateway.AccountKind
		state          gateway.AccountState
		entry, doubts  string
	}{
		{"card of the record", "<AccountCreditingType>Card</AccountCreditingType>", "card", "unknown", "Card", ""},
		{"account of the record", "<AccountCreditingType>Account</AccountCreditingType>", "unknown", "unknown", "Account", ""},
		{"no crediting of the record", "<AccountCreditingType>Cash</AccountCreditingType>", "unknown", "unknown", "Cash", "code.unknown /kind"},
		{"personal", "<AccountCreditingType>Account</AccountCreditingType><AccountKind>personal</AccountKind><AccountState>open</AccountState>", "personal", "open", "personal", ""},
		{"prison, closed", "<AccountCreditingType>Account</AccountCreditingType><AccountKind>prison</AccountKind><AccountState>closed</AccountState>", "prison", "closed", "prison", ""},
		{"card that is none", "<AccountCreditingType>Account</AccountCreditingType><AccountKind>card</AccountKind>", "card", "unknown", "card", "parts.contradict /kind"},
		{"card that is one", "<AccountCreditingType>Card</AccountCreditingType><AccountKind>current</AccountKind>", "current", "unknown", "current", "parts.contradict /kind"},
		{"unknown words", "<AccountCreditingType>Card</AccountCreditingType><AccountKind>escrow</AccountKind><AccountState>frozen</AccountState>", "unknown", "unknown", "escrow", "code.unknown /state, code.unknown /kind"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, iban, tt.elements)
			if err != nil || got.Kind != tt.kind || got.State != tt.state || got.Type.Code != tt.entry || rules(got) != tt.doubts {
				t.Errorf("got %+v, %q, %v", got, rules(got), err)
			}
		})
	}
}

func TestBank(t *testing.T) {
	t.Parallel()
	const card = "<AccountCreditingType>Card</AccountCreditingType>"
	for _, tt := range []struct {
		name, account, elements string
		kind                    gateway.OrganisationKind
		bankName, doubts        string
	}{
		{"from our list", iban, "<OrgBIC>HSBKKZKX</OrgBIC>", "bank", "Народный Банк Казахстана", ""},
		{"a branch of it", iban, "<OrgBIC>HSBKKZKX001</OrgBIC>", "bank", "Народный Банк Казахстана", ""},
		{"as named", iban, "<OrgNameRu>Халык</OrgNameRu>", "bank", "Халык", ""},
		{"Kazpost", "KZ085630000TEST00001", "<OrgBIC>KPSTKZKA</OrgBIC>", "kazpost", "Казпочта", ""},
		{"a state body", "KZ680700000TEST00001", "", "unknown", "Комитет казначейства", ""},
		{"unlisted", other, "<OrgBIC>SNQBKZK0</OrgBIC>", "unknown", "", ""},
		{"unlisted, told", other, "<OrgKind>licensed</OrgKind><OrgNameRu>Сынак</OrgNameRu>", "licensed", "Сынак", ""},
		{"of another kind than its digits", iban, "<OrgKind>kazpost</OrgKind>", "kazpost", "Народный Банк Казахстана", "parts.contradict /bank/organisation_kind"},
		{"of no kind we know", iban, "<OrgKind>broker</OrgKind>", "unknown", "Народный Банк Казахстана", "code.unknown /bank/organisation_kind"},
		{"BIC of another bank", iban, "<OrgBIC>CASPKZKA</OrgBIC>", "bank", "Народный Банк Казахстана", "parts.contradict /bank/bic"},
		{"BIC that is none", iban, "<OrgBIC>HSBK</OrgBIC>", "bank", "Народный Банк Казахстана", "number.wrong /bank/bic"},
		{"BIN of a person", iban, "<OrgBIN>904315401016</OrgBIN>", "bank", "Народный Банк Казахстана", "number.wrong /bank/bin"},
		{"IIC with a typing error", iban, "<OrgIIC>KZ146010000TEST00002</OrgIIC>", "bank", "Народный Банк Казахстана", "number.wrong /iic"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, tt.account, card+tt.elements)
			if err != nil || got.Bank.OrganisationKind != tt.kind || got.Bank.Name.RU != tt.bankName || rules(got) != tt.doubts {
				t.Errorf("got %+v, %q, %v", got.Bank, rules(got), err)
			}
			if got.Bank.Code != tt.account[4:7] {
				t.Errorf("code %s", got.Bank.Code)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	const head, tail = "<OrderNumber>question-1</OrderNumber><OrderRunDate>2025-09-01T10:00:00</OrderRunDate>", "<AccountCreditingType>Card</AccountCreditingType><IBAN>" + iban + "</IBAN>"
	for _, tt := range []struct {
		name, elements string
		kind           fault.Kind
		text           string
	}{
		{"nothing", "", fault.ContractViolation, "IBAN is missing"},
		{"another account", head + "<IBAN>" + other + "</IBAN>", fault.AnswerMismatch, "another account"},
		{"another order", "<OrderNumber>question-2</OrderNumber>" + tail, fault.AnswerMismatch, "OrderNumber"},
		{"two accounts", head + tail + "<IBAN>" + other + "</IBAN>", fault.ContractViolation, "IBAN stands there twice"},
		{"two outcomes", head + tail + "<Status>full</Status><Status>no</Status>", fault.ContractViolation, "Status stands there twice"},
		{"no date", tail, fault.ContractViolation, "OrderRunDate is missing"},
		{"a day that does not exist", "<OrderRunDate>2025-02-30T10:00:00</OrderRunDate>" + tail, fault.ContractViolation, "OrderRunDate is not a date"},
		{"no way to credit it", head + "<IBAN>" + iban + "</IBAN>", fault.ContractViolation, "AccountCreditingType is missing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := readAll(t, iban, tt.elements)
			if !errors.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.text) || got.Found() {
				t.Errorf("got %v, want %s: %s", err, tt.kind, tt.text)
			}
		})
	}
}

// TestNeverAGuess: whatever the words are, a holder matches only if the answer
// says "full", and an account is open only if it says "open".
func TestNeverAGuess(t *testing.T) {
	t.Parallel()
	word := rapid.OneOf(rapid.SampledFrom([]string{"full", "close", "no", "not_possible", "open", "closed", "card", "other", ""}), rapid.StringMatching(`[A-Za-z0-9_]{0,12}`))
	rapid.Check(t, func(rt *rapid.T) {
		status, state, kind := word.Draw(rt, "status"), word.Draw(rt, "state"), word.Draw(rt, "kind")
		got, err := read(t, iban, "<AccountCreditingType>Card</AccountCreditingType><Status>"+status+"</Status><AccountState>"+state+"</AccountState><AccountKind>"+kind+"</AccountKind>")
		if err != nil {
			rt.Fatal(err)
		}
		if !got.Found() {
			if status != "not_found" {
				rt.Fatalf("not found, and Status says %q", status)
			}
			return
		}
		if (got.HolderMatch == gateway.HolderMatchFull) != (status == "full") || (got.State == gateway.AccountStateOpen) != (state == "open") {
			rt.Errorf("%s and %s of %q and %q", got.HolderMatch, got.State, status, state)
		}
		if status != "" && got.HolderStatus.Code != status || state != "" && got.Status.Code != state || kind != "" && got.Type.Code != kind {
			rt.Error("a word of the registry is lost")
		}
	})
}

func TestRequestRefusesMeta(t *testing.T) {
	t.Parallel()
	a := bankaccount.New(adaptertest.Codes(t))
	q := gateway.AccountQuery{IBAN: iban, Holder: gateway.HolderQuery{IIN: iin}}
	for _, m := range []gateway.Meta{{}, {MessageID: "1"}, {Date: time.Date(2025, 9, 1, 0, 0, 0, 0, time.UTC)}} {
		if _, err := a.Request(q, m); !errors.Is(err, fault.Internal) {
			t.Errorf("%+v: %v", m, err)
		}
	}
}
