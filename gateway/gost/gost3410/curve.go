package gost3410

import "github.com/kopir-kz/kopir/gateway/gost/gost3410/internal/ec"

// Curve is one of the curves that this package knows. Two curves are the same
// if the pointers are.
type Curve struct {
	name       string
	size       int
	arithmetic ec.Curve
}

// Name is the name of the parameter set in its standard.
func (c *Curve) Name() string { return c.name }

// Size is the length of a coordinate, a private key, a digest and each half of
// a signature, in bytes: 32 or 64.
func (c *Curve) Size() int { return c.size }

// CryptoProA is the curve of ГОСТ 34.310-2004 in national certificates:
// id-GostR3410-2001-CryptoPro-A-ParamSet (RFC 4357, section 11.4), 256 bits.
func CryptoProA() *Curve { return cryptoProA }

// TC26A512 is the curve of ГОСТ 34.10-2015 in national certificates:
// id-tc26-gost-3410-12-512-paramSetA (RFC 7836, section A.1), 512 bits.
func TC26A512() *Curve { return tc26A512 }

//nolint:gochecknoglobals // a constant
var cryptoProA = &Curve{name: "id-GostR3410-2001-CryptoPro-A-ParamSet", size: 32, arithmetic: ec.Curve256{}}

//nolint:gochecknoglobals // a constant
var tc26A512 = &Curve{name: "id-tc26-gost-3410-12-512-paramSetA", size: 64, arithmetic: ec.Curve512{}}

// checkDigest refuses a digest that is not as long as the curve demands.
func (c *Curve) checkDigest(digest []byte) error {
	if len(digest) != c.size {
		return lengthError(ErrDigest, len(digest), c.size)
	}
	return nil
}
