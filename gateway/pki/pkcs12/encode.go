package pkcs12

import (
	"bytes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the layout of the national centre
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/kopir-kz/kopir/gateway/pki/pkcs12/internal/kdf"
)

// The parameters of the national centre.
const (
	encodeIterations = 1024
	encodeSalt       = 20 // bytes
)

// Encode writes a keystore in the layout of the national centre: one key under
// 3DES, then the certificates under RC2 of 40 bits, the first of them that of the
// key, in BER of indefinite lengths, with an HMAC over SHA-1. It is for the mock
// world and for tests: by today's measure such encryption is weak, and that of the
// certificates is none. The key is PKCS#8 in DER; the error is that of the random
// source, or that the first certificate is none.
func Encode(keyPKCS8 []byte, certs [][]byte, password []byte, rand io.Reader) ([]byte, error) {
	id, err := keyID(certs)
	if err != nil {
		return nil, err
	}
	w := writer{password: kdf.BMPString(password), rand: rand}
	defer clear(w.password)
	names := attributesOf(id, hex.EncodeToString(id))
	scheme, text := w.encrypt(pbe3DES, keyPKCS8)
	keyBag := bagOf(oidShroudedKeyBag, tlv(tagSequence, scheme, tlv(tagOctets, text)), names)
	var certBags [][]byte
	for i, c := range certs {
		if i > 0 {
			names = nil
		}
		value := tlv(tagSequence, der(oidX509), tlv(tagExplicit, tlv(tagOctets, c)))
		certBags = append(certBags, bagOf(oidCertBag, value, names))
	}
	scheme, text = w.encrypt(pbeRC2, tlv(tagSequence, certBags...))
	// As there, encryptedContent is constructed: an OCTET STRING under its tag.
	content := indefinite(tagSequence,
		indefinite(tagSequence, der(oidData), indefinite(tagExplicit, tlv(tagOctets, tlv(tagSequence, keyBag)))),
		indefinite(tagSequence, der(oidEncryptedData), indefinite(tagExplicit,
			indefinite(tagSequence, der(0), indefinite(tagSequence, der(oidData), scheme,
				indefinite(tagExplicit, tlv(tagOctets, text)))))))

	salt := w.salt()
	if w.err != nil {
		return nil, fmt.Errorf("random bytes: %w", w.err)
	}
	key := kdf.PKCS12(sha1.New, kdf.ForMAC, w.password, salt, encodeIterations, sha1.Size)
	defer clear(key)
	mac := hmac.New(sha1.New, key)
	mac.Write(content)
	digestInfo := tlv(tagSequence, algorithm(digests[0].oid, asn1.NullBytes), tlv(tagOctets, mac.Sum(nil)))
	return tlv(tagSequence, der(3),
		tlv(tagSequence, der(oidData), tlv(tagExplicit, tlv(tagOctets, content))),
		tlv(tagSequence, digestInfo, tlv(tagOctets, salt), der(encodeIterations))), nil
}

// keyID names the pair as the national centre does, by the subject key identifier
// of the certificate, or, if it has none, by the digest of the certificate.
func keyID(certs [][]byte) ([]byte, error) {
	if len(certs) == 0 {
		return nil, errors.New("a keystore needs the certificate of its key")
	}
	c, err := x509.ParseCertificate(certs[0])
	if err != nil {
		return nil, errors.New("the first certificate is malformed")
	}
	if len(c.SubjectKeyId) > 0 {
		return c.SubjectKeyId, nil
	}
	id := sha1.Sum(c.Raw) //nolint:gosec // a name, no protection
	return id[:], nil
}

// writer holds what every encrypted part needs; err is the first of rand.
type writer struct {
	password []byte
	rand     io.Reader
	err      error
}

func (w *writer) salt() []byte {
	salt := make([]byte, encodeSalt)
	if w.err == nil {
		_, w.err = io.ReadFull(w.rand, salt)
	}
	return salt
}

// encrypt encrypts by a scheme of RFC 7292, appendix C; it gives the
// AlgorithmIdentifier and the text.
func (w *writer) encrypt(scheme asn1.ObjectIdentifier, plain []byte) (name, text []byte) {
	c, _ := cipherNamed(pbeCiphers, scheme)
	salt := w.salt()
	key := kdf.PKCS12(sha1.New, kdf.ForKey, w.password, salt, encodeIterations, c.keySize)
	defer clear(key)
	iv := kdf.PKCS12(sha1.New, kdf.ForIV, w.password, salt, encodeIterations, c.blockSize)
	block, err := c.new(key)
	if err != nil {
		w.err = err
		return nil, nil
	}
	pad := c.blockSize - len(plain)%c.blockSize
	text = append(make([]byte, 0, len(plain)+pad), plain...) // never grown, which would leave the key behind
	text = append(text, bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(text, text)
	return algorithm(scheme, tlv(tagSequence, tlv(tagOctets, salt), der(encodeIterations))), text
}

// Tags of one octet, with the bit of the form.
const (
	tagOctets   = asn1.TagOctetString
	tagSequence = asn1.TagSequence | 0x20
	tagSet      = asn1.TagSet | 0x20
	tagExplicit = 0xa0 // [0]
)

// der writes a number or an identifier. Like tlv it has no way to fail.
func der(v any) []byte {
	out, _ := asn1.Marshal(v)
	return out
}

// tlv writes an element of a definite length.
func tlv(tag byte, parts ...[]byte) []byte {
	return der(asn1.RawValue{Class: int(tag >> 6), Tag: int(tag & 0x1f), IsCompound: tag&0x20 != 0, Bytes: bytes.Join(parts, nil)})
}

// indefinite writes an element of an indefinite length.
func indefinite(tag byte, parts ...[]byte) []byte {
	return append(append([]byte{tag, 0x80}, bytes.Join(parts, nil)...), 0, 0)
}

// algorithm writes an AlgorithmIdentifier.
func algorithm(name asn1.ObjectIdentifier, parameters []byte) []byte {
	return tlv(tagSequence, der(name), parameters)
}

func bagOf(kind asn1.ObjectIdentifier, value, names []byte) []byte {
	return tlv(tagSequence, der(kind), tlv(tagExplicit, value), names)
}

// attributesOf writes localKeyID and friendlyName.
func attributesOf(id []byte, name string) []byte {
	text := kdf.BMPString([]byte(name))
	return tlv(tagSet,
		tlv(tagSequence, der(oidLocalKeyID), tlv(tagSet, tlv(tagOctets, id))),
		tlv(tagSequence, der(oidFriendlyName), tlv(tagSet, tlv(asn1.TagBMPString, text[:len(text)-2]))))
}
