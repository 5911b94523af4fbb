package issue

import (
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Subject is whom a certificate names, in the attributes that the national
// centre uses. Empty ones are left out.
type Subject struct {
	UserID       string // object identifier of an information system
	CommonName   string // of a person surname and given name
	Surname      string
	IIN          string // twelve digits
	Organization string
	BIN          string // twelve digits
	Patronymic   string // stands in the attribute givenName

	// CountryFirst puts C=KZ in front, as authorities before 2022 have it;
	// those since have it behind the common name.
	CountryFirst bool
}

// RDNSequence encodes the name (RFC 5280, section 4.1.2.4) in the order and
// with the string types of the national centre.
func (s Subject) RDNSequence() []byte {
	const text, printable = cryptobyte_asn1.UTF8String, cryptobyte_asn1.PrintableString
	type attribute struct {
		oid   asn1.ObjectIdentifier
		kind  cryptobyte_asn1.Tag
		value string
	}
	country := attribute{asn1.ObjectIdentifier{2, 5, 4, 6}, printable, "KZ"}
	var front, back attribute
	if s.CountryFirst {
		front = country
	} else {
		back = country
	}
	b := cryptobyte.NewBuilder(nil)
	b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, a := range []attribute{
			front,
			{asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 1}, text, s.UserID},
			{asn1.ObjectIdentifier{2, 5, 4, 3}, text, s.CommonName},
			{asn1.ObjectIdentifier{2, 5, 4, 4}, text, s.Surname},
			{asn1.ObjectIdentifier{2, 5, 4, 5}, printable, prefixed("IIN", s.IIN)},
			back,
			{asn1.ObjectIdentifier{2, 5, 4, 10}, text, s.Organization},
			{asn1.ObjectIdentifier{2, 5, 4, 11}, text, prefixed("BIN", s.BIN)},
			{asn1.ObjectIdentifier{2, 5, 4, 42}, text, s.Patronymic},
		} {
			if a.value == "" {
				continue
			}
			b.AddASN1(cryptobyte_asn1.SET, func(b *cryptobyte.Builder) {
				b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(a.oid)
					b.AddASN1(a.kind, func(b *cryptobyte.Builder) { b.AddBytes([]byte(a.value)) })
				})
			})
		}
	})
	return b.BytesOrPanic() // the identifiers above are right, and nothing else can fail
}

func prefixed(word, digits string) string {
	if digits == "" {
		return ""
	}
	return word + digits
}
