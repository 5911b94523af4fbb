package adapters

import (
	"reflect"
	"testing"

	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway"
)

func TestNew(t *testing.T) {
	t.Parallel()
	all := New(Codes(nil))
	const iin = "904315401016"
	rows := []struct {
		name, registry string
		query          gateway.Query
	}{
		{PersonSearch, "GBDFL", gateway.PersonQuery{}},
		{AddressSearch, "GBDFL", gateway.SubjectQuery{IIN: iin}},
		{CivilActSearch, "ZAGS", gateway.CivilActQuery{IIN: iin, Role: gateway.ActRoleSubject}},
	}
	for _, tt := range rows {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := all[tt.name]
			if a == nil {
				t.Fatal("the operation has no adapter")
			}
			for _, other := range rows {
				// The date is missing, so the right query fails too, but later.
				_, err := a.Request(other.query, gateway.Meta{MessageID: "1"})
				right := err.Error() == "write request to "+tt.registry+": internal: the message has no date"
				if right != (reflect.TypeOf(other.query) == reflect.TypeOf(tt.query)) {
					t.Errorf("%T: %v", other.query, err)
				}
			}
		})
	}
	if len(all) != len(rows) {
		t.Errorf("%d adapters, %d operations", len(all), len(rows))
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
