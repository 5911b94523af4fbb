package api

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/kopir-kz/kopir/gateway/fault"
)

// maxFields bounds the broken rules that one problem document reports.
const maxFields = 32

// check holds a document against the schema of a path. Only place, keyword and
// schema are taken from the validator's errors: its texts can hold values.
func (d *door) check(path string, document map[string]any) []fault.Field {
	return d.hold(d.schemas[path], document)
}

// checkQuery holds a query against the one in the schema of a path. Pointers
// begin with "/query".
func (d *door) checkQuery(path string, query map[string]any) []fault.Field {
	fields := d.hold(d.schemas[path].Properties["query"].Value, query)
	for i := range fields {
		fields[i].Pointer = "/query" + fields[i].Pointer
	}
	return fields
}

// hold lists what of a schema a document breaks.
func (d *door) hold(schema *openapi3.Schema, document map[string]any) []fault.Field {
	err := schema.VisitJSON(document, openapi3.MultiErrors(), openapi3.VisitAsRequest(), openapi3.DisableSchemaErrorDetails(),
		openapi3.WithStringFormatValidator("date", calendarDate{}))
	if err == nil {
		return nil
	}
	seen := map[fault.Field]bool{}
	var fields []fault.Field
	for _, e := range flatten(err) {
		for _, f := range d.fields(e) {
			if !seen[f] {
				seen[f] = true
				fields = append(fields, f)
			}
		}
	}
	slices.SortFunc(fields, func(a, b fault.Field) int {
		return strings.Compare(a.Pointer+"\x00"+a.Rule, b.Pointer+"\x00"+b.Rule)
	})
	return fields[:min(len(fields), maxFields)]
}

// flatten lists the single errors of a validation. An error of another kind
// counts as one that names no place.
func flatten(err error) []*openapi3.SchemaError {
	var many openapi3.MultiError
	if errors.As(err, &many) {
		var all []*openapi3.SchemaError
		for _, e := range many {
			all = append(all, flatten(e)...)
		}
		return all
	}
	var one *openapi3.SchemaError
	if errors.As(err, &one) {
		return []*openapi3.SchemaError{one}
	}
	return []*openapi3.SchemaError{{}}
}

// fields names what one error of the validator means.
func (d *door) fields(e *openapi3.SchemaError) []fault.Field {
	at := e.JSONPointer()
	if e.SchemaField != "properties" || e.Schema == nil {
		return []fault.Field{{Pointer: d.pointer(at), Rule: rule(e)}}
	}
	// An unknown name. The validator tells it in its text only.
	object, _ := e.Value.(map[string]any)
	var unknown []fault.Field
	for name := range object {
		if _, ok := e.Schema.Properties[name]; !ok {
			unknown = append(unknown, fault.Field{Pointer: d.pointer(append(at[:len(at):len(at)], name)), Rule: "field.unknown"})
		}
	}
	return unknown
}

// rule is the id of a broken rule: the schema's own name for the keyword, if it
// has one under x-rules, else the general one.
func rule(e *openapi3.SchemaError) string {
	if e.Schema != nil {
		if own, ok := e.Schema.Extensions["x-rules"].(map[string]any); ok {
			if id, ok := own[e.SchemaField].(string); ok {
				return id
			}
		}
	}
	switch e.SchemaField {
	case "required":
		return "field.required"
	case "type", "nullable":
		return "field.type"
	case "minLength", "maxLength":
		return "field.length"
	default:
		return "field.format"
	}
}

// calendarDate is the format date: RFC 3339 full-date of a day that exists. The
// validator's own accepts 30 February.
type calendarDate struct{}

// Validate tells whether s is such a date.
func (calendarDate) Validate(s string) error {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return defect("no such day")
	}
	return nil
}
