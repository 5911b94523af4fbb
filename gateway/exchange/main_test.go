package exchange_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/gateway/shep"
	"github.com/kopir-kz/kopir/mocks/registries/person"
	"github.com/kopir-kz/kopir/mocks/wiretest"
)

// wire sees every message that the tests of this package send, and every honest
// answer.
var wire wiretest.Judge

// TestMain has xmllint judge all of them when the tests are over.
func TestMain(m *testing.M) {
	profiles, err := shep.Embedded()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	wire.Registries = filepath.Join("..", "..", "contracts", "registries")
	wire.Operations = map[string]string{person.ServiceToken: "person.search"}
	for i := range profiles {
		wire.Operations[profiles[i].ServiceID] = profiles[i].ID
	}
	status := m.Run()
	for _, schema := range wire.Schemas() {
		complaints, err := wire.Complaints(context.Background(), schema)
		switch {
		case errors.Is(err, wiretest.ErrNotInstalled):
		case err != nil || len(complaints) > 0:
			fmt.Fprintf(os.Stderr, "%s: %v, %d complaints: %s", schema, err, len(complaints), strings.Join(complaints[:min(4, len(complaints))], ""))
			status = 1
		}
	}
	os.Exit(status)
}
