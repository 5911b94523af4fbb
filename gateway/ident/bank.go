package ident

import "maps"

// banks are the organisations whose three digits and BIC are on public record.
// The list is not complete: an account of another one is no error. The names are
// in contracts/codes/bank.yaml; a test there holds the two lists together.
var banks = map[string]string{ //nolint:gochecknoglobals // a constant table
	"009": "GCVPKZ2A", // Government for Citizens; that its digits are padded so is inferred
	"070": "KKMFKZ2A", // Treasury
	"125": "NBRKKZKX", // National Bank
	"551": "KSNVKZKA",
	"563": "KPSTKZKA", // Kazpost
	"601": "HSBKKZKX",
	"722": "CASPKZKA",
	"821": "KINCKZKA",
	"856": "KCJBKZKX",
	"886": "INLMKZKA",
	"914": "BRKEKZKA",
	"948": "EURIKZKA",
	"965": "IRTYKZKA",
	"972": "HCSKKZKA",
	"998": "TSESKZKA",
}

// Banks lists the organisations known here: BIC by the three digits of an IBAN.
func Banks() map[string]string { return maps.Clone(banks) }

// BIC is the identifier of the organisation that keeps the account; zero if its
// digits are not on the list of Banks.
func (a IBAN) BIC() BIC {
	b, _ := ParseBIC(banks[a.Bank()]) // "" gives the zero BIC
	return b
}

// SameParty tells whether both are identifiers of one organisation, be it of
// different branches (ISO 9362: the first eight characters).
func (b BIC) SameParty(other BIC) bool {
	return !b.IsZero() && !other.IsZero() && b.String()[:8] == other.String()[:8]
}
