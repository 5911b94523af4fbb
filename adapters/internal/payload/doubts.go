package payload

import (
	"github.com/kopir-kz/kopir/gateway"
)

// Doubts collects the reasons not to take one fact at its word, each once. The
// zero value is ready.
type Doubts struct{ List []gateway.Doubt }

// Add takes a reason; pointer is an RFC 6901 pointer into the fact, "" for all of
// it.
func (d *Doubts) Add(rule gateway.DoubtRule, pointer string) {
	doubt := gateway.NewDoubt(rule, pointer)
	for _, have := range d.List {
		if have == doubt {
			return
		}
	}
	d.List = append(d.List, doubt)
}

// Code doubts a code that decides what the fact is and is on no list. No code
// is no doubt.
func (d *Doubts) Code(c gateway.Code, pointer string) {
	if c.Code != "" && !c.Known {
		d.Add(gateway.DoubtCode, pointer)
	}
}

// Day is Date for a fact that stands without it: a text that is no day is left
// out and doubted.
func (r *Reader) Day(name, pointer string, d *Doubts) gateway.Date {
	s := r.Text(name)
	day, ok := parseDate(s)
	if s != "" && !ok {
		d.Add(gateway.DoubtDate, pointer)
	}
	return day
}

// RequiredDay is Day; none is doubted.
func (r *Reader) RequiredDay(name, pointer string, d *Doubts) gateway.Date {
	if r.Text(name) == "" {
		d.Add(gateway.DoubtMissing, pointer)
	}
	return r.Day(name, pointer, d)
}

// PartialDay is a date of which the record may hold the year, or the year and the
// month, only. A text that is no date is left out and doubted.
func (r *Reader) PartialDay(name, pointer string, d *Doubts) gateway.PartialDate {
	s := r.Text(name)
	if s == "" {
		return ""
	}
	if day, ok := parseDate(s); ok {
		return gateway.WholeDate(day)
	}
	p, ok := gateway.ParsePartialDate(s)
	if !ok || p < gateway.WholeDate(firstDate)[:4] {
		d.Add(gateway.DoubtDate, pointer)
		return ""
	}
	return p
}
