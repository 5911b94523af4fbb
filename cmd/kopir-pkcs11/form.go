package main

import (
	"encoding/asn1"
	"errors"
	"math/big"
)

// digestInfo is what stands in front of the digest in an RSA signature (RFC
// 8017, section 9.2, note 1).
func digestInfo(hash string) ([]byte, bool) {
	sha2 := func(arc, size byte) []byte {
		return []byte{0x30, 17 + size, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, arc, 0x05, 0x00, 0x04, size}
	}
	switch hash {
	case "SHA-256":
		return sha2(1, 32), true
	case "SHA-384":
		return sha2(2, 48), true
	case "SHA-512":
		return sha2(3, 64), true
	}
	return nil, false
}

// asn1Signature turns r and s side by side, as PKCS#11 gives them, into the form
// of crypto.Signer.
func asn1Signature(value []byte) ([]byte, error) {
	if len(value) == 0 || len(value)%2 != 0 {
		return nil, errors.New("the token gave no r and s")
	}
	half := len(value) / 2
	return asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(value[:half]), new(big.Int).SetBytes(value[half:])})
}
