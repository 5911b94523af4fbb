// Package population is the one set of people that every mock registry shows.
//
// The people live in one versioned file, people.yaml, and exist only there:
// IINs are synthetic (month raised by 40), surnames are built on «Сынақ». Each
// person is listed for one property that a gateway has to survive, such as a
// missing patronymic or a document listed twice.
//
// Loading checks every invariant (see [Parse]): what the registries say about
// one person, and what two persons say about each other, agrees by
// construction. A registry view is a projection of these records; it adds
// nothing of its own.
package population

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed people.yaml
var embedded []byte

// Date is a day as YYYY-MM-DD (xsd:date without zone, RFC 3339 full-date).
type Date string

// Text is one text in the three languages of the project.
type Text struct {
	En string `yaml:"en" json:"en"`
	Ru string `yaml:"ru" json:"ru"`
	Kk string `yaml:"kk" json:"kk"`
}

// Property says what a person exists for.
type Property struct {
	ID   string `yaml:"id" json:"id"`
	Text `yaml:",inline"`
}

// Name is one spelling of a person's name. A part that the person has not is
// empty; Latin spellings have no patronymic.
type Name struct {
	Surname    string `yaml:"surname" json:"surname"`
	Given      string `yaml:"given" json:"given"`
	Patronymic string `yaml:"patronymic" json:"patronymic,omitempty"`
}

// Names are the spellings of one name. The registries show and search the
// Kazakh one, the spelling of the birth record; Latin is that of the passport.
type Names struct {
	Kk    Name `yaml:"kk" json:"kk"`
	Ru    Name `yaml:"ru" json:"ru"`
	Latin Name `yaml:"latin" json:"latin"`
}

// Entry is one value of a dictionary of the registries.
type Entry struct {
	Ru      string `yaml:"ru"`
	Kk      string `yaml:"kk"`
	Changed string `yaml:"changed,omitempty"` // xsd:dateTime with offset; "" for never
}

// Population is a checked set of people. It is read-only and safe for
// concurrent use.
type Population struct {
	people       []*Person
	dictionaries map[string]map[string]Entry
	notFound     []string

	byIIN      map[string]*Person
	byKey      map[string]*Person
	byDocument map[string][]*Person
}

// file is the form of people.yaml.
type file struct {
	Version      int                         `yaml:"version"`
	Dictionaries map[string]map[string]Entry `yaml:"dictionaries"`
	NotFound     []string                    `yaml:"not_found"`
	People       []*Person                   `yaml:"people"`
}

// version of the file form that this package reads.
const version = 1

// Load reads the population that is built into the binary.
func Load() (*Population, error) { return Parse(embedded) }

// Parse reads a population in the form of people.yaml and checks every
// invariant. An unknown key is an error. Broken invariants come joined, each as
// an *Error that names the rule and the key of the person.
func Parse(b []byte) (*Population, error) {
	var f file
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	if err := d.Decode(&f); err != nil {
		return nil, fmt.Errorf("reading the population: %w", err)
	}
	if f.Version != version {
		return nil, fmt.Errorf("reading the population: version %d, want %d", f.Version, version)
	}
	return build(f)
}

// build indexes and checks what a file says.
func build(f file) (*Population, error) {
	p := &Population{
		people:       f.People,
		dictionaries: f.Dictionaries,
		notFound:     f.NotFound,
		byIIN:        map[string]*Person{},
		byKey:        map[string]*Person{},
		byDocument:   map[string][]*Person{},
	}
	for _, one := range p.people {
		p.index(one)
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *Population) index(one *Person) {
	p.byIIN[one.IIN] = one
	p.byKey[one.Key] = one
	for _, d := range one.Documents {
		if !slices.Contains(p.byDocument[d.Number], one) {
			p.byDocument[d.Number] = append(p.byDocument[d.Number], one)
		}
	}
}

// People lists everybody in the order of the file.
func (p *Population) People() []*Person { return slices.Clone(p.people) }

// Entry looks up a code in a dictionary, e.g. Entry("gender", "2").
func (p *Population) Entry(dictionary, code string) (Entry, bool) {
	e, ok := p.dictionaries[dictionary][code]
	return e, ok
}

// Codes lists the codes of a dictionary in ascending order.
func (p *Population) Codes(dictionary string) []string {
	var codes []string
	for code := range p.dictionaries[dictionary] {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes
}

// Dictionaries lists the names of the dictionaries in ascending order.
func (p *Population) Dictionaries() []string {
	var names []string
	for name := range p.dictionaries {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// NotFound lists right IINs that belong to nobody here.
func (p *Population) NotFound() []string { return slices.Clone(p.notFound) }

// ByKey finds a person by the key of the file, such as "adult"; nil if there is
// none.
func (p *Population) ByKey(key string) *Person { return p.byKey[key] }

// ByIIN finds a person; nil if there is none.
func (p *Population) ByIIN(iin string) *Person { return p.byIIN[iin] }

// ByDocument finds the holders of a document, valid or not. Certificates of
// civil acts are not documents in this sense.
func (p *Population) ByDocument(number string) []*Person {
	return slices.Clone(p.byDocument[number])
}

// ByBirth finds people by birth date and Kazakh name. An empty name part means
// "has no such part", not "any". Letter case does not count.
func (p *Population) ByBirth(born Date, n Name) []*Person {
	var found []*Person
	for _, one := range p.people {
		k := one.Name.Kk
		if one.Born == born && strings.EqualFold(k.Surname, n.Surname) &&
			strings.EqualFold(k.Given, n.Given) && strings.EqualFold(k.Patronymic, n.Patronymic) {
			found = append(found, one)
		}
	}
	return found
}
