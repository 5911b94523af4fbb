package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kopir-kz/kopir/gateway/shep"
	"github.com/kopir-kz/kopir/mocks/faults"
	"github.com/kopir-kz/kopir/mocks/population"
)

// outcomesFile has a line for each operation and fault: what a caller is told.
var outcomesFile = filepath.Join("testdata", "everybody", "faults.txt") //nolint:gochecknoglobals // a constant

// TestEveryFault lets every fault of the catalogue strike every operation, and
// holds what the caller is told against the golden file. Two things hold whatever
// the file says: a forged signature never gives facts, and no fault of the peer
// comes out as a defect of ours.
func TestEveryFault(t *testing.T) {
	t.Parallel()
	var lines []string
	people := fixedPeople(t)
	for _, operation := range embeddedOperations(t) {
		synctest.Test(t, func(t *testing.T) {
			lines = append(lines, newOffice(t, people, nil).outcomes(t, people, operation)...)
		})
	}
	holdGolden(t, outcomesFile, lines)
}

// outcomes asks one question of an operation under every fault. Between them passes
// as much time as a peer can ask for before it is called again.
func (o *office) outcomes(t *testing.T, people *population.Population, operation string) (lines []string) {
	t.Helper()
	query := o.known(t, people, operation)
	for _, f := range faults.Faults() {
		if err := o.world.Arm(faults.Arming{Fault: f.ID}); err != nil {
			t.Fatal(err)
		}
		got := outcomeOf(t, o.ask(t, operation, query))
		o.world.Clear("")
		lines = append(lines, fmt.Sprintf("%-22s %-34s %s", operation, f.ID, got))
		if got == "internal" || f.Group == faults.Signature && (got == "found" || got == "not_found") {
			t.Errorf("%s under %s: %s", operation, f.ID, got)
		}
		time.Sleep(5 * time.Minute)
	}
	return lines
}

// embeddedOperations are those that there is a profile for, in ascending order.
func embeddedOperations(t *testing.T) (ids []string) {
	t.Helper()
	profiles, err := shep.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range profiles {
		ids = append(ids, p.ID)
	}
	slices.Sort(ids)
	return ids
}

// known is the first question that the registry knows an answer to.
func (o *office) known(t *testing.T, people *population.Population, operation string) map[string]any {
	t.Helper()
	for _, q := range questions(people, operation, people.People()) {
		if outcomeOf(t, o.ask(t, operation, q.query)) == "found" {
			return q.query
		}
	}
	t.Fatalf("%s knows nobody", operation)
	return nil
}

// outcomeOf is the status of an answer, or the code of the problem.
func outcomeOf(t *testing.T, answer json.RawMessage) string {
	t.Helper()
	var a struct{ Status, Problem string }
	if err := json.Unmarshal(answer, &a); err != nil {
		t.Fatal(err)
	}
	return a.Status + a.Problem
}
