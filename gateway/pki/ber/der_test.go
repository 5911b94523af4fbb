package ber_test

import (
	"bytes"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/gateway/pki/ber"
)

// octets reads hexadecimal text with spaces.
func octets(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var conversions = []struct{ name, in, want string }{
	{"DER stays", "3006 020101 0401ff", "3006 020101 0401ff"},
	{"an empty element", "0500", "0500"},
	{"indefinite", "3080 020101 0000", "3003 020101"},
	{"indefinite and empty", "3080 0000", "3000"},
	{"indefinite in indefinite", "3080 a080 3080 0000 0000 0401aa 0000", "3007 a002 3000 0401aa"},
	{"indefinite in definite", "3007 3080 020101 0000", "3005 3003 020101"},
	{"definite in indefinite", "3080 3003 020101 0000", "3005 3003 020101"},
	{"a length longer than needed", "308105 02820001 01", "3003 020101"},
	{"a length with many zeros", "04 8a 00000000000000000001 aa", "0401aa"},
	{"a length of no octets in long form is zero", "04 8100", "0400"},
	{"a length of 128 is short in long form", "048180" + strings.Repeat("aa", 128), "048180" + strings.Repeat("aa", 128)},
	{"a length of 127 is not", "04817f" + strings.Repeat("aa", 127), "047f" + strings.Repeat("aa", 127)},
	{"a string of segments", "2406 0401aa 0401bb", "0402aabb"},
	{"a string of no segments", "2400", "0400"},
	{"a string of an empty segment", "2480 0400 0000", "0400"},
	{"segments of segments", "2480 2480 0401aa 0000 2403 0401bb 0401cc 0000", "0403aabbcc"},
	{"a string of characters", "2c80 0402d0a1 0402d18b 0000", "0c04d0a1d18b"},
	{"a string of bits", "2380 030200aa 030204b0 0000", "030304aab0"},
	{"a string of no bits", "2380 0000", "030100"},
	{"a string of bits in a string of bits", "2380 2380 030200aa 0000 030201bc 0000", "030301aabc"},
	{"what an octet string carries stays", "3080 0404 30800000 0000", "3006 0404 30800000"},
	{"an implicit tag hides what it stands for", "3080 8000 a080 0401aa 0401bb 0000 0000", "300a 8000 a006 0401aa 0401bb"},
	{"high tags", "7f8f7f 80 9f1f 01aa 0000", "7f8f7f 04 9f1f 01aa"},
	{"a SET keeps its order", "3180 020102 020101 0000", "3106 020102 020101"},
	{"a number keeps its zeros and a truth value its octet", "3080 02020001 010101 0000", "3007 02020001 010101"},
}

func TestToDER(t *testing.T) {
	t.Parallel()
	for _, c := range conversions {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in := octets(t, c.in)
			before := bytes.Clone(in)
			got, err := ber.ToDER(in, ber.Limits{})
			if err != nil || !bytes.Equal(got, octets(t, c.want)) {
				t.Fatalf("got %x, %v", got, err)
			}
			if !bytes.Equal(in, before) {
				t.Error("the input was changed")
			}
			if again, err := ber.ToDER(got, ber.Limits{}); err != nil || !bytes.Equal(again, got) {
				t.Errorf("a second time: %x, %v", again, err)
			}
		})
	}
}

// A refusal is a sample that breaks a rule, and the byte at which it does.
type refusal struct {
	name, in string
	at       int
	limits   ber.Limits
}

var refusals = map[ber.Rule][]refusal{
	ber.RuleTag: {
		{name: "a high tag that fits the low form", in: "1f1e00"},
		{name: "a high tag that begins with zeros", in: "3f801f00"},
		{name: "a tag of 35 bits", in: "3f8fffffff7f00"},
	},
	ber.RuleLength: {
		{name: "reserved", in: "04ff00", at: 1},
		{name: "indefinite and primitive", in: "0480 aa 0000"},
		{name: "indefinite and primitive under a tag", in: "9f8f7f80 0000"},
	},
	ber.RuleTruncated: {
		{name: "nothing", in: ""},
		{name: "a tag alone", in: "30", at: 1},
		{name: "a high tag cut off", in: "3f8f", at: 2},
		{name: "length octets cut off", in: "048201", at: 1},
		{name: "contents cut off", in: "0402aa", at: 1},
		{name: "longer than the one around it", in: "3003 0402aa bb", at: 3},
		{name: "a huge length", in: "3084ffffffff", at: 1},
		{name: "a length of 126 octets", in: "04fe" + strings.Repeat("ff", 126), at: 1},
		{name: "a length that would overflow", in: "0488 8000000000000000", at: 1},
		{name: "a length that would come round", in: "0489 010000000000000001 aa", at: 1},
		{name: "no end of contents", in: "3080 020101", at: 5},
		{name: "half an end of contents", in: "3080 020101 00", at: 5},
		{name: "the end of contents lies outside", in: "3005 3080 020101 0000", at: 7},
		{name: "a segment cut off", in: "2480 0402aa", at: 3},
	},
	ber.RuleEnd: {
		{name: "alone", in: "0000"},
		{name: "in a definite element", in: "3002 0000", at: 2},
		{name: "with contents", in: "3080 0001aa 0000", at: 2},
		{name: "constructed", in: "3080 2000 0000", at: 2},
	},
	ber.RuleForm: {
		{name: "a primitive SEQUENCE", in: "1000"},
		{name: "a primitive SET", in: "1100"},
		{name: "a constructed INTEGER", in: "2203 020101"},
		{name: "a constructed NULL", in: "2500"},
		{name: "a constructed OBJECT IDENTIFIER", in: "2680 0000"},
	},
	ber.RuleSegment: {
		{name: "a number", in: "2403 020101", at: 2},
		{name: "under a tag", in: "2403 800101", at: 2},
		{name: "characters in characters", in: "2c03 0c0141", at: 2},
		{name: "bits in octets", in: "2404 030200aa", at: 2},
		{name: "octets in bits", in: "2303 040100", at: 2},
		{name: "bits without their first octet", in: "2302 0300", at: 2},
		{name: "bits with nine unused", in: "2304 030209aa", at: 2},
		{name: "no bits with one unused", in: "2303 030101", at: 2},
		{name: "unused bits in the middle", in: "2308 030201aa 030200bb", at: 6},
		{name: "unused bits in the middle, deeper", in: "230a 2304 030201aa 030200bb", at: 8},
	},
	ber.RuleTrailing: {
		{name: "a byte", in: "0500 00", at: 2},
		{name: "another element", in: "3080 0000 0500", at: 4},
	},
	ber.RuleBytes: {
		{name: "input", in: "0403aabbcc", at: 4, limits: ber.Limits{Bytes: 4}},
	},
	ber.RuleDepth: {
		{name: "three", in: "3004 3002 0500", at: 4, limits: ber.Limits{Depth: 2}},
		{name: "segments", in: "2404 2402 0400", at: 4, limits: ber.Limits{Depth: 2}},
	},
	ber.RuleElements: {
		{name: "three", in: "3004 0500 0500", at: 4, limits: ber.Limits{Elements: 2}},
	},
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for rule, list := range refusals {
		for _, c := range list {
			t.Run(string(rule)+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				expect(t, octets(t, c.in), c.limits, rule, c.at)
			})
		}
	}
}

