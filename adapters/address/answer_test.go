package address_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/adapters/adaptertest"
	"github.com/kopir-kz/kopir/adapters/address"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

const iin = "904315401016"

func read(t testing.TB, person string) (gateway.Addresses, error) {
	t.Helper()
	document := `<Response><requestId>question-1</requestId><messageResult><code>00000</code></messageResult>` + person + `</Response>`
	doc, err := xmltext.Parse([]byte(document), xmltext.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	m := gateway.Meta{MessageID: "question-1", Date: time.Date(2025, 9, 1, 10, 0, 0, 0, time.UTC)}
	facts, err := address.New(adaptertest.Codes(t)).Answer(gateway.AddressQuery{IIN: iin}, m, gateway.Payload{Root: doc.Root()})
	if err != nil {
		return gateway.Addresses{}, err
	}
	return facts.(gateway.Addresses), nil
}

func TestAddress(t *testing.T) {
	t.Parallel()
	const district = `<district><code>1902</code><nameRu>Алматинская область</nameRu><nameKz>Алматы облысы</nameKz></district>`
	for _, tt := range []struct {
		name, parts string // of regAddress
		kk, ru      string // full address
	}{
		{"nothing", "", "", ""},
		{"country from our list", "<country><code>398</code></country>", "Қазақстан", "Казахстан"},
		{"unknown country has no text", "<country><code>999</code></country>", "", ""},
		{"one text for both languages", "<region><code>1</code><nameRu>Сынақский район</nameRu></region>", "Сынақский район", "Сынақский район"},
		{"village, no flat", district + "<city>Сынақ ауылы</city><building>7А</building>", "Алматы облысы, Сынақ ауылы, 7А-үй", "Алматинская область, Сынақ ауылы, дом 7А"},
		{"hyphens are no parts", district + "<city>-</city><street> - </street><building>-</building><corpus>-</corpus><flat>-</flat>", "Алматы облысы", "Алматинская область"},
		{
			"order of the answer does not matter", "<flat>3</flat><corpus>2</corpus><building>1</building><street>Сынақ</street>" + district,
			"Алматы облысы, Сынақ, 1-үй, 2-корпус, 3-пәтер", "Алматинская область, Сынақ, дом 1, корпус 2, квартира 3",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, "<persons><person><iin>"+iin+"</iin><regAddress>"+tt.parts+"</regAddress></person></persons>")
			if err != nil {
				t.Fatal(err)
			}
			if full := got.Registration.FullAddress; full.KK != tt.kk || full.RU != tt.ru {
				t.Errorf("full address %+v", full)
			}
			if got.Other == nil {
				t.Error("no list of other addresses: JSON would say null")
			}
		})
	}
}

func TestOtherAddresses(t *testing.T) {
	t.Parallel()
	const temporary = `<address><type><code>1</code></type><city>Сынақ</city></address>`
	const later = `<address><type><code>1</code></type><city>Сынақ</city><beginDate>2025-01-01</beginDate></address>`
	got, err := read(t, "<persons><person><iin>"+iin+"</iin><addresses>"+temporary+later+temporary+"</addresses></person></persons>")
	if err != nil || len(got.Other) != 2 || got.Other[0].Locality != "Сынақ" || got.Other[1].BeginDate != "2025-01-01" {
		t.Errorf("got %+v, %v", got.Other, err)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, person string
		kind         fault.Kind
		text         string
	}{
		{"another person", "<persons><person><iin>904315401026</iin></person></persons>", fault.AnswerMismatch, "another IIN"},
		{"two persons", "<persons><person><iin>" + iin + "</iin></person><person/></persons>", fault.ContractViolation, "more than one"},
		{
			"address without a kind", "<persons><person><iin>" + iin + "</iin><addresses><address><city>Сынақ</city></address></addresses></person></persons>",
			fault.ContractViolation, "addresses/address/type is missing",
		},
		{
			"a date that is none", "<persons><person><iin>" + iin + "</iin><regAddress><beginDate>вчера</beginDate></regAddress></person></persons>",
			fault.ContractViolation, "regAddress/beginDate is not a date",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, tt.person)
			if !errors.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.text) || got.Found() {
				t.Errorf("got %v, want %s: %s", err, tt.kind, tt.text)
			}
		})
	}
}

// TestLooksAtAddressesOnly: what is broken elsewhere is not this operation's
// business, for it does not read it.
func TestLooksAtAddressesOnly(t *testing.T) {
	t.Parallel()
	got, err := read(t, "<persons><person><iin>"+iin+"</iin><birthDate>never</birthDate></person></persons>")
	if err != nil || !got.Found() {
		t.Errorf("got %v, %v", got.Found(), err)
	}
}

func TestWrongQuery(t *testing.T) {
	t.Parallel()
	a := address.New(adaptertest.Codes(t))
	for _, q := range []gateway.Query{gateway.PersonQuery{IIN: iin}, gateway.AddressQuery{}} {
		if _, err := a.Request(q, gateway.Meta{}); !errors.Is(err, fault.Internal) {
			t.Errorf("Request: %v", err)
		}
		if _, err := a.Answer(q, gateway.Meta{}, gateway.Payload{}); !errors.Is(err, fault.Internal) {
			t.Errorf("Answer: %v", err)
		}
	}
}
