package award_test

import (
	"flag"
	"testing"

	"github.com/kopir-kz/kopir/adapters/adaptertest"
	"github.com/kopir-kz/kopir/adapters/award"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
)

var update = flag.Bool("update", false, "write the golden files anew")

func suite(t testing.TB) adaptertest.Suite {
	t.Helper()
	return adaptertest.Suite{
		Adapter:  award.New(adaptertest.Codes(t)),
		Query:    adaptertest.Query[gateway.SubjectQuery],
		Examples: "award/search",
		Golden:   "testdata",
		Update:   *update,
		// The channel reads these two by the service profile, before the
		// adapter; alone, the adapter knows no status but SUCCESS.
		Refused: map[string]fault.Kind{"not-found-by-code": fault.RegistryFault, "refused": fault.RegistryFault},
		Schema:  "Award",
		Objects: adaptertest.List[gateway.Awards],
		Required: func(path string) bool {
			switch path {
			case "responseData", "responseData/award/kind", "responseData/award/kind/code", "responseData/award/status", "responseData/award/status/code", "responseData/award/recipient", "responseData/award/recipient/iin":
				return true
			}
			return false
		},
		Doubted:   func(path string) bool { return path == "responseData/award/child/iin" },
		Repeated:  func(path string) bool { return path == "responseData/award" },
		Subject:   "responseData/award/recipient/iin",
		RequestID: "systemInfo/ChainId",
		Records:   "responseData",
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	adaptertest.Run(t, suite(t))
}

func FuzzAnswer(f *testing.F) { adaptertest.Fuzz(f, suite(f)) }

func TestAllocations(t *testing.T) { adaptertest.Allocations(t, suite(t)) }

func BenchmarkExamples(b *testing.B) { adaptertest.Benchmark(b, suite(b)) }
