package gateway

import (
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/ident"
)

func TestQueryCheck(t *testing.T) {
	t.Parallel()
	synthetic, err := ident.SyntheticIIN(1990, time.March, 15, ident.Female, 101)
	if err != nil {
		t.Fatal(err)
	}
	const born = Date("1990-03-15")
	iin := synthetic.Reveal()
	for _, tt := range []struct {
		name  string
		query Query
		mode  ident.Mode
		want  []string // pointer and rule
	}{
		{"by IIN", PersonQuery{IIN: iin}, ident.Mock, nil},
		{"by document", PersonQuery{DocumentNumber: "990000001"}, ident.Mock, nil},
		{"by birth date and surname", PersonQuery{BirthDate: born, Surname: "СЫНАҚОВА"}, ident.Mock, nil},
		{"by birth date and given name", PersonQuery{BirthDate: born, GivenName: "АЙГЕРІМ"}, ident.Mock, nil},
		{"by birth date and whole name", PersonQuery{BirthDate: born, Surname: "С", GivenName: "А", SecondName: "Т"}, ident.Mock, nil},
		{"nothing", PersonQuery{}, ident.Mock, []string{" query.mode"}},
		{"IIN and document", PersonQuery{IIN: iin, DocumentNumber: "1"}, ident.Mock, []string{" query.mode"}},
		{"IIN and surname", PersonQuery{IIN: iin, Surname: "С"}, ident.Mock, []string{" query.mode"}},
		{"document and birth date", PersonQuery{DocumentNumber: "1", BirthDate: born}, ident.Mock, []string{" query.mode"}},
		{"birth date alone", PersonQuery{BirthDate: born}, ident.Mock, []string{" query.mode"}},
		{"birth date and patronymic alone", PersonQuery{BirthDate: born, SecondName: "Т"}, ident.Mock, []string{" query.mode"}},
		{"name without birth date", PersonQuery{Surname: "С", GivenName: "А"}, ident.Mock, []string{" query.mode"}},
		{"two broken rules", PersonQuery{IIN: "1", Surname: "С"}, ident.Mock, []string{" query.mode", "/iin iin.length"}},
		{"synthetic IIN in production", PersonQuery{IIN: iin}, ident.Production, []string{"/iin iin.synthetic"}},
		{"real IIN in the mock world", AddressQuery{IIN: "991231500006"}, ident.Mock, []string{"/iin iin.real"}},
		{"address by IIN", AddressQuery{IIN: iin}, ident.TestStand, nil},
		{"address of nobody", AddressQuery{}, ident.TestStand, []string{"/iin iin.length"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			fields := tt.query.Check(tt.mode)
			if len(fields) != len(tt.want) {
				t.Fatalf("got %v, want %v", fields, tt.want)
			}
			for i, f := range fields {
				if f.Pointer+" "+f.Rule != tt.want[i] || f.Detail == "" {
					t.Errorf("got %+v, want %q", f, tt.want[i])
				}
			}
		})
	}
	if s := (PersonQuery{IIN: iin}).Subject(); s != iin {
		t.Error("subject of a person query")
	}
	if s := (AddressQuery{IIN: iin}).Subject(); s != iin {
		t.Error("subject of an address query")
	}
}

func TestFound(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		facts Facts
		want  bool
	}{
		{"no persons", Persons(nil), false},
		{"a person", Persons{{}}, true},
		{"addresses of nobody", Addresses{}, false},
		{"addresses of a person", Addresses{IIN: "991231500006"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.facts.Found() != tt.want {
				t.Errorf("Found() = %v", !tt.want)
			}
		})
	}
}
