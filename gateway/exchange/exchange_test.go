package exchange_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/exchange"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/journal"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/shep"
	"github.com/kopir-kz/kopir/gateway/store"
	"github.com/kopir-kz/kopir/gateway/transport"
	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/gateway/xmltext"
	"github.com/kopir-kz/kopir/mocks"
	"github.com/kopir-kz/kopir/mocks/faults"
	mockpki "github.com/kopir-kz/kopir/mocks/pki"
	mockshep "github.com/kopir-kz/kopir/mocks/shep"
)

func TestFound(t *testing.T) {
	t.Parallel()
	g := start(t)
	result, err := g.Do(t.Context(), call())
	if err != nil {
		t.Fatal(err)
	}
	persons, ok := result.Facts.(gateway.Persons)
	if !ok || len(persons) != 1 || persons[0].IIN != adultIIN || persons[0].GivenName != "Ерлан" {
		t.Fatalf("got %d persons, %v", len(persons), ok)
	}
	in, out := g.journal.only(t)
	p := result.Provenance
	if p.ExchangeID != in.Exchange || p.CorrelationID != in.Correlation || p.MessageID != out.MessageID || p.ExchangeID != p.CorrelationID {
		t.Errorf("provenance and journal disagree: %+v, %+v, %+v", p, in, out)
	}
	if p.AskedAt.Before(in.At) || p.ObservedAt.Before(p.AskedAt) || p.ObservedAt.Location() != time.UTC {
		t.Errorf("asked %v, observed %v, intent %v", p.AskedAt, p.ObservedAt, in.At)
	}
	if d := cmp.Diff([]gateway.SignatureVerdict{
		{Layer: "envelope", Verdict: "verified", Signer: out.Signer, Algorithm: "ГОСТ 34.10-2015/512", Covered: []string{"Body"}},
		{Layer: "inner", Verdict: "verified", Signer: p.Signatures[1].Signer, Algorithm: "ГОСТ 34.10-2015/512", Covered: []string{"data"}},
	}, p.Signatures); d != "" {
		t.Error(d)
	}
	if !strings.HasPrefix(p.Signatures[1].Signer, "CN=ГБД ФЛ СЫНАҚ (MOCK)") || !strings.HasPrefix(out.Signer, "CN=ШЭП СЫНАҚ (MOCK)") {
		t.Errorf("signed by %q and %q", out.Signer, p.Signatures[1].Signer)
	}
	want := journal.Intent{
		Exchange: in.Exchange, Request: "request-1", Correlation: in.Exchange, Client: "intake", Operation: "person.search", Registry: "GBDFL",
		Purpose: call().Purpose, SubjectRef: testKey(t).Ref(adultIIN), At: in.At,
	}
	if d := cmp.Diff(want, in); d != "" {
		t.Error(d)
	}
	if len(out.AnswerDigest) != 64 || out.Attempts != 1 || p.Attempts != 1 || p.ServiceID != "GBDFL_UniversalServiceSync" {
		t.Errorf("outcome %+v, provenance %+v", out, p)
	}
	if got := g.world.Received(); len(got) != 1 || got[0].CorrelationID != p.CorrelationID || got[0].MessageID != p.MessageID {
		t.Errorf("ШЭП received %+v", got)
	}
	holdBack(t, "the log", g.log.String())
}

// A search without an IIN leaves the reference to the subject empty.
func TestSubjectReference(t *testing.T) {
	t.Parallel()
	g := start(t)
	if _, err := g.Do(t.Context(), call(func(c *exchange.Call) { c.Query = gateway.PersonQuery{DocumentNumber: "990000101"} })); err != nil {
		t.Fatal(err)
	}
	if in, _ := g.journal.only(t); in.SubjectRef != "" {
		t.Errorf("the reference is %q", in.SubjectRef)
	}
}

