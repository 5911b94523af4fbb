package names

import "strings"

// skeleton writes a part of a name so that its Kazakh, Russian and Latin
// spellings become one: in Latin letters, without what the three scripts tell
// apart differently. и, й, і, ы and y are one letter, soft and hard signs and
// doubled letters are none. It is for comparing only: "Дина" and "Дина" have one
// skeleton, and so have the different names "Ілияс" and "Ыляс".
func skeleton(part string) string {
	var b strings.Builder
	for _, r := range part {
		if s, ok := letters[r]; ok {
			b.WriteString(s)
		} else {
			b.WriteRune(r)
		}
	}
	return undouble(groups.Replace(b.String()))
}

// letters are the Latin spellings of Cyrillic letters, and those of the letters
// that the newer Kazakh alphabets have.
var letters = map[rune]string{ //nolint:gochecknoglobals // a constant table
	'а': "a", 'ә': "a", 'ä': "a", 'á': "a", 'б': "b", 'в': "v", 'г': "g", 'ғ': "g", 'ğ': "g", 'ǵ': "g", 'д': "d",
	'е': "e", 'э': "e", 'ж': "zh", 'з': "z", 'и': "i", 'й': "i", 'і': "i", 'ı': "i", 'ы': "i",
	'к': "k", 'қ': "k", 'л': "l", 'м': "m", 'н': "n", 'ң': "n", 'ñ': "n", 'ń': "n", 'о': "o", 'ө': "o", 'ö': "o", 'ó': "o",
	'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ұ': "u", 'ү': "u", 'ü': "u", 'ū': "u", 'ú': "u", 'ф': "f",
	'х': "h", 'һ': "h", 'ц': "ts", 'ч': "ch", 'ш': "sh", 'ş': "sh", 'щ': "sh", 'ь': "", 'ъ': "", 'ю': "iu", 'я': "ia",
}

// groups are the ways in which Latin spellings write one sound, longest first.
var groups = strings.NewReplacer( //nolint:gochecknoglobals // a constant table
	"shch", "sh", "sch", "sh", "kh", "h", "gh", "g", "yu", "iu", "ju", "iu", "ya", "ia", "ja", "ia", "ye", "e", "yo", "e",
	"zh", "zh", "ch", "ch", "sh", "sh", "j", "zh", "q", "k", "w", "v", "x", "ks", "y", "i",
)

// undouble writes a doubled letter once.
func undouble(s string) string {
	var b strings.Builder
	var last rune
	for _, r := range s {
		if r != last {
			b.WriteRune(r)
		}
		last = r
	}
	return b.String()
}
