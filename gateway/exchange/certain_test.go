package exchange_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/shep"
)

// reads is an adapter that makes the same of every payload.
type reads struct {
	anything
	facts gateway.Facts
	err   error
}

func (a reads) Answer(gateway.Query, gateway.Meta, gateway.Payload) (gateway.Facts, error) {
	return a.facts, a.err
}

// claims is a status code with nothing around it.
func claims(code string) string { return "<status><code>" + code + "</code></status>" }

// An answer that says "not found" is believed only where nothing speaks against
// it.
func TestNotFoundIsCertain(t *testing.T) {
	t.Parallel()
	const notFound = "<data><a><code>404</code></a></data>"
	somebody, nobody := reads{facts: found("a")}, reads{facts: found("")}
	refuses := func(k fault.Kind) reads { return reads{err: fault.New(k, "read payload", "")} }
	for _, tc := range []struct {
		name, status, data string
		adapter            reads
		want               string
	}{
		{"nobody in the payload", "SCSS001", notFound, nobody, "not_found"},
		{"nobody in the payload of a failure", "SCSE001", notFound, nobody, "not_found"},
		{"the adapter knows that the code is no success", "SCSE001", notFound, refuses(fault.RegistryFault), "not_found"},
		{"persons", "SCSS001", notFound, somebody, "contract-violation"},
		{"persons in a failure", "SCSE001", notFound, somebody, "contract-violation"},
		{"an answer to another question", "SCSS001", notFound, refuses(fault.AnswerMismatch), "answer-mismatch"},
		{"a payload of another shape", "SCSS001", notFound, refuses(fault.ContractViolation), "contract-violation"},
		{"two codes", "SCSS001", "<data><a><code>404</code><code>404</code></a></data>", nobody, "registry-fault"},
		{"a code of another namespace", "SCSS001", `<data><a><x:code xmlns:x="urn:x">404</x:code></a></data>`, nobody, "registry-fault"},
		{"success and not found", "SCSS001", "<data><a><code>00000</code><code>404</code></a></data>", somebody, "registry-fault"},

		{"by the status, without data", "SCSE404", "", somebody, "not_found"},
		{"by the status, with a sentence", "SCSE404", "<data>no such record</data>", somebody, "not_found"},
		{"by the status, with persons", "SCSE404", "<data><a/></data>", somebody, "contract-violation"},
		{"by the status, with persons in a text that cannot be read", "SCSE404", "<data>&lt;a>&lt;/b></data>", somebody, "answer-unreadable"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := answerPeer(t, reply{info: ids("{m}", "{c}") + claims(tc.status), data: tc.data})
			g := start(t, p.base, func(s *setup) {
				s.adapter = tc.adapter
				s.profile.Status.NotFound = []string{"SCSE404"}
				s.profile.Payload = shep.PayloadCodes{Path: "code", Codes: shep.Codes{Success: []string{"00000"}, NotFound: []string{"404"}}}
			})
			result, err := g.Do(t.Context(), call())
			if _, out := g.journal.only(t); out.Class != tc.want {
				t.Errorf("got %s (%v), want %s", out.Class, err, tc.want)
			}
			if err == nil && result.Facts.Found() {
				t.Error("somebody was found")
			}
		})
	}
}

