package pki

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"net"
	"time"
)

// template says what distinguishes the certificate of one role.
type template struct {
	cn, bin string
	from    time.Duration // start of validity relative to now
	to      time.Duration // end of validity relative to now
	keyOf   Role          // shares the key of that role; "" for an own key
	rogue   bool          // issued by the attacker's authority
	server  bool          // a TLS server on this machine
}

// Names and numbers of systems that do not exist.
const (
	shepName, shepBIN         = "ШЭП СЫНАҚ (MOCK)", "991240000003"
	registryName, registryBIN = "ГБД ФЛ СЫНАҚ (MOCK)", "991240001001"
	clientName, clientBIN     = "KOPIR СЫНАҚ (MOCK)", "991240002009"
	otherName, otherBIN       = "ӨЗГЕ ЖҮЙЕ СЫНАҚ (MOCK)", "991240003008"
)

// templates holds a row for every role.
func templates() map[Role]template {
	return map[Role]template{
		Shep:            {cn: shepName, bin: shepBIN, from: -alreadyIssued, to: systemTerm},
		ShepExpired:     {cn: shepName, bin: shepBIN, from: -2 * year, to: -day, keyOf: Shep},
		ShepNotYet:      {cn: shepName, bin: shepBIN, from: 20 * day, to: systemTerm, keyOf: Shep},
		ShepRevoked:     {cn: shepName, bin: shepBIN, from: -alreadyIssued, to: systemTerm, keyOf: Shep},
		ShepOtherSerial: {cn: shepName, bin: shepBIN, from: -alreadyIssued, to: systemTerm, keyOf: Shep},
		Registry:        {cn: registryName, bin: registryBIN, from: -alreadyIssued, to: systemTerm},
		Client:          {cn: clientName, bin: clientBIN, from: -alreadyIssued, to: systemTerm},
		ClientExpired:   {cn: clientName, bin: clientBIN, from: -2 * year, to: -day, keyOf: Client},
		ClientRevoked:   {cn: clientName, bin: clientBIN, from: -alreadyIssued, to: systemTerm, keyOf: Client},
		ClientOther:     {cn: otherName, bin: otherBIN, from: -alreadyIssued, to: systemTerm},
		Attacker:        {cn: shepName, bin: shepBIN, from: -alreadyIssued, to: systemTerm, rogue: true},
		Server:          {cn: "localhost", bin: shepBIN, from: -alreadyIssued, to: systemTerm, server: true},
		AttackerServer:  {cn: "localhost", bin: shepBIN, from: -alreadyIssued, to: systemTerm, rogue: true, server: true},
	}
}

func (p *PKI) issue(r Role) (*Identity, error) {
	t := templates()[r]
	id := &Identity{}
	if t.keyOf != "" {
		owner, err := p.Identity(t.keyOf)
		if err != nil {
			return nil, err
		}
		id.Key = owner.Key
	} else {
		kind := p.keys
		if t.server {
			kind = ECDSA
		}
		key, err := newKey(kind)
		if err != nil {
			return nil, err
		}
		id.Key = key
	}
	issuer := p.intermediate
	if t.rogue {
		issuer = p.rogue
	}
	der, err := x509.CreateCertificate(rand.Reader, p.leaf(r, t), issuer.Certificate, id.Key.Public(), issuer.Key)
	if err != nil {
		return nil, err
	}
	id.Certificate, err = x509.ParseCertificate(der)
	return id, err
}

func (p *PKI) leaf(r Role, t template) *x509.Certificate {
	// Object identifiers of the national centre: extended key usages "legal
	// entity" and "information system", and the policy of legal entities.
	usageLegalEntity := asn1.ObjectIdentifier{1, 2, 398, 3, 3, 4, 1, 2}
	usageSystem := asn1.ObjectIdentifier{1, 2, 398, 3, 3, 4, 1, 2, 6}
	policyLegal := asn1.ObjectIdentifier{1, 2, 398, 3, 3, 2}
	c := &x509.Certificate{
		SerialNumber: p.serials[r],
		Subject: pkix.Name{
			CommonName:         t.cn,
			Organization:       []string{"KOPIR MOCK"},
			OrganizationalUnit: []string{"BIN" + t.bin},
			Country:            []string{"KZ"},
		},
		NotBefore:         p.now.Add(t.from),
		NotAfter:          p.now.Add(t.to),
		KeyUsage:          x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
		PolicyIdentifiers: []asn1.ObjectIdentifier{policyLegal},
	}
	if t.server {
		c.KeyUsage = x509.KeyUsageDigitalSignature
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		c.DNSNames = []string{"localhost"}
		c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	} else {
		c.UnknownExtKeyUsage = []asn1.ObjectIdentifier{usageLegalEntity, usageSystem}
	}
	return c
}

func (p *PKI) makeAuthorities() (err error) {
	if p.root, err = p.authority("НЕГІЗГІ СЫНАҚ ОРТАЛЫҒЫ (MOCK)", 15*year, nil); err != nil {
		return err
	}
	if p.intermediate, err = p.authority("ҰЛТТЫҚ СЫНАҚ ОРТАЛЫҒЫ (MOCK) 2026", 10*year, p.root); err != nil {
		return err
	}
	p.rogue, err = p.authority("ҰЛТТЫҚ СЫНАҚ ОРТАЛЫҒЫ (MOCK) 2026", 10*year, nil)
	return err
}

// authority makes a certification authority, self-signed unless it has an issuer.
func (p *PKI) authority(cn string, term time.Duration, issuer *Identity) (*Identity, error) {
	key, err := newKey(ECDSA)
	if err != nil {
		return nil, err
	}
	n, err := serial()
	if err != nil {
		return nil, err
	}
	c := &x509.Certificate{
		SerialNumber:          n,
		Subject:               pkix.Name{CommonName: cn, Organization: []string{"KOPIR MOCK"}, Country: []string{"KZ"}},
		NotBefore:             p.now.Add(-5 * year),
		NotAfter:              p.now.Add(term),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	parent, signer := c, key
	if issuer != nil {
		parent, signer = issuer.Certificate, issuer.Key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return &Identity{Key: key, Certificate: cert}, err
}

// makeLists signs an empty list for the root and one with the revoked
// certificates for the intermediate.
func (p *PKI) makeLists() error {
	var revoked []x509.RevocationListEntry
	for _, r := range []Role{ShepRevoked, ClientRevoked} {
		revoked = append(revoked, x509.RevocationListEntry{SerialNumber: p.serials[r], RevocationTime: p.now.Add(-7 * day), ReasonCode: 1})
	}
	for _, of := range []struct {
		issuer  *Identity
		entries []x509.RevocationListEntry
	}{{p.root, nil}, {p.intermediate, revoked}} {
		der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
			Number:                    big.NewInt(1),
			ThisUpdate:                p.now.Add(-time.Hour),
			NextUpdate:                p.now.Add(crlTerm),
			RevokedCertificateEntries: of.entries,
		}, of.issuer.Certificate, of.issuer.Key)
		if err != nil {
			return err
		}
		list, err := x509.ParseRevocationList(der)
		if err != nil {
			return err
		}
		p.crls = append(p.crls, list)
	}
	return nil
}
