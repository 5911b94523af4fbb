package person_test

import (
	"os"
	"path/filepath"
	"testing"

	"go.yaml.in/yaml/v3"
)

type lists map[string]map[string][2]string

func (l lists) Lookup(list, code string) (kk, ru string, known bool) {
	v, ok := l[list][code]
	return v[0], v[1], ok
}

func codes(t testing.TB) lists {
	t.Helper()
	files, _ := filepath.Glob("../../contracts/codes/*.yaml")
	all := lists{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var l struct {
			ID    string
			Codes []struct{ Code, KK, RU string }
		}
		if err := yaml.Unmarshal(b, &l); err != nil {
			t.Fatal(err)
		}
		all[l.ID] = map[string][2]string{}
		for _, c := range l.Codes {
			all[l.ID][c.Code] = [2]string{c.KK, c.RU}
		}
	}
	return all
}
