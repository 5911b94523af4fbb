package pkcs12_test

import (
	"encoding/asn1"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/gateway/pki/pkcs12"
)

var reasons = []pkcs12.Reason{
	pkcs12.WrongPassword, pkcs12.NoMAC, pkcs12.Damaged, pkcs12.Unsupported,
	pkcs12.TooManyIterations, pkcs12.TooLarge, pkcs12.TooDeep,
}

// judge holds what Decode says of any input: a refusal has a known reason and
// shows nothing, and what opens keeps the limits and has its shape.
func judge(t *testing.T, in []byte) {
	t.Helper()
	limits := pkcs12.Limits{Bytes: 1 << 16, Bags: 20, Depth: 2, Iterations: 100}
	s, err := pkcs12.Decode(in, []byte(password), limits)
	if err != nil {
		var e *pkcs12.Error
		if s != nil || !errors.As(err, &e) || !slices.Contains(reasons, e.Reason) || strings.Contains(err.Error(), password) {
			t.Fatalf("%v", err)
		}
		return
	}
	if len(in) > limits.Bytes || len(s.Keys)+len(s.Certificates) > limits.Bags {
		t.Fatalf("%d bytes, %d keys and %d certificates", len(in), len(s.Keys), len(s.Certificates))
	}
	for _, k := range s.Keys {
		var shape []asn1.RawValue
		if rest, err := asn1.Unmarshal(k.PKCS8, &shape); err != nil || len(rest) > 0 || len(shape) < 3 || shape[2].Tag != asn1.TagOctetString {
			t.Fatalf("the key is %x", []byte(k.PKCS8))
		}
	}
	for _, c := range s.Certificates {
		var v asn1.RawValue
		if rest, err := asn1.Unmarshal(c.DER, &v); err != nil || len(rest) > 0 || c.DER[0] != 0x30 {
			t.Fatalf("the certificate is %x", c.DER)
		}
	}
	keys := s.Keys
	s.Destroy()
	for _, k := range keys {
		for _, b := range k.PKCS8 {
			if b != 0 {
				t.Fatal("a key is left behind")
			}
		}
	}
}

// contents are those of keystores, from one that is sound to some that are not.
func contents() [][]byte {
	algorithm, text := encrypt(aKey)
	certAlgorithm, certText := encrypt(seq(certificateBag(aCertificate, named(friendlyName, bmp("Сынақ")))))
	return [][]byte{
		seq(plainPart(seq(bag(shroudedBag, seq(algorithm, octet(text)), named(localKeyID, octet(salt))))), encryptedPart(certAlgorithm, certText)),
		seq(plainPart(seq(bag(keyBag, aKey), bag(safeBag, seq(certificateBag(aCertificate)))))),
		seq(plainPart(seq(bag(shroudedBag, seq(seq(oid(pbe3DES), seq(octet(salt), number(2))), octet(text)))))),
		{0x30, 0x80, 0x30, 0x80, 0, 0, 0, 0},
		seq(),
	}
}

// FuzzDecode opens anything.
func FuzzDecode(f *testing.F) {
	for _, c := range contents() {
		f.Add(sealed(c))
		f.Add(store(c, seq(seq(seq(oid(sha1OID), tlv(5)), octet(salt)), octet(salt), number(2))))
	}
	f.Add(store(seq(), nil))
	f.Fuzz(judge)
}

// FuzzContents opens anything behind a MAC that holds, where chance would never
// come by itself.
func FuzzContents(f *testing.F) {
	for _, c := range contents() {
		f.Add(c)
	}
	f.Fuzz(func(t *testing.T, content []byte) { judge(t, sealed(content)) })
}
