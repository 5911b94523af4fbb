package xmldsig

import (
	"github.com/kopir-kz/kopir/gateway/c14n"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

// names refuses by name what is signed under n with an algorithm that is not
// accepted, whatever else is wrong there: it looks at every element that names
// one, outside of KeyInfo and Object, which hold what others have signed. What
// passes is not accepted yet, it is read strictly from here on.
func (c *Check) names(n xmltext.Node) *Error {
	d := n.Doc()
	for i, end := n.Row(), n.After(); i < end; i++ {
		e := d.NodeAt(i)
		if e.Kind() != xmltext.Element || e.Space() != Namespace {
			continue
		}
		uri, named := e.Attr("", "Algorithm")
		var err *Error
		switch local := e.Local(); {
		case local == "KeyInfo", local == "Object":
			i = e.After() - 1
		case !named: // a wrong shape, and nothing to name
		case local == "SignatureMethod":
			_, err = c.signatureSuite(uri)
		case local == "DigestMethod":
			_, err = c.digestSuite(uri, nil)
		case local == "CanonicalizationMethod", local == "Transform" && uri != uriEnveloped:
			_, err = method(algorithm{uri: uri})
		}
		if err != nil {
			return err.At(e)
		}
	}
	return nil
}

// suites are the accepted ones.
func (c *Check) suites() []*Suite {
	if c.Policy.Suites != nil {
		return c.Policy.Suites
	}
	return suites
}

func (c *Check) signatureSuite(uri string) (*Suite, *Error) {
	for _, s := range c.suites() {
		if s.SignatureURI == uri {
			return s, nil
		}
	}
	return nil, Refuse(ClassSignature, "the signature algorithm %q is not accepted", AlgorithmName(uri))
}

// digestSuite finds a suite with that digest; if several have it, the one the
// signature is made with.
func (c *Check) digestSuite(uri string, signature *Suite) (found *Suite, err *Error) {
	for _, s := range c.suites() {
		if s.DigestURI == uri && (found == nil || s == signature) {
			found = s
		}
	}
	if found == nil {
		return nil, Refuse(ClassSignature, "the digest algorithm %q is not accepted", AlgorithmName(uri))
	}
	return found, nil
}

// algorithms finds what the named algorithms are, and holds them to how they
// may be used.
func (c *Check) algorithms(w *work) (err *Error) {
	s := &w.s
	if w.suite, err = c.signatureSuite(s.algorithm); err != nil {
		return err
	}
	if s.parameters {
		return Refuse(ClassStructure, "SignatureMethod has parameters")
	}
	if w.method, err = method(s.method); err != nil {
		return err
	}
	w.refs = w.room[:0]
	for i := range s.refs {
		w.refs = append(w.refs, digestPlan{})
		d := &w.refs[i]
		if err := c.transforms(s, &s.refs[i], d); err != nil {
			return err.At(s.refs[i].node)
		}
		if d.suite, err = c.digestSuite(s.refs[i].digestURI, w.suite); err != nil {
			return err.At(s.refs[i].node)
		}
	}
	return nil
}

func (c *Check) transforms(s *signature, r *reference, p *digestPlan) *Error {
	// XMLDSig, section 4.4.3.2: what no transform makes octets of is
	// canonicalized with Canonical XML 1.0.
	p.method = c14n.Method{Kind: c14n.Inclusive10}
	canonical := false
	for i, t := range r.transforms {
		if c.Enveloped && t.uri == uriEnveloped && i == 0 {
			p.without = s.node
			continue
		}
		var err *Error
		if p.method, err = method(t); err != nil {
			return err
		}
		if canonical {
			return Refuse(ClassSignature, "a Reference has more than one canonicalization")
		}
		canonical = true
	}
	if r.target.Contains(s.node) && p.without.IsZero() {
		return Refuse(ClassStructure, "a Reference covers its own Signature without the enveloped-signature transform")
	}
	// A same-document reference selects nodes without comments (XMLDSig,
	// section 4.4.3.3), even if the transform would keep them.
	p.method.Comments = false
	return nil
}

// method finds an accepted canonicalization: Exclusive 1.0 and Canonical XML
// 1.1 without comments, Canonical XML 1.0 with and without.
func method(a algorithm) (c14n.Method, *Error) {
	m, ok := c14n.ByURI(a.uri)
	if !ok || (m.Comments && m.Kind != c14n.Inclusive10) {
		return m, Refuse(ClassSignature, "the algorithm %q is not accepted as canonicalization or transform", AlgorithmName(a.uri))
	}
	m.Prefixes = a.prefixes
	return m, nil
}
