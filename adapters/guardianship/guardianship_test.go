package guardianship_test

import (
	"flag"
	"path"
	"testing"

	"github.com/kopir-kz/kopir/adapters/adaptertest"
	"github.com/kopir-kz/kopir/adapters/guardianship"
	"github.com/kopir-kz/kopir/gateway"
)

var update = flag.Bool("update", false, "write the golden files anew")

// suite is about the questions of one role: which IIN is required, and which is
// that of the person asked about, the role decides.
func suite(t testing.TB, role gateway.GuardianshipRole, iin string) adaptertest.Suite {
	t.Helper()
	return adaptertest.Suite{
		Adapter:  guardianship.New(adaptertest.Codes(t)),
		Query:    adaptertest.Query[gateway.GuardianshipQuery],
		Examples: "guardianship/search",
		Asked:    func(q gateway.Query) bool { return q.(gateway.GuardianshipQuery).Role == role },
		Golden:   "testdata",
		Update:   *update,
		Schema:   "Guardianship",
		Objects:  adaptertest.List[gateway.Guardianships],
		Required: func(at string) bool { return path.Base(at) == iin },
		Subject:  iin,
		Read:     func(at string) bool { return !unread[path.Base(at)] },
		Repeated: func(at string) bool { return at == "GetGuardianshipResponse" },
		Codes:    func(at string) bool { return path.Base(at) == "decision_region_code" },
	}
}

func ofWard(t testing.TB) adaptertest.Suite {
	t.Helper()
	return suite(t, gateway.GuardianshipRoleWard, "child_iin")
}

func ofGuardian(t testing.TB) adaptertest.Suite {
	t.Helper()
	return suite(t, gateway.GuardianshipRoleGuardian, "req_iin")
}

// unread are the elements that become no fact.
var unread = map[string]bool{"result_code": true, "id": true, "citizenship": true, "signedData": true}

func TestConformance(t *testing.T) {
	t.Parallel()
	t.Run("ward", func(t *testing.T) { t.Parallel(); adaptertest.Run(t, ofWard(t)) })
	t.Run("guardian", func(t *testing.T) { t.Parallel(); adaptertest.Run(t, ofGuardian(t)) })
}

func TestAllocations(t *testing.T) { adaptertest.Allocations(t, ofGuardian(t)) }

func FuzzAnswer(f *testing.F) { adaptertest.Fuzz(f, ofWard(f)) }

func BenchmarkAnswer(b *testing.B) { adaptertest.Benchmark(b, ofGuardian(b)) }
