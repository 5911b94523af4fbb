package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// TestEverybody asks every registry about everybody who was written by hand,
// through the whole path, and holds the answers against the golden files, one for
// each operation.
func TestEverybody(t *testing.T) {
	t.Parallel()
	var all map[string][]string
	people := fixedPeople(t)
	synctest.Test(t, func(t *testing.T) {
		all = newOffice(t, people, nil).answers(t, people, people.People())
	})
	for operation, lines := range all {
		holdGolden(t, goldenOf(operation), lines)
	}
}

// holdGolden compares lines with a file, or writes it.
func holdGolden(t *testing.T, file string, lines []string) {
	t.Helper()
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Errorf("%v (-update writes it)", err)
		return
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s: -golden +answers:\n%s", file, diff)
	}
}

// goldenOf is the file with what the registry says about everybody.
func goldenOf(operation string) string {
	return filepath.Join("testdata", "everybody", operation+".jsonl")
}
