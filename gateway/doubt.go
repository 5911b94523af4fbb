package gateway

// DoubtRule is the stable id of a reason not to take a fact at its word.
type DoubtRule string

// The reasons. A code is a reason only where it decides what the fact is (the
// kind of an act, the group of a disability): any other unknown code is marked by
// Code.Known alone.
const (
	DoubtCode      DoubtRule = "code.unknown"     // a code that decides what the fact is and is on no list
	DoubtDate      DoubtRule = "date.impossible"  // a date that does not exist
	DoubtMissing   DoubtRule = "part.missing"     // the contract demands the part, and it did not come
	DoubtNumber    DoubtRule = "number.wrong"     // an IIN, BIN, IBAN or BIC that breaks its own rules
	DoubtRange     DoubtRule = "value.range"      // a value that cannot be, such as 140 per cent
	DoubtOrder     DoubtRule = "dates.order"      // an end before its beginning
	DoubtIdentity  DoubtRule = "person.several"   // two people for one IIN
	DoubtAgreement DoubtRule = "parts.contradict" // two parts of the record do not fit each other
)

// doubts are the texts of the reasons.
var doubts = map[DoubtRule]Texts{ //nolint:gochecknoglobals // a constant table
	DoubtCode: {
		KK: "Фактінің мәнін айқындайтын код белгілі тізімдерде жоқ.",
		RU: "Кода, который определяет смысл факта, нет в известных списках.",
		EN: "The code that decides what the fact is stands on no list.",
	},
	DoubtDate: {
		KK: "Мұндай күн жоқ; мән берілмеді.",
		RU: "Такой даты нет; значение не передано.",
		EN: "There is no such date; the value was left out.",
	},
	DoubtMissing: {
		KK: "Тізілім міндетті бөлікті бермеді.",
		RU: "Реестр не передал обязательную часть.",
		EN: "The registry did not send a part that it must send.",
	},
	DoubtNumber: {
		KK: "Нөмір өз ережесіне сай емес.",
		RU: "Номер не соответствует собственным правилам.",
		EN: "The number breaks its own rules.",
	},
	DoubtRange: {
		KK: "Мұндай мән болуы мүмкін емес; мән берілмеді.",
		RU: "Такого значения быть не может; оно не передано.",
		EN: "There can be no such value; it was left out.",
	},
	DoubtOrder: {
		KK: "Аяқталған күні басталған күнінен бұрын.",
		RU: "Дата окончания раньше даты начала.",
		EN: "It ends before it begins.",
	},
	DoubtIdentity: {
		KK: "Тізілім бір ЖСН бойынша екі адамды берді.",
		RU: "Реестр передал двух человек с одним ИИН.",
		EN: "The registry gave two people for one IIN.",
	},
	DoubtAgreement: {
		KK: "Жазбаның екі бөлігі бір-біріне қайшы.",
		RU: "Две части записи противоречат друг другу.",
		EN: "Two parts of the record contradict each other.",
	},
}

// NewDoubt makes the doubt of a rule about the part of a fact at a JSON pointer,
// "" for the whole fact.
func NewDoubt(rule DoubtRule, pointer string) Doubt {
	return Doubt{Rule: string(rule), Pointer: pointer, Text: doubts[rule]}
}
