package guardianship

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

// register is one of the two, with its folder of the contract and an honest question.
type register struct {
	registry shep.Registry
	folder   string
	question func(iin, role string) string
}

func registers(p *population.Population) map[string]register {
	return map[string]register{
		Service: {&Registry{p}, "guardianship", func(iin, role string) string {
			element := map[string]string{"guardian": "req_iin", "ward": "child_iin"}[role]
			return `<g:GetGuardianshipRequest xmlns:g="` + space + `"><` + element + ">" + iin + "</" + element + "></g:GetGuardianshipRequest>"
		}},
		ServiceTrustee: {&Trustees{p}, "trustee", func(iin, role string) string {
			return `<t:TrusteeRequest xmlns:t="` + trusteeSpace + `"><requestId>m</requestId><iin>` + iin + "</iin><role>" + role + "</role></t:TrusteeRequest>"
		}},
	}
}

func ask(t *testing.T, r register, document string) (shep.Reply, error) {
	t.Helper()
	doc, err := xmltext.Parse([]byte(document), xmltext.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return r.registry.Answer(shep.Ask{Payload: doc.Root(), Space: doc.Root().Space(), Local: doc.Root().Local(), Now: noon})
}

func about(t *testing.T, r register, iin, role string) *etree.Element {
	t.Helper()
	reply, err := ask(t, r, r.question(iin, role))
	if err != nil {
		t.Fatal(err)
	}
	return reply.Data
}

// TestRequestsOfTheContract: every example request of the contract passes the
// check of the mock, which was written without it.
func TestRequestsOfTheContract(t *testing.T) {
	t.Parallel()
	for service, r := range registers(people(t)) {
		names, err := fs.Glob(contracts.Examples(), r.folder+"/search/*/request.xml")
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
			if _, err := r.registry.Answer(shep.Ask{Payload: root, Space: root.Space(), Local: root.Local(), Now: noon}); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	all := registers(people(t))
	for _, tt := range []struct{ name, service, old, new, refused string }{
		{"another operation", Service, "GetGuardianshipRequest", "GetGuardianshipResponse", "another root"},
		{"another namespace", Service, space, trusteeSpace, "another root"},
		{"nobody", Service, "<child_iin>904315401016</child_iin>", "", "not one of them"},
		{"both roles", Service, "<child_iin>", "<req_iin>904315401016</req_iin><child_iin>", "not one of them"},
		{"eleven digits", Service, "904315401016", "90431540101", "12 digits"},
		{"two wards", Service, "</g:", "<child_iin>904315401016</child_iin></g:", "out of place"},
		{"another operation", ServiceTrustee, "TrusteeRequest", "TrusteeResponse", "another root"},
		{"no role", ServiceTrustee, "<role>ward</role>", "", "role in TrusteeRequest"},
		{"another role", ServiceTrustee, "ward", "parent", "another one"},
		{"letters", ServiceTrustee, "904315401016", "90431540101x", "12 digits"},
		{"no id", ServiceTrustee, "<requestId>m", "<requestId>", "requestId"},
	} {
		t.Run(tt.service+"/"+tt.name, func(t *testing.T) {
			t.Parallel()
			r := all[tt.service]
			document := strings.ReplaceAll(r.question("904315401016", "ward"), tt.old, tt.new)
			if _, err := ask(t, r, document); err == nil || !strings.Contains(err.Error(), tt.refused) {
				t.Errorf("got %v, want %q", err, tt.refused)
			}
		})
	}
}

// TestAnswersFitTheSchemas lets xmllint hold what both registers say about
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
	iins := p.NotFound()[:1]
	for _, one := range p.People() {
		if one.IIN != "" {
			iins = append(iins, one.IIN)
		}
	}
	for service, r := range registers(p) {
		t.Run(service, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			args := []string{"--nonet", "--noout", "--schema", filepath.Join(schemas, "registries", r.folder, "search.xsd")}
			for _, iin := range iins {
				for _, role := range []string{"guardian", "ward"} {
					file := filepath.Join(dir, role+iin+".xml")
					if err := etree.NewDocumentWithRoot(about(t, r, iin, role)).WriteToFile(file); err != nil {
						t.Fatal(err)
					}
					args = append(args, file)
				}
			}
			if out, err := exec.CommandContext(t.Context(), xmllint, args...).CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

// TestAnswersHold: what the files of the population say stands in the answers.
func TestAnswersHold(t *testing.T) {
	t.Parallel()
	p := people(t)
	all := registers(p)
	for _, tt := range []struct {
		name, service, key, role string
		want                     map[string]string // texts by path
	}{
		{"a ward", Service, "ward", "ward", map[string]string{
			"req_iin": p.ByKey("guardian").IIN, "decision_number": "19-133", "decision_issuedate": "2019-10-01", "decision_reason_ru": "Смерть родителей",
			"child_documentnumber": "1990133", "req_documentnumber": "990000131", "req_address": "Сынақ ауылы, Бейбітшілік көшесі, 3", "guardianship_end_date": "",
		}},
		{"a guardianship that has ended, and a host family", Service, "host-child", "ward", map[string]string{
			Record + "[1]/guardianship_end_number": "22-136/1", Record + "[2]/decision_number": "22-136/2",
			Record + "[3]/req_iin": p.ByKey("host-father").IIN,
		}},
		{"nobody", Service, "host-father", "ward", map[string]string{"result_code": processed, "child_iin": ""}},
		{"a guardian", ServiceTrustee, "guardian", "guardian", map[string]string{
			"person/iin": p.ByKey("guardian").IIN, "person/eTrustee/iin": p.ByKey("ward").IIN, "person/eTrustee/guardian": "true", "person/eTrustee/solutionDate": "2019-10-01",
		}},
		{"a host family, which is no guardianship", ServiceTrustee, "host-child", "ward", map[string]string{"person/eTrustee[1]/solutionFinishDate": "2022-03-01"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			data := about(t, all[tt.service], p.ByKey(tt.key).IIN, tt.role)
			for path, want := range tt.want {
				if at := data.FindElement(path); at == nil || at.Text() != want {
					t.Errorf("%s is %v, want %q", path, at, want)
				}
			}
			if data.FindElement("person/eTrustee[2]") != nil {
				t.Error("a host family is given as a guardianship")
			}
		})
	}
}
