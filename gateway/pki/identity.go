package pki

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
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

// LoadIdentity reads the one key of a PEM file or PKCS#12 keystore, as ParseBundle
// does. A file that others than its owner can read is refused: such a key must be
// taken for known to everybody on the machine.
func LoadIdentity(path string, password []byte) (*Identity, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("%s: the key file has mode %04o and %w", path, mode, ErrReadable)
	}
	b, err := ReadBundle(path)
	if err != nil {
		return nil, err
	}
	defer clear(b)
	f, err := ParseBundle(b, password)
	switch {
	case err != nil:
	case len(f.Identities) == 0:
		err = ErrNoKey
	case len(f.Identities) > 1:
		err = ErrSeveralKeys
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &f.Identities[0], nil
}
