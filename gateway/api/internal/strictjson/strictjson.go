// Package strictjson reads a JSON document in one way only, so that whatever
// looks at it afterwards sees the same document.
//
// Beyond RFC 8259 it demands what the standard leaves open or to taste, and what
// parsers are known to read differently: UTF-8 without a byte order mark
// (section 8.1), no name twice in an object (section 4), no unpaired surrogate
// (section 8.2), one object and nothing after it, bounded depth, number of
// values and length of numbers (section 9). RFC 7493 (I-JSON) asks for much the
// same.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"
)

// Limits bound a document beyond its bytes, which the caller bounds. A zero
// field has no limit.
type Limits struct {
	Depth  int // nesting of objects and arrays
	Values int // values of any kind, objects and arrays included
	Number int // bytes of a number
}

// The rules that a document can break, values of Error.Rule.
const (
	Empty     = "json.empty"          // nothing but white space
	UTF8      = "json.utf8"           // not UTF-8, or a byte order mark
	Syntax    = "json.syntax"         // not the grammar of RFC 8259
	Trailing  = "json.trailing"       // text after the document
	Object    = "json.object"         // the document is no object
	Duplicate = "json.duplicate_name" // a name twice in one object
	Depth     = "json.depth"          // nested deeper than Limits.Depth
	Size      = "json.size"           // more values than Limits.Values
	Number    = "json.number"         // a number longer than Limits.Number
	Surrogate = "json.surrogate"      // an escaped surrogate without its partner
)

// Error is a refusal. It holds no part of the document but names of objects.
type Error struct {
	Rule string
	Path []string // names that lead to the broken place, if the rule has one
}

// Error is the rule.
func (e *Error) Error() string { return "read JSON: " + e.Rule }

// Parse reads a document into map[string]any, []any, string, json.Number, bool
// and nil. The error is an *Error.
func Parse(b []byte, l Limits) (map[string]any, error) {
	if len(bytes.Trim(b, " \t\r\n")) == 0 {
		return nil, &Error{Rule: Empty}
	}
	if !utf8.Valid(b) || bytes.HasPrefix(b, []byte("\xef\xbb\xbf")) {
		return nil, &Error{Rule: UTF8}
	}
	// The grammar first: the walk below may then trust it.
	if err := grammar(b); err != nil {
		return nil, err
	}
	if loneSurrogate(b) {
		return nil, &Error{Rule: Surrogate}
	}
	r := reader{b: b, limits: l}
	v, err := r.value(0)
	if err != nil {
		return nil, err
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, &Error{Rule: Object}
	}
	return object, nil
}

// grammar tells a broken document from one that is followed by something.
func grammar(b []byte) error {
	if json.Valid(b) {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(b))
	var first json.RawMessage
	if d.Decode(&first) == nil {
		if _, err := d.Token(); !errors.Is(err, io.EOF) {
			return &Error{Rule: Trailing}
		}
	}
	return &Error{Rule: Syntax}
}

// reader walks a document that is known to be well-formed. It need not look for
// the end of the bytes inside a value, nor for what stands in the wrong place.
type reader struct {
	b      []byte
	at     int // of the byte to be read next
	limits Limits
	values int
	path   []string
}

func (r *reader) refuse(rule string) error {
	return &Error{Rule: rule, Path: append([]string(nil), r.path...)}
}

// next is the byte that the next token begins with.
func (r *reader) next() byte {
	for {
		switch c := r.b[r.at]; c {
		case ' ', '\t', '\r', '\n', ',', ':':
			r.at++
		default:
			return c
		}
	}
}

func (r *reader) value(depth int) (any, error) {
	if r.values++; r.limits.Values > 0 && r.values > r.limits.Values {
		return nil, &Error{Rule: Size}
	}
	switch c := r.next(); c {
	case '{', '[':
		if r.limits.Depth > 0 && depth >= r.limits.Depth {
			return nil, &Error{Rule: Depth}
		}
		r.at++
		if c == '{' {
			return r.object(depth + 1)
		}
		return r.array(depth + 1)
	case '"':
		return r.text(), nil
	}
	switch word := r.word(); word {
	case "null":
		return nil, nil
	case "true", "false":
		return word == "true", nil
	default:
		if r.limits.Number > 0 && len(word) > r.limits.Number {
			return nil, r.refuse(Number)
		}
		return json.Number(word), nil
	}
}

func (r *reader) object(depth int) (any, error) {
	object := map[string]any{}
	for r.next() != '}' {
		name := r.text()
		r.path = append(r.path, name)
		if _, ok := object[name]; ok {
			return nil, r.refuse(Duplicate)
		}
		v, err := r.value(depth)
		if err != nil {
			return nil, err
		}
		object[name] = v
		r.path = r.path[:len(r.path)-1]
	}
	r.at++
	return object, nil
}

func (r *reader) array(depth int) (any, error) {
	array := []any{}
	for r.next() != ']' {
		v, err := r.value(depth)
		if err != nil {
			return nil, err
		}
		array = append(array, v)
	}
	r.at++
	return array, nil
}

// text reads a string.
func (r *reader) text() (s string) {
	begin, escaped := r.at, false
	for r.at++; r.b[r.at] != '"'; r.at++ {
		if r.b[r.at] == '\\' {
			escaped = true
			r.at++
		}
	}
	r.at++
	if !escaped {
		return string(r.b[begin+1 : r.at-1])
	}
	_ = json.Unmarshal(r.b[begin:r.at], &s) // well-formed
	return s
}

// word reads a number, true, false or null.
func (r *reader) word() string {
	begin := r.at
	for r.at < len(r.b) && bytes.IndexByte([]byte(" \t\r\n,]}"), r.b[r.at]) < 0 {
		r.at++
	}
	return string(r.b[begin:r.at])
}

// loneSurrogate finds an escape \uD800 to \uDFFF without its partner in a
// well-formed document. encoding/json would turn it into U+FFFD, other parsers
// into something else.
func loneSurrogate(b []byte) bool {
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' {
			continue
		}
		switch c := surrogate(b[i:]); {
		case c == 0:
			i++ // the escaped character
		case c == high && surrogate(b[i+6:]) == low:
			i += 11
		default:
			return true
		}
	}
	return false
}

const (
	high = 1 // \uD800 to \uDBFF
	low  = 2 // \uDC00 to \uDFFF
)

// surrogate tells which half of a pair b begins with, 0 for none.
func surrogate(b []byte) int {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' || b[2]|0x20 != 'd' {
		return 0
	}
	switch c := b[3] | 0x20; {
	case c == '8', c == '9', c == 'a', c == 'b':
		return high
	case c >= 'c' && c <= 'f':
		return low
	}
	return 0
}
