package civilregistry

import (
	"bytes"
	"errors"
	"io/fs"
	"os/exec"
	"path"
	"slices"
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

const head = "<messageId>1</messageId><messageDate>2026-11-01T12:00:00Z</messageDate><senderCode></senderCode>"

// ask puts a question, given as the elements behind head.
func ask(t *testing.T, r *Registry, question string) (*etree.Element, error) {
	t.Helper()
	doc, err := xmltext.Parse([]byte("<Request>"+question+"</Request>"), xmltext.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	reply, err := r.Answer(shep.Ask{Payload: doc.Root(), Space: space, Local: "Request", Now: noon})
	return reply.Data, err
}

func byPerson(one *fact.Person, role string) string {
	return head + "<iin>" + one.IIN + "</iin><role>" + role + "</role>"
}

// TestRequestsOfTheContract: every example request of the contract passes the
// check of the mock, which was written without it.
func TestRequestsOfTheContract(t *testing.T) {
	t.Parallel()
	r := &Registry{People: people(t)}
	names, err := fs.Glob(contracts.Examples(), "civil-act/search/*/request.xml")
	if err != nil || len(names) == 0 {
		t.Fatalf("%d examples: %v", len(names), err)
	}
	for _, name := range names {
		t.Run(path.Dir(name), func(t *testing.T) {
			t.Parallel()
			b, err := fs.ReadFile(contracts.Examples(), name)
			if err != nil {
				t.Fatal(err)
			}
			doc, err := xmltext.Parse(b, xmltext.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			request := doc.Root().Child("http://schemas.xmlsoap.org/soap/envelope/", "Body").First().ChildNamed("request")
			if id := request.ChildNamed("requestInfo").ChildNamed("serviceId").Text(); id != Service {
				t.Errorf("the service is %s", id)
			}
			root := request.ChildNamed("requestData").ChildNamed("data").First()
			reply, err := r.Answer(shep.Ask{Payload: root, Space: root.Space(), Local: root.Local(), Now: noon})
			if err != nil || reply.RequestID == "" || reply.Data == nil {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestRequestsThatBreakTheContract(t *testing.T) {
	t.Parallel()
	p := people(t)
	r := &Registry{People: p}
	adult := "<iin>" + p.ByKey("adult").IIN + "</iin>"
	for _, tt := range []struct{ name, question, refusal string }{
		{"nobody", head, "a person with a role, or an act"},
		{"two ways", head + adult + "<role>subject</role><numberAkt>1</numberAkt>", "a person with a role, or an act"},
		{"no role", head + adult, "one of the four roles"},
		{"unknown role", head + adult + "<role>guardian</role>", "one of the four roles"},
		{"unknown kind", head + adult + "<role>subject</role><actType>08</actType>", "codes of kinds"},
		{"kinds over and over", head + adult + "<role>subject</role>" + strings.Repeat("<actType>01</actType>", 8), "codes of kinds"},
		{"number alone", head + "<numberAkt>1</numberAkt>", "numberAkt, zags and a regDate"},
		{"date as a dateTime", head + "<numberAkt>1</numberAkt><zags>7101</zags><regDate>2020-01-01T00:00:00</regDate>", "numberAkt, zags and a regDate"},
		{"order", head + "<role>subject</role>" + adult, "out of place"},
		{"token without key", head + adult + "<role>subject</role><kdpToken>1</kdpToken>", "kdpToken and publicKey"},
		{"long messageId", strings.Replace(head, "<messageId>1", "<messageId>"+strings.Repeat("1", 37), 1) + adult + "<role>subject</role>", "36 Latin characters"},
		{"messageDate", strings.Replace(head, "T12:00:00Z", "", 1) + adult + "<role>subject</role>", "messageDate"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := ask(t, r, tt.question)
			var refusal *shep.Refusal
			if !errors.As(err, &refusal) || !strings.Contains(err.Error()+refusal.Got, tt.refusal) {
				t.Errorf("got %v, want %s", err, tt.refusal)
			}
		})
	}
	_, err := r.Answer(shep.Ask{Space: "urn:example:other", Local: "Request"})
	if err == nil {
		t.Error("another root is taken")
	}
}

// TestActs: what the population knows about a life is what the registry tells.
func TestActs(t *testing.T) {
	t.Parallel()
	p := people(t)
	r := &Registry{People: p}
	for _, tt := range []struct {
		name, key, role, more string
		want                  []string // "element registration-date"
	}{
		{"children of the large family", "large-mother", "parent", "", []string{
			"birthAktRecord 2008-11-16", "birthAktRecord 2012-03-12", "birthAktRecord 2012-03-12", "birthAktRecord 2016-10-19",
		}},
		{"whose husband died", "widow", "spouse", "", []string{"marriageAktRecord 1977-11-26"}},
		{"who died", "deceased", "subject", "<actType>02</actType>", []string{"deathAktRecord"}},
		{"who was divorced", "divorced", "spouse", "", []string{"marriageAktRecord 2004-12-18", "divorceAktRecord 2016-04-22"}},
		{"the divorce alone", "divorced", "subject", "<actType>04</actType>", []string{"divorceAktRecord 2016-04-22"}},
		{"who was adopted", "adopted", "child", "", []string{"birthAktRecord 2015-06-08", "adoptionAktRecord 2017-02-20"}},
		{"who adopted", "adoptive-mother", "parent", "", []string{"adoptionAktRecord 2017-02-20"}},
		{"born before the marriage", "later-child", "child", "", []string{"birthAktRecord 2007-08-14", "paternityAktRecord 2008-06-20"}},
		{"on either side of a cut-off date", "later-husband", "spouse", "", []string{"marriageAktRecord 2008-06-02"}},
		{"registered by another state", "born-abroad", "subject", "", nil},
		{"a newborn without an IIN", "single-mother", "parent", "", []string{"birthAktRecord 2020-07-28", "birthAktRecord 2026-10-31"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			data, err := ask(t, r, byPerson(p.ByKey(tt.key), tt.role)+tt.more)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, record := range data.FindElements("acts/act/*[2]") {
				day, _, _ := strings.Cut(record.SelectElement("regDate").Text(), "T")
				got = append(got, record.Tag+" "+day)
			}
			if !slices.EqualFunc(got, tt.want, strings.HasPrefix) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// TestParts: names before and after, the basis of the entry of the father, the
// country, certificates issued again, an act found by its number.
func TestParts(t *testing.T) {
	t.Parallel()
	p := people(t)
	r := &Registry{People: p}
	for _, tt := range []struct{ name, question, path, want string }{
		{"name before the marriage", byPerson(p.ByKey("later-wife"), "spouse"), "acts/act/marriageAktRecord/wife/surname", "Сынақова"},
		{"name after it", byPerson(p.ByKey("later-wife"), "spouse"), "acts/act/marriageAktRecord/wife/nameAfter/surname", "Сынақұлова"},
		{"the husband's does not change", byPerson(p.ByKey("later-wife"), "spouse"), "acts/act/marriageAktRecord/husband/nameAfter", ""},
		{"the mother's at the birth", byPerson(p.ByKey("later-child"), "child") + "<actType>01</actType>", "acts/act/birthAktRecord/mother/surname", "Сынақова"},
		{"father on the mother's statement", byPerson(p.ByKey("statement-child"), "child"), "acts/act/fatherBasis/code", "03"},
		{"father by marriage", byPerson(p.ByKey("twin-boy"), "child"), "acts/act/fatherBasis/code", "01"},
		{"no father", byPerson(p.ByKey("later-child"), "child") + "<actType>01</actType>", "acts/act/fatherBasis", ""},
		{"father without an IIN", byPerson(p.ByKey("statement-child"), "child"), "acts/act/birthAktRecord/father/iin", ""},
		{"country", byPerson(p.ByKey("twin-boy"), "child"), "acts/act/country/code", "398"},
		{"certificate issued again, elsewhere", byPerson(p.ByKey("twin-girl"), "child"), "acts/act/certificates/certificate[2]/issueOrganisation", "Отдел РАГС района Есиль города Астаны"},
		{"when the divorce came into force", byPerson(p.ByKey("divorced"), "spouse") + "<actType>04</actType>", "acts/act/eventDate", "2016-04-18"},
		{"what it rests on", byPerson(p.ByKey("divorced"), "spouse") + "<actType>04</actType>", "acts/act/decision/number", "2-991/16"},
		{"by number", head + "<numberAkt>99-0127</numberAkt><zags>7101</zags><regDate>2008-06-02</regDate>", "acts/act/marriageAktRecord/numberAkt", "99-0127"},
		{"by number, at another office", head + "<numberAkt>99-0127</numberAkt><zags>7102</zags><regDate>2008-06-02</regDate>", "acts", ""},
		{"by number, of another day", head + "<numberAkt>99-0127</numberAkt><zags>7101</zags><regDate>2008-06-01</regDate>", "acts", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			data, err := ask(t, r, tt.question)
			if err != nil {
				t.Fatal(err)
			}
			at := data.FindElement(tt.path)
			if (at == nil) != (tt.want == "") || at != nil && at.Text() != tt.want {
				t.Errorf("%s is %+v, want %q", tt.path, at, tt.want)
			}
		})
	}
}

// TestTextsOfTheContract: where the contract lists a code, the registry shows the
// same texts.
func TestTextsOfTheContract(t *testing.T) {
	t.Parallel()
	lists, err := contracts.Codes()
	if err != nil {
		t.Fatal(err)
	}
	same := func(list, code string, e fact.Entry) {
		t.Helper()
		if c, ok := lists[list].Code(code); !ok || c.RU != e.Ru || c.KK != e.Kk {
			t.Errorf("%s %s: %+v, %v", list, code, c, ok)
		}
	}
	for _, f := range forms {
		same("act_kind", f.code, f.name)
	}
	if len(forms) != len(fact.ActKinds()) {
		t.Errorf("%d forms, %d kinds", len(forms), len(fact.ActKinds()))
	}
	for code, e := range entries["status"] {
		same("act_status", code, e)
	}
	for code, e := range entries["fatherBasis"] {
		same("father_basis", code, e)
	}
}

// TestAnswersFitTheSchema asks about everybody in every role.
func TestAnswersFitTheSchema(t *testing.T) {
	t.Parallel()
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed (Debian: libxml2-utils)")
	}
	p := people(t)
	r := &Registry{People: p}
	dir, acts := t.TempDir(), 0
	args := []string{"--nonet", "--noout", "--schema", "../../../contracts/registries/civil-act/message.xsd"}
	for _, one := range p.People() {
		for _, role := range []string{"subject", "parent", "spouse", "child"} {
			if one.IIN == "" {
				continue
			}
			data, err := ask(t, r, byPerson(one, role))
			if err != nil {
				t.Fatal(err)
			}
			acts += len(data.FindElements("acts/act"))
			file := path.Join(dir, one.Key+"-"+role+".xml")
			if err := etree.NewDocumentWithRoot(data).WriteToFile(file); err != nil {
				t.Fatal(err)
			}
			args = append(args, file)
		}
	}
	if out, err := exec.CommandContext(t.Context(), xmllint, args...).CombinedOutput(); err != nil || acts < 40 {
		t.Errorf("%d acts, %v: %s", acts, err, bytes.Join(slices.DeleteFunc(bytes.Split(out, []byte("\n")), func(line []byte) bool { return bytes.HasSuffix(line, []byte(" validates")) }), []byte("\n")))
	}
}
