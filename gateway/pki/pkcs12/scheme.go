package pkcs12

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"  //nolint:gosec // what keystores are made with
	"crypto/sha1" //nolint:gosec // what keystores are made with
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"

	"github.com/kopir-kz/kopir/gateway/pki/pkcs12/internal/kdf"
	"github.com/kopir-kz/kopir/gateway/pki/pkcs12/internal/rc2"
)

// A blockCipher is a cipher in CBC mode under the name that a keystore gives it.
type blockCipher struct {
	name      string
	oid       asn1.ObjectIdentifier
	keySize   int // bytes
	blockSize int // bytes
	new       func(key []byte) (cipher.Block, error)
}

// pbeCiphers are the schemes of RFC 7292, appendix C: a cipher with a key
// derived over SHA-1. The two with RC4 are not read.
//
//nolint:gochecknoglobals // a constant table
var pbeCiphers = []blockCipher{
	{"PKCS#12 3DES", pbe3DES, 24, des.BlockSize, des.NewTripleDESCipher},
	{"PKCS#12 3DES of two keys", asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 1, 4}, 16, des.BlockSize, twoKey3DES},
	{"PKCS#12 RC2-128", asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 1, 5}, 16, rc2.BlockSize, newRC2},
	{"PKCS#12 RC2-40", pbeRC2, 5, rc2.BlockSize, newRC2},
}

// pbes2Ciphers are ciphers for PBES2 (RFC 8018, appendix B.2; RFC 3565).
//
//nolint:gochecknoglobals // a constant table
var pbes2Ciphers = []blockCipher{
	{"PBES2 3DES", asn1.ObjectIdentifier{1, 2, 840, 113549, 3, 7}, 24, des.BlockSize, des.NewTripleDESCipher},
	{"PBES2 AES-128", asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 2}, 16, aes.BlockSize, aes.NewCipher},
	{"PBES2 AES-192", asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 22}, 24, aes.BlockSize, aes.NewCipher},
	{"PBES2 AES-256", asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}, 32, aes.BlockSize, aes.NewCipher},
}

// Names of algorithms (RFC 7292, appendix C; RFC 8018, appendix A).
//
//nolint:gochecknoglobals // constants
var (
	pbe3DES   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 1, 3}
	pbeRC2    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 1, 6}
	oidPBKDF2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidPBES2  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBMAC1 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 14}
)

// newRC2 uses all bits of the key.
func newRC2(key []byte) (cipher.Block, error) { return rc2.New(key, 8*len(key)) }

// twoKey3DES uses the first key a second time.
func twoKey3DES(key []byte) (cipher.Block, error) {
	var three [24]byte
	defer clear(three[:])
	copy(three[:], key)
	copy(three[16:], key[:8])
	return des.NewTripleDESCipher(three[:]) //nolint:gosec // what keystores are made with
}

func cipherNamed(list []blockCipher, oid asn1.ObjectIdentifier) (c blockCipher, ok bool) {
	for _, c := range list {
		if c.oid.Equal(oid) {
			return c, true
		}
	}
	return c, false
}

// decrypt gives the plain text of what an algorithm encrypted; the caller
// overwrites it.
func (d *decoder) decrypt(alg pkix.AlgorithmIdentifier, text []byte) ([]byte, error) {
	block, iv, err := d.cipher(alg)
	if err != nil {
		return nil, err
	}
	size := block.BlockSize()
	if len(text) == 0 || len(text)%size != 0 {
		return nil, refuse(Damaged, "the length of an encrypted part is not a multiple of the block length")
	}
	plain := make([]byte, len(text))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, text)
	// The MAC held, so that a wrong padding tells nobody anything.
	pad := int(plain[len(plain)-1])
	sound := pad >= 1 && pad <= size
	for i := len(plain) - pad; sound && i < len(plain); i++ {
		sound = int(plain[i]) == pad
	}
	if !sound {
		clear(plain)
		return nil, refuse(Damaged, "an encrypted part does not decrypt, though the MAC holds")
	}
	return plain[:len(plain)-pad], nil
}

// cipher derives key and initial vector, and keys the cipher.
func (d *decoder) cipher(alg pkix.AlgorithmIdentifier) (cipher.Block, []byte, error) {
	if alg.Algorithm.Equal(oidPBES2) {
		return d.pbes2(alg.Parameters)
	}
	c, ok := cipherNamed(pbeCiphers, alg.Algorithm)
	if !ok {
		return nil, nil, refuse(Unsupported, "a part is encrypted by %s", alg.Algorithm)
	}
	var p struct { // pkcs-12PbeParams
		Salt       []byte
		Iterations *big.Int
	}
	if err := parse(alg.Parameters.FullBytes, &p); err != nil {
		return nil, nil, err
	}
	n, err := d.iterations(p.Iterations)
	if err != nil {
		return nil, nil, err
	}
	key := kdf.PKCS12(sha1.New, kdf.ForKey, d.bmp, p.Salt, n, c.keySize)
	defer clear(key)
	d.encryptedBy(c, n)
	iv := kdf.PKCS12(sha1.New, kdf.ForIV, d.bmp, p.Salt, n, c.blockSize)
	return keyed(c, key, iv)
}

