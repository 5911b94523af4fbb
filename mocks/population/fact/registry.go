package fact

import "fmt"

// Registry is the short name of a registry, that of the folder of its adapter.
type Registry string

// The registries that look at the population.
const (
	RegistryPerson       Registry = "person"        // ГБД ФЛ: identity, documents, registration
	RegistryCivil        Registry = "civilregistry" // РАГС: civil acts
	RegistryDisability   Registry = "disability"    // ЦБДИ: disability, loss of capacity, programmes
	RegistryAccount      Registry = "bankaccount"   // banks behind the payment gateway
	RegistryAddress      Registry = "address"       // the Address Register with the registrations in it
	RegistryGuardianship Registry = "guardianship"
	RegistryStatus       Registry = "socialstatus"
	RegistryAward        Registry = "award"      // benefits and pensions that are assigned
	RegistryEmployment   Registry = "employment" // jobs, the unemployed
	RegistryTax          Registry = "taxpayer"   // entrepreneurs, pension contributions
	RegistryEntity       Registry = "legalentity"
)

// Registries lists them all.
func Registries() []Registry {
	return []Registry{
		RegistryPerson, RegistryCivil, RegistryDisability, RegistryAccount, RegistryAddress, RegistryGuardianship,
		RegistryStatus, RegistryAward, RegistryEmployment, RegistryTax, RegistryEntity,
	}
}

// ParseRegistry finds a registry by its short name.
func ParseRegistry(name string) (Registry, error) {
	for _, r := range Registries() {
		if string(r) == name {
			return r, nil
		}
	}
	return "", fmt.Errorf("there is no such registry; there are %q", Registries())
}

// Difference declares that one registry holds something else than the truth
// about a person. Without such a declaration all registries agree.
type Difference struct {
	Registry Registry       `yaml:"registry"`
	Kind     DifferenceKind `yaml:"kind"`
	Reason   Text           `yaml:"reason"` // why registries come to differ like this
	// As holds fields of [Person] as this registry has them, in the form of the
	// file; fields that are not named are true.
	As map[string]any `yaml:"as"`
	// WithoutActs are the kinds of acts about this person that have not reached
	// the registry.
	WithoutActs []ActKind `yaml:"without_acts"`
}

// DifferenceKind is what registries disagree about.
type DifferenceKind string

// The kinds of differences.
const (
	DeathUnknown DifferenceKind = "death-unknown" // the registry takes a dead person for alive
	OldIIN       DifferenceKind = "old-iin"       // it still has the IIN before a merger
	OtherName    DifferenceKind = "other-name"    // it spells the name in another way
	OpenAccount  DifferenceKind = "open-account"  // an account of a dead person is open there
)

// DifferenceKinds lists them all.
func DifferenceKinds() []DifferenceKind {
	return []DifferenceKind{DeathUnknown, OldIIN, OtherName, OpenAccount}
}
