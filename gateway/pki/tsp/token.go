package tsp

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"math/big"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/cms"
)

// MaxResponse is the longest answer, and the longest token, in bytes.
const MaxResponse = 256 << 10

// DefaultSkew is how far clocks may differ.
const DefaultSkew = 5 * time.Minute

// Verifier is what is demanded of time-stamps.
type Verifier struct {
	Keys     pki.KeyResolver
	Clock    func() time.Time        // nil means time.Now
	Skew     time.Duration           // how far the authority's clock may differ from ours; 0 means DefaultSkew
	Policies []asn1.ObjectIdentifier // accepted policies of the authority; nil accepts every one

	// AnyUsage lets in a certificate that may be used for more than
	// time-stamping, or whose extended key usage is not critical, against
	// RFC 3161, section 2.3.
	AnyUsage bool
	// Unbound lets in a token without the signed attribute that names the
	// certificate, against RFC 3161, section 2.4.2.
	Unbound bool
}

// Token is a time-stamp that was verified.
type Token struct {
	Imprint   Imprint
	Time      time.Time     // what the imprint is of existed then
	Accuracy  time.Duration // how wrong Time may be; 0 if the token does not tell
	Serial    *big.Int      // unique for the authority
	Policy    asn1.ObjectIdentifier
	Nonce     *big.Int // nil if there was none in the request
	Authority *pki.Certificate
}

func (v *Verifier) now() time.Time {
	if v.Clock != nil {
		return v.Clock()
	}
	return time.Now()
}

func (v *Verifier) skew() time.Duration {
	if v.Skew > 0 {
		return v.Skew
	}
	return DefaultSkew
}

// Verify checks a token over some bytes. Its certificate is judged at the moment
// the token names, however long past; but if it is known by now that the key was
// stolen, no moment that it names counts. The error is an *Error.
func (v *Verifier) Verify(ctx context.Context, token, stamped []byte) (*Token, error) {
	return v.verify(ctx, token, func(t *Token) *Error {
		imprint, err := NewImprint(t.Imprint.Digest, stamped)
		if err != nil {
			return &Error{StepImprint, "the digest is not accepted", err}
		}
		return t.over(imprint)
	})
}

// VerifyToken is Verify where the bytes are not at hand: whether Imprint is theirs
// is for the caller to see.
func (v *Verifier) VerifyToken(ctx context.Context, token []byte) (*Token, error) {
	return v.verify(ctx, token, func(t *Token) *Error {
		if newHash, ok := newHash(t.Imprint.Digest); !ok || len(t.Imprint.Sum) != newHash().Size() {
			return refuse(StepImprint, "the digest is not accepted, or not as long as it is")
		}
		return nil
	})
}

// Checker is Verify in the form in which a CMS verifier asks for it.
func (v *Verifier) Checker() cms.TimestampChecker {
	return func(ctx context.Context, token, stamped []byte) (time.Time, error) {
		t, err := v.Verify(ctx, token, stamped)
		if err != nil {
			return time.Time{}, err
		}
		return t.Time, nil
	}
}

