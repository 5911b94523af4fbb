package addressobject_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/adapters/adaptertest"
	"github.com/kopir-kz/kopir/adapters/addressobject"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

const rca = "9900000000000101"

// read reads an answer with the given content of the root, beside the result.
func read(codes gateway.Codes, content string) (gateway.AddressObjects, error) {
	doc, err := xmltext.Parse([]byte(`<ar:AddressObjectResponse xmlns:ar="urn:kopir:contract:address-object:1"><messageResult><code>00000</code></messageResult>`+content+`</ar:AddressObjectResponse>`), xmltext.Limits{})
	if err != nil {
		return nil, err
	}
	facts, err := addressobject.New(codes).Answer(gateway.AddressObjectQuery{AddressRegisterCode: rca}, gateway.Meta{}, gateway.Payload{Root: doc.Root()})
	if err != nil {
		return nil, err
	}
	return facts.(gateway.AddressObjects), nil
}

// object is a room with the given elements beside its code and type.
func object(elements string) string {
	return "<objects><object><rca>" + rca + "</rca><type><code>s_pb</code></type>" + elements + "</object></objects>"
}

// unit is an administrative unit.
func unit(kind, name, cato string) string {
	return "<s_ats><type><code>" + kind + "</code></type><cato>" + cato + "</cato><nameKz>" + name + "</nameKz><nameRu>" + name + "</nameRu></s_ats>"
}

func rules(o gateway.AddressObject) string {
	var doubts []string
	for _, d := range o.Doubt {
		doubts = append(doubts, d.Rule+" "+d.Pointer)
	}
	return strings.Join(doubts, ", ")
}

func TestObjects(t *testing.T) {
	t.Parallel()
	const actual, room = "<actual>true</actual>", "<s_pb><number>45</number></s_pb>"
	region := unit("region", "Сынақ облысы", "110000000")
	for _, tt := range []struct{ name, elements, kato, address, want string }{
		{"whole", actual + region + room, "110000000", "Сынақ облысы, 45-пәтер", ""},
		{"KATO of the smallest unit, in whatever order", actual + unit("locality", "Сынақ ауылы", "113645100") + region + room, "113645100", "Сынақ облысы, Сынақ ауылы, 45-пәтер", ""},
		{"KATO of the smallest unit that has one", actual + region + unit("locality", "Сынақ ауылы", "") + room, "110000000", "Сынақ облысы, Сынақ ауылы, 45-пәтер", ""},
		{"a kind of unit we do not know", actual + region + unit("quarter", "Сынақ", "119999999") + room, "110000000", "Сынақ облысы, 45-пәтер", "code.unknown /address"},
		{"no unit", actual + room, "", "45-пәтер", "part.missing /address"},
		{"a room that is none", actual + region, "110000000", "Сынақ облысы", "parts.contradict /type"},
		{"not said whether it is in use", region + room, "110000000", "Сынақ облысы, 45-пәтер", "part.missing /status"},
		{"another word for in use", "<actual>иә</actual>" + region + room, "110000000", "Сынақ облысы, 45-пәтер", "code.unknown /status"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(adaptertest.Codes(t), object(tt.elements))
			if err != nil || len(got) != 1 {
				t.Fatalf("%d objects, %v", len(got), err)
			}
			if a := got[0].Address; a.KATO != tt.kato || a.FullAddress.KK != tt.address || rules(got[0]) != tt.want {
				t.Errorf("got %s, %q, %q", a.KATO, a.FullAddress.KK, rules(got[0]))
			}
		})
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, content string
		want          fault.Kind
	}{
		{"another code", strings.ReplaceAll(object(""), rca, "9900000000000102"), fault.AnswerMismatch},
		{"another code among others", object("") + strings.ReplaceAll(object(""), rca, "9900000000000102"), fault.AnswerMismatch},
		{"no code", strings.ReplaceAll(object(""), rca, ""), fault.ContractViolation},
		{"two regions", object(unit("region", "А", "") + unit("region", "Б", "")), fault.ContractViolation},
		{"two rooms", object("<s_pb><number>1</number></s_pb><s_pb><number>2</number></s_pb>"), fault.ContractViolation},
		{"objects under another name", "<places><place/></places>", fault.ContractViolation},
		{"something else in the list", "<objects><place><rca>1</rca></place></objects>", fault.ContractViolation},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, err := read(adaptertest.Codes(t), tt.content); !errors.Is(err, tt.want) {
				t.Errorf("got %d objects, %v, want %s", len(got), err, tt.want)
			}
		})
	}
}

// TestUnitsInAnyOrder: the address is the same whatever order its units come in.
func TestUnitsInAnyOrder(t *testing.T) {
	t.Parallel()
	codes := adaptertest.Codes(t)
	all := []string{
		unit("region", "Сынақ облысы", "110000000"), unit("district", "Сынақ ауданы", "113600000"),
		unit("rural_district", "Сынақ округі", "113645000"), unit("locality", "Сынақ ауылы", "113645100"), unit("quarter", "Сынақ", "1"),
	}
	want, err := read(codes, object(strings.Join(all, "")))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		got, err := read(codes, object(strings.Join(rapid.Permutation(all).Draw(t, "units"), "")))
		if err != nil || len(got) != 1 || got[0].Address != want[0].Address || rules(got[0]) != rules(want[0]) {
			t.Fatalf("%+v, %v", got, err)
		}
	})
}
