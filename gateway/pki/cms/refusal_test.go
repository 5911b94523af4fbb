package cms_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/cms"
)

// certID is the value of SigningCertificate and SigningCertificateV2.
func certID(t testing.TB, hash asn1.ObjectIdentifier, sum []byte, serial *big.Int) asn1.RawValue {
	t.Helper()
	var id [][]byte
	if hash != nil {
		id = append(id, sequence(der(t, hash)))
	}
	id = append(id, der(t, sum))
	if serial != nil {
		id = append(id, sequence(sequence(), der(t, serial)))
	}
	return raw(sequence(sequence(sequence(id...))))
}

func TestAcceptedShapes(t *testing.T) {
	t.Parallel()
	content := []byte("document")
	ec, rsa := newWorld(t, pkitest.ECKey(t)), newWorld(t, pkitest.RSAKey(t, 2048))
	sha2, sha1 := sha256.Sum256(ec.cert.Raw), sha1.Sum(ec.cert.Raw)
	for _, tt := range []struct {
		name   string
		world  *world
		change func(p *parts, s *signer)
	}{
		{"plain", ec, func(*parts, *signer) {}},
		{"plain RSA", rsa, func(*parts, *signer) {}},
		{"no attributes", ec, func(_ *parts, s *signer) { s.Signed = nil }},
		{"no attributes, RSA", rsa, func(_ *parts, s *signer) { s.Signed = nil }},
		{"attributes in another order", ec, func(_ *parts, s *signer) { slices.Reverse(s.Signed) }},
		{"SHA-512", ec, func(_ *parts, s *signer) {
			s.Digest, s.Hash, s.Algorithm = oidSHA512, crypto.SHA512, oid(1, 2, 840, 10045, 4, 3, 4)
			s.Signed[1] = attr(t, oidMessageDigest, sum(crypto.SHA512, content))
		}},
		{"named by the key's identifier", ec, func(_ *parts, s *signer) { s.Algorithm = oidKeyEC }},
		{"named by the key's identifier, RSA", rsa, func(_ *parts, s *signer) { s.Algorithm = oidKeyRSA }},
		{"by key identifier", ec, func(_ *parts, s *signer) {
			s.Version, s.ID = 3, der(t, asn1.RawValue{Class: asn1.ClassContextSpecific, Bytes: ec.cert.SubjectKeyId})
		}},
		{"certificate twice", ec, func(p *parts, _ *signer) { p.Certificates = append(p.Certificates, p.Certificates[0]) }},
		{"attribute certificate beside it", ec, func(p *parts, _ *signer) {
			p.Certificates = append(p.Certificates, tagged(asn1.ClassContextSpecific, 2))
		}},
		{"unreadable certificate beside it", ec, func(p *parts, _ *signer) { p.Certificates = append(p.Certificates, sequence()) }},
		{"signing certificate", ec, func(_ *parts, s *signer) {
			s.Signed = append(s.Signed, attr(t, oidSigningCertV2, certID(t, nil, sha2[:], nil)))
		}},
		{"signing certificate, digest named", ec, func(_ *parts, s *signer) {
			s.Signed = append(s.Signed, attr(t, oidSigningCertV2, certID(t, oidSHA256, sha2[:], ec.cert.SerialNumber)))
		}},
		{"signing certificate of RFC 2634", ec, func(_ *parts, s *signer) {
			s.Signed = append(s.Signed, attr(t, oidSigningCert, certID(t, nil, sha1[:], nil)))
		}},
		{"unknown attribute", ec, func(_ *parts, s *signer) { s.Signed = append(s.Signed, attr(t, oid(1, 2, 398, 1), 1, 2)) }},
		{"unknown unsigned attribute", ec, func(_ *parts, s *signer) { s.Unsigned = [][]byte{attr(t, oid(1, 2, 398, 1), 1)} }},
		{"time-stamp that nobody looks at", ec, func(_ *parts, s *signer) { s.Unsigned = [][]byte{attr(t, oidTimestamp, raw(sequence()))} }},
		{"version 3", ec, func(p *parts, _ *signer) { p.Version = 3 }},
		{"empty content", ec, func(p *parts, s *signer) {
			p.Content, s.Signed[1] = []byte{}, attr(t, oidMessageDigest, sum(crypto.SHA256, nil))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := tt.world.parts(t, content)
			tt.change(p, &p.Signers[0])
			v, err := verify(p.message(t), tt.world.options())
			if err != nil {
				t.Fatal(err)
			}
			if !v.Signers[0].Certificate.Equal(tt.world.cert) || !bytes.Equal(v.Content, p.Content) {
				t.Error("another signer or content")
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	content := []byte("document")
	w := newWorld(t, pkitest.ECKey(t))
	twin := w.ca.Issue(t, "Twin", w.key.Public(), func(c *x509.Certificate) { c.SubjectKeyId = w.cert.SubjectKeyId })
	stranger := newWorld(t, w.key)
	otherSum := sha256.Sum256(twin.Raw)
	ownSum := sha256.Sum256(w.cert.Raw)
	digest := attr(t, oidMessageDigest, sum(crypto.SHA256, content))
	for _, tt := range []struct {
		name   string
		step   cms.Step
		signer int
		change func(p *parts, s *signer)
	}{
		{"version 0", cms.StepStructure, 0, func(p *parts, _ *signer) { p.Version = 0 }},
		{"version 6", cms.StepStructure, 0, func(p *parts, _ *signer) { p.Version = 6 }},
		{"no signature", cms.StepStructure, 0, func(p *parts, _ *signer) { p.Signers = nil }},
		{"version 2 of a signature", cms.StepStructure, 1, func(_ *parts, s *signer) { s.Version = 2 }},
		{"no identifier", cms.StepStructure, 1, func(_ *parts, s *signer) { s.ID = sequence() }},
		{"empty key identifier", cms.StepStructure, 1, func(_ *parts, s *signer) {
			s.ID = der(t, asn1.RawValue{Class: asn1.ClassContextSpecific})
		}},
		{"huge serial number", cms.StepStructure, 1, func(_ *parts, s *signer) {
			s.ID = sequence(w.cert.RawIssuer, der(t, new(big.Int).Lsh(big.NewInt(1), 8*80)))
		}},
		{"huge issuer", cms.StepStructure, 1, func(_ *parts, s *signer) {
			s.ID = sequence(sequence(der(t, make([]byte, 5<<10))), der(t, 1))
		}},
		{"unsigned attributes are none", cms.StepStructure, 1, func(_ *parts, s *signer) { s.Unsigned = [][]byte{der(t, 1)} }},
		{"a time-stamp is none", cms.StepStructure, 1, func(_ *parts, s *signer) { s.Unsigned = [][]byte{attr(t, oidTimestamp, 1)} }},

		{"no contentType", cms.StepAttributes, 1, func(_ *parts, s *signer) { s.Signed = s.Signed[1:] }},
		{"no messageDigest", cms.StepAttributes, 1, func(_ *parts, s *signer) { s.Signed = s.Signed[:1] }},
		{"contentType twice", cms.StepAttributes, 1, func(_ *parts, s *signer) { s.Signed = append(s.Signed, s.Signed[0]) }},
		{"two messageDigests", cms.StepAttributes, 1, func(_ *parts, s *signer) {
			s.Signed = append(s.Signed, attr(t, oidMessageDigest, sum(crypto.SHA256, []byte("another"))))
		}},
		{"two values of messageDigest", cms.StepAttributes, 1, func(_ *parts, s *signer) {
			s.Signed[1] = attr(t, oidMessageDigest, sum(crypto.SHA256, content), sum(crypto.SHA256, nil))
		}},
		{"no value of messageDigest", cms.StepAttributes, 1, func(_ *parts, s *signer) { s.Signed[1] = attr(t, oidMessageDigest) }},
		{"empty messageDigest", cms.StepAttributes, 1, func(_ *parts, s *signer) { s.Signed[1] = attr(t, oidMessageDigest, []byte{}) }},
		{"messageDigest is a number", cms.StepAttributes, 1, func(_ *parts, s *signer) { s.Signed[1] = attr(t, oidMessageDigest, 1) }},
		{"another contentType", cms.StepAttributes, 1, func(_ *parts, s *signer) { s.Signed[0] = attr(t, oidContentType, oidTSTInfo) }},
		{"two values of contentType", cms.StepAttributes, 1, func(_ *parts, s *signer) { s.Signed[0] = attr(t, oidContentType, oidData, oidData) }},
		{"an unknown attribute twice", cms.StepAttributes, 1, func(_ *parts, s *signer) {
			s.Signed = append(s.Signed, attr(t, oid(1, 2, 398, 1), 1), attr(t, oid(1, 2, 398, 1), 2))
		}},
		{"signing time is a text", cms.StepAttributes, 1, func(_ *parts, s *signer) { s.Signed = append(s.Signed, attr(t, oidSigningTime, "now")) }},
		{"two signing times", cms.StepAttributes, 1, func(_ *parts, s *signer) {
			s.Signed = append(s.Signed, attr(t, oidSigningTime, day(0), day(1)))
		}},
		{"an attribute is a number", cms.StepAttributes, 1, func(_ *parts, s *signer) { s.Signed = append(s.Signed, der(t, 1)) }},
		{"signing certificate is a number", cms.StepAttributes, 1, func(_ *parts, s *signer) { s.Signed = append(s.Signed, attr(t, oidSigningCertV2, 1)) }},
		{"signing certificate names none", cms.StepAttributes, 1, func(_ *parts, s *signer) {
			s.Signed = append(s.Signed, attr(t, oidSigningCertV2, raw(sequence(sequence()))))
		}},
		{"other content without attributes", cms.StepAttributes, 1, func(p *parts, s *signer) { p.ContentType, s.Signed = oidTSTInfo, nil }},
		{"attributes in the place of the content", cms.StepAttributes, 1, func(p *parts, s *signer) {
			p.Content, s.Signed = set(s.Signed...), nil
		}},

		{"SHA-1", cms.StepAlgorithm, 1, func(_ *parts, s *signer) {
			s.Digest, s.Hash, s.Algorithm = oidSHA1, crypto.SHA1, oidECDSASHA1
			s.Signed[1] = attr(t, oidMessageDigest, sum(crypto.SHA1, content))
		}},
		{"SHA-1 named by the key", cms.StepAlgorithm, 1, func(_ *parts, s *signer) {
			s.Digest, s.Hash, s.Algorithm = oidSHA1, crypto.SHA1, oidKeyEC
			s.Signed[1] = attr(t, oidMessageDigest, sum(crypto.SHA1, content))
		}},
		{"unknown digest", cms.StepAlgorithm, 1, func(_ *parts, s *signer) { s.Digest = oid(1, 2, 398, 1) }},
		{"unknown signature", cms.StepAlgorithm, 1, func(_ *parts, s *signer) { s.Algorithm = oid(1, 2, 398, 1) }},
		{"signature of another key family", cms.StepAlgorithm, 1, func(_ *parts, s *signer) { s.Algorithm = oidRSASHA256 }},
		{"key of another family", cms.StepAlgorithm, 1, func(_ *parts, s *signer) { s.Algorithm = oidKeyRSA }},
		{"digest and signature disagree", cms.StepAlgorithm, 1, func(_ *parts, s *signer) { s.Algorithm = oid(1, 2, 840, 10045, 4, 3, 4) }},
		{"certificate named by an unknown digest", cms.StepAlgorithm, 1, func(_ *parts, s *signer) {
			s.Signed = append(s.Signed, attr(t, oidSigningCertV2, certID(t, oid(1, 2, 398, 1), ownSum[:], nil)))
		}},

		{"unknown signer", cms.StepTrust, 1, func(p *parts, _ *signer) { p.Certificates = nil }},
		{"certificate of another authority", cms.StepTrust, 1, func(p *parts, s *signer) {
			p.Certificates, s.ID = [][]byte{stranger.cert.Raw}, idOf(t, stranger.cert)
		}},
		{"unreadable issuer", cms.StepTrust, 1, func(_ *parts, s *signer) { s.ID = sequence(sequence([]byte{2, 1, 1}), der(t, 1)) }},
		{"two certificates of a key identifier", cms.StepStructure, 1, func(p *parts, s *signer) {
			s.ID = der(t, asn1.RawValue{Class: asn1.ClassContextSpecific, Bytes: w.cert.SubjectKeyId})
			p.Certificates = append(p.Certificates, twin.Raw)
		}},

		{"signer named another certificate of his key", cms.StepSigningCertificate, 1, func(_ *parts, s *signer) {
			s.Signed = append(s.Signed, attr(t, oidSigningCertV2, certID(t, nil, otherSum[:], nil)))
		}},
		{"signer named another serial number", cms.StepSigningCertificate, 1, func(_ *parts, s *signer) {
			s.Signed = append(s.Signed, attr(t, oidSigningCertV2, certID(t, nil, ownSum[:], twin.SerialNumber)))
		}},
		{"signer named a digest of RFC 2634 cut short", cms.StepSigningCertificate, 1, func(_ *parts, s *signer) {
			s.Signed = append(s.Signed, attr(t, oidSigningCert, certID(t, nil, ownSum[:19], nil)))
		}},

		{"value over something else", cms.StepSignature, 1, func(_ *parts, s *signer) { s.Over = []byte("something else") }},
		{"value over the content beside attributes", cms.StepSignature, 1, func(_ *parts, s *signer) { s.Over = content }},
		{"value over the attributes as they stand, unsorted", cms.StepSignature, 1, func(_ *parts, s *signer) {
			slices.Reverse(s.Signed)
			s.Over = set(s.Signed...)
		}},
		{"no attributes, value over something else", cms.StepSignature, 1, func(_ *parts, s *signer) { s.Signed, s.Over = nil, []byte("something else") }},
		{"value is none", cms.StepSignature, 1, func(_ *parts, s *signer) { s.Value = []byte{1} }},
		{"value of another key", cms.StepSignature, 1, func(_ *parts, s *signer) { s.Key = pkitest.ECKey(t) }},

		{"another content", cms.StepDigest, 1, func(p *parts, _ *signer) { p.Content = []byte("another") }},
		{"digest cut short", cms.StepDigest, 1, func(_ *parts, s *signer) { s.Signed[1] = attr(t, oidMessageDigest, sum(crypto.SHA256, content)[:31]) }},

		{"second signature does not hold", cms.StepSignature, 2, func(p *parts, s *signer) {
			bad := *s
			bad.Signed, bad.Over = [][]byte{s.Signed[0], digest}, []byte("something else")
			p.Signers = append(p.Signers, bad)
		}},
		{"second signature is of a stranger", cms.StepTrust, 2, func(p *parts, s *signer) {
			other := *s
			other.ID = idOf(t, stranger.ca.Certificate)
			p.Signers = append(p.Signers, other)
		}},
		{"second signature is none", cms.StepStructure, 2, func(p *parts, s *signer) {
			bad := *s
			bad.Version = 9
			p.Signers = append(p.Signers, bad)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := w.parts(t, content)
			tt.change(p, &p.Signers[0])
			v, err := verify(p.message(t), w.options())
			expect(t, err, tt.step, tt.signer)
			if v != nil {
				t.Error("something was handed out")
			}
			if tt.name == "no signature" && !errors.Is(err, cms.ErrNotSigned) {
				t.Error("the cause is not ErrNotSigned")
			}
		})
	}
}

// revoking takes every certificate for revoked.
type revoking struct{}

func (revoking) Resolve(context.Context, pki.Hint, time.Time) (*pki.Certificate, error) {
	return nil, &pki.Error{Reason: pki.ReasonRevoked}
}

// TestTrustReasons holds the reasons of the store to come through.
func TestTrustReasons(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	message, err := cms.Sign([]byte("document"), w.key, w.cert, cms.SignOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		keys   pki.KeyResolver
		at     time.Time
		reason pki.Reason
	}{
		{"expired", w.store, day(400), pki.ReasonExpired},
		{"not yet valid", w.store, day(-400), pki.ReasonNotYetValid},
		{"revoked", revoking{}, day(0), pki.ReasonRevoked},
		{"within its time", w.store, day(-2), ""},
		{"no root", pki.NewStore(pki.Options{}), day(0), pki.ReasonNoChain},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := verify(message, cms.Options{Keys: tt.keys, Clock: func() time.Time { return tt.at }})
			var e *pki.Error
			switch {
			case tt.reason == "":
				expect(t, err, "", 0)
			case !errors.As(err, &e) || e.Reason != tt.reason:
				t.Errorf("want %s, got %v", tt.reason, err)
			default:
				expect(t, err, cms.StepTrust, 1)
			}
		})
	}
}

func TestContentGivenOrNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	content := []byte("document")
	for _, tt := range []struct {
		name     string
		detached bool
		content  []byte
		step     cms.Step
		signer   int
	}{
		{"attached", false, nil, "", 0},
		{"attached and given", false, content, cms.StepContent, 0},
		{"detached", true, content, "", 0},
		{"detached, not given", true, nil, cms.StepContent, 0},
		{"detached, another one", true, []byte("another"), cms.StepDigest, 1},
		{"detached, an empty one", true, []byte{}, cms.StepDigest, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			message, err := cms.Sign(content, w.key, w.cert, cms.SignOptions{Detached: tt.detached})
			if err != nil {
				t.Fatal(err)
			}
			o := w.options()
			o.Content = tt.content
			_, err = verify(message, o)
			expect(t, err, tt.step, tt.signer)
		})
	}
}

