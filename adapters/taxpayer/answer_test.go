package taxpayer_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/adapters/adaptertest"
	"github.com/kopir-kz/kopir/adapters/taxpayer"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

const iin = "904315401016"

// read reads an answer to a question of 1 September 2025 about the year before.
func read(t testing.TB, answer string) (gateway.Taxpayer, error) {
	t.Helper()
	return readFor(t, gateway.PeriodQuery{From: "2024-09", To: "2025-08"}, answer)
}

func readFor(t testing.TB, period gateway.PeriodQuery, answer string) (gateway.Taxpayer, error) {
	t.Helper()
	document := `<t:TaxpayerResponse xmlns:t="urn:kopir:contract:taxpayer:1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><requestId>question-1</requestId>` + answer + `</t:TaxpayerResponse>`
	doc, err := xmltext.Parse([]byte(document), xmltext.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	m := gateway.Meta{MessageID: "question-1", Date: time.Date(2025, 9, 1, 10, 0, 0, 0, time.UTC)}
	facts, err := taxpayer.New(adaptertest.Codes(t)).Answer(gateway.TaxpayerQuery{IIN: iin, Period: period}, m, gateway.Payload{Root: doc.Root()})
	if err != nil {
		return gateway.Taxpayer{}, err
	}
	return facts.(gateway.Taxpayer), nil
}

const processed = "<result><code>000</code><nameRu>Р</nameRu><nameKz>Қ</nameKz></result>"

func registrations(all string) string {
	return processed + "<taxpayer><iin>" + iin + "</iin><registrations>" + all + "</registrations></taxpayer>"
}

func contributions(all string) string {
	return processed + "<taxpayer><iin>" + iin + "</iin><contributions>" + all + "</contributions></taxpayer>"
}

// rules are doubts as "rule pointer".
func rules(doubts []gateway.Doubt) string {
	all := []string{}
	for _, d := range doubts {
		all = append(all, d.Rule+" "+d.Pointer)
	}
	return strings.Join(all, ", ")
}

func TestRegistration(t *testing.T) {
	t.Parallel()
	const active, ended = "<status><code>active</code></status>", "<status><code>ended</code></status>"
	for _, tt := range []struct {
		name, parts string
		state       gateway.EntrepreneurState
		doubts      string
	}{
		{"active", active + "<beginDate>2017-03-15</beginDate>", "active", ""},
		{"ended", ended + "<beginDate>2017-03-15</beginDate><endDate>2020-01-01</endDate>", "ended", ""},
		{"ended, nobody knows when", ended + "<beginDate>2017-03-15</beginDate>", "ended", ""},
		{"suspended", "<status><code>suspended</code></status><beginDate>2017-03-15</beginDate>", "suspended", ""},
		{"of no state we know", "<status><code>7</code><nameRu>На проверке</nameRu></status><beginDate>2017-03-15</beginDate>", "unknown", "code.unknown /state"},
		{"without state", "<beginDate>2017-03-15</beginDate>", "unknown", "part.missing /state"},
		{"without beginning", active, "active", "part.missing /registration_date"},
		{"begun on no day", active + "<beginDate>2017-02-29</beginDate>", "active", "date.impossible /registration_date"},
		{"ended before it began", ended + "<beginDate>2017-03-15</beginDate><endDate>2016-12-31</endDate>", "ended", "dates.order /end_date"},
		{"active until today", active + "<beginDate>2017-03-15</beginDate><endDate>2025-09-01</endDate>", "active", ""},
		{"active and over", active + "<beginDate>2017-03-15</beginDate><endDate>2025-08-31</endDate>", "active", "parts.contradict /state"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, registrations("<registration>"+tt.parts+"</registration>"))
			if err != nil || len(got.Registrations) != 1 || got.Contributions == nil {
				t.Fatalf("got %+v, %v", got, err)
			}
			if r := got.Registrations[0]; r.State != tt.state || rules(r.Doubt) != tt.doubts {
				t.Errorf("state %s, doubts %q", r.State, rules(r.Doubt))
			}
		})
	}
}

func TestContribution(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, parts string
		amount      gateway.Amount
		doubts      string
	}{
		{"tenge", "<amount>45000</amount>", "45000.00", ""},
		{"tiyn", "<amount>45000.05</amount>", "45000.05", ""},
		{"a tenth", "<amount>.5</amount>", "0.50", ""},
		{"zeros", "<amount>+00045.500000</amount>", "45.50", ""},
		{"nothing paid", "<amount>0</amount>", "0.00", ""},
		{"the most", "<amount>999999999999999.99</amount>", "999999999999999.99", ""},
		{"too much", "<amount>1000000000000000</amount>", "", "value.range /amount"},
		{"negative", "<amount>-45000</amount>", "", "value.range /amount"},
		{"parts of a tiyn", "<amount>0.001</amount>", "", "value.range /amount"},
		{"with a comma", "<amount>45000,00</amount>", "", "value.range /amount"},
		{"with two points", "<amount>4.500.0</amount>", "", "value.range /amount"},
		{"no digits", "<amount>.</amount>", "", "value.range /amount"},
		{"a float", "<amount>4.5E4</amount>", "", "value.range /amount"},
		{"none", "", "", "part.missing /amount"},
		{"paid by a person", "<amount>1</amount><payerBin>904315401016</payerBin>", "1.00", "number.wrong /payer_bin"},
		{"paid on no day", "<amount>1</amount><paymentDate>2025-06-31</paymentDate>", "1.00", "date.impossible /payment_date"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, contributions("<contribution><month>2025-06</month>"+tt.parts+"</contribution>"))
			if err != nil || len(got.Contributions) != 1 || got.Registrations == nil {
				t.Fatalf("got %+v, %v", got, err)
			}
			if c := got.Contributions[0]; c.Amount != tt.amount || rules(c.Doubt) != tt.doubts {
				t.Errorf("amount %q, doubts %q", c.Amount, rules(c.Doubt))
			}
		})
	}
}

