package crl

import (
	"encoding/asn1"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/kopir-kz/kopir/gateway/pki"
)

// Parse is Parse within these limits.
func (m Limits) Parse(b []byte) (*List, error) {
	m = m.complete()
	if len(b) > m.Bytes {
		return nil, ErrTooLong
	}
	signed, err := pki.ParseSigned(b)
	if err != nil || len(signed.Rest) != 0 {
		return nil, malformed("not signed as one")
	}
	in := cryptobyte.String(signed.TBS)
	var tbs, issuer cryptobyte.String
	l := &List{signed: signed}
	version := 0
	if !in.ReadASN1(&tbs, der.SEQUENCE) || tbs.PeekASN1Tag(der.INTEGER) && (!tbs.ReadASN1Integer(&version) || version < 0 || version > 1) ||
		!tbs.SkipASN1(der.SEQUENCE) || !tbs.ReadASN1Element(&issuer, der.SEQUENCE) {
		return nil, malformed("head")
	}
	l.RawIssuer = issuer
	var ok bool
	if l.ThisUpdate, ok = readTime(&tbs); !ok {
		return nil, malformed("thisUpdate")
	}
	if tbs.PeekASN1Tag(der.UTCTime) || tbs.PeekASN1Tag(der.GeneralizedTime) {
		if l.NextUpdate, ok = readTime(&tbs); !ok || l.NextUpdate.Before(l.ThisUpdate) {
			return nil, malformed("nextUpdate")
		}
	}
	var entries, extensions cryptobyte.String
	if !tbs.ReadOptionalASN1(&entries, nil, der.SEQUENCE) {
		return nil, malformed("revokedCertificates")
	}
	if err := l.readEntries(entries, m.Entries); err != nil {
		return nil, err
	}
	if !tbs.ReadOptionalASN1(&extensions, &ok, der.Tag(0).Constructed().ContextSpecific()) || !tbs.Empty() ||
		ok && (!extensions.ReadASN1(&extensions, der.SEQUENCE) || !l.readExtensions(extensions)) {
		return nil, malformed("crlExtensions")
	}
	return l, nil
}

func malformed(part string) error { return fmt.Errorf("%w: %s", ErrMalformed, part) }

// readEntries reads every entry once, so that looking one up later cannot fail.
func (l *List) readEntries(in cryptobyte.String, most int) error {
	all, places := in, []uint32{}
	for !in.Empty() {
		if len(places) == most {
			return ErrTooLong
		}
		at := len(all) - len(in)
		_, understood, ok := readEntry(&in)
		if !ok {
			return malformed(fmt.Sprintf("entry %d", len(places)))
		}
		// A critical extension of an entry that is not understood may give this
		// entry and those after it to another issuer (RFC 5280, section 5.3.3).
		if !understood {
			l.Limiting = append(l.Limiting, asn1.ObjectIdentifier{2, 5, 29, 29})
			break
		}
		places = append(places, uint32(at))
	}
	l.index = newIndex(all, places)
	return nil
}

// Extensions (RFC 5280, sections 5.2 and 5.3), as the bytes of their object
// identifiers: a long list has one with every entry, and making an
// ObjectIdentifier of each would cost more than all the rest.
const (
	idNumber            = "\x55\x1d\x14" // 2.5.29.20
	idReason            = "\x55\x1d\x15" // 2.5.29.21
	idDelta             = "\x55\x1d\x1b" // 2.5.29.27
	idDistributionPoint = "\x55\x1d\x1c" // 2.5.29.28
	idAuthorityKeyID    = "\x55\x1d\x23" // 2.5.29.35
)

// extension is one extension as it is read.
type extension struct {
	id, value cryptobyte.String
	critical  bool
}

func readExtension(in *cryptobyte.String) (e extension, ok bool) {
	var one cryptobyte.String
	ok = in.ReadASN1(&one, der.SEQUENCE) && one.ReadASN1(&e.id, der.OBJECT_IDENTIFIER) &&
		(!one.PeekASN1Tag(der.BOOLEAN) || one.ReadASN1Boolean(&e.critical)) && one.ReadASN1(&e.value, der.OCTET_STRING) && one.Empty()
	return e, ok
}

