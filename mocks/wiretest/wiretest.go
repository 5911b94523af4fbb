// Package wiretest has xmllint judge the messages of tests: whatever a gateway
// asked a mock world, and whatever the world answered on its own account, must
// fit the schemas of the contracts.
package wiretest

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/kopir-kz/kopir/mocks/registries/person"
	"github.com/kopir-kz/kopir/mocks/shep"
)

// ErrNotInstalled says that there is no xmllint (Debian: libxml2-utils).
var ErrNotInstalled = errors.New("xmllint is not installed")

// Judge collects messages. It is safe for concurrent use.
type Judge struct {
	// Registries is the folder of the schemas, contracts/registries.
	Registries string
	// Operations has the operation of each serviceId.
	Operations map[string]string

	mu        sync.Mutex
	documents map[string]map[string]struct{} // by schema, each once
	exchanges int
}

// Tap takes messages, as mocks.Options.Tap does. Answers that were bent on purpose
// and those that are no answers of a registry are not looked at.
func (j *Judge) Tap(m shep.Messages) {
	operation, known := j.Operations[m.Service]
	if !known {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.exchanges++
	schema := Schema(operation, m.Service)
	j.add(schema, m.Question)
	if !m.Bent && m.Status == http.StatusOK {
		j.add(schema, m.Answer)
	}
}

func (j *Judge) add(schema string, envelope []byte) {
	put := func(schema, text string) {
		if j.documents == nil {
			j.documents = map[string]map[string]struct{}{}
		}
		if j.documents[schema] == nil {
			j.documents[schema] = map[string]struct{}{}
		}
		j.documents[schema][text] = struct{}{}
	}
	put(schema, string(envelope))
	if text := carried(envelope); text != "" {
		put(j.payload(schema), text)
	}
}

// payload names the schema of a document that data carries as text. A contract
// whose data is an element as a rule has none of its own: its schema knows the
// element.
func (j *Judge) payload(schema string) string {
	inner := strings.TrimSuffix(schema, ".xsd") + "-payload.xsd"
	if _, err := os.Stat(filepath.Join(j.Registries, inner)); err != nil {
		return schema
	}
	return inner
}

// Exchanges counts the questions that were seen.
func (j *Judge) Exchanges() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.exchanges
}

// Schemas lists those that messages were found for.
func (j *Judge) Schemas() (out []string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for schema := range j.documents {
		out = append(out, schema)
	}
	slices.Sort(out)
	return out
}

// batch is how many documents one run of xmllint takes.
const batch = 300

// Complaints gives what xmllint says against the messages of a schema; none if all
// fit. The error is ErrNotInstalled, or of the file system.
func (j *Judge) Complaints(ctx context.Context, schema string) (complaints []string, err error) {
	lint, err := exec.LookPath("xmllint")
	if err != nil {
		return nil, ErrNotInstalled
	}
	j.mu.Lock()
	var all []string
	for text := range j.documents[schema] {
		all = append(all, text)
	}
	j.mu.Unlock()
	for part := range slices.Chunk(all, batch) {
		dir, err := os.MkdirTemp("", "kopir-wire-")
		if err != nil {
			return nil, err
		}
		found, err := validate(ctx, lint, dir, filepath.Join(j.Registries, schema), part)
		if err = errors.Join(err, os.RemoveAll(dir)); err != nil {
			return nil, err
		}
		complaints = append(complaints, found...)
	}
	return complaints, nil
}

// validate runs xmllint once over documents of a schema.
func validate(ctx context.Context, lint, dir, schema string, documents []string) (complaints []string, err error) {
	args := []string{"--nonet", "--noout", "--schema", schema}
	for i, text := range documents {
		name := filepath.Join(dir, fmt.Sprintf("%d.xml", i))
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			return nil, err
		}
		args = append(args, name)
	}
	out, failed := exec.CommandContext(ctx, lint, args...).CombinedOutput() //nolint:gosec // the program is xmllint
	for line := range strings.Lines(string(out)) {
		if failed != nil && !strings.HasSuffix(line, " validates\n") {
			complaints = append(complaints, strings.ReplaceAll(line, dir, ""))
		}
	}
	if failed != nil && len(complaints) == 0 {
		return nil, failed
	}
	return complaints, nil
}

// Schema names the schema, below contracts/registries, of an operation's messages: that of its own folder, but
// for the two operations of ГБД ФЛ, which share those of its two services.
func Schema(operation, service string) string {
	switch {
	case service == person.ServiceToken:
		return "person/universal-token.xsd"
	case operation == "person.search", operation == "address.search":
		return "person/universal.xsd"
	}
	registry, verb, _ := strings.Cut(operation, ".")
	return path.Join(registry, verb+".xsd")
}

// carried is the document that the data of an envelope holds as text, "" if it
// holds none.
func carried(envelope []byte) string {
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
	if xml.Unmarshal(envelope, &e) != nil {
		return "" // xmllint will tell
	}
	m := e.Body.Message
	text := strings.TrimSpace(m.Request.RequestData.Data + m.Response.ResponseData.Data + m.Return.ResponseData.Data)
	if !strings.HasPrefix(text, "<") {
		return ""
	}
	return text
}
