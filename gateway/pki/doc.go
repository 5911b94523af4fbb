// Package pki decides which certificate signed a message and whether Kopir
// may trust it.
//
// A message only gives hints: a certificate, an issuer and serial number, or
// a key identifier. Trust comes from configuration alone: roots, intermediate
// certificates, certificates of known systems, and who may say what is revoked
// (a Revoker, such as that of gateway/pki/revocation). A Store holds them and
// answers one question: which certificate does this hint mean, and does it hold
// at this moment. Chains are built here and not by x509.Verify, because the
// national algorithms cannot pass through it.
package pki

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410"
)

// Reason says why a certificate is not trusted.
type Reason string

// The reasons.
const (
	ReasonNoHint        Reason = "no-hint"         // the message names no certificate in a form we read
	ReasonMalformed     Reason = "malformed"       // what it names is not an X.509 certificate
	ReasonUnknown       Reason = "unknown-signer"  // issuer and serial or key identifier are not in the store
	ReasonAmbiguous     Reason = "ambiguous"       // several different certificates are named
	ReasonNoChain       Reason = "no-chain"        // no path to a configured root
	ReasonExpired       Reason = "expired"         // after notAfter, of it or of an issuer
	ReasonNotYetValid   Reason = "not-yet-valid"   // before notBefore
	ReasonRevoked       Reason = "revoked"         // the issuer has taken it back
	ReasonStatusUnknown Reason = "status-unknown"  // who should know whether it is revoked does not know it, where an answer is demanded
	ReasonNoRevocation  Reason = "no-fresh-status" // nobody says that it is not revoked, where an answer is demanded
	ReasonKeyUsage      Reason = "key-usage"       // keyUsage forbids digital signatures
	ReasonExtension     Reason = "extension"       // a critical extension we do not understand (RFC 5280, section 4.2)
	ReasonWeakKey       Reason = "weak-key"        // the key is shorter than allowed
	ReasonSignerPin     Reason = "other-signer"    // trusted, but not the system this route demands
	ReasonKeyKind       Reason = "unsupported-key" // a key of a kind we do not support
)

// Error is a refusal to trust. Its text names issuer and serial where that
// tells an operator which certificate to put into the configuration.
type Error struct {
	Reason Reason
	Text   string

	// Certificate is the one it is about, Link its place in the chain: 0 is the
	// signer's own, 1 its issuer. nil if no certificate was found at all. The text
	// repeats of it only what configuration also says.
	Certificate *x509.Certificate
	Link        int

	Status Status // of ReasonRevoked: since when, and why
}

// Error says why the certificate is not trusted.
func (e *Error) Error() string { return string(e.Reason) + ": " + e.Text }

func refuse(r Reason, format string, args ...any) *Error {
	return &Error{Reason: r, Text: fmt.Sprintf(format, args...)}
}

// MinRSABits is the shortest RSA key that is accepted anywhere in a chain.
const MinRSABits = 2048

// MaxRSABits is the longest RSA key: work grows with the square of its length, and
// of an OCSP response the signature is checked before it is known whose it is.
const MaxRSABits = 8192

// MinECBits is the shortest elliptic-curve key that is accepted.
const MinECBits = 256

// Certificate is a certificate the Store vouches for.
type Certificate struct {
	*x509.Certificate
	Chain []*x509.Certificate // from the certificate itself to the anchor

	subject string                // text of the subject, once asked for
	named   atomic.Pointer[named] // the last answer of Named: a route asks for one name only
}

type named struct {
	dn    string
	holds bool
}

// Named tells whether the subject has every part of a distinguished name such
// as "CN=ШЭП,C=KZ", and each of their types once only: a subject with two common
// names is neither.
func (c *Certificate) Named(dn string) bool {
	if last := c.named.Load(); last != nil && last.dn == dn {
		return last.holds
	}
	name, ok := ParseName(dn)
	subject := NameOf(c.RawSubject)
	holds := ok && subject.Holds(name) && subject.once(name)
	c.named.Store(&named{dn, holds})
	return holds
}

// SubjectText is the subject as text (RFC 4514); of a person's certificate,
// which carries an IIN, it is the organisation alone.
func (c *Certificate) SubjectText() string {
	if c.subject == "" {
		return subjectText(c.Certificate)
	}
	return c.subject
}

func subjectText(c *x509.Certificate) string { return NameText(c.Subject) }

// NameText is a name as text (RFC 4514); of a person, whose name carries an IIN,
// it is the organisation alone.
func NameText(n pkix.Name) string {
	if person(n) {
		n = pkix.Name{Organization: n.Organization, OrganizationalUnit: n.OrganizationalUnit, Country: n.Country}
	}
	return nameText(n, "UID")
}

// person tells whether a name carries an IIN. Of several serial numbers package pkix
// keeps the last as SerialNumber, and the others among Names.
func person(n pkix.Name) bool {
	iin := func(v string) bool { return strings.Contains(strings.ToUpper(v), "IIN") }
	return iin(n.SerialNumber) || slices.ContainsFunc(n.Names, func(a pkix.AttributeTypeAndValue) bool {
		value, isText := a.Value.(string)
		return isText && a.Type.Equal(oidSerialNumber) && iin(value)
	})
}

// FullNameText is a name as text, personal data included.
func FullNameText(n pkix.Name) string { return nameText(n, "UID", "SURNAME", "GIVENNAME") }

// nameText is a name as text. Attributes that package pkix knows only as bytes, an
// information system's userId above all, stand at the end if their types are named.
func nameText(n pkix.Name, types ...string) string {
	var more string
	n.Names = slices.DeleteFunc(slices.Clone(n.Names), func(a pkix.AttributeTypeAndValue) bool {
		value, isText := a.Value.(string)
		i := slices.IndexFunc(types, func(t string) bool { return attributeTypes[t] == a.Type.String() })
		if i < 0 || !isText {
			return false
		}
		more += "," + types[i] + "=" + strings.TrimPrefix(pkix.Name{CommonName: value}.String(), "CN=") // with its escapes
		return true
	})
	return n.String() + more
}

// Describe names a certificate for people: subject and issuer as by NameText,
// serial number.
func Describe(c *x509.Certificate) string {
	return fmt.Sprintf("subject %q, issuer %q, serial %s", subjectText(c), NameText(c.Issuer), c.SerialNumber)
}

// checkKey refuses keys that are too short to trust.
func checkKey(c *x509.Certificate) *Error {
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		switch bits := k.N.BitLen(); {
		case bits < MinRSABits:
			return refuse(ReasonWeakKey, "an RSA key of %d bits is shorter than %d (%s)", bits, MinRSABits, Describe(c))
		case bits > MaxRSABits:
			return refuse(ReasonKeyKind, "an RSA key of %d bits is longer than %d (%s)", bits, MaxRSABits, Describe(c))
		}
	case *ecdsa.PublicKey:
		if k.Curve.Params().BitSize < MinECBits {
			return refuse(ReasonWeakKey, "an elliptic-curve key of %d bits is shorter than %d (%s)", k.Curve.Params().BitSize, MinECBits, Describe(c))
		}
	case *gost3410.PublicKey:
		// Every national curve that is read is long enough.
	default:
		return refuse(ReasonKeyKind, "the key algorithm is not supported (%s)", Describe(c))
	}
	return nil
}