// limit remembers an extension that is not evaluated.
func (l *List) limit(e extension) bool {
	id := make(cryptobyte.String, 0, len(e.id)+2)
	id = append(append(id, byte(der.OBJECT_IDENTIFIER), byte(len(e.id))), e.id...)
	var oid asn1.ObjectIdentifier
	if len(e.id) > 127 || !id.ReadASN1ObjectIdentifier(&oid) {
		return false
	}
	l.Limiting = append(l.Limiting, oid)
	return true
}

// maxExtensions bounds those of a list, in all: they are remembered before it is
// known who signed it. RFC 5280 knows seven.
const maxExtensions = 32

func (l *List) readExtensions(in cryptobyte.String) bool {
	for count := 0; !in.Empty(); count++ {
		e, ok := readExtension(&in)
		if !ok || count == maxExtensions {
			return false
		}
		switch {
		case string(e.id) == idNumber:
			l.Number = new(big.Int)
			ok = e.value.ReadASN1Integer(l.Number)
		case string(e.id) == idDelta:
			l.Base = new(big.Int)
			ok = e.value.ReadASN1Integer(l.Base)
		case string(e.id) == idAuthorityKeyID:
			var key, keyID cryptobyte.String
			ok = e.value.ReadASN1(&key, der.SEQUENCE) && key.ReadOptionalASN1(&keyID, nil, der.Tag(0).ContextSpecific())
			l.AuthorityKeyID = keyID
		case e.critical, string(e.id) == idDistributionPoint:
			ok = l.limit(e)
		}
		if !ok {
			return false
		}
	}
	return true
}

// readEntry reads one entry. understood is false if it has a critical extension
// other than the reason.
func readEntry(in *cryptobyte.String) (e Entry, understood, ok bool) {
	var entry, number, extensions cryptobyte.String
	if !in.ReadASN1(&entry, der.SEQUENCE) || !entry.ReadASN1(&number, der.INTEGER) || number.Empty() {
		return e, false, false
	}
	if e.Since, ok = readTime(&entry); !ok {
		return e, false, false
	}
	understood = true
	if entry.Empty() {
		return e, understood, true
	}
	if !entry.ReadASN1(&extensions, der.SEQUENCE) || !entry.Empty() {
		return e, false, false
	}
	for !extensions.Empty() {
		x, ok := readExtension(&extensions)
		if !ok {
			return e, false, false
		}
		if string(x.id) != idReason {
			understood = understood && !x.critical
			continue
		}
		var reason int
		if !x.value.ReadASN1Enum(&reason) || reason < 0 || reason > 255 {
			return e, false, false
		}
		e.Reason = pki.CRLReason(reason)
	}
	return e, understood, true
}

// magnitude is a serial number without the zeros in front. One that lacks the
// zero byte of a positive number is read as positive, as the certificates of
// such an authority would be.
func magnitude(number []byte) []byte {
	for len(number) > 0 && number[0] == 0 {
		number = number[1:]
	}
	return number
}

// readTime reads UTCTime or GeneralizedTime in the forms of RFC 5280, section
// 5.1.2.4, and no others: the time package would take a third of the time that
// reading a long list needs.
func readTime(in *cryptobyte.String) (t time.Time, ok bool) {
	var text cryptobyte.String
	var tag der.Tag
	if !in.ReadAnyASN1(&text, &tag) {
		return t, false
	}
	var year int
	switch {
	case tag == der.UTCTime && len(text) == 13:
		year = digits(text[:2])
		if year < 50 {
			year += 100
		}
		year += 1900
		text = text[2:]
	case tag == der.GeneralizedTime && len(text) == 15:
		year = digits(text[:2])*100 + digits(text[2:4])
		text = text[4:]
	default:
		return t, false
	}
	month, day := digits(text[0:2]), digits(text[2:4])
	hour, minute, second := digits(text[4:6]), digits(text[6:8]), digits(text[8:10])
	if text[10] != 'Z' || year < 0 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 {
		return t, false
	}
	t = time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	return t, month > 0 && int(t.Month()) == month && t.Day() == day // no 31 February
}

// digits reads two digits; far below zero if they are none.
func digits(b []byte) int {
	hi, lo := int(b[0])-'0', int(b[1])-'0'
	if hi < 0 || hi > 9 || lo < 0 || lo > 9 {
		return -1 << 20
	}
	return 10*hi + lo
}
