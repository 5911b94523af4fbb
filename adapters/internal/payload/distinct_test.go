package payload

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestDistinct against the plain way to do it.
func TestDistinct(t *testing.T) {
	t.Parallel()
	type value struct{ key, text string }
	few := rapid.SampledFrom([]string{"", "a", "b"})
	values := rapid.SliceOf(rapid.Custom(func(t *rapid.T) value { return value{few.Draw(t, "key"), few.Draw(t, "text")} }))
	rapid.Check(t, func(t *rapid.T) {
		var d Distinct[value]
		var want []value
		for _, v := range values.Draw(t, "values") {
			d.Add(v.key, v)
			if !slices.Contains(want, v) {
				want = append(want, v)
			}
		}
		if !slices.Equal(d.Values, want) {
			t.Errorf("%v, want %v", d.Values, want)
		}
	})
}
