package mocks

import (
	"compress/gzip"
	"context"
	"crypto/sha1"
	"errors"
	"io"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	gatewaypki "github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/gateway/xmltext"
	"github.com/kopir-kz/kopir/mocks/faults"
	"github.com/kopir-kz/kopir/mocks/pki"
	"github.com/kopir-kz/kopir/mocks/registries/person"
	"github.com/kopir-kz/kopir/mocks/shep"
)

// struck is one answer that a fault has bent.
type struck struct {
	*testing.T
	w    *World
	q    question
	a    answer
	took time.Duration // on the clock of the bubble
}

// patience is how long a caller of these tests waits for an answer.
const patience = 6 * time.Hour

// refused: the strict verifier refuses in that class and for that reason.
func (s *struck) refused(class xmldsig.Class, reason string) {
	s.Helper()
	var e *xmldsig.Error
	_, err := wsse.VerifyBody(s.Context(), []byte(s.a.body), believes(s.T, s.w), wsse.Policy{Clock: atNoon, Signer: "CN=ШЭП СЫНАҚ (MOCK)"})
	if s.a.err != nil || !errors.As(err, &e) || e.Class != class || !strings.Contains(e.Error(), reason) {
		s.Errorf("call %v, verdict %v, want class %s and %q", s.a.err, err, class, reason)
	}
}

func (s *struck) unread(rule xmltext.Rule) {
	s.Helper()
	var e *xmltext.Error
	_, err := xmltext.Parse([]byte(s.a.body), xmltext.Limits{})
	if s.a.err != nil || !errors.As(err, &e) || e.Rule != rule {
		s.Errorf("call %v, reader %v, want rule %s", s.a.err, err, rule)
	}
}

// envelope verifies the outer signature only.
func (s *struck) envelope() xmltext.Node {
	s.Helper()
	v, err := wsse.VerifyBody(s.Context(), []byte(s.a.body), believes(s.T, s.w), wsse.Policy{Clock: atNoon})
	if err != nil {
		s.Fatal(err)
	}
	return v.Body
}

func (s *struck) info(names ...string) string {
	return path(s.envelope().First(), append([]string{"response", "responseInfo"}, names...)...).Text()
}

// data verifies both signatures.
func (s *struck) data() xmltext.Node {
	s.Helper()
	return verify(s.T, s.w, s.a)
}

func (s *struck) person() xmltext.Node { return path(s.data(), "persons", "person") }

func (s *struck) inner() error {
	data := responseData(s.envelope()).Child("", "data")
	_, err := xmldsig.VerifyEnveloped(s.Context(), data, believes(s.T, s.w), xmldsig.Policy{Clock: atNoon})
	return err
}

func (s *struck) fault() xmltext.Node {
	s.Helper()
	doc, err := xmltext.Parse([]byte(s.a.body), xmltext.Limits{})
	if err != nil || s.a.status != http.StatusInternalServerError {
		s.Fatalf("status %d: %v", s.a.status, err)
	}
	const soap = "http://schemas.xmlsoap.org/soap/envelope/"
	return doc.Root().Child(soap, "Body").Child(soap, "Fault")
}

// broken: the call or the reading of its body ended with that error.
func (s *struck) broken(status int, want error) {
	s.Helper()
	if s.a.status != status || !errors.Is(s.a.err, want) {
		s.Errorf("status %d, error %v; want %d, %v", s.a.status, s.a.err, status, want)
	}
}

func (s *struck) later(status int, after string) {
	s.Helper()
	if s.a.status != status || s.a.header.Get("Retry-After") != after {
		s.Errorf("status %d, Retry-After %q", s.a.status, s.a.header.Get("Retry-After"))
	}
}

// says: a signed answer with these codes and nobody in it.
func (s *struck) says(status string, code person.Code) {
	s.Helper()
	if got := s.info("status", "code"); got != status {
		s.Errorf("status %s, want %s", got, status)
	}
	data := s.data()
	if got := path(data, "messageResult", "code").Text(); got != string(code) || !path(data, "persons", "person").IsZero() {
		s.Errorf("messageResult %s, want %s", got, code)
	}
}

