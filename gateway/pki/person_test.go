package pki_test

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/gateway/pki"
)

// TestPersonWithTwoNumbers: a person is one wherever among the serial numbers the
// IIN stands.
func TestPersonWithTwoNumbers(t *testing.T) {
	t.Parallel()
	number := func(value string) pkix.AttributeTypeAndValue {
		return pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, 5}, Value: value}
	}
	name := pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: "СЫНАҚ АДАМ"}
	for _, numbers := range [][]string{{"IIN851301300001", "7"}, {"7", "IIN851301300001"}, {"iin851301300001"}} {
		set := pkix.RDNSequence{{name}}
		for _, v := range numbers {
			set = append(set, pkix.RelativeDistinguishedNameSET{number(v)})
		}
		var n pkix.Name
		n.FillFromRDNSequence(&set)
		if text := pki.NameText(n); strings.Contains(text, "851301300001") || strings.Contains(text, "СЫНАҚ") {
			t.Errorf("%q is shown as %q", numbers, text)
		}
	}
}