// What breaks a rule is told by field and rule, and nothing else happens.
func TestRefusedBeforeAnythingHappens(t *testing.T) {
	t.Parallel()
	consent := func(s *setup) { s.profile.ConsentRequired = true }
	for _, tc := range []struct {
		name   string
		setup  func(*setup)
		change func(*exchange.Call)
		kind   fault.Kind
		fields []string // pointer and rule
	}{
		{"no purpose at all", nil, func(c *exchange.Call) { c.Purpose = gateway.Purpose{} }, fault.InvalidRequest, []string{
			"/purpose/service field.required", "/purpose/case field.required", "/purpose/legal_basis field.required", "/purpose/official field.required",
		}},
		{
			"one part of the purpose blank", nil, func(c *exchange.Call) { c.Purpose.LegalBasis = " \t" }, fault.InvalidRequest,
			[]string{"/purpose/legal_basis field.required"},
		},
		{
			"wrong check digit", nil, func(c *exchange.Call) { c.Query = gateway.PersonQuery{IIN: "854412301016"} }, fault.InvalidRequest,
			[]string{"/query/iin iin.check_digit"},
		},
		{"two modes, and no case", nil, func(c *exchange.Call) {
			c.Purpose.Case = ""
			c.Query = gateway.PersonQuery{IIN: adultIIN, DocumentNumber: "990000101"}
		}, fault.InvalidRequest, []string{"/purpose/case field.required", "/query query.mode"}},
		{"no consent", consent, func(*exchange.Call) {}, fault.ConsentMissing, nil},
		{"consent of white space", consent, func(c *exchange.Call) { c.Consent = gateway.Consent{Token: " \n", PublicKey: "k"} }, fault.ConsentMissing, nil},
		{"consent without a key", consent, func(c *exchange.Call) { c.Consent = gateway.Consent{Token: "t"} }, fault.ConsentMissing, nil},
		{"another operation", nil, func(c *exchange.Call) { c.Operation = "address.search" }, fault.Internal, nil},
		{"no query", nil, func(c *exchange.Call) { c.Query = nil }, fault.Internal, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			g := start(t, func(s *setup) {
				if tc.setup != nil {
					tc.setup(s)
				}
			})
			_, err := g.Do(t.Context(), call(tc.change))
			wantKind(t, err, tc.kind)
			var e *fault.Error
			errors.As(err, &e)
			var fields []string
			for _, f := range e.Fields {
				fields = append(fields, f.Pointer+" "+f.Rule)
			}
			if d := cmp.Diff(tc.fields, fields); d != "" {
				t.Error(d)
			}
			holdBack(t, "the error", err.Error())
			if len(g.journal.intents) != 0 || len(g.world.Received()) != 0 {
				t.Error("something happened")
			}
		})
	}
}

// T39, T40: no exchange without a record.
func TestNothingIsSentWithoutAnIntent(t *testing.T) {
	t.Parallel()
	g := start(t)
	g.journal.beginErr = errors.New("disk full")
	_, err := g.Do(t.Context(), call())
	wantKind(t, err, fault.JournalUnavailable)
	if len(g.world.Received()) != 0 {
		t.Error("a message was sent")
	}
	if len(g.journal.outcomes) != 0 {
		t.Error("an outcome without an intent")
	}
}

func TestNoFactsWithoutAnOutcome(t *testing.T) {
	t.Parallel()
	g := start(t)
	g.journal.endErr = errors.New("disk full")
	result, err := g.Do(t.Context(), call())
	wantKind(t, err, fault.JournalUnavailable)
	if result.Facts != nil {
		t.Error("facts were given out")
	}
}

// The failure that came first is the one that is told.
func TestOutcomeNotRecordedAfterAFailure(t *testing.T) {
	t.Parallel()
	g := start(t)
	if err := g.world.Arm(faults.Arming{Fault: "message-fault-bare"}); err != nil {
		t.Fatal(err)
	}
	g.journal.endErr = errors.New("disk full")
	_, err := g.Do(t.Context(), call())
	wantKind(t, err, fault.ShepFault)
}

// watchful is a Signer that looks at the journal before it signs.
type watchful struct {
	xmldsig.Signer
	journal *memory
	early   int
	err     error
}

