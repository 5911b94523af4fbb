// Package crl reads certificate revocation lists (RFC 5280, section 5) of any
// key family, complete ones and those that hold changes only.
//
// The reader is lenient where live lists of the national centre need it: the two
// places that name the signature algorithm may differ, and a list without number
// or key identifier is read too. It is strict about what a list means: what it
// does not understand it remembers, so that nobody takes the silence of such a
// list for an answer. A list of a million entries stays in the bytes it came in,
// beside a table of four to eight bytes an entry.
package crl

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"os"
	"time"

	"github.com/kopir-kz/kopir/gateway/pki"
)

// The ways in which bytes are no list, or a list is not an issuer's.
var (
	ErrMalformed = errors.New("not a revocation list")
	ErrTooLong   = errors.New("the revocation list is longer than allowed")
	ErrIssuer    = errors.New("the revocation list names another issuer")
	ErrKeyUsage  = errors.New("the issuer may not sign revocation lists")
)

// Limits bound a list before work is done on it.
type Limits struct {
	Bytes   int // 64 MiB
	Entries int // 4 million
}

// The values of the zero Limits.
const (
	MaxBytes   = 64 << 20
	MaxEntries = 4_000_000
)

// List is a revocation list. It never changes and is safe for concurrent use.
// Nothing it says counts before CheckFrom.
type List struct {
	RawIssuer      []byte // DER
	ThisUpdate     time.Time
	NextUpdate     time.Time // zero if it names none
	Number         *big.Int  // nil if it has none
	Base           *big.Int  // of a delta list, the number from which on it holds the changes; else nil
	AuthorityKeyID []byte
	// Limiting are the extensions that change the meaning of the list in a way
	// that is not evaluated here: unknown critical ones, and
	// issuingDistributionPoint.
	Limiting []asn1.ObjectIdentifier

	signed *pki.Signed
	index  index
}

// Entry is what a list says about a certificate.
type Entry struct {
	Since  time.Time
	Reason pki.CRLReason
}

// Parse reads one list in DER within the default limits. The List keeps der,
// which must not change. The error is ErrTooLong, or ErrMalformed with what was
// wrong.
func Parse(der []byte) (*List, error) { return Limits{}.Parse(der) }

// ParseAll reads the lists of a PEM text, at least one, or the one in DER.
func ParseAll(b []byte) ([]*List, error) { return Limits{}.ParseAll(b) }

// Load reads the lists of a file, PEM or DER.
func Load(path string) ([]*List, error) { return Limits{}.Load(path) }

func (m Limits) complete() Limits {
	if m.Bytes == 0 {
		m.Bytes = MaxBytes
	}
	m.Bytes = min(m.Bytes, math.MaxInt32) // places within a list take 32 bits
	if m.Entries == 0 {
		m.Entries = MaxEntries
	}
	return m
}

// ParseAll is ParseAll within these limits, each list of the text for itself.
func (m Limits) ParseAll(b []byte) ([]*List, error) {
	blocks, err := pki.Blocks(b, "X509 CRL")
	if err != nil {
		return nil, err
	}
	var out []*List
	for _, der := range blocks {
		l, err := m.Parse(der)
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

// Load is Load within these limits. A file is at most twice as long as a list:
// PEM takes more room.
func (m Limits) Load(path string) ([]*List, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	most := 2 * int64(m.complete().Bytes)
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > most {
		return nil, fmt.Errorf("%s: %w", path, ErrTooLong)
	}
	lists, err := m.ParseAll(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return lists, nil
}

// CheckFrom checks that an authority issued the list: name, right to sign lists,
// signature. The error is ErrIssuer, ErrKeyUsage, or that of pki.CheckSignature.
func (l *List) CheckFrom(issuer *x509.Certificate) error {
	switch {
	case !bytes.Equal(l.RawIssuer, issuer.RawSubject):
		return ErrIssuer
	case issuer.Version == 3 && !issuer.BasicConstraintsValid, issuer.BasicConstraintsValid && !issuer.IsCA:
		return ErrKeyUsage
	case issuer.KeyUsage != 0 && issuer.KeyUsage&x509.KeyUsageCRLSign == 0:
		return ErrKeyUsage
	}
	return l.signed.Check(issuer.PublicKey)
}

// Algorithm is that of the signature, as named beside it.
func (l *List) Algorithm() asn1.ObjectIdentifier { return l.signed.Algorithm }

// Find looks a serial number up.
func (l *List) Find(serial *big.Int) (Entry, bool) {
	var room [32]byte // RFC 5280, section 4.1.2.2, allows 20
	if serial.BitLen() > 8*len(room) {
		return l.index.find(serial.Bytes())
	}
	return l.index.find(bytes.TrimLeft(serial.FillBytes(room[:]), "\x00"))
}

// Len counts the certificates the list names.
func (l *List) Len() int { return l.index.n }

// Complete tells whether the silence of the list says anything: it holds more
// than changes, and nothing limits it.
func (l *List) Complete() bool { return l.Base == nil && len(l.Limiting) == 0 }

// Updates tells whether a delta list may be applied to a complete one (RFC 5280,
// section 5.2.4). That both are of one issuer is for the caller to know.
func (l *List) Updates(base *List) bool {
	return l.Base != nil && len(l.Limiting) == 0 && l.Number != nil &&
		base.Complete() && base.Number != nil &&
		base.Number.Cmp(l.Base) >= 0 && base.Number.Cmp(l.Number) < 0
}
