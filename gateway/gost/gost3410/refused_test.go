package gost3410_test

import (
	"crypto"
	"errors"
	"io"
	"math/big"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410"
)

func TestParsePublicKey(t *testing.T) {
	eachCurve(t, func(t *testing.T, c pair) {
		p, g := c.model.P, c.model.Generator()
		zero, one := new(big.Int), big.NewInt(1)
		ones := new(big.Int).Sub(new(big.Int).Lsh(one, uint(8*c.Size())), one)
		good := c.model.Bytes(g.X, g.Y)
		bigEndian := slices.Concat(reversed(good[:c.Size()]), reversed(good[c.Size():]))
		negative := c.model.Negate(g)
		for _, tt := range []struct {
			name string
			xy   []byte
			want error
		}{
			{"the generator", good, nil},
			{"its negative", c.model.Bytes(negative.X, negative.Y), nil},
			{"nothing", nil, gost3410.ErrLength},
			{"one byte short", good[1:], gost3410.ErrLength},
			{"one byte long", append(slices.Clone(good), 0), gost3410.ErrLength},
			{"one coordinate", good[:c.Size()], gost3410.ErrLength},
			{"with the mark of X9.62 in front", append([]byte{4}, good...), gost3410.ErrLength},
			{"(0, 0)", make([]byte, 2*c.Size()), gost3410.ErrPoint},
			{"another y", c.model.Bytes(g.X, new(big.Int).Add(g.Y, one)), gost3410.ErrPoint},
			{"another x", c.model.Bytes(new(big.Int).Add(g.X, big.NewInt(7)), g.Y), gost3410.ErrPoint},
			{"x and y swapped", c.model.Bytes(g.Y, g.X), gost3410.ErrPoint},
			{"big-endian", bigEndian, gost3410.ErrPoint},
			{"x is p", c.model.Bytes(p, g.Y), gost3410.ErrCoordinate},
			{"y is p", c.model.Bytes(g.X, p), gost3410.ErrCoordinate},
			{"x + p", c.model.Bytes(new(big.Int).Add(g.X, p), g.Y), gost3410.ErrCoordinate},
			{"x is p − 1", c.model.Bytes(new(big.Int).Sub(p, one), g.Y), gost3410.ErrPoint},
			{"all ones", c.model.Bytes(ones, ones), gost3410.ErrCoordinate},
			{"x is zero", c.model.Bytes(zero, g.Y), gost3410.ErrPoint},
		} {
			key, err := gost3410.ParsePublicKey(c.Curve, tt.xy)
			if !errors.Is(err, tt.want) || (key == nil) != (err != nil) {
				t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
			}
		}
	})
}

func reversed(b []byte) []byte {
	b = slices.Clone(b)
	slices.Reverse(b)
	return b
}

func TestParsePrivateKey(t *testing.T) {
	eachCurve(t, func(t *testing.T, c pair) {
		q, one := c.model.Q, big.NewInt(1)
		ones := new(big.Int).Sub(new(big.Int).Lsh(one, uint(8*c.Size())), one)
		last := new(big.Int).Sub(q, one)
		high := c.model.Bytes(last)
		for _, tt := range []struct {
			name    string
			little  []byte
			integer []byte // of the same number
			want    error
		}{
			{"one", c.model.Bytes(one), []byte{1}, nil},
			{"one, padded", c.model.Bytes(one), reversed(c.model.Bytes(one)), nil},
			{"the last", high, reversed(high), nil},
			{"the last, with a zero against the sign", high, append([]byte{0}, reversed(high)...), nil},
			{"zero", c.model.Bytes(new(big.Int)), []byte{0}, gost3410.ErrPrivateKey},
			{"the order", c.model.Bytes(q), q.Bytes(), gost3410.ErrPrivateKey},
			{"all ones", c.model.Bytes(ones), ones.Bytes(), gost3410.ErrPrivateKey},
			{"nothing", nil, nil, gost3410.ErrLength},
			{"long", append(slices.Clone(high), 0), append([]byte{0, 0}, reversed(high)...), gost3410.ErrLength},
			{"long and not zero", append(slices.Clone(high), 1), append([]byte{1}, reversed(high)...), gost3410.ErrLength},
		} {
			key, err := gost3410.ParsePrivateKey(c.Curve, tt.little)
			if !errors.Is(err, tt.want) || (key == nil) != (err != nil) {
				t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
			}
			same, err := gost3410.ParsePrivateKeyInteger(c.Curve, tt.integer)
			if !errors.Is(err, tt.want) || (same == nil) != (err != nil) {
				t.Errorf("%s, as an INTEGER: %v, want %v", tt.name, err, tt.want)
			}
			if key != nil && same != nil && !key.Equal(same) {
				t.Errorf("%s: the two forms are different keys", tt.name)
			}
		}
		if _, err := gost3410.ParsePrivateKey(c.Curve, high[1:]); !errors.Is(err, gost3410.ErrLength) {
			t.Errorf("one byte short: %v", err)
		}
	})
}

