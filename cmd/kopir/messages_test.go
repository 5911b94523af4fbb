package main

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/population/fact"
	"github.com/kopir-kz/kopir/mocks/wiretest"
)

// TestMessagesFitTheSchemas lets xmllint judge every message of a gateway that asks
// all registries about everybody in every way it can, and the documents that
// messages carry as text. Only people whose answers are bent on purpose are left
// out.
func TestMessagesFitTheSchemas(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("xmllint is not installed (Debian: libxml2-utils)")
	}
	people := fixedPeople(t)
	honest := slices.DeleteFunc(people.People(), func(one *fact.Person) bool { return one.Fault != "" })
	judge := &wiretest.Judge{Registries: filepath.Join(root, "contracts", "registries"), Operations: map[string]string{}}
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, people, judge.Tap)
		for operation, p := range o.profiles {
			judge.Operations[p.ServiceID] = operation // operations of one service share their schema
		}
		o.answers(t, people, honest)
		o.otherWays(t, people, honest)
	})
	schemas := judge.Schemas()
	if judge.Exchanges() < 500 || len(schemas) < 10 {
		t.Fatalf("only %d exchanges, and %d schemas", judge.Exchanges(), len(schemas))
	}
	for _, schema := range schemas {
		t.Run(schema, func(t *testing.T) {
			t.Parallel()
			complaints, err := judge.Complaints(t.Context(), schema)
			if err != nil || len(complaints) > 0 {
				t.Errorf("%v, %d complaints: %s", err, len(complaints), strings.Join(complaints[:min(4, len(complaints))], ""))
			}
		})
	}
}

// otherWays asks what can be asked in more ways than the one of the golden files.
func (o *office) otherWays(t *testing.T, people *population.Population, who []*fact.Person) {
	t.Helper()
	for _, one := range who {
		name := map[string]any{"birth_date": one.Born, "surname": one.Name.Kk.Surname, "given_name": one.Name.Kk.Given}
		if one.Name.Kk.Patronymic != "" {
			name["second_name"] = one.Name.Kk.Patronymic
		}
		o.ask(t, "person.search", name)
		for _, d := range one.Documents {
			o.ask(t, "person.search", map[string]any{"document_number": d.Number})
		}
		if one.IIN != "" {
			o.ask(t, "taxpayer.search", map[string]any{"iin": one.IIN})
			o.ask(t, "civil-act.search", map[string]any{"iin": one.IIN, "role": "subject", "kinds": []string{"birth", "death"}})
		}
	}
	for _, a := range people.Facts().Acts {
		if a.Office != "" {
			o.ask(t, "civil-act.search", map[string]any{"act_number": a.Number, "registry_office": a.Office, "registration_date": a.Registered})
		}
	}
	o.ask(t, "person.search", map[string]any{"iin": people.NotFound()[0]})
	o.ask(t, "legal-entity.search", map[string]any{"bin": "991240000003"})
	o.ask(t, "bank-account.check", map[string]any{"iban": "KZ146010000TEST00001", "holder": map[string]any{"iin": people.NotFound()[0]}})
}
