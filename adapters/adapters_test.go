package adapters

import (
	"testing"

	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway"
)

func TestNew(t *testing.T) {
	t.Parallel()
	all := New(Codes(nil))
	for _, tt := range []struct {
		name  string
		query gateway.Query
	}{
		{PersonSearch, gateway.PersonQuery{}},
		{AddressSearch, gateway.SubjectQuery{IIN: "904315401016"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := all[tt.name]
			if a == nil {
				t.Fatal("the operation has no adapter")
			}
			for _, other := range []gateway.Query{gateway.PersonQuery{}, gateway.SubjectQuery{IIN: "904315401016"}} {
				// The date is missing, so the right query fails too, but later.
				_, err := a.Request(other, gateway.Meta{MessageID: "1"})
				if right := err.Error() == "write request to GBDFL: internal: the message has no date"; right != (other == tt.query) {
					t.Errorf("%T: %v", other, err)
				}
			}
		})
	}
	if len(all) != 2 {
		t.Errorf("%d adapters, 2 operations", len(all))
	}
}

func TestCodes(t *testing.T) {
	t.Parallel()
	lists, err := contracts.Codes()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, list, code string
		known            bool
	}{
		{"on record", "document_type", "002", true},
		{"inferred", "gender", "1", true},
		{"of a standard", "country", "398", true},
		{"of the offline world", "life_status", "1", false},
		{"unknown code", "document_type", "999", false},
		{"without leading zeros", "document_type", "2", false},
		{"unknown list", "court", "711", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			texts, known := Codes(lists).Lookup(tt.list, tt.code)
			if known != tt.known || (texts.KK != "" && texts.RU != "" && texts.EN != "") != tt.known {
				t.Errorf("Lookup = %+v, %v", texts, known)
			}
		})
	}
}
