package gost3410_test

import (
	"testing"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410"
)

// BenchmarkSign includes the verification of the signature made.
func BenchmarkSign(b *testing.B) {
	for _, c := range []*gost3410.Curve{gost3410.CryptoProA(), gost3410.TC26A512()} {
		b.Run(c.Name(), func(b *testing.B) {
			key, digest, _ := signed(b, c)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := key.Sign(nil, digest, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkVerify is of a signer met for the first time, the parsing of its key
// included, and of one who comes again.
func BenchmarkVerify(b *testing.B) {
	for _, c := range []*gost3410.Curve{gost3410.CryptoProA(), gost3410.TC26A512()} {
		key, digest, sig := signed(b, c)
		known := public(key)
		verify := func(b *testing.B, key *gost3410.PublicKey) {
			if err := key.Verify(digest, sig); err != nil {
				b.Fatal(err)
			}
		}
		b.Run(c.Name()+"/first", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				key, err := gost3410.ParsePublicKey(c, known.Bytes())
				if err != nil {
					b.Fatal(err)
				}
				verify(b, key)
			}
		})
		b.Run(c.Name()+"/again", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				verify(b, known)
			}
		})
	}
}

// BenchmarkParsePrivateKey includes the multiplication that gives the public key.
func BenchmarkParsePrivateKey(b *testing.B) {
	for _, c := range []*gost3410.Curve{gost3410.CryptoProA(), gost3410.TC26A512()} {
		b.Run(c.Name(), func(b *testing.B) {
			key, _, _ := signed(b, c)
			d, err := key.Bytes()
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := gost3410.ParsePrivateKey(c, d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// signed is a key with its table made, a digest and its signature.
func signed(b *testing.B, c *gost3410.Curve) (key *gost3410.PrivateKey, digest, sig []byte) {
	b.Helper()
	key, err := gost3410.GenerateKey(c, nil)
	if err != nil {
		b.Fatal(err)
	}
	digest = randomBytes(chance(13), c.Size())
	for range 10 {
		if sig, err = key.Sign(nil, digest, nil); err != nil {
			b.Fatal(err)
		}
	}
	return key, digest, sig
}
