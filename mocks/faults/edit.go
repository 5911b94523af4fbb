package faults

import (
	"errors"
	"strings"

	"github.com/kopir-kz/kopir/mocks/shep"
)

// Marks in the envelopes of the mock. The mock writes them itself and knows
// their spelling, so faults can work on the text and leave every other byte,
// and with it the signature, as it was.
const (
	headerTag    = "<soap:Header>"
	headerEnd    = "</soap:Header>"
	bodyTag      = "<soap:Body"
	bodyEnd      = "</soap:Body>"
	securityEnd  = "</wsse:Security>"
	signatureTag = "<ds:Signature "
	signatureEnd = "</ds:Signature>"
	envelopeEnd  = "</soap:Envelope>"
)

// errNoPlace tells that a fault cannot be applied to this answer, for example
// because another armed fault took the signature away.
var errNoPlace = errors.New("the armed fault finds no place in this answer")

// cut takes out the first part that starts and ends with the marks.
func cut(env []byte, from, to string) (before, part, after string, err error) {
	text := string(env)
	start := strings.Index(text, from)
	if start < 0 {
		return "", "", "", errNoPlace
	}
	length := strings.Index(text[start:], to)
	if length < 0 {
		return "", "", "", errNoPlace
	}
	end := start + length + len(to)
	return text[:start], text[start:end], text[end:], nil
}

// after inserts text behind the first mark, before in front of it.
func after(s *shep.Signed, mark, text string) error { return swap(s, mark, mark+text) }

func before(s *shep.Signed, mark, text string) error { return swap(s, mark, text+mark) }

// swap exchanges the first occurrence of a text.
func swap(s *shep.Signed, old, text string) error {
	if !strings.Contains(string(s.Bytes), old) {
		return errNoPlace
	}
	s.Bytes = []byte(strings.Replace(string(s.Bytes), old, text, 1))
	return nil
}
