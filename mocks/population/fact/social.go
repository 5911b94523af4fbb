package fact

// Disability is one finding of the medical and social examination (МСЭ).
type Disability struct {
	Group string `yaml:"group"` // disabilityGroup: I, II, III or child
	Cause string `yaml:"cause"` // disabilityCause
	Begin Date   `yaml:"begin"`
	// End is the last day; "" for a disability without term.
	End          Date         `yaml:"end"`
	Reassessment Date         `yaml:"reassessment"` // "" without term
	Examined     Date         `yaml:"examined"`     // of the expert opinion
	Act          string       `yaml:"act"`          // number of the act of examination
	Certificate  *Certificate `yaml:"certificate"`
	Body         string       `yaml:"body"` // examinationBody
	Programme    *Programme   `yaml:"programme"`
}

// Programme is an individual programme of rehabilitation (ИПР).
type Programme struct {
	Number string   `yaml:"number"`
	Begin  Date     `yaml:"begin"`
	End    Date     `yaml:"end"`
	Parts  []string `yaml:"parts"` // programmePart
}

// CapacityLoss is a finding about the loss of capacity for work (УОТ), which
// stands on its own: there may be a loss and no disability.
type CapacityLoss struct {
	Kind        LossKind     `yaml:"kind"`
	Percent     int          `yaml:"percent"` // 1 to 100
	Cause       string       `yaml:"cause"`   // disabilityCause
	Begin       Date         `yaml:"begin"`
	End         Date         `yaml:"end"` // "" without term
	Examined    Date         `yaml:"examined"`
	Act         string       `yaml:"act"`
	Certificate *Certificate `yaml:"certificate"`
	Body        string       `yaml:"body"` // examinationBody
}

// LossKind tells which capacity is lost.
type LossKind string

// The kinds of loss.
const (
	General      LossKind = "general"
	Professional LossKind = "professional"
)

// BankAccount is an account of the person it stands with, who is its only
// holder.
type BankAccount struct {
	IBAN   string      `yaml:"iban"`
	Bank   string      `yaml:"bank"` // key of an entity
	Kind   AccountKind `yaml:"kind"`
	Opened Date        `yaml:"opened"`
	Closed Date        `yaml:"closed"` // "" while it is open
}

// AccountKind is a kind of account, in the words of the application forms.
type AccountKind string

// The kinds of accounts.
const (
	Card     AccountKind = "card"     // карточный, карта шоты
	Current  AccountKind = "current"  // текущий, ағымдағы шот
	Personal AccountKind = "personal" // лицевой, дербес шот
	Prison   AccountKind = "prison"   // контрольный счёт наличности of somebody in custody
)

// AccountKinds lists them all.
func AccountKinds() []AccountKind { return []AccountKind{Card, Current, Personal, Prison} }

// Status is a social status, such as mother of a large family.
type Status struct {
	Code  string `yaml:"code"` // socialStatus
	Begin Date   `yaml:"begin"`
	End   Date   `yaml:"end"`
}

// Award is a benefit or pension that is assigned, or was.
type Award struct {
	Kind      string `yaml:"kind"`      // awardKind
	Number    string `yaml:"number"`    // of the decision
	Authority string `yaml:"authority"` // key of an entity
	// State is that of an award in force or ended; see AwardStates.
	State      string `yaml:"state"`
	Assigned   Date   `yaml:"assigned"` // of the decision; of the application while there is none
	Begin      Date   `yaml:"begin"`
	End        Date   `yaml:"end"`         // "" while it is paid without a known end
	AmountTiyn int64  `yaml:"amount_tiyn"` // a month, in 1/100 tenge; of a single payment, all of it
	For        string `yaml:"for"`         // key of the child or breadwinner it is for; "" for the recipient
	IBAN       string `yaml:"iban"`        // where it is paid to
}

// AwardStates lists the states of an award: an application is "applied" until it
// is "awarded" or "refused"; what is awarded is "paid", may be "suspended", and
// is "ended" at last.
func AwardStates() []string {
	return []string{"applied", "awarded", "paid", "suspended", "ended", "refused"}
}

// Job is an employment contract.
type Job struct {
	Employer string    `yaml:"employer"` // key of an entity
	Position Bilingual `yaml:"position"`
	Begin    Date      `yaml:"begin"`
	End      Date      `yaml:"end"`
}

// Unemployment is a registration as unemployed.
type Unemployment struct {
	Number     string `yaml:"number"`
	Registered Date   `yaml:"registered"`
	Removed    Date   `yaml:"removed"`
	Centre     string `yaml:"centre"` // key of an entity
	Occupation string `yaml:"occupation"`

	Referrals []Referral `yaml:"referrals"`
}

// Referral is what an employment centre sends a person to an employer with.
type Referral struct {
	Number     string `yaml:"number"`
	Date       Date   `yaml:"date"`
	Employer   string `yaml:"employer"`   // key of an entity
	Occupation string `yaml:"occupation"` // occupation
	Result     string `yaml:"result"`     // referralResult; "" while nothing is known
}

// Business is a registration as an individual entrepreneur.
type Business struct {
	Number     string    `yaml:"number"`
	Name       Bilingual `yaml:"name"`
	Registered Date      `yaml:"registered"`
	Ended      Date      `yaml:"ended"`
	Office     string    `yaml:"office"`   // taxOffice
	Activity   string    `yaml:"activity"` // activity
}

// Contribution is one transfer of a compulsory pension contribution.
type Contribution struct {
	Paid       Date   `yaml:"paid"`
	Payer      string `yaml:"payer"` // key of an entity; "" for the person, as an entrepreneur
	AmountTiyn int64  `yaml:"amount_tiyn"`
}

// Entity is an organisation.
type Entity struct {
	Kind       EntityKind `yaml:"kind"`
	BIN        string     `yaml:"bin"`
	Name       Bilingual  `yaml:"name"`
	Short      Bilingual  `yaml:"short"`
	Registered Date       `yaml:"registered"`
	Liquidated Date       `yaml:"liquidated"`
	Location   string     `yaml:"location"` // key of a location
	Head       string     `yaml:"head"`     // key of a person; "" where it is nobody of the population
	Activity   string     `yaml:"activity"` // activity

	// Of those that keep accounts.
	BankCode string `yaml:"bank_code"` // three digits in every IBAN of theirs
	BIC      string `yaml:"bic"`
	IIC      string `yaml:"iic"` // the organisation's own account
}

// EntityKind tells what an organisation is in the offline world.
type EntityKind string

// The kinds of organisations.
const (
	Bank      EntityKind = "bank"     // of the second tier
	Post      EntityKind = "kazpost"  // Казпочта
	Licensed  EntityKind = "licensed" // other organisation with a licence to keep accounts
	Employer  EntityKind = "employer"
	Authority EntityKind = "authority" // of guardianship, employment, benefits
)

// KeepsAccounts tells whether it can hold accounts of people.
func (k EntityKind) KeepsAccounts() bool { return k == Bank || k == Post || k == Licensed }
