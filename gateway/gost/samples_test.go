//go:build linux

package gost_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"hash"
	"os"
	"path/filepath"
	"testing"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410"
	"github.com/kopir-kz/kopir/gateway/gost/gost34311"
	"github.com/kopir-kz/kopir/gateway/gost/internal/hashtest"
	"github.com/kopir-kz/kopir/gateway/gost/streebog"
)

// messageBytes is the length of what is hashed.
const messageBytes = 64 << 10

// samples are keys, digests, signatures and a message, which all contenders work
// on.
type samples struct {
	dir   string                               // of their files, which peers.c tells
	ours  map[string]func() ([]byte, error)    // what each operation is to us; the result is a signature, a digest, or nothing
	check map[string]func(result []byte) error // what another's result must be, for operations that have one
}

func newSamples(t testing.TB) *samples {
	t.Helper()
	s := &samples{t.TempDir(), map[string]func() ([]byte, error){}, map[string]func([]byte) error{}}
	s.national(t, "256", gost3410.CryptoProA(), algorithm(asn1.ObjectIdentifier{1, 2, 643, 2, 2, 19},
		asn1.ObjectIdentifier{1, 2, 643, 2, 2, 35, 1}, asn1.ObjectIdentifier{1, 2, 643, 2, 2, 30, 1}))
	s.national(t, "512", gost3410.TC26A512(), algorithm(asn1.ObjectIdentifier{1, 2, 643, 7, 1, 1, 1, 2},
		asn1.ObjectIdentifier{1, 2, 643, 7, 1, 2, 1, 2, 1}, asn1.ObjectIdentifier{1, 2, 643, 7, 1, 1, 2, 3}))
	s.rsa(t)
	message := hashtest.Bytes(messageBytes)
	s.write(t, "message", message)
	for name, h := range map[string]hash.Hash{"34.311-95": gost34311.New(), "streebog-512": streebog.New512()} {
		digest := hashtest.Of(h, message)
		s.ours[name] = func() ([]byte, error) { return hashtest.Of(h, message), nil }
		s.check[name] = func(theirs []byte) error {
			if !bytes.Equal(theirs, digest) {
				return errors.New("another digest than ours")
			}
			return nil
		}
	}
	return s
}

// identifier is an AlgorithmIdentifier with the Russian object identifiers of a
// key, its curve and its hash (RFC 4491, section 2.3; RFC 9215): the engine knows
// no others, Bouncy Castle reads the same files and does not look at them.
type identifier struct {
	Algorithm  asn1.ObjectIdentifier
	Parameters struct{ Curve, Digest asn1.ObjectIdentifier }
}

func algorithm(key, curve, digest asn1.ObjectIdentifier) (a identifier) {
	a.Algorithm, a.Parameters.Curve, a.Parameters.Digest = key, curve, digest
	return a
}

// national adds a key of a national curve.
func (s *samples) national(t testing.TB, name string, c *gost3410.Curve, a identifier) {
	t.Helper()
	private, err := gost3410.GenerateKey(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := private.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	public, digest := private.Public().(*gost3410.PublicKey), hashtest.Bytes(c.Size())
	signature, err := private.Sign(nil, digest, nil)
	if err != nil {
		t.Fatal(err)
	}
	xy := public.Bytes()
	s.ours["sign-"+name] = func() ([]byte, error) { return private.Sign(nil, digest, nil) }
	s.ours["verify-"+name] = func() ([]byte, error) { return nil, public.Verify(digest, signature) }
	s.ours["verify-"+name+"-first"] = func() ([]byte, error) {
		public, err := gost3410.ParsePublicKey(c, xy)
		if err != nil {
			return nil, err
		}
		return nil, public.Verify(digest, signature)
	}
	s.check["sign-"+name] = func(theirs []byte) error { return public.Verify(digest, theirs) }
	octets := der(t, xy)
	s.write(t, name+".private", der(t, struct {
		Version   int
		Algorithm identifier
		Key       []byte
	}{0, a, der(t, d)}))
	s.write(t, name+".public", der(t, struct {
		Algorithm identifier
		Key       asn1.BitString
	}{a, asn1.BitString{Bytes: octets, BitLength: 8 * len(octets)}}))
	s.write(t, name+".digest", digest)
	s.write(t, name+".signature", signature)
}

// rsa adds a key of 2048 bits and ours, crypto/rsa.
func (s *samples) rsa(t testing.TB) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	text := hashtest.Bytes(sha256.Size)
	digest := sha256.Sum256(text)
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	verify := func(signature []byte) error {
		return rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature)
	}
	s.ours["rsa-sign"] = func() ([]byte, error) { return rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:]) }
	s.ours["rsa-verify"] = func() ([]byte, error) { return nil, verify(signature) }
	s.check["rsa-sign"] = verify
	for end, b := range map[string][]byte{"private": private, "public": public, "text": text, "digest": digest[:], "signature": signature} {
		s.write(t, "rsa."+end, b)
	}
}

func (s *samples) write(t testing.TB, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func der(t testing.TB, v any) []byte {
	t.Helper()
	b, err := asn1.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
