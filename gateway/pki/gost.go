package pki

import (
	"crypto"
	"crypto/rand"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410"
	"github.com/kopir-kz/kopir/gateway/gost/gost34311"
	"github.com/kopir-kz/kopir/gateway/gost/streebog"
)

// A national is a national algorithm as the certificates of the national centre
// have it. Each has one set of parameters; there is no choice in a key.
type national struct {
	name       string
	curve      func() *gost3410.Curve
	newHash    func() hash.Hash
	signature  asn1.ObjectIdentifier
	key        asn1.ObjectIdentifier
	digest     asn1.ObjectIdentifier
	parameters [2]asn1.ObjectIdentifier // of a key: the curve and the digest
	integer    bool                     // a private key is an INTEGER, not an OCTET STRING
}

// The national algorithms. The arc 1.2.398.3.10.1 is the centre's; 1.1.2.1 to
// 2.3.1 (256 bits of 2015) have never been seen in a certificate, and the older
// Tumar keys, 1.3.6.1.4.1.6801.1.2.2, are of another form: neither is read.
//
//nolint:gochecknoglobals // a constant table
var nationals = []national{
	{
		name: "ГОСТ 34.10-2015/512", curve: gost3410.TC26A512, newHash: streebog.New512,
		signature: asn1.ObjectIdentifier{1, 2, 398, 3, 10, 1, 1, 2, 3, 2},
		key:       asn1.ObjectIdentifier{1, 2, 398, 3, 10, 1, 1, 2, 2},
		digest:    asn1.ObjectIdentifier{1, 2, 398, 3, 10, 1, 3, 3},
		parameters: [2]asn1.ObjectIdentifier{
			{1, 2, 398, 3, 10, 1, 1, 2, 2, 1},
			{1, 2, 398, 3, 10, 1, 3, 3},
		},
	},
	{
		name: "ГОСТ 34.310-2004", curve: gost3410.CryptoProA, newHash: gost34311.New,
		signature: asn1.ObjectIdentifier{1, 2, 398, 3, 10, 1, 1, 1, 2},
		key:       asn1.ObjectIdentifier{1, 2, 398, 3, 10, 1, 1, 1, 1},
		digest:    asn1.ObjectIdentifier{1, 2, 398, 3, 10, 1, 3, 1},
		parameters: [2]asn1.ObjectIdentifier{
			{1, 2, 398, 3, 10, 1, 1, 1, 1, 1},
			{1, 2, 398, 3, 10, 1, 3, 1, 1, 0},
		},
		integer: true,
	},
}

// oidStreebog256 is a digest that no signature here is made over.
//
//nolint:gochecknoglobals // a constant
var oidStreebog256 = asn1.ObjectIdentifier{1, 2, 398, 3, 10, 1, 3, 2}

// nationalHash gives the hash function of a national digest.
func nationalHash(oid asn1.ObjectIdentifier) (newHash func() hash.Hash, ok bool) {
	for i := range nationals {
		if nationals[i].digest.Equal(oid) {
			return nationals[i].newHash, true
		}
	}
	if oid.Equal(oidStreebog256) {
		return streebog.New256, true
	}
	return nil, false
}

// scheme is the row of the table of signature algorithms.
func (n *national) scheme() scheme {
	return scheme{
		name: n.name, signature: n.signature, key: n.key, digest: n.digest, null: true,
		fits: func(pub crypto.PublicKey) bool {
			k, ok := pub.(*gost3410.PublicKey)
			return ok && k.Curve() == n.curve()
		},
		verify: func(pub crypto.PublicKey, d, value []byte) error {
			if err := pub.(*gost3410.PublicKey).Verify(d, value); err != nil {
				return fmt.Errorf("%w: %w", ErrSignature, err)
			}
			return nil
		},
		sign: func(key crypto.Signer, d []byte) ([]byte, error) { return key.Sign(rand.Reader, d, crypto.Hash(0)) },
	}
}

// KeyFault says in what the encoding of a national key deviates from the only
// form that its algorithm has.
type KeyFault string

// The faults.
const (
	KeyStructure  KeyFault = "structure"  // not the ASN.1 of such a key
	KeyParameters KeyFault = "parameters" // not the algorithm's parameters
	KeyLength     KeyFault = "length"     // not as long as the curve demands
	KeyRange      KeyFault = "range"      // a coordinate, or the private number, is out of range
	KeyPoint      KeyFault = "point"      // not a point of the curve
)

