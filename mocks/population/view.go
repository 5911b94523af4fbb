package population

import (
	"slices"
	"strings"

	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// View is the population as one registry sees it: the truth, but for the
// differences that are declared. What it gives is shared and must not be changed.
type View struct {
	p        *Population
	registry fact.Registry
	here     *community
}

// Registry is whose view it is.
func (v *View) Registry() fact.Registry { return v.registry }

// Entry looks up a code in a dictionary, e.g. Entry("gender", "2").
func (v *View) Entry(dictionary, code string) (fact.Entry, bool) { return v.p.Entry(dictionary, code) }

// People lists everybody but the generated people, in the order of the files.
func (v *View) People() []*fact.Person { return slices.Clone(v.here.set.People) }

// Person finds somebody by the IIN that the registry has; nil if there is none.
// Whatever belongs to one person alone, such as disabilities or businesses,
// stands in the result; methods of View give what refers to others.
func (v *View) Person(iin string) *fact.Person {
	_, one := v.find(iin)
	return one
}

// find gives a person with the facts around it; a generated family is computed
// here.
func (v *View) find(iin string) (*community, *fact.Person) {
	if one := v.here.byIIN[iin]; one != nil {
		return v.here, one
	}
	if g := v.p.generated; g != nil {
		if f, member, ok := g.ByIIN(iin); ok {
			return v.member(f, member)
		}
	}
	return nil, nil
}

func (v *View) member(family, member int) (*community, *fact.Person) {
	if v.p.settled[family] {
		return nil, nil
	}
	c := index(v.p.generated.Family(family))
	return c, c.set.People[member]
}

// Certificate of a birth or death, as ГБД ФЛ shows it.
type Certificate struct {
	Number string
	Begin  fact.Date
	Office fact.Entry // that issued it
}

// Individual is a person as ГБД ФЛ shows one.
type Individual struct {
	*fact.Person
	BirthCertificate *Certificate // the latest; nil for a birth that is not in the civil registry
	DeathCertificate *Certificate
	Registration     *Residence  // the latest permanent one, also when it has ended
	Addresses        []Residence // temporary and earlier ones
}

// Individuals lists everybody with an IIN but the generated people.
func (v *View) Individuals() []*Individual {
	var all []*Individual
	for _, one := range v.here.set.People {
		if one.IIN != "" {
			all = append(all, v.individual(v.here, one))
		}
	}
	return all
}

// Individual finds a person by IIN; nil if there is none. An IIN that was merged
// into another gives the record as it is kept under the old number: removed.
func (v *View) Individual(iin string) *Individual {
	c, one := v.find(iin)
	if one != nil {
		return v.individual(c, one)
	}
	if one = v.here.byFormer[iin]; one != nil {
		old := *one
		old.IIN, old.Removed = iin, true
		return v.individual(v.here, &old)
	}
	return nil
}

// ByDocument finds the holders of a document of identity, valid or not.
func (v *View) ByDocument(number string) []*Individual {
	var found []*Individual
	for _, one := range v.here.byDocument[number] {
		if one.IIN != "" {
			found = append(found, v.individual(v.here, one))
		}
	}
	if g := v.p.generated; g != nil {
		if f, member, ok := g.ByDocument(number); ok {
			found = v.add(found, f, member)
		}
	}
	return found
}

// ByBirth finds people by birth date and Kazakh name. An empty name part means
// "has no such part", not "any". Letter case does not count.
func (v *View) ByBirth(born fact.Date, n fact.Name) []*Individual {
	var found []*Individual
	for _, one := range v.here.set.People {
		k := one.Name.Kk
		if one.IIN != "" && one.Born == born && strings.EqualFold(k.Surname, n.Surname) &&
			strings.EqualFold(k.Given, n.Given) && strings.EqualFold(k.Patronymic, n.Patronymic) {
			found = append(found, v.individual(v.here, one))
		}
	}
	if g := v.p.generated; g != nil {
		for _, at := range g.ByBirth(born, n) {
			found = v.add(found, at.Family, at.Member)
		}
	}
	return found
}

func (v *View) add(found []*Individual, family, member int) []*Individual {
	if c, one := v.member(family, member); one != nil {
		return append(found, v.individual(c, one))
	}
	return found
}

func (v *View) individual(c *community, one *fact.Person) *Individual {
	i := &Individual{Person: one}
	for _, a := range c.acts[one.Key] {
		if !a.Kept() {
			continue
		}
		switch who := a.Of(one.Key); {
		case a.Kind == fact.Birth && who.Role == fact.Child:
			i.BirthCertificate = v.certificate(a)
		case a.Kind == fact.Death && who.Role == fact.Subject:
			i.DeathCertificate = v.certificate(a)
		}
	}
	all := v.residences(c, one)
	for n := range all {
		if all[n].Kind == fact.Permanent {
			i.Registration = &all[n]
		}
	}
	for n := range all {
		if &all[n] != i.Registration {
			i.Addresses = append(i.Addresses, all[n])
		}
	}
	return i
}

// certificate is the latest of an act.
func (v *View) certificate(a *fact.Act) *Certificate {
	if len(a.Certificates) == 0 {
		return nil
	}
	last := a.Certificates[len(a.Certificates)-1]
	c := &Certificate{Number: last.Number, Begin: last.Issued}
	if last.Office == "" {
		last.Office = a.Office
	}
	c.Office, _ = v.Entry("office", last.Office) // known: the population was checked
	return c
}

// Residence is a registration with the address it is at.
type Residence struct {
	fact.Residence
	Location *fact.Location
	// City as the registry prints it: ГБД ФЛ keeps the name of the day of
	// registration, everybody else has the present one.
	City fact.Bilingual
}

// Residences lists where a person is and was registered, in the order of their
// beginning. Registrations outside the registers of Kazakhstan are not there.
func (v *View) Residences(iin string) []Residence {
	c, one := v.find(iin)
	if one == nil {
		return nil
	}
	return v.residences(c, one)
}

func (v *View) residences(c *community, one *fact.Person) []Residence {
	var all []Residence
	for _, r := range one.Residences {
		l := c.set.Locations[r.At]
		if l.Outside {
			continue
		}
		city := l.City
		if v.registry == fact.RegistryPerson {
			city = l.CityOn(r.Begin)
		}
		all = append(all, Residence{r, l, city})
	}
	return all
}

// At finds an address by its code in the Address Register (РКА), and who is
// registered there on a day. Generated people are not found this way.
func (v *View) At(code string, on fact.Date) (*fact.Location, []*fact.Person) {
	for _, key := range sortedKeys(v.here.set.Locations) {
		l := v.here.set.Locations[key]
		if l.Code != code || l.Outside {
			continue
		}
		var here []*fact.Person
		for _, one := range v.here.set.People {
			if slices.ContainsFunc(one.Residences, func(r fact.Residence) bool { return r.At == key && r.Current(on) }) {
				here = append(here, one)
			}
		}
		return l, here
	}
	return nil, nil
}
