package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway/api"
	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/wiretest"
)

// row is what the table of the README says about an operation; a cell is empty
// where nothing could be found.
type row struct{ domain, operation, contract, mock, golden, faults, limits string }

// domainOf tells which of the five domains an operation belongs to; a neighbour
// belongs to none.
func domainOf(operation string) string {
	if d := map[string]string{
		"person.search": "1 person", "civil-act.search": "2 civil registry", "disability.search": "3 disability",
		"capacity-loss.search": "3 disability", "bank-account.check": "4 bank account", "address.search": "5 address",
		"address-object.search": "5 address",
	}[operation]; d != "" {
		return d
	}
	return "neighbour"
}

// TestTable writes the table of operations into the README, or compares it. What it
// says of goldens and faults is counted in the files that TestEverybody and
// TestEveryFault hold, the rest is found here. No cell of the five domains is empty.
func TestTable(t *testing.T) {
	t.Parallel()
	var rows []row
	people := fixedPeople(t)
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, people, nil)
		for _, operation := range api.Operations() {
			rows = append(rows, o.row(t, people, operation))
		}
	})
	slices.SortFunc(rows, func(a, b row) int { return strings.Compare(a.domain+a.operation, b.domain+b.operation) })
	var b strings.Builder
	b.WriteString("| domain | operation | contract from | mock | golden | faults tested | limits |\n|---|---|---|---|---|---|---|\n")
	domains := map[string]bool{}
	for _, r := range rows {
		cells := []string{strings.TrimLeft(r.domain, "12345 "), "`" + r.operation + "`", r.contract, r.mock, r.golden, r.faults, r.limits}
		if r.domain != "neighbour" && slices.Contains(cells, "") {
			t.Errorf("an empty cell: %q", cells)
		}
		domains[r.domain] = true
		b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	}
	if len(domains) != 6 {
		t.Errorf("domains: %v", domains)
	}
	holdReadme(t, "operations", b.String())
}

// holdReadme compares what stands between two marks of the README, or writes it.
func holdReadme(t *testing.T, mark, want string) {
	t.Helper()
	file := filepath.Join(root, "README.md")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok1 := strings.Cut(string(text), "<!-- "+mark+": go test ./cmd/kopir -run TestTable -update -->\n")
	got, tail, ok2 := strings.Cut(rest, "<!-- /"+mark+" -->\n")
	switch {
	case !ok1 || !ok2:
		t.Fatalf("the README has no marks for %s", mark)
	case got == want:
	case *update:
		text := strings.Replace(string(text), got+"<!-- /"+mark+" -->\n", want+"<!-- /"+mark+" -->\n", 1)
		if len(head)+len(tail) == 0 || os.WriteFile(file, []byte(text), 0o644) != nil {
			t.Fatal("the README was not written")
		}
	default:
		t.Errorf("the table of the README is not that of the tests (-update writes it); want\n%s", want)
	}
}

// row finds what there is of an operation.
func (o *office) row(t *testing.T, people *population.Population, operation string) row {
	t.Helper()
	r := row{domain: domainOf(operation), operation: operation}
	if !slices.Contains(o.operations, operation) {
		return r
	}
	r.contract = contractOf(t, operation)
	if p := o.profiles[operation]; slices.Contains(o.world.Services(), p.ServiceID) {
		r.mock = "`" + p.ServiceID + "`"
	}
	if golden, err := os.ReadFile(goldenOf(operation)); err == nil {
		answers, subjects, found := 0, map[string]bool{}, 0
		for line := range strings.Lines(string(golden)) {
			var a struct {
				About  string
				Answer struct{ Status string }
			}
			if err := json.Unmarshal([]byte(line), &a); err != nil {
				t.Fatal(err)
			}
			who, _, _ := strings.Cut(a.About, " ")
			subjects[who] = true
			answers++
			if a.Answer.Status == "found" {
				found++
			}
		}
		r.golden = fmt.Sprintf("%d answers about %d, %d found", answers, len(subjects), found)
	}
	r.faults = faultsOf(t, operation)
	r.limits = o.limits(t, people, operation)
	return r
}

// faultsOf counts the faults that struck an operation, by what came of them.
func faultsOf(t *testing.T, operation string) string {
	t.Helper()
	all, err := os.ReadFile(outcomesFile)
	if err != nil {
		t.Fatal(err)
	}
	struck, refused := 0, 0
	for line := range strings.Lines(string(all)) {
		if f := strings.Fields(line); f[0] == operation {
			struck++
			if f[2] != "found" && f[2] != "not_found" {
				refused++
			}
		}
	}
	if struck == 0 {
		return ""
	}
	return fmt.Sprintf("%d, %d refused", struck, refused)
}

