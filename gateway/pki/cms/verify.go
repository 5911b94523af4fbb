package cms

import (
	"bytes"
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"hash"
	"time"

	"golang.org/x/crypto/cryptobyte"

	"github.com/kopir-kz/kopir/gateway/pki"
)

// TimestampChecker checks a time-stamp token over some bytes and gives the
// moment it proves; a tsp.Policy makes one.
type TimestampChecker func(ctx context.Context, token, stamped []byte) (time.Time, error)

// Options is what a verifier demands.
type Options struct {
	Content []byte // what a detached message was made over; nil for an attached one
	Keys    pki.KeyResolver
	Clock   func() time.Time // nil means time.Now

	// Timestamp checks the time-stamps of signatures. The certificate of a
	// signer who has one is judged at the moment it proves, which is how a
	// signature outlives its certificate. Without a checker time-stamps are
	// not looked at.
	Timestamp TimestampChecker
	// RequireTimestamp refuses signatures without a time-stamp.
	RequireTimestamp bool

	// Report is told every check that a signature passed, with what is known of its
	// signer by then; nil is not. Signatures are counted from 1.
	Report func(signature int, passed Step, s Signer)
}

func (o *Options) passed(signature int, step Step, s Signer) {
	if o.Report != nil {
		o.Report(signature, step, s)
	}
}

func (o *Options) now() time.Time {
	if o.Clock != nil {
		return o.Clock()
	}
	return time.Now()
}

// Verified is what all signatures of a message vouch for.
type Verified struct {
	ContentType asn1.ObjectIdentifier
	Content     []byte
	Signers     []Signer // in the order of the message; at least one
}

// Signer is one signature that holds.
type Signer struct {
	Certificate *pki.Certificate
	Digest      asn1.ObjectIdentifier // of the content
	Signature   asn1.ObjectIdentifier // as the message names it, perhaps by the key's identifier
	SigningTime time.Time             // what the signer claims; zero if nothing
	Timestamp   time.Time             // the moment that a checked time-stamp proves; zero if there is none
	Bound       bool                  // a signed attribute names the certificate
}

// Verify checks every signature of the message: algorithms, time-stamp, trust,
// named certificate, value, digest of the content. The error is an *Error.
func (m *Message) Verify(ctx context.Context, o Options) (*Verified, error) {
	v := &verification{Message: m, o: &o, content: m.content, sums: map[string][]byte{}}
	switch {
	case m.attached && o.Content != nil:
		return nil, refuse(StepContent, "the message carries its content, and another one is given")
	case !m.attached && o.Content == nil:
		return nil, refuse(StepContent, "the message is detached, and its content is not given")
	case !m.attached:
		v.content = o.Content
	}
	out := &Verified{ContentType: m.contentType, Content: v.content}
	for i := range m.signers {
		v.passed = func(step Step, s Signer) { o.passed(i+1, step, s) }
		s, err := v.signer(ctx, &m.signers[i])
		if err != nil {
			return nil, err.of(i + 1)
		}
		out.Signers = append(out.Signers, s)
	}
	return out, nil
}

// verification is the work on one message.
type verification struct {
	*Message
	o       *Options
	content []byte
	sums    map[string][]byte // digests of the content, by algorithm
	passed  func(Step, Signer)
}

// signer checks one signature. The content, which may be large, is digested
// last: nobody whom we do not trust makes us do it.
func (v *verification) signer(ctx context.Context, s *signerInfo) (out Signer, refusal *Error) {
	newHash, ok := pki.NewHash(s.digest)
	if !ok {
		return out, unknownDigest("the digest is not accepted", s.digest)
	}
	if refusal = v.shape(s); refusal != nil {
		return out, refusal
	}
	out = Signer{Digest: s.digest, Signature: s.algorithm}
	v.passed(StepAttributes, out)
	if out.Timestamp, refusal = v.timestamp(ctx, s); refusal != nil {
		return out, refusal
	}
	at := out.Timestamp
	if at.IsZero() {
		at = v.o.now()
	} else {
		v.passed(StepTimestamp, out)
	}
	if out.Certificate, refusal = v.trusted(ctx, s, at); refusal != nil {
		return out, refusal
	}
	v.passed(StepTrust, out)
	if s.attributes == nil {
		if refusal = checkValue(out.Certificate, s, v.sum(s.digest, newHash)); refusal == nil {
			v.passed(StepSignature, out)
		}
		return out, refusal
	}
	refusal = v.attributes(s, newHash, &out)
	return out, refusal
}

// attributes checks a signature over attributes, and what they say.
func (v *verification) attributes(s *signerInfo, newHash func() hash.Hash, out *Signer) (refusal *Error) {
	out.SigningTime = s.attributes.signingTime
	if out.Bound, refusal = s.attributes.bound(out.Certificate.Certificate); refusal != nil {
		return refusal
	}
	if out.Bound {
		v.passed(StepSigningCertificate, *out)
	}
	h := newHash()
	h.Write(s.attributes.der)
	if refusal = checkValue(out.Certificate, s, h.Sum(nil)); refusal != nil {
		return refusal
	}
	v.passed(StepSignature, *out)
	if !bytes.Equal(v.sum(s.digest, newHash), s.attributes.digest) {
		return refuse(StepDigest, "the content is not the one that was signed")
	}
	v.passed(StepDigest, *out)
	return nil
}

