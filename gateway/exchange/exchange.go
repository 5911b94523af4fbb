// Package exchange carries one request from a checked question to typed facts,
// with evidence before and after. The life of a request:
//
//  1. The question is checked: rules of the query, all four parts of the purpose,
//     and a consent token if the service profile asks for one. What fails here
//     is told by field and rule, and nothing has happened.
//  2. The intent is written to the journal. Only when it is on disk may the key
//     be used; if it cannot be written, nothing is sent.
//  3. The transport lets the call through deadline, bulkhead and breaker and asks
//     for a message. Each attempt gets a new messageId, date and signature under
//     the one correlationId: the adapter writes the payload, it is signed inside
//     if the profile says so, wrapped by the profile, and the Body is signed.
//  4. The message is sent and the answer read, bounded, by the transport.
//  5. Still inside the retry loop the answer is judged: media type → strict
//     reader → signature of the envelope → SOAP Fault → answer tree → freshness →
//     binding to our question → signature of the data → what its codes mean →
//     facts by the adapter → replay. A step reads only what the steps before it
//     have proven; what a profile does not ask to be proven is marked so in the
//     provenance.
//  6. The outcome is written to the journal, also for a caller who has gone and
//     for a defect of ours. Facts are given out only after that.
//
// A Fault is never data, and one that nobody signed is reported as what it
// claims to be, a failure upstream, and nothing more; an unsigned answer with
// the status of a failure likewise. "Not found" is certain: a signature that the
// profile requires vouches for it, an id ties it to our question, its code is
// read without doubt, and nobody is in its payload. Only reads travel this
// way, so repeating one is safe.
//
// No log line, error or metric of this package holds anything that a person
// could be told by: ids are ours, codes and sentences of the peer pass
// soap.Token and soap.Redact, and values of queries and answers go nowhere but
// into the message and the facts.
package exchange

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/ident"
	"github.com/kopir-kz/kopir/gateway/journal"
	"github.com/kopir-kz/kopir/gateway/shep"
	"github.com/kopir-kz/kopir/gateway/soap"
	"github.com/kopir-kz/kopir/gateway/transport"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
)

// Journal keeps the evidence; *journal.Journal is one. Its contract is the
// journal's: Begin and End return nil only when their record is on disk.
type Journal interface {
	Begin(ctx context.Context, in journal.Intent) error
	End(ctx context.Context, out journal.Outcome) error
	// FirstSeen tells whether key comes for the first time within window and
	// remembers it.
	FirstSeen(ctx context.Context, key []byte, window time.Duration) (bool, error)
}

// Sender carries the messages of one operation; *transport.Client is one. It
// calls Prepare and Read of the Round one after the other, never at once.
type Sender interface {
	Do(ctx context.Context, r transport.Round) (transport.Report, error)
}

// Service is one operation that can be asked.
type Service struct {
	Profile  shep.Profile // complete and valid; its ID is the operation
	Password string       // content of Profile.SenderPasswordFile, "" if there is none
	Adapter  gateway.Adapter
	Sender   Sender
}

// Options are the parts of an Exchange.
type Options struct {
	Services []Service
	Journal  Journal
	// Subject turns an IIN into the journal's reference, as
	// journal.SubjectKey.Ref does.
	Subject func(iin string) string
	// Signer signs envelopes and business data. It may be nil if no profile
	// has anything signed.
	Signer Signer
	// Keys decides whose signatures are trusted. It may be nil if no profile
	// looks at signatures.
	Keys xmldsig.KeyResolver
	// Mode decides which IINs may be asked about.
	Mode ident.Mode

	Log      *slog.Logger     // slog.Default() if nil; at debug level it tells every hop
	Observer Observer         // nil for none
	Clock    func() time.Time // time.Now if nil
	// NewID makes messageIds, NewExchangeID the ids of exchanges, which are also
	// correlationIds: UUIDs of at most 36 characters, never the same twice. If
	// nil they are random, and those of exchanges ordered by time (version 7), as
	// the journal likes it.
	NewID, NewExchangeID func() string
}

// Call is one question of a client.
type Call struct {
	RequestID string // of the HTTP request, for the journal
	Client    string // id of the authenticated client
	Operation string // e.g. "person.search"
	Purpose   gateway.Purpose
	Query     gateway.Query
	Consent   gateway.Consent // zero if none was given
}

