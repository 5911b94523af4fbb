// Package adapters holds the one table from operations to the adapters that map
// them. Each adapter is a folder of the same shape: it maps, does no I/O and
// knows no other adapter; what several of them share lies in adapters/internal.
//
// # How to add a registry
//
// Say the registry keeps fishing licences and the operation is to be
// fishing-licence.search. In this order; step 10 finds most of what was forgotten
// before, the glossary, the divergences and the signer of step 8 only a reader does.
// The example to follow is taxpayer for a contract of ours, guardianship for one on
// public record:
//
//  1. The HTTP contract, contracts/openapi.yaml: a tag; a path with x-operation:
//     fishing-licence.search and an example of a request and of an answer; the id in
//     the enum of the schema Operation, for batches; the schemas of the request (or
//     SubjectRequest, if an IIN is all that is asked by), the answer and the facts. A
//     fact has source and, if a part of it can be in doubt, doubt; dates are days or
//     PartialDate, a year alone too; dictionary values are Code; other numbers are of
//     type number. Then go generate ./gateway/...
//  2. The domain, gateway/fishinglicence.go: the type of the facts with Found, with
//     its two rows in gateway/query_test.go. By IIN alone the query is SubjectQuery
//     and nothing else is needed; a query of its own has Check and Subject. A new
//     rule of a request gets its texts in contracts/problems.yaml.
//  3. The route: the compiler asks for a method in gateway/api/operations.go, with a
//     row in kinds for batches, and the form of the answer goes into answers.go;
//     a row in everyOperation of its tests, and what the domain refuses in
//     TestBadInputOfEveryOperation.
//  4. The registry's contract, contracts/registries/fishing-licence: search.xsd only
//     imports the envelope, the channel and the payload's schema beside it,
//     fishing-licence.xsd (search-payload.xsd where data holds the document as text).
//     There stands what is on public record, and what is ours marked so, and again in
//     contracts/divergences.md. Code lists in contracts/codes, with their source, if a
//     fact is a Code; a list that is ours as a whole has the origin "contract". The
//     registry's short name goes into contracts/glossary.md.
//  5. Messages: contracts/examples/fishing-licence/search/<case>/ with request.json,
//     request.xml and answer.xml, one case for each way the registry is known to
//     answer: found, not found, every field, nothing optional, several. xmllint holds
//     them against the schema (Debian: libxml2-utils; without it the test is skipped).
//     People are synthetic.
//  6. The service profile, gateway/shep/profiles/fishing-licence.search.yaml: the
//     registry, its serviceId, the form of data, where its own status code stands
//     and which codes mean what. Everything else has a default. Its id goes into
//     TestEmbedded.
//  7. The adapter, adapters/fishinglicence: a type with Request and Answer, written
//     with adapters/internal/payload. Its test fills an adaptertest.Suite and calls
//     Run, Allocations, Fuzz and Benchmark; -update writes the golden files. A
//     constant and a line in New below. Reader.Sub is nil also for an element that is
//     there and says nothing: whoever is found must say more than an IIN, or an answer
//     that lost it passes for "not found".
//  8. The mock. The facts: a type in mocks/population/fact, a field of Person, the
//     name in fact.Registries; what must hold of them in mocks/population/rules, with
//     a row that breaks each rule in rules_test.go; a few people in
//     mocks/population/people who have some. The view, mocks/registries/fishinglicence:
//     it writes the registry's answers from the contract alone; it may not import the
//     adapter, or one mistake would be made twice. A row in services of mocks/world.go
//     (Carrier cmp.Or(w.o.Carrier, shep.Child) unless data has a type in the schema),
//     the signer in owners of mocks/pki/issue.go. The faults: result and neighbour in
//     mocks/faults/registry.go must know where the status and the records stand, else
//     those faults change nothing.
//  9. What else the new facts let us compare: a check in gateway/consistency.
//  10. go test ./cmd/kopir, then again with -update: it writes what everybody was
//     answered, what became of every fault, and the row of the README. Read both in
//     cmd/kopir/testdata/everybody: registry-not-found must end in not_found and
//     registry-refused in registry-refused. "found" there is a fault that missed.
//
// A service that answers an operation of ours in other words needs steps 4 to 8
// only, and of those the gateway needs two: a profile and an adapter. The file
// adaptertest/sample_test.go is such a service, whole.
//
// Rules that reviews ask for: what a registry does not say is left out, never
// guessed; a code that is on no list is kept with known false, and doubted where
// it decides what the fact is; who the answer is about is held against the
// question wherever the registry repeats it; an error names paths and rules of the
// contract, never a value.
package adapters

