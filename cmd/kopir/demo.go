package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	domain "github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/config"
	"github.com/kopir-kz/kopir/gateway/journal"
	"github.com/kopir-kz/kopir/gateway/shep"
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
		"started":              "gateway and mock world in one process, keys made afresh (%s)",
		"person":               "who is this? the gateway asks ГБД ФЛ through a signed ШЭП envelope",
		"address.search":       "where is he registered?",
		"civil-act.search":     "which children are his, by the civil registry?",
		"disability.search":    "has his sister a disability?",
		"bank-account.check":   "is this card his?",
		"guardianship.search":  "who is the guardian of his sister?",
		"award.search":         "what is already awarded to her?",
		"social-status.search": "which social status has his mother?",
		"taxpayer.search":      "who pays pension contributions for him?",
		"legal-entity.search":  "what is his employer?",
		"nobody":               "a person no registry knows: \"not found\" is an answer, not an error",
		"forged":               "somebody changes the answer on the way: it is refused, and nothing of it is used",
		"batch":                "all of it at once: a batch takes the time of its slowest question",
		"consistency":          "what a comparison of the answers came to",
		"exchange":             "exchange  %s",
		"journal":              "on record, an intent before the key was used and an outcome after:",
		"verdict":              "signature of %-8s %s by %s, %s over %s",
		"more":                 "next: kopir dev, then /docs",
	},
	"ru": {
		"started":              "шлюз и мир макетов в одном процессе, ключи созданы заново (%s)",
		"person":               "кто это? шлюз спрашивает ГБД ФЛ подписанным конвертом ШЭП",
		"address.search":       "где он зарегистрирован?",
		"civil-act.search":     "какие дети записаны за ним в РАГС?",
		"disability.search":    "есть ли инвалидность у его сестры?",
		"bank-account.check":   "его ли это карта?",
		"guardianship.search":  "кто опекун его сестры?",
		"award.search":         "что ей уже назначено?",
		"social-status.search": "какой социальный статус у его матери?",
		"taxpayer.search":      "кто платит за него пенсионные взносы?",
		"legal-entity.search":  "что за организация его работодатель?",
		"nobody":               "человек, которого не знает ни один реестр: «не найден» — это ответ, а не ошибка",
		"forged":               "ответ изменили в пути: он отвергнут, и ничего из него не использовано",
		"batch":                "всё сразу: пакет занимает время самого медленного вопроса",
		"consistency":          "что показало сравнение ответов",
		"exchange":             "обмен     %s",
		"journal":              "в журнале: намерение до использования ключа и исход после:",
		"verdict":              "подпись %-8s %s: %s, %s, охвачено %s",
		"more":                 "дальше: kopir dev, затем /docs",
	},
	"kk": {
		"started":              "шлюз бен макеттер әлемі бір процесте, кілттер жаңадан жасалды (%s)",
		"person":               "бұл кім? шлюз ЖТ МДБ-дан қол қойылған ЭҮШ конвертімен сұрайды",
		"address.search":       "ол қайда тіркелген?",
		"civil-act.search":     "АХАЖ бойынша оның балалары кім?",
		"disability.search":    "қарындасының мүгедектігі бар ма?",
		"bank-account.check":   "бұл карта оныкі ме?",
		"guardianship.search":  "қарындасының қорғаншысы кім?",
		"award.search":         "оған не тағайындалған?",
		"social-status.search": "анасының әлеуметтік мәртебесі қандай?",
		"taxpayer.search":      "ол үшін зейнетақы жарналарын кім төлейді?",
		"legal-entity.search":  "оның жұмыс берушісі қандай ұйым?",
		"nobody":               "бірде-бір тізілім білмейтін адам: «табылмады» — бұл жауап, қате емес",
		"forged":               "жауап жолда өзгертілді: ол қабылданбады, одан ештеңе пайдаланылмады",
		"batch":                "бәрі бірден: топтама ең баяу сұрақтың уақытын алады",
		"consistency":          "жауаптарды салыстырудың нәтижесі",
		"exchange":             "алмасу    %s",
		"journal":              "журналда: кілтті пайдаланғанға дейінгі ниет және кейінгі нәтиже:",
		"verdict":              "%-8s қолтаңбасы %s: %s, %s, қамтылғаны %s",
		"more":                 "әрі қарай: kopir dev, содан соң /docs",
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
		err = errors.Join(d.play(ctx, st), d.records(ctx, g.journal))
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

func (d *demo) play(ctx context.Context, st *stand) error {
	people := st.world.People
	adult, nobody := people.ByKey("adult").IIN, people.NotFound()[0]
	questions := slices.DeleteFunc(familyQuestions(people.Now(), st.world.Now()), func(q question) bool {
		return !slices.ContainsFunc(st.cfg.Services, func(p shep.Profile) bool { return p.ID == q.operation })
	})
	d.line("person")
	if err := d.ask(ctx, person(adult), "found"); err != nil {
		return err
	}
	if err := d.family(ctx, questions); err != nil {
		return err
	}
	d.line("nobody")
	if err := d.ask(ctx, person(nobody), "not_found"); err != nil {
		return err
	}
	d.line("forged")
	if err := st.world.Arm(faults.Arming{Fault: "signature-wrong-digest", Times: 1}); err != nil {
		return err
	}
	if err := d.ask(ctx, person(adult), "signature-invalid"); err != nil {
		return err
	}
	d.line("batch")
	return d.batch(ctx, people.Now(), questions)
}

// person asks who somebody is. The answer is shown as JSON.
func person(iin string) question {
	return question{operation: "person.search", path: "/v1/persons/search", query: map[string]any{"iin": iin}}
}

func demoPurpose() domain.Purpose {
	return domain.Purpose{Service: "demo", Case: "demo-1", LegalBasis: "demonstration", Official: "op-1"}
}

// ask sends one question and shows the answer, its facts or an excerpt of the body,
// then the verdict on each signature. want is the status of the answer or the code
// of the problem.
func (d *demo) ask(ctx context.Context, q question, want string) error {
	status, raw, err := d.post(ctx, q.path, map[string]any{"purpose": demoPurpose(), "query": q.query})
	if err != nil {
		return err
	}
	fmt.Fprintf(d.out, "POST %s → %d\n", q.path, status)
	var whole map[string]any
	if err := json.Unmarshal(raw, &whole); err != nil {
		return fmt.Errorf("the gateway's answer is not JSON: %w", err)
	}
	if q.facts != nil {
		d.showFacts(whole, q)
	} else {
		pretty, err := json.MarshalIndent(excerpt(whole), "", "  ")
		if err != nil {
			return err
		}
		fmt.Fprintln(d.out, string(pretty))
	}
	var answer struct {
		Status     any               `json:"status"` // of an answer a word, of a problem a number
		Code       string            `json:"code"`
		Provenance domain.Provenance `json:"provenance"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return err
	}
	if id := answer.Provenance.ExchangeID; id != "" {
		fmt.Fprintf(d.out, d.say["exchange"]+"\n", id)
	}
	for _, v := range answer.Provenance.Signatures {
		fmt.Fprintf(d.out, d.say["verdict"]+"\n", v.Layer, v.Verdict, v.Signer, v.Algorithm, strings.Join(v.Covered, ", "))
	}
	if answer.Status != want && answer.Code != want {
		return fmt.Errorf("the demo expected %s", want)
	}
	return nil
}

// post sends a document and gives the status and the body of the answer.
func (d *demo) post(ctx context.Context, path string, document any) (status int, body []byte, err error) {
	b, err := json.Marshal(document)
	if err != nil {
		return 0, nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, d.base+path, bytes.NewReader(b))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+devKey)
	r.Header.Set("Accept-Language", d.lang)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(resp.Body)
	return resp.StatusCode, body, err
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
		fmt.Fprintf(d.out, "%s  %-20s  %s\n", e.Intent.Exchange, e.Intent.Operation, class)
	}
	return nil
}
