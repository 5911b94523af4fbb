package exchange

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/journal"
	"github.com/kopir-kz/kopir/gateway/shep"
	"github.com/kopir-kz/kopir/gateway/transport"
	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
)

// run is one request on its way. Its methods run one after the other, those
// that the Sender calls included.
type run struct {
	x       *Exchange
	service *service
	call    Call
	consent gateway.Consent // in one piece, if the profile asks for one

	id      string    // exchange id and correlationId
	begun   time.Time // when the request came
	attempt int       // of the message in asked
	asked   shep.Asked
	meta    gateway.Meta
	answer  answer // to the message in asked
	report  transport.Report
}

// recordTimeout bounds the writing of a record. That of the outcome ignores the
// caller's patience: who hangs up must not cost the evidence.
const recordTimeout = 10 * time.Second

func (r *run) do(ctx context.Context) (Result, error) {
	if err := r.check(); err != nil {
		return Result{}, err
	}
	r.id = r.x.o.NewExchangeID()
	if err := r.begin(ctx); err != nil {
		return Result{}, err
	}
	return r.carry(ctx)
}

// begin writes the intent.
func (r *run) begin(ctx context.Context) error {
	bounded, cancel := context.WithTimeout(ctx, recordTimeout)
	defer cancel()
	err := r.x.o.Journal.Begin(bounded, journal.Intent{
		Exchange:    r.id,
		Request:     r.call.RequestID,
		Correlation: r.id,
		Client:      r.call.Client,
		Operation:   r.service.Profile.ID,
		Registry:    r.service.Profile.Registry,
		Purpose:     r.call.Purpose,
		SubjectRef:  r.x.o.Subject(r.call.Query.Subject()),
		At:          r.x.o.Clock(),
	})
	var known *fault.Error
	if err != nil && !errors.As(err, &known) {
		err = fault.Wrap(fault.JournalUnavailable, "record intent", err)
	}
	r.debug(ctx, "intent", err)
	return err
}

// carry sends, reads and, whatever happens, records the outcome.
func (r *run) carry(ctx context.Context) (result Result, err error) {
	defer func() {
		if defect := recover(); defect != nil {
			// The value may hold what a person could be told by; the stack does not.
			r.x.o.Log.LogAttrs(ctx, slog.LevelError, "defect", slog.String("exchange", r.id), slog.String("stack", string(debug.Stack())))
			r.report.Attempts = max(r.report.Attempts, r.attempt)
			err = fault.New(fault.Internal, "carry exchange", "")
		}
		err = r.end(ctx, result, err)
	}()
	r.report, err = r.service.Sender.Do(ctx, transport.Round{
		URL:     r.service.Profile.Endpoint,
		Header:  r.service.header,
		Prepare: r.prepare,
		Read:    r.read,
	})
	if err == nil && r.answer.facts == nil { // a Sender that takes silence for success
		err = fault.New(fault.Internal, "carry exchange", "")
	}
	if err != nil {
		return Result{}, err
	}
	return Result{Facts: r.answer.facts, Provenance: r.provenance()}, nil
}

// prepare builds and signs the message of one attempt.
func (r *run) prepare(ctx context.Context, attempt int) ([]byte, error) {
	p, now := &r.service.Profile, r.x.o.Clock()
	r.attempt, r.answer = attempt, answer{}
	r.asked = shep.Asked{MessageID: r.x.o.NewID(), CorrelationID: r.id, At: now}
	r.meta = gateway.Meta{
		MessageID:     r.asked.MessageID,
		CorrelationID: r.id,
		SenderCode:    p.SenderCode,
		Date:          now.In(r.service.location),
		ConsentToken:  r.consent.Token,
		ConsentKey:    r.consent.PublicKey,
	}
	payload, err := r.service.Adapter.Request(r.call.Query, r.meta)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "write payload", err)
	}
	if p.Inner.Carrier != shep.None {
		if payload, err = r.x.o.Signer.SignEnveloped(ctx, payload); err != nil {
			return nil, signing("sign payload", err)
		}
	}
	env := p.AppendRequest(make([]byte, 0, envelopeBytes+len(payload)), shep.Request{
		MessageID:     r.asked.MessageID,
		CorrelationID: r.id,
		Date:          r.meta.Date,
		Password:      r.service.Password,
		Payload:       payload,
	})
	if p.Envelope.Signature == shep.Sign {
		env, err = r.x.o.Signer.SignBody(ctx, env, wsse.SignOptions{
			ID: wsse.IDStyle(p.Envelope.IDStyle), KeyInfo: wsse.KeyInfo(p.Envelope.KeyInfo),
		})
		if err != nil {
			return nil, signing("sign envelope", err)
		}
	}
	r.debug(ctx, "message", nil, slog.Int("attempt", attempt), slog.String("message", r.asked.MessageID), slog.Int("bytes", len(env)))
	return env, nil
}

