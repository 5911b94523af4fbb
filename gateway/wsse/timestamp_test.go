package wsse_test

import (
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
)

// TestTimestampNamesEachMomentOnce: of two, one reader takes the first and
// another the last.
func TestTimestampNamesEachMomentOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	signed := string(w.sign(t, envelope, wsse.SignOptions{}))
	const created, expires = "<u:Created>2026-11-01T12:00:00Z</u:Created>", "<u:Expires>2026-11-01T12:01:00Z</u:Expires>"
	for name, tt := range map[string]struct {
		content string
		want    xmldsig.Class
	}{
		"once":          {created + expires, ""},
		"other order":   {expires + created, ""},
		"more beside":   {created + expires + "<x/>", ""},
		"created twice": {created + created + expires, xmldsig.ClassFreshness},
		"expires twice": {created + expires + "<u:Expires>2026-10-01T12:01:00Z</u:Expires>", xmldsig.ClassFreshness},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stamp := `<u:Timestamp xmlns:u="` + wsse.NamespaceUtility + `">` + tt.content + `</u:Timestamp>`
			_, err := w.verify([]byte(strings.Replace(signed, "<ds:Signature ", stamp+"<ds:Signature ", 1)))
			if classOf(err) != tt.want || (tt.want == "" && err != nil) {
				t.Errorf("want class %q, got %v", tt.want, err)
			}
		})
	}
}