// limits are the longest time a question takes, and the rules that refuse wrong
// and too wide ones, each of which is asked.
func (o *office) limits(t *testing.T, people *population.Population, operation string) string {
	t.Helper()
	rules := map[string]bool{}
	for _, query := range wrongQuestions(people, operation) {
		for _, rule := range o.refusal(t, operation, query) {
			rules[rule] = true
		}
	}
	if len(rules) == 0 {
		return ""
	}
	var names []string
	for rule := range rules {
		names = append(names, "`"+rule+"`")
	}
	slices.Sort(names)
	p := o.profiles[operation]
	return fmt.Sprintf("%s, %d attempts; %s", p.Timeout.Std(), p.MaxAttempts, strings.Join(names, " "))
}

// wrongQuestions are what an operation has to refuse before anybody is asked.
func wrongQuestions(people *population.Population, operation string) []map[string]any {
	iin := people.ByKey("adult").IIN
	wrong := []map[string]any{{"iin": iin[:11] + "6"}}
	switch operation {
	case "person.search":
		return append(wrong, map[string]any{"surname": "Сынақов", "given_name": "Ерлан"}, map[string]any{"iin": iin, "document_number": "1"})
	case "civil-act.search":
		return append(wrong, map[string]any{"act_number": "99-0101"}, map[string]any{"iin": iin, "act_number": "99-0101"})
	case "bank-account.check":
		iban := people.ByKey("adult").Accounts[0].IBAN
		return []map[string]any{
			{"iban": iban[:19] + "9", "holder": map[string]any{"iin": iin}},
			{"iban": iban, "holder": map[string]any{"surname": "Сынақов"}},
			{"iban": "KZ146010000TEST00001", "bic": "KCJBKZKX", "holder": map[string]any{"iin": iin}},
		}
	case "taxpayer.search":
		return append(wrong,
			map[string]any{"iin": iin, "period": map[string]string{"from": "2020-01", "to": "2026-01"}},
			map[string]any{"iin": iin, "period": map[string]string{"from": "2026-02", "to": "2026-01"}})
	case "guardianship.search", "trustee.search":
		return append(wrong, map[string]any{"iin": iin[:11] + "6", "role": "ward"})
	case "legal-entity.search":
		return []map[string]any{{"bin": "990140900015"}}
	case "address-object.search":
		return []map[string]any{{"address_register_code": ""}}
	}
	return wrong
}

// contractOf tells what the contract of an operation rests on, as its schemas say
// about themselves: those of its own folder, or those that they include if they
// leave it to them.
func contractOf(t *testing.T, operation string) string {
	t.Helper()
	start := path.Join("registries", wiretest.Schema(operation, ""))
	if inner := strings.TrimSuffix(start, ".xsd") + "-payload.xsd"; exists(inner) {
		start = inner
	}
	seen := map[string]string{}
	readSchemas(t, start, seen)
	own, all := "", ""
	for name, text := range seen {
		all += text
		if path.Dir(name) == path.Dir(start) {
			own += text
		}
	}
	said := sourceOf(own)
	if said == "" {
		said = sourceOf(all)
	}
	return said
}

func exists(name string) bool {
	_, err := fs.Stat(contracts.Schemas(), name)
	return err == nil
}

func sourceOf(annotations string) string {
	public := strings.Contains(annotations, "Public record:")
	ours := regexp.MustCompile(`(?i)\bours\b`).MatchString(annotations)
	switch {
	case public && ours:
		return "mixed"
	case public:
		return "public record"
	case ours:
		return "ours"
	}
	return ""
}

// readSchemas collects the annotations of a schema and of those it refers to but
// for the channel's, by name.
func readSchemas(t *testing.T, name string, seen map[string]string) {
	t.Helper()
	if _, ok := seen[name]; ok || strings.HasPrefix(name, "shep/") {
		return
	}
	b, err := fs.ReadFile(contracts.Schemas(), name)
	if err != nil {
		t.Fatal(err)
	}
	seen[name] = ""
	d := xml.NewDecoder(strings.NewReader(string(b)))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		for _, a := range e.Attr {
			if a.Name.Local == "schemaLocation" {
				readSchemas(t, path.Join(path.Dir(name), a.Value), seen)
			}
		}
		if e.Name.Local == "documentation" {
			var text string
			if err := d.DecodeElement(&text, &e); err != nil {
				t.Fatal(err)
			}
			seen[name] += text + "\n"
		}
	}
}
