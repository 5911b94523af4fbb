package pki

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"
)

// LoadCertificates reads the certificates of a PEM or DER file.
func LoadCertificates(path string) ([]*x509.Certificate, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	certs, err := ParseCertificates(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return certs, nil
}

// ParseCertificates reads one or more certificates from PEM, or one from DER.
func ParseCertificates(b []byte) ([]*x509.Certificate, error) {
	var out []*x509.Certificate
	blocks, err := Blocks(b, "CERTIFICATE")
	if err != nil {
		return nil, err
	}
	for _, der := range blocks {
		c, err := ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("parse certificate: %w", err)
		}
		out = append(out, c)
	}
	return out, nil
}

// Blocks gives the contents of the PEM blocks of a type, at least one, or the
// whole input if it is DER.
func Blocks(b []byte, kind string) ([][]byte, error) {
	var out [][]byte
	for rest := b; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type == kind {
			out = append(out, block.Bytes)
		}
	}
	if len(out) == 0 && len(b) > 0 && b[0] == 0x30 { // an ASN.1 SEQUENCE
		return [][]byte{b}, nil
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("there is no %s in it", kind)
	}
	return out, nil
}

// LoadKey reads a private key from a PEM file; see LoadIdentity.
func LoadKey(path string) (crypto.Signer, error) {
	id, err := LoadIdentity(path, nil)
	if err != nil {
		return nil, err
	}
	return id.Key, nil
}

// ParseKey reads a private key from PEM. Its errors never quote the input.
func ParseKey(b []byte) (crypto.Signer, error) {
	block, rest := pem.Decode(b)
	// OpenSSL writes parameters in front of a key, others its certificate.
	for block != nil && !isKey(block) {
		block, rest = pem.Decode(rest)
	}
	if block == nil {
		return nil, errors.New("there is no PEM block of a private key in it")
	}
	return parseKey(block)
}

func isKey(b *pem.Block) bool { return strings.HasSuffix(b.Type, "PRIVATE KEY") }

// parseKey reads the key of a block, and overwrites it.
func parseKey(block *pem.Block) (key crypto.Signer, err error) {
	defer clear(block.Bytes)
	switch block.Type {
	case "PRIVATE KEY":
		return ParsePKCS8(block.Bytes)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		return nil, fmt.Errorf("private keys of the kind %q are not supported", block.Type)
	}
	if err != nil {
		return nil, ErrPrivateKey
	}
	return key, nil
}

// SameKey tells whether two public keys are the same.
func SameKey(a, b crypto.PublicKey) bool {
	k, ok := a.(interface{ Equal(x crypto.PublicKey) bool })
	return ok && k.Equal(b)
}
