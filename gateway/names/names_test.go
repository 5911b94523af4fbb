package names

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/gateway"
)

func name(parts ...string) (n gateway.PersonName) {
	for i, p := range parts {
		*[]*string{&n.Surname, &n.GivenName, &n.SecondName}[i] = p
	}
	return n
}

func full(s string) gateway.PersonName { return gateway.PersonName{FullName: s} }

func TestCompare(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		a, b gateway.PersonName
		want Match
	}{
		{"the same", name("СЫНАҚОВА", "АЙГЕРІМ", "ТЕСТҚЫЗЫ"), name("СЫНАҚОВА", "АЙГЕРІМ", "ТЕСТҚЫЗЫ"), Exact},
		{"another case", name("СЫНАҚОВА", "АЙГЕРІМ"), name("Сынақова", "Айгерім"), Exact},
		{"decomposed letters", name("Сынаќов", "Юрий"), name("Сынаќов", "Юрий"), Exact},
		{"ё and е", name("Сынақов", "Пётр"), name("Сынақов", "Петр"), Exact},
		{"hyphen, space or neither", name("Сынақова-Есім", "Ай Герім"), name("СЫНАҚОВА ЕСІМ", "Айгерім"), Exact},
		{"apostrophe", name("Сынақов", "Д’Арк"), name("Сынақов", "Дарк"), Exact},
		{"no patronymic in one", name("СЫНАҚОВА", "АЙГЕРІМ", "ТЕСТҚЫЗЫ"), name("СЫНАҚОВА", "АЙГЕРІМ"), Exact},
		{"Kazakh and Russian", name("Сынақов", "Ерлан", "Болатұлы"), name("Сынаков", "Ерлан", "Болатович"), Transliterated},
		{"daughter", name("Сынақова", "Гүлнар", "Қайратқызы"), name("Сынакова", "Гульнар", "Кайратовна"), Transliterated},
		{"patronymic on -евич", name("Сынақов", "Ерлан", "Сергейұлы"), name("Сынаков", "Ерлан", "Сергеевич"), Transliterated},
		{"Latin", name("Сынақов", "Ерлан"), name("SYNAKOV", "YERLAN"), Transliterated},
		{"Latin, E for YE", name("Сынақов", "Ерлан"), name("SYNAKOV", "ERLAN"), Transliterated},
		{"newer Latin", name("Сынақова", "Әйгерім"), name("Synaqova", "Äigerım"), Transliterated},
		{"every Kazakh letter", name("Сынақұлы", "Әғқңөұүһі"), name("Сынакулы", "Агкноуухи"), Transliterated},
		{"ю and я", name("Сынақова", "Юлия"), name("SYNAKOVA", "YULIYA"), Transliterated},
		{"one string", name("Сынақова", "Айгерім", "Тестқызы"), full("Сынақова Айгерім Тестқызы"), Exact},
		{"one string, Russian, no patronymic", name("Сынақова", "Айгерім", "Тестқызы"), full("СЫНАКОВА АЙГЕРИМ"), Transliterated},
		{"one string, compound part", name("Сынақова", "Ай Герім", "Тестқызы"), full("Сынақова Ай Герім Тестқызы"), Exact},
		{"two strings", full("Сынақова Айгерім"), full("Сынакова Айгерим"), Transliterated},
		{"a letter", name("Сынақова", "Айгерім"), name("Сынақова", "Айгерін"), Close},
		{"a missing letter", name("Сынақов", "Бауыржан"), name("Сынақов", "Бауржан"), Close},
		{"entered in the wrong fields", name("Айгерім", "Сынақова"), name("Сынақова", "Айгерім"), Close},
		{"one string, other order", name("Сынақова", "Айгерім"), full("Айгерім Сынақова"), Close},
		{"one name in two fields", name("Сынақова", ""), name("Сынақова", "Айгерім"), Close},
		{"another patronymic", name("Сынақова", "Айгерім", "Тестқызы"), name("Сынақова", "Айгерім", "Болатқызы"), Different},
		{"maiden name", name("Сынақова", "Айгерім"), name("Тестова", "Айгерім"), Different},
		{"short names differ by a letter", name("Сын", "Ай"), name("Сын", "Ой"), Different},
		{"another given name in one string", name("Сынақова", "Айгерім"), full("Сынақова Гүлнар"), Different},
		{"nothing to compare", name("Сынақова", "Айгерім"), gateway.PersonName{}, Unknown},
		{"patronymics alone", name("", "", "Тестқызы"), name("", "", "Тестқызы"), Unknown},
		{"a word and a name", full("Сынақова"), name("Сынақова", "Айгерім"), Unknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := Compare(tt.a, tt.b); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
			if got := Compare(tt.b, tt.a); got != tt.want {
				t.Errorf("the other way round: got %d, want %d", got, tt.want)
			}
		})
	}
}