// TestPeriod: what was not asked for is not looked at.
func TestPeriod(t *testing.T) {
	t.Parallel()
	const paid = "<contribution><month>2025-05</month></contribution><contribution><month>2025-06+05:00</month></contribution><contribution><month>2025-07Z</month></contribution>"
	for _, tt := range []struct {
		from, to gateway.Month
		want     string
	}{
		{"2025-05", "2025-07", "[2025-05 2025-06 2025-07]"},
		{"2025-06", "2025-06", "[2025-06]"},
		{"2024-06", "2024-07", "[]"},
		{"", "", "[]"},
	} {
		got, err := readFor(t, gateway.PeriodQuery{From: tt.from, To: tt.to}, contributions(paid))
		months := []gateway.Month{}
		for _, c := range got.Contributions {
			months = append(months, c.Month)
		}
		if err != nil || fmt.Sprint(months) != tt.want || got.IIN != iin || got.Found() != (len(months) > 0) {
			t.Errorf("%s to %s: %v, %v", tt.from, tt.to, months, err)
		}
	}
	if _, err := readFor(t, gateway.PeriodQuery{}, contributions("<contribution><month>never</month></contribution>")); err != nil {
		t.Errorf("a contribution that nobody asked about costs the answer: %v", err)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, answer string
		kind         fault.Kind
		text         string
	}{
		{"nothing", "", fault.ContractViolation, "result is missing"},
		{"a result in words alone", "<result><nameRu>Р</nameRu></result>", fault.ContractViolation, "result/code is missing"},
		{"another message", "<requestId>question-2</requestId>" + processed, fault.ContractViolation, "requestId stands there twice"},
		{"another person", processed + "<taxpayer><iin>904315401026</iin></taxpayer>", fault.AnswerMismatch, "another IIN"},
		{"nobody", processed + "<taxpayer><registrations><registration><nameRu>А</nameRu></registration></registrations></taxpayer>", fault.ContractViolation, "taxpayer/iin is missing"},
		{"two people for one IIN", processed + strings.Repeat("<taxpayer><iin>"+iin+"</iin></taxpayer>", 2), fault.ContractViolation, "taxpayer stands there twice"},
		{"under another name", processed + "<person><iin>" + iin + "</iin></person>", fault.ContractViolation, "that could be one"},
		{"a taxpayer that says nothing", processed + "<taxpayer><iin/></taxpayer>", fault.ContractViolation, "that could be one"},
		{"other things than registrations", registrations("<business/><business><nameRu>А</nameRu></business>"), fault.ContractViolation, "holds something else"},
		{"two states", registrations("<registration><status><code>active</code></status><status><code>ended</code></status></registration>"), fault.ContractViolation, "status stands there twice"},
		{"for no month", contributions("<contribution><amount>1</amount></contribution>"), fault.ContractViolation, "month is missing"},
		{"for month 13", contributions("<contribution><month>2025-13</month></contribution>"), fault.ContractViolation, "month is not a month"},
		{"for a day", contributions("<contribution><month>2025-06-10</month></contribution>"), fault.ContractViolation, "month is not a month"},
		{"for the month of a program", contributions("<contribution><month>0001-01</month></contribution>"), fault.ContractViolation, "month is not a month"},
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

// TestRegistrationsOnce: a registration that the registry lists twice is given
// once; payments that look the same are all given.
func TestRegistrationsOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		names := rapid.SliceOfN(rapid.SampledFrom([]string{"А", "Б", "В"}), 1, 8).Draw(rt, "names")
		listed, paid, distinct := "", "", map[string]bool{}
		for _, n := range names {
			listed += "<registration><status><code>active</code></status><nameRu>" + n + "</nameRu><beginDate>2017-03-15</beginDate></registration>"
			paid += "<contribution><month>2025-06</month><amount>1</amount><payerNameRu>" + n + "</payerNameRu></contribution>"
			distinct[n] = true
		}
		got, err := read(t, processed+"<taxpayer><iin>"+iin+"</iin><registrations>"+listed+"</registrations><contributions>"+paid+"</contributions></taxpayer>")
		if err != nil || len(got.Registrations) != len(distinct) || len(got.Contributions) != len(names) {
			rt.Errorf("%d registrations and %d contributions of %v: %v", len(got.Registrations), len(got.Contributions), names, err)
		}
	})
}

// TestAmountIsWritten: an amount comes out as it went in, whatever its size.
func TestAmountIsWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		tiyn := rapid.Int64Range(0, 99_999_999_999_999_999).Draw(rt, "tiyn")
		want := fmt.Sprintf("%d.%02d", tiyn/100, tiyn%100)
		got, err := read(t, contributions("<contribution><month>2025-06</month><amount>"+want+"</amount></contribution>"))
		if err != nil || string(got.Contributions[0].Amount) != want {
			rt.Errorf("%s became %+v: %v", want, got.Contributions, err)
		}
	})
}

func TestRequestRefusesMeta(t *testing.T) {
	t.Parallel()
	if _, err := taxpayer.New(adaptertest.Codes(t)).Request(gateway.TaxpayerQuery{IIN: iin}, gateway.Meta{}); !errors.Is(err, fault.Internal) {
		t.Errorf("got %v", err)
	}
}
