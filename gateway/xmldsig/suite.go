package xmldsig

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"
	"math/big"
	"slices"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410"
	"github.com/kopir-kz/kopir/gateway/gost/gost34311"
	"github.com/kopir-kz/kopir/gateway/gost/streebog"
)

// Suite is one row of the table of algorithms: a signature algorithm with the
// digest that goes with it. A further family of algorithms is a further row;
// nothing else in this package knows one from the other.
type Suite struct {
	Name         string // for people and logs, e.g. "RSA-SHA256"
	SignatureURI string // SignatureMethod Algorithm
	DigestURI    string // DigestMethod Algorithm
	NewHash      func() hash.Hash

	// Fits tells whether the suite can be used with a public key.
	Fits func(pub crypto.PublicKey) bool
	// Verify checks the value in the form it has in ds:SignatureValue over
	// the digest of the canonical SignedInfo.
	Verify func(pub crypto.PublicKey, digest, value []byte) error
	// Sign makes that value.
	Sign func(key crypto.Signer, digest []byte) ([]byte, error)
}

// RSASHA256 is RSASSA-PKCS1-v1_5 with SHA-256 (RFC 6931, section 2.3.2).
func RSASHA256() *Suite {
	return rsaSuite("RSA-SHA256", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
		"http://www.w3.org/2001/04/xmlenc#sha256", crypto.SHA256, sha256.New)
}

// RSASHA512 is RSASSA-PKCS1-v1_5 with SHA-512 (RFC 6931, section 2.3.4).
func RSASHA512() *Suite {
	return rsaSuite("RSA-SHA512", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
		"http://www.w3.org/2001/04/xmlenc#sha512", crypto.SHA512, sha512.New)
}

// ECDSASHA256 is ECDSA with SHA-256 (RFC 6931, section 2.3.6); the value is
// r and s side by side, each as long as the curve's order.
func ECDSASHA256() *Suite {
	return &Suite{
		Name:         "ECDSA-SHA256",
		SignatureURI: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
		DigestURI:    "http://www.w3.org/2001/04/xmlenc#sha256",
		NewHash:      sha256.New,
		Fits:         func(pub crypto.PublicKey) bool { _, ok := pub.(*ecdsa.PublicKey); return ok },
		Verify:       verifyECDSA,
		Sign:         signECDSA,
	}
}

// GOST2004 is ГОСТ 34.310-2004 with ГОСТ 34.311-95, by the identifiers of the
// national centre's Java library; the value is r and s side by side, each of 32
// bytes and little-endian.
func GOST2004() *Suite {
	return gostSuite("ГОСТ 34.310-2004", "http://www.w3.org/2001/04/xmldsig-more#gost34310-gost34311",
		"http://www.w3.org/2001/04/xmldsig-more#gost34311", gost3410.CryptoProA(), gost34311.New)
}

// GOST2015 is ГОСТ 34.10-2015 with ГОСТ 34.11-2015 (Streebog), both of 512 bits;
// the value is r and s side by side, each of 64 bytes and little-endian.
func GOST2015() *Suite {
	const family = "urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:"
	return gostSuite("ГОСТ 34.10-2015/512", family+"gostr34102015-gostr34112015-512",
		family+"gostr34112015-512", gost3410.TC26A512(), streebog.New512)
}

// Suites lists what is accepted and used where a policy does not say
// otherwise. SHA-1, MD5, HMAC, RSA-PSS with parameters in the message and
// "none" are absent, so they are refused by name.
func Suites() []*Suite { return slices.Clone(suites) }

//nolint:gochecknoglobals // a constant table
var suites = []*Suite{RSASHA256(), RSASHA512(), ECDSASHA256(), GOST2015(), GOST2004()}

