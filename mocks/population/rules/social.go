package rules

import (
	"slices"

	"github.com/kopir-kz/kopir/gateway/ident"
	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// childGroup is the code of a child with a disability in the dictionary
// disabilityGroup.
const childGroup = "child"

func (c *checker) disabilities() {
	one := c.one
	var last fact.Date
	for _, d := range one.Disabilities {
		c.code("disabilityGroup", d.Group, true)
		c.finding(d.Cause, d.Body, d.Act, d.Begin, d.End, d.Examined, d.Certificate)
		c.must((d.End == "") == (d.Reassessment == ""), "disability.term", "a disability with a term has a reassessment, one without term has none")
		c.date(d.Reassessment, false)
		c.must(d.Reassessment == "" || d.Reassessment >= d.Begin && d.Reassessment <= d.End.Add(0, 0, 1), "disability.term", "the reassessment lies within the term, or the day after it")
		minor := d.Begin < one.Born.Add(adultAge, 0, 0)
		c.must(d.Group != childGroup || minor && d.End != "" && d.End <= one.Born.Add(adultAge, 0, 0), "disability.child", "a child's disability ends with the childhood")
		c.must(d.Begin >= last, "disability.overlap", "two disabilities at one time")
		last = "9999-12-31"
		if d.End != "" {
			last = d.End
		}
		if p := d.Programme; p != nil {
			c.must(p.Number != "" && len(p.Parts) > 0, "programme.whole", "a programme needs a number and parts")
			c.date(p.Begin, true)
			c.span(p.Begin, p.End)
			c.must(p.Begin >= d.Examined, "programme.order", "a programme before the examination")
			for _, part := range p.Parts {
				c.code("programmePart", part, true)
			}
		}
	}
	for _, l := range one.CapacityLosses {
		c.must(l.Kind == fact.General || l.Kind == fact.Professional, "loss.kind", "no such kind of loss")
		c.must(l.Percent >= 1 && l.Percent <= 100, "loss.percent", "a loss is 1 to 100 per cent")
		c.finding(l.Cause, l.Body, l.Act, l.Begin, l.End, l.Examined, l.Certificate)
	}
}

// finding checks what every finding of the medical and social examination has.
func (c *checker) finding(cause, body, act string, begin, end, examined fact.Date, cert *fact.Certificate) {
	c.code("disabilityCause", cause, true)
	c.code("examinationBody", body, true)
	c.must(act != "", "finding.act", "a finding needs the number of its act")
	c.date(begin, true)
	c.span(begin, end)
	c.date(examined, true)
	c.must(begin >= c.one.Born && examined >= begin, "finding.order", "a finding after the birth, examined on its first day or later")
	c.must(c.one.Died == "" || end != "" && end <= c.one.Died, "finding.life", "a finding ends with the life")
	c.must(cert != nil, "finding.certificate", "a finding needs a certificate")
	if cert != nil {
		c.certificate(*cert, examined)
	}
}

func (c *checker) accounts() {
	one := c.one
	for _, a := range one.Accounts {
		bank := c.entity(a.Bank, "account.bank", fact.Bank, fact.Post, fact.Licensed)
		c.iban(a.IBAN, bank)
		c.must(slices.Contains(fact.AccountKinds(), a.Kind), "account.kind", "no such kind of account")
		c.date(a.Opened, true)
		c.span(a.Opened, a.Closed)
		c.must(a.Opened >= one.Born, "account.order", "an account before the birth")
		c.must(one.Died == "" || a.Closed != "", "account.life", "the dead hold no open account, unless a difference declares it")
		c.must(a.Kind != fact.Prison || one.Imprisoned != nil, "account.prison", "who was never in custody has no such account")
	}
}

// iban checks an account number and that it names its bank.
func (c *checker) iban(iban string, bank *fact.Entity) {
	n, err := ident.ParseIBAN(iban)
	c.must(err == nil, "iban.right", "the IBAN is wrong")
	c.must(err != nil || bank == nil || n.Bank() == bank.BankCode, "iban.bank", "the IBAN is of another bank")
}

// means checks status, benefits, work and business.
func (c *checker) means() {
	one := c.one
	for _, s := range one.Statuses {
		c.code("socialStatus", s.Code, true)
		c.date(s.Begin, true)
		c.lasts(s.Begin, s.End)
	}
	for _, a := range one.Awards {
		c.award(a)
	}
	for _, j := range one.Jobs {
		e := c.entity(j.Employer, "job.employer", fact.Employer, fact.Bank, fact.Post, fact.Licensed, fact.Authority)
		c.must(j.Position.Kk != "" && j.Position.Ru != "", "text.languages", "a position has a name in Kazakh and in Russian")
		c.lasts(j.Begin, j.End)
		c.must(e == nil || j.Begin >= e.Registered && (e.Liquidated == "" || j.End != "" && j.End <= e.Liquidated), "job.employer", "an employer exists as long as the job")
	}
	for _, u := range one.Unemployment {
		c.must(u.Number != "", "unemployment.number", "a registration needs a number")
		c.entity(u.Centre, "unemployment.centre", fact.Authority)
		c.code("occupation", u.Occupation, false)
		c.lasts(u.Registered, u.Removed)
		for _, j := range one.Jobs {
			c.must(j.End != "" && j.End <= u.Registered || u.Removed != "" && j.Begin >= u.Removed, "unemployment.job", "nobody is unemployed and employed at one time")
		}
		for _, r := range u.Referrals {
			c.must(r.Number != "", "referral.number", "a referral needs a number")
			c.entity(r.Employer, "referral.employer", fact.Employer)
			c.code("occupation", r.Occupation, false)
			c.code("referralResult", r.Result, false)
			c.date(r.Date, true)
			c.must(r.Date >= u.Registered && (u.Removed == "" || r.Date <= u.Removed), "referral.order", "a referral while the person is registered")
		}
	}
	for _, b := range one.Businesses {
		c.must(b.Number != "" && b.Name.Kk != "" && b.Name.Ru != "", "business.whole", "a business needs a number and a name in both languages")
		c.code("taxOffice", b.Office, true)
		c.code("activity", b.Activity, false)
		c.lasts(b.Registered, b.Ended)
		c.must(b.Registered >= one.Born.Add(minSpouseAge, 0, 0), "business.age", "a child runs no business")
	}
	for _, p := range one.Contributions {
		c.date(p.Paid, true)
		c.must(p.AmountTiyn > 0, "contribution.amount", "a contribution is more than nothing")
		if p.Payer != "" {
			c.entity(p.Payer, "contribution.payer", fact.Employer, fact.Bank, fact.Post, fact.Licensed, fact.Authority)
			continue
		}
		c.must(len(one.Businesses) > 0, "contribution.payer", "only an entrepreneur pays for himself")
	}
}

// lasts checks a span of somebody's life.
func (c *checker) lasts(begin, end fact.Date) {
	c.date(begin, true)
	c.span(begin, end)
	c.must(begin >= c.one.Born, "life.span", "begun before the birth")
	c.must(c.one.Died == "" || end != "" && end <= c.one.Died, "life.span", "not ended with the life")
}

func (c *checker) award(a fact.Award) {
	c.code("awardKind", a.Kind, true)
	c.entity(a.Authority, "award.authority", fact.Authority)
	c.must(a.Number != "", "award.number", "an award needs a decision")
	c.must(slices.Contains(fact.AwardStates(), a.State), "award.state", "no such state of an award")
	c.must(a.State != "ended" || a.End != "", "award.state", "what has ended has an end")
	c.date(a.Assigned, true)
	c.lasts(a.Begin, a.End)
	c.must(a.AmountTiyn > 0, "award.amount", "an award is more than nothing")
	c.must(a.For == "" || c.people[a.For] != nil && a.For != c.one.Key, "person.known", "whom the award is for is not in the population")
	c.must(a.IBAN == "" || slices.ContainsFunc(c.one.Accounts, func(b fact.BankAccount) bool { return b.IBAN == a.IBAN }), "award.account", "an award is paid to an account of the recipient")
}
