package wsse_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
)

const envelope = `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header></soap:Header><soap:Body>` +
	`<ns:SendMessage xmlns:ns="http://bip.bee.kz/SyncChannel/v10/Types"><request><requestInfo><messageId>m-1</messageId></requestInfo>` +
	`<requestData><data><q>Сынақова &amp; Ко</q></data></requestData></request></ns:SendMessage></soap:Body></soap:Envelope>`

type world struct {
	ca     *pkitest.Authority
	key    crypto.Signer
	signer xmldsig.Signer
	store  *pki.Store
	policy wsse.Policy
}

func newWorld(t testing.TB, key crypto.Signer) *world {
	t.Helper()
	ca := pkitest.NewAuthority(t, "Test CA")
	w := &world{ca: ca, key: key, signer: ca.Signer(t, "Test system", key)}
	cert, err := pki.ParseCertificate(w.signer.Certificate())
	if err != nil {
		t.Fatal(err)
	}
	w.store = ca.Store(cert)
	w.policy = wsse.Policy{Clock: pkitest.Now}
	return w
}

func (w *world) sign(t testing.TB, env string, o wsse.SignOptions) []byte {
	t.Helper()
	out, err := wsse.SignBody(context.Background(), []byte(env), w.signer, o)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (w *world) verify(env []byte) (*wsse.Verified, error) {
	return wsse.VerifyBody(context.Background(), env, w.store, w.policy)
}

func classOf(err error) xmldsig.Class {
	var e *xmldsig.Error
	if errors.As(err, &e) {
		return e.Class
	}
	return ""
}

func TestSignedMessageVerifies(t *testing.T) {
	t.Parallel()
	keys := pkitest.Keys(t)
	inputs := map[string]string{
		"with header":       envelope,
		"no header":         strings.Replace(envelope, "<soap:Header></soap:Header>", "", 1),
		"empty header tag":  strings.Replace(envelope, "<soap:Header></soap:Header>", "<soap:Header/>", 1),
		"other header":      strings.Replace(envelope, "<soap:Header>", `<soap:Header><a:x xmlns:a="urn:a">1</a:x>`, 1),
		"declaration":       `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + envelope,
		"body has an Id":    strings.Replace(envelope, "<soap:Body>", `<soap:Body xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd" u:Id="old">`, 1),
		"wsu bound already": strings.Replace(envelope, "<soap:Body>", `<soap:Body xmlns:wsu="urn:something-else">`, 1),
		"default namespace": `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><q xmlns="">1</q></Body></Envelope>`,
		"empty body":        `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>`,
		"xmlns empty":       `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><SendMessage xmlns="urn:t"><request xmlns=""><a xml:lang="kk" b="1"/></request></SendMessage></s:Body></s:Envelope>`,
	}
	for kind, key := range keys {
		w := newWorld(t, key)
		for name, in := range inputs {
			for _, id := range []wsse.IDStyle{wsse.IDUtility, wsse.IDPlain, wsse.IDBoth} {
				for _, info := range []wsse.KeyInfo{wsse.KeyIdentifier, wsse.IssuerSerial, wsse.BinarySecurityToken, wsse.X509Data} {
					t.Run(fmt.Sprintf("%s/%s/%s/%s", kind, name, id, info), func(t *testing.T) {
						t.Parallel()
						v, err := w.verify(w.sign(t, in, wsse.SignOptions{ID: id, KeyInfo: info}))
						if err != nil {
							t.Fatal(err)
						}
						if len(v.Covered) != 1 || v.Covered[0] != "Body" {
							t.Errorf("covered %v", v.Covered)
						}
					})
				}
			}
		}
	}
}

// TestCallersBodyStaysAsItWas: the signature is spliced in; not one byte of
// the Body's content may change.
func TestCallersBodyStaysAsItWas(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	in := strings.Replace(envelope, "<q>", "<q  a='1'\n>\t<![CDATA[x]]>&#1241;", 1)
	content := in[strings.Index(in, "<ns:SendMessage"):strings.Index(in, "</soap:Body>")]
	if out := w.sign(t, in, wsse.SignOptions{}); !bytes.Contains(out, []byte(content)) {
		t.Errorf("the Body's content changed: %s", out)
	}
}

func TestReferenceLayout(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	out := string(w.sign(t, envelope, wsse.SignOptions{NewID: func() string { return "0f2b7c1e-0000-4000-8000-000000000001" }}))
	for _, part := range []string{
		`<wsse:Security xmlns:wsse="` + wsse.Namespace + `" soap:mustUnderstand="1"><ds:Signature xmlns:ds="` + xmldsig.Namespace + `"><ds:SignedInfo>`,
		`<ds:Reference URI="#id-0f2b7c1e-0000-4000-8000-000000000001">`,
		`<wsse:KeyIdentifier EncodingType="` + wsse.EncodingBase64 + `" ValueType="` + wsse.TokenX509v3 + `">`,
		`wsu:Id="id-0f2b7c1e-0000-4000-8000-000000000001"><ns:SendMessage`,
	} {
		if !strings.Contains(out, part) {
			t.Errorf("the message lacks %s\n%s", part, out)
		}
	}
}

// TestEveryByteOfTheBodyCounts changes each byte of the signed Body in turn.
func TestEveryByteOfTheBodyCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	out := w.sign(t, envelope, wsse.SignOptions{})
	from, to := bytes.Index(out, []byte("<soap:Body")), bytes.Index(out, []byte("</soap:Envelope"))
	for i := from; i < to; i++ {
		for _, x := range []byte{out[i] ^ 1, out[i] ^ 0x20, ' ', '0', '<'} {
			if x == out[i] {
				continue
			}
			changed := bytes.Clone(out)
			changed[i] = x
			v, err := w.verify(changed)
			if err != nil {
				continue
			}
			// White space inside a tag is no part of the message.
			if was, _ := w.verify(out); v.Body.Text() == was.Body.Text() && sameCanonical(t, v, was) {
				continue
			}
			t.Fatalf("byte %d changed from %q to %q and the message is accepted", i, out[i], x)
		}
	}
}

