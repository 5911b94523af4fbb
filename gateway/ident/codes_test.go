package ident

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseBIN(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, rule string }{
		{"resident head", "991240000003", ""},
		{"resident branch", "991241000009", ""},
		{"non-resident", "991250000008", ""},
		{"joint enterprise", "991260000002", ""},
		{"short", "99124000000", "bin.length"},
		{"letter", "99124000000A", "bin.digits"},
		{"month 13", "991340000003", "bin.month"},
		{"month 0", "990040000003", "bin.month"},
		{"an IIN", "991231500006", "bin.kind"},
		{"kind 7", "991270000003", "bin.kind"},
		{"part 4", "991244000003", "bin.part"},
		{"check digit", "991240000004", "bin.check_digit"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b, err := ParseBIN(tt.in)
			if got := ruleOf(t, err); got != tt.rule {
				t.Fatalf("rule %q, want %q", got, tt.rule)
			}
			if err == nil && b.String() != tt.in {
				t.Error("String differs from the input")
			}
		})
	}
}

func TestParseIBAN(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, rule string }{
		{"bank 601", "KZ146010000TEST00001", ""},
		{"bank 722", "KZ287220000TEST00001", ""},
		{"bank 856", "KZ908560000TEST00001", ""},
		{"bank 563", "KZ085630000TEST00001", ""},
		{"short", "KZ146010000TEST0000", "iban.length"},
		{"grouped", "KZ14 6010 000T EST0 0", "iban.length"},
		{"spaces inside", "KZ14 6010 000TEST000", "iban.characters"},
		{"other country", "DE146010000TEST00001", "iban.country"},
		{"lower case country", "kz146010000TEST00001", "iban.country"},
		{"lower case", "KZ146010000test00001", "iban.characters"},
		{"letters for check digits", "KZAB6010000TEST00001", "iban.characters"},
		{"letters for the bank", "KZ14ABC0000TEST00001", "iban.bank"},
		{"two digits swapped", "KZ416010000TEST00001", "iban.check_digits"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a, err := ParseIBAN(tt.in)
			if got := ruleOf(t, err); got != tt.rule {
				t.Fatalf("rule %q, want %q", got, tt.rule)
			}
			if err == nil && (a.Reveal() != tt.in || a.Bank() != tt.in[4:7]) {
				t.Error("Reveal or Bank differs from the input")
			}
		})
	}
}

// TestIBANByBigNumbers: exactly one pair of check digits passes for an account,
// and it is 98 minus the remainder computed with one big number.
func TestIBANByBigNumbers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rest := rapid.StringMatching(`[0-9]{3}[0-9A-Z]{13}`).Draw(t, "account")
		var decimal strings.Builder
		for _, c := range rest + "KZ00" {
			if c >= 'A' {
				fmt.Fprintf(&decimal, "%d", c-'A'+10)
			} else {
				decimal.WriteRune(c)
			}
		}
		n, ok := new(big.Int).SetString(decimal.String(), 10)
		if !ok {
			t.Fatal("not a number")
		}
		want := fmt.Sprintf("%02d", 98-n.Mod(n, big.NewInt(97)).Int64())
		for check := range 100 {
			digits := fmt.Sprintf("%02d", check)
			if _, err := ParseIBAN("KZ" + digits + rest); (err == nil) != (digits == want) {
				t.Fatalf("check digits %s: %v, want only %s", digits, err, want)
			}
		}
	})
}

func TestParseBIC(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, rule string }{
		{"eight", "HSBKKZKX", ""},
		{"treasury", "KKMFKZ2A", ""},
		{"eleven", "HSBKKZKXXXX", ""},
		{"nine", "HSBKKZKXX", "bic.length"},
		{"empty", "", "bic.length"},
		{"lower case", "hsbkkzkx", "bic.characters"},
		{"digit in the country", "HSBK1ZKX", "bic.country"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b, err := ParseBIC(tt.in)
			if got := ruleOf(t, err); got != tt.rule {
				t.Fatalf("rule %q, want %q", got, tt.rule)
			}
			if err == nil && (b.String() != tt.in || b.Country() != "KZ") {
				t.Error("String or Country differs from the input")
			}
		})
	}
}

