package shep_test

import (
	"encoding/xml"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kopir-kz/kopir/gateway/c14n"
	"github.com/kopir-kz/kopir/gateway/shep"
	"github.com/kopir-kz/kopir/gateway/soap"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

var update = flag.Bool("update", false, "write the golden files anew")

const payload = `<m:Request xmlns:m="http://message.persistence.interactive.nat">` +
	`<messageId>5a3b7c1e-5a0e-4bb4-9d0a-8b1b0d5a7e11</messageId><messageDate>2025-09-01T10:00:00.000+05:00</messageDate>` +
	`<senderCode>KOPIR</senderCode><iin>904315401016</iin></m:Request>`

func request() shep.Request {
	return shep.Request{
		MessageID:     "5a3b7c1e-5a0e-4bb4-9d0a-8b1b0d5a7e11",
		CorrelationID: "0197a1f2-6f3e-7c10-9a55-3d0f5f1b2c01",
		Date:          time.Date(2025, 9, 1, 10, 0, 0, 0, time.FixedZone("", 5*60*60)),
		Password:      `p<&>"]]>`,
		Payload:       []byte(payload),
	}
}

// Every shape of the request, as bytes. Each must also fit the contract's
// schema, where xmllint is there to say so.
func TestAppendRequest(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		change func(*shep.Profile)
		req    func(*shep.Request)
	}{
		{"inline", func(p *shep.Profile) { p.Data.Form = shep.Inline }, func(*shep.Request) {}},
		{"least", func(*shep.Profile) {}, func(r *shep.Request) { r.CorrelationID, r.Password = "", "" }},
		{"most", func(p *shep.Profile) {
			p.RouteID = "route"
			p.Properties = []shep.Property{{Key: "CONNECTOR_CLIENT", Value: "true"}, {Key: "a&b", Value: "<ә>"}}
		}, func(*shep.Request) {}},
		{"typed", func(p *shep.Profile) {
			p.Data.Form, p.Data.TypeSpace, p.Data.TypeName = shep.Typed, "http://message.persistence.interactive.nat", "Request"
		}, func(r *shep.Request) {
			r.Payload = []byte(`<mes:Request xmlns:mes="http://message.persistence.interactive.nat"><messageId>5a3b7c1e</messageId>` +
				`<messageDate>2025-09-01T10:00:00Z</messageDate><senderCode></senderCode><iin>904315401016</iin></mes:Request>`)
		}},
		{"string", func(p *shep.Profile) { p.Data.Form = shep.String }, func(*shep.Request) {}},
		{"cdata", func(p *shep.Profile) { p.Inner.Carrier = shep.CDATA }, func(r *shep.Request) {
			r.Payload = []byte(`<a><![CDATA[x]]></a>`)
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p, r := personProfile(t, tc.change), request()
			tc.req(&r)
			got := p.AppendRequest(nil, r)
			golden(t, "request-"+tc.name+".xml", got)
			doc, err := xmltext.Parse(got, xmltext.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			env, err := soap.Read(doc)
			if err != nil {
				t.Fatal(err)
			}
			want, err := c14n.Method{Kind: c14n.Exclusive}.Append(nil, env.Body)
			if err != nil {
				t.Fatal(err)
			}
			if p.Carrier() != shep.CDATA && env.Body.Raw() != string(want) {
				t.Errorf("the Body is not canonical as written:\n%s\n%s", env.Body.Raw(), want)
			}
			checkData(t, p, env.Body, string(r.Payload))
			checkSchema(t, got)
		})
	}
}

// checkData: what the peer reads out of data is the payload as it was given.
func checkData(t *testing.T, p *shep.Profile, body xmltext.Node, want string) {
	t.Helper()
	data := body.First().ChildNamed("request").ChildNamed("requestData").ChildNamed("data")
	typ, _ := data.Attr("http://www.w3.org/2001/XMLSchema-instance", "type")
	prefix, local, _ := strings.Cut(typ, ":")
	space, _ := data.Lookup(prefix)
	switch {
	case p.Carrier() == shep.String, p.Carrier() == shep.CDATA:
		if data.Text() != want || local != "string" || space != "http://www.w3.org/2001/XMLSchema" {
			t.Errorf("data is %s {%s}%s", data.Text(), space, local)
		}
	case p.Carrier() == shep.Typed:
		if local != p.Data.TypeName || space != p.Data.TypeSpace {
			t.Errorf("data has the type {%s}%s", space, local)
		}
		if fields := data.Doc().Source()[data.TagEnd():data.ContentEnd()]; fields == "" || !strings.Contains(want, ">"+fields+"</") {
			t.Errorf("data holds %s", fields)
		}
	case data.First().Raw() != want:
		t.Errorf("data holds %s", data.First().Raw())
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.TrimSuffix(string(want), "\n"), string(got)); d != "" {
		t.Error(d)
	}
}

func checkSchema(t *testing.T, env []byte) {
	t.Helper()
	tool, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed: the request is not held against the schema")
	}
	schema := filepath.Join("..", "..", "contracts", "registries", "person", "universal.xsd")
	if _, err := os.Stat(schema); err != nil {
		t.Skip("no schema in contracts: the request is not held against it")
	}
	file := filepath.Join(t.TempDir(), "request.xml")
	if err := os.WriteFile(file, env, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(tool, "--nonet", "--noout", "--schema", schema, file).CombinedOutput(); err != nil {
		t.Errorf("xmllint: %v\n%s", err, out)
	}
}

// A second reader, that shares nothing with ours, sees the same fields in the
// same order.
func TestRequestForAnotherReader(t *testing.T) {
	t.Parallel()
	p := personProfile(t, func(p *shep.Profile) { p.RouteID = "r" })
	var got []string
	d := xml.NewDecoder(strings.NewReader(string(p.AppendRequest(nil, request()))))
	for {
		tok, err := d.Token()
		if err != nil {
			break
		}
		if s, ok := tok.(xml.StartElement); ok {
			got = append(got, s.Name.Space+" "+s.Name.Local)
		}
	}
	const env, typ = "http://schemas.xmlsoap.org/soap/envelope/ ", "http://bip.bee.kz/SyncChannel/v10/Types "
	want := []string{
		env + "Envelope", env + "Header", env + "Body", typ + "SendMessage", " request", " requestInfo", " messageId",
		" correlationId", " serviceId", " messageDate", " routeId", " sender", " senderId", " password", " requestData", " data",
		" messageId", " messageDate", " senderCode", " iin",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func BenchmarkAppendRequest(b *testing.B) {
	p, r := personProfile(b), request()
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		buf = p.AppendRequest(buf[:0], r)
	}
}
