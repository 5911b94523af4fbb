package api

// operation is one business operation of the contract.
type operation struct {
	id     string // what API keys list and the exchange is asked for
	route  string // path in the contract
	schema string // of the request body
}

// operations are all there are. The generated router knows the routes, too; a
// test holds both against the contract.
func operations() []operation {
	return []operation{
		{"person.search", "/v1/persons/search", "PersonRequest"},
		{"address.search", "/v1/addresses/search", "AddressRequest"},
	}
}

// operationAt finds the operation of a route; ok is false for other routes.
func operationAt(route string) (op operation, ok bool) {
	for _, op := range operations() {
		if op.route == route {
			return op, true
		}
	}
	return operation{}, false
}
