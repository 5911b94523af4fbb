package xmldsig_test

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/kopir-kz/kopir/gateway/c14n"
	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// TestAlteredDocumentsAreRefused changes the shape of a signed document, or
// what it says about itself.
func TestAlteredDocumentsAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.RSAKey(t, 2048))
	good := w.sign(t, document)
	from, to := strings.Index(good, "<ds:Signature "), strings.Index(good, "</ds:Signature>")+len("</ds:Signature>")
	sig, unsigned := good[from:to], good[:from]+good[to:]
	edit := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the document lacks %q", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	between := func(a, b, new string) string {
		i := strings.Index(good, a)
		j := i + strings.Index(good[i:], b) + len(b)
		return good[:i] + new + good[j:]
	}
	const enveloped = `<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>`
	const canonical = `<ds:Transform Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments"/>`
	transform := func(uri string) string { return `<ds:Transform Algorithm="` + uri + `"/>` }
	reference := good[strings.Index(good, "<ds:Reference "):strings.Index(good, "</ds:SignedInfo>")]
	tests := []struct {
		name, doc string
		want      xmldsig.Class
	}{
		{"no signature", unsigned, xmldsig.ClassStructure},
		{"two signatures", good[:to] + sig + good[to:], xmldsig.ClassStructure},
		{"signed twice", w.sign(t, good), xmldsig.ClassStructure},
		{"not the last child", good[:to] + "<x/>" + good[to:], xmldsig.ClassStructure},
		{"the first child", strings.Replace(unsigned, "<iin>", sig+"<iin>", 1), xmldsig.ClassStructure},
		{"not a child of the root", good[:from] + "<x>" + sig + "</x>" + good[to:], xmldsig.ClassStructure},
		{"the root itself", sig, xmldsig.ClassStructure},
		{"T1 signed document inside another", `<evil>` + unsigned + sig + `</evil>`, xmldsig.ClassSignature},
		{"T1 signed document in an Object", edit("</ds:Signature>", "<ds:Object>"+unsigned+"</ds:Object></ds:Signature>"), xmldsig.ClassStructure},
		{"T1 signed document in KeyInfo", edit("</ds:KeyInfo>", unsigned+"</ds:KeyInfo>"), xmldsig.ClassStructure},
		{"text changed", edit("Сынақова", "Сынақбекова"), xmldsig.ClassSignature},
		{"text beside the signature", edit("</ds:Signature>", "</ds:Signature>x"), xmldsig.ClassSignature},
		{"T2 Reference by Id", strings.Replace(edit(`URI=""`, `URI="#r"`), ` a="1"`, ` Id="r"`, 1), xmldsig.ClassSignature},
		{"T2 Reference to a part", strings.Replace(edit(`URI=""`, `URI="#r"`), "<iin>", `<iin Id="r">`, 1), xmldsig.ClassStructure},
		{"T2 two elements with one Id", strings.Replace(good, "<iin>", `<iin Id="r"/><iin Id="r">`, 1), xmldsig.ClassStructure},
		{"T6 foreign document", edit(`URI=""`, `URI="http://attacker.test/x.xml"`), xmldsig.ClassStructure},
		{"T6 file", edit(`URI=""`, `URI="file:///etc/hostname"`), xmldsig.ClassStructure},
		{"T6 xpointer", edit(`URI=""`, `URI="#xpointer(/)"`), xmldsig.ClassStructure},
		{"T6 no URI", edit(` URI=""`, ``), xmldsig.ClassStructure},
		{"T6 no Reference", edit(reference, ""), xmldsig.ClassStructure},
		{"T6 two References to the document", edit(reference, reference+reference), xmldsig.ClassStructure},
		{"T6 too many References", edit(reference, strings.Repeat(reference, xmldsig.MaxReferences+1)), xmldsig.ClassStructure},
		{"T6 too many Transforms", edit(canonical, strings.Repeat(canonical, xmldsig.MaxTransforms)), xmldsig.ClassStructure},
		{"T6 two canonicalizations", edit(canonical, canonical+canonical), xmldsig.ClassSignature},
		{"T6 XSLT", edit(canonical, transform("http://www.w3.org/TR/1999/REC-xslt-19991116")), xmldsig.ClassSignature},
		{"T6 XPath", edit(enveloped, transform("http://www.w3.org/TR/1999/REC-xpath-19991116")), xmldsig.ClassSignature},
		{"T6 enveloped transform last", edit(enveloped+canonical, canonical+enveloped), xmldsig.ClassSignature},
		{"T6 no enveloped transform", edit(enveloped, ""), xmldsig.ClassStructure},
		{"T6 exclusive with comments", edit(canonical, transform("http://www.w3.org/2001/10/xml-exc-c14n#WithComments")), xmldsig.ClassSignature},
		{"T3 SHA-1 signature", edit("xmldsig-more#rsa-sha256", "xmldsig-more#rsa-sha1"), xmldsig.ClassSignature},
		{"T3 SHA-1 digest", edit("2001/04/xmlenc#sha256", "2000/09/xmldsig#sha1"), xmldsig.ClassSignature},
		{"T3 HMAC", edit("xmldsig-more#rsa-sha256", "xmldsig-more#hmac-sha256"), xmldsig.ClassSignature},
		{"T3 ECDSA for an RSA key", edit("xmldsig-more#rsa-sha256", "xmldsig-more#ecdsa-sha256"), xmldsig.ClassSignature},
		{"T3 another RSA suite", edit("xmldsig-more#rsa-sha256", "xmldsig-more#rsa-sha512"), xmldsig.ClassSignature},
		{"T3 parameters", between("<ds:SignatureMethod", "/>", `<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"><ds:HMACOutputLength>8</ds:HMACOutputLength></ds:SignatureMethod>`), xmldsig.ClassStructure},
		{"T4 no KeyInfo", between("<ds:KeyInfo>", "</ds:KeyInfo>", ""), xmldsig.ClassTrust},
		{"T4 KeyInfo of KeyValue only", between("<ds:KeyInfo>", "</ds:KeyInfo>", "<ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo>"), xmldsig.ClassTrust},
		{"T4 KeyInfo of KeyName only", between("<ds:KeyInfo>", "</ds:KeyInfo>", "<ds:KeyInfo><ds:KeyName>Test registry</ds:KeyName></ds:KeyInfo>"), xmldsig.ClassTrust},
		{"T4 RetrievalMethod", edit("<ds:X509Data>", `<ds:RetrievalMethod URI="http://attacker.test/"/><ds:X509Data>`), xmldsig.ClassStructure},
		{"T4 token without a policy for it", edit("</ds:KeyInfo>", `<wsse:SecurityTokenReference xmlns:wsse="`+wsse.Namespace+`"/></ds:KeyInfo>`), xmldsig.ClassStructure},
		{"T4 text in KeyInfo", edit("</ds:KeyInfo>", "x</ds:KeyInfo>"), xmldsig.ClassStructure},
		{"T4 text in X509Data", edit("</ds:X509Data>", "x</ds:X509Data>"), xmldsig.ClassStructure},
		{"T4 unknown child of X509Data", edit("</ds:X509Data>", "<x/></ds:X509Data>"), xmldsig.ClassStructure},
		{"T4 certificate is not base64", edit("<ds:X509Certificate>", "<ds:X509Certificate>*"), xmldsig.ClassStructure},
		{"T4 certificate is not one", between("<ds:X509Certificate>", "</ds:X509Certificate>", "<ds:X509Certificate>AAAA</ds:X509Certificate>"), xmldsig.ClassTrust},
		{"T4 certificate too large", edit("<ds:X509Certificate>", "<ds:X509Certificate>"+strings.Repeat("A", 80<<10)), xmldsig.ClassStructure},
		{"T4 another serial number", edit("</ds:X509Data>", "<ds:X509IssuerSerial><ds:X509IssuerName>CN=Test CA,OU=TEST,C=KZ</ds:X509IssuerName><ds:X509SerialNumber>9</ds:X509SerialNumber></ds:X509IssuerSerial></ds:X509Data>"), xmldsig.ClassTrust},
		{"T7 two SignedInfo", edit("<ds:SignatureValue>", "<ds:SignedInfo/><ds:SignatureValue>"), xmldsig.ClassStructure},
		{"T7 SignedInfo in a wrapper", strings.NewReplacer("<ds:SignedInfo>", "<ds:x><ds:SignedInfo>", "</ds:SignedInfo>", "</ds:SignedInfo></ds:x>").Replace(good), xmldsig.ClassStructure},
		{"T7 comment in DigestValue", edit("<ds:DigestValue>", "<ds:DigestValue><!-- x -->"), xmldsig.ClassStructure},
		{"T7 CDATA in DigestValue", edit("<ds:DigestValue>", "<ds:DigestValue><![CDATA[]]>"), xmldsig.ClassStructure},
		{"T7 element in SignatureValue", edit("<ds:SignatureValue>", "<ds:SignatureValue><x/>"), xmldsig.ClassStructure},
		{"T7 SignatureValue is not base64", edit("<ds:SignatureValue>", "<ds:SignatureValue>*"), xmldsig.ClassStructure},
		{"T7 empty SignatureValue", between("<ds:SignatureValue>", "</ds:SignatureValue>", "<ds:SignatureValue/>"), xmldsig.ClassSignature},
		{"T7 text in SignedInfo", edit("<ds:SignedInfo>", "<ds:SignedInfo>x"), xmldsig.ClassStructure},
		{"T7 unexpected attribute", edit("<ds:DigestMethod ", `<ds:DigestMethod x="1" `), xmldsig.ClassStructure},
		{"T7 no DigestValue", between("<ds:DigestValue>", "</ds:DigestValue>", ""), xmldsig.ClassStructure},
		{"T7 unexpected child", edit("</ds:SignedInfo>", "<ds:x/></ds:SignedInfo>"), xmldsig.ClassStructure},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := w.verify(tt.doc)
			refused(t, err, tt.want)
		})
	}
	t.Run("no signature has a cause of its own", func(t *testing.T) {
		t.Parallel()
		if _, err := w.verify(unsigned); !errors.Is(err, xmldsig.ErrNotSigned) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("white space and its references are no change", func(t *testing.T) {
		t.Parallel()
		if _, err := w.verify(edit("</ds:X509Certificate>", "&#13;\n</ds:X509Certificate>")); err != nil {
			t.Error(err)
		}
	})
}

// TestAlgorithmsAreNamedFirst: an algorithm that is not accepted is the reason
// of a refusal whatever else is wrong. What KeyInfo holds was not used.
func TestAlgorithmsAreNamedFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.RSAKey(t, 2048))
	good := w.sign(t, document)
	from, to := strings.Index(good, "<ds:Signature "), strings.Index(good, "</ds:Signature>")+len("</ds:Signature>")
	sig := good[from:to]
	info := good[strings.Index(good, "<ds:SignedInfo>"):strings.Index(good, "<ds:SignatureValue>")]
	const sha1, md5 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1", "http://www.w3.org/2001/04/xmldsig-more#md5"
	const comments, xslt = "http://www.w3.org/2001/10/xml-exc-c14n#WithComments", "http://www.w3.org/TR/1999/REC-xslt-19991116"
	const enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
	algorithms := []struct{ accepted, other, name string }{
		{"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", sha1, sha1},
		{"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "urn:x:Сынақова", "unknown"},
		{"http://www.w3.org/2001/04/xmlenc#sha256", md5, md5},
		{"http://www.w3.org/TR/2001/REC-xml-c14n-20010315", comments, comments},   // CanonicalizationMethod
		{"http://www.w3.org/TR/2001/REC-xml-c14n-20010315", enveloped, enveloped}, // a Transform only
		{"http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments", comments, comments},
		{enveloped, xslt, xslt},
	}
	for _, a := range algorithms {
		if !strings.Contains(good, `"`+a.accepted+`"`) {
			t.Fatalf("the document lacks %q", a.accepted)
		}
	}
	for _, tt := range []struct {
		name     string
		old, new string // what makes the shape wrong
	}{
		{"right shape", "", ""},
		{"two signatures", sig, sig + sig},
		{"not the last child", "</ds:Signature>", "</ds:Signature><x/>"},
		{"not a child of the root", sig, "<x>" + sig + "</x>"},
		{"the root itself", good, strings.Replace(sig, "<ds:Signature ", `<ds:Signature xmlns:p="urn:kz:test" `, 1)},
		{"text in SignedInfo", "<ds:SignedInfo>", "<ds:SignedInfo>x"},
		{"two SignedInfo", info, info + info},
		{"no SignedInfo around them", info, strings.NewReplacer("<ds:SignedInfo>", "", "</ds:SignedInfo>", "").Replace(info)},
		{"SignedInfo in a wrapper", info, "<x><ds:x>" + info + "</ds:x></x>"},
		{"comment in DigestValue", "<ds:DigestValue>", "<ds:DigestValue><!-- x -->"},
		{"foreign Reference", `URI=""`, `URI="http://attacker.test/"`},
		{"two elements with one Id", "<iin>", `<iin Id="r"/><iin Id="r">`},
		{"relative namespace name", "<iin>", `<iin xmlns:q="q">`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(good, tt.old) {
				t.Fatalf("the document lacks %q", tt.old)
			}
			shape := strings.Replace(good, tt.old, tt.new, 1)
			for _, a := range algorithms {
				doc := strings.ReplaceAll(shape, `"`+a.accepted+`"`, `"`+a.other+`"`)
				_, err := w.verify(doc)
				refused(t, err, xmldsig.ClassSignature)
				if err == nil || !strings.Contains(err.Error(), `"`+a.name+`" is not accepted`) {
					t.Errorf("want %s to be named, got %v", a.name, err)
				}
			}
		})
	}
	for _, method := range []string{"SignatureMethod", "DigestMethod", "CanonicalizationMethod", "Transform"} {
		doc := strings.Replace(good, "</ds:KeyInfo>", `<ds:KeyValue><ds:`+method+` Algorithm="`+sha1+`"/></ds:KeyValue></ds:KeyInfo>`, 1)
		if _, err := w.verify(doc); err != nil {
			t.Errorf("%s in KeyInfo: %v", method, err)
		}
		doc = strings.Replace(good, "<iin>", `<iin><ds:`+method+` xmlns:ds="`+xmldsig.Namespace+`" Algorithm="`+sha1+`"/>`, 1)
		if _, err := w.verify(w.sign(t, strings.Replace(doc, sig, "", 1))); err != nil {
			t.Errorf("%s in the data: %v", method, err)
		}
	}
}

