package config

import (
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kopir-kz/kopir/gateway/ident"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/crl"
)

// What a named file must hold.
type content uint8

const (
	secret       content = iota // text that only we may read
	longSecret                  // the same, at least 32 bytes: it is the key of an HMAC
	privateKey                  // PEM private key that only we may read
	identity                    // PEM private key or keystore of the gateway, with password and certificate
	keystore                    // what only we may read, of whatever form
	certificates                // one or more certificates
	lists                       // one or more revocation lists
	made                        // by us; the directory it is in must exist
	folder                      // a directory
)

// file is one file name among the settings.
type file struct {
	field string
	path  *string
	holds content
	trust bool // says whose signatures count, or is our own proof: bound to the mode
}

// files lists every file name, so that none is forgotten when names are made
// absolute or files are checked.
func (c *Config) files() []file {
	out := []file{
		{"journal.path", &c.Journal.Path, made, false},
		{"journal.subject_key_file", &c.Journal.SubjectKeyFile, longSecret, false},
		{"signing.key_file", &c.Signing.KeyFile, identity, true},
		{"signing.password_file", &c.Signing.PasswordFile, secret, false},
		{"signing.service.keystore_file", &c.Signing.Service.KeystoreFile, keystore, false},
		{"signing.service.password_file", &c.Signing.Service.PasswordFile, secret, false},
		{"signing.certificate_file", &c.Signing.CertificateFile, certificates, true},
		{"outbound.tls_certificate_file", &c.Outbound.TLSCertificateFile, certificates, true},
		{"outbound.tls_key_file", &c.Outbound.TLSKeyFile, privateKey, false},
		{"trust.crl_folder", &c.Trust.CRLFolder, folder, false},
		{"trust.revocation_cache", &c.Trust.RevocationCache, made, false},
		{"clients_pepper_file", &c.ClientsPepperFile, longSecret, false},
	}
	list := func(field string, paths []string, holds content, trust bool) {
		for i := range paths {
			out = append(out, file{fmt.Sprintf("%s[%d]", field, i), &paths[i], holds, trust})
		}
	}
	list("trust.roots", c.Trust.Roots, certificates, true)
	list("trust.intermediates", c.Trust.Intermediates, certificates, true)
	list("trust.known", c.Trust.Known, certificates, true)
	list("trust.crls", c.Trust.CRLs, lists, false)
	list("outbound.tls_roots", c.Outbound.TLSRoots, certificates, true)
	for i := range c.Trust.OCSP {
		out = append(out, file{fmt.Sprintf("trust.ocsp[%d].certificate_file", i), &c.Trust.OCSP[i].CertificateFile, certificates, true})
	}
	for i := range c.Services {
		out = append(out, file{fmt.Sprintf("services[%d].sender_password_file", i), &c.Services[i].SenderPasswordFile, secret, false})
	}
	return out
}

// CheckFiles opens every file that is named: it must be there and readable,
// secrets by us alone, certificates and keys must parse and fit each other, and
// the world they belong to must be that of the mode. The error is an *Error.
func (c *Config) CheckFiles() error {
	var r rules
	for _, f := range c.files() {
		if *f.path == "" {
			continue
		}
		if err := c.checkFile(f); err != nil {
			r.check(false, f.field, reason(err, *f.path))
		}
	}
	if len(r) == 0 {
		r.check(pair(c.Outbound.TLSKeyFile, c.Outbound.TLSCertificateFile), "outbound", "the certificate is not of the key")
	}
	if len(r) > 0 {
		return &Error{Problems: r}
	}
	return nil
}

// reason is the text of an error with the path in front, once.
func reason(err error, path string) string {
	var at *os.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return path + ": " + strings.TrimPrefix(err.Error(), path+": ")
}

const minHMACKey = 32

