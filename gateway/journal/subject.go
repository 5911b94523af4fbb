package journal

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/kopir-kz/kopir/gateway/ident"
)

// SubjectKey turns a person's number into a reference that is the same for the
// same person and tells nothing without the key. A plain hash would not do:
// there are only some 10⁹ numbers to try.
type SubjectKey struct{ key []byte }

const (
	minKeyBytes = 32
	iinDigits   = 12
)

// NewSubjectKey takes the content of the key file, at least 32 bytes, as
// `openssl rand -hex 32` makes it.
func NewSubjectKey(key []byte) (SubjectKey, error) {
	if len(key) < minKeyBytes {
		return SubjectKey{}, errors.New("the subject key must have at least 32 bytes")
	}
	return SubjectKey{key: append([]byte(nil), key...)}, nil
}

// String keeps the key out of logs; likewise GoString.
func (SubjectKey) String() string { return "***" }

// GoString keeps the key out of %#v.
func (SubjectKey) GoString() string { return "journal.SubjectKey(***)" }

// Ref is the journal's reference to a person: HMAC-SHA-256 of the IIN, 64 hex
// digits; "" for "".
func (k SubjectKey) Ref(iin string) string {
	if iin == "" {
		return ""
	}
	h := hmac.New(sha256.New, k.key)
	h.Write([]byte("kopir subject\x00")) // other uses of the key give other values
	h.Write([]byte(iin))
	return hex.EncodeToString(h.Sum(nil))
}

// LogRef is the short form for logs: "iin#" and the first 8 digits of Ref, or ""
// for "".
func (k SubjectKey) LogRef(iin string) string {
	if iin == "" {
		return ""
	}
	return "iin#" + k.Ref(iin)[:8]
}

// Mask replaces every IIN in a text by "iin#" and its Ref. An IIN is a run of
// exactly twelve digits that ident accepts, synthetic numbers included. A case
// number that happens to be a valid IIN is masked too; it stays findable by its
// Ref, which is why the whole of it is kept.
func (k SubjectKey) Mask(s string) string {
	var b strings.Builder
	done := 0
	for i := 0; i < len(s); {
		if !isDigit(s[i]) {
			i++
			continue
		}
		end := i
		for end < len(s) && isDigit(s[end]) {
			end++
		}
		if run := s[i:end]; len(run) == iinDigits {
			if _, err := ident.ParseIIN(run, ident.TestStand); err == nil {
				b.WriteString(s[done:i])
				b.WriteString("iin#")
				b.WriteString(k.Ref(run))
				done = end
			}
		}
		i = end
	}
	if done == 0 {
		return s
	}
	b.WriteString(s[done:])
	return b.String()
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
