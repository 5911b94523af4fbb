package generator

import (
	"slices"

	"github.com/kopir-kz/kopir/gateway/ident"
	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// household is a family that is being computed.
type household struct {
	*Population
	family int
	kind   kind
	set    *fact.Set
	place  spot

	wedding, parting fact.Date // "" for none; the parting is a death or a divorce
}

// spot is a place with the offices around it, all of them in the dictionaries of
// the files.
type spot struct {
	district, region, kato string
	city                   fact.Bilingual
	office, body, tax      string
}

var spots = []spot{ //nolint:gochecknoglobals // a constant table
	{"1971", "1971201", "710000000", fact.Bilingual{Kk: "Астана", Ru: "Астана"}, "7101", "701", "6201"},
	{"1971", "1971203", "710000000", fact.Bilingual{Kk: "Астана", Ru: "Астана"}, "7102", "701", "6201"},
	{"1975", "1975204", "750000000", fact.Bilingual{Kk: "Алматы", Ru: "Алматы"}, "7501", "702", "6001"},
	{"1901", "1901205", "110000000", fact.Bilingual{Kk: "Аршалы кенті", Ru: "посёлок Аршалы"}, "1105", "701", "6201"},
	{"1902", "1902213", "190000000", fact.Bilingual{Kk: "Қаскелең", Ru: "Каскелен"}, "1913", "702", "6001"},
}

// Keys of organisations of the files, and of the addresses of a family.
const (
	bankKey, postKey, payKey = "synaq-bank", "synaq-post", "synaq-pay"
	employerKey              = "synaq-works"
	guardianshipKey          = "guardianship-office"
	benefitsKey              = "benefits-office"
	centreKey                = "employment-centre"

	home, elsewhere = "home", "elsewhere"
)

// Family computes a family with everything that belongs to it. Its People stand
// in the order of Member.
func (p *Population) Family(family int) *fact.Set {
	h := &household{
		Population: p, family: family, kind: p.kind(family), place: spots[p.draw(family, "spot", len(spots))],
		set: &fact.Set{Dictionaries: p.common.Dictionaries, Entities: p.common.Entities},
	}
	h.history()
	h.addresses()
	for member, part := range h.kind.parts {
		h.set.People = append(h.set.People, h.person(member, part))
	}
	h.births()
	h.marriage()
	h.care()
	return h.set
}

// history dates what happened to the grown-ups.
func (h *household) history() {
	anchor, place := h.slot(h.family)
	if h.kind.bond == alone || h.kind.bond == caring {
		return
	}
	first := anchor + h.firstborn(place)
	h.wedding = date(first - 300 - h.draw(h.family, "wedding", 400))
	switch h.kind.bond {
	case widowed:
		h.parting = date(first + 400 + h.draw(h.family, "death", 3000))
	case divorced:
		h.parting = date(first + 600 + h.draw(h.family, "divorce", 2000))
	}
}

// dead tells whether a member has died.
func (h *household) dead(part int) bool { return part == man && h.kind.bond == widowed }

func (h *household) addresses() {
	at := func(prefix string) *fact.Location {
		return &fact.Location{
			Country: fact.Kazakhstan, District: h.place.district, Region: h.place.region, KATO: h.place.kato, City: h.place.city,
			Street:   fact.Bilingual{Kk: "Сынақ көшесі", Ru: "улица Сынак"},
			Building: digits(1+h.draw(h.family, "building"+prefix, 120), 0), Flat: digits(1+h.draw(h.family, "flat"+prefix, 200), 0),
			Code: prefix + digits(h.family, 14),
		}
	}
	h.set.Locations = map[string]*fact.Location{home: at("97")}
	if h.kind.bond == divorced {
		h.set.Locations[elsewhere] = at("96")
	}
}

func (h *household) key(part int) string { return Key(h.family, slices.Index(h.kind.parts, part)) }

func (h *household) person(member, part int) *fact.Person {
	born := date(h.born(h.family, part))
	one := &fact.Person{
		Key: Key(h.family, member), IIN: h.iin(h.family, part), Name: h.name(h.family, part), Born: born,
		Sex:         map[ident.Sex]string{ident.Male: "1", ident.Female: "2"}[h.sex(h.family, part)],
		Nationality: "005", Citizenship: fact.Kazakhstan, LifeStatus: "0",
		BirthPlace: fact.Place{Country: fact.Kazakhstan, District: h.place.district, Region: h.place.region, City: h.place.city.Kk},
	}
	if h.kind.bond == married && (part == woman || part == man) {
		one.Spouse = h.key(woman + man - part)
	}
	if isChild(part) {
		one.Parents = []string{h.key(woman)}
		if h.kind.has(man) {
			one.Parents = append(one.Parents, h.key(man))
		}
	}
	h.lives(one, part)
	if h.hasDocument(h.family, part) {
		one.Documents = []fact.Document{h.identityCard(one, member)}
	}
	if born.Add(18, 0, 0) <= lastDay {
		h.means(one, member, part)
	}
	h.health(one, part)
	if h.dead(part) {
		h.bury(one)
	}
	return one
}

// lives registers somebody at the address of the family.
func (h *household) lives(one *fact.Person, part int) {
	begin := one.Born.Add(20, 0, 0)
	switch {
	case part == ward:
		begin = h.decided()
	case isChild(part):
		begin = one.Born
	case h.wedding != "":
		begin = h.wedding
	}
	r := fact.Residence{Kind: fact.Permanent, At: home, Begin: begin}
	if h.kind.bond == divorced && part == man {
		r.End, r.Reason = h.parting, "1"
		one.Residences = []fact.Residence{r, {Kind: fact.Permanent, At: elsewhere, Begin: h.parting}}
		return
	}
	one.Residences = []fact.Residence{r}
}

// hasDocument: everybody of sixteen years has an identity card.
func (p *Population) hasDocument(family, part int) bool {
	return date(p.born(family, part)).Add(16, 0, 0) <= lastDay
}

func (h *household) identityCard(one *fact.Person, member int) fact.Document {
	begin := max(one.Born.Add(16, 0, 0), fact.Date("2015-01-01").Add(0, 0, h.draw(h.family, "card"+one.Key, 3600)))
	if h.dead(h.kind.parts[member]) { // issued while he lived
		begin = max(one.Born.Add(16, 0, 0), h.parting.Add(-2, 0, 0))
	}
	return fact.Document{
		Type: "002", Number: h.document(h.family, member), Begin: begin, End: begin.Add(10, 0, -1), Issuer: "002", Status: "00",
	}
}

// bury ends what a death ends.
func (h *household) bury(one *fact.Person) {
	one.Died, one.LifeStatus = h.parting, "1"
	registered := h.parting.Add(0, 0, 2)
	one.Excluded = &fact.Excluded{Reason: "1", ReasonDate: h.parting, Date: registered, Participant: "1"}
	for i := range one.Documents {
		d := &one.Documents[i]
		d.Status, d.InvalidityDate, d.End = "18", registered, max(d.Begin, h.parting)
	}
	last := &one.Residences[len(one.Residences)-1]
	last.End, last.Reason = registered, "3"
	for i := range one.Accounts {
		one.Accounts[i].Closed = max(one.Accounts[i].Opened, h.parting)
	}
	one.Disabilities, one.Jobs, one.Unemployment, one.Businesses, one.Contributions, one.Awards, one.Statuses = nil, nil, nil, nil, nil, nil, nil
	h.record(fact.Death, "2", man, registered, fact.Participant{Role: fact.Subject, Person: one.Key})
}

// record adds an act of the family's office, with its certificate.
func (h *household) record(kind fact.ActKind, code string, part int, registered fact.Date, who ...fact.Participant) *fact.Act {
	number := act(h.family, code, part)
	a := &fact.Act{
		Kind: kind, Number: number, Office: h.place.office, Registered: registered, Participants: who,
		Certificates: []fact.Certificate{{Series: "СН", Number: number[1:], Issued: registered}},
	}
	h.set.Acts = append(h.set.Acts, a)
	return a
}

// births records those of the children.
func (h *household) births() {
	for _, part := range h.kind.parts {
		if !isChild(part) && part != ward {
			continue
		}
		born := date(h.born(h.family, part))
		who := []fact.Participant{{Role: fact.Child, Person: h.key(part)}}
		if isChild(part) {
			who = append(who, fact.Participant{Role: fact.Mother, Person: h.key(woman)})
			if h.kind.has(man) {
				who = append(who, fact.Participant{Role: fact.Father, Person: h.key(man)})
			}
		}
		a := h.record(fact.Birth, "1", part, born.Add(0, 0, 2+h.draw(h.family, "registered"+digits(part, 0), 25)), who...)
		if isChild(part) && !h.kind.has(man) {
			a.OnStatement = true
			a.Participants = append(a.Participants, fact.Participant{Role: fact.Father, Name: h.stated(part)})
		}
	}
}

// stated is a father of whom the mother said no more than a name: the one in
// the child's patronymic, with the surname of the mother.
func (h *household) stated(part int) *fact.Names {
	father := h.father(h.family, part)
	n := h.maiden(h.family).of(ident.Male)
	n.Kk.Given, n.Ru.Given, n.Latin.Given = father.kk, father.ru, father.latin
	return &n
}

// marriage records it, and a divorce.
func (h *household) marriage() {
	if h.wedding == "" {
		return
	}
	couple := func(before surname) []fact.Participant {
		n := before.of(ident.Female)
		return []fact.Participant{{Role: fact.Husband, Person: h.key(man)}, {Role: fact.Wife, Person: h.key(woman), Before: &n}}
	}
	h.record(fact.Marriage, "3", woman, h.wedding, couple(h.maiden(h.family))...)
	if h.kind.bond == divorced {
		h.record(fact.Divorce, "4", woman, h.parting, couple(h.surname(h.family))...)
	}
}

// decided is the day a guardianship began.
func (h *household) decided() fact.Date {
	return date(h.born(h.family, ward)).Add(0, 0, 200+h.draw(h.family, "decision", 300))
}

func (h *household) care() {
	if h.kind.bond != caring {
		return
	}
	g := &fact.Guardianship{
		Kind: fact.Guardian, Ward: h.key(ward), Guardians: []string{h.key(woman)}, Number: digits(h.family, 8), Date: h.decided(),
		Authority: guardianshipKey, Reason: fact.Bilingual{Kk: "Ата-анасының қамқорлығынсыз қалған", Ru: "Остался без попечения родителей"},
	}
	if end := date(h.born(h.family, ward)).Add(18, 0, 0); end <= lastDay {
		g.End, g.EndNumber = end, digits(h.family, 8)+"/2"
	}
	h.set.Guardianships = append(h.set.Guardianships, g)
}
