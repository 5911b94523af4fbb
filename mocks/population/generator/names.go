package generator

import (
	"strconv"

	"github.com/kopir-kz/kopir/gateway/ident"
	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// given is a given name in its spellings, for men with the Russian patronymics
// of their children.
type given struct{ kk, ru, latin, son, daughter string }

var men = []given{ //nolint:gochecknoglobals // a constant table
	{"Асқар", "Аскар", "ASKAR", "Аскарович", "Аскаровна"},
	{"Берік", "Берик", "BERIK", "Берикович", "Бериковна"},
	{"Ғалым", "Галым", "GALYM", "Галымович", "Галымовна"},
	{"Дастан", "Дастан", "DASTAN", "Дастанович", "Дастановна"},
	{"Еркін", "Еркин", "YERKIN", "Еркинович", "Еркиновна"},
	{"Жандос", "Жандос", "ZHANDOS", "Жандосович", "Жандосовна"},
	{"Қанат", "Канат", "KANAT", "Канатович", "Канатовна"},
	{"Марат", "Марат", "MARAT", "Маратович", "Маратовна"},
	{"Нұрлан", "Нурлан", "NURLAN", "Нурланович", "Нурлановна"},
	{"Олжас", "Олжас", "OLZHAS", "Олжасович", "Олжасовна"},
	{"Рүстем", "Рустем", "RUSTEM", "Рустемович", "Рустемовна"},
	{"Самат", "Самат", "SAMAT", "Саматович", "Саматовна"},
	{"Тимур", "Тимур", "TIMUR", "Тимурович", "Тимуровна"},
	{"Шыңғыс", "Шынгыс", "SHYNGYS", "Шынгысович", "Шынгысовна"},
}

var women = []given{ //nolint:gochecknoglobals // a constant table
	{kk: "Айгүл", ru: "Айгуль", latin: "AIGUL"},
	{kk: "Әсел", ru: "Асель", latin: "ASSEL"},
	{kk: "Ботагөз", ru: "Ботагоз", latin: "BOTAGOZ"},
	{kk: "Гүлмира", ru: "Гульмира", latin: "GULMIRA"},
	{kk: "Динара", ru: "Динара", latin: "DINARA"},
	{kk: "Жанар", ru: "Жанар", latin: "ZHANAR"},
	{kk: "Индира", ru: "Индира", latin: "INDIRA"},
	{kk: "Қарлығаш", ru: "Карлыгаш", latin: "KARLYGASH"},
	{kk: "Мәдина", ru: "Мадина", latin: "MADINA"},
	{kk: "Назгүл", ru: "Назгуль", latin: "NAZGUL"},
	{kk: "Сәуле", ru: "Сауле", latin: "SAULE"},
	{kk: "Толғанай", ru: "Толганай", latin: "TOLGANAI"},
	{kk: "Ұлпан", ru: "Улпан", latin: "ULPAN"},
	{kk: "Шолпан", ru: "Шолпан", latin: "SHOLPAN"},
}

// surname of a man; women have an ending more.
type surname struct{ kk, ru, latin string }

var surnames = []surname{ //nolint:gochecknoglobals // a constant table
	{"Сынақов", "Сынаков", "SYNAKOV"},
	{"Сынақбаев", "Сынакбаев", "SYNAKBAEV"},
	{"Сынақбеков", "Сынакбеков", "SYNAKBEKOV"},
	{"Сынақжанов", "Сынакжанов", "SYNAKZHANOV"},
	{"Сынақтаев", "Сынактаев", "SYNAKTAEV"},
	{"Сынақұлов", "Сынакулов", "SYNAKULOV"},
}

func (s surname) of(sex ident.Sex) fact.Names {
	end, latin := "", ""
	if sex == ident.Female {
		end, latin = "а", "A"
	}
	return fact.Names{
		Kk:    fact.Name{Surname: s.kk + end},
		Ru:    fact.Name{Surname: s.ru + end},
		Latin: fact.Name{Surname: s.latin + latin},
	}
}

// family's surname, and the one the woman was born with.
func (p *Population) surname(family int) surname {
	return surnames[p.draw(family, "surname", len(surnames))]
}

func (p *Population) maiden(family int) surname {
	n := p.draw(family, "surname", len(surnames)) + 1 + p.draw(family, "maiden", len(surnames)-1)
	return surnames[n%len(surnames)]
}

func (p *Population) given(family, part int) given {
	from := men
	if p.sex(family, part) == ident.Female {
		from = women
	}
	n := p.draw(family, "given", len(from)) + part // siblings differ
	return from[n%len(from)]
}

// name is the present name of a member.
func (p *Population) name(family, part int) fact.Names {
	k, sex := p.kind(family), p.sex(family, part)
	from := p.surname(family)
	if part == woman && k.bond != married && k.bond != widowed || isChild(part) && !k.has(man) {
		from = p.maiden(family)
	}
	g, names := p.given(family, part), from.of(sex)
	names.Kk.Given, names.Ru.Given, names.Latin.Given = g.kk, g.ru, g.latin
	names.Kk.Patronymic, names.Ru.Patronymic = patronymic(p.father(family, part), sex)
	return names
}

// father is the given name of somebody's father.
func (p *Population) father(family, part int) given {
	if isChild(part) && p.kind(family).has(man) {
		return p.given(family, man)
	}
	return men[p.draw(family, "father"+strconv.Itoa(part), len(men))]
}

func patronymic(father given, sex ident.Sex) (kk, ru string) {
	if sex == ident.Female {
		return father.kk + "қызы", father.daughter
	}
	return father.kk + "ұлы", father.son
}
