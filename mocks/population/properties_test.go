package population

import (
	"slices"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/mocks/population/fact"
)

// shows tells for each property whether somebody has it.
func shows(p *Population) map[string]func(one *fact.Person) bool {
	truth := p.View("")
	acts := func(one *fact.Person, kind fact.ActKind, role fact.Role) (found []*fact.Act) {
		for _, a := range p.truth.acts[one.Key] {
			if a.Kind == kind && a.Of(one.Key).Role == role {
				found = append(found, a)
			}
		}
		return found
	}
	registered := func(kind fact.ActKind, role fact.Role, on fact.Date) func(*fact.Person) bool {
		return func(one *fact.Person) bool {
			return slices.ContainsFunc(acts(one, kind, role), func(a *fact.Act) bool { return a.Registered == on && a.Where() == fact.Kazakhstan })
		}
	}
	children := func(one *fact.Person) (all []*fact.Person) {
		for _, other := range p.People() {
			if slices.Contains(other.Parents, one.Key) {
				all = append(all, other)
			}
		}
		return all
	}
	group := func(g string) func(*fact.Person) bool {
		return func(one *fact.Person) bool { return len(one.Disabilities) == 1 && one.Disabilities[0].Group == g }
	}
	open := func(one *fact.Person) (all []Account) {
		return slices.DeleteFunc(truth.Accounts(one.IIN), func(a Account) bool { return a.Closed != "" })
	}
	keptAt := func(kind fact.EntityKind) func(*fact.Person) bool {
		return func(one *fact.Person) bool {
			return slices.ContainsFunc(open(one), func(a Account) bool { return a.Bank.Kind == kind })
		}
	}
	// recorded is the mother's surname in a child's birth act, explained by acts.
	recorded := func(mother *fact.Person) (in, explained string) {
		for _, c := range children(mother) {
			for _, a := range truth.Acts(c.IIN) {
				for _, who := range a.Participants {
					if a.Kind == fact.Birth && who.Person == mother {
						return who.After.Kk.Surname, p.truth.name(mother, a.Act, false).Kk.Surname
					}
				}
			}
		}
		return "", ""
	}
	cared := func(one *fact.Person, kind fact.GuardianshipKind, ward bool) bool {
		return slices.ContainsFunc(truth.Guardianships(one.IIN), func(c Care) bool {
			return c.Kind == kind && c.End == "" && (c.Ward == one) == ward
		})
	}
	magic := func(prefix string) func(*fact.Person) bool {
		return func(one *fact.Person) bool { return strings.HasPrefix(one.Fault, prefix) }
	}
	return map[string]func(one *fact.Person) bool{
		"temporary-registration": func(one *fact.Person) bool {
			i := p.View(fact.RegistryPerson).Individual(one.IIN)
			return i.Registration != nil && i.Registration.End == "" && len(i.Addresses) == 1 && i.Addresses[0].Kind == fact.Temporary
		},
		"long-compound-name": func(one *fact.Person) bool {
			k := strings.ToLower(one.Name.Kk.String())
			return len([]rune(k)) > 60 && !slices.ContainsFunc([]rune("әғқңөұүһі"), func(r rune) bool { return !strings.ContainsRune(k, r) })
		},
		"other-spelling": func(one *fact.Person) bool {
			return p.View(fact.RegistryAccount).Accounts(one.IIN)[0].Holder.Name.Kk != one.Name.Kk
		},
		"child-without-address": func(one *fact.Person) bool {
			i := p.View(fact.RegistryPerson).Individual(one.IIN)
			return i.Registration == nil && len(i.Addresses) == 0 && len(one.Documents) == 0 && i.BirthCertificate != nil && len(one.Parents) == 2
		},
		"no-patronymic": func(one *fact.Person) bool { return one.Name.Kk.Patronymic == "" && one.Repatriation != nil },
		"residence-permit": func(one *fact.Person) bool {
			return one.Citizenship != fact.Kazakhstan && one.Documents[0].Type == "003"
		},
		"no-iin-yet": func(one *fact.Person) bool {
			return one.IIN == "" && len(truth.ActsOf(one.Name.Kk, one.Born)) == 1
		},
		"deceased": func(one *fact.Person) bool {
			return one.Died != "" && p.View(fact.RegistryPerson).Individual(one.IIN).DeathCertificate != nil
		},
		"dead-in-one-registry": func(one *fact.Person) bool {
			i := p.View(fact.RegistryPerson).Individual(one.IIN)
			civil := p.View(fact.RegistryCivil).Acts(one.IIN)
			return one.Died != "" && i.Died == "" && i.DeathCertificate == nil && i.Registration.End == "" && civil[len(civil)-1].Kind == fact.Death
		},
		"merged-iins": func(one *fact.Person) bool {
			old := one.Former[0].IIN
			bank := p.View(fact.RegistryAccount)
			return bank.Person(old) != nil && bank.Person(one.IIN) == nil && truth.Person(old) == nil && p.View(fact.RegistryPerson).Individual(old).Removed
		},
		"incapacitated": func(one *fact.Person) bool { return one.Capable != nil },
		"missing":       func(one *fact.Person) bool { return one.Missing != nil && one.Disappeared != nil },
		"many-documents": func(one *fact.Person) bool {
			var status []string
			repeated := false
			for _, d := range one.Documents {
				status = append(status, d.Status)
				repeated = repeated || d.Repeated
			}
			return repeated && slices.Contains(status, "17") && slices.Contains(status, "07") && slices.Contains(status, "00")
		},
		"namesake-city-dash": func(one *fact.Person) bool {
			return one.NilDates && truth.Residences(one.IIN)[0].City.Kk == "-" && len(truth.ByBirth(one.Born, one.Name.Kk)) == 2
		},
		"leap-day":          func(one *fact.Person) bool { return strings.HasSuffix(string(one.Born), "-02-29") },
		"turns-18-tomorrow": func(one *fact.Person) bool { return one.Born.Add(18, 0, 0) == today.Add(0, 0, 1) },

		"newborn": func(one *fact.Person) bool {
			a := acts(one, fact.Birth, fact.Child)[0]
			return a.Registered == today.Add(0, 0, -5) && len(one.Parents) == 2 && p.ByKey(one.Parents[0]).Spouse == one.Parents[1]
		},
		"birth-registered-2007-08-13": registered(fact.Birth, fact.Child, "2007-08-13"),
		"birth-registered-2007-08-14": func(one *fact.Person) bool {
			return registered(fact.Birth, fact.Child, "2007-08-14")(one) && len(acts(one, fact.Paternity, fact.Child)) == 1
		},
		"marriage-2008-06-01": registered(fact.Marriage, fact.Wife, "2008-06-01"),
		"marriage-2008-06-02": registered(fact.Marriage, fact.Husband, "2008-06-02"),
		"registered-at-consulate": func(one *fact.Person) bool {
			a := acts(one, fact.Marriage, fact.Wife)[0]
			return a.Kept() && a.Where() != fact.Kazakhstan
		},
		"birth-abroad": func(one *fact.Person) bool {
			return !acts(one, fact.Birth, fact.Child)[0].Kept() && len(truth.Acts(one.IIN)) == 0 && p.View(fact.RegistryPerson).Individual(one.IIN).BirthCertificate == nil
		},
		"single-mother": func(one *fact.Person) bool {
			return one.Sex == "2" && len(children(one)) == 2 && len(acts(one, fact.Marriage, fact.Wife)) == 0
		},
		"father-on-statement": func(one *fact.Person) bool {
			a := acts(one, fact.Birth, fact.Child)[0]
			return a.OnStatement && len(a.With(fact.Father)) == 1 && len(one.Parents) == 1
		},
		"adoption": func(one *fact.Person) bool {
			a := truth.Acts(one.IIN)
			before, after := a[1].Participants[0].Before, a[1].Participants[0].After
			return a[1].Kind == fact.Adoption && before != after && after == one.Name && a[0].Participants[0].After == before
		},
		"twins": func(one *fact.Person) bool {
			return slices.ContainsFunc(p.People(), func(x *fact.Person) bool {
				return x != one && x.Born == one.Born && slices.Equal(x.Parents, one.Parents)
			})
		},
		"large-family": func(one *fact.Person) bool {
			return len(children(one)) >= 4 && one.Statuses[0].Code == "large-family-mother"
		},
		"divorced": func(one *fact.Person) bool {
			a := truth.Acts(one.IIN)
			last := a[len(a)-1].Participants[1]
			return one.Spouse == "" && a[len(a)-1].Kind == fact.Divorce && last.Person == one && last.Before.Kk.Surname != last.After.Kk.Surname && last.After == one.Name
		},
		"surname-differs-with-marriage": func(one *fact.Person) bool {
			in, explained := recorded(one)
			return in != one.Name.Kk.Surname && in == explained && one.Spouse != ""
		},
		"surname-differs-without-marriage": func(one *fact.Person) bool {
			in, explained := recorded(one)
			return in != one.Name.Kk.Surname && in != explained && len(acts(one, fact.Marriage, fact.Wife)) == 0
		},
		"record-with-other-surname": func(one *fact.Person) bool {
			return acts(one, fact.Birth, fact.Child)[0].With(fact.Mother)[0].Recorded != nil
		},
		"name-change": func(one *fact.Person) bool { return len(acts(one, fact.NameChange, fact.Subject)) == 1 },
		"widow": func(one *fact.Person) bool {
			husband := p.ByKey(acts(one, fact.Marriage, fact.Wife)[0].With(fact.Husband)[0].Person)
			return one.Sex == "2" && husband.Died != "" && one.Died == "" && one.Spouse == ""
		},

		"guardian":       func(one *fact.Person) bool { return cared(one, fact.Guardian, false) },
		"ward":           func(one *fact.Person) bool { return cared(one, fact.Guardian, true) && fact.Age(one.Born, today) < 18 },
		"ward-applicant": func(one *fact.Person) bool { return cared(one, fact.Guardian, true) && fact.Age(one.Born, today) >= 18 },
		"host-family":    func(one *fact.Person) bool { return cared(one, fact.HostFamily, false) },
		"host-child":     func(one *fact.Person) bool { return cared(one, fact.HostFamily, true) },

		"disability-group-1": group("I"),
		"disability-group-2": group("II"),
		"disability-group-3": group("III"),
		"child-with-disability": func(one *fact.Person) bool {
			return group("child")(one) && one.Disabilities[0].Programme != nil
		},
		"reassessment-tomorrow":   func(one *fact.Person) bool { return one.Disabilities[0].Reassessment == today.Add(0, 0, 1) },
		"disability-without-term": func(one *fact.Person) bool { return one.Disabilities[0].End == "" },
		"capacity-loss-only":      func(one *fact.Person) bool { return len(one.CapacityLosses) == 1 && len(one.Disabilities) == 0 },

		"no-account":     func(one *fact.Person) bool { return len(one.Accounts) == 0 && one.Claims == "" },
		"closed-account": func(one *fact.Person) bool { return len(one.Accounts) == 1 && len(open(one)) == 0 },
		"another-persons-account": func(one *fact.Person) bool {
			a, ok := truth.Account(one.Claims)
			return ok && a.Holder.Key == one.Spouse && len(one.Accounts) == 0
		},
		"card-and-current-account": func(one *fact.Person) bool {
			return len(open(one)) == 2 && open(one)[0].Kind == fact.Card && open(one)[1].Kind == fact.Current
		},
		"kazpost-account":  keptAt(fact.Post),
		"licensed-account": keptAt(fact.Licensed),
		"prison-account":   func(one *fact.Person) bool { return one.Accounts[0].Kind == fact.Prison },

		"temporary-registration-only": func(one *fact.Person) bool {
			i := p.View(fact.RegistryPerson).Individual(one.IIN)
			return i.Registration == nil && len(i.Addresses) == 1 && i.Addresses[0].Kind == fact.Temporary
		},
		"unregistered": func(one *fact.Person) bool {
			return len(one.Residences) > 0 && !slices.ContainsFunc(one.Residences, func(r fact.Residence) bool { return r.Current(today) })
		},
		"old-settlement-name": func(one *fact.Person) bool {
			here, there := p.View(fact.RegistryPerson).Residences(one.IIN)[0].City, p.View(fact.RegistryAddress).Residences(one.IIN)[0].City
			return here != there && there == p.View(fact.RegistryAddress).Residences(one.IIN)[0].Location.City
		},
		"baikonur": func(one *fact.Person) bool {
			return len(one.Residences) == 1 && len(p.View(fact.RegistryPerson).Residences(one.IIN)) == 0 && len(p.View(fact.RegistryAddress).Residences(one.IIN)) == 0
		},

		"benefit-assigned": func(one *fact.Person) bool {
			paid := 0
			for _, a := range truth.Awards(one.IIN) {
				if a.State == "paid" && (a.End == "" || a.End > today) {
					paid++
				}
			}
			return paid > 0
		},
		"entrepreneur": func(one *fact.Person) bool { return len(one.Businesses) == 1 && one.Businesses[0].Ended == "" },
		"unemployed":   func(one *fact.Person) bool { return len(one.Unemployment) == 1 && one.Unemployment[0].Removed == "" },

		"fault-signature": magic("signature-"),
		"fault-message":   magic("message-"),
		"fault-transport": magic("transport-"),
		"fault-payload":   magic("payload-"),
		"fault-registry":  magic("registry-"),
		"fault-timing":    magic("timing-"),
	}
}