// wrapped: the signed Body is still there, and there is another that says
// something else. Where xmlsec1 is installed it finds the signature right.
func (s *struck) wrapped(reason string) {
	s.Helper()
	s.refused(xmldsig.ClassStructure, reason)
	if strings.Count(s.a.body, "<soap:Body") != 2 || !strings.Contains(s.a.body, ">Жынақ") || !strings.Contains(s.a.body, ">Сынақ") {
		s.Error("not two Bodies with two surnames")
	}
}

// effects says for every fault of the catalogue what its documentation line
// promises, on the level of HTTP and XML.
var effects = map[string]func(*struck){
	"signature-none": func(s *struck) {
		s.refused(xmldsig.ClassStructure, "no Security")
		if !strings.Contains(s.a.body, "<soap:Header></soap:Header>") {
			s.Error("the Header is not empty")
		}
	},
	"signature-wrong-digest":  func(s *struck) { s.refused(xmldsig.ClassSignature, "digest of Body") },
	"signature-wrong-value":   func(s *struck) { s.refused(xmldsig.ClassSignature, "value") },
	"signature-unknown-key":   func(s *struck) { s.refused(xmldsig.ClassTrust, string(gatewaypki.ReasonNoChain)) },
	"signature-wrong-system":  func(s *struck) { s.refused(xmldsig.ClassTrust, string(gatewaypki.ReasonSignerPin)) },
	"signature-expired":       func(s *struck) { s.refused(xmldsig.ClassTrust, string(gatewaypki.ReasonExpired)) },
	"signature-not-yet-valid": func(s *struck) { s.refused(xmldsig.ClassTrust, string(gatewaypki.ReasonNotYetValid)) },
	"signature-revoked":       func(s *struck) { s.refused(xmldsig.ClassTrust, string(gatewaypki.ReasonRevoked)) },
	"signature-unknown-serial": func(s *struck) {
		s.refused(xmldsig.ClassTrust, string(gatewaypki.ReasonUnknown))
		if strings.Contains(headerOf(s.a.body), "X509v3") {
			s.Error("the certificate travels along")
		}
	},
	"signature-sha1":             func(s *struck) { s.refused(xmldsig.ClassSignature, `sha1"`) },
	"signature-hmac":             func(s *struck) { s.refused(xmldsig.ClassSignature, "hmac-sha256") },
	"signature-algorithm-none":   func(s *struck) { s.refused(xmldsig.ClassSignature, `"none"`) },
	"signature-extra-transform":  func(s *struck) { s.refused(xmldsig.ClassSignature, "xpath") },
	"signature-duplicate-id":     func(s *struck) { s.refused(xmldsig.ClassStructure, "same Id") },
	"signature-outside-security": func(s *struck) { s.refused(xmldsig.ClassStructure, "no Signature as its direct child") },
	"signature-second":           func(s *struck) { s.refused(xmldsig.ClassStructure, "more than one Signature") },
	"signature-other-element":    func(s *struck) { s.refused(xmldsig.ClassStructure, "does not cover the Body") },
	"signature-comment-in-value": func(s *struck) {
		s.unread(xmltext.RuleComment)
		s.a.body = strings.Replace(s.a.body, "<!-- -->", "", 1)
		s.envelope() // right without the comment, as canonical form has it
	},
	"inner-missing": func(s *struck) {
		if !errors.Is(s.inner(), xmldsig.ErrNotSigned) {
			s.Error(s.inner())
		}
	},
	"inner-wrong-digest": func(s *struck) {
		var e *xmldsig.Error
		if err := s.inner(); !errors.As(err, &e) || e.Class != xmldsig.ClassSignature {
			s.Error(err)
		}
	},
	"inner-unknown-key": func(s *struck) {
		var e *xmldsig.Error
		if err := s.inner(); !errors.As(err, &e) || e.Class != xmldsig.ClassTrust {
			s.Error(err)
		}
	},
	"wrap-object":   func(s *struck) { s.wrapped("") },
	"wrap-key-info": func(s *struck) { s.wrapped("") },
	"wrap-security": func(s *struck) { s.wrapped("") },
	"wrap-header":   func(s *struck) { s.wrapped("") },
	"wrap-same-id":  func(s *struck) { s.wrapped("same Id") },
	"wrap-inside":   func(s *struck) { s.wrapped("") },
	"wrap-first":    func(s *struck) { s.wrapped("behind the Body") },
	"wrap-last":     func(s *struck) { s.wrapped("behind the Body") },

	"message-other-message-id": func(s *struck) {
		if got := s.info("messageId"); got == s.q.messageID || got == "" || s.info("correlationId") != "chain-1" {
			s.Errorf("messageId %q", got)
		}
	},
	"message-other-correlation-id": func(s *struck) {
		if got := s.info("correlationId"); got == "chain-1" || got == "" || s.info("messageId") != s.q.messageID {
			s.Errorf("correlationId %q", got)
		}
	},
	"message-other-request-id": func(s *struck) {
		if got := path(s.data(), "requestId").Text(); got == payloadID || got == "" {
			s.Errorf("requestId %q", got)
		}
	},
	"message-late": func(s *struck) {
		if s.info("messageId") == s.q.messageID || s.info("correlationId") == "" || path(s.data(), "requestId").Text() == payloadID {
			s.Error("the ids are ours")
		}
		first, second := ask(s.w.People.ByKey("child").IIN), ask(s.w.People.ByKey("adult").IIN)
		first.send(s.T, s.w)
		if s.a = second.send(s.T, s.w); s.info("messageId") != first.messageID {
			s.Error("the ids are not those of the question before")
		}
	},
	"message-duplicate": func(s *struck) {
		s.data() // no answer before this one: honest
		if again := ask(s.w.People.ByKey("child").IIN).send(s.T, s.w); again.body != s.a.body {
			s.Error("the second answer is not the first")
		}
	},
	"message-empty-ids": func(s *struck) {
		if s.info("messageId") != "" || s.info("responseDate") != "" || !strings.Contains(s.a.body, "<responseDate></responseDate>") {
			s.Error("not empty")
		}
	},
	"message-clock-behind": func(s *struck) { s.clock(-2 * time.Hour) },
	"message-clock-ahead":  func(s *struck) { s.clock(2 * time.Hour) },
	"message-status-word": func(s *struck) {
		if s.info("status", "code") != "Success" || s.person().IsZero() {
			s.Error("another code, or no data")
		}
	},
	"message-fault": func(s *struck) {
		detail := path(s.fault(), "detail").First()
		if path(s.fault(), "faultcode").Text() != "soap:Server" || path(detail, "errorCode").Text() != "SCSE003" ||
			!strings.Contains(path(detail, "errorMessage").Text(), faults.LeakIIN+" <b>") {
			s.Error(s.a.body)
		}
	},
	"message-fault-bare": func(s *struck) {
		if !path(s.fault(), "detail").IsZero() || path(s.fault(), "faultstring").Text() == "" {
			s.Error(s.a.body)
		}
	},
	"message-fault-client": func(s *struck) {
		if path(s.fault(), "faultcode").Text() != "soap:Client" || path(path(s.fault(), "detail").First(), "errorCode").Text() != "SBF-AD-1" {
			s.Error(s.a.body)
		}
	},
	"message-soap12": func(s *struck) {
		s.refused(xmldsig.ClassStructure, "SOAP 1.2")
		s.mediaType("application/soap+xml; charset=utf-8")
	},
	"message-html":         func(s *struck) { s.unread(xmltext.RuleDoctype); s.mediaType("text/html; charset=utf-8") },
	"message-json":         func(s *struck) { s.unread(xmltext.RuleRoot); s.mediaType("application/json") },
	"message-content-type": func(s *struck) { s.data(); s.mediaType("application/octet-stream") },
	"message-charset":      func(s *struck) { s.data(); s.mediaType("text/xml; charset=windows-1251") },
	"message-data-namespace": func(s *struck) {
		if responseData(s.envelope()).Child(shep.InterfacesSpace, "data").IsZero() {
			s.Error("data is not qualified")
		}
	},
	"message-double-encoded": func(s *struck) {
		if got := path(s.person(), "surname").Text(); !strings.HasPrefix(got, "Ð¡Ñ") {
			s.Errorf("surname starts with %.4q", got)
		}
	},

	"transport-refuse":           func(s *struck) { s.broken(0, syscall.ECONNREFUSED) },
	"transport-reset":            func(s *struck) { s.broken(0, syscall.ECONNRESET) },
	"transport-reset-in-headers": func(s *struck) { s.broken(0, syscall.ECONNRESET) },
	"transport-reset-in-body": func(s *struck) {
		s.broken(http.StatusOK, syscall.ECONNRESET)
		s.half()
	},
	"transport-half-close": func(s *struck) {
		s.broken(http.StatusOK, io.ErrUnexpectedEOF)
		s.half()
	},
	"transport-garbage-status": func(s *struck) {
		if s.a.err == nil || !strings.Contains(s.a.err.Error(), "malformed HTTP") {
			s.Error(s.a.err)
		}
	},
	"transport-truncated": func(s *struck) {
		s.broken(http.StatusOK, io.ErrUnexpectedEOF)
		if !strings.HasSuffix(s.a.body, "</soap:Envelope") {
			s.Error("more than one byte is missing")
		}
	},
	"transport-bad-chunk": func(s *struck) {
		if s.a.status != http.StatusOK || s.a.err == nil || !strings.Contains(s.a.err.Error(), "chunk") {
			s.Error(s.a.err)
		}
		s.half()
	},
	"transport-slow-headers": func(s *struck) {
		s.data()
		if s.took < time.Duration(len(s.a.body))*time.Second {
			s.Errorf("took %v", s.took)
		}
	},
	"transport-slow-drip": func(s *struck) {
		s.data()
		if s.took != time.Duration(len(s.a.body))*time.Second {
			s.Errorf("took %v for %d bytes", s.took, len(s.a.body))
		}
	},
	"transport-hang": func(s *struck) {
		s.broken(0, context.DeadlineExceeded)
		if s.took != patience {
			s.Errorf("took %v", s.took)
		}
	},
	"transport-429":        func(s *struck) { s.later(http.StatusTooManyRequests, "1") },
	"transport-429-absurd": func(s *struck) { s.later(http.StatusTooManyRequests, "31536000") },
	"transport-503":        func(s *struck) { s.later(http.StatusServiceUnavailable, "1") },
	"transport-503-absurd": func(s *struck) { s.later(http.StatusServiceUnavailable, "31536000") },
	"transport-redirect": func(s *struck) {
		if s.a.status != http.StatusTemporaryRedirect || s.w.CanaryVisits() != 0 {
			s.Fatalf("status %d", s.a.status)
		}
		s.visit(s.a.header.Get("Location"))
	},
	"transport-gzip-bomb": func(s *struck) {
		r, err := gzip.NewReader(strings.NewReader(s.a.body))
		if err != nil || s.a.header.Get("Content-Encoding") != "gzip" {
			s.Fatal(err)
		}
		n, err := io.Copy(io.Discard, r)
		if n != 256<<20 || err != nil || len(s.a.body) > 1<<20 {
			s.Errorf("%d bytes unpack to %d: %v", len(s.a.body), n, err)
		}
	},

	"payload-doctype": func(s *struck) { s.unread(xmltext.RuleDoctype) },
	"payload-external-entity": func(s *struck) {
		s.unread(xmltext.RuleDoctype)
		_, url, _ := strings.Cut(s.a.body, `SYSTEM "`)
		url, _, _ = strings.Cut(url, `"`)
		s.visit(url)
	},
	"payload-entity-bomb": func(s *struck) {
		s.unread(xmltext.RuleDoctype)
		if strings.Count(s.a.body, "<!ENTITY") != 10 || !strings.Contains(s.a.body, "<surname>&e;") {
			s.Error("no bomb")
		}
	},
	"payload-deep":                func(s *struck) { s.unread(xmltext.RuleDepth) },
	"payload-siblings":            func(s *struck) { s.unread(xmltext.RuleElements) },
	"payload-duplicate-attribute": func(s *struck) { s.unread(xmltext.RuleDuplicate) },
	"payload-second-root":         func(s *struck) { s.unread(xmltext.RuleRoot) },
	"payload-trailing-bytes":      func(s *struck) { s.unread(xmltext.RuleRoot) },
	"payload-utf16":               func(s *struck) { s.unread(xmltext.RuleEncoding) },
	"payload-oversize": func(s *struck) {
		s.unread(xmltext.RuleBytes)
		if len(s.a.body) != 17<<20 {
			s.Errorf("%d bytes", len(s.a.body))
		}
	},
	"payload-new-element": func(s *struck) {
		if path(s.person(), "bloodGroup").IsZero() {
			s.Error("no new element")
		}
	},
	"payload-missing-element": func(s *struck) {
		if !path(s.person(), "birthDate").IsZero() || path(s.person(), "gender").IsZero() {
			s.Error("birthDate is there, or more is missing")
		}
	},
	"payload-reordered": func(s *struck) {
		if s.person().First().Local() != "gender" {
			s.Error("the order is that of the contract")
		}
	},
	"payload-renamed": func(s *struck) {
		if path(s.person(), "lastName").Text() != "Сынақов" || !path(s.person(), "surname").IsZero() {
			s.Error("not renamed")
		}
	},
	"payload-unknown-code": func(s *struck) {
		if path(s.person(), "gender", "code").Text() != "7" {
			s.Error("a known code")
		}
	},
	"payload-empty-lists": func(s *struck) {
		for _, name := range []string{"documents", "addresses"} {
			if list := path(s.person(), name); list.IsZero() || !list.First().IsZero() {
				s.Errorf("%s is absent or not empty", name)
			}
		}
	},
	"payload-two-persons": func(s *struck) {
		var iins, names []string
		for p := range path(s.data(), "persons").Elements() {
			iins = append(iins, path(p, "iin").Text())
			names = append(names, path(p, "name").Text())
		}
		if len(iins) != 2 || iins[0] != iins[1] || names[0] == names[1] {
			s.Error("not two people with one IIN")
		}
	},
	"payload-wrong-person": func(s *struck) {
		if path(s.person(), "iin").Text() != faults.StrangerIIN {
			s.Error("the right person")
		}
	},
	"payload-duplicate-documents": func(s *struck) {
		var numbers []string
		for d := range path(s.person(), "documents").Elements() {
			numbers = append(numbers, path(d, "number").Text())
		}
		if len(numbers) != 4 || !slices.Equal(numbers[:2], numbers[2:]) {
			s.Errorf("%d documents", len(numbers))
		}
	},
	"payload-nil-dates": func(s *struck) {
		p := s.person()
		if !path(p, "citizenship", "changeDate").Nil() || !path(p, "documents", "document", "endDate").Nil() {
			s.Error("dates are not nil")
		}
	},
	"payload-city-dash": func(s *struck) {
		if path(s.person(), "regAddress", "city").Text() != "-" || path(s.person(), "addresses", "address", "city").Text() != "-" {
			s.Error("a city has a name")
		}
	},

	"registry-not-found": func(s *struck) {
		s.says(shep.Success, person.Processed)
		if !path(s.data(), "persons").IsZero() {
			s.Error("persons is there")
		}
	},
	"registry-not-found-empty": func(s *struck) {
		s.says(shep.Success, person.Processed)
		if path(s.data(), "persons").IsZero() {
			s.Error("persons is absent")
		}
	},
	"registry-not-found-code": func(s *struck) { s.says(shep.Failure, person.NoRecord) },
	"registry-not-found-status": func(s *struck) {
		if s.info("status", "code") != shep.Failure || !responseData(s.envelope()).First().IsZero() {
			s.Error("another status, or data")
		}
	},
	"registry-refused":             func(s *struck) { s.says(shep.BusinessError, person.Refused) },
	"registry-no-consent":          func(s *struck) { s.says(shep.BusinessError, person.ConsentMissing) },
	"registry-token-expired":       func(s *struck) { s.says(shep.BusinessError, person.ConsentExpired) },
	"registry-token-other-service": func(s *struck) { s.says(shep.BusinessError, person.ConsentOther) },
	"registry-internal-error":      func(s *struck) { s.says(shep.Unhandled, person.Broken) },
	"registry-maintenance":         func(s *struck) { s.says(shep.Failure, person.Maintenance) },
	"registry-overload":            func(s *struck) { s.says(shep.Failure, person.Overloaded) },

	"timing-delay": func(s *struck) {
		s.data()
		if s.took != 3*time.Second {
			s.Errorf("took %v", s.took)
		}
	},
}

