package api

import "github.com/kopir-kz/kopir/gateway"

// The generated server (server.gen.go) names the types of the contract as if
// they were of this package; these are their second names.
type (
	SearchPersonsJSONRequestBody   = gateway.PersonRequest  // body of POST /v1/persons/search
	SearchAddressesJSONRequestBody = gateway.AddressRequest // body of POST /v1/addresses/search
	PersonAnswer                   = gateway.PersonAnswer   // answer of POST /v1/persons/search
	AddressAnswer                  = gateway.AddressAnswer  // answer of POST /v1/addresses/search
	Problem                        = gateway.Problem        // RFC 9457 problem document
)
