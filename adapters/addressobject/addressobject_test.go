package addressobject_test

import (
	"errors"
	"flag"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/adapters/adaptertest"
	"github.com/kopir-kz/kopir/adapters/addressobject"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

var update = flag.Bool("update", false, "write the golden files anew")

func suite(t testing.TB) adaptertest.Suite {
	t.Helper()
	return adaptertest.Suite{
		Adapter:  addressobject.New(adaptertest.Codes(t)),
		Query:    adaptertest.Query[gateway.AddressObjectQuery],
		Examples: "address-object/search",
		Golden:   "testdata",
		Update:   *update,
		// The channel reads this one by the service profile, before the adapter;
		// alone, the adapter knows no code but 00000.
		Refused: map[string]fault.Kind{"not-found-by-code": fault.RegistryFault},
		Schema:  "AddressObject",
		Objects: adaptertest.List[gateway.AddressObjects],
		Required: func(path string) bool {
			switch path {
			case "messageResult", "messageResult/code", "objects/object/rca", "objects/object/type", "objects/object/actual", "objects/object/ats/level":
				return true
			}
			return strings.HasPrefix(path, "objects/") && strings.HasSuffix(path, "/code")
		},
		Repeated:  func(path string) bool { return path == "objects/object/ats" },
		RequestID: "requestId",
		Records:   "objects",
		// The level of a unit decides where it stands; it is doubted, not kept.
		Codes: func(path string) bool { return path == "objects/object/type/code" },
		// cato of a street says no more than that of its settlement, and is not read.
		Read: func(path string) bool {
			return !strings.HasPrefix(path, "objects/object/geonim/rco") && !strings.HasPrefix(path, "objects/object/geonim/cato") &&
				path != "objects/object/ats/rco" && path != "objects/object/ats/cato"
		},
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	adaptertest.Run(t, suite(t))
}

func TestAllocations(t *testing.T) { adaptertest.Allocations(t, suite(t)) }

func FuzzAnswer(f *testing.F) { adaptertest.Fuzz(f, suite(f)) }

func BenchmarkAnswer(b *testing.B) { adaptertest.Benchmark(b, suite(b)) }

const code = "9900000000000101"

func meta() gateway.Meta {
	return gateway.Meta{MessageID: "question-1", Date: time.Date(2025, 9, 1, 10, 0, 0, 0, time.UTC)}
}

func read(t testing.TB, objects string) (gateway.AddressObjects, error) {
	t.Helper()
	document := `<Response><requestId>question-1</requestId><messageResult><code>00000</code></messageResult><objects>` + objects + `</objects></Response>`
	doc, err := xmltext.Parse([]byte(document), xmltext.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	facts, err := addressobject.New(adaptertest.Codes(t)).Answer(gateway.AddressObjectQuery{AddressRegisterCode: code}, meta(), gateway.Payload{Root: doc.Root()})
	if err != nil {
		return nil, err
	}
	return facts.(gateway.AddressObjects), nil
}

func object(parts string) string {
	return `<object><rca>` + code + `</rca><type><code>room</code></type><actual>true</actual>` + parts + `</object>`
}

func unit(level, parts string) string {
	return `<ats>` + parts + `<level><code>` + level + `</code></level><nameRu>Сынак</nameRu><nameKz>Сынақ</nameKz></ats>`
}

// TestDoubts: what makes no sense is left out, and the fact says so.
func TestDoubts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, parts string
		want        []string // rule and pointer
		kato        string
	}{
		{"nothing in doubt", unit("region", "<cato>710000000</cato>"), nil, "710000000"},
		{"KATO of the lowest unit", unit("region", "<cato>710000000</cato>") + unit("district", "<cato>711110000</cato>") + unit("locality", ""), nil, "711110000"},
		{"KATO of eight digits", unit("region", "<cato>71000000</cato>"), []string{"number.wrong /address/kato"}, ""},
		{"KATO of no region", unit("region", "<cato>000000001</cato>"), []string{"number.wrong /address/kato"}, ""},
		{"unknown level", unit("region", "") + unit("99", ""), []string{"code.unknown /address"}, ""},
		{"no units", "", []string{"part.missing /address"}, ""},
		{"no such day", unit("region", "") + "<changeDate>2025-02-30</changeDate>", []string{"date.impossible /source/recorded_at"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, object(tt.parts))
			if err != nil || len(got) != 1 {
				t.Fatalf("%d objects, %v", len(got), err)
			}
			var told []string
			for _, d := range got[0].Doubt {
				told = append(told, d.Rule+" "+d.Pointer)
			}
			if strings.Join(told, ", ") != strings.Join(tt.want, ", ") || got[0].Address.KATO != tt.kato {
				t.Errorf("doubts %q, KATO %q", told, got[0].Address.KATO)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, objects string
		kind          fault.Kind
		text          string
	}{
		{"another code", `<object><rca>9900000000000999</rca><type><code>room</code></type><actual>true</actual></object>`, fault.AnswerMismatch, "another code"},
		{"two regions", object(unit("region", "") + unit("region", "")), fault.ContractViolation, "object/ats/level stands there twice"},
		{"neither true nor false", `<object><rca>` + code + `</rca><type><code>room</code></type><actual>maybe</actual></object>`, fault.ContractViolation, "object/actual is neither"},
		{"a list of something else", `<thing/>x`, fault.ContractViolation, "objects holds something else"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, tt.objects)
			if !errors.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.text) || got != nil {
				t.Errorf("got %v, want %s: %s", err, tt.kind, tt.text)
			}
		})
	}
}

func TestRequestNeedsItsMeta(t *testing.T) {
	t.Parallel()
	a := addressobject.New(adaptertest.Codes(t))
	for _, change := range []func(*gateway.Meta){
		func(m *gateway.Meta) { m.MessageID = "" },
		func(m *gateway.Meta) { m.Date = time.Time{} },
		func(m *gateway.Meta) { m.ConsentToken = "t" },
	} {
		m := meta()
		change(&m)
		if _, err := a.Request(gateway.AddressObjectQuery{AddressRegisterCode: code}, m); !errors.Is(err, fault.Internal) {
			t.Errorf("got %v", err)
		}
	}
	if _, err := a.Request(gateway.AddressObjectQuery{}, meta()); !errors.Is(err, fault.Internal) {
		t.Errorf("no code: %v", err)
	}
}
