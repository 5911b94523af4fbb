// Package generator computes people from a seed: any number of families, each a
// pure function of the seed and its number. No record is kept in memory.
//
// Whoever looks for a person has an identifier, not a number, so identifiers are
// made to be undone. Every family stands on one slot of a calendar: the birth
// date of its anchor, the woman of the family, and one of 562 places on that
// date. Slots are dealt out by an affine permutation of the family number. How
// many days before or after the anchor another member is born depends only on
// the place and the member, and both are in the serial of the IIN:
//
//	serial = 1000 + 2·(562·member + place), or one more where that is never issued
//
// From an IIN follow date, member and place, from these the anchor's date, from
// that the slot and the family. Serials below 1000 are left to people written by
// hand. Numbers of documents, accounts and acts hold the number of the person or
// of the family.
//
// The last day of the generated people is 31 December 2024: whatever happened to
// them happened before, so that the same seed gives the same people at any time.
package generator

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/kopir-kz/kopir/gateway/ident"
	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// MaxSize is the largest population: that of Kazakhstan.
const MaxSize = 20_000_000

const (
	anchorDays = 13147 // birth dates of anchors, from firstAnchor on; a prime
	places     = 562   // on each date
	slots      = anchorDays * places
	members    = 8 // that a family can have, by their part in it

	firstSerial = 1000
	lastDay     = fact.Date("2024-12-31")
)

// The parts of members in a family.
const (
	woman      = 0
	man        = 1
	firstChild = 2
	lastChild  = 5
	ward       = 7
)

// Population is a population that is computed. It is read-only and safe for
// concurrent use.
type Population struct {
	seed     uint64
	size     int
	families int
	blocks   int       // whole blocks of kinds
	common   *fact.Set // dictionaries, and organisations without address and head

	a, b, inverse uint64 // slot = a·family + b, modulo slots
	offsets       [members][places]int32
}

// New makes a population of n people. common lends dictionaries and
// organisations. The error tells that n is negative or above MaxSize.
func New(seed uint64, n int, common *fact.Set) (*Population, error) {
	if n < 0 || n > MaxSize {
		return nil, fmt.Errorf("a generated population has 0 to %d people", MaxSize)
	}
	if common == nil {
		return nil, errors.New("a generated population needs dictionaries and organisations")
	}
	p := &Population{seed: seed, size: n, common: &fact.Set{Dictionaries: common.Dictionaries, Entities: map[string]*fact.Entity{}}}
	for key, e := range common.Entities {
		bare := *e
		bare.Head, bare.Location = "", ""
		p.common.Entities[key] = &bare
	}
	p.blocks = n / blockSize()
	p.families = p.blocks*len(kinds) + n%blockSize() // the rest live alone
	p.a = 1 + p.hash(0, "a")%(slots-1)
	for gcd(p.a, slots) != 1 {
		p.a++
	}
	p.b = p.hash(0, "b") % slots
	p.inverse = invert(p.a, slots)
	for part := range members {
		for place := range places {
			p.offsets[part][place] = int32(p.offset(place, part))
		}
	}
	return p, nil
}

// Len is the number of people.
func (p *Population) Len() int { return p.size }

// Families is the number of families.
func (p *Population) Families() int { return p.families }

// At is a member of a family: the index of a person in the People of
// Population.Family.
type At struct{ Family, Member int }

// Member finds the person with a number from 0 to Len()-1.
func (p *Population) Member(i int) (family, member int) {
	block := i / blockSize()
	if block >= p.blocks {
		return p.blocks*len(kinds) + i - p.blocks*blockSize(), 0
	}
	i %= blockSize()
	for k, kind := range kinds {
		if i < len(kind.parts) {
			return block*len(kinds) + k, i
		}
		i -= len(kind.parts)
	}
	return 0, 0 // not reached: the kinds fill the block
}

// number undoes Member.
func (p *Population) number(family, member int) int {
	block := family / len(kinds)
	if block >= p.blocks {
		return p.blocks*blockSize() + family - p.blocks*len(kinds)
	}
	n := block*blockSize() + member
	for _, kind := range kinds[:family%len(kinds)] {
		n += len(kind.parts)
	}
	return n
}

// Key names a member of a family.
func Key(family, member int) string { return fmt.Sprintf("g%d-%d", family, member) }

// ByKey undoes Key.
func (p *Population) ByKey(key string) (family, member int, ok bool) {
	f, m, cut := strings.Cut(strings.TrimPrefix(key, "g"), "-")
	family, err1 := strconv.Atoi(f)
	member, err2 := strconv.Atoi(m)
	ok = cut && err1 == nil && err2 == nil && family >= 0 && family < p.families &&
		member >= 0 && member < len(p.kind(family).parts) && Key(family, member) == key
	return family, member, ok
}

// ByIIN finds a person; false if there is none.
func (p *Population) ByIIN(iin string) (family, member int, ok bool) {
	n, err := ident.ParseIIN(iin, ident.Mock)
	if err != nil {
		return 0, 0, false
	}
	serial, err := strconv.Atoi(iin[7:11])
	if err != nil || serial < firstSerial {
		return 0, 0, false
	}
	part, place := (serial-firstSerial)/2/places, (serial-firstSerial)/2%places
	y, m, d := n.BirthDate()
	family, member, ok = p.find(dayOf(y, m, d), part, place)
	return family, member, ok && p.iin(family, part) == iin
}

