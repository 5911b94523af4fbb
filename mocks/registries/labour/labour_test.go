package labour

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"

	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway/xmltext"
	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/shep"
)

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func people(t *testing.T) *population.Population {
	t.Helper()
	p, err := population.Load(noon)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// operations are the folders of the contract by service.
var operations = map[string]string{
	ServiceDisability: "disability", ServiceCapacityLoss: "capacity-loss", ServiceSocialStatus: "social-status",
	ServiceEmployment: "employment", ServiceAward: "award",
}

// ask makes a question of a document.
func ask(t *testing.T, document string) shep.Ask {
	t.Helper()
	doc, err := xmltext.Parse([]byte(document), xmltext.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return shep.Ask{Payload: doc.Root(), Space: doc.Root().Space(), Local: doc.Root().Local(), Now: noon}
}

// question is the honest question of a registry.
func question(r *Registry, iin string) string {
	return `<ns:` + r.operation.name + `Request xmlns:ns="` + r.operation.space + `"><systemInfo><MessageDate>2026-11-01T12:00:00Z</MessageDate>` +
		`<ChainId>c</ChainId><MessageId>m</MessageId></systemInfo><requestData><iin>` + iin + `</iin></requestData></ns:` + r.operation.name + `Request>`
}

// about is what a registry answers about somebody.
func about(t *testing.T, r *Registry, iin string) *etree.Element {
	t.Helper()
	reply, err := r.Answer(ask(t, question(r, iin)))
	if err != nil {
		t.Fatal(err)
	}
	return reply.Data
}

// TestRequestsOfTheContract: every example request of the contract passes the
// check of the mock, which was written without it.
func TestRequestsOfTheContract(t *testing.T) {
	t.Parallel()
	all := Registries(people(t))
	for service, folder := range operations {
		names, err := fs.Glob(contracts.Examples(), folder+"/search/*/request.xml")
		if err != nil || len(names) < 5 {
			t.Fatalf("%d examples: %v", len(names), err)
		}
		for _, name := range names {
			b, err := fs.ReadFile(contracts.Examples(), name)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(b), "<serviceId>"+service+"</serviceId>") {
				t.Errorf("%s is of another service than %s", name, service)
			}
			doc, err := xmltext.Parse(b, xmltext.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			request := doc.Root().ChildNamed("Body").First().ChildNamed("request")
			root := request.ChildNamed("requestData").ChildNamed("data").First()
			reply, err := all[service].Answer(shep.Ask{Payload: root, Space: root.Space(), Local: root.Local(), Now: noon})
			if err != nil {
				t.Errorf("%s: %v", name, err)
			} else if reply.RequestID == "" || reply.Data.FindElement("systemInfo/ChainId").Text() == "" {
				t.Errorf("%s: the answer does not repeat the ids", name)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	r := Registries(people(t))[ServiceDisability]
	for _, tt := range []struct{ name, old, new, refused string }{
		{"another operation", "p06560Request", "p06590Request", "another root"},
		{"another namespace", ministrySpace, awardSpace, "another root"},
		{"no systemInfo", "systemInfo", "info", "systemInfo in p06560Request"},
		{"nobody", "<iin>904315401016</iin>", "", "iin in requestData"},
		{"two people", "</requestData>", "<iin>904315401016</iin></requestData>", "out of place"},
		{"eleven digits", "904315401016", "90431540101", "12 digits"},
		{"letters", "904315401016", "90431540101x", "12 digits"},
		{"a date in words", "2026-11-01T12:00:00Z", "1 November", "MessageDate"},
		{"ids in another order", "<ChainId>c</ChainId><MessageId>m</MessageId>", "<MessageId>m</MessageId><ChainId>c</ChainId>", "out of place"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			document := strings.ReplaceAll(question(r, "904315401016"), tt.old, tt.new)
			if _, err := r.Answer(ask(t, document)); err == nil || !strings.Contains(err.Error(), tt.refused) {
				t.Errorf("got %v, want %q", err, tt.refused)
			}
		})
	}
}

// TestAnswersFitTheSchemas lets xmllint hold what each registry says about
// everybody, and about nobody, against the contract.
func TestAnswersFitTheSchemas(t *testing.T) {
	t.Parallel()
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed (Debian: libxml2-utils)")
	}
	schemas := t.TempDir()
	if err := os.CopyFS(schemas, contracts.Schemas()); err != nil {
		t.Fatal(err)
	}
	p := people(t)
	for service, r := range Registries(p) {
		t.Run(service, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			args := []string{"--nonet", "--noout", "--schema", filepath.Join(schemas, "registries", operations[service], "search.xsd")}
			for _, iin := range iins(p) {
				file := filepath.Join(dir, iin+".xml")
				if err := etree.NewDocumentWithRoot(about(t, r, iin)).WriteToFile(file); err != nil {
					t.Fatal(err)
				}
				args = append(args, file)
			}
			if out, err := exec.CommandContext(t.Context(), xmllint, args...).CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

// iins are those of everybody, and one of nobody.
func iins(p *population.Population) []string {
	all := p.NotFound()[:1]
	for _, one := range p.People() {
		if one.IIN != "" {
			all = append(all, one.IIN)
		}
	}
	return all
}

// TestAnswersHold: what the files of the population say stands in the answers.
func TestAnswersHold(t *testing.T) {
	t.Parallel()
	p := people(t)
	all := Registries(p)
	for _, tt := range []struct {
		name, service, key string
		want               map[string]string // texts by path below responseData
	}{
		{"a child with a disability", ServiceDisability, "child-with-disability", map[string]string{
			"disablements/disabledGroup": "Ребёнок с инвалидностью", "disablements/disabledPeriod": "До 05.10.2034",
			"disablements/disabledStartDate": "2019-02-11T00:00:00.000+06:00", "disablements/disabledEndDate": "2034-10-05T00:00:00.000+05:00",
			"disablements/docNumber": "99-0118", "disablements/ipr/measure/code": "medical", "disablements/issuerKZ": "Астана қаласының № 1 медициналық-әлеуметтік сараптама бөлімі",
		}},
		{"a loss of general capacity", ServiceCapacityLoss, "adoptive-father", map[string]string{
			"uotPercent": "45.0", "docUotNumber": "99-0122", "uotEndDate": "2035-03-02T00:00:00.000+05:00", "mse/code": "702",
		}},
		{"nobody has lost anything", ServiceCapacityLoss, "adult", map[string]string{"uotPercent": "0.0"}},
		{"a mother of a large family", ServiceSocialStatus, "large-mother", map[string]string{
			"socStatus/socStatus/code": "large-family-mother", "socStatus/socStatusDate": "2016-10-05T00:00:00.000+06:00",
		}},
		{"unemployed and referred", ServiceEmployment, "single-mother", map[string]string{
			"unemp/iin": p.ByKey("single-mother").IIN, "unemp/unemployee": "REGISTERED", "unemp/occup_type_rname": "Продавец", "unemp/registrationDate": "2026-10-12T00:00:00.000+05:00",
			"referral[1]/number": "990119-1", "referral[1]/result/code": "refused", "referral[2]/employer_bin": "990440900045",
		}},
		{"an award for a child", ServiceAward, "large-mother", map[string]string{
			"award[3]/kind/code": "child-disability-care", "award[3]/amount": "60500.00", "award[3]/status/code": "paid",
			"award[3]/child/iin": p.ByKey("child-with-disability").IIN, "award[3]/recipient/iin": p.ByKey("large-mother").IIN,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			one := p.ByKey(tt.key)
			if one == nil {
				t.Fatal("there is no such person")
			}
			data := about(t, all[tt.service], one.IIN).SelectElement("responseData")
			for path, want := range tt.want {
				if at := data.FindElement(path); at == nil || at.Text() != want {
					t.Errorf("%s is %v, want %q", path, at, want)
				}
			}
		})
	}
}

// TestCodesOfTheContract: every code that the population has is on the list of
// the contract, with the same texts.
func TestCodesOfTheContract(t *testing.T) {
	t.Parallel()
	p := people(t)
	lists, err := contracts.Codes()
	if err != nil {
		t.Fatal(err)
	}
	for list, dictionary := range map[string]string{
		"disability_group": "disabilityGroup", "disability_measure": "programmePart", "social_status": "socialStatus", "award_kind": "awardKind",
		"referral_result": "referralResult",
	} {
		codes := p.Codes(dictionary)
		if len(codes) == 0 {
			t.Errorf("the population has no dictionary %s", dictionary)
		}
		for _, code := range codes {
			e, _ := p.Entry(dictionary, code)
			if c, ok := lists[list].Code(code); !ok || c.KK != e.Kk || c.RU != e.Ru {
				t.Errorf("%s: the contract has the code %s: %v, %+v", list, code, ok, c.Texts)
			}
		}
	}
	for _, status := range []string{Registered, Removed} {
		if _, ok := lists["unemployment_status"].Code(status); !ok {
			t.Errorf("the contract has no status %s", status)
		}
	}
}
