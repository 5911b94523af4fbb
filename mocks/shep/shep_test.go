package shep

import (
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/xmltext"
)

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func TestSequence(t *testing.T) {
	t.Parallel()
	want := []Particle{One("a"), Maybe("b"), Any("c"), One("d")}
	tests := []struct {
		name, xml string
		got       string // part of the refusal; "" for accepted
	}{
		{"all", "<r><a/><b/><c/><c/><d/></r>", ""},
		{"least", "<r><a/><d/></r>", ""},
		{"white space", "<r>\n <a/>\n <d/>\n</r>", ""},
		{"first missing", "<r><d/></r>", `expected a in r; got the element "d"`},
		{"last missing", "<r><a/></r>", "expected d in r; got its end"},
		{"all missing", "<r/>", "expected a in r; got its end"},
		{"twice", "<r><a/><a/><d/></r>", `expected d in r; got the element "a"`},
		{"maybe twice", "<r><a/><b/><b/><d/></r>", `expected d in r; got the element "b"`},
		{"order", "<r><a/><c/><b/><d/></r>", `expected d in r; got the element "b"`},
		{"behind the end", "<r><a/><d/><e/></r>", `sequence a, b, c, d; got the element "e" out of place`},
		{"qualified", `<r xmlns:x="urn:x"><x:a/><d/></r>`, `got the qualified element "a"`},
		{"text", "<r>text<a/><d/></r>", "got text between them"},
		{"long name", "<r><" + strings.Repeat("n", 50) + "/></r>", strings.Repeat("n", 40) + `…"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			doc, err := xmltext.Parse([]byte(tt.xml), xmltext.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			found, refusal := Sequence(CheckSchema, doc.Root(), want...)
			switch {
			case tt.got == "" && (refusal != nil || found["a"].IsZero() || found["d"].IsZero()):
				t.Errorf("refused: %v", refusal)
			case tt.got != "" && (refusal == nil || !strings.Contains(refusal.Error(), tt.got)):
				t.Errorf("got %v, want %q", refusal, tt.got)
			}
		})
	}
}

func TestDateTime(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		ok         bool
	}{
		{"offset", "2026-11-01T17:00:00+05:00", true},
		{"milliseconds", "2026-11-01T17:00:00.000+05:00", true},
		{"UTC", "2026-11-01T12:00:00Z", true},
		{"no zone means Kazakhstan", "2026-11-01T17:00:00", true},
		{"written by the mock", FormatTime(noon), true},
		{"offset without colon", "2026-11-01T17:00:00+0500", false},
		{"date", "2026-11-01", false},
		{"empty", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, ok := DateTime(tt.text)
			if ok != tt.ok || ok && !got.Equal(noon) {
				t.Errorf("got %v, %v", got, ok)
			}
		})
	}
}

// TestIDsLiveLongEnough: a messageId is remembered at least for the span, and
// not for ever.
func TestIDsLiveLongEnough(t *testing.T) {
	t.Parallel()
	const span = 10 * time.Minute
	var s ids
	if !s.add("first", noon, span) || s.add("first", noon, span) {
		t.Fatal("the first is not new, or new twice")
	}
	s.add("other", noon.Add(9*time.Minute), span)
	s.add("next", noon.Add(11*time.Minute), span)
	if s.add("other", noon.Add(18*time.Minute), span) {
		t.Error("forgotten within the span")
	}
	s.add("x", noon.Add(30*time.Minute), span)
	s.add("y", noon.Add(50*time.Minute), span)
	if !s.add("next", noon.Add(51*time.Minute), span) || len(s.young)+len(s.old) > 4 {
		t.Error("never forgotten")
	}
}

func TestStatusMessageFitsItsType(t *testing.T) {
	t.Parallel()
	if got := []rune(clip(strings.Repeat("ә", 400))); len(got) != 250 || got[249] != '…' {
		t.Errorf("%d characters", len(got))
	}
	if clip("short") != "short" {
		t.Error("a short text is changed")
	}
}

// TestARecorderIsNoServer: a fault of the connection says so where there is no
// connection.
func TestARecorderIsNoServer(t *testing.T) {
	t.Parallel()
	s := New(Options{})
	w := httptest.NewRecorder()
	hang := &Response{Status: http.StatusOK, Header: http.Header{}, Wire: onlyClose}
	s.write(w, httptest.NewRequest(http.MethodPost, Path, nil), hang)
	if w.Code != http.StatusNotImplemented {
		t.Errorf("status %d", w.Code)
	}
}

func onlyClose([]byte) iter.Seq[Step] {
	return func(yield func(Step) bool) { yield(Step{End: Close}) }
}

func TestReceivedIsBounded(t *testing.T) {
	t.Parallel()
	s := New(Options{Keep: 3})
	for _, id := range []string{"a", "b", "c", "d"} {
		r := &Received{}
		r.question(Question{MessageID: id + strings.Repeat("x", 200)}, "")
		s.remember(r)
	}
	got := s.Received()
	if len(got) != 3 || got[0].MessageID[0] != 'b' || len(got[0].MessageID) > 110 {
		t.Errorf("%d messages", len(got))
	}
	if got[0].Accepted() {
		t.Error("a message without verdicts counts as accepted")
	}
}
