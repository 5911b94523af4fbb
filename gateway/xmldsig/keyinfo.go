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
			err = Refuse(ClassStructure, "the child %.60q of KeyInfo is not accepted", child.Local())
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
			number, ok := new(big.Int).SetString(strings.TrimSpace(serial.Text()), 10)
			if !ok || len(serial.Text()) > 64 || h.Serial != nil {
				return Refuse(ClassStructure, "X509IssuerSerial is malformed or stands twice")
			}
			h.IssuerName, h.Serial = name.Text(), number
		case child.Is(Namespace, "X509SKI"):
			id, ok := Base64(child)
			if !ok || h.KeyID != nil {
				return Refuse(ClassStructure, "X509SKI is malformed or stands twice")
			}
			h.KeyID = id
		case child.Is(Namespace, "X509SubjectName"):
			h.SubjectName = child.Text()
		case child.Is(Namespace, "X509CRL"):
			// Revocation lists come from configuration.
		default:
			return Refuse(ClassStructure, "the child %.60q of X509Data is not accepted", child.Local())
		}
	}
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
