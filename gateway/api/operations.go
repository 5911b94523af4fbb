package api

import (
	"context"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/api/internal/rest"
)

// Operations lists the ids of all operations, as API keys list them.
func Operations() []string {
	var ids []string
	for _, r := range rest.Routes() {
		if r.Operation != "" {
			ids = append(ids, r.Operation)
		}
	}
	return ids
}

// kinds are the operations as batches ask them, by id.
func kinds() map[string]kind {
	return map[string]kind{
		"person.search":         of[gateway.PersonQuery](persons),
		"address.search":        of[gateway.SubjectQuery](addresses),
		"address-object.search": of[gateway.AddressObjectQuery](addressObjects),
		"civil-act.search":      of[gateway.CivilActQuery](civilActs),
		"disability.search":     of[gateway.SubjectQuery](disabilities),
		"capacity-loss.search":  of[gateway.SubjectQuery](capacityLosses),
		"bank-account.check":    of[gateway.AccountQuery](account),
		"guardianship.search":   of[gateway.GuardianshipQuery](guardianships),
		"trustee.search":        of[gateway.GuardianshipQuery](guardianships),
		"social-status.search":  of[gateway.SubjectQuery](socialStatuses),
		"award.search":          of[gateway.SubjectQuery](awards),
		"employment.search":     of[gateway.SubjectQuery](employment),
		"taxpayer.search":       of[gateway.TaxpayerQuery](taxpayer),
		"legal-entity.search":   of[gateway.LegalEntityQuery](legalEntity),
	}
}

// A new operation is a row above and a method here, which the compiler asks for
// as soon as the contract has it, and the form of its answer (answers.go).

// SearchPersons answers POST /v1/persons/search.
func (h handlers) SearchPersons(ctx context.Context, r rest.SearchPersonsRequestObject) (rest.SearchPersonsResponseObject, error) {
	a, err := ask(ctx, h, persons, r.Body.Purpose, r.Body.Query, r.Body.Consent)
	return rest.SearchPersons200JSONResponse{Body: a}, err
}

// SearchAddresses answers POST /v1/addresses/search.
func (h handlers) SearchAddresses(ctx context.Context, r rest.SearchAddressesRequestObject) (rest.SearchAddressesResponseObject, error) {
	a, err := ask(ctx, h, addresses, r.Body.Purpose, r.Body.Query, r.Body.Consent)
	return rest.SearchAddresses200JSONResponse{Body: a}, err
}

// SearchAddressObjects answers POST /v1/address-objects/search.
func (h handlers) SearchAddressObjects(ctx context.Context, r rest.SearchAddressObjectsRequestObject) (rest.SearchAddressObjectsResponseObject, error) {
	a, err := ask(ctx, h, addressObjects, r.Body.Purpose, r.Body.Query, r.Body.Consent)
	return rest.SearchAddressObjects200JSONResponse{Body: a}, err
}

// SearchCivilActs answers POST /v1/civil-acts/search.
func (h handlers) SearchCivilActs(ctx context.Context, r rest.SearchCivilActsRequestObject) (rest.SearchCivilActsResponseObject, error) {
	a, err := ask(ctx, h, civilActs, r.Body.Purpose, r.Body.Query, r.Body.Consent)
	return rest.SearchCivilActs200JSONResponse{Body: a}, err
}

// SearchDisabilities answers POST /v1/disabilities/search.
func (h handlers) SearchDisabilities(ctx context.Context, r rest.SearchDisabilitiesRequestObject) (rest.SearchDisabilitiesResponseObject, error) {
	a, err := ask(ctx, h, disabilities, r.Body.Purpose, r.Body.Query, r.Body.Consent)
	return rest.SearchDisabilities200JSONResponse{Body: a}, err
}

// SearchCapacityLosses answers POST /v1/capacity-losses/search.
func (h handlers) SearchCapacityLosses(ctx context.Context, r rest.SearchCapacityLossesRequestObject) (rest.SearchCapacityLossesResponseObject, error) {
	a, err := ask(ctx, h, capacityLosses, r.Body.Purpose, r.Body.Query, r.Body.Consent)
	return rest.SearchCapacityLosses200JSONResponse{Body: a}, err
}

// CheckBankAccount answers POST /v1/bank-accounts/check.
func (h handlers) CheckBankAccount(ctx context.Context, r rest.CheckBankAccountRequestObject) (rest.CheckBankAccountResponseObject, error) {
	a, err := ask(ctx, h, account, r.Body.Purpose, r.Body.Query, r.Body.Consent)
	return rest.CheckBankAccount200JSONResponse{Body: a}, err
}

// SearchGuardianships answers POST /v1/guardianships/search.
func (h handlers) SearchGuardianships(ctx context.Context, r rest.SearchGuardianshipsRequestObject) (rest.SearchGuardianshipsResponseObject, error) {
	a, err := ask(ctx, h, guardianships, r.Body.Purpose, r.Body.Query, r.Body.Consent)
	return rest.SearchGuardianships200JSONResponse{Body: a}, err
}

// SearchTrustees answers POST /v1/trustees/search.
func (h handlers) SearchTrustees(ctx context.Context, r rest.SearchTrusteesRequestObject) (rest.SearchTrusteesResponseObject, error) {
	a, err := ask(ctx, h, guardianships, r.Body.Purpose, r.Body.Query, r.Body.Consent)
	return rest.SearchTrustees200JSONResponse{Body: a}, err
}

// SearchSocialStatus answers POST /v1/social-status/search.
func (h handlers) SearchSocialStatus(ctx context.Context, r rest.SearchSocialStatusRequestObject) (rest.SearchSocialStatusResponseObject, error) {
	a, err := ask(ctx, h, socialStatuses, r.Body.Purpose, r.Body.Query, r.Body.Consent)
	return rest.SearchSocialStatus200JSONResponse{Body: a}, err
}

// SearchAwards answers POST /v1/awards/search.
func (h handlers) SearchAwards(ctx context.Context, r rest.SearchAwardsRequestObject) (rest.SearchAwardsResponseObject, error) {
	a, err := ask(ctx, h, awards, r.Body.Purpose, r.Body.Query, r.Body.Consent)
	return rest.SearchAwards200JSONResponse{Body: a}, err
}

// SearchEmployment answers POST /v1/employment/search.
func (h handlers) SearchEmployment(ctx context.Context, r rest.SearchEmploymentRequestObject) (rest.SearchEmploymentResponseObject, error) {
	a, err := ask(ctx, h, employment, r.Body.Purpose, r.Body.Query, r.Body.Consent)
	return rest.SearchEmployment200JSONResponse{Body: a}, err
}

// SearchTaxpayers answers POST /v1/taxpayers/search.
func (h handlers) SearchTaxpayers(ctx context.Context, r rest.SearchTaxpayersRequestObject) (rest.SearchTaxpayersResponseObject, error) {
	a, err := ask(ctx, h, taxpayer, r.Body.Purpose, r.Body.Query, r.Body.Consent)
	return rest.SearchTaxpayers200JSONResponse{Body: a}, err
}

// SearchLegalEntities answers POST /v1/legal-entities/search.
func (h handlers) SearchLegalEntities(ctx context.Context, r rest.SearchLegalEntitiesRequestObject) (rest.SearchLegalEntitiesResponseObject, error) {
	a, err := ask(ctx, h, legalEntity, r.Body.Purpose, r.Body.Query, r.Body.Consent)
	return rest.SearchLegalEntities200JSONResponse{Body: a}, err
}
