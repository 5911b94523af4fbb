package gateway

import (
	"github.com/kopir-kz/kopir/gateway/fault"
	"github.com/kopir-kz/kopir/gateway/ident"
)

// Check holds the numbers, that the holder is named well enough, and that the
// BIC, if given, is not that of another bank than the account's ("account.bank").
// A bank that nobody has told us of fits any BIC.
func (q AccountQuery) Check(m ident.Mode) []fault.Field {
	iban, err := ident.ParseIBAN(q.IBAN)
	fields := broken("/iban", err)
	if q.Holder.IIN == "" && (q.Holder.Surname == "" || q.Holder.GivenName == "") {
		fields = append(fields, tooWide("/holder", "a holder needs an iin, or surname and given_name"))
	}
	if q.Holder.IIN != "" {
		fields = append(fields, checkIIN("/holder/iin", q.Holder.IIN, m)...)
	}
	if q.BIC != "" {
		bic, err := ident.ParseBIC(q.BIC)
		fields = append(fields, broken("/bic", err)...)
		if bank := iban.BIC(); err == nil && !bank.IsZero() && !bank.SameParty(bic) {
			fields = append(fields, fault.Field{Pointer: "/bic", Rule: "account.bank", Detail: "the BIC is that of another bank than the account's"})
		}
	}
	return fields
}

// Subject is the IIN of the holder, or "" if the question gives a name alone.
func (q AccountQuery) Subject() string { return q.Holder.IIN }

// Found tells whether there is such an account; the zero AccountCheck is of none.
func (a AccountCheck) Found() bool { return a.IBAN != "" }
