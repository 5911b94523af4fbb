package shep

import (
	"time"

	"github.com/kopir-kz/kopir/gateway/fault"
)

// Asked is what an answer is held against.
type Asked struct {
	MessageID     string // of this attempt
	CorrelationID string
	At            time.Time // when this attempt was made, by our clock
}

// Bind holds that an answer belongs to the question (threat T14): that it
// repeats our correlationId, and our messageId where the profile demands an
// echo. The registry's own binding, requestId and the person, is checked by
// the adapter. The error is fault.AnswerMismatch.
func (a *AnswerProfile) Bind(ans Answer, q Asked) error {
	mismatch := func(text string) error { return fault.New(fault.AnswerMismatch, "bind answer", text) }
	switch {
	case a.Correlation == Ignore:
	case ans.CorrelationID == "" && a.Correlation == Require:
		return mismatch("the answer has no correlationId")
	case ans.CorrelationID != "" && ans.CorrelationID != q.CorrelationID:
		return mismatch("the answer carries the correlationId of another question")
	}
	if a.MessageID == MessageIDEcho && ans.MessageID != q.MessageID {
		return mismatch("the answer does not repeat our messageId")
	}
	return nil
}

// Fresh holds that an answer was made between our question and now, give or
// take the clock skew (threat T31). The error is fault.AnswerStale, or
// fault.ContractViolation if the date is none.
func (a *AnswerProfile) Fresh(ans Answer, q Asked, now time.Time) error {
	if a.Date == Ignore || a.Date == Accept && ans.Date == "" {
		return nil
	}
	if ans.Date == "" {
		return fault.New(fault.AnswerStale, "date answer", "the answer has no responseDate")
	}
	loc, err := a.Location()
	if err != nil {
		return fault.Wrap(fault.Internal, "date answer", err)
	}
	date, ok := Time(ans.Date, loc)
	if !ok {
		return fault.New(fault.ContractViolation, "date answer", "responseDate is not a date and time")
	}
	if skew := a.ClockSkew.Std(); date.Before(q.At.Add(-skew)) || date.After(now.Add(skew)) {
		return fault.New(fault.AnswerStale, "date answer", "responseDate is outside the window")
	}
	return nil
}
