// Package persona finds people of the population to test with: by property,
// family, age, disability, account and whatever else they differ in.
package persona

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// Persona is a person as somebody who looks for one to test with sees it.
type Persona struct {
	Key        string              `json:"key"`
	IIN        string              `json:"iin"`
	Name       fact.Names          `json:"name"`
	Born       fact.Date           `json:"birth_date"`
	Property   fact.Property       `json:"property,omitzero"` // what the person exists for; nothing for generated people
	Attributes map[string][]string `json:"attributes"`
}

// Criterion is one condition of a search: an attribute and its value. The value
// of age may be a range such as 14-17, 18- or -16.
type Criterion struct{ Key, Value string }

// ParseCriterion reads key=value. The error lists the keys that there are.
func ParseCriterion(s string) (Criterion, error) {
	key, value, ok := strings.Cut(s, "=")
	if !ok || !slices.Contains(Attributes(), key) {
		return Criterion{}, fmt.Errorf("a condition is key=value, where the key is one of %s", strings.Join(Attributes(), ", "))
	}
	return Criterion{key, value}, nil
}

// Attributes lists the keys by which people can be searched.
func Attributes() []string {
	var keys []string
	for _, a := range attributes() {
		keys = append(keys, a.key)
	}
	return keys
}

// Find lists those people of a set who meet all conditions on a day, in the
// order of the set.
func Find(set *fact.Set, today fact.Date, where ...Criterion) []Persona {
	found := []Persona{}
	for _, one := range set.People {
		who := Persona{Key: one.Key, IIN: one.IIN, Name: one.Name, Born: one.Born, Attributes: map[string][]string{}}
		for _, p := range set.Properties {
			if p.ID == one.Property {
				who.Property = p
			}
		}
		for _, a := range attributes() {
			if values := a.of(set, one, today); len(values) > 0 {
				slices.Sort(values)
				who.Attributes[a.key] = slices.Compact(values)
			}
		}
		if !slices.ContainsFunc(where, func(c Criterion) bool { return !c.meets(who.Attributes[c.Key]) }) {
			found = append(found, who)
		}
	}
	return found
}

func (c Criterion) meets(values []string) bool {
	if c.Key == "age" {
		return slices.ContainsFunc(values, c.inRange)
	}
	return slices.Contains(values, c.Value)
}

func (c Criterion) inRange(age string) bool {
	low, high, isRange := strings.Cut(c.Value, "-")
	if !isRange {
		return age == c.Value
	}
	n, err1 := strconv.Atoi(age)
	from, err2 := strconv.Atoi(cmp.Or(low, "0"))
	to, err3 := strconv.Atoi(cmp.Or(high, "999"))
	return err1 == nil && err2 == nil && err3 == nil && from <= n && n <= to
}

// attribute is something people are searched by.
type attribute struct {
	key string
	of  func(set *fact.Set, one *fact.Person, today fact.Date) []string
}

func attributes() []attribute {
	return []attribute{
		{"key", func(_ *fact.Set, one *fact.Person, _ fact.Date) []string { return []string{one.Key} }},
		{"family", func(_ *fact.Set, one *fact.Person, _ fact.Date) []string { return []string{one.Family} }},
		{"property", func(_ *fact.Set, one *fact.Person, _ fact.Date) []string { return slices.Clone(one.Shows()) }},
		{"sex", func(_ *fact.Set, one *fact.Person, _ fact.Date) []string {
			return []string{map[string]string{"1": "male", "2": "female"}[one.Sex]}
		}},
		{"age", func(_ *fact.Set, one *fact.Person, today fact.Date) []string {
			if one.Died != "" {
				today = one.Died
			}
			return []string{strconv.Itoa(fact.Age(one.Born, today))}
		}},
		{"alive", func(_ *fact.Set, one *fact.Person, _ fact.Date) []string { return yesNo(one.Died == "") }},
		{"iin", func(_ *fact.Set, one *fact.Person, _ fact.Date) []string { return iinIs(one) }},
		{"citizenship", func(_ *fact.Set, one *fact.Person, _ fact.Date) []string { return []string{one.Citizenship} }},
		{"document", documentKinds},
		{"registration", registrations},
		{"married", func(_ *fact.Set, one *fact.Person, _ fact.Date) []string { return yesNo(one.Spouse != "") }},
		{"children", children},
		{"act", actKinds},
		{"care", cares},
		{"disability", disabilities},
		{"capacity-loss", losses},
		{"has-account", accounts},
		{"status", statuses},
		{"award", awards},
		{"work", work},
		{"differs-in", func(_ *fact.Set, one *fact.Person, _ fact.Date) (in []string) {
			for _, d := range one.Differences {
				in = append(in, string(d.Registry))
			}
			return in
		}},
		{"fault", func(_ *fact.Set, one *fact.Person, _ fact.Date) []string { return some(one.Fault) }},
	}
}

