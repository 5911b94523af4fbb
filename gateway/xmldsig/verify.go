package xmldsig

import (
	"bytes"
	"context"
	"strings"

	"github.com/kopir-kz/kopir/gateway/c14n"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// Check verifies one ds:Signature.
type Check struct {
	// Signature is the ds:Signature element.
	Signature xmltext.Node
	// Place says what a Reference points to, or refuses it: target is the
	// element with the referenced Id, or the root for URI="". A zero target
	// cannot happen.
	Place func(target xmltext.Node, whole bool) (name string, err *Error)
	// Token reads a child of KeyInfo that is not of the XML signature
	// namespace into the hint; nil refuses all of them.
	Token Tokens
	// Enveloped lets in the enveloped-signature transform.
	Enveloped bool
	Keys      KeyResolver
	Policy    *Policy
}

// Verify runs the steps in the order that makes the reason of a refusal the
// right one: shape, then trust, then algorithms, value and digests. The error
// is an *Error.
func (c *Check) Verify(ctx context.Context) (*Verified, error) {
	s, err := readSignature(c.Signature)
	if err != nil {
		return nil, err
	}
	if err := c.locate(s); err != nil {
		return nil, err
	}
	hint, err := c.keyInfo(s.keyInfo)
	if err != nil {
		return nil, err
	}
	signer, err := c.signer(ctx, hint)
	if err != nil {
		return nil, err
	}
	suite, err := c.value(s, signer)
	if err != nil {
		return nil, err
	}
	v := &Verified{Signer: signer, Suite: suite, Targets: make([]Target, len(s.refs))}
	for i := range s.refs {
		if err := c.digest(s, &s.refs[i]); err != nil {
			return nil, err
		}
		v.Targets[i] = Target{s.refs[i].target, s.refs[i].name}
	}
	return v, nil
}

// locate finds the target of every Reference: the only element of the
// document that carries the Id, in the place the caller expects.
func (c *Check) locate(s *signature) *Error {
	ids, err := collectIDs(c.Signature.Doc())
	if err != nil {
		return err
	}
	for i := range s.refs {
		r := &s.refs[i]
		switch {
		case r.uri == "":
			r.target, r.whole = c.Signature.Doc().Root(), true
		case strings.HasPrefix(r.uri, "#") && isID(r.uri[1:]):
			if r.target, err = ids.find(r.uri[1:]); err != nil {
				return err
			}
		default:
			return Refuse(ClassStructure, "a Reference must be \"#\" and an Id")
		}
		for _, earlier := range s.refs[:i] {
			if earlier.target == r.target {
				return Refuse(ClassStructure, "two References point to the same element")
			}
		}
		if r.name, err = c.Place(r.target, r.whole); err != nil {
			return err
		}
	}
	return nil
}

// isID keeps XPointer expressions and anything that is not a plain name out.
// A leading digit is let in: peers write bare UUIDs.
func isID(s string) bool {
	return s != "" && !strings.ContainsAny(s, "()/'\"[]<>& \t\r\n#:")
}

// ids are the Id-like attributes of a document: every attribute with the local
// name Id, in whatever case and namespace.
type ids []idAttr

type idAttr struct {
	value string
	node  xmltext.Node
}

// collectIDs gathers them and refuses a value that two elements carry. A
// lower-case "id" without a namespace is ordinary business data: it makes a
// document ambiguous only when a Reference uses the value.
func collectIDs(d *xmltext.Doc) (ids, *Error) {
	all := make(ids, 0, 8)
	formal := 0
	for i := range d.NumAttrs() {
		a := d.AttrAt(i)
		if a.Decl() || len(a.Local()) != 2 || !strings.EqualFold(a.Local(), "id") {
			continue
		}
		e := idAttr{a.Value(), a.Owner()}
		if a.Local() == "id" && a.Space() == "" {
			all = append(all, e)
			continue
		}
		// Formal Ids first, so that they can be compared among themselves.
		all = append(all, e)
		all[formal], all[len(all)-1] = all[len(all)-1], all[formal]
		formal++
	}
	seen := make(map[string]xmltext.Node, formal)
	for _, e := range all[:formal] {
		if other, ok := seen[e.value]; ok && other != e.node {
			return nil, Refuse(ClassStructure, "two elements carry the same Id")
		}
		seen[e.value] = e.node
	}
	return all, nil
}

func (l ids) find(value string) (xmltext.Node, *Error) {
	var found xmltext.Node
	for _, e := range l {
		if e.value != value || e.node == found {
			continue
		}
		if !found.IsZero() {
			return found, Refuse(ClassStructure, "two elements carry the same Id")
		}
		found = e.node
	}
	if found.IsZero() {
		return found, Refuse(ClassStructure, "a Reference points to no element of the message")
	}
	return found, nil
}

// signer asks configuration for the certificate and holds it to the pin.
func (c *Check) signer(ctx context.Context, h pki.Hint) (*pki.Certificate, *Error) {
	cert, err := c.Keys.Resolve(ctx, h, c.Policy.Now())
	if err != nil {
		return nil, &Error{ClassTrust, "the signer is not trusted", err}
	}
	if c.Policy.Signer == "" {
		return cert, nil
	}
	pin, ok := pki.ParseName(c.Policy.Signer)
	if !ok || !pki.NameOf(cert.RawSubject).Holds(pin) {
		return nil, &Error{ClassTrust, "the signer is not the expected system",
			&pki.Error{Reason: pki.ReasonSignerPin, Text: pki.Describe(cert.Certificate)}}
	}
	return cert, nil
}

// value checks the algorithms of SignedInfo and the signature over it.
func (c *Check) value(s *signature, signer *pki.Certificate) (*Suite, *Error) {
	var suite *Suite
	for _, x := range c.suites() {
		if x.SignatureURI == s.signatures {
			suite = x
		}
	}
	if suite == nil {
		return nil, Refuse(ClassSignature, "the signature algorithm %.120q is not accepted", s.signatures)
	}
	if !suite.Fits(signer.PublicKey) {
		return nil, Refuse(ClassSignature, "the signature algorithm %s does not fit the signer's key", suite.Name)
	}
	m, err := method(s.method)
	if err != nil {
		return nil, err
	}
	h := suite.NewHash()
	_ = m.Write(h, s.signedInfo, xmltext.Node{}) // a hash never fails to write
	if err := suite.Verify(signer.PublicKey, h.Sum(nil), s.value); err != nil {
		return nil, &Error{ClassSignature, "the signature value does not hold over SignedInfo", err}
	}
	return suite, nil
}

func (c *Check) suites() []*Suite {
	if c.Policy.Suites != nil {
		return c.Policy.Suites
	}
	return Suites()
}

// method finds an accepted canonicalization: Exclusive 1.0 and Canonical XML
// 1.1 without comments, Canonical XML 1.0 with and without.
func method(a algorithm) (c14n.Method, *Error) {
	m, ok := c14n.ByURI(a.uri)
	if !ok || (m.Comments && m.Kind != c14n.Inclusive10) {
		return m, Refuse(ClassSignature, "the algorithm %.120q is not accepted as canonicalization or transform", a.uri)
	}
	m.Prefixes = a.prefixes
	return m, nil
}

// digest checks one Reference over its target.
func (c *Check) digest(s *signature, r *reference) *Error {
	// XMLDSig, section 4.4.3.2: what no transform makes octets of is
	// canonicalized with Canonical XML 1.0.
	m := c14n.Method{Kind: c14n.Inclusive10}
	var without xmltext.Node
	canonical := false
	for i, t := range r.transforms {
		if c.Enveloped && t.uri == uriEnveloped && i == 0 {
			without = s.node
			continue
		}
		if canonical {
			return Refuse(ClassSignature, "a Reference has more than one canonicalization")
		}
		var err *Error
		if m, err = method(t); err != nil {
			return err
		}
		canonical = true
	}
	if r.target.Contains(s.node) && without.IsZero() {
		return Refuse(ClassStructure, "a Reference covers its own Signature without the enveloped-signature transform")
	}
	var suite *Suite
	for _, x := range c.suites() {
		if x.DigestURI == r.digestURI {
			suite = x
		}
	}
	if suite == nil {
		return Refuse(ClassSignature, "the digest algorithm %.120q is not accepted", r.digestURI)
	}
	// A same-document reference selects nodes without comments (XMLDSig,
	// section 4.4.3.3), even if the transform would keep them.
	m.Comments = false
	h := suite.NewHash()
	if r.whole {
		_ = m.WriteDocument(h, r.target.Doc(), without)
	} else {
		_ = m.Write(h, r.target, without)
	}
	if !bytes.Equal(h.Sum(nil), r.digest) {
		return Refuse(ClassSignature, "the digest of %s does not hold: it was changed after signing", r.name)
	}
	return nil
}
