package legalentity_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/adapters/adaptertest"
	"github.com/kopir-kz/kopir/adapters/legalentity"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

const bin = "990440900045"

func read(t testing.TB, answer string) (gateway.LegalEntity, error) {
	t.Helper()
	document := `<g:Response xmlns:g="http://gbdulinfobybin_v2.egp.gbdul.tamur.kz" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` + answer + `</g:Response>`
	doc, err := xmltext.Parse([]byte(document), xmltext.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	facts, err := legalentity.New(adaptertest.Codes(t)).Answer(gateway.LegalEntityQuery{BIN: bin}, gateway.Meta{}, gateway.Payload{Root: doc.Root()})
	if err != nil {
		return gateway.LegalEntity{}, err
	}
	return facts.(gateway.LegalEntity), nil
}

const (
	processed = "<Status><Code>00000</Code><NameRu>Р</NameRu><NameKz>Қ</NameKz></Status>"
	named     = "<BIN>" + bin + "</BIN><FullNameRu>ТОО «Сынак»</FullNameRu>"
)

// rules are the doubts of a fact, as "rule pointer".
func rules(e gateway.LegalEntity) string {
	all := []string{}
	for _, d := range e.Doubt {
		all = append(all, d.Rule+" "+d.Pointer)
	}
	return strings.Join(all, ", ")
}

func TestDoubts(t *testing.T) {
	t.Parallel()
	const founder = "<Founder><BIN>990440900046</BIN><NameRu>АО «Сынак»</NameRu></Founder>"
	for _, tt := range []struct{ name, parts, want string }{
		{"nothing to doubt", named, ""},
		{"no name", "<BIN>" + bin + "</BIN>", "part.missing /name"},
		{"a name in Kazakh alone", "<BIN>" + bin + "</BIN><FullNameKz>«Сынақ» ЖШС</FullNameKz>", ""},
		{"no such day", named + "<RegistrationDate>1999-02-30</RegistrationDate>", "date.impossible /registration/date"},
		{"a time of day", named + "<ReRegistrationDate>1999-02-20T23:00:00</ReRegistrationDate>", "date.impossible /last_registration/date"},
		{"changed on no day", named + "<UpdateDate>вчера</UpdateDate>", "date.impossible /source/recorded_at"},
		{
			"registered anew before it was", named + "<RegistrationDate>2010-01-01</RegistrationDate><ReRegistrationDate>2009-12-31</ReRegistrationDate>",
			"dates.order /last_registration/date",
		},
		{"registered anew alone", named + "<ReRegistrationDate>2009-12-31</ReRegistrationDate>", ""},
		{"the head has no right IIN", named + "<Leader><IIN>904315401017</IIN></Leader>", "number.wrong /head/iin"},
		{"the head office is a person", named + "<HeadBIN>904315401016</HeadBIN>", "number.wrong /head_bin"},
		{"a founder with a wrong number, twice", named + "<Founders>" + founder + founder + "</Founders>", "number.wrong /founders/0/bin"},
		{"the second founder", named + "<Founders><Founder><NameRu>А</NameRu></Founder><Founder><Person><IIN>1</IIN></Person></Founder></Founders>", "number.wrong /founders/1/person/iin"},
		{"an address without a place", named + "<Address><StreetRu>улица Сынак</StreetRu></Address>", "part.missing /address/locality"},
		{"KATO of no form", named + "<Address><CityRu>Астана</CityRu><KATO>71</KATO></Address>", "number.wrong /address/kato"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, processed+"<Organization>"+tt.parts+"</Organization>")
			if err != nil || !got.Found() || rules(got) != tt.want {
				t.Errorf("got %q, %v; want %q", rules(got), err, tt.want)
			}
		})
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, parts, block, flat, kk, ru string }{
		{"a city", "<CityRu>Астана</CityRu><CityKz>Астана қаласы</CityKz>", "", "", "Астана қаласы", "Астана"},
		{
			"a village", "<RegionRu>Аршалынский район</RegionRu><RegionKz>Аршалы ауданы</RegionKz><RuralRu>Сынакский округ</RuralRu><RuralKz>Сынақ округі</RuralKz><CityRu>Сынак</CityRu><CityKz>Сынақ</CityKz><BuildingNumber>5</BuildingNumber>",
			"", "", "Аршалы ауданы, Сынақ округі, Сынақ, 5-үй", "Аршалынский район, Сынакский округ, Сынак, дом 5",
		},
		{"block and office", "<CityRu>А</CityRu><CityKz>А</CityKz><Block>Б</Block><OfficeNumber>7</OfficeNumber>", "Б", "7", "А, Б-корпус, 7-пәтер", "А, корпус Б, квартира 7"},
		{"corpus and flat come first", "<CityRu>А</CityRu><CityKz>А</CityKz><Block>Б</Block><Corpus>2</Corpus><AppartmentNumber>3</AppartmentNumber><OfficeNumber>7</OfficeNumber>", "2", "3", "А, 2-корпус, 3-пәтер", "А, корпус 2, квартира 3"},
		{"hyphens are no parts", "<CityRu>А</CityRu><CityKz>А</CityKz><Corpus>-</Corpus><Block>Б</Block><BuildingNumber>-</BuildingNumber>", "Б", "", "А, Б-корпус", "А, корпус Б"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, processed+"<Organization>"+named+"<Address>"+tt.parts+"</Address></Organization>")
			a := got.Address
			if err != nil || a.Block != tt.block || a.Flat != tt.flat || a.FullAddress.KK != tt.kk || a.FullAddress.RU != tt.ru || a.Source.Registry != "GBDUL" {
				t.Errorf("got %+v, %v", a, err)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, answer string
		kind         fault.Kind
		text         string
	}{
		{"nothing", "", fault.ContractViolation, "Status is missing"},
		{"a status that says nothing", "<Status><Code/></Status>", fault.ContractViolation, "Status is missing"},
		{"a status in words alone", "<Status><NameRu>Р</NameRu></Status>", fault.ContractViolation, "Status/Code is missing"},
		{"another organisation", processed + "<Organization><BIN>990540900059</BIN></Organization>", fault.AnswerMismatch, "another BIN"},
		{"an organisation without a number", processed + "<Organization><FullNameRu>ТОО «Сынак»</FullNameRu></Organization>", fault.ContractViolation, "Organization/BIN is missing"},
		{"two organisations", processed + strings.Repeat("<Organization>"+named+"</Organization>", 2), fault.ContractViolation, "Organization stands there twice"},
		{"under another name", processed + "<Organisation>" + named + "</Organisation>", fault.ContractViolation, "whose meaning is not known"},
		{"an organisation that says nothing", processed + "<Organization><BIN/></Organization>", fault.ContractViolation, "whose meaning is not known"},
		{"a non-resident", processed + "<IpsNerezident><Number>1</Number></IpsNerezident>", fault.ContractViolation, "whose meaning is not known"},
		{"a status of the organisation in words alone", processed + "<Organization>" + named + "<RegStatus><NameRu>Р</NameRu></RegStatus></Organization>", fault.ContractViolation, "RegStatus/Code is missing"},
		{"two heads", processed + "<Organization>" + named + "<Leader><IIN>1</IIN></Leader><Leader><IIN>2</IIN></Leader></Organization>", fault.ContractViolation, "Leader stands there twice"},
		{"founders that are none", processed + "<Organization>" + named + "<Founders><Owner><BIN>1</BIN></Owner></Founders></Organization>", fault.ContractViolation, "Founders holds something else"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, tt.answer)
			if !errors.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.text) || got.Found() {
				t.Errorf("got %v, want %s: %s", err, tt.kind, tt.text)
			}
		})
	}
}

