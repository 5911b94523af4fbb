// Package wsse signs the Body of a SOAP message and verifies it, in the form
// of WS-Security that the e-government gateway speaks (OASIS Web Services
// Security: SOAP Message Security 1.1 and X.509 Certificate Token Profile 1.1).
//
// Signing splices the header and the Body's Id into the caller's bytes; the
// Body itself is never re-serialised. Verifying accepts the variants that are
// seen in the wild in Id form and KeyInfo form, and nothing else.
package wsse

import (
	"time"

	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// Namespaces and identifiers of WS-Security and its X.509 token profile.
const (
	Namespace        = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
	NamespaceUtility = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
	EncodingBase64   = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
	TokenX509v3      = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"
	TokenX509SKI     = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509SubjectKeyIdentifier"

	namespaceSOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
	namespaceSOAP12 = "http://www.w3.org/2003/05/soap-envelope"
	actorNext       = "http://schemas.xmlsoap.org/soap/actor/next"
)

// Policy is what VerifyBody demands.
type Policy struct {
	Suites []*xmldsig.Suite // accepted algorithms; nil means xmldsig.Suites()
	Limits xmltext.Limits   // of the strict reader; comments and processing instructions stay refused
	Clock  func() time.Time // nil means time.Now
	Skew   time.Duration    // how far a Timestamp may lie off our clock; 0 means 5 minutes
	Signer string           // subject the signer must have, e.g. "CN=ШЭП"; "" accepts every trusted one

	Report func(xmldsig.Step) // is told every check that was passed; nil is not
}

// DefaultSkew is the tolerance between two clocks.
const DefaultSkew = 5 * time.Minute

// Verified is a message whose Body a trusted system signed.
type Verified struct {
	Doc     *xmltext.Doc
	Body    xmltext.Node // the very node that was digested
	Covered []string     // names of all digested nodes, e.g. "Body", "Timestamp"
	Signer  *pki.Certificate
	Suite   *xmldsig.Suite
}