// TestDocumentsWithoutCanonicalForm: a relative namespace name anywhere, and
// nothing is signed or verified, whoever has signed.
func TestDocumentsWithoutCanonicalForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	stranger := newWorld(t, pkitest.ECKey(t))
	formless := func(t *testing.T, err error) {
		t.Helper()
		refused(t, err, xmldsig.ClassInput)
		if e := new(c14n.NameError); !errors.As(err, &e) {
			t.Errorf("want a NameError, got %v", err)
		}
	}
	for _, name := range []string{"relative", "urn:a&amp;b", "#fragment", "urn:a b"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, at := range []string{"<iin>", "<empty/>"} {
				declare := func(doc string) string {
					return strings.Replace(doc, at, strings.Replace(at, "<", `<x xmlns:q="`+name+`"/><`, 1), 1)
				}
				out, err := xmldsig.SignEnveloped(context.Background(), []byte(declare(document)), w.signer)
				formless(t, err)
				if out != nil {
					t.Errorf("signed: %s", out)
				}
				for _, signer := range []*world{w, stranger} {
					_, err = w.verify(declare(signer.sign(t, document)))
					formless(t, err)
				}
			}
		})
	}
	// What lies around a document that was signed when it stood alone is not its
	// concern.
	d, err := xmltext.ParseString(`<carrier xmlns="relative">`+w.sign(t, `<answer xmlns=""/>`)+`</carrier>`, xmltext.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := xmldsig.VerifyEnveloped(context.Background(), d.Root().First(), w.store, w.policy); err != nil {
		t.Error(err)
	}
}