func TestNotFound(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		processed, processed + "<Organization/>", processed + `<Organization xsi:nil="true"/>`, processed + "<IpsNerezident/>",
		processed + `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo/></ds:Signature>`,
	} {
		if got, err := read(t, answer); err != nil || got.Found() {
			t.Errorf("%s: %v, %v", answer, got.Found(), err)
		}
	}
}

// TestFoundersOnce: however often the registry lists its founders, each is given
// once and in its first place.
func TestFoundersOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		names := rapid.SliceOf(rapid.SampledFrom([]string{"А", "Б", "В"})).Draw(rt, "founders")
		list, want := "", []string{}
		for _, n := range names {
			list += "<Founder><BIN>990140900014</BIN><NameRu>" + n + "</NameRu></Founder>"
			if !strings.Contains(strings.Join(want, ""), n) {
				want = append(want, n)
			}
		}
		got, err := read(t, processed+"<Organization>"+named+"<Founders>"+list+"</Founders></Organization>")
		if err != nil || len(got.Founders) != len(want) {
			rt.Fatalf("%d founders, want %d: %v", len(got.Founders), len(want), err)
		}
		for i, f := range got.Founders {
			if f.Name.RU != want[i] {
				rt.Error("out of order")
			}
		}
	})
}

func TestRequestRefusesMeta(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"", "KOPIR", "904315401016"} {
		_, err := legalentity.New(adaptertest.Codes(t)).Request(gateway.LegalEntityQuery{BIN: bin}, gateway.Meta{SenderCode: code})
		if !errors.Is(err, fault.Internal) {
			t.Errorf("sender code %q: %v", code, err)
		}
	}
}
