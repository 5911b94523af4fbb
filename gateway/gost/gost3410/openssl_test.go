package gost3410_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"encoding/asn1"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410"
)

// spki is a SubjectPublicKeyInfo as OpenSSL's engine has it (RFC 4491, section
// 2.3; RFC 9215): the Russian identifiers, the same bytes of the key.
type spki struct {
	Algorithm struct {
		Algorithm  asn1.ObjectIdentifier
		Parameters struct{ Curve, Digest asn1.ObjectIdentifier }
	}
	Key asn1.BitString
}

// TestOpenSSL exchanges signatures over digests with OpenSSL's GOST engine, which
// writes them as s and r, big-endian: ours, turned round byte by byte.
func TestOpenSSL(t *testing.T) {
	t.Parallel()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	run := func(t *testing.T, args ...string) ([]byte, error) {
		t.Helper()
		cmd := exec.Command(openssl, args...)
		var out bytes.Buffer
		cmd.Stdout = &out
		err := cmd.Run()
		return out.Bytes(), err
	}
	if _, err := run(t, "engine", "gost"); err != nil {
		t.Skip("OpenSSL's GOST engine is not installed")
	}
	for _, tt := range []struct {
		curve     *gost3410.Curve
		algorithm string
		oids      [3]asn1.ObjectIdentifier // key, curve, digest
	}{
		{gost3410.CryptoProA(), "gost2001", [3]asn1.ObjectIdentifier{{1, 2, 643, 2, 2, 19}, {1, 2, 643, 2, 2, 35, 1}, {1, 2, 643, 2, 2, 30, 1}}},
		{gost3410.TC26A512(), "gost2012_512", [3]asn1.ObjectIdentifier{{1, 2, 643, 7, 1, 1, 1, 2}, {1, 2, 643, 7, 1, 2, 1, 2, 1}, {1, 2, 643, 7, 1, 1, 2, 3}}},
	} {
		t.Run(tt.algorithm, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			file := func(name string, b []byte) string {
				t.Helper()
				path := filepath.Join(dir, name)
				if err := os.WriteFile(path, b, 0o600); err != nil {
					t.Fatal(err)
				}
				return path
			}
			digest := make([]byte, tt.curve.Size())
			for range 5 {
				_, _ = rand.Read(digest)
				key, err := gost3410.GenerateKey(tt.curve, nil)
				if err != nil {
					t.Fatal(err)
				}
				value, err := key.Sign(nil, digest, crypto.Hash(0))
				if err != nil {
					t.Fatal(err)
				}
				octets, err := asn1.Marshal(key.Public().(*gost3410.PublicKey).Bytes())
				if err != nil {
					t.Fatal(err)
				}
				var info spki
				info.Algorithm.Algorithm, info.Algorithm.Parameters.Curve, info.Algorithm.Parameters.Digest = tt.oids[0], tt.oids[1], tt.oids[2]
				info.Key = asn1.BitString{Bytes: octets, BitLength: 8 * len(octets)}
				der, err := asn1.Marshal(info)
				if err != nil {
					t.Fatal(err)
				}
				slices.Reverse(value)
				verify := func() error {
					_, err := run(t, "pkeyutl", "-engine", "gost", "-verify", "-pubin", "-keyform", "DER", "-inkey", file("public.der", der),
						"-in", file("digest", digest), "-sigfile", file("value", value))
					return err
				}
				if err := verify(); err != nil {
					t.Errorf("ours is refused: %v", err)
				}
				digest[3] ^= 4
				if err := verify(); err == nil {
					t.Error("ours over another digest is accepted")
				}
				theirs(t, tt.curve, tt.algorithm, digest, file, run)
			}
		})
	}
}

// theirs verifies what the engine signs with a key of its own.
func theirs(t *testing.T, c *gost3410.Curve, algorithm string, digest []byte, file func(string, []byte) string, run func(*testing.T, ...string) ([]byte, error)) {
	t.Helper()
	private, err := run(t, "genpkey", "-engine", "gost", "-algorithm", algorithm, "-pkeyopt", "paramset:A")
	if err != nil {
		t.Fatal(err)
	}
	keyFile := file("private.pem", private)
	der, err := run(t, "pkey", "-engine", "gost", "-in", keyFile, "-pubout", "-outform", "DER")
	if err != nil {
		t.Fatal(err)
	}
	var info struct {
		Algorithm asn1.RawValue
		Key       asn1.BitString
	}
	var octets []byte
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		t.Fatal(err)
	}
	if _, err := asn1.Unmarshal(info.Key.Bytes, &octets); err != nil {
		t.Fatal(err)
	}
	pub, err := gost3410.ParsePublicKey(c, octets)
	if err != nil {
		t.Fatal(err)
	}
	value, err := run(t, "pkeyutl", "-engine", "gost", "-sign", "-inkey", keyFile, "-in", file("digest", digest))
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(value)
	if err := pub.Verify(digest, value); err != nil {
		t.Errorf("theirs is refused: %v", err)
	}
	value[5] ^= 1
	if pub.Verify(digest, value) == nil {
		t.Error("theirs, changed, is accepted")
	}
}
