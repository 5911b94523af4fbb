package xmldsig

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/kopir-kz/kopir/gateway/c14n"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// SignEnveloped signs a document as a whole and returns it with ds:Signature
// as the last child of its root: the form of business data in the national
// exchange (Reference URI="", transforms enveloped-signature and Canonical XML
// 1.0 with comments, SignedInfo in Canonical XML 1.0, the certificate in
// X509Data). The document's own bytes stay as they are; the signature is
// spliced in.
func SignEnveloped(ctx context.Context, doc []byte, s Signer) ([]byte, error) {
	d, err := xmltext.Parse(doc, xmltext.Limits{Comments: true, PIs: true})
	if err != nil {
		return nil, RefuseInput(err)
	}
	if err := c14n.Check(d); err != nil {
		return nil, RefuseForm(err)
	}
	sig, err := constructSignature(ctx, d, s)
	if err != nil {
		return nil, err
	}
	return place(d, sig), nil
}

// place puts a signature into a document, as the last child of its root.
func place(d *xmltext.Doc, sig []byte) []byte {
	src, root := d.Source(), d.Root()
	out := make([]byte, 0, len(src)+len(sig)+len(root.Name())+3)
	if root.EmptyTag() {
		out = append(out, src[:root.End()-len("/>")]...)
		out = append(append(append(out, '>'), sig...), "</"...)
		return append(append(append(out, root.Name()...), '>'), src[root.End():]...)
	}
	out = append(append(out, src[:root.ContentEnd()]...), sig...)
	return append(out, src[root.ContentEnd():]...)
}

// constructSignature lets goxmldsig build the ds:Signature, with our canonical
// forms and our Signer under it, where it knows the algorithm.
func constructSignature(ctx context.Context, d *xmltext.Doc, s Signer) ([]byte, error) {
	cert, err := x509.ParseCertificate(s.Certificate())
	if err != nil {
		return nil, fmt.Errorf("signer's certificate: %w", err)
	}
	if cert.PublicKey == nil { // a national one: goxmldsig knows neither it nor its identifiers
		return writeSignature(ctx, d, s)
	}
	// goxmldsig needs the root only for its name and declarations.
	shell := &etree.Element{Space: d.Root().Prefix(), Tag: d.Root().Local()}
	for a := range d.Root().Attrs() {
		if a.Decl() {
			shell.CreateAttr(a.Name(), a.Value())
		}
	}
	canon := &canonicalizer{doc: d, shell: shell}
	sc, err := dsig.NewSigningContext(&captured{ctx: ctx, signer: s, public: cert.PublicKey, canon: canon}, [][]byte{s.Certificate()})
	if err != nil {
		return nil, err
	}
	sc.Canonicalizer = canon
	sc.IdAttribute = "" // always URI=""
	if err := sc.SetSignatureMethod(s.Suite().SignatureURI); err != nil {
		return nil, err
	}
	sig, err := sc.ConstructSignature(shell, true)
	if err != nil {
		return nil, err
	}
	return etree.NewDocumentWithRoot(sig).WriteToBytes()
}

// canonicalizer gives goxmldsig our canonical forms, for one signature.
type canonicalizer struct {
	doc        *xmltext.Doc
	shell      *etree.Element
	asked      int
	signedInfo []byte
}

// Algorithm is asked first for CanonicalizationMethod, then for the Transform.
func (c *canonicalizer) Algorithm() dsig.AlgorithmID {
	c.asked++
	if c.asked == 1 {
		return dsig.CanonicalXML10RecAlgorithmId
	}
	return dsig.CanonicalXML10WithCommentsAlgorithmId
}

func (c *canonicalizer) Canonicalize(el *etree.Element) ([]byte, error) {
	m := c14n.Method{Kind: c14n.Inclusive10}
	if el == c.shell {
		return m.AppendDocument(nil, c.doc)
	}
	el = el.Copy()
	for a := range c.doc.Root().Attrs() {
		if !a.Decl() && a.Space() == xmltext.NamespaceXML {
			// Canonical XML 1.0, section 2.4: they are inherited by SignedInfo.
			el.CreateAttr(a.Name(), a.Value())
		}
	}
	text := etree.NewDocumentWithRoot(el)
	text.WriteSettings.CanonicalAttrVal = true // else white space in a value is lost
	b, err := text.WriteToBytes()
	if err != nil {
		return nil, err
	}
	d, err := xmltext.Parse(b, xmltext.Limits{})
	if err != nil {
		return nil, err
	}
	c.signedInfo, err = m.Append(nil, d.Root())
	return c.signedInfo, err
}

// captured hands the canonical SignedInfo, not its digest, to a Signer: a
// remote signer may insist on seeing what it signs.
type captured struct {
	ctx    context.Context //nolint:containedctx // lives for one call
	signer Signer
	public crypto.PublicKey
	canon  *canonicalizer
}

