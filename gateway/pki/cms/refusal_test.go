package cms_test

import (
	"bytes"
	"crypto"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"math/big"
	"slices"
	"testing"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410"
	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
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
	gost2004 := newWorld(t, pkitest.GOSTKey(t, gost3410.CryptoProA()))
	gost2015 := newWorld(t, pkitest.GOSTKey(t, gost3410.TC26A512()))
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
		{"plain ГОСТ 34.310-2004", gost2004, func(*parts, *signer) {}},
		{"plain ГОСТ 34.10-2015", gost2015, func(*parts, *signer) {}},
		{"no attributes, ГОСТ 34.310-2004", gost2004, func(_ *parts, s *signer) { s.Signed = nil }},
		{"no attributes, ГОСТ 34.10-2015", gost2015, func(_ *parts, s *signer) { s.Signed = nil }},
		{"named by the key's identifier, ГОСТ 34.310-2004", gost2004, func(_ *parts, s *signer) { s.Algorithm = oid(1, 2, 398, 3, 10, 1, 1, 1, 1) }},
		{"named by the key's identifier, ГОСТ 34.10-2015", gost2015, func(_ *parts, s *signer) { s.Algorithm = oid(1, 2, 398, 3, 10, 1, 1, 2, 2) }},
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
		{"national signature of another key family", cms.StepAlgorithm, 1, func(_ *parts, s *signer) { s.Algorithm = oid(1, 2, 398, 3, 10, 1, 1, 1, 2) }},
		{"national digest with another signature", cms.StepAlgorithm, 1, func(_ *parts, s *signer) { s.Digest = oid(1, 2, 398, 3, 10, 1, 3, 3) }},
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
