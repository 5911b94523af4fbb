package pki

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"time"

	"github.com/kopir-kz/kopir/gateway/pki/issue"
)

// template says what distinguishes the certificate of one role.
type template struct {
	kind    issue.Kind
	subject issue.Subject
	from    time.Duration // start of validity relative to now
	to      time.Duration // end of validity relative to now
	keyOf   Role          // shares the key of that role; "" for an own key
	rogue   bool          // issued by the attacker's authority
	server  bool          // a TLS server on this machine, issued by the authority for TLS
}

// Organization is what the subjects of the offline world belong to.
const Organization = "KOPIR MOCK"

// systems that do not exist, with numbers that nobody has. Their object
// identifiers are of the arc for examples.
func shepSubject() issue.Subject {
	return issue.Subject{UserID: "2.999.1.1", CommonName: "ШЭП СЫНАҚ (MOCK)", Organization: Organization, BIN: "991240000003"}
}

func registrySubject() issue.Subject {
	return issue.Subject{UserID: "2.999.1.2", CommonName: "ГБД ФЛ СЫНАҚ (MOCK)", Organization: Organization, BIN: "991240001001"}
}

func clientSubject() issue.Subject {
	return issue.Subject{UserID: "2.999.1.3", CommonName: "KOPIR СЫНАҚ (MOCK)", Organization: Organization, BIN: "991240002009"}
}

func otherSubject() issue.Subject {
	return issue.Subject{UserID: "2.999.1.4", CommonName: "ӨЗГЕ ЖҮЙЕ СЫНАҚ (MOCK)", Organization: Organization, BIN: "991240003008"}
}

// owners are the systems that sign the data inside, by the short names of their
// registries. They share the key of Registry: to a verifier they differ by their
// certificates, and a further RSA key would cost every start a tenth of a second.
func owners() map[string]issue.Subject {
	return map[string]issue.Subject{
		"ZAGS":   {UserID: "2.999.1.11", CommonName: "РАГС СЫНАҚ (MOCK)", Organization: Organization, BIN: "991240004006"},
		"MTSZN":  {UserID: "2.999.1.12", CommonName: "ЕҢБЕК МИНИСТРЛІГІ СЫНАҚ (MOCK)", Organization: Organization, BIN: "991240005004"},
		"PEP":    {UserID: "2.999.1.13", CommonName: "ПЭП СЫНАҚ (MOCK)", Organization: Organization, BIN: "991240006002"},
		"GBDUL":  {UserID: "2.999.1.14", CommonName: "ГБД ЮЛ СЫНАҚ (MOCK)", Organization: Organization, BIN: "991240007000"},
		"KGD":    {UserID: "2.999.1.15", CommonName: "КГД СЫНАҚ (MOCK)", Organization: Organization, BIN: "991240008009"},
		"AR":     {UserID: "2.999.1.16", CommonName: "ИС АР СЫНАҚ (MOCK)", Organization: Organization, BIN: "991240009007"},
		"AKIMAT": {UserID: "2.999.1.17", CommonName: "ӘКІМДІК СЫНАҚ (MOCK)", Organization: Organization, BIN: "991240010000"},
		"MON":    {UserID: "2.999.1.18", CommonName: "БІЛІМ МИНИСТРЛІГІ СЫНАҚ (MOCK)", Organization: Organization, BIN: "991240011009"},
	}
}

// Owner is the role of the system that signs the data of a registry; Registry
// for ГБД ФЛ and for those without an identity of their own.
func Owner(registry string) Role {
	if _, ok := owners()[registry]; ok {
		return Registry + "-" + Role(registry)
	}
	return Registry
}

