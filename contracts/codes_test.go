package contracts

import (
	"strings"
	"testing"
)

// TestBrokenLists: a list that is not whole is refused when it is loaded.
func TestBrokenLists(t *testing.T) {
	t.Parallel()
	texts := Texts{KK: "Бір", RU: "Один", EN: "One"}
	for _, tt := range []struct {
		name   string
		change func(*Dictionary)
		want   string // part of the error, "" for none
	}{
		{"whole", func(*Dictionary) {}, ""},
		{"of no registry", func(d *Dictionary) { d.Registry, d.Element = "", "" }, ""},
		{"id of another file", func(d *Dictionary) { d.ID = "other" }, "its id"},
		{"no source", func(d *Dictionary) { d.Source = "" }, "source"},
		{"title without Kazakh", func(d *Dictionary) { d.Title.KK = "" }, "title"},
		{"registry without element", func(d *Dictionary) { d.Element = "" }, "come together"},
		{"element without registry", func(d *Dictionary) { d.Registry = "" }, "come together"},
		{"empty code", func(d *Dictionary) { d.Codes[0].Code = "" }, "empty"},
		{"code twice", func(d *Dictionary) { d.Codes = append(d.Codes, d.Codes[0]) }, "twice"},
		{"code without English", func(d *Dictionary) { d.Codes[0].EN = "" }, "three texts"},
		{"origin that is none", func(d *Dictionary) { d.Codes[0].Origin = "hearsay" }, "hearsay"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := Dictionary{
				ID: "list", Title: texts, Registry: "GBDFL", Element: "a/b", Source: "Public record.",
				Codes: []Code{{Code: "1", Origin: "record", Texts: texts}},
			}
			tt.change(&d)
			err := d.check("list.yaml")
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
