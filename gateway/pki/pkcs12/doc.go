// Package pkcs12 reads keystores: those of the national certification centre,
// which are BER, and those that OpenSSL, Java and others write (RFC 7292).
//
// Decode checks the MAC in constant time before anything is decrypted, so that
// all that comes out was put in by someone who knew the password. A private key
// comes out as PKCS#8 (RFC 5208): which algorithms it can be is the business of
// the caller.
//
// What is read: the MAC of RFC 7292 over SHA-1 and SHA-2 and PBMAC1 (RFC 9879);
// encryption by 3DES and RC2 (RFC 7292, appendix C) and by PBES2 with PBKDF2
// (RFC 8018), AES and 3DES. What is not: integrity by signature, privacy by
// public key, RC4. Revocation lists and bags of other kinds are passed over.
//
// Passwords in the forms that keys are derived from, derived keys and decrypted
// contents are overwritten after use. That is an effort and no promise: the
// expanded keys inside the standard library's ciphers are out of reach.
package pkcs12

import (
	"fmt"
	"io"
)

// Keystore is what a file holds, in the order in which it stands there. There
// may be several keys or none; LocalKeyID tells which certificate is whose.
type Keystore struct {
	Keys         []Key
	Certificates []Certificate

	MAC        Scheme   // over all of it
	Encryption []Scheme // of its parts, each once; a part in the clear has none
}

// Scheme is an algorithm with a key that is derived from the password.
type Scheme struct {
	Name       string // e.g. "HMAC-SHA-1", "PBES2 AES-256"
	Iterations int    // of the derivation
}

// Destroy overwrites the keys and forgets them.
func (s *Keystore) Destroy() {
	for _, k := range s.Keys {
		clear(k.PKCS8)
	}
	s.Keys = nil
}

// Key is a private key. Only its outer shape was checked.
type Key struct {
	PKCS8 PrivateKeyInfo
	Attributes
}

// Certificate is a certificate in DER, byte by byte as it stood in the file.
// Only that it is one element was checked.
type Certificate struct {
	DER []byte
	Attributes
}

// Attributes name a key or a certificate.
type Attributes struct {
	FriendlyName string // RFC 2985, section 5.5.1: any text; it can name a person
	LocalKeyID   []byte // RFC 2985, section 5.5.2: the same for a key and its certificate
}

// PrivateKeyInfo is a private key in the DER of RFC 5208, section 5. Printers
// and encoders do not show it.
type PrivateKeyInfo []byte

const masked = "***"

// Format masks every verb of fmt, and with it log/slog.
func (PrivateKeyInfo) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, masked) }

// MarshalText masks in encoding/json and others.
func (PrivateKeyInfo) MarshalText() ([]byte, error) { return []byte(masked), nil }

// Limits bounds what Decode accepts; a zero field takes its default.
type Limits struct {
	Bytes      int // length of the file, default 1 MiB
	Depth      int // nesting of bags that hold bags, default 4
	Bags       int // bags and groups of bags in all, default 1000
	Iterations int // of one key derivation, default 1 000 000; of all in a file four times as many
}

// The defaults of Limits.
const (
	DefaultBytes      = 1 << 20
	DefaultDepth      = 4
	DefaultBags       = 1000
	DefaultIterations = 1_000_000
)

func (l Limits) withDefaults() Limits {
	for _, f := range []struct {
		v *int
		d int
	}{
		{&l.Bytes, DefaultBytes},
		{&l.Depth, DefaultDepth},
		{&l.Bags, DefaultBags},
		{&l.Iterations, DefaultIterations},
	} {
		if *f.v <= 0 {
			*f.v = f.d
		}
	}
	return l
}

// Reason says why a keystore does not open.
type Reason string

// The reasons.
const (
	WrongPassword     Reason = "wrong-password"        // the MAC does not hold: another password, or changed content
	NoMAC             Reason = "no-mac"                // nothing tells whether password and content are right
	Damaged           Reason = "damaged"               // not the ASN.1 of a keystore, or it does not decrypt though the MAC holds
	Unsupported       Reason = "unsupported-algorithm" // an algorithm or content type we do not read; the text has its OID
	TooManyIterations Reason = "too-many-iterations"   // a key derivation that would take too long
	TooLarge          Reason = "too-large"             // more bytes, elements or bags than allowed
	TooDeep           Reason = "too-deep"              // nested more deeply than allowed
)

// Error is the refusal to open a keystore. Its text never quotes the password
// or the content.
type Error struct {
	Reason Reason
	Text   string
}

// Error says why the keystore does not open.
func (e *Error) Error() string { return "keystore " + string(e.Reason) + ": " + e.Text }

func refuse(r Reason, format string, args ...any) *Error {
	return &Error{Reason: r, Text: fmt.Sprintf(format, args...)}
}
