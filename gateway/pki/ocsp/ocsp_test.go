package ocsp_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"testing"
	"time"

	other "golang.org/x/crypto/ocsp"
	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/ocsp"
)

func now() time.Time { return pkitest.Now() }

var sha256OID = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}

func leaf(t testing.TB, ca *pkitest.Authority, change ...func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	return ca.Issue(t, "System", pkitest.ECKey(t).Public(), change...)
}

// responder is a certificate for signing answers.
func responder(c *x509.Certificate) {
	c.KeyUsage, c.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
}

// TestRequest holds requests against another implementation's reader.
func TestRequest(t *testing.T) {
	t.Parallel()
	ca := pkitest.NewAuthority(t, "Root")
	rapid.Check(t, func(rt *rapid.T) {
		hash, same := ocsp.SHA1, crypto.SHA1
		if rapid.Bool().Draw(rt, "sha256") {
			hash, same = sha256OID, crypto.SHA256
		}
		c := *ca.Certificate
		c.SerialNumber = new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 1, 20).Draw(rt, "serial"))
		id, err := ocsp.NewCertID(&c, ca.Certificate, hash)
		if err != nil {
			rt.Fatal(err)
		}
		der, err := ocsp.NewRequest(id, nil)
		if err != nil {
			rt.Fatal(err)
		}
		want, err := other.CreateRequest(&c, ca.Certificate, &other.RequestOptions{Hash: same})
		if err != nil || !bytes.Equal(der, want) {
			rt.Fatalf("%x\n%x %v", der, want, err)
		}
		nonce := rapid.SliceOfN(rapid.Byte(), 1, 128).Draw(rt, "nonce")
		if der, err = ocsp.NewRequest(id, nonce); err != nil {
			rt.Fatal(err)
		}
		got, err := other.ParseRequest(der)
		if err != nil || got.HashAlgorithm != same || got.SerialNumber.Cmp(c.SerialNumber) != 0 || !bytes.Contains(der, nonce) {
			rt.Fatalf("%+v %v", got, err)
		}
	})
	var unknown *pki.AlgorithmError
	if _, err := ocsp.NewCertID(ca.Certificate, ca.Certificate, asn1.ObjectIdentifier{1, 2, 3}); !errors.As(err, &unknown) {
		t.Errorf("an unknown hash function: %v", err)
	}
}

// TestOthersResponses reads what another implementation makes, by issuer and by
// delegated responder, RSA and ECDSA.
func TestOthersResponses(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]crypto.Signer{"RSA": pkitest.RSAKey(t, 2048), "ECDSA": pkitest.ECKey(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := pkitest.NewAuthority(t, "Root")
			ca := &pkitest.Authority{Key: key, Certificate: root.Issue(t, "CA", key.Public(), func(c *x509.Certificate) { c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign })}
			c := leaf(t, ca)
			rKey := pkitest.ECKey(t)
			r := ca.Issue(t, "Responder", rKey.Public(), responder)
			for _, tt := range []struct {
				status int
				want   pki.State
			}{{other.Good, pki.StateGood}, {other.Revoked, pki.StateRevoked}, {other.Unknown, pki.StateUnknown}} {
				template := other.Response{
					Status: tt.status, SerialNumber: c.SerialNumber, ThisUpdate: now(), NextUpdate: now().Add(time.Hour),
					RevokedAt: now().Add(-time.Hour), RevocationReason: other.KeyCompromise, IssuerHash: crypto.SHA256,
				}
				direct, err := other.CreateResponse(ca.Certificate, ca.Certificate, template, key)
				if err != nil {
					t.Fatal(err)
				}
				template.Certificate = r
				delegated, err := other.CreateResponse(ca.Certificate, r, template, rKey)
				if err != nil {
					t.Fatal(err)
				}
				for signer, der := range map[*x509.Certificate][]byte{ca.Certificate: direct, r: delegated} {
					got, err := ocsp.Parse(der)
					if err != nil {
						t.Fatal(err)
					}
					a, by, err := got.About(ocsp.Question{Certificate: c, Issuer: ca.Certificate, At: now()})
					if err != nil {
						t.Fatal(err)
					}
					if a.State != tt.want || !by.Equal(signer) || !a.ThisUpdate.Equal(now()) || !a.NextUpdate.Equal(now().Add(time.Hour)) {
						t.Errorf("%+v by %s", a, by.Subject)
					}
					if tt.want == pki.StateRevoked && (!a.Since.Equal(now().Add(-time.Hour)) || a.Reason != 1) {
						t.Errorf("%+v", a)
					}
				}
			}
		})
	}
}

