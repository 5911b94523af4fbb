package address

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
	"github.com/kopir-kz/kopir/mocks/population/fact"
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

func ask(t *testing.T, p *population.Population, document string) (shep.Reply, error) {
	t.Helper()
	doc, err := xmltext.Parse([]byte(document), xmltext.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return (&Registry{p}).Answer(shep.Ask{Payload: doc.Root(), Space: doc.Root().Space(), Local: doc.Root().Local(), Now: noon})
}

func question(code string) string {
	return `<ar:AddressObjectRequest xmlns:ar="` + space + `"><requestId>m</requestId><rca>` + code + `</rca></ar:AddressObjectRequest>`
}

// TestRequestsOfTheContract: every example request of the contract passes the
// check of the mock, which was written without it.
func TestRequestsOfTheContract(t *testing.T) {
	t.Parallel()
	p := people(t)
	names, err := fs.Glob(contracts.Examples(), "address-object/search/*/request.xml")
	if err != nil || len(names) < 5 {
		t.Fatalf("%d examples: %v", len(names), err)
	}
	for _, name := range names {
		b, err := fs.ReadFile(contracts.Examples(), name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(b), "<serviceId>"+Service+"</serviceId>") {
			t.Errorf("%s is of another service", name)
		}
		doc, err := xmltext.Parse(b, xmltext.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		request := doc.Root().ChildNamed("Body").First().ChildNamed("request")
		root := request.ChildNamed("requestData").ChildNamed("data").First()
		reply, err := (&Registry{p}).Answer(shep.Ask{Payload: root, Space: root.Space(), Local: root.Local(), Now: noon})
		if err != nil || reply.RequestID == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	p := people(t)
	for _, tt := range []struct{ name, old, new, refused string }{
		{"another operation", "AddressObjectRequest", "AddressObjectResponse", "another root"},
		{"another namespace", space, "urn:other", "another root"},
		{"no code", "<rca>1</rca>", "", "rca in AddressObjectRequest"},
		{"two codes", "</ar:", "<rca>1</rca></ar:", "out of place"},
		{"a code with a blank", "<rca>1", "<rca>1 1", "rca of up to 64"},
		{"a long code", "<rca>1", "<rca>" + strings.Repeat("1", 65), "rca of up to 64"},
		{"no id", "<requestId>m", "<requestId>", "requestId"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := ask(t, p, strings.ReplaceAll(question("1"), tt.old, tt.new)); err == nil || !strings.Contains(err.Error(), tt.refused) {
				t.Errorf("got %v, want %q", err, tt.refused)
			}
		})
	}
}

// codes are those of every address of somebody, with the address; and one of
// nothing.
func codes(p *population.Population) map[string]*fact.Location {
	all := map[string]*fact.Location{"9900000000009999": nil}
	view := p.View(fact.RegistryAddress)
	for _, one := range p.People() {
		for _, r := range view.Residences(one.IIN) {
			all[r.Location.Code] = r.Location
		}
	}
	return all
}

// TestAnswersFitTheSchema lets xmllint hold what the register says about every
// address against the contract.
func TestAnswersFitTheSchema(t *testing.T) {
	t.Parallel()
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed (Debian: libxml2-utils)")
	}
	schemas, dir := t.TempDir(), t.TempDir()
	if err := os.CopyFS(schemas, contracts.Schemas()); err != nil {
		t.Fatal(err)
	}
	p := people(t)
	args := []string{"--nonet", "--noout", "--schema", filepath.Join(schemas, "registries", "address-object", "search.xsd")}
	for code := range codes(p) {
		reply, err := ask(t, p, question(code))
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, code+".xml")
		if err := etree.NewDocumentWithRoot(reply.Data).WriteToFile(file); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	if out, err := exec.CommandContext(t.Context(), xmllint, args...).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// TestAnswersHold: every address of somebody stands in the register as the
// population has it.
func TestAnswersHold(t *testing.T) {
	t.Parallel()
	p := people(t)
	all := codes(p)
	if len(all) < 10 {
		t.Fatalf("%d addresses", len(all))
	}
	for code, l := range all {
		reply, err := ask(t, p, question(code))
		if err != nil {
			t.Fatal(err)
		}
		if found := reply.Data.FindElement("objects/object") != nil; found != (l != nil) {
			t.Errorf("found: %v", found)
			continue
		}
		if l == nil {
			continue
		}
		for path, want := range map[string]string{
			"rca": l.Code, "s_geonims/nameKz": l.Street.Kk, "s_buildings/number": l.Building, "s_buildings/corpus": l.Corpus, "s_pb/number": l.Flat,
			"s_ats/cato": l.KATO, "actual": "true",
		} {
			got := ""
			if e := reply.Data.FindElement("objects/object/" + path); e != nil {
				got = e.Text()
			}
			if got != want {
				t.Errorf("%s: %s is %q, want %q", code, path, got, want)
			}
		}
	}
}

// TestCodesOfTheContract: every code that the mock writes is on the list of the
// contract, with the same texts.
func TestCodesOfTheContract(t *testing.T) {
	t.Parallel()
	lists, err := contracts.Codes()
	if err != nil {
		t.Fatal(err)
	}
	p := people(t)
	for code := range codes(p) {
		reply, err := ask(t, p, question(code))
		if err != nil {
			t.Fatal(err)
		}
		for path, list := range map[string]string{"objects/object/type": "address_object", "objects/object/s_ats/type": "address_unit"} {
			for _, e := range reply.Data.FindElements(path) {
				c, ok := lists[list].Code(e.FindElement("code").Text())
				if !ok || c.KK != e.FindElement("nameKz").Text() || c.RU != e.FindElement("nameRu").Text() {
					t.Errorf("%s: the contract has %v, %+v", path, ok, c.Texts)
				}
			}
		}
	}
}
