package cache_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/gateway/pki/revocation/internal/cache"
)

var now = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// Names of files.
var (
	answer = strings.Repeat("a1", 32) + cache.Answer
	list   = strings.Repeat("0f", 32) + cache.List
)

func open(t testing.TB, dir string) cache.Folder {
	t.Helper()
	d, err := cache.Open(dir, now)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestWhatIsWrittenIsRead, whatever it is, and its time; no more than the limit.
func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := open(t, dir)
	rapid.Check(t, func(rt *rapid.T) {
		content := rapid.SliceOf(rapid.Byte()).Draw(rt, "content")
		fetched := time.Unix(rapid.Int64Range(-1<<40, 1<<40).Draw(rt, "fetched"), 0)
		name := rapid.SampledFrom([]string{answer, list}).Draw(rt, "name")
		if err := d.Write(name, content, fetched, now.Add(time.Hour)); err != nil {
			rt.Fatal(err)
		}
		got, at, ok := open(t, dir).Read(name, len(content))
		if !ok || !bytes.Equal(got, content) || !at.Equal(fetched) {
			rt.Fatalf("%x, %v, %v", got, at, ok)
		}
		if len(content) > 0 {
			if _, _, ok := d.Read(name, len(content)-1); ok {
				rt.Fatal("longer than the limit")
			}
		}
	})
}

func TestEdges(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := open(t, dir)
	if _, _, ok := d.Read(answer, 10); ok {
		t.Error("read before it was written")
	}
	for _, until := range []time.Time{now, now.Add(time.Second)} {
		if err := d.Write(answer, []byte("x"), now, until); err != nil {
			t.Fatal(err)
		}
		if _, _, ok := open(t, dir).Read(answer, 10); ok != until.After(now) {
			t.Errorf("of use until %v: %v", until, ok)
		}
	}
	d.Remove(answer)
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("%v, %v", left, err)
	}
	if err := d.Write(filepath.Join("none", answer), nil, now, now); err == nil {
		t.Error("written into a folder that is not there")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("a temporary file stays behind: %v, %v", left, err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := d.Write(answer, nil, now, now); err == nil {
		t.Error("written into a folder that is gone")
	}
	var none cache.Folder
	if err := none.Write(answer, nil, now, now); err != nil {
		t.Error(err)
	}
	if _, _, ok := none.Read(answer, 10); ok {
		t.Error("a cache without a folder keeps something")
	}
	none.Remove(answer)
}

// TestFull: what is there already may be written anew, and what goes makes room.
func TestFull(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := func(i int) string { return fmt.Sprintf("%064x", i) + cache.Answer }
	for i := range 2 {
		if err := open(t, dir).Write(name(i), nil, now, now.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	d := open(t, dir).AtMost(3)
	write := func(i int, want error) {
		t.Helper()
		if err := d.Write(name(i), nil, now, now.Add(time.Hour)); !errors.Is(err, want) {
			t.Errorf("%d: %v, want %v", i, err, want)
		}
	}
	write(2, nil)
	write(3, cache.ErrFull)
	write(1, nil)
	d.Remove(name(0))
	d.Remove(name(0))
	write(3, nil)
	write(4, cache.ErrFull)
}

// BenchmarkWriteBesideMany: what is kept costs no more where much is kept already.
func BenchmarkWriteBesideMany(b *testing.B) {
	dir := b.TempDir()
	for i := range 20_000 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d", i)), nil, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	d := open(b, dir)
	i := 0
	for b.Loop() {
		i++
		if err := d.Write(fmt.Sprintf("%064x", i)+cache.Answer, []byte("x"), now, now.Add(time.Hour)); err != nil {
			b.Fatal(err)
		}
	}
}