// TestFamilies: an authority of any key family answers itself or by a responder of
// any, and names certificates by any hash function.
func TestFamilies(t *testing.T) {
	t.Parallel()
	keys := pkitest.Keys(t)
	hashes := []asn1.ObjectIdentifier{ocsp.SHA1, sha256OID, {1, 2, 398, 3, 10, 1, 3, 1}, {1, 2, 398, 3, 10, 1, 3, 3}}
	for name, key := range keys {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ca := pkitest.NewAuthorityWith(t, "Root", key)
			c := leaf(t, ca)
			for _, hash := range hashes {
				made := []pkitest.OCSP{{State: pki.StateGood, Hash: hash}}
				for _, by := range keys {
					made = append(made, pkitest.OCSP{State: pki.StateGood, Hash: hash, Signer: by, Carried: []*x509.Certificate{ca.Issue(t, "R", by.Public(), responder)}})
				}
				for _, o := range made {
					der := ca.Respond(t, o, c)
					r, err := ocsp.Parse(der)
					if err != nil {
						t.Fatal(err)
					}
					q := ocsp.Question{Certificate: c, Issuer: ca.Certificate, At: now()}
					if a, _, err := r.About(q); err != nil || a.State != pki.StateGood || !a.ID.Hash.Equal(hash) {
						t.Errorf("%v: %+v, %v", hash, a, err)
					}
					q.Issuer = pkitest.NewAuthorityWith(t, "Root", pkitest.ECKey(t)).Certificate
					if _, _, err := r.About(q); err == nil {
						t.Error("accepted for an authority of the same name")
					}
				}
			}
		})
	}
}

