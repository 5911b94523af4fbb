package person_test

import (
	"flag"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/adapters/adaptertest"
	"github.com/kopir-kz/kopir/adapters/person"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
)

var update = flag.Bool("update", false, "write the golden files anew")

func suite(t testing.TB) adaptertest.Suite {
	t.Helper()
	return adaptertest.Suite{
		Adapter:  person.New(adaptertest.Codes(t)),
		Query:    adaptertest.Query[gateway.PersonQuery],
		Examples: "person/search",
		Golden:   "testdata",
		Update:   *update,
		// The channel reads these two by the service profile, before the
		// adapter; alone, the adapter knows no code but 00000.
		Refused:   map[string]fault.Kind{"not-found-by-code": fault.RegistryFault, "token-refused": fault.RegistryFault},
		Schema:    "Person",
		Objects:   adaptertest.List[gateway.Persons],
		Required:  required,
		Subject:   "persons/person/iin",
		RequestID: "requestId",
		Records:   "persons",
	}
}

// required lists the elements of the registry's schema that have minOccurs 1
// and that the adapter relies on.
func required(path string) bool {
	if path == "messageResult" || path == "messageResult/code" {
		return true
	}
	below, ok := strings.CutPrefix(path, "persons/person/")
	if !ok {
		return false
	}
	if strings.HasSuffix(below, "/code") {
		return true
	}
	switch below {
	case "iin", "birthDate", "gender", "nationality", "citizenship", "lifeStatus", "birthPlace",
		"imprisonedStatus/imprisonedStatus",
		"birthCertificate/number", "deathCertificate/number", "AddDocs/birthSvidNumber", "AddDocs/deathSvidNumber",
		"personCapableStatus/capableStatus", "personCapableStatus/capableDate", "personCapableStatus/capableNumber", "personCapableStatus/court",
		"missingStatus/missing", "missingStatus/missingDate", "missingStatus/missingNumber", "missingStatus/gpTerritorial",
		"disappearStatus/disappear", "disappearStatus/disappearDate", "disappearStatus/disappearNumber", "disappearStatus/gpTerritorial",
		"AbsentStatus/absentDate", "AbsentStatus/absentNumber", "AbsentStatus/court",
		"excludeStatus/excludeReason", "addresses/address/type",
		"documents/document/type", "documents/document/number", "documents/document/beginDate", "documents/document/issueOrganization",
		"documents/document/status", "documents/document/birthDate":
		return true
	}
	return false
}

func TestConformance(t *testing.T) {
	t.Parallel()
	adaptertest.Run(t, suite(t))
}

func FuzzAnswer(f *testing.F) { adaptertest.Fuzz(f, suite(f)) }

func TestAllocations(t *testing.T) { adaptertest.Allocations(t, suite(t)) }

func BenchmarkExamples(b *testing.B) { adaptertest.Benchmark(b, suite(b)) }
