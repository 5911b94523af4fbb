package payload

import (
	"slices"
	"strings"
)

// Apart tells that two names have no word in common, whatever the case and whether
// spelt with Kazakh or with Russian letters.
func Apart(a, b string) bool {
	if a == "" || b == "" || a == b {
		return false
	}
	words := strings.Fields(fold(b))
	for v := range strings.FieldsSeq(fold(a)) {
		if slices.Contains(words, v) {
			return false
		}
	}
	return true
}

func fold(s string) string { return russian.Replace(strings.ToLower(s)) }

// russian is how names are spelt without the letters that Kazakh has of its own.
var russian = strings.NewReplacer( //nolint:gochecknoglobals // a constant table
	"ә", "а", "ғ", "г", "қ", "к", "ң", "н", "ө", "о", "ұ", "у", "ү", "у", "һ", "х", "і", "и", "ё", "е")