func TestVerifyRefuses(t *testing.T) {
	eachCurve(t, func(t *testing.T, c pair) {
		random := chance(4)
		size, q, zero, one := c.Size(), c.model.Q, new(big.Int), big.NewInt(1)
		digest := randomBytes(random, size)
		e, d, k := c.model.Number(digest), c.scalar(random), c.scalar(random)
		r, s := c.model.Sign(d, e, k)
		good := c.model.Bytes(r, s)
		other := public(c.privateKey(t, c.scalar(random)))
		key := public(c.privateKey(t, d))
		for _, tt := range []struct {
			name   string
			key    *gost3410.PublicKey
			digest []byte
			sig    []byte
			want   error
		}{
			{"the signature", key, digest, good, nil},
			{"another key", other, digest, good, gost3410.ErrSignature},
			{"another digest", key, randomBytes(random, size), good, gost3410.ErrSignature},
			{"the digest big-endian", key, reversed(digest), good, gost3410.ErrSignature},
			{"s and r", key, digest, c.model.Bytes(s, r), gost3410.ErrSignature},
			{"big-endian r and s", key, digest, slices.Concat(reversed(good[:size]), reversed(good[size:])), gost3410.ErrSignature},
			{"big-endian s and r", key, digest, reversed(good), gost3410.ErrSignature},
			{"−s", key, digest, c.model.Bytes(r, new(big.Int).Sub(q, s)), gost3410.ErrSignature},
			{"−r", key, digest, c.model.Bytes(new(big.Int).Sub(q, r), s), gost3410.ErrSignature},
			{"−r and −s", key, digest, c.model.Bytes(new(big.Int).Sub(q, r), new(big.Int).Sub(q, s)), gost3410.ErrSignature},
			{"r is zero", key, digest, c.model.Bytes(zero, s), gost3410.ErrRange},
			{"s is zero", key, digest, c.model.Bytes(r, zero), gost3410.ErrRange},
			{"both are zero", key, digest, c.model.Bytes(zero, zero), gost3410.ErrRange},
			{"r is the order", key, digest, c.model.Bytes(q, s), gost3410.ErrRange},
			{"s is the order", key, digest, c.model.Bytes(r, q), gost3410.ErrRange},
			{"the order and one", key, digest, c.model.Bytes(one, new(big.Int).Add(q, one)), gost3410.ErrRange},
			{"no signature", key, digest, nil, gost3410.ErrLength},
			{"half a signature", key, digest, good[:size], gost3410.ErrLength},
			{"a byte short", key, digest, good[1:], gost3410.ErrLength},
			{"a byte long", key, digest, append(slices.Clone(good), 0), gost3410.ErrLength},
			{"no digest", key, nil, good, gost3410.ErrDigest},
			{"a short digest", key, digest[1:], good, gost3410.ErrDigest},
			{"a long digest", key, append(slices.Clone(digest), 0), good, gost3410.ErrDigest},
		} {
			if err := tt.key.Verify(tt.digest, tt.sig); !errors.Is(err, tt.want) {
				t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
			}
		}
	})
}

