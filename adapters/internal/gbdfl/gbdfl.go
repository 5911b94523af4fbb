// Package gbdfl is what the adapters of the State Database of Individuals
// (ГБД ФЛ) have in common: the request and the answer of its universal service,
// GBDFL_UniversalServiceSync and GBDFLUniversal_token, and the reading of its
// values. The schema is contracts/registries/person; what the public record
// leaves open is listed in contracts/divergences.md.
//
// The rules of reading are those of package payload; here, nothing in doubt is
// left out: a date that is none costs the whole answer.
package gbdfl

import (
	"strings"

	"github.com/kopir-kz/kopir/adapters/internal/payload"
)

// Registry is the short name of the registry.
const Registry = "GBDFL"

// Namespace is the namespace of the root elements Request and Response. Their
// children have none: no schema of the registry sets elementFormDefault.
const Namespace = "http://message.persistence.interactive.nat"

// sisters ends the namespaces of the registry's types. An answer whose children
// are qualified is read all the same.
const sisters = ".persistence.interactive.nat"

// The code lists of contracts/codes that the registry's dictionaries have.
const (
	ListGender             = "gender"
	ListNationality        = "nationality"
	ListCountry            = "country"
	ListDistrict           = "district"
	ListRegion             = "region"
	ListLifeStatus         = "life_status"
	ListDocumentType       = "document_type"
	ListDocumentStatus     = "document_status"
	ListIssuer             = "issuer"
	ListAddressStatus      = "address_status"
	ListAddressInvalidity  = "address_invalidity"
	ListAddressType        = "address_type"
	ListCapacity           = "capacity"
	ListCourt              = "court"
	ListTerritorialBody    = "territorial_body"
	ListImprisonment       = "imprisonment"
	ListExclusion          = "exclusion"
	ListParticipant        = "exclusion_participant"
	ListRepatriation       = "repatriation"
	ListRepatriationReason = "repatriation_reason"
)

// contract is how the registry writes its answers.
var contract = payload.Contract{ //nolint:gochecknoglobals // a constant table
	Registry: Registry,
	Ours: func(space, root string) bool {
		return space == "" || space == root || strings.HasSuffix(space, sisters)
	},
	Code: payload.CodeForm{Code: "code", KK: "nameKz", RU: "nameRu", Changed: "changeDate"},
}
