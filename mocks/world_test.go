package mocks

import (
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway/ident"
	gatewaypki "github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/crl"
	"github.com/kopir-kz/kopir/gateway/pki/revocation"
	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/gateway/xmltext"
	"github.com/kopir-kz/kopir/mocks/faults"
	"github.com/kopir-kz/kopir/mocks/pki"
	"github.com/kopir-kz/kopir/mocks/population/fact"
	"github.com/kopir-kz/kopir/mocks/registries/person"
	"github.com/kopir-kz/kopir/mocks/shep"
)

// believes is what a gateway is configured with.
func believes(t *testing.T, w *World) *gatewaypki.Store {
	t.Helper()
	known, err := w.PKI.Known()
	if err != nil {
		t.Fatal(err)
	}
	lists, err := crl.ParseAll(w.PKI.CRLPEM())
	if err != nil {
		t.Fatal(err)
	}
	return gatewaypki.NewStore(gatewaypki.Options{
		Roots: w.PKI.Roots(), Intermediates: w.PKI.Intermediates(), Known: known, Revocation: gatewaypki.RevocationHard,
		Revoker: revocation.NewLists(append(w.PKI.Roots(), w.PKI.Intermediates()...), lists...),
	})
}

func atNoon() time.Time { return noon }

// verify checks an honest answer: envelope by ШЭП, data by the registry. It
// returns the data element.
func verify(t *testing.T, w *World, a answer) xmltext.Node {
	t.Helper()
	if a.err != nil || a.status != http.StatusOK {
		t.Fatalf("status %d, error %v: %s", a.status, a.err, a.body)
	}
	v, err := wsse.VerifyBody(t.Context(), []byte(a.body), believes(t, w), wsse.Policy{Clock: atNoon, Signer: "CN=ШЭП СЫНАҚ (MOCK)"})
	if err != nil {
		t.Fatal(err)
	}
	data := responseData(v.Body).Child("", "data")
	inner, err := xmldsig.VerifyEnveloped(t.Context(), data, believes(t, w), xmldsig.Policy{Clock: atNoon, Signer: "CN=ГБД ФЛ СЫНАҚ (MOCK)"})
	if err != nil {
		t.Fatal(err)
	}
	if len(inner.Targets) != 1 {
		t.Fatalf("the registry's signature covers %d nodes", len(inner.Targets))
	}
	return data
}

func responseData(body xmltext.Node) xmltext.Node {
	return body.First().Child("", "response").Child("", "responseData")
}

// path follows local names down.
func path(n xmltext.Node, names ...string) xmltext.Node {
	for _, name := range names {
		n = n.Child("", name)
	}
	return n
}

func TestEverybodyIsFoundThreeWays(t *testing.T) {
	t.Parallel()
	w := start(t)
	people := w.People.View(fact.RegistryPerson)
	for _, p := range people.Individuals() {
		if p.Fault != "" { // whoever asks gets another answer
			continue
		}
		k := p.Name.Kk
		name := "<surname>" + k.Surname + "</surname><name>" + k.Given + "</name>"
		if k.Patronymic != "" {
			name += "<patronymic>" + k.Patronymic + "</patronymic>"
		}
		searches := map[string]string{
			"iin":  "<iin>" + p.IIN + "</iin>",
			"name": name + "<birthDate>" + string(p.Born) + "</birthDate>",
		}
		if len(p.Documents) > 0 {
			searches["document"] = "<documentNumber>" + p.Documents[0].Number + "</documentNumber>"
		}
		for how, search := range searches {
			t.Run(p.Key+" by "+how, func(t *testing.T) {
				t.Parallel()
				q := ask("")
				q.search = search
				data := verify(t, w, q.send(t, w))
				var iins []string
				for found := range path(data, "persons").Elements() {
					iins = append(iins, path(found, "iin").Text())
				}
				if !slices.Contains(iins, p.IIN) {
					t.Errorf("found %d others", len(iins))
				}
				if namesakes := len(people.ByBirth(p.Born, k)); how == "name" && len(iins) != namesakes {
					t.Errorf("found %d people, want %d", len(iins), namesakes)
				}
				if path(data, "requestId").Text() != payloadID {
					t.Error("requestId is not ours")
				}
			})
		}
	}
}

func TestNobodyIsAnAnswerWithoutPersons(t *testing.T) {
	t.Parallel()
	w := start(t)
	for _, iin := range w.People.NotFound() {
		data := verify(t, w, ask(iin).send(t, w))
		if !path(data, "persons").IsZero() || path(data, "messageResult", "code").Text() != "00000" {
			t.Error("somebody was found, or an error")
		}
	}
}

