package person

// Code is a value of messageResult, the registry's own status.
type Code struct{ Code, Ru, Kk string }

// Codes of messageResult. Only 00000 is on public record; that other codes come
// with texts and without persons is recorded too, their values are not. Those
// below are ours, arranged like the status codes of HTTP: 401 consent, 403
// rights, 404 no record, 500 fault, 503 not now.
var (
	Processed      = Code{"00000", "Сообщение успешно обработано", "Хабарлама сәтті өңделді"}
	ConsentMissing = Code{"40101", "Не передан токен согласия", "Келісім токені берілмеген"}
	ConsentUnknown = Code{"40102", "Токен согласия неизвестен", "Келісім токені белгісіз"}
	ConsentExpired = Code{"40103", "Срок действия токена согласия истёк", "Келісім токенінің мерзімі өткен"}
	ConsentOther   = Code{"40104", "Токен согласия выдан для другого сервиса", "Келісім токені басқа сервиске берілген"}
	Refused        = Code{"40301", "Нет прав на получение сведений", "Мәліметтерді алуға құқық жоқ"}
	NoRecord       = Code{"404", "Сведения не найдены", "Мәліметтер табылмады"}
	Broken         = Code{"50001", "Внутренняя ошибка", "Ішкі қате"}
	Maintenance    = Code{"50301", "Ведутся технические работы", "Техникалық жұмыстар жүргізілуде"}
	Overloaded     = Code{"50302", "Система перегружена", "Жүйе шамадан тыс жүктелген"}
)
