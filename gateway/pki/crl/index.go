package crl

import (
	"bytes"
	"hash/maphash"
	"math/bits"

	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/kopir-kz/kopir/gateway/pki"
)

// index finds entries by serial number. The entries stay where they are, in the
// bytes of the list; the table holds where each begins, plus one, at the place
// its hash gives or the next free one.
type index struct {
	entries []byte
	table   []uint32 // half full at most, a power of two long
	seed    maphash.Seed
	n       int
}

func newIndex(entries []byte, places []uint32) index {
	x := index{entries: entries, seed: maphash.MakeSeed()}
	if len(places) == 0 {
		return x
	}
	x.table = make([]uint32, 1<<bits.Len(uint(2*len(places)-1)))
	for _, place := range places {
		serial := x.serial(place)
		slot, taken := x.slot(serial)
		switch {
		case !taken:
			x.n++
		case x.entry(x.table[slot]-1).Reason != pki.RemoveFromCRL:
			continue // a certificate is named twice: that it is revoked counts
		}
		x.table[slot] = place + 1
	}
	return x
}

// slot gives where the entry of a serial number is, or would be.
func (x *index) slot(serial []byte) (slot uint64, taken bool) {
	last := uint64(len(x.table) - 1)
	for slot = maphash.Bytes(x.seed, serial) & last; x.table[slot] != 0; slot = (slot + 1) & last {
		if bytes.Equal(x.serial(x.table[slot]-1), serial) {
			return slot, true
		}
	}
	return slot, false
}

// serial and entry read what was read before, so nothing can fail.
func (x *index) serial(place uint32) []byte {
	in := cryptobyte.String(x.entries[place:])
	var entry, number cryptobyte.String
	_ = in.ReadASN1(&entry, der.SEQUENCE) && entry.ReadASN1(&number, der.INTEGER)
	return magnitude(number)
}

func (x *index) entry(place uint32) Entry {
	in := cryptobyte.String(x.entries[place:])
	e, _, _ := readEntry(&in)
	return e
}

func (x *index) find(serial []byte) (Entry, bool) {
	if x.n == 0 {
		return Entry{}, false
	}
	slot, found := x.slot(serial)
	if !found {
		return Entry{}, false
	}
	return x.entry(x.table[slot] - 1), true
}
