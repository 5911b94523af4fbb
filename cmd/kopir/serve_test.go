package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/config"
	"github.com/kopir-kz/kopir/gateway/journal"
	"github.com/kopir-kz/kopir/mocks"
)

// A gateway that starts tells of exchanges that were cut off before, and not of
// those it has begun itself meanwhile.
func TestExchangesCutOffAreTold(t *testing.T) {
	t.Parallel()
	st, err := newStand(t.TempDir(), "127.0.0.1:0", "127.0.0.1:0", config.Log{Level: "info", Format: "json"}, mocks.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.world.Close()
	var said bytes.Buffer
	g, err := assemble(t.Context(), st.cfg, slog.New(slog.NewTextHandler(&said, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	cut := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	for id, at := range map[string]time.Time{"first": cut.Add(-time.Minute), "second": cut.Add(time.Minute)} {
		if err := g.journal.Begin(t.Context(), journal.Intent{Exchange: id, Operation: "person.search", At: at}); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		begun time.Time
		want  string
	}{
		{cut.Add(-time.Hour), ""},
		{cut, "count=1"},
		{cut.Add(time.Hour), "count=2"},
	} {
		said.Reset()
		g.tellUnfinished(t.Context(), tt.begun)
		if got := said.String(); (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
			t.Errorf("started at %s: %q, want %q", tt.begun, got, tt.want)
		}
	}
}
