package taxpayer_test

import (
	"flag"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/adapters/adaptertest"
	"github.com/kopir-kz/kopir/adapters/taxpayer"
	"github.com/kopir-kz/kopir/gateway"
)

var update = flag.Bool("update", false, "write the golden files anew")

func suite(t testing.TB) adaptertest.Suite {
	t.Helper()
	return adaptertest.Suite{
		Adapter:  taxpayer.New(adaptertest.Codes(t)),
		Query:    adaptertest.Query[gateway.TaxpayerQuery],
		Examples: "taxpayer/search",
		Golden:   "testdata",
		Update:   *update,
		Schema:   "Taxpayer",
		Objects:  adaptertest.One,
		Required: func(path string) bool {
			return path == "result" || path == "taxpayer/iin" || strings.HasSuffix(path, "/code") || strings.HasSuffix(path, "/month")
		},
		Doubted: func(path string) bool {
			return strings.HasSuffix(path, "/beginDate") || strings.HasSuffix(path, "/amount") || path == "taxpayer/registrations/registration/status"
		},
		Subject:   "taxpayer/iin",
		RequestID: "requestId",
		Records:   "taxpayer",
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	adaptertest.Run(t, suite(t))
}

func TestAllocations(t *testing.T) { adaptertest.Allocations(t, suite(t)) }

func FuzzAnswer(f *testing.F) { adaptertest.Fuzz(f, suite(f)) }

func BenchmarkAnswer(b *testing.B) { adaptertest.Benchmark(b, suite(b)) }
