package exchange_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/journal"
	"github.com/kopir-kz/kopir/gateway/shep"
	"github.com/kopir-kz/kopir/gateway/transport"
	mockpki "github.com/kopir-kz/kopir/mocks/pki"
)

// direct is a Sender without a network: it hands the answer over at once.
type direct struct {
	answer func(question []byte) []byte
}

func (d direct) Do(ctx context.Context, r transport.Round) (transport.Report, error) {
	question, err := r.Prepare(ctx, 1)
	if err != nil {
		return transport.Report{}, err
	}
	return transport.Report{Attempts: 1}, r.Read(ctx, http.StatusOK, http.Header{"Content-Type": {"text/xml"}}, d.answer(question))
}

// forgetful is a Journal for whom every answer is the first.
type forgetful struct{}

func (forgetful) Begin(context.Context, journal.Intent) error { return nil }
func (forgetful) End(context.Context, journal.Outcome) error  { return nil }
func (forgetful) FirstSeen(context.Context, []byte, time.Duration) (bool, error) {
	return true, nil
}

// FuzzAnswer bends a signed answer. Either it is refused, with a kind that blames
// the other side, or the facts are those that were signed. (Run it with
// -fuzzminimizetime 1x: verification takes other paths through the big numbers
// each time, and the engine would minimise in vain.)
func FuzzAnswer(f *testing.F) {
	p := answerPeer(f, reply{info: ids("own", "own") + ok, data: "<data><a x=\"1\">text</a></data>"})
	var bent []byte
	g := start(f, p.base, stub, func(s *setup) {
		s.profile.Answer.Correlation, s.profile.Answer.Date = shep.Ignore, shep.Ignore
		s.sender = direct{func([]byte) []byte { return bent }}
		s.options.Journal = forgetful{}
		s.options.Log = slog.New(slog.DiscardHandler)
		s.options.Clock = func() time.Time { return noon }
		s.profile.Envelope.Signature = shep.NoSignature // it costs time and makes nothing new happen
	})
	honest := p.envelope("")
	f.Add([]byte(honest))
	f.Add([]byte(strings.Replace(honest, "text", "other", 1)))
	f.Add([]byte(strings.ReplaceAll(honest, `"`, "'")))
	f.Add([]byte(strings.Replace(honest, "<s:Body", "<s:Body/><s:Body", 1)))
	f.Add([]byte(p.envelopeOf(reply{unsigned: true, info: ids("own", "own") + ok, data: "<data><b/></data>"})))
	f.Fuzz(func(t *testing.T, b []byte) {
		bent = b
		result, err := g.Do(t.Context(), call())
		if err == nil {
			if d := cmp.Diff(found("a"), result.Facts); d != "" {
				t.Fatal(d)
			}
			return
		}
		switch k := fault.KindOf(err); k {
		case fault.AnswerUnread, fault.SignatureInvalid, fault.SignerUntrusted, fault.NotSigned, fault.ShepFault, fault.ShepRefused, fault.AnswerStale:
		case fault.RegistryFault, fault.RegistryRefused, fault.RegistryBusy, fault.ConsentRefused: // what an unsigned failure claims to be
		default:
			t.Fatalf("a bent answer is %s: %v", k, err)
		}
	})
}

// BenchmarkExchange is everything of an exchange but network and disk: check,
// payload, envelope, signature, strict reading, verification, meaning. "floors"
// is the time as a multiple of what cannot be saved: one signature, one
// verification, and the digest of both messages, measured in the same run.
func BenchmarkExchange(b *testing.B) {
	for _, size := range []struct {
		name  string
		bytes int
	}{{"4KB", 4 << 10}, {"8KB", 8 << 10}, {"30KB", 30 << 10}} {
		b.Run(size.name, func(b *testing.B) {
			record := strings.Repeat("<person><surname>Сынақов</surname><birthDate>1985-04-12</birthDate></person>", size.bytes/96)
			p := answerPeer(b, reply{info: ids("message-1", "exchange-1") + ok, data: "<data><a>" + record + "</a></data>"})
			answer := []byte(p.envelope(""))
			asked := 0
			g := start(b, p.base, stub, func(s *setup) {
				s.sender = direct{func(q []byte) []byte { asked = len(q); return answer }}
				s.options.Journal = forgetful{}
				s.options.Log = slog.New(slog.DiscardHandler)
				s.options.NewID, s.options.NewExchangeID = func() string { return "message-1" }, func() string { return "exchange-1" }
			})
			b.ReportAllocs()
			for b.Loop() {
				if _, err := g.Do(b.Context(), call()); err != nil {
					b.Fatal(err)
				}
			}
			perOp := b.Elapsed() / time.Duration(b.N)
			b.ReportMetric(float64(perOp)/float64(floor(b, asked+len(answer))), "floors")
		})
	}
}

func floor(b *testing.B, bytes int) time.Duration {
	b.Helper()
	signer := identity(b, mockpki.Client)
	all, err := keys()
	if err != nil {
		b.Fatal(err)
	}
	id, err := all.Identity(mockpki.Client)
	if err != nil {
		b.Fatal(err)
	}
	data := make([]byte, bytes) // hashed twice, as asked and as answered: in Sign, and below
	data = data[:len(data)/2]
	const rounds = 200
	begun := time.Now()
	for range rounds {
		value, err := signer.Sign(b.Context(), data)
		if err != nil {
			b.Fatal(err)
		}
		h := signer.Suite().NewHash()
		h.Write(data)
		if err := signer.Suite().Verify(id.Key.Public(), h.Sum(nil), value); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(begun) / rounds
}