// sum is the digest of the content, made once for each algorithm.
func (v *verification) sum(digest asn1.ObjectIdentifier, newHash func() hash.Hash) []byte {
	name := digest.String()
	if v.sums[name] == nil {
		h := newHash()
		h.Write(v.content)
		v.sums[name] = h.Sum(nil)
	}
	return v.sums[name]
}

func unknownDigest(reason string, oid asn1.ObjectIdentifier) *Error {
	return &Error{Step: StepAlgorithm, Reason: reason, Err: &pki.AlgorithmError{What: "digest algorithm", OID: oid}}
}

// shape checks what the signed attributes say about the content.
func (v *verification) shape(s *signerInfo) *Error {
	switch {
	case s.attributes != nil && !s.attributes.contentType.Equal(v.contentType):
		return refuse(StepAttributes, "the signed attribute contentType is not the type of the content")
	case s.attributes != nil:
		return nil
	case !v.contentType.Equal(oidData):
		return refuse(StepAttributes, "content of another type than data needs signed attributes")
	}
	// A signature over attributes is also a signature over a content of these
	// bytes: whoever cuts the attributes out and puts them in the place of the
	// content must not get through.
	in, inner := cryptobyte.String(v.content), cryptobyte.String(nil)
	if in.ReadASN1(&inner, setTag) && in.Empty() {
		if _, err := readSigned(inner); err == nil {
			return refuse(StepAttributes, "the content without signed attributes is itself a set of them")
		}
	}
	return nil
}

// timestamp gives the earliest moment that the time-stamps of a signature prove.
// Each of them must hold.
func (v *verification) timestamp(ctx context.Context, s *signerInfo) (at time.Time, _ *Error) {
	if v.o.Timestamp == nil && !v.o.RequireTimestamp {
		return at, nil
	}
	if v.o.RequireTimestamp && (len(s.stamps) == 0 || v.o.Timestamp == nil) {
		return at, refuse(StepTimestamp, "there is no time-stamp that could be checked")
	}
	for _, token := range s.stamps {
		t, err := v.o.Timestamp(ctx, token, s.value)
		if err != nil {
			return at, &Error{Step: StepTimestamp, Reason: "the time-stamp does not hold", Err: err}
		}
		if at.IsZero() || t.Before(at) {
			at = t
		}
	}
	return at, nil
}

// trusted finds the signer's certificate, in the message or else in the store.
func (v *verification) trusted(ctx context.Context, s *signerInfo, at time.Time) (*pki.Certificate, *Error) {
	var found *x509.Certificate
	for _, c := range v.certificates {
		if !s.means(c) {
			continue
		}
		if found != nil {
			return nil, refuse(StepStructure, "the message carries two certificates that the signature may mean")
		}
		found = c
	}
	var h pki.Hint
	switch {
	case found != nil:
		h.Certificates = [][]byte{found.Raw}
	case s.keyID != nil:
		h.KeyID = s.keyID
	default:
		h.IssuerName, h.Serial = nameText(s.issuer), s.serial
	}
	c, err := v.o.Keys.Resolve(ctx, h, at)
	if err != nil {
		return nil, &Error{Step: StepTrust, Reason: "the signer is not trusted", Err: err}
	}
	return c, nil
}

// means tells whether a certificate is the one a signature names. Writers spell
// the same issuer in different string types.
func (s *signerInfo) means(c *x509.Certificate) bool {
	if s.keyID != nil {
		return bytes.Equal(s.keyID, c.SubjectKeyId)
	}
	return s.serial.Cmp(c.SerialNumber) == 0 &&
		(bytes.Equal(s.issuer, c.RawIssuer) || pki.NameOf(s.issuer).Equal(pki.NameOf(c.RawIssuer)))
}

// nameText writes a name in the form a store looks it up by; "" if it is none.
func nameText(der []byte) string {
	var name pkix.RDNSequence
	if rest, err := asn1.Unmarshal(der, &name); err != nil || len(rest) > 0 {
		return ""
	}
	return name.String()
}

// checkValue checks the signature value over a digest.
func checkValue(c *pki.Certificate, s *signerInfo, sum []byte) *Error {
	err := pki.CheckDigestSignature(c.PublicKey, s.algorithm, s.digest, sum, s.value)
	var algorithm *pki.AlgorithmError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &algorithm):
		return &Error{Step: StepAlgorithm, Reason: "the signature algorithm is not accepted with the key and the digest", Err: err}
	}
	return &Error{Step: StepSignature, Reason: "the signature value does not hold", Err: err}
}
