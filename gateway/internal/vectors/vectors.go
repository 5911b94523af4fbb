// Package vectors finds the signed objects made by others, for tests.
package vectors

import (
	"os"
	"path/filepath"
	"testing"
)

// Dir is the folder that the variable KOPIR_VECTORS names, absolute or relative
// to the root of the project. Without it the test is skipped.
func Dir(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("KOPIR_VECTORS")
	if dir == "" {
		t.Skip("KOPIR_VECTORS does not name the folder with the signature vectors")
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(root(t), dir)
	}
	return dir
}

// root is the folder above the test's package that holds go.mod.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		above := filepath.Dir(dir)
		if above == dir {
			t.Fatal("no folder above the test holds go.mod")
		}
		dir = above
	}
}
