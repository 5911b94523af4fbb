package main

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kopir-kz/kopir/gateway/pki/cms"
	"github.com/kopir-kz/kopir/gateway/pki/ocsp"
	"github.com/kopir-kz/kopir/gateway/pki/tsp"
	"github.com/kopir-kz/kopir/mocks"
	"github.com/kopir-kz/kopir/mocks/pki"
)

// synthetic is a person who does not exist; the month of birth of the IIN says so.
var synthetic = pki.Person{IIN: "904315300120", Surname: "СЫНАҚБЕКОВ", Given: "АСАН", Patronymic: "ТЕСТҰЛЫ", Organization: "ТОО СЫНАҚ-СЕРВИС", BIN: "991240007001"}

const personPassword = "Сынақ-құпиясөз 1"

// furnish adds to a stand what others sign: documents, time-stamps, answers about
// revocation, a person's keystore, certificates that are wrong in one respect.
func furnish(dir string, w *mocks.World) error {
	f := furnisher{dir: dir, world: w}
	for role, name := range map[pki.Role]string{
		pki.Client: "client", pki.ClientExpired: "expired", pki.ClientRevoked: "revoked", pki.ClientOther: "other", pki.Attacker: "attacker",
		pki.OCSP: "responder", pki.TSA: "tsa",
	} {
		f.identity(role, name)
	}
	f.person()
	f.documents()
	f.answers()
	f.lists()
	return f.err
}

// furnisher writes files until something fails.
type furnisher struct {
	dir   string
	world *mocks.World
	err   error
}

func (f *furnisher) file(name string, b []byte) {
	if f.err == nil {
		f.err = os.WriteFile(filepath.Join(f.dir, name), b, 0o600)
	}
}

// got takes what was made, or the error.
func got[T any](f *furnisher, v T, err error) T {
	if f.err == nil {
		f.err = err
	}
	return v
}

func (f *furnisher) of(r pki.Role) *pki.Identity {
	id, err := f.world.PKI.Identity(r)
	return got(f, id, err)
}

func (f *furnisher) identity(r pki.Role, name string) {
	id := f.of(r)
	if f.err != nil {
		return
	}
	f.file(name+".cert.pem", pki.CertificatePEM(id.Certificate))
	f.file(name+".cert.der", id.Certificate.Raw)
	key, err := id.KeyPEM()
	f.file(name+".key.pem", got(f, key, err))
}

func (f *furnisher) person() {
	id, err := f.world.PKI.Person(synthetic)
	if f.err = err; err != nil {
		return
	}
	store, err := id.Keystore([]byte(personPassword))
	f.file("person.p12", got(f, store, err))
	f.file("broken.p12", store[:len(store)/2])
	f.file("person.password", []byte(personPassword+"\n"))
	f.file("person.cert.pem", pki.CertificatePEM(id.Certificate))
}

// documents signs one: attached with a time-stamp, detached, by a person.
func (f *furnisher) documents() {
	content := []byte("Сынақ\n")
	f.file("document.txt", content)
	stamp := func(value []byte) ([]byte, error) {
		answer, err := f.stamp(value)
		if err != nil {
			return nil, err
		}
		return tsp.ParseResponse(answer)
	}
	client := f.of(pki.Client)
	if f.err != nil {
		return
	}
	attached, err := cms.Sign(content, client.Key, client.Certificate, cms.SignOptions{SigningTime: f.world.Now(), Stamp: stamp})
	f.file("document.cms", got(f, attached, err))
	f.file("document.pem", pem.EncodeToMemory(&pem.Block{Type: "CMS", Bytes: attached}))
	detached, err := cms.Sign(content, client.Key, client.Certificate, cms.SignOptions{Detached: true})
	f.file("detached.cms", got(f, detached, err))
	answer, err := f.stamp(content)
	f.file("document.tsr", got(f, answer, err))
	token, err := tsp.ParseResponse(answer)
	f.file("document.tst", got(f, token, err))
	refusal, err := tsp.Refusal(tsp.Rejection, tsp.TimeNotAvailable)
	f.file("refused.tsr", got(f, refusal, err))
}

