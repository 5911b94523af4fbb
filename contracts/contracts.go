// Package contracts holds what is agreed with others, as files: the HTTP
// contract (openapi.yaml), the catalogue of problems (problems.yaml), the sync
// channel of ШЭП (shep/: WSDL and XSD), the registries behind it
// (registries/<name>/: XSD), code lists (codes/) and messages that fit them
// (examples/).
//
// glossary.md explains the words, divergences.md says what of all this is
// public fact and what is our own definition.
//
// The package embeds the files and reads those that the gateway needs at run
// time. It imports nothing else of the gateway.
package contracts

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"go.yaml.in/yaml/v3"
)

//go:embed openapi.yaml
var openAPI []byte

//go:embed problems.yaml
var problems []byte

//go:embed codes
var codes embed.FS

//go:embed shep registries
var schemas embed.FS

//go:embed examples
var examples embed.FS

// OpenAPI is the HTTP contract, OpenAPI 3.0.3 in YAML.
func OpenAPI() []byte { return bytes.Clone(openAPI) }

// Schemas holds the folders shep and registries: the WSDL and XSD files.
func Schemas() fs.FS { return schemas }

// Examples holds the messages of the folder examples, without that prefix:
// <registry operation>/<case>/{request.json,request.xml,answer.xml} with whole
// unsigned envelopes, and shep/*.xml for the channel itself. Those in
// shep/tolerated break the schema in ways that live peers do.
func Examples() fs.FS {
	sub, err := fs.Sub(examples, "examples")
	if err != nil { // a constant and valid path
		return examples
	}
	return sub
}

// Texts is one text in the three languages that people read: Kazakh, Russian
// and English.
type Texts struct {
	KK string `yaml:"kk"`
	RU string `yaml:"ru"`
	EN string `yaml:"en"`
}

// In gives the text in a language of ISO 639-1: "kk" or "ru", English for
// anything else.
func (t Texts) In(lang string) string {
	switch lang {
	case "kk":
		return t.KK
	case "ru":
		return t.RU
	default:
		return t.EN
	}
}

// Problem is one entry of the catalogue: one way to fail, as callers see it.
type Problem struct {
	ID        string `yaml:"id"`        // stable; last segment of the problem's type URI
	Side      string `yaml:"side"`      // caller, gateway, shep, registry, pki or consent
	Status    int    `yaml:"status"`    // HTTP status
	Retryable bool   `yaml:"retryable"` // the same request may succeed later
	Title     Texts  `yaml:"title"`
	Detail    Texts  `yaml:"detail"`
	Action    Texts  `yaml:"action"` // what the caller can do
}

// Catalogue is the closed list of problems and of the rules that a request can
// break.
type Catalogue struct {
	Problems []Problem        `yaml:"problems"`
	Rules    map[string]Texts `yaml:"rules"` // by rule id, e.g. "iin.check_digit"
}

// Problems reads the catalogue. An error means that the embedded file is broken.
func Problems() (*Catalogue, error) {
	var c Catalogue
	if err := decode(problems, &c); err != nil {
		return nil, fmt.Errorf("read problems.yaml: %w", err)
	}
	return &c, nil
}

// Problem finds an entry by its id.
func (c *Catalogue) Problem(id string) (Problem, bool) {
	for _, p := range c.Problems {
		if p.ID == id {
			return p, true
		}
	}
	return Problem{}, false
}

// Code is one value of a registry's dictionary.
type Code struct {
	Code   string `yaml:"code"`
	Origin string `yaml:"origin"` // record, inferred, iso, contract or ours
	BIC    string `yaml:"bic"`    // of the organisation; list bank only
	Texts  `yaml:",inline"`
}

// Known tells whether the code rests on public record, on a standard or on a
// contract of ours, which says itself what it means; false for the codes that the
// offline world invented for a registry on record.
func (c Code) Known() bool { return c.Origin != "ours" }

// Dictionary is a list of codes. No list is complete: a registry may answer
// with a code that is not on it, and that is no error.
type Dictionary struct {
	ID       string `yaml:"id"` // name of the file, e.g. "document_type"
	Title    Texts  `yaml:"title"`
	Registry string `yaml:"registry"` // short name; "" if no registry uses the codes in answers
	Element  string `yaml:"element"`  // where the registry uses it
	Source   string `yaml:"source"`   // what the list rests on
	Codes    []Code `yaml:"codes"`
}

// Code finds a value by its code, with its leading zeros.
func (d Dictionary) Code(code string) (Code, bool) {
	for _, c := range d.Codes {
		if c.Code == code {
			return c, true
		}
	}
	return Code{}, false
}

// Codes reads the code lists, by the id of the dictionary. An error means that
// an embedded file is broken.
func Codes() (map[string]Dictionary, error) {
	names, err := fs.Glob(codes, "codes/*.yaml")
	if err != nil {
		return nil, err
	}
	all := make(map[string]Dictionary, len(names))
	for _, name := range names {
		b, err := codes.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var d Dictionary
		if err := decode(b, &d); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		if err := d.check(path.Base(name)); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		all[d.ID] = d
	}
	return all, nil
}

// check holds what every list must have: the id of its file, a source, texts in
// three languages for its title and for each code, an origin that is one, and no
// code twice. Codes that were invented for a registry on record stand beside those
// of the record only where the list says which registry uses them.
func (d Dictionary) check(file string) error {
	switch {
	case d.ID+".yaml" != file:
		return fmt.Errorf("its id is %q", d.ID)
	case d.Source == "" || !d.Title.whole():
		return errors.New("it has no source, or its title is not whole")
	case (d.Registry == "") != (d.Element == ""):
		return errors.New("registry and element come together")
	}
	seen := make(map[string]bool, len(d.Codes))
	for _, c := range d.Codes {
		switch {
		case c.Code == "" || seen[c.Code]:
			return fmt.Errorf("code %q is empty or stands twice", c.Code)
		case !c.whole():
			return fmt.Errorf("code %q has not three texts", c.Code)
		case !slices.Contains([]string{"record", "inferred", "iso", "contract", "ours"}, c.Origin):
			return fmt.Errorf("code %q: origin %q", c.Code, c.Origin)
		}
		seen[c.Code] = true
	}
	return nil
}

// whole tells whether the text is there in all three languages.
func (t Texts) whole() bool { return t.KK != "" && t.RU != "" && t.EN != "" }

func decode(b []byte, into any) error {
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	return d.Decode(into)
}
