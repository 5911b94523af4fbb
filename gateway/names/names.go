// Package names compares two spellings of a person's name. Registries write one
// name in Kazakh, in Russian and in Latin letters, with and without a patronymic,
// in three fields or in one string, and with mistakes; a comparison tells those
// apart as far as letters can, and never more: that two names agree does not make
// two people one.
package names

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/kopir-kz/kopir/gateway"
)

// Match is how well two spellings of a name agree.
type Match int

// The matches, the better one greater.
const (
	Unknown        Match = iota // one of the two says nothing
	Different                   // another name
	Close                       // the same but for a letter or two, or the order of its parts
	Transliterated              // the same name in Kazakh, Russian or Latin spelling
	Exact                       // the same but for case, spaces and hyphens
)

// Compare compares two spellings of a name. A part that one of them leaves
// out contradicts nothing, if it is the patronymic: many people have none, and
// many records do not ask. A name in one string is compared part by part in the
// order surname, given name, patronymic.
func Compare(a, b gateway.PersonName) Match {
	left, right := parts(a), parts(b)
	if len(left) == 0 || len(right) == 0 {
		return Unknown
	}
	if a.FullName == "" && b.FullName == "" {
		return compareParts(a, b)
	}
	// Compound parts may stand in one word or in two: the whole first.
	match := Different
	for _, l := range wholes(a) {
		for _, r := range wholes(b) {
			match = max(match, compare(l, r, false))
		}
	}
	if match >= Transliterated {
		return match
	}
	n := min(len(left), len(right))
	if n < 2 && len(left) != len(right) {
		return Unknown // a surname alone is not the name
	}
	inOrder := Exact
	for i := range n {
		inOrder = min(inOrder, compare(left[i], right[i], i == 2))
	}
	if inOrder == Different && sameParts(left, right) {
		return Close
	}
	return max(inOrder, match)
}

// wholes are a name in one word, with and without the patronymic if that is told
// apart.
func wholes(n gateway.PersonName) []string {
	if n.FullName != "" {
		return []string{plain(n.FullName)}
	}
	name := plain(n.Surname) + plain(n.GivenName)
	if n.SecondName == "" {
		return []string{name}
	}
	return []string{name + plain(n.SecondName), name}
}

// compareParts compares names whose parts are told apart.
func compareParts(a, b gateway.PersonName) Match {
	match, compared := Exact, false
	for i, pair := range [...][2]string{{a.Surname, b.Surname}, {a.GivenName, b.GivenName}, {a.SecondName, b.SecondName}} {
		left, right := plain(pair[0]), plain(pair[1])
		patronymic := i == 2
		switch {
		case left == "" && right == "", patronymic && (left == "" || right == ""):
			continue
		case left == "" || right == "":
			match = min(match, Close) // people with one name are entered in either field
			continue
		}
		compared = compared || !patronymic
		match = min(match, compare(left, right, patronymic))
	}
	if !compared {
		return Unknown
	}
	if match == Different && sameParts(parts(a), parts(b)) {
		return Close // entered in the wrong fields
	}
	return match
}

// parts are the parts of a name in their order, in plain form.
func parts(n gateway.PersonName) []string {
	if n.FullName != "" {
		return strings.Fields(plainWords(n.FullName))
	}
	var all []string
	for _, p := range [...]string{n.Surname, n.GivenName, n.SecondName} {
		if p = plain(p); p != "" {
			all = append(all, p)
		}
	}
	return all
}

// sameParts tells whether two names have the same parts in another order.
func sameParts(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	left := map[string]int{}
	for i := range a {
		left[skeleton(a[i])]++
		left[skeleton(b[i])]--
	}
	for _, n := range left {
		if n != 0 {
			return false
		}
	}
	return true
}

// compare compares one part in plain form.
func compare(a, b string, patronymic bool) Match {
	if a == b {
		return Exact
	}
	left, right := skeleton(a), skeleton(b)
	if left == right || patronymic && stem(left) == stem(right) {
		return Transliterated
	}
	if near(left, right) {
		return Close
	}
	return Different
}

// plain is a part without what spelling rules vary: case, composed letters,
// spaces, hyphens, apostrophes, points.
func plain(s string) string { return strings.ReplaceAll(plainWords(s), " ", "") }

// plainWords is plain for a whole name: what parts it stays one space.
func plainWords(s string) string {
	s = strings.ToLower(norm.NFC.String(s))
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch r {
		case '-', '‐', '‑', '–', '\'', '’', 'ʼ', '`', '.':
			return -1
		case 'ё':
			return 'е'
		}
		return r
	}, s)), " ")
}

// stem is a patronymic without the ending that tells son from daughter and
// Kazakh from Russian.
func stem(skeleton string) string {
	for _, ending := range endings {
		if rest, ok := strings.CutSuffix(skeleton, ending); ok && len(rest) > 2 {
			return strings.TrimRight(rest, "aei")
		}
	}
	return skeleton
}

// endings of patronymics in their skeletons: -ұлы, -қызы, -ович, -евич, -овна,
// -евна, -ич, -инична.
var endings = []string{"uli", "kizi", "ovich", "evich", "ovna", "evna", "ichna"} //nolint:gochecknoglobals // a constant table

// near tells whether two skeletons differ by one letter, or by two if they are
// long.
func near(a, b string) bool {
	allowed := 1
	if min(len(a), len(b)) >= 9 {
		allowed = 2
	}
	return min(len(a), len(b)) >= 4 && distance(a, b, allowed) <= allowed
}

// distance is the edit distance of two short texts of ASCII letters; more than
// bound counts as bound + 1.
func distance(a, b string, bound int) int {
	if d := len(a) - len(b); d > bound || -d > bound || len(a) > maxName || len(b) > maxName {
		return bound + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := before
			if a[i] != b[j] {
				change++
			}
			before = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return min(row[len(b)], bound+1)
}

// maxName bounds what is compared letter by letter; no name is longer.
const maxName = 256
