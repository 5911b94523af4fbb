package xmldsig_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/beevik/etree"

	"github.com/kopir-kz/kopir/gateway/c14n"
	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

const document = `<p:answer xmlns:p="urn:kz:test" a="1"><iin>991231500006</iin><name>Сынақова &amp; Ко</name><empty/></p:answer>`

type world struct {
	ca     *pkitest.Authority
	key    crypto.Signer
	signer xmldsig.Signer
	store  *pki.Store
	policy xmldsig.Policy
}

func newWorld(t testing.TB, key crypto.Signer) *world {
	t.Helper()
	ca := pkitest.NewAuthority(t, "Test CA")
	w := &world{ca: ca, key: key, signer: ca.Signer(t, "Test registry", key)}
	w.store = ca.Store(w.certificate(t))
	w.policy = xmldsig.Policy{Clock: pkitest.Now, Limits: xmltext.Limits{Comments: true, PIs: true}}
	return w
}

func worlds(t testing.TB) map[string]*world {
	t.Helper()
	out := map[string]*world{}
	for family, key := range pkitest.Keys(t) {
		out[family] = newWorld(t, key)
	}
	return out
}

// foreignWorlds are those whose algorithms foreign tools know.
func foreignWorlds(t testing.TB) map[string]*world {
	t.Helper()
	return map[string]*world{"rsa": newWorld(t, pkitest.RSAKey(t, 2048)), "ecdsa": newWorld(t, pkitest.ECKey(t))}
}

func (w *world) certificate(t testing.TB) *x509.Certificate {
	t.Helper()
	c, err := pki.ParseCertificate(w.signer.Certificate())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (w *world) sign(t testing.TB, doc string) string {
	t.Helper()
	out, err := xmldsig.SignEnveloped(context.Background(), []byte(doc), w.signer)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func (w *world) verify(doc string) (*xmldsig.Verified, error) {
	d, err := xmltext.ParseString(doc, w.policy.Limits)
	if err != nil {
		return nil, xmldsig.RefuseInput(err)
	}
	return xmldsig.VerifyEnveloped(context.Background(), d.Root(), w.store, w.policy)
}

// refused holds a refusal against the wanted step.
func refused(t *testing.T, err error, want xmldsig.Class) {
	t.Helper()
	var e *xmldsig.Error
	if !errors.As(err, &e) || e.Class != want {
		t.Errorf("want a refusal of class %s, got %v", want, err)
	}
}

// documents are roots of all shapes.
var documents = map[string]string{
	"plain":                      `<answer><iin>991231500006</iin></answer>`,
	"prefix":                     document,
	"default namespace":          `<answer xmlns="urn:kz:test"><iin xmlns="">1</iin></answer>`,
	"empty tag":                  `<answer/>`,
	"empty tag with white space": "<answer a='1'\n/>",
	"empty tag with prefix":      `<p:answer xmlns:p="urn:kz:test"/>`,
	"data as the root":           `<data xmlns="" xmlns:ns2="urn:kz:test" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="ns2:Response"><ns2:persons/></data>`,
	"comments and PIs":           "<?xml version=\"1.0\"?>\n<!-- before --><?app one?>\n<answer><!-- inside --><?app two ?>x<!-- y -->y</answer><!-- behind --><?app?>",
	"declaration":                `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\r\n<answer>\r\n\t<a>&#13;</a>\r\n</answer>\r\n",
	"CDATA and references":       `<answer a="&#9;&lt;"><![CDATA[<&>]]>&#1241;&quot;</answer>`,
	"ds bound to another name":   `<ds:answer xmlns:ds="urn:kz:test"><ds:x/></ds:answer>`,
	"xml attributes":             `<answer xml:lang="kk" xml:space="preserve"> <a xml:lang="ru"/> </answer>`,
	"references in values":       `<p:answer xmlns:p="urn:kz:b" xml:base="http://a.test/?x=1&amp;y=&#9;2&quot;"><p:x/></p:answer>`,
	"inner ds namespace":         `<answer xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><x ds:a="1"/></answer>`,
}

func TestSignedDocumentVerifies(t *testing.T) {
	t.Parallel()
	for kind, w := range worlds(t) {
		for name, doc := range documents {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				signed := w.sign(t, doc)
				v, err := w.verify(signed)
				if err != nil {
					t.Fatalf("%v\n%s", err, signed)
				}
				if len(v.Targets) != 1 || v.Targets[0].Node != v.Targets[0].Node.Doc().Root() {
					t.Errorf("covered %v", v.Covered())
				}
				if v.Suite != w.signer.Suite() && v.Suite.Name != w.signer.Suite().Name {
					t.Errorf("suite %s", v.Suite.Name)
				}
			})
		}
	}
}

