package pkcs12_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/kopir-kz/kopir/gateway/pki/pkcs12"
)

// The kit writes keystores of any content, sound or not. It uses the standard
// library and nothing of the package under test.

// Identifiers, as the standards write them.
const (
	data          = "1.2.840.113549.1.7.1"
	encryptedData = "1.2.840.113549.1.7.6"
	keyBag        = "1.2.840.113549.1.12.10.1.1"
	shroudedBag   = "1.2.840.113549.1.12.10.1.2"
	certBag       = "1.2.840.113549.1.12.10.1.3"
	crlBag        = "1.2.840.113549.1.12.10.1.4"
	secretBag     = "1.2.840.113549.1.12.10.1.5"
	safeBag       = "1.2.840.113549.1.12.10.1.6"
	x509Cert      = "1.2.840.113549.1.9.22.1"
	sdsiCert      = "1.2.840.113549.1.9.22.2"
	friendlyName  = "1.2.840.113549.1.9.20"
	localKeyID    = "1.2.840.113549.1.9.21"
	pbkdf2OID     = "1.2.840.113549.1.5.12"
	pbes2OID      = "1.2.840.113549.1.5.13"
	pbmac1OID     = "1.2.840.113549.1.5.14"
	hmacSHA256    = "1.2.840.113549.2.9"
	aes256CBC     = "2.16.840.1.101.3.4.1.42"
	pbe3DES       = "1.2.840.113549.1.12.1.3"
	sha1OID       = "1.3.14.3.2.26"
	madeUp        = "1.2.398.99.1"
)

func tlv(tag byte, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	n := len(body)
	head := []byte{tag, byte(n)}
	switch {
	case n >= 0x10000:
		head = []byte{tag, 0x83, byte(n >> 16), byte(n >> 8), byte(n)}
	case n >= 0x80:
		head = []byte{tag, 0x82, byte(n >> 8), byte(n)} // one octet too long below 256, as BER may
	}
	return append(head, body...)
}

func seq(parts ...[]byte) []byte      { return tlv(0x30, parts...) }
func set(parts ...[]byte) []byte      { return tlv(0x31, parts...) }
func explicit(parts ...[]byte) []byte { return tlv(0xa0, parts...) }
func octet(b []byte) []byte           { return tlv(4, b) }

func oid(s string) []byte {
	var id asn1.ObjectIdentifier
	for arc := range strings.SplitSeq(s, ".") {
		n, _ := strconv.Atoi(arc)
		id = append(id, n)
	}
	return marshal(id)
}

func number(n any) []byte { return marshal(n) }

func marshal(v any) []byte {
	b, err := asn1.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

const password = "Құпия12"

// salt is the same everywhere: what the kit makes is no secret.
var salt = []byte("saltsalt")

// stretch names PBKDF2 over SHA-256.
func stretch(iterations any, keyLength ...[]byte) []byte {
	parts := append([][]byte{octet(salt), number(iterations)}, keyLength...)
	return seq(oid(pbkdf2OID), seq(append(parts, seq(oid(hmacSHA256), tlv(5)))...))
}

func derived(size int) []byte {
	key, err := pbkdf2.Key(sha256.New, password, salt, 1, size)
	if err != nil {
		panic(err)
	}
	return key
}

// sealed is a keystore of an AuthenticatedSafe, with a PBMAC1 of one iteration.
func sealed(content []byte) []byte {
	mac := hmac.New(sha256.New, derived(32))
	mac.Write(content)
	return store(content, seq(
		seq(seq(oid(pbmac1OID), seq(stretch(1, number(32)), seq(oid(hmacSHA256)))), octet(mac.Sum(nil))),
		octet([]byte("NOT USED"))))
}

// store is a keystore with any MacData.
func store(content, mac []byte) []byte {
	return seq(number(3), seq(oid(data), explicit(octet(content))), mac)
}

// plainPart is a ContentInfo in the clear.
func plainPart(contents []byte) []byte { return seq(oid(data), explicit(octet(contents))) }

// encrypt is PBES2 with AES-256; it gives the AlgorithmIdentifier and the text.
func encrypt(plain []byte) (algorithm, text []byte) {
	pad := aes.BlockSize - len(plain)%aes.BlockSize
	text = append(bytes.Clone(plain), bytes.Repeat([]byte{byte(pad)}, pad)...)
	block, err := aes.NewCipher(derived(32))
	if err != nil {
		panic(err)
	}
	iv := make([]byte, aes.BlockSize)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(text, text)
	return pbes2(stretch(1), aes256CBC, iv), text
}

func pbes2(kdf []byte, name string, iv []byte) []byte {
	return seq(oid(pbes2OID), seq(kdf, seq(oid(name), octet(iv))))
}

// encryptedPart is a ContentInfo of what an algorithm encrypted.
func encryptedPart(algorithm, text []byte) []byte {
	return seq(oid(encryptedData), explicit(seq(number(0), seq(oid(data), algorithm, tlv(0x80, text)))))
}

func bag(kind string, value []byte, attributes ...[]byte) []byte {
	return seq(oid(kind), explicit(value), set(attributes...))
}

// aKey has the outer shape of PKCS#8, aCertificate that of anything.
var (
	aKey         = seq(number(0), seq(oid(madeUp)), octet([]byte("a made-up private key")))
	aCertificate = seq(octet([]byte("a made-up certificate")))
)

func certificateBag(der []byte, attributes ...[]byte) []byte {
	return bag(certBag, seq(oid(x509Cert), explicit(octet(der))), attributes...)
}

// one is a keystore of one bag in the clear.
func one(b []byte) []byte { return sealed(seq(plainPart(seq(b)))) }

func named(kind string, values ...[]byte) []byte { return seq(oid(kind), set(values...)) }

func bmp(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.BigEndian.AppendUint16(b, u)
	}
	return tlv(30, b)
}

// expect opens a keystore, and holds the refusal to a reason and to words.
func expect(t *testing.T, in []byte, l pkcs12.Limits, want pkcs12.Reason, words string) {
	t.Helper()
	s, err := pkcs12.Decode(in, []byte(password), l)
	var e *pkcs12.Error
	if !errors.As(err, &e) || e.Reason != want || !strings.Contains(e.Error(), words) {
		t.Fatalf("want %s with %q, got %v", want, words, err)
	}
	if s != nil {
		t.Error("a keystore came with the refusal")
	}
}

// open opens a keystore that must open.
func open(t testing.TB, in []byte) *pkcs12.Keystore {
	t.Helper()
	s, err := pkcs12.Decode(in, []byte(password), pkcs12.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