import (
	"github.com/kopir-kz/kopir/adapters/address"
	"github.com/kopir-kz/kopir/adapters/addressobject"
	"github.com/kopir-kz/kopir/adapters/award"
	"github.com/kopir-kz/kopir/adapters/bankaccount"
	"github.com/kopir-kz/kopir/adapters/capacityloss"
	"github.com/kopir-kz/kopir/adapters/civilregistry"
	"github.com/kopir-kz/kopir/adapters/disability"
	"github.com/kopir-kz/kopir/adapters/employment"
	"github.com/kopir-kz/kopir/adapters/guardianship"
	"github.com/kopir-kz/kopir/adapters/legalentity"
	"github.com/kopir-kz/kopir/adapters/person"
	"github.com/kopir-kz/kopir/adapters/socialstatus"
	"github.com/kopir-kz/kopir/adapters/taxpayer"
	"github.com/kopir-kz/kopir/adapters/trustee"
	"github.com/kopir-kz/kopir/contracts"
	"github.com/kopir-kz/kopir/gateway"
)

// The operations, by the names that service profiles and clients' rights use.
const (
	PersonSearch   = "person.search"    // who a person is
	AddressSearch  = "address.search"   // where a person is registered
	CivilActSearch = "civil-act.search" // births, deaths, marriages and the other civil acts

	BankAccountCheck    = "bank-account.check"    // whose account it is
	LegalEntitySearch   = "legal-entity.search"   // what an organisation is
	TaxpayerSearch      = "taxpayer.search"       // who is an entrepreneur, and who pays contributions
	DisabilitySearch    = "disability.search"     // group, cause and term of a disability
	CapacityLossSearch  = "capacity-loss.search"  // how much capacity for work is lost
	SocialStatusSearch  = "social-status.search"  // social statuses
	EmploymentSearch    = "employment.search"     // registrations as unemployed, job referrals
	AwardSearch         = "award.search"          // what is awarded or applied for
	AddressObjectSearch = "address-object.search" // what stands behind a code of the Address Register
	GuardianshipSearch  = "guardianship.search"   // who is whose guardian
	TrusteeSearch       = "trustee.search"        // who is whose guardian or trustee
)

// New makes every adapter, by the operation it maps.
func New(codes gateway.Codes) map[string]gateway.Adapter {
	return map[string]gateway.Adapter{
		PersonSearch:  person.New(codes),
		AddressSearch: address.New(codes),

		CivilActSearch:      civilregistry.New(codes),
		BankAccountCheck:    bankaccount.New(codes),
		LegalEntitySearch:   legalentity.New(codes),
		TaxpayerSearch:      taxpayer.New(codes),
		DisabilitySearch:    disability.New(codes),
		CapacityLossSearch:  capacityloss.New(codes),
		SocialStatusSearch:  socialstatus.New(codes),
		EmploymentSearch:    employment.New(codes),
		AwardSearch:         award.New(codes),
		AddressObjectSearch: addressobject.New(codes),
		GuardianshipSearch:  guardianship.New(codes),
		TrusteeSearch:       trustee.New(codes),
	}
}

// Codes gives the adapters the code lists of the contracts. A code that rests on
// no public record counts as unknown, and its texts are not used: they name a
// value of the offline world, and a registry may mean something else by it.
func Codes(lists map[string]contracts.Dictionary) gateway.Codes {
	known := make(codes, len(lists))
	for id, list := range lists {
		known[id] = make(map[string]contracts.Texts, len(list.Codes))
		for _, c := range list.Codes {
			if c.Known() {
				known[id][c.Code] = c.Texts
			}
		}
	}
	return known
}

// codes is texts by list and code.
type codes map[string]map[string]contracts.Texts

func (c codes) Lookup(list, code string) (gateway.Texts, bool) {
	texts, known := c[list][code]
	return gateway.Texts(texts), known
}