// TestDocumentStaysAsItWas: but for the signature, and an empty tag that had
// to be opened, not one byte changes.
func TestDocumentStaysAsItWas(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	for name, doc := range documents {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			signed := w.sign(t, doc)
			from, to := strings.Index(signed, "<ds:Signature"), strings.Index(signed, "</ds:Signature>")+len("</ds:Signature>")
			if strings.HasPrefix(name, "empty tag") {
				root := strings.Fields(doc[1:])[0]
				root = strings.TrimSuffix(root, "/>")
				if got := strings.Replace(signed[:from]+signed[to:], "></"+root+">", "/>", 1); got != doc {
					t.Errorf("got %s", got)
				}
				return
			}
			if got := signed[:from] + signed[to:]; got != doc {
				t.Errorf("got %s", got)
			}
		})
	}
}

// TestLayout is the layout of business data in the national exchange: one
// Reference to the whole document, two transforms in this order, Canonical XML
// 1.0 for SignedInfo, the certificate in X509Data, the signature last.
func TestLayout(t *testing.T) {
	t.Parallel()
	uris := map[string][2]string{
		"rsa":      {"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256"},
		"ecdsa":    {"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256"},
		"gost2004": {"http://www.w3.org/2001/04/xmldsig-more#gost34310-gost34311", "http://www.w3.org/2001/04/xmldsig-more#gost34311"},
		"gost2015": {
			"urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:gostr34102015-gostr34112015-512",
			"urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:gostr34112015-512",
		},
	}
	for kind, w := range worlds(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			d := etree.NewDocument()
			if err := d.ReadFromString(w.sign(t, document)); err != nil {
				t.Fatal(err)
			}
			children := d.Root().ChildElements()
			sig := children[len(children)-1]
			if sig.FullTag() != "ds:Signature" || sig.NamespaceURI() != xmldsig.Namespace || len(children) != 4 {
				t.Fatalf("the last child is %s", sig.FullTag())
			}
			var shape []string
			for _, e := range append([]*etree.Element{sig}, sig.FindElements(".//*")...) {
				line := e.Tag
				for _, a := range e.Attr {
					if a.Space != "xmlns" && a.Key != "xmlns" {
						line += " " + a.FullKey() + "=" + a.Value
					}
				}
				shape = append(shape, line)
			}
			want := []string{
				"Signature", "SignedInfo", "SignatureValue", "KeyInfo",
				"CanonicalizationMethod Algorithm=http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
				"SignatureMethod Algorithm=" + uris[kind][0],
				"Reference URI=", "X509Data",
				"Transforms", "DigestMethod Algorithm=" + uris[kind][1], "DigestValue", "X509Certificate",
				"Transform Algorithm=http://www.w3.org/2000/09/xmldsig#enveloped-signature",
				"Transform Algorithm=http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
			}
			if strings.Join(shape, "\n") != strings.Join(want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(shape, "\n"), strings.Join(want, "\n"))
			}
			if got := sig.FindElement(".//X509Certificate").Text(); got != base64.StdEncoding.EncodeToString(w.signer.Certificate()) {
				t.Errorf("another certificate: %s", got)
			}
		})
	}
}

