package api

import "github.com/kopir-kz/kopir/gateway"

// The generated server (server.gen.go) names the types of the contract as if
// they were of this package. The first two are its own names for the bodies.

// SearchPersonsJSONRequestBody is the body of POST /v1/persons/search.
type SearchPersonsJSONRequestBody = gateway.PersonRequest

// SearchAddressesJSONRequestBody is the body of POST /v1/addresses/search.
type SearchAddressesJSONRequestBody = gateway.AddressRequest

// PersonAnswer is the answer of POST /v1/persons/search.
type PersonAnswer = gateway.PersonAnswer

// AddressAnswer is the answer of POST /v1/addresses/search.
type AddressAnswer = gateway.AddressAnswer

// Problem is an RFC 9457 problem document.
type Problem = gateway.Problem
