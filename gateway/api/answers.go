package api

import "github.com/kopir-kz/kopir/gateway"

// Where the facts of each operation stand in its answer. The facts are none if
// the status is "not_found".

func persons(f gateway.Persons, r reply) gateway.PersonAnswer {
	return gateway.PersonAnswer{Status: r.status, Persons: list(f), Provenance: r.provenance}
}

func addresses(f gateway.Addresses, r reply) gateway.AddressAnswer {
	return gateway.AddressAnswer{Status: r.status, Addresses: f, Provenance: r.provenance}
}

func addressObjects(f gateway.AddressObjects, r reply) gateway.AddressObjectAnswer {
	return gateway.AddressObjectAnswer{Status: r.status, AddressObjects: list(f), Provenance: r.provenance}
}

func civilActs(f gateway.CivilActs, r reply) gateway.CivilActAnswer {
	return gateway.CivilActAnswer{Status: r.status, CivilActs: list(f), Provenance: r.provenance}
}

func disabilities(f gateway.Disabilities, r reply) gateway.DisabilityAnswer {
	return gateway.DisabilityAnswer{Status: r.status, Disabilities: list(f), Provenance: r.provenance}
}

func capacityLosses(f gateway.CapacityLosses, r reply) gateway.CapacityLossAnswer {
	return gateway.CapacityLossAnswer{Status: r.status, CapacityLosses: list(f), Provenance: r.provenance}
}

func account(f gateway.AccountCheck, r reply) gateway.AccountAnswer {
	return gateway.AccountAnswer{Status: r.status, Account: f, Provenance: r.provenance}
}

func guardianships(f gateway.Guardianships, r reply) gateway.GuardianshipAnswer {
	return gateway.GuardianshipAnswer{Status: r.status, Guardianships: list(f), Provenance: r.provenance}
}

func socialStatuses(f gateway.SocialStatuses, r reply) gateway.SocialStatusAnswer {
	return gateway.SocialStatusAnswer{Status: r.status, SocialStatuses: list(f), Provenance: r.provenance}
}

func awards(f gateway.Awards, r reply) gateway.AwardAnswer {
	return gateway.AwardAnswer{Status: r.status, Awards: list(f), Provenance: r.provenance}
}

func employment(f gateway.Employment, r reply) gateway.EmploymentAnswer {
	return gateway.EmploymentAnswer{Status: r.status, Employment: f, Provenance: r.provenance}
}

func taxpayer(f gateway.Taxpayer, r reply) gateway.TaxpayerAnswer {
	return gateway.TaxpayerAnswer{Status: r.status, Taxpayer: f, Provenance: r.provenance}
}

func legalEntity(f gateway.LegalEntity, r reply) gateway.LegalEntityAnswer {
	return gateway.LegalEntityAnswer{Status: r.status, LegalEntity: f, Provenance: r.provenance}
}
