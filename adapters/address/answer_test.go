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
	facts, err := address.New(adaptertest.Codes(t)).Answer(gateway.SubjectQuery{IIN: iin}, m, gateway.Payload{Root: doc.Root()})
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
			if full := got.Permanent.FullAddress; full.KK != tt.kk || full.RU != tt.ru {
				t.Errorf("full address %+v", full)
			}
			if got.Temporary == nil || got.History == nil || got.Other == nil {
				t.Error("a list is nil: JSON would say null")
			}
		})
	}
}

// TestLists: every address goes into one list, by its kind and by whether its
// term is over on the day of the question, 1 September 2025.
func TestLists(t *testing.T) {
	t.Parallel()
	kind := func(code, ru, kk string) string {
		return "<type><code>" + code + "</code><nameRu>" + ru + "</nameRu><nameKz>" + kk + "</nameKz></type>"
	}
	temporary, former := kind("1", "Временная регистрация", "Уақытша тіркеу"), kind("2", "Прежнее место жительства", "")
	for _, tt := range []struct {
		name, registration, other string
		permanent                 bool
		temporary, history, rest  int
	}{
		{"nothing", "", "", false, 0, 0, 0},
		{"registered", "<city>Сынақ</city>", "", true, 0, 0, 0},
		{"registered until today", "<city>Сынақ</city><endDate>2025-09-01</endDate>", "", true, 0, 0, 0},
		{"registration is over", "<city>Сынақ</city><endDate>2025-08-31</endDate>", "", false, 0, 1, 0},
		{"removed, no date", "<city>Сынақ</city><status><code>9</code><nameKz>Тіркеуден шығарылған</nameKz></status>", "", false, 0, 1, 0},
		{"temporary", "", temporary, false, 1, 0, 0},
		{"temporary, in Kazakh alone", "", kind("7", "", "Уақытша тіркеу"), false, 1, 0, 0},
		{"temporary, over", "", temporary + "<endDate>2025-08-31</endDate>", false, 0, 1, 0},
		{"former", "", former, false, 0, 1, 0},
		{"no words", "", kind("1", "", ""), false, 0, 0, 1},
		{"words of another kind", "", kind("1", "Дача", "Саяжай"), false, 0, 0, 1},
		{"words of another kind, over", "", kind("1", "Дача", "Саяжай") + "<endDate>2025-08-31</endDate>", false, 0, 1, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			other := ""
			if tt.other != "" {
				other = "<addresses><address>" + tt.other + "</address></addresses>"
			}
			got, err := read(t, "<persons><person><iin>"+iin+"</iin><regAddress>"+tt.registration+"</regAddress>"+other+"</person></persons>")
			if err != nil {
				t.Fatal(err)
			}
			if (got.Permanent != gateway.Address{}) != tt.permanent || len(got.Temporary) != tt.temporary || len(got.History) != tt.history || len(got.Other) != tt.rest {
				t.Errorf("got %+v", got)
			}
			for _, a := range append(append(append(got.Temporary, got.History...), got.Other...), got.Permanent) {
				if (a != gateway.Address{}) && a.Source.Registry != "GBDFL" {
					t.Errorf("whose record is %+v", a)
				}
			}
		})
	}
}

func TestRepeatedAddresses(t *testing.T) {
	t.Parallel()
	const temporary = `<address><type><code>1</code><nameRu>Временная</nameRu></type><city>Сынақ</city></address>`
	const later = `<address><type><code>1</code><nameRu>Временная</nameRu></type><city>Сынақ</city><beginDate>2025-01-01</beginDate></address>`
	got, err := read(t, "<persons><person><iin>"+iin+"</iin><addresses>"+temporary+later+temporary+"</addresses></person></persons>")
	both := gateway.LocalText{KK: "Сынақ", RU: "Сынақ"}
	if err != nil || len(got.Temporary) != 2 || got.Temporary[0].Locality != both || got.Temporary[1].BeginDate != "2025-01-01" {
		t.Errorf("got %+v, %v", got.Temporary, err)
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
	for _, q := range []gateway.Query{gateway.PersonQuery{IIN: iin}, gateway.SubjectQuery{}} {
		if _, err := a.Request(q, gateway.Meta{}); !errors.Is(err, fault.Internal) {
			t.Errorf("Request: %v", err)
		}
		if _, err := a.Answer(q, gateway.Meta{}, gateway.Payload{}); !errors.Is(err, fault.Internal) {
			t.Errorf("Answer: %v", err)
		}
	}
}
