package config_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/kopir-kz/kopir/gateway/config"
	"github.com/kopir-kz/kopir/gateway/shep"
)

var update = flag.Bool("update", false, "write schema.json anew from the comments")

// TestSchemaIsWhatTheCommentsSay: schema.json is made from the Go types and
// their comments, and a setting without a comment has no place in it.
func TestSchemaIsWhatTheCommentsSay(t *testing.T) {
	t.Parallel()
	d := docs{}
	d.read(t, ".")
	d.read(t, filepath.Join("..", "shep"))

	services, err := shep.Profile{}.WithDefaults()
	must(t, err)
	def := config.Default()
	def.Services = []shep.Profile{services}
	root := d.object(t, reflect.TypeFor[config.Config](), tree(t, def))
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "Settings of the Kopir gateway"

	var want bytes.Buffer
	e := json.NewEncoder(&want)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	must(t, e.Encode(root))
	if *update {
		must(t, os.WriteFile("schema.json", want.Bytes(), 0o644))
	}
	if !bytes.Equal(want.Bytes(), config.Schema()) && !*update {
		t.Error("schema.json is not what the comments say; run go test ./gateway/config -update")
	}
}

// tree is the defaults as YAML sees them.
func tree(t *testing.T, c config.Config) any {
	t.Helper()
	b, err := yaml.Marshal(c)
	must(t, err)
	var out any
	must(t, yaml.Unmarshal(b, &out))
	return out
}

// docs holds the comments of types and fields by "package.Type" and
// "package.Type.Field".
type docs map[string]string

func (d docs) read(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	must(t, err)
	fset := token.NewFileSet()
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		must(t, err)
		for _, decl := range f.Decls {
			g, ok := decl.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range g.Specs {
				if s, ok := spec.(*ast.TypeSpec); ok {
					d.add(f.Name.Name+"."+s.Name.Name, g.Doc, s, fset)
				}
			}
		}
	}
}

func (d docs) add(name string, doc *ast.CommentGroup, spec *ast.TypeSpec, fset *token.FileSet) {
	d[name] = words(doc.Text())
	s, ok := spec.Type.(*ast.StructType)
	if !ok {
		return
	}
	above, line := "", 0
	for _, f := range s.Fields.List {
		text := words(f.Doc.Text())
		if text == "" {
			text = words(f.Comment.Text())
		}
		// Two settings right below each other may share a comment that names both.
		if start := fset.Position(f.Pos()).Line; text == "" && start == line+1 {
			text = above
		}
		for _, n := range f.Names {
			d[name+"."+n.Name] = text
		}
		above, line = text, fset.Position(f.End()).Line
	}
}

func words(s string) string { return strings.Join(strings.Fields(s), " ") }

// object describes a struct; def are the default values of its settings.
func (d docs) object(t *testing.T, typ reflect.Type, def any) map[string]any {
	t.Helper()
	props := map[string]any{}
	d.fields(t, typ, def, props)
	return map[string]any{"type": "object", "additionalProperties": false, "properties": props}
}

func (d docs) fields(t *testing.T, typ reflect.Type, def any, props map[string]any) {
	values, _ := def.(map[string]any)
	for i := range typ.NumField() {
		f := typ.Field(i)
		key, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if strings.Contains(options, "inline") {
			d.fields(t, f.Type, def, props)
			continue
		}
		s := d.value(t, f.Type, values[key])
		text := d[typ.String()+"."+f.Name]
		if text == "" {
			text = d[f.Type.String()]
		}
		if text == "" && typ.PkgPath() != reflect.TypeFor[config.Config]().PkgPath() {
			text = d[typ.String()] // key and value of a pair that is described as a whole
		}
		if text == "" {
			t.Errorf("%s.%s: the setting %s has no comment", typ, f.Name, key)
		}
		// Go names the field, the settings file the key.
		if rest, ok := strings.CutPrefix(text, f.Name+" "); ok {
			text = key + " " + rest
		}
		s["description"] = text
		props[key] = s
	}
}

func (d docs) value(t *testing.T, typ reflect.Type, def any) map[string]any {
	t.Helper()
	var s map[string]any
	switch {
	case typ == reflect.TypeFor[shep.Duration]():
		s = map[string]any{"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h))+$`}
	case typ.Kind() == reflect.Struct:
		return d.object(t, typ, def)
	case typ.Kind() == reflect.Slice:
		var element any
		if list, ok := def.([]any); ok && len(list) > 0 && typ.Elem().Kind() == reflect.Struct {
			element, def = list[0], nil
		}
		s = map[string]any{"type": "array", "items": d.value(t, typ.Elem(), element)}
	case typ.Kind() == reflect.String:
		s = map[string]any{"type": "string"}
	case typ.Kind() == reflect.Bool:
		s = map[string]any{"type": "boolean"}
	case typ.Kind() == reflect.Float64:
		s = map[string]any{"type": "number"}
	case typ.Kind() == reflect.Int, typ.Kind() == reflect.Int64:
		s = map[string]any{"type": "integer"}
	default:
		t.Fatalf("%s has no place in a settings file", typ)
	}
	if v := reflect.ValueOf(def); v.IsValid() && !v.IsZero() {
		s["default"] = def
	}
	return s
}
