package shep_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/shep"
	"github.com/kopir-kz/kopir/gateway/soap"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

const (
	typesNS = "http://bip.bee.kz/SyncChannel/v10/Types"
	xsiNS   = "http://www.w3.org/2001/XMLSchema-instance"
	info    = `<responseInfo><messageId>m-1</messageId><correlationId>c-1</correlationId>` +
		`<responseDate>2025-09-01T10:00:01.000+05:00</responseDate>` +
		`<status><code>SCSS001</code><message>Message has been processed successfully</message></status></responseInfo>`
)

// envelope puts the content of a Body into an envelope and gives the Body.
func body(t testing.TB, content string) xmltext.Node {
	t.Helper()
	b := soap.AppendEnd(append(soap.AppendStart(nil), content...))
	d, err := xmltext.Parse(b, xmltext.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	env, err := soap.Read(d)
	if err != nil {
		t.Fatal(err)
	}
	return env.Body
}

func wrap(response string) string {
	return `<n:SendMessageResponse xmlns:n="` + typesNS + `">` + response + `</n:SendMessageResponse>`
}

func TestReadAnswer(t *testing.T) {
	t.Parallel()
	full := shep.Answer{
		MessageID: "m-1", CorrelationID: "c-1", Date: "2025-09-01T10:00:01.000+05:00",
		Status: shep.Status{Code: "SCSS001", Message: "message has been processed successfully"},
	}
	bare := shep.Answer{Status: shep.Status{Code: "SCSE001"}}
	const bareInfo = `<responseInfo><messageId/><responseDate></responseDate><status><code>SCSE001</code><message/></status></responseInfo>`
	for _, tc := range []struct {
		name, body string
		want       shep.Answer
		data       string // raw
		rule       string
	}{
		{"as by the schema", wrap(`<response>` + info + `<responseData><data><a/></data></responseData></response>`), full, "<data><a/></data>", ""},
		{"no data", wrap(`<response>` + info + `<responseData/></response>`), full, "", ""},
		{"empty ids and date", wrap(`<response>` + bareInfo + `<responseData/></response>`), bare, "", ""},
		{"no responseData", wrap(`<response>` + bareInfo + `</response>`), bare, "", ""},
		{"white space around values", wrap(`<response><responseInfo><messageId>
 m-1 </messageId><status><code> SCSE001
</code></status></responseInfo></response>`), shep.Answer{MessageID: "m-1", Status: bare.Status}, "", ""},
		{
			"data in the namespace of the interfaces", wrap(`<response>` + info +
				`<responseData><i:data xmlns:i="http://bip.bee.kz/SyncChannel/v10/Interfaces"/></responseData></response>`), full,
			`<i:data xmlns:i="http://bip.bee.kz/SyncChannel/v10/Interfaces"/>`, "",
		},
		{"stray children", wrap(`<response><x/>` + strings.Replace(info, "<status>", "<sessionId>s</sessionId><sender><sessionId>s</sessionId></sender><status>", 1) +
			`<responseData><data/></responseData></response>`), full, "<data/>", ""},
		{"default namespace and xmlns empty", `<SendMessageResponse xmlns="` + typesNS + `"><response xmlns="">` + info +
			`<responseData><data/></responseData></response></SendMessageResponse>`, full, "<data/>", ""},
		{"tax clone with return", `<t:sendMessageResponse xmlns:t="http://kgd.integration.gov.icode.kz/"><return>` + info +
			`<responseData><data/></responseData></return></t:sendMessageResponse>`, full, "<data/>", ""},
		{
			"consent service, all qualified, no response element",
			`<sendMessageResponse xmlns="http://service.2fa-chain.kz/ns/kdp">` + info +
				`<responseData><data/></responseData></sendMessageResponse>`, full, "<data/>", "",
		},

		{"empty Body", ``, shep.Answer{}, "", "shep.body"},
		{"two elements", wrap(``) + wrap(``), shep.Answer{}, "", "shep.body"},
		{"another wrapper", `<getPersonResponse xmlns="http://data.gbd.chdb.scb.kz/"/>`, shep.Answer{}, "", "shep.wrapper"},
		{"our own request", `<n:SendMessage xmlns:n="` + typesNS + `"/>`, shep.Answer{}, "", "shep.wrapper"},
		{"wrapper of no namespace", `<SendMessageResponse/>`, shep.Answer{}, "", "shep.wrapper"},
		{"no status", wrap(`<response><responseInfo/></response>`), shep.Answer{}, "", "shep.status"},
		{"nil response", wrap(`<response xmlns:i="` + xsiNS + `" i:nil="true"/>`), shep.Answer{}, "", "shep.status"},
		{
			"status of another namespace", wrap(`<response><responseInfo><x:status xmlns:x="http://kopir.test/x"><code>SCSS001</code></x:status></responseInfo></response>`),
			shep.Answer{},
			"", "shep.status",
		},
		{
			"two codes", wrap(`<response><responseInfo><status><code>SCSE001</code><code>SCSS001</code></status></responseInfo></response>`),
			shep.Answer{},
			"", "shep.twice",
		},
		{"two data", wrap(`<response>` + info + `<responseData><data/><data/></responseData></response>`), shep.Answer{}, "", "shep.twice"},
		{"response and return", wrap(`<response>` + info + `</response><return>` + info + `</return>`), shep.Answer{}, "", "shep.twice"},
		{
			"long id", wrap(`<response><responseInfo><messageId>` + strings.Repeat("m", 257) + `</messageId><status><code>SCSS001</code></status></responseInfo></response>`),
			shep.Answer{},
			"", "shep.length",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := shep.ReadAnswer(body(t, tc.body))
			var se *shep.Error
			if tc.rule != "" {
				if !errors.As(err, &se) || se.Rule != tc.rule {
					t.Fatalf("got %v, want the rule %s", err, tc.rule)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.Data.Raw() != tc.data {
				t.Errorf("data is %s", got.Data.Raw())
			}
			got.Data = xmltext.Node{}
			if got != tc.want {
				t.Errorf("got %+v, want %+v", got, tc.want)
			}
		})
	}
}

func TestTime(t *testing.T) {
	t.Parallel()
	loc := time.FixedZone("+05:00", 5*60*60)
	noon := time.Date(2025, 9, 1, 12, 0, 0, 0, loc)
	for in, want := range map[string]time.Time{
		"2025-09-01T13:00:00.000+06:00": noon,
		"2025-09-01T07:00:00Z":          noon,
		"2025-09-01T07:00:00.250Z":      noon.Add(250 * time.Millisecond),
		"2025-09-01T13:00:00.5+0600":    noon.Add(500 * time.Millisecond),
		"2025-09-01T12:00:00":           noon,
		"2025-09-01T12:00:00.123456789": noon.Add(123456789),
	} {
		if got, ok := shep.Time(in, loc); !ok || !got.Equal(want) {
			t.Errorf("%s: %v, %v", in, got, ok)
		}
	}
	for _, in := range []string{"", "2025-09-01", "01.09.2025 12:00", "2025-13-01T00:00:00Z", "now"} {
		if got, ok := shep.Time(in, loc); ok {
			t.Errorf("%s taken for %v", in, got)
		}
	}
}

func TestPayload(t *testing.T) {
	t.Parallel()
	const typed = `<data xmlns:xsi="` + xsiNS + `" xsi:type="r:Response" xmlns:r="http://kopir.test/r"><a/></data>`
	const text = `<data xmlns:xsi="` + xsiNS + `" xmlns:xs="http://www.w3.org/2001/XMLSchema" xsi:type="xs:string">`
	for _, tc := range []struct {
		name, root, data string
		want             string // name of the payload's root, "" for none
		fails            string // part of the error
	}{
		{"one child", shep.RootAuto, `<data><a/></data>`, "a", ""},
		{"several children", shep.RootAuto, `<data><a/><b/></data>`, "data", ""},
		{"typed with one child", shep.RootAuto, typed, "data", ""},
		{"typed, but the child is asked for", shep.RootChild, typed, "a", ""},
		{"data itself is asked for", shep.RootData, `<data><a/></data>`, "data", ""},
		{"child asked for, two there", shep.RootChild, `<data><a/><b/></data>`, "", "shep.child"},
		{"escaped", shep.RootAuto, text + `&lt;?xml version="1.0" encoding="UTF-8"?>&lt;a/></data>`, "a", ""},
		{"escaped without a type", shep.RootAuto, `<data>&lt;a/></data>`, "a", ""},
		{"CDATA", shep.RootAuto, text + "\n <![CDATA[<a>x</a>]]>\n</data>", "a", ""},
		{"split CDATA", shep.RootAuto, text + "<![CDATA[<a><![CDATA[x]]]]><![CDATA[></a>]]></data>", "a", ""},
		{"absent", shep.RootAuto, `<nothing/>`, "", ""},
		{"empty", shep.RootAuto, `<data/>`, "", ""},
		{"white space", shep.RootAuto, "<data>\n </data>", "", ""},
		{"nil", shep.RootAuto, `<data xmlns:xsi="` + xsiNS + `" xsi:nil="true"/>`, "", ""},
		{"plain text", shep.RootAuto, `<data>no such record</data>`, "", "xml rule"},
		{"text and elements", shep.RootAuto, `<data>x<a/></data>`, "", "shep.mixed"},
		{"DOCTYPE in the text", shep.RootAuto, text + `&lt;!DOCTYPE a [&lt;!ENTITY x "y">]>&lt;a>&amp;x;&lt;/a></data>`, "", "doctype"},
		{"two roots in the text", shep.RootAuto, text + `&lt;a/>&lt;b/></data>`, "", "xml rule"},
		{"too deep in the text", shep.RootAuto, text + strings.Repeat("&lt;a>", 40) + strings.Repeat("&lt;/a>", 40) + `</data>`, "", "depth"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := personProfile(t, func(p *shep.Profile) { p.Data.Root = tc.root })
			got, err := p.Data.Payload(body(t, `<w>`+tc.data+`</w>`).First().ChildNamed("data"), xmltext.Limits{Depth: 32})
			switch {
			case tc.fails != "" && (err == nil || !strings.Contains(err.Error(), tc.fails)):
				t.Errorf("got %v, want %s", err, tc.fails)
			case tc.fails == "" && (err != nil || got.Local() != tc.want):
				t.Errorf("got <%s>, %v, want <%s>", got.Local(), err, tc.want)
			}
		})
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	result := func(code string) string {
		return `<r><messageResult><code>` + code + `</code></messageResult></r>`
	}
	for _, tc := range []struct {
		name, status, payload string
		class                 shep.Class
		kind                  fault.Kind
		code                  string
	}{
		{"success", "SCSS001", result("00000"), shep.Success, "", "SCSS001/00000"},
		{"success in words", "Success", result("00000"), shep.Success, "", "Success/00000"},
		{"success in capitals, no payload", "SUCCESS", "", shep.Success, "", "SUCCESS"},
		{"success without a payload code", "SCSS001", "<r/>", shep.Success, "", "SCSS001"},
		{"not found inside a success", "SCSS001", result("404"), shep.NotFound, "", "SCSS001/404"},
		{"not found inside a failure", "SCSE001", result("404"), shep.NotFound, "", "SCSE001/404"},
		{"unknown payload code inside a success", "SCSS001", result("77777"), shep.Failed, fault.RegistryFault, "SCSS001/77777"},
		{"payload success inside a failure stays a failure", "SCSE002", result("00000"), shep.Failed, fault.RegistryFault, "SCSE002/00000"},
		{"failure", "SCSE001", "", shep.Failed, fault.RegistryFault, "SCSE001"},
		{"unhandled exception", "SCSE003", "", shep.Failed, fault.RegistryFault, "SCSE003"},
		{"unknown code", "XYZ", "", shep.Failed, fault.RegistryFault, "XYZ"},
		{"refused by the gateway", "FAULT-015", "", shep.Rejected, fault.ShepRefused, "FAULT-015"},
		{"refused by the gateway, other spelling", "fault015", "", shep.Rejected, fault.ShepRefused, "fault015"},
		{"refused by the gateway, validation", "SBF-VE-8", "", shep.Rejected, fault.ShepRefused, "SBF-VE-8"},
		{"no rights", "SCSE002", result("40301"), shep.Refused, fault.RegistryRefused, "SCSE002/40301"},
		{"consent", "SCSE002", result("40103"), shep.ConsentRefused, fault.ConsentRefused, "SCSE002/40103"},
		{"maintenance", "SCSE003", result("50301"), shep.Busy, fault.RegistryBusy, "SCSE003/50301"},
		{"a text for a code", "904315401016", "", shep.Failed, fault.RegistryFault, "?"},

		{"two codes", "SCSS001", "<r><messageResult><code>404</code><code>00000</code></messageResult></r>", shep.Failed, fault.RegistryFault, "SCSS001/?"},
		{"two results", "SCSS001", "<r><messageResult><code>00000</code></messageResult><messageResult/></r>", shep.Failed, fault.RegistryFault, "SCSS001/?"},
		{"one result elsewhere", "SCSS001", "<r><x><messageResult><code>404</code></messageResult></x></r>", shep.Success, "", "SCSS001"},
		{"code of another namespace", "SCSS001", `<r><messageResult><x:code xmlns:x="urn:x">404</x:code></messageResult></r>`, shep.Failed, fault.RegistryFault, "SCSS001/?"},
		{"result of another namespace beside ours", "SCSS001", `<r><x:messageResult xmlns:x="urn:x"/><messageResult><code>00000</code></messageResult></r>`, shep.Failed, fault.RegistryFault, "SCSS001/?"},
		{"code of the root's namespace", "SCSS001", `<r xmlns="urn:r"><messageResult><code>404</code></messageResult></r>`, shep.NotFound, "", "SCSS001/404"},
		{"unqualified below a qualified root", "SCSS001", `<x:r xmlns:x="urn:r"><messageResult><code>404</code></messageResult></x:r>`, shep.NotFound, "", "SCSS001/404"},
		{"code with a structure", "SCSS001", "<r><messageResult><code>000<x/>00</code></messageResult></r>", shep.Failed, fault.RegistryFault, "SCSS001/?"},
		{"two codes in a failure", "SCSE002", "<r><messageResult><code>404</code><code>404</code></messageResult></r>", shep.Failed, fault.RegistryFault, "SCSE002/?"},
		{"two codes in a refusal by the gateway", "FAULT-015", "<r><messageResult><code>404</code><code>404</code></messageResult></r>", shep.Rejected, fault.ShepRefused, "FAULT-015/?"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var root xmltext.Node
			if tc.payload != "" {
				root = body(t, tc.payload).First()
			}
			got := personProfile(t).Judge(shep.Status{Code: tc.status}, root)
			if d := cmp.Diff(shep.Judgement{Class: tc.class, Code: tc.code}, got); d != "" {
				t.Error(d)
			}
			if got.Class.Kind() != tc.kind {
				t.Errorf("kind %s, want %s", got.Class.Kind(), tc.kind)
			}
		})
	}
}

// A code that is written out counts before one that is given by its beginning.
func TestJudgePrefersTheExactCode(t *testing.T) {
	t.Parallel()
	p := personProfile(t, func(p *shep.Profile) { p.Status.Busy = []string{"FAULT-503"} })
	if got := p.Judge(shep.Status{Code: "FAULT-503"}, xmltext.Node{}).Class; got != shep.Busy {
		t.Errorf("got %s", got)
	}
}

func TestBlame(t *testing.T) {
	t.Parallel()
	errorInfo := func(code, text, sub string) string {
		return `<errorCode>` + code + `</errorCode><errorMessage>` + text + `</errorMessage><errorDate>2025-09-01T10:00:00Z</errorDate>` + sub
	}
	detail := func(inner string) string {
		return `<detail><n:SendMessageFault1_SendMessageFault xmlns:n="` + typesNS + `">` + inner + `</n:SendMessageFault1_SendMessageFault></detail>`
	}
	deep := ""
	for range 20 {
		deep = `<subError>` + errorInfo("E-1", "error", deep) + `</subError>`
	}
	for _, tc := range []struct {
		name, fault string
		kind        fault.Kind
		text        string
	}{
		{
			"server, bare", `<faultcode>s:Server</faultcode><faultstring>timeout of the provider</faultstring>`, fault.ShepFault,
			"read answer: shep-fault: SOAP Fault Server: timeout of the provider",
		},
		{
			"client with detail", `<faultcode>s:Client</faultcode><faultstring>Access denied</faultstring>` + detail(errorInfo("SBF-AD-1", "no rights for this service", "")),
			fault.ShepRefused, "read answer: shep-refused: SOAP Fault Client: access denied; SBF-AD-1 (no rights for this service)",
		},
		{
			"a listed code decides that is no token", `<faultcode>s:Server</faultcode>` + detail(errorInfo("ProviderAsleep", "", "")),
			fault.RegistryBusy, "read answer: registry-unavailable: SOAP Fault Server; ?",
		},
		{
			"listed code of an inner error decides", `<faultcode>s:Server</faultcode>` + detail(errorInfo("E-1", "", `<subError>`+errorInfo("E-503", "", "")+`</subError>`)),
			fault.RegistryBusy, "read answer: registry-unavailable: SOAP Fault Server; E-1; E-503",
		},
		{
			"bounded", `<faultcode>s:Server</faultcode>` + detail(errorInfo("E-0", "error", deep)), fault.ShepFault,
			"read answer: shep-fault: SOAP Fault Server; E-0 (error)" + strings.Repeat("; E-1 (error)", 7),
		},
		{
			"T16: a person and markup in the texts", `<faultcode>s:Server</faultcode><faultstring>record 904315401016 Сынақова сынақова &lt;script></faultstring>` +
				detail(errorInfo("904315401016", "Айгерім not found", "")), fault.ShepFault,
			"read answer: shep-fault: SOAP Fault Server: record …; ? (… not found)",
		},
		{"detail of another kind", `<faultcode>s:Server</faultcode><detail><html/></detail>`, fault.ShepFault, "read answer: shep-fault: SOAP Fault Server"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := body(t, `<s:Fault xmlns:s="`+soap.Namespace+`">`+tc.fault+`</s:Fault>`)
			f, found, err := soap.Envelope{Body: b}.Fault()
			if err != nil || !found {
				t.Fatal(found, err)
			}
			p := personProfile(t, func(p *shep.Profile) { p.Faults.Busy = []string{"E-503", "ProviderAsleep"} })
			got := p.Blame(f)
			if got.Kind != tc.kind || got.Error() != tc.text {
				t.Errorf("got  %s\nwant %s", got, tc.text)
			}
			if got.Detail != "" {
				t.Errorf("tells the caller %q", got.Detail)
			}
		})
	}
}