// TestAnswersHoldEverything compares one answer element by element with what
// the contract says about a person with every part.
func TestAnswersHoldEverything(t *testing.T) {
	t.Parallel()
	w := start(t)
	tests := []struct {
		key  string
		want []string // children of person, in the order of the contract
	}{
		{"adult", []string{
			"iin", "surname", "name", "patronymic", "engFirstName", "engSurname", "birthDate", "gender", "nationality", "citizenship",
			"lifeStatus", "birthCertificate", "birthPlace", "regAddress", "documents", "addresses",
		}},
		{"no-patronymic", []string{
			"iin", "surname", "name", "engFirstName", "engSurname", "birthDate", "gender", "nationality", "citizenship",
			"lifeStatus", "birthPlace", "regAddress", "repatriationStatus", "documents",
		}},
		{"child", []string{
			"iin", "surname", "name", "patronymic", "engFirstName", "engSurname", "birthDate", "gender", "nationality", "citizenship",
			"lifeStatus", "birthCertificate", "birthPlace",
		}},
		{"deceased", []string{
			"iin", "surname", "name", "patronymic", "engFirstName", "engSurname", "birthDate", "deathDate", "gender", "nationality",
			"citizenship", "lifeStatus", "deathCertificate", "birthPlace", "regAddress", "excludeStatus", "documents",
		}},
		{"incapacitated", []string{
			"iin", "surname", "name", "patronymic", "engFirstName", "engSurname", "birthDate", "gender", "nationality", "citizenship",
			"lifeStatus", "birthPlace", "regAddress", "personCapableStatus", "documents",
		}},
		{"missing", []string{
			"iin", "surname", "name", "patronymic", "engFirstName", "engSurname", "birthDate", "gender", "nationality", "citizenship",
			"lifeStatus", "imprisonedStatus", "birthPlace", "regAddress", "missingStatus", "disappearStatus", "documents",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.key, func(t *testing.T) {
			t.Parallel()
			data := verify(t, w, ask(w.People.ByKey(tt.key).IIN).send(t, w))
			var got []string
			for c := range path(data, "persons", "person").Elements() {
				got = append(got, c.Local())
				if c.Space() != "" {
					t.Errorf("%s is qualified", c.Local())
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got  %v\nwant %v", got, tt.want)
			}
		})
	}
	namesake := verify(t, w, ask(w.People.ByKey("namesake").IIN).send(t, w))
	at := path(namesake, "persons", "person")
	if !path(at, "gender", "changeDate").Nil() || path(at, "regAddress", "city").Text() != "-" {
		t.Error("the namesake has no nil dates or no city dash")
	}
}

func TestCarriers(t *testing.T) {
	t.Parallel()
	for _, c := range []shep.Carrier{shep.Child, shep.String, shep.CDATA} {
		t.Run(string(c), func(t *testing.T) {
			t.Parallel()
			w := start(t, func(o *Options) { o.Carrier = c })
			a := ask(w.People.ByKey("adult").IIN).send(t, w)
			v, err := wsse.VerifyBody(t.Context(), []byte(a.body), believes(t, w), wsse.Policy{Clock: atNoon})
			if err != nil {
				t.Fatal(err)
			}
			data := responseData(v.Body).Child("", "data")
			root := data.First()
			if c != shep.Child {
				if !root.IsZero() || strings.Contains(a.body, "<![CDATA[") != (c == shep.CDATA) {
					t.Fatal("another carrier")
				}
				doc, err := xmltext.Parse([]byte(data.Text()), xmltext.Limits{})
				if err != nil {
					t.Fatal(err)
				}
				root = doc.Root()
			}
			if !root.Is("http://message.persistence.interactive.nat", "Response") {
				t.Errorf("the root is %s", root.Name())
			}
			if _, err := xmldsig.VerifyEnveloped(t.Context(), root, believes(t, w), xmldsig.Policy{Clock: atNoon}); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestForeignVerifier lets xmlsec1 judge an honest answer: the envelope and,
// cut out as its own document, the registry's data.
func TestForeignVerifier(t *testing.T) {
	t.Parallel()
	xmlsec, err := exec.LookPath("xmlsec1")
	if err != nil {
		t.Skip("xmlsec1 is not installed")
	}
	w := start(t, rsaKeys(t), func(o *Options) { o.KeyInfo = wsse.KeyIdentifier })
	a := ask(w.People.ByKey("compound-name").IIN).send(t, w)
	data := verify(t, w, a)
	dir := t.TempDir()
	known, err := w.PKI.Known()
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, b []byte) string {
		name = filepath.Join(dir, name)
		writeFile(t, name, string(b))
		return name
	}
	for i, check := range []struct{ name, text string }{
		{"envelope", a.body},
		{"data", data.Raw()},
	} {
		cert := write(check.name+".pem", pki.CertificatePEM(known[i]))
		doc := write(check.name+".xml", []byte(check.text))
		args := []string{
			"--verify", "--pubkey-cert-pem", cert, "--enabled-key-data", "rsa",
			"--id-attr:Id", "http://schemas.xmlsoap.org/soap/envelope/:Body", doc,
		}
		if out, err := exec.Command(xmlsec, args...).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", check.name, err, out)
		}
	}
}

// TestTheCallerIsCheckedStrictly spoils one thing at a time. Each refusal names
// the check and comes in the form of ШЭП; no text repeats the IIN.
func TestTheCallerIsCheckedStrictly(t *testing.T) {
	t.Parallel()
	swap := func(old, text string) func(string) string {
		return func(s string) string {
			if !strings.Contains(s, old) {
				return "no place for the change: " + old
			}
			return strings.Replace(s, old, text, 1)
		}
	}
	tests := []struct {
		name  string
		spoil func(*question)
		check shep.Check // "" for accepted
	}{
		{"honest", func(*question) {}, ""},
		{"issuer and serial", func(q *question) { q.options.KeyInfo = wsse.IssuerSerial }, ""},
		{"binary security token", func(q *question) { q.options.KeyInfo = wsse.BinarySecurityToken }, ""},
		{"plain Id", func(q *question) { q.options.ID = wsse.IDPlain }, ""},
		{"properties", func(q *question) {
			q.info = "<properties><key>CONNECTOR_CLIENT</key><value>true</value></properties>"
		}, ""},
		{"typed data", func(q *question) {
			q.payload = `<data xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:cs="http://message.persistence.interactive.nat" xsi:type="cs:Request"><messageId>1</messageId><messageDate>` +
				q.date + `</messageDate><senderCode/>` + q.search + `</data>`
		}, ""},
		{"data as text", func(q *question) {
			q.payload = `<data xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xs="http://www.w3.org/2001/XMLSchema" xsi:type="xs:string"><![CDATA[<cs:Request xmlns:cs="http://message.persistence.interactive.nat"><messageId>1</messageId><messageDate>` +
				q.date + `</messageDate><senderCode/>` + q.search + `</cs:Request>]]></data>`
		}, ""},
		{"date of Kazakhstan without zone", func(q *question) { q.date = "2026-11-01T17:00:00" }, ""},

		{"media type", func(q *question) { q.header.Set("Content-Type", "application/xml") }, shep.CheckHTTP},
		{"charset", func(q *question) { q.header.Set("Content-Type", "text/xml; charset=windows-1251") }, shep.CheckHTTP},
		{"no SOAPAction", func(q *question) { q.header.Del("Soapaction") }, shep.CheckHTTP},
		{"other SOAPAction", func(q *question) { q.header.Set("Soapaction", "SendMessage") }, shep.CheckHTTP},
		{"not XML", func(q *question) { q.signed = func(string) string { return "{}" } }, shep.CheckXML},
		{"DOCTYPE", func(q *question) { q.signed = func(s string) string { return "<!DOCTYPE x>" + s } }, shep.CheckXML},
		{"not signed", func(q *question) { q.role = "" }, shep.CheckSignature},
		{"tampered", func(q *question) { q.signed = swap("chain-1", "chain-2") }, shep.CheckSignature},
		{"SOAP 1.2", func(q *question) {
			q.signed = func(s string) string {
				return strings.ReplaceAll(s, "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope")
			}
		}, shep.CheckSignature},
		{"attacker's certificate", func(q *question) { q.role = pki.Attacker }, shep.CheckChain},
		{"expired certificate", func(q *question) { q.role = pki.ClientExpired }, shep.CheckChain},
		{"revoked certificate", func(q *question) { q.role = pki.ClientRevoked }, shep.CheckChain},
		{"unknown serial", func(q *question) { q.role, q.options.KeyInfo = pki.ClientOther, wsse.IssuerSerial }, shep.CheckChain},
		{"other wrapper", func(q *question) {
			q.unsigned = func(s string) string { return strings.ReplaceAll(s, "typ:SendMessage", "typ:SendMassage") }
		}, shep.CheckSchema},
		{"qualified request", func(q *question) {
			q.unsigned = func(s string) string { return strings.ReplaceAll(s, "request>", "typ:request>") }
		}, shep.CheckSchema},
		{"order of elements", func(q *question) {
			q.unsigned = swap("<correlationId>chain-1</correlationId><serviceId>"+person.ServiceUniversal+"</serviceId>", "<serviceId>"+person.ServiceUniversal+"</serviceId><correlationId>chain-1</correlationId>")
		}, shep.CheckSchema},
		{"no serviceId", func(q *question) {
			q.unsigned = swap("<serviceId>"+person.ServiceUniversal+"</serviceId>", "")
		}, shep.CheckSchema},
		{"two messageIds", func(q *question) { q.unsigned = swap("<correlationId>", "<messageId>2</messageId><correlationId>") }, shep.CheckSchema},
		{"empty messageId", func(q *question) { q.messageID = "" }, shep.CheckSchema},
		{"unknown element", func(q *question) { q.info = "<extra/>" }, shep.CheckSchema},
		{"long property", func(q *question) {
			q.info = "<properties><key>" + strings.Repeat("k", 31) + "</key><value>v</value></properties>"
		}, shep.CheckSchema},
		{"two payloads", func(q *question) { q.unsigned = swap("</data>", "<x/></data>") }, shep.CheckSchema},
		{"unknown sender", func(q *question) { q.sender = "somebody" }, shep.CheckSender},
		{"another system's certificate", func(q *question) { q.role = pki.ClientOther }, shep.CheckSender},
		{"late message", func(q *question) { q.date = shep.FormatTime(noon.Add(-6 * time.Minute)) }, shep.CheckSkew},
		{"early message", func(q *question) { q.date = shep.FormatTime(noon.Add(6 * time.Minute)) }, shep.CheckSkew},
		{"date in the form of Java", func(q *question) { q.date = "2026-11-01T12:00:00+0000" }, shep.CheckSkew},
		{"unknown service", func(q *question) { q.service = "GBDUL" }, shep.CheckService},
		{"other payload", func(q *question) { q.payload = "<Request/>" }, shep.CheckPayload},
		{"no search", func(q *question) { q.search = "" }, shep.CheckPayload},
		{"two ways to search", func(q *question) { q.search += "<documentNumber>1</documentNumber>" }, shep.CheckPayload},
		{"birth date alone", func(q *question) { q.search = "<birthDate>1985-04-12</birthDate>" }, shep.CheckPayload},
		{"name alone", func(q *question) { q.search = "<surname>Сынақов</surname>" }, shep.CheckPayload},
		{"order of the payload", func(q *question) {
			q.search = "<birthDate>1985-04-12</birthDate><surname>Сынақов</surname>"
		}, shep.CheckPayload},
		{"birth date form", func(q *question) {
			q.search = "<surname>Сынақов</surname><birthDate>12.04.1985</birthDate>"
		}, shep.CheckPayload},
		{"token where none belongs", func(q *question) { q.token = "<kdpToken>x</kdpToken><publicKey>y</publicKey>" }, shep.CheckPayload},
		{"service wants a token", func(q *question) { q.service = person.ServiceToken }, shep.CheckPayload},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			iin := w.People.ByKey("adult").IIN
			q := ask(iin)
			tt.spoil(&q)
			a := q.send(t, w)
			if a.header.Get(shep.Header) != "1" {
				t.Error("the answer is not marked as one of a mock")
			}
			received := w.Received()
			if len(received) != 1 {
				t.Fatalf("%d messages received", len(received))
			}
			if tt.check == "" {
				verify(t, w, a)
				if !received[0].Accepted() || received[0].Sender != SenderID || received[0].CorrelationID != "chain-1" {
					t.Errorf("received %+v", received[0])
				}
				return
			}
			if strings.Contains(a.body, iin) {
				t.Error("the refusal repeats the IIN")
			}
			last := received[0].Verdicts[len(received[0].Verdicts)-1]
			if last.Check != tt.check || last.Passed || last.Expected == "" || last.Got == "" {
				t.Errorf("last verdict %+v, want %s failed", last, tt.check)
			}
			checkRefusal(t, w, a, tt.check)
		})
	}
}

// checkRefusal: a Fault of the sender's, or for the payload a signed answer
// with the status of a business error.
func checkRefusal(t *testing.T, w *World, a answer, check shep.Check) {
	t.Helper()
	if check == shep.CheckPayload {
		v, err := wsse.VerifyBody(t.Context(), []byte(a.body), believes(t, w), wsse.Policy{Clock: atNoon})
		if err != nil || a.status != http.StatusOK {
			t.Fatalf("status %d: %v", a.status, err)
		}
		status := path(v.Body.First(), "response", "responseInfo", "status")
		if path(status, "code").Text() != "SCSE002" || !strings.Contains(path(status, "message").Text(), "check payload: expected") {
			t.Errorf("status %s", status.Raw())
		}
		return
	}
	doc, err := xmltext.Parse([]byte(a.body), xmltext.Limits{})
	if err != nil || a.status != http.StatusInternalServerError {
		t.Fatalf("status %d: %v", a.status, err)
	}
	const soap = "http://schemas.xmlsoap.org/soap/envelope/"
	fault := doc.Root().Child(soap, "Body").Child(soap, "Fault")
	detail := path(fault, "detail").Child("http://bip.bee.kz/SyncChannel/v10/Types", "SendMessageFault1_SendMessageFault")
	if path(fault, "faultcode").Text() != "soap:Client" || !strings.Contains(path(fault, "faultstring").Text(), "check "+string(check)+": expected") {
		t.Errorf("fault %s", fault.Raw())
	}
	if _, ok := shep.DateTime(path(detail, "errorDate").Text()); !ok || path(detail, "errorCode").Text() == "" {
		t.Errorf("detail %s", detail.Raw())
	}
}

func TestDuplicateMessage(t *testing.T) {
	t.Parallel()
	w := start(t)
	q := ask(w.People.ByKey("adult").IIN)
	verify(t, w, q.send(t, w))
	checkRefusal(t, w, q.send(t, w), shep.CheckDuplicate)
	w.Forget()
	verify(t, w, q.send(t, w))
}

func TestPassword(t *testing.T) {
	t.Parallel()
	w := start(t, func(o *Options) { o.SenderPassword = "correct horse" })
	q := ask(w.People.ByKey("adult").IIN)
	checkRefusal(t, w, q.send(t, w), shep.CheckSender)
	q = ask(w.People.ByKey("adult").IIN)
	q.password = "correct horse"
	verify(t, w, q.send(t, w))
}

func TestLenient(t *testing.T) {
	t.Parallel()
	w := start(t, func(o *Options) { o.Lenient = true })
	q := ask(w.People.ByKey("adult").IIN)
	q.date = shep.FormatTime(noon.Add(-time.Hour))
	q.signed = func(s string) string { return strings.Replace(s, "chain-1", "chain-2", 1) }
	a := q.send(t, w)
	verify(t, w, a)
	if got := a.header.Get(shep.LenientHeader); got != "signature, skew" {
		t.Errorf("the answer admits %q", got)
	}
	if a := ask(w.People.ByKey("adult").IIN).send(t, w); a.header.Get(shep.LenientHeader) != "none" {
		t.Error("an honest question is not told apart")
	}
	q.signed = func(string) string { return "<x/>" }
	if a := q.send(t, w); a.status != http.StatusInternalServerError {
		t.Error("what cannot be read was answered")
	}
}

func TestConsent(t *testing.T) {
	t.Parallel()
	w := start(t)
	tests := []struct {
		name, token, key string
		code             string // messageResult
	}{
		{"right", ConsentToken, ConsentPublicKey, "00000"},
		{"empty", "", "", "40101"},
		{"unknown", "nonsense", ConsentPublicKey, "40102"},
		{"other key", ConsentToken, "another", "40102"},
		{"expired", ConsentTokenExpired, ConsentPublicKey, "40103"},
		{"for another service", ConsentTokenOther, ConsentPublicKey, "40104"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			q := ask(w.People.ByKey("adult").IIN)
			q.service = person.ServiceToken
			q.token = "<kdpToken>" + tt.token + "</kdpToken><publicKey>" + tt.key + "</publicKey>"
			data := verify(t, w, q.send(t, w))
			if got := path(data, "messageResult", "code").Text(); got != tt.code {
				t.Errorf("messageResult %s, want %s", got, tt.code)
			}
			if path(data, "persons").IsZero() != (tt.code != "00000") {
				t.Error("a refusal with data, or an answer without")
			}
		})
	}
}

func TestPadAnswer(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		size     int
		unsigned bool
		who      string
	}{
		{"4 KB", 4 << 10, true, "child"},
		{"8 KB", 8 << 10, false, "compound-name"},
		{"32 KB", 32 << 10, false, "adult"},
		{"32 KB without inner signature", 32 << 10, true, "adult"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := start(t, func(o *Options) { o.PadAnswer, o.UnsignedData = tt.size, tt.unsigned })
			a := ask(w.People.ByKey(tt.who).IIN).send(t, w)
			if _, err := wsse.VerifyBody(t.Context(), []byte(a.body), believes(t, w), wsse.Policy{Clock: atNoon}); err != nil {
				t.Fatal(err)
			}
			if got := len(a.body); got < tt.size*95/100 || got > tt.size*110/100 {
				t.Errorf("%d bytes, asked for %d", got, tt.size)
			}
		})
	}
}

