package capacityloss_test

import (
	"flag"
	"testing"

	"github.com/kopir-kz/kopir/adapters/adaptertest"
	"github.com/kopir-kz/kopir/adapters/capacityloss"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
)

var update = flag.Bool("update", false, "write the golden files anew")

func suite(t testing.TB) adaptertest.Suite {
	t.Helper()
	return adaptertest.Suite{
		Adapter:  capacityloss.New(adaptertest.Codes(t)),
		Query:    adaptertest.Query[gateway.SubjectQuery],
		Examples: "capacity-loss/search",
		Golden:   "testdata",
		Update:   *update,
		// The channel reads these two by the service profile, before the
		// adapter; alone, the adapter knows no status but SUCCESS.
		Refused:   map[string]fault.Kind{"not-found-by-code": fault.RegistryFault, "refused": fault.RegistryFault},
		Schema:    "CapacityLoss",
		Objects:   adaptertest.List[gateway.CapacityLosses],
		Required:  func(path string) bool { return path == "responseData" },
		RequestID: "systemInfo/ChainId",
		Records:   "responseData",
		Repeated:  func(path string) bool { return path == "responseData/upt" },
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	adaptertest.Run(t, suite(t))
}

func FuzzAnswer(f *testing.F) { adaptertest.Fuzz(f, suite(f)) }

func TestAllocations(t *testing.T) { adaptertest.Allocations(t, suite(t)) }

func BenchmarkExamples(b *testing.B) { adaptertest.Benchmark(b, suite(b)) }
