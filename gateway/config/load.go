package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kopir-kz/kopir/gateway/shep"
)

// maxFileBytes bounds the settings file.
const maxFileBytes = 1 << 20

// Problem is one thing that is wrong with the settings.
type Problem struct {
	Line  int    // in the file; 0 if it has no place there
	Field string // path of the setting, e.g. "clients[0].id"; "" if the text says it
	Text  string // the rule, without the value
}

// String is "line 5: clients[0].id: must …".
func (p Problem) String() string {
	var b strings.Builder
	if p.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", p.Line)
	}
	if p.Field != "" {
		b.WriteString(p.Field + ": ")
	}
	b.WriteString(p.Text)
	return b.String()
}

// Error is everything that is wrong with the settings.
type Error struct {
	File     string // "" for settings that came from no file
	Problems []Problem
}

// Error is one problem a line.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
		if e.File != "" {
			lines[i] = e.File + ": " + lines[i]
		}
	}
	return strings.Join(lines, "\n")
}

// Load reads and checks a settings file. The error is an *Error, or says that
// the file cannot be read.
func Load(path string) (*Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	c, err := Parse(b, dir)
	var wrong *Error
	if errors.As(err, &wrong) {
		wrong.File = path
	}
	return c, err
}

// Parse reads settings from text, fills in defaults and checks the rules. File
// names become absolute, relative ones counting from dir. The error is an
// *Error and holds every problem that could be found; the settings are nil then.
func Parse(b []byte, dir string) (*Config, error) {
	if len(b) > maxFileBytes {
		return nil, &Error{Problems: []Problem{{Text: fmt.Sprintf("longer than %d bytes", maxFileBytes)}}}
	}
	c := Default()
	if err := decode(b, &c); err != nil {
		return nil, &Error{Problems: syntax(err)}
	}
	for i, p := range c.Services {
		complete, err := p.WithDefaults()
		if err != nil {
			return nil, err
		}
		c.Services[i] = complete
	}
	for _, f := range c.files() {
		if *f.path != "" && !filepath.IsAbs(*f.path) {
			*f.path = filepath.Join(dir, *f.path)
		}
	}
	if problems := c.problems(); len(problems) > 0 {
		place(problems, b)
		return nil, &Error{Problems: problems}
	}
	return &c, nil
}

func decode(b []byte, c *Config) error {
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	if err := d.Decode(c); errors.Is(err, io.EOF) {
		return errors.New("the file is empty")
	} else if err != nil {
		return err
	}
	var more yaml.Node
	if err := d.Decode(&more); err == nil {
		return fmt.Errorf("line %d: a second document; settings are one document", more.Line)
	} else if !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// syntax turns what the YAML library says into problems. Its texts quote values
// and name Go types; ours say what is expected.
func syntax(err error) []Problem {
	texts := []string{strings.TrimPrefix(err.Error(), "yaml: ")}
	var several *yaml.TypeError
	if errors.As(err, &several) {
		texts = several.Errors
	}
	var out []Problem
	for _, t := range texts {
		p := Problem{Text: t}
		if rest, ok := strings.CutPrefix(t, "line "); ok {
			number, text, _ := strings.Cut(rest, ": ")
			if n, err := strconv.Atoi(number); err == nil {
				p = Problem{Line: n, Text: text}
			}
		}
		p.Text = plain(p.Text)
		out = append(out, p)
	}
	return out
}

// The forms of yaml.v3's type errors.
func plain(text string) string {
	unknown := regexp.MustCompile(`^field (.+) not found in type \S+$`)
	wrong := regexp.MustCompile(`(?s)^cannot unmarshal .* into (\S+)$`)
	repeated := regexp.MustCompile(`(?s)^mapping key "(.+)" already defined at line (\d+)$`)
	anchor := regexp.MustCompile(`(?s)^unknown anchor .*$`)
	switch {
	case unknown.MatchString(text):
		return unknown.ReplaceAllString(text, `unknown setting "$1"`)
	case repeated.MatchString(text):
		return repeated.ReplaceAllString(text, `the setting "$1" is given twice, first in line $2`)
	case wrong.MatchString(text):
		return expected(wrong.FindStringSubmatch(text)[1])
	case anchor.MatchString(text):
		return "unknown anchor"
	}
	return text
}

func expected(goType string) string {
	switch {
	case strings.HasPrefix(goType, "[]"):
		return "must be a list"
	case goType == "string", goType == "config.Secret", goType == "shep.Policy":
		return "must be text"
	case strings.HasPrefix(goType, "int"):
		return "must be a whole number"
	case strings.HasPrefix(goType, "float"):
		return "must be a number"
	case goType == "bool":
		return "must be true or false"
	}
	return "must be a group of settings"
}

// place finds the lines of problems that name a field. A setting that is absent
// stands where the group it belongs to begins.
func place(problems []Problem, b []byte) {
	var doc yaml.Node
	if yaml.Unmarshal(b, &doc) != nil || len(doc.Content) == 0 {
		return
	}
	lines := map[string]int{}
	index(doc.Content[0], "", lines)
	for i, p := range problems {
		for f := p.Field; f != "" && problems[i].Line == 0; f = parent(f) {
			problems[i].Line = lines[f]
		}
	}
}

func index(n *yaml.Node, path string, lines map[string]int) {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			at := strings.TrimPrefix(path+"."+n.Content[i].Value, ".")
			lines[at] = n.Content[i].Line
			index(n.Content[i+1], at, lines)
		}
	case yaml.SequenceNode:
		for i, e := range n.Content {
			at := fmt.Sprintf("%s[%d]", path, i)
			lines[at] = e.Line
			index(e, at, lines)
		}
	}
}

// parent of "clients[0].id" is "clients[0]", and its parent is "clients".
func parent(field string) string {
	return field[:max(strings.LastIndexAny(field, ".["), 0)]
}

// profileProblems gives the broken rules of a service profile their full path.
func profileProblems(i int, err error) []Problem {
	var out []Problem
	var walk func(error)
	walk = func(err error) {
		var one *shep.ProfileError
		if several, ok := err.(interface{ Unwrap() []error }); ok {
			for _, e := range several.Unwrap() {
				walk(e)
			}
		} else if errors.As(err, &one) {
			out = append(out, Problem{Field: fmt.Sprintf("services[%d].%s", i, one.Field), Text: one.Text})
		}
	}
	walk(err)
	return out
}
