package generator

import (
	"strconv"
	"time"

	"github.com/kopir-kz/kopir/gateway/ident"
	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// bond is what holds the grown-ups of a family together.
type bond int

const (
	alone bond = iota
	married
	widowed
	divorced
	caring // for a ward
)

// kind is a kind of family: its bond and the parts of its members.
type kind struct {
	bond  bond
	parts []int
}

// kinds follow each other in this order; together they are a block.
var kinds = []kind{ //nolint:gochecknoglobals // a constant table
	{married, []int{woman, man, 2, 3}},
	{married, []int{woman, man, 2}},
	{married, []int{woman, man, 2, 3, 4}},
	{married, []int{woman, man}},
	{alone, []int{woman, 2}},
	{married, []int{woman, man, 2, 3}},
	{widowed, []int{woman, man, 2}},
	{divorced, []int{woman, man, 2}},
	{married, []int{woman, man, 2, 3, 4, 5}},
	{alone, []int{man}},
	{alone, []int{woman}},
	{caring, []int{woman, ward}},
}

func blockSize() (n int) {
	for _, k := range kinds {
		n += len(k.parts)
	}
	return n
}

func (p *Population) kind(family int) kind {
	if family >= p.blocks*len(kinds) {
		return kind{alone, []int{woman}}
	}
	return kinds[family%len(kinds)]
}

// has tells whether a family of this kind has a member with a part.
func (k kind) has(part int) bool {
	for _, p := range k.parts {
		if p == part {
			return true
		}
	}
	return false
}

// isChild tells whether a part is a child of the man and woman.
func isChild(part int) bool { return part >= firstChild && part <= lastChild }

// Days are counted from firstAnchor. Everybody is born before lastDay: the last
// anchor 39 years earlier, the youngest child at most 38 years after its anchor.
func firstAnchor() time.Time { return time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC) }

const day = 24 * time.Hour

func dayOf(y int, m time.Month, d int) int {
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(firstAnchor()) / day)
}

func date(n int) fact.Date {
	return fact.Date(firstAnchor().Add(time.Duration(n) * day).Format(time.DateOnly))
}

// years in days, none of them short.
func years(n int) int { return n * 366 }

// offset is how many days after the anchor of its family somebody is born.
func (p *Population) offset(place, part int) int {
	switch {
	case part == man:
		return 700 - p.draw(place, "man", 3650)
	case part == ward:
		return years(30) + p.draw(place, "ward", years(7))
	case !isChild(part):
		return 0
	}
	n := p.firstborn(place)
	for next := firstChild + 1; next <= part; next++ {
		if p.draw(place, "twin"+strconv.Itoa(next), 40) == 0 {
			continue
		}
		n += 330 + p.draw(place, "gap"+strconv.Itoa(next), 1100)
	}
	return n
}

// firstborn is the age of the mother at the first birth, in days.
func (p *Population) firstborn(place int) int { return years(20) + p.draw(place, "first", years(6)) }

func (p *Population) slot(family int) (anchor, place int) {
	slot := (p.a*uint64(family) + p.b) % slots
	return int(slot / places), int(slot % places)
}

// born is the day a member is born.
func (p *Population) born(family, part int) int {
	anchor, place := p.slot(family)
	return anchor + int(p.offsets[part][place])
}

func (p *Population) sex(family, part int) ident.Sex {
	switch {
	case part == woman:
		return ident.Female
	case part == man, p.draw(family, "sex"+strconv.Itoa(part), 2) == 0:
		return ident.Male
	}
	return ident.Female
}

// iin of a member: the second of its two serials where the first is never
// issued. Both are never refused at once: they differ in the eleventh digit
// alone, which the second pass of the check digit weighs with 2.
func (p *Population) iin(family, part int) string {
	_, place := p.slot(family)
	t, err := date(p.born(family, part)).Time()
	if err != nil {
		return ""
	}
	serial := firstSerial + 2*(places*part+place)
	n, err := ident.SyntheticIIN(t.Year(), t.Month(), t.Day(), p.sex(family, part), serial)
	if err != nil {
		n, err = ident.SyntheticIIN(t.Year(), t.Month(), t.Day(), p.sex(family, part), serial+1)
	}
	if err != nil {
		return ""
	}
	return n.Reveal()
}