// templates holds a row for every role.
func templates() map[Role]template {
	const system = issue.System
	shep, registry, client, other := shepSubject(), registrySubject(), clientSubject(), otherSubject()
	server := issue.Subject{CommonName: "localhost", Organization: Organization, BIN: shep.BIN}
	ocsp := issue.Subject{CommonName: "OCSP RESPONDER СЫНАҚ (MOCK)", Organization: Organization, BIN: shep.BIN}
	tsa := issue.Subject{CommonName: "TIME-STAMPING AUTHORITY СЫНАҚ (MOCK)", Organization: Organization, BIN: shep.BIN}
	all := map[Role]template{
		Shep:            {kind: system, subject: shep, from: -alreadyIssued, to: systemTerm},
		ShepExpired:     {kind: system, subject: shep, from: -2 * year, to: -day, keyOf: Shep},
		ShepNotYet:      {kind: system, subject: shep, from: 20 * day, to: systemTerm, keyOf: Shep},
		ShepRevoked:     {kind: system, subject: shep, from: -alreadyIssued, to: systemTerm, keyOf: Shep},
		ShepOtherSerial: {kind: system, subject: shep, from: -alreadyIssued, to: systemTerm, keyOf: Shep},
		Registry:        {kind: system, subject: registry, from: -alreadyIssued, to: systemTerm},
		Client:          {kind: system, subject: client, from: -alreadyIssued, to: systemTerm},
		ClientExpired:   {kind: system, subject: client, from: -2 * year, to: -day, keyOf: Client},
		ClientRevoked:   {kind: system, subject: client, from: -alreadyIssued, to: systemTerm, keyOf: Client},
		ClientOther:     {kind: system, subject: other, from: -alreadyIssued, to: systemTerm},
		Attacker:        {kind: system, subject: shep, from: -alreadyIssued, to: systemTerm, rogue: true},
		Server:          {kind: system, subject: server, from: -alreadyIssued, to: systemTerm, server: true},
		AttackerServer:  {kind: system, subject: server, from: -alreadyIssued, to: systemTerm, rogue: true, server: true},
		OCSP:            {kind: issue.OCSPResponder, subject: ocsp, from: -alreadyIssued, to: systemTerm},
		AttackerOCSP:    {kind: issue.OCSPResponder, subject: ocsp, from: -alreadyIssued, to: systemTerm, rogue: true},
		TSA:             {kind: issue.TimeStamper, subject: tsa, from: -alreadyIssued, to: systemTerm},
		AttackerTSA:     {kind: issue.TimeStamper, subject: tsa, from: -alreadyIssued, to: systemTerm, rogue: true},
	}
	for name, subject := range owners() {
		all[Owner(name)] = template{kind: system, subject: subject, from: -alreadyIssued, to: systemTerm, keyOf: Registry}
	}
	return all
}

func (p *PKI) issue(r Role) (*Identity, error) {
	t := templates()[r]
	suite, issuer := p.suite, p.intermediate
	switch {
	case t.server && t.rogue:
		suite, issuer = ECDSA, p.rogueTLS
	case t.server:
		suite, issuer = ECDSA, p.tls
	case t.rogue:
		issuer = p.rogue
	}
	var key crypto.Signer
	var err error
	if t.keyOf == "" {
		key, err = newKey(suite)
	} else {
		var owner *Identity
		if owner, err = p.Identity(t.keyOf); err == nil {
			key = owner.Key
		}
	}
	if err != nil {
		return nil, err
	}
	c := issue.Template(t.kind, t.subject, p.addresses())
	c.SerialNumber, c.NotBefore, c.NotAfter = p.serials[r], p.now.Add(t.from), p.now.Add(t.to)
	if t.server {
		c.KeyUsage, c.UnknownExtKeyUsage = x509.KeyUsageDigitalSignature, nil
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		c.DNSNames = []string{"localhost"}
		c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	}
	return certify(c, issuer, key)
}

func certify(c *x509.Certificate, issuer *Identity, key crypto.Signer) (*Identity, error) {
	made, err := issue.Certificate(c, issuer.Certificate, key.Public(), issuer.Key)
	if err != nil {
		return nil, err
	}
	return &Identity{Key: key, Certificate: made}, nil
}

// Person is somebody who signs documents: for himself, or with a BIN as the
// first head of a legal entity. All of it is invented by whoever asks.
type Person struct {
	IIN                        string
	Surname, Given, Patronymic string // Patronymic may be empty
	Organization, BIN          string
}

