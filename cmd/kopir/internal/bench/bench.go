// Package bench measures the whole path: a gateway in one process, the mock
// world in another, and the callers in this one, all on this machine over
// loopback.
//
// Processor time is compared with a floor that is measured in the same run, in
// turn with the load: what no gateway can save, whatever it is written in.
// Absolute figures of two runs cannot be compared, because machines and their
// neighbours differ; multiples of the floor can.
//
// One run, for answers of one size:
//
//  1. The mock world starts, then the gateway; the time from its start until it
//     answers /livez is taken, and, after a rest, its resident memory.
//  2. Closed loop: a fixed number of callers ask without pause. This gives
//     throughput, latency and the gateway's processor time per exchange.
//  3. Open loop: questions come at a fixed rate, half of what one core carries,
//     whether or not answers keep up. This gives the latency that the gateway
//     adds to the registry's own.
package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

// Options say what is measured. All fields are needed.
type Options struct {
	// Command makes a process of this program with these arguments.
	Command func(ctx context.Context, args ...string) *exec.Cmd
	// Dir is an empty folder for keys, settings and journals.
	Dir string
	// Question is what is asked, over and over.
	Question Question
	// Suite is the algorithms of all keys, by its name for kopir mocks. The floor
	// is RSA's, whatever they are, so that suites can be compared.
	Suite string
	// AnswerBytes is the least size of the registry's answer.
	AnswerBytes int
	// Callers is how many ask at a time in the closed loop.
	Callers int
	// Load is how long each of the two loops lasts.
	Load time.Duration
	// Rest is how long the gateway is left alone before its memory is taken.
	Rest time.Duration
	// Progress is told what is going on.
	Progress func(text string)
}

// Question is one call of the gateway's HTTP API.
type Question struct {
	Path string // e.g. "/v1/persons/search"
	Key  string // API key
	Body []byte // JSON
	Want []byte // what the body of a right answer holds; anything else ends the run
}

// Figures are the results of one run. Durations are in nanoseconds in JSON.
type Figures struct {
	Suite       string        `json:"suite"`
	AnswerBytes int           `json:"answer_bytes"`
	Exchanges   int           `json:"exchanges"`        // in the closed loop
	CPU         time.Duration `json:"cpu_per_exchange"` // processor time of the gateway
	Floor       time.Duration `json:"floor"`            // see Floor
	Ratio       float64       `json:"cpu_to_floor"`     // CPU / Floor
	Doubt       float64       `json:"cpu_doubt"`        // relative error of CPU from the ticks of the kernel's clock

	Throughput float64       `json:"throughput"` // exchanges a second, closed loop
	Callers    int           `json:"callers"`
	P50        time.Duration `json:"latency_p50"` // as callers see it, closed loop
	P99        time.Duration `json:"latency_p99"`

	Rate       float64       `json:"half_load"` // exchanges a second, open loop
	AddedP50   time.Duration `json:"added_p50"` // whole exchange less the time on the network
	AddedP99   time.Duration `json:"added_p99"`
	AddedRatio float64       `json:"added_p99_to_floor"`

	Start      time.Duration `json:"start"` // from exec to the answer of /livez
	IdleBytes  int64         `json:"rss_idle_bytes"`
	AfterBytes int64         `json:"rss_after_load_bytes"`
}

// Measure makes one run. The processes have ended when it returns.
func Measure(ctx context.Context, o Options) (f Figures, err error) {
	if err := supported(); err != nil {
		return f, err
	}
	ctx, stop := context.WithCancel(ctx)
	o.Progress("starting mock world and gateway")
	world, err := startWorld(ctx, &o)
	if err != nil {
		stop()
		return f, err
	}
	g, start, err := startGateway(ctx, &o)
	if err != nil {
		stop()
		return f, errors.Join(err, world.wait())
	}
	defer func() {
		stop()
		err = errors.Join(err, g.wait(), world.wait())
	}()
	f = Figures{Suite: o.Suite, AnswerBytes: o.AnswerBytes, Callers: o.Callers, Start: start}
	r := &run{o: &o, gateway: g, client: newClient(g.base, o.Question), figures: &f}
	return f, r.all(ctx)
}

