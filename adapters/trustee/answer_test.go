package trustee_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/adapters/adaptertest"
	"github.com/kopir-kz/kopir/adapters/trustee"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

const (
	guardian = "904315401016"
	ward     = "154820503016"
)

// read reads an answer with the given content of the root, beside the result.
func read(codes gateway.Codes, role gateway.GuardianshipRole, content string) (gateway.Guardianships, error) {
	doc, err := xmltext.Parse([]byte(`<t:TrusteeResponse xmlns:t="urn:kopir:contract:trustee:1"><messageResult><code>00000</code></messageResult>`+content+`</t:TrusteeResponse>`), xmltext.Limits{})
	if err != nil {
		return nil, err
	}
	iin := ward
	if role == gateway.GuardianshipRoleGuardian {
		iin = guardian
	}
	facts, err := trustee.New(codes).Answer(gateway.GuardianshipQuery{IIN: iin, Role: role}, gateway.Meta{}, gateway.Payload{Root: doc.Root()})
	if err != nil {
		return nil, err
	}
	return facts.(gateway.Guardianships), nil
}

// records are the eTrustee of the ward, each with the given elements.
func records(each ...string) string {
	all := "<person><iin>" + ward + "</iin>"
	for _, elements := range each {
		all += "<eTrustee>" + elements + "</eTrustee>"
	}
	return all + "</person>"
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

func TestRecords(t *testing.T) {
	t.Parallel()
	const yes = "<guardian>true</guardian>"
	for _, tt := range []struct {
		name    string
		records []string
		kind    gateway.GuardianshipKind
		want    string
	}{
		{"guardianship", []string{yes}, "guardianship", ""},
		{"guardianship as a digit", []string{"<guardian> 1 </guardian>"}, "guardianship", ""},
		{"trusteeship", []string{"<guardian>false</guardian>"}, "trusteeship", ""},
		{"neither", []string{""}, "unknown", "part.missing /kind"},
		{"another word", []string{"<guardian>да</guardian>"}, "unknown", "value.range /kind"},
		{"day that does not exist", []string{yes + "<solutionDate>2019-02-29</solutionDate>"}, "guardianship", "date.impossible /decision/date"},
		{"end before the decision", []string{yes + "<solutionDate>2019-10-01</solutionDate><solutionFinishDate>2019-09-30</solutionFinishDate>"}, "guardianship", "dates.order /end_date"},
		{"wrong check digit", []string{yes + "<iin>904315401017</iin>"}, "guardianship", "number.wrong /guardian/iin"},
		{"birth of another IIN", []string{yes + "<iin>904315401016</iin><birthDate>1990-03-16</birthDate>"}, "guardianship", "parts.contradict /guardian/birth_date"},
		{"guardian of himself", []string{yes + "<iin>" + ward + "</iin>"}, "guardianship", "parts.contradict /guardian/iin"},
		{
			"two guardians of one IIN",
			[]string{yes + "<iin>904315401016</iin><surName>СЫНАҚОВА</surName>", yes + "<iin>904315401016</iin><surName>СЫНАҚЖАН</surName>"},
			"guardianship", "person.several /guardian | person.several /guardian",
		},
		{
			"two without an IIN may be two people",
			[]string{yes + "<surName>СЫНАҚОВА</surName>", yes + "<surName>СЫНАҚЖАН</surName>"},
			"guardianship", " | ",
		},
		{"the same twice", []string{yes, yes}, "guardianship", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(adaptertest.Codes(t), gateway.GuardianshipRoleWard, records(tt.records...))
			if err != nil || len(got) == 0 || got[0].Kind != tt.kind || got[0].Ward.IIN != ward || rules(got) != tt.want {
				t.Errorf("got %+v, %q, %v, want %q", got, rules(got), err, tt.want)
			}
		})
	}
}

// TestRoles: the record names the other person, whichever was asked about.
func TestRoles(t *testing.T) {
	t.Parallel()
	got, err := read(adaptertest.Codes(t), gateway.GuardianshipRoleGuardian,
		"<person><iin>"+guardian+"</iin><eTrustee><guardian>true</guardian><iin>"+ward+"</iin><birthDate>2015-08-21</birthDate></eTrustee></person>")
	if err != nil || len(got) != 1 || got[0].Guardian.IIN != guardian || got[0].Ward.IIN != ward || rules(got) != "parts.contradict /ward/birth_date" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, content string
		want          fault.Kind
	}{
		{"another person", "<person><iin>" + guardian + "</iin></person>", fault.AnswerMismatch},
		{"nobody", "<person><eTrustee><guardian>true</guardian></eTrustee></person>", fault.ContractViolation},
		{"records under another name", "<subject><iin>" + ward + "</iin></subject>", fault.ContractViolation},
		{"two people", records() + records(), fault.ContractViolation},
		{"two surnames", records("<surName>А</surName><surName>Б</surName>"), fault.ContractViolation},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, err := read(adaptertest.Codes(t), gateway.GuardianshipRoleWard, tt.content); !errors.Is(err, tt.want) {
				t.Errorf("got %d facts, %v, want %s", len(got), err, tt.want)
			}
		})
	}
}

// TestWhateverIsSaid: any texts make a fact about the ward, in doubt at most, and a
// record that comes again changes nothing.
func TestWhateverIsSaid(t *testing.T) {
	t.Parallel()
	codes := adaptertest.Codes(t)
	text := rapid.SampledFrom([]string{"", "true", "1", "2019-02-29", "2019-10-01", "904315401017", guardian, ward, "СЫНАҚ"})
	rapid.Check(t, func(t *rapid.T) {
		var said string
		for _, name := range strings.Fields("birthDate guardian iin middleName name solutionDate solutionFinishDate surName") {
			if s := text.Draw(t, name); s != "" {
				said += "<" + name + ">" + s + "</" + name + ">"
			}
		}
		once, err := read(codes, gateway.GuardianshipRoleWard, records(said))
		if err != nil {
			t.Fatal(err)
		}
		again, err := read(codes, gateway.GuardianshipRoleWard, records(said, said))
		if err != nil || len(once) != 1 || len(again) != 1 || once[0].Ward.IIN != ward || rules(once) != rules(again) {
			t.Fatalf("%d facts, then %d: %v", len(once), len(again), err)
		}
	})
}
