package bankaccount_test

import (
	"flag"
	"testing"

	"github.com/kopir-kz/kopir/adapters/adaptertest"
	"github.com/kopir-kz/kopir/adapters/bankaccount"
	"github.com/kopir-kz/kopir/gateway"
)

var update = flag.Bool("update", false, "write the golden files anew")

func suite(t testing.TB) adaptertest.Suite {
	t.Helper()
	return adaptertest.Suite{
		Adapter:  bankaccount.New(adaptertest.Codes(t)),
		Query:    adaptertest.Query[gateway.AccountQuery],
		Examples: "bank-account/check",
		Golden:   "testdata",
		Update:   *update,
		Schema:   "AccountCheck",
		Objects:  adaptertest.One,
		Required: func(path string) bool {
			return path == "IBAN" || path == "OrderRunDate" || path == "AccountCreditingType"
		},
		// Status may say that there is no account, and then nothing is kept;
		// AccountCreditingType is not the last word where AccountKind follows.
		Codes:     func(path string) bool { return path == "AccountKind" || path == "AccountState" },
		Subject:   "IBAN",
		RequestID: "OrderNumber",
		Read:      func(path string) bool { return path != "OrgRNN" && path != "OrgOrderNumber" },
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	adaptertest.Run(t, suite(t))
}

func TestAllocations(t *testing.T) { adaptertest.Allocations(t, suite(t)) }

func FuzzAnswer(f *testing.F) { adaptertest.Fuzz(f, suite(f)) }

func BenchmarkAnswer(b *testing.B) { adaptertest.Benchmark(b, suite(b)) }
