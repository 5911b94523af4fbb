package fact

// Location is one entry of the Address Register: a room, a building or a plot.
type Location struct {
	Country  string   `yaml:"country" json:"country,omitempty"`   // country
	District string   `yaml:"district" json:"district,omitempty"` // district, see Place
	Region   string   `yaml:"region" json:"region,omitempty"`     // region, see Place
	Foreign  *Foreign `yaml:"foreign" json:"foreign,omitempty"`
	KATO     string   `yaml:"kato" json:"kato,omitempty"` // of the settlement, or of the district where it is not known

	City     Bilingual `yaml:"city" json:"city,omitempty"` // may be "-"
	Street   Bilingual `yaml:"street" json:"street,omitempty"`
	Building string    `yaml:"building" json:"building,omitempty"`
	Corpus   string    `yaml:"corpus" json:"corpus,omitempty"`
	Flat     string    `yaml:"flat" json:"flat,omitempty"`
	Code     string    `yaml:"code" json:"code,omitempty"` // РКА

	// Renamed lists earlier names of the settlement, the latest first. ГБД ФЛ
	// keeps the name under which somebody registered.
	Renamed []Renaming `yaml:"renamed" json:"renamed,omitempty"`

	// Outside tells that registrations here are another state's business and in
	// no register of Kazakhstan.
	Outside bool `yaml:"outside" json:"outside,omitempty"`
}

// Renaming is a name that a settlement had until a day.
type Renaming struct {
	Until Date      `yaml:"until" json:"until"` // first day of the next name
	City  Bilingual `yaml:"city" json:"city"`
}

// CityOn is the name of the settlement on a day; the present one for "".
func (l *Location) CityOn(d Date) Bilingual {
	name := l.City
	for _, r := range l.Renamed {
		if d == "" || d >= r.Until {
			break
		}
		name = r.City
	}
	return name
}

// Residence is a registration of a person at an address.
type Residence struct {
	Kind   ResidenceKind `yaml:"kind"`
	At     string        `yaml:"at"` // key of a location
	Begin  Date          `yaml:"begin"`
	End    Date          `yaml:"end"`    // "" while it lasts; a temporary one has an end from the start
	Reason string        `yaml:"reason"` // addressInvalidity: why it ended before its time; "" for none
}

// ResidenceKind is permanent or temporary.
type ResidenceKind string

// The kinds of registration.
const (
	Permanent ResidenceKind = "permanent"
	Temporary ResidenceKind = "temporary"
)

// Current tells whether the registration lasts on a day.
func (r Residence) Current(on Date) bool { return r.Begin <= on && (r.End == "" || on < r.End) }
