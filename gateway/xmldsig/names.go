package xmldsig

import "slices"

// A refusal names what was refused, because that is how an operator finds out
// what a peer sends. But the names stand in the message, and whoever wrote it
// could have put anything there, a person's data included: so only names that
// are on a public list are repeated, and every other is "unknown".

// AlgorithmName is an algorithm identifier as a refusal may repeat it.
func AlgorithmName(uri string) string { return known(algorithmNames, uri) }

// ElementName is the local name of an element of KeyInfo as a refusal may
// repeat it.
func ElementName(local string) string { return known(elementNames, local) }

func known(list []string, name string) string {
	if slices.Contains(list, name) {
		return name
	}
	return "unknown"
}

// algorithmNames are the identifiers of XML Signature 1.1, RFC 4051, RFC 6931
// and RFC 9231, of WS-Security, and of the national algorithms.
//
//nolint:gochecknoglobals // a constant table
var algorithmNames = slices.Concat(
	under("http://www.w3.org/2000/09/xmldsig#", "sha1", "hmac-sha1", "dsa-sha1", "rsa-sha1", "base64", "enveloped-signature"),
	under("http://www.w3.org/2001/04/xmldsig-more#", "md5", "sha1", "sha224", "sha384", "hmac-md5", "hmac-sha224", "hmac-sha256",
		"hmac-sha384", "hmac-sha512", "hmac-ripemd160", "rsa-md5", "rsa-sha1", "rsa-sha224", "rsa-sha256", "rsa-sha384", "rsa-sha512",
		"rsa-ripemd160", "ecdsa-sha1", "ecdsa-sha224", "ecdsa-sha256", "ecdsa-sha384", "ecdsa-sha512", "sha256-rsa-MGF1",
		"gost34310-gost34311", "gost34311", "xptr"),
	under("http://www.w3.org/2007/05/xmldsig-more#", "sha1-rsa-MGF1", "sha224-rsa-MGF1", "sha256-rsa-MGF1", "sha384-rsa-MGF1",
		"sha512-rsa-MGF1", "rsa-pss", "ecdsa-ripemd160", "sha3-224", "sha3-256", "sha3-384", "sha3-512", "whirlpool"),
	under("http://www.w3.org/2021/04/xmldsig-more#", "eddsa-ed25519", "eddsa-ed448", "ecdsa-sha3-256", "ecdsa-sha3-384", "ecdsa-sha3-512"),
	under("http://www.w3.org/2009/xmldsig11#", "dsa-sha256"),
	under("", "none"), // of JSON signatures, and seen here
	under("http://www.w3.org/2001/04/xmlenc#", "sha256", "sha512", "ripemd160"),
	under("http://www.w3.org/2001/10/xml-exc-c14n#", "", "WithComments"),
	under("http://www.w3.org/2006/12/xml-c14n11", "", "#WithComments"),
	under("http://www.w3.org/TR/", "2001/REC-xml-c14n-20010315", "2001/REC-xml-c14n-20010315#WithComments", "1999/REC-xpath-19991116",
		"1999/REC-xslt-19991116"),
	under("http://www.w3.org/2002/", "06/xmldsig-filter2", "07/decrypt#XML"),
	under("http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#", "STR-Transform"),
	under("http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#", "Attachment-Content-Signature-Transform", "Attachment-Complete-Signature-Transform"),
	under("urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:", "gostr34102015-gostr34112015-256", "gostr34102015-gostr34112015-512",
		"gostr34112015-256", "gostr34112015-512"),
	under("urn:ietf:params:xml:ns:cpxmlsec:algorithms:", "gostr34102001-gostr3411", "gostr3411", "gostr34102012-gostr34112012-256",
		"gostr34102012-gostr34112012-512", "gostr34112012-256", "gostr34112012-512"),
)

func under(base string, names ...string) []string {
	for i, n := range names {
		names[i] = base + n
	}
	return names
}

// elementNames are the children of KeyInfo, X509Data and
// SecurityTokenReference in public schemas that are not accepted.
//
//nolint:gochecknoglobals // a constant table
var elementNames = []string{
	"KeyName", "KeyValue", "RetrievalMethod", "PGPData", "SPKIData", "MgmtData", "KeyInfoReference", "DEREncodedKeyValue", "OCSPResponse",
	"X509Digest", "EncryptedKey", "DerivedKey", "AgreementMethod", "SecurityTokenReference", "BinarySecurityToken", "Embedded", "Body",
	"Signature", "Assertion", "SecurityContextToken",
}
