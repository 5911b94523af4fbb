// Package gost3410 makes and checks signatures of ГОСТ 34.310-2004 (256 bits)
// and ГОСТ 34.10-2015 (512 bits), the national signatures of Kazakhstan. The
// scheme is that of RFC 7091; the curves are CryptoPro-A of RFC 4357 and
// paramSetA of RFC 7836, section A.1.
//
// # Byte orders
//
// Everything is little-endian: the digest read as a number, the coordinates
// of a public key (X ‖ Y) and the halves of a signature (r ‖ s). Certificates,
// CMS and XML of the national authority carry this one form of a signature;
// it is the mirror image of the form in RFC 4491, section 2.2.2.
//
// # Secrets
//
// What touches a private key or a nonce runs the same instructions on the
// same addresses for every value: fixed-size limbs, masks instead of branches,
// tables read as a whole, additions without exceptions (package ec has the
// reasons one by one). The nonce is derived from the key, the digest and fresh
// randomness together, so neither a broken generator nor a repeated digest
// gives it away. A signature is verified before it is returned, so that a
// computing error cannot give the key away either.
//
// Measured in the manner of dudect (the timing test of package ec, run by hand;
// a shared virtual machine, AMD EPYC of the Zen 4 kind, Go 1.26; 200,000 samples
// for each pair of a fixed secret and secrets of chance): the worst |t| of all
// operations on secrets, on both curves and over eight croppings, is 2.3, where
// 4.5 would be a reason to look closer. Verification, which does depend on its
// input, shows 389 and more by the same measure.
//
// Wiping is a best effort: the runtime may have moved a stack, and HMAC keeps
// its state until it is collected.
//
// # Speed
//
// Verification handles public data only and takes whatever time it takes. A
// key that has verified a few signatures gets a table of its own (64 KiB at 256
// bits, 128 KiB at 512), which makes the following ones about four times as
// fast: a signer who comes again should keep its *PublicKey. The generators
// have tables of the same size, made at first use.
package gost3410

import "errors"

// The errors, one for each cause. None of them holds anything of a key.
var (
	// ErrLength: a key or a signature is not as long as the curve demands.
	ErrLength = errors.New("gost3410: wrong length")
	// ErrCoordinate: a coordinate of a public key is not below the modulus of
	// the field.
	ErrCoordinate = errors.New("gost3410: coordinate out of range")
	// ErrPoint: a public key is not a point of the curve.
	ErrPoint = errors.New("gost3410: point is not on the curve")
	// ErrPrivateKey: a private key is zero or not below the order of the curve.
	ErrPrivateKey = errors.New("gost3410: private key out of range")
	// ErrDestroyed: the private key was wiped.
	ErrDestroyed = errors.New("gost3410: private key was destroyed")
	// ErrDigest: a digest is not as long as the curve demands, or is said to be
	// of a hash that has a number in package crypto, which no ГОСТ hash has.
	ErrDigest = errors.New("gost3410: digest does not fit the curve")
	// ErrRange: r or s of a signature is zero or not below the order of the
	// curve (RFC 7091, section 6.2, step 1).
	ErrRange = errors.New("gost3410: signature out of range")
	// ErrSignature: a signature does not belong to the digest and the key.
	ErrSignature = errors.New("gost3410: signature does not hold")
	// ErrRandom: the source of randomness failed or gives no usable numbers.
	ErrRandom = errors.New("gost3410: no randomness")
	// ErrFault: a signature just made does not hold, and is withheld: the
	// machine has computed wrongly.
	ErrFault = errors.New("gost3410: signature failed its own verification")
)
