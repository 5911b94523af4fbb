package pki

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410"
)

// ErrPrivateKey is the refusal of a private key. It says nothing about what it
// was read from, nor do the errors that stand beside it.
var ErrPrivateKey = errors.New("the private key is malformed or of a kind that is not supported")

// ParsePKCS8 reads an unencrypted PrivateKeyInfo (RFC 5208, section 5) of any
// supported family. The input is left as it is: whoever owns it wipes it. The
// error is ErrPrivateKey, for a national key with a *KeyError.
func ParsePKCS8(der []byte) (crypto.Signer, error) {
	key, found, err := parseNationalPrivate(der)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrPrivateKey, err)
	case found:
		return key, nil
	}
	other, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, ErrPrivateKey
	}
	s, ok := other.(crypto.Signer)
	if !ok {
		return nil, ErrPrivateKey
	}
	return s, nil
}

// parseNationalPrivate reads a national key: the OCTET STRING of the
// PrivateKeyInfo holds an INTEGER, or an OCTET STRING with the number
// little-endian. found is false for another algorithm.
func parseNationalPrivate(der []byte) (key *gost3410.PrivateKey, found bool, err error) {
	in := cryptobyte.String(der)
	var outer, algorithm, private, number cryptobyte.String
	var version int
	if !in.ReadASN1(&outer, cryptobyte_asn1.SEQUENCE) || !outer.ReadASN1Integer(&version) || !outer.ReadASN1(&algorithm, cryptobyte_asn1.SEQUENCE) {
		return nil, false, nil
	}
	n := nationalOf(&algorithm)
	if n == nil {
		return nil, false, nil
	}
	if err := n.checkParameters(algorithm); err != nil {
		return nil, true, err
	}
	attributes := cryptobyte_asn1.Tag(0).ContextSpecific().Constructed()
	if version != 0 || !outer.ReadASN1(&private, cryptobyte_asn1.OCTET_STRING) || !outer.SkipOptionalASN1(attributes) || !outer.Empty() || !in.Empty() {
		return nil, true, &KeyError{n.key, KeyStructure}
	}
	form, parse := cryptobyte_asn1.OCTET_STRING, gost3410.ParsePrivateKey
	if n.integer {
		form, parse = cryptobyte_asn1.INTEGER, parseInteger
	}
	if !private.ReadASN1(&number, form) || !private.Empty() {
		return nil, true, &KeyError{n.key, KeyStructure}
	}
	if key, err = parse(n.curve(), number); err != nil {
		return nil, true, n.refuse(err)
	}
	return key, true, nil
}

// maxPKCS8 is more than a national key needs: while it is written, its bytes
// must not be moved and left behind.
const maxPKCS8 = 256

// MarshalPKCS8 encodes a private key of any supported family as an unencrypted
// PrivateKeyInfo. Whoever asks for it wipes it.
func MarshalPKCS8(key crypto.Signer) ([]byte, error) {
	k, ok := key.(*gost3410.PrivateKey)
	if !ok {
		return x509.MarshalPKCS8PrivateKey(key)
	}
	n, err := nationalBy(k.Public().(*gost3410.PublicKey).Curve())
	if err != nil {
		return nil, err
	}
	number, err := k.Bytes()
	if err != nil {
		return nil, err
	}
	defer clear(number)
	b := cryptobyte.NewFixedBuilder(make([]byte, 0, maxPKCS8))
	b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(0)
		n.addAlgorithm(b)
		b.AddASN1(cryptobyte_asn1.OCTET_STRING, func(b *cryptobyte.Builder) {
			if n.integer {
				addInteger(b, number)
			} else {
				b.AddASN1OctetString(number)
			}
		})
	})
	return b.Bytes()
}

// parseInteger reads the content of an INTEGER, which must be positive and
// shortest (X.690, section 8.3): a longer spelling would be a second one.
func parseInteger(c *gost3410.Curve, content []byte) (*gost3410.PrivateKey, error) {
	if len(content) > 0 && content[0]&0x80 != 0 || len(content) > 1 && content[0] == 0 && content[1]&0x80 == 0 {
		return nil, gost3410.ErrPrivateKey
	}
	return gost3410.ParsePrivateKeyInteger(c, content)
}

// addInteger writes a little-endian number as an INTEGER; it turns it round in
// its place.
func addInteger(b *cryptobyte.Builder, number []byte) {
	slices.Reverse(number)
	for len(number) > 1 && number[0] == 0 {
		number = number[1:]
	}
	b.AddASN1(cryptobyte_asn1.INTEGER, func(b *cryptobyte.Builder) {
		if number[0]&0x80 != 0 {
			b.AddUint8(0)
		}
		b.AddBytes(number)
	})
}
