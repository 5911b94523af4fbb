package soap_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kopir-kz/kopir/gateway/soap"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

const open = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">`

func parse(t *testing.T, s string) *xmltext.Doc {
	t.Helper()
	d, err := xmltext.ParseString(s, xmltext.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestRead(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, env, rule string }{
		{"header and body", open + `<s:Header/><s:Body><a/></s:Body></s:Envelope>`, ""},
		{"no header", open + `<s:Body/></s:Envelope>`, ""},
		{"SOAP 1.2", `<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body/></e:Envelope>`, "soap.version"},
		{"a page", `<html><body>no</body></html>`, "soap.root"},
		{"envelope without a namespace", `<Envelope><Body/></Envelope>`, "soap.root"},
		{"two bodies", open + `<s:Body/><s:Body/></s:Envelope>`, "soap.trailer"},
		{"two headers", open + `<s:Header/><s:Header/><s:Body/></s:Envelope>`, "soap.structure"},
		{"header after the body", open + `<s:Body/><s:Header/></s:Envelope>`, "soap.trailer"},
		{"something else before the body", open + `<s:Header/><x/><s:Body/></s:Envelope>`, "soap.structure"},
		{"body of SOAP 1.2", open + `<b:Body xmlns:b="http://www.w3.org/2003/05/soap-envelope"/></s:Envelope>`, "soap.structure"},
		{"no body", open + `<s:Header/></s:Envelope>`, "soap.body"},
		{"empty", open + `</s:Envelope>`, "soap.body"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			env, err := soap.Read(parse(t, tc.env))
			var se *soap.Error
			switch {
			case tc.rule == "" && (err != nil || !env.Body.Is(soap.Namespace, "Body")):
				t.Fatalf("got %v, %v", env, err)
			case tc.rule != "" && (!errors.As(err, &se) || se.Rule != tc.rule):
				t.Fatalf("got %v, want the rule %s", err, tc.rule)
			}
		})
	}
}

func TestFault(t *testing.T) {
	t.Parallel()
	const detail = `<detail><x/></detail>`
	for _, tc := range []struct {
		name, body string
		want       soap.Fault
		side       soap.Side
		found      bool
		rule       string
	}{
		{name: "data", body: `<a/>`},
		{name: "empty body", body: ``},
		{
			name:  "server",
			body:  `<s:Fault><faultcode>s:Server.Timeout</faultcode><faultstring>no answer from the provider</faultstring>` + detail + `</s:Fault>`,
			want:  soap.Fault{Code: "Server.Timeout", Reason: "no answer from the provider"},
			side:  soap.Server,
			found: true,
		},
		{
			name:  "client, code and children qualified",
			body:  `<s:Fault><s:faultcode> soap:Client </s:faultcode><s:faultstring>Access denied.</s:faultstring></s:Fault>`,
			want:  soap.Fault{Code: "Client", Reason: "… denied"},
			side:  soap.Client,
			found: true,
		},
		{
			name: "must understand", body: `<s:Fault><faultcode>s:MustUnderstand</faultcode></s:Fault>`,
			want: soap.Fault{Code: "MustUnderstand"}, side: soap.Client, found: true,
		},
		{name: "no code", body: `<s:Fault/>`, side: soap.Server, found: true},
		{
			name: "code of another kind", body: `<s:Fault><faultcode>so it went</faultcode></s:Fault>`,
			want: soap.Fault{Code: "?"}, side: soap.Server, found: true,
		},
		{name: "fault of no namespace is data", body: `<Fault/>`},
		{name: "fault and data", body: `<s:Fault/><a/>`, rule: "soap.fault"},
		{name: "data and fault", body: `<a/><s:Fault/>`, rule: "soap.fault"},
		{name: "two faults", body: `<s:Fault/><s:Fault/>`, rule: "soap.fault"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			env, err := soap.Read(parse(t, open+`<s:Body>`+tc.body+`</s:Body></s:Envelope>`))
			if err != nil {
				t.Fatal(err)
			}
			f, found, err := env.Fault()
			var se *soap.Error
			if tc.rule != "" {
				if !errors.As(err, &se) || se.Rule != tc.rule {
					t.Fatalf("got %v, want the rule %s", err, tc.rule)
				}
				return
			}
			if err != nil || found != tc.found {
				t.Fatalf("found %v, %v", found, err)
			}
			if f.Detail.IsZero() == strings.Contains(tc.body, detail) {
				t.Error("detail lost")
			}
			if f.Code != tc.want.Code || f.Reason != tc.want.Reason {
				t.Errorf("got %q %q, want %q %q", f.Code, f.Reason, tc.want.Code, tc.want.Reason)
			}
			if found && f.Side() != tc.side {
				t.Errorf("blames %s, want %s", f.Side(), tc.side)
			}
		})
	}
}