func (w *watchful) Sign(ctx context.Context, signedInfo []byte) ([]byte, error) {
	w.journal.mu.Lock()
	if len(w.journal.intents) != 1 || len(w.journal.outcomes) != 0 {
		w.early++
	}
	w.journal.mu.Unlock()
	if w.err != nil {
		return nil, w.err
	}
	return w.Signer.Sign(ctx, signedInfo)
}

func TestIntentIsOnRecordBeforeTheKeyIsUsed(t *testing.T) {
	t.Parallel()
	var w *watchful
	g := start(t, func(s *setup) {
		w = &watchful{Signer: identity(t, mockpki.Client), journal: s.options.Journal.(*memory)}
		s.options.Signer = exchange.KeySigner(w)
	})
	if _, err := g.Do(t.Context(), call()); err != nil {
		t.Fatal(err)
	}
	if w.early != 0 {
		t.Error("the key was used before the intent was on record, or after the outcome")
	}
}

func TestKeyThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	g := start(t, func(s *setup) {
		s.options.Signer = exchange.KeySigner(&watchful{Signer: identity(t, mockpki.Client), journal: s.options.Journal.(*memory), err: errors.New("token removed")})
	})
	_, err := g.Do(t.Context(), call())
	wantKind(t, err, fault.SigningFailed)
	_, out := g.journal.only(t)
	if out.Class != "signing-failed" || out.Attempts != 0 || len(g.world.Received()) != 0 || g.client.BreakerState() != "closed" {
		t.Errorf("outcome %+v, breaker %s", out, g.client.BreakerState())
	}
}

// T32: only reads are repeated, and a retry is a new message: other messageId,
// other signature, the same correlationId. What the last attempt brought is what
// is on record.
func TestT32RetryIsANewMessage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var sent []string
		g := start(t, spy(&sent))
		if err := g.world.Arm(faults.Arming{Fault: "transport-503", Times: 2}); err != nil {
			t.Fatal(err)
		}
		result, err := g.Do(t.Context(), call())
		if err != nil {
			t.Fatal(err)
		}
		_, out := g.journal.only(t)
		if out.Attempts != 3 || result.Provenance.Attempts != 3 || len(sent) != 3 {
			t.Fatalf("%d attempts, %d messages", out.Attempts, len(sent))
		}
		for _, tag := range []string{"messageId", "ds:SignatureValue"} {
			if a, b, c := part(sent[0], tag), part(sent[1], tag), part(sent[2], tag); a == b || b == c || a == c || a == "" {
				t.Errorf("%s was sent again", tag)
			}
		}
		if part(sent[0], "correlationId") != part(sent[2], "correlationId") {
			t.Error("the correlationId has changed")
		}
		if part(sent[2], "messageId") != out.MessageID {
			t.Error("the journal has another messageId than the message that was answered")
		}
	})
}

// spy puts itself between the transport and the world, and keeps what is sent.
func spy(sent *[]string) func(*setup) {
	var mu sync.Mutex
	return func(s *setup) {
		var world http.RoundTripper
		s.base = roundTripper(func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			if world == nil {
				return nil, errors.New("the spy has no world")
			}
			body, err := readAll(r)
			if err != nil {
				return nil, err
			}
			*sent = append(*sent, body)
			return world.RoundTrip(r)
		})
		s.connect = func(w http.RoundTripper) { world = w }
	}
}

// part cuts the text of the first element of that name out of a message.
func part(msg, tag string) string {
	_, rest, _ := strings.Cut(msg, "<"+tag+">")
	text, _, _ := strings.Cut(rest, "</"+tag+">")
	return text
}

