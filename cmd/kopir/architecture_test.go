package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/kopir-kz/kopir/"

// root is the top of the project.
const root = "../.."

// A source is one Go file with the folder of its package, relative to root.
type source struct {
	dir, name string
	file      *ast.File
	fset      *token.FileSet
}

func (s source) test() bool { return strings.HasSuffix(s.name, "_test.go") }

// imports lists what the file imports, packages of the project without the
// module's name.
func (s source) imports() (out []string) {
	for _, i := range s.file.Imports {
		out = append(out, strings.TrimPrefix(strings.Trim(i.Path.Value, `"`), module))
	}
	return out
}

func sources(t *testing.T) (out []source) {
	t.Helper()
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && d.Name() != ".." && p != root):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(p) != ".go":
			return nil
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, p, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(p))
		out = append(out, source{filepath.ToSlash(dir), d.Name(), f, fset})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 50 {
		t.Fatalf("only %d Go files were found", len(out))
	}
	return out
}

func under(dir, top string) bool { return dir == top || strings.HasPrefix(dir, top+"/") }

// TestImportsGoDownOnly holds the direction of imports: the gateway knows
// neither the adapters nor the mocks, adapters do not know each other, mocks
// read the contracts on their own, contracts know nobody.
func TestImportsGoDownOnly(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		for _, imp := range s.imports() {
			var why string
			switch {
			case under(s.dir, "gateway") && !s.test() && (under(imp, "adapters") || under(imp, "mocks") || under(imp, "cmd")):
				why = "the gateway does not know who uses it"
			case under(s.dir, "mocks") && under(imp, "adapters"):
				why = "mocks read the contract on their own, or one mistake would be made twice"
			case under(s.dir, "contracts") && !s.test() && slices.Contains([]string{"gateway", "adapters", "mocks", "cmd"}, strings.SplitN(imp, "/", 2)[0]):
				why = "contracts are a leaf"
			case strings.HasPrefix(s.dir, "adapters/") && strings.HasPrefix(imp, "adapters/") && imp != s.dir && !shared(imp):
				why = "adapters do not import each other"
			case strings.HasPrefix(s.dir, "adapters/") && !s.test() && s.dir != "adapters/adaptertest" && doesIO(imp):
				why = "adapters do no I/O"
			case imp == "github.com/gin-gonic/gin" && !under(s.dir, "gateway/api"):
				why = "gin stays in gateway/api"
			case imp == "github.com/russellhaering/goxmldsig" && s.dir != "gateway/xmldsig" && !s.test():
				why = "one package knows goxmldsig"
			}
			if why != "" {
				t.Errorf("%s/%s imports %s: %s", s.dir, s.name, imp, why)
			}
		}
	}
}

// shared names what adapters may have in common.
func shared(imp string) bool {
	return imp == "adapters/adaptertest" || strings.HasPrefix(imp, "adapters/internal/")
}

func doesIO(imp string) bool {
	return slices.Contains([]string{"net", "net/http", "os", "database/sql", "io/fs", "log", "log/slog"}, imp)
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	t.Parallel()
	said := map[string]bool{}
	for _, s := range sources(t) {
		if !s.test() {
			said[s.dir] = said[s.dir] || s.file.Doc != nil
		}
	}
	for dir, ok := range said {
		if !ok {
			t.Errorf("package %s has no package comment", dir)
		}
	}
}

// TestNoHiddenState refuses what makes a program hard to follow or a test
// slow: init functions, sleeping, and variables of packages that are neither
// constant tables nor errors (those carry a note for the linter).
func TestNoHiddenState(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if ast.IsGenerated(s.file) {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Recv == nil && n.Name.Name == "init" {
					t.Errorf("%s has an init function", s.fset.Position(n.Pos()))
				}
			case *ast.SelectorExpr:
				// Under testing/synctest time is virtual and sleeping costs none.
				virtual := slices.Contains(s.imports(), "testing/synctest")
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "time" && n.Sel.Name == "Sleep" && s.test() && !virtual {
					t.Errorf("%s sleeps", s.fset.Position(n.Pos()))
				}
			}
			return true
		})
	}
}

func TestTopLevelIsFixed(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	allowed := []string{"cmd", "gateway", "adapters", "mocks", "contracts", "go.mod", "go.sum", "Dockerfile", "README.md"}
	for _, e := range entries {
		if !slices.Contains(allowed, e.Name()) && !strings.HasPrefix(e.Name(), ".") {
			t.Errorf("%s does not belong to the top level", path.Join("/", e.Name()))
		}
	}
}