// TestCarriers takes a signed document out of the three forms in which an
// answer carries one. The signature was made when it stood alone, so what its
// surroundings declare must not get into its canonical form, nor into what is
// read of it.
func TestCarriers(t *testing.T) {
	t.Parallel()
	const open = `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:kz:other" xmlns:xs="http://www.w3.org/2001/XMLSchema" xml:lang="ru">` +
		`<soap:Body><b:SendMessageResponse xmlns:b="http://bip.bee.kz/SyncChannel/v10/Types" xmlns:q="urn:kz:q"><carrier xml:space="preserve">`
	const end = `</carrier></b:SendMessageResponse></soap:Body></soap:Envelope>`
	for kind, w := range worlds(t) {
		for name, doc := range documents {
			if name == "declaration" || name == "comments and PIs" {
				continue // an XML declaration and what stands beside the root cannot be carried inline
			}
			signed := w.sign(t, doc)
			carriers := map[string]string{
				"inline":  signed,
				"escaped": string(xmltext.AppendText(nil, signed)),
				"CDATA":   "<![CDATA[" + strings.ReplaceAll(signed, "]]>", "]]]]><![CDATA[>") + "]]>",
			}
			for form, content := range carriers {
				t.Run(kind+"/"+form+"/"+name, func(t *testing.T) {
					t.Parallel()
					d, err := xmltext.ParseString(open+content+end, xmltext.Limits{})
					if err != nil {
						t.Fatal(err)
					}
					at := d.Root().First().First().First()
					root := at.First()
					if form != "inline" {
						inner, err := xmltext.ParseString(at.Text(), w.policy.Limits)
						if err != nil {
							t.Fatal(err)
						}
						root = inner.Root()
					}
					v, err := xmldsig.VerifyEnveloped(context.Background(), root, w.store, w.policy)
					if err != nil {
						t.Fatalf("%v\n%s", err, content)
					}
					got := v.Targets[0].Node
					if got != got.Doc().Root() || got.Raw() != root.Raw() {
						t.Errorf("verified %s", got.Raw())
					}
					if got.Space() == "urn:kz:other" {
						t.Error("the root took its namespace from its surroundings")
					}
				})
			}
		}
	}
}

// TestBorrowedPrefix: a document that needs a declaration of its surroundings
// never stood alone.
func TestBorrowedPrefix(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	signed := strings.Replace(w.sign(t, document), ` xmlns:p="urn:kz:test"`, "", 1)
	d, err := xmltext.ParseString(`<carrier xmlns:p="urn:kz:test">`+signed+`</carrier>`, xmltext.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = xmldsig.VerifyEnveloped(context.Background(), d.Root().First(), w.store, w.policy)
	refused(t, err, xmldsig.ClassInput)
}

// TestEveryByteOfTheDocumentCounts changes each byte in turn.
func TestEveryByteOfTheDocumentCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	signed := w.sign(t, document)
	was, err := w.verify(signed)
	if err != nil {
		t.Fatal(err)
	}
	// What is between these two belongs to KeyInfo, which is not signed: there
	// another spelling of the same certificate is no forgery.
	keyInfo, after := strings.Index(signed, "<ds:KeyInfo>"), strings.Index(signed, "</ds:KeyInfo>")
	content := func(v *xmldsig.Verified) string {
		root := v.Targets[0].Node
		var b bytes.Buffer
		for c := range root.Elements() {
			if !c.Is(xmldsig.Namespace, "Signature") {
				if err := (c14n.Method{Kind: c14n.Inclusive10}).Write(&b, c, xmltext.Node{}); err != nil {
					t.Fatal(err)
				}
			}
		}
		for a := range root.Attrs() {
			b.WriteString(a.Name() + "=" + a.Value() + ";")
		}
		return root.Name() + root.Text() + b.String()
	}
	accepted := 0
	for i := range len(signed) {
		for _, x := range []byte{signed[i] ^ 1, signed[i] ^ 0x20, ' ', '0', '<'} {
			if x == signed[i] {
				continue
			}
			changed := signed[:i] + string([]byte{x}) + signed[i+1:]
			v, err := w.verify(changed)
			if err != nil {
				var e *xmldsig.Error
				if !errors.As(err, &e) || e.Class == "" {
					t.Fatalf("byte %d: a refusal without class: %v", i, err)
				}
				continue
			}
			accepted++
			if content(v) != content(was) {
				t.Fatalf("byte %d changed from %q to %q and the document is accepted", i, signed[i], x)
			}
			if i < keyInfo && x != ' ' && x != '\t' {
				t.Errorf("byte %d changed from %q to %q in %s", i, signed[i], x, signed[max(0, i-20):i+20])
			}
			if i > keyInfo && i < after && !bytes.Equal(v.Signer.Raw, was.Signer.Raw) {
				t.Fatalf("byte %d makes another signer", i)
			}
		}
	}
	t.Logf("%d changes were accepted", accepted)
}