// run is a run whose processes are up.
type run struct {
	o       *Options
	gateway *gateway
	client  *client
	figures *Figures
}

func (r *run) all(ctx context.Context) (err error) {
	f := r.figures
	r.o.Progress("idle")
	if err := rest(ctx, r.o.Rest); err != nil {
		return err
	}
	if f.IdleBytes, err = resident(r.gateway.pid()); err != nil {
		return err
	}
	r.o.Progress(fmt.Sprintf("closed loop, %d callers", r.o.Callers))
	if err := r.closed(ctx); err != nil {
		return err
	}
	if f.AfterBytes, err = resident(r.gateway.pid()); err != nil {
		return err
	}
	f.Rate = min(1/f.CPU.Seconds(), f.Throughput) / 2
	r.o.Progress(fmt.Sprintf("open loop, %.0f a second", f.Rate))
	return r.open(ctx)
}

// rounds is how often load and floor take turns.
const rounds = 10

// closed loads the gateway and measures the floor in turn. Processor time is
// read once before and once after all turns, so that its coarse clock counts
// once; the gateway idles while the floor is measured.
func (r *run) closed(ctx context.Context) error {
	turn := r.o.Load / rounds
	if _, err := r.client.closed(ctx, r.o.Callers, turn); err != nil { // caches and connections
		return err
	}
	floor, err := newFloor(r.o.AnswerBytes)
	if err != nil {
		return err
	}
	before, err := cpuOf(r.gateway.pid())
	if err != nil {
		return err
	}
	var taken []time.Duration
	var busy time.Duration
	for range rounds {
		began := time.Now()
		some, err := r.client.closed(ctx, r.o.Callers, turn)
		if err != nil {
			return err
		}
		busy += time.Since(began)
		taken = append(taken, some...)
		if err := floor.measure(ctx, turn/4); err != nil {
			return err
		}
	}
	after, err := cpuOf(r.gateway.pid())
	if err != nil {
		return err
	}
	if after == before {
		return errors.New("too short: the gateway's processor time has not moved by a tick of the kernel's clock")
	}
	f := r.figures
	f.Exchanges = len(taken)
	f.CPU = (after - before) / time.Duration(len(taken))
	f.Floor = floor.each()
	f.Ratio = f.CPU.Seconds() / f.Floor.Seconds()
	f.Doubt = 2 * tick.Seconds() / (after - before).Seconds() // one tick each of user and system time
	f.Throughput = float64(len(taken)) / busy.Seconds()
	f.P50, f.P99 = quantile(taken, 0.5), quantile(taken, 0.99)
	return nil
}

// open measures what the gateway adds, from its own log: of every exchange the
// time it took less the time its messages were on the network.
func (r *run) open(ctx context.Context) error {
	r.gateway.log.record(true)
	if err := r.client.open(ctx, r.figures.Rate, r.o.Load); err != nil {
		return err
	}
	added := r.gateway.log.record(false)
	if len(added) == 0 {
		return errors.New("the gateway has logged no exchange")
	}
	f := r.figures
	f.AddedP50, f.AddedP99 = quantile(added, 0.5), quantile(added, 0.99)
	f.AddedRatio = f.AddedP99.Seconds() / f.Floor.Seconds()
	return nil
}

// quantile is the smallest value that at least the share q does not exceed.
func quantile[T cmp.Ordered](values []T, q float64) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[max(int(q*float64(len(sorted))+0.999999)-1, 0)]
}

// rest waits unless ctx ends first.
func rest(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// settings is where mocks writes what the gateway needs.
func (o *Options) settings() string { return filepath.Join(o.Dir, "kopir.yaml") }

// supported tells whether this system says what processes take.
func supported() error {
	if _, err := cpuOf(os.Getpid()); err != nil {
		return fmt.Errorf("processor time of another process is read from /proc, as Linux has it: %w", err)
	}
	return nil
}