func TestGuards(t *testing.T) {
	t.Parallel()
	for _, mode := range []ident.Mode{ident.Production, ident.TestStand} {
		if _, err := Start(Options{Mode: mode.String(), Suite: pki.ECDSA}); !errors.Is(err, ErrNotMock) {
			t.Errorf("mode %s: %v", mode, err)
		}
	}
	w := start(t)
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "example.kz:80", "nonsense"} {
		if err := w.Listen(addr); err == nil {
			t.Errorf("listens on %q", addr)
		}
	}
}

func TestListen(t *testing.T) {
	t.Parallel()
	w := start(t)
	if err := w.Listen(""); err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := w.Listen(""); err == nil {
		t.Error("listens twice")
	}
	a := ask(w.People.ByKey("adult").IIN).sendBy(t.Context(), t, w, &http.Transport{DisableKeepAlives: true})
	verify(t, w, a)
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if a := ask(w.People.ByKey("adult").IIN).sendBy(t.Context(), t, w, &http.Transport{}); a.err == nil {
		t.Error("answers after Close")
	}
}

// TestInsideABubble: the world works under a fake clock, also a world from
// outside, and a hanging answer ends when the caller gives up.
func TestInsideABubble(t *testing.T) {
	t.Parallel()
	w := start(t)
	iin := w.People.ByKey("adult").IIN
	synctest.Test(t, func(t *testing.T) {
		verify(t, w, ask(iin).send(t, w))
		if err := w.Arm(faults.Arming{Fault: "transport-hang", Times: 1}); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if a := ask(iin).sendBy(ctx, t, w, w.RoundTripper()); a.err == nil {
			t.Fatalf("an answer: %d", a.status)
		}
		if took := time.Since(begin); took != time.Minute {
			t.Errorf("ended after %v", took)
		}
	})
}