// sameCanonical tells whether two verified messages have one canonical Body:
// then they differ in white space inside tags only.
func sameCanonical(t *testing.T, a, b *wsse.Verified) bool {
	t.Helper()
	formA, errA := canonicalBody(a)
	formB, errB := canonicalBody(b)
	if err := errors.Join(errA, errB); err != nil {
		t.Fatal(err)
	}
	return bytes.Equal(formA, formB)
}

func TestAlteredMessagesAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.RSAKey(t, 2048))
	good := string(w.sign(t, envelope, wsse.SignOptions{}))
	replace := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the message lacks %q", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	security := good[strings.Index(good, "<wsse:Security") : strings.Index(good, "</wsse:Security>")+len("</wsse:Security>")]
	tests := []struct {
		name, env string
		want      xmldsig.Class
	}{
		{"T3 SHA-1 signature", replace("2001/04/xmldsig-more#rsa-sha256", "2000/09/xmldsig#rsa-sha1"), xmldsig.ClassSignature},
		{"T3 SHA-1 digest", replace("2001/04/xmlenc#sha256", "2000/09/xmldsig#sha1"), xmldsig.ClassSignature},
		{"T3 HMAC", replace("xmldsig-more#rsa-sha256", "xmldsig-more#hmac-sha256"), xmldsig.ClassSignature},
		{"T3 none", replace(`"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"`, `"none"`), xmldsig.ClassSignature},
		{"T3 algorithm of another key kind", replace("xmldsig-more#rsa-sha256", "xmldsig-more#ecdsa-sha256"), xmldsig.ClassSignature},
		{"T6 XSLT transform", replace(`<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#">`, `<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116">`), xmldsig.ClassSignature},
		{"T6 enveloped transform", replace(`<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#">`, `<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature">`), xmldsig.ClassSignature},
		{"T3 SHA-1 in a wrong shape", strings.Replace(replace("2001/04/xmldsig-more#rsa-sha256", "2000/09/xmldsig#rsa-sha1"), "<ds:SignatureValue>", "<x/><ds:SignatureValue>", 1), xmldsig.ClassSignature},
		{"T3 SHA-1 and a relative namespace name", strings.Replace(replace("2001/04/xmldsig-more#rsa-sha256", "2000/09/xmldsig#rsa-sha1"), "<q>", `<q xmlns="x">`, 1), xmldsig.ClassSignature},
		{"T10 relative namespace name", replace("<q>", `<q xmlns="x">`), xmldsig.ClassInput},
		{"T10 relative namespace name outside the Body", replace("<soap:Header>", `<soap:Header><x xmlns="x"/>`), xmldsig.ClassInput},
		{"T10 namespace name with an ampersand", replace("<q>", `<q xmlns:p="urn:a&amp;b">`), xmldsig.ClassInput},
		{"T6 external reference", replace(`URI="#id-`, `URI="http://attacker.test/#id-`), xmldsig.ClassStructure},
		{"T6 xpointer reference", replace(`URI="#id-`, `URI="#xpointer(/)id-`), xmldsig.ClassStructure},
		{"T6 empty reference", good[:strings.Index(good, `URI="#`)] + `URI=""` + good[strings.Index(good, `"><ds:Transforms>`)+1:], xmldsig.ClassStructure},
		{"T7 two SignedInfo", replace("<ds:SignatureValue>", "<ds:SignedInfo></ds:SignedInfo><ds:SignatureValue>"), xmldsig.ClassStructure},
		{"T7 element in DigestValue", replace("</ds:DigestValue>", "<x/></ds:DigestValue>"), xmldsig.ClassStructure},
		{"T7 comment in SignatureValue", replace("</ds:SignatureValue>", "<!-- --></ds:SignatureValue>"), xmldsig.ClassInput},
		{"no Security", replace(security, ""), xmldsig.ClassStructure},
		{"two Security", replace(security, security+security), xmldsig.ClassStructure},
		{"Signature outside Security", replace(security, strings.NewReplacer("<wsse:Security ", "<wsse:Other ", "</wsse:Security>", "</wsse:Other>").Replace(security)), xmldsig.ClassStructure},
		{"SOAP 1.2", strings.ReplaceAll(good, "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"), xmldsig.ClassStructure},
		{"trailing bytes", good + "x", xmldsig.ClassInput},
		{"T9 DOCTYPE", "<!DOCTYPE x>" + good, xmldsig.ClassInput},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := w.verify([]byte(tt.env)); classOf(err) != tt.want {
				t.Errorf("want class %s, got %v", tt.want, err)
			}
		})
	}
}