func expect(t *testing.T, in []byte, l ber.Limits, rule ber.Rule, at int) {
	t.Helper()
	out, err := ber.ToDER(in, l)
	var e *ber.Error
	if !errors.As(err, &e) || e.Rule != rule || e.Offset != at {
		t.Fatalf("want %s at %d, got %v", rule, at, err)
	}
	if out != nil {
		t.Error("something came with the refusal")
	}
}

// TestAsMuchAsAllowed: every limit lets in what just keeps it.
func TestAsMuchAsAllowed(t *testing.T) {
	t.Parallel()
	for in, l := range map[string]ber.Limits{
		"0403aabbcc":     {Bytes: 5},
		"3004 3002 0500": {Depth: 3},
		"3104 0500 0500": {Elements: 3},
	} {
		if _, err := ber.ToDER(octets(t, in), l); err != nil {
			t.Errorf("%s: %v", in, err)
		}
	}
}

// TestBombs: input that is small for what it demands is refused by the rule
// that bounds it.
func TestBombs(t *testing.T) {
	t.Parallel()
	const many = 1 << 20
	deep := bytes.Repeat([]byte{0x30, 0x80}, many)
	expect(t, deep, ber.Limits{}, ber.RuleDepth, 2*ber.DefaultDepth)
	expect(t, bytes.Repeat([]byte{0x24, 0x80}, many), ber.Limits{}, ber.RuleDepth, 2*ber.DefaultDepth)
	wide := append([]byte{0x30, 0x80}, bytes.Repeat([]byte{5, 0}, many)...)
	expect(t, wide, ber.Limits{}, ber.RuleElements, 2*ber.DefaultElements)
	segments := append([]byte{0x24, 0x80}, bytes.Repeat([]byte{4, 0}, many)...)
	expect(t, segments, ber.Limits{}, ber.RuleElements, 2*ber.DefaultElements)
	expect(t, make([]byte, ber.DefaultBytes+1), ber.Limits{}, ber.RuleBytes, ber.DefaultBytes)
	expect(t, append([]byte{0x30, 0x84, 0x7f, 0xff, 0xff, 0xff}, wide...), ber.Limits{}, ber.RuleTruncated, 1)
}

// TestOutputIsBounded: a definite length of four octets is longer than an
// indefinite one with its end, so that output can outgrow the input.
func TestOutputIsBounded(t *testing.T) {
	t.Parallel()
	in := append(octets(t, "30803080 04830186a0"), make([]byte, 100_000+4)...)
	out, err := ber.ToDER(in, ber.Limits{})
	if err != nil || len(out) <= len(in) {
		t.Fatalf("%d bytes gave %d, %v", len(in), len(out), err)
	}
	expect(t, in, ber.Limits{Bytes: len(in)}, ber.RuleBytes, len(in))
}

func TestOctets(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"primitive", "8002aabb", "aabb"},
		{"empty", "8000", ""},
		{"segments", "a006 0401aa 0401bb", "aabb"},
		{"no segments", "a000", ""},
		{"a segment under a tag", "a003 8001aa", "!"},
		{"a number", "a003 020101", "!"},
		{"a segment of segments", "a005 2403 0401aa", "!"},
		{"a segment cut off", "a002 0401", "!"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			raw := octets(t, c.in)
			got, err := ber.Octets(asn1.RawValue{Tag: 0, Class: asn1.ClassContextSpecific, IsCompound: raw[0]&0x20 != 0, Bytes: raw[2:]})
			if c.want == "!" {
				if err == nil {
					t.Fatalf("got %x", got)
				}
				return
			}
			if err != nil || !bytes.Equal(got, octets(t, c.want)) {
				t.Fatalf("got %x, %v", got, err)
			}
		})
	}
}