// TestT5About: each refusal by its error, and who may answer.
func TestT5About(t *testing.T) {
	t.Parallel()
	root := pkitest.NewAuthority(t, "Root")
	ca := root.Sub(t, "CA")
	stranger := pkitest.NewAuthority(t, "CA") // same name, other key
	c, neighbour := leaf(t, ca), leaf(t, ca)
	rKey, weak := pkitest.ECKey(t), pkitest.RSAKey(t, 1024)
	issued := func(by *pkitest.Authority, change ...func(*x509.Certificate)) *x509.Certificate {
		return by.Issue(t, "Responder", rKey.Public(), append([]func(*x509.Certificate){responder}, change...)...)
	}
	delegate := issued(ca)
	by := func(r *x509.Certificate) pkitest.OCSP {
		return pkitest.OCSP{State: pki.StateGood, Signer: rKey, Carried: []*x509.Certificate{r}}
	}
	good := pkitest.OCSP{State: pki.StateGood}
	critical := []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 398, 9, 9}, Critical: true, Value: []byte{5, 0}}}
	wrapped := func(n []byte) []byte { return append([]byte{4, byte(len(n))}, n...) }
	nonce := bytes.Repeat([]byte{7}, 32)
	for _, tt := range []struct {
		name  string
		made  pkitest.OCSP
		about *x509.Certificate
		by    *pkitest.Authority
		q     ocsp.Question
		want  error
	}{
		{name: "by the issuer", made: good},
		{name: "by SHA-256", made: pkitest.OCSP{State: pki.StateGood, Hash: sha256OID}},
		{name: "by whom the issuer delegates to", made: by(delegate)},
		{name: "the delegate behind others", made: pkitest.OCSP{State: pki.StateGood, Signer: rKey, Carried: []*x509.Certificate{root.Certificate, neighbour, delegate}}},
		{name: "by a pinned responder", made: pkitest.OCSP{State: pki.StateGood, Signer: rKey}, q: ocsp.Question{Responder: issued(stranger)}},
		{name: "pinned, but another signs", made: pkitest.OCSP{State: pki.StateGood, Signer: pkitest.ECKey(t)}, q: ocsp.Question{Responder: delegate}, want: ocsp.ErrSignature},
		{name: "by a pinned responder that has expired", made: pkitest.OCSP{State: pki.StateGood, Signer: rKey}, q: ocsp.Question{Responder: issued(ca, func(c *x509.Certificate) { c.NotAfter = now().Add(-time.Second) })}, want: ocsp.ErrResponder},
		{name: "forged by an authority of that name", made: good, by: stranger, want: ocsp.ErrSignature},
		{name: "forged by a delegate of an authority of that name", made: by(issued(stranger)), want: ocsp.ErrResponder},
		{name: "by another key, no certificate", made: pkitest.OCSP{State: pki.StateGood, Signer: rKey}, want: ocsp.ErrSignature},
		{name: "by another key, the issuer's certificate", made: pkitest.OCSP{State: pki.StateGood, Signer: rKey, Carried: []*x509.Certificate{ca.Certificate}}, want: ocsp.ErrSignature},
		{name: "delegate of the issuer's issuer", made: by(root.Issue(t, "Responder", rKey.Public(), responder)), want: ocsp.ErrResponder},
		{name: "a system of the issuer", made: by(ca.Issue(t, "System", rKey.Public())), want: ocsp.ErrResponder},
		{name: "delegate for another purpose", made: by(issued(ca, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageAny} })), want: ocsp.ErrResponder},
		{name: "delegate that may not sign", made: by(issued(ca, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyAgreement })), want: ocsp.ErrResponder},
		{name: "delegate without keyUsage", made: by(issued(ca, func(c *x509.Certificate) { c.KeyUsage = 0 }))},
		{name: "delegate that has expired", made: by(issued(ca, func(c *x509.Certificate) { c.NotAfter = now().Add(-time.Second) })), want: ocsp.ErrResponder},
		{name: "delegate of tomorrow", made: by(issued(ca, func(c *x509.Certificate) { c.NotBefore = now().Add(time.Second) })), want: ocsp.ErrResponder},
		{name: "delegate with an unknown critical extension", made: by(issued(ca, func(c *x509.Certificate) { c.ExtraExtensions = critical })), want: ocsp.ErrResponder},
		{
			name: "delegate with a short key",
			made: pkitest.OCSP{State: pki.StateGood, Signer: weak, Carried: []*x509.Certificate{ca.Issue(t, "Responder", weak.Public(), responder)}}, want: ocsp.ErrResponder,
		},
		{name: "about another certificate", made: good, about: neighbour, want: ocsp.ErrCertID},
		{name: "nonce", made: pkitest.OCSP{State: pki.StateGood, Nonce: wrapped(nonce)}, q: ocsp.Question{Nonce: nonce, RequireNonce: true}},
		{name: "nonce as it is", made: pkitest.OCSP{State: pki.StateGood, Nonce: nonce}, q: ocsp.Question{Nonce: nonce, RequireNonce: true}},
		{name: "another nonce", made: pkitest.OCSP{State: pki.StateGood, Nonce: wrapped(nonce[1:])}, q: ocsp.Question{Nonce: nonce}, want: ocsp.ErrNonce},
		{name: "no nonce", made: good, q: ocsp.Question{Nonce: nonce}},
		{name: "no nonce where one is required", made: good, q: ocsp.Question{Nonce: nonce, RequireNonce: true}, want: ocsp.ErrNonce},
		{name: "nonce of an answer that was kept", made: pkitest.OCSP{State: pki.StateGood, Nonce: wrapped(nonce)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			about, signs := c, ca
			if tt.about != nil {
				about = tt.about
			}
			if tt.by != nil {
				signs = tt.by
			}
			r, err := ocsp.Parse(signs.Respond(t, tt.made, about))
			if err != nil {
				t.Fatal(err)
			}
			tt.q.Certificate, tt.q.Issuer, tt.q.At = c, ca.Certificate, now()
			a, signer, err := r.About(tt.q)
			if !errors.Is(err, tt.want) || (err == nil) != (a.State == pki.StateGood) || (err == nil) != (signer != nil) {
				t.Errorf("%+v, %v, want %v", a, err, tt.want)
			}
		})
	}
}