// A caller who goes away leaves an outcome, and it does not count against the
// registry.
func TestCallerGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := start(t)
		if err := g.world.Arm(faults.Arming{Fault: "transport-hang"}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer time.AfterFunc(time.Second, cancel).Stop()
		_, err := g.Do(ctx, call())
		wantKind(t, err, fault.CallerGone)
		_, out := g.journal.only(t)
		if out.Class != "caller-gone" || out.Attempts != 1 || out.Duration != time.Second || g.client.BreakerState() != "closed" {
			t.Errorf("outcome %+v, breaker %s", out, g.client.BreakerState())
		}
		if g.journal.endCtx != nil {
			t.Errorf("the outcome was written under the caller's context: %v", g.journal.endCtx)
		}
	})
}

// broken is an adapter with a defect.
type broken struct{ gateway.Adapter }

func (broken) Answer(q gateway.Query, _ gateway.Meta, _ gateway.Payload) (gateway.Facts, error) {
	panic("a defect that knows " + q.Subject())
}

func TestDefectLeavesAnOutcome(t *testing.T) {
	t.Parallel()
	g := start(t, func(s *setup) { s.adapter = broken{s.adapter} })
	_, err := g.Do(t.Context(), call())
	wantKind(t, err, fault.Internal)
	if _, out := g.journal.only(t); out.Class != "internal" || out.Attempts != 1 {
		t.Errorf("outcome %+v", out)
	}
	if !strings.Contains(g.log.String(), "exchange_test.broken.Answer") {
		t.Error("the log does not say where")
	}
	holdBack(t, "the log", g.log.String())
	holdBack(t, "the error", err.Error())
	if _, err = g.Do(t.Context(), call()); fault.KindOf(err) != fault.Internal {
		t.Errorf("the next call ends with %v: a place in the bulkhead is lost", err)
	}
}

// T14: two answers that were swapped on the way are both refused, though both
// are signed by the right systems.
func TestT14SwappedAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var waiting chan *http.Response
		var world http.RoundTripper
		swap := roundTripper(func(r *http.Request) (*http.Response, error) {
			mine, err := world.RoundTrip(r)
			if err != nil {
				return nil, err
			}
			// The body would end with the call that asked for it.
			body, err := io.ReadAll(mine.Body)
			if err != nil {
				return nil, err
			}
			mine.Body = io.NopCloser(bytes.NewReader(body))
			mu.Lock()
			if waiting == nil {
				waiting = make(chan *http.Response)
				mu.Unlock()
				other := <-waiting
				waiting <- mine
				return other, nil
			}
			mu.Unlock()
			waiting <- mine
			return <-waiting, nil
		})
		g := start(t, func(s *setup) {
			s.base, s.connect = swap, func(w http.RoundTripper) { world = w }
		})
		var group sync.WaitGroup
		for range 2 {
			group.Go(func() {
				_, err := g.Do(t.Context(), call())
				if !errors.Is(err, fault.AnswerMismatch) {
					t.Errorf("got %v", err)
				}
			})
		}
		group.Wait()
		if !alarmed(t, g) {
			t.Error("nobody was alarmed")
		}
	})
}

// T15: an answer that came before, byte for byte. With a correlationId it is an
// answer to another question; without one the replay set knows it.
func TestT15ReplayedAnswer(t *testing.T) {
	t.Parallel()
	t.Run("with correlationId", func(t *testing.T) {
		t.Parallel()
		g := start(t)
		if _, err := g.Do(t.Context(), call()); err != nil {
			t.Fatal(err)
		}
		if err := g.world.Arm(faults.Arming{Fault: "message-duplicate"}); err != nil {
			t.Fatal(err)
		}
		_, err := g.Do(t.Context(), call())
		wantKind(t, err, fault.AnswerMismatch)
		if len(g.journal.seen) != 0 {
			t.Error("an answer that cannot be replayed was remembered")
		}
	})
	t.Run("without correlationId", func(t *testing.T) {
		t.Parallel()
		p := answerPeer(t, reply{info: ids("own-1", "") + ok, data: "<data><a/></data>"})
		g := start(t, p.base, stub)
		if _, err := g.Do(t.Context(), call()); err != nil {
			t.Fatal(err)
		}
		_, err := g.Do(t.Context(), call())
		wantKind(t, err, fault.AnswerReplayed)
		if !alarmed(t, g) {
			t.Error("nobody was alarmed")
		}
	})
	t.Run("in another spelling", func(t *testing.T) {
		t.Parallel()
		p := answerPeer(t, reply{info: ids("own-1", "") + ok, data: "<data><a/></data>"})
		g := start(t, p.base, stub)
		if _, err := g.Do(t.Context(), call()); err != nil {
			t.Fatal(err)
		}
		p.edit = func(env string) string { return strings.Replace(env, "<a></a>", "<a\n/>", 1) }
		_, err := g.Do(t.Context(), call())
		wantKind(t, err, fault.AnswerReplayed)
	})
}

