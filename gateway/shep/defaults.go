package shep

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed profiles/*.yaml
var embedded embed.FS

const defaultsName = "defaults"

// Embedded returns the profiles that come with the program, complete with
// defaults, in the order of their ids. Their end point and sender are empty:
// those are no public facts.
func Embedded() ([]Profile, error) {
	entries, err := fs.ReadDir(embedded, "profiles")
	if err != nil {
		return nil, err
	}
	var out []Profile
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), path.Ext(e.Name()))
		if name == defaultsName {
			continue
		}
		p, err := Profile{ID: name}.WithDefaults()
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// WithDefaults fills every field that is absent from the embedded profile of
// the same id, if there is one, and then from profiles/defaults.yaml. Absent
// means zero, an empty list included; a list that is given replaces the
// default list, it does not add to it.
func (p Profile) WithDefaults() (Profile, error) {
	for _, name := range []string{p.ID, defaultsName} {
		base, err := readEmbedded(name)
		if err != nil {
			return Profile{}, err
		}
		fill(reflect.ValueOf(&p).Elem(), reflect.ValueOf(base))
	}
	return p, nil
}

// readEmbedded reads one embedded profile; an unknown name gives an empty one.
func readEmbedded(name string) (Profile, error) {
	b, err := embedded.ReadFile("profiles/" + name + ".yaml")
	if errors.Is(err, fs.ErrNotExist) { // the id of a service we bring no profile for
		return Profile{}, nil
	}
	if err != nil {
		return Profile{}, err
	}
	var p Profile
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	if err := d.Decode(&p); err != nil {
		return Profile{}, fmt.Errorf("embedded profile %s: %w", name, err)
	}
	return p, nil
}

// fill copies the leaves of base into the zero leaves of dst. Reflection keeps
// a field from being forgotten when the profile grows.
func fill(dst, base reflect.Value) {
	if dst.Kind() == reflect.Struct {
		for i := range dst.NumField() {
			fill(dst.Field(i), base.Field(i))
		}
		return
	}
	if dst.IsZero() || dst.Kind() == reflect.Slice && dst.Len() == 0 {
		dst.Set(base)
	}
}