func (s *struck) clock(off time.Duration) {
	s.Helper()
	want := shep.FormatTime(noon.Add(off))
	if s.info("responseDate") != want || path(s.data(), "messageDate").Text() != want {
		s.Errorf("dates %s and %s, want %s", s.info("responseDate"), path(s.data(), "messageDate").Text(), want)
	}
}

func (s *struck) mediaType(want string) {
	s.Helper()
	if got := s.a.header.Get("Content-Type"); s.a.status != http.StatusOK || got != want {
		s.Errorf("status %d, media type %q, want %q", s.a.status, got, want)
	}
}

// half: some of the body came, and not its end.
func (s *struck) half() {
	s.Helper()
	if !strings.HasPrefix(s.a.body, "<soap:Envelope") || strings.HasSuffix(s.a.body, "</soap:Envelope>") {
		s.Errorf("%d bytes of the body", len(s.a.body))
	}
}

// visit shows that the canary notices who comes.
func (s *struck) visit(url string) {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), http.MethodGet, url, nil)
	if err != nil {
		s.Fatal(err)
	}
	resp, err := s.w.RoundTripper().RoundTrip(req)
	if err != nil {
		s.Fatal(err)
	}
	_ = resp.Body.Close() // empty
	if s.w.CanaryVisits() != 1 {
		s.Errorf("%d visits", s.w.CanaryVisits())
	}
}