// word is a Kazakh name of five to nine letters, without letters that the scripts
// pair ambiguously at once (й before a vowel).
func word(t *rapid.T, label string) string {
	return rapid.StringMatching(`[БДЖЗҚЛМНСТШ][аәеиіоөуұүы][бдзқлмнст][аәіоөұүы][лмнрст]([ауы][нрт])?`).Draw(t, label)
}

// russian and latin are the usual ways to write a Kazakh name in the other two.
func russian(s string) string {
	return strings.NewReplacer("ә", "а", "ғ", "г", "қ", "к", "Қ", "К", "ң", "н", "ө", "о", "ұ", "у", "ү", "у", "һ", "х", "і", "и").Replace(s)
}

func latin(s string) string {
	return strings.NewReplacer("а", "a", "б", "b", "д", "d", "е", "e", "ж", "zh", "з", "z", "и", "i", "к", "k", "л", "l", "м", "m", "н", "n", "о", "o",
		"р", "r", "с", "s", "т", "t", "у", "u", "ы", "y", "ш", "sh").Replace(strings.ToLower(russian(s)))
}

// TestSpellings: however a name is written, it is the same name, and one with
// another part is another.
func TestSpellings(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		kk := name(word(t, "surname"), word(t, "given"))
		write := rapid.SampledFrom([]func(string) string{strings.ToUpper, strings.ToLower, russian, latin}).Draw(t, "spelling")
		other := name(write(kk.Surname), write(kk.GivenName))
		if got := Compare(kk, other); got < Transliterated {
			t.Fatalf("%v and %v: %d", kk, other, got)
		}
		one := full(other.Surname + " " + other.GivenName)
		if got := Compare(kk, one); got < Transliterated {
			t.Fatalf("%v and %v: %d", kk, one, got)
		}
		stranger := name(kk.Surname+"бекова", kk.GivenName+"жан")
		if got := Compare(stranger, other); got != Different {
			t.Fatalf("%v and %v: %d", stranger, other, got)
		}
	})
}

// TestComparingIsFair: a comparison has no direction, a name is itself, and
// nothing makes it fail.
func TestComparingIsFair(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		drawn := func(label string) gateway.PersonName {
			s := func(part string) string { return rapid.StringN(0, 12, 40).Draw(t, label+part) }
			if rapid.Bool().Draw(t, label+" whole") {
				return full(s(" full"))
			}
			return name(s(" surname"), s(" given"), s(" second"))
		}
		a, b := drawn("a"), drawn("b")
		if Compare(a, b) != Compare(b, a) {
			t.Fatalf("%q and %q", a, b)
		}
		if got := Compare(a, a); got != Exact && got != Unknown {
			t.Fatalf("%q is not itself: %d", a, got)
		}
	})
}

// FuzzCompare: whatever two records hold, there is a verdict, the same both
// ways.
func FuzzCompare(f *testing.F) {
	f.Add("Сынақова Айгерім", "SYNAKOVA AIGERIM")
	f.Add("", "\xff")
	f.Add("İ", "i̇")
	f.Fuzz(func(t *testing.T, a, b string) {
		got := Compare(full(a), full(b))
		if got < Unknown || got > Exact || got != Compare(full(b), full(a)) {
			t.Errorf("verdict %d", got)
		}
		if self := Compare(full(a), full(a)); self != Exact && self != Unknown {
			t.Errorf("not itself: %d", self)
		}
	})
}