// TestT5NamesOneCertificate: the serial number alone does not name a certificate,
// and one response may be about several.
func TestT5NamesOneCertificate(t *testing.T) {
	t.Parallel()
	ca, other := pkitest.NewAuthority(t, "A"), pkitest.NewAuthority(t, "B")
	c, same := leaf(t, ca), leaf(t, other)
	if c.SerialNumber.Cmp(same.SerialNumber) != 0 {
		t.Fatal("the serial numbers differ")
	}
	second := leaf(t, ca)
	r, err := ocsp.Parse(ca.Respond(t, pkitest.OCSP{State: pki.StateGood}, second, c))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.About(ocsp.Question{Certificate: c, Issuer: ca.Certificate, At: now()}); err != nil {
		t.Errorf("the second answer: %v", err)
	}
	// Signed by A's key, about B's certificate of that serial number: A's key is
	// pinned, so the signature is no obstacle.
	if _, _, err := r.About(ocsp.Question{Certificate: same, Issuer: other.Certificate, Responder: ca.Certificate, At: now()}); !errors.Is(err, ocsp.ErrCertID) {
		t.Errorf("another authority's certificate: %v", err)
	}
	renewed := &pkitest.Authority{Key: pkitest.ECKey(t)}
	renewed.Certificate = pkitest.NewAuthority(t, "A").Certificate
	if _, _, err := r.About(ocsp.Question{Certificate: c, Issuer: renewed.Certificate, Responder: ca.Certificate, At: now()}); !errors.Is(err, ocsp.ErrCertID) {
		t.Errorf("an authority of that name with another key: %v", err)
	}
}

func TestStates(t *testing.T) {
	t.Parallel()
	ca := pkitest.NewAuthority(t, "Root")
	c := leaf(t, ca)
	at := now().Add(-time.Hour)
	for _, tt := range []struct {
		name string
		made pkitest.OCSP
		want ocsp.Answer
	}{
		{"good", pkitest.OCSP{State: pki.StateGood}, ocsp.Answer{State: pki.StateGood}},
		{"unknown", pkitest.OCSP{}, ocsp.Answer{}},
		{"revoked", pkitest.OCSP{State: pki.StateRevoked, Since: at, Reason: 1}, ocsp.Answer{State: pki.StateRevoked, Since: at, Reason: 1}},
		{"revoked without a reason", pkitest.OCSP{State: pki.StateRevoked, Since: at, NoReason: true}, ocsp.Answer{State: pki.StateRevoked, Since: at}},
		{
			"never issued (RFC 6960, section 2.2)",
			pkitest.OCSP{State: pki.StateRevoked, Since: time.Unix(0, 0), Reason: pki.CertificateHold},
			ocsp.Answer{State: pki.StateRevoked, Since: time.Unix(0, 0), Reason: pki.CertificateHold},
		},
	} {
		r, err := ocsp.Parse(ca.Respond(t, tt.made, c))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		a, _, err := r.About(ocsp.Question{Certificate: c, Issuer: ca.Certificate, At: now()})
		if err != nil || a.State != tt.want.State || !a.Since.Equal(tt.want.Since) || a.Reason != tt.want.Reason || !a.NextUpdate.IsZero() {
			t.Errorf("%s: %+v, %v", tt.name, a, err)
		}
	}
}

