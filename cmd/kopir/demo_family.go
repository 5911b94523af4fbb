package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	domain "github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/mocks/population"
)

// question is one thing that the demo asks about the family.
type question struct {
	operation, path string
	query           map[string]any
	// Where the facts stand in the answer, and what of each is shown; names of
	// members, a path with dots between.
	facts []string
	show  []string
}

// familyQuestions ask about a family of three generations: a man, his children,
// his card, his employer; his sister, whose guardian he is; his mother. The day is
// today's.
func familyQuestions(people *population.Population, today time.Time) []question {
	iin := func(key string) string { return people.ByKey(key).IIN }
	about := func(key string) map[string]any { return map[string]any{"iin": iin(key)} }
	as := func(key, role string) map[string]any { return map[string]any{"iin": iin(key), "role": role} }
	man := people.ByKey("adult")
	months := map[string]string{"from": today.AddDate(0, -3, 0).Format("2006-01"), "to": today.Format("2006-01")}
	return []question{
		{"address.search", "/v1/addresses/search", about("adult"), []string{"addresses.permanent", "addresses.temporary"},
			[]string{"full_address", "begin_date", "end_date"}},
		{"civil-act.search", "/v1/civil-acts/search", as("adult", "parent"), []string{"civil_acts"},
			[]string{"type", "event_date", "act_number", "parties.person"}},
		{"disability.search", "/v1/disabilities/search", about("incapacitated"), []string{"disabilities"},
			[]string{"person.full_name", "ext.kz.group", "ext.kz.cause", "begin_date", "ext.kz.period"}},
		{"bank-account.check", "/v1/bank-accounts/check", map[string]any{"iban": man.Accounts[0].IBAN, "holder": about("adult")}, []string{"account"},
			[]string{"iban", "holder_status", "type", "status", "bank.name", "bank.bic"}},
		{"guardianship.search", "/v1/guardianships/search", as("incapacitated", "ward"), []string{"guardianships"},
			[]string{"guardian", "ward", "decision.number", "decision.date"}},
		{"award.search", "/v1/awards/search", about("incapacitated"), []string{"awards"},
			[]string{"kind", "status", "amount", "begin_date"}},
		{"social-status.search", "/v1/social-status/search", about("widow"), []string{"social_statuses"},
			[]string{"status", "begin_date"}},
		{"taxpayer.search", "/v1/taxpayers/search", map[string]any{"iin": man.IIN, "period": months}, []string{"taxpayer.contributions"},
			[]string{"month", "kind", "amount", "payer_name"}},
		{"legal-entity.search", "/v1/legal-entities/search", map[string]any{"bin": people.Facts().Entities["synaq-works"].BIN}, []string{"legal_entity"},
			[]string{"name", "status", "registration.date", "head"}},
	}
}

// family asks those of the questions that the gateway knows, one by one.
func (d *demo) family(ctx context.Context, questions []question) error {
	for _, q := range questions {
		d.line(q.operation)
		if err := d.ask(ctx, q, "found"); err != nil {
			return fmt.Errorf("%s: %w", q.operation, err)
		}
	}
	return nil
}

// factMark begins a line with facts, which alone may hold personal data beside the
// documents that are shown whole.
const factMark = "  │ "

// showFacts prints a line for each fact.
func (d *demo) showFacts(answer map[string]any, q question) {
	for _, list := range q.facts {
		for _, fact := range at(answer, list) {
			var parts []string
			for _, name := range q.show {
				var texts []string
				for _, v := range at(fact, name) {
					texts = append(texts, d.text(v))
				}
				if len(texts) > 0 {
					parts = append(parts, strings.Join(texts, ", "))
				}
			}
			fmt.Fprintln(d.out, factMark+strings.Join(parts, " · "))
		}
	}
}

