package journal_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/journal"
	"github.com/kopir-kz/kopir/gateway/store"
)

func TestMain(m *testing.M) {
	if os.Getenv(childVar) != "" {
		os.Exit(child())
	}
	goleak.VerifyTestMain(m)
}

// iin is a synthetic number with a right check digit.
const iin = "904315401016"

var start = time.Date(2026, 3, 2, 10, 0, 0, 123456000, time.UTC)

func key(t testing.TB) journal.SubjectKey {
	t.Helper()
	k, err := journal.NewSubjectKey(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// open opens store and journal; the returned function closes both, once.
func open(t testing.TB, path string, change ...func(*journal.Options)) (*journal.Journal, *store.DB, func()) {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Path: path, BusyTimeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	o := journal.Options{Store: db, Key: key(t)}
	for _, f := range change {
		f(&o)
	}
	j, err := journal.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	shut := func() {
		once.Do(func() {
			if err := errors.Join(j.Close(), db.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(shut)
	return j, db, shut
}

func tempPath(t testing.TB) string { return filepath.Join(t.TempDir(), "kopir.db") }

func intent(exchange string) journal.Intent {
	return journal.Intent{
		Exchange: exchange, Request: "req-" + exchange, Correlation: "cor-" + exchange,
		Client: "intake", Operation: "person.search", Registry: "GBDFL",
		Purpose: gateway.Purpose{Service: "00601", Case: "2026-000117", LegalBasis: "Order 279, annex 9", Official: "op-0042"},
		At:      start,
	}
}

func outcome(exchange string) journal.Outcome {
	return journal.Outcome{
		Exchange: exchange, At: start.Add(time.Second), Class: "found", MessageID: "msg-1",
		StatusCode: "SCSS001", Attempts: 2, EnvelopeVerdict: "verified", InnerVerdict: "absent", Signer: "CN=SHEP",
		AnswerDigest: strings.Repeat("ab", 32), Duration: 1234 * time.Microsecond,
	}
}

func list(t testing.TB, j *journal.Journal, f journal.Filter) []journal.Entry {
	t.Helper()
	got, err := j.List(context.Background(), f)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func names(entries []journal.Entry) string {
	var out []string
	for _, e := range entries {
		out = append(out, e.Intent.Exchange)
	}
	return strings.Join(out, " ")
}

// must takes the error of a call that has to succeed.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestRecordsComeBackWhole, after a restart too.
func TestRecordsComeBackWhole(t *testing.T) {
	t.Parallel()
	path := tempPath(t)
	j, _, shut := open(t, path)
	one, two := intent("x1"), intent("x2")
	one.SubjectRef = key(t).Ref(iin)
	must(t, j.Begin(t.Context(), one))
	must(t, j.Begin(t.Context(), two))
	must(t, j.End(t.Context(), outcome("x1")))
	shut()

	j, _, _ = open(t, path)
	done := outcome("x1")
	want := []journal.Entry{{Seq: 1, Intent: one, Outcome: &done}, {Seq: 2, Intent: two}}
	if diff := cmp.Diff(want, list(t, j, journal.Filter{})); diff != "" {
		t.Error(diff)
	}
	left, err := j.Unfinished(t.Context())
	if err != nil || names(left) != "x2" {
		t.Errorf("unfinished %q, %v", names(left), err)
	}
}

func TestListFilters(t *testing.T) {
	t.Parallel()
	j, _, _ := open(t, tempPath(t))
	for i := range 4 {
		in := intent(fmt.Sprintf("x%d", i))
		in.At = start.Add(time.Duration(i) * time.Hour)
		if i == 1 {
			in.Client, in.Operation, in.SubjectRef = "portal", "address.search", key(t).Ref(iin)
		}
		must(t, j.Begin(t.Context(), in))
		if i > 1 {
			out := outcome(in.Exchange)
			out.Class = []string{"", "", "not_found", "shep-timeout"}[i]
			must(t, j.End(t.Context(), out))
		}
	}
	for _, tt := range []struct {
		name   string
		filter journal.Filter
		want   string
	}{
		{"all", journal.Filter{}, "x0 x1 x2 x3"},
		{"from is included", journal.Filter{From: start.Add(time.Hour)}, "x1 x2 x3"},
		{"to is not", journal.Filter{To: start.Add(time.Hour)}, "x0"},
		{"exchange", journal.Filter{Exchange: "x2"}, "x2"},
		{"client", journal.Filter{Client: "portal"}, "x1"},
		{"operation", journal.Filter{Operation: "address.search"}, "x1"},
		{"subject", journal.Filter{SubjectRef: key(t).Ref(iin)}, "x1"},
		{"class", journal.Filter{Class: "shep-timeout"}, "x3"},
		{"unfinished", journal.Filter{Unfinished: true}, "x0 x1"},
		{"two conditions", journal.Filter{Unfinished: true, Client: "intake"}, "x0"},
		{"first page", journal.Filter{Limit: 3}, "x0 x1 x2"},
		{"next page", journal.Filter{Limit: 3, After: 3}, "x3"},
		{"quote in a value", journal.Filter{Client: "' OR 1=1 --"}, ""},
	} {
		if got := names(list(t, j, tt.filter)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestWrongRecordsAreDefects: they fail alone, and are not blamed on the disk.
func TestWrongRecordsAreDefects(t *testing.T) {
	t.Parallel()
	j, _, _ := open(t, tempPath(t))
	must(t, j.Begin(t.Context(), intent("x1")))
	must(t, j.End(t.Context(), outcome("x1")))
	plain := intent("x2")
	plain.SubjectRef = iin
	for name, err := range map[string]error{
		"same exchange twice":    j.Begin(t.Context(), intent("x1")),
		"no exchange":            j.Begin(t.Context(), intent("")),
		"subject in plain":       j.Begin(t.Context(), plain),
		"second outcome":         j.End(t.Context(), outcome("x1")),
		"outcome of no exchange": j.End(t.Context(), outcome("none")),
	} {
		if !errors.Is(err, fault.Internal) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := names(list(t, j, journal.Filter{})); got != "x1" {
		t.Errorf("recorded %q", got)
	}
}

// TestConcurrentRecords: all are kept, wrong ones among them do no harm, and
// they share transactions.
func TestConcurrentRecords(t *testing.T) {
	t.Parallel()
	j, _, _ := open(t, tempPath(t))
	const n = 300
	var defects atomic.Int32
	var calls sync.WaitGroup
	for i := range n {
		calls.Go(func() {
			x := fmt.Sprintf("x%d", i)
			if i%10 == 0 {
				if errors.Is(j.End(t.Context(), outcome("none")), fault.Internal) {
					defects.Add(1)
				}
			}
			begun := j.Begin(t.Context(), intent(x))
			first, err := j.FirstSeen(t.Context(), []byte(x), time.Hour)
			if err := errors.Join(begun, err, j.End(t.Context(), outcome(x))); err != nil || !first {
				t.Error(first, err)
			}
		})
	}
	calls.Wait()
	if got := len(list(t, j, journal.Filter{Limit: 2 * n, Class: "found"})); got != n || defects.Load() != n/10 {
		t.Errorf("%d exchanges, %d defects; want %d and %d", got, defects.Load(), n, n/10)
	}
}

// TestT40FailsClosed: whatever keeps the journal from writing, the caller is
// told before anything is sent, and it works again once the cause is gone.
func TestT40FailsClosed(t *testing.T) {
	t.Parallel()
	exec := func(t *testing.T, db *sql.Conn, text string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	// The journal holds the one writing connection, so pragmas of that
	// connection go in before it is opened and what another process would do
	// goes over a connection of its own.
	t.Run("disk full", func(t *testing.T) {
		t.Parallel()
		path := tempPath(t)
		j, db, _ := openLimited(t, path)
		failed := 0
		for i := range 400 {
			in := intent(fmt.Sprintf("x%d", i))
			in.Purpose.LegalBasis = strings.Repeat("long ", 100)
			if err := j.Begin(t.Context(), in); err != nil {
				if !errors.Is(err, fault.JournalUnavailable) {
					t.Fatal(err)
				}
				failed++
			}
		}
		if failed == 0 {
			t.Fatal("the database never was full")
		}
		if got := len(list(t, j, journal.Filter{Limit: 1000})); got != 400-failed {
			t.Errorf("%d records, %d were acknowledged", got, 400-failed)
		}
		wantIntegrity(t, db)
	})
	t.Run("read-only", func(t *testing.T) {
		t.Parallel()
		db, err := store.Open(t.Context(), store.Options{Path: tempPath(t)})
		must(t, err)
		defer db.Close()
		conn, err := db.Writer().Conn(t.Context())
		must(t, err)
		exec(t, conn, "PRAGMA query_only = on")
		must(t, conn.Close())
		j, err := journal.Open(t.Context(), journal.Options{Store: db, Key: key(t)})
		must(t, err)
		defer func() {
			if err := j.Close(); err == nil {
				t.Error("the journal lost a key in silence")
			}
		}()
		if err := j.Begin(t.Context(), intent("x")); !errors.Is(err, fault.JournalUnavailable) {
			t.Errorf("begin: %v", err)
		}
		if _, err := j.FirstSeen(t.Context(), []byte("a"), time.Hour); err != nil {
			t.Errorf("seen: %v", err) // takes effect at once, and is written with the outcome
		}
		if err := j.End(t.Context(), outcome("x")); !errors.Is(err, fault.JournalUnavailable) {
			t.Errorf("end: %v", err)
		}
	})
	t.Run("locked by another process", func(t *testing.T) {
		t.Parallel()
		path := tempPath(t)
		j, _, _ := open(t, path)
		other, err := store.Open(t.Context(), store.Options{Path: path})
		must(t, err)
		defer other.Close()
		tx, err := other.Writer().BeginTx(t.Context(), nil)
		must(t, err)
		for name, err := range map[string]error{
			"begin": j.Begin(t.Context(), intent("x1")),
			"ready": j.Ready(t.Context()),
		} {
			if !errors.Is(err, fault.JournalUnavailable) {
				t.Errorf("%s while locked: %v", name, err)
			}
		}
		must(t, tx.Rollback())
		must(t, j.Ready(t.Context()))
		must(t, j.Begin(t.Context(), intent("x1")))
	})
	t.Run("closed", func(t *testing.T) {
		t.Parallel()
		j, _, shut := open(t, tempPath(t))
		shut()
		if err := j.Begin(t.Context(), intent("x")); !errors.Is(err, fault.JournalUnavailable) {
			t.Errorf("begin: %v", err)
		}
	})
}

// openLimited opens a journal whose database may not grow beyond 64 pages.
func openLimited(t *testing.T, path string) (*journal.Journal, *store.DB, func()) {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Path: path})
	must(t, err)
	_, err = db.Writer().ExecContext(t.Context(), "PRAGMA max_page_count = 64")
	must(t, err)
	j, err := journal.Open(t.Context(), journal.Options{Store: db, Key: key(t)})
	must(t, err)
	shut := sync.OnceFunc(func() { must(t, errors.Join(j.Close(), db.Close())) })
	t.Cleanup(shut)
	return j, db, shut
}

func wantIntegrity(t *testing.T, db *store.DB) {
	t.Helper()
	var verdict string
	must(t, db.Reader().QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict))
	if verdict != "ok" {
		t.Errorf("integrity: %s", verdict)
	}
}

// TestCallersWhoLeave: a cancelled Begin is the caller's doing; a cancelled End
// records all the same.
func TestCallersWhoLeave(t *testing.T) {
	t.Parallel()
	j, _, _ := open(t, tempPath(t))
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := j.Begin(gone, intent("x1")); !errors.Is(err, fault.CallerGone) {
		t.Errorf("begin: %v", err)
	}
	late, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	if err := j.Begin(late, intent("x1")); !errors.Is(err, fault.JournalUnavailable) {
		t.Errorf("begin after the deadline: %v", err)
	}
	must(t, j.Begin(t.Context(), intent("x2")))
	must(t, j.End(gone, outcome("x2")))
	if got := names(list(t, j, journal.Filter{Class: "found"})); got != "x2" {
		t.Errorf("finished: %q", got)
	}
}

// TestRecordsCannotBeChanged with the journal's own database handle.
func TestRecordsCannotBeChanged(t *testing.T) {
	t.Parallel()
	path := tempPath(t)
	j, _, shut := open(t, path)
	must(t, j.Begin(t.Context(), intent("x1")))
	must(t, j.End(t.Context(), outcome("x1")))
	shut()
	db, err := store.Open(t.Context(), store.Options{Path: path})
	must(t, err)
	defer db.Close()
	_, err = db.Writer().ExecContext(t.Context(), `INSERT INTO pruning (at, "before") VALUES (1, 1)`)
	must(t, err)
	for _, text := range []string{
		`UPDATE intent SET client = 'other'`, `DELETE FROM intent`,
		`UPDATE outcome SET class = 'found'`, `DELETE FROM outcome`,
		`UPDATE pruning SET at = 2`, `DELETE FROM pruning`,
		`INSERT OR REPLACE INTO outcome SELECT * FROM outcome`,
	} {
		if _, err := db.Writer().ExecContext(t.Context(), text); err == nil {
			t.Errorf("%s: done", text)
		}
	}
}

// TestT15Replay: a key is new once within its window, over a restart, and for
// one of many callers.
func TestT15Replay(t *testing.T) {
	t.Parallel()
	var now atomic.Int64
	now.Store(start.UnixNano())
	clock := func(o *journal.Options) { o.Clock = func() time.Time { return time.Unix(0, now.Load()) } }
	first := func(j *journal.Journal, key string) bool {
		t.Helper()
		ok, err := j.FirstSeen(context.Background(), []byte(key), time.Hour)
		must(t, err)
		return ok
	}
	path := tempPath(t)
	j, _, shut := open(t, path, clock)
	if !first(j, "a") || first(j, "a") || !first(j, "b") {
		t.Error("first, second and other key are confused")
	}
	shut()
	now.Add(int64(59 * time.Minute))
	j, _, shut = open(t, path, clock)
	if first(j, "a") {
		t.Error("forgotten at the restart")
	}
	now.Add(int64(2 * time.Minute))
	if !first(j, "a") || first(j, "a") {
		t.Error("after its window a key is not new once more")
	}
	var hits atomic.Int32
	var calls sync.WaitGroup
	for range 50 {
		calls.Go(func() {
			if first(j, "race") {
				hits.Add(1)
			}
		})
	}
	calls.Wait()
	if hits.Load() != 1 {
		t.Errorf("%d callers were first", hits.Load())
	}
	shut()
	now.Add(int64(2 * time.Hour))
	_, db, _ := open(t, path, clock)
	waitFor(t, func() bool { return count(t, db, "seen") == 0 })
}

func count(t testing.TB, db *store.DB, table string) (n int) {
	t.Helper()
	must(t, db.Reader().QueryRowContext(context.Background(), "SELECT count(*) FROM "+table).Scan(&n))
	return n
}

// waitFor polls for what the housekeeping goroutine does on its own.
func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	for limit := time.Now().Add(5 * time.Second); !done(); {
		if time.Now().After(limit) {
			t.Fatal("housekeeping did not come round")
		}
	}
}

// TestRetention: what is old goes, with a record; what is not stays, and the
// database protects it as before.
func TestRetention(t *testing.T) {
	t.Parallel()
	path := tempPath(t)
	j, db, shut := open(t, path)
	const old = 1203
	var calls sync.WaitGroup
	for i := range old {
		calls.Go(func() {
			x := fmt.Sprintf("old%d", i)
			if err := j.Begin(context.Background(), intent(x)); err != nil {
				t.Error(err)
			}
			if i%2 == 0 {
				if err := j.End(context.Background(), outcome(x)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	calls.Wait()
	fresh := intent("new")
	fresh.At = start.Add(time.Hour)
	must(t, j.Begin(t.Context(), fresh))
	must(t, j.End(t.Context(), outcome("new")))

	if n, err := j.Prune(t.Context(), start); err != nil || n != 0 || count(t, db, "pruning") != 0 {
		t.Errorf("nothing to prune: %d, %v", n, err)
	}
	if n, err := j.Prune(t.Context(), start.Add(time.Minute)); err != nil || n != old {
		t.Errorf("pruned %d, %v, want %d", n, err, old)
	}
	if got := names(list(t, j, journal.Filter{})); got != "new" || count(t, db, "outcome") != 1 || count(t, db, "pruning") != 1 {
		t.Errorf("left %q, %d outcomes, %d pruning records", got, count(t, db, "outcome"), count(t, db, "pruning"))
	}
	shut()

	_, db, _ = open(t, path, func(o *journal.Options) {
		o.Retention = 24 * time.Hour
		o.Clock = func() time.Time { return start.Add(48 * time.Hour) }
	})
	waitFor(t, func() bool { return count(t, db, "intent") == 0 })
}

// TestT20NoPersonalDataInTheFiles: neither the IIN nor what a careless client
// puts into a free text is found in any byte of any file.
func TestT20NoPersonalDataInTheFiles(t *testing.T) {
	t.Parallel()
	path := tempPath(t)
	j, _, shut := open(t, path)
	in := intent("x1")
	in.SubjectRef = key(t).Ref(iin)
	in.Request, in.Correlation, in.Client = iin, "c"+iin, iin+"-client"
	in.Purpose = gateway.Purpose{Service: iin, Case: "case/" + iin + "/1", LegalBasis: "act " + iin, Official: iin}
	out := outcome("x1")
	out.Signer, out.MessageID, out.StatusCode = "SERIALNUMBER=IIN"+iin, iin, iin
	must(t, j.Begin(t.Context(), in))
	must(t, j.End(t.Context(), out))
	if _, err := j.FirstSeen(t.Context(), []byte(iin), time.Hour); err != nil {
		t.Fatal(err)
	}
	scanFiles := func(when string) {
		files, err := filepath.Glob(path + "*")
		must(t, err)
		for _, f := range files {
			b, err := os.ReadFile(f)
			must(t, err)
			if bytes.Contains(b, []byte(iin)) {
				t.Errorf("%s: %s holds the IIN", when, filepath.Base(f))
			}
		}
	}
	scanFiles("open")
	got := list(t, j, journal.Filter{})[0]
	if want := "case/iin#" + key(t).Ref(iin) + "/1"; got.Intent.Purpose.Case != want {
		t.Errorf("case %q, want %q", got.Intent.Purpose.Case, want)
	}
	shut()
	scanFiles("closed")
}

func TestSubjectKey(t *testing.T) {
	t.Parallel()
	k := key(t)
	other, err := journal.NewSubjectKey(bytes.Repeat([]byte{8}, 32))
	must(t, err)
	if _, err := journal.NewSubjectKey(make([]byte, 31)); err == nil {
		t.Error("a short key was accepted")
	}
	ref := k.Ref(iin)
	if len(ref) != 64 || ref != k.Ref(iin) || ref == other.Ref(iin) || k.Ref("") != "" {
		t.Errorf("ref %q", ref)
	}
	if got := k.LogRef(iin); got != "iin#"+ref[:8] || k.LogRef("") != "" {
		t.Errorf("log ref %q", got)
	}
	if s := fmt.Sprintf("%v %s %#v", k, k, k); strings.Contains(s, "7") {
		t.Errorf("the key is printed: %s", s)
	}
}

func TestMask(t *testing.T) {
	t.Parallel()
	k := key(t)
	ref := "iin#" + k.Ref(iin)
	for _, tt := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"no digits", "Сынақ", "Сынақ"},
		{"alone", iin, ref},
		{"twice", iin + "," + iin, ref + "," + ref},
		{"between letters", "a" + iin + "ә", "a" + ref + "ә"},
		{"part of a longer number", "1" + iin, "1" + iin},
		{"wrong check digit", "904315401017", "904315401017"},
		{"a date and a number", "202603020001", "202603020001"},
		{"eleven digits", iin[:11], iin[:11]},
	} {
		if got := k.Mask(tt.in); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestOpenNeedsStoreAndKey(t *testing.T) {
	t.Parallel()
	if _, err := journal.Open(t.Context(), journal.Options{Key: key(t)}); err == nil {
		t.Error("opened without a store")
	}
	db, err := store.Open(t.Context(), store.Options{Path: tempPath(t)})
	must(t, err)
	if _, err := journal.Open(t.Context(), journal.Options{Store: db}); err == nil {
		t.Error("opened without a key")
	}
	must(t, db.Close())
	if _, err := journal.Open(t.Context(), journal.Options{Store: db, Key: key(t)}); err == nil {
		t.Error("opened on a closed store")
	}
}
