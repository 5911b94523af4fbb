package person

// Code is a value of messageResult, the registry's own status.
type Code string

// Codes of messageResult. Only 00000 is on public record; that other codes come
// with texts and without persons is recorded too, their values are not. Those
// below are ours, arranged like the status codes of HTTP: 401 consent, 403
// rights, 404 no record, 500 fault, 503 not now.
const (
	Processed      Code = "00000"
	ConsentMissing Code = "40101"
	ConsentUnknown Code = "40102"
	ConsentExpired Code = "40103"
	ConsentOther   Code = "40104" // a token for another service
	Refused        Code = "40301"
	NoRecord       Code = "404"
	Broken         Code = "50001"
	Maintenance    Code = "50301"
	Overloaded     Code = "50302"
)

// Ru is the text of a code in Russian.
func (c Code) Ru() string { ru, _ := c.texts(); return ru }

// Kk is the text of a code in Kazakh.
func (c Code) Kk() string { _, kk := c.texts(); return kk }

func (c Code) texts() (ru, kk string) {
	switch c {
	case Processed:
		return "Сообщение успешно обработано", "Хабарлама сәтті өңделді"
	case ConsentMissing:
		return "Не передан токен согласия", "Келісім токені берілмеген"
	case ConsentUnknown:
		return "Токен согласия неизвестен", "Келісім токені белгісіз"
	case ConsentExpired:
		return "Срок действия токена согласия истёк", "Келісім токенінің мерзімі өткен"
	case ConsentOther:
		return "Токен согласия выдан для другого сервиса", "Келісім токені басқа сервиске берілген"
	case Refused:
		return "Нет прав на получение сведений", "Мәліметтерді алуға құқық жоқ"
	case NoRecord:
		return "Сведения не найдены", "Мәліметтер табылмады"
	case Maintenance:
		return "Ведутся технические работы", "Техникалық жұмыстар жүргізілуде"
	case Overloaded:
		return "Система перегружена", "Жүйе шамадан тыс жүктелген"
	default:
		return "Внутренняя ошибка", "Ішкі қате"
	}
}
