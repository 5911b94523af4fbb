package journal

import (
	"context"
	"time"
)

const (
	// Whether there is anything to remove is asked every hour, of a journal of
	// years; hence the index on the time.
	sqlOld = `SELECT EXISTS (SELECT 1 FROM intent WHERE at < ?)`
	// Records are removed in slices, so that live records never wait long.
	sqlPrune  = `INSERT INTO pruning (at, "before") VALUES (?, ?)`
	sqlUnlink = `DELETE FROM outcome WHERE intent IN (SELECT seq FROM intent WHERE at < ? ORDER BY at, seq LIMIT ?)`
	sqlDrop   = `DELETE FROM intent WHERE seq IN (SELECT seq FROM intent WHERE at < ? ORDER BY at, seq LIMIT ?)`
	sqlForget = `DELETE FROM seen WHERE key = ? AND until <= ?`

	slice = 500
)

// keepHouse removes what has expired, at the start and then from time to time.
// What it cannot remove now it meets again the next time.
func (j *Journal) keepHouse(ctx context.Context) {
	defer close(j.ended)
	tick := time.NewTicker(housekeeping)
	defer tick.Stop()
	for {
		_ = j.forgetSeen(ctx)
		if j.o.Retention > 0 {
			_, _ = j.Prune(ctx, j.o.Clock().Add(-j.o.Retention))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// Prune removes the records of exchanges begun before a time, and records that
// it did so. It tells how many exchanges were removed.
func (j *Journal) Prune(ctx context.Context, before time.Time) (int, error) {
	const op = "prune journal"
	limit := before.UnixMicro()
	var old bool
	err := j.o.Store.Reader().QueryRowContext(ctx, sqlOld, limit).Scan(&old)
	if err != nil || !old {
		return 0, explain(op, err)
	}
	if err := j.writer.do(ctx, func(s *statements) error {
		_, err := exec(s.prune, j.o.Clock().UnixMicro(), limit)
		return err
	}); err != nil {
		return 0, explain(op, err)
	}
	for total := 0; ; {
		removed := int64(0)
		err := j.writer.do(ctx, func(s *statements) error {
			if _, err := exec(s.unlink, limit, slice); err != nil {
				return err
			}
			r, err := exec(s.drop, limit, slice)
			if err != nil {
				return err
			}
			removed, err = r.RowsAffected()
			return err
		})
		if err != nil {
			return total, explain(op, err)
		}
		total += int(removed)
		if removed < slice {
			return total, nil
		}
	}
}

// forgetSeen removes entries whose window is over. They are looked for on a
// reading handle, because the search goes through the whole table.
func (j *Journal) forgetSeen(ctx context.Context) error {
	now := j.o.Clock().UnixMicro()
	for {
		keys, err := j.expired(ctx, now)
		if err != nil || len(keys) == 0 {
			return err
		}
		if err := j.writer.do(ctx, func(s *statements) error {
			for _, k := range keys {
				if _, err := exec(s.forget, k, now); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
}

func (j *Journal) expired(ctx context.Context, now int64) (keys [][]byte, err error) {
	rows, err := j.o.Store.Reader().QueryContext(ctx, `SELECT key FROM seen WHERE until <= ? LIMIT ?`, now, slice)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err has said it
	for rows.Next() {
		var k []byte
		if err := rows.Scan(&k); err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, rows.Err()
}
