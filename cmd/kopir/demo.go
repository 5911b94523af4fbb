package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	domain "github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/config"
	"github.com/kopir-kz/kopir/gateway/journal"
	"github.com/kopir-kz/kopir/mocks"
	"github.com/kopir-kz/kopir/mocks/faults"
)

type demoCmd struct {
	Lang string `help:"Language of the comments: ${enum}." enum:"kk,ru,en" default:"en"`
	Log  string `help:"Log level: ${enum}." enum:"debug,info,warn,error" default:"error"`
	suiteFlag
}

// phrases are the comments of the demo in three languages.
//
//nolint:gochecknoglobals // a constant table
var phrases = map[string]map[string]string{
	"en": {
		"started": "gateway and mock world in one process, keys made afresh (%s)",
		"person":  "who is this? the gateway asks ГБД ФЛ through a signed ШЭП envelope",
		"address": "where is this person registered?",
		"nobody":  "a person no registry knows: \"not found\" is an answer, not an error",
		"forged":  "somebody changes the answer on the way: it is refused, and nothing of it is used",
		"journal": "on record, an intent before the key was used and an outcome after:",
		"verdict": "signature of %-8s %s by %s, %s over %s",
		"more":    "next: kopir dev, then /docs",
	},
	"ru": {
		"started": "шлюз и мир макетов в одном процессе, ключи созданы заново (%s)",
		"person":  "кто это? шлюз спрашивает ГБД ФЛ подписанным конвертом ШЭП",
		"address": "где этот человек зарегистрирован?",
		"nobody":  "человек, которого не знает ни один реестр: «не найден» — это ответ, а не ошибка",
		"forged":  "ответ изменили в пути: он отвергнут, и ничего из него не использовано",
		"journal": "в журнале: намерение до использования ключа и исход после:",
		"verdict": "подпись %-8s %s: %s, %s, охвачено %s",
		"more":    "дальше: kopir dev, затем /docs",
	},
	"kk": {
		"started": "шлюз бен макеттер әлемі бір процесте, кілттер жаңадан жасалды (%s)",
		"person":  "бұл кім? шлюз ЖТ МДБ-дан қол қойылған ЭҮШ конвертімен сұрайды",
		"address": "бұл адам қайда тіркелген?",
		"nobody":  "бірде-бір тізілім білмейтін адам: «табылмады» — бұл жауап, қате емес",
		"forged":  "жауап жолда өзгертілді: ол қабылданбады, одан ештеңе пайдаланылмады",
		"journal": "журналда: кілтті пайдаланғанға дейінгі ниет және кейінгі нәтиже:",
		"verdict": "%-8s қолтаңбасы %s: %s, %s, қамтылғаны %s",
		"more":    "әрі қарай: kopir dev, содан соң /docs",
	},
}

// Run shows the main job, offline: gateway and signed mocks in one process.
func (c *demoCmd) Run(ctx context.Context, s streams) error {
	began := time.Now()
	dir, done, err := workDir("")
	if err != nil {
		return err
	}
	defer done()
	st, err := newStand(dir, "127.0.0.1:0", "127.0.0.1:0", config.Log{Level: c.Log, Format: "json"}, mocks.Options{Suite: c.Suite})
	if err != nil {
		return err
	}
	defer func() { _ = st.world.Close() }()
	g, err := assemble(ctx, st.cfg, newLog(st.cfg.Log, s.err))
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	addr, served := make(chan string, 1), make(chan error, 1)
	go func() { served <- g.listen(ctx, func(a string) { addr <- a }) }()
	select {
	case a := <-addr:
		d := &demo{base: "http://" + a, out: s.out, say: phrases[c.Lang], lang: c.Lang}
		d.line("started", time.Since(began).Round(time.Millisecond))
		err = errors.Join(d.play(ctx, st.world), d.records(ctx, g.journal))
		d.line("more")
		stop()
		return errors.Join(err, <-served, g.Close())
	case err := <-served:
		stop()
		return errors.Join(err, g.Close())
	}
}

// demo asks the gateway over HTTP, as a back end would.
type demo struct {
	base string
	out  io.Writer
	say  map[string]string
	lang string
}

func (d *demo) line(phrase string, args ...any) {
	fmt.Fprintf(d.out, "\n── "+d.say[phrase]+"\n", args...)
}

func (d *demo) play(ctx context.Context, world *mocks.World) error {
	people := world.People
	adult := people.ByKey("adult").IIN
	for _, step := range []struct{ phrase, path, iin, want string }{
		{"person", "/v1/persons/search", adult, "found"},
		{"address", "/v1/addresses/search", adult, "found"},
		{"nobody", "/v1/persons/search", people.NotFound()[0], "not_found"},
	} {
		d.line(step.phrase)
		if err := d.ask(ctx, step.path, step.iin, step.want); err != nil {
			return err
		}
	}
	d.line("forged")
	if err := world.Arm(faults.Arming{Fault: "signature-wrong-digest", Times: 1}); err != nil {
		return err
	}
	return d.ask(ctx, "/v1/persons/search", adult, "signature-invalid")
}

// ask sends one question and shows the answer: the body as it came, then the
// verdict on each signature. want is the status of the answer or the code of
// the problem.
func (d *demo) ask(ctx context.Context, path, iin, want string) error {
	body, err := json.Marshal(map[string]any{
		"purpose": domain.Purpose{Service: "demo", Case: "demo-1", LegalBasis: "demonstration", Official: "op-1"},
		"query":   map[string]string{"iin": iin},
	})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, d.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+devKey)
	r.Header.Set("Accept-Language", d.lang)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, raw, "", "  "); err != nil {
		return fmt.Errorf("the gateway's answer is not JSON: %w", err)
	}
	fmt.Fprintf(d.out, "POST %s → %d\n%s\n", path, resp.StatusCode, strings.TrimSpace(pretty.String()))
	var answer struct {
		Status     any               `json:"status"` // of an answer a word, of a problem a number
		Code       string            `json:"code"`
		Provenance domain.Provenance `json:"provenance"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return err
	}
	for _, v := range answer.Provenance.Signatures {
		fmt.Fprintf(d.out, d.say["verdict"]+"\n", v.Layer, v.Verdict, v.Signer, v.Algorithm, strings.Join(v.Covered, ", "))
	}
	if answer.Status != want && answer.Code != want {
		return fmt.Errorf("the demo expected %s", want)
	}
	return nil
}

// records shows the journal.
func (d *demo) records(ctx context.Context, j *journal.Journal) error {
	d.line("journal")
	entries, err := j.List(ctx, journal.Filter{})
	if err != nil {
		return err
	}
	for _, e := range entries {
		class := "—"
		if e.Outcome != nil {
			class = e.Outcome.Class
		}
		fmt.Fprintf(d.out, "%s  %-14s  %s\n", e.Intent.Exchange, e.Intent.Operation, class)
	}
	return nil
}
