// Package inspect describes keys, certificates and their files, as an object for
// programs and as rows for people.
//
// Of a private key it shows what its public half tells. Names of persons and
// their numbers are shown only where they are asked for.
package inspect

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/pkcs12"
)

// Options say how much is shown.
type Options struct {
	At       time.Time // from when days are counted
	Personal bool      // show names and numbers of persons
}

// File is what a file holds.
type File struct {
	File         string        `json:"file"`
	Form         pki.Form      `json:"form"`
	MAC          *Scheme       `json:"mac,omitempty"`        // of a keystore
	Encryption   []Scheme      `json:"encryption,omitempty"` // of a keystore
	Keys         []Key         `json:"keys,omitempty"`
	Certificates []Certificate `json:"certificates,omitempty"` // that are no key's own
}

// Scheme is how a keystore is protected.
type Scheme struct {
	Name       string `json:"name"`
	Iterations int    `json:"iterations"`
}

// Key is a private key.
type Key struct {
	Name string `json:"name,omitempty"` // friendlyName of a keystore
	PublicKey
	Certificate *Certificate `json:"certificate,omitempty"`
}

// PublicKey is a public key.
type PublicKey struct {
	Algorithm   string `json:"algorithm"`
	Bits        int    `json:"bits,omitempty"`
	Curve       string `json:"curve,omitempty"`
	Fingerprint string `json:"public_key_sha256,omitempty"` // of the SubjectPublicKeyInfo, hex
}

// Certificate is a certificate.
type Certificate struct {
	Subject      string     `json:"subject"`
	IIN          string     `json:"iin,omitempty"` // only where it is asked for
	BIN          string     `json:"bin,omitempty"`
	Roles        []pki.Role `json:"roles,omitempty"`
	Issuer       string     `json:"issuer"`
	Serial       string     `json:"serial"` // hex
	PublicKey    PublicKey  `json:"public_key"`
	Signature    string     `json:"signature_algorithm"`
	CA           bool       `json:"ca"`
	KeyUsage     []string   `json:"key_usage,omitempty"`
	ExtendedUses []string   `json:"extended_key_usage,omitempty"`
	NotBefore    time.Time  `json:"not_before"`
	NotAfter     time.Time  `json:"not_after"`
	DaysLeft     int        `json:"days_left"` // whole ones; negative: since it ended
	State        State      `json:"state"`
	OCSP         []string   `json:"ocsp,omitempty"`
	CRL          []string   `json:"crl,omitempty"`
	Fingerprint  string     `json:"sha256"` // of the whole certificate, hex
}

// State is where a moment lies in the time of a certificate.
type State string

// The states.
const (
	NotYetValid State = "not-yet-valid"
	Valid       State = "valid"
	Expired     State = "expired"
)

// OfFile describes what was read from a file.
func OfFile(name string, b *pki.Bundle, o Options) File {
	f := File{File: name, Form: b.Form}
	if b.Form == pki.FormPKCS12 {
		f.MAC = &Scheme{b.MAC.Name, b.MAC.Iterations}
		f.Encryption = schemes(b.Encryption)
	}
	own := map[*x509.Certificate]bool{}
	for _, id := range b.Identities {
		k := Key{Name: friendlyName(id, o), PublicKey: OfKey(id.Key.Public())}
		if id.Certificate != nil {
			c := OfCertificate(id.Certificate, o)
			k.Certificate, own[id.Certificate] = &c, true
		}
		f.Keys = append(f.Keys, k)
	}
	for _, c := range b.Certificates {
		if !own[c] {
			f.Certificates = append(f.Certificates, OfCertificate(c, o))
		}
	}
	return f
}

func schemes(in []pkcs12.Scheme) (out []Scheme) {
	for _, s := range in {
		out = append(out, Scheme{s.Name, s.Iterations})
	}
	return out
}

// friendlyName hides the name of a person's key: it may be the person's.
func friendlyName(id pki.Identity, o Options) string {
	if id.Name != "" && !o.Personal && (id.Certificate == nil || pki.SubjectIIN(id.Certificate) != "") && !isHex(id.Name) {
		return "(hidden)"
	}
	return id.Name
}

// isHex tells whether a name is an identifier of the national centre's making.
func isHex(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil && len(s) >= 32
}

