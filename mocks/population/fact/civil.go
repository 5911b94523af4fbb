package fact

// ActKind is a kind of civil act.
type ActKind string

// The kinds of civil acts.
const (
	Birth      ActKind = "birth"
	Death      ActKind = "death"
	Marriage   ActKind = "marriage"
	Divorce    ActKind = "divorce"
	NameChange ActKind = "name_change"
	Adoption   ActKind = "adoption"
	Paternity  ActKind = "paternity" // establishment of paternity
)

// ActKinds lists them all.
func ActKinds() []ActKind {
	return []ActKind{Birth, Death, Marriage, Divorce, NameChange, Adoption, Paternity}
}

// Role is what somebody is in an act.
type Role string

// The roles in acts.
const (
	Subject Role = "subject" // of a death or a change of name
	Child   Role = "child"   // of a birth, an adoption, an establishment of paternity
	Mother  Role = "mother"  // by birth or by adoption, as the kind of act says
	Father  Role = "father"
	Husband Role = "husband"
	Wife    Role = "wife"
)

// Act is one record of a civil registry.
type Act struct {
	Kind    ActKind `yaml:"kind"`
	Number  string  `yaml:"number"`
	Country string  `yaml:"country"` // country where it is registered; "" for Kazakhstan
	Office  string  `yaml:"office"`  // office of Kazakhstan, a consulate too; "" for another state's
	// Foreign is the office of another state. Its acts are in no registry of
	// Kazakhstan: the paper is all there is.
	Foreign *Bilingual `yaml:"foreign"`

	Registered Date `yaml:"registered"`
	// Event is the day of what is recorded. It is "" for births and deaths,
	// whose day is the person's own, and where the act makes the event.
	Event Date `yaml:"event"`

	Participants []Participant `yaml:"participants"`
	// Certificates are the first one and those issued again, in order.
	Certificates []Certificate `yaml:"certificates"`
	Decision     *Decision     `yaml:"decision"` // the court's, behind an adoption, a divorce or a paternity
	// OnStatement tells that the father stands in a birth act because the mother
	// said so: it proves no paternity.
	OnStatement bool `yaml:"on_statement"`
}

// Participant is somebody in an act: a person of the population, or one who is
// known by name alone.
type Participant struct {
	Role   Role   `yaml:"role"`
	Person string `yaml:"person"` // key
	// Before holds the parts of the name that this act replaced. The name that a
	// person bears at any time follows from these and the present name.
	Before *Names `yaml:"before"`
	// Recorded declares that the act has other parts of the name than the
	// person bore, and no act tells why.
	Recorded *Names `yaml:"recorded"`

	Name *Names `yaml:"name"` // of somebody who is not in the population
	Born Date   `yaml:"born"` // of the same
}

// Certificate is the paper about an act or a decision.
type Certificate struct {
	Series string `yaml:"series"`
	Number string `yaml:"number"`
	Issued Date   `yaml:"issued"`
	Office string `yaml:"office"` // office; "" for the one that made the act
}

// Decision is what a court decided.
type Decision struct {
	Court     string `yaml:"court"` // court
	Number    string `yaml:"number"`
	Date      Date   `yaml:"date"`
	Effective Date   `yaml:"effective"` // in legal force since
}

// Kept tells whether the act is in the civil registry of Kazakhstan.
func (a *Act) Kept() bool { return a.Office != "" }

// Where is the code of the country where the act was registered.
func (a *Act) Where() string {
	if a.Country == "" {
		return Kazakhstan
	}
	return a.Country
}

// Happened is the day of the event if the act itself knows it.
func (a *Act) Happened() Date {
	if a.Event != "" {
		return a.Event
	}
	return a.Registered
}

// With finds the participants in a role.
func (a *Act) With(role Role) (found []*Participant) {
	for i := range a.Participants {
		if a.Participants[i].Role == role {
			found = append(found, &a.Participants[i])
		}
	}
	return found
}

// Of finds a person among the participants; nil if it is not there.
func (a *Act) Of(key string) *Participant {
	for i := range a.Participants {
		if a.Participants[i].Person == key && key != "" {
			return &a.Participants[i]
		}
	}
	return nil
}

// Guardianship is a decision that puts somebody in the care of others.
type Guardianship struct {
	Kind      GuardianshipKind `yaml:"kind"`
	Ward      string           `yaml:"ward"`      // key
	Guardians []string         `yaml:"guardians"` // keys; two for a host family
	Number    string           `yaml:"number"`
	Date      Date             `yaml:"date"`
	Authority string           `yaml:"authority"` // key of an entity
	Reason    Bilingual        `yaml:"reason"`
	End       Date             `yaml:"end"`
	EndNumber string           `yaml:"end_number"` // of the decision that ended it
}

// GuardianshipKind is a form of care.
type GuardianshipKind string

// The forms of care.
const (
	Guardian   GuardianshipKind = "guardianship" // опека, қорғаншылық: a child under 14, or somebody incapable
	Trustee    GuardianshipKind = "trusteeship"  // попечительство, қамқоршылық: a child from 14 to 18
	HostFamily GuardianshipKind = "host_family"  // приёмная семья, қабылдаушы отбасы
	Patronate  GuardianshipKind = "patronate"
)

// GuardianshipKinds lists them all.
func GuardianshipKinds() []GuardianshipKind {
	return []GuardianshipKind{Guardian, Trustee, HostFamily, Patronate}
}
