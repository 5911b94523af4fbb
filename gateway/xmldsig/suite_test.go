package xmldsig_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/gateway/xmldsig"
)

// TestSuiteFollowsTheKey: the suite is that of the key, whatever a message says.
func TestSuiteFollowsTheKey(t *testing.T) {
	t.Parallel()
	all := worlds(t)
	for name, w := range all {
		own := w.signer.Suite()
		signed := w.sign(t, document)
		if v, err := w.verify(signed); err != nil || v.Suite != own {
			t.Errorf("%s: %v", name, err)
		}
		for _, other := range xmldsig.Suites() {
			if other.SignatureURI == own.SignatureURI {
				continue
			}
			_, err := w.verify(strings.Replace(signed, own.SignatureURI, other.SignatureURI, 1))
			refused(t, err, xmldsig.ClassSignature)
		}
		w.policy.Suites = without(own)
		_, err := w.verify(signed)
		refused(t, err, xmldsig.ClassSignature)
	}
}

// without lists every suite but one.
func without(s *xmldsig.Suite) (out []*xmldsig.Suite) {
	for _, x := range xmldsig.Suites() {
		if x.SignatureURI != s.SignatureURI {
			out = append(out, x)
		}
	}
	return out
}

// TestSignatureValueHasOneForm: values of another length or out of range are
// refused, as is the national value turned round, which is how RFC 4491 has it.
func TestSignatureValueHasOneForm(t *testing.T) {
	t.Parallel()
	for name, w := range worlds(t) {
		signed := w.sign(t, document)
		before, rest, _ := strings.Cut(signed, "<ds:SignatureValue>")
		text, after, _ := strings.Cut(rest, "</ds:SignatureValue>")
		value, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		reversed := make([]byte, len(value))
		for i := range value {
			reversed[i] = value[len(value)-1-i]
		}
		half := len(value) / 2
		for what, v := range map[string][]byte{
			"cut off": value[:len(value)-1], "longer": append(value[:len(value):len(value)], 0), "empty": nil,
			"turned round": reversed, "halves exchanged": append(append([]byte(nil), value[half:]...), value[:half]...),
			"zero": make([]byte, len(value)), "all ones": []byte(strings.Repeat("\xff", len(value))),
		} {
			t.Run(name+"/"+what, func(t *testing.T) {
				_, err := w.verify(before + "<ds:SignatureValue>" + base64.StdEncoding.EncodeToString(v) + "</ds:SignatureValue>" + after)
				refused(t, err, xmldsig.ClassSignature)
			})
		}
	}
}
