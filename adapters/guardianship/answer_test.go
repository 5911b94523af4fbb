package guardianship_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/adapters/adaptertest"
	"github.com/kopir-kz/kopir/adapters/guardianship"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

const (
	guardian = "904315401016"
	ward     = "154820503016"
	other    = "174109603020"
)

// names are the elements of a record, in the order of the contract.
var names = strings.Fields("result_code id citizenship req_iin req_surname req_name req_patronymic req_birthday req_documentnumber " +
	"req_issuer req_issuedate req_address child_iin child_surname child_name child_patronymic child_birthday child_documentnumber " +
	"child_issuer child_issuedate decision_reason_kz decision_reason_ru decision_organization_kz decision_organization_ru " +
	"decision_region_code decision_number decision_issuedate guardianship_end_number guardianship_end_date signedData")

// record is a record of the ward and the guardian with the given elements; the
// others are nil.
func record(elements ...string) string {
	said := map[string]string{"result_code": "00000", "req_iin": guardian, "child_iin": ward}
	for i := 0; i < len(elements); i += 2 {
		said[elements[i]] = elements[i+1]
	}
	var b strings.Builder
	for _, name := range names {
		switch text := said[name]; text {
		case "":
			b.WriteString("<" + name + ` xsi:nil="true"/>`)
		case "absent":
		default:
			b.WriteString("<" + name + ">" + text + "</" + name + ">")
		}
	}
	return b.String()
}

// read reads an answer about the ward: one record, or a list of several.
func read(t interface {
	Helper()
	Fatal(args ...any)
}, codes gateway.Codes, records ...string,
) (gateway.Guardianships, error) {
	t.Helper()
	const open = ` xmlns:g="http://helpers.guardianship.service.akimat.shep.nit" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">`
	document := "<g:GetGuardianshipResponse" + open + strings.Join(records, "") + "</g:GetGuardianshipResponse>"
	if len(records) != 1 {
		document = "<g:GetGuardianshipResponses" + open
		for _, r := range records {
			document += "<GetGuardianshipResponse>" + r + "</GetGuardianshipResponse>"
		}
		document += "</g:GetGuardianshipResponses>"
	}
	doc, err := xmltext.Parse([]byte(document), xmltext.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	q := gateway.GuardianshipQuery{IIN: ward, Role: gateway.GuardianshipRoleWard}
	facts, err := guardianship.New(codes).Answer(q, gateway.Meta{}, gateway.Payload{Root: doc.Root()})
	if err != nil {
		return nil, err
	}
	return facts.(gateway.Guardianships), nil
}

// rules are the doubts of the facts, as "rule pointer", those of each fact after
// a bar.
func rules(all gateway.Guardianships) string {
	var facts []string
	for _, g := range all {
		var doubts []string
		for _, d := range g.Doubt {
			doubts = append(doubts, d.Rule+" "+d.Pointer)
		}
		facts = append(facts, strings.Join(doubts, ", "))
	}
	return strings.Join(facts, " | ")
}

func TestDoubts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		records []string
		want    string
	}{
		{"nil is no doubt", []string{record()}, ""},
		{"absence is", []string{record("decision_number", "absent", "req_address", "absent")}, "part.missing /guardian/address_text, part.missing /decision/number"},
		{"result, id, citizenship and signed data are no part of the fact", []string{record("result_code", "absent", "id", "absent", "citizenship", "absent", "signedData", "absent")}, ""},
		{"day that does not exist", []string{record("decision_issuedate", "2019-02-29")}, "date.impossible /decision/date"},
		{"year of a birth", []string{record("child_birthday", "2015")}, ""},
		{"birth that does not exist", []string{record("child_birthday", "2015-13-01")}, "date.impossible /ward/birth_date"},
		{"birth of another IIN", []string{record("child_birthday", "2015-08-21")}, "parts.contradict /ward/birth_date"},
		{"wrong check digit", []string{record("req_iin", "904315401017")}, "number.wrong /guardian/iin"},
		{"guardian of himself", []string{record("req_iin", ward)}, "parts.contradict /guardian/iin"},
		{"end before the decision", []string{record("decision_issuedate", "2019-10-01", "guardianship_end_date", "2019-09-30")}, "dates.order /end_date"},
		{"end on the day of the decision", []string{record("decision_issuedate", "2019-10-01", "guardianship_end_date", "2019-10-01")}, ""},
		{
			"two wards of one IIN",
			[]string{record("child_birthday", "2015-08-20", "id", "1"), record("child_birthday", "2016-08-20")},
			"person.several /ward | parts.contradict /ward/birth_date, person.several /ward",
		},
		{
			"two guardians of one IIN",
			[]string{record("req_surname", "СЫНАҚОВА", "req_name", "БӘТИМА"), record("req_surname", "СЫНАҚЖАНОВ", "req_name", "АЛАН")},
			"person.several /guardian | person.several /guardian",
		},
		{
			"one guardian in two spellings, after a marriage",
			[]string{record("req_surname", "СЫНАҚОВА", "req_name", "БӘТИМА"), record("req_surname", "СЫНАКЖАНОВА", "req_name", "БАТИМА")},
			" | ",
		},
		{"the same twice", []string{record(), record("id", "7")}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, adaptertest.Codes(t), tt.records...)
			if err != nil || rules(got) != tt.want {
				t.Errorf("got %q, %v, want %q", rules(got), err, tt.want)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		records []string
		want    fault.Kind
	}{
		{"another ward", []string{record("child_iin", other)}, fault.AnswerMismatch},
		{"another ward among others", []string{record(), record("child_iin", other)}, fault.AnswerMismatch},
		{"the roles swapped", []string{record("child_iin", guardian, "req_iin", ward)}, fault.AnswerMismatch},
		{"no ward", []string{record("child_iin", "")}, fault.ContractViolation},
		{"no element for the ward", []string{record("child_iin", "absent")}, fault.ContractViolation},
		{"number twice", []string{record() + "<decision_number>1</decision_number>"}, fault.ContractViolation},
		{"no record, and no list", []string{"<a/><b/>"}, fault.ContractViolation},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, err := read(t, adaptertest.Codes(t), tt.records...); !errors.Is(err, tt.want) {
				t.Errorf("got %d facts, %v, want %s", len(got), err, tt.want)
			}
		})
	}
}