func headerOf(env string) string {
	header, _, _ := strings.Cut(env, "</soap:Header>")
	return header
}

// TestFaults arms every fault of the catalogue and holds the answer against
// what its documentation line says. Afterwards the world is honest again.
func TestFaults(t *testing.T) {
	t.Parallel()
	catalogue := faults.Faults()
	if len(catalogue) != len(effects) {
		t.Errorf("%d faults, %d effects", len(catalogue), len(effects))
	}
	for i, suite := range pki.Suites() {
		for _, f := range catalogue {
			if i > 0 && !slices.Contains([]string{"signature", "inner", "wrap"}, strings.SplitN(f.ID, "-", 2)[0]) {
				continue // nothing in it depends on the algorithm
			}
			t.Run(string(suite)+"/"+f.ID, func(t *testing.T) {
				t.Parallel()
				effect := effects[f.ID]
				if effect == nil {
					t.Fatal("the fault has no test")
				}
				w := start(t, keysOf(t, suite))
				synctest.Test(t, func(t *testing.T) { strike(t, w, f.ID, effect) })
			})
		}
	}
}

// strike lets one fault strike once, in a bubble.
func strike(t *testing.T, w *World, fault string, effect func(*struck)) {
	t.Helper()
	iin := w.People.ByKey("adult").IIN
	if err := w.Arm(faults.Arming{Fault: fault, Service: person.ServiceUniversal}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	s := &struck{T: t, w: w, q: ask(iin)}
	begin := time.Now()
	s.a = s.q.sendBy(ctx, t, w, w.RoundTripper())
	s.took = time.Since(begin)
	if s.a.status != 0 && s.a.header.Get(shep.Header) != "1" {
		t.Error("the answer is not marked as one of a mock")
	}
	effect(s)
	if hits := w.Armed()[0].Hits; hits < 1 {
		t.Error("the hit is not counted")
	}
	w.Clear(fault)
	verify(t, w, ask(iin).send(t, w))
}

// TestForgeriesHoldCryptographically lets xmlsec1 verify the value of what must
// be refused for another reason: a mock that sends broken signatures would test
// nothing but broken signatures.
func TestForgeriesHoldCryptographically(t *testing.T) {
	t.Parallel()
	xmlsec, err := exec.LookPath("xmlsec1")
	if err != nil {
		t.Skip("xmlsec1 is not installed")
	}
	signers := map[string]string{ // fault → what may be said of it
		"signature-expired": "", "signature-not-yet-valid": "", "signature-revoked": "", "signature-unknown-serial": "",
		"signature-extra-transform": "", "signature-comment-in-value": "", "signature-sha1": "--insecure",
		"wrap-object": "", "wrap-key-info": "", "wrap-security": "", "wrap-header": "", "wrap-inside": "", "wrap-first": "", "wrap-last": "",
	}
	for id := range signers {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			w := start(t, rsaKeys(t))
			if err := w.Arm(faults.Arming{Fault: id}); err != nil {
				t.Fatal(err)
			}
			a := ask(w.People.ByKey("adult").IIN).send(t, w)
			dir := t.TempDir()
			f, err := w.PKI.WriteFiles(dir)
			if err != nil {
				t.Fatal(err)
			}
			doc := dir + "/answer.xml"
			writeFile(t, doc, a.body)
			// known.pem starts with the certificate of ШЭП.
			cmd := exec.Command(xmlsec, "--verify", "--pubkey-cert-pem", f.Known[0], "--enabled-key-data", "rsa",
				"--id-attr:Id", "http://schemas.xmlsoap.org/soap/envelope/:Body", doc)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// TestNationalDowngradeHolds: the national answer with SHA-1 is refused for
// SHA-1 alone; who accepted that digest would accept the answer.
func TestNationalDowngradeHolds(t *testing.T) {
	t.Parallel()
	for suite, own := range map[pki.Suite]*xmldsig.Suite{pki.GOST2015: xmldsig.GOST2015(), pki.GOST2004: xmldsig.GOST2004()} {
		w := start(t, keysOf(t, suite))
		if err := w.Arm(faults.Arming{Fault: "signature-sha1"}); err != nil {
			t.Fatal(err)
		}
		a := ask(w.People.ByKey("adult").IIN).send(t, w)
		weak := &xmldsig.Suite{Name: "SHA-1", SignatureURI: "urn:none", DigestURI: "http://www.w3.org/2000/09/xmldsig#sha1", NewHash: sha1.New}
		v, err := wsse.VerifyBody(t.Context(), []byte(a.body), believes(t, w), wsse.Policy{Clock: atNoon, Suites: []*xmldsig.Suite{own, weak}})
		if err != nil || v.Suite != own {
			t.Errorf("%s: %v", suite, err)
		}
	}
}

// TestFaultsOnASocket: what a pipe imitates, a socket does.
func TestFaultsOnASocket(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fault  string
		status int
		err    error
	}{
		{"transport-refuse", 0, syscall.ECONNRESET}, // the connection was made: see the fault's line
		{"transport-reset", 0, syscall.ECONNRESET},
		{"transport-half-close", http.StatusOK, io.ErrUnexpectedEOF},
		{"transport-truncated", http.StatusOK, io.ErrUnexpectedEOF},
	}
	for _, tt := range tests {
		t.Run(tt.fault, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			if err := w.Listen(""); err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			if err := w.Arm(faults.Arming{Fault: tt.fault}); err != nil {
				t.Fatal(err)
			}
			client := &http.Transport{DisableKeepAlives: true}
			s := &struck{T: t, w: w, a: ask(w.People.ByKey("adult").IIN).sendBy(t.Context(), t, w, client)}
			s.broken(tt.status, tt.err)
		})
	}
}

// TestTLS: a caller that trusts the world's root is served, one that knows
// nothing of it is not; a server of an unknown authority serves nobody.
func TestTLS(t *testing.T) {
	t.Parallel()
	for _, mode := range []TLS{Trusted, UnknownCA} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			w := start(t, func(o *Options) { o.TLS = mode })
			if err := w.Listen(""); err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			client := &http.Transport{DisableKeepAlives: true, TLSClientConfig: w.clientTLS()}
			a := ask(w.People.ByKey("adult").IIN).sendBy(t.Context(), t, w, client)
			if (a.err == nil) != (mode == Trusted) {
				t.Errorf("error %v", a.err)
			}
		})
	}
}
