package gateway

import (
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/ident"
)

func TestQueryCheck(t *testing.T) {
	t.Parallel()
	synthetic, err := ident.SyntheticIIN(1990, time.March, 15, ident.Female, 101)
	if err != nil {
		t.Fatal(err)
	}
	const born = Date("1990-03-15")
	iin := synthetic.Reveal()
	for _, tt := range []struct {
		name  string
		query Query
		mode  ident.Mode
		want  []string // pointer and rule
	}{
		{"by IIN", PersonQuery{IIN: iin}, ident.Mock, nil},
		{"by document", PersonQuery{DocumentNumber: "990000001"}, ident.Mock, nil},
		{"by birth date and surname", PersonQuery{BirthDate: born, Surname: "СЫНАҚОВА"}, ident.Mock, nil},
		{"by birth date and given name", PersonQuery{BirthDate: born, GivenName: "АЙГЕРІМ"}, ident.Mock, nil},
		{"by birth date and whole name", PersonQuery{BirthDate: born, Surname: "С", GivenName: "А", SecondName: "Т"}, ident.Mock, nil},
		{"nothing", PersonQuery{}, ident.Mock, []string{" query.mode"}},
		{"IIN and document", PersonQuery{IIN: iin, DocumentNumber: "1"}, ident.Mock, []string{" query.mode"}},
		{"IIN and surname", PersonQuery{IIN: iin, Surname: "С"}, ident.Mock, []string{" query.mode"}},
		{"document and birth date", PersonQuery{DocumentNumber: "1", BirthDate: born}, ident.Mock, []string{" query.mode"}},
		{"birth date alone", PersonQuery{BirthDate: born}, ident.Mock, []string{" query.mode"}},
		{"birth date and patronymic alone", PersonQuery{BirthDate: born, SecondName: "Т"}, ident.Mock, []string{" query.mode"}},
		{"name without birth date", PersonQuery{Surname: "С", GivenName: "А"}, ident.Mock, []string{" query.mode"}},
		{"two broken rules", PersonQuery{IIN: "1", Surname: "С"}, ident.Mock, []string{" query.mode", "/iin iin.length"}},
		{"synthetic IIN in production", PersonQuery{IIN: iin}, ident.Production, []string{"/iin iin.synthetic"}},
		{"real IIN in the mock world", SubjectQuery{IIN: "991231500006"}, ident.Mock, []string{"/iin iin.real"}},
		{"address by IIN", SubjectQuery{IIN: iin}, ident.TestStand, nil},
		{"address of nobody", SubjectQuery{}, ident.TestStand, []string{"/iin iin.length"}},

		{"object", AddressObjectQuery{AddressRegisterCode: "9900000000000001"}, ident.Mock, nil},
		{"no object", AddressObjectQuery{}, ident.Mock, []string{"/address_register_code address_code.length"}},
		{"acts of a person", CivilActQuery{IIN: iin, Role: ActRoleSubject}, ident.Mock, nil},
		{"some acts of a person", CivilActQuery{IIN: iin, Role: ActRoleChild, Kinds: []ActKind{ActKindPaternity}}, ident.Mock, nil},
		{"one act", CivilActQuery{ActNumber: "1", RegistryOffice: "1", RegistrationDate: born}, ident.Mock, nil},
		{"no act", CivilActQuery{}, ident.Mock, []string{" query.mode"}},
		{"a role that is none", CivilActQuery{IIN: iin, Role: "nobody", Kinds: []ActKind{ActKindBirth}}, ident.Mock, []string{"/kinds/0 civil_act.role"}},
		{"person and act", CivilActQuery{IIN: iin, Role: ActRoleSubject, ActNumber: "1"}, ident.Mock, []string{" query.mode"}},
		{"account by IIN", AccountQuery{IBAN: "KZ146010000TEST00001", Holder: HolderQuery{IIN: iin}}, ident.Mock, nil},
		{"account by name", AccountQuery{IBAN: "KZ146010000TEST00001", Holder: HolderQuery{Surname: "С", GivenName: "А"}}, ident.Mock, nil},
		{"account with a branch's BIC", AccountQuery{IBAN: "KZ146010000TEST00001", BIC: "HSBKKZKXXXX", Holder: HolderQuery{IIN: iin}}, ident.Mock, nil},
		{"account of an unknown bank", AccountQuery{IBAN: "KZ369990000TEST00001", BIC: "CASPKZKA", Holder: HolderQuery{IIN: iin}}, ident.Mock, nil},
		{"wrong account with a BIC", AccountQuery{IBAN: "KZ", BIC: "CASPKZKA", Holder: HolderQuery{IIN: iin}}, ident.Mock, []string{"/iban iban.length"}},
		{"synthetic holder in production", AccountQuery{IBAN: "KZ146010000TEST00001", Holder: HolderQuery{IIN: iin}}, ident.Production, []string{"/holder/iin iin.synthetic"}},
		{"wards", GuardianshipQuery{IIN: iin, Role: GuardianshipRoleGuardian}, ident.Mock, nil},
		{"wards of a role that is none", GuardianshipQuery{IIN: iin}, ident.Mock, []string{"/role field.required"}},
		{"taxpayer", TaxpayerQuery{IIN: iin}, ident.Mock, nil},
		{"sixty months", TaxpayerQuery{IIN: iin, Period: PeriodQuery{From: "2020-01", To: "2024-12"}}, ident.Mock, nil},
		{"no first month", TaxpayerQuery{IIN: iin, Period: PeriodQuery{To: "2024-12"}}, ident.Mock, []string{"/period/from month.calendar"}},
		{"no last month", TaxpayerQuery{IIN: iin, Period: PeriodQuery{From: "2024-12", To: "now"}}, ident.Mock, []string{"/period/to month.calendar"}},
		{"organisation", LegalEntityQuery{BIN: "991240000003"}, ident.Mock, nil},
		{"a person is no organisation", LegalEntityQuery{BIN: iin}, ident.Mock, []string{"/bin bin.month"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			fields := tt.query.Check(tt.mode)
			if len(fields) != len(tt.want) {
				t.Fatalf("got %v, want %v", fields, tt.want)
			}
			for i, f := range fields {
				if f.Pointer+" "+f.Rule != tt.want[i] || f.Detail == "" {
					t.Errorf("got %+v, want %q", f, tt.want[i])
				}
			}
		})
	}
	for _, q := range []Query{
		PersonQuery{IIN: iin},
		SubjectQuery{IIN: iin},
		CivilActQuery{IIN: iin},
		AccountQuery{Holder: HolderQuery{IIN: iin}},
		GuardianshipQuery{IIN: iin},
		TaxpayerQuery{IIN: iin},
	} {
		if q.Subject() != iin {
			t.Errorf("subject of %T", q)
		}
	}
	for _, q := range []Query{AddressObjectQuery{AddressRegisterCode: iin}, LegalEntityQuery{BIN: iin}} {
		if q.Subject() != "" {
			t.Errorf("%T is about nobody", q)
		}
	}
}