func (c *captured) Public() crypto.PublicKey { return c.public }

func (c *captured) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	if c.canon.signedInfo == nil {
		return nil, errors.New("SignedInfo was not canonicalized before signing")
	}
	return c.signer.Sign(c.ctx, c.canon.signedInfo)
}

// VerifyEnveloped verifies a document signed as a whole: n is its root, which
// may be cut out of another document (of a SOAP Body, say). It is read again
// on its own, because the signature was made when it stood alone: what its
// surroundings declare must not leak into its canonical form. The verified
// root is the only Target. The error is an *Error.
func VerifyEnveloped(ctx context.Context, n xmltext.Node, keys KeyResolver, p Policy) (*Verified, error) {
	d, err := alone(n, p)
	if err != nil {
		return nil, err
	}
	v, _, err := verifyEnveloped(ctx, d, keys, p, 1)
	return v, err
}

// MaxSigners bounds the signatures of a document with several signers.
const MaxSigners = 16

// VerifyAllEnveloped is VerifyEnveloped for a document that several signers
// signed one after another, each what was there before: the signatures are
// verified from the last to the first, and each is taken away before the next.
// What comes back is in the order of signing. All must hold; the error is an
// *Error.
func VerifyAllEnveloped(ctx context.Context, n xmltext.Node, keys KeyResolver, p Policy) ([]*Verified, error) {
	d, err := alone(n, p)
	if err != nil {
		return nil, err
	}
	var all []*Verified
	for most := MaxSigners; ; most-- {
		v, sig, err := verifyEnveloped(ctx, d, keys, p, most)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
		src := d.Source()
		rest, err := xmltext.ParseString(src[:sig.Start()]+src[sig.End():], p.Limits)
		if err != nil {
			return nil, RefuseInput(err)
		}
		if d = rest; !signedChild(d.Root()) {
			slices.Reverse(all)
			return all, nil
		}
	}
}

func signedChild(root xmltext.Node) bool {
	for c := range root.Elements() {
		if c.Is(Namespace, "Signature") {
			return true
		}
	}
	return false
}

// alone reads an element as a document of its own.
func alone(n xmltext.Node, p Policy) (*xmltext.Doc, error) {
	if n == n.Doc().Root() {
		return n.Doc(), nil
	}
	d, err := xmltext.ParseString(n.Raw(), p.Limits)
	if err != nil {
		return nil, RefuseInput(err)
	}
	return d, nil
}

// verifyEnveloped verifies the last signature of a document that has most of
// them at the most.
func verifyEnveloped(ctx context.Context, d *xmltext.Doc, keys KeyResolver, p Policy, most int) (*Verified, xmltext.Node, error) {
	check := Check{Enveloped: true, Keys: keys, Policy: &p, Frame: document{d.Root(), p.Token}}
	sig, count, refused := lastSignature(d.Root(), most)
	if refused != nil {
		// Perhaps it is signed in another form, with algorithms that are accepted
		// in none.
		if name := check.names(d.Root()); name != nil {
			return nil, sig, name.In(StepAlgorithms)
		}
		return nil, sig, refused.In(StepStructure)
	}
	check.Signature = sig
	if most > 1 {
		check.number = count
	}
	v, err := check.Verify(ctx)
	return v, sig, err
}

// lastSignature is the signature at the end of a document signed as a whole, and
// the number of its signatures.
func lastSignature(root xmltext.Node, most int) (sig xmltext.Node, count int, err *Error) {
	for c := range root.Elements() {
		if c.Is(Namespace, "Signature") {
			sig = c
			count++
		}
	}
	switch {
	case count == 0:
		err = &Error{Class: ClassStructure, Reason: "the root has no ds:Signature child", Err: ErrNotSigned}
	case count > most && most == 1:
		err = Refuse(ClassStructure, "the document has more than one signature")
	case count > most:
		err = Refuse(ClassStructure, "the document has too many signatures")
	case !sig.NextElement().IsZero():
		err = Refuse(ClassStructure, "ds:Signature is not the last child of the root").At(sig)
	}
	return sig, count, err
}

// document is the Frame of a document signed as a whole.
type document struct {
	root  xmltext.Node
	token func(child xmltext.Node, h *pki.Hint) *Error
}

// Place lets in the root only.
func (d document) Place(target xmltext.Node, _ bool) (string, *Error) {
	if target != d.root {
		return "", Refuse(ClassStructure, "a Reference does not point to the document as a whole")
	}
	return d.root.Local(), nil
}

// Token reads what the policy lets in beside X509Data.
func (d document) Token(child xmltext.Node, h *pki.Hint) *Error {
	if d.token != nil {
		return d.token(child, h)
	}
	return Refuse(ClassStructure, "the child %q of KeyInfo is not accepted", ElementName(child.Local()))
}