// TestUnsuitableInputIsNotSigned: nothing is signed that could not be read.
func TestUnsuitableInputIsNotSigned(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	for _, doc := range []string{"", "text", "<a>", "<a/><b/>", `<!DOCTYPE a><a/>`, `<p:a/>`, "<a>\x00</a>"} {
		_, err := xmldsig.SignEnveloped(context.Background(), []byte(doc), w.signer)
		refused(t, err, xmldsig.ClassInput)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if out, err := xmldsig.SignEnveloped(ctx, []byte(document), w.signer); !errors.Is(err, context.Canceled) {
		t.Errorf("signed after the end: %s, %v", out, err)
	}
}

// TestTrust: T4, trust comes from configuration and the pin.
func TestTrust(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	stranger := newWorld(t, pkitest.ECKey(t)) // an authority of the same name with another key
	reason := func(t *testing.T, err error, want pki.Reason) {
		t.Helper()
		refused(t, err, xmldsig.ClassTrust)
		var p *pki.Error
		if !errors.As(err, &p) || p.Reason != want {
			t.Errorf("want reason %s, got %v", want, err)
		}
	}
	_, err := w.verify(stranger.sign(t, document))
	reason(t, err, pki.ReasonNoChain)

	d, err := xmltext.ParseString(w.sign(t, document), xmltext.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for pin, want := range map[string]bool{"CN=Test registry": true, "C=KZ,CN=Test registry": true, "CN=Other": false, "nonsense": false} {
		p := w.policy
		p.Signer = pin
		if _, err := xmldsig.VerifyEnveloped(context.Background(), d.Root(), w.store, p); !want {
			reason(t, err, pki.ReasonSignerPin)
		} else if err != nil {
			t.Error(err)
		}
	}
}

// TestTokenBesideX509Data: some business data names the certificate a second
// time in the way of WS-Security. Both must mean the same certificate.
func TestTokenBesideX509Data(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	w.policy.Token = wsse.Token
	other := w.ca.Signer(t, "Other system", pkitest.ECKey(t))
	good := w.sign(t, document)
	reference := func(content string) string {
		return `<wsse:SecurityTokenReference xmlns:wsse="` + wsse.Namespace + `">` + content + `</wsse:SecurityTokenReference>`
	}
	identifier := func(der []byte) string {
		return reference(`<wsse:KeyIdentifier EncodingType="` + wsse.EncodingBase64 + `" ValueType="` + wsse.TokenX509v3 + `">` + base64.StdEncoding.EncodeToString(der) + `</wsse:KeyIdentifier>`)
	}
	serial := func(number string) string {
		return reference(`<ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>CN=Test CA,OU=TEST,C=KZ</ds:X509IssuerName><ds:X509SerialNumber>` + number + `</ds:X509SerialNumber></ds:X509IssuerSerial></ds:X509Data>`)
	}
	own := w.certificate(t).SerialNumber.String()
	for _, tt := range []struct {
		name, token string
		want        xmldsig.Class
	}{
		{"the same certificate", identifier(w.signer.Certificate()), ""},
		{"issuer and serial of the same certificate", serial(own), ""},
		{"another certificate of the authority", identifier(other.Certificate()), xmldsig.ClassTrust},
		{"issuer and serial of another", serial("77"), xmldsig.ClassTrust},
		{"by reference", reference(`<wsse:Reference URI="#x"/>`), xmldsig.ClassStructure},
		{"two references", reference(`<wsse:KeyIdentifier/><wsse:KeyIdentifier/>`), xmldsig.ClassStructure},
		{"not a reference", `<x/>`, xmldsig.ClassStructure},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, doc := range []string{
				strings.Replace(good, "</ds:KeyInfo>", tt.token+"</ds:KeyInfo>", 1),
				strings.Replace(good, "<ds:KeyInfo>", "<ds:KeyInfo>"+tt.token, 1),
			} {
				v, err := w.verify(doc)
				if tt.want != "" {
					refused(t, err, tt.want)
				} else if err != nil || v.Signer.Subject.CommonName != "Test registry" {
					t.Error(err)
				}
			}
		})
	}
}