// TestUnsuitableInputIsNotSigned: nothing is signed that could not be read, or
// that a receiver could not canonicalize.
func TestUnsuitableInputIsNotSigned(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	for name, env := range map[string]string{
		"empty":                               "",
		"DOCTYPE":                             "<!DOCTYPE x>" + envelope,
		"relative namespace name":             strings.Replace(envelope, "<q>", `<q xmlns="x">`, 1),
		"relative namespace name in the head": strings.Replace(envelope, "<soap:Header>", `<soap:Header><x xmlns:p="x"/>`, 1),
		"namespace name with an ampersand":    strings.Replace(envelope, "<soap:Body>", `<soap:Body xmlns:p="urn:a&amp;b">`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := wsse.SignBody(context.Background(), []byte(env), w.signer, wsse.SignOptions{})
			if classOf(err) != xmldsig.ClassInput || out != nil {
				t.Errorf("want class input, got %v\n%s", err, out)
			}
		})
	}
}

// TestT1SignatureWrapping moves the signed Body away and puts another in its
// place, in eight shapes (after McIntosh and Austel, and Somorovsky et al.).
func TestT1SignatureWrapping(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	good := string(w.sign(t, envelope, wsse.SignOptions{}))
	body := good[strings.Index(good, "<soap:Body") : strings.Index(good, "</soap:Body>")+len("</soap:Body>")]
	id := body[strings.Index(body, "id-"):][:39]
	evilOther := strings.NewReplacer("Сынақова", "Сынақбекова", id, "id-evil").Replace(body)
	evilSame := strings.Replace(body, "Сынақова", "Сынақбекова", 1)
	evilNone := strings.Replace(evilOther, ` wsu:Id="id-evil"`, "", 1)
	in := func(evil string, edit ...string) string {
		return strings.NewReplacer(append(edit, body, evil)...).Replace(good)
	}
	wrap := `<w:Wrapper xmlns:w="urn:wrapper">` + body + `</w:Wrapper>`
	shapes := map[string]string{
		"XSW1 signed Body in an Object of the Signature": in(evilOther, "</ds:Signature>", "<ds:Object>"+body+"</ds:Object></ds:Signature>"),
		"XSW2 signed Body beside the Signature":          in(evilOther, "</ds:Signature>", "</ds:Signature>"+body),
		"XSW3 signed Body in a wrapper in the Header":    in(evilOther, "</soap:Header>", wrap+"</soap:Header>"),
		"XSW4 signed Body inside the other Body":         in(strings.Replace(evilOther, "</soap:Body>", body+"</soap:Body>", 1)),
		"XSW5 same Id on both, other first":              in(evilSame + wrap),
		"XSW6 signed Body in KeyInfo":                    in(evilOther, "</ds:KeyInfo>", body+"</ds:KeyInfo>"),
		"XSW7 other Body without Id":                     in(evilNone, "</soap:Header>", wrap+"</soap:Header>"),
		"XSW8 two Bodies":                                in(body + evilOther),
	}
	if len(shapes) != 8 {
		t.Fatal("eight shapes are wanted")
	}
	for name, env := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if env == good {
				t.Fatal("the shape changed nothing")
			}
			if _, err := w.verify([]byte(env)); classOf(err) != xmldsig.ClassStructure {
				t.Errorf("want a structure refusal, got %v", err)
			}
		})
	}
}

