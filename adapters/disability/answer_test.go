package disability_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/adapters/adaptertest"
	"github.com/kopir-kz/kopir/adapters/disability"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

const iin = "904315401016"

func answer(t testing.TB, records string, date time.Time) (gateway.Disabilities, error) {
	t.Helper()
	doc, err := xmltext.Parse([]byte("<r><responseData>"+records+"</responseData></r>"), xmltext.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	facts, err := disability.New(adaptertest.Codes(t)).Answer(gateway.SubjectQuery{IIN: iin}, gateway.Meta{MessageID: "m", Date: date}, gateway.Payload{Root: doc.Root()})
	if err != nil {
		return nil, err
	}
	return facts.(gateway.Disabilities), nil
}

var today = time.Date(2025, 9, 1, 10, 0, 0, 0, time.UTC)

func TestStatus(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, parts string
		status      gateway.DisabilityStatus
		doubts      int
	}{
		{"nothing about a term", "<disabledGroup>II</disabledGroup>", "", 0},
		{"until today", "<disabledEndDate>2025-09-01T00:00:00</disabledEndDate>", gateway.DisabilityStatusApproved, 0},
		{"until yesterday", "<disabledEndDate>2025-08-31T00:00:00</disabledEndDate>", gateway.DisabilityStatusExpired, 0},
		{"reassessment passed", "<disabledEndDate>2026-01-01T00:00:00</disabledEndDate><reexaminationDate>2025-08-31T00:00:00</reexaminationDate>", gateway.DisabilityStatusExpired, 0},
		{"reassessment alone, to come", "<reexaminationDate>2025-12-31T00:00:00</reexaminationDate>", "", 0},
		{"without term", "<disabledPeriod>Бессрочно</disabledPeriod>", gateway.DisabilityStatusApproved, 0},
		{"without term and with a reassessment", "<disabledPeriod>Бессрочно</disabledPeriod><reexaminationDate>2026-01-01T00:00:00</reexaminationDate>", "", 1},
		{"an end in doubt", "<disabledEndDate>2024-02-30T00:00:00</disabledEndDate>", "", 1},
		{"an end before the beginning", "<disabledStartDate>2025-01-02T00:00:00</disabledStartDate><disabledEndDate>2025-01-01T00:00:00</disabledEndDate>", "", 1},
		{"an open end", "<disabledEndDate>9999-12-31T00:00:00</disabledEndDate>", gateway.DisabilityStatusApproved, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := answer(t, "<disablements>"+tt.parts+"</disablements>", today)
			if err != nil || len(got) != 1 {
				t.Fatalf("%d facts, %v", len(got), err)
			}
			if got[0].DisabilityStatus != tt.status || len(got[0].Doubt) != tt.doubts {
				t.Errorf("%q, doubts %v", got[0].DisabilityStatus, got[0].Doubt)
			}
			if undated, err := answer(t, "<disablements>"+tt.parts+"</disablements>", time.Time{}); err != nil || undated[0].DisabilityStatus != "" {
				t.Errorf("without a day of the question: %v, %v", undated, err)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, records string }{
		{"a list around the records", "<disablements><disablement><fio>Сынақова</fio></disablement></disablements>"},
		{"records under another name", "<disability><fio>Сынақова</fio></disability>"},
		{"two groups in one record", "<disablements><disabledGroup>I</disabledGroup><disabledGroup>II</disabledGroup></disablements>"},
		{"two names in one record", "<disablements><fio>Сынақова</fio><fio>Тестова</fio></disablements>"},
		{"codes that nobody reads", "<disablements><ss_gr_code>2</ss_gr_code></disablements>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, err := answer(t, tt.records, today); !errors.Is(err, fault.ContractViolation) || strings.Contains(err.Error(), "Сынақова") {
				t.Errorf("%d facts, %v", len(got), err)
			}
		})
	}
}