// find undoes day, part and place of a birth.
func (p *Population) find(day, part, place int) (family, member int, ok bool) {
	if part >= members {
		return 0, 0, false
	}
	anchor := day - int(p.offsets[part][place])
	if anchor < 0 || anchor >= anchorDays {
		return 0, 0, false
	}
	slot := uint64(anchor*places + place)
	family = int((slot + slots - p.b) % slots * p.inverse % slots)
	if family >= p.families {
		return 0, 0, false
	}
	for member, has := range p.kind(family).parts {
		if has == part {
			return family, member, true
		}
	}
	return 0, 0, false
}

// ByBirth finds people by birth date and Kazakh name. An empty name part means
// "has no such part". Letter case does not count.
func (p *Population) ByBirth(born fact.Date, n fact.Name) (found []At) {
	t, err := born.Time()
	if err != nil {
		return nil
	}
	day := dayOf(t.Date())
	for part := range members {
		for place := range places {
			family, member, ok := p.find(day, part, place)
			if !ok {
				continue
			}
			k := p.name(family, part).Kk
			if strings.EqualFold(k.Surname, n.Surname) && strings.EqualFold(k.Given, n.Given) && strings.EqualFold(k.Patronymic, n.Patronymic) {
				found = append(found, At{family, member})
			}
		}
	}
	return found
}

// Numbers of documents of generated people: firstDocument plus the person's.
const firstDocument = 910_000_000

func (p *Population) document(family, member int) string {
	return strconv.Itoa(firstDocument + p.number(family, member))
}

// ByDocument finds the holder of a document; false if there is none.
func (p *Population) ByDocument(number string) (family, member int, ok bool) {
	n, err := strconv.Atoi(number)
	if err != nil || n < firstDocument || n >= firstDocument+p.size || len(number) != 9 {
		return 0, 0, false
	}
	family, member = p.Member(n - firstDocument)
	return family, member, p.hasDocument(family, p.kind(family).parts[member])
}

// accountsEach is how many account numbers are set aside for each person.
const accountsEach = 4

func (p *Population) account(family, member, n int, bank string) string {
	return iban(p.common.Entities[bank].BankCode, fmt.Sprintf("G%012d", p.number(family, member)*accountsEach+n))
}

// ByIBAN finds the holder of an account; false if there is none.
func (p *Population) ByIBAN(text string) (family, member int, ok bool) {
	if len(text) != 20 || text[7] != 'G' {
		return 0, 0, false
	}
	n, err := strconv.Atoi(text[8:])
	if err != nil || n < 0 || n/accountsEach >= p.size {
		return 0, 0, false
	}
	family, member = p.Member(n / accountsEach)
	for _, a := range p.Family(family).People[member].Accounts {
		ok = ok || a.IBAN == text
	}
	return family, member, ok
}

// act numbers an act of a family: digits that no office gives, the family, and
// what it is about.
func act(family int, kind string, part int) string {
	return fmt.Sprintf("9%s%08d%d", kind, family, part)
}

// ByAct finds the family that an act is about; false if there is none.
func (p *Population) ByAct(number string) (family int, ok bool) {
	if len(number) != len(act(0, "1", 0)) || number[0] != '9' {
		return 0, false
	}
	family, err := strconv.Atoi(number[2 : len(number)-1])
	if err != nil || family < 0 || family >= p.families {
		return 0, false
	}
	for _, a := range p.Family(family).Acts {
		ok = ok || a.Number == number
	}
	return family, ok
}

// iban computes the check digits of an account (ISO 7064, MOD 97-10).
func iban(bank, account string) string {
	r := 0
	for _, c := range []byte(bank + account + "KZ00") {
		if c <= '9' {
			r = (r*10 + int(c-'0')) % 97
		} else {
			r = (r*100 + int(c-'A') + 10) % 97
		}
	}
	return fmt.Sprintf("KZ%02d%s%s", 98-r, bank, account)
}

// hash draws from the seed: 64 bits that depend on a number and on what they are
// for (FNV-1a, finished as in SplitMix64).
func (p *Population) hash(n int, what string) uint64 {
	h := p.seed ^ 0xcbf29ce484222325
	for shift := 0; shift < 64; shift += 8 {
		h = (h ^ uint64(n)>>shift&0xff) * 0x100000001b3
	}
	for _, c := range []byte(what) {
		h = (h ^ uint64(c)) * 0x100000001b3
	}
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// draw is a number from 0 to n-1.
func (p *Population) draw(of int, what string, n int) int {
	return int(p.hash(of, what) % uint64(n))
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// invert finds x with a·x = 1 modulo m, where a and m have no common divisor.
func invert(a, m uint64) uint64 {
	r0, r1, x0, x1 := int64(m), int64(a%m), int64(0), int64(1)
	for r1 != 0 {
		q := r0 / r1
		r0, r1 = r1, r0-q*r1
		x0, x1 = x1, x0-q*x1
	}
	return uint64((x0 + int64(m)) % int64(m))
}