func (c *Config) checkFile(f file) error {
	switch f.holds {
	case made:
		info, err := os.Stat(filepath.Dir(*f.path))
		if err == nil && !info.IsDir() {
			err = errors.New("its directory is not a directory")
		}
		return err
	case folder:
		info, err := os.Stat(*f.path)
		if err == nil && !info.IsDir() {
			err = errors.New("not a directory")
		}
		return err
	case secret, longSecret:
		s, err := ReadSecret(*f.path)
		if err == nil && f.holds == longSecret && len(s.Reveal()) < minHMACKey {
			err = fmt.Errorf("shorter than %d bytes", minHMACKey)
		}
		return err
	case privateKey:
		_, err := pki.LoadKey(*f.path)
		return err
	case keystore:
		_, err := readPrivate(*f.path)
		return err
	case identity:
		id, err := c.Signing.Identity()
		if err != nil || c.Signing.CertificateFile != "" { // which is checked by itself
			return err
		}
		return c.CheckWorld(id.Certificate)
	case lists:
		_, err := crl.Load(*f.path)
		return err
	}
	certs, err := pki.LoadCertificates(*f.path)
	if err != nil || !f.trust {
		return err
	}
	return c.CheckWorld(certs...)
}

// Identity reads the gateway's key with its certificate from KeyFile.
func (s *Signing) Identity() (*pki.Identity, error) {
	var password []byte
	if s.PasswordFile != "" {
		text, err := ReadSecret(s.PasswordFile)
		if err != nil {
			return nil, err
		}
		password = []byte(text.Reveal())
		defer clear(password)
	}
	id, err := pki.LoadIdentity(s.KeyFile, password)
	if err != nil {
		return nil, err
	}
	if s.CertificateFile != "" {
		certs, err := pki.LoadCertificates(s.CertificateFile)
		if err != nil {
			return nil, err
		}
		id.Certificate = certs[0]
	}
	switch {
	case id.Certificate == nil:
		return nil, errors.New("holds no certificate of the key: signing.certificate_file must name it")
	case !pki.SameKey(id.Key.Public(), id.Certificate.PublicKey):
		return nil, errors.New("the certificate is not of the key")
	}
	return id, nil
}

// Keystore reads what goes to the service with every request: the keystore in
// base64 and its password; both are empty if the service keeps the key itself.
func (v *SigningService) Keystore() (text, password Secret, err error) {
	if v.KeystoreFile == "" {
		return "", "", nil
	}
	b, err := readPrivate(v.KeystoreFile)
	if err != nil {
		return "", "", err
	}
	password, err = ReadSecret(v.PasswordFile)
	return Secret(base64.StdEncoding.EncodeToString(b)), password, err
}

// pair tells whether a certificate file begins with the certificate of a key.
func pair(keyFile, certFile string) bool {
	if keyFile == "" {
		return true
	}
	key, err := pki.LoadKey(keyFile)
	if err != nil {
		return false
	}
	certs, err := pki.LoadCertificates(certFile)
	return err == nil && len(certs) > 0 && pki.SameKey(key.Public(), certs[0].PublicKey)
}

// CheckWorld tells whether certificates that did not come from a file belong to
// the world of the mode.
func (c *Config) CheckWorld(certs ...*x509.Certificate) error { return world(c.IdentMode(), certs) }

// world binds trust to the mode (T41). Certificates of the mock world carry the
// organisation "KOPIR MOCK", those of the national centre's test authorities the
// word TEST in the common name of subject or issuer. Production trusts and
// shows neither; the mock world must not be given anything real.
func world(m ident.Mode, certs []*x509.Certificate) error {
	for _, cert := range certs {
		mock, test := isMock(cert), isTest(cert)
		switch {
		case m == ident.Production && mock:
			return errors.New("a certificate of the mock world, in production")
		case m == ident.Production && test:
			return errors.New("a test certificate, in production")
		case m == ident.Mock && !mock:
			return errors.New("not a certificate of the mock world, in mode mock")
		}
	}
	return nil
}

const mockOrganization = "KOPIR MOCK"

func isMock(c *x509.Certificate) bool {
	return slices.Contains(c.Subject.Organization, mockOrganization) || slices.Contains(c.Issuer.Organization, mockOrganization)
}

func isTest(c *x509.Certificate) bool {
	for _, name := range []string{c.Subject.CommonName, c.Issuer.CommonName} {
		words := strings.FieldsFunc(strings.ToUpper(name), func(r rune) bool { return r < 'A' || r > 'Z' })
		if slices.Contains(words, "TEST") {
			return true
		}
	}
	return false
}
