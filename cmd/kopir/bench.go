package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/kopir-kz/kopir/cmd/kopir/internal/bench"
	domain "github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/mocks/population"
)

type benchCmd struct {
	Size    []int         `help:"Sizes of the registry's answer in KB." default:"4,8,30"`
	Suite   []string      `help:"Algorithms of all keys: ${enum}. Several are measured one after another." enum:"gost2015,gost2004,rsa,ecdsa" default:"rsa"`
	Callers int           `help:"How many ask at a time in the closed loop." default:"16"`
	For     time.Duration `help:"How long each of the two loops lasts, for each size." default:"10s"`
	Rest    time.Duration `help:"How long the gateway rests before its memory is taken." default:"2s"`
	JSON    bool          `name:"json" help:"Print one JSON array."`

	// command makes a child process; tests have another program to run.
	command func(ctx context.Context, args ...string) *exec.Cmd
}

// Bounds of what may be asked for. The settings of the mock world let a gateway
// ask one registry with mostCallers at a time, and read answers of up to 4 MiB.
const (
	mostKilobytes = 1024
	mostCallers   = 32
	mostTime      = 10 * time.Minute
)

func (c *benchCmd) check() error {
	var text string
	switch {
	case c.Callers < 1 || c.Callers > mostCallers:
		text = fmt.Sprintf("callers are 1 to %d", mostCallers)
	case c.For < 10*time.Millisecond || c.For > mostTime || c.Rest < 0 || c.Rest > mostTime:
		text = fmt.Sprintf("times are at most %s", mostTime)
	case len(c.Size) == 0 || slices.Min(c.Size) < 1 || slices.Max(c.Size) > mostKilobytes:
		text = fmt.Sprintf("sizes are 1 to %d KB", mostKilobytes)
	case len(c.Suite) == 0:
		text = "at least one suite is needed"
	default:
		return nil
	}
	return &exit{exitUsage, text}
}

// Run measures a gateway in another process against mocks in a third.
func (c *benchCmd) Run(ctx context.Context, s streams) error {
	if err := c.check(); err != nil {
		return err
	}
	question, err := benchQuestion()
	if err != nil {
		return err
	}
	if c.command == nil {
		program, err := os.Executable()
		if err != nil {
			return err
		}
		c.command = func(ctx context.Context, args ...string) *exec.Cmd {
			return exec.CommandContext(ctx, program, args...) //nolint:gosec // this very program
		}
	}
	var all []bench.Figures
	for _, kb := range c.Size {
		for _, suite := range c.Suite {
			f, err := c.measure(ctx, s, kb, suite, question)
			if err != nil {
				return err
			}
			all = append(all, f)
		}
	}
	if c.JSON {
		e := json.NewEncoder(s.out)
		e.SetIndent("", "  ")
		return e.Encode(all)
	}
	return printFigures(s.out, all)
}

func (c *benchCmd) measure(ctx context.Context, s streams, kb int, suite string, q bench.Question) (f bench.Figures, err error) {
	dir, done, err := workDir("")
	if err != nil {
		return f, err
	}
	defer done()
	return bench.Measure(ctx, bench.Options{
		Command: c.command, Dir: dir, Question: q, Suite: suite, AnswerBytes: kb << 10, Callers: c.Callers, Load: c.For, Rest: c.Rest,
		Progress: func(text string) { fmt.Fprintf(s.err, "%s, %d KB: %s\n", suite, kb, text) },
	})
}

// benchQuestion asks for a person whose record the mock world can pad.
func benchQuestion() (q bench.Question, err error) {
	people, err := population.Load(time.Now())
	if err != nil {
		return q, err
	}
	body, err := json.Marshal(map[string]any{
		"purpose": domain.Purpose{Service: "bench", Case: "bench-1", LegalBasis: "measurement", Official: "op-1"},
		"query":   map[string]string{"iin": people.ByKey("adult").IIN},
	})
	return bench.Question{Path: "/v1/persons/search", Key: devKey, Body: body, Want: []byte(`"status":"found"`)}, err
}

// printFigures writes one column for each size, and the targets beside them.
func printFigures(w io.Writer, all []bench.Figures) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	row := func(name string, value func(f *bench.Figures) string, target string) {
		fmt.Fprintf(t, "%s\t", name)
		for i := range all {
			fmt.Fprintf(t, "%s\t", value(&all[i]))
		}
		fmt.Fprintf(t, "%s\t\n", target)
	}
	ms := func(d time.Duration) string { return fmt.Sprintf("%.3f ms", d.Seconds()*1e3) }
	mb := func(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
	row("answer", func(f *bench.Figures) string { return fmt.Sprintf("%d KB", f.AnswerBytes>>10) }, "target")
	row("suite", func(f *bench.Figures) string { return f.Suite }, "")
	row("CPU per exchange", func(f *bench.Figures) string { return ms(f.CPU) }, "")
	row("floor", func(f *bench.Figures) string { return ms(f.Floor) }, "")
	row("CPU / floor", func(f *bench.Figures) string { return fmt.Sprintf("%.2f", f.Ratio) }, "≤ 1.15 at 8 KB, ≤ 1.30 at 30 KB")
	row("doubt by clock ticks", func(f *bench.Figures) string { return fmt.Sprintf("%.1f %%", f.Doubt*100) }, "≤ 2 %")
	row("exchanges", func(f *bench.Figures) string { return fmt.Sprint(f.Exchanges) }, "")
	row("throughput", func(f *bench.Figures) string { return fmt.Sprintf("%.0f /s", f.Throughput) }, "")
	row("latency p50", func(f *bench.Figures) string { return ms(f.P50) }, "")
	row("latency p99", func(f *bench.Figures) string { return ms(f.P99) }, "")
	row("half load", func(f *bench.Figures) string { return fmt.Sprintf("%.0f /s", f.Rate) }, "")
	row("added p50", func(f *bench.Figures) string { return ms(f.AddedP50) }, "")
	row("added p99", func(f *bench.Figures) string { return ms(f.AddedP99) }, "")
	row("added p99 / floor", func(f *bench.Figures) string { return fmt.Sprintf("%.1f", f.AddedRatio) }, "≤ 3")
	row("start", func(f *bench.Figures) string { return ms(f.Start) }, "≤ 300 ms")
	row("RSS idle", func(f *bench.Figures) string { return mb(f.IdleBytes) }, "≤ 40 MB")
	row("RSS after load", func(f *bench.Figures) string { return mb(f.AfterBytes) }, "")
	return t.Flush()
}
