package exchange_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kopir-kz/kopir/mocks/faults"
)

// ending is how a call ends when a fault strikes all of its attempts.
type ending struct {
	class    string // in the journal: "found", "not_found" or the kind of the fault
	attempts int
	code     string // status code in the journal
	envelope string // verdicts in the journal
	inner    string
	breaker  string // "open" if the call counted as a failure
	alarm    bool
}

// Endings that many faults have in common.
var (
	fine        = ending{"found", 1, "SCSS001/00000", "verified", "verified", "closed", false}
	empty       = ending{"not_found", 1, "SCSS001/00000", "verified", "verified", "closed", false}
	forged      = ending{class: "signature-invalid", attempts: 1, breaker: "open", alarm: true}
	untrusted   = ending{class: "signer-untrusted", attempts: 1, breaker: "open", alarm: true}
	unsigned    = ending{class: "answer-not-signed", attempts: 1, envelope: "absent", breaker: "open", alarm: true}
	unreadable  = ending{class: "answer-unreadable", attempts: 1, breaker: "open", alarm: true}
	mixedUp     = ending{"answer-mismatch", 1, "SCSS001", "verified", "", "open", true}
	stale       = ending{"answer-stale", 1, "SCSS001", "verified", "", "open", true}
	unavailable = ending{class: "shep-unavailable", attempts: 3, breaker: "open"}
	throttled   = ending{class: "shep-unavailable", attempts: 3, breaker: "closed"}
	timedOut    = ending{class: "shep-timeout", attempts: 3, breaker: "open"}
	drifted     = ending{"contract-violation", 1, "SCSS001/00000", "verified", "verified", "closed", false}
)

// says is a refusal of the registry, signed inside and out.
func says(class, code string) ending {
	return ending{class, 1, code, "verified", "verified", "closed", false}
}

// endings pins the outcome of every fault of the catalogue: what the caller is
// told, how often it was sent, whether the breaker counted it, whether a person
// is alarmed, and what the journal knows.
var endings = map[string]ending{
	"signature-none":             unsigned,
	"signature-wrong-digest":     forged,
	"signature-wrong-value":      forged,
	"signature-unknown-key":      untrusted,
	"signature-wrong-system":     untrusted,
	"signature-expired":          untrusted,
	"signature-not-yet-valid":    untrusted,
	"signature-revoked":          untrusted,
	"signature-unknown-serial":   untrusted,
	"signature-sha1":             forged,
	"signature-hmac":             forged,
	"signature-algorithm-none":   forged,
	"signature-extra-transform":  forged,
	"signature-duplicate-id":     forged,
	"signature-outside-security": unsigned,
	"signature-second":           forged,
	"signature-other-element":    forged,
	"signature-comment-in-value": unreadable,
	"inner-missing":              {"answer-not-signed", 1, "SCSS001/00000", "verified", "absent", "open", true},
	"inner-wrong-digest":         {"signature-invalid", 1, "SCSS001", "verified", "", "open", true},
	"inner-unknown-key":          {"signer-untrusted", 1, "SCSS001", "verified", "", "open", true},

	"wrap-object":   forged,
	"wrap-key-info": forged,
	"wrap-security": forged,
	"wrap-header":   forged,
	"wrap-same-id":  forged,
	"wrap-inside":   forged,
	"wrap-first":    forged,
	"wrap-last":     forged,

	"message-other-message-id":     fine,
	"message-other-correlation-id": mixedUp,
	"message-other-request-id":     {"answer-mismatch", 1, "SCSS001/00000", "verified", "verified", "open", true},
	"message-late":                 mixedUp,
	"message-duplicate":            fine, // the first answer is an honest one
	"message-empty-ids":            fine,
	"message-clock-behind":         stale,
	"message-clock-ahead":          stale,
	"message-status-word":          {"found", 1, "Success/00000", "verified", "verified", "closed", false},
	"message-fault":                {"shep-fault", 1, "Server/SCSE003", "absent", "", "open", false},
	"message-fault-bare":           {"shep-fault", 1, "Server", "absent", "", "open", false},
	"message-fault-client":         {"shep-refused", 1, "Client/SBF-AD-1", "absent", "", "closed", false},
	"message-soap12":               unreadable,
	"message-html":                 unreadable,
	"message-json":                 unreadable,
	"message-content-type":         unreadable,
	"message-charset":              unreadable,
	"message-data-namespace":       fine,
	"message-double-encoded":       fine, // right XML with odd names: nobody but the registry can tell

	"transport-refuse":           unavailable,
	"transport-reset":            unavailable,
	"transport-reset-in-headers": unavailable,
	"transport-reset-in-body":    unavailable,
	"transport-half-close":       unavailable,
	"transport-garbage-status":   unavailable,
	"transport-truncated":        unavailable,
	"transport-bad-chunk":        unavailable,
	"transport-slow-headers":     timedOut,
	"transport-slow-drip":        timedOut,
	"transport-hang":             timedOut,
	"transport-429":              throttled,
	"transport-429-absurd":       throttled,
	"transport-503":              unavailable,
	"transport-503-absurd":       unavailable,
	"transport-redirect":         unreadable,
	"transport-gzip-bomb":        unreadable,

	"payload-doctype":             unreadable,
	"payload-external-entity":     unreadable,
	"payload-entity-bomb":         unreadable,
	"payload-deep":                unreadable,
	"payload-siblings":            unreadable,
	"payload-duplicate-attribute": unreadable,
	"payload-second-root":         unreadable,
	"payload-trailing-bytes":      unreadable,
	"payload-utf16":               unreadable,
	"payload-oversize":            unreadable,
	"payload-new-element":         fine,
	"payload-missing-element":     drifted,
	"payload-reordered":           fine,
	"payload-renamed":             drifted,
	"payload-unknown-code":        fine,
	"payload-empty-lists":         fine,
	"payload-two-persons":         drifted,
	"payload-wrong-person":        {"answer-mismatch", 1, "SCSS001/00000", "verified", "verified", "open", true},
	"payload-duplicate-documents": fine,
	"payload-nil-dates":           fine,
	"payload-city-dash":           fine,

	"registry-not-found":           empty,
	"registry-not-found-empty":     empty,
	"registry-not-found-code":      {"not_found", 1, "SCSE001/404", "verified", "verified", "closed", false},
	"registry-not-found-status":    {"registry-fault", 1, "SCSE001", "verified", "absent", "closed", false}, // unless a profile says what it means
	"registry-refused":             says("registry-refused", "SCSE002/40301"),
	"registry-no-consent":          says("consent-refused", "SCSE002/40101"),
	"registry-token-expired":       says("consent-refused", "SCSE002/40103"),
	"registry-token-other-service": says("consent-refused", "SCSE002/40104"),
	"registry-internal-error":      says("registry-fault", "SCSE003/50001"),
	"registry-maintenance":         says("registry-unavailable", "SCSE001/50301"),
	"registry-overload":            says("registry-unavailable", "SCSE001/50302"),

	"timing-delay": fine,
}

