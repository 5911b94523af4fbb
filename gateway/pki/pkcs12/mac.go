package pkcs12

import (
	"crypto/hmac"
	"crypto/x509/pkix"
	"math/big"

	"github.com/kopir-kz/kopir/gateway/pki/pkcs12/internal/kdf"
)

// macData is MacData (RFC 7292, section 4).
type macData struct {
	MAC struct { // DigestInfo
		Algorithm pkix.AlgorithmIdentifier
		Value     []byte
	}
	Salt       []byte
	Iterations *big.Int `asn1:"optional"` // 1 if absent
}

// verify holds the MAC over the content of the keystore, and settles the form
// of the password.
func (d *decoder) verify(m macData, content []byte) error {
	forms := [][]byte{kdf.BMPString(d.password)}
	if len(d.password) == 0 {
		// Makers differ: no password is no octets to some, and the two zero octets
		// of an empty string to others. OpenSSL tries both.
		forms = [][]byte{nil, forms[0]}
	}
	for _, form := range forms {
		d.bmp = form
		key, hash, err := d.macKey(m)
		if err != nil {
			return err
		}
		d.store.MAC.Name = "HMAC-" + hash.name
		mac := hmac.New(hash.new, key)
		clear(key)
		mac.Write(content)
		if hmac.Equal(mac.Sum(nil), m.MAC.Value) {
			return nil
		}
	}
	return refuse(WrongPassword, "the MAC does not hold")
}

// macKey derives the key of the MAC, and tells the hash function of its HMAC.
func (d *decoder) macKey(m macData) (key []byte, hash digest, err error) {
	if m.MAC.Algorithm.Algorithm.Equal(oidPBMAC1) {
		return d.pbmac1(m.MAC.Algorithm)
	}
	if hash, err = digestNamed(m.MAC.Algorithm.Algorithm); err != nil {
		return nil, hash, err
	}
	if m.Iterations == nil {
		m.Iterations = big.NewInt(1)
	}
	n, err := d.iterations(m.Iterations)
	if err != nil {
		return nil, hash, err
	}
	d.store.MAC.Iterations = n
	return kdf.PKCS12(hash.new, kdf.ForMAC, d.bmp, m.Salt, n, hash.new().Size()), hash, nil
}

// pbmac1 is RFC 8018, section 7.1; its parameters tell all, and salt and
// iterations of the MacData nothing (RFC 9879).
func (d *decoder) pbmac1(alg pkix.AlgorithmIdentifier) (key []byte, hash digest, err error) {
	var p struct{ KDF, MAC pkix.AlgorithmIdentifier } // PBMAC1-params
	if err := parse(alg.Parameters.FullBytes, &p); err != nil {
		return nil, hash, err
	}
	if hash, err = hmacNamed(p.MAC.Algorithm); err != nil {
		return nil, hash, err
	}
	key, d.store.MAC.Iterations, err = d.pbkdf2(p.KDF, 0)
	return key, hash, err
}
