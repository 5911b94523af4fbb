// Package vectors finds the signed objects made by others, for tests.
package vectors

import (
	"os"
	"path/filepath"
	"testing"
)

// Dir is the folder that the variable KOPIR_VECTORS names, absolute or relative
// to the root of the project. Without it the test is skipped. It is for tests of
// packages directly under gateway.
func Dir(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("KOPIR_VECTORS")
	if dir == "" {
		t.Skip("KOPIR_VECTORS does not name the folder with the signature vectors")
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join("..", "..", dir)
	}
	return dir
}
