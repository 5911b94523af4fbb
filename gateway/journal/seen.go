package journal

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"sync"
	"time"
)

// An entry whose window is over counts as new and gets a new window.
const (
	sqlSee = `INSERT INTO seen (key, until) VALUES (?, ?)
	ON CONFLICT (key) DO UPDATE SET until = excluded.until WHERE seen.until <= ?`
	sqlSeen = `SELECT EXISTS (SELECT 1 FROM seen WHERE key = ? AND until > ?)`
)

// FirstSeen tells whether key (what identifies a signed answer: its messageId
// and digest, say) comes for the first time within window, and remembers it,
// over restarts too. Of any number of calls with the same key one is the first.
//
// The entry takes effect at once and is on disk when the End that follows
// returns, in the same transaction at the latest. An answer that is handed out
// only after its End, as it must be, can therefore not be replayed after a crash
// either. Keys are stored hashed. An error is fault.JournalUnavailable.
func (j *Journal) FirstSeen(ctx context.Context, key []byte, window time.Duration) (bool, error) {
	now := j.o.Clock()
	first, err := j.seen.first(ctx, sha256.Sum256(key), now.UnixMicro(), now.Add(window).UnixMicro())
	return first, explain("look for a replay", err)
}

// span is when a key came, until when it counts, and whether the disk was asked
// about it.
type span struct {
	from, until int64
	asked       bool
}

// seen is the set of keys: those on disk, and those waiting for the next
// transaction, which saves every exchange a wait for the disk.
type seen struct {
	query *sql.Stmt

	mu   sync.Mutex
	wait map[[sha256.Size]byte]span
}

func newSeen(ctx context.Context, db *sql.DB) (*seen, error) {
	q, err := db.PrepareContext(ctx, sqlSeen)
	if err != nil {
		return nil, err
	}
	return &seen{query: q, wait: make(map[[sha256.Size]byte]span)}, nil
}

func (s *seen) close() error { return s.query.Close() }

// first takes the key before it looks on disk, so that no second caller can
// come in between, and gives it back if it turns out to be there. Only then may
// it be written, or the look on disk would find the caller's own key.
func (s *seen) first(ctx context.Context, key [sha256.Size]byte, now, until int64) (bool, error) {
	s.mu.Lock()
	if w, ok := s.wait[key]; ok && w.until > now {
		s.mu.Unlock()
		return false, nil
	}
	s.wait[key] = span{from: now, until: until}
	s.mu.Unlock()

	var known bool
	err := s.query.QueryRowContext(ctx, key[:], now).Scan(&known)

	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil || known {
		delete(s.wait, key)
		return false, err
	}
	s.wait[key] = span{from: now, until: until, asked: true}
	return true, nil
}

// waiting gives what is to be written. It stays in the set until it is: before
// the commit no reader would find it on disk.
func (s *seen) waiting() map[[sha256.Size]byte]span {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.wait) == 0 {
		return nil
	}
	out := make(map[[sha256.Size]byte]span, len(s.wait))
	for k, w := range s.wait {
		if w.asked {
			out[k] = w
		}
	}
	return out
}

// written takes keys out of the set, unless they have come anew meanwhile, which
// takes a window that is over.
func (s *seen) written(keys map[[sha256.Size]byte]span) {
	if len(keys) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, w := range keys {
		if s.wait[k] == w {
			delete(s.wait, k)
		}
	}
}

func write(keys map[[sha256.Size]byte]span, insert *sql.Stmt) error {
	var errs []error
	for k, w := range keys {
		_, err := exec(insert, k[:], w.until, w.from)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