// TestPeopleShowTheirProperty holds each person against what it exists for and
// what else it shows, so that an edit of the files cannot lose any.
func TestPeopleShowTheirProperty(t *testing.T) {
	t.Parallel()
	p := load(t)
	tests := shows(p)
	for _, property := range p.Properties() {
		if tests[property.ID] == nil {
			t.Errorf("no test knows what %s means", property.ID)
		}
	}
	if len(tests) != len(p.Properties()) {
		t.Errorf("%d properties, %d tests", len(p.Properties()), len(tests))
	}
	for _, one := range p.People() {
		for _, id := range one.Shows() {
			if ok := tests[id]; ok != nil && !ok(one) {
				t.Errorf("%s does not show %s", one.Key, id)
			}
		}
	}
}

// TestWhatTheWorldMustHold: everything that a test world of the state's
// registries is asked to hold has a property.
func TestWhatTheWorldMustHold(t *testing.T) {
	t.Parallel()
	p := load(t)
	for wanted, id := range map[string]string{
		"two-parent family with a newborn (act five days old)": "newborn",
		"birth registered on 13 August 2007":                   "birth-registered-2007-08-13",
		"birth registered on 14 August 2007":                   "birth-registered-2007-08-14",
		"marriage of 1 June 2008":                              "marriage-2008-06-01",
		"marriage of 2 June 2008":                              "marriage-2008-06-02",
		"birth abroad":                                         "birth-abroad",
		"single mother":                                        "single-mother",
		"father entered on her statement":                      "father-on-statement",
		"adoption":                                             "adoption",
		"twins":                                                "twins",
		"large family":                                         "large-family",
		"ward":                                                 "ward",
		"guardian":                                             "guardian",
		"ward who is the applicant":                            "ward-applicant",
		"host family":                                          "host-family",
		"divorced, surname changed at divorce":                 "divorced",
		"surname differs from the child's record, a marriage explains it": "surname-differs-with-marriage",
		"surname differs from the child's record, nothing explains it":    "surname-differs-without-marriage",
		"widow":                             "widow",
		"group I":                           "disability-group-1",
		"group II":                          "disability-group-2",
		"group III":                         "disability-group-3",
		"child with a disability":           "child-with-disability",
		"reassessment tomorrow":             "reassessment-tomorrow",
		"without term":                      "disability-without-term",
		"loss of capacity in per cent only": "capacity-loss-only",
		"no patronymic":                     "no-patronymic",
		"very long compound name":           "long-compound-name",
		"foreigner with a residence permit": "residence-permit",
		"no IIN yet":                        "no-iin-yet",
		"deceased applicant":                "deceased",
		"dead in one registry only":         "dead-in-one-registry",
		"merged IINs":                       "merged-iins",
		"no account":                        "no-account",
		"closed account":                    "closed-account",
		"another person's account":          "another-persons-account",
		"card and current account":          "card-and-current-account",
		"Kazpost account":                   "kazpost-account",
		"temporary registration only":       "temporary-registration-only",
		"unregistered":                      "unregistered",
		"old settlement name":               "old-settlement-name",
		"Baikonur resident":                 "baikonur",
		"same name and birth date as another person": "namesake-city-dash",
		"born 29 February":                           "leap-day",
		"turns 18 tomorrow":                          "turns-18-tomorrow",
		"benefit already assigned":                   "benefit-assigned",
		"individual entrepreneur":                    "entrepreneur",
		"registered unemployed":                      "unemployed",
		"magic: signature":                           "fault-signature",
		"magic: message":                             "fault-message",
		"magic: transport":                           "fault-transport",
		"magic: payload":                             "fault-payload",
		"magic: registry":                            "fault-registry",
		"magic: timing":                              "fault-timing",
	} {
		if _, ok := p.Property(id); !ok {
			t.Errorf("nobody is there for %q", wanted)
		}
	}
	if len(p.NotFound()) == 0 {
		t.Error(`nobody is there for "not found anywhere"`)
	}
	if families := len(p.Families()); families < 10 {
		t.Errorf("%d families", families)
	}
}
