package pki_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410"
	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/internal/vectors"
	"github.com/kopir-kz/kopir/gateway/pki"
)

// vector is an entry of expected.json.
type vector struct {
	File, SHA256, Kind string
	Expect             struct {
		Signature bool
		Issuer    string
	}
}

func loadOne(t *testing.T, path string) *x509.Certificate {
	t.Helper()
	c, err := pki.LoadCertificates(path)
	if err != nil || len(c) != 1 {
		t.Fatalf("%s: %d certificates, %v", path, len(c), err)
	}
	return c[0]
}

// certificateVectors are the certificates of the vectors, by their file.
func certificateVectors(t *testing.T) (map[string]*x509.Certificate, []vector) {
	t.Helper()
	dir := vectors.Dir(t)
	b, err := os.ReadFile(filepath.Join(dir, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all, kept []vector
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	found := map[string]*x509.Certificate{}
	for _, v := range all {
		if v.Kind != "ca-certificate" && v.Kind != "ee-certificate" {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, v.File))
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != v.SHA256 {
			t.Fatalf("%s is not the file that was meant", v.File)
		}
		kept, found[v.File] = append(kept, v), loadOne(t, filepath.Join(dir, v.File))
	}
	if len(kept) < 11 {
		t.Fatalf("only %d certificates", len(kept))
	}
	return found, kept
}

// TestCertificateVectors: the certificates of the national centre are signed by
// the issuer that is named, and by none of the others.
func TestCertificateVectors(t *testing.T) {
	t.Parallel()
	found, all := certificateVectors(t)
	for _, v := range all {
		c := found[v.File]
		err := pki.CheckIssued(c, found[v.Expect.Issuer])
		if (err == nil) != v.Expect.Signature {
			t.Errorf("%s: %v", v.File, err)
		}
		for name, other := range found {
			if name == v.Expect.Issuer {
				continue
			}
			var unfit *pki.AlgorithmError
			if err := pki.CheckIssued(c, other); !errors.Is(err, pki.ErrSignature) && !errors.As(err, &unfit) {
				t.Errorf("%s as issued by %s: %v", v.File, name, err)
			}
		}
		spki, err := pki.MarshalPublicKey(c.PublicKey)
		if err != nil || !bytes.Equal(spki, c.RawSubjectPublicKeyInfo) {
			t.Errorf("%s: the key is not written as it was read: %v", v.File, err)
		}
	}
}

// TestNationalChain: a system of the test centre is trusted by its chain, at a
// time when it was valid.
func TestNationalChain(t *testing.T) {
	t.Parallel()
	found, _ := certificateVectors(t)
	system := found["certs/test-infosystem-gost512.pem"]
	store := pki.NewStore(pki.Options{
		Roots:         certs(found["ca/test-root-gost512-2022.pem"], found["ca/test-root-gost-2018.pem"]),
		Intermediates: certs(found["ca/test-nca-gost512-2022.pem"], found["ca/test-nca-gost-2019.pem"]),
		Known:         certs(system),
	})
	at := system.NotBefore.Add(time.Hour)
	for _, h := range []pki.Hint{carried(system), named(system)} {
		c := expect(t, store, h, at, "")
		if c == nil || len(c.Chain) != 3 || !pki.HasRole(c.Certificate, pki.RoleInformationSystem) {
			t.Errorf("the chain is %+v", c)
		}
	}
	expect(t, store, carried(system), at.AddDate(5, 0, 0), pki.ReasonExpired)
	head := found["certs/test-ceo-gost2004.pem"]
	if c := expect(t, store, carried(head), head.NotBefore.Add(time.Hour), ""); c == nil || !pki.HasRole(c.Certificate, pki.RoleHead) {
		t.Error("the head of an organisation is not one")
	}
}

// TestSchemes: what a key signs, it alone confirms, under its own algorithm and
// digest alone.
func TestSchemes(t *testing.T) {
	t.Parallel()
	message, keys := []byte("хабарлама"), pkitest.Keys(t)
	for name, key := range keys {
		a, value, err := pki.SignMessage(key, message)
		if err != nil {
			t.Fatal(err)
		}
		newHash, ok := pki.NewHash(a.Digest.Algorithm)
		if !ok {
			t.Fatalf("%s: no hash function for %s", name, a.Digest.Algorithm)
		}
		h := newHash()
		h.Write(message)
		digest := h.Sum(nil)
		pub := key.Public()
		if err := pki.CheckSignature(pub, a.Signature.Algorithm, message, value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := pki.CheckDigestSignature(pub, a.Signature.Algorithm, a.Digest.Algorithm, digest, value); err != nil {
			t.Errorf("%s over the digest: %v", name, err)
		}
		if err := pki.CheckSignature(pub, a.Signature.Algorithm, []byte("хабарламА"), value); !errors.Is(err, pki.ErrSignature) {
			t.Errorf("%s, another message: %v", name, err)
		}
		value[len(value)/2] ^= 1
		if err := pki.CheckSignature(pub, a.Signature.Algorithm, message, value); !errors.Is(err, pki.ErrSignature) {
			t.Errorf("%s, another value: %v", name, err)
		}
		if err := pki.CheckSignature(pub, a.Signature.Algorithm, message, value[1:]); !errors.Is(err, pki.ErrSignature) {
			t.Errorf("%s, a value cut off: %v", name, err)
		}
		for other := range keys {
			var e *pki.AlgorithmError
			if other != name && !errors.As(pki.CheckSignature(keys[other].Public(), a.Signature.Algorithm, message, value), &e) {
				t.Errorf("%s is accepted for a key of %s", name, other)
			}
		}
	}
}

// TestDigestSignature: CMS names the signature by the key's identifier, and the
// digest beside it must be the algorithm's own.
func TestDigestSignature(t *testing.T) {
	t.Parallel()
	key := pkitest.GOSTKey(t, gost3410.CryptoProA())
	a, value, err := pki.SignMessage(key, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	newHash, _ := pki.NewHash(a.Digest.Algorithm)
	h := newHash()
	h.Write([]byte("x"))
	byKey := asn1.ObjectIdentifier{1, 2, 398, 3, 10, 1, 1, 1, 1}
	if err := pki.CheckDigestSignature(key.Public(), byKey, a.Digest.Algorithm, h.Sum(nil), value); err != nil {
		t.Error(err)
	}
	var e *pki.AlgorithmError
	streebog256 := asn1.ObjectIdentifier{1, 2, 398, 3, 10, 1, 3, 2}
	if err := pki.CheckDigestSignature(key.Public(), byKey, streebog256, h.Sum(nil), value); !errors.As(err, &e) {
		t.Errorf("over a digest of another algorithm: %v", err)
	}
}

func TestNewHash(t *testing.T) {
	t.Parallel()
	for arcs, want := range map[string]string{ // digests of nothing, RFC 5831 and RFC 6986
		"1.2.398.3.10.1.3.1":     "ce85b99cc46752fffee35cab9a7b0278abb4c2d2055cff685af4912c49490f8d",
		"1.2.398.3.10.1.3.2":     "3f539a213e97c802cc229d474c6aa32a825a360b2a933a949fd925208d9ce1bb",
		"1.2.398.3.10.1.3.3":     "8e945da209aa869f0455928529bcae4679e9873ab707b55315f56ceb98bef0a7362f715528356ee83cda5f2aac4c6ad2ba3a715c1bcd81cb8e9f90bf4c1c1a8a",
		"2.16.840.1.101.3.4.2.1": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	} {
		id, err := x509.ParseOID(arcs)
		if err != nil {
			t.Fatal(err)
		}
		var plain asn1.ObjectIdentifier
		der, _ := id.MarshalBinary()
		if _, err := asn1.Unmarshal(tlv(6, der), &plain); err != nil {
			t.Fatal(err)
		}
		newHash, ok := pki.NewHash(plain)
		if !ok || hex.EncodeToString(newHash().Sum(nil)) != want {
			t.Errorf("%s: %v, %x", arcs, ok, newHash().Sum(nil))
		}
	}
	for _, id := range []asn1.ObjectIdentifier{{1, 2, 840, 113549, 2, 5}, {1, 2, 398, 3, 10, 1, 3, 1, 1, 0}, nil} { // MD5, a parameter, nothing
		if _, ok := pki.NewHash(id); ok {
			t.Errorf("%s has a hash function", id)
		}
	}
}
