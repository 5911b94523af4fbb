package adaptertest

import (
	"testing"

	"github.com/kopir-kz/kopir/gateway"
)

// Allocations holds what reading an answer may cost: 400 allocations for 8 KiB,
// in proportion for a longer answer, and no less for a shorter one. The test that
// calls it must not be parallel.
func Allocations(t *testing.T, s Suite) {
	t.Helper()
	for _, e := range s.load(t) {
		read, size := s.reading(t, e)
		const most, per = 400, 8 << 10
		bound := float64(max(most, size*most/per))
		if got := testing.AllocsPerRun(5, read); got > bound {
			t.Errorf("%s: %v allocations for %d bytes, at most %v", e.name, got, size, bound)
		}
	}
}

// Benchmark reads the answer of each example and tells what one reading costs.
func Benchmark(b *testing.B, s Suite) {
	b.Helper()
	for _, e := range s.load(b) {
		b.Run(e.name, func(b *testing.B) {
			read, size := s.reading(b, e)
			b.ReportAllocs()
			b.SetBytes(int64(size))
			for b.Loop() {
				read()
			}
		})
	}
}

// reading is one reading of an example's answer, and the size of its payload.
func (s Suite) reading(t testing.TB, e example) (read func(), size int) {
	t.Helper()
	root, err := payload(e.answer)
	if err != nil {
		t.Fatal(err)
	}
	return func() { _, _ = s.Adapter.Answer(e.query, e.meta, gateway.Payload{Root: root}) }, len(root.Raw())
}