// Every carrier and every policy, against the mock world.
func TestCarriersAndPolicies(t *testing.T) {
	t.Parallel()
	verdicts := func(envelope, inner gateway.Verdict) string { return fmt.Sprintf("%s %s", envelope, inner) }
	for _, tc := range []struct {
		name  string
		setup func(*setup)
		fault string
		want  string // verdicts, or the kind
	}{
		{"data itself", nil, "", verdicts("verified", "verified")},
		{"child", func(s *setup) { s.world.Carrier = mockshep.Child }, "", verdicts("verified", "verified")},
		{"escaped string", func(s *setup) { s.world.Carrier = mockshep.String }, "", verdicts("verified", "verified")},
		{"CDATA", func(s *setup) { s.world.Carrier = mockshep.CDATA }, "", verdicts("verified", "verified")},
		{"tampered inside a string", func(s *setup) { s.world.Carrier = mockshep.String }, "inner-wrong-digest", "signature-invalid"},
		{"tampered inside CDATA", func(s *setup) { s.world.Carrier = mockshep.CDATA }, "inner-wrong-digest", "signature-invalid"},
		{"data unsigned, accepted", func(s *setup) { s.world.UnsignedData, s.profile.Answer.Inner = true, shep.Accept }, "", verdicts("verified", "absent")},
		{"data unsigned, required", func(s *setup) { s.world.UnsignedData = true }, "", "answer-not-signed"},
		{"data wrongly signed, accepted", func(s *setup) { s.profile.Answer.Inner = shep.Accept }, "inner-wrong-digest", "signature-invalid"},
		{"data wrongly signed, ignored", func(s *setup) { s.profile.Answer.Inner = shep.Ignore }, "inner-wrong-digest", verdicts("verified", "ignored")},
		{"envelope unsigned, accepted", func(s *setup) { s.profile.Answer.Envelope = shep.Accept }, "signature-none", verdicts("absent", "verified")},
		{"envelope wrongly signed, accepted", func(s *setup) { s.profile.Answer.Envelope = shep.Accept }, "signature-wrong-digest", "signature-invalid"},
		{"envelope wrongly signed, ignored", func(s *setup) { s.profile.Answer.Envelope = shep.Ignore }, "signature-wrong-value", verdicts("ignored", "verified")},
		{"envelope ignored, two Bodies", func(s *setup) { s.profile.Answer.Envelope = shep.Ignore }, "wrap-first", "answer-unreadable"},
		{"Fault with the envelope ignored", func(s *setup) { s.profile.Answer.Envelope = shep.Ignore }, "message-fault", "shep-fault"},
		{"signer of the data pinned to another", func(s *setup) { s.profile.Answer.InnerSigner = "CN=SOMEBODY" }, "", "signer-untrusted"},
		{"our data as an unsigned string", func(s *setup) { s.profile.Data.Form = shep.String }, "", verdicts("verified", "verified")},
		{"our envelope with issuer and serial", func(s *setup) { s.profile.Envelope.KeyInfo = "issuerSerial" }, "", verdicts("verified", "verified")},
		{"our envelope with a token", func(s *setup) { s.profile.Envelope.KeyInfo = "binarySecurityToken" }, "", verdicts("verified", "verified")},
		{"our envelope with X509Data and a plain Id", func(s *setup) {
			s.profile.Envelope.KeyInfo, s.profile.Envelope.IDStyle = "x509Data", "plain"
		}, "", verdicts("verified", "verified")},
		{"our envelope with both Ids", func(s *setup) { s.profile.Envelope.IDStyle = "both" }, "", verdicts("verified", "verified")},
		{"our envelope unsigned before a lenient ШЭП", func(s *setup) {
			s.profile.Envelope.Signature, s.world.Lenient = shep.NoSignature, true
		}, "", verdicts("verified", "verified")},
		{"our envelope unsigned before a strict ШЭП", func(s *setup) { s.profile.Envelope.Signature = shep.NoSignature }, "", "shep-refused"},
		{"unknown sender", func(s *setup) { s.profile.SenderID = "nobody" }, "", "shep-refused"},
		{
			"a status that the profile calls not found", func(s *setup) { s.profile.Status.NotFound = []string{"SCSE001"} },
			"registry-not-found-status", verdicts("verified", "absent"),
		},
		{
			"maintenance under a status that can mean not found", func(s *setup) { s.profile.Status.NotFound = []string{"SCSE001"} },
			"registry-maintenance", "registry-unavailable",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			g := start(t, func(s *setup) {
				if tc.setup != nil {
					tc.setup(s)
				}
			})
			if tc.fault != "" {
				if err := g.world.Arm(faults.Arming{Fault: tc.fault}); err != nil {
					t.Fatal(err)
				}
			}
			result, err := g.Do(t.Context(), call())
			got := string(fault.KindOf(err))
			if err == nil {
				got = verdicts(result.Provenance.Signatures[0].Verdict, result.Provenance.Signatures[1].Verdict)
			}
			if got != tc.want {
				t.Errorf("got %s (%v), want %s", got, err, tc.want)
			}
		})
	}
}

