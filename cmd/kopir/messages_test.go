package main

import (
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/population/fact"
	mockshep "github.com/kopir-kz/kopir/mocks/shep"
)

// TestMessagesFitTheSchemas lets xmllint judge every message of a gateway that asks
// all registries about everybody in every way it can, and the documents that
// messages carry as text. Only people whose answers are bent on purpose are left
// out.
func TestMessagesFitTheSchemas(t *testing.T) {
	t.Parallel()
	lint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed (Debian: libxml2-utils)")
	}
	people := fixedPeople(t)
	honest := slices.DeleteFunc(people.People(), func(one *fact.Person) bool { return one.Fault != "" })
	var mu sync.Mutex
	var wire []mockshep.Messages
	operationOf := map[string]string{} // by serviceId; operations of one service share their schema
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, people, func(m mockshep.Messages) {
			mu.Lock()
			defer mu.Unlock()
			wire = append(wire, m)
		})
		for operation, p := range o.profiles {
			operationOf[p.ServiceID] = operation
		}
		o.answers(t, people, honest)
		o.otherWays(t, people, honest)
	})
	documents := map[string][]string{} // by schema
	for _, m := range wire {
		schema := schemaOf(operationOf[m.Service])
		for _, envelope := range [][]byte{m.Question, m.Answer} {
			documents[schema] = append(documents[schema], string(envelope))
			if text := carried(t, envelope); text != "" {
				inner := strings.TrimSuffix(schema, ".xsd") + "-payload.xsd"
				documents[inner] = append(documents[inner], text)
			}
		}
	}
	if len(wire) < 500 || len(documents) < 10 {
		t.Fatalf("only %d exchanges, and %d schemas", len(wire), len(documents))
	}
	for schema, all := range documents {
		t.Run(schema, func(t *testing.T) {
			t.Parallel()
			for part := range slices.Chunk(all, 300) {
				validateAll(t, lint, schema, part)
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

// schemaOf names the schema of an operation's messages, below contracts/registries:
// that of its own folder, but for the two operations of ГБД ФЛ.
func schemaOf(operation string) string {
	if operation == "person.search" || operation == "address.search" {
		return "person/universal.xsd"
	}
	registry, verb, _ := strings.Cut(operation, ".")
	return path.Join(registry, verb+".xsd")
}

// carried is the document that the data of an envelope holds as text, "" if it
// holds none.
func carried(t *testing.T, envelope []byte) string {
	t.Helper()
	type part struct {
		Data string `xml:"data"`
	}
	var e struct {
		Body struct {
			Message struct {
				Request struct {
					RequestData part `xml:"requestData"`
				} `xml:"request"`
				Response struct {
					ResponseData part `xml:"responseData"`
				} `xml:"response"`
				Return struct {
					ResponseData part `xml:"responseData"`
				} `xml:"return"`
			} `xml:",any"`
		}
	}
	if err := xml.Unmarshal(envelope, &e); err != nil {
		t.Fatal(err)
	}
	m := e.Body.Message
	if text := strings.TrimSpace(m.Request.RequestData.Data + m.Response.ResponseData.Data + m.Return.ResponseData.Data); strings.HasPrefix(text, "<") {
		return text
	}
	return ""
}

// validateAll runs xmllint once over all documents of a schema.
func validateAll(t *testing.T, lint, schema string, documents []string) {
	t.Helper()
	dir := t.TempDir()
	args := []string{"--nonet", "--noout", "--schema", filepath.Join(root, "contracts", "registries", schema)}
	for i, text := range documents {
		name := filepath.Join(dir, fmt.Sprintf("%d.xml", i))
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	out, err := exec.CommandContext(t.Context(), lint, args...).CombinedOutput()
	if err == nil {
		return
	}
	var complaints []string
	for line := range strings.Lines(string(out)) {
		if !strings.HasSuffix(line, " validates\n") {
			complaints = append(complaints, strings.ReplaceAll(line, dir, ""))
		}
	}
	t.Errorf("%v, %d complaints: %s", err, len(complaints), strings.Join(complaints[:min(4, len(complaints))], ""))
}
