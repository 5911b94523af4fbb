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
	"slices"
	"sync"
	"time"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410"
)

// Suite is a family of algorithms: of the keys of systems and persons and, in
// every suite but RSA, of the authorities above them. Keys for RSA are slow to
// make, so there the authorities have those of ECDSA. TLS is ECDSA everywhere,
// under an authority of its own, because crypto/tls knows no national algorithm.
type Suite string

// The suites.
const (
	GOST2015 Suite = "gost2015" // ГОСТ 34.10-2015, 512 bits: what the national centre issues
	GOST2004 Suite = "gost2004" // ГОСТ 34.310-2004: what it issued before
	RSA      Suite = "rsa"      // 2048 bits
	ECDSA    Suite = "ecdsa"    // P-256
)

// Suites lists them, the default first.
func Suites() []Suite { return []Suite{GOST2015, GOST2004, RSA, ECDSA} }

// Role says whose identity is meant.
type Role string

// The honest systems.
const (
	Shep     Role = "shep"     // the e-government gateway; signs envelopes
	Registry Role = "registry" // the State Database of Individuals; signs the data inside
	Client   Role = "client"   // the gateway under test
	Server   Role = "server"   // TLS server certificate of the end point

	OCSP Role = "ocsp-responder"
	TSA  Role = "time-stamping-authority"
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
	AttackerOCSP    Role = "attacker-ocsp"   // OCSP responder of the attacker's authority
	AttackerTSA     Role = "attacker-tsa"    // time-stamping authority of the attacker's authority
)

// Options of a new authority.
type Options struct {
	Clock func() time.Time // default time.Now; validity is counted from its value at New
	Suite Suite            // default the first of Suites

	// URL is where Services can be reached, without a slash at the end.
	// Certificates of systems and persons then say where to ask about them; ""
	// leaves that out.
	URL string
}

// Identity is a key with its certificate.
type Identity struct {
	Key         crypto.Signer
	Certificate *x509.Certificate
}

// PKI is one set of authorities. It is safe for concurrent use.
type PKI struct {
	suite        Suite
	url          string
	now          time.Time
	root         *Identity
	intermediate *Identity
	rogue        *Identity // the attacker's authority, of the same name as the intermediate
	tls          *Identity // above TLS servers only
	rogueTLS     *Identity
	crls         []*x509.RevocationList
	serials      map[Role]*big.Int
	identities   map[Role]func() (*Identity, error)
	register     register
}

// Terms of validity, relative to the time of New.
const (
	day           = 24 * time.Hour
	year          = 365 * day
	systemTerm    = 3 * year // as the national centre issues them
	personTerm    = year
	crlTerm       = 30 * day
	ocspTerm      = time.Hour
	alreadyIssued = 30 * day // certificates are that old at the start
)

// New makes the authorities and their revocation lists.
func New(o Options) (*PKI, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Suite == "" {
		o.Suite = Suites()[0]
	}
	if !slices.Contains(Suites(), o.Suite) {
		return nil, fmt.Errorf("mock PKI: there is no suite %q", o.Suite)
	}
	p := &PKI{suite: o.Suite, url: o.URL, now: o.Clock().UTC().Truncate(time.Second), serials: map[Role]*big.Int{}, identities: map[Role]func() (*Identity, error){}}
	for role, t := range templates() {
		n, err := serial()
		if err != nil {
			return nil, err
		}
		p.serials[role] = n
		if !t.rogue && !t.server {
			p.register.add(n)
		}
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

// Suite is the family of algorithms of the systems.
func (p *PKI) Suite() Suite { return p.suite }

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

// TLSRoots are the trust anchors of TLS servers.
func (p *PKI) TLSRoots() []*x509.Certificate { return []*x509.Certificate{p.tls.Certificate} }

// Intermediates are the authorities between the roots and the systems.
func (p *PKI) Intermediates() []*x509.Certificate {
	return []*x509.Certificate{p.intermediate.Certificate}
}

// Known are the certificates that the e-government gateway hands out to the
// participants beforehand, because its answers name theirs by issuer and serial
// number only.
func (p *PKI) Known() ([]*x509.Certificate, error) {
	var known []*x509.Certificate
	roles := []Role{Shep, Registry}
	for name := range owners() {
		roles = append(roles, Owner(name))
	}
	slices.Sort(roles[2:])
	for _, r := range roles {
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

func newKey(s Suite) (crypto.Signer, error) {
	switch s {
	case GOST2015:
		return gost3410.GenerateKey(gost3410.TC26A512(), rand.Reader)
	case GOST2004:
		return gost3410.GenerateKey(gost3410.CryptoProA(), rand.Reader)
	case RSA:
		return rsa.GenerateKey(rand.Reader, 2048)
	default:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
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
