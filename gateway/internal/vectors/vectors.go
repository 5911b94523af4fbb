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
	if filepath.IsAbs(dir) {
		return dir
	}
	root := "."
	for range 8 { // tests run in the folder of their package
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			return filepath.Join(root, dir)
		}
		root = filepath.Join(root, "..")
	}
	t.Fatal("the root of the project is not above the test")
	return ""
}
