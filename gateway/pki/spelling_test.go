package pki_test

import (
	"encoding/asn1"
	"slices"
	"testing"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
)

// TestOneSpelling: a certificate with something behind its signature, which nobody
// has signed, is none.
func TestOneSpelling(t *testing.T) {
	t.Parallel()
	for name, key := range pkitest.Keys(t) {
		ca := pkitest.NewAuthorityWith(t, "Root", key)
		c := leaf(t, ca, "System")
		var outer asn1.RawValue
		if _, err := asn1.Unmarshal(c.Raw, &outer); err != nil {
			t.Fatal(err)
		}
		der, err := asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: append(slices.Clone(outer.Bytes), 4, 1, 7)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := pki.ParseCertificate(der); err == nil {
			t.Errorf("%s: read", name)
		}
		expect(t, ca.Store(), pki.Hint{Certificates: [][]byte{der}}, pkitest.Now(), pki.ReasonMalformed)
		expect(t, ca.Store(), carried(c), pkitest.Now(), "")
	}
}
