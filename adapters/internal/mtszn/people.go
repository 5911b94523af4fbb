package mtszn

import (
	"strings"
	"time"

	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/ident"
)

// People holds whom the records of one answer name against the IIN asked about and
// against each other.
//
// Two birth dates are two people. A name may change, as by a marriage, and has
// several spellings; but two names without a single word in common are two people
// as well.
type People struct {
	born    gateway.PartialDate // by the IIN
	first   gateway.PersonRef
	several bool
}

// NewPeople begins for the IIN asked about.
func NewPeople(iin string) *People {
	p := &People{}
	if n, err := ident.ParseIIN(iin, ident.TestStand); err == nil {
		year, month, day := n.BirthDate()
		p.born = gateway.WholeDate(gateway.DateOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC)))
	}
	return p
}

// Take reads in the person of one record. A birth date other than the one in the
// IIN is doubted: it happens that a date was corrected and the number stayed, and it
// happens that a record is somebody else's.
func (p *People) Take(who gateway.PersonRef, d *payload.Doubts) {
	if who.BirthDate != "" && p.born != "" && !who.BirthDate.Agrees(p.born) {
		d.Add(gateway.DoubtAgreement, "/person/birth_date")
	}
	if who.BirthDate != "" && p.first.BirthDate != "" && !who.BirthDate.Agrees(p.first.BirthDate) || payload.Apart(name(p.first), name(who)) {
		p.several = true
	}
	if p.first.BirthDate == "" {
		p.first.BirthDate = who.BirthDate
	}
	if name(p.first) == "" {
		p.first.FullName = name(who)
	}
}

// Doubt is the doubts of a record with that of two people, if there are.
func (p *People) Doubt(of []gateway.Doubt) []gateway.Doubt {
	if !p.several {
		return of
	}
	return append(of, gateway.NewDoubt(gateway.DoubtIdentity, "/person"))
}

func name(p gateway.PersonRef) string {
	if p.FullName != "" {
		return p.FullName
	}
	return strings.TrimSpace(p.Surname + " " + p.GivenName + " " + p.SecondName)
}
