package trustee_test

import (
	"flag"
	"testing"

	"github.com/kopir-kz/kopir/adapters/adaptertest"
	"github.com/kopir-kz/kopir/adapters/trustee"
	"github.com/kopir-kz/kopir/gateway"
)

var update = flag.Bool("update", false, "write the golden files anew")

func suite(t testing.TB) adaptertest.Suite {
	t.Helper()
	return adaptertest.Suite{
		Adapter:  trustee.New(adaptertest.Codes(t)),
		Query:    adaptertest.Query[gateway.GuardianshipQuery],
		Examples: "trustee/search",
		Golden:   "testdata",
		Update:   *update,
		Schema:   "Guardianship",
		Objects:  adaptertest.List[gateway.Guardianships],
		Required: func(at string) bool {
			return at == "messageResult" || at == "messageResult/code" || at == "person/iin"
		},
		Doubted:   func(at string) bool { return at == "person/eTrustee/guardian" },
		Subject:   "person/iin",
		RequestID: "requestId",
		Records:   "person",
		Repeated:  func(at string) bool { return at == "person/eTrustee" },
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	adaptertest.Run(t, suite(t))
}

func TestAllocations(t *testing.T) { adaptertest.Allocations(t, suite(t)) }

func FuzzAnswer(f *testing.F) { adaptertest.Fuzz(f, suite(f)) }

func BenchmarkAnswer(b *testing.B) { adaptertest.Benchmark(b, suite(b)) }