func TestBind(t *testing.T) {
	t.Parallel()
	asked := shep.Asked{MessageID: "m", CorrelationID: "c"}
	for _, tc := range []struct {
		name      string
		policy    shep.Policy
		messageID string
		ans       shep.Answer
		want      error
	}{
		{"echo of both", shep.Require, shep.MessageIDEcho, shep.Answer{MessageID: "m", CorrelationID: "c"}, nil},
		{"own message id", shep.Accept, shep.MessageIDAny, shep.Answer{MessageID: "x", CorrelationID: "c"}, nil},
		{"T14: another correlation", shep.Accept, shep.MessageIDAny, shep.Answer{MessageID: "m", CorrelationID: "x"}, fault.AnswerMismatch},
		{"no correlation, accepted", shep.Accept, shep.MessageIDAny, shep.Answer{}, nil},
		{"no correlation, required", shep.Require, shep.MessageIDAny, shep.Answer{MessageID: "m"}, fault.AnswerMismatch},
		{"another correlation, ignored", shep.Ignore, shep.MessageIDAny, shep.Answer{CorrelationID: "x"}, nil},
		{"own message id, echo demanded", shep.Accept, shep.MessageIDEcho, shep.Answer{MessageID: "x", CorrelationID: "c"}, fault.AnswerMismatch},
		{"no message id, echo demanded", shep.Accept, shep.MessageIDEcho, shep.Answer{CorrelationID: "c"}, fault.AnswerMismatch},
		{"case counts", shep.Accept, shep.MessageIDAny, shep.Answer{CorrelationID: "C"}, fault.AnswerMismatch},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a := &shep.AnswerProfile{Correlation: tc.policy, MessageID: tc.messageID}
			if err := a.Bind(tc.ans, asked); !errors.Is(err, tc.want) || tc.want == nil && err != nil {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
}

func TestFresh(t *testing.T) {
	t.Parallel()
	sent := time.Date(2025, 9, 1, 5, 0, 0, 0, time.UTC)
	now := sent.Add(10 * time.Second)
	for _, tc := range []struct {
		name   string
		policy shep.Policy
		date   string
		want   error
	}{
		{"now", shep.Require, "2025-09-01T05:00:05Z", nil},
		{"in the local time of the registry", shep.Accept, "2025-09-01T10:00:05", nil},
		{"clock behind within the skew", shep.Accept, "2025-09-01T04:55:00Z", nil},
		{"clock ahead within the skew", shep.Accept, "2025-09-01T05:05:10Z", nil},
		{"T31: before the question", shep.Accept, "2025-09-01T04:54:59.999Z", fault.AnswerStale},
		{"T31: in the future", shep.Accept, "2025-09-01T05:05:10.001Z", fault.AnswerStale},
		{"absent, accepted", shep.Accept, "", nil},
		{"absent, required", shep.Require, "", fault.AnswerStale},
		{"old, ignored", shep.Ignore, "2015-09-01T05:00:00Z", nil},
		{"not a date", shep.Accept, "yesterday", fault.ContractViolation},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a := &shep.AnswerProfile{Date: tc.policy, Zone: "+05:00", ClockSkew: shep.Duration(5 * time.Minute)}
			err := a.Fresh(shep.Answer{Date: tc.date}, shep.Asked{At: sent}, now)
			if !errors.Is(err, tc.want) || tc.want == nil && err != nil {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
}

// FuzzReadAnswer: whatever the reader lets through gives an answer within its
// bounds or a refusal, and a code that is no success is never taken for one.
func FuzzReadAnswer(f *testing.F) {
	f.Add(wrap(`<response>` + info + `<responseData><data><a/></data></responseData></response>`))
	f.Add(`<sendMessageResponse xmlns="http://service.2fa-chain.kz/ns/kdp">` + info + `<responseData><data>x</data></responseData></sendMessageResponse>`)
	f.Add(`<s:Fault xmlns:s="` + soap.Namespace + `"><faultcode>s:Server</faultcode></s:Fault>`)
	p := personProfile(f)
	f.Fuzz(func(t *testing.T, content string) {
		d, err := xmltext.Parse(soap.AppendEnd(append(soap.AppendStart(nil), content...)), xmltext.Limits{})
		if err != nil {
			return
		}
		env, err := soap.Read(d)
		if err != nil {
			return
		}
		if fa, found, err := env.Fault(); err == nil && found {
			if k := p.Blame(fa).Kind; k == "" {
				t.Fatal("a Fault without a kind")
			}
		}
		a, err := shep.ReadAnswer(env.Body)
		if err != nil {
			return
		}
		if a.Status.Code == "" || max(len(a.Status.Code), len(a.MessageID), len(a.CorrelationID), len(a.Date)) > 256 {
			t.Fatalf("let through %+v", a)
		}
		root, err := p.Data.Payload(a.Data, xmltext.Limits{})
		if err != nil {
			return
		}
		success := strings.EqualFold(a.Status.Code, "SCSS001") || strings.EqualFold(a.Status.Code, "SUCCESS")
		if j := p.Judge(a.Status, root); j.Class == shep.Success && !success {
			t.Fatalf("the code %q is taken for a success", a.Status.Code)
		}
	})
}