func rsaSuite(name, sig, digest string, h crypto.Hash, newHash func() hash.Hash) *Suite {
	return &Suite{
		Name: name, SignatureURI: sig, DigestURI: digest, NewHash: newHash,
		Fits: func(pub crypto.PublicKey) bool { _, ok := pub.(*rsa.PublicKey); return ok },
		Verify: func(pub crypto.PublicKey, d, value []byte) error {
			return rsa.VerifyPKCS1v15(pub.(*rsa.PublicKey), h, d, value)
		},
		Sign: func(key crypto.Signer, d []byte) ([]byte, error) { return key.Sign(rand.Reader, d, h) },
	}
}

// gostSuite fits keys on one curve only: the two national algorithms differ in
// nothing else that a key shows.
func gostSuite(name, sig, digest string, curve *gost3410.Curve, newHash func() hash.Hash) *Suite {
	return &Suite{
		Name: name, SignatureURI: sig, DigestURI: digest, NewHash: newHash,
		Fits: func(pub crypto.PublicKey) bool {
			k, ok := pub.(*gost3410.PublicKey)
			return ok && k.Curve() == curve
		},
		Verify: func(pub crypto.PublicKey, d, value []byte) error { return pub.(*gost3410.PublicKey).Verify(d, value) },
		Sign:   func(key crypto.Signer, d []byte) ([]byte, error) { return key.Sign(rand.Reader, d, crypto.Hash(0)) },
	}
}

var errECDSA = errors.New("the value is not r and s of the curve's length")

func verifyECDSA(pub crypto.PublicKey, digest, value []byte) error {
	key := pub.(*ecdsa.PublicKey)
	size := (key.Curve.Params().N.BitLen() + 7) / 8
	// An ASN.1 value, or r and s padded, would be a second spelling of the
	// same signature (RFC 4050 against RFC 6931): only one is accepted.
	if len(value) != 2*size {
		return errECDSA
	}
	r, s := new(big.Int).SetBytes(value[:size]), new(big.Int).SetBytes(value[size:])
	if !ecdsa.Verify(key, digest, r, s) {
		return errors.New("the value does not fit the key and the digest")
	}
	return nil
}

func signECDSA(key crypto.Signer, digest []byte) ([]byte, error) {
	der, err := key.Sign(rand.Reader, digest, crypto.SHA256)
	if err != nil {
		return nil, err
	}
	var v struct{ R, S *big.Int }
	if rest, err := asn1.Unmarshal(der, &v); err != nil || len(rest) > 0 {
		return nil, errECDSA
	}
	size := (key.Public().(*ecdsa.PublicKey).Curve.Params().N.BitLen() + 7) / 8
	out := make([]byte, 2*size)
	v.R.FillBytes(out[:size])
	v.S.FillBytes(out[size:])
	return out, nil
}

// Signer signs a canonical SignedInfo. It may be a key in memory, a remote
// signer or a hardware module; the key never shows.
type Signer interface {
	// Suite is the algorithm of the key: it decides the message, never the
	// other way round.
	Suite() *Suite
	// Certificate is the signer's certificate, DER.
	Certificate() []byte
	// Sign returns the value of ds:SignatureValue over the canonical
	// SignedInfo. An error means that nothing was signed.
	Sign(ctx context.Context, signedInfo []byte) ([]byte, error)
}

type keySigner struct {
	key   crypto.Signer
	cert  []byte
	suite *Suite
}

// NewSigner makes a Signer of a key in memory; the suite is the first of
// Suites that fits the key.
func NewSigner(key crypto.Signer, certificate []byte) (Signer, error) {
	for _, s := range suites {
		if s.Fits(key.Public()) {
			return &keySigner{key, certificate, s}, nil
		}
	}
	return nil, fmt.Errorf("there is no suite for a key of type %T", key.Public())
}

func (s *keySigner) Suite() *Suite       { return s.suite }
func (s *keySigner) Certificate() []byte { return s.cert }

func (s *keySigner) Sign(ctx context.Context, signedInfo []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	h := s.suite.NewHash()
	h.Write(signedInfo)
	return s.suite.Sign(s.key, h.Sum(nil))
}
