package person_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/adapters/adaptertest"
	"github.com/kopir-kz/kopir/adapters/person"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

const (
	iin    = "904315401016"
	second = "904315401026"
)

// one is a person with nothing but what the schema requires.
const one = `<person><iin>` + iin + `</iin><surname>СЫНАҚОВА</surname><birthDate>1990-03-15</birthDate>` +
	`<gender><code>2</code><nameRu>Женский</nameRu><nameKz>Әйел</nameKz></gender>` +
	`<nationality><code>005</code><nameRu>Казах</nameRu><nameKz>Қазақ</nameKz></nationality>` +
	`<citizenship><code>398</code><nameRu>Казахстан</nameRu><nameKz>Қазақстан</nameKz></citizenship>` +
	`<lifeStatus><code>0</code><nameRu>Нормальный</nameRu><nameKz>Қалыпты</nameKz></lifeStatus>` +
	`<birthPlace/></person>`

const head = `<m:Response xmlns:m="http://message.persistence.interactive.nat" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
	`<messageId>1</messageId><messageDate>2025-09-01T10:00:01+05:00</messageDate><requestId>question-1</requestId>` +
	`<sender><code>GBDFL</code></sender><receiver><code>EXAMPLE</code></receiver>` +
	`<messageResult><code>00000</code><nameRu>Сообщение успешно обработано</nameRu></messageResult>`

const (
	single = head + `<persons>` + one + `</persons></m:Response>`
	none   = head + `</m:Response>`
)

func meta() gateway.Meta {
	return gateway.Meta{MessageID: "question-1", Date: time.Date(2025, 9, 1, 10, 0, 0, 0, time.FixedZone("", 5*60*60))}
}

func read(t testing.TB, q gateway.Query, document string) (gateway.Persons, error) {
	t.Helper()
	doc, err := xmltext.Parse([]byte(document), xmltext.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	facts, err := person.New(adaptertest.Codes(t)).Answer(q, meta(), gateway.Payload{Root: doc.Root()})
	if err != nil {
		return nil, err
	}
	return facts.(gateway.Persons), nil
}

// change replaces the one place of old.
func change(t testing.TB, document, old, now string) string {
	t.Helper()
	if strings.Count(document, old) != 1 {
		t.Fatalf("%q stands there %d times", old, strings.Count(document, old))
	}
	return strings.Replace(document, old, now, 1)
}

// TestTolerated: what live answers are known to do differs in form, not in fact.
func TestTolerated(t *testing.T) {
	t.Parallel()
	want, err := read(t, gateway.PersonQuery{IIN: iin}, single)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, old, now string }{
		{"data is the root, in an odd namespace", `<m:Response xmlns:m="http://message.persistence.interactive.nat"`, `<data xmlns="http://bip.bee.kz/SyncChannel/v10/Interfaces"`},
		{"root without a namespace", `<m:Response xmlns:m="http://message.persistence.interactive.nat"`, `<Response`},
		{"everything qualified", `<m:Response xmlns:m=`, `<Response xmlns=`},
		{"declared root of SmartBridge", `<m:Response xmlns:m="http://message.persistence.interactive.nat"`, `<s:sendMessageResponse xmlns:s="http://smartbridge.b10.kz"`},
		{"date with an offset", "<birthDate>1990-03-15", "<birthDate>1990-03-15+06:00"},
		{"date as a dateTime", "<birthDate>1990-03-15", "<birthDate>1990-03-15T00:00:00.000+06:00"},
		{"white space around values", "<birthDate>1990-03-15", "<birthDate>\n 1990-03-15 \t"},
		{"value in CDATA", "<birthDate>1990-03-15", "<birthDate><![CDATA[1990-03-15]]>"},
		{"value in character references", "<surname>СЫНАҚОВА", "<surname>&#1057;&#x42B;НАҚОВА"},
		{"optional dates are nil", "<birthPlace/>", `<deathDate xsi:nil="true"/><birthPlace/>`},
		{"empty optional elements", "<birthPlace/>", `<name/><patronymic></patronymic><deathDate> </deathDate><regAddress/><missingStatus/><birthPlace/>`},
		{"nil optional structures", "<birthPlace/>", `<regAddress xsi:nil="1"/><documents xsi:nil="true"/><birthPlace/>`},
		{"empty lists", "<birthPlace/>", `<birthPlace/><documents/><addresses></addresses>`},
		{"empty entries of lists", "<birthPlace/>", `<birthPlace/><documents><document/></documents><addresses><address><type/></address></addresses>`},
		{"a hyphen for a city", "<birthPlace/>", `<birthPlace><city>-</city></birthPlace>`},
		{"missing person is not missing", "<birthPlace/>", `<missingStatus><missing>false</missing></missingStatus><birthPlace/>`},
		{"no name, and an element of somebody else's", "<birthPlace/>", `<birthPlace/><x:novelty xmlns:x="urn:example:novelty">1</x:novelty>`},
		{"no record removed", "<birthPlace/>", `<birthPlace/><removed>0</removed>`},
		{"texts from our list", `<code>2</code><nameRu>Женский</nameRu><nameKz>Әйел</nameKz>`, `<code>2</code>`},
		{"no requestId", "<requestId>question-1</requestId>", ""},
		{"a signature behind the data", "</persons>", `</persons><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo/></ds:Signature>`},
		{"a code that the profile counts as a success", "<code>00000</code>", "<code>00001</code>"},
		{"lists split in two", "</persons>", `</persons><persons/>`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			document := change(t, single, tt.old, tt.now)
			if root := tt.now[:strings.IndexAny(tt.now+" ", " ")]; strings.HasPrefix(tt.old, "<m:Response") {
				document = change(t, document, "</m:Response>", "</"+root[1:]+">")
			}
			got, err := read(t, gateway.PersonQuery{IIN: iin}, document)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != 1 || !samePerson(got[0], want[0]) {
				t.Errorf("other facts: %+v", got)
			}
		})
	}
}

// samePerson compares without the lists, which the cases leave empty.
func samePerson(a, b gateway.Person) bool {
	if len(a.Documents)+len(b.Documents)+len(a.Addresses)+len(b.Addresses) > 0 {
		return false
	}
	return a.Surname == b.Surname && a.GivenName == b.GivenName && a.SecondName == b.SecondName && a.BirthDate == b.BirthDate &&
		a.DeathDate == b.DeathDate && a.Gender == b.Gender && a.Sex == b.Sex && a.BirthPlace == b.BirthPlace &&
		a.RegistrationAddress == b.RegistrationAddress && a.Missing == b.Missing && a.Removed == b.Removed && a.IIN == b.IIN
}

// TestRefused: what would become a wrong fact, or a fact about somebody else.
func TestRefused(t *testing.T) {
	t.Parallel()
	const violation, mismatch, registry = fault.ContractViolation, fault.AnswerMismatch, fault.RegistryFault
	for _, tt := range []struct {
		name, old, now string
		kind           fault.Kind
		text           string // in the refusal
	}{
		{"two persons for one IIN", "</person>", "</person>" + strings.Replace(one, iin, second, 1), violation, "more than one person"},
		{"the same person twice", "</person>", "</person>" + one, violation, "more than one person"},
		{"two lists with a person each", "</persons>", "</persons><persons>" + one + "</persons>", violation, "more than one person"},
		{"another person", "<iin>" + iin, "<iin>" + second, mismatch, "another IIN"},
		{"answer to another message", "question-1", "question-2", mismatch, "requestId"},
		{"an empty result code", "<code>00000</code>", "<code></code>", violation, "Response/messageResult/code is missing"},
		{"no result", "messageResult><code>00000</code><nameRu>Сообщение успешно обработано</nameRu></messageResult", "messageResult/><x></x", violation, "Response/messageResult is missing"},
		{"no IIN", "<iin>" + iin + "</iin>", "", violation, "Response/persons/person/iin is missing"},
		{"two IINs", "</iin>", "</iin><iin>" + second + "</iin>", violation, "Response/persons/person/iin stands there twice"},
		{"no birth date", "<birthDate>1990-03-15</birthDate>", "", violation, "Response/persons/person/birthDate is missing"},
		{"birth date renamed", "<birthDate>1990-03-15</birthDate>", "<dateOfBirth>1990-03-15</dateOfBirth>", violation, "birthDate is missing"},
		{"birth date nil", "<birthDate>1990-03-15", `<birthDate xsi:nil="true">`, violation, "birthDate is missing"},
		{"birth date the other way round", "1990-03-15", "15.03.1990", violation, "birthDate is not a date"},
		{"birth date moved into UTC", "1990-03-15", "1990-03-14T18:00:00Z", violation, "birthDate is not a date"},
		{"death date that is none", "<birthPlace/>", "<deathDate>2025-02-30</deathDate><birthPlace/>", violation, "deathDate is not a date"},
		{"surname renamed", "surname>СЫНАҚОВА</surname>", "lastName>СЫНАҚОВА</lastName>", violation, "Response/persons/person has no surname or name"},
		{"two surnames", "</surname>", "</surname><surname>СЫНАҚ</surname>", violation, "surname stands there twice"},
		{"no gender", "<gender><code>2</code><nameRu>Женский</nameRu><nameKz>Әйел</nameKz></gender>", "", violation, "gender is missing"},
		{"texts without a code", "<code>2</code>", "", violation, "gender/code is missing"},
		{"code renamed", "<code>2</code>", "<kod>2</kod>", violation, "gender/code is missing"},
		{"no birth place", "<birthPlace/>", "", violation, "birthPlace is missing"},
		{"neither true nor false", "<birthPlace/>", "<birthPlace/><removed>yes</removed>", violation, "removed is neither true nor false"},
		{"missing without a date", "<birthPlace/>", "<birthPlace/><missingStatus><missing>true</missing></missingStatus>", violation, "missingStatus/missingDate is missing"},
		{"documents of another name", "<birthPlace/>", "<birthPlace/><documents><doc><number>1</number></doc></documents>", violation, "documents holds something else than document"},
		{"a person that says nothing", one, "<person/>", violation, "iin is missing"},
		{"person of another name", one, strings.ReplaceAll(one, "person>", "individual>"), violation, "persons holds something else than person"},
		{"persons of another name", "<persons>" + one + "</persons>", "<people>" + one + "</people>", violation, "a structure that the contract does not know"},
		{"an error of the registry", "<code>00000</code><nameRu>Сообщение успешно обработано</nameRu></messageResult><persons>" + one + "</persons>", "<code>00017</code></messageResult>", registry, "messageResult reports an error"},
		{"no answer at all", single, "<data/>", violation, "messageResult is missing"},
		{"an answer too deep", single, "<a><b><c>" + single + "</c></b></a>", violation, "messageResult is missing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, gateway.PersonQuery{IIN: iin}, change(t, single, tt.old, tt.now))
			if !errors.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.text) || got != nil {
				t.Errorf("got %v, want %s: %s", err, tt.kind, tt.text)
			}
		})
	}
}

// TestNotFound: knowing that there is nobody is a result.
func TestNotFound(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, document string }{
		{"no persons", none},
		{"empty persons", change(t, none, "</m:Response>", "<persons/></m:Response>")},
		{"nil persons", change(t, none, "</m:Response>", `<persons xsi:nil="true"></persons></m:Response>`)},
		{"wrapped in data", "<data>" + none + "</data>"},
		{"with the owner's signature", change(t, none, "</m:Response>", `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo/></ds:Signature></m:Response>`)},
		{"with an unknown text", change(t, none, "</m:Response>", `<duration>12</duration></m:Response>`)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, gateway.PersonQuery{IIN: iin}, tt.document)
			if err != nil || got.Found() {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

// TestOtherSearches: several people may fit a name; nobody is taken who does
// not fit the question.
func TestOtherSearches(t *testing.T) {
	t.Parallel()
	other := strings.Replace(one, iin, second, 1)
	two := change(t, single, "</person>", "</person>"+other)
	holder := change(t, single, "<birthPlace/>", "<birthPlace/><documents>"+document("001", "17", "S", "900001", "2010-01-01", "", "")+"</documents>")
	byName := gateway.PersonQuery{BirthDate: "1990-03-15", Surname: "СЫНАҚОВА"}
	for _, tt := range []struct {
		name     string
		query    gateway.PersonQuery
		document string
		persons  int
		kind     fault.Kind
	}{
		{"two of one name", byName, two, 2, ""},
		{"the same IIN twice", byName, change(t, single, "</person>", "</person>"+one), 0, fault.ContractViolation},
		{"another birth date", byName, strings.Replace(two, "1990-03-15", "1990-03-16", 1), 0, fault.AnswerMismatch},
		{"an IIN with a wrong check digit", byName, change(t, single, iin, "904315401017"), 0, fault.ContractViolation},
		{"by document", gateway.PersonQuery{DocumentNumber: "900001"}, holder, 1, ""},
		{"by document with series, small letters", gateway.PersonQuery{DocumentNumber: "s900001"}, holder, 1, ""},
		{"by document, documents not listed", gateway.PersonQuery{DocumentNumber: "900001"}, single, 1, ""},
		{"holder of another document", gateway.PersonQuery{DocumentNumber: "900002"}, holder, 0, fault.AnswerMismatch},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, tt.query, tt.document)
			if len(got) != tt.persons || (err == nil) != (tt.kind == "") || tt.kind != "" && !errors.Is(err, tt.kind) {
				t.Errorf("got %d persons, %v", len(got), err)
			}
		})
	}
}

// document is one document of the list.
func document(kind, status, series, number, begin, end, invalid string) string {
	return `<document><type><code>` + kind + `</code></type><number>` + number + `</number><series>` + series + `</series>` +
		`<beginDate>` + begin + `</beginDate><endDate>` + end + `</endDate><issueOrganization><code>002</code></issueOrganization>` +
		`<status><code>` + status + `</code></status><invalidityDate>` + invalid + `</invalidityDate><birthDate>1990-03-15</birthDate></document>`
}

func TestIdentityDocument(t *testing.T) {
	t.Parallel()
	card := document("002", "00", "", "990000001", "2020-01-01", "2030-01-01", "")
	passport := document("001", "00", "N", "900001", "2021-01-01", "2031-01-01", "")
	for _, tt := range []struct {
		name   string
		list   string
		listed int
		picked string // number
	}{
		{"nothing", "", 0, ""},
		{"card before passport", passport + card, 2, "990000001"},
		{"passport alone", passport, 1, "900001"},
		{"card replaced, passport valid", document("002", "17", "", "990000001", "2010-01-01", "2020-01-01", "2019-01-01") + passport, 2, "900001"},
		{"foreign passport is none", document("015", "00", "F", "900009", "2021-01-01", "2031-01-01", ""), 1, ""},
		{"later of two cards", document("002", "00", "", "990000002", "2024-01-01", "2034-01-01", "") + card, 2, "990000002"},
		{"same card listed twice", card + card, 1, "990000001"},
		{"same card, two statuses", card + document("002", "17", "", "990000001", "2020-01-01", "2030-01-01", "2024-01-01"), 2, ""},
		{"over yesterday", document("002", "00", "", "990000003", "2015-09-01", "2025-08-31", ""), 1, ""},
		{"last day today", document("002", "00", "", "990000003", "2015-09-01", "2025-09-01", ""), 1, "990000003"},
		{"without end", document("002", "00", "", "990000003", "2015-09-01", "", ""), 1, "990000003"},
		{"card over, passport valid", document("002", "00", "", "990000003", "2015-09-01", "2025-08-31", "") + passport, 2, "900001"},
		{"unknown status", document("002", "99", "", "990000003", "2015-09-01", "", ""), 1, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, gateway.PersonQuery{IIN: iin}, change(t, single, "<birthPlace/>", "<birthPlace/><documents>"+tt.list+"</documents>"))
			if err != nil {
				t.Fatal(err)
			}
			if p := got[0]; len(p.Documents) != tt.listed || p.IdentityDocument.Number != tt.picked {
				t.Errorf("%d listed, picked %q; want %d, %q", len(p.Documents), p.IdentityDocument.Number, tt.listed, tt.picked)
			}
		})
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	got, err := read(t, gateway.PersonQuery{IIN: iin}, change(t, single, "<birthPlace/>",
		`<excludeStatus><excludeReason><code>9</code><nameRu>Сынақ</nameRu></excludeReason><excludeParticipant>РАГС</excludeParticipant></excludeStatus><birthPlace/>`))
	if err != nil {
		t.Fatal(err)
	}
	if c := got[0].Exclusion.Reason; c != (gateway.Code{Code: "9", RU: "Сынақ"}) {
		t.Errorf("unknown code: %+v", c)
	}
	if c := got[0].Exclusion.Participant; c != (gateway.Code{Code: "РАГС"}) {
		t.Errorf("plain text for a dictionary value: %+v", c)
	}
	if c := got[0].Gender; !c.Known || c.KK != "Әйел" || got[0].Sex != gateway.SexFemale {
		t.Errorf("known code: %+v, %s", c, got[0].Sex)
	}
}

func TestWrongQuery(t *testing.T) {
	t.Parallel()
	a := person.New(adaptertest.Codes(t))
	if _, err := a.Request(gateway.SubjectQuery{IIN: iin}, meta()); !errors.Is(err, fault.Internal) {
		t.Errorf("Request: %v", err)
	}
	if _, err := a.Answer(gateway.SubjectQuery{IIN: iin}, meta(), gateway.Payload{}); !errors.Is(err, fault.Internal) {
		t.Errorf("Answer: %v", err)
	}
	if _, err := a.Answer(gateway.PersonQuery{IIN: iin}, meta(), gateway.Payload{}); !errors.Is(err, fault.ContractViolation) {
		t.Errorf("no payload: %v", err)
	}
}

// BenchmarkAnswer reads answers of about 4, 8 and 32 KB, parsed before.
func BenchmarkAnswer(b *testing.B) {
	a := person.New(adaptertest.Codes(b))
	q, m := gateway.PersonQuery{IIN: iin}, meta()
	for _, size := range []int{4, 8, 32} {
		text := filled(size * 1024)
		doc, err := xmltext.Parse([]byte(text), xmltext.Limits{})
		if err != nil {
			b.Fatal(err)
		}
		p := gateway.Payload{Root: doc.Root()}
		b.Run(sizeName(size), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := a.Answer(q, m, p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// filled is an answer of about that many bytes: a person with an address and
// ever more replaced documents, as the registry lists them.
func filled(bytes int) string {
	dict := func(name, code, ru, kk string) string {
		return "<" + name + "><code>" + code + "</code><nameRu>" + ru + "</nameRu><nameKz>" + kk + "</nameKz><changeDate>2013-02-14T00:00:00.000+06:00</changeDate></" + name + ">"
	}
	var list strings.Builder
	address := "<regAddress>" + dict("country", "398", "Казахстан", "Қазақстан") + dict("district", "1971", "Город Астана", "Астана қаласы") +
		"<city>АСТАНА</city><street>КӨШЕСІ СЫНАҚ</street><building>12</building><flat>45</flat><beginDate>2015-06-01</beginDate></regAddress>"
	for i := 0; len(single)+len(address)+list.Len() < bytes; i++ {
		number := "99" + string(rune('0'+i/10%10)) + string(rune('0'+i%10)) + "00001"
		list.WriteString("<document>" + dict("type", "002", "Удостоверение личности РК", "ҚР жеке куәлігі") + "<number>" + number + "</number><beginDate>2010-01-01</beginDate><endDate>2020-01-01</endDate>" +
			dict("issueOrganization", "002", "Министерство внутренних дел РК", "ҚР Ішкі істер министрлігі") + dict("status", "17", "Заменён новым документом", "Жаңа құжатпен ауыстырылған") +
			"<surname>СЫНАҚОВА</surname><name>АЙГЕРІМ</name><birthDate>1990-03-15</birthDate></document>")
	}
	return strings.Replace(single, "<birthPlace/>", "<birthPlace/>"+address+"<documents>"+list.String()+"</documents>", 1)
}

func sizeName(kib int) string { return map[int]string{4: "4KiB", 8: "8KiB", 32: "32KiB"}[kib] }