// TestSecondSpelling: r + q and s + q where they fit name the same numbers, but
// are another signature.
func TestSecondSpelling(t *testing.T) {
	eachCurve(t, func(t *testing.T, c pair) {
		digest := randomBytes(chance(5), c.Size())
		e, q, g := c.model.Number(digest), c.model.Q, c.model.Generator()
		r, s := g.X, big.NewInt(5) // small, so that there is room
		key := c.publicKey(t, c.keyFor(e, r, s, g))
		if err := key.Verify(digest, c.model.Bytes(r, s)); err != nil {
			t.Fatal(err)
		}
		if err := key.Verify(digest, c.model.Bytes(new(big.Int).Add(r, q), s)); !errors.Is(err, gost3410.ErrRange) {
			t.Errorf("r + q: %v", err)
		}
		if err := key.Verify(digest, c.model.Bytes(r, new(big.Int).Add(s, q))); !errors.Is(err, gost3410.ErrRange) {
			t.Errorf("s + q: %v", err)
		}
	})
}

// TestInfinity: a signature whose sum is infinity has no x coordinate, so none
// that r could be.
func TestInfinity(t *testing.T) {
	eachCurve(t, func(t *testing.T, c pair) {
		digest := randomBytes(chance(6), c.Size())
		d := c.scalar(chance(7))
		key := public(c.privateKey(t, d))
		r := c.scalar(chance(8))
		s := new(big.Int).Mul(r, d) // z₁ + z₂·d = (s − r·d)/e = 0
		for range 10 {              // without and with a table
			if err := key.Verify(digest, c.model.Bytes(r, s.Mod(s, c.model.Q))); !errors.Is(err, gost3410.ErrSignature) {
				t.Errorf("%v", err)
			}
		}
	})
}

// TestFlippedBits: no bit of a signature or a digest can be changed.
func TestFlippedBits(t *testing.T) {
	eachCurve(t, func(t *testing.T, c pair) {
		random := chance(9)
		key := c.privateKey(t, c.scalar(random))
		digest := randomBytes(random, c.Size())
		sig, err := key.Sign(random, digest, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range [][]byte{sig, digest} {
			for i := range 8 * len(b) {
				b[i/8] ^= 1 << (i % 8)
				err := public(key).Verify(digest, sig)
				if !errors.Is(err, gost3410.ErrSignature) && !errors.Is(err, gost3410.ErrRange) {
					t.Errorf("bit %d: %v", i, err)
				}
				b[i/8] ^= 1 << (i % 8)
			}
		}
		if err := public(key).Verify(digest, sig); err != nil {
			t.Error(err)
		}
	})
}

func TestSignRefuses(t *testing.T) {
	eachCurve(t, func(t *testing.T, c pair) {
		key := c.privateKey(t, big.NewInt(2))
		digest := make([]byte, c.Size())
		for _, tt := range []struct {
			name   string
			random io.Reader
			digest []byte
			opts   crypto.SignerOpts
			want   error
		}{
			{"no options", nil, digest, nil, nil},
			{"no hash", nil, digest, crypto.Hash(0), nil},
			{"a foreign hash", nil, digest, crypto.SHA256, gost3410.ErrDigest},
			{"no digest", nil, nil, nil, gost3410.ErrDigest},
			{"a short digest", nil, digest[1:], nil, gost3410.ErrDigest},
			{"a long digest", nil, append(slices.Clone(digest), 0), nil, gost3410.ErrDigest},
			{"no randomness", iotest.ErrReader(io.ErrClosedPipe), digest, nil, gost3410.ErrRandom},
			{"the error of the source", iotest.ErrReader(io.ErrClosedPipe), digest, nil, io.ErrClosedPipe},
			{"too little randomness", io.LimitReader(chance(1), 31), digest, nil, gost3410.ErrRandom},
			{"just enough, by bytes", iotest.OneByteReader(io.LimitReader(chance(1), 32)), digest, nil, nil},
		} {
			sig, err := key.Sign(tt.random, tt.digest, tt.opts)
			if !errors.Is(err, tt.want) || (sig == nil) != (err != nil) {
				t.Errorf("%s: %x, %v, want %v", tt.name, sig, err, tt.want)
			}
		}
	})
}
