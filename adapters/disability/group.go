package disability

import (
	"strings"

	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
)

// group reads disabledGroup, a free text of which no spelling is public. Those that
// can mean one thing only are read as a code of our list; any other is kept as
// sent and doubted, for the group decides what the fact is. A bare figure is not
// read: it could as well be the registry's code of something else.
func group(r *payload.Reader, d *payload.Doubts) gateway.Code {
	sent := r.Text("disabledGroup")
	if sent == "" {
		return gateway.Code{}
	}
	c := r.Known(code(sent), listGroup)
	d.Code(c, "/ext/kz/group")
	return c
}

// code gives the code of a spelling, and a spelling that is none unchanged.
func code(sent string) string {
	words := strings.FieldsFunc(alike.Replace(strings.ToLower(sent)), func(c rune) bool {
		return strings.ContainsRune(" \t\r\n-.,()", c)
	})
	if c := childhood(strings.Join(words, " ")); c != "" {
		return c
	}
	var which string
	named := false // the text says that it is a group
	for _, w := range words {
		switch w {
		case "группа", "группы", "гр", "топ", "топтағы", "group":
			named = true
		case "инвалид", "инвалидность", "инвалидности", "мүгедектiк", "мүгедек", "я", "ая", "й", "шi":
		default:
			if which != "" {
				return sent
			}
			which = w
		}
	}
	return roman(sent, which, named)
}

// childhood gives the code of a child with a disability, of an age if the text says
// so; "" for another text.
func childhood(text string) string {
	for _, child := range [...]string{
		"ребенок инвалид", "дети инвалиды", "ребенок с инвалидностью", "дети с инвалидностью",
		"мүгедек бала", "мүгедек балалар", "мүгедектiгi бар бала", "мүгедектiгi бар балалар",
	} {
		before, after, found := strings.Cut(text, child)
		if !found {
			continue
		}
		switch strings.TrimSpace(before + after) {
		case "":
			return "child"
		case "до 16 лет", "до шестнадцати лет", "16 жасқа дейiнгi", "он алты жасқа дейiнгi":
			return "child_under_16"
		case "с 16 до 18 лет", "с шестнадцати до восемнадцати лет", "16 жастан 18 жасқа дейiнгi", "он алты жастан он сегiз жасқа дейiнгi":
			return "child_16_to_18"
		}
	}
	return ""
}

func roman(sent, which string, named bool) string {
	switch which {
	case "i", "первая", "первой", "бiрiншi":
		return "I"
	case "ii", "вторая", "второй", "екiншi":
		return "II"
	case "iii", "третья", "третьей", "үшiншi":
		return "III"
	}
	if figures := [...]string{"1", "2", "3"}; named {
		for i, f := range figures {
			if which == f {
				return strings.Repeat("I", i+1)
			}
		}
	}
	return sent
}

// alike makes one letter of those that look the same: the Kazakh and the Latin i,
// the numerals that are one character each, and ё.
var alike = strings.NewReplacer("і", "i", "ⅰ", "i", "ⅱ", "ii", "ⅲ", "iii", "ё", "е") //nolint:gochecknoglobals // a constant table
