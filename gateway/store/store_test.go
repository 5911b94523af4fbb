package store

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, path string) *DB {
	t.Helper()
	d, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// TestPragmas: what the package comment promises is what the connections have.
func TestPragmas(t *testing.T) {
	t.Parallel()
	d := open(t, filepath.Join(t.TempDir(), "100% odd name?#.db"))
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "busy_timeout": "5000", "foreign_keys": "1",
	} {
		for name, h := range map[string]*sql.DB{"writer": d.Writer(), "reader": d.Reader()} {
			var got string
			if err := h.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s %s = %q, %v, want %q", name, pragma, got, err, want)
			}
		}
	}
	if _, err := d.Reader().ExecContext(t.Context(), `DELETE FROM seen`); err == nil {
		t.Error("a reader wrote")
	}
}

func TestFileAndDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "kopir.db")
	d := open(t, path)
	if _, err := d.Writer().ExecContext(t.Context(), `INSERT INTO seen VALUES (x'00', 1)`); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) < 2 {
		t.Fatalf("%v %v: no write-ahead log", files, err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v", f.Name(), info.Mode(), err)
		}
	}

	loose := filepath.Join(dir, "loose.db")
	if err := os.WriteFile(loose, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(loose, 0o640); err != nil {
		t.Fatal(err)
	}
	public := filepath.Join(dir, "public")
	if err := os.Mkdir(public, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(public, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, path, want string }{
		{"no path", "", "no path"},
		{"no directory", filepath.Join(dir, "none", "x.db"), "no such file"},
		{"file as directory", filepath.Join(path, "x.db"), "is not a directory"},
		{"readable by the group", loose, "accessible to others (mode 0640)"},
		{"directory open to all", filepath.Join(public, "x.db"), "writable by others"},
		{"a directory", dir, "directory"},
	} {
		d, err := Open(t.Context(), Options{Path: tt.path})
		if err == nil {
			_ = d.Close()
			t.Errorf("%s: opened", tt.name)
		} else if !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

// TestMigrationsAreAppliedOnce, whole or not at all, and never backwards.
func TestMigrationsAreAppliedOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kopir.db")
	d := open(t, path)
	steps, err := known(migrations, "migrations/sqlite")
	if err != nil {
		t.Fatal(err)
	}
	version := func() (v int) {
		if err := d.Reader().QueryRowContext(t.Context(), `SELECT count(*) FROM schema_version`).Scan(&v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	if err := migrate(t.Context(), d.Writer()); err != nil || version() != len(steps) {
		t.Fatalf("second run: %v, version %d", err, version())
	}
	good := migration{len(steps) + 1, "good", `CREATE TABLE extra (x INTEGER)`}
	bad := migration{len(steps) + 2, "bad", `CREATE TABLE`}
	if err := apply(t.Context(), d.Writer(), append(steps, good, bad)); err == nil || version() != len(steps) {
		t.Errorf("half a migration stayed: %v, version %d", err, version())
	}
	if err := apply(t.Context(), d.Writer(), append(steps, good)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Options{Path: path}); err == nil || !strings.Contains(err.Error(), "older") {
		t.Errorf("a newer database was opened: %v", err)
	}
}

func TestMigrationNumbers(t *testing.T) {
	t.Parallel()
	for _, files := range []fstest.MapFS{
		{"m/0001_a.sql": {}, "m/0003_b.sql": {}},
		{"m/0001_a.sql": {}, "m/0001_b.sql": {}},
		{"m/readme.sql": {}},
	} {
		if _, err := known(files, "m"); err == nil {
			t.Errorf("%v accepted", files)
		}
	}
}
