package adapters

import (
	"errors"
	"slices"
	"testing"

	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/api"
	"github.com/kopir-kz/kopir/gateway/fault"
)

// stranger is a query of no operation.
type stranger struct{ gateway.Query }

// TestNew: every adapter serves an operation of the contract, and each refuses a
// query that is not its own.
func TestNew(t *testing.T) {
	t.Parallel()
	operations := api.Operations()
	for id, a := range New(Codes(nil)) {
		if !slices.Contains(operations, id) {
			t.Errorf("%s is no operation", id)
		}
		if _, err := a.Request(stranger{}, gateway.Meta{MessageID: "1"}); !errors.Is(err, fault.Internal) {
			t.Errorf("%s: request for a strange query: %v", id, err)
		}
		if _, err := a.Answer(stranger{}, gateway.Meta{MessageID: "1"}, gateway.Payload{}); !errors.Is(err, fault.Internal) {
			t.Errorf("%s: answer to a strange query: %v", id, err)
		}
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
