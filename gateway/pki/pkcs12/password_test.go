package pkcs12_test

import (
	"bytes"
	"crypto/cipher"
	"crypto/des"
	"crypto/hmac"
	"crypto/sha1"
	"testing"

	"github.com/kopir-kz/kopir/gateway/pki/pkcs12"
	"github.com/kopir-kz/kopir/gateway/pki/pkcs12/internal/kdf"
	"github.com/kopir-kz/kopir/gateway/pki/pkcs12/internal/rc2"
)

// A scheme is one of RFC 7292, appendix C.
type scheme struct {
	oid     string
	keySize int
	new     func(key []byte) (cipher.Block, error)
}

var schemes = map[string]scheme{
	"3DES": {pbe3DES, 24, des.NewTripleDESCipher},
	"3DES of two keys": {"1.2.840.113549.1.12.1.4", 16, func(key []byte) (cipher.Block, error) {
		return des.NewTripleDESCipher(append(bytes.Clone(key), key[:8]...))
	}},
	"RC2-128": {"1.2.840.113549.1.12.1.5", 16, func(key []byte) (cipher.Block, error) { return rc2.New(key, 128) }},
	"RC2-40":  {"1.2.840.113549.1.12.1.6", 5, func(key []byte) (cipher.Block, error) { return rc2.New(key, 40) }},
}

func TestSchemes(t *testing.T) {
	t.Parallel()
	for name, by := range schemes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, formed(t, kdf.BMPString([]byte(password)), by))
			if !bytes.Equal(s.Keys[0].PKCS8, aKey) {
				t.Errorf("the key is %x", []byte(s.Keys[0].PKCS8))
			}
			if len(s.Encryption) != 1 || s.Encryption[0] != (pkcs12.Scheme{Name: "PKCS#12 " + name, Iterations: 2}) || s.MAC != (pkcs12.Scheme{Name: "HMAC-SHA-1", Iterations: 2}) {
				t.Errorf("protected by %v, %v", s.Encryption, s.MAC)
			}
		})
	}
}

// TestEmptyPassword: to some makers no password is no octets, to others the two
// zero octets of an empty string; what the MAC is made with, the key is.
func TestEmptyPassword(t *testing.T) {
	t.Parallel()
	for name, form := range map[string][]byte{"no octets": nil, "an empty string": {0, 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := formed(t, form, schemes["3DES"])
			s, err := pkcs12.Decode(file, nil, pkcs12.Limits{})
			if err != nil || len(s.Keys) != 1 || !bytes.Equal(s.Keys[0].PKCS8, aKey) {
				t.Errorf("the key is another, %v", err)
			}
			expect(t, file, pkcs12.Limits{}, pkcs12.WrongPassword, "")
		})
	}
}

// TestKeyOfAnotherPassword: a maker may have closed the key with another password
// than the MAC. That is not called a wrong password, for it is the right one.
func TestKeyOfAnotherPassword(t *testing.T) {
	t.Parallel()
	_, text := encrypt(aKey)
	another := pbes2(stretch(2), aes256CBC, make([]byte, 16))
	expect(t, one(bag(shroudedBag, seq(another, octet(text)))), pkcs12.Limits{}, pkcs12.Damaged, "though the MAC holds")
}

// formed is a keystore with an HMAC over SHA-1, of a password in its form.
func formed(t *testing.T, form []byte, by scheme) []byte {
	t.Helper()
	const iterations, blockSize = 2, 8
	derive := func(id byte, size int) []byte { return kdf.PKCS12(sha1.New, id, form, salt, iterations, size) }
	block, err := by.new(derive(1, by.keySize))
	if err != nil {
		t.Fatal(err)
	}
	pad := blockSize - len(aKey)%blockSize
	text := append(bytes.Clone(aKey), bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, derive(2, blockSize)).CryptBlocks(text, text)
	algorithm := seq(oid(by.oid), seq(octet(salt), number(iterations)))
	content := seq(plainPart(seq(bag(shroudedBag, seq(algorithm, octet(text))))))
	mac := hmac.New(sha1.New, derive(3, sha1.Size))
	mac.Write(content)
	return store(content, seq(seq(seq(oid(sha1OID), tlv(5)), octet(mac.Sum(nil))), octet(salt), number(iterations)))
}
