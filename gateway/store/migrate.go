package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"
)

// One folder per dialect; PostgreSQL gets its own beside this one.
//
//go:embed migrations/sqlite/*.sql
var migrations embed.FS

// migration is one step: a file named NNNN_noun.sql. A file that was released
// is never changed.
type migration struct {
	version int
	name    string
	sql     string
}

// known lists the migrations in order. Their numbers count from 1 without a gap.
func known(files fs.FS, dir string) ([]migration, error) {
	entries, err := fs.ReadDir(files, dir)
	if err != nil {
		return nil, err
	}
	var out []migration
	for i, e := range entries {
		number, _, _ := strings.Cut(e.Name(), "_")
		version, err := strconv.Atoi(number)
		if err != nil || version != i+1 {
			return nil, fmt.Errorf("migration %s: want number %04d", e.Name(), i+1)
		}
		text, err := fs.ReadFile(files, path.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		out = append(out, migration{version, e.Name(), string(text)})
	}
	return out, nil
}

// migrate applies what is missing, all in one transaction.
//
// The runner is ours: goose, the library for this, would raise modernc.org/libc
// above the very version that modernc.org/sqlite is built for.
func migrate(ctx context.Context, db *sql.DB) error {
	steps, err := known(migrations, "migrations/sqlite")
	if err != nil {
		return err
	}
	return apply(ctx, db, steps)
}

func apply(ctx context.Context, db *sql.DB, steps []migration) (err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	if _, err = tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS schema_version (
		version INTEGER PRIMARY KEY, name TEXT NOT NULL, at INTEGER NOT NULL)`); err != nil {
		return err
	}
	var have int
	if err = tx.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM schema_version`).Scan(&have); err != nil {
		return err
	}
	if have > len(steps) {
		return fmt.Errorf("the database has schema %d, this program knows %d: it is older than the one that wrote it", have, len(steps))
	}
	for _, m := range steps[have:] {
		if _, err = tx.ExecContext(ctx, m.sql); err != nil {
			return fmt.Errorf("migration %s: %w", m.name, err)
		}
		if _, err = tx.ExecContext(ctx, `INSERT INTO schema_version (version, name, at) VALUES (?, ?, ?)`,
			m.version, m.name, time.Now().UnixMicro()); err != nil {
			return err
		}
	}
	return tx.Commit()
}
