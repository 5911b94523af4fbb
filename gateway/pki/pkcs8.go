package pki

import (
	"crypto"
	"crypto/x509"
	"errors"
)

// ErrPrivateKey is the refusal of a private key. It says nothing about what it
// was read from, nor do the errors that wrap it.
var ErrPrivateKey = errors.New("the private key is malformed or of a kind that is not supported")

// ParsePKCS8 reads an unencrypted PrivateKeyInfo (RFC 5958, section 2) of any
// supported family. The input is left as it is: whoever owns it wipes it. The
// error is ErrPrivateKey, perhaps wrapped.
func ParsePKCS8(der []byte) (crypto.Signer, error) {
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, ErrPrivateKey
	}
	s, ok := key.(crypto.Signer)
	if !ok {
		return nil, ErrPrivateKey
	}
	return s, nil
}

// MarshalPKCS8 encodes a private key of any supported family as an unencrypted
// PrivateKeyInfo. Whoever asks for it wipes it.
func MarshalPKCS8(key crypto.Signer) ([]byte, error) {
	return x509.MarshalPKCS8PrivateKey(key)
}