func (f *furnisher) stamp(b []byte) ([]byte, error) {
	i, err := tsp.NewImprint([]int{2, 16, 840, 1, 101, 3, 4, 2, 1}, b)
	if err != nil {
		return nil, err
	}
	request, err := tsp.NewRequest(i).Marshal()
	if err != nil {
		return nil, err
	}
	return f.ask(http.MethodPost, pki.PathTSP, request)
}

// ask asks the authority of the world.
func (f *furnisher) ask(method, path string, body []byte) ([]byte, error) {
	rec := httptest.NewRecorder()
	f.world.Authority.ServeHTTP(rec, httptest.NewRequest(method, path, bytes.NewReader(body)))
	if rec.Code != http.StatusOK {
		return nil, fmt.Errorf("%s: %d", path, rec.Code)
	}
	return rec.Body.Bytes(), nil
}

func (f *furnisher) answers() {
	issuer := f.world.PKI.Intermediates()[0]
	about := func(name string, r pki.Role, trouble pki.Trouble) {
		id := f.of(r)
		if f.err != nil {
			return
		}
		certID, err := ocsp.NewCertID(id.Certificate, issuer, ocsp.SHA1)
		request, err2 := ocsp.NewRequest(got(f, certID, err), nil)
		f.world.Authority.Let(trouble)
		answer, err3 := f.ask(http.MethodPost, pki.PathOCSP, got(f, request, err2))
		f.world.Authority.Let(pki.NoTrouble)
		f.file(name, got(f, answer, err3))
	}
	about("good.ocsp", pki.Client, pki.NoTrouble)
	about("revoked.ocsp", pki.ClientRevoked, pki.NoTrouble)
	about("forged.ocsp", pki.Client, pki.WrongSigner)
	about("stale.ocsp", pki.Client, pki.Stale)
	about("refused.ocsp", pki.Client, pki.TryLater)
}

func (f *furnisher) lists() {
	for name, path := range map[string]string{"system.crl": pki.PathCRL, "delta.crl": pki.PathDeltaCRL} {
		l, err := f.ask(http.MethodGet, path, nil)
		f.file(name, got(f, l, err))
	}
	f.world.Authority.Let(pki.WrongSigner)
	l, err := f.ask(http.MethodGet, pki.PathCRL, nil)
	f.world.Authority.Let(pki.NoTrouble)
	f.file("forged.crl", got(f, l, err))
}

// masks are what is another thing in every run.
var masks = []struct {
	re *regexp.Regexp
	by string
}{
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`), "<time>"},
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "<id>"},
	{regexp.MustCompile(`\b[0-9a-f]{64}\b`), "<sha256>"},
	{regexp.MustCompile(`\b[0-9a-f]{28,40}\b`), "<hex>"},
	{regexp.MustCompile(`\bserial \d{30,50}\b`), "serial <number>"},
	{regexp.MustCompile(`http://127\.0\.0\.1:\d+`), "http://mocks"},
	{regexp.MustCompile(`\b\d+ days\b`), "<n> days"},
	{regexp.MustCompile(`(?m)^ *-?\d+( +(?:valid|expiring|expired) )`), "<n>$1"},
}

// mask writes the latest output into the file masked, without what is another
// thing in every run.
func mask(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: mask stdout|stderr")
	}
	text := ts.ReadFile(args[0])
	text = regexp.MustCompile(regexp.QuoteMeta(ts.Getenv("WORK"))).ReplaceAllString(text, "$$WORK")
	for _, m := range masks {
		text = m.re.ReplaceAllString(text, m.by)
	}
	ts.Check(os.WriteFile(ts.MkAbs("masked"), []byte(text), 0o600))
}

// exits runs a command that must end with an exit status.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND...")
	}
	status := 0
	var ended *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &ended) {
		status = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(status) != args[0] {
		ts.Fatalf("it ended with %d", status)
	}
}

// TestMasks: what is masked is only what differs.
func TestMasks(t *testing.T) {
	t.Parallel()
	in := "serial 1f00000000000000000000000000ab, BIN991240007001, RSA-2048, " + time.Now().UTC().Format(time.RFC3339) + ", 12 days"
	for _, m := range masks {
		in = m.re.ReplaceAllString(in, m.by)
	}
	if want := "serial <hex>, BIN991240007001, RSA-2048, <time>, <n> days"; in != want {
		t.Errorf("got %s", in)
	}
}
