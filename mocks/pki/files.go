package pki

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"

	gatewaypki "github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/pkcs12"
)

// Files are the names of the PEM files that a gateway is configured with.
type Files struct {
	Roots, Intermediates, Known, CRLs []string
	TLSRoots                          []string // of the end points, where they speak TLS
	ClientKey, ClientCertificate      string

	// ClientKeystore holds both in the layout of the national centre,
	// KeystorePassword the password to it.
	ClientKeystore, KeystorePassword string
}

// CertificatePEM writes certificates one after another (RFC 7468 section 5).
func CertificatePEM(certs ...*x509.Certificate) []byte {
	var b bytes.Buffer
	for _, c := range certs {
		_ = pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}) // a Buffer does not fail
	}
	return b.Bytes()
}

// KeyPEM writes the key unencrypted as PKCS #8 (RFC 7468 section 10).
func (id *Identity) KeyPEM() ([]byte, error) {
	der, err := gatewaypki.MarshalPKCS8(id.Key)
	if err != nil {
		return nil, err
	}
	defer clear(der)
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// Keystore writes key and certificate as the national centre hands them out
// (PKCS #12), under a password.
func (id *Identity) Keystore(password []byte) ([]byte, error) {
	der, err := gatewaypki.MarshalPKCS8(id.Key)
	if err != nil {
		return nil, err
	}
	defer clear(der)
	return pkcs12.Encode(der, [][]byte{id.Certificate.Raw}, password, rand.Reader)
}

// CRLPEM writes the revocation lists one after another (RFC 7468 section 6).
func (p *PKI) CRLPEM() []byte {
	var b bytes.Buffer
	for _, l := range p.crls {
		_ = pem.Encode(&b, &pem.Block{Type: "X509 CRL", Bytes: l.Raw}) // a Buffer does not fail
	}
	return b.Bytes()
}

// WriteFiles writes into dir, which must exist, what a gateway needs to talk to
// this world: trust anchors, intermediates, certificates known beforehand,
// revocation lists, and the client's key and certificate, as PEM and as a
// keystore with a new password. What is secret has mode 0600. Existing files of
// the same names are replaced.
func (p *PKI) WriteFiles(dir string) (Files, error) {
	known, err := p.Known()
	if err != nil {
		return Files{}, err
	}
	client, err := p.Identity(Client)
	if err != nil {
		return Files{}, err
	}
	key, err := client.KeyPEM()
	if err != nil {
		return Files{}, err
	}
	password := []byte(rand.Text())
	keystore, err := client.Keystore(password)
	if err != nil {
		return Files{}, err
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	f := Files{
		Roots:             []string{at("roots.pem")},
		Intermediates:     []string{at("intermediates.pem")},
		Known:             []string{at("known.pem")},
		CRLs:              []string{at("crls.pem")},
		TLSRoots:          []string{at("tls-roots.pem")},
		ClientKey:         at("client.key.pem"),
		ClientCertificate: at("client.cert.pem"),
		ClientKeystore:    at("client.p12"),
		KeystorePassword:  at("client.p12.password"),
	}
	for _, file := range []struct {
		name string
		data []byte
		mode os.FileMode
	}{
		{f.Roots[0], CertificatePEM(p.Roots()...), 0o644},
		{f.Intermediates[0], CertificatePEM(p.Intermediates()...), 0o644},
		{f.Known[0], CertificatePEM(known...), 0o644},
		{f.CRLs[0], p.CRLPEM(), 0o644},
		{f.TLSRoots[0], CertificatePEM(p.TLSRoots()...), 0o644},
		{f.ClientCertificate, CertificatePEM(client.Certificate), 0o644},
		{f.ClientKey, key, 0o600},
		{f.ClientKeystore, keystore, 0o600},
		{f.KeystorePassword, password, 0o600},
	} {
		if err := replace(file.name, file.data, file.mode); err != nil {
			return Files{}, err
		}
	}
	return f, nil
}

// replace writes a file anew, so that the mode holds also where a file with a
// wider mode stood before.
func replace(name string, data []byte, mode os.FileMode) error {
	if err := os.Remove(name); err != nil && !os.IsNotExist(err) {
		return err
	}
	return os.WriteFile(name, data, mode)
}
