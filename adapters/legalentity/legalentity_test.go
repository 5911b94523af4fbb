package legalentity_test

import (
	"flag"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/adapters/adaptertest"
	"github.com/kopir-kz/kopir/adapters/legalentity"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
)

var update = flag.Bool("update", false, "write the golden files anew")

func suite(t testing.TB) adaptertest.Suite {
	t.Helper()
	return adaptertest.Suite{
		Adapter:  legalentity.New(adaptertest.Codes(t)),
		Query:    adaptertest.Query[gateway.LegalEntityQuery],
		Examples: "legal-entity/search",
		Golden:   "testdata",
		Update:   *update,
		Refused:  map[string]fault.Kind{"non-resident": fault.ContractViolation},
		Schema:   "LegalEntity",
		Objects:  adaptertest.One,
		Required: func(path string) bool {
			return path == "Status" || path == "Status/Code" || path == "Organization/BIN" || reads(path) && strings.HasSuffix(path, "/Code")
		},
		Codes:   func(path string) bool { return strings.HasSuffix(path, "/Code") },
		Sender:  "RequestorBIN",
		Records: "Organization",
		Read:    reads,
	}
}

// reads tells whether the adapter looks at an element: our model has no place for
// some parts of an address.
func reads(path string) bool {
	for _, part := range []string{"ATE", "GeonimCode", "BuildingType", "RoomType"} {
		if strings.HasPrefix(path, "Organization/Address/"+part) {
			return false
		}
	}
	return true
}

func TestConformance(t *testing.T) {
	t.Parallel()
	adaptertest.Run(t, suite(t))
}

func TestAllocations(t *testing.T) { adaptertest.Allocations(t, suite(t)) }

func FuzzAnswer(f *testing.F) { adaptertest.Fuzz(f, suite(f)) }

func BenchmarkAnswer(b *testing.B) { adaptertest.Benchmark(b, suite(b)) }
