package api

import (
	"github.com/oapi-codegen/runtime"

	"github.com/kopir-kz/kopir/gateway"
)

// operation is one business operation of the contract: how its request becomes a
// question, and how facts become its answer.
type operation struct {
	id     string // what API keys list and the exchange is asked for
	route  string // path in the contract
	schema string // of the request body

	read   func(document map[string]any) (question, error)
	answer func(gateway.Facts, gateway.Provenance) (any, error)
}

// question is a request of any operation.
type question struct {
	purpose gateway.Purpose
	query   gateway.Query
	consent gateway.Consent
}

// reply is what every answer says beside its facts.
type reply struct {
	status     gateway.Status
	provenance gateway.Provenance
}

// operations are all there are. A new one is a row here and its schemas in the
// contract; tests hold the rows against it.
func operations() []operation {
	return []operation{
		row[gateway.PersonQuery]("person.search", "/v1/persons/search", "PersonRequest",
			func(f gateway.Persons, r reply) any {
				return gateway.PersonAnswer{Status: r.status, Persons: list(f), Provenance: r.provenance}
			}),
		row[gateway.SubjectQuery]("address.search", "/v1/addresses/search", "SubjectRequest",
			func(f gateway.Addresses, r reply) any {
				return gateway.AddressAnswer{Status: r.status, Addresses: f, Provenance: r.provenance}
			}),
		row[gateway.AddressObjectQuery]("address-object.search", "/v1/address-objects/search", "AddressObjectRequest",
			func(f gateway.AddressObjects, r reply) any {
				return gateway.AddressObjectAnswer{Status: r.status, AddressObjects: list(f), Provenance: r.provenance}
			}),
		row[gateway.CivilActQuery]("civil-act.search", "/v1/civil-acts/search", "CivilActRequest",
			func(f gateway.CivilActs, r reply) any {
				return gateway.CivilActAnswer{Status: r.status, CivilActs: list(f), Provenance: r.provenance}
			}),
		row[gateway.SubjectQuery]("disability.search", "/v1/disabilities/search", "SubjectRequest",
			func(f gateway.Disabilities, r reply) any {
				return gateway.DisabilityAnswer{Status: r.status, Disabilities: list(f), Provenance: r.provenance}
			}),
		row[gateway.SubjectQuery]("capacity-loss.search", "/v1/capacity-losses/search", "SubjectRequest",
			func(f gateway.CapacityLosses, r reply) any {
				return gateway.CapacityLossAnswer{Status: r.status, CapacityLosses: list(f), Provenance: r.provenance}
			}),
		row[gateway.AccountQuery]("bank-account.check", "/v1/bank-accounts/check", "AccountRequest",
			func(f gateway.AccountCheck, r reply) any {
				return gateway.AccountAnswer{Status: r.status, Account: f, Provenance: r.provenance}
			}),
		row[gateway.GuardianshipQuery]("guardianship.search", "/v1/guardianships/search", "GuardianshipRequest", guardianships),
		row[gateway.GuardianshipQuery]("trustee.search", "/v1/trustees/search", "GuardianshipRequest", guardianships),
		row[gateway.SubjectQuery]("social-status.search", "/v1/social-status/search", "SubjectRequest",
			func(f gateway.SocialStatuses, r reply) any {
				return gateway.SocialStatusAnswer{Status: r.status, SocialStatuses: list(f), Provenance: r.provenance}
			}),
		row[gateway.SubjectQuery]("award.search", "/v1/awards/search", "SubjectRequest",
			func(f gateway.Awards, r reply) any {
				return gateway.AwardAnswer{Status: r.status, Awards: list(f), Provenance: r.provenance}
			}),
		row[gateway.SubjectQuery]("employment.search", "/v1/employment/search", "SubjectRequest",
			func(f gateway.Employment, r reply) any {
				return gateway.EmploymentAnswer{Status: r.status, Employment: f, Provenance: r.provenance}
			}),
		row[gateway.TaxpayerQuery]("taxpayer.search", "/v1/taxpayers/search", "TaxpayerRequest",
			func(f gateway.Taxpayer, r reply) any {
				return gateway.TaxpayerAnswer{Status: r.status, Taxpayer: f, Provenance: r.provenance}
			}),
		row[gateway.LegalEntityQuery]("legal-entity.search", "/v1/legal-entities/search", "LegalEntityRequest",
			func(f gateway.LegalEntity, r reply) any {
				return gateway.LegalEntityAnswer{Status: r.status, LegalEntity: f, Provenance: r.provenance}
			}),
	}
}

func guardianships(f gateway.Guardianships, r reply) any {
	return gateway.GuardianshipAnswer{Status: r.status, Guardianships: list(f), Provenance: r.provenance}
}

// Operations lists the ids of all operations, as API keys list them.
func Operations() []string {
	var ids []string
	for _, op := range operations() {
		ids = append(ids, op.id)
	}
	return ids
}

// row makes an operation with queries of type Q and facts of type F. The answer
// is made of the zero F if nothing was found.
func row[Q gateway.Query, F gateway.Facts](id, route, schema string, answer func(F, reply) any) operation {
	return operation{
		id: id, route: route, schema: schema,
		read: func(document map[string]any) (question, error) {
			var body struct {
				Purpose gateway.Purpose `json:"purpose"`
				Query   Q               `json:"query"`
				Consent gateway.Consent `json:"consent"`
			}
			// Exact names, so that what is bound is what was validated.
			if err := runtime.BindJSONValue(document, &body); err != nil {
				return question{}, errBind // the cause would repeat values
			}
			return question{body.Purpose, body.Query, body.Consent}, nil
		},
		answer: func(facts gateway.Facts, p gateway.Provenance) (any, error) {
			var none F
			if !facts.Found() {
				return answer(none, reply{gateway.StatusNotFound, p}), nil
			}
			f, ok := facts.(F)
			if !ok {
				return nil, errFacts
			}
			return answer(f, reply{gateway.StatusFound, p}), nil
		},
	}
}

// list is never nil: the contract has lists, never null.
func list[S ~[]E, E any](s S) []E {
	if s == nil {
		return []E{}
	}
	return s
}
