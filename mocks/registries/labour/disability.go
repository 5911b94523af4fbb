package labour

import (
	"strconv"

	"github.com/beevik/etree"

	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// groups are spellings of disabledGroup, which is free text.
func group(code string) string {
	if code == "child" {
		return "Ребёнок с инвалидностью"
	}
	return code + " группа"
}

// withoutTerm is how the ministry words that there is no reassessment.
const withoutTerm = "Без срока переосвидетельствования"

// period words a term.
func period(end fact.Date) string {
	if end == "" {
		return withoutTerm
	}
	return "До " + string(end[8:10]) + "." + string(end[5:7]) + "." + string(end[:4])
}

// disablements writes the answer of p06560. It has no IIN: the key is that of the
// request.
func (w writer) disablements(data *etree.Element, one *fact.Person) {
	home := w.home(one)
	for _, d := range one.Disabilities {
		if !w.begun(d.Begin) {
			continue
		}
		at := data.CreateElement("disablements")
		put(at, "address", line(home))
		day(at, "birthDate", one.Born)
		w.pair(at, "disabledCauseKZ", "disabledCauseRU", "disabilityCause", d.Cause)
		day(at, "disabledEndDate", d.End)
		put(at, "disabledGroup", group(d.Group))
		put(at, "disabledPeriod", period(d.End))
		day(at, "disabledStartDate", d.Begin)
		w.pair(at, "districtKZ", "districtRU", "region", region(home))
		put(at, "docNumber", d.Act)
		day(at, "expertOpinionDate", d.Examined)
		put(at, "fio", one.Name.Kk.String())
		w.pair(at, "issuerKZ", "issuerRU", "examinationBody", d.Body)
		day(at, "reexaminationDate", d.Reassessment)
		w.programme(at, d.Programme)
	}
}

func (w writer) programme(parent *etree.Element, p *fact.Programme) {
	if p == nil {
		return
	}
	at := parent.CreateElement("ipr")
	put(at, "number", p.Number)
	day(at, "beginDate", p.Begin)
	day(at, "endDate", p.End)
	for _, part := range p.Parts {
		w.name(at, "measure", "programmePart", part)
	}
}

// losses writes the answer of p06590: the latest loss of general capacity, for
// there is room for one, and those of professional capacity.
func (w writer) losses(data *etree.Element, one *fact.Person) {
	var general *fact.CapacityLoss
	var professional []fact.CapacityLoss
	for i, l := range one.CapacityLosses {
		switch {
		case !w.begun(l.Begin):
		case l.Kind == fact.Professional:
			professional = append(professional, l)
		case general == nil || l.Begin > general.Begin:
			general = &one.CapacityLosses[i]
		}
	}
	if general == nil && professional == nil {
		noLoss(data)
		return
	}
	w.general(data, one, general)
	for _, l := range professional {
		at := data.CreateElement("upt")
		put(at, "docUptNumber", l.Act)
		day(at, "expertOpinionUptDate", l.Examined)
		w.name(at, "mse", "examinationBody", l.Body)
		day(at, "uptEndDate", l.End)
		put(at, "uptPercent", percent(l.Percent))
		additionalName(at, "uptPeriod", "", fact.Entry{Ru: period(l.End)})
		day(at, "uptStartDate", l.Begin)
	}
}

func (w writer) general(data *etree.Element, one *fact.Person, l *fact.CapacityLoss) {
	home := w.home(one)
	put(data, "address", line(home))
	day(data, "birthDate", one.Born)
	if l != nil {
		w.name(data, "district", "region", region(home))
		put(data, "docUotNumber", l.Act)
		day(data, "effectiveUotDate", l.Begin)
		day(data, "expertOpinionUotDate", l.Examined)
	}
	names(data.CreateElement("fio"), one.Name.Kk)
	if l == nil {
		noLoss(data)
		return
	}
	w.name(data, "mse", "examinationBody", l.Body)
	day(data, "uotEndDate", l.End)
	put(data, "uotPercent", percent(l.Percent))
	additionalName(data, "uotPeriod", "", fact.Entry{Ru: period(l.End)})
	day(data, "uotStartDate", l.Begin)
}

// noLoss is what p06590 says where there is nothing to tell: its percentage is
// required.
func noLoss(data *etree.Element) { put(data, "uotPercent", percent(0)) }

// percent writes an xsd:double.
func percent(n int) string { return strconv.Itoa(n) + ".0" }
