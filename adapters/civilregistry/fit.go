package civilregistry

import (
	"reflect"
	"slices"
	"strings"

	"github.com/kopir-kz/kopir/adapters/internal/payload"
	"github.com/kopir-kz/kopir/gateway"
)

// fits tells whether an act may be part of the answer (threat T14). It doubts an
// act that names nobody in the role asked about, or somebody without an IIN: that
// it is the person's, the registry says and the record does not show.
func fits(a *gateway.CivilAct, q gateway.CivilActQuery) bool {
	if q.ActNumber != "" {
		return same(a.ActNumber, q.ActNumber) && same(a.RegistryOffice.Code, q.RegistryOffice) &&
			(a.RegistrationDate.IsZero() || a.RegistrationDate == q.RegistrationDate)
	}
	kinds := q.Kinds
	if len(kinds) == 0 {
		kinds = q.Role.Kinds()
	}
	if a.Kind != "" && !slices.Contains(kinds, a.Kind) {
		return false
	}
	nameless, others := -1, 0
	for i, p := range a.Parties {
		switch {
		case !holds(q.Role, p.Role):
		case p.Person.IIN == q.IIN:
			return true
		case p.Person.IIN == "":
			nameless = i
		default:
			others++
		}
	}
	switch {
	case nameless >= 0:
		doubt(a, gateway.DoubtMissing, partyAt(nameless)+"/iin")
	case others > 0:
		return false
	default:
		doubt(a, gateway.DoubtMissing, "/parties")
	}
	return true
}

// same compares what came with what was asked for; what did not come has been
// doubted already.
func same(came, asked string) bool { return came == "" || strings.EqualFold(came, asked) }

func doubt(a *gateway.CivilAct, rule gateway.DoubtRule, pointer string) {
	d := payload.Doubts{List: a.Doubt}
	d.Add(rule, pointer)
	a.Doubt = d.List
}

// collection gathers the acts of an answer, each once.
type collection struct {
	acts  []gateway.CivilAct
	first map[key]int // index of the first act of a key
}

// key is what makes two entries of the list the same act.
type key struct {
	kind, office, number string
	registered           gateway.Date
}

// add takes an act unless it is there already. Two that should be one and differ
// are both kept and doubted: nobody can tell which is right.
func (c *collection) add(a gateway.CivilAct) {
	k := key{a.Type.Code, a.RegistryOffice.Code, a.ActNumber, a.RegistrationDate}
	i, known := c.first[k]
	switch {
	case !known:
		c.first[k] = len(c.acts)
	case reflect.DeepEqual(undoubted(c.acts[i]), undoubted(a)):
		return
	case k.number != "" && k.office != "" && !k.registered.IsZero():
		doubt(&c.acts[i], gateway.DoubtAgreement, "")
		doubt(&a, gateway.DoubtAgreement, "")
	}
	c.acts = append(c.acts, a)
}

func undoubted(a gateway.CivilAct) gateway.CivilAct {
	a.Doubt = nil
	return a
}

// judged gives the acts. Every person whose IIN stands for two people is doubted:
// for two in one act, or for two birth dates.
func (c *collection) judged() gateway.CivilActs {
	born, shared := map[string]gateway.PartialDate{}, map[string]bool{}
	for _, a := range c.acts {
		for i, p := range a.Parties {
			iin := p.Person.IIN
			if iin == "" {
				continue
			}
			known := born[iin]
			twice := slices.ContainsFunc(a.Parties[:i], func(other gateway.ActParty) bool { return other.Person.IIN == iin })
			shared[iin] = shared[iin] || twice || !known.Agrees(p.Person.BirthDate)
			if len(p.Person.BirthDate) > len(known) {
				born[iin] = p.Person.BirthDate
			}
		}
	}
	for n := range c.acts {
		for i, p := range c.acts[n].Parties {
			if shared[p.Person.IIN] {
				doubt(&c.acts[n], gateway.DoubtIdentity, partyAt(i)+"/iin")
			}
		}
	}
	return c.acts
}
