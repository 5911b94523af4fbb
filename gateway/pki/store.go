package pki

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"
	"time"
)

// Hint is what a message says about its signer. It is never trusted: it only
// selects.
type Hint struct {
	Certificates [][]byte // DER; the signer's and perhaps its issuers'
	IssuerName   string   // X509IssuerName, together with Serial
	Serial       *big.Int
	KeyID        []byte // subject key identifier
	SubjectName  string // X509SubjectName
}

// Options is what a Store is made of.
type Options struct {
	Roots         []*x509.Certificate // anchors
	Intermediates []*x509.Certificate // between anchors and systems
	Known         []*x509.Certificate // systems that are named without a certificate in the message
	Revocation    Revocation
	Revoker       Revoker // nil knows nothing; asked unless Revocation is RevocationOff
}

// Store holds what is trusted. It is safe for concurrent use; what it was made
// of never changes.
type Store struct {
	o Options

	mu     sync.RWMutex
	parsed map[string][]*Certificate     // one for each chain, by the certificate's bytes
	byName map[nameSerial][]*Certificate // what issuer and serial were found to mean
}

type nameSerial struct{ issuer, serial string }

// maxParsed bounds the cache: answers come from few systems, and a flood of
// other certificates must not grow it.
const maxParsed = 256

// maxKeyName is the longest spelling of an issuer that is remembered.
const maxKeyName = 512

// maxChain bounds the length of a chain, maxChains the number of chains of one
// certificate.
const (
	maxChain  = 6
	maxChains = 4
)

// NewStore makes a Store.
func NewStore(o Options) *Store {
	return &Store{o: o, parsed: map[string][]*Certificate{}, byName: map[nameSerial][]*Certificate{}}
}

// CheckKey refuses keys that are too short to trust, or of no supported kind. The
// error is an *Error.
func CheckKey(c *x509.Certificate) error {
	if err := checkKey(c); err != nil {
		return err
	}
	return nil
}

func (s *Store) authorities() []*x509.Certificate {
	return append(append([]*x509.Certificate(nil), s.o.Roots...), s.o.Intermediates...)
}