// TestNoDayIsMade: whatever the dates of a record are, a day that comes out was
// sent, and one that was not taken is doubted.
func TestNoDayIsMade(t *testing.T) {
	t.Parallel()
	part := rapid.OneOf(
		rapid.Custom(func(t *rapid.T) string {
			return fmt.Sprintf("%04d-%02d-%02d", rapid.IntRange(1, 9999).Draw(t, "year"), rapid.IntRange(0, 13).Draw(t, "month"), rapid.IntRange(0, 32).Draw(t, "day"))
		}),
		rapid.SampledFrom([]string{"", "2025", "вчера", "01.09.2025"}),
	)
	clock := rapid.SampledFrom([]string{"", "T00:00:00", "T00:00:00.000+06:00", "T19:00:00Z", "T00:00:00.001"})
	rapid.Check(t, func(rt *rapid.T) {
		begin, end := part.Draw(rt, "begin")+clock.Draw(rt, "begin's clock"), part.Draw(rt, "end")+clock.Draw(rt, "end's clock")
		got, err := answer(t, "<disablements><fio>Сынақова</fio><disabledStartDate>"+begin+"</disabledStartDate><disabledEndDate>"+end+"</disabledEndDate></disablements>", today)
		if err != nil || len(got) != 1 {
			rt.Fatalf("%d facts, %v", len(got), err)
		}
		for _, d := range []struct {
			sent string
			day  gateway.Date
			at   string
		}{{begin, got[0].BeginDate, "/begin_date"}, {end, got[0].EndDate, "/end_date"}} {
			doubted := false
			for _, doubt := range got[0].Doubt {
				doubted = doubted || doubt.Pointer == d.at && doubt.Rule == string(gateway.DoubtDate)
			}
			open := d.at == "/end_date" && strings.HasPrefix(d.sent, "9999-12-31")
			if !strings.HasPrefix(d.sent, string(d.day)) || (d.sent != "" && d.day == "" && !open) != doubted && !open {
				rt.Errorf("%q became %q, doubted %v", d.sent, d.day, doubted)
			}
		}
	})
}

// filled is an answer of about that many bytes: ever more records of one person.
func filled(bytes int) string {
	const record = "<disablements><birthDate>1990-03-15T00:00:00.000+06:00</birthDate><disabledCauseKZ>Жалпы ауру</disabledCauseKZ><disabledCauseRU>Общее заболевание</disabledCauseRU>" +
		"<disabledEndDate>2021-02-09T00:00:00.000+06:00</disabledEndDate><disabledGroup>II группа</disabledGroup><disabledPeriod>2 года</disabledPeriod>" +
		"<disabledStartDate>2019-02-10T00:00:00.000+06:00</disabledStartDate><districtKZ>Есіл ауданы</districtKZ><districtRU>Район Есиль</districtRU><docNumber>%d</docNumber>" +
		"<expertOpinionDate>2019-02-10T00:00:00.000+06:00</expertOpinionDate><fio>Сынақова Айгерім Тестқызы</fio><issuerKZ>№ 1 МӘС бөлімі</issuerKZ><issuerRU>Отдел МСЭ № 1</issuerRU></disablements>"
	var b strings.Builder
	for i := 0; b.Len() < bytes; i++ {
		fmt.Fprintf(&b, record, i)
	}
	return b.String()
}

// BenchmarkAnswer reads answers of about 8 and 32 KB, parsed before.
func BenchmarkAnswer(b *testing.B) {
	a := disability.New(adaptertest.Codes(b))
	q, m := gateway.SubjectQuery{IIN: iin}, gateway.Meta{MessageID: "m", Date: today}
	for _, size := range []int{8, 32} {
		text := "<r><responseData>" + filled(size*1024) + "</responseData></r>"
		doc, err := xmltext.Parse([]byte(text), xmltext.Limits{})
		if err != nil {
			b.Fatal(err)
		}
		p := gateway.Payload{Root: doc.Root()}
		b.Run(fmt.Sprintf("%dKiB", size), func(b *testing.B) {
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
