package ber_test

import (
	"bytes"
	"encoding/asn1"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/gateway/pki/ber"
)

// A tree is an element as it is meant, apart from how it is written.
type tree struct {
	tag      []byte // identifier octets, without the bit of the form
	octets   []byte // contents of a primitive element
	children []tree // of a constructed one
	inner    bool   // constructed
}

// trees draws elements of a depth.
func trees(depth int) *rapid.Generator[tree] {
	return rapid.Custom(func(t *rapid.T) tree {
		if depth > 0 && rapid.Bool().Draw(t, "inner") {
			tag := rapid.SampledFrom([]string{"\x10", "\x11", "\x80", "\x41", "\xdf\x81\x01"}).Draw(t, "tag")
			return tree{tag: []byte(tag), inner: true, children: rapid.SliceOfN(trees(depth-1), 0, 4).Draw(t, "children")}
		}
		tag := rapid.SampledFrom([]string{"\x02", "\x04", "\x03", "\x0c", "\x06", "\x80", "\x9f\x1f"}).Draw(t, "tag")
		octets := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "octets")
		if tag == "\x03" { // a sound BIT STRING of whole octets
			octets = append([]byte{0}, octets...)
		}
		return tree{tag: []byte(tag), octets: octets}
	})
}

// header writes identifier octets and the shortest length.
func header(tag []byte, inner bool, n int) []byte {
	out := bytes.Clone(tag)
	if inner {
		out[0] |= 0x20
	}
	switch {
	case n < 0x80:
		return append(out, byte(n))
	case n < 0x100:
		return append(out, 0x81, byte(n))
	case n < 0x10000:
		return append(out, 0x82, byte(n>>8), byte(n))
	default:
		return append(out, 0x83, byte(n>>16), byte(n>>8), byte(n))
	}
}

// der writes a tree in DER.
func (e tree) der() []byte {
	body := e.octets
	for _, c := range e.children {
		body = append(body, c.der()...)
	}
	return append(header(e.tag, e.inner, len(body)), body...)
}

// ber writes a tree in one of the ways of BER.
func (e tree) ber(t *rapid.T) []byte {
	if !e.inner {
		if bytes.ContainsAny(e.tag, "\x03\x04\x0c") && rapid.Bool().Draw(t, "cut") {
			return cut(t, e.tag, e.octets, 3)
		}
		return wrap(t, e.tag, false, e.octets)
	}
	var body []byte
	for _, c := range e.children {
		body = append(body, c.ber(t)...)
	}
	return wrap(t, e.tag, true, body)
}

// cut writes a string in segments, of which each may be cut again.
func cut(t *rapid.T, tag, octets []byte, depth int) []byte {
	bits := tag[0] == 3
	segment := []byte{4}
	if bits {
		segment, octets = tag, octets[1:]
	}
	var body []byte
	for range rapid.IntRange(1, 4).Draw(t, "segments") {
		n := rapid.IntRange(0, len(octets)).Draw(t, "length")
		body = append(body, part(t, segment, octets[:n], depth, bits)...)
		octets = octets[n:]
	}
	body = append(body, part(t, segment, octets, depth, bits)...)
	return wrap(t, tag, true, body)
}

func part(t *rapid.T, tag, octets []byte, depth int, bits bool) []byte {
	if bits {
		octets = append([]byte{0}, octets...)
	}
	if depth > 0 && rapid.IntRange(0, 3).Draw(t, "again") == 0 {
		return cut(t, tag, octets, depth-1)
	}
	return wrap(t, tag, false, octets)
}

// wrap puts a header around contents: the shortest, a longer one or, if
// constructed, an indefinite one.
func wrap(t *rapid.T, tag []byte, inner bool, body []byte) []byte {
	form := rapid.IntRange(0, 2).Draw(t, "form")
	switch {
	case form == 0:
		zeros := rapid.IntRange(0, 5).Draw(t, "zeros")
		h := append(header(tag, inner, 0)[:len(tag)], 0x82+byte(zeros))
		h = append(h, make([]byte, zeros)...)
		return append(append(h, byte(len(body)>>8), byte(len(body))), body...)
	case form == 1 && inner:
		h := append(header(tag, inner, 0)[:len(tag)], 0x80)
		return append(append(h, body...), 0, 0)
	}
	return append(header(tag, inner, len(body)), body...)
}

// TestDERStays: what is DER already comes back as it is, in the same memory.
func TestDERStays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := trees(4).Draw(t, "tree").der()
		got, err := ber.ToDER(in, ber.Limits{})
		if err != nil || !bytes.Equal(got, in) || &got[0] != &in[0] {
			t.Fatalf("%x became %x, %v", in, got, err)
		}
	})
}

// TestBERBecomesDER: however an element is written, its DER is the same.
func TestBERBecomesDER(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := trees(4).Draw(t, "tree")
		in := e.ber(t)
		if len(in) > 0xffff {
			t.Skip("longer than the lengths that are drawn")
		}
		got, err := ber.ToDER(in, ber.Limits{})
		if err != nil || !bytes.Equal(got, e.der()) {
			t.Fatalf("%x became %x instead of %x, %v", in, got, e.der(), err)
		}
	})
}

// FuzzToDER: whatever comes in, it is refused with a rule and a place, or the
// output is an element encoding/asn1 can walk through, is its own DER and holds
// the octets of the primitive elements in their order.
func FuzzToDER(f *testing.F) {
	for _, c := range conversions {
		f.Add(octets(f, c.in))
	}
	for _, list := range refusals {
		for _, c := range list {
			f.Add(octets(f, c.in))
		}
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		limits := ber.Limits{Bytes: 1 << 16, Depth: 20, Elements: 1000}
		out, err := ber.ToDER(in, limits)
		if err != nil {
			var e *ber.Error
			if !errors.As(err, &e) || e.Rule == "" || e.Offset < 0 || e.Offset > len(in) {
				t.Fatalf("%v", err)
			}
			return
		}
		if again, err := ber.ToDER(out, limits); err != nil || !bytes.Equal(again, out) {
			t.Fatalf("%x gave %x, and that %x, %v", in, out, again, err)
		}
		if len(out) > limits.Bytes {
			t.Fatalf("%d bytes gave %d", len(in), len(out))
		}
		walk(t, in, out)
	})
}

// walk reads DER by encoding/asn1, and finds the octets of its primitive
// elements in the input, in the same order. It gives what follows the last one.
func walk(t *testing.T, in, der []byte) []byte {
	t.Helper()
	for len(der) > 0 {
		var v asn1.RawValue
		rest, err := asn1.Unmarshal(der, &v)
		if err != nil {
			t.Fatalf("%x is not DER: %v", der, err)
		}
		der = rest
		if v.IsCompound {
			in = walk(t, in, v.Bytes)
			continue
		}
		if v.Class == asn1.ClassUniversal && v.Tag == asn1.TagBitString && len(v.Bytes) > 0 {
			v.Bytes = v.Bytes[1:] // the octet that counts the unused bits comes from the last segment
		}
		for _, octet := range v.Bytes {
			i := bytes.IndexByte(in, octet)
			if i < 0 {
				t.Fatalf("%x holds an octet that was not in the input", v.FullBytes)
			}
			in = in[i+1:]
		}
	}
	return in
}
