package strictjson

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

var limits = Limits{Depth: 4, Values: 50, Number: 20}

// T26: what two readers of JSON could understand in two ways is refused.
func TestT26Parse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, rule, path string }{
		{"object", `{"query":{"iin":"1"}}`, "", ""},
		{"white space around", " \t\r\n{} \n", "", ""},
		{"all kinds", `{"a":[null,true,false,0,-1.5e3,"x",{}]}`, "", ""},
		{"names that differ in case", `{"iin":1,"IIN":2}`, "", ""},
		{"the same name in two objects", `{"a":{"x":1},"b":{"x":1}}`, "", ""},
		{"surrogate pair", `{"a":"\ud83d\ude00 \uD83D\uDE00"}`, "", ""},
		{"escaped backslash before u", `{"a":"\\ud800"}`, "", ""},
		{"escaped quote", `{"a":"\"\\\""}`, "", ""},

		{"nothing", ``, Empty, ""},
		{"white space only", " \r\n\t", Empty, ""},
		{"byte order mark", "\xef\xbb\xbf{}", UTF8, ""},
		{"Latin-1", "{\"a\":\"\xe9\"}", UTF8, ""},
		{"overlong UTF-8", "{\"a\":\"\xc0\xaf\"}", UTF8, ""},
		{"surrogate in UTF-8", "{\"a\":\"\xed\xa0\x80\"}", UTF8, ""},
		{"UTF-16", "{\x00}\x00", Syntax, ""},
		{"not closed", `{"a":1`, Syntax, ""},
		{"comma at the end", `{"a":1,}`, Syntax, ""},
		{"comment", `{/* */}`, Syntax, ""},
		{"single quotes", `{'a':1}`, Syntax, ""},
		{"name without quotes", `{a:1}`, Syntax, ""},
		{"leading zero", `{"a":01}`, Syntax, ""},
		{"plus", `{"a":+1}`, Syntax, ""},
		{"NaN", `{"a":NaN}`, Syntax, ""},
		{"control character", "{\"a\":\"\x01\"}", Syntax, ""},
		{"wrong escape", `{"a":"\x"}`, Syntax, ""},
		{"second document", `{} {}`, Trailing, ""},
		{"letter after the document", `{}x`, Trailing, ""},
		{"brace after the document", `{}}`, Trailing, ""},
		{"array", `[]`, Object, ""},
		{"string", `"a"`, Object, ""},
		{"null", `null`, Object, ""},
		{"name twice", `{"query":{"iin":"1","iin":"2"}}`, Duplicate, "query/iin"},
		{"name twice, once escaped", `{"iin":"1","\u0069in":"2"}`, Duplicate, "iin"},
		{"name twice in an array", `{"a":[{"x":1,"x":2}]}`, Duplicate, "a/x"},
		{"too deep", `{"a":{"a":{"a":{"a":{}}}}}`, Depth, ""},
		{"too deep in arrays", `{"a":[[[[]]]]}`, Depth, ""},
		{"very deep", strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000), Depth, ""},
		{"deeper than the decoder's own limit", strings.Repeat(`[`, 20000) + strings.Repeat("]", 20000), Syntax, ""},
		{"too many values", `{"a":[` + strings.Repeat("1,", 60) + `1]}`, Size, ""},
		{"long number", `{"n":{"a":` + strings.Repeat("9", 21) + `}}`, Number, "n/a"},
		{"high surrogate alone", `{"a":"\ud800"}`, Surrogate, ""},
		{"low surrogate alone", `{"a":"\udc00"}`, Surrogate, ""},
		{"surrogates in the wrong order", `{"a":"\udc00\ud800"}`, Surrogate, ""},
		{"high surrogate and a letter", `{"a":"\ud83dx"}`, Surrogate, ""},
		{"surrogate in a name", `{"\ud800":1}`, Surrogate, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse([]byte(tt.in), limits)
			var e *Error
			switch {
			case err == nil && tt.rule != "":
				t.Errorf("accepted, want %s", tt.rule)
			case err != nil && !errors.As(err, &e):
				t.Errorf("error %T", err)
			case err != nil && (e.Rule != tt.rule || strings.Join(e.Path, "/") != tt.path):
				t.Errorf("got %s at %q, want %s at %q", e.Rule, e.Path, tt.rule, tt.path)
			}
		})
	}
}

func TestParseGivesTheValues(t *testing.T) {
	t.Parallel()
	got, err := Parse([]byte(`{"a":[null,true,1.50,"x\u0041",{"b":{}}]}`), Limits{})
	want := map[string]any{"a": []any{nil, true, json.Number("1.50"), "xA", map[string]any{"b": map[string]any{}}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v, %v", got, err)
	}
}

// FuzzParse: what is accepted means the same to encoding/json, keeps its meaning
// when written again, and was really valid.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`{"query":{"iin":"904315401016"}}`, `{"a":[null,true,-1.5e3,"\ud83d\ude00"]}`, `{"a":1,"a":2}`, `{"a":"\ud800"}`,
		"\xef\xbb\xbf{}", `{}{}`, `{"a":{"a":{"a":{"a":{}}}}}`, `{"\u0061":1,"a":2}`, `{"a":"\\u"}`, ``,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := Parse(b, limits)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Rule == "" {
				t.Fatalf("error without a rule: %v", err)
			}
			return
		}
		if !utf8.Valid(b) {
			t.Fatal("accepted what is not UTF-8")
		}
		d := json.NewDecoder(strings.NewReader(string(b)))
		d.UseNumber()
		var want map[string]any
		if err := d.Decode(&want); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("encoding/json sees another document: %v", err)
		}
		again, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		second, err := Parse(again, limits)
		if err != nil || !reflect.DeepEqual(got, second) {
			t.Fatalf("written again it is another document: %v", err)
		}
	})
}
