package addressobject

import (
	"bytes"
	"io/fs"
	"os/exec"
	"path"
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

func registry(t *testing.T) (*Registry, *population.Population) {
	t.Helper()
	p, err := population.Load(noon)
	if err != nil {
		t.Fatal(err)
	}
	return &Registry{People: p}, p
}

const head = "<messageId>1</messageId><messageDate>2026-11-01T12:00:00Z</messageDate><senderCode></senderCode>"

func ask(t *testing.T, r *Registry, question string) (*etree.Element, error) {
	t.Helper()
	doc, err := xmltext.Parse([]byte("<Request>"+question+"</Request>"), xmltext.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	reply, err := r.Answer(shep.Ask{Payload: doc.Root(), Space: space, Local: "Request", Now: noon})
	return reply.Data, err
}

// TestRequestsOfTheContract: every example request of the contract passes the
// check of the mock, which was written without it.
func TestRequestsOfTheContract(t *testing.T) {
	t.Parallel()
	r, _ := registry(t)
	names, err := fs.Glob(contracts.Examples(), "address-object/search/*/request.xml")
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
	r, _ := registry(t)
	const good = head + "<rca>9900000000000101</rca>"
	for _, tt := range []struct{ name, question, refusal string }{
		{"right", good, ""},
		{"no code", head, "rca"},
		{"empty code", head + "<rca/>", "1 to 64"},
		{"long code", head + "<rca>" + strings.Repeat("9", 65) + "</rca>", "1 to 64"},
		{"Cyrillic code", head + "<rca>ж</rca>", "1 to 64"},
		{"long messageId", strings.Replace(good, ">1<", ">"+strings.Repeat("1", 37)+"<", 1), "36 Latin"},
		{"messageDate", strings.Replace(good, "T12:00:00Z", "", 1), "messageDate"},
		{"half a consent", good + "<kdpToken>t</kdpToken>", "together"},
		{"two codes", good + "<rca>1</rca>", "rca"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := ask(t, r, tt.question)
			if (err == nil) != (tt.refusal == "") || err != nil && !strings.Contains(err.Error(), tt.refusal) {
				t.Errorf("got %v, want %q", err, tt.refusal)
			}
		})
	}
	doc, err := xmltext.Parse([]byte("<Request>"+good+"</Request>"), xmltext.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Answer(shep.Ask{Payload: doc.Root(), Space: "urn:other", Local: "Request", Now: noon}); err == nil {
		t.Error("a root in another namespace is taken")
	}
}

// TestEveryAddressOfThePopulation: the register knows every code that a registry
// shows, in both languages, and its answer fits the schema of the contract.
func TestEveryAddressOfThePopulation(t *testing.T) {
	t.Parallel()
	r, p := registry(t)
	rooms, renamed := 0, 0
	for _, l := range p.Facts().Locations {
		if l.Code == "" || l.Outside {
			continue
		}
		root, err := ask(t, r, head+"<rca>"+l.Code+"</rca>")
		if err != nil {
			t.Fatal(err)
		}
		objects := root.FindElements("objects/object")
		if len(objects) != 1+len(l.Renamed) {
			t.Errorf("%s: %d objects", l.Code, len(objects))
			continue
		}
		renamed += len(l.Renamed)
		last := objects[len(objects)-1]
		if last.SelectElement("actual").Text() != "true" || last.SelectElement("rca").Text() != l.Code {
			t.Errorf("%s: the last object is not the one in use", l.Code)
		}
		if last.FindElement("type/code").Text() == room {
			rooms++
		}
		for _, name := range last.FindElements("ats/nameKz") {
			if name.Text() == "" {
				t.Errorf("%s: a unit without a name", l.Code)
			}
		}
		if kato := last.FindElements("ats/cato"); len(kato) != 1 || kato[0].Text() != l.KATO {
			t.Errorf("%s: KATO", l.Code)
		}
		validate(t, root)
	}
	if rooms < 3 || renamed == 0 {
		t.Errorf("%d rooms, %d renamed settlements", rooms, renamed)
	}
}

func TestNotFound(t *testing.T) {
	t.Parallel()
	r, _ := registry(t)
	root, err := ask(t, r, head+"<rca>9900000000009999</rca>")
	if err != nil || root.SelectElement("objects") != nil || root.FindElement("messageResult/code").Text() != "00000" {
		t.Errorf("got %v", err)
	}
	validate(t, root)
}

// validate holds an answer against the schema, if xmllint is installed.
func validate(t *testing.T, root *etree.Element) {
	t.Helper()
	tool, err := exec.LookPath("xmllint")
	if err != nil {
		return // the other checks stand
	}
	b, err := etree.NewDocumentWithRoot(root.Copy()).WriteToBytes()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), tool, "--nonet", "--noout", "--schema", "../../../contracts/registries/address-object/message.xsd", "-")
	cmd.Stdin = bytes.NewReader(b)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
