package civilregistry_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/adapters/adaptertest"
	"github.com/kopir-kz/kopir/adapters/civilregistry"
	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

const (
	mother   = "904315401016"
	father   = "884709301015"
	child    = "254820501010"
	stranger = "995231309018"
)

const head = `<a:Response xmlns:a="https://github.com/kopir-kz/kopir/contracts/civil-act/1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
	`<messageId>1</messageId><messageDate>2025-09-01T10:00:01+05:00</messageDate><requestId>question-1</requestId>` +
	`<messageResult><code>00000</code><nameRu>Сообщение успешно обработано</nameRu></messageResult>`

// birth has everything that the tests change, each once.
const birth = `<act><actType><code>01</code></actType><birthAktRecord>` +
	`<zags><code>7101</code><nameRu>Отдел РАГС</nameRu><nameKz>АХАЖ бөлімі</nameKz></zags>` +
	`<numberAkt>99-0902</numberAkt><regDate>2025-08-22T00:00:00.000+06:00</regDate>` +
	`<child><iin>` + child + `</iin><surname>СЫНАҚОВ</surname><name>АЛАН</name><birthDate>2025-08-20</birthDate></child>` +
	`<mother><iin>` + mother + `</iin><surname>СЫНАҚОВА</surname><name>АЙГЕРІМ</name><secondname>ТЕСТҚЫЗЫ</secondname><birthDate>1990-03-15</birthDate></mother>` +
	`<father><iin>` + father + `</iin><surname>СЫНАҚОВ</surname><name>ЕРЖАН</name><birthDate>1988-07-09</birthDate></father>` +
	`</birthAktRecord><country><code>398</code></country><status><code>01</code></status>` +
	`<certificates><certificate><number>1990902</number><beginDate>2025-08-23</beginDate></certificate></certificates></act>`

// divorce has the parts that a birth has not.
const divorce = `<act><actType><code>04</code></actType><divorceAktRecord>` +
	`<zags><code>7102</code></zags><numberAkt>99-0904</numberAkt><regDate>2023-05-22T00:00:00</regDate>` +
	`<husband><iin>` + father + `</iin><surname>СЫНАҚОВ</surname><birthDate>1988-07-09</birthDate></husband>` +
	`<wife><iin>` + mother + `</iin><surname>СЫНАҚОВА</surname><nameAfter><surname>СЫНАҚТАЕВА</surname></nameAfter></wife>` +
	`</divorceAktRecord><eventDate>2023-05-18</eventDate>` +
	`<decision><number>2-990/23</number><date>2023-04-18</date><effectiveDate>2023-05-18</effectiveDate></decision></act>`

func answer(acts ...string) string {
	return head + "<acts>" + strings.Join(acts, "") + "</acts></a:Response>"
}

func meta() gateway.Meta {
	return gateway.Meta{MessageID: "question-1", Date: time.Date(2025, 9, 1, 10, 0, 0, 0, time.FixedZone("", 5*60*60))}
}

func as(iin string, role gateway.ActRole, kinds ...gateway.ActKind) gateway.CivilActQuery {
	return gateway.CivilActQuery{IIN: iin, Role: role, Kinds: kinds}
}

var byAct = gateway.CivilActQuery{ActNumber: "99-0902", RegistryOffice: "7101", RegistrationDate: "2025-08-22"}

func read(t testing.TB, q gateway.Query, document string) (gateway.CivilActs, error) {
	t.Helper()
	doc, err := xmltext.Parse([]byte(document), xmltext.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	facts, err := civilregistry.New(adaptertest.Codes(t)).Answer(q, meta(), gateway.Payload{Root: doc.Root()})
	if err != nil {
		return nil, err
	}
	return facts.(gateway.CivilActs), nil
}

// change replaces the one place of old.
func change(t testing.TB, document, old, now string) string {
	t.Helper()
	if strings.Count(document, old) != 1 {
		t.Fatalf("%q stands there %d times", old, strings.Count(document, old))
	}
	return strings.Replace(document, old, now, 1)
}

// doubts lists the doubts of an act as "rule pointer".
func doubts(a gateway.CivilAct) (all []string) {
	for _, d := range a.Doubt {
		all = append(all, d.Rule+" "+d.Pointer)
	}
	return all
}

// TestTolerated: what live answers are known to do differs in form, not in fact.
func TestTolerated(t *testing.T) {
	t.Parallel()
	want, err := read(t, as(mother, gateway.ActRoleParent), answer(birth))
	if err != nil || len(want) != 1 || want[0].Doubt != nil {
		t.Fatalf("%+v, %v", want, err)
	}
	const root = `<a:Response xmlns:a="https://github.com/kopir-kz/kopir/contracts/civil-act/1"`
	for _, tt := range []struct{ name, old, now string }{
		{"data is the root", root, `<data`},
		{"everything qualified", root, `<Response xmlns="https://github.com/kopir-kz/kopir/contracts/civil-act/1"`},
		{"record qualified by its own namespace", `<numberAkt>99-0902</numberAkt>`, `<b:numberAkt xmlns:b="http://birth.info.zags.kz">99-0902</b:numberAkt>`},
		{"regDate as a date", "2025-08-22T00:00:00.000+06:00", "2025-08-22"},
		{"regDate without a zone", "2025-08-22T00:00:00.000+06:00", "2025-08-22T00:00:00"},
		{"birthDate as a dateTime", "<birthDate>2025-08-20", "<birthDate>2025-08-20T00:00:00+05:00"},
		{"patronymic as everywhere else", "secondname>ТЕСТҚЫЗЫ</secondname", "patronymic>ТЕСТҚЫЗЫ</patronymic"},
		{"nil optional parts", "</act>", `<eventDate xsi:nil="true"/><eventPlace xsi:nil="1"/><decision xsi:nil="true"/></act>`},
		{"empty optional parts", "</act>", `<eventDate/><fatherBasis/><decision><number/></decision></act>`},
		{"an empty record of another kind", "</act>", `<deathAktRecord/></act>`},
		{"certificates in two lists, one twice, one empty", "</act>", "<certificates><certificate/><certificate><number>1990902</number><beginDate>2025-08-23</beginDate></certificate></certificates></act>"},
		{"no requestId", "<requestId>question-1</requestId>", ""},
		{"a signature behind the data", "</acts>", `</acts><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo/></ds:Signature>`},
		{"a code that the profile counts as a success", "<code>00000</code>", "<code>00001</code>"},
		{"the same act twice", "</acts>", birth + "</acts>"},
		{"a second list", "</acts>", "</acts><acts/>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			document := change(t, answer(birth), tt.old, tt.now)
			if tt.old == root {
				document = change(t, document, "</a:Response>", "</"+tt.now[1:strings.IndexAny(tt.now+" ", " ")]+">")
			}
			got, err := read(t, as(mother, gateway.ActRoleParent), document)
			if err != nil || len(got) != 1 || !sameAct(got[0], want[0]) {
				t.Errorf("other facts: %+v, %v", got, err)
			}
		})
	}
}

func sameAct(a, b gateway.CivilAct) bool {
	return a.Kind == b.Kind && a.Type == b.Type && a.ActNumber == b.ActNumber && a.RegistrationDate == b.RegistrationDate && a.EventDate == b.EventDate &&
		a.RegistryOffice == b.RegistryOffice && a.Country == b.Country && a.Status == b.Status && slices.Equal(a.Certificates, b.Certificates) &&
		slices.Equal(a.Parties, b.Parties) && a.EventPlace == b.EventPlace && a.FatherBasis == b.FatherBasis && a.Decision == b.Decision &&
		a.Source == b.Source && slices.Equal(a.Doubt, b.Doubt)
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
		{"answer to another message", "question-1", "question-2", mismatch, "requestId"},
		{"no result", "messageResult><code>00000</code><nameRu>Сообщение успешно обработано</nameRu></messageResult", "messageResult/><x></x", violation, "Response/messageResult is missing"},
		{"an empty result code", "<code>00000</code>", "<code></code>", violation, "Response/messageResult/code is missing"},
		{"no entry", "<actType><code>01</code></actType>", "", violation, "Response/acts/act/actType is missing"},
		{"two entries", "<actType>", "<actType><code>02</code></actType><actType>", violation, "actType stands there twice"},
		{"entry without a code", "<code>01</code></actType>", "<nameRu>Рождение</nameRu></actType>", violation, "actType/code is missing"},
		{"office without a code", "<code>7101</code>", "", violation, "birthAktRecord/zags/code is missing"},
		{"records of two kinds", "</act>", "<deathAktRecord><numberAkt>1</numberAkt></deathAktRecord></act>", violation, "records of two kinds"},
		{"two records of one kind", "</birthAktRecord>", "</birthAktRecord><birthAktRecord><numberAkt>1</numberAkt></birthAktRecord>", violation, "birthAktRecord stands there twice"},
		{"two mothers", "</mother>", "</mother><mother><iin>" + stranger + "</iin></mother>", violation, "mother stands there twice"},
		{"two IINs", "<iin>" + mother, "<iin>" + stranger + "</iin><iin>" + mother, violation, "mother/iin stands there twice"},
		{"surname renamed", "surname>СЫНАҚОВ</surname><name>ЕРЖАН", "lastName>СЫНАҚОВ</lastName><name>ЕРЖАН", violation, "father has no surname or name"},
		{"an act that says nothing", birth, "<act/>", violation, "actType is missing"},
		{"act of another name", "<act>", "<akt>", violation, "acts holds something else than act"},
		{"acts of another name", "<acts>", "<akts>", violation, "a structure that the contract does not know"},
		{"certificates of another name", "<certificate>", "<svid>", violation, "certificates holds something else than certificate"},
		{"more acts than a life has", "</acts>", strings.Repeat(birth, 256) + "</acts>", violation, "more acts than"},
		{"an error of the registry", "<code>00000</code><nameRu>Сообщение успешно обработано</nameRu></messageResult><acts>" + birth + "</acts>", "<code>50001</code></messageResult>", registry, "messageResult reports an error"},
		{"no answer at all", answer(birth), "<data/>", violation, "messageResult is missing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			document := change(t, answer(birth), tt.old, tt.now)
			for old, now := range map[string]string{"<akt>": "akt", "<akts>": "akts", "<svid>": "svid"} {
				if tt.now == old {
					document = change(t, document, "</"+strings.Trim(tt.old, "<>")+">", "</"+now+">")
				}
			}
			got, err := read(t, as(mother, gateway.ActRoleParent), document)
			if !errors.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.text) || got != nil {
				t.Errorf("got %v, want %s: %s", err, tt.kind, tt.text)
			}
		})
	}
}

// TestDoubts: one part that makes no sense is left out and named; the rest holds.
func TestDoubts(t *testing.T) {
	t.Parallel()
	parent, spouse := as(mother, gateway.ActRoleParent), as(mother, gateway.ActRoleSpouse)
	for _, tt := range []struct {
		name     string
		query    gateway.CivilActQuery
		act      string
		old, now string
		want     []string
	}{
		{"kind on no list", parent, birth, "<code>01</code></actType>", "<code>08</code></actType>", []string{"code.unknown /type"}},
		{"entry and record of two kinds", parent, birth, "<code>01</code></actType>", "<code>06</code></actType>", []string{"parts.contradict /type"}},
		{"status on no list", parent, birth, "<status><code>01", "<status><code>09", []string{"code.unknown /status"}},
		{"registration on a day that is none", parent, birth, "2025-08-22T", "2025-02-30T", []string{"date.impossible /registration_date"}},
		{"registration moved between time zones", parent, birth, "2025-08-22T00:00:00.000+06:00", "2025-08-21T23:00:00+05:00", []string{"date.impossible /registration_date"}},
		{"birth on a day that is none", parent, birth, "2025-08-20", "2025-13-20", []string{"date.impossible /parties/0/person/birth_date"}},
		{"zero date of a program", parent, birth, "1990-03-15", "0001-01-01", []string{"date.impossible /parties/1/person/birth_date"}},
		{"born after the registration", parent, birth, "2025-08-20", "2025-08-24", []string{"parts.contradict /event_date"}},
		{"event is another day than the birth", parent, birth, "</act>", "<eventDate>2025-08-19</eventDate></act>", []string{"parts.contradict /event_date"}},
		{"certificate before its record", parent, birth, "2025-08-23", "2025-08-21", []string{"parts.contradict /certificates/0/begin_date"}},
		{"certificate without a number", parent, birth, "<number>1990902</number>", "", []string{"part.missing /certificates"}},
		{"certificate of a day that is none", parent, birth, "2025-08-23", "2025-08-32", []string{"date.impossible /certificates/0/begin_date"}},
		{"IIN with a wrong check digit", parent, birth, child, child[:11] + "1", []string{"number.wrong /parties/0/person/iin"}},
		{"IIN that is a word", parent, birth, child, "ЖОҚ", []string{"number.wrong /parties/0/person/iin"}},
		{"mother and father of one IIN", parent, birth, father, mother, []string{"person.several /parties/1/person/iin", "person.several /parties/2/person/iin"}},
		{"somebody without a name", parent, birth, "<surname>СЫНАҚОВ</surname><name>ЕРЖАН</name>", "", []string{"part.missing /parties/2/person"}},
		{"asked about one whose IIN is not there", parent, birth, "<iin>" + mother + "</iin>", "", []string{"part.missing /parties/1/person/iin"}},
		{"no parents at all", parent, birth, birth[strings.Index(birth, "<mother>"):strings.Index(birth, "</birthAktRecord>")], "", []string{"part.missing /parties"}},
		{"no record", parent, birth, birth[strings.Index(birth, "<birthAktRecord>"):strings.Index(birth, "<country>")], "", []string{"part.missing ", "part.missing /parties"}},
		{"a birth may have no number", parent, birth, "<numberAkt>99-0902</numberAkt>", "", nil},
		{"a divorce may not", spouse, divorce, "<numberAkt>99-0904</numberAkt>", "", []string{"part.missing /act_number"}},
		{"a divorce without a date", spouse, divorce, "<regDate>2023-05-22T00:00:00</regDate>", "", []string{"part.missing /registration_date"}},
		{"a divorce without an office", spouse, divorce, "<zags><code>7102</code></zags>", "", []string{"part.missing /registry_office"}},
		{"a divorce without the husband", spouse, divorce, divorce[strings.Index(divorce, "<husband>"):strings.Index(divorce, "<wife>")], "", []string{"part.missing /parties"}},
		{"decided on a day that is none", spouse, divorce, "2023-04-18", "2023-04-31", []string{"date.impossible /decision/date"}},
		{"in force before it was decided", spouse, divorce, "<effectiveDate>2023-05-18", "<effectiveDate>2023-04-17", []string{"dates.order /decision/effective_date"}},
		{"event in a month after the registration", spouse, divorce, "<eventDate>2023-05-18", "<eventDate>2023-06", []string{"parts.contradict /event_date"}},
		{"event in the month of the registration", spouse, divorce, "<eventDate>2023-05-18", "<eventDate>2023-05", nil},
		{"asked for by number, which is not there", byAct, birth, "<numberAkt>99-0902</numberAkt>", "", []string{"part.missing /act_number"}},
		{"asked for by date, which is not there", byAct, birth, "<regDate>2025-08-22T00:00:00.000+06:00</regDate>", "", []string{"part.missing /registration_date"}},
		{"asked for by date, which is none", byAct, birth, "2025-08-22T", "2025-08-32T", []string{"date.impossible /registration_date"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, tt.query, answer(change(t, tt.act, tt.old, tt.now)))
			if err != nil || len(got) != 1 {
				t.Fatalf("%d acts, %v", len(got), err)
			}
			if have := doubts(got[0]); !slices.Equal(have, tt.want) {
				t.Errorf("doubts %q, want %q", have, tt.want)
			}
			if kind := got[0].Kind; (kind == "") != slices.ContainsFunc(tt.want, func(s string) bool { return strings.HasSuffix(s, " /type") || s == "part.missing " }) {
				t.Errorf("kind %q", kind)
			}
		})
	}
}

// TestAnotherPerson: an act is given to whoever stands in it in the role asked
// about, and to nobody else (threat T14).
func TestAnotherPerson(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		query gateway.CivilActQuery
		act   string
		fits  bool
	}{
		{"mother as parent", as(mother, gateway.ActRoleParent), birth, true},
		{"father as parent", as(father, gateway.ActRoleParent), birth, true},
		{"child as subject", as(child, gateway.ActRoleSubject), birth, true},
		{"child as child", as(child, gateway.ActRoleChild, gateway.ActKindBirth), birth, true},
		{"mother as child", as(mother, gateway.ActRoleChild), birth, false},
		{"mother as subject of the child's birth", as(mother, gateway.ActRoleSubject), birth, false},
		{"child as parent", as(child, gateway.ActRoleParent), birth, false},
		{"stranger as parent", as(stranger, gateway.ActRoleParent), birth, false},
		{"stranger as subject", as(stranger, gateway.ActRoleSubject), birth, false},
		{"wife as spouse", as(mother, gateway.ActRoleSpouse), divorce, true},
		{"wife as subject", as(mother, gateway.ActRoleSubject), divorce, true},
		{"stranger as spouse", as(stranger, gateway.ActRoleSpouse), divorce, false},
		{"stranger as spouse of a wife without IIN", as(stranger, gateway.ActRoleSpouse), strings.Replace(divorce, "<iin>"+mother+"</iin>", "", 1), true}, // in doubt, see TestDoubts
		{"a birth for a spouse", as(mother, gateway.ActRoleSpouse), birth, false},
		{"a divorce for a parent", as(mother, gateway.ActRoleParent), divorce, false},
		{"a birth for adoptions", as(mother, gateway.ActRoleParent, gateway.ActKindAdoption), birth, false},
		{
			"a birth without parents for a stranger's adoptions", as(stranger, gateway.ActRoleParent, gateway.ActKindAdoption),
			strings.Replace(birth, birth[strings.Index(birth, "<mother>"):strings.Index(birth, "</birthAktRecord>")], "", 1), false,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, tt.query, answer(tt.act))
			if tt.fits != (err == nil) || tt.fits != (len(got) == 1) || err != nil && !errors.Is(err, fault.AnswerMismatch) {
				t.Errorf("%d acts, %v", len(got), err)
			}
		})
	}
}

// TestByAct: a number is unique in an office and on a day only.
func TestByAct(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, old, now string
		fits           bool
	}{
		{"the act", "99-0902", "99-0902", true},
		{"another number", "99-0902", "99-0903", false},
		{"another office", "<code>7101</code>", "<code>7102</code>", false},
		{"another day", "2025-08-22T", "2025-08-21T", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, byAct, answer(change(t, birth, tt.old, tt.now)))
			if tt.fits != (len(got) == 1) || !tt.fits && !errors.Is(err, fault.AnswerMismatch) {
				t.Errorf("%d acts, %v", len(got), err)
			}
		})
	}
	if _, err := read(t, byAct, answer(strings.Replace(birth, "</zags>", "</zags><zags><code>7101</code></zags>", 1))); !errors.Is(err, fault.ContractViolation) {
		t.Errorf("two offices: %v", err)
	}
}

// TestSeveral: acts that should be one, and people that should be one.
func TestSeveral(t *testing.T) {
	t.Parallel()
	parent := as(mother, gateway.ActRoleParent)
	second := strings.Replace(birth, "99-0902", "99-0912", 1)
	for _, tt := range []struct {
		name  string
		acts  []string
		want  int
		doubt string // of every act
	}{
		{"listed three times", []string{birth, birth, birth}, 1, ""},
		{"two of them", []string{birth, second}, 2, ""},
		{"one act with two certificates", []string{birth, strings.Replace(birth, "1990902", "1990903", 1)}, 2, "parts.contradict "},
		{"no numbers, so not known to be one", []string{strings.Replace(birth, "<numberAkt>99-0902</numberAkt>", "", 1), strings.Replace(strings.Replace(birth, "<numberAkt>99-0902</numberAkt>", "", 1), "1990902", "1990903", 1)}, 2, ""},
		{"one IIN with two birth dates", []string{birth, strings.Replace(second, "1990-03-15", "1991-03-15", 1)}, 2, "person.several /parties/1/person/iin"},
		{"a birth date known in part", []string{birth, strings.Replace(second, "1990-03-15", "1990-03", 1)}, 2, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, parent, answer(tt.acts...))
			if err != nil || len(got) != tt.want {
				t.Fatalf("%d acts, %v", len(got), err)
			}
			for _, a := range got {
				if have := strings.Join(doubts(a), ","); have != tt.doubt {
					t.Errorf("doubts %q, want %q", have, tt.doubt)
				}
			}
		})
	}
}

// TestNotFound: knowing that there is no such act is a result.
func TestNotFound(t *testing.T) {
	t.Parallel()
	none := head + "</a:Response>"
	for _, tt := range []struct{ name, document string }{
		{"no acts", none},
		{"empty acts", answer()},
		{"nil acts", change(t, none, "</a:Response>", `<acts xsi:nil="true"></acts></a:Response>`)},
		{"with the owner's signature", change(t, none, "</a:Response>", `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo/></ds:Signature></a:Response>`)},
		{"with an unknown text", change(t, none, "</a:Response>", `<duration>12</duration></a:Response>`)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, as(mother, gateway.ActRoleParent), tt.document)
			if err != nil || got.Found() {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

// TestCutOffDates: the waivers of paper hang on the day of registration, "after
// 13 August 2007" for births and "after 1 June 2008" for marriages (traps 1 and
// 2). The day comes through unmoved in every form, beside the day of the event
// and that of the certificate (trap 4), and the country beside them (trap 3).
func TestCutOffDates(t *testing.T) {
	t.Parallel()
	for _, day := range []string{"2007-08-13", "2007-08-14", "2008-06-01", "2008-06-02"} {
		for _, form := range []string{"", "T00:00:00", "T00:00:00.000+06:00", "T00:00:00+0700", "T00:00:00Z", "+06:00"} {
			act := strings.NewReplacer("2025-08-22T00:00:00.000+06:00", day+form, "2025-08-20", "2007-08-01").Replace(birth)
			got, err := read(t, as(mother, gateway.ActRoleParent), answer(act))
			if err != nil || len(got) != 1 {
				t.Fatalf("%s%s: %v", day, form, err)
			}
			if a := got[0]; a.RegistrationDate != gateway.Date(day) || a.EventDate != "2007-08-01" || a.Certificates[0].BeginDate != "2025-08-23" || a.Country.Code != "398" || a.Source.RecordedAt != a.RegistrationDate {
				t.Errorf("%s%s: registered %s, event %s, country %s", day, form, a.RegistrationDate, a.EventDate, a.Country.Code)
			}
		}
	}
	got, err := read(t, as(mother, gateway.ActRoleParent), answer(change(t, birth, "<country><code>398</code></country>", "")))
	if err != nil || got[0].Country.Code != "" {
		t.Errorf("a country that nobody sent: %v, %v", got, err)
	}
}

// TestKinds: each kind of the API has a code in the list of the contract, is asked
// for by it and comes back by it.
func TestKinds(t *testing.T) {
	t.Parallel()
	lists, err := contracts.Codes()
	if err != nil {
		t.Fatal(err)
	}
	a := civilregistry.New(adaptertest.Codes(t))
	records := map[gateway.ActKind]string{
		gateway.ActKindBirth: "birth><child", gateway.ActKindDeath: "death><deceased", gateway.ActKindMarriage: "marriage><husband", gateway.ActKindDivorce: "divorce><wife",
		gateway.ActKindNameChange: "nameChange><person", gateway.ActKindAdoption: "adoption><child", gateway.ActKindPaternity: "paternity><child",
	}
	kinds := gateway.ActRoleSubject.Kinds()
	if list := lists["act_kind"].Codes; len(list) != len(kinds) || len(records) != len(kinds) {
		t.Fatalf("%d codes, %d records, %d kinds", len(list), len(records), len(kinds))
	}
	for i, kind := range kinds {
		code := lists["act_kind"].Codes[i].Code
		b, err := a.Request(as(mother, gateway.ActRoleSubject, kind), meta())
		if err != nil || !strings.Contains(string(b), "<actType>"+code+"</actType>") {
			t.Errorf("%s is not asked for by the code %s: %v", kind, code, err)
		}
		record, person, _ := strings.Cut(records[kind], "><")
		got, err := read(t, as(mother, gateway.ActRoleSubject, kind), answer("<act><actType><code>"+code+"</code></actType><"+record+"AktRecord><"+person+"><iin>"+mother+
			"</iin><fio>СЫНАҚ</fio></"+person+"></"+record+"AktRecord></act>"))
		if err != nil || len(got) != 1 || got[0].Kind != kind || !got[0].Type.Known {
			t.Errorf("%s: %+v, %v", kind, got, err)
		}
	}
}