func TestT2IdAttributes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	good := string(w.sign(t, envelope, wsse.SignOptions{}))
	id := good[strings.Index(good, "URI=\"#")+6:][:39]
	for name, header := range map[string]string{
		"plain Id":              `<x Id="` + id + `"/>`,
		"ID":                    `<x ID="` + id + `"/>`,
		"lower case":            `<x id="` + id + `"/>`,
		"decoy namespace":       `<x xmlns:wsu="urn:not-wsu" wsu:Id="` + id + `"/>`,
		"xml:id":                `<x xml:id="` + id + `"/>`,
		"twice, not referenced": `<x Id="a"/><y Id="a"/>`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := strings.Replace(good, "</soap:Header>", header+"</soap:Header>", 1)
			if _, err := w.verify([]byte(env)); classOf(err) != xmldsig.ClassStructure {
				t.Errorf("want a structure refusal, got %v", err)
			}
		})
	}
	business := strings.Replace(good, "</soap:Header>", `<x id="7"/><y id="7"/></soap:Header>`, 1)
	if _, err := w.verify([]byte(business)); err != nil {
		t.Errorf("business data named id made the message ambiguous: %v", err)
	}
}

func TestT4TrustComesFromConfiguration(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	stranger := pkitest.NewAuthority(t, "Test CA") // same name, other key
	weak := pkitest.RSAKey(t, 1024)
	tests := []struct {
		name   string
		signer xmldsig.Signer
		form   wsse.KeyInfo
		want   pki.Reason
	}{
		{"same name, other authority", stranger.Signer(t, "Test system", pkitest.ECKey(t)), wsse.KeyIdentifier, pki.ReasonNoChain},
		{"issuer and serial not in the store", w.ca.Signer(t, "New system", pkitest.ECKey(t)), wsse.IssuerSerial, pki.ReasonUnknown},
		{"T5 expired", w.ca.Signer(t, "Old", pkitest.ECKey(t), func(c *x509.Certificate) { c.NotAfter = pkitest.Now().Add(-time.Second) }), wsse.KeyIdentifier, pki.ReasonExpired},
		{"T5 not yet valid", w.ca.Signer(t, "New", pkitest.ECKey(t), func(c *x509.Certificate) { c.NotBefore = pkitest.Now().Add(time.Second) }), wsse.KeyIdentifier, pki.ReasonNotYetValid},
		{"no digitalSignature", w.ca.Signer(t, "TLS", pkitest.ECKey(t), func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }), wsse.KeyIdentifier, pki.ReasonKeyUsage},
		{"T3 short key", w.ca.Signer(t, "Weak", weak), wsse.KeyIdentifier, pki.ReasonWeakKey},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			env, err := wsse.SignBody(context.Background(), []byte(envelope), tt.signer, wsse.SignOptions{KeyInfo: tt.form})
			if err != nil {
				t.Fatal(err)
			}
			_, err = w.verify(env)
			var p *pki.Error
			if classOf(err) != xmldsig.ClassTrust || !errors.As(err, &p) || p.Reason != tt.want {
				t.Errorf("want a trust refusal for %s, got %v", tt.want, err)
			}
		})
	}
	t.Run("another system of the same authority", func(t *testing.T) {
		t.Parallel()
		p := w.policy
		p.Signer = "CN=Expected system"
		_, err := wsse.VerifyBody(context.Background(), w.sign(t, envelope, wsse.SignOptions{}), w.store, p)
		if classOf(err) != xmldsig.ClassTrust {
			t.Errorf("want a trust refusal, got %v", err)
		}
	})
}

