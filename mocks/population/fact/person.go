package fact

// Person is everything the offline world knows about one person but for what
// it has in common with others: acts, guardianships, addresses. Fields that hold
// a code refer to the dictionary named in their comment; empty means that the
// registries say nothing.
type Person struct {
	Key    string `yaml:"key"`
	Family string `yaml:"family"` // id of the family; given by the file

	// Property is the id of what the person exists for, "" for generated
	// people and those born in the course of the world. Also lists what else the
	// person shows.
	Property string   `yaml:"property"`
	Also     []string `yaml:"also"`

	// Fault is the id of a fault of the catalogue that strikes every answer
	// about this person; "" for none.
	Fault string `yaml:"fault"`

	// IIN is "" for somebody who has none yet. A person whose birth date depends
	// on the clock has a Serial in the file instead, of which the IIN is computed.
	IIN    string      `yaml:"iin"`
	Serial int         `yaml:"serial"`
	Former []FormerIIN `yaml:"former_iins"`

	Name        Names  `yaml:"name"`
	Sex         string `yaml:"sex"` // gender
	Born        Date   `yaml:"born"`
	Died        Date   `yaml:"died"`
	Nationality string `yaml:"nationality"` // nationality
	Citizenship string `yaml:"citizenship"` // country
	LifeStatus  string `yaml:"life_status"` // lifeStatus

	Spouse  string   `yaml:"spouse"`  // key of the person married to now
	Parents []string `yaml:"parents"` // keys, one or two, by birth, paternity or adoption

	BirthPlace   Place         `yaml:"birth_place"`
	Imprisoned   *Imprisoned   `yaml:"imprisoned"`
	Capable      *Capable      `yaml:"capable"`
	Missing      *Absence      `yaml:"missing"`
	Disappeared  *Absence      `yaml:"disappeared"`
	Excluded     *Excluded     `yaml:"excluded"`
	Repatriation *Repatriation `yaml:"repatriation"`

	Documents  []Document  `yaml:"documents"`
	Residences []Residence `yaml:"residences"` // in the order of their beginning
	Removed    bool        `yaml:"removed"`

	Disabilities   []Disability   `yaml:"disabilities"`
	CapacityLosses []CapacityLoss `yaml:"capacity_losses"`
	Accounts       []BankAccount  `yaml:"accounts"`
	Claims         string         `yaml:"claims"` // IBAN that the person gives as theirs though it is another's
	Statuses       []Status       `yaml:"statuses"`
	Awards         []Award        `yaml:"awards"`
	Jobs           []Job          `yaml:"jobs"`
	Unemployment   []Unemployment `yaml:"unemployment"`
	Businesses     []Business     `yaml:"businesses"`
	Contributions  []Contribution `yaml:"contributions"`
	Differences    []Difference   `yaml:"differences"`

	// NilDates makes the registries answer with xsi:nil where a dictionary value
	// carries the date of its last change.
	NilDates bool `yaml:"nil_dates"`
}

// Shows lists the ids of everything the person shows, what it exists for first.
func (p *Person) Shows() []string {
	if p.Property == "" {
		return p.Also
	}
	return append([]string{p.Property}, p.Also...)
}

// FormerIIN is a number that was merged into the present one.
type FormerIIN struct {
	IIN    string `yaml:"iin"`
	Merged Date   `yaml:"merged"`
}

// Place is where somebody was born, or the upper part of an address.
type Place struct {
	Country  string   `yaml:"country"`  // country
	District string   `yaml:"district"` // district: a region (область) or city of republican significance
	Region   string   `yaml:"region"`   // region: a district (район) in it
	Foreign  *Foreign `yaml:"foreign"`
	City     string   `yaml:"city"`    // may be "-"
	TeCode   string   `yaml:"te_code"` // code of the territorial unit in the Address Register
}

// Foreign is the part of a place outside Kazakhstan.
type Foreign struct {
	District string `yaml:"district" json:"district,omitempty"`
	Region   string `yaml:"region" json:"region,omitempty"`
}

// Document of identity. Names are those at the time of issue; empty means the
// person's present name.
type Document struct {
	Type           string `yaml:"type"` // documentType
	Number         string `yaml:"number"`
	Series         string `yaml:"series"`
	Begin          Date   `yaml:"begin"`
	End            Date   `yaml:"end"`
	Issuer         string `yaml:"issuer"` // issuer
	Status         string `yaml:"status"` // documentStatus
	InvalidityDate Date   `yaml:"invalidity_date"`
	Surname        string `yaml:"surname"`
	Given          string `yaml:"given"`

	// Repeated declares that this entry is a second copy of the one before it.
	Repeated bool `yaml:"repeated"`
}

// Imprisoned tells of a sentence.
type Imprisoned struct {
	Status string `yaml:"status"` // imprisonedStatus
	Begin  Date   `yaml:"begin"`
	End    Date   `yaml:"end"`
}

// Capable tells of a court's decision about legal capacity.
type Capable struct {
	Status string `yaml:"status"` // capableStatus
	Date   Date   `yaml:"date"`
	End    Date   `yaml:"end"`
	Number string `yaml:"number"`
	Court  string `yaml:"court"` // court
}

// Absence is a decision that a person is missing or has disappeared.
type Absence struct {
	Is        bool   `yaml:"is"`
	Date      Date   `yaml:"date"`
	End       Date   `yaml:"end"`
	Number    string `yaml:"number"`
	Authority string `yaml:"authority"` // territorialBody
}

// Excluded tells why a person left the register.
type Excluded struct {
	Reason      string `yaml:"reason"` // excludeReason
	ReasonDate  Date   `yaml:"reason_date"`
	Date        Date   `yaml:"date"`
	Participant string `yaml:"participant"` // excludeParticipant
}

// Repatriation tells of the status of a kandas.
type Repatriation struct {
	Status string `yaml:"status"` // repatriationStatus
	Date   string `yaml:"date"`   // xsd:dateTime with offset
	End    Date   `yaml:"end"`
	Number string `yaml:"number"`
	Org    string `yaml:"org"`
	Reason string `yaml:"reason"` // repatriationReason
}
