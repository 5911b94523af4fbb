package xmldsig_test

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/beevik/etree"
	"github.com/jonboulle/clockwork"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
)

func xmlsec1(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("xmlsec1")
	if err != nil {
		t.Skip("xmlsec1 is not installed")
	}
	return path
}

func write(t *testing.T, path string, content []byte) string {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func writePEM(t *testing.T, path, kind string, der []byte) string {
	t.Helper()
	return write(t, path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// TestXmlsec1AcceptsOurs and TestWeAcceptXmlsec1 hold us against a foreign
// implementation, both ways.
func TestXmlsec1AcceptsOurs(t *testing.T) {
	t.Parallel()
	xmlsec := xmlsec1(t)
	for kind, w := range foreignWorlds(t) {
		for name, doc := range documents {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				cert := writePEM(t, filepath.Join(dir, "cert.pem"), "CERTIFICATE", w.signer.Certificate())
				path := write(t, filepath.Join(dir, "doc.xml"), []byte(w.sign(t, doc)))
				if out, err := exec.Command(xmlsec, "--verify", "--pubkey-cert-pem", cert, path).CombinedOutput(); err != nil {
					t.Errorf("%v\n%s", err, out)
				}
			})
		}
	}
}

func TestWeAcceptXmlsec1(t *testing.T) {
	t.Parallel()
	xmlsec := xmlsec1(t)
	suite := map[string]string{"rsa": "rsa-sha256", "ecdsa": "ecdsa-sha256"}
	for kind, w := range foreignWorlds(t) {
		for _, canonical := range []string{
			"http://www.w3.org/TR/2001/REC-xml-c14n-20010315", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
			"http://www.w3.org/2001/10/xml-exc-c14n#", "http://www.w3.org/2006/12/xml-c14n11",
		} {
			template := `<ds:Signature xmlns:ds="` + xmldsig.Namespace + `"><ds:SignedInfo>` +
				`<ds:CanonicalizationMethod Algorithm="` + canonical + `"/><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#` + suite[kind] + `"/>` +
				`<ds:Reference URI=""><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><ds:Transform Algorithm="` + canonical + `"/></ds:Transforms>` +
				`<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/>` +
				`<ds:KeyInfo><ds:X509Data><ds:X509Certificate/></ds:X509Data></ds:KeyInfo></ds:Signature>`
			for name, doc := range documents {
				end := strings.LastIndex(doc, "</")
				if end < 0 {
					continue // an empty tag has no place for the template
				}
				t.Run(kind+"/"+strings.TrimPrefix(canonical, "http://www.w3.org/")+"/"+name, func(t *testing.T) {
					t.Parallel()
					signed := foreignSign(t, xmlsec, w.key, w.signer.Certificate(), doc[:end]+template+doc[end:])
					if _, err := w.verify(signed); err != nil {
						t.Errorf("%v\n%s", err, signed)
					}
				})
			}
		}
	}
}

// foreignSign lets xmlsec1 fill in a template.
func foreignSign(t *testing.T, xmlsec string, key crypto.Signer, cert []byte, template string) string {
	t.Helper()
	dir := t.TempDir()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	keyFile := writePEM(t, filepath.Join(dir, "key.pem"), "PRIVATE KEY", der)
	certFile := writePEM(t, filepath.Join(dir, "cert.pem"), "CERTIFICATE", cert)
	in, out := write(t, filepath.Join(dir, "in.xml"), []byte(template)), filepath.Join(dir, "out.xml")
	if msg, err := exec.Command(xmlsec, "--sign", "--privkey-pem", keyFile+","+certFile, "--output", out, in).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, msg)
	}
	signed, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(signed)
}

// TestGoxmldsigAcceptsOurs is a second opinion in Go; it reads RSA values
// only. It digests the root alone and passes no xml: attributes on to
// SignedInfo, so documents with something beside the root or with such
// attributes are left out.
func TestGoxmldsigAcceptsOurs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.RSAKey(t, 2048))
	for name, doc := range documents {
		if name == "comments and PIs" || strings.Contains(doc, " xml:") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := etree.NewDocument()
			if err := d.ReadFromString(w.sign(t, doc)); err != nil {
				t.Fatal(err)
			}
			v := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{w.certificate(t)}})
			v.Clock = dsig.NewFakeClock(clockwork.NewFakeClockAt(pkitest.Now()))
			if _, err := v.Validate(d.Root()); err != nil {
				t.Error(err)
			}
		})
	}
}