func yesNo(yes bool) []string {
	if yes {
		return []string{"yes"}
	}
	return []string{"no"}
}

func some(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// orNone says so where there is nothing.
func orNone(values []string) []string {
	if len(values) == 0 {
		return []string{"none"}
	}
	return values
}

func iinIs(one *fact.Person) []string {
	switch {
	case one.IIN == "":
		return []string{"none"}
	case len(one.Former) > 0:
		return []string{"merged"}
	case one.Serial != 0:
		return []string{"computed"}
	}
	return []string{"given"}
}

func documentKinds(_ *fact.Set, one *fact.Person, _ fact.Date) (kinds []string) {
	for _, d := range one.Documents {
		kinds = append(kinds, d.Type)
	}
	return orNone(kinds)
}

func registrations(set *fact.Set, one *fact.Person, today fact.Date) (kinds []string) {
	for _, r := range one.Residences {
		l := set.Locations[r.At] // nil for that of a generated family
		switch {
		case !r.Current(today):
		case l != nil && l.Outside:
			kinds = append(kinds, "outside")
		default:
			kinds = append(kinds, string(r.Kind))
		}
	}
	return orNone(kinds)
}

func children(set *fact.Set, one *fact.Person, _ fact.Date) []string {
	n := 0
	for _, other := range set.People {
		if slices.Contains(other.Parents, one.Key) {
			n++
		}
	}
	return []string{strconv.Itoa(n)}
}

func actKinds(set *fact.Set, one *fact.Person, _ fact.Date) (kinds []string) {
	for _, a := range set.Acts {
		if a.Of(one.Key) != nil {
			kinds = append(kinds, string(a.Kind))
		}
	}
	return orNone(kinds)
}

func cares(set *fact.Set, one *fact.Person, today fact.Date) (roles []string) {
	for _, g := range set.Guardianships {
		switch {
		case g.End != "" && g.End <= today:
		case g.Ward == one.Key:
			roles = append(roles, "ward", string(g.Kind))
		case slices.Contains(g.Guardians, one.Key):
			roles = append(roles, "guardian", string(g.Kind))
		}
	}
	return orNone(roles)
}

func disabilities(_ *fact.Set, one *fact.Person, today fact.Date) (groups []string) {
	for _, d := range one.Disabilities {
		if d.End == "" || d.End >= today {
			groups = append(groups, d.Group)
		}
	}
	return orNone(groups)
}

func losses(_ *fact.Set, one *fact.Person, today fact.Date) (kinds []string) {
	for _, l := range one.CapacityLosses {
		if l.End == "" || l.End >= today {
			kinds = append(kinds, string(l.Kind))
		}
	}
	return orNone(kinds)
}

// accounts tells the kind of account and of organisation for open ones.
func accounts(set *fact.Set, one *fact.Person, _ fact.Date) (kinds []string) {
	for _, a := range one.Accounts {
		if a.Closed != "" {
			kinds = append(kinds, "closed")
			continue
		}
		kinds = append(kinds, string(a.Kind), string(set.Entities[a.Bank].Kind))
	}
	if one.Claims != "" {
		kinds = append(kinds, "another-persons")
	}
	return orNone(kinds)
}

func statuses(_ *fact.Set, one *fact.Person, today fact.Date) (codes []string) {
	for _, s := range one.Statuses {
		if s.End == "" || s.End >= today {
			codes = append(codes, s.Code)
		}
	}
	return codes
}

func awards(_ *fact.Set, one *fact.Person, today fact.Date) (kinds []string) {
	for _, a := range one.Awards {
		if a.End == "" || a.End >= today {
			kinds = append(kinds, a.Kind)
		}
	}
	return orNone(kinds)
}

func work(_ *fact.Set, one *fact.Person, today fact.Date) (kinds []string) {
	lasts := func(end fact.Date) bool { return end == "" || end > today }
	for _, j := range one.Jobs {
		if lasts(j.End) {
			kinds = append(kinds, "employed")
		}
	}
	for _, u := range one.Unemployment {
		if lasts(u.Removed) {
			kinds = append(kinds, "unemployed")
		}
	}
	for _, b := range one.Businesses {
		if lasts(b.Ended) {
			kinds = append(kinds, "entrepreneur")
		}
	}
	return orNone(kinds)
}
