package journal_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/journal"
	"github.com/kopir-kz/kopir/gateway/store"
)

// A crash test runs the test binary again as a process of its own. The variable
// holds the database path and, after a colon, how large a file it may write.
const childVar = "KOPIR_JOURNAL_CHILD"

// child begins exchanges, says so after each, ends every other one, and goes on
// until it is killed or cannot write.
func child() int {
	path, limit, _ := strings.Cut(os.Getenv(childVar), ":")
	if err := record(path, limit); err != nil {
		fmt.Println("stopped", err)
		return 1
	}
	return 0
}

func record(path, limit string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, store.Options{Path: path})
	if err != nil {
		return err
	}
	k, err := journal.NewSubjectKey(make([]byte, 32))
	if err != nil {
		return err
	}
	j, err := journal.Open(ctx, journal.Options{Store: db, Key: k})
	if err != nil {
		return err
	}
	if err := limitFiles(limit); err != nil {
		return err
	}
	for i := range 2000 {
		x := fmt.Sprintf("x%d", i)
		if err := j.Begin(ctx, intent(x)); err != nil {
			return err
		}
		fmt.Println("begun", x)
		if first, err := j.FirstSeen(ctx, []byte(x), time.Hour); err != nil || !first {
			return fmt.Errorf("seen before: %w", err)
		}
		if i%2 == 0 {
			if err := j.End(ctx, outcome(x)); err != nil {
				return err
			}
			fmt.Println("ended", x)
		}
	}
	return errors.New("nobody stopped the child")
}

// limitFiles makes every write beyond a file size fail, as a full disk would.
func limitFiles(limit string) error {
	if limit == "" {
		return nil
	}
	n, err := strconv.ParseUint(limit, 10, 64)
	if err != nil {
		return err
	}
	signal.Ignore(syscall.SIGXFSZ)
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: n})
}

// runChild starts the child, kills it after so many lines (0: lets it end), and
// gives the exchanges it said were begun and ended.
func runChild(t *testing.T, arg string, killAfter int) (begun, ended map[string]bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childVar+"="+arg)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	begun, ended = map[string]bool{}, map[string]bool{}
	lines := bufio.NewScanner(out)
	for n := 1; lines.Scan(); n++ {
		switch word, x, _ := strings.Cut(lines.Text(), " "); word {
		case "begun":
			begun[x] = true
		case "ended":
			ended[x] = true
		case "stopped":
			t.Log(x)
		}
		if n == killAfter {
			must(t, cmd.Process.Kill()) // SIGKILL; lines still in the pipe are read on
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the child ended by itself")
	}
	return begun, ended
}

// wantRecorded reopens the journal of a child and looks for everything that the
// child was told is on disk.
func wantRecorded(t *testing.T, path string, begun, ended map[string]bool) {
	t.Helper()
	j, db, shut := open(t, path)
	defer shut()
	wantIntegrity(t, db)
	found := map[string]*journal.Outcome{}
	for _, e := range list(t, j, journal.Filter{Limit: 10_000}) {
		found[e.Intent.Exchange] = e.Outcome
	}
	for x := range begun {
		out, ok := found[x]
		if !ok {
			t.Errorf("%s was begun and left no intent", x)
		}
		if ended[x] && out == nil {
			t.Errorf("%s was ended and left no outcome", x)
		}
		if first, err := j.FirstSeen(t.Context(), []byte(x), time.Hour); ended[x] && (first || err != nil) {
			t.Errorf("the answer of %s could be replayed: %v", x, err)
		}
	}
}

// TestT39KilledBetweenSendAndRecord: after kill -9 at any moment every exchange
// that could have been sent has its intent, and those without an outcome are
// listed.
func TestT39KilledBetweenSendAndRecord(t *testing.T) {
	t.Parallel()
	for _, after := range []int{1, 2, 3, 4, 7, 20, 61, 150} {
		path := filepath.Join(t.TempDir(), "kopir.db")
		begun, ended := runChild(t, path, after)
		if len(begun) == 0 {
			t.Fatal("the child began nothing")
		}
		wantRecorded(t, path, begun, ended)

		j, _, shut := open(t, path)
		entries := list(t, j, journal.Filter{Unfinished: true, Limit: 10_000})
		shut()
		open := map[string]bool{}
		for _, e := range entries {
			open[e.Intent.Exchange] = true
		}
		if !open["x1"] && begun["x1"] {
			t.Errorf("after %d lines: x1 was never ended and is not listed", after)
		}
	}
}

// TestDiskFullAtEveryStep: wherever the disk ends, what was acknowledged is
// there, and the database is sound.
func TestDiskFullAtEveryStep(t *testing.T) {
	t.Parallel()
	stopped := 0
	for size := 64 << 10; size <= 160<<10; size += 4096 + 997 { // ends in the middle of pages
		path := filepath.Join(t.TempDir(), "kopir.db")
		begun, ended := runChild(t, path+":"+strconv.Itoa(size), 0)
		if len(begun) > 0 {
			stopped++
		}
		wantRecorded(t, path, begun, ended)
	}
	if stopped == 0 {
		t.Error("no child began anything: the sizes are too small")
	}
}
