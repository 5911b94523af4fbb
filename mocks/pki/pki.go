// Package pki is the throw-away certification authority of the offline world.
//
// New makes a root, an intermediate and their revocation lists; nothing of it
// survives the process. The certificates of systems, good and bad, are made
// when they are first asked for: an RSA key costs a tenth of a second, and most
// tests need two of them. Bad certificates that differ from the good one in one
// respect only (expired, not yet valid, revoked, another serial number) are
// issued over the same key, so that nothing but that respect can be the reason
// of a refusal.
//
// Subjects have the shape of the national certificates: CN is the system, OU is
// "BIN" and twelve digits, C is KZ. Issuers have Cyrillic names, as the real
// ones do. The numbers are invented (2099) and the names say that this is a mock.
package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"math/big"
	"sync"
	"time"
)

// KeyType is the kind of key of the systems. The authorities' own keys are
// always ECDSA P-256: nobody's test depends on them and they cost nothing.
type KeyType string

// The kinds of key.
const (
	RSA   KeyType = "rsa-2048"
	ECDSA KeyType = "ecdsa-p256"
)

// Role says whose identity is meant.
type Role string

// The honest systems.
const (
	Shep     Role = "shep"     // the e-government gateway; signs envelopes
	Registry Role = "registry" // the State Database of Individuals; signs the data inside
	Client   Role = "client"   // the gateway under test
	Server   Role = "server"   // TLS server certificate of the end point
)

// What is wrong in exactly one respect. Those of ШЭП and of the client share
// the key of the honest one.
const (
	ShepExpired     Role = "shep-expired"
	ShepNotYet      Role = "shep-not-yet-valid"
	ShepRevoked     Role = "shep-revoked"
	ShepOtherSerial Role = "shep-other-serial" // right, but handed out to nobody: no store knows it
	ClientExpired   Role = "client-expired"
	ClientRevoked   Role = "client-revoked"
	ClientOther     Role = "client-other"    // a right certificate of another system
	Attacker        Role = "attacker"        // subject of ШЭП, issued by an authority of the same name with another key
	AttackerServer  Role = "attacker-server" // TLS server certificate of the attacker's authority
)

// Options of a new authority.
type Options struct {
	Clock func() time.Time // default time.Now; validity is counted from its value at New
	Keys  KeyType          // default RSA
}

// Identity is a key with its certificate.
type Identity struct {
	Key         crypto.Signer
	Certificate *x509.Certificate
}

// PKI is one set of authorities. It is safe for concurrent use.
type PKI struct {
	keys         KeyType
	now          time.Time
	root         *Identity
	intermediate *Identity
	rogue        *Identity // the attacker's authority
	crls         []*x509.RevocationList
	serials      map[Role]*big.Int
	identities   map[Role]func() (*Identity, error)
}

// Terms of validity, relative to the time of New.
const (
	day           = 24 * time.Hour
	year          = 365 * day
	systemTerm    = 3 * year // as the national centre issues them
	crlTerm       = 30 * day
	alreadyIssued = 30 * day // certificates are that old at the start
)

// New makes the authorities and their revocation lists.
func New(o Options) (*PKI, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Keys == "" {
		o.Keys = RSA
	}
	if o.Keys != RSA && o.Keys != ECDSA {
		return nil, fmt.Errorf("mock PKI: unknown key type %q", o.Keys)
	}
	p := &PKI{keys: o.Keys, now: o.Clock().UTC().Truncate(time.Second), serials: map[Role]*big.Int{}, identities: map[Role]func() (*Identity, error){}}
	for role := range templates() {
		n, err := serial()
		if err != nil {
			return nil, err
		}
		p.serials[role] = n
		p.identities[role] = sync.OnceValues(func() (*Identity, error) { return p.issue(role) })
	}
	if err := p.makeAuthorities(); err != nil {
		return nil, fmt.Errorf("mock PKI: %w", err)
	}
	if err := p.makeLists(); err != nil {
		return nil, fmt.Errorf("mock PKI: revocation list: %w", err)
	}
	return p, nil
}

// Identity gives the key and certificate of a system, made at the first call.
func (p *PKI) Identity(r Role) (*Identity, error) {
	issued, ok := p.identities[r]
	if !ok {
		return nil, fmt.Errorf("mock PKI: unknown role %q", r)
	}
	return issued()
}

// Roots are the trust anchors.
func (p *PKI) Roots() []*x509.Certificate { return []*x509.Certificate{p.root.Certificate} }

// Intermediates are the authorities between the roots and the systems.
func (p *PKI) Intermediates() []*x509.Certificate {
	return []*x509.Certificate{p.intermediate.Certificate}
}

// Known are the certificates that the e-government gateway hands out to the
// participants beforehand, because its answers name theirs by issuer and serial
// number only.
func (p *PKI) Known() ([]*x509.Certificate, error) {
	var known []*x509.Certificate
	for _, r := range []Role{Shep, Registry} {
		id, err := p.Identity(r)
		if err != nil {
			return nil, err
		}
		known = append(known, id.Certificate)
	}
	return known, nil
}

// CRLs are the revocation lists of root and intermediate.
func (p *PKI) CRLs() []*x509.RevocationList { return append([]*x509.RevocationList(nil), p.crls...) }

func newKey(t KeyType) (crypto.Signer, error) {
	if t == ECDSA {
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	return rsa.GenerateKey(rand.Reader, 2048)
}

// serial draws a serial number of 128 bits (RFC 5280 section 4.1.2.2 asks for
// a positive one of at most 20 octets).
func serial() (*big.Int, error) {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 128))
	if err != nil {
		return nil, err
	}
	return n.SetBit(n, 127, 1), nil
}
