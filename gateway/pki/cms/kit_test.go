package cms_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	_ "crypto/sha1" // a digest that must be refused
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/cms"
)

func oid(n ...int) asn1.ObjectIdentifier { return n }

var (
	oidData    = oid(1, 2, 840, 113549, 1, 7, 1)
	oidTSTInfo = oid(1, 2, 840, 113549, 1, 9, 16, 1, 4)

	oidContentType   = oid(1, 2, 840, 113549, 1, 9, 3)
	oidMessageDigest = oid(1, 2, 840, 113549, 1, 9, 4)
	oidSigningTime   = oid(1, 2, 840, 113549, 1, 9, 5)
	oidSigningCert   = oid(1, 2, 840, 113549, 1, 9, 16, 2, 12)
	oidSigningCertV2 = oid(1, 2, 840, 113549, 1, 9, 16, 2, 47)
	oidTimestamp     = oid(1, 2, 840, 113549, 1, 9, 16, 2, 14)

	oidSHA1      = oid(1, 3, 14, 3, 2, 26)
	oidSHA256    = oid(2, 16, 840, 1, 101, 3, 4, 2, 1)
	oidSHA512    = oid(2, 16, 840, 1, 101, 3, 4, 2, 3)
	oidECDSASHA1 = oid(1, 2, 840, 10045, 4, 1)
	oidRSASHA256 = oid(1, 2, 840, 113549, 1, 1, 11)
	oidKeyEC     = oid(1, 2, 840, 10045, 2, 1)
	oidKeyRSA    = oid(1, 2, 840, 113549, 1, 1, 1)
)

// world is an authority and somebody it certified.
type world struct {
	ca    *pkitest.Authority
	key   crypto.Signer
	cert  *x509.Certificate
	store *pki.Store
}

func newWorld(t testing.TB, key crypto.Signer, changes ...func(*x509.Certificate)) *world {
	t.Helper()
	ca := pkitest.NewAuthority(t, "Root")
	changes = append([]func(*x509.Certificate){func(c *x509.Certificate) { c.SubjectKeyId = []byte("key of the signer") }}, changes...)
	return &world{ca, key, ca.Issue(t, "Signer", key.Public(), changes...), ca.Store()}
}

// options trusts the authority at the moment for which it certifies.
func (w *world) options() cms.Options { return cms.Options{Keys: w.store, Clock: pkitest.Now} }

// parts is a message before it is put together, for shapes that Sign never
// makes.
type parts struct {
	ContentType  asn1.ObjectIdentifier
	Content      []byte // nil leaves it out
	Version      int
	Certificates [][]byte
	Signers      []signer
}

// signer is one SignerInfo.
type signer struct {
	Key       crypto.Signer
	Version   int
	ID        []byte // DER
	Digest    asn1.ObjectIdentifier
	Hash      crypto.Hash // 0 leaves the choice to the key
	Algorithm asn1.ObjectIdentifier
	Signed    [][]byte // attributes, in this order; none leaves them out
	Unsigned  [][]byte
	Over      []byte // what is signed, if neither the attributes nor the content
	Value     []byte // the value, if it is not to be made
}

type issuerSerial struct {
	Issuer asn1.RawValue
	Serial asn1.RawValue
}

