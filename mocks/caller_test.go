package mocks

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/mocks/pki"
	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/registries/person"
	"github.com/kopir-kz/kopir/mocks/shep"
)

// TestMain: whatever a fault did to a connection, nobody is left waiting for it.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noon is the time in every world of these tests.
var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// sharedPKI has the authorities of each suite, made once.
var sharedPKI = func() map[pki.Suite]func() (*pki.PKI, error) {
	all := map[pki.Suite]func() (*pki.PKI, error){}
	for _, s := range pki.Suites() {
		all[s] = sync.OnceValues(func() (*pki.PKI, error) {
			return pki.New(pki.Options{Clock: func() time.Time { return noon }, Suite: s})
		})
	}
	return all
}()

// sharedPeople are those of the files, read once.
var sharedPeople = sync.OnceValues(func() (*population.Population, error) { return population.Load(noon) })

// keysOf gives a world the authorities of a suite.
func keysOf(t testing.TB, s pki.Suite) func(*Options) {
	t.Helper()
	keys, err := sharedPKI[s]()
	if err != nil {
		t.Fatal(err)
	}
	return func(o *Options) { o.PKI = keys }
}

// rsaKeys are for those foreign tools that know no national algorithm.
func rsaKeys(t testing.TB) func(*Options) { return keysOf(t, pki.RSA) }

// start makes a world at noon; change may alter its options.
func start(t *testing.T, change ...func(*Options)) *World {
	t.Helper()
	people, err := sharedPeople()
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Clock: func() time.Time { return noon }, People: people}
	for _, f := range append([]func(*Options){keysOf(t, pki.Suites()[0])}, change...) {
		f(&o)
	}
	w, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// question is a request that a test may spoil in any part.
type question struct {
	service, sender, password string
	messageID, date           string
	payload                   string // replaces the payload
	search                    string // elements between senderCode and the token
	token                     string // elements behind the search
	info                      string // elements of requestInfo behind sender
	role                      pki.Role
	options                   wsse.SignOptions
	header                    http.Header
	unsigned                  func(string) string // changes the envelope before it is signed
	signed                    func(string) string // and after
}

// ask is an honest question for one IIN.
func ask(iin string) question {
	return question{
		service: person.ServiceUniversal, sender: SenderID, messageID: uuid.NewString(),
		date: shep.FormatTime(noon), search: "<iin>" + iin + "</iin>", role: pki.Client,
		header: http.Header{"Content-Type": {"text/xml; charset=utf-8"}, "Soapaction": {`""`}},
	}
}

const payloadID = "11111111-2222-3333-4444-555555555555"

// text is the envelope before it is signed.
func (q question) text() []byte {
	payload := q.payload
	if payload == "" {
		payload = `<cs:Request xmlns:cs="http://message.persistence.interactive.nat"><messageId>` + payloadID + `</messageId><messageDate>` +
			q.date + `</messageDate><senderCode>KOPIR</senderCode>` + q.search + q.token + `</cs:Request>`
	}
	password := ""
	if q.password != "" {
		password = "<password>" + q.password + "</password>"
	}
	text := `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header/><soap:Body>` +
		`<typ:SendMessage xmlns:typ="http://bip.bee.kz/SyncChannel/v10/Types"><request><requestInfo><messageId>` + q.messageID +
		`</messageId><correlationId>chain-1</correlationId><serviceId>` + q.service + `</serviceId><messageDate>` + q.date + `</messageDate><sender><senderId>` +
		q.sender + `</senderId>` + password + `</sender>` + q.info + `</requestInfo><requestData>` +
		data(payload) + `</requestData></request></typ:SendMessage></soap:Body></soap:Envelope>`
	if q.unsigned != nil {
		text = q.unsigned(text)
	}
	return []byte(text)
}

func (q question) envelope(t *testing.T, w *World) []byte {
	t.Helper()
	env := q.text()
	if q.role != "" {
		id, err := w.PKI.Identity(q.role)
		if err != nil {
			t.Fatal(err)
		}
		signer, err := xmldsig.NewSigner(id.Key, id.Certificate.Raw)
		if err != nil {
			t.Fatal(err)
		}
		if env, err = wsse.SignBody(t.Context(), env, signer, q.options); err != nil {
			t.Fatal(err)
		}
	}
	if q.signed != nil {
		env = []byte(q.signed(string(env)))
	}
	return env
}

func data(payload string) string {
	if strings.HasPrefix(payload, "<data") {
		return payload
	}
	return "<data>" + payload + "</data>"
}

// answer is what came back, down to the bytes.
type answer struct {
	status int
	header http.Header
	body   string
	err    error // of the call or of reading the body
}

// send asks the world inside the process.
func (q question) send(t *testing.T, w *World) answer {
	t.Helper()
	return q.sendBy(t.Context(), t, w, w.RoundTripper())
}

func (q question) sendBy(ctx context.Context, t *testing.T, w *World, by http.RoundTripper) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.Endpoint(), bytes.NewReader(q.envelope(t, w)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = q.header.Clone()
	resp, err := by.RoundTrip(req)
	if err != nil {
		return answer{err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(body), err}
}

// clientTLS trusts the world's root for TLS at its time.
func (w *World) clientTLS() *tls.Config {
	roots := x509.NewCertPool()
	for _, r := range w.PKI.TLSRoots() {
		roots.AddCert(r)
	}
	return &tls.Config{RootCAs: roots, Time: w.Now, MinVersion: tls.VersionTLS12}
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
