package pkcs12

import (
	"crypto/sha1" //nolint:gosec // what keystores are made with
	"crypto/sha256"
	"crypto/sha512"
	"encoding/asn1"
	"hash"
)

// A digest is a hash function with its name, and the name of its HMAC.
type digest struct {
	name      string
	oid, hmac asn1.ObjectIdentifier
	new       func() hash.Hash
}

//nolint:gochecknoglobals // a constant table
var digests = []digest{
	{"SHA-1", asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}, hmacWithSHA1, sha1.New},
	{"SHA-224", asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 4}, asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 8}, sha256.New224},
	{"SHA-256", asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}, asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}, sha256.New},
	{"SHA-384", asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}, asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 10}, sha512.New384},
	{"SHA-512", asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}, asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 11}, sha512.New},
}

//nolint:gochecknoglobals // a constant
var hmacWithSHA1 = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 7}

// digestNamed finds the hash function of a name.
func digestNamed(oid asn1.ObjectIdentifier) (digest, error) {
	for _, d := range digests {
		if d.oid.Equal(oid) {
			return d, nil
		}
	}
	return digest{}, refuse(Unsupported, "the MAC uses the hash function %s", oid)
}

// hmacNamed finds the hash function of the name of its HMAC.
func hmacNamed(oid asn1.ObjectIdentifier) (digest, error) {
	for _, d := range digests {
		if d.hmac.Equal(oid) {
			return d, nil
		}
	}
	return digest{}, refuse(Unsupported, "a key derivation or MAC uses the function %s", oid)
}
