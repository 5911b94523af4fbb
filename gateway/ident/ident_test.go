package ident

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// ruleOf is the rule an error names, or "" for none.
func ruleOf(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error is a %T, want *ident.Error", err)
	}
	if !strings.HasPrefix(e.Rule, e.Type+".") || e.Text == "" {
		t.Errorf("incomplete error %+v", *e)
	}
	return e.Rule
}

func TestMode(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		want Mode
		rule string
	}{
		{"production", Production, ""},
		{"test", TestStand, ""},
		{"mock", Mock, ""},
		{"Production", Production, "mode.unknown"},
		{"", Production, "mode.unknown"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseMode(tt.name)
			if got != tt.want || ruleOf(t, err) != tt.rule {
				t.Errorf("ParseMode(%q) = %v, %v", tt.name, got, err)
			}
			m := Mock
			if err := m.UnmarshalText([]byte(tt.name)); (err != nil) != (tt.rule != "") {
				t.Errorf("UnmarshalText(%q) = %v", tt.name, err)
			} else if err == nil && m != tt.want || err != nil && m != Mock {
				t.Errorf("UnmarshalText(%q) left %v", tt.name, m)
			}
		})
	}
	if text, err := TestStand.MarshalText(); err != nil || string(text) != "test" {
		t.Errorf("MarshalText = %q, %v", text, err)
	}
	var zero Mode
	if zero != Production {
		t.Error("the zero mode is not the strict one")
	}
}

// TestHiddenFromPrinters holds every printer we use against every type that is
// personal data, alone, in a pointer and in fields of another struct.
func TestHiddenFromPrinters(t *testing.T) {
	t.Parallel()
	iin, err := ParseIIN("991231500006", Production)
	if err != nil {
		t.Fatal(err)
	}
	iban, err := ParseIBAN("KZ146010000TEST00001")
	if err != nil {
		t.Fatal(err)
	}
	code, err := ParseAddressCode("0201300123456789")
	if err != nil {
		t.Fatal(err)
	}
	act, err := ParseActNumber("1990001-А")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		value  any
		secret string
	}{
		{"iin", iin, iin.Reveal()},
		{"iban", iban, iban.Reveal()},
		{"address code", code, code.Reveal()},
		{"act number", act, act.Reveal()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			inside := struct {
				Exported any
				hidden   any
			}{tt.value, tt.value}
			for _, v := range []any{
				tt.value, &tt.value, inside, &inside,
				[]any{tt.value},
				map[string]any{"k": tt.value},
				struct{ i IIN }{iin},
				struct{ a IBAN }{iban},
				struct{ c AddressCode }{code},
				struct{ n ActNumber }{act},
			} {
				for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%c", "%U", "%20v", "%t"} {
					holdsNo(t, verb, fmt.Sprintf(verb, v), tt.secret)
				}
				var log bytes.Buffer
				slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "v", v)
				slog.New(slog.NewTextHandler(&log, nil)).Info("m", "v", v)
				holdsNo(t, "slog", log.String(), tt.secret)
				text, err := json.Marshal(v)
				if err != nil {
					t.Fatal(err)
				}
				holdsNo(t, "json", string(text), tt.secret)
			}
			if got := fmt.Sprint(tt.value); !strings.HasSuffix(got, "(hidden)") {
				t.Errorf("printed as %q", got)
			}
			if got, ok := tt.value.(fmt.GoStringer); !ok || got.GoString() != fmt.Sprint(tt.value) {
				t.Error("GoString differs from String")
			}
			if got, ok := tt.value.(fmt.Stringer); !ok || got.String() != fmt.Sprint(tt.value) {
				t.Error("String differs from Format")
			}
		})
	}
}

func holdsNo(t *testing.T, printer, text, secret string) {
	t.Helper()
	forms := []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), strings.Trim(fmt.Sprintf("%d", []byte(secret)), "[]")}
	for _, form := range forms {
		if strings.Contains(text, form) {
			t.Errorf("%s shows the value", printer)
		}
	}
}

func TestZeroValues(t *testing.T) {
	t.Parallel()
	if (IIN{}).Reveal() != "" || !(IIN{}).IsZero() || (IIN{}).Sex() != 0 || (IIN{}).Synthetic() {
		t.Error("zero IIN")
	}
	if y, m, d := (IIN{}).BirthDate(); y != 0 || m != 0 || d != 0 {
		t.Error("zero IIN has a birth date")
	}
	if (IBAN{}).Reveal() != "" || (IBAN{}).Bank() != "" || !(IBAN{}).IsZero() {
		t.Error("zero IBAN")
	}
	if (AddressCode{}).Reveal() != "" || (AddressCode{}).Usual() || !(AddressCode{}).IsZero() {
		t.Error("zero AddressCode")
	}
	if (ActNumber{}).Reveal() != "" || !(ActNumber{}).IsZero() {
		t.Error("zero ActNumber")
	}
	if (BIN{}).String() != "" || (BIC{}).String() != "" || (BIC{}).Country() != "" || (KATO{}).String() != "" {
		t.Error("a zero public code prints something")
	}
	if !(BIN{}).IsZero() || !(BIC{}).IsZero() || !(KATO{}).IsZero() || !(KATO{}).Region().IsZero() {
		t.Error("a zero public code is not zero")
	}
}