func TestFound(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		facts Facts
		want  bool
	}{
		{"no persons", Persons(nil), false},
		{"a person", Persons{{}}, true},
		{"addresses of nobody", Addresses{}, false},
		{"addresses of a person", Addresses{IIN: "991231500006"}, true},
		{"no objects", AddressObjects{}, false},
		{"an object", AddressObjects{{}}, true},
		{"no acts", CivilActs(nil), false},
		{"an act", CivilActs{{}}, true},
		{"no disabilities", Disabilities(nil), false},
		{"a disability", Disabilities{{}}, true},
		{"no loss", CapacityLosses(nil), false},
		{"a loss", CapacityLosses{{}}, true},
		{"no account", AccountCheck{}, false},
		{"an account", AccountCheck{IBAN: "KZ146010000TEST00001"}, true},
		{"no guardianships", Guardianships(nil), false},
		{"a guardianship", Guardianships{{}}, true},
		{"no statuses", SocialStatuses(nil), false},
		{"a status", SocialStatuses{{}}, true},
		{"no awards", Awards(nil), false},
		{"an award", Awards{{}}, true},
		{"no employment", Employment{}, false},
		{"a registration", Employment{Registrations: []UnemployedRegistration{{}}}, true},
		{"a referral", Employment{Referrals: []JobReferral{{}}}, true},
		{"no taxpayer", Taxpayer{IIN: "991231500006"}, false},
		{"an entrepreneur", Taxpayer{Registrations: []EntrepreneurRegistration{{}}}, true},
		{"contributions", Taxpayer{Contributions: []PensionContribution{{}}}, true},
		{"no organisation", LegalEntity{}, false},
		{"an organisation", LegalEntity{BIN: "991240000003"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.facts.Found() != tt.want {
				t.Errorf("Found() = %v", !tt.want)
			}
		})
	}
}