func TestSeveralSigners(t *testing.T) {
	t.Parallel()
	content := []byte("document")
	a, b := newWorld(t, pkitest.ECKey(t)), newWorld(t, pkitest.RSAKey(t, 2048))
	b.cert = b.ca.Issue(t, "Second signer", b.key.Public(), func(c *x509.Certificate) { c.SerialNumber = big.NewInt(99) })
	p := a.parts(t, content)
	p.Signers = append(p.Signers, b.parts(t, content).Signers...)
	p.Signers[1].Digest, p.Signers[1].Hash, p.Signers[1].Algorithm = oidSHA512, crypto.SHA512, oid(1, 2, 840, 113549, 1, 1, 13)
	p.Signers[1].Signed[1] = attr(t, oidMessageDigest, sum(crypto.SHA512, content))
	p.Certificates = [][]byte{b.cert.Raw, a.cert.Raw, b.ca.Certificate.Raw}
	both := pki.NewStore(pki.Options{Roots: []*x509.Certificate{a.ca.Certificate, b.ca.Certificate}})
	v, err := verify(p.message(t), cms.Options{Keys: both, Clock: pkitest.Now})
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Signers) != 2 || !v.Signers[0].Certificate.Equal(a.cert) || !v.Signers[1].Certificate.Equal(b.cert) ||
		!v.Signers[0].Digest.Equal(oidSHA256) || !v.Signers[1].Digest.Equal(oidSHA512) {
		t.Errorf("got %d signers", len(v.Signers))
	}
	_, err = verify(p.message(t), a.options())
	expect(t, err, cms.StepTrust, 2)
}