func TestSeveralSigners(t *testing.T) {
	t.Parallel()
	w, other := newWorld(t, pkitest.RSAKey(t, 2048)), pkitest.ECKey(t)
	second := w.ca.Signer(t, "Second", other)
	for name, doc := range documents {
		once := w.sign(t, doc)
		twice, err := xmldsig.SignEnveloped(context.Background(), []byte(once), second)
		if err != nil {
			t.Fatal(err)
		}
		all := func(doc string) ([]*xmldsig.Verified, error) {
			d, err := xmltext.ParseString(doc, w.policy.Limits)
			if err != nil {
				return nil, xmldsig.RefuseInput(err)
			}
			return xmldsig.VerifyAllEnveloped(context.Background(), d.Root(), w.store, w.policy)
		}
		got, err := all(string(twice))
		if err != nil || len(got) != 2 {
			t.Errorf("%s: %d signers, %v", name, len(got), err)
			continue
		}
		if !bytes.Equal(got[0].Signer.Raw, w.signer.Certificate()) || !bytes.Equal(got[1].Signer.Raw, second.Certificate()) {
			t.Errorf("%s: the signers are not in the order of signing", name)
		}
		if v, err := all(once); err != nil || len(v) != 1 {
			t.Errorf("%s: one signer: %v", name, err)
		}
		if _, err := w.verify(string(twice)); err == nil {
			t.Errorf("%s: two signers where one is demanded", name)
		}
		// The first signature is part of what the second signer signed.
		first := strings.Index(string(twice), "<ds:SignatureValue>") + len("<ds:SignatureValue>")
		forged := string(twice[:first]) + "AAAA" + string(twice[first+4:])
		_, err = all(forged)
		refused(t, err, xmldsig.ClassSignature)
		// The second alone, and both the other way round.
		parts := regexp.MustCompile(`<ds:Signature .*?</ds:Signature>`).FindAllString(string(twice), -1)
		_, err = all(strings.Replace(string(twice), parts[0], "", 1))
		refused(t, err, xmldsig.ClassSignature)
		_, err = all(strings.Replace(string(twice), parts[0]+parts[1], parts[1]+parts[0], 1))
		refused(t, err, xmldsig.ClassSignature)
	}
	many := documents["plain"]
	for range xmldsig.MaxSigners + 1 {
		out, err := xmldsig.SignEnveloped(context.Background(), []byte(many), second)
		if err != nil {
			t.Fatal(err)
		}
		many = string(out)
	}
	d, err := xmltext.ParseString(many, w.policy.Limits)
	if err != nil {
		t.Fatal(err)
	}
	_, err = xmldsig.VerifyAllEnveloped(context.Background(), d.Root(), w.store, w.policy)
	refused(t, err, xmldsig.ClassStructure)
}
