// Package store opens the gateway's database and brings its tables up to date.
//
// The engine is SQLite, embedded and without cgo. One handle writes, because
// SQLite has one writer at a time anyway and a queue in front of it is cheaper
// than waiting for its lock; a small pool reads beside it (write-ahead log). A
// committed transaction is on disk: synchronous=FULL.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"modernc.org/sqlite"
)

// Options say where the database is.
type Options struct {
	// Path of the database file. It is made, with mode 0600, if it is absent;
	// its directory must exist. SQLite keeps two more files beside it, with the
	// suffixes -wal and -shm.
	Path string
	// BusyTimeout is how long a statement waits for a lock that another process
	// holds. Zero is 5s.
	BusyTimeout time.Duration
}

const (
	readers     = 4
	defaultBusy = 5 * time.Second
)

// DB is an open database.
type DB struct{ write, read *sql.DB }

// Open checks the file and its directory, opens the database and applies the
// migrations that are missing. It refuses a file that others may read, a
// directory in which others may put another file in its place, and a database
// that a newer version of the program has migrated.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.BusyTimeout == 0 {
		o.BusyTimeout = defaultBusy
	}
	path, err := secure(o.Path)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	d := &DB{}
	if d.write, err = handle(path, o.BusyTimeout, false); err == nil {
		d.read, err = handle(path, o.BusyTimeout, true)
	}
	if err == nil {
		err = migrate(ctx, d.write)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), d.Close())
	}
	return d, nil
}

// Writer is the one handle that writes. A transaction begun on it takes the
// write lock at once, so it cannot fail half-way for want of it.
func (d *DB) Writer() *sql.DB { return d.write }

// Reader is the pool of handles that only read.
func (d *DB) Reader() *sql.DB { return d.read }

// Close ends all handles and folds the write-ahead log into the file.
func (d *DB) Close() error {
	var errs []error
	for _, h := range []*sql.DB{d.read, d.write} { // the writer last: only it may fold
		if h != nil {
			errs = append(errs, h.Close())
		}
	}
	return errors.Join(errs...)
}

// handle makes a pool of one writer or some readers. Every connection sets its
// own pragmas, hence the DSN.
func handle(path string, busy time.Duration, readOnly bool) (*sql.DB, error) {
	q := url.Values{
		"_busy_timeout": {strconv.FormatInt(busy.Milliseconds(), 10)},
		"_journal_mode": {"WAL"},
		"_synchronous":  {"FULL"},
		"_foreign_keys": {"on"},
		"_txlock":       {"immediate"},
		"_defensive":    {"1"},
		// Without it INSERT OR REPLACE would slip past the triggers that keep
		// evidence from being deleted.
		"_pragma": {"recursive_triggers(on)"},
	}
	conns := 1
	if readOnly {
		q.Set("_query_only", "on")
		q.Set("_txlock", "deferred")
		conns = readers
	}
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	c, err := sqlite.NewConnector(dsn.String())
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// secure makes the file if need be and checks who else could get at it. The
// auxiliary files take their mode from the database file.
func secure(path string) (string, error) {
	if path == "" {
		return "", errors.New("no path")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	dir, err := os.Stat(filepath.Dir(path))
	switch {
	case err != nil:
		return "", err
	case !dir.IsDir():
		return "", fmt.Errorf("%s is not a directory", filepath.Dir(path))
	case dir.Mode().Perm()&0o022 != 0 && dir.Mode()&fs.ModeSticky == 0:
		return "", fmt.Errorf("the directory %s is writable by others (mode %04o)", filepath.Dir(path), dir.Mode().Perm())
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", err
	}
	info, err := f.Stat()
	if err := errors.Join(err, f.Close()); err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a regular file", path)
	}
	if p := info.Mode().Perm(); p&0o077 != 0 {
		return "", fmt.Errorf("%s is accessible to others (mode %04o); use chmod 600", path, p)
	}
	return path, nil
}
