package exchange_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/adapters"
	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/exchange"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/ident"
	"github.com/kopir-kz/kopir/gateway/journal"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/crl"
	"github.com/kopir-kz/kopir/gateway/pki/revocation"
	"github.com/kopir-kz/kopir/gateway/shep"
	"github.com/kopir-kz/kopir/gateway/transport"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/mocks"
	mockpki "github.com/kopir-kz/kopir/mocks/pki"
)

// noon is when every test begins. Inside a synctest bubble the clock runs on
// from there with the bubble's time.
var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// keys spare each test the making of RSA keys.
var keys = sync.OnceValues(func() (*mockpki.PKI, error) {
	return mockpki.New(mockpki.Options{Clock: func() time.Time { return noon }})
})

func identity(t testing.TB, role mockpki.Role) xmldsig.Signer {
	t.Helper()
	all, err := keys()
	if err != nil {
		t.Fatal(err)
	}
	id, err := all.Identity(role)
	if err != nil {
		t.Fatal(err)
	}
	s, err := xmldsig.NewSigner(id.Key, id.Certificate.Raw)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// setup is what a test may change before the exchange is made.
type setup struct {
	profile   shep.Profile
	world     mocks.Options
	base      http.RoundTripper       // between the transport and the world, or instead of it
	connect   func(http.RoundTripper) // gives base the way to the world
	sender    exchange.Sender         // instead of the transport
	transport transport.Options
	options   exchange.Options
	adapter   gateway.Adapter
}

// gatewayUnderTest is an exchange before a mock world, with all that is to be
// looked at afterwards.
type gatewayUnderTest struct {
	*exchange.Exchange
	world   *mocks.World
	client  *transport.Client
	journal *memory
	log     *syncBuffer
	clock   func() time.Time
}

func start(t testing.TB, change ...func(*setup)) *gatewayUnderTest {
	t.Helper()
	begun := time.Now()
	g := &gatewayUnderTest{journal: &memory{}, log: &syncBuffer{}, clock: func() time.Time { return noon.Add(time.Since(begun)) }}
	all, err := keys()
	if err != nil {
		t.Fatal(err)
	}
	s := setup{world: mocks.Options{PKI: all, Clock: g.clock, Tap: wire.Tap}, profile: profile(t), adapter: personAdapter(t)}
	s.options = exchange.Options{
		Journal: g.journal, Subject: testKey(t).Ref, Signer: exchange.KeySigner(identity(t, mockpki.Client)), Keys: believes(t, all), Mode: ident.Mock,
		Log: slog.New(slog.NewJSONHandler(g.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Clock: g.clock,
	}
	for _, f := range change {
		f(&s)
	}
	if g.world, err = mocks.Start(s.world); err != nil {
		t.Fatal(err)
	}
	if s.connect != nil {
		s.connect(g.world.RoundTripper())
	}
	s.transport = exchange.TransportOptions(&s.profile)
	s.transport.Rand = func() float64 { return 0.5 }
	if s.transport.Base = s.base; s.base == nil {
		s.transport.Base = g.world.RoundTripper()
	}
	if g.client, err = transport.New(s.transport); err != nil {
		t.Fatal(err)
	}
	if s.sender == nil {
		s.sender = g.client
	}
	s.options.Services = []exchange.Service{{Profile: s.profile, Adapter: s.adapter, Sender: s.sender, Password: "geheim"}}
	if g.Exchange, err = exchange.New(s.options); err != nil {
		t.Fatal(err)
	}
	return g
}

// profile is the embedded one for persons, completed as an operator would. Its
// breaker opens at the first call that counts as a failure, so that a test sees
// what counted.
func profile(t testing.TB) shep.Profile {
	t.Helper()
	p, err := shep.Profile{
		ID: "person.search", Endpoint: "http://shep.mock/bip-sync-wss-gost/", SenderID: mocks.SenderID, SenderCode: "KOPIR",
		Answer:  shep.AnswerProfile{Signer: "CN=ШЭП СЫНАҚ (MOCK)", InnerSigner: "CN=ГБД ФЛ СЫНАҚ (MOCK)", Inner: shep.Require},
		Breaker: shep.BreakerProfile{MinCalls: 1, FailureRatio: 0.01},
	}.WithDefaults()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func personAdapter(t testing.TB) gateway.Adapter {
	t.Helper()
	lists, err := contracts.Codes()
	if err != nil {
		t.Fatal(err)
	}
	return adapters.New(adapters.Codes(lists))[adapters.PersonSearch]
}

func believes(t testing.TB, all *mockpki.PKI) *pki.Store {
	t.Helper()
	known, err := all.Known()
	if err != nil {
		t.Fatal(err)
	}
	lists, err := crl.ParseAll(all.CRLPEM())
	if err != nil {
		t.Fatal(err)
	}
	return pki.NewStore(pki.Options{
		Roots: all.Roots(), Intermediates: all.Intermediates(), Known: known, Revocation: pki.RevocationHard,
		Revoker: revocation.NewLists(append(all.Roots(), all.Intermediates()...), lists...),
	})
}

func testKey(t testing.TB) journal.SubjectKey {
	t.Helper()
	k, err := journal.NewSubjectKey([]byte("a key that is long enough for tests"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// call asks for the adult of the population.
func call(change ...func(*exchange.Call)) exchange.Call {
	c := exchange.Call{
		RequestID: "request-1", Client: "intake", Operation: "person.search",
		Purpose: gateway.Purpose{Service: "00601", Case: "2026-000117", LegalBasis: "Order 279, annex 9", Official: "op-0042"},
		Query:   gateway.PersonQuery{IIN: adultIIN},
	}
	for _, f := range change {
		f(&c)
	}
	return c
}

const adultIIN = "854412301015"

// memory is a Journal that forgets.
type memory struct {
	mu       sync.Mutex
	intents  []journal.Intent
	outcomes []journal.Outcome
	seen     [][]byte
	beginErr error
	endErr   error
	endCtx   error // state of the context when End was called
}

func (m *memory) Begin(ctx context.Context, in journal.Intent) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.beginErr != nil {
		return m.beginErr
	}
	m.intents = append(m.intents, in)
	return nil
}

func (m *memory) End(ctx context.Context, out journal.Outcome) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.endCtx = ctx.Err()
	if m.endErr != nil {
		return m.endErr
	}
	m.outcomes = append(m.outcomes, out)
	return nil
}

func (m *memory) FirstSeen(_ context.Context, key []byte, _ time.Duration) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range m.seen {
		if bytes.Equal(k, key) {
			return false, nil
		}
	}
	m.seen = append(m.seen, slices.Clone(key))
	return true, nil
}

// only returns the one intent and the one outcome of a test.
func (m *memory) only(t *testing.T) (journal.Intent, journal.Outcome) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.intents) != 1 || len(m.outcomes) != 1 {
		t.Fatalf("%d intents and %d outcomes are on record, want one of each", len(m.intents), len(m.outcomes))
	}
	return m.intents[0], m.outcomes[0]
}

// syncBuffer is a log that several goroutines write.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// roundTripper is a peer made of a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// readAll takes the body of a request and puts it back.
func readAll(r *http.Request) (string, error) {
	b, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(b))
	return string(b), err
}

func wantKind(t *testing.T, err error, want fault.Kind) {
	t.Helper()
	if got := fault.KindOf(err); err == nil || got != want {
		t.Fatalf("got %v, want %s", err, want)
	}
}