// Result is what became known.
type Result struct {
	Facts      gateway.Facts // of the adapter, or NotFound
	Provenance gateway.Provenance
}

// NotFound are the facts of an answer that says "no such record" by a code. If it
// has a payload, the adapter has found nobody in it.
type NotFound struct{}

// Found is false.
func (NotFound) Found() bool { return false }

// Exchange carries requests. It is safe for concurrent use.
type Exchange struct {
	o        Options
	services map[string]*service
}

type service struct {
	Service
	location *time.Location // of dates without a zone, and of those we send
	header   http.Header    // of every message; read-only
}

// New checks that the parts fit together.
func New(o Options) (*Exchange, error) {
	if o.Journal == nil || o.Subject == nil {
		return nil, errors.New("exchange: a journal and a subject key are needed")
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Observer == nil {
		o.Observer = nobody{}
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	if o.NewExchangeID == nil {
		o.NewExchangeID = func() string { return uuid.Must(uuid.NewV7()).String() } // fails only where crypto/rand does: never
	}
	x := &Exchange{o: o, services: make(map[string]*service, len(o.Services))}
	for _, s := range o.Services {
		if err := x.add(s); err != nil {
			return nil, err
		}
	}
	return x, nil
}

func (x *Exchange) add(s Service) error {
	p := &s.Profile
	if err := p.Validate(); err != nil {
		return err
	}
	location, err := p.Answer.Location()
	if err != nil {
		return err
	}
	signs := p.Envelope.Signature == shep.Sign || p.Inner.Carrier != shep.None
	verifies := p.Answer.Envelope != shep.Ignore || p.Answer.Inner != shep.Ignore
	switch {
	case x.services[p.ID] != nil:
		err = errors.New("two profiles have this id")
	case s.Adapter == nil || s.Sender == nil:
		err = errors.New("an adapter and a sender are needed")
	case signs && x.o.Signer == nil:
		err = errors.New("the profile signs, but there is no key")
	case verifies && x.o.Keys == nil:
		err = errors.New("the profile looks at signatures, but nothing says whom to trust")
	}
	if err != nil {
		return &shep.ProfileError{ID: p.ID, Field: "id", Text: err.Error()}
	}
	x.services[p.ID] = &service{Service: s, location: location, header: header()}
	return nil
}

// header of every message. SOAPAction keeps the spelling of SOAP 1.1: not every
// peer knows that field names have no case.
func header() http.Header {
	return http.Header{
		"Content-Type": {soap.ContentType},
		"SOAPAction":   {soap.Action},
		"Accept":       {"text/xml, application/xml"},
	}
}

// Do carries one request. The error is a *fault.Error or wraps one; a zero
// Result comes with it.
//
// Errors and what has happened by then:
//
//	fault.InvalidRequest, fault.ConsentMissing  nothing
//	fault.JournalUnavailable                    nothing was sent, or the answer
//	                                            could not be recorded
//	all others                                  intent and outcome are on record
func (x *Exchange) Do(ctx context.Context, c Call) (Result, error) {
	begun := x.o.Clock()
	s, ok := x.services[c.Operation]
	if !ok || c.Query == nil {
		return Result{}, fault.New(fault.Internal, "carry exchange", "the operation is not configured")
	}
	r := &run{x: x, service: s, call: c, begun: begun}
	x.o.Observer.Began(s.Profile.Registry, s.Profile.ID)
	result, err := r.do(ctx)
	if err != nil {
		err = r.attribute(err)
		result = Result{}
	}
	x.o.Observer.Ended(Observation{
		Registry: s.Profile.Registry, Operation: s.Profile.ID, Outcome: outcome(result, err),
		Report: r.report, Took: x.o.Clock().Sub(begun),
	})
	return result, err
}

// outcome is the class of an exchange for journal and metrics.
func outcome(r Result, err error) string {
	switch {
	case err != nil:
		return string(fault.KindOf(err))
	case r.Facts.Found():
		return string(gateway.StatusFound)
	}
	return string(gateway.StatusNotFound)
}

// attribute makes sure that an error has a kind and names the registry.
func (r *run) attribute(err error) error {
	var e *fault.Error
	if !errors.As(err, &e) {
		e = fault.Wrap(fault.KindOf(err), "carry exchange", err)
		err = e
	}
	if e.Registry == "" {
		e.Registry = r.service.Profile.Registry
	}
	return err
}
