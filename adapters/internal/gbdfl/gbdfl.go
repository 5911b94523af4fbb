// Package gbdfl is what the adapters of the State Database of Individuals
// (ГБД ФЛ) have in common: the request and the answer of its universal service,
// GBDFL_UniversalServiceSync and GBDFLUniversal_token, and the reading of its
// values. The schema is contracts/registries/person; what the public record
// leaves open is listed in contracts/divergences.md.
//
// The registry is read tolerantly where live answers are known to differ (order,
// extra elements, namespaces, empty lists, xsi:nil, dates with a time, a bare
// hyphen for a city) and strictly where a wrong reading would become a wrong
// fact about a person: an element that is read once and stands there twice, a
// date that is none, a required element that is missing or has another name.
package gbdfl

import "strings"

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

// ours tells whether an element of that namespace can be of the registry's
// contract in an answer whose root has the namespace root.
func ours(space, root string) bool {
	return space == "" || space == root || strings.HasSuffix(space, sisters)
}