func TestParseKATO(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, region, rule string }{
		{"region", "110000000", "110000000", ""},
		{"settlement", "111033100", "110000000", ""},
		{"code of ГБД ФЛ", "1907012", "", "kato.length"},
		{"letter", "11103310O", "", "kato.digits"},
		{"no region", "001033100", "", "kato.region"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k, err := ParseKATO(tt.in)
			if got := ruleOf(t, err); got != tt.rule {
				t.Fatalf("rule %q, want %q", got, tt.rule)
			}
			if err == nil && (k.String() != tt.in || k.Region().String() != tt.region) {
				t.Error("String or Region differs from the input")
			}
		})
	}
}

func TestParseAddressCode(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, in string
		usual    bool
		rule     string
	}{
		{"usual", "0201300123456789", true, ""},
		{"shorter", "02013001", false, ""},
		{"not decimal", "02013001A3456789", false, ""},
		{"empty", "", false, "address_code.length"},
		{"huge", strings.Repeat("1", 65), false, "address_code.length"},
		{"space", "0201 3001", false, "address_code.characters"},
		{"markup", "<script>", false, "address_code.characters"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := ParseAddressCode(tt.in)
			if got := ruleOf(t, err); got != tt.rule {
				t.Fatalf("rule %q, want %q", got, tt.rule)
			}
			if err == nil && (c.Reveal() != tt.in || c.Usual() != tt.usual) {
				t.Error("Reveal or Usual differs")
			}
		})
	}
}

func TestPublicCodesPrint(t *testing.T) {
	t.Parallel()
	bin, err1 := ParseBIN("991240000003")
	bic, err2 := ParseBIC("HSBKKZKX")
	kato, err3 := ParseKATO("110000000")
	if err1 != nil || err2 != nil || err3 != nil {
		t.Fatal(err1, err2, err3)
	}
	text, err := json.Marshal([]any{bin, bic, kato})
	if err != nil || string(text) != `["991240000003","HSBKKZKX","110000000"]` {
		t.Errorf("JSON is %s, %v", text, err)
	}
}

func FuzzParseBIN(f *testing.F) {
	f.Add("991240000003")
	f.Add("991231500006")
	f.Fuzz(func(t *testing.T, s string) {
		b, err := ParseBIN(s)
		if err == nil && (b.String() != s || !digitsOnly(s)) {
			t.Fatal("accepted in another spelling")
		}
		if _, iin := ParseIIN(s, TestStand); err == nil && iin == nil {
			t.Fatal("both a BIN and an IIN")
		}
	})
}

func FuzzParseIBAN(f *testing.F) {
	f.Add("KZ146010000TEST00001")
	f.Add("KZ14 6010 000T EST0 0001")
	f.Fuzz(func(t *testing.T, s string) {
		if a, err := ParseIBAN(s); err == nil && (a.Reveal() != s || strings.ToUpper(s) != s) {
			t.Fatal("accepted in another spelling")
		}
	})
}

// FuzzParseCodes covers the soft types: what is accepted comes back unchanged
// and is safe to show.
func FuzzParseCodes(f *testing.F) {
	f.Add("HSBKKZKX")
	f.Add("110000000")
	f.Add("0201300123456789")
	f.Fuzz(func(t *testing.T, s string) {
		if b, err := ParseBIC(s); err == nil && b.String() != s {
			t.Fatal("BIC changed")
		}
		if k, err := ParseKATO(s); err == nil && (k.String() != s || k.Region().IsZero()) {
			t.Fatal("KATO changed")
		}
		if c, err := ParseAddressCode(s); err == nil && (c.Reveal() != s || strings.ContainsAny(s, "<>&\"' \n\r")) {
			t.Fatal("address code changed or unsafe")
		}
	})
}
