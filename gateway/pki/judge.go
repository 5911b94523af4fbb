package pki

import (
	"context"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"iter"
	"slices"
	"time"
)

// Usage is what a certificate is to be used for.
type Usage string

// The usages.
const (
	UsageSign Usage = "sign" // signing messages, which is what Resolve demands: keyUsage digitalSignature
	UsageCRL  Usage = "crl"  // signing revocation lists: an authority with keyUsage cRLSign (RFC 5280, section 6.3.3)
	UsageOCSP Usage = "ocsp" // signing OCSP responses for its issuer (RFC 6960, section 4.2.2.2)
	UsageTSA  Usage = "tsa"  // signing time-stamps, and nothing else (RFC 3161, section 2.3)
	UsageAny  Usage = "any"  // nothing in particular
)

// check tells why a certificate is not made for the usage; "" if it is.
func (u Usage) check(c *x509.Certificate) (why string) {
	const signing = x509.KeyUsageDigitalSignature
	switch u {
	case UsageSign:
		if c.KeyUsage&signing == 0 {
			return "keyUsage does not allow digital signatures"
		}
	case UsageCRL:
		if !c.BasicConstraintsValid || !c.IsCA || c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageCRLSign == 0 {
			return "not an authority whose keyUsage allows it to sign revocation lists"
		}
	case UsageOCSP:
		if !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning) || c.KeyUsage != 0 && c.KeyUsage&(signing|x509.KeyUsageContentCommitment) == 0 {
			return "extKeyUsage or keyUsage does not allow to sign OCSP responses"
		}
	case UsageTSA:
		alone := len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) == 1 && slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageTimeStamping)
		if !alone || !criticalExtKeyUsage(c) {
			return "extKeyUsage is not timeStamping alone, and critical"
		}
	}
	return ""
}

func criticalExtKeyUsage(c *x509.Certificate) bool {
	for _, e := range c.Extensions {
		if e.Critical && e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 37}) {
			return true
		}
	}
	return false
}

// LinkCheck names what is looked at in a link of a chain.
type LinkCheck string

// The checks.
const (
	LinkKey        LinkCheck = "key"        // long enough, and of a supported kind
	LinkUsage      LinkCheck = "usage"      // link 0 is made for what it is used for
	LinkExtensions LinkCheck = "extensions" // none that is critical is not understood
	LinkValidity   LinkCheck = "validity"   // the moment lies in its time
	LinkAuthority  LinkCheck = "authority"  // a link above 0 may issue the one below it
	LinkIssuer     LinkCheck = "issuer"     // the next link issued it
	LinkAnchor     LinkCheck = "anchor"     // the last link is a configured root, or pinned
	LinkRevocation LinkCheck = "revocation" // its issuer has not taken it back
)

// A Check is one look at one certificate of a chain.
type Check struct {
	Name        LinkCheck
	Link        int // 0 is the signer's certificate, 1 its issuer
	Certificate *x509.Certificate
	Status      Status // of LinkRevocation
	Err         *Error // nil: passed
}

// failed completes a check that was not passed.
func (k Check) failed(e *Error) Check {
	if e != nil {
		e.Certificate, e.Link = k.Certificate, k.Link
		k.Err = e
	}
	return k
}

// valid tells whether a chain holds at a moment.
func (s *Store) valid(ctx context.Context, chain []*x509.Certificate, at time.Time) error {
	for k := range s.checks(ctx, chain, UsageSign, at) {
		if k.Err != nil {
			return k.Err
		}
	}
	return nil
}

// checks looks at what changes with time, and at what only a signer must fulfil.
func (s *Store) checks(ctx context.Context, chain []*x509.Certificate, use Usage, at time.Time) iter.Seq[Check] {
	return func(yield func(Check) bool) {
		k := Check{Name: LinkKey, Certificate: chain[0]}
		if !yield(k.failed(checkKey(chain[0]))) {
			return
		}
		k.Name = LinkUsage
		if !yield(k.failed(checkUsage(chain[0], use))) {
			return
		}
		for i, x := range chain {
			k := Check{Name: LinkExtensions, Link: i, Certificate: x}
			if !yield(k.failed(checkExtensions(x))) {
				return
			}
			k.Name = LinkValidity
			if !yield(k.failed(checkValidity(x, at))) {
				return
			}
		}
		if s.o.Revocation == RevocationOff {
			return
		}
		for i, x := range chain[:len(chain)-1] {
			k := Check{Name: LinkRevocation, Link: i, Certificate: x}
			var e *Error
			k.Status, e = s.revoked(ctx, x, chain[i+1], at)
			if !yield(k.failed(e)) {
				return
			}
		}
	}
}

