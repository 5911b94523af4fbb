package pki

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"github.com/kopir-kz/kopir/gateway/pki/pkcs12"
)

// Identity is a private key with the certificate that goes with it.
type Identity struct {
	Name        string // friendlyName of a keystore's entry
	Key         crypto.Signer
	Certificate *x509.Certificate   // nil if the file holds none of this key
	Others      []*x509.Certificate // what else the file holds, e.g. the issuers
}

// What a file of keys may lack.
var (
	ErrNoKey       = errors.New("there is no private key in it")
	ErrSeveralKeys = errors.New("there are several private keys in it")
	ErrReadable    = errors.New("must be readable by its owner only (0600)")
)

// LoadIdentity reads the one key of a PEM file or PKCS#12 keystore, as
// ParseIdentities does. A file that others than its owner can read is refused:
// such a key must be taken for known to everybody on the machine.
func LoadIdentity(path string, password []byte) (*Identity, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("%s: the key file has mode %04o and %w", path, mode, ErrReadable)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	defer clear(b)
	all, err := ParseIdentities(b, password)
	switch {
	case err != nil:
	case len(all) == 0:
		err = ErrNoKey
	case len(all) > 1:
		err = ErrSeveralKeys
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &all[0], nil
}

// ParseIdentities reads the private keys of a PKCS#12 keystore, or the one of a
// PEM text, and the certificates beside them. The password is that of a
// keystore. Errors quote neither; those of a keystore are a *pkcs12.Error,
// wrapped, those of a key ErrPrivateKey.
func ParseIdentities(b, password []byte) ([]Identity, error) {
	if len(b) > 0 && b[0] == 0x30 { // an ASN.1 SEQUENCE
		return openKeystore(b, password)
	}
	key, err := ParseKey(b)
	if err != nil {
		return nil, err
	}
	id := Identity{Key: key}
	if certs, err := ParseCertificates(b); err == nil { // PEM may well hold none
		id.certify(certs)
	}
	return []Identity{id}, nil
}

func openKeystore(b, password []byte) ([]Identity, error) {
	store, err := pkcs12.Decode(b, password, pkcs12.Limits{})
	if err != nil {
		return nil, fmt.Errorf("keystore: %w", err)
	}
	defer store.Destroy()
	var certs []*x509.Certificate
	for _, c := range store.Certificates {
		cert, err := ParseCertificate(c.DER)
		if err != nil {
			return nil, fmt.Errorf("keystore: a certificate of it: %w", err)
		}
		certs = append(certs, cert)
	}
	var out []Identity
	for _, k := range store.Keys {
		key, err := ParsePKCS8(k.PKCS8)
		if err != nil {
			return nil, fmt.Errorf("keystore: %w", err)
		}
		id := Identity{Name: k.FriendlyName, Key: key}
		id.certify(certs)
		out = append(out, id)
	}
	return out, nil
}

// certify finds the key's own certificate by the key itself: what a keystore
// says in its attributes may be wrong.
func (id *Identity) certify(certs []*x509.Certificate) {
	for _, c := range certs {
		if id.Certificate == nil && SameKey(id.Key.Public(), c.PublicKey) {
			id.Certificate = c
			continue
		}
		id.Others = append(id.Others, c)
	}
}
