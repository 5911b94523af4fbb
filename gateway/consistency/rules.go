package consistency

import "github.com/kopir-kz/kopir/gateway"

// Rule is the stable id of a comparison.
type Rule string

// The comparisons.
const (
	NameMatch      Rule = "name.match"           // the name in two records
	NameChanged    Rule = "name.changed"         // two names, and the act that made one of the other
	BirthMatch     Rule = "birth_date.match"     // the birth date in two records
	IINBirth       Rule = "iin.birth_date"       // the birth date and the one that the IIN records
	IINSex         Rule = "iin.sex"              // the sex and the one that the IIN records
	Identity       Rule = "person.several"       // two people of one registry under one IIN
	DeathMatch     Rule = "death.match"          // dead in both registries or in one
	DeathDate      Rule = "death.date"           // the date of death in two records
	AccountHolder  Rule = "account.holder"       // whose account it is
	AccountBank    Rule = "account.bank"         // the BIC and the bank in the account's number
	AccountDead    Rule = "account.deceased"     // an account of somebody who is dead
	AgeDisability  Rule = "age.child_disability" // a child's disability and the age
	AgeMarriage    Rule = "age.marriage"         // the age at a marriage
	AgeParent      Rule = "age.parent"           // the ages of parent and child
	AgeWard        Rule = "age.ward"             // the age of a ward
	AgeGuardian    Rule = "age.guardian"         // the age of a guardian
	OutOfTimeOrder Rule = "act.before_birth"     // an act before the birth of its party
)

type levels map[gateway.FindingLevel]gateway.Texts

const (
	ok            = gateway.FindingLevelOk
	doubt         = gateway.FindingLevelDoubt
	contradiction = gateway.FindingLevelContradiction
)

// texts are the outcomes that each comparison can have.
var texts = map[Rule]levels{ //nolint:gochecknoglobals // a constant table
	NameMatch: {
		ok:            {KK: "Аты-жөні сәйкес келеді.", RU: "Имя совпадает.", EN: "The names agree."},
		doubt:         {KK: "Аты-жөні ұқсас, бірақ бірдей емес.", RU: "Имена похожи, но не одинаковы.", EN: "The names are similar, but not the same."},
		contradiction: {KK: "Аты-жөні әртүрлі.", RU: "Имена разные.", EN: "The names differ."},
	},
	NameChanged: {
		ok: {KK: "Аты-жөні әртүрлі; оны азаматтық хал актісі түсіндіреді.", RU: "Имена разные; это объясняет акт гражданского состояния.", EN: "The names differ, and a civil act explains it."},
	},
	BirthMatch: {
		ok:            {KK: "Туған күні сәйкес келеді.", RU: "Дата рождения совпадает.", EN: "The birth dates agree."},
		contradiction: {KK: "Туған күні әртүрлі.", RU: "Даты рождения разные.", EN: "The birth dates differ."},
	},
	IINBirth: {
		doubt: {KK: "Туған күні ЖСН-дегі күннен өзгеше.", RU: "Дата рождения отличается от даты в ИИН.", EN: "The birth date is not the one that the IIN records."},
	},
	IINSex: {
		doubt: {KK: "Жынысы ЖСН-дегі белгіден өзгеше.", RU: "Пол отличается от указанного в ИИН.", EN: "The sex is not the one that the IIN records."},
	},
	Identity: {
		contradiction: {KK: "Бір тізілімде бір ЖСН екі адамға берілген.", RU: "В одном реестре у двух человек один ИИН.", EN: "One registry has two people under one IIN."},
	},
	DeathMatch: {
		ok:            {KK: "Екі тізілім де адамның қайтыс болғанын растайды.", RU: "Оба реестра сообщают о смерти.", EN: "Both registries report the death."},
		contradiction: {KK: "Адам бір тізілімде ғана қайтыс болған деп көрсетілген.", RU: "Человек указан умершим только в одном реестре.", EN: "The person is dead in one registry only."},
	},
	DeathDate: {
		ok:    {KK: "Қайтыс болған күні сәйкес келеді.", RU: "Дата смерти совпадает.", EN: "The dates of death agree."},
		doubt: {KK: "Қайтыс болған күні әртүрлі.", RU: "Даты смерти разные.", EN: "The dates of death differ."},
	},
	AccountHolder: {
		ok:            {KK: "Шот осы адамға тиесілі.", RU: "Счёт принадлежит этому человеку.", EN: "The account is this person's."},
		doubt:         {KK: "Шот иесі толық расталмады.", RU: "Владелец счёта подтверждён не полностью.", EN: "The holder of the account is not fully confirmed."},
		contradiction: {KK: "Шот басқа адамға тиесілі.", RU: "Счёт принадлежит другому человеку.", EN: "The account is somebody else's."},
	},
	AccountBank: {
		ok:            {KK: "БСК шоттың банкіне сәйкес.", RU: "БИК соответствует банку счёта.", EN: "The BIC is that of the account's bank."},
		contradiction: {KK: "БСК шоттың банкіне сәйкес емес.", RU: "БИК не соответствует банку счёта.", EN: "The BIC is not that of the account's bank."},
	},
	AccountDead: {
		contradiction: {KK: "Ашық шоттың иесі қайтыс болған.", RU: "Владелец открытого счёта умер.", EN: "The holder of the open account is dead."},
	},
	AgeDisability: {
		ok:            {KK: "Балалық мүгедектік жасына сәйкес.", RU: "Детская категория инвалидности соответствует возрасту.", EN: "The category of a child fits the age."},
		doubt:         {KK: "Балалық мүгедектіктің санаты жасына сәйкес емес.", RU: "Категория детской инвалидности не соответствует возрасту.", EN: "The category of a child's disability is another one at this age."},
		contradiction: {KK: "Балалық мүгедектік кәмелетке толған адамда көрсетілген.", RU: "Детская категория инвалидности указана у совершеннолетнего.", EN: "An adult has a child's disability."},
	},
	AgeMarriage: {
		doubt:         {KK: "Неке қиылғанда жұбайы 18-ге толмаған.", RU: "При заключении брака супругу не было 18 лет.", EN: "A spouse was under 18 at the marriage."},
		contradiction: {KK: "Неке қиылғанда жұбайы 16-ға толмаған.", RU: "При заключении брака супругу не было 16 лет.", EN: "A spouse was under 16 at the marriage."},
	},
	AgeParent: {
		doubt:         {KK: "Ата-ана мен баланың жас айырмашылығы 14 жастан аз.", RU: "Разница в возрасте родителя и ребёнка меньше 14 лет.", EN: "A parent is less than 14 years older than the child."},
		contradiction: {KK: "Ата-анасы баладан үлкен емес.", RU: "Родитель не старше ребёнка.", EN: "A parent is not older than the child."},
	},
	AgeWard: {
		doubt: {KK: "Қамқорлықтағы адам кәмелетке толған.", RU: "Подопечный совершеннолетний.", EN: "The ward is of age."},
	},
	AgeGuardian: {
		contradiction: {KK: "Қорғаншы кәмелетке толмаған.", RU: "Опекун несовершеннолетний.", EN: "The guardian is under age."},
	},
	OutOfTimeOrder: {
		contradiction: {KK: "Акт қатысушысының туған күнінен бұрын тіркелген.", RU: "Акт зарегистрирован раньше рождения его участника.", EN: "The act was registered before its party was born."},
	},
}