// Resolve finds the certificate a hint means and checks that it is trusted at
// a moment: chain, validity, key usage, key length, revocation. While
// certificates are being changed, several may fit, and one certificate may
// have several chains: one that holds is enough. The error is an *Error.
func (s *Store) Resolve(ctx context.Context, h Hint, at time.Time) (*Certificate, error) {
	candidates, err := s.find(h)
	if err != nil {
		return nil, err
	}
	var first error
	for _, c := range candidates {
		err := s.valid(ctx, c, at)
		if err == nil {
			return c, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

// find gives the certificates a hint may mean, with their chains; at least one
// if there is no error.
func (s *Store) find(h Hint) ([]*Certificate, error) {
	named := h.Serial != nil || len(h.KeyID) > 0 || h.SubjectName != ""
	switch {
	case len(h.Certificates) == 0 && !named:
		return nil, refuse(ReasonNoHint, "the message names no certificate")
	case len(h.Certificates) == 0:
		return s.known(h)
	}
	found, err := s.fromBytes(h.Certificates)
	if err == nil && named && !matches(found[0].Certificate, h) {
		return nil, refuse(ReasonAmbiguous, "the message names two different certificates")
	}
	return found, err
}

// fromBytes takes the signer out of the certificates of a message: the only
// one that issued none of the others.
func (s *Store) fromBytes(der [][]byte) ([]*Certificate, error) {
	if len(der) == 1 {
		return s.load(der[0])
	}
	certs := make([]*x509.Certificate, len(der))
	for i, d := range der {
		var err error
		if certs[i], err = parse(d); err != nil {
			return nil, err
		}
	}
	var leaf *x509.Certificate
	for i, c := range certs {
		issuer := false
		for j, other := range certs {
			issuer = issuer || (i != j && bytes.Equal(other.RawIssuer, c.RawSubject))
		}
		switch {
		case issuer:
		case leaf != nil && !leaf.Equal(c):
			return nil, refuse(ReasonAmbiguous, "the message carries several certificates that could have signed it")
		default:
			leaf = c
		}
	}
	if leaf == nil {
		return nil, refuse(ReasonAmbiguous, "the certificates of the message issue each other")
	}
	return s.load(leaf.Raw)
}

func parse(der []byte) (*x509.Certificate, error) {
	c, err := ParseCertificate(der)
	if err != nil {
		return nil, refuse(ReasonMalformed, "what the message carries as its certificate is not one")
	}
	return c, nil
}

// load parses a certificate and builds its chains, once for the same bytes.
func (s *Store) load(der []byte) ([]*Certificate, error) {
	s.mu.RLock()
	known := s.parsed[string(der)]
	s.mu.RUnlock()
	if known != nil {
		return known, nil
	}
	cert, err := parse(der)
	if err != nil {
		return nil, err
	}
	chains := s.chains(cert)
	if len(chains) == 0 {
		return nil, refuse(ReasonNoChain, "no path to a configured root (SHA-256 fingerprint %x)", sha256.Sum256(cert.Raw))
	}
	for _, chain := range chains {
		known = append(known, &Certificate{Certificate: cert, Chain: chain, subject: subjectText(cert)})
	}
	s.mu.Lock()
	if len(s.parsed) < maxParsed {
		s.parsed[string(cert.Raw)] = known
	}
	s.mu.Unlock()
	return known, nil
}

// known finds configured certificates by issuer and serial, key identifier or
// subject.
func (s *Store) known(h Hint) ([]*Certificate, error) {
	var key nameSerial
	// The name is the message's: the key must neither keep the message alive nor
	// let strangers fill the memory with long spellings.
	if h.Serial != nil && h.Serial.Sign() > 0 && len(h.IssuerName) <= maxKeyName && len(h.KeyID) == 0 && h.SubjectName == "" {
		key = nameSerial{h.IssuerName, string(h.Serial.Bytes())}
		s.mu.RLock()
		found := s.byName[key]
		s.mu.RUnlock()
		if found != nil {
			return found, nil
		}
	}
	var found []*Certificate
	var last error = refuse(ReasonUnknown, "no certificate with %s is configured: add the system's certificate to the trust store", s.describe(h))
	for _, k := range s.o.Known {
		if !matches(k, h) {
			continue
		}
		c, err := s.load(k.Raw)
		if err != nil {
			last = err
		}
		found = append(found, c...)
	}
	if len(found) == 0 {
		return nil, last
	}
	s.mu.Lock()
	if key.serial != "" && len(s.byName) < maxParsed {
		key.issuer = strings.Clone(key.issuer)
		s.byName[key] = found
	}
	s.mu.Unlock()
	return found, nil
}

// describe names what is looked for, so that an operator can find it. The names
// of a hint are the message's: only one that is also configured is repeated.
func (s *Store) describe(h Hint) string {
	switch {
	case h.Serial != nil:
		name, _ := ParseName(h.IssuerName)
		for _, c := range s.authorities() {
			if name.Equal(NameOf(c.RawSubject)) {
				return fmt.Sprintf("issuer %q and serial number %x (hex)", c.Subject.String(), h.Serial)
			}
		}
		return fmt.Sprintf("an issuer that is not configured and serial number %x (hex)", h.Serial)
	case len(h.KeyID) > 0:
		return fmt.Sprintf("key identifier %x", h.KeyID)
	}
	return "that subject"
}

func matches(c *x509.Certificate, h Hint) bool {
	if h.Serial != nil {
		if c.SerialNumber.Cmp(h.Serial) != 0 {
			return false
		}
		if name, ok := ParseName(h.IssuerName); !ok || !name.Equal(NameOf(c.RawIssuer)) {
			return false
		}
	}
	if h.SubjectName != "" {
		if name, ok := ParseName(h.SubjectName); !ok || !name.Equal(NameOf(c.RawSubject)) {
			return false
		}
	}
	return len(h.KeyID) == 0 || bytes.Equal(h.KeyID, c.SubjectKeyId)
}

// chains builds the paths from a certificate to configured roots. Without any
// configured root a known certificate is its own anchor: the operator pinned
// it.
func (s *Store) chains(leaf *x509.Certificate) [][]*x509.Certificate {
	if len(s.o.Roots) == 0 {
		for _, k := range s.o.Known {
			if k.Equal(leaf) {
				return [][]*x509.Certificate{{leaf}}
			}
		}
	}
	var out [][]*x509.Certificate
	s.extend([]*x509.Certificate{leaf}, &out)
	return out
}

func (s *Store) extend(chain []*x509.Certificate, out *[][]*x509.Certificate) {
	last := chain[len(chain)-1]
	if contains(s.o.Roots, last) {
		*out = append(*out, chain)
		return
	}
	for _, issuer := range s.authorities() {
		if len(*out) == maxChains || len(chain) == maxChain {
			return
		}
		if !contains(chain, issuer) && issues(issuer, last, len(chain)-1) {
			s.extend(append(chain[:len(chain):len(chain)], issuer), out)
		}
	}
}

func contains(chain []*x509.Certificate, c *x509.Certificate) bool {
	for _, x := range chain {
		if x.Equal(c) {
			return true
		}
	}
	return false
}

// constrained tells whether an authority may certify some names only (RFC 5280,
// section 4.2.1.10). The national authorities are not constrained; one that is
// cannot be used, because its constraints are not evaluated here.
func constrained(c *x509.Certificate) bool {
	return slices.ContainsFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 30}) })
}

