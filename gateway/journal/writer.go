package journal

import (
	"context"
	"database/sql"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"

	"modernc.org/sqlite"
)

var (
	errNoIntent = errors.New("no such intent")
	errClosed   = errors.New("the journal is closed")
)

const (
	queueLength = 1024
	batchMax    = 256
)

// statements are prepared once, on the connection of the writer.
type statements struct {
	open, commit, rollback      *sql.Stmt
	begin, end, see             *sql.Stmt
	prune, unlink, drop, forget *sql.Stmt
}

const (
	sqlBegin = `INSERT INTO intent (exchange, request, correlation, client, operation, registry,
	purpose_service, purpose_case, purpose_legal_basis, purpose_official, subject_ref, at)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	sqlEnd = `INSERT INTO outcome (intent, at, class, message_id, status_code, attempts,
	envelope_verdict, inner_verdict, signer, answer_digest, duration)
	SELECT seq, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM intent WHERE exchange = ?`
)

// job is one record on its way to the disk.
type job struct {
	run   func(*statements) error
	done  chan error // buffered: nobody need be waiting any more
	taken atomic.Bool
}

// writer owns the one connection that writes and commits in groups.
type writer struct {
	conn  *sql.Conn
	s     statements
	seen  *seen
	jobs  chan *job
	ended chan struct{}

	mu     sync.RWMutex // guards closing jobs against sending on it
	closed bool
}

func newWriter(ctx context.Context, db *sql.DB, remembered *seen) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	w := &writer{conn: conn, seen: remembered, jobs: make(chan *job, queueLength), ended: make(chan struct{})}
	for _, p := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&w.s.open, "BEGIN IMMEDIATE"},
		{&w.s.commit, "COMMIT"},
		{&w.s.rollback, "ROLLBACK"},
		{&w.s.begin, sqlBegin},
		{&w.s.end, sqlEnd},
		{&w.s.see, sqlSee},
		{&w.s.prune, sqlPrune},
		{&w.s.unlink, sqlUnlink},
		{&w.s.drop, sqlDrop},
		{&w.s.forget, sqlForget},
	} {
		//nolint:sqlclosecheck // they live and end with the connection
		if *p.stmt, err = conn.PrepareContext(ctx, p.text); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	go w.loop()
	return w, nil
}

// do queues a record and waits until it is on disk. When ctx ends first, a
// record that was not begun with is withdrawn; one that was may still be
// written, which is the safe side: the intent of an exchange that did not take
// place.
func (w *writer) do(ctx context.Context, run func(*statements) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j := &job{run: run, done: make(chan error, 1)}
	if err := w.enqueue(ctx, j); err != nil {
		return err
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		j.taken.CompareAndSwap(false, true)
		return ctx.Err()
	}
}

func (w *writer) enqueue(ctx context.Context, j *job) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return errClosed
	}
	select {
	case w.jobs <- j:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *writer) close() error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return nil
	}
	w.closed = true
	close(w.jobs)
	w.mu.Unlock()
	<-w.ended
	err := w.transact(nil, nil)             // keys that no record followed
	return errors.Join(err, w.conn.Close()) // closes the statements with it
}

// loop commits at once when idle, and under load whatever queued up during the
// commit before.
func (w *writer) loop() {
	defer close(w.ended)
	batch := make([]*job, 0, batchMax)
	for first := range w.jobs {
		batch = append(batch[:0], first)
		// Whoever is ready to run may be about to queue a record as well. Under load
		// one commit then serves more of them; without load this takes no time.
		runtime.Gosched()
	gather:
		for len(batch) < batchMax {
			select {
			case j, open := <-w.jobs:
				if !open {
					break gather
				}
				batch = append(batch, j)
			default:
				break gather
			}
		}
		w.write(batch)
	}
}

// write commits a batch. A record that breaks a rule of the tables fails alone;
// any other error fails them all, because the transaction is gone.
func (w *writer) write(batch []*job) {
	errs := make([]error, len(batch))
	err := w.transact(batch, errs)
	for i, j := range batch {
		if err != nil {
			errs[i] = err
		}
		j.done <- errs[i]
	}
}

func (w *writer) transact(batch []*job, errs []error) error {
	if _, err := exec(w.s.open); err != nil {
		return err
	}
	keys := w.seen.waiting()
	if err := write(keys, w.s.see); err != nil {
		return w.undo(err)
	}
	for i, j := range batch {
		if !j.taken.CompareAndSwap(false, true) {
			continue // withdrawn
		}
		err := j.run(&w.s)
		if err != nil && !isConstraint(err) && !errors.Is(err, errNoIntent) {
			return w.undo(err)
		}
		errs[i] = err
	}
	if _, err := exec(w.s.commit); err != nil {
		return w.undo(err)
	}
	w.seen.written(keys)
	return nil
}

// undo ends a transaction that failed and passes the reason on. SQLite may have
// ended it already (when the disk is full, say); its complaint about that is of
// no interest.
func (w *writer) undo(reason error) error {
	_, _ = exec(w.s.rollback)
	return reason
}

// Result codes of SQLite; the low byte is the primary one.
const (
	primary    = 0xff
	constraint = 19
)

// isConstraint tells whether a statement broke a rule of its table. SQLite
// undoes only the statement then, not the transaction.
func isConstraint(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&primary == constraint
}

// exec runs a statement to its end: a transaction that serves many callers is
// not given up for one of them.
func exec(s *sql.Stmt, args ...any) (sql.Result, error) {
	return s.ExecContext(context.Background(), args...)
}

// oneRow turns an insert that found nothing to insert into an error.
func oneRow(r sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := r.RowsAffected()
	if err == nil && n != 1 {
		return errNoIntent
	}
	return err
}
