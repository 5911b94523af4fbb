package employment_test

import (
	"flag"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/adapters/adaptertest"
	"github.com/kopir-kz/kopir/adapters/employment"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
)

var update = flag.Bool("update", false, "write the golden files anew")

func suite(t testing.TB) adaptertest.Suite {
	t.Helper()
	return adaptertest.Suite{
		Adapter:  employment.New(adaptertest.Codes(t)),
		Query:    adaptertest.Query[gateway.SubjectQuery],
		Examples: "employment/search",
		Golden:   "testdata",
		Update:   *update,
		// The channel reads these two by the service profile, before the
		// adapter; alone, the adapter knows no status but SUCCESS.
		Refused:  map[string]fault.Kind{"not-found-by-code": fault.RegistryFault, "refused": fault.RegistryFault},
		Schema:   "Employment",
		Objects:  adaptertest.One,
		Required: func(path string) bool { return path == "responseData" || path == "responseData/unemp/iin" },
		Doubted: func(path string) bool {
			if below, registration := strings.CutPrefix(path, "responseData/unemp/"); registration {
				return below != "iin"
			}
			return path == "responseData/referral/number" || path == "responseData/referral/date"
		},
		Repeated:  func(path string) bool { return path == "responseData/unemp" || path == "responseData/referral" },
		Subject:   "responseData/unemp/iin",
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
