package revocation

import (
	"math/big"
	"strings"
	"time"

	"github.com/kopir-kz/kopir/gateway/pki"
)

// NoAnswerError says that nobody gave an answer that counts.
type NoAnswerError struct {
	Causes []error // what was wrong with each source that was asked
}

// Error lists the causes.
func (e *NoAnswerError) Error() string {
	if len(e.Causes) == 0 {
		return "no list is in force and nobody could be asked"
	}
	texts := make([]string, len(e.Causes))
	for i, c := range e.Causes {
		texts[i] = c.Error()
	}
	return strings.Join(texts, "; ")
}

// Unwrap gives the causes.
func (e *NoAnswerError) Unwrap() []error { return e.Causes }

// knowledge is all that is known about one certificate.
type knowledge struct {
	serial *big.Int
	book   book // lists of its issuer
	record record
}

// record is what responders have said about one certificate.
type record struct {
	status   pki.Status // the last "good" or "revoked"
	from, to time.Time  // when it was right, and until when it is
	unknown  bool       // asked again since, a responder did not know the certificate

	renew  time.Time // when responders are asked again
	again  time.Time // when any source is asked again
	causes []error   // why sources gave no answer, the last time they were asked
}

// learn takes an answer in and tells whether it counts. What is revoked stays so;
// a suspension is lifted by a newer answer only, and nothing is changed by an
// older one, which somebody may have kept and replayed.
func (r *record) learn(st pki.Status, from, to time.Time) bool {
	switch {
	case st.State == pki.StateUnknown:
		r.unknown = true
		return false
	case st.Final():
	case r.status.Final(), from.Before(r.from),
		r.status.State == pki.StateRevoked && st.State == pki.StateGood && !from.After(r.from):
		return false
	}
	r.status, r.from, r.to, r.unknown = st, from, to, false
	return true
}

// judge tells how it stands at a moment. The order is that of certainty: what is
// revoked for good, what is suspended and not lifted, what is good by a responder
// and by lists, what a responder does not know.
func (k *knowledge) judge(m moment) (st pki.Status, told bool) {
	listed, on := k.book.revoked(k.serial, m.at)
	said := k.record.status
	if said.State == pki.StateRevoked && m.at.Before(said.Since) {
		said = pki.Status{} // it speaks of later
	}
	switch {
	case listed.Final():
		return listed, true
	case said.Final():
		return said, true
	case said.State == pki.StateRevoked && !k.book.lifts(k.serial, k.record.from, m.at):
		return said, true
	case listed.State == pki.StateRevoked && (said.State != pki.StateGood || !k.record.from.After(on) || m.at.Before(k.record.from.Add(-m.early))):
		return listed, true
	case k.good(m):
		return said, true
	case k.book.silent(m):
		return pki.Status{State: pki.StateGood, Source: "crl"}, true
	}
	return pki.Status{}, k.record.unknown
}

// good tells whether a responder said so about the moment.
func (k *knowledge) good(m moment) bool {
	return k.record.status.State == pki.StateGood && m.in(k.record.from, k.record.to)
}

// late judges by what is past its time, for at most grace.
func (k *knowledge) late(m moment, grace time.Duration) (st pki.Status, told bool) {
	m.late = max(m.late, grace)
	switch {
	case k.good(m):
		st = k.record.status
	case k.book.silent(m):
		st = pki.Status{State: pki.StateGood, Source: "crl"}
	default:
		return st, false
	}
	st.Late = true
	return st, true
}
