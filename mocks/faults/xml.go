package faults

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/kopir-kz/kopir/mocks/shep"
)

// How much of too much: each just beyond what a strict reader may allow by
// default, or clearly beyond where only bytes count.
const (
	deepLevels    = 600     // elements inside one another
	manySiblings  = 100_001 // elements beside one another
	oversizeBytes = 17 << 20
)

// xmlFaults break the rules of the strict reader. They are applied to signed
// bytes: a reader that gets as far as the signature has gone too far already.
func xmlFaults() []Fault {
	return []Fault{
		onBytes("payload-doctype", "an empty DOCTYPE in front of the envelope", func(s *shep.Signed) error {
			return inFront(s, "<!DOCTYPE Envelope>")
		}),
		onBytes("payload-external-entity", "the surname is an external entity at the canary", func(s *shep.Signed) error {
			doctype := fmt.Sprintf(`<!DOCTYPE Envelope [<!ENTITY e SYSTEM %q>]>`, s.Canary)
			return entity(s, doctype)
		}),
		onBytes("payload-entity-bomb", "the surname is an entity that expands to a billion characters", func(s *shep.Signed) error {
			return entity(s, billion())
		}),
		onBytes("payload-deep", "600 elements inside one another", func(s *shep.Signed) error {
			return before(s, bodyEnd, strings.Repeat("<d>", deepLevels)+strings.Repeat("</d>", deepLevels))
		}),
		onBytes("payload-siblings", "100001 elements beside one another", func(s *shep.Signed) error {
			return before(s, bodyEnd, strings.Repeat("<s/>", manySiblings))
		}),
		onBytes("payload-duplicate-attribute", "the Body has one attribute twice", func(s *shep.Signed) error {
			return after(s, bodyTag, ` a="1" a="2"`)
		}),
		onBytes("payload-second-root", "a second root element behind the envelope", func(s *shep.Signed) error {
			s.Bytes = append(s.Bytes, "<second></second>"...)
			return nil
		}),
		onBytes("payload-trailing-bytes", "text behind the envelope", func(s *shep.Signed) error {
			s.Bytes = append(s.Bytes, "trailing"...)
			return nil
		}),
		onBytes("payload-utf16", "the whole answer in UTF-16 with a byte order mark", func(s *shep.Signed) error {
			s.Bytes = toUTF16(`<?xml version="1.0" encoding="UTF-16"?>` + string(s.Bytes))
			return nil
		}),
		onBytes("payload-oversize", "17 MiB, most of them spaces in front of the end of the envelope", func(s *shep.Signed) error {
			end := bytes.LastIndex(s.Bytes, []byte(envelopeEnd))
			if end < 0 {
				return errNoPlace
			}
			padding := bytes.Repeat([]byte(" "), oversizeBytes-len(s.Bytes))
			s.Bytes = append(append(append([]byte(nil), s.Bytes[:end]...), padding...), s.Bytes[end:]...)
			return nil
		}),
	}
}

func inFront(s *shep.Signed, text string) error {
	s.Bytes = append([]byte(text), s.Bytes...)
	return nil
}

// entity puts a reference to the entity e in front of a value.
func entity(s *shep.Signed, doctype string) error {
	at := firstMatch(s.Bytes, surnameText, statusText)
	if at == nil {
		return errNoPlace
	}
	open := at[0] + bytes.IndexByte(s.Bytes[at[0]:], '>') + 1
	s.Bytes = []byte(doctype + string(s.Bytes[:open]) + "&e;" + string(s.Bytes[open:]))
	return nil
}

// billion declares entities of which each is ten times the one before.
func billion() string {
	var b strings.Builder
	b.WriteString(`<!DOCTYPE Envelope [<!ENTITY e0 "x">`)
	for i := 1; i <= 9; i++ {
		name := fmt.Sprintf("e%d", i)
		if i == 9 {
			name = "e"
		}
		fmt.Fprintf(&b, `<!ENTITY %s "%s">`, name, strings.Repeat(fmt.Sprintf("&e%d;", i-1), 10))
	}
	b.WriteString("]>")
	return b.String()
}

func toUTF16(s string) []byte {
	out := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(s)) {
		out = binary.LittleEndian.AppendUint16(out, unit)
	}
	return out
}
