package pki

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
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
		err := s.valid(ctx, c.Chain, at)
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
	f := s.chains(cert)
	if len(f.found) == 0 {
		return nil, f.refusal()
	}
	for _, chain := range f.found {
		known = append(known, &Certificate{Certificate: cert, Chain: chain, subject: subjectText(cert)})
	}
	s.mu.Lock()
	keep(s.parsed, string(cert.Raw), known)
	s.mu.Unlock()
	return known, nil
}

// keep remembers what was found. Where there is too much, something goes: whoever
// came first with many certificates must not keep the others out for good.
func keep[K comparable](m map[K][]*Certificate, key K, found []*Certificate) {
	if _, known := m[key]; !known && len(m) >= maxParsed {
		for victim := range m {
			delete(m, victim)
			break
		}
	}
	m[key] = found
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
	if key.serial != "" {
		key.issuer = strings.Clone(key.issuer)
		keep(s.byName, key, found)
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
// configured root a known certificate is its own anchor: the operator pinned it.
// Where there is no path, the search tells how far it came.
func (s *Store) chains(leaf *x509.Certificate) *search {
	f := &search{Store: s}
	if s.pinned(leaf) {
		f.found = [][]*x509.Certificate{{leaf}}
	} else {
		f.extend([]*x509.Certificate{leaf})
	}
	return f
}

func (s *Store) pinned(c *x509.Certificate) bool {
	return len(s.o.Roots) == 0 && contains(s.o.Known, c)
}

// search looks for paths.
type search struct {
	*Store
	found    [][]*x509.Certificate
	furthest []*x509.Certificate // the longest of the paths that end nowhere
	end      string              // why it ends
}

func (f *search) extend(chain []*x509.Certificate) {
	last := chain[len(chain)-1]
	if contains(f.o.Roots, last) {
		f.found = append(f.found, chain)
		return
	}
	end, open := "no certificate of its issuer is configured", true
	if bytes.Equal(last.RawIssuer, last.RawSubject) {
		end = "it names itself as its issuer and is no configured root"
	}
	for _, issuer := range f.authorities() {
		switch {
		case len(f.found) == maxChains:
			return
		case contains(chain, issuer) || !bytes.Equal(issuer.RawSubject, last.RawIssuer):
			continue
		case len(chain) == maxChain:
			f.deadEnd(chain, fmt.Sprintf("the chain is longer than %d", maxChain))
			return
		}
		if why := issues(issuer, last, len(chain)-1); why != "" {
			end = fmt.Sprintf("%s (%s)", why, Describe(issuer))
			continue
		}
		open = false
		f.extend(append(chain[:len(chain):len(chain)], issuer))
	}
	if open {
		f.deadEnd(chain, end)
	}
}

func (f *search) deadEnd(chain []*x509.Certificate, why string) {
	if len(chain) > len(f.furthest) {
		f.furthest, f.end = chain, why
	}
}

// refusal says that there is no path. The signer's certificate may be a
// stranger's: only its fingerprint is repeated.
func (f *search) refusal() *Error {
	link := len(f.furthest) - 1
	e := refuse(ReasonNoChain, "no path to a configured root (SHA-256 fingerprint %x) from link %d on: %s", sha256.Sum256(f.furthest[0].Raw), link, f.end)
	e.Certificate, e.Link = f.furthest[link], link
	return e
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

// issues tells why an issuer did not sign c, or may not (RFC 5280, section 6.1.4);
// "" if it did and may: a CA, allowed to sign certificates, with room for the CAs
// below it.
func issues(issuer, c *x509.Certificate, below int) (why string) {
	switch {
	case !issuer.BasicConstraintsValid, !issuer.IsCA:
		return "the issuer is not an authority by its basicConstraints"
	case issuer.KeyUsage != 0 && issuer.KeyUsage&x509.KeyUsageCertSign == 0:
		return "the issuer's keyUsage does not allow it to sign certificates"
	case (issuer.MaxPathLen > 0 || issuer.MaxPathLenZero) && below > issuer.MaxPathLen:
		return fmt.Sprintf("the issuer allows %d authorities below it, and there are %d", issuer.MaxPathLen, below)
	case constrained(issuer):
		return "the issuer is constrained to some names, which is not evaluated here"
	}
	if err := checkKey(issuer); err != nil {
		return "the issuer's key: " + string(err.Reason)
	}
	if err := CheckIssued(c, issuer); err != nil {
		return "the configured certificate of that name did not issue it: " + err.Error()
	}
	return ""
}