// Answer checks an answer to a request and gives its token, verified and as it
// came. The error is a *StatusError if the authority gives none, otherwise an
// *Error.
func (v *Verifier) Answer(ctx context.Context, r *Request, response []byte) (*Token, []byte, error) {
	raw, err := ParseResponse(response)
	if err != nil {
		return nil, nil, err
	}
	t, err := v.verify(ctx, raw, func(t *Token) *Error {
		if err := t.over(r.Imprint); err != nil {
			return err
		}
		switch {
		case r.Nonce != nil && (t.Nonce == nil || t.Nonce.Cmp(r.Nonce) != 0):
			return refuse(StepNonce, "the nonce is not the one of the request")
		case r.Policy != nil && !t.Policy.Equal(r.Policy):
			return refuse(StepPolicy, "the token was made under the policy %s and not the one asked for", t.Policy)
		case t.Time.Before(v.now().Add(-v.skew())):
			return refuse(StepTime, "an answer of now names a moment long past")
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return t, raw, nil
}

// over tells whether the token was made over an imprint.
func (t *Token) over(want Imprint) *Error {
	if !t.Imprint.Digest.Equal(want.Digest) || !bytes.Equal(t.Imprint.Sum, want.Sum) {
		return refuse(StepImprint, "the token was made over other bytes")
	}
	return nil
}

// verify checks what is the same for every token; fits checks what it is made
// for.
func (v *Verifier) verify(ctx context.Context, raw []byte, fits func(*Token) *Error) (*Token, error) {
	m, err := cms.Parse(raw, cms.Limits{Bytes: MaxResponse, Signers: 1, Certificates: 8})
	if err != nil {
		return nil, &Error{StepStructure, "the token is not a CMS message with one signature", err}
	}
	if !m.ContentType().Equal(oidTSTInfo) || !m.Attached() {
		return nil, refuse(StepStructure, "the content of the token is not a TSTInfo")
	}
	// Nobody vouches for this yet; it only says at which moment to look whether
	// somebody does.
	t, refusal := readInfo(m.Content())
	if refusal != nil {
		return nil, refusal
	}
	if t.Time.After(v.now().Add(v.skew())) {
		return nil, refuse(StepTime, "the moment of the token has not come yet")
	}
	if refusal := fits(t); refusal != nil {
		return nil, refusal
	}
	if v.Policies != nil && !slices.ContainsFunc(v.Policies, t.Policy.Equal) {
		return nil, refuse(StepPolicy, "the policy %s is not accepted", t.Policy)
	}
	signed, err := m.Verify(ctx, cms.Options{Keys: v.Keys, Clock: func() time.Time { return t.Time }})
	if err != nil {
		return nil, &Error{StepSignature, "the signature of the token does not hold", err}
	}
	s := signed.Signers[0]
	if refusal := v.purpose(s.Certificate.Certificate); refusal != nil {
		return nil, refusal
	}
	if !s.Bound && !v.Unbound {
		return nil, refuse(StepAuthority, "the token does not name the authority's certificate among what is signed")
	}
	if refusal := v.stolen(ctx, s.Certificate.Certificate); refusal != nil {
		return nil, refusal
	}
	t.Authority = s.Certificate
	return t, nil
}

// stolen tells whether the key of an authority, or of an issuer of its, is known by
// now to be compromised: whoever has it dates tokens as he likes, before the
// revocation too (RFC 3161, section 4). That the certificate has expired since is
// nothing against a token.
func (v *Verifier) stolen(ctx context.Context, c *x509.Certificate) *Error {
	_, err := v.Keys.Resolve(ctx, pki.Hint{Certificates: [][]byte{c.Raw}}, v.now())
	var e *pki.Error
	if errors.As(err, &e) && e.Reason == pki.ReasonRevoked && e.Status.Compromised() {
		return &Error{StepAuthority, "the key of the authority may have been stolen, so that its tokens prove no moment", err}
	}
	return nil
}

// purpose checks that a certificate is made for time-stamping, and for nothing
// else (RFC 3161, section 2.3).
func (v *Verifier) purpose(c *x509.Certificate) *Error {
	stamps := slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageTimeStamping)
	alone := stamps && len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) == 1
	critical := false
	for _, e := range c.Extensions {
		critical = critical || (e.Id.Equal(oidExtKeyUsage) && e.Critical)
	}
	switch {
	case !stamps:
		return refuse(StepAuthority, "the certificate is not made for time-stamping (%s)", pki.Describe(c))
	case !v.AnyUsage && (!alone || !critical):
		return refuse(StepAuthority, "the certificate is not made for time-stamping alone, or does not say so critically (%s)", pki.Describe(c))
	}
	return nil
}

// readInfo reads TSTInfo (RFC 3161, section 2.4.2).
func readInfo(der []byte) (*Token, *Error) {
	in := cryptobyte.String(der)
	var body, name, extensions cryptobyte.String
	var version int
	var hasName, hasExtensions, ordering bool
	var t Token
	if !in.ReadASN1(&body, cryptobyte_asn1.SEQUENCE) || !in.Empty() || !body.ReadASN1Integer(&version) || version != 1 ||
		!body.ReadASN1ObjectIdentifier(&t.Policy) || !t.Imprint.read(&body) || !readNumber(&body, &t.Serial) || t.Serial == nil ||
		!readTime(&body, &t.Time) || !readAccuracy(&body, &t.Accuracy) || !readOptionalBool(&body, &ordering) ||
		!readNumber(&body, &t.Nonce) || !body.ReadOptionalASN1(&name, &hasName, set0) ||
		!body.ReadOptionalASN1(&extensions, &hasExtensions, set1) || !body.Empty() {
		return nil, refuse(StepStructure, "not a TSTInfo")
	}
	for !extensions.Empty() {
		var e, value cryptobyte.String
		var kind asn1.ObjectIdentifier
		var critical bool
		if !extensions.ReadASN1(&e, cryptobyte_asn1.SEQUENCE) || !e.ReadASN1ObjectIdentifier(&kind) ||
			!readOptionalBool(&e, &critical) || !e.ReadASN1(&value, cryptobyte_asn1.OCTET_STRING) || !e.Empty() {
			return nil, refuse(StepStructure, "the extensions of the TSTInfo are malformed")
		}
		if critical {
			return nil, refuse(StepStructure, "the critical extension %s of the TSTInfo is not understood", kind)
		}
	}
	return &t, nil
}

// readTime reads a GeneralizedTime in UTC, which here may have a fraction of a
// second.
func readTime(in *cryptobyte.String, t *time.Time) bool {
	var text cryptobyte.String
	if !in.ReadASN1(&text, cryptobyte_asn1.GeneralizedTime) || len(text) > len("20060102150405.000000000Z") || strings.Contains(string(text), ",") {
		return false
	}
	var err error
	*t, err = time.Parse("20060102150405Z", string(text)) // reads a fraction where the layout has none
	return err == nil
}

// readAccuracy reads the optional Accuracy.
func readAccuracy(in *cryptobyte.String, d *time.Duration) bool {
	var body, millis, micros cryptobyte.String
	var some, hasMillis, hasMicros bool
	var seconds int
	if !in.ReadOptionalASN1(&body, &some, cryptobyte_asn1.SEQUENCE) {
		return false
	}
	if body.PeekASN1Tag(cryptobyte_asn1.INTEGER) && !body.ReadASN1Integer(&seconds) {
		return false
	}
	if !body.ReadOptionalASN1(&millis, &hasMillis, tag0) || !body.ReadOptionalASN1(&micros, &hasMicros, tag1) || !body.Empty() {
		return false
	}
	a, okMillis := thousandth(millis)
	b, okMicros := thousandth(micros)
	*d = time.Duration(seconds)*time.Second + time.Duration(a)*time.Millisecond + time.Duration(b)*time.Microsecond
	return seconds >= 0 && seconds <= 24*3600 && okMillis && okMicros
}

// thousandth reads the contents of an INTEGER (0..999); nothing is 0.
func thousandth(b []byte) (n int, ok bool) {
	for _, c := range b {
		n = n<<8 | int(c)
	}
	return n, len(b) <= 2 && n < 1000
}