func der(t testing.TB, v any) []byte {
	t.Helper()
	b, err := asn1.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func raw(b []byte) asn1.RawValue { return asn1.RawValue{FullBytes: b} }

// tagged wraps bytes in a constructed element.
func tagged(class, tag int, parts ...[]byte) []byte {
	b, err := asn1.Marshal(asn1.RawValue{Class: class, Tag: tag, IsCompound: true, Bytes: bytes.Join(parts, nil)})
	if err != nil {
		panic(err)
	}
	return b
}

func sequence(parts ...[]byte) []byte { return tagged(asn1.ClassUniversal, asn1.TagSequence, parts...) }
func set(parts ...[]byte) []byte      { return tagged(asn1.ClassUniversal, asn1.TagSet, parts...) }
func context0(parts ...[]byte) []byte { return tagged(asn1.ClassContextSpecific, 0, parts...) }
func context1(parts ...[]byte) []byte { return tagged(asn1.ClassContextSpecific, 1, parts...) }

// attr makes an attribute with any number of values.
func attr(t testing.TB, kind asn1.ObjectIdentifier, values ...any) []byte {
	t.Helper()
	var all [][]byte
	for _, v := range values {
		if b, ok := v.(asn1.RawValue); ok {
			all = append(all, b.FullBytes)
			continue
		}
		all = append(all, der(t, v))
	}
	return sequence(der(t, kind), set(all...))
}

func idOf(t testing.TB, c *x509.Certificate) []byte {
	t.Helper()
	return der(t, issuerSerial{raw(c.RawIssuer), raw(der(t, c.SerialNumber))})
}

func sum(h crypto.Hash, b []byte) []byte {
	x := h.New()
	x.Write(b)
	return x.Sum(nil)
}

// parts is a correct message of the world, to be spoilt.
func (w *world) parts(t testing.TB, content []byte) *parts {
	t.Helper()
	a, newHash, err := pki.AlgorithmsOf(w.key.Public())
	if err != nil {
		t.Fatal(err)
	}
	h := newHash()
	h.Write(content)
	s := signer{Key: w.key, Version: 1, ID: idOf(t, w.cert), Digest: a.Digest.Algorithm, Algorithm: a.Signature.Algorithm}
	s.Signed = [][]byte{attr(t, oidContentType, oidData), attr(t, oidMessageDigest, h.Sum(nil))}
	return &parts{ContentType: oidData, Content: content, Version: 1, Certificates: [][]byte{w.cert.Raw}, Signers: []signer{s}}
}

// message signs and puts together.
func (p *parts) message(t testing.TB) []byte {
	t.Helper()
	var infos [][]byte
	for i := range p.Signers {
		infos = append(infos, p.Signers[i].info(t, p.Content))
	}
	encapsulated := [][]byte{der(t, p.ContentType)}
	if p.Content != nil {
		encapsulated = append(encapsulated, context0(der(t, p.Content)))
	}
	signed := [][]byte{der(t, p.Version), set(), sequence(encapsulated...)}
	if len(p.Certificates) > 0 {
		signed = append(signed, context0(p.Certificates...))
	}
	signed = append(signed, set(infos...))
	return sequence(der(t, oid(1, 2, 840, 113549, 1, 7, 2)), context0(sequence(signed...)))
}

func (s *signer) info(t testing.TB, content []byte) []byte {
	t.Helper()
	over := s.Over
	if over == nil {
		over = content
		if len(s.Signed) > 0 {
			sorted := slices.Clone(s.Signed)
			slices.SortFunc(sorted, bytes.Compare)
			over = set(sorted...)
		}
	}
	value, err := s.Value, error(nil)
	switch {
	case value != nil:
	case s.Hash == 0:
		_, value, err = pki.SignMessage(s.Key, over)
	default:
		value, err = s.Key.Sign(rand.Reader, sum(s.Hash, over), s.Hash)
	}
	if err != nil {
		t.Fatal(err)
	}
	out := [][]byte{der(t, s.Version), s.ID, der(t, pkix.AlgorithmIdentifier{Algorithm: s.Digest})}
	if len(s.Signed) > 0 {
		out = append(out, context0(s.Signed...))
	}
	out = append(out, der(t, pkix.AlgorithmIdentifier{Algorithm: s.Algorithm}), der(t, value))
	if len(s.Unsigned) > 0 {
		out = append(out, context1(s.Unsigned...))
	}
	return sequence(out...)
}

// verify parses and verifies.
func verify(message []byte, o cms.Options) (*cms.Verified, error) {
	m, err := cms.Parse(message, cms.Limits{})
	if err != nil {
		return nil, err
	}
	return m.Verify(context.Background(), o)
}

// failer is a test, or one run of a property.
type failer interface {
	Helper()
	Errorf(format string, args ...any)
}

// expect holds a verdict against the step at which the message must be refused;
// "" stands for acceptance.
func expect(t failer, err error, step cms.Step, signer int) {
	t.Helper()
	var e *cms.Error
	switch {
	case step == "" && err != nil:
		t.Errorf("refused: %v", err)
	case step != "" && !errors.As(err, &e):
		t.Errorf("want %s, got %v", step, err)
	case step != "" && (e.Step != step || e.Signer != signer):
		t.Errorf("want %s of %d, got %s of %d: %v", step, signer, e.Step, e.Signer, err)
	}
}

func day(d int) time.Time { return pkitest.Now().AddDate(0, 0, d) }
