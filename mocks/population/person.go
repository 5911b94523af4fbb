package population

// Person is everything the offline world knows about one person. Fields that
// hold a code refer to the dictionary named in their comment; empty means that
// the registries say nothing.
type Person struct {
	Key      string   `yaml:"key"`
	Property Property `yaml:"property"`

	IIN         string `yaml:"iin"`
	Name        Names  `yaml:"name"`
	Sex         string `yaml:"sex"` // gender
	Born        Date   `yaml:"born"`
	Died        Date   `yaml:"died"`
	Nationality string `yaml:"nationality"` // nationality
	Citizenship string `yaml:"citizenship"` // country
	LifeStatus  string `yaml:"life_status"` // lifeStatus

	Spouse  string   `yaml:"spouse"`  // key of another person
	Parents []string `yaml:"parents"` // keys, one or two

	BirthPlace       Place         `yaml:"birth_place"`
	BirthCertificate *Certificate  `yaml:"birth_certificate"`
	DeathCertificate *Certificate  `yaml:"death_certificate"`
	Imprisoned       *Imprisoned   `yaml:"imprisoned"`
	Capable          *Capable      `yaml:"capable"`
	Missing          *Absence      `yaml:"missing"`
	Disappeared      *Absence      `yaml:"disappeared"`
	Excluded         *Excluded     `yaml:"excluded"`
	Repatriation     *Repatriation `yaml:"repatriation"`

	Documents    []Document `yaml:"documents"`
	Registration *Address   `yaml:"registration"`
	Addresses    []Address  `yaml:"addresses"`
	Removed      bool       `yaml:"removed"`

	// NilDates makes the registries answer with xsi:nil where a dictionary value
	// carries the date of its last change.
	NilDates bool `yaml:"nil_dates"`
}

// Place is where somebody was born, or the upper part of an address.
type Place struct {
	Country  string   `yaml:"country"`  // country
	District string   `yaml:"district"` // district: a region (область) or city of republican significance
	Region   string   `yaml:"region"`   // region: a district (район) in it
	Foreign  *Foreign `yaml:"foreign"`
	City     string   `yaml:"city"`    // may be "-"
	TeCode   string   `yaml:"te_code"` // code of the territorial unit in the Address Register; birth places only
}

// Foreign is the part of a place outside Kazakhstan.
type Foreign struct {
	District string `yaml:"district"`
	Region   string `yaml:"region"`
}

// Address is a registration address or another address of a person.
type Address struct {
	Place      `yaml:",inline"`
	Type       string `yaml:"type"` // addressType; other addresses only
	Street     string `yaml:"street"`
	Building   string `yaml:"building"`
	Corpus     string `yaml:"corpus"`
	Flat       string `yaml:"flat"`
	Begin      Date   `yaml:"begin"`
	End        Date   `yaml:"end"`
	Status     string `yaml:"status"`     // addressStatus; registration only
	Invalidity string `yaml:"invalidity"` // addressInvalidity; registration only
	ARCode     string `yaml:"ar_code"`    // code of the Address Register (РКА)
}

// Certificate of a civil act: birth or death.
type Certificate struct {
	Number string `yaml:"number"`
	Begin  Date   `yaml:"begin"`
	Office string `yaml:"office"`
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