// T16: what a Fault says must not carry a person, markup or a second line into
// the log.
func TestRedact(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"plain", "the service does not answer", "the service does not answer"},
		{"russian and kazakh", "доступ запрещён, рұқсат жоқ", "доступ запрещён рұқсат жоқ"},
		{"iin and name", "person 904315401016 Сынақова АЙГЕРІМ not found", "person … not found"},
		{"split iin", "iin 904 315 401 016!", "iin …"},
		{"markup", "<script>alert(1)</script> denied <b>x</b>", "… denied …"},
		{"second line", "wrong\r\nlevel=ERROR msg=\"forged\"", "wrong …"},
		{"ansi and bidi", "bad \x1b[31mred\x1b[0m \u202etxet", "bad …"},
		{"address", "mail a@example.kz or http://example.kz/904315401016", "mail … or …"},
		{"not UTF-8", "bad \xff\xfe end", "bad … end"},
		{"long", strings.Repeat("word ", 1000), strings.TrimSpace(strings.Repeat("word ", 32))},
		{"one long word", strings.Repeat("w", 5000), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(tc.want, soap.Redact(tc.in)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                      "",
		" SCSS001\n":            "SCSS001",
		"SBF-VE-8":              "SBF-VE-8",
		"Server.Timeout":        "Server.Timeout",
		"00000":                 "00000",
		"904315401016":          "?",
		"904-315-401-016":       "?",
		"no such":               "?",
		"<b>":                   "?",
		"код":                   "?",
		strings.Repeat("A", 41): "?",
	} {
		if got := soap.Token(in); got != want {
			t.Errorf("Token(%q) = %q, want %q", in, got, want)
		}
	}
}

// FuzzRedact: one line, bounded, and never a digit or a capital letter.
func FuzzRedact(f *testing.F) {
	f.Add("person 904315401016 Сынақова\r\nnot found")
	f.Fuzz(func(t *testing.T, s string) {
		out := soap.Redact(s)
		if len([]rune(out)) > 160 {
			t.Fatalf("%d runes", len([]rune(out)))
		}
		if strings.ContainsAny(out, "0123456789<>&\"'\r\n\t\x1b") || strings.ToLower(out) != out {
			t.Fatalf("lets through %q", out)
		}
	})
}

func TestAppendEnvelope(t *testing.T) {
	t.Parallel()
	b := soap.AppendStart(nil, soap.Declaration{Prefix: "xs", Space: "http://kopir.test/types"})
	b = soap.AppendEnd(append(b, "<a></a>"...))
	env, err := soap.Read(parse(t, string(b)))
	if err != nil {
		t.Fatal(err)
	}
	const body = `<soap:Body xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><a></a></soap:Body>`
	if got := env.Body.Raw(); got != body {
		t.Errorf("got %s, want %s", got, body)
	}
	if env.Header.IsZero() || !env.Header.First().IsZero() {
		t.Error("want an empty Header")
	}
	if space, _ := env.Body.Lookup("xs"); space != "http://kopir.test/types" {
		t.Errorf("xs is bound to %q", space)
	}
}
