// Package people holds the files of the people of the offline world, and reads
// them.
//
// Nobody in them exists. Every IIN is synthetic: its month is raised by 40 and
// its check digit is right. Every surname is built on «Сынақ». Each file is one
// family with its acts and guardianships, but for the first three: dictionaries,
// properties, and the addresses and organisations that all families share.
//
// A date may depend on the clock: $today, followed by steps such as +1d, -3m or
// -18y, taken in their order; a step to a day that does not exist rolls over into
// the next month. A person with such a birth date has a serial in place of the
// IIN, which is computed from both.
//
// A new person needs an entry in the file of its family and, for what it exists
// for, a line in 01-properties.yaml and a test of what that means. Fields are
// those of package fact; what must hold between them is in package rules, which
// names whatever does not.
package people

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kopir-kz/kopir/gateway/ident"
	"github.com/kopir-kz/kopir/mocks/population/fact"
)

//go:embed *.yaml
var built embed.FS

// Written is the day the files were written. A clock that stands before it, as
// under testing/synctest, is taken to show this day: the facts of the files that
// are not relative would lie in its future.
const Written fact.Date = "2026-01-01"

// version of the file form that this package reads.
const version = 1

// file is the form of one file of the population.
type file struct {
	Version  int          `yaml:"version"`
	Family   *fact.Family `yaml:"family"` // that everybody in the file belongs to
	fact.Set `yaml:",inline"`
}

// Built is the folder that is built into the binary.
func Built() fs.FS { return built }

// Read puts all *.yaml files of a folder together, in the order of their names,
// as of a moment. An unknown key is an error, and so is one that stands in two
// files. Invariants are not checked here.
func Read(files fs.FS, now time.Time) (*fact.Set, error) {
	set, err := read(files, max(fact.Day(now), Written))
	if err != nil {
		return nil, fmt.Errorf("reading the population: %w", err)
	}
	return set, nil
}

func read(files fs.FS, today fact.Date) (*fact.Set, error) {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return nil, err
	}
	all := &fact.Set{Dictionaries: map[string]map[string]fact.Entry{}, Entities: map[string]*fact.Entity{}, Locations: map[string]*fact.Location{}}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		f, err := decode(text, today)
		if err == nil {
			err = merge(all, f)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return all, nil
}

func decode(text []byte, today fact.Date) (*file, error) {
	text, err := resolve(text, today)
	if err != nil {
		return nil, err
	}
	f := &file{}
	if err := strict(text, f); err != nil {
		return nil, err
	}
	if f.Version != version {
		return nil, fmt.Errorf("version %d, want %d", f.Version, version)
	}
	for _, one := range f.People {
		if f.Family != nil {
			one.Family = f.Family.ID
		}
		if one.IIN == "" && one.Serial != 0 {
			one.IIN = compute(one)
		}
	}
	return f, nil
}

// strict decodes YAML and refuses keys that have no place.
func strict(text []byte, into any) error {
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// relative is a date that depends on the clock.
var relative = regexp.MustCompile(`\$today((?:[+-][0-9]{1,4}[dmy])*)`)

// resolve writes the dates in place of those that depend on the clock.
func resolve(text []byte, today fact.Date) ([]byte, error) {
	if _, err := today.Time(); err != nil {
		return nil, err
	}
	return relative.ReplaceAllFunc(text, func(found []byte) []byte {
		d := today
		for steps := found[len("$today"):]; len(steps) > 0; {
			end := bytes.IndexAny(steps, "dmy")
			n, _ := strconv.Atoi(string(steps[:end])) // the pattern has made sure
			switch steps[end] {
			case 'd':
				d = d.Add(0, 0, n)
			case 'm':
				d = d.Add(0, n, 0)
			default:
				d = d.Add(n, 0, 0)
			}
			steps = steps[end+1:]
		}
		return []byte(`"` + string(d) + `"`)
	}), nil
}

// compute gives the IIN of a birth date, sex and serial, of the next serial
// where that one is never issued; "" where the facts do not allow any, which the
// rules then tell.
func compute(p *fact.Person) string {
	born, err := p.Born.Time()
	if err != nil {
		return ""
	}
	sex := map[string]ident.Sex{"1": ident.Male, "2": ident.Female}[p.Sex]
	for serial := p.Serial; serial < p.Serial+2; serial++ {
		if n, err := ident.SyntheticIIN(born.Year(), born.Month(), born.Day(), sex, serial); err == nil {
			return n.Reveal()
		}
	}
	return ""
}

// merge adds a file to the set. A key that stands in two files is an error.
func merge(into *fact.Set, f *file) error {
	for name, entries := range f.Dictionaries {
		if into.Dictionaries[name] != nil {
			return fmt.Errorf("dictionary %s stands in two files", name)
		}
		into.Dictionaries[name] = entries
	}
	for key, e := range f.Entities {
		if into.Entities[key] != nil {
			return fmt.Errorf("entity %s stands in two files", key)
		}
		into.Entities[key] = e
	}
	for key, l := range f.Locations {
		if into.Locations[key] != nil {
			return fmt.Errorf("location %s stands in two files", key)
		}
		into.Locations[key] = l
	}
	if f.Family != nil {
		into.Families = append(into.Families, *f.Family)
	}
	into.Properties = append(into.Properties, f.Properties...)
	into.People = append(into.People, f.People...)
	into.Acts = append(into.Acts, f.Acts...)
	into.Guardianships = append(into.Guardianships, f.Guardianships...)
	into.Nobody = append(into.Nobody, f.Nobody...)
	return nil
}