func TestTimestamp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	at := func(d time.Duration) string { return pkitest.Now().Add(d).Format(time.RFC3339) }
	for _, tt := range []struct {
		name, created, expires string
		fresh                  bool
	}{
		{"now", at(0), at(time.Minute), true},
		{"inside the skew", at(4 * time.Minute), at(9 * time.Minute), true},
		{"expired", at(-time.Hour), at(-6 * time.Minute), false},
		{"from the future", at(6 * time.Minute), at(time.Hour), false},
		{"ends before it starts", at(0), at(-time.Second), false},
		{"no end, recent", at(-time.Minute), "", true},
		{"no end, old", at(-time.Hour), "", false},
		{"not a date", "yesterday", at(time.Hour), false},
		{"no Created", "", at(time.Hour), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ts := `<u:Timestamp xmlns:u="` + wsse.NamespaceUtility + `">`
			if tt.created != "" {
				ts += "<u:Created>" + tt.created + "</u:Created>"
			}
			if tt.expires != "" {
				ts += "<u:Expires>" + tt.expires + "</u:Expires>"
			}
			env := strings.Replace(string(w.sign(t, envelope, wsse.SignOptions{})), "<ds:Signature ", ts+"</u:Timestamp><ds:Signature ", 1)
			_, err := w.verify([]byte(env))
			if tt.fresh != (err == nil) || (!tt.fresh && classOf(err) != xmldsig.ClassFreshness) {
				t.Errorf("fresh=%v, got %v", tt.fresh, err)
			}
		})
	}
}

// TestXmlsec1AcceptsOurs and TestWeAcceptXmlsec1 hold us against a foreign
// implementation, both ways.
func TestXmlsec1AcceptsOurs(t *testing.T) {
	t.Parallel()
	xmlsec := xmlsec1(t)
	for name, key := range map[string]crypto.Signer{"rsa": pkitest.RSAKey(t, 2048), "ecdsa": pkitest.ECKey(t)} {
		w := newWorld(t, key)
		dir := t.TempDir()
		cert := write(t, dir, "cert.pem", "CERTIFICATE", w.signer.Certificate())
		for _, id := range []wsse.IDStyle{wsse.IDUtility, wsse.IDPlain} {
			path := filepath.Join(dir, name+string(id)+".xml")
			if err := os.WriteFile(path, w.sign(t, envelope, wsse.SignOptions{ID: id}), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command(xmlsec, "--verify", "--pubkey-cert-pem", cert, "--id-attr:Id", "http://schemas.xmlsoap.org/soap/envelope/:Body", path).CombinedOutput()
			if err != nil {
				t.Errorf("%s %s: %v\n%s", name, id, err, out)
			}
		}
	}
}

func TestWeAcceptXmlsec1(t *testing.T) {
	t.Parallel()
	xmlsec := xmlsec1(t)
	w := newWorld(t, pkitest.RSAKey(t, 2048))
	template := strings.Replace(envelope, "<soap:Header></soap:Header><soap:Body>", `<soap:Header><wsse:Security xmlns:wsse="`+wsse.Namespace+`">`+
		`<ds:Signature xmlns:ds="`+xmldsig.Namespace+`"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>`+
		`<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><ds:Reference URI="#id-1"><ds:Transforms>`+
		`<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"><ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="soap ns"/></ds:Transform>`+
		`</ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/>`+
		`<ds:KeyInfo><ds:X509Data><ds:X509Certificate/></ds:X509Data></ds:KeyInfo></ds:Signature></wsse:Security></soap:Header>`+
		`<soap:Body xmlns:wsu="`+wsse.NamespaceUtility+`" wsu:Id="id-1">`, 1)
	dir := t.TempDir()
	der, err := x509.MarshalPKCS8PrivateKey(w.key)
	if err != nil {
		t.Fatal(err)
	}
	key := write(t, dir, "key.pem", "PRIVATE KEY", der)
	cert := write(t, dir, "cert.pem", "CERTIFICATE", w.signer.Certificate())
	in, out := filepath.Join(dir, "in.xml"), filepath.Join(dir, "out.xml")
	if err := os.WriteFile(in, []byte(template), 0o600); err != nil {
		t.Fatal(err)
	}
	if msg, err := exec.Command(xmlsec, "--sign", "--privkey-pem", key+","+cert, "--id-attr:Id", "http://schemas.xmlsoap.org/soap/envelope/:Body", "--output", out, in).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, msg)
	}
	signed, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.verify(signed); err != nil {
		t.Errorf("%v\n%s", err, signed)
	}
}

func xmlsec1(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("xmlsec1")
	if err != nil {
		t.Skip("xmlsec1 is not installed")
	}
	return path
}

func write(t *testing.T, dir, name, kind string, der []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
