package pkcs12_test

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/internal/vectors"
	"github.com/kopir-kz/kopir/gateway/pki/pkcs12"
)

// The published test keystores of the national centre, with the algorithm of the
// key in each.
var national = map[string]string{
	"gost2004-org.p12":       "1.2.398.3.10.1.1.1.1",
	"gost512-infosystem.p12": "1.2.398.3.10.1.1.2.2",
	"rsa-org-auth.p12":       "1.2.840.113549.1.1.1",
}

const nationalPassword = "Qwerty12"

func nationalFile(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(vectors.Dir(t), "p12", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestNationalKeystores(t *testing.T) {
	t.Parallel()
	for name, algorithm := range national {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := nationalFile(t, name)
			s, err := pkcs12.Decode(file, []byte(nationalPassword), pkcs12.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if len(s.Keys) != 1 || len(s.Certificates) != 1 {
				t.Fatalf("%d keys, %d certificates", len(s.Keys), len(s.Certificates))
			}
			if s.MAC.Name != "HMAC-SHA-1" || len(s.Encryption) != 2 || s.Encryption[0].Name != "PKCS#12 3DES" || s.Encryption[1].Name != "PKCS#12 RC2-40" {
				t.Errorf("protected by %v, %v", s.MAC, s.Encryption)
			}
			key, cert := s.Keys[0], s.Certificates[0]
			var shape struct {
				Version   int
				Algorithm struct {
					Name       asn1.ObjectIdentifier
					Parameters asn1.RawValue
				}
				Key []byte
			}
			if rest, err := asn1.Unmarshal(key.PKCS8, &shape); err != nil || len(rest) > 0 || shape.Algorithm.Name.String() != algorithm || len(shape.Key) < 32 {
				t.Errorf("the key is %s, %v", shape.Algorithm.Name, err)
			}
			c, err := x509.ParseCertificate(cert.DER)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range []pkcs12.Attributes{key.Attributes, cert.Attributes} {
				if !bytes.Equal(a.LocalKeyID, c.SubjectKeyId) || a.FriendlyName != hex.EncodeToString(c.SubjectKeyId) {
					t.Errorf("named %q, %x", a.FriendlyName, a.LocalKeyID)
				}
			}
			if pub, ok := c.PublicKey.(*rsa.PublicKey); ok {
				k, err := x509.ParsePKCS8PrivateKey(key.PKCS8)
				if err != nil || !pub.Equal(k.(*rsa.PrivateKey).Public()) {
					t.Errorf("the key is not that of the certificate, %v", err)
				}
			}
		})
	}
}

// TestNationalLayout writes the national keystores again with their own salts:
// every byte comes out the same.
func TestNationalLayout(t *testing.T) {
	t.Parallel()
	for name := range national {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := nationalFile(t, name)
			s, err := pkcs12.Decode(file, []byte(nationalPassword), pkcs12.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			// pkcs-12PbeParams of 20 octets and two, twice; the salt of the MAC stands
			// in front of its iterations, which end the file.
			mark := []byte{0x30, 0x1a, 4, 20}
			_, first, _ := bytes.Cut(file, mark)
			_, second, ok := bytes.Cut(first, mark)
			if !ok {
				t.Fatal("there are no two encrypted parts")
			}
			salts := bytes.Join([][]byte{first[:20], second[:20], file[len(file)-24 : len(file)-4]}, nil)
			got, err := pkcs12.Encode(s.Keys[0].PKCS8, [][]byte{s.Certificates[0].DER}, []byte(nationalPassword), bytes.NewReader(salts))
			if err != nil || !bytes.Equal(got, file) {
				t.Errorf("written again it is another file, %v", err)
			}
		})
	}
}

func TestWrongPassword(t *testing.T) {
	t.Parallel()
	for name := range national {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := nationalFile(t, name)
			for _, wrong := range []string{"", "qwerty12", "Qwerty1", "Qwerty12 ", "Qwerty12\x00", "\xff"} {
				s, err := pkcs12.Decode(file, []byte(wrong), pkcs12.Limits{})
				var e *pkcs12.Error
				if s != nil || !errors.As(err, &e) || e.Reason != pkcs12.WrongPassword {
					t.Errorf("%q: %v", wrong, err)
				}
			}
		})
	}
}

// TestEveryByteCorrupted: whichever byte of a keystore is changed, it is refused
// for a reason, or what it holds is the same.
func TestEveryByteCorrupted(t *testing.T) {
	t.Parallel()
	ca := pkitest.NewAuthority(t, "Сынақ CA")
	key := pkitest.ECKey(t)
	ours, err := pkcs12.Encode(pkcs8(t, key), [][]byte{ca.Issue(t, "Сынақ", key.Public()).Raw}, []byte(nationalPassword), zeros{})
	if err != nil {
		t.Fatal(err)
	}
	t.Run("ours", func(t *testing.T) {
		t.Parallel()
		corrupt(t, ours)
	})
	for name := range national {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			corrupt(t, nationalFile(t, name))
		})
	}
}

func corrupt(t *testing.T, file []byte) {
	t.Helper()
	// No change of one byte may buy more work than this.
	limits := pkcs12.Limits{Iterations: 5000}
	open := func(b []byte) (*pkcs12.Keystore, error) { return pkcs12.Decode(b, []byte(nationalPassword), limits) }
	good, err := open(file)
	if err != nil {
		t.Fatal(err)
	}
	refused := map[pkcs12.Reason]int{}
	bad := bytes.Clone(file)
	for i := range file {
		flips := []byte{0x01, 0x20, 0x80, 0xff}
		if i > 40 && i < len(file)-120 { // what the MAC covers: one change of each byte is enough
			flips = flips[i%4 : i%4+1]
		}
		for _, flip := range flips {
			bad[i] = file[i] ^ flip
			s, err := open(bad)
			var e *pkcs12.Error
			switch {
			case errors.As(err, &e):
				refused[e.Reason]++
			case err != nil || !bytes.Equal(s.Keys[0].PKCS8, good.Keys[0].PKCS8) || !bytes.Equal(s.Certificates[0].DER, good.Certificates[0].DER):
				t.Errorf("byte %d changed by %#x: %v", i, flip, err)
			}
		}
		bad[i] = file[i]
	}
	for _, r := range []pkcs12.Reason{pkcs12.WrongPassword, pkcs12.Damaged, pkcs12.Unsupported, pkcs12.TooManyIterations} {
		if refused[r] == 0 {
			t.Errorf("no change led to %s: %v", r, refused)
		}
	}
}