// envelopeBytes is about the length of an unsigned envelope without payload.
const envelopeBytes = 1 << 10

// signing tells a message that the signer's own reader refuses, which is a
// defect of ours, from a key that cannot be used.
func signing(op string, err error) error {
	var refused *xmldsig.Error
	if errors.As(err, &refused) {
		return fault.Wrap(fault.Internal, op, err)
	}
	return fault.Wrap(fault.SigningFailed, op, err)
}

// end writes the outcome and the closing line of the log. Facts that cannot be
// recorded are not given out.
func (r *run) end(ctx context.Context, result Result, err error) error {
	now := r.x.o.Clock()
	if err != nil {
		err = r.attribute(err)
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	a := &r.answer
	failed := r.x.o.Journal.End(bounded, journal.Outcome{
		Exchange:        r.id,
		At:              now,
		Class:           outcome(result, err),
		MessageID:       r.asked.MessageID,
		StatusCode:      a.code,
		Attempts:        r.report.Attempts,
		EnvelopeVerdict: string(a.envelope.Verdict),
		InnerVerdict:    string(a.inner.Verdict),
		Signer:          a.envelope.Signer,
		AnswerDigest:    a.digest,
		Duration:        now.Sub(r.begun),
	})
	if failed != nil {
		r.x.o.Log.LogAttrs(ctx, slog.LevelError, "outcome not recorded", slog.String("exchange", r.id), slog.String("cause", failed.Error()))
		if err == nil {
			err = fault.Wrap(fault.JournalUnavailable, "record outcome", failed)
		}
	}
	r.close(ctx, result, err, now)
	return err
}

// close writes the one line that every exchange leaves in the log.
func (r *run) close(ctx context.Context, result Result, err error, now time.Time) {
	level := slog.LevelInfo
	attrs := make([]slog.Attr, 0, 16)
	attrs = append(attrs,
		slog.String("exchange", r.id), slog.String("client", r.call.Client),
		slog.String("registry", r.service.Profile.Registry), slog.String("operation", r.service.Profile.ID),
		slog.String("outcome", outcome(result, err)), slog.String("status", r.answer.code),
		slog.Int("attempts", r.report.Attempts), slog.String("breaker", r.report.Breaker),
		slog.Duration("queue", r.report.Queue), slog.Duration("sign", r.report.Sign), slog.Duration("network", r.report.Network),
		slog.Duration("verify", r.report.Verify), slog.Duration("took", now.Sub(r.begun)))
	if err != nil {
		level = slog.LevelWarn
		attrs = append(attrs, slog.String("cause", err.Error()))
	}
	if r.report.Alarm {
		level = slog.LevelError
		attrs = append(attrs, slog.Bool("alarm", true))
	}
	r.x.o.Log.LogAttrs(ctx, level, "exchange", attrs...)
}

// debug tells one hop, for whoever follows a single exchange.
func (r *run) debug(ctx context.Context, hop string, err error, attrs ...slog.Attr) {
	if !r.x.o.Log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attrs = append(attrs, slog.String("exchange", r.id), slog.String("hop", hop), slog.Duration("since", r.x.o.Clock().Sub(r.begun)))
	if err != nil {
		attrs = append(attrs, slog.String("cause", err.Error()))
	}
	r.x.o.Log.LogAttrs(ctx, slog.LevelDebug, "hop", attrs...)
}

func (r *run) provenance() gateway.Provenance {
	a, p := &r.answer, &r.service.Profile
	return gateway.Provenance{
		ExchangeID:    r.id,
		Registry:      p.Registry,
		ServiceID:     p.ServiceID,
		MessageID:     r.asked.MessageID,
		CorrelationID: r.id,
		AskedAt:       r.asked.At.UTC(),
		ObservedAt:    a.observed.UTC(),
		Attempts:      r.report.Attempts,
		Signatures:    []gateway.SignatureVerdict{a.envelope, a.inner},
	}
}
