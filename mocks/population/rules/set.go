package rules

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/kopir-kz/kopir/gateway/ident"
	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// whole checks what only the set as a whole can break.
func (c *checker) whole() {
	c.key = ""
	keys, iins := map[string]bool{}, map[string]bool{}
	numbers, documents, accounts := 0, map[string]string{}, map[string]string{}
	for _, one := range c.set.People {
		c.must(!keys[one.Key], "key.unique", "two people have one key")
		keys[one.Key] = true
		for _, iin := range append([]string{one.IIN}, former(one)...) {
			if iin != "" {
				iins[iin] = true
				numbers++
			}
		}
		for _, d := range one.Documents {
			c.must(documents[d.Number] == "" || documents[d.Number] == one.Key, "document.unique", "two people hold one document")
			documents[d.Number] = one.Key
		}
		for _, a := range one.Accounts {
			c.must(accounts[a.IBAN] == "", "account.unique", "an account has one holder")
			accounts[a.IBAN] = one.Key
		}
	}
	c.must(len(iins) == numbers, "iin.unique", "two people have one IIN")
	for _, one := range c.set.People {
		if one.Claims != "" {
			c.key = one.Key
			c.must(accounts[one.Claims] != "" && accounts[one.Claims] != one.Key, "account.claimed", "an account that somebody claims must be another person's")
		}
	}
	c.key = ""
	for _, iin := range c.set.Nobody {
		_, err := ident.ParseIIN(iin, ident.Mock)
		c.must(err == nil, "nobody.iin", "an IIN of nobody must be right and synthetic")
		c.must(!iins[iin], "nobody.nobody", "an IIN of nobody belongs to somebody")
	}
	acts := map[string]bool{}
	for _, a := range c.set.Acts {
		id := a.Office + " " + string(a.Kind) + " " + a.Number
		c.must(!acts[id], "act.unique", "two acts of one office have one number")
		acts[id] = true
	}
	c.dictionaries()
	c.entities()
	c.locations()
}

func former(one *fact.Person) (iins []string) {
	for _, f := range one.Former {
		iins = append(iins, f.IIN)
	}
	return iins
}

func (c *checker) dictionaries() {
	for _, name := range slices.Sorted(maps.Keys(c.set.Dictionaries)) {
		c.key = name
		for _, e := range c.set.Dictionaries[name] {
			c.must(e.Ru != "" && e.Kk != "", "dictionary.languages", "a value needs both languages")
			c.moment(e.Changed, false)
		}
	}
}

// realBanks are codes of banks that exist: no account of the offline world may
// look like one of theirs.
var realBanks = []string{ //nolint:gochecknoglobals // a constant table
	"009", "070", "125", "551", "563", "601", "722", "821", "856", "886", "914", "948", "965", "972", "998",
}

func (c *checker) entities() {
	bins, codes := map[string]bool{}, map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(c.set.Entities)) {
		e := c.set.Entities[key]
		c.key = key
		_, err := ident.ParseBIN(e.BIN)
		c.must(err == nil && strings.HasPrefix(e.BIN, "99"), "entity.bin", "a BIN must be right and begin with 99, as synthetic ones do")
		c.must(!bins[e.BIN], "entity.unique", "two organisations have one BIN")
		bins[e.BIN] = true
		c.must(e.Name.Kk != "" && e.Name.Ru != "", "text.languages", "an organisation needs a name in Kazakh and in Russian")
		c.bilingual(e.Short)
		c.date(e.Registered, true)
		c.span(e.Registered, e.Liquidated)
		c.code("activity", e.Activity, false)
		c.must(e.Location == "" || c.set.Locations[e.Location] != nil, "location.known", "an address is not in the population")
		c.must(e.Head == "" || c.people[e.Head] != nil, "person.known", "the head is not in the population")
		c.must(e.Kind.KeepsAccounts() == (e.BankCode != ""), "entity.bank", "those that keep accounts have a bank code, and nobody else")
		if !e.Kind.KeepsAccounts() {
			continue
		}
		_, err = ident.ParseBIC(e.BIC)
		c.must(err == nil, "entity.bic", "the BIC is wrong")
		c.must(!codes[e.BankCode] && !slices.Contains(realBanks, e.BankCode), "entity.code", "a bank code belongs to one organisation, and to none that exists")
		codes[e.BankCode] = true
		c.iban(e.IIC, e)
	}
}

func (c *checker) locations() {
	codes := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(c.set.Locations)) {
		l := c.set.Locations[key]
		c.key = key
		c.place(fact.Place{Country: l.Country, District: l.District, Region: l.Region})
		c.must(l.City.Kk != "" && l.City.Ru != "", "text.languages", "a settlement needs a name in Kazakh and in Russian")
		c.bilingual(l.Street)
		last := fact.Date("9999-12-31")
		for _, r := range l.Renamed {
			c.date(r.Until, true)
			c.must(r.Until < last && r.City.Kk != "" && r.City.Ru != "", "location.renamed", "earlier names stand in order, the latest first, in both languages")
			last = r.Until
		}
		if l.KATO != "" {
			_, err := ident.ParseKATO(l.KATO)
			c.must(err == nil, "location.kato", "the KATO code is wrong")
		}
		_, err := ident.ParseAddressCode(l.Code)
		c.must(l.Outside == (l.Code == "") && (l.Code == "" || err == nil), "location.code", "an address has a code of the Address Register, unless it is outside")
		c.must(l.Code == "" || !codes[l.Code], "location.unique", "two addresses have one code")
		codes[l.Code] = true
	}
}

// Covered checks that every property is shown by somebody, that people exist
// for known properties, each for one of their own, and that families are known.
// It is asked of the files, not of generated people.
func Covered(set *fact.Set) error {
	c := &checker{set: set}
	known, shown, main, families := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, p := range set.Properties {
		c.key = p.ID
		c.must(!known[p.ID], "property.twice", "a property stands in the list twice")
		c.must(p.ID != "" && p.En != "" && p.Ru != "" && p.Kk != "", "property.languages", "a property needs an id and three languages")
		known[p.ID] = true
	}
	for _, f := range set.Families {
		c.key = f.ID
		c.must(f.ID != "" && !families[f.ID] && f.En != "" && f.Ru != "" && f.Kk != "", "family.languages", "a family needs an id of its own and three languages")
		families[f.ID] = true
	}
	for _, one := range set.People {
		c.key = one.Key
		c.must(one.Property != "" && !main[one.Property], "property.unique", "everybody exists for one property, and two people not for the same")
		main[one.Property] = true
		c.must(families[one.Family], "family.known", "a person belongs to no family")
		for _, id := range one.Shows() {
			c.must(known[id], "property.known", "a property is not in the list")
			shown[id] = true
		}
	}
	for _, p := range set.Properties {
		c.key = p.ID
		c.must(shown[p.ID], "property.shown", "nobody shows the property")
	}
	return errors.Join(c.errs...)
}
