package gateway

import (
	"time"

	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/ident"
)

// maxMonths bounds the period of one question: five years, the longest span that
// a standard of a public service looks back over.
const maxMonths = 60

// Check tells whether the IIN is right and fits the mode, and whether the period,
// if there is one, runs forwards ("period.order") and is not too long.
func (q TaxpayerQuery) Check(m ident.Mode) []fault.Field {
	fields := checkIIN("/iin", q.IIN, m)
	if q.Period == (PeriodQuery{}) {
		return fields
	}
	from, ok := q.Period.From.index()
	to, ok2 := q.Period.To.index()
	switch {
	case !ok:
		fields = append(fields, noMonth("/period/from"))
	case !ok2:
		fields = append(fields, noMonth("/period/to"))
	case to < from:
		fields = append(fields, fault.Field{Pointer: "/period/to", Rule: "period.order", Detail: "the period ends before it begins"})
	case to-from >= maxMonths:
		fields = append(fields, tooWide("/period", "a period has at most sixty months"))
	}
	return fields
}

func noMonth(pointer string) fault.Field {
	return fault.Field{Pointer: pointer, Rule: "month.calendar", Detail: "must be a month, YYYY-MM"}
}

// index counts months, so that two of them can be compared.
func (m Month) index() (n int, ok bool) {
	t, err := time.Parse("2006-01", string(m))
	return t.Year()*12 + int(t.Month()), err == nil
}

// Subject is the IIN asked about.
func (q TaxpayerQuery) Subject() string { return q.IIN }

// Found tells whether the registry knows anything of the person as a taxpayer.
func (t Taxpayer) Found() bool { return len(t.Registrations) > 0 || len(t.Contributions) > 0 }
