package gateway

// Call is one question of one client, as the exchange takes it. The API has
// authenticated the client and found the operation on its list; the exchange
// checks everything else.
type Call struct {
	RequestID string // of the HTTP request, X-Request-Id
	Client    string // id of the client in the settings
	Operation string // id of the operation, e.g. "person.search"
	Purpose   Purpose
	Query     Query
	Consent   Consent // the zero Consent for none
}

// Result is what came of a Call that was answered: facts, found or not, and
// where they come from.
type Result struct {
	Facts      Facts
	Provenance Provenance
}