func checkUsage(c *x509.Certificate, use Usage) *Error {
	if why := use.check(c); why != "" {
		return refuse(ReasonKeyUsage, "%s (%s)", why, Describe(c))
	}
	return nil
}

// checkExtensions refuses what is critical and not understood. crypto/x509 reads
// policyConstraints (RFC 5280, section 4.2.1.11) and leaves them to whoever builds
// chains; policies are not evaluated here.
func checkExtensions(c *x509.Certificate) *Error {
	switch {
	case c.RequireExplicitPolicy > 0, c.RequireExplicitPolicyZero:
		return refuse(ReasonExtension, "extension 2.5.29.36 demands certificate policies, which are not evaluated here (%s)", Describe(c))
	case len(c.UnhandledCriticalExtensions) > 0:
		return refuse(ReasonExtension, "critical extension %s is not understood (%s)", c.UnhandledCriticalExtensions[0], Describe(c))
	}
	return nil
}

func checkValidity(c *x509.Certificate, at time.Time) *Error {
	switch {
	case at.Before(c.NotBefore):
		return refuse(ReasonNotYetValid, "valid only from %s (%s)", c.NotBefore.Format(time.RFC3339), Describe(c))
	case at.After(c.NotAfter):
		return refuse(ReasonExpired, "expired at %s (%s)", c.NotAfter.Format(time.RFC3339), Describe(c))
	}
	return nil
}

// revoked asks about one link of a chain.
func (s *Store) revoked(ctx context.Context, c, issuer *x509.Certificate, at time.Time) (st Status, _ *Error) {
	err := errNoRevoker
	if s.o.Revoker != nil {
		st, err = s.o.Revoker.Status(ctx, c, issuer, at)
	}
	switch {
	case st.State == StateRevoked:
		e := refuse(ReasonRevoked, "revoked at %s, %s (%s)", st.Since.Format(time.RFC3339), st.Reason, Describe(c))
		e.Status = st
		return st, e
	case st.State == StateGood, s.o.Revocation == RevocationSoft:
		return st, nil
	case err != nil:
		return st, refuse(ReasonNoRevocation, "no fresh answer about serial %x of issuer %q: %v", c.SerialNumber, issuer.Subject.String(), err)
	}
	return st, refuse(ReasonStatusUnknown, "issuer %q does not know serial %x", issuer.Subject.String(), c.SerialNumber)
}

var errNoRevoker = errors.New("no source is configured")

// Explanation is how a certificate was judged.
type Explanation struct {
	Chain  []*x509.Certificate // from the certificate up, as far as there is a path
	Checks []Check             // by link
	Err    *Error              // why it is not trusted; nil if it is
}

// Explain judges a certificate at a moment and tells every check, passed or not,
// where Resolve stops at the first failure. For UsageSign both come to the same
// verdict. Of several chains it is one that holds, or the first.
func (s *Store) Explain(ctx context.Context, c *x509.Certificate, use Usage, at time.Time) *Explanation {
	f := s.chains(c)
	if len(f.found) == 0 {
		out := s.explain(ctx, f.furthest, use, at)
		out.Err = f.refusal()
		out.add(Check{Name: LinkIssuer, Link: out.Err.Link, Certificate: out.Err.Certificate, Err: out.Err})
		return out
	}
	var first *Explanation
	for _, chain := range f.found {
		out := s.explain(ctx, chain, use, at)
		last := len(chain) - 1
		out.add(Check{Name: LinkAnchor, Link: last, Certificate: chain[last]})
		if out.Err == nil {
			return out
		}
		if first == nil {
			first = out
		}
	}
	return first
}

// explain looks at a path, each certificate of which the next one has issued.
func (s *Store) explain(ctx context.Context, chain []*x509.Certificate, use Usage, at time.Time) *Explanation {
	out := &Explanation{Chain: chain}
	for i, x := range chain {
		if i > 0 {
			out.add(Check{Name: LinkAuthority, Link: i, Certificate: x})
		}
		if i < len(chain)-1 {
			out.add(Check{Name: LinkIssuer, Link: i, Certificate: x})
		}
	}
	for k := range s.checks(ctx, chain, use, at) {
		if out.Err == nil {
			out.Err = k.Err
		}
		out.add(k)
	}
	return out
}

// add keeps the checks in the order of the links.
func (e *Explanation) add(k Check) {
	at := len(e.Checks)
	for at > 0 && e.Checks[at-1].Link > k.Link {
		at--
	}
	e.Checks = slices.Insert(e.Checks, at, k)
}
