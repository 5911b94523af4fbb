package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/cmd/kopir/internal/bench"
	"github.com/kopir-kz/kopir/gateway/config"
	"github.com/kopir-kz/kopir/mocks"
	"github.com/kopir-kz/kopir/mocks/pki"
)

// TestBench measures for a moment: enough to see that the processes find each
// other and that every figure is there, not enough to believe the figures.
func TestBench(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("kopir bench needs Linux")
	}
	kopir, err := exec.LookPath("kopir") // made by TestMain
	if err != nil {
		t.Fatal(err)
	}
	c := benchCmd{
		Size: []int{8}, Suite: []string{"gost2015"}, Callers: 2, For: 500 * time.Millisecond, JSON: true,
		command: func(ctx context.Context, args ...string) *exec.Cmd { return exec.CommandContext(ctx, kopir, args...) },
	}
	var out, progress bytes.Buffer
	if err := c.Run(t.Context(), streams{nil, &out, &progress}); err != nil {
		t.Fatalf("%v\n%s", err, progress.String())
	}
	var all []bench.Figures
	if err := json.Unmarshal(out.Bytes(), &all); err != nil || len(all) != 1 {
		t.Fatalf("%v\n%s", err, out.String())
	}
	f := all[0]
	if f.AnswerBytes != 8<<10 || f.Callers != 2 || f.Exchanges < 2 {
		t.Errorf("measured %+v", f)
	}
	for name, value := range map[string]float64{
		"cpu": f.CPU.Seconds(), "floor": f.Floor.Seconds(), "ratio": f.Ratio, "doubt": f.Doubt, "throughput": f.Throughput,
		"p50": f.P50.Seconds(), "rate": f.Rate, "added p50": f.AddedP50.Seconds(), "added ratio": f.AddedRatio,
		"start": f.Start.Seconds(), "idle": float64(f.IdleBytes), "after": float64(f.AfterBytes),
	} {
		if value <= 0 {
			t.Errorf("%s is %v", name, value)
		}
	}
	if f.P99 < f.P50 || f.AddedP99 < f.AddedP50 || f.AddedP50 > f.P99+time.Second {
		t.Errorf("quantiles %+v", f)
	}
	if !strings.Contains(progress.String(), "8 KB: closed loop, 2 callers") {
		t.Errorf("progress:\n%s", progress.String())
	}
	var table bytes.Buffer
	if err := printFigures(&table, []bench.Figures{f, f}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(table.String(), "8 KB"); n != 3 || !strings.Contains(table.String(), "≤ 1.15 at 8 KB") {
		t.Errorf("table:\n%s", table.String())
	}
}

func TestBenchUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"--callers=0"}, {"--callers=33"}, {"--for=1ms"}, {"--for=11m"}, {"--rest=-1s"}, {"--size=0"}, {"--size=4000"},
	} {
		if status, _, errs := call(t, append([]string{"bench"}, args...)...); status != exitUsage || errs == "" {
			t.Errorf("%v: status %d, %q", args, status, errs)
		}
	}
}

// BenchmarkCall is a whole call of the HTTP API, with journal, loopback and
// mock world. The mock's part, two RSA signatures among it, is in the figures;
// BenchmarkExchange of gateway/exchange has the gateway's work alone, and kopir
// bench its processor time.
func BenchmarkCall(b *testing.B) {
	question, err := benchQuestion()
	if err != nil {
		b.Fatal(err)
	}
	for _, kb := range []int{4, 8, 32} {
		b.Run(fmt.Sprintf("%dKB", kb), func(b *testing.B) {
			st, err := newStand(b.TempDir(), "127.0.0.1:0", "127.0.0.1:0", config.Log{Level: "info", Format: "json"}, mocks.Options{PadAnswer: kb << 10, Suite: pki.RSA})
			if err != nil {
				b.Fatal(err)
			}
			defer st.world.Close()
			g, err := assemble(b.Context(), st.cfg, newLog(st.cfg.Log, io.Discard))
			if err != nil {
				b.Fatal(err)
			}
			defer g.Close()
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest(http.MethodPost, question.Path, bytes.NewReader(question.Body))
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("Authorization", "Bearer "+question.Key)
				w := httptest.NewRecorder()
				if g.handler.ServeHTTP(w, r); !bytes.Contains(w.Body.Bytes(), question.Want) {
					b.Fatalf("%d %s", w.Code, w.Body)
				}
			}
		})
	}
}
