package soap

import "strings"

// vocabulary is the closed list of words that may reach our log from a text or
// a code of a peer, in lower case: what is said about messages, services,
// signatures and time. Words that are also names of people (grant, mark,
// рұқсат, вера) are left out on purpose; so is whatever describes a person.
//
//nolint:gochecknoglobals // a constant table
var vocabulary = words(
	// English
	`a an and at be been but by can cannot could did do does for from has have in into is it no not of on only or
	out than that the then this to too was were when while with without
	absent access action address already algorithm answer attempt authentication authorization available bad body busy
	certificate chain channel check checksum client closed code common configuration connect connection consent contract
	corrupt could data database denied detail digest digital disabled document down duplicate element empty encoding
	envelope error exceeded exception exist exists expected expired failed failure fault field file forbidden format found
	gateway handler header host id ill illegal incorrect input interaction internal invalid key known length limit
	location lost maintenance malformed many match maximum message method mismatch missing mustunderstand namespace
	network node null occurred operation out overload overloaded parameter parse parser password payload permission
	policy processed processing protocol provider queue receive received receiver record refused register registry
	reject rejected request required resource response retry revoked rights route schema security send sender server
	service session signature signed signing size soap stale state status successfully success system technical temporarily
	temporary terminated time timeout timed token transport trust trusted type unauthorized unavailable undefined
	unexpected unknown unreachable unsigned unsupported untrusted user validation value verification verified verify
	version versionmismatch violation wrong xml env`,
	// Russian
	`а без был была были было быть в во для до если за и из или к как не нет но о об от по при с со то что это
	авторизация адрес база базы верна верен верный внешний внутренняя внутренний время выполнен выполнена выполнено
	данные данных действителен действительна действия документ документа доступ доступа доступен доступна доступно
	доступны запись записи запрещен запрещён запрещена запрещено запроса запрос запросов значение значения идентификатор
	истек истёк истекло истекла исчерпан канал ключ ключа код кода количество конверт лимит маршрут метод найден найдена
	найдено найдены неверен неверна неверно неверный неверная неверное недействителен недействительна недействительный
	недоступен недоступна недоступно недоступны некорректный некорректная некорректно некорректное некорректные
	неизвестный неизвестная неизвестно неизвестная необходимо неправильный обработка обработки обработан обработано
	обратитесь обязательное обязательный ожидание ожидания операция операции отказ отказано отклонен отклонён отклонено
	отозван отправитель отправителя отсутствует отсутствуют ответ ответа ошибка ошибки ошибок параметр параметра пароль
	перегрузка повторите подключение подписан подписи подпись подписью поле поля полей позже получен получено попытка
	попыток пользователь права прав превышен превышена превышено проверка проверки пройдена просрочен работы размер
	реестр реестра регистр сбой сервер сервера сервис сервиса сертификат сертификата сервисом система системы словарь
	соединение соединения сообщение сообщения соответствует срок статус схема схеме таймаут тело технические технический
	тип токен токена требуется удалось успешно формат формата цепочка шина шлюз элемент элемента эцп`,
	// Kazakh
	`аяқталды бар бос байланыс болды болмады да де деректер дерекқор дұрыс емес енгізу енгізілмеген және жоқ жауап
	жарамды жарамсыз жүйе жүйеде жібер жіберу кілт коды күту күтпеген қайта қайталаңыз қате қатесі қателік қол қолтаңба
	қолтаңбасы қолжетімді қолжетімсіз қызмет қызметі құжат міндетті мерзімі мәні немесе орындалмады орындалды өріс өрісі
	өтті өткен өңдеу пішімі рет сервисі серверде сұрау сұраныс сұрауы тексеру тиіс тізілім тізілімде табылмады табылды
	тым тыйым салынған үшін уақыт уақыты хабарлама хабар шектеу шлюзі шегі элементі`,
)

// words makes the set of the words in several lists.
func words(lists ...string) map[string]struct{} {
	set := map[string]struct{}{}
	for _, list := range lists {
		for word := range strings.FieldsSeq(list) {
			set[word] = struct{}{}
		}
	}
	return set
}

// word finds a word in the vocabulary, whatever its case, and gives it in lower
// case.
func word(s string) (string, bool) {
	s = strings.ToLower(s)
	_, ok := vocabulary[s]
	return s, ok
}