// KeyError is the refusal of an encoded key. It says nothing of the key itself.
type KeyError struct {
	Algorithm asn1.ObjectIdentifier // of the key
	Fault     KeyFault
}

// Error names algorithm and fault.
func (e *KeyError) Error() string {
	return fmt.Sprintf("a key of the algorithm %s deviates in its %s", e.Algorithm, e.Fault)
}

// refuse tells what package gost3410 has against a key.
func (n *national) refuse(err error) error {
	fault := KeyStructure
	switch {
	case errors.Is(err, gost3410.ErrLength):
		fault = KeyLength
	case errors.Is(err, gost3410.ErrCoordinate), errors.Is(err, gost3410.ErrPrivateKey):
		fault = KeyRange
	case errors.Is(err, gost3410.ErrPoint):
		fault = KeyPoint
	}
	return &KeyError{n.key, fault}
}

// nationalOf reads the identifier of an AlgorithmIdentifier and leaves its
// parameters; nil if it is not a national one.
func nationalOf(algorithm *cryptobyte.String) *national {
	var oid asn1.ObjectIdentifier
	if !algorithm.ReadASN1ObjectIdentifier(&oid) {
		return nil
	}
	i := slices.IndexFunc(nationals, func(n national) bool { return n.key.Equal(oid) })
	if i < 0 {
		return nil
	}
	return &nationals[i]
}

// checkParameters accepts the one SEQUENCE of identifiers that a key has.
func (n *national) checkParameters(in cryptobyte.String) error {
	var curve, digest asn1.ObjectIdentifier
	var list cryptobyte.String
	if !in.ReadASN1(&list, cryptobyte_asn1.SEQUENCE) || !in.Empty() || !list.ReadASN1ObjectIdentifier(&curve) ||
		!list.ReadASN1ObjectIdentifier(&digest) || !list.Empty() ||
		!curve.Equal(n.parameters[0]) || !digest.Equal(n.parameters[1]) {
		return &KeyError{n.key, KeyParameters}
	}
	return nil
}

func (n *national) addAlgorithm(b *cryptobyte.Builder) {
	b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(n.key)
		b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(n.parameters[0])
			b.AddASN1ObjectIdentifier(n.parameters[1])
		})
	})
}

// parseNational reads the SubjectPublicKeyInfo of a national algorithm: the BIT
// STRING holds an OCTET STRING with X and Y (RFC 4491, section 2.3.2). found is
// false for another algorithm.
func parseNational(spki []byte) (pub crypto.PublicKey, found bool, err error) {
	in := cryptobyte.String(spki)
	var outer, algorithm cryptobyte.String
	if !in.ReadASN1(&outer, cryptobyte_asn1.SEQUENCE) || !outer.ReadASN1(&algorithm, cryptobyte_asn1.SEQUENCE) {
		return nil, false, nil
	}
	n := nationalOf(&algorithm)
	if n == nil {
		return nil, false, nil
	}
	if err := n.checkParameters(algorithm); err != nil {
		return nil, true, err
	}
	var bits asn1.BitString
	var xy cryptobyte.String
	if !outer.ReadASN1BitString(&bits) || !outer.Empty() || !in.Empty() || bits.BitLength%8 != 0 {
		return nil, true, &KeyError{n.key, KeyStructure}
	}
	content := cryptobyte.String(bits.Bytes)
	if !content.ReadASN1(&xy, cryptobyte_asn1.OCTET_STRING) || !content.Empty() {
		return nil, true, &KeyError{n.key, KeyStructure}
	}
	k, err := gost3410.ParsePublicKey(n.curve(), xy)
	if err != nil {
		return nil, true, n.refuse(err)
	}
	return k, true, nil
}

// nationalBy is the algorithm of the keys on a curve.
func nationalBy(c *gost3410.Curve) (*national, error) {
	i := slices.IndexFunc(nationals, func(n national) bool { return n.curve() == c })
	if i < 0 {
		return nil, fmt.Errorf("there is no algorithm for keys on the curve %s", c.Name())
	}
	return &nationals[i], nil
}

func marshalNational(k *gost3410.PublicKey) ([]byte, error) {
	n, err := nationalBy(k.Curve())
	if err != nil {
		return nil, err
	}
	b := cryptobyte.NewBuilder(nil)
	b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		n.addAlgorithm(b)
		b.AddASN1(cryptobyte_asn1.BIT_STRING, func(b *cryptobyte.Builder) {
			b.AddUint8(0) // unused bits
			b.AddASN1OctetString(k.Bytes())
		})
	})
	return b.Bytes()
}
