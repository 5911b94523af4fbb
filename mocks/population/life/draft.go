package life

import (
	"errors"
	"fmt"

	"github.com/kopir-kz/kopir/mocks/population"
	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// draft is a population that an event changes. What the event makes is named
// after its number, so that it has the same name also when an earlier event is
// undone.
type draft struct {
	*population.Draft
	today fact.Date
	id    int // of the event
}

// find gives a person who is alive.
func (d *draft) find(id string) (*fact.Person, error) {
	one := d.Person(id)
	if one == nil {
		return nil, errors.New("nobody has this key or IIN")
	}
	if one.Died != "" {
		return nil, fmt.Errorf("%s is dead", one.Key)
	}
	return one, nil
}

// day is the day of an event: today, or the one it says, which is not later.
func (d *draft) day(said fact.Date) (fact.Date, error) {
	if said == "" {
		return d.today, nil
	}
	if _, err := said.Time(); err != nil {
		return "", errors.New("a date is written YYYY-MM-DD")
	}
	if said > d.today {
		return "", errors.New("the date has not come yet")
	}
	return said, nil
}

// office makes the acts of events.
const office = "7101"

// record adds the act of the event, with its certificate.
func (d *draft) record(kind fact.ActKind, registered fact.Date, who ...fact.Participant) {
	d.Set.Acts = append(d.Set.Acts, &fact.Act{
		Kind: kind, Number: fmt.Sprintf("E-%04d", d.id), Office: office, Registered: registered, Participants: who,
		Certificates: []fact.Certificate{{Series: "СН", Number: fmt.Sprintf("98%05d", d.id), Issued: registered}},
	})
}
