package life

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// Move is a new registration of one or more people at one address.
type Move struct {
	People []string `json:"people,omitempty"` // keys or IINs
	// To is the key of an address or its code in the Address Register; "" where
	// Address gives a new one.
	To      string         `json:"to,omitempty"`
	Address *fact.Location `json:"address,omitempty"` // its code is made up if it is missing
	Until   fact.Date      `json:"until,omitempty"`   // of a temporary registration; "" for a permanent one
	Date    fact.Date      `json:"date,omitempty"`    // default today
}

// Kind is "move".
func (Move) Kind() string { return "move" }

func (m Move) apply(d *draft) error {
	on, err := d.day(m.Date)
	if err != nil {
		return err
	}
	if len(m.People) == 0 {
		return errors.New("somebody has to move")
	}
	at, err := m.address(d)
	if err != nil {
		return err
	}
	for _, id := range m.People {
		one, err := d.find(id)
		if err != nil {
			return err
		}
		r := fact.Residence{Kind: fact.Temporary, At: at, Begin: on, End: m.Until}
		if m.Until == "" {
			r.Kind = fact.Permanent
			for i := range one.Residences {
				if old := &one.Residences[i]; old.Kind == fact.Permanent && old.End == "" {
					old.End, old.Reason = on, "1"
				}
			}
		}
		one.Residences = append(one.Residences, r)
		slices.SortStableFunc(one.Residences, func(a, b fact.Residence) int { return cmp.Compare(a.Begin, b.Begin) })
	}
	return nil
}

// address finds where to move, or makes it.
func (m Move) address(d *draft) (key string, err error) {
	if (m.To == "") == (m.Address == nil) {
		return "", errors.New("either to or address says where")
	}
	if l := m.Address; l != nil {
		key, made := fmt.Sprintf("made-%d", d.id), *l
		if made.Country == "" {
			made.Country = fact.Kazakhstan
		}
		if made.Code == "" {
			made.Code = fmt.Sprintf("95%014d", d.id)
		}
		d.Set.Locations[key] = &made
		return key, nil
	}
	for key, l := range d.Set.Locations {
		if key == m.To || l.Code == m.To {
			return key, nil
		}
	}
	return "", errors.New("there is no such address")
}

// DisabilityGranted is a finding of the medical and social examination. It ends
// the disability before it.
type DisabilityGranted struct {
	Person string    `json:"person,omitempty"` // key or IIN
	Group  string    `json:"group,omitempty"`  // I, II, III or child
	Cause  string    `json:"cause,omitempty"`  // disabilityCause; default "general"
	Until  fact.Date `json:"until,omitempty"`  // and reassessment; "" without term
	// Loss of capacity found along with it, in per cent; 0 for none.
	GeneralPercent      int       `json:"general_percent,omitempty"`
	ProfessionalPercent int       `json:"professional_percent,omitempty"`
	Date                fact.Date `json:"date,omitempty"` // default today
}

// Kind is "disability_granted".
func (DisabilityGranted) Kind() string { return "disability_granted" }

// body examines whoever an event grants a disability to.
const body = "701"

func (e DisabilityGranted) apply(d *draft) error {
	on, err := d.day(e.Date)
	if err != nil {
		return err
	}
	one, err := d.find(e.Person)
	if err != nil {
		return err
	}
	for i := range one.Disabilities {
		endDisability(&one.Disabilities[i], on)
	}
	cause := cmp.Or(e.Cause, "general")
	act := fmt.Sprintf("E-%04d", d.id)
	certificate := func(series string) *fact.Certificate {
		return &fact.Certificate{Series: series, Number: act, Issued: on}
	}
	one.Disabilities = append(one.Disabilities, fact.Disability{
		Group: e.Group, Cause: cause, Begin: on, End: e.Until, Reassessment: e.Until, Examined: on, Act: act, Certificate: certificate("МСЭ"), Body: body,
	})
	for _, loss := range []struct {
		kind    fact.LossKind
		percent int
	}{{fact.General, e.GeneralPercent}, {fact.Professional, e.ProfessionalPercent}} {
		if loss.percent != 0 {
			one.CapacityLosses = append(one.CapacityLosses, fact.CapacityLoss{
				Kind: loss.kind, Percent: loss.percent, Cause: cause, Begin: on, End: e.Until, Examined: on, Act: act, Certificate: certificate("УОТ"), Body: body,
			})
		}
	}
	return nil
}

// DisabilityExpired ends the disability in force, and the benefit for it.
type DisabilityExpired struct {
	Person string    `json:"person,omitempty"` // key or IIN
	Date   fact.Date `json:"date,omitempty"`   // last day; default today
}

// Kind is "disability_expired".
func (DisabilityExpired) Kind() string { return "disability_expired" }

func (e DisabilityExpired) apply(d *draft) error {
	on, err := d.day(e.Date)
	if err != nil {
		return err
	}
	one, err := d.find(e.Person)
	if err != nil {
		return err
	}
	last := len(one.Disabilities) - 1
	if last < 0 || one.Disabilities[last].End != "" && one.Disabilities[last].End <= on {
		return fmt.Errorf("%s has no disability that day", one.Key)
	}
	endDisability(&one.Disabilities[last], on)
	for i := range one.Awards {
		if a := &one.Awards[i]; a.Kind == "disability" && (a.End == "" || a.End > on) {
			a.End, a.State = on, "ended"
		}
	}
	return nil
}

// AccountClosed is the end of an account.
type AccountClosed struct {
	IBAN string    `json:"iban,omitempty"`
	Date fact.Date `json:"date,omitempty"` // default today
}

// Kind is "account_closed".
func (AccountClosed) Kind() string { return "account_closed" }

func (e AccountClosed) apply(d *draft) error {
	on, err := d.day(e.Date)
	if err != nil {
		return err
	}
	_, account := d.Account(e.IBAN)
	switch {
	case account == nil:
		return errors.New("nobody has this account")
	case account.Closed != "":
		return errors.New("the account is closed")
	}
	account.Closed = on
	return nil
}
