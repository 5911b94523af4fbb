package cms_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/cms"
)

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

// TestReport holds which checks are told as passed, and of whom.
func TestReport(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	content := []byte("document")
	for _, tt := range []struct {
		name   string
		sign   cms.SignOptions
		change func(*cms.Options)
		passed []cms.Step
		step   cms.Step // "" is accepted
	}{
		{"accepted", cms.SignOptions{Detached: true}, func(*cms.Options) {}, []cms.Step{cms.StepAttributes, cms.StepTrust, cms.StepSigningCertificate, cms.StepSignature, cms.StepDigest}, ""},
		{"unbound", cms.SignOptions{Detached: true, Unbound: true}, func(*cms.Options) {}, []cms.Step{cms.StepAttributes, cms.StepTrust, cms.StepSignature, cms.StepDigest}, ""},
		{"not trusted", cms.SignOptions{Detached: true}, func(o *cms.Options) { o.Keys = revoking{} }, []cms.Step{cms.StepAttributes}, cms.StepTrust},
		{"other content", cms.SignOptions{Detached: true}, func(o *cms.Options) { o.Content = []byte("?") }, []cms.Step{cms.StepAttributes, cms.StepTrust, cms.StepSigningCertificate, cms.StepSignature}, cms.StepDigest},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			message, err := cms.Sign(content, w.key, w.cert, tt.sign)
			if err != nil {
				t.Fatal(err)
			}
			o := w.options()
			o.Content = content
			tt.change(&o)
			var passed []cms.Step
			o.Report = func(signature int, step cms.Step, s cms.Signer) {
				passed = append(passed, step)
				if signature != 1 || (s.Certificate == nil) != (step == cms.StepAttributes) {
					t.Errorf("%s of signature %d, signer %v", step, signature, s.Certificate)
				}
			}
			_, err = verify(message, o)
			signer := 0
			if tt.step != "" {
				signer = 1
			}
			expect(t, err, tt.step, signer)
			if !slices.Equal(passed, tt.passed) {
				t.Errorf("passed %q", passed)
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