// TestAnswersFitTheSchema lets xmllint hold every kind of answer against the
// schemas of the contract, which the mock does not use.
func TestAnswersFitTheSchema(t *testing.T) {
	t.Parallel()
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed")
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, contracts.Schemas()); err != nil {
		t.Fatal(err)
	}
	schema := filepath.Join(dir, "registries", "person", "universal.xsd")
	valid := func(t *testing.T, a answer) {
		t.Helper()
		doc := filepath.Join(t.TempDir(), "answer.xml")
		writeFile(t, doc, a.body)
		if out, err := exec.Command(xmllint, "--nonet", "--noout", "--schema", schema, doc).CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	}
	w := start(t)
	for _, p := range w.People.View(fact.RegistryPerson).Individuals() {
		if p.Fault != "" {
			continue
		}
		t.Run(p.Key, func(t *testing.T) {
			t.Parallel()
			valid(t, ask(p.IIN).send(t, w))
		})
	}
	t.Run("nobody", func(t *testing.T) {
		t.Parallel()
		valid(t, ask(w.People.NotFound()[0]).send(t, w))
	})
	t.Run("child of data", func(t *testing.T) {
		t.Parallel()
		w := start(t, func(o *Options) { o.Carrier = shep.Child })
		valid(t, ask(w.People.ByKey("adult").IIN).send(t, w))
	})
	t.Run("refused payload", func(t *testing.T) {
		t.Parallel()
		q := ask("")
		q.search = ""
		valid(t, q.send(t, start(t)))
	})
	t.Run("fault", func(t *testing.T) {
		t.Parallel()
		q := ask("")
		q.sender = "somebody"
		valid(t, q.send(t, start(t)))
	})
}
