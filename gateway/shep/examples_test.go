package shep_test

import (
	"io/fs"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway/shep"
	"github.com/kopir-kz/kopir/gateway/soap"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// examples gives the contract's example messages, by their path.
func examples(t *testing.T, take func(string) bool) map[string]soap.Envelope {
	t.Helper()
	found := map[string]soap.Envelope{}
	err := fs.WalkDir(contracts.Examples(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".xml" || !take(name) {
			return err
		}
		b, err := fs.ReadFile(contracts.Examples(), name)
		if err != nil {
			return err
		}
		doc, err := xmltext.Parse(b, xmltext.Limits{Comments: true})
		if err != nil {
			return err
		}
		found[name], err = soap.Read(doc)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatal("the contract has no such examples")
	}
	return found
}

func isRequest(name string) bool { return strings.HasPrefix(path.Base(name), "request") }

// profileOf is the profile of the operation that a folder of examples is named
// after, and the one for persons where it is none.
func profileOf(t *testing.T, name string) *shep.Profile {
	t.Helper()
	folders := strings.Split(name, "/")
	return personProfile(t, func(p *shep.Profile) {
		if id := folders[0] + "." + folders[1]; folders[0] != "shep" {
			var err error
			if *p, err = (shep.Profile{ID: id, Endpoint: p.Endpoint, SenderID: p.SenderID}).WithDefaults(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// Every example answer of the contract is read and means what its name says.
func TestContractAnswers(t *testing.T) {
	t.Parallel()
	want := map[string]shep.Class{
		"address-object/search/not-found-by-code": shep.NotFound,
		"civil-act/search/not-found-by-code":      shep.NotFound,
		"legal-entity/search/not-found-by-code":   shep.NotFound,
		"person/search/not-found-by-code":         shep.NotFound,
		"person/search/token-refused":             shep.ConsentRefused,
		"taxpayer/search/not-found-by-code":       shep.NotFound,
		"shep/error-scse001.xml":                  shep.Failed,
		"shep/error-scse002.xml":                  shep.Failed,
		"shep/error-with-data.xml":                shep.Failed,
	}
	faults := map[string]soap.Side{"shep/fault.xml": soap.Server, "shep/fault-bare.xml": soap.Client}
	for name, env := range examples(t, func(name string) bool { return !isRequest(name) }) {
		name = strings.TrimSuffix(name, "/answer.xml")
		f, isFault, err := env.Fault()
		side, wantFault := faults[name]
		if err != nil || isFault != wantFault {
			t.Errorf("%s: fault %v, %v", name, isFault, err)
			continue
		}
		p := profileOf(t, name)
		if isFault {
			if e := p.Blame(f); f.Side() != side || e.Kind == "" {
				t.Errorf("%s blames %s: %v", name, f.Side(), e)
			}
			continue
		}
		class, listed := want[name]
		if !listed {
			class = shep.Success
			switch path.Base(name) {
			case "not-found-by-code":
				class = shep.NotFound
			case "refused":
				class = shep.Refused
			}
		}
		a, err := shep.ReadAnswer(env.Body)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		root, err := p.Data.Payload(a.Data, xmltext.Limits{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := p.Judge(a.Status, root).Class; got != class {
			t.Errorf("%s means %s, want %s", name, got, class)
		}
		if class == shep.Success && (root.IsZero() || p.Registry == "GBDFL" && root.ChildNamed("messageResult").IsZero()) {
			t.Errorf("%s: the payload is <%s>", name, root.Local())
		}
		if _, ok := shep.Time(a.Date, time.UTC); !ok && a.Date != "" {
			t.Errorf("%s: the date %s is not understood", name, a.Date)
		}
	}
}

// Of what an example request says, we write the same elements with the same
// values in the same order.
func TestContractRequests(t *testing.T) {
	t.Parallel()
	for name, env := range examples(t, isRequest) {
		request := env.Body.First().ChildNamed("request")
		info := request.ChildNamed("requestInfo")
		value := func(n xmltext.Node, local string) string { return n.ChildNamed(local).Text() }
		date, ok := shep.Time(value(info, "messageDate"), time.UTC)
		if !ok {
			t.Errorf("%s has no date", name)
			continue
		}
		p := personProfile(t, func(p *shep.Profile) {
			p.Envelope.Wrapper = env.Body.First().Space()
			p.ServiceID, p.RouteID = value(info, "serviceId"), value(info, "routeId")
			p.SenderID = value(info.ChildNamed("sender"), "senderId")
			for c := range info.Elements() {
				if c.Local() == "properties" {
					p.Properties = append(p.Properties, shep.Property{Key: value(c, "key"), Value: value(c, "value")})
				}
			}
		})
		data := request.ChildNamed("requestData").ChildNamed("data")
		payload := data.Doc().Source()[data.TagEnd():data.ContentEnd()]
		p.Data.Form = shep.Inline
		if typ, typed := data.Attr(xsiNS, "type"); typed {
			prefix, local, _ := strings.Cut(typ, ":")
			p.Data.Form, p.Data.TypeName = shep.Typed, local
			p.Data.TypeSpace, _ = data.Lookup(prefix)
			payload = `<r xmlns="` + p.Data.TypeSpace + `">` + payload + "</r>"
			if local == "string" {
				p.Data.Form, payload = shep.String, data.Text()
			}
		}
		got := p.AppendRequest(nil, shep.Request{
			MessageID: value(info, "messageId"), CorrelationID: value(info, "correlationId"), Date: date,
			Password: value(info.ChildNamed("sender"), "password"), Payload: []byte(payload),
		})
		doc, err := xmltext.Parse(got, xmltext.Limits{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d := cmp.Diff(outline(nil, env.Body.First()), outline(nil, doc.Root().ChildNamed("Body").First())); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// outline lists expanded names and values in document order, but for sessionId,
// which the sender leaves to ШЭП.
func outline(dst []string, n xmltext.Node) []string {
	if n.Local() == "sessionId" {
		return dst
	}
	line := "{" + n.Space() + "}" + n.Local()
	if _, typed := n.Attr(xsiNS, "type"); typed {
		line += " (typed)"
	}
	if n.First().IsZero() {
		line += " " + n.Text()
	}
	dst = append(dst, line)
	for c := range n.Elements() {
		dst = outline(dst, c)
	}
	return dst
}