// TestTimestampHook holds when the checker is asked, with what, and what its
// answer does.
func TestTimestampHook(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	token := func(name string) []byte { return sequence(der(t, name)) }
	message := func(tokens ...[]byte) []byte {
		p := w.parts(t, []byte("document"))
		for _, b := range tokens {
			p.Signers[0].Unsigned = append(p.Signers[0].Unsigned, attr(t, oidTimestamp, raw(b)))
		}
		return p.message(t)
	}
	broken := errors.New("broken")
	// A token of these tests is the name of a moment.
	checker := func(_ context.Context, b, stamped []byte) (time.Time, error) {
		switch {
		case len(stamped) == 0:
			t.Error("nothing was stamped")
		case bytes.Equal(b, token("valid")):
			return day(0), nil
		case bytes.Equal(b, token("earlier")):
			return day(-1), nil
		case bytes.Equal(b, token("expired")):
			return day(400), nil
		}
		return time.Time{}, broken
	}
	for _, tt := range []struct {
		name     string
		message  []byte
		checker  cms.TimestampChecker
		required bool
		step     cms.Step
		stamped  time.Time
	}{
		{"looked at", message(token("valid")), checker, false, "", day(0)},
		{"demanded", message(token("valid")), checker, true, "", day(0)},
		{"the earlier of two", message(token("valid"), token("earlier")), checker, true, "", day(-1)},
		{"absent", message(), checker, false, cms.StepTrust, time.Time{}},
		{"absent and demanded", message(), checker, true, cms.StepTimestamp, time.Time{}},
		{"demanded of nobody", message(token("valid")), nil, true, cms.StepTimestamp, time.Time{}},
		{"not looked at", message(token("valid")), nil, false, cms.StepTrust, time.Time{}},
		{"does not hold", message(token("?")), checker, false, cms.StepTimestamp, time.Time{}},
		{"one of two does not hold", message(token("valid"), token("?")), checker, false, cms.StepTimestamp, time.Time{}},
		{"after the certificate ended", message(token("expired")), checker, false, cms.StepTrust, time.Time{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			// By the clock the certificate has expired: only a time-stamp saves it.
			o := cms.Options{Keys: w.store, Clock: func() time.Time { return day(400) }, Timestamp: tt.checker, RequireTimestamp: tt.required}
			v, err := verify(tt.message, o)
			signer := 0
			if tt.step != "" {
				signer = 1
			}
			expect(t, err, tt.step, signer)
			if err == nil && !v.Signers[0].Timestamp.Equal(tt.stamped) {
				t.Errorf("stamped at %s", v.Signers[0].Timestamp)
			}
		})
	}
}