// at gives what stands at a path, of a list every element.
func at(v any, path string) []any {
	if list, ok := v.([]any); ok {
		var all []any
		for _, e := range list {
			all = append(all, at(e, path)...)
		}
		return all
	}
	object, ok := v.(map[string]any)
	switch {
	case path == "" && v != nil:
		return []any{v}
	case !ok:
		return nil
	}
	name, rest, _ := strings.Cut(path, ".")
	return at(object[name], rest)
}

// excerpt leaves of an answer about a person what fits on a screen: of each person
// the members that are no structures, and no provenance, which is shown below.
func excerpt(answer map[string]any) map[string]any {
	short := maps.Clone(answer)
	delete(short, "provenance")
	if people, ok := answer["persons"].([]any); ok {
		flat := []any{}
		for _, one := range people {
			members, _ := one.(map[string]any) // of the gateway's own contract
			flat = append(flat, flatten(members))
		}
		short["persons"] = flat
	}
	return short
}

func flatten(object map[string]any) map[string]any {
	flat := map[string]any{}
	for name, v := range object {
		switch v.(type) {
		case map[string]any, []any:
		default:
			flat[name] = v
		}
	}
	return flat
}

// text is a value as a person reads it: a dictionary value in the language of the
// demo where the registry has it, a name in its parts.
func (d *demo) text(v any) string {
	object, ok := v.(map[string]any)
	if !ok {
		return fmt.Sprint(v)
	}
	names := []string{"surname", "given_name", "second_name"}
	var parts []string
	for _, name := range names {
		if s, ok := object[name].(string); ok {
			parts = append(parts, s)
		}
	}
	if len(parts) > 0 {
		return strings.Join(parts, " ")
	}
	for _, name := range []string{d.lang, "ru", "kk", "code"} {
		if s, ok := object[name].(string); ok && s != "" {
			return s
		}
	}
	return "—"
}

// batch puts all questions at once, and more about the people behind them, and
// shows what a comparison of the answers came to.
func (d *demo) batch(ctx context.Context, people *population.Population, questions []question) error {
	for _, key := range []string{"adult", "compound-name", "deceased", "incapacitated", "widow"} {
		questions = append(questions, question{operation: "person.search", query: map[string]any{"iin": people.ByKey(key).IIN}})
	}
	questions = append(questions, question{operation: "civil-act.search", query: map[string]any{"iin": people.ByKey("deceased").IIN, "role": "subject"}})
	items := make([]map[string]any, 0, len(questions))
	for _, q := range questions {
		items = append(items, map[string]any{"operation": q.operation, "purpose": demoPurpose(), "query": q.query})
	}
	status, raw, err := d.post(ctx, "/v1/batch", map[string]any{"items": items})
	if err != nil {
		return err
	}
	var answer struct {
		Results []struct {
			Operation string
			Answer    struct {
				Status     string
				Provenance domain.Provenance
			}
		}
		Consistency []domain.Finding
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return err
	}
	fmt.Fprintf(d.out, "POST /v1/batch → %d\n", status)
	for i, r := range answer.Results {
		fmt.Fprintf(d.out, "%2d  %-20s  %-9s  %s\n", i, r.Operation, r.Answer.Status, r.Answer.Provenance.ExchangeID)
		if r.Answer.Status != "found" {
			return fmt.Errorf("the demo expected %s in the batch", r.Operation)
		}
	}
	d.line("consistency")
	d.findings(answer.Consistency)
	return nil
}

// findings prints each outcome of a comparison once, with the number of times.
func (d *demo) findings(all []domain.Finding) {
	times := map[string]int{}
	for _, f := range all {
		text := map[string]string{"kk": f.Text.KK, "ru": f.Text.RU, "en": f.Text.EN}[d.lang]
		times[fmt.Sprintf("%-13s  %-16s  %s", f.Level, f.Rule, text)]++
	}
	for _, outcome := range slices.Sorted(maps.Keys(times)) {
		fmt.Fprintf(d.out, "%2d ×  %s\n", times[outcome], outcome)
	}
}
