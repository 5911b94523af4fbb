package config

import (
	_ "embed"
	"io"

	"go.yaml.in/yaml/v3"
)

// Print writes the effective settings, defaults filled in, as YAML. Secrets
// show as "***", so the output is for reading; it is no settings file.
func (c *Config) Print(w io.Writer) error {
	e := yaml.NewEncoder(w)
	e.SetIndent(2)
	if err := e.Encode(c); err != nil {
		return err
	}
	return e.Close()
}

//go:embed schema.json
var schema []byte

// Schema is the JSON Schema (draft 2020-12) of the settings file: every setting
// with its meaning, type and default.
func Schema() []byte { return append([]byte(nil), schema...) }