// TestUnderOtherNames: a list of something else than records is no empty list.
func TestUnderOtherNames(t *testing.T) {
	t.Parallel()
	doc, err := xmltext.Parse([]byte("<GetGuardianshipResponses><Record><child_iin>"+ward+"</child_iin></Record></GetGuardianshipResponses>"), xmltext.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	q := gateway.GuardianshipQuery{IIN: ward, Role: gateway.GuardianshipRoleWard}
	if _, err := guardianship.New(adaptertest.Codes(t)).Answer(q, gateway.Meta{}, gateway.Payload{Root: doc.Root()}); !errors.Is(err, fault.ContractViolation) {
		t.Errorf("got %v", err)
	}
}

// TestWhateverIsSaid: any texts make a fact about the ward, refused or in doubt
// at most, and a record that comes again changes nothing.
func TestWhateverIsSaid(t *testing.T) {
	t.Parallel()
	codes := adaptertest.Codes(t)
	text := rapid.SampledFrom([]string{"", "absent", "1", "2019-02-29", "2019-10-01", "904315401017", guardian, ward, "СЫНАҚ"})
	rapid.Check(t, func(t *rapid.T) {
		var said []string
		for _, name := range names {
			if name != "child_iin" {
				said = append(said, name, text.Draw(t, name))
			}
		}
		once, err := read(t, codes, record(said...))
		if err != nil {
			t.Fatal(err)
		}
		again, err := read(t, codes, record(said...), record(said...))
		if err != nil || len(once) != 1 || len(again) != 1 || once[0].Ward.IIN != ward || rules(once) != rules(again) {
			t.Fatalf("%d facts, then %d: %v", len(once), len(again), err)
		}
	})
}
