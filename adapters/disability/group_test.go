package disability

import "testing"

func TestGroupSpellings(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ sent, want string }{
		{"I", "I"},
		{"ІІ", "II"}, // Cyrillic letters
		{"Ⅲ", "III"},
		{"iii группа", "III"},
		{"II топ", "II"},
		{"I-топ", "I"},
		{"1 группа", "I"},
		{"2-я группа", "II"},
		{"3-ші топ", "III"},
		{"Первая группа", "I"},
		{"инвалид второй группы", "II"},
		{"Үшінші топ", "III"},
		{"Ребёнок-инвалид", "child"},
		{"ребенок с инвалидностью", "child"},
		{"Мүгедектігі бар бала", "child"},
		{"Ребенок-инвалид до 16 лет", "child_under_16"},
		{"дети-инвалиды с шестнадцати до восемнадцати лет", "child_16_to_18"},
		{"16 жасқа дейінгі мүгедектігі бар бала", "child_under_16"},
		// What could mean something else, or says more, is nobody's guess.
		{"1", "1"},
		{"4 группа", "4 группа"},
		{"IV", "IV"},
		{"инвалид", "инвалид"},
		{"I или II группа", "I или II группа"},
		{"не установлена", "не установлена"},
		{"ребенок-инвалид 16-18 лет", "ребенок-инвалид 16-18 лет"},
		{"II группа с детства", "II группа с детства"},
		{"группа", "группа"},
	} {
		t.Run(tt.sent, func(t *testing.T) {
			t.Parallel()
			if got := code(tt.sent); got != tt.want {
				t.Errorf("read as %q", got)
			}
		})
	}
}
