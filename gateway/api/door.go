package api

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway/api/internal/rest"
	"github.com/kopir-kz/kopir/gateway/api/internal/strictjson"
	"github.com/kopir-kz/kopir/gateway/fault"
)

// bounds of a JSON document. The deepest field of the contract lies five objects
// and lists deep; a batch of thirty-two questions has fewer than a thousand values.
var bounds = strictjson.Limits{Depth: 16, Values: 1000, Number: 32} //nolint:gochecknoglobals // constant

// door holds request bodies against the contract before anything else sees
// them.
type door struct {
	maxBytes int64
	schemas  map[string]*openapi3.Schema // of requests, by path
	names    map[string]bool             // every property of a request
}

// contract is the HTTP contract, read once and never changed: reading it takes
// longer than everything else that an API needs to start.
var contract = sync.OnceValues(func() (*openapi3.T, error) { //nolint:gochecknoglobals // a constant, made late
	return openapi3.NewLoader().LoadFromData(contracts.OpenAPI())
})

func newDoor(maxBytes int64) (*door, error) {
	doc, err := contract()
	if err != nil {
		return nil, fmt.Errorf("api: read openapi.yaml: %w", err)
	}
	d := &door{maxBytes: maxBytes, schemas: map[string]*openapi3.Schema{}, names: map[string]bool{}}
	for _, r := range rest.Routes() {
		schema := doc.Paths.Value(r.Path).Post.RequestBody.Value.Content["application/json"].Schema.Value
		d.schemas[r.Path] = schema
		d.learn(schema)
	}
	return d, nil
}

// learn collects the names of all properties below a schema.
func (d *door) learn(s *openapi3.Schema) {
	for name, p := range s.Properties {
		d.names[name] = true
		d.learn(p.Value)
	}
	if s.Items != nil {
		d.learn(s.Items.Value)
	}
}

// enter reads and checks the body. Behind it the body is one document that the
// schema accepts, and the generated code binds that very document.
func (s *server) enter(c *gin.Context) {
	document, err := s.door.read(c.Writer, c.Request)
	if err != nil {
		s.fail(c, err)
		return
	}
	if fields := s.door.check(c.FullPath(), document); len(fields) > 0 {
		s.fail(c, &fault.Error{Kind: fault.InvalidRequest, Op: "check request", Fields: fields})
		return
	}
	c.Request.Body = checked{document}
}

// checked is a request body that was read and checked. The generated code asks
// for ValidatedValue and binds it with exact names.
type checked struct{ document map[string]any }

// ValidatedValue is the document.
func (b checked) ValidatedValue() any { return b.document }

// Read finds nothing: nobody reads the bytes a second time.
func (checked) Read([]byte) (int, error) { return 0, io.EOF }

// Close does nothing.
func (checked) Close() error { return nil }

// read gives the JSON object in the body.
func (d *door) read(w http.ResponseWriter, r *http.Request) (map[string]any, error) {
	if !acceptable(r.Header) {
		return nil, fault.New(fault.UnsupportedMediaType, "read request", "")
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, d.maxBytes))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, fault.New(fault.BodyTooLarge, "read request", "")
	case err != nil: // the connection broke; the text may name addresses
		return nil, fault.New(fault.CallerGone, "read request", "the body did not come whole")
	}
	document, err := strictjson.Parse(b, bounds)
	var e *strictjson.Error
	if errors.As(err, &e) {
		field := fault.Field{Pointer: d.pointer(e.Path), Rule: e.Rule}
		return nil, &fault.Error{Kind: fault.MalformedJSON, Op: "read request", Fields: []fault.Field{field}}
	}
	return document, err
}

// acceptable tells whether the body is said to be application/json in UTF-8,
// not compressed. A parameter charset has no meaning for JSON (RFC 8259 section
// 11), but another charset than UTF-8 tells of a body we would misread.
func acceptable(h http.Header) bool {
	types := h.Values("Content-Type")
	if len(types) != 1 || h.Get("Content-Encoding") != "" {
		return false
	}
	media, params, err := mime.ParseMediaType(types[0])
	if err != nil || media != "application/json" {
		return false
	}
	charset, ok := params["charset"]
	return !ok || strings.EqualFold(charset, "utf-8")
}

// pointer writes a path as an RFC 6901 pointer. A name that is not of the
// contract is the caller's text and could be a person's name: it is shown only
// if it looks like a misspelt field or the place in a list, else as "*".
func (d *door) pointer(path []string) string {
	var b strings.Builder
	for _, name := range path {
		b.WriteByte('/')
		if d.names[name] || looksLikeField(name) || looksLikeIndex(name) {
			b.WriteString(name) // neither kind of name holds "~" or "/"
		} else {
			b.WriteByte('*')
		}
	}
	return b.String()
}

// looksLikeIndex tells whether a name can be a place in a list: three digits at
// most, which identify nobody.
func looksLikeIndex(name string) bool {
	return name != "" && len(name) <= 3 && strings.Trim(name, "0123456789") == ""
}

// looksLikeField tells whether a name may be shown although the contract does
// not have it: ASCII letters and underscores only. What matters is what never
// passes: digits, of which identifiers are made, and Cyrillic, in which people
// are named.
func looksLikeField(name string) bool {
	if name == "" || len(name) > 40 {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '_' {
			return false
		}
	}
	return true
}
