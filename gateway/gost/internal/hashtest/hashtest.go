// Package hashtest holds the hashes of ГОСТ to what hash.Hash promises, to a
// model written from the standard, and to OpenSSL. It is for tests.
package hashtest

import (
	"bytes"
	"crypto/sha3"
	"fmt"
	"hash"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// longest is the longest message that Run compares with the model, in bytes.
const longest = 200

// Bytes returns n bytes that look random and are the same in every run.
func Bytes(n int) []byte {
	shake := sha3.NewSHAKE128()
	_, _ = fmt.Fprintf(shake, "%d bytes", n)
	out := make([]byte, n)
	_, _ = shake.Read(out)
	return out
}

// Of returns the digest of data.
func Of(h hash.Hash, data []byte) []byte {
	h.Reset()
	_, _ = h.Write(data)
	return h.Sum(nil)
}

// Run checks the hash against the model, a slow and obvious one. It counts
// allocations, so the test must not be parallel.
func Run(t *testing.T, newHash func() hash.Hash, model func([]byte) []byte) {
	t.Helper()
	t.Run("model", func(t *testing.T) { likeModel(t, newHash(), model) })
	t.Run("pieces", func(t *testing.T) { likeWhole(t, newHash) })
	t.Run("Reset", func(t *testing.T) { forgets(t, newHash) })
	t.Run("allocations", func(t *testing.T) { allocates(t, newHash()) })
	t.Run("lengths", func(t *testing.T) {
		h := newHash()
		if n := len(h.Sum(nil)); n != h.Size() {
			t.Errorf("a digest of %d bytes, Size is %d", n, h.Size())
		}
		if got, want := h.Sum([]byte("in front")), append([]byte("in front"), h.Sum(nil)...); !bytes.Equal(got, want) {
			t.Errorf("Sum appended %x, want %x", got, want)
		}
	})
}

// likeModel compares messages of every short length, and beside bytes without a pattern
// those that make the sum of the blocks carry all the way.
func likeModel(t *testing.T, h hash.Hash, model func([]byte) []byte) {
	for n := range longest + 1 {
		for _, data := range [][]byte{Bytes(n), make([]byte, n), bytes.Repeat([]byte{0xff}, n)} {
			if got, want := Of(h, data), model(data); !bytes.Equal(got, want) {
				t.Fatalf("digest of %x\nis   %x\nwant %x", data, got, want)
			}
		}
	}
}

// likeWhole writes in pieces, now and then looking at the digest so far: both
// make no difference.
func likeWhole(t *testing.T, newHash func() hash.Hash) {
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 150), 0, 8).Draw(t, "pieces")
		h, whole := newHash(), []byte{}
		for _, p := range pieces {
			if n, err := h.Write(p); n != len(p) || err != nil {
				t.Fatalf("Write of %d bytes returned %d, %v", len(p), n, err)
			}
			whole = append(whole, p...)
			if rapid.Bool().Draw(t, "look") {
				if got, want := h.Sum(nil), Of(newHash(), whole); !bytes.Equal(got, want) {
					t.Fatalf("digest so far %x, of the same at once %x", got, want)
				}
			}
		}
		if got, want := h.Sum(nil), Of(newHash(), whole); !bytes.Equal(got, want) {
			t.Fatalf("digest in pieces %x, at once %x", got, want)
		}
	})
}

// forgets writes, resets, and has a hash like a new one.
func forgets(t *testing.T, newHash func() hash.Hash) {
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.SliceOfN(rapid.Byte(), 0, 150)
		h, before, after := newHash(), data.Draw(t, "before"), data.Draw(t, "after")
		_, _ = h.Write(before)
		h.Reset()
		_, _ = h.Write(after)
		if got, want := h.Sum(nil), Of(newHash(), after); !bytes.Equal(got, want) {
			t.Fatalf("digest after Reset %x, of a new hash %x", got, want)
		}
	})
}

// allocates holds that nothing is allocated but the result of Sum. The counter
// rounds down, so a long message is among them: one allocation in a thousand
// blocks would make several for each call.
func allocates(t *testing.T, h hash.Hash) {
	data, long, room := Bytes(1000), Bytes(256<<10), make([]byte, 0, h.Size())
	for _, c := range []struct {
		name string
		most float64
		do   func()
	}{
		{"Write and Reset", 0, func() { h.Reset(); _, _ = h.Write(data) }},
		{"Write of many blocks", 0, func() { h.Reset(); _, _ = h.Write(long) }},
		{"Write of many pieces", 0, func() {
			h.Reset()
			for p := range slices.Chunk(long, 2*h.BlockSize()+1) {
				_, _ = h.Write(p)
			}
		}},
		{"Sum into a slice with room", 0, func() { _ = h.Sum(room) }},
		{"Sum", 1, func() { _ = h.Sum(nil) }},
	} {
		if n := testing.AllocsPerRun(10, c.do); n > c.most {
			t.Errorf("%s: %.0f allocations, at most %.0f are allowed", c.name, n, c.most)
		}
	}
}

// Bench measures digests of messages as long as a usual and a large one.
func Bench(b *testing.B, h hash.Hash) {
	b.Helper()
	room := make([]byte, 0, h.Size())
	for _, size := range []int{8 << 10, 1 << 20} {
		b.Run(fmt.Sprintf("%dKB", size>>10), func(b *testing.B) {
			data := Bytes(size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				h.Reset()
				_, _ = h.Write(data)
				_ = h.Sum(room)
			}
		})
	}
}