// pbes2 is RFC 8018, section 6.2.
func (d *decoder) pbes2(parameters asn1.RawValue) (cipher.Block, []byte, error) {
	var p struct{ KDF, Cipher pkix.AlgorithmIdentifier } // PBES2-params
	if err := parse(parameters.FullBytes, &p); err != nil {
		return nil, nil, err
	}
	c, ok := cipherNamed(pbes2Ciphers, p.Cipher.Algorithm)
	if !ok {
		return nil, nil, refuse(Unsupported, "a part is encrypted by %s", p.Cipher.Algorithm)
	}
	var iv []byte
	if err := parse(p.Cipher.Parameters.FullBytes, &iv); err != nil {
		return nil, nil, err
	}
	if len(iv) != c.blockSize {
		return nil, nil, refuse(Damaged, "an initial vector has %d bytes", len(iv))
	}
	key, n, err := d.pbkdf2(p.KDF, c.keySize)
	if err != nil {
		return nil, nil, err
	}
	defer clear(key)
	d.encryptedBy(c, n)
	return keyed(c, key, iv)
}

// encryptedBy remembers how a part is encrypted.
func (d *decoder) encryptedBy(c blockCipher, iterations int) {
	if s := (Scheme{c.name, iterations}); !slices.Contains(d.store.Encryption, s) {
		d.store.Encryption = append(d.store.Encryption, s)
	}
}

func keyed(c blockCipher, key, iv []byte) (cipher.Block, []byte, error) {
	block, err := c.new(key)
	return block, iv, err
}

// Bounds on the key of PBMAC1 in bytes: from the digest of SHA-1, for a shorter
// key would be easier to guess than the MAC, to the block of SHA-512, beyond which
// HMAC shortens it.
const (
	minMACKey = 20
	maxMACKey = 128
)

// pbkdf2 derives a key of a size, or, if that is 0, of the size that the
// parameters must name (RFC 8018, appendix A.2). It also tells the iterations.
func (d *decoder) pbkdf2(alg pkix.AlgorithmIdentifier, size int) (key []byte, n int, err error) {
	if !alg.Algorithm.Equal(oidPBKDF2) {
		return nil, 0, refuse(Unsupported, "a key is derived by %s", alg.Algorithm)
	}
	var p struct { // PBKDF2-params
		Salt       asn1.RawValue
		Iterations *big.Int
		KeyLength  int                      `asn1:"optional"`
		PRF        pkix.AlgorithmIdentifier `asn1:"optional"`
	}
	if err := parse(alg.Parameters.FullBytes, &p); err != nil {
		return nil, 0, err
	}
	var salt []byte
	if err := parse(p.Salt.FullBytes, &salt); err != nil {
		return nil, 0, err
	}
	switch {
	case size == 0 && (p.KeyLength < minMACKey || p.KeyLength > maxMACKey):
		return nil, 0, refuse(Damaged, "the length of the key of the MAC is not between %d and %d bytes", minMACKey, maxMACKey)
	case size == 0:
		size = p.KeyLength
	case p.KeyLength != 0 && p.KeyLength != size:
		return nil, 0, refuse(Damaged, "the length of a key is not that of its cipher")
	}
	name := p.PRF.Algorithm
	if name == nil {
		name = hmacWithSHA1
	}
	prf, err := hmacNamed(name)
	if err != nil {
		return nil, 0, err
	}
	if n, err = d.iterations(p.Iterations); err != nil {
		return nil, 0, err
	}
	return kdf.PBKDF2(prf.new, d.password, salt, n, size), n, nil
}

// totalFactor is how many times the iterations of one derivation a whole file
// may take.
const totalFactor = 4

// iterations takes the iterations of a derivation from those that are allowed.
func (d *decoder) iterations(n *big.Int) (int, error) {
	most := int64(d.limits.Iterations)
	switch {
	case n.Sign() <= 0:
		return 0, refuse(Damaged, "a key derivation without iterations")
	case !n.IsInt64() || n.Int64() > most:
		return 0, refuse(TooManyIterations, "a key derivation of more than %d iterations", most)
	}
	if d.spent += n.Int64(); d.spent > totalFactor*most {
		return 0, refuse(TooManyIterations, "key derivations of more than %d iterations in all", totalFactor*most)
	}
	return int(n.Int64()), nil
}
