package generator

import (
	"fmt"
	"strconv"

	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// digits writes a number with leading zeros.
func digits(n, width int) string { return fmt.Sprintf("%0*d", width, n) }

// one in n people of some kind, by the hundred.
const (
	withoutAccount   = 3
	withClosed       = 5
	atThePost        = 10
	unemployed       = 4
	inBusiness       = 7
	withoutWork      = 20
	disabledChildren = 2
	disabledAdults   = 4
)

// means gives a grown-up accounts, work and benefits.
func (h *household) means(one *fact.Person, member, part int) {
	adult := one.Born.Add(18, 0, 0)
	draw := func(what string) int { return h.draw(h.family, what+strconv.Itoa(part), 100) }
	n := draw("account")
	open := func(no int, bank string, kind fact.AccountKind, opened fact.Date) {
		one.Accounts = append(one.Accounts, fact.BankAccount{IBAN: h.account(h.family, member, no, bank), Bank: bank, Kind: kind, Opened: opened})
	}
	opened := adult.Add(0, 0, draw("opened"))
	switch {
	case n < withoutAccount:
	case n < withoutAccount+atThePost:
		open(0, postKey, fact.Personal, opened)
	default:
		open(0, bankKey, fact.Card, opened)
	}
	if len(one.Accounts) > 0 && draw("closed") < withClosed {
		open(1, bankKey, fact.Current, opened)
		one.Accounts[1].Closed = opened.Add(0, 0, 300)
	}
	h.work(one, draw("work"))
	if part == woman && h.kind.has(lastChild) {
		since := date(h.born(h.family, lastChild))
		one.Statuses = []fact.Status{{Code: "large-family-mother", Begin: since}}
		one.Awards = []fact.Award{{
			Kind: "large-family", Number: "9" + digits(h.family, 8), Authority: benefitsKey, State: "paid", Assigned: since.Add(0, 0, 20), Begin: since,
			AmountTiyn: 6_240_000,
		}}
		if len(one.Accounts) > 0 {
			one.Awards[0].IBAN = one.Accounts[0].IBAN
		}
	}
}

// work: employed from 2010 on, when the employer was founded long ago, in
// business, registered as unemployed, or nothing of it.
func (h *household) work(one *fact.Person, n int) {
	begin := max(one.Born.Add(22, 0, 0), "2010-02-01")
	if begin > "2024-06-01" {
		return
	}
	paid := []fact.Date{"2024-10-10", "2024-11-10", "2024-12-10"}
	payer := employerKey
	switch {
	case n < unemployed:
		one.Unemployment = []fact.Unemployment{{
			Number: "9" + h.document(h.family, h.member(one)), Registered: "2024-09-02", Centre: centreKey,
		}}
		return
	case n < unemployed+inBusiness:
		payer = ""
		one.Businesses = []fact.Business{{
			Number: "9" + h.document(h.family, h.member(one)), Name: fact.Bilingual{Kk: "«СЫНАҚ» ЖК", Ru: "ИП «СЫНАК»"}, Registered: begin, Office: h.place.tax,
		}}
	case n < unemployed+inBusiness+withoutWork:
		return
	default:
		one.Jobs = []fact.Job{{Employer: employerKey, Position: fact.Bilingual{Kk: "маман", Ru: "специалист"}, Begin: begin}}
	}
	for _, day := range paid {
		one.Contributions = append(one.Contributions, fact.Contribution{Paid: day, Payer: payer, AmountTiyn: 2_500_000})
	}
}

func (h *household) member(one *fact.Person) int {
	_, member, _ := h.ByKey(one.Key) // its own key
	return member
}

// health finds a disability in some.
func (h *household) health(one *fact.Person, part int) {
	n := h.draw(h.family, "health"+strconv.Itoa(part), 100)
	adult := one.Born.Add(18, 0, 0)
	d := fact.Disability{
		Cause: "general", Act: "9" + h.document(h.family, h.member(one)), Body: h.place.body,
		Certificate: &fact.Certificate{Series: "МСЭ", Number: h.document(h.family, h.member(one))},
	}
	switch {
	case adult > lastDay && n < disabledChildren:
		d.Group, d.Cause, d.Begin, d.End = "child", "childhood", one.Born.Add(0, 2, 0), adult
	case adult <= lastDay && n < disabledAdults:
		d.Group, d.Begin = []string{"I", "II", "II", "III"}[n], "2023-05-15"
		if n > 1 {
			d.End = d.Begin.Add(3, 0, 0)
		}
	default:
		return
	}
	d.Reassessment, d.Examined, d.Certificate.Issued = d.End, d.Begin, d.Begin
	one.Disabilities = []fact.Disability{d}
}
