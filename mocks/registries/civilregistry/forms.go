package civilregistry

import (
	"slices"

	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// form is how the registry writes acts of one kind.
type form struct {
	kind    fact.ActKind
	code    string // of actType
	name    fact.Entry
	element string
	people  []place // in the order of the record
}

// place is the element for somebody in a role.
type place struct {
	element string
	role    fact.Role
}

var forms = []form{ //nolint:gochecknoglobals // a constant table
	{
		fact.Birth, "01",
		fact.Entry{Ru: "Рождение", Kk: "Туу"},
		"birthAktRecord",
		[]place{{"child", fact.Child}, {"mother", fact.Mother}, {"father", fact.Father}},
	},
	{
		fact.Death, "02",
		fact.Entry{Ru: "Смерть", Kk: "Қайтыс болу"},
		"deathAktRecord",
		[]place{{"deceased", fact.Subject}},
	},
	{
		fact.Marriage, "03",
		fact.Entry{Ru: "Заключение брака", Kk: "Неке қию"},
		"marriageAktRecord",
		[]place{{"husband", fact.Husband}, {"wife", fact.Wife}},
	},
	{
		fact.Divorce, "04",
		fact.Entry{Ru: "Расторжение брака", Kk: "Некені бұзу"},
		"divorceAktRecord",
		[]place{{"husband", fact.Husband}, {"wife", fact.Wife}},
	},
	{
		fact.NameChange, "05",
		fact.Entry{Ru: "Перемена имени, отчества, фамилии", Kk: "Атын, әкесінің атын, тегін өзгерту"},
		"nameChangeAktRecord",
		[]place{{"person", fact.Subject}},
	},
	{
		fact.Adoption, "06",
		fact.Entry{Ru: "Усыновление (удочерение)", Kk: "Бала асырап алу"},
		"adoptionAktRecord",
		[]place{{"child", fact.Child}, {"adoptiveMother", fact.Mother}, {"adoptiveFather", fact.Father}},
	},
	{
		fact.Paternity, "07",
		fact.Entry{Ru: "Установление отцовства", Kk: "Әке болуды анықтау"},
		"paternityAktRecord",
		[]place{{"child", fact.Child}, {"mother", fact.Mother}, {"father", fact.Father}},
	},
}

// formOf finds the form of a kind; there is one for every kind.
func formOf(kind fact.ActKind) form {
	return forms[slices.IndexFunc(forms, func(f form) bool { return f.kind == kind })]
}

func known(code string) bool {
	return slices.ContainsFunc(forms, func(f form) bool { return f.code == code })
}

// inForce is the status of every act: the population has no annulled ones.
const inForce = "01"

// Codes of fatherBasis.
const (
	byMarriage  = "01"
	byStatement = "03" // of the mother
)

// entries are the texts of the codes of status and fatherBasis.
var entries = map[string]map[string]fact.Entry{ //nolint:gochecknoglobals // a constant table
	"status": {inForce: {Ru: "Действует", Kk: "Күшінде"}},
	"fatherBasis": {
		byMarriage:  {Ru: "Брак родителей", Kk: "Ата-ананың некесі"},
		byStatement: {Ru: "Заявление матери", Kk: "Анасының өтініші"},
	},
}
