package shep

import (
	"fmt"
	"time"

	"go.yaml.in/yaml/v3"
)

// Duration is a time span in a settings file: text with a unit, "5s" or
// "1m30s", never a bare number.
type Duration time.Duration

// UnmarshalYAML reads the text form (time.ParseDuration) and refuses negative
// spans and bare numbers, because "5" could be seconds or milliseconds.
func (d *Duration) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!str" {
		return fmt.Errorf("line %d: a duration is text with a unit, such as \"5s\"", n.Line)
	}
	v, err := time.ParseDuration(n.Value)
	if err != nil || v < 0 {
		return fmt.Errorf("line %d: a duration is text with a unit, such as \"5s\", and not negative", n.Line)
	}
	*d = Duration(v)
	return nil
}

// MarshalYAML writes the text form.
func (d Duration) MarshalYAML() (any, error) { return d.String(), nil }

// String is the text form, e.g. "1m30s".
func (d Duration) String() string { return time.Duration(d).String() }

// Std is the span as the standard library's type.
func (d Duration) Std() time.Duration { return time.Duration(d) }