// TestTampering changes every byte of a message: it is refused, or says the
// same of the same signer.
func TestTampering(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	content := []byte("document")
	message, err := cms.Sign(content, w.key, w.cert, cms.SignOptions{SigningTime: day(0)})
	if err != nil {
		t.Fatal(err)
	}
	accepted := 0
	for i := range message {
		for _, mask := range []byte{0x01, 0x20, 0x80, 0xff} {
			spoilt := bytes.Clone(message)
			spoilt[i] ^= mask
			v, err := verify(spoilt, w.options())
			var e *cms.Error
			switch {
			case err != nil && !errors.As(err, &e):
				t.Errorf("byte %d: an error of another type: %v", i, err)
			case err != nil:
			case !bytes.Equal(v.Content, content) || len(v.Signers) != 1 || !v.Signers[0].Certificate.Equal(w.cert) || !v.Signers[0].SigningTime.Equal(day(0)):
				t.Errorf("byte %d xor %#x: accepted with another meaning", i, mask)
			default:
				accepted++
			}
		}
	}
	// What is accepted lies in parts that decide nothing: versions,
	// digestAlgorithms, parameters of algorithms.
	if accepted > len(message)/10 {
		t.Errorf("%d of %d changes were let in", accepted, 4*len(message))
	}
	t.Logf("%d of %d changes were let in", accepted, 4*len(message))
}
