package addressobject_test

import (
	"flag"
	"path"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/adapters/adaptertest"
	"github.com/kopir-kz/kopir/adapters/addressobject"
	"github.com/kopir-kz/kopir/gateway"
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
		Schema:   "AddressObject",
		Objects:  adaptertest.List[gateway.AddressObjects],
		Required: func(at string) bool {
			switch path.Base(at) {
			case "messageResult", "code", "type", "rca":
				return true
			}
			return false
		},
		Doubted:   func(at string) bool { return at == "objects/object/actual" },
		RequestID: "requestId",
		Records:   "objects",
		Read: func(at string) bool {
			return !strings.HasSuffix(at, "s_geonims/rco") && !strings.HasSuffix(at, "s_grounds/number")
		},
		Repeated: func(at string) bool { return strings.HasSuffix(at, "/s_ats") },
		// A unit of an unknown type has no place in an address: see answer_test.go.
		Codes: func(at string) bool { return at == "objects/object/actual" || at == "objects/object/type/code" },
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	adaptertest.Run(t, suite(t))
}

func TestAllocations(t *testing.T) { adaptertest.Allocations(t, suite(t)) }

func FuzzAnswer(f *testing.F) { adaptertest.Fuzz(f, suite(f)) }

func BenchmarkAnswer(b *testing.B) { adaptertest.Benchmark(b, suite(b)) }
