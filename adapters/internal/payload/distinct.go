package payload

// Distinct collects values in their order, each once, in time that grows with
// their number and not with its square: how long a list is, the peer decides.
//
// A value comes with a key that equal values share, such as the number of a
// document. Hashing whole values costs more than reading them, so it waits for
// a key to come again, which in most answers none does.
type Distinct[T comparable] struct {
	Values []T
	keys   map[string]struct{}
	whole  map[T]struct{} // of Values, once a key has come again
}

// Add takes a value unless it was taken before.
func (d *Distinct[T]) Add(key string, v T) {
	if _, known := d.keys[key]; known && d.taken(v) {
		return
	}
	if d.keys == nil {
		d.keys = make(map[string]struct{})
	}
	d.keys[key] = struct{}{}
	if d.whole != nil {
		d.whole[v] = struct{}{}
	}
	d.Values = append(d.Values, v)
}

func (d *Distinct[T]) taken(v T) bool {
	if d.whole == nil {
		d.whole = make(map[T]struct{}, len(d.Values))
		for _, w := range d.Values {
			d.whole[w] = struct{}{}
		}
	}
	_, taken := d.whole[v]
	return taken
}
