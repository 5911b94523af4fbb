package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // names certificates in OCSP and time-stamp requests, where nothing depends on collisions
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"
)

// ErrSignature says that a signature does not hold: the value fits neither the
// key nor the digest.
var ErrSignature = errors.New("the signature does not hold")

// AlgorithmError is the refusal of an algorithm that is not in the closed list,
// or that does not go with the key.
type AlgorithmError struct {
	What string // e.g. "signature algorithm"
	OID  asn1.ObjectIdentifier
}

// Error names the algorithm by its object identifier.
func (e *AlgorithmError) Error() string {
	return fmt.Sprintf("%s %s is not accepted for this key", e.What, e.OID)
}

// A scheme is a row of the table of signature algorithms that certificates,
// revocation lists, OCSP answers, time-stamp tokens and CMS messages may have.
// SHA-1 and MD5 are absent, so they are refused by name.
type scheme struct {
	name      string
	signature asn1.ObjectIdentifier // of the signature
	key       asn1.ObjectIdentifier // of the key; CMS writes it where the signature's belongs
	digest    asn1.ObjectIdentifier
	hash      crypto.Hash // what a crypto.Signer is told; 0 for the national algorithms
	fits      func(pub crypto.PublicKey) bool
	verify    func(pub crypto.PublicKey, digest, value []byte) error
	sign      func(key crypto.Signer, digest []byte) ([]byte, error)
	null      bool // the AlgorithmIdentifier has NULL as its parameters
}

// Object identifiers of digests.
//
//nolint:gochecknoglobals // constants
var (
	oidSHA1   = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
	oidSHA256 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidSHA384 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}
	oidSHA512 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}

	oidKeyRSA = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidKeyEC  = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
)

//nolint:gochecknoglobals // a constant table; the first row that fits a key is the one it signs with
var schemes = []scheme{
	rsaScheme("RSA-SHA256", 11, oidSHA256, crypto.SHA256),
	rsaScheme("RSA-SHA384", 12, oidSHA384, crypto.SHA384),
	rsaScheme("RSA-SHA512", 13, oidSHA512, crypto.SHA512),
	ecdsaScheme("ECDSA-SHA256", 2, oidSHA256, crypto.SHA256),
	ecdsaScheme("ECDSA-SHA384", 3, oidSHA384, crypto.SHA384),
	ecdsaScheme("ECDSA-SHA512", 4, oidSHA512, crypto.SHA512),
	nationals[0].scheme(),
	nationals[1].scheme(),
}

// rsaScheme is RSASSA-PKCS1-v1_5 (RFC 4055, section 5).
func rsaScheme(name string, arc int, digest asn1.ObjectIdentifier, h crypto.Hash) scheme {
	return scheme{
		name: name, signature: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, arc}, key: oidKeyRSA, digest: digest, hash: h, null: true,
		fits: func(pub crypto.PublicKey) bool {
			k, ok := pub.(*rsa.PublicKey)
			return ok && k.N.BitLen() <= MaxRSABits
		},
		verify: func(pub crypto.PublicKey, d, value []byte) error {
			if rsa.VerifyPKCS1v15(pub.(*rsa.PublicKey), h, d, value) != nil {
				return ErrSignature
			}
			return nil
		},
		sign: func(key crypto.Signer, d []byte) ([]byte, error) { return key.Sign(rand.Reader, d, h) },
	}
}

// ecdsaScheme is ECDSA with the value in ASN.1 (RFC 5758, section 3.2).
func ecdsaScheme(name string, arc int, digest asn1.ObjectIdentifier, h crypto.Hash) scheme {
	return scheme{
		name: name, signature: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, arc}, key: oidKeyEC, digest: digest, hash: h,
		fits: func(pub crypto.PublicKey) bool { _, ok := pub.(*ecdsa.PublicKey); return ok },
		verify: func(pub crypto.PublicKey, d, value []byte) error {
			if !ecdsa.VerifyASN1(pub.(*ecdsa.PublicKey), d, value) {
				return ErrSignature
			}
			return nil
		},
		sign: func(key crypto.Signer, d []byte) ([]byte, error) { return key.Sign(rand.Reader, d, h) },
	}
}

// NewHash gives the hash function of a digest's object identifier; ok is false
// for one that is not known. SHA-1 is among them because OCSP names
// certificates by it; no signature over it is accepted.
func NewHash(oid asn1.ObjectIdentifier) (newHash func() hash.Hash, ok bool) {
	switch {
	case oid.Equal(oidSHA1):
		return sha1.New, true
	case oid.Equal(oidSHA256):
		return sha256.New, true
	case oid.Equal(oidSHA384):
		return sha512.New384, true
	case oid.Equal(oidSHA512):
		return sha512.New, true
	}
	return nationalHash(oid)
}

