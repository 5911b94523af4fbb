package pki

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"

	"github.com/kopir-kz/kopir/gateway/pki/pkcs12"
)

// Bundle is what a file of keys or certificates holds.
type Bundle struct {
	Form         Form
	Identities   []Identity
	Certificates []*x509.Certificate // all of them, in the order of the file
	MAC          pkcs12.Scheme       // of FormPKCS12
	Encryption   []pkcs12.Scheme     // of FormPKCS12
}

// Form is how a file of keys or certificates is written.
type Form string

// The forms.
const (
	FormPEM    Form = "PEM"
	FormDER    Form = "DER" // one certificate
	FormPKCS12 Form = "PKCS#12"
)

// MaxBundle is the longest file of keys or certificates that is read, in bytes.
const MaxBundle = 16 << 20

// ErrTooLong is the refusal of a file above MaxBundle.
var ErrTooLong = errors.New("the file is too long to be one of keys or certificates")

// FormOf tells the form by the first bytes: a keystore is a SEQUENCE that begins
// with the version 3 (RFC 7292, section 4), a certificate one that begins with a
// SEQUENCE.
func FormOf(b []byte) Form {
	if len(b) < 2 || b[0] != 0x30 {
		return FormPEM
	}
	head := 2
	if b[1] > 0x80 { // the length in as many bytes more; 0x80 is BER without one
		head += int(b[1] & 0x7f)
	}
	if len(b) > head && bytes.HasPrefix(b[head:], []byte{0x02, 0x01, 0x03}) {
		return FormPKCS12
	}
	return FormDER
}

// ReadBundle reads the bytes of a file of keys or certificates; ParseBundle
// takes them, and the caller overwrites them.
func ReadBundle(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: not a file", path)
	case info.Size() > MaxBundle:
		return nil, fmt.Errorf("%s: %w", path, ErrTooLong)
	}
	return os.ReadFile(path)
}

// ParseBundle reads all that a file holds and keeps nothing of b, so that it can be
// overwritten. The password is that of a keystore.
// Errors quote neither; those of a keystore are a *pkcs12.Error, wrapped, those of
// a key ErrPrivateKey.
func ParseBundle(b, password []byte) (*Bundle, error) {
	out := &Bundle{Form: FormOf(b)}
	var err error
	switch out.Form {
	case FormPKCS12:
		err = out.openKeystore(b, password)
	case FormDER:
		err = out.readDER(b)
	default:
		err = out.readPEM(b)
	}
	if err != nil {
		return nil, err
	}
	out.certify()
	return out, nil
}

func (f *Bundle) readDER(b []byte) error {
	c, err := ParseCertificate(bytes.Clone(b)) // it keeps its bytes
	if err != nil {
		return fmt.Errorf("neither a certificate nor a keystore: %w", err)
	}
	f.Certificates = []*x509.Certificate{c}
	return nil
}

// readPEM takes every block that holds a key or a certificate.
func (f *Bundle) readPEM(b []byte) error {
	for block, rest := pem.Decode(b); block != nil; block, rest = pem.Decode(rest) {
		switch {
		case block.Type == "CERTIFICATE":
			c, err := ParseCertificate(block.Bytes)
			if err != nil {
				return fmt.Errorf("parse certificate: %w", err)
			}
			f.Certificates = append(f.Certificates, c)
		case isKey(block):
			key, err := parseKey(block)
			if err != nil {
				return err
			}
			f.Identities = append(f.Identities, Identity{Key: key})
		}
	}
	if len(f.Identities)+len(f.Certificates) == 0 {
		return errors.New("there is neither a key nor a certificate in it")
	}
	return nil
}

func (f *Bundle) openKeystore(b, password []byte) error {
	store, err := pkcs12.Decode(b, password, pkcs12.Limits{})
	if err != nil {
		return fmt.Errorf("keystore: %w", err)
	}
	defer store.Destroy()
	f.MAC, f.Encryption = store.MAC, store.Encryption
	for _, c := range store.Certificates {
		cert, err := ParseCertificate(c.DER)
		if err != nil {
			return fmt.Errorf("keystore: a certificate of it: %w", err)
		}
		f.Certificates = append(f.Certificates, cert)
	}
	for _, k := range store.Keys {
		key, err := ParsePKCS8(k.PKCS8)
		if err != nil {
			return fmt.Errorf("keystore: %w", err)
		}
		f.Identities = append(f.Identities, Identity{Name: k.FriendlyName, Key: key})
	}
	return nil
}

// certify finds the certificate of each key by the key itself: what a keystore
// says in its attributes may be wrong.
func (f *Bundle) certify() {
	for i := range f.Identities {
		id := &f.Identities[i]
		for _, c := range f.Certificates {
			if id.Certificate == nil && SameKey(id.Key.Public(), c.PublicKey) {
				id.Certificate = c
				continue
			}
			id.Others = append(id.Others, c)
		}
	}
}
