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
			want:  soap.Fault{Code: "Client", Reason: "access denied"},
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
		{
			name: "the side survives what follows it", body: `<s:Fault><faultcode>s:Client.SynaqovErlan</faultcode></s:Fault>`,
			want: soap.Fault{Code: "Client.?"}, side: soap.Client, found: true,
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

// T16, T20: what a Fault says must not carry a person, markup or a second line
// into the log.
func TestT16T20Redact(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"plain", "the service is not available", "the service is not available"},
		{"case and punctuation", "Access DENIED (invalid signature).", "access denied invalid signature"},
		{"russian", "Доступ запрещён: подпись неверна, сервис недоступен", "доступ запрещён подпись неверна сервис недоступен"},
		{"kazakh", "Қолтаңба жарамсыз, қызмет қолжетімсіз", "қолтаңба жарамсыз қызмет қолжетімсіз"},
		{"iin and name", "Message 904315401016 Сынақова АЙГЕРІМ not found", "message … not found"},
		{"name in lower case", "сынақов ерлан не найден", "… не найден"},
		{"latin name in lower case", "synaqov erlan not found", "… not found"},
		{"name in quotes", "запись «сынақова» не найдена", "запись … не найдена"},
		{"name with a hyphen to a word", "error-synaqov error", "… error"},
		{"name that is a word as well", "рұқсат жоқ", "… жоқ"},
		{"split iin", "id 904 315 401 016!", "id …"},
		{"markup", "<script>alert(1)</script> denied <b>x</b>", "… denied …"},
		{"second line", "wrong\r\nlevel=ERROR msg=\"forged\"", "wrong …"},
		{"ansi and bidi", "bad \x1b[31mred\x1b[0m \u202etxet", "bad …"},
		{"address", "client a@example.kz or http://example.kz/904315401016", "client … or …"},
		{"not UTF-8", "bad \xff\xfe out", "bad … out"},
		{"long", strings.Repeat("code ", 1000), strings.TrimSpace(strings.Repeat("code ", 32))},
		{"one long word", strings.Repeat("w", 5000), "…"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(tc.want, soap.Redact(tc.in)); d != "" {
				t.Error(d)
			}
		})
	}
}

// T20: codes pass, numbers and names do not.
func TestT20Token(t *testing.T) {
	t.Parallel()
	for _, code := range []string{
		"", "SCSS001", "SCSE002", "FAULT-015", "FAULT015", "fault015", "SBF-VE-8", "SBF-AD-1", "VAL-JSR-001", "VAL-R-004",
		"00000", "404", "40301", "E-503", "SUCCESS", "ERROR", "Success", "ACCESS_DENIED", "soap:Client", "soap:Server",
		"env:Receiver.Timeout", "Server.Timeout", "MustUnderstand", "VersionMismatch",
	} {
		if got := soap.Token(" " + code + "\n"); got != code {
			t.Errorf("Token(%q) = %q", code, got)
		}
	}
	for _, other := range []string{
		"904315401016", "904-315-401-016", "1985-04-12", "12.04.1985", "SYNAQOV_ERLAN_1985", "SYNAQOV", "Erlan", "erlan", "Ali",
		"synaqov-404", "ERROR.SYNAQOV", "no such", "<b>", "код", "СЫНАҚ", strings.Repeat("A-", 12) + "A",
	} {
		if got := soap.Token(other); got != "?" {
			t.Errorf("Token(%q) = %q, want a refusal", other, got)
		}
	}
}

// FuzzRedact: one line, bounded, made of words that are left as they are by
// another turn, and never a digit or a capital letter.
func FuzzRedact(f *testing.F) {
	f.Add("Message 904315401016 Сынақова сынақов\r\nnot found")
	f.Fuzz(func(t *testing.T, s string) {
		out := soap.Redact(s)
		if len([]rune(out)) > 160 {
			t.Fatalf("%d runes", len([]rune(out)))
		}
		if strings.ContainsAny(out, "0123456789<>&\"'\r\n\t\x1b") || strings.ToLower(out) != out || soap.Redact(out) != out {
			t.Fatalf("lets through %q", out)
		}
		if got := soap.Redact("сынақов " + s); strings.Contains(got, "сынақов") {
			t.Fatalf("lets a name through: %q", got)
		}
	})
}

// FuzzToken: what passes is short, has few digits and stays as it is.
func FuzzToken(f *testing.F) {
	f.Add("SCSS001")
	f.Add("SYNAQOV_ERLAN_1985")
	f.Fuzz(func(t *testing.T, s string) {
		out := soap.Token(s)
		digits := strings.Count(strings.Map(func(r rune) rune {
			if '0' <= r && r <= '9' {
				return '0'
			}
			return r
		}, out), "0")
		if len(out) > 24 || digits > 6 || soap.Token(out) != out && out != "?" {
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