// T16: an answer that nobody signed is no data and no "not found"; a failure it
// claims is told as one, and marked.
func TestT16UnsignedAnswers(t *testing.T) {
	t.Parallel()
	const data = "<data><a><code>404</code></a></data>"
	for _, tc := range []struct {
		name  string
		reply reply
		want  ending
	}{
		{"success", reply{info: claims("SCSS001"), data: data}, unsigned},
		{"not found by the status", reply{info: claims("SCSE404")}, unsigned},
		{"no answer tree", reply{body: "<a/>"}, unsigned},
		{"failure", reply{info: claims("SCSE001")}, ending{"registry-fault", 1, "SCSE001", "absent", "", "closed", false}},
		{"failure with HTTP 500", reply{status: 500, info: claims("SCSE001")}, ending{"registry-fault", 1, "SCSE001", "absent", "", "closed", false}},
		{"failure, not found by the payload", reply{info: claims("SCSE001"), data: data}, ending{"registry-fault", 1, "SCSE001", "absent", "", "closed", false}},
		{"refused by the channel", reply{info: claims("SBF-AD-1")}, ending{"shep-refused", 1, "SBF-AD-1", "absent", "", "closed", false}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.reply.unsigned = true
			g := start(t, answerPeer(t, tc.reply).base, stub, func(s *setup) {
				s.profile.Status.NotFound = []string{"SCSE404"}
				s.profile.Payload = shep.PayloadCodes{Path: "code", Codes: shep.Codes{NotFound: []string{"404"}}}
			})
			result, err := g.Do(t.Context(), call())
			_, out := g.journal.only(t)
			got := ending{out.Class, out.Attempts, out.StatusCode, out.EnvelopeVerdict, out.InnerVerdict, g.client.BreakerState(), alarmed(t, g)}
			if got != tc.want || result.Facts != nil {
				t.Errorf("got %+v (%v), want %+v", got, err, tc.want)
			}
			if marked := strings.Contains(g.log.String(), "unauthenticated"); marked == tc.want.alarm {
				t.Errorf("marked as unauthenticated: %v", marked)
			}
		})
	}
}

// T33: error answers come unsigned, and a client can provoke as many as it
// likes. The registry stays open to the others.
func TestT33UnsignedErrorAnswersLeaveTheBreakerClosed(t *testing.T) {
	t.Parallel()
	p := answerPeer(t, reply{unsigned: true, info: claims("SCSE002")})
	g := start(t, p.base, stub) // its breaker opens at the first failure
	for range 50 {
		_, err := g.Do(t.Context(), call())
		wantKind(t, err, fault.RegistryFault)
	}
	p.reply = reply{info: ids("{m}", "{c}") + ok, data: "<data><a/></data>"}
	if _, err := g.Do(t.Context(), call()); err != nil {
		t.Errorf("the next client is told %v", err)
	}
	if alarmed(t, g) {
		t.Error("somebody was alarmed")
	}
}

// lax asks like the adapter it embeds, and finds whatever it is given.
type lax struct{ gateway.Adapter }

func (lax) Answer(_ gateway.Query, _ gateway.Meta, p gateway.Payload) (gateway.Facts, error) {
	return found(p.Root.Local()), nil
}

// T15: a correlationId that nobody signed can be put on an old answer. Where
// only the data is signed, it is the data that may not come twice.
func TestT15ReplayUnderAnotherCorrelationID(t *testing.T) {
	t.Parallel()
	for _, policy := range []shep.Policy{shep.Ignore, shep.Accept} {
		t.Run(string(policy), func(t *testing.T) {
			t.Parallel()
			var world http.RoundTripper
			var kept, first string
			replay := roundTripper(func(r *http.Request) (*http.Response, error) {
				question, err := readAll(r)
				if err != nil {
					return nil, err
				}
				resp, err := world.RoundTrip(r)
				if err != nil {
					return nil, err
				}
				body, err := io.ReadAll(resp.Body)
				if err != nil {
					return nil, err
				}
				if kept == "" {
					head, rest, _ := strings.Cut(string(body), ":Header>") // the signature of the envelope
					_, rest, _ = strings.Cut(rest, ":Header>")
					kept, first = head[:strings.LastIndexByte(head, '<')]+rest, part(question, "correlationId")
				}
				body = []byte(strings.ReplaceAll(kept, first, part(question, "correlationId")))
				resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
				return resp, nil
			})
			g := start(t, func(s *setup) {
				s.base, s.connect = replay, func(w http.RoundTripper) { world = w }
				s.adapter = lax{s.adapter}
				s.profile.Answer.Envelope = policy
			})
			result, err := g.Do(t.Context(), call())
			if err != nil || result.Provenance.Signatures[1].Verdict != gateway.VerdictVerified {
				t.Fatalf("the first answer is refused: %v", err)
			}
			_, err = g.Do(t.Context(), call())
			wantKind(t, err, fault.AnswerReplayed)
		})
	}
}
