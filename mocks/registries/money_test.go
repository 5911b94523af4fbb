package registries_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"

	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway/xmltext"
	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/population/fact"
	"github.com/kopir-kz/kopir/mocks/registries/bankaccount"
	"github.com/kopir-kz/kopir/mocks/registries/legalentity"
	"github.com/kopir-kz/kopir/mocks/registries/taxpayer"
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

// answer puts a question, given as the root of the payload.
func answer(t *testing.T, r shep.Registry, question string) (shep.Reply, error) {
	t.Helper()
	doc, err := xmltext.Parse([]byte(question), xmltext.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	root := doc.Root()
	return r.Answer(shep.Ask{Payload: root, Space: root.Space(), Local: root.Local(), Now: noon})
}

// validate holds answers against a schema of contracts/registries, all in one run.
func validate(t *testing.T, schema string, answers []*etree.Element) {
	t.Helper()
	lint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed (Debian: libxml2-utils)")
	}
	dir := t.TempDir()
	args := []string{"--nonet", "--noout", "--schema", filepath.Join("../../contracts/registries", schema)}
	for i, root := range answers {
		text, err := etree.NewDocumentWithRoot(root).WriteToBytes()
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, fmt.Sprintf("%d.xml", i))
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	if out, err := exec.CommandContext(t.Context(), lint, args...).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func account(elements string) string {
	return `<i:PEP_IBANCheckRequest xmlns:i="http://epay.gov.kz/IBANService">` + elements + `</i:PEP_IBANCheckRequest>`
}

func organisation(elements string) string {
	return `<g:Request xmlns:g="http://gbdulinfobybin_v2.egp.gbdul.tamur.kz">` + elements + `</g:Request>`
}

func taxes(elements string) string {
	return `<t:TaxpayerRequest xmlns:t="urn:kopir:contract:taxpayer:1">` + elements + `</t:TaxpayerRequest>`
}

const day = "<OrderDate>2026-11-01T17:00:00+05:00</OrderDate>"

// TestEveryAccount: each account of the population is its holder's and nobody
// else's, and the answers fit the contract.
func TestEveryAccount(t *testing.T) {
	t.Parallel()
	p := people(t)
	r := &bankaccount.Registry{People: p}
	var answers []*etree.Element
	check := func(iban, iin, want string) {
		reply, err := answer(t, r, account("<OrderNumber>1</OrderNumber><IIN>"+iin+"</IIN><IBAN>"+iban+"</IBAN>"+day))
		if err != nil {
			t.Fatal(err)
		}
		if got := reply.Data.SelectElement("Status").Text(); got != want || reply.RequestID != "1" {
			t.Errorf("%s: %s, want %s", iban, got, want)
		}
		answers = append(answers, reply.Data)
	}
	for _, one := range p.View(fact.RegistryAccount).People() {
		for _, a := range one.Accounts {
			check(a.IBAN, one.IIN, "full")
			check(a.IBAN, "995231309018", "no")
		}
	}
	if len(answers) < 40 {
		t.Errorf("only %d answers", len(answers))
	}
	check("KZ146010000TEST00001", "995231309018", "not_found")
	validate(t, "bank-account/iban-service.xsd", answers)
}

// TestEveryOrganisation: each is found by its BIN.
func TestEveryOrganisation(t *testing.T) {
	t.Parallel()
	p := people(t)
	r := &legalentity.Registry{People: p}
	var answers []*etree.Element
	for _, key := range []string{"synaq-bank", "synaq-post", "synaq-pay", "synaq-works", "old-mill", "guardianship-office", "employment-centre", "benefits-office"} {
		e := p.View(fact.RegistryEntity).Entity(key)
		reply, err := answer(t, r, organisation("<RequestorBIN>990140900014</RequestorBIN><BIN>"+e.BIN+"</BIN>"))
		if err != nil {
			t.Fatal(err)
		}
		if name := reply.Data.FindElement("Organization/FullNameKz"); name == nil || name.Text() != e.Name.Kk {
			t.Errorf("%s is somebody else", key)
		}
		answers = append(answers, reply.Data)
	}
	reply, err := answer(t, r, organisation("<RequestorBIN>990140900014</RequestorBIN><BIN>991240000003</BIN>"))
	if err != nil || reply.Data.SelectElement("Organization") != nil || reply.Data.FindElement("Status/Code").Text() != legalentity.NoRecord {
		t.Errorf("an organisation that does not exist: %v", err)
	}
	validate(t, "legal-entity/search-payload.xsd", append(answers, reply.Data))
}

// TestEveryTaxpayer: what the population has of businesses and contributions is
// there, and nothing else.
func TestEveryTaxpayer(t *testing.T) {
	t.Parallel()
	p := people(t)
	r := &taxpayer.Registry{People: p}
	var answers []*etree.Element
	businesses, contributions := 0, 0
	for _, one := range p.View(fact.RegistryTax).People() {
		if one.IIN == "" {
			continue
		}
		reply, err := answer(t, r, taxes("<requestId>1</requestId><iin>"+one.IIN+"</iin><periodFrom>2021-11</periodFrom><periodTo>2026-10</periodTo>"))
		if err != nil {
			t.Fatal(err)
		}
		got := [2]int{len(reply.Data.FindElements("taxpayer/registrations/registration")), len(reply.Data.FindElements("taxpayer/contributions/contribution"))}
		if got != [2]int{len(one.Businesses), len(one.Contributions)} {
			t.Errorf("%s: %d", one.Key, got)
		}
		businesses, contributions = businesses+got[0], contributions+got[1]
		answers = append(answers, reply.Data)
	}
	if businesses == 0 || contributions == 0 {
		t.Error("nobody pays")
	}
	reply, err := answer(t, r, taxes("<requestId>1</requestId><iin>995231309018</iin>"))
	if err != nil || reply.Data.SelectElement("taxpayer") != nil {
		t.Errorf("somebody unknown: %v", err)
	}
	validate(t, "taxpayer/search-payload.xsd", append(answers, reply.Data))
}

// TestRequestsOfTheContract: every example request of the contract passes the
// check of the mock, which was written without it.
func TestRequestsOfTheContract(t *testing.T) {
	t.Parallel()
	p := people(t)
	for folder, r := range map[string]shep.Registry{
		"bank-account/check":  &bankaccount.Registry{People: p},
		"legal-entity/search": &legalentity.Registry{People: p},
		"taxpayer/search":     &taxpayer.Registry{People: p},
	} {
		names, err := fs.Glob(contracts.Examples(), folder+"/*/request.xml")
		if err != nil || len(names) < 5 {
			t.Fatalf("%d examples: %v", len(names), err)
		}
		for _, name := range names {
			t.Run(path.Dir(name), func(t *testing.T) {
				t.Parallel()
				b, err := fs.ReadFile(contracts.Examples(), name)
				if err != nil {
					t.Fatal(err)
				}
				doc := etree.NewDocument()
				if err := doc.ReadFromBytes(b); err != nil {
					t.Fatal(err)
				}
				data := doc.FindElement("//data")
				text := strings.TrimSpace(data.Text())
				if text == "" {
					text, err = etree.NewDocumentWithRoot(data.ChildElements()[0]).WriteToString()
				}
				if err != nil {
					t.Fatal(err)
				}
				if reply, err := answer(t, r, text); err != nil || reply.Data == nil {
					t.Errorf("refused: %v", err)
				}
			})
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	p := people(t)
	bank, entity, tax := &bankaccount.Registry{People: p}, &legalentity.Registry{People: p}, &taxpayer.Registry{People: p}
	const iban = "<IBAN>KZ219900000SYNAQ0101</IBAN>"
	for _, tt := range []struct {
		name     string
		registry shep.Registry
		question string
	}{
		{"account: another root", bank, "<PEP_IBANCheckRequest>" + iban + day + "</PEP_IBANCheckRequest>"},
		{"account: out of order", bank, account(iban + "<IIN>854412301015</IIN>" + day)},
		{"account: no date", bank, account("<IIN>854412301015</IIN>" + iban)},
		{"account: a day in words", bank, account("<IIN>854412301015</IIN>" + iban + "<OrderDate>today</OrderDate>")},
		{"account: no account", bank, account("<IIN>854412301015</IIN>" + day)},
		{"account: no holder", bank, account(iban + day)},
		{"account: half a name", bank, account(iban + day + "<Surname>Сынақов</Surname>")},
		{"account: an IIN and a name", bank, account("<IIN>854412301015</IIN>" + iban + day + "<Surname>Сынақов</Surname><Name>Ерлан</Name>")},
		{"account: an element too many", bank, account("<IIN>854412301015</IIN>" + iban + day + "<Bank>1</Bank>")},
		{"organisation: another root", entity, "<Request><RequestorBIN>990140900014</RequestorBIN><BIN>990440900045</BIN></Request>"},
		{"organisation: nobody asks", entity, organisation("<BIN>990440900045</BIN>")},
		{"organisation: a person asks", entity, organisation("<RequestorBIN>854412301015</RequestorBIN><BIN>990440900045</BIN>")},
		{"organisation: wrong number", entity, organisation("<RequestorBIN>990140900014</RequestorBIN><BIN>990440900046</BIN>")},
		{"tax: another root", tax, "<TaxpayerRequest><requestId>1</requestId><iin>854412301015</iin></TaxpayerRequest>"},
		{"tax: no id", tax, taxes("<requestId/><iin>854412301015</iin>")},
		{"tax: nobody", tax, taxes("<requestId>1</requestId><iin/>")},
		{"tax: half a period", tax, taxes("<requestId>1</requestId><iin>854412301015</iin><periodFrom>2026-01</periodFrom>")},
		{"tax: a period of days", tax, taxes("<requestId>1</requestId><iin>854412301015</iin><periodFrom>2026-01-01</periodFrom><periodTo>2026-02-01</periodTo>")},
		{"tax: backwards", tax, taxes("<requestId>1</requestId><iin>854412301015</iin><periodFrom>2026-02</periodFrom><periodTo>2026-01</periodTo>")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := answer(t, tt.registry, tt.question)
			var refusal *shep.Refusal
			if !errors.As(err, &refusal) || refusal.Check != shep.CheckPayload {
				t.Errorf("got %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "854412301015") {
				t.Error("the refusal repeats a number")
			}
		})
	}
}
