package payload

// Distinct collects values in their order, each once, in time that grows with
// their number and not with its square: how long a list is, the peer decides.
type Distinct[T comparable] struct {
	Values []T
	seen   map[T]struct{}
}

// Add takes a value unless it was taken before.
func (d *Distinct[T]) Add(v T) {
	if _, taken := d.seen[v]; taken {
		return
	}
	if d.seen == nil {
		d.seen = make(map[T]struct{})
	}
	d.seen[v] = struct{}{}
	d.Values = append(d.Values, v)
}
