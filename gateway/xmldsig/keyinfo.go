package xmldsig

import (
	"math/big"
	"strings"

	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// keyInfo reads the hints of ds:KeyInfo (XMLDSig, section 4.5). KeyName and
// KeyValue are let in and never used: a key that the message brings along
// proves nothing.
func (c *Check) keyInfo(n xmltext.Node, h *pki.Hint) (err *Error) {
	if n.IsZero() {
		return nil
	}
	if !n.OnlyElements() {
		return Refuse(ClassStructure, "text beside the child elements of KeyInfo")
	}
	for child := range n.Elements() {
		switch {
		case child.Is(Namespace, "X509Data"):
			err = ReadX509Data(child, h)
		case child.Is(Namespace, "KeyName"), child.Is(Namespace, "KeyValue"):
		case child.Space() != Namespace:
			err = c.Frame.Token(child, h)
		default:
			err = Refuse(ClassStructure, "the child %q of KeyInfo is not accepted", ElementName(child.Local()))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ReadX509Data adds the hints of a ds:X509Data (XMLDSig, section 4.5.4).
func ReadX509Data(n xmltext.Node, h *pki.Hint) *Error {
	if !n.OnlyElements() {
		return Refuse(ClassStructure, "text beside the child elements of X509Data")
	}
	for child := range n.Elements() {
		switch {
		case child.Is(Namespace, "X509Certificate"):
			if err := AddCertificate(child, h); err != nil {
				return err
			}
		case child.Is(Namespace, "X509IssuerSerial"):
			r := children(child)
			name, serial := r.take("X509IssuerName"), r.take("X509SerialNumber")
			r.end()
			if r.err != nil {
				return r.err
			}
			digits, issuer := strings.TrimSpace(serial.Text()), name.Text()
			if len(digits) > maxDigits || len(issuer) > maxName || h.Serial != nil {
				return Refuse(ClassStructure, "X509IssuerSerial is too long or stands twice")
			}
			number, ok := new(big.Int).SetString(digits, 10)
			if !ok {
				return Refuse(ClassStructure, "X509SerialNumber is not a number")
			}
			h.IssuerName, h.Serial = issuer, number
		case child.Is(Namespace, "X509SKI"):
			if err := AddKeyID(child, h); err != nil {
				return err
			}
		case child.Is(Namespace, "X509SubjectName"):
			subject := child.Text()
			if len(subject) > maxName || h.SubjectName != "" {
				return Refuse(ClassStructure, "X509SubjectName is too long or stands twice")
			}
			h.SubjectName = subject
		case child.Is(Namespace, "X509CRL"):
			// Revocation lists come from configuration.
		default:
			return Refuse(ClassStructure, "the child %q of X509Data is not accepted", ElementName(child.Local()))
		}
	}
	return nil
}

// maxDigits and maxName bound names and numbers before anything is made of
// them: reading a number costs more than its length. A serial number has at
// most 20 bytes (RFC 5280, section 4.1.2.2), which are 49 digits.
const (
	maxDigits = 64
	maxName   = 4 << 10
)

// maxKeyID bounds a subject key identifier, in bytes: it is a digest, and refusals
// repeat it.
const maxKeyID = 64

// AddKeyID adds the subject key identifier in base64 that an element holds.
func AddKeyID(n xmltext.Node, h *pki.Hint) *Error {
	id, ok := Base64(n)
	if !ok || len(id) == 0 || len(id) > maxKeyID || h.KeyID != nil {
		return Refuse(ClassStructure, "the key identifier in %s is malformed, too long or stands twice", n.Local())
	}
	h.KeyID = id
	return nil
}

// maxCertificates and maxCertificateBytes bound what a message may bring.
const (
	maxCertificates     = 8
	maxCertificateBytes = 32 << 10
)

// AddCertificate adds the base64 DER certificate an element holds.
func AddCertificate(n xmltext.Node, h *pki.Hint) *Error {
	if n.ContentEnd()-n.TagEnd() > 2*maxCertificateBytes || len(h.Certificates) == maxCertificates {
		return Refuse(ClassStructure, "the message carries too large or too many certificates")
	}
	der, ok := Base64(n)
	if !ok {
		return Refuse(ClassStructure, "%s is not base64 text alone", n.Local())
	}
	for _, c := range h.Certificates {
		if string(c) == string(der) {
			return nil
		}
	}
	h.Certificates = append(h.Certificates, der)
	return nil
}
