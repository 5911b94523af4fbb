package ber

import (
	"encoding/asn1"
	"errors"
)

// ToDER gives the one element that is the whole of data in DER. DER comes back
// as it is: the result is data itself then, and a new slice otherwise. The error
// is always an *Error.
func ToDER(data []byte, l Limits) ([]byte, error) {
	l = l.withDefaults()
	if len(data) > l.Bytes {
		return nil, refuse(RuleBytes, l.Bytes, "the input is longer than allowed")
	}
	r := reader{in: data, limits: l}
	next, err := r.element(0, len(data), 1, nil)
	switch {
	case err != nil:
		return nil, err
	case next != len(data):
		return nil, refuse(RuleTrailing, next, "there are bytes behind the element")
	case !r.changed:
		return data, nil
	case r.rows[0].total() > l.Bytes:
		return nil, refuse(RuleBytes, len(data), "the output is longer than allowed")
	}
	return r.write(), nil
}

// Octets gives the contents of an OCTET STRING under an implicit tag, whose
// segments ToDER cannot tell from other elements, because it does not know what
// the tag stands for. Such is the encryptedContent of CMS (RFC 5652, section
// 6.1). The element comes from the output of ToDER.
func Octets(v asn1.RawValue) ([]byte, error) {
	if !v.IsCompound {
		return v.Bytes, nil
	}
	var out []byte
	for rest := v.Bytes; len(rest) > 0; {
		var segment asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &segment); err != nil {
			return nil, err
		}
		if segment.Class != asn1.ClassUniversal || segment.Tag != asn1.TagOctetString || segment.IsCompound {
			return nil, errors.New("a segment is not an OCTET STRING")
		}
		out = append(out, segment.Bytes...)
	}
	return out, nil
}

// write gives the elements of the table in DER. The table is in document order
// and knows every length, so that one pass is enough.
func (r *reader) write() []byte {
	out := make([]byte, 0, r.rows[0].total())
	for i := range r.rows {
		e := &r.rows[i]
		if !e.segment {
			tag := r.in[e.start:e.tagEnd]
			out = append(out, tag...)
			if e.joined {
				out[len(out)-len(tag)] &^= constructed
			}
			out = appendLength(out, e.size)
			if e.joined && e.bits {
				out = append(out, e.unused)
			}
		}
		out = append(out, r.in[e.body:e.bodyEnd]...)
	}
	return out
}

// appendLength writes a length in the shortest form (X.690, section 10.1).
func appendLength(out []byte, n int) []byte {
	if n < 0x80 {
		return append(out, byte(n))
	}
	octets := lengthOctets(n) - 1
	out = append(out, 0x80|byte(octets))
	for i := octets - 1; i >= 0; i-- {
		out = append(out, byte(n>>(8*i)))
	}
	return out
}

// lengthOctets is the length of the shortest form of a length.
func lengthOctets(n int) int {
	if n < 0x80 {
		return 1
	}
	octets := 1
	for ; n > 0; n >>= 8 {
		octets++
	}
	return octets
}