// OfKey describes a public key.
func OfKey(pub crypto.PublicKey) PublicKey {
	var k PublicKey
	switch p := pub.(type) {
	case *rsa.PublicKey:
		k.Algorithm, k.Bits = "RSA", p.N.BitLen()
	case *ecdsa.PublicKey:
		k.Algorithm, k.Bits, k.Curve = "ECDSA", p.Params().BitSize, p.Params().Name
	case *gost3410.PublicKey:
		a, _, _ := pki.AlgorithmsOf(p)
		k.Algorithm, k.Bits, k.Curve = a.Name, 8*p.Curve().Size(), p.Curve().Name()
	default:
		k.Algorithm = "not supported"
		return k
	}
	if der, err := pki.MarshalPublicKey(pub); err == nil {
		k.Fingerprint = fingerprint(der)
	}
	return k
}

func fingerprint(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// String is the key in a few words.
func (k PublicKey) String() string {
	s := k.Algorithm
	if k.Bits > 0 {
		s += fmt.Sprintf(", %d bits", k.Bits)
	}
	if k.Curve != "" {
		s += ", curve " + k.Curve
	}
	return s
}

// OfCertificate describes a certificate.
func OfCertificate(c *x509.Certificate, o Options) Certificate {
	out := Certificate{
		Subject: pki.NameText(c.Subject), BIN: pki.SubjectBIN(c), Roles: pki.RolesOf(c), Issuer: pki.NameText(c.Issuer), Serial: c.SerialNumber.Text(16),
		PublicKey: OfKey(c.PublicKey), Signature: signature(c), CA: c.IsCA, KeyUsage: keyUsages(c), ExtendedUses: extendedUsages(c),
		NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(), DaysLeft: daysLeft(c, o.At), State: StateAt(c, o.At),
		OCSP: c.OCSPServer, CRL: c.CRLDistributionPoints, Fingerprint: fingerprint(c.Raw),
	}
	if o.Personal {
		out.Subject, out.Issuer, out.IIN = pki.FullNameText(c.Subject), pki.FullNameText(c.Issuer), pki.SubjectIIN(c)
	}
	return out
}

func signature(c *x509.Certificate) string {
	s, err := pki.ParseSigned(c.Raw)
	if err != nil {
		return "not readable"
	}
	return pki.SignatureName(s.Algorithm)
}

func daysLeft(c *x509.Certificate, at time.Time) int {
	return int(c.NotAfter.Sub(at).Hours() / 24)
}

// StateAt tells where a moment lies in the time of a certificate.
func StateAt(c *x509.Certificate, at time.Time) State {
	switch {
	case at.Before(c.NotBefore):
		return NotYetValid
	case at.After(c.NotAfter):
		return Expired
	}
	return Valid
}

func keyUsages(c *x509.Certificate) (out []string) {
	for i, name := range [...]string{
		"digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement", "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly",
	} { // RFC 5280, section 4.2.1.3, in the order of its bits, as crypto/x509 has them
		if c.KeyUsage&(1<<i) != 0 {
			out = append(out, name)
		}
	}
	return out
}

// extendedUsages names those of RFC 5280, section 4.2.1.12; others are numbers,
// save the roles of the national centre, which are told apart.
func extendedUsages(c *x509.Certificate) (out []string) {
	names := map[x509.ExtKeyUsage]string{
		x509.ExtKeyUsageAny: "anyExtendedKeyUsage", x509.ExtKeyUsageServerAuth: "serverAuth", x509.ExtKeyUsageClientAuth: "clientAuth",
		x509.ExtKeyUsageCodeSigning: "codeSigning", x509.ExtKeyUsageEmailProtection: "emailProtection",
		x509.ExtKeyUsageTimeStamping: "timeStamping", x509.ExtKeyUsageOCSPSigning: "OCSPSigning",
	}
	for _, u := range c.ExtKeyUsage {
		name := names[u]
		if name == "" {
			name = fmt.Sprintf("usage %d of crypto/x509", u)
		}
		out = append(out, name)
	}
	for _, oid := range c.UnknownExtKeyUsage {
		if len(pki.RolesOf(&x509.Certificate{UnknownExtKeyUsage: []asn1.ObjectIdentifier{oid}})) == 0 {
			out = append(out, oid.String())
		}
	}
	return out
}