// TestT5Fresh moves the clock across both ends of an answer, with and without
// nextUpdate.
func TestT5Fresh(t *testing.T) {
	t.Parallel()
	const hour, skew = time.Hour, 5 * time.Minute
	bounded := ocsp.Answer{ThisUpdate: now(), NextUpdate: now().Add(2 * hour)}
	open := ocsp.Answer{ThisUpdate: now()}
	for _, tt := range []struct {
		name string
		a    ocsp.Answer
		at   time.Time
		want error
	}{
		{"first moment", bounded, now(), nil},
		{"within the skew before", bounded, now().Add(-skew), nil},
		{"before", bounded, now().Add(-skew - time.Second), ocsp.ErrNotYetValid},
		{"last moment", bounded, now().Add(2 * hour), nil},
		{"within the skew after", bounded, now().Add(2*hour + skew), nil},
		{"after", bounded, now().Add(2*hour + skew + time.Second), ocsp.ErrStale},
		{"open, within maxAge", open, now().Add(hour), nil},
		{"open, after maxAge", open, now().Add(hour + skew + time.Second), ocsp.ErrStale},
		{"open, before", open, now().Add(-skew - time.Second), ocsp.ErrNotYetValid},
	} {
		if err := tt.a.Fresh(tt.at, skew, hour); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for status, want := range map[byte]ocsp.Refusal{
		1: ocsp.MalformedRequest, 2: ocsp.InternalError, 3: ocsp.TryLater, 5: ocsp.SigRequired, 6: ocsp.Unauthorized, 4: 4, 7: 7, 127: 127,
	} {
		_, err := ocsp.Parse(pkitest.Refuse(status))
		if !errors.Is(err, want) || err.Error() == "" {
			t.Errorf("status %d: %v", status, err)
		}
		for other := ocsp.Refusal(1); other < 8; other++ {
			if other != want && errors.Is(err, other) {
				t.Errorf("status %d is taken for %v", status, other)
			}
		}
	}
}

func TestMalformed(t *testing.T) {
	t.Parallel()
	ca := pkitest.NewAuthority(t, "Root")
	c := leaf(t, ca)
	good := ca.Respond(t, pkitest.OCSP{State: pki.StateGood}, c)
	critical := []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 398, 9, 9}, Critical: true, Value: []byte{5, 0}}}
	known := []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 398, 9, 9}, Value: []byte{5, 0}}}
	many := func(n int) (out []*x509.Certificate) {
		for range n {
			out = append(out, c)
		}
		return out
	}
	for _, tt := range []struct {
		name string
		der  []byte
		want error
	}{
		{"good", good, nil},
		{"extension that is not critical", ca.Respond(t, pkitest.OCSP{State: pki.StateGood, Extensions: known}, c), nil},
		{"critical extension", ca.Respond(t, pkitest.OCSP{State: pki.StateGood, Extensions: critical}, c), ocsp.ErrExtension},
		{"nothing", nil, ocsp.ErrMalformed},
		{"text", []byte("<html>hunter2</html>"), ocsp.ErrMalformed},
		{"a byte behind", append(bytes.Clone(good), 0), ocsp.ErrMalformed},
		{"successful, but nothing more", pkitest.Refuse(0), ocsp.ErrMalformed},
		{"negative status", pkitest.Refuse(0xff), ocsp.ErrMalformed},
		{"a certificate", c.Raw, ocsp.ErrMalformed},
		{"another type", bytes.Replace(good, []byte{0x30, 1, 1}, []byte{0x30, 1, 2}, 1), ocsp.ErrMalformed},
		{"ends before it begins", ca.Respond(t, pkitest.OCSP{State: pki.StateGood, NextUpdate: now().Add(-time.Hour)}, c), ocsp.ErrMalformed},
		{"as many answers as allowed", ca.Respond(t, pkitest.OCSP{State: pki.StateGood}, many(64)...), nil},
		{"too many answers", ca.Respond(t, pkitest.OCSP{State: pki.StateGood}, many(65)...), ocsp.ErrTooLong},
		{"as many certificates as allowed", ca.Respond(t, pkitest.OCSP{State: pki.StateGood, Carried: many(8)}, c), nil},
		{"too many certificates", ca.Respond(t, pkitest.OCSP{State: pki.StateGood, Carried: many(9)}, c), ocsp.ErrTooLong},
		{"too long", make([]byte, ocsp.MaxBytes+1), ocsp.ErrTooLong},
	} {
		r, err := ocsp.Parse(tt.der)
		if !errors.Is(err, tt.want) || (err == nil) != (r != nil) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	for n := range good {
		if _, err := ocsp.Parse(good[:n]); err == nil {
			t.Fatalf("cut off after %d bytes, accepted", n)
		}
	}
}

// TestT5EveryByteCounts: no byte of a response can be changed so that another
// answer comes out of it.
func TestT5EveryByteCounts(t *testing.T) {
	t.Parallel()
	ca := pkitest.NewAuthority(t, "Root")
	c := leaf(t, ca)
	key := pkitest.ECKey(t)
	good := ca.Respond(t, pkitest.OCSP{State: pki.StateRevoked, Since: now(), Reason: 1, Signer: key, Carried: []*x509.Certificate{ca.Issue(t, "R", key.Public(), responder)}}, c)
	for i := range good {
		for _, bit := range []byte{1, 0x20, 0x80} {
			changed := bytes.Clone(good)
			changed[i] ^= bit
			r, err := ocsp.Parse(changed)
			if err != nil {
				continue
			}
			a, _, err := r.About(ocsp.Question{Certificate: c, Issuer: ca.Certificate, At: now()})
			if err == nil && (a.State != pki.StateRevoked || a.Reason != 1 || !a.Since.Equal(now())) {
				t.Fatalf("byte %d, bit %#x: %+v", i, bit, a)
			}
		}
	}
}