// CheckSignature checks a signature over a message in the form X.509 gives it.
// The error is an *AlgorithmError, or ErrSignature, perhaps wrapped.
func CheckSignature(pub crypto.PublicKey, algorithm asn1.ObjectIdentifier, message, value []byte) error {
	for i := range schemes {
		s := &schemes[i]
		if s.signature.Equal(algorithm) && s.fits(pub) {
			newHash, _ := NewHash(s.digest)
			h := newHash()
			h.Write(message)
			return s.verify(pub, h.Sum(nil), value)
		}
	}
	return &AlgorithmError{"signature algorithm", algorithm}
}

// CheckDigestSignature checks a signature over a digest, as CMS has it: the
// digest's algorithm stands beside that of the signature, and the latter may be
// named by the key's identifier (RFC 3370, section 3.2, and the national
// library's habit).
func CheckDigestSignature(pub crypto.PublicKey, algorithm, digestAlgorithm asn1.ObjectIdentifier, digest, value []byte) error {
	for i := range schemes {
		s := &schemes[i]
		if (s.signature.Equal(algorithm) || s.key.Equal(algorithm)) && s.digest.Equal(digestAlgorithm) && s.fits(pub) {
			return s.verify(pub, digest, value)
		}
	}
	return &AlgorithmError{"signature algorithm", algorithm}
}

// SignatureName is what people call a signature algorithm; of one that is not in
// the closed list it is the identifier.
func SignatureName(algorithm asn1.ObjectIdentifier) string {
	for i := range schemes {
		if schemes[i].signature.Equal(algorithm) {
			return schemes[i].name
		}
	}
	return algorithm.String()
}

// DigestName is what people call a hash function; of one that is not known it is
// the identifier.
func DigestName(oid asn1.ObjectIdentifier) string {
	for _, d := range digestNames {
		if d.oid.Equal(oid) {
			return d.name
		}
	}
	return oid.String()
}

//nolint:gochecknoglobals // a constant table
var digestNames = []struct {
	oid  asn1.ObjectIdentifier
	name string
}{
	{oidSHA1, "SHA-1"},
	{oidSHA256, "SHA-256"},
	{oidSHA384, "SHA-384"},
	{oidSHA512, "SHA-512"},
	{nationals[0].digest, "ГОСТ 34.11-2015/512"},
	{oidStreebog256, "ГОСТ 34.11-2015/256"},
	{nationals[1].digest, "ГОСТ 34.311-95"},
}

// Algorithms are the identifiers of what a key signs with.
type Algorithms struct {
	Name      string
	Signature pkix.AlgorithmIdentifier
	Digest    pkix.AlgorithmIdentifier
}

// SignMessage signs a message with the first algorithm that fits the key, in the
// form X.509 gives the value.
func SignMessage(key crypto.Signer, message []byte) (Algorithms, []byte, error) {
	a, newHash, err := AlgorithmsOf(key.Public())
	if err != nil {
		return a, nil, err
	}
	h := newHash()
	h.Write(message)
	for i := range schemes {
		if s := &schemes[i]; s.signature.Equal(a.Signature.Algorithm) {
			value, err := s.sign(key, h.Sum(nil))
			return a, value, err
		}
	}
	return a, nil, &AlgorithmError{"signature algorithm", a.Signature.Algorithm}
}

// AlgorithmsOf tells what a key signs with.
func AlgorithmsOf(pub crypto.PublicKey) (a Algorithms, newHash func() hash.Hash, err error) {
	for i := range schemes {
		s := &schemes[i]
		if !s.fits(pub) {
			continue
		}
		a = Algorithms{Name: s.name, Signature: pkix.AlgorithmIdentifier{Algorithm: s.signature}, Digest: pkix.AlgorithmIdentifier{Algorithm: s.digest}}
		if s.null {
			a.Signature.Parameters = asn1.NullRawValue
		}
		newHash, _ = NewHash(s.digest)
		return a, newHash, nil
	}
	return a, nil, fmt.Errorf("there is no signature algorithm for a key of type %T", pub)
}

// CheckDigest checks what a crypto.Signer gave for a digest: h is the hash it was
// told, 0 for the national algorithms, which have one each.
func CheckDigest(pub crypto.PublicKey, h crypto.Hash, digest, value []byte) error {
	for i := range schemes {
		if s := &schemes[i]; s.hash == h && s.fits(pub) {
			return s.verify(pub, digest, value)
		}
	}
	return ErrSignature
}