// canaries are what must stay in messages and facts: whom the test asks about,
// and what faults put into texts.
var canaries = []string{
	adultIIN, "Сынақов", "СЫНАҚОВ", "Ерлан", "Болатұлы", "1985-04-12", "990000101",
	faults.LeakIIN, faults.StrangerIIN, "Сынақбөтен", "script", "NullPointer", "geheim", "MOCK-CONSENT",
}

// holdBack fails if a canary stands in a text that leaves the message path.
func holdBack(t *testing.T, what, text string) {
	t.Helper()
	for _, c := range canaries {
		if strings.Contains(text, c) {
			t.Errorf("%s tells %q", what, c)
		}
	}
}

func TestFaultCatalogue(t *testing.T) {
	t.Parallel()
	for _, f := range faults.Faults() {
		t.Run(f.ID, func(t *testing.T) {
			t.Parallel()
			want, known := endings[f.ID]
			if !known {
				t.Fatal("nobody has said how this fault ends")
			}
			synctest.Test(t, func(t *testing.T) { strike(t, f.ID, want) })
		})
	}
	if known := len(faults.Faults()); len(endings) != known {
		t.Errorf("%d endings for %d faults", len(endings), known)
	}
}

func strike(t *testing.T, id string, want ending) {
	g := start(t)
	if err := g.world.Arm(faults.Arming{Fault: id}); err != nil {
		t.Fatal(err)
	}
	defer func() { // let the mock's connections run dry before the bubble ends
		_ = g.world.Close()
		time.Sleep(time.Minute)
	}()
	result, err := g.Do(t.Context(), call())
	in, out := g.journal.only(t)
	got := ending{out.Class, out.Attempts, out.StatusCode, out.EnvelopeVerdict, out.InnerVerdict, g.client.BreakerState(), alarmed(t, g)}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(ending{})); d != "" {
		t.Errorf("%s\n%v", d, err)
	}
	if out.Exchange != in.Exchange || out.MessageID == "" || out.Duration < 0 {
		t.Errorf("the outcome is %+v", out)
	}
	switch {
	case err != nil && (result.Facts != nil || result.Provenance.ExchangeID != ""):
		t.Error("an error and facts")
	case err == nil && (want.class == "found") != result.Facts.Found():
		t.Errorf("found is %v", result.Facts.Found())
	}
	if g.world.CanaryVisits() != 0 {
		t.Error("something was fetched that nobody had a reason to ask for")
	}
	holdBack(t, "the log", g.log.String())
	if err != nil {
		holdBack(t, "the error", err.Error())
	}
}

// alarmed reads the log: every line is a JSON object, and one of them may cry
// for a person.
func alarmed(t *testing.T, g *gatewayUnderTest) bool {
	t.Helper()
	alarm := false
	for line := range strings.Lines(g.log.String()) {
		var entry struct {
			Level string
			Alarm bool
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("a log line is no JSON object: %v", err)
		}
		if entry.Alarm != (entry.Level == "ERROR") {
			t.Errorf("an alarm of level %s", entry.Level)
		}
		alarm = alarm || entry.Alarm
	}
	return alarm
}