// issues tells whether issuer signed c and may do so (RFC 5280, section
// 6.1.4): a CA, allowed to sign certificates, with room for the CAs below it.
func issues(issuer, c *x509.Certificate, below int) bool {
	switch {
	case !bytes.Equal(issuer.RawSubject, c.RawIssuer), !issuer.BasicConstraintsValid, !issuer.IsCA:
		return false
	case issuer.KeyUsage != 0 && issuer.KeyUsage&x509.KeyUsageCertSign == 0:
		return false
	case (issuer.MaxPathLen > 0 || issuer.MaxPathLenZero) && below > issuer.MaxPathLen:
		return false
	case checkKey(issuer) != nil, constrained(issuer):
		return false
	}
	return CheckIssued(c, issuer) == nil
}

// valid checks what changes with time, and what only a signer must fulfil.
func (s *Store) valid(ctx context.Context, c *Certificate, at time.Time) error {
	if err := checkKey(c.Certificate); err != nil {
		return err
	}
	const signing = x509.KeyUsageDigitalSignature
	if c.KeyUsage&signing == 0 {
		return refuse(ReasonKeyUsage, "keyUsage does not allow digital signatures (%s)", Describe(c.Certificate))
	}
	for _, x := range c.Chain {
		if len(x.UnhandledCriticalExtensions) > 0 {
			return refuse(ReasonExtension, "critical extension %s is not understood (%s)", x.UnhandledCriticalExtensions[0], Describe(x))
		}
		if at.Before(x.NotBefore) {
			return refuse(ReasonNotYetValid, "valid only from %s (%s)", x.NotBefore.Format(time.RFC3339), Describe(x))
		}
		if at.After(x.NotAfter) {
			return refuse(ReasonExpired, "expired at %s (%s)", x.NotAfter.Format(time.RFC3339), Describe(x))
		}
	}
	if s.o.Revocation == RevocationOff {
		return nil
	}
	for i, x := range c.Chain[:len(c.Chain)-1] {
		if err := s.revoked(ctx, x, c.Chain[i+1], at); err != nil {
			return err
		}
	}
	return nil
}

// revoked asks about one link of a chain.
func (s *Store) revoked(ctx context.Context, c, issuer *x509.Certificate, at time.Time) error {
	var st Status
	err := errNoRevoker
	if s.o.Revoker != nil {
		st, err = s.o.Revoker.Status(ctx, c, issuer, at)
	}
	switch {
	case st.State == StateRevoked:
		return refuse(ReasonRevoked, "revoked at %s, %s (%s)", st.Since.Format(time.RFC3339), st.Reason, Describe(c))
	case st.State == StateGood, s.o.Revocation == RevocationSoft:
		return nil
	case err != nil:
		return refuse(ReasonNoRevocation, "no fresh answer about serial %x of issuer %q: %v", c.SerialNumber, issuer.Subject.String(), err)
	}
	return refuse(ReasonStatusUnknown, "issuer %q does not know serial %x", issuer.Subject.String(), c.SerialNumber)
}

var errNoRevoker = errors.New("no source is configured")