// The inner signature of our own data, in its three carriers: a peer that finds
// the payload by the rules of the contract can verify it, and so can a verifier
// of the envelope.
func TestOurDataIsSigned(t *testing.T) {
	t.Parallel()
	for _, carrier := range []string{shep.Inline, shep.String, shep.CDATA} {
		t.Run(carrier, func(t *testing.T) {
			t.Parallel()
			p := answerPeer(t, reply{info: ids("{m}", "{c}") + ok, data: "<data><a/></data>"})
			g := start(t, p.base, stub, func(s *setup) { s.profile.Inner.Carrier = carrier })
			if _, err := g.Do(t.Context(), call()); err != nil {
				t.Fatal(err)
			}
			all, err := keys()
			if err != nil {
				t.Fatal(err)
			}
			v, err := wsse.VerifyBody(t.Context(), []byte(p.asked), believes(t, all), wsse.Policy{Clock: g.clock})
			if err != nil {
				t.Fatal(err)
			}
			data := v.Body.First().ChildNamed("request").ChildNamed("requestData").ChildNamed("data")
			root, err := (&shep.DataProfile{Root: shep.RootChild}).Payload(data, xmltext.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := xmldsig.VerifyEnveloped(t.Context(), root, believes(t, all), xmldsig.Policy{Clock: g.clock}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestConsent(t *testing.T) {
	t.Parallel()
	withToken := func(s *setup) { s.profile.ServiceID, s.profile.ConsentRequired = "GBDFLUniversal_token", true }
	for _, tc := range []struct {
		name  string
		setup func(*setup)
		token string
		want  string
	}{
		{"good token, wrapped", withToken, "MOCK-CONSENT\n  -VALID\n", "found"},
		{"expired token", withToken, mocks.ConsentTokenExpired, "consent-refused"},
		{"token for another service", withToken, mocks.ConsentTokenOther, "consent-refused"},
		{"unknown token", withToken, "MOCK-CONSENT-NONE", "consent-refused"},
		{"token that nobody asks for is not sent", func(*setup) {}, mocks.ConsentToken, "found"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			g := start(t, tc.setup)
			_, err := g.Do(t.Context(), call(func(c *exchange.Call) {
				c.Consent = gateway.Consent{Token: tc.token, PublicKey: " " + mocks.ConsentPublicKey + "\n"}
			}))
			if _, out := g.journal.only(t); out.Class != tc.want {
				t.Errorf("got %s (%v), want %s", out.Class, err, tc.want)
			}
			holdBack(t, "the log", g.log.String())
		})
	}
}

// Evidence in a real journal, over a real database.
func TestRealJournal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, err := store.Open(t.Context(), store.Options{Path: filepath.Join(dir, "kopir.db")})
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(t.Context(), journal.Options{Store: db, Key: testKey(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = errors.Join(j.Close(), db.Close()) })
	g := start(t, func(s *setup) { s.options.Journal = j })
	if _, err := g.Do(t.Context(), call()); err != nil {
		t.Fatal(err)
	}
	if err := g.world.Arm(faults.Arming{Fault: "signature-wrong-digest"}); err != nil {
		t.Fatal(err)
	}
	_, err = g.Do(t.Context(), call())
	wantKind(t, err, fault.SignatureInvalid)
	entries, err := j.List(t.Context(), journal.Filter{SubjectRef: testKey(t).Ref(adultIIN)})
	if err != nil || len(entries) != 2 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	for i, class := range []string{"found", "signature-invalid"} {
		if out := entries[i].Outcome; out == nil || out.Class != class || out.Attempts != 1 {
			t.Errorf("entry %d: %+v", i, out)
		}
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	good := func() exchange.Options {
		return exchange.Options{
			Journal: &memory{}, Subject: func(string) string { return "" }, Signer: exchange.KeySigner(&watchful{}), Keys: &pki.Store{},
			Services: []exchange.Service{{Profile: profile(t), Adapter: broken{}, Sender: never{}}},
		}
	}
	for _, tc := range []struct {
		name   string
		change func(*exchange.Options)
		want   string
	}{
		{"good", func(*exchange.Options) {}, ""},
		{"no journal", func(o *exchange.Options) { o.Journal = nil }, "exchange: a journal and a subject key are needed"},
		{
			"invalid profile", func(o *exchange.Options) { o.Services[0].Profile.SenderID = "" },
			`service "person.search": sender_id: must be given: the operator of ШЭП issues it`,
		},
		{"twice", func(o *exchange.Options) { o.Services = append(o.Services, o.Services[0]) }, `service "person.search": id: two profiles have this id`},
		{"no adapter", func(o *exchange.Options) { o.Services[0].Adapter = nil }, `service "person.search": id: an adapter and a sender are needed`},
		{"no sender", func(o *exchange.Options) { o.Services[0].Sender = nil }, `service "person.search": id: an adapter and a sender are needed`},
		{"no key", func(o *exchange.Options) { o.Signer = nil }, `service "person.search": id: the profile signs, but there is no key`},
		{
			"no trust", func(o *exchange.Options) { o.Keys = nil },
			`service "person.search": id: the profile looks at signatures, but nothing says whom to trust`,
		},
		{"no key needed", func(o *exchange.Options) {
			o.Signer, o.Keys = nil, nil
			p := &o.Services[0].Profile
			p.Envelope.Signature, p.Answer.Envelope, p.Answer.Inner = shep.NoSignature, shep.Ignore, shep.Ignore
		}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			o := good()
			tc.change(&o)
			_, err := exchange.New(o)
			if got := fmt.Sprint(err); got != tc.want && (tc.want != "" || err != nil) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

type never struct{}

func (never) Do(context.Context, transport.Round) (transport.Report, error) {
	return transport.Report{}, nil
}

// A Sender that takes silence for success does not make the gateway do so.
func TestSilenceIsNoSuccess(t *testing.T) {
	t.Parallel()
	g := start(t, func(s *setup) { s.sender = never{} })
	_, err := g.Do(t.Context(), call())
	wantKind(t, err, fault.Internal)
	if _, out := g.journal.only(t); out.Class != "internal" {
		t.Errorf("outcome %+v", out)
	}
}
