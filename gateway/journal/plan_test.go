package journal

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/gateway/store"
)

// TestPruneFindsOldRecordsByIndex: a journal of years is neither read through
// nor sorted to learn what has become old.
func TestPruneFindsOldRecordsByIndex(t *testing.T) {
	t.Parallel()
	db, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "journal.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, query := range []string{sqlOld, sqlUnlink, sqlDrop} {
		args := []any{1, slice}[:strings.Count(query, "?")]
		rows, err := db.Reader().QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = rows.Close() })
		byIndex := false
		for rows.Next() {
			var id, parent, unused int
			var step string
			if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
				t.Fatal(err)
			}
			byIndex = byIndex || strings.Contains(step, "intent_at")
			if strings.HasPrefix(step, "SCAN intent") || strings.HasPrefix(step, "SCAN outcome") || strings.Contains(step, "TEMP B-TREE") {
				t.Errorf("%s: %s", query, step)
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		if !byIndex {
			t.Errorf("%s does not use the index", query)
		}
	}
}
