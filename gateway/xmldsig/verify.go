package xmldsig

import (
	"bytes"
	"context"
	"hash"
	"strings"
	"sync"

	"github.com/kopir-kz/kopir/gateway/c14n"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// Check verifies one ds:Signature.
type Check struct {
	// Signature is the ds:Signature element.
	Signature xmltext.Node
	// Frame is the document the signature stands in.
	Frame Frame
	// Enveloped lets in the enveloped-signature transform, Enveloping lets in
	// ds:Object inside the signature.
	Enveloped, Enveloping bool
	Keys                  KeyResolver
	Policy                *Policy

	number int // Step.Signature
}

// Verify runs the steps in the order that makes the reason of a refusal the
// right one: names of algorithms, a canonical form, shape, use of the
// algorithms, trust, value, digests. The error is an *Error.
func (c *Check) Verify(ctx context.Context) (*Verified, error) {
	v := &Verified{}
	if err := c.VerifyInto(ctx, v); err != nil {
		return nil, err
	}
	return v, nil
}

// VerifyInto is Verify with a result that is part of a larger one.
func (c *Check) VerifyInto(ctx context.Context, v *Verified) error {
	s := steps{report: c.Policy.Report, at: Step{Signature: c.number, Node: c.Signature}}
	if err := s.done(StepAlgorithms, c.names(c.Signature)); err != nil {
		return err
	}
	if err := s.done(StepForm, form(c.Signature.Doc())); err != nil {
		return err
	}
	w := works.Get().(*work)
	defer w.free()
	if err := s.done(StepStructure, w.s.read(c.Signature, c.Enveloping)); err != nil {
		return err
	}
	if err := s.done(StepReferences, c.references(w)); err != nil {
		return err
	}
	w.hint = pki.Hint{Certificates: w.certificates[:0]}
	if err := s.done(StepKeyInfo, c.keyInfo(w.s.keyInfo, &w.hint)); err != nil {
		return err
	}
	signer, refusal := c.signer(ctx, w.hint)
	s.at.Signer = signer
	if err := s.done(StepTrust, refusal); err != nil {
		return err
	}
	s.at.Suite = w.suite
	if err := s.done(StepValue, w.checkValue(signer)); err != nil {
		return err
	}
	v.Signer, v.Suite, v.Targets = signer, w.suite, v.room[:0]
	for i := range w.s.refs {
		r := &w.s.refs[i]
		s.at.Node, s.at.Target, s.at.Suite = r.target, r.name, w.refs[i].suite
		if err := s.done(StepDigest, w.checkDigest(i)); err != nil {
			return err
		}
		v.Targets = append(v.Targets, Target{r.target, r.name})
	}
	return nil
}

func form(d *xmltext.Doc) *Error {
	if err := c14n.Check(d); err != nil {
		return RefuseForm(err)
	}
	return nil
}

// work is the memory of one verification.
type work struct {
	s      signature
	ids    ids
	suite  *Suite
	method c14n.Method // of SignedInfo
	refs   []digestPlan
	hint   pki.Hint
	hash   hash.Hash
	hashOf *Suite
	buf    []byte // decoded base64 and a digest, side by side

	room         [2]digestPlan
	idsRoom      [8]idAttr
	certificates [2][]byte
}

// digestPlan is what the algorithms of a Reference come to.
type digestPlan struct {
	method  c14n.Method
	suite   *Suite       // whose hash it is
	without xmltext.Node // the Signature, under the enveloped-signature transform
}

// works keeps the memory of verifications for reuse.
//
//nolint:gochecknoglobals // holds no state that could be observed
var works = sync.Pool{New: func() any { return &work{buf: make([]byte, 0, 2048)} }}

// free gives the memory back without keeping anything of the document alive.
func (w *work) free() {
	*w = work{hash: w.hash, hashOf: w.hashOf, buf: w.buf[:0]}
	works.Put(w)
}

// newHash is a hash of the suite at its start.
func (w *work) newHash(s *Suite) hash.Hash {
	if w.hashOf != s {
		w.hash, w.hashOf = s.NewHash(), s
	}
	w.hash.Reset()
	return w.hash
}

// Frame knows the document a signature stands in.
type Frame interface {
	// Place says what a Reference points to, or refuses it: target is the
	// element with the referenced Id, or the root where whole says URI="".
	Place(target xmltext.Node, whole bool) (name string, err *Error)
	// Token reads a child of KeyInfo that is not of the XML signature
	// namespace into the hint, or refuses it.
	Token(child xmltext.Node, h *pki.Hint) *Error
}

// references finds what every Reference is about, and how it is digested.
func (c *Check) references(w *work) *Error {
	if err := c.locate(w); err != nil {
		return err
	}
	return c.algorithms(w)
}

// locate finds the target of every Reference: the only element of the
// document that carries the Id, in the place the caller expects.
func (c *Check) locate(w *work) *Error {
	s := &w.s
	err := w.collectIDs(c.Signature.Doc())
	if err != nil {
		return err
	}
	for i := range s.refs {
		r := &s.refs[i]
		switch {
		case r.uri == "":
			r.target, r.whole = c.Signature.Doc().Root(), true
		case strings.HasPrefix(r.uri, "#") && isID(r.uri[1:]):
			if r.target, err = w.ids.find(r.uri[1:]); err != nil {
				return err.At(r.node)
			}
		default:
			return Refuse(ClassStructure, "a Reference must be \"#\" and an Id").At(r.node)
		}
		for _, earlier := range s.refs[:i] {
			if earlier.target == r.target {
				return Refuse(ClassStructure, "two References point to the same element").At(r.target)
			}
		}
		if r.name, err = c.Frame.Place(r.target, r.whole); err != nil {
			return err.At(r.target)
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
func (w *work) collectIDs(d *xmltext.Doc) *Error {
	w.ids = w.idsRoom[:0]
	formal := 0
	for i := range d.NumAttrs() {
		a := d.AttrAt(i)
		if local := a.Local(); a.Decl() || len(local) != 2 || !strings.EqualFold(local, "id") {
			continue
		}
		w.ids = append(w.ids, idAttr{a.Value(), a.Owner()})
		if a.Local() != "id" || a.Space() != "" {
			// Formal Ids stand in front, to be compared among themselves.
			last := len(w.ids) - 1
			w.ids[formal], w.ids[last] = w.ids[last], w.ids[formal]
			formal++
		}
	}
	return unique(w.ids[:formal])
}

func unique(l ids) *Error {
	if len(l) <= 8 {
		for i := range l {
			for j := range i {
				if l[i].value == l[j].value && l[i].node != l[j].node {
					return Refuse(ClassStructure, "two elements carry the same Id").At(l[i].node)
				}
			}
		}
		return nil
	}
	seen := make(map[string]xmltext.Node, len(l))
	for _, e := range l {
		if other, ok := seen[e.value]; ok && other != e.node {
			return Refuse(ClassStructure, "two elements carry the same Id").At(e.node)
		}
		seen[e.value] = e.node
	}
	return nil
}

// FindID finds the one element that carries an Id, by the rules by which a
// Reference finds it.
func FindID(d *xmltext.Doc, id string) (xmltext.Node, error) {
	var w work
	if err := w.collectIDs(d); err != nil {
		return xmltext.Node{}, err
	}
	n, err := w.ids.find(id)
	if err != nil {
		return xmltext.Node{}, err
	}
	return n, nil
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
		return found, Refuse(ClassStructure, "no element carries the Id that is asked for")
	}
	return found, nil
}

// signer asks configuration for the certificate and holds it to the pin.
func (c *Check) signer(ctx context.Context, h pki.Hint) (*pki.Certificate, *Error) {
	cert, err := c.Keys.Resolve(ctx, h, c.Policy.Now())
	if err != nil {
		return nil, &Error{Class: ClassTrust, Reason: "the signer is not trusted", Err: err}
	}
	if c.Policy.Signer != "" && !cert.Named(c.Policy.Signer) {
		return cert, &Error{
			Class: ClassTrust, Reason: "the signer is not the expected system",
			Err: &pki.Error{Reason: pki.ReasonSignerPin, Text: pki.Describe(cert.Certificate), Certificate: cert.Certificate},
		}
	}
	return cert, nil
}

// checkValue checks the signature over the canonical SignedInfo.
func (w *work) checkValue(signer *pki.Certificate) *Error {
	if !w.suite.Fits(signer.PublicKey) {
		return Refuse(ClassSignature, "the signature algorithm %s does not fit the signer's key", w.suite.Name)
	}
	value, ok := appendBase64(w.buf[:0], w.s.value)
	if !ok {
		return Refuse(ClassStructure, "SignatureValue is not base64 text alone")
	}
	h := w.newHash(w.suite)
	if err := w.method.Write(h, w.s.signedInfo, xmltext.Node{}); err != nil {
		return RefuseForm(err)
	}
	sum := h.Sum(value)[len(value):]
	if err := w.suite.Verify(signer.PublicKey, sum, value); err != nil {
		return &Error{Class: ClassSignature, Reason: "the signature value does not hold over SignedInfo", Err: err}
	}
	return nil
}

// checkDigest checks one Reference over its target.
func (w *work) checkDigest(i int) *Error {
	r, d := &w.s.refs[i], &w.refs[i]
	want, ok := appendBase64(w.buf[:0], r.digest)
	if !ok {
		return Refuse(ClassStructure, "DigestValue is not base64 text alone")
	}
	h := w.newHash(d.suite)
	var err error
	if r.whole {
		err = d.method.WriteDocument(h, r.target.Doc(), d.without)
	} else {
		err = d.method.Write(h, r.target, d.without)
	}
	if err != nil {
		return RefuseForm(err)
	}
	if sum := h.Sum(want)[len(want):]; !bytes.Equal(sum, want) {
		return Refuse(ClassSignature, "the digest of %s does not hold: it was changed after signing", r.name)
	}
	return nil
}
