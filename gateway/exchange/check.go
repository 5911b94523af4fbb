package exchange

import (
	"strings"
	"unicode"

	"github.com/kopir-kz/kopir/gateway"
	"github.com/kopir-kz/kopir/gateway/fault"
)

// check is everything that must hold before the intent is written. The door has
// held the request against the HTTP contract; what the law and the registry
// demand is held here, where no other door can forget it.
func (r *run) check() error {
	fields := checkPurpose(r.call.Purpose)
	for _, f := range r.call.Query.Check(r.x.o.Mode) {
		f.Pointer = "/query" + f.Pointer
		fields = append(fields, f)
	}
	if len(fields) > 0 {
		return &fault.Error{Kind: fault.InvalidRequest, Op: "check request", Fields: fields}
	}
	if !r.service.Profile.ConsentRequired {
		return nil // what nobody asks for is not sent on
	}
	r.consent = gateway.Consent{Token: squeeze(r.call.Consent.Token), PublicKey: squeeze(r.call.Consent.PublicKey)}
	if r.consent.Token == "" || r.consent.PublicKey == "" {
		return fault.New(fault.ConsentMissing, "check request", "")
	}
	return nil
}

// checkPurpose: personal data may be asked for only with a stated lawful aim
// (Law No. 94-V of 21 May 2013), so every part must say something.
func checkPurpose(p gateway.Purpose) []fault.Field {
	var fields []fault.Field
	for _, part := range [...]struct{ pointer, value string }{
		{"/purpose/service", p.Service},
		{"/purpose/case", p.Case},
		{"/purpose/legal_basis", p.LegalBasis},
		{"/purpose/official", p.Official},
	} {
		if strings.TrimSpace(part.value) == "" {
			fields = append(fields, fault.Field{Pointer: part.pointer, Rule: "field.required", Detail: "The field is required."})
		}
	}
	return fields
}

// squeeze removes white space and line breaks: the consent service wraps both
// values in its answer, and the registry wants them in one piece.
func squeeze(s string) string {
	if !strings.ContainsFunc(s, unicode.IsSpace) {
		return s
	}
	return strings.Join(strings.Fields(s), "")
}
