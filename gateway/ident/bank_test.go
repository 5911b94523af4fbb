package ident

import "testing"

func TestBanks(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for code, bic := range Banks() {
		b, err := ParseBIC(bic)
		if err != nil || b.Country() != "KZ" || len(code) != 3 || !digitsOnly(code) {
			t.Errorf("%s %s: %v", code, bic, err)
		}
		if other := seen[bic]; other != "" {
			t.Errorf("%s has two codes, %s and %s", bic, other, code)
		}
		seen[bic] = code
	}
	if len(seen) != 15 {
		t.Errorf("%d organisations", len(seen))
	}
}

func TestBICOfAnAccount(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, iban, bic string }{
		{"Halyk", "KZ146010000TEST00001", "HSBKKZKX"},
		{"Kaspi", "KZ287220000TEST00001", "CASPKZKA"},
		// One public list has this BIC for Kaspi; it is wrong.
		{"CenterCredit", "KZ908560000TEST00001", "KCJBKZKX"},
		{"Kazpost", "KZ085630000TEST00001", "KPSTKZKA"},
		{"nobody we know", "KZ369990000TEST00001", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a, err := ParseIBAN(tt.iban)
			if err != nil {
				t.Fatal(err)
			}
			if got := a.BIC(); got.String() != tt.bic || got.IsZero() != (tt.bic == "") {
				t.Errorf("BIC %q", got)
			}
		})
	}
	if !(IBAN{}).BIC().IsZero() {
		t.Error("no account has a bank")
	}
}

func TestSameParty(t *testing.T) {
	t.Parallel()
	bic := func(s string) BIC {
		b, err := ParseBIC(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, tt := range []struct {
		name string
		a, b BIC
		same bool
	}{
		{"one", bic("HSBKKZKX"), bic("HSBKKZKX"), true},
		{"head and branch", bic("HSBKKZKX"), bic("HSBKKZKXALM"), true},
		{"two branches", bic("HSBKKZKXXXX"), bic("HSBKKZKXALM"), true},
		{"two banks", bic("HSBKKZKX"), bic("CASPKZKA"), false},
		{"another place", bic("HSBKKZKX"), bic("HSBKKZ2A"), false},
		{"nobody and somebody", BIC{}, bic("CASPKZKA"), false},
		{"nobody twice", BIC{}, BIC{}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.a.SameParty(tt.b) != tt.same || tt.b.SameParty(tt.a) != tt.same {
				t.Errorf("same: %v", !tt.same)
			}
		})
	}
}

func TestParseActNumber(t *testing.T) {
	t.Parallel()
	long := "12345678901234567890123456789012"
	for _, tt := range []struct{ name, in, rule string }{
		{"digits", "1990001", ""},
		{"letter behind", "17-А", ""},
		{"slash", "71/2025/001", ""},
		{"Kazakh letter", "1Ә", ""},
		{"as long as can be", long, ""},
		{"too long", long + "1", "act_number.length"},
		{"empty", "", "act_number.length"},
		{"space", "19 90001", "act_number.characters"},
		{"number sign", "№1", "act_number.characters"},
		{"mark-up", "<1>", "act_number.characters"},
		{"other digits", "१", "act_number.characters"},
		{"no digit", "АБВ", "act_number.digits"},
		{"broken UTF-8", "1\xff", "act_number.characters"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n, err := ParseActNumber(tt.in)
			if got := ruleOf(t, err); got != tt.rule {
				t.Fatalf("rule %q, want %q", got, tt.rule)
			}
			if err == nil && n.Reveal() != tt.in || err != nil && !n.IsZero() {
				t.Error("Reveal differs from the input")
			}
		})
	}
}
