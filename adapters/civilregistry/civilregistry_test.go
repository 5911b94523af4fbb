package civilregistry_test

import (
	"encoding/json"
	"flag"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/adapters/adaptertest"
	"github.com/kopir-kz/kopir/adapters/civilregistry"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
)

var update = flag.Bool("update", false, "write the golden files anew")

func suite(t testing.TB) adaptertest.Suite {
	t.Helper()
	return adaptertest.Suite{
		Adapter: civilregistry.New(adaptertest.Codes(t)),
		Query: func(b json.RawMessage) (gateway.Query, error) {
			var q gateway.CivilActQuery
			err := json.Unmarshal(b, &q)
			return q, err
		},
		Examples: "civil-act/search",
		Golden:   "testdata",
		Update:   *update,
		// The channel reads the code by the service profile, before the adapter;
		// alone, the adapter knows no code but 00000.
		Refused: map[string]fault.Kind{"not-found-by-code": fault.RegistryFault},
		Schema:  "CivilAct",
		Objects: func(f gateway.Facts) []any {
			var all []any
			for _, a := range f.(gateway.CivilActs) {
				all = append(all, a)
			}
			return all
		},
		Required: func(path string) bool {
			switch path {
			case "messageResult", "messageResult/code", "acts/act/actType":
				return true
			}
			return strings.HasPrefix(path, "acts/") && strings.HasSuffix(path, "/code")
		},
		// Whom an act is about depends on the role asked about; only the dead can
		// be asked about in one. TestAnotherPerson has the other roles.
		Subject:   "acts/act/deathAktRecord/deceased/iin",
		RequestID: "requestId",
		Records:   "acts",
		// Another office makes an act another act: see TestByAct.
		Read: func(path string) bool { return !strings.HasSuffix(path, "/zags/code") },
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	adaptertest.Run(t, suite(t))
}

func FuzzAnswer(f *testing.F) { adaptertest.Fuzz(f, suite(f)) }
