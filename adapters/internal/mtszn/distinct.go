package mtszn

import "encoding/json"

// Distinct collects facts in their order, each once; see payload.Distinct, which
// takes facts without lists. Here two facts are the same if their JSON is, which is
// written once a key has come again, and in most answers none does.
type Distinct[T any] struct {
	Values []T
	keys   map[string]struct{}
	whole  map[string]struct{} // of Values, once a key has come again
}

// Add takes a fact unless it was taken before. Equal facts have the same key.
func (d *Distinct[T]) Add(key string, v T) {
	if d.keys == nil {
		d.keys = make(map[string]struct{})
	}
	_, again := d.keys[key]
	d.keys[key] = struct{}{}
	if again && d.whole == nil {
		d.whole = make(map[string]struct{}, len(d.Values))
		for _, w := range d.Values {
			d.whole[text(w)] = struct{}{}
		}
	}
	if d.whole != nil {
		t := text(v)
		if _, taken := d.whole[t]; taken {
			return
		}
		d.whole[t] = struct{}{}
	}
	d.Values = append(d.Values, v)
}

func text(v any) string {
	b, _ := json.Marshal(v) // facts are plain data: nothing in them can fail
	return string(b)
}