// Person certifies a new key for a person; each call makes another.
func (p *PKI) Person(who Person) (*Identity, error) {
	kind := issue.Individual
	if who.BIN != "" {
		kind = issue.Head
	}
	n, err := serial()
	if err != nil {
		return nil, err
	}
	key, err := newKey(p.suite)
	if err != nil {
		return nil, err
	}
	c := issue.Template(kind, issue.Subject{
		CommonName: who.Surname + " " + who.Given, Surname: who.Surname, Patronymic: who.Patronymic,
		IIN: who.IIN, Organization: who.Organization, BIN: who.BIN,
	}, p.addresses())
	c.SerialNumber, c.NotBefore, c.NotAfter = n, p.now.Add(-alreadyIssued), p.now.Add(personTerm)
	p.register.add(n)
	return certify(c, p.intermediate, key)
}

// makeAuthorities makes those of the suite and those of TLS.
func (p *PKI) makeAuthorities() (err error) {
	suite := p.suite
	if suite == RSA {
		suite = ECDSA
	}
	const between, tls = "ҰЛТТЫҚ СЫНАҚ ОРТАЛЫҒЫ (MOCK) 2026", "TLS СЫНАҚ ОРТАЛЫҒЫ (MOCK)"
	if p.root, err = p.authority(suite, "НЕГІЗГІ СЫНАҚ ОРТАЛЫҒЫ (MOCK)", 15*year, nil); err != nil {
		return err
	}
	if p.intermediate, err = p.authority(suite, between, 10*year, p.root); err != nil {
		return err
	}
	if p.rogue, err = p.authority(suite, between, 10*year, nil); err != nil {
		return err
	}
	if p.tls, err = p.authority(ECDSA, tls, 10*year, nil); err != nil {
		return err
	}
	p.rogueTLS, err = p.authority(ECDSA, tls, 10*year, nil)
	return err
}

// authority makes a certification authority, self-signed unless it has an issuer.
func (p *PKI) authority(s Suite, cn string, term time.Duration, issuer *Identity) (*Identity, error) {
	key, err := newKey(s)
	if err != nil {
		return nil, err
	}
	n, err := serial()
	if err != nil {
		return nil, err
	}
	c := issue.Template(issue.Authority, issue.Subject{
		CommonName: cn, Organization: Organization, CountryFirst: s == GOST2004, // as the centre's of that time
	}, issue.Addresses{})
	c.SerialNumber, c.NotBefore, c.NotAfter = n, p.now.Add(-5*year), p.now.Add(term)
	if issuer == nil {
		issuer = &Identity{Key: key, Certificate: c}
	}
	return certify(c, issuer, key)
}

// makeLists signs an empty list for the root and one with the revoked
// certificates for the intermediate.
func (p *PKI) makeLists() error {
	for _, r := range []Role{ShepRevoked, ClientRevoked} {
		p.register.revoke(p.serials[r], p.now.Add(-7*day), 1, true)
	}
	for _, of := range []struct {
		issuer  *Identity
		entries []x509.RevocationListEntry
	}{{p.root, nil}, {p.intermediate, p.register.entries(true)}} {
		list, err := signList(of.issuer, of.entries, p.now.Add(-time.Hour), p.now.Add(crlTerm), nil)
		if err != nil {
			return err
		}
		p.crls = append(p.crls, list)
	}
	return nil
}

// Numbers of the lists: there is one base, and every delta is to it.
const (
	baseNumber  = 1
	deltaNumber = 2
)

// signList signs a list; with a base it is the delta to it.
func signList(issuer *Identity, entries []x509.RevocationListEntry, from, to time.Time, base *big.Int) (*x509.RevocationList, error) {
	l := &x509.RevocationList{Number: big.NewInt(baseNumber), ThisUpdate: from, NextUpdate: to, RevokedCertificateEntries: entries}
	if base != nil {
		l.Number, l.ExtraExtensions = big.NewInt(deltaNumber), []pkix.Extension{issue.DeltaOf(base)}
	}
	return issue.RevocationList(l, issuer.Certificate, issuer.Key)
}
