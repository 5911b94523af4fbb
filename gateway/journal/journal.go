// Package journal keeps the evidence of every exchange with a registry: an
// intent before the key is used and anything is sent, an outcome after.
//
// What a caller may rely on:
//
//   - Begin and End MUST NOT return nil before their record is on disk.
//   - If Begin fails, nothing may be sent (fault.JournalUnavailable): no
//     exchange without a record.
//   - An intent without an outcome means that the exchange may have taken
//     place: the process died, or the outcome could not be written. It stays
//     visible in Unfinished, also after a restart.
//   - Records are only added. The database itself refuses to change one, and
//     lets go of old ones only when the retention period is over, which leaves a
//     record too.
//
// Concurrent records share a transaction: one goroutine writes, and takes
// whatever has queued up while it was waiting for the disk.
//
// Of a question only the subject is recorded, as a keyed hash (SubjectKey), and of
// an answer no data. Whatever has the form of an IIN in a text that a client
// chose, such as the number of a case, is replaced by the same kind of hash
// (SubjectKey.Mask); it can still be found by whoever holds the key and knows the
// number. The rest of the purpose stays as the client wrote it: a name, another
// number, or an IIN in a spelling of its own that is put there is on record.
package journal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/store"
)

// Intent is recorded before the key is used.
type Intent struct {
	Exchange    string          // id of the exchange; unique
	Request     string          // id of the HTTP request it serves
	Correlation string          // correlationId of all its messages
	Client      string          // id of the client
	Operation   string          // e.g. "person.search"
	Registry    string          // short name, e.g. "GBDFL"
	Purpose     gateway.Purpose // why the data is asked for
	SubjectRef  string          // SubjectKey.Ref of the IIN asked about; "" if the question names none
	At          time.Time       // when; recorded to the microsecond
}

// Outcome is recorded after the answer was verified and read, or the exchange
// was given up.
type Outcome struct {
	Exchange        string        // of the Intent
	At              time.Time     // when
	Class           string        // "found", "not_found" or a fault.Kind
	MessageID       string        // messageId of the last message sent
	StatusCode      string        // status code of the answer, e.g. "SCSS001"
	Attempts        int           // messages sent
	EnvelopeVerdict string        // "verified", "absent", "ignored", or "" if no answer was judged
	InnerVerdict    string        // likewise, of the business-data signature
	Signer          string        // subject of the certificate that signed the envelope
	AnswerDigest    string        // SHA-256 of the answer's bytes, hex; "" if none came
	Duration        time.Duration // of the whole exchange, to the microsecond
}

// Options are the settings of a Journal.
type Options struct {
	Store *store.DB
	Key   SubjectKey
	// Retention is how long records are kept; zero keeps them for ever.
	Retention time.Duration
	// Clock is time.Now by default. It decides about retention and the replay
	// window.
	Clock func() time.Time
}

// housekeeping is how often expired entries are removed.
const housekeeping = time.Hour

// endBound is how long End may take, whatever became of its caller.
const endBound = 10 * time.Second

// Journal writes and reads the evidence. It is safe for concurrent use.
type Journal struct {
	o      Options
	writer *writer
	seen   *seen
	stop   context.CancelFunc
	ended  chan struct{} // closed when housekeeping has stopped
}

// Open prepares the statements and starts the writer. The store stays the
// caller's: close it after the Journal.
func Open(ctx context.Context, o Options) (*Journal, error) {
	if o.Store == nil || len(o.Key.key) == 0 {
		return nil, errors.New("open journal: a store and a subject key are needed")
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	remembered, err := newSeen(ctx, o.Store.Reader())
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	w, err := newWriter(ctx, o.Store.Writer(), remembered)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open journal: %w", err), remembered.close())
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	j := &Journal{o: o, writer: w, seen: remembered, stop: stop, ended: make(chan struct{})}
	go j.keepHouse(background)
	return j, nil
}

// Close writes what is queued and stops. Later calls fail.
func (j *Journal) Close() error {
	j.stop()
	<-j.ended
	return errors.Join(j.writer.close(), j.seen.close())
}

// Begin records an intent; it is on disk when Begin returns nil. Any error is
// fault.JournalUnavailable (or fault.Internal for an intent that is itself
// wrong), and then nothing may be sent.
func (j *Journal) Begin(ctx context.Context, in Intent) error {
	const op = "record intent"
	if in.Exchange == "" || in.SubjectRef != "" && !isRef(in.SubjectRef) {
		return fault.New(fault.Internal, op, "an exchange id is needed, and a subject only as a keyed hash")
	}
	mask := j.o.Key.Mask
	args := []any{
		in.Exchange, mask(in.Request), mask(in.Correlation), mask(in.Client), in.Operation, in.Registry,
		mask(in.Purpose.Service), mask(in.Purpose.Case), mask(in.Purpose.LegalBasis), mask(in.Purpose.Official),
		in.SubjectRef, in.At.UnixMicro(),
	}
	return explain(op, j.writer.do(ctx, func(s *statements) error {
		_, err := exec(s.begin, args...)
		return err
	}))
}

// End records the outcome of an exchange that Begin has recorded, once; it is on
// disk when End returns nil. It does not give up when ctx is cancelled: a caller
// who hangs up must not cost the evidence. Errors are as for Begin.
func (j *Journal) End(ctx context.Context, out Outcome) error {
	const op = "record outcome"
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endBound)
	defer cancel()
	mask := j.o.Key.Mask
	args := []any{
		out.At.UnixMicro(), out.Class, mask(out.MessageID), mask(out.StatusCode), out.Attempts,
		out.EnvelopeVerdict, out.InnerVerdict, mask(out.Signer), out.AnswerDigest, out.Duration.Microseconds(), out.Exchange,
	}
	return explain(op, j.writer.do(ctx, func(s *statements) error {
		return oneRow(exec(s.end, args...))
	}))
}

// Ready tells whether the journal takes records: it begins and ends an empty
// write transaction. The error is fault.JournalUnavailable.
func (j *Journal) Ready(ctx context.Context) error {
	return explain("check journal", j.writer.do(ctx, func(*statements) error { return nil }))
}

// explain gives an error its kind. A record that breaks a rule of the tables is
// a defect of ours; all else is a journal that cannot be written.
func explain(op string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return fault.Wrap(fault.CallerGone, op, err)
	case errors.Is(err, errNoIntent), isConstraint(err):
		return fault.Wrap(fault.Internal, op, err)
	}
	return fault.Wrap(fault.JournalUnavailable, op, err)
}

// isRef tells whether s has the form of SubjectKey.Ref.
func isRef(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil && len(s) == 2*sha256.Size
}
