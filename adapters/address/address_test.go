package address_test

import (
	"flag"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/adapters/adaptertest"
	"github.com/kopir-kz/kopir/adapters/address"
	"github.com/kopir-kz/kopir/gateway"
)

var update = flag.Bool("update", false, "write the golden files anew")

func suite(t testing.TB) adaptertest.Suite {
	t.Helper()
	return adaptertest.Suite{
		Adapter:  address.New(adaptertest.Codes(t)),
		Query:    adaptertest.Query[gateway.SubjectQuery],
		Examples: "address/search",
		Golden:   "testdata",
		Update:   *update,
		Schema:   "Addresses",
		Objects:  adaptertest.One,
		Required: func(path string) bool {
			switch path {
			case "messageResult", "messageResult/code", "persons/person/iin", "persons/person/addresses/address/type":
				return true
			}
			return isAddress(path) && strings.HasSuffix(path, "/code")
		},
		Subject:   "persons/person/iin",
		RequestID: "requestId",
		Records:   "persons",
		Read:      isAddress,
	}
}

// isAddress tells whether the element lies in an address: the adapter leaves
// the rest of a person alone.
func isAddress(path string) bool {
	return strings.HasPrefix(path, "persons/person/regAddress") || strings.HasPrefix(path, "persons/person/addresses")
}

func TestConformance(t *testing.T) {
	t.Parallel()
	adaptertest.Run(t, suite(t))
}

func FuzzAnswer(f *testing.F) { adaptertest.Fuzz(f, suite(f)) }

func TestAllocations(t *testing.T) { adaptertest.Allocations(t, suite(t)) }

func BenchmarkAnswer(b *testing.B) { adaptertest.Benchmark(b, suite(b)) }
