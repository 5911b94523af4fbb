package consistency

import (
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/ident"
)

// accounts says whose an account is, whether its requisites fit its number, and
// whether its holder lives.
func (c *checker) accounts() {
	for _, a := range c.checked {
		facts := []ref{a.at("/holder_match")}
		p := c.people[a.holder]
		if a.holder != "" && p != nil && len(p.records) > 0 {
			first, _ := p.reference()
			facts = append(facts, first.ref)
		}
		switch a.HolderMatch {
		case gateway.HolderMatchFull:
			c.find(AccountHolder, ok, facts...)
		case gateway.HolderMatchNo:
			c.find(AccountHolder, contradiction, facts...)
		default:
			c.find(AccountHolder, doubt, facts...)
		}
		c.bank(a)
		if p == nil || a.State != gateway.AccountStateOpen {
			continue
		}
		for _, d := range p.deaths {
			if d.dead {
				c.find(AccountDead, contradiction, a.at("/state"), d.ref)
				break
			}
		}
	}
}

// bank compares the BIC with the three digits in the number of the account. A
// bank that nobody has told us of is compared with nothing.
func (c *checker) bank(a account) {
	iban, err := ident.ParseIBAN(a.IBAN)
	bic, err2 := ident.ParseBIC(a.Bank.BIC)
	if err != nil || err2 != nil || iban.BIC().IsZero() {
		return
	}
	c.find(AccountBank, agree(iban.BIC().SameParty(bic), contradiction), a.at("/bank/bic"), a.at("/iban"))
}
