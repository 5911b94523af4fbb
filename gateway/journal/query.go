package journal

import (
	"context"
	"database/sql"
	"strings"
	"time"
)

// Entry is one exchange as recorded.
type Entry struct {
	Seq     int64 // order of recording
	Intent  Intent
	Outcome *Outcome // nil: none was recorded
}

// Filter selects entries; a zero field selects all.
type Filter struct {
	From, To   time.Time // begun at or after From and before To
	Exchange   string
	Client     string
	Operation  string
	SubjectRef string // SubjectKey.Ref
	Class      string // of the outcome
	Unfinished bool   // only intents without an outcome
	After      int64  // only entries recorded after this Seq: the last one of the page before
	Limit      int    // at most so many; 100 by default
}

const defaultLimit = 100

const columns = `SELECT i.seq, i.exchange, i.request, i.correlation, i.client, i.operation, i.registry,
	i.purpose_service, i.purpose_case, i.purpose_legal_basis, i.purpose_official, i.subject_ref, i.at,
	o.at, o.class, o.message_id, o.status_code, o.attempts, o.envelope_verdict, o.inner_verdict,
	o.signer, o.answer_digest, o.duration
	FROM intent i LEFT JOIN outcome o ON o.intent = i.seq`

// List gives entries in the order in which they were recorded. The error is
// fault.JournalUnavailable.
func (j *Journal) List(ctx context.Context, f Filter) ([]Entry, error) {
	const op = "list journal"
	query, args := f.sql()
	rows, err := j.o.Store.Reader().QueryContext(ctx, query, args...)
	if err != nil {
		return nil, explain(op, err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err has said it
	var out []Entry
	for rows.Next() {
		e, err := scan(rows)
		if err != nil {
			return nil, explain(op, err)
		}
		out = append(out, e)
	}
	return out, explain(op, rows.Err())
}

// Unfinished gives the exchanges that began but have no outcome, those under
// way included, oldest first, at most 100.
func (j *Journal) Unfinished(ctx context.Context) ([]Entry, error) {
	return j.List(ctx, Filter{Unfinished: true})
}

// sql writes the query. Conditions are fixed texts; values are arguments.
func (f Filter) sql() (string, []any) {
	var conds []string
	var args []any
	where := func(use bool, cond string, value any) {
		if use {
			conds = append(conds, cond)
			args = append(args, value)
		}
	}
	where(true, "i.seq > ?", f.After)
	where(!f.From.IsZero(), "i.at >= ?", f.From.UnixMicro())
	where(!f.To.IsZero(), "i.at < ?", f.To.UnixMicro())
	where(f.Exchange != "", "i.exchange = ?", f.Exchange)
	where(f.Client != "", "i.client = ?", f.Client)
	where(f.Operation != "", "i.operation = ?", f.Operation)
	where(f.SubjectRef != "", "i.subject_ref = ?", f.SubjectRef)
	where(f.Class != "", "o.class = ?", f.Class)
	if f.Unfinished {
		conds = append(conds, "o.intent IS NULL")
	}
	limit := f.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	return columns + " WHERE " + strings.Join(conds, " AND ") + " ORDER BY i.seq LIMIT ?", append(args, limit)
}

func scan(rows *sql.Rows) (Entry, error) {
	var e Entry
	var at int64
	// The columns of the outcome are null, all or none.
	var (
		endedAt, attempts, duration                           sql.NullInt64
		class, message, status, envelope, inner, sign, digest sql.NullString
	)
	in := &e.Intent
	err := rows.Scan(&e.Seq, &in.Exchange, &in.Request, &in.Correlation, &in.Client, &in.Operation, &in.Registry,
		&in.Purpose.Service, &in.Purpose.Case, &in.Purpose.LegalBasis, &in.Purpose.Official, &in.SubjectRef, &at,
		&endedAt, &class, &message, &status, &attempts, &envelope, &inner, &sign, &digest, &duration)
	if err != nil {
		return Entry{}, err
	}
	in.At = time.UnixMicro(at).UTC()
	if endedAt.Valid {
		e.Outcome = &Outcome{
			Exchange: in.Exchange, At: time.UnixMicro(endedAt.Int64).UTC(), Class: class.String,
			MessageID: message.String, StatusCode: status.String, Attempts: int(attempts.Int64),
			EnvelopeVerdict: envelope.String, InnerVerdict: inner.String, Signer: sign.String,
			AnswerDigest: digest.String, Duration: time.Duration(duration.Int64) * time.Microsecond,
		}
	}
	return e, nil
}
