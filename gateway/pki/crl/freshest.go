package crl

import (
	"crypto/x509"
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

// FreshestURLs gives where a certificate says that delta lists are to be had
// (RFC 5280, section 4.2.1.15), as x509.Certificate.CRLDistributionPoints does
// for complete ones. What cannot be read gives nothing.
func FreshestURLs(c *x509.Certificate) (urls []string) {
	for _, e := range c.Extensions {
		if e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 46}) {
			urls = append(urls, points(e.Value)...)
		}
	}
	return urls
}

// points reads the URLs out of CRLDistributionPoints.
func points(value cryptobyte.String) (urls []string) {
	constructed := func(n uint8) der.Tag { return der.Tag(n).Constructed().ContextSpecific() }
	var all, point, name, full cryptobyte.String
	if !value.ReadASN1(&all, der.SEQUENCE) {
		return nil
	}
	for all.ReadASN1(&point, der.SEQUENCE) {
		if !point.ReadASN1(&name, constructed(0)) || !name.ReadASN1(&full, constructed(0)) {
			continue
		}
		for !full.Empty() {
			var one cryptobyte.String
			var tag der.Tag
			if !full.ReadAnyASN1(&one, &tag) {
				return urls
			}
			if tag == der.Tag(6).ContextSpecific() { // uniformResourceIdentifier
				urls = append(urls, string(one))
			}
		}
	}
	return urls
}
