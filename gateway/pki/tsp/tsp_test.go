package tsp_test

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/cms"
	"github.com/kopir-kz/kopir/gateway/pki/tsp"
)

var document = []byte("document")

func TestAnswer(t *testing.T) {
	t.Parallel()
	for family, key := range pkitest.Keys(t) {
		w := newWorld(t, key)
		known := w.verifier()
		known.Keys = w.ca.Store(w.Certificate)
		for _, tt := range []struct {
			name     string
			verifier *tsp.Verifier
			change   func(*tsp.Request)
		}{
			{"as made", w.verifier(), func(*tsp.Request) {}},
			{"without a nonce", w.verifier(), func(r *tsp.Request) { r.Nonce = nil }},
			{"without the certificate", known, func(r *tsp.Request) { r.CertReq = false }},
			{"with a policy", w.verifier(), func(r *tsp.Request) { r.Policy = oidPolicy }},
			{"SHA-512", w.verifier(), func(r *tsp.Request) { r.Imprint = imprint(t, oidSHA512, document) }},
		} {
			t.Run(family+" "+tt.name, func(t *testing.T) {
				t.Parallel()
				r := tsp.NewRequest(imprint(t, oidSHA256, document))
				tt.change(r)
				token, raw, err := tt.verifier.Answer(background, r, w.answer(t, r, pkitest.Now()))
				if err != nil {
					t.Fatal(err)
				}
				if !token.Time.Equal(pkitest.Now()) || token.Accuracy != 2*time.Second || token.Serial.Int64() != 7 || !token.Policy.Equal(oidPolicy) ||
					!token.Authority.Equal(w.Certificate) || !token.Imprint.Digest.Equal(r.Imprint.Digest) {
					t.Errorf("got %+v", token)
				}
				if alone, err := tt.verifier.VerifyToken(background, raw); err != nil || !bytes.Equal(alone.Imprint.Sum, r.Imprint.Sum) {
					t.Errorf("without the bytes: %v", err)
				}
				if again, err := tt.verifier.Verify(background, raw, document); err != nil || !again.Time.Equal(token.Time) {
					t.Errorf("the token alone: %v", err)
				}
			})
		}
	}
}

func TestAnswerRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	other := newWorld(t, pkitest.ECKey(t))
	fresh := func() *tsp.Request { return tsp.NewRequest(imprint(t, oidSHA256, document)) }
	r := fresh()
	good := w.answer(t, r, pkitest.Now())
	silent := fresh()
	silent.Nonce = nil
	asked := fresh()
	asked.Policy = oidOther
	elsewhere := tsp.NewRequest(imprint(t, oidSHA256, []byte("another")))
	narrow := w.verifier()
	narrow.Policies = []asn1.ObjectIdentifier{oidOther}
	wide := w.verifier()
	wide.Policies = []asn1.ObjectIdentifier{oidOther, oidPolicy}
	otherDigest := fresh()
	otherDigest.Imprint.Digest = oidSHA512
	patient := w.verifier()
	patient.Skew = time.Hour
	status := func(s tsp.Status) []byte {
		out, err := tsp.Refusal(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, tt := range []struct {
		name     string
		verifier *tsp.Verifier
		request  *tsp.Request
		response []byte
		step     tsp.Step
	}{
		{"good", w.verifier(), r, good, ""},
		{"good, one of two policies", wide, r, good, ""},
		{"of another request", w.verifier(), fresh(), good, tsp.StepNonce},
		{"without the nonce", w.verifier(), r, w.answer(t, silent, pkitest.Now()), tsp.StepNonce},
		{"over other bytes", w.verifier(), elsewhere, good, tsp.StepImprint},
		{"with another digest", w.verifier(), otherDigest, good, tsp.StepImprint},
		{"under another policy", w.verifier(), asked, w.answer(t, &tsp.Request{Imprint: asked.Imprint, Nonce: asked.Nonce, CertReq: true}, pkitest.Now()), tsp.StepPolicy},
		{"under a policy that is not accepted", narrow, r, good, tsp.StepPolicy},
		{"of tomorrow", w.verifier(), r, w.answer(t, r, day(1)), tsp.StepTime},
		{"of yesterday", w.verifier(), r, w.answer(t, r, day(-1)), tsp.StepTime},
		{"five minutes ahead", w.verifier(), r, w.answer(t, r, pkitest.Now().Add(5*time.Minute)), ""},
		{"five minutes late", w.verifier(), r, w.answer(t, r, pkitest.Now().Add(-5*time.Minute)), ""},
		{"six minutes late", w.verifier(), r, w.answer(t, r, pkitest.Now().Add(-6*time.Minute)), tsp.StepTime},
		{"six minutes late for the patient", patient, r, w.answer(t, r, pkitest.Now().Add(-6*time.Minute)), ""},
		{"of a stranger", w.verifier(), r, other.answer(t, r, pkitest.Now()), tsp.StepSignature},
		{"granted without a token", w.verifier(), r, status(tsp.Granted), tsp.StepStructure},
		{"nothing", w.verifier(), r, nil, tsp.StepStructure},
		{"text", w.verifier(), r, []byte("<html>"), tsp.StepStructure},
		{"bytes behind it", w.verifier(), r, append(bytes.Clone(good), 0), tsp.StepStructure},
		{"a request", w.verifier(), r, der(t, []int{1, 2}), tsp.StepStructure},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			token, raw, err := tt.verifier.Answer(background, tt.request, tt.response)
			expect(t, err, tt.step)
			if (token == nil) != (tt.step != "") || (raw == nil) != (tt.step != "") {
				t.Error("a token came with the refusal, or none with the verdict")
			}
		})
	}
}

// TestTokenAlone: without the bytes a token is refused for whatever it would be
// with them, and for a digest that could not be theirs.
func TestTokenAlone(t *testing.T) {
	t.Parallel()
	w, other := newWorld(t, pkitest.ECKey(t)), newWorld(t, pkitest.ECKey(t))
	for _, tt := range []struct {
		name  string
		token []byte
		step  tsp.Step
	}{
		{"good", w.token(t, document, pkitest.Now()), ""},
		{"of a stranger", other.token(t, document, pkitest.Now()), tsp.StepSignature},
		{"of tomorrow", w.token(t, document, day(1)), tsp.StepTime},
		{"SHA-1", w.forge(t, document, cms.SignOptions{}, func(i *info) { i.Imprint.Algorithm.Algorithm = oid(1, 3, 14, 3, 2, 26) }), tsp.StepImprint},
		{"digest too short", w.forge(t, document, cms.SignOptions{}, func(i *info) { i.Imprint.Sum = i.Imprint.Sum[1:] }), tsp.StepImprint},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := w.verifier().VerifyToken(background, tt.token)
			expect(t, err, tt.step)
		})
	}
}

func TestTokenRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	extension := func(critical bool) asn1.RawValue {
		one := der(t, struct {
			ID       asn1.ObjectIdentifier
			Critical bool `asn1:"optional"`
			Value    []byte
		}{oidOther, critical, []byte("?")})
		return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 1, IsCompound: true, Bytes: one}
	}
	accuracy := func(parts ...byte) asn1.RawValue {
		return asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: parts}
	}
	for _, tt := range []struct {
		name   string
		o      cms.SignOptions
		step   tsp.Step
		change func(*info)
	}{
		{"good", cms.SignOptions{}, "", func(*info) {}},
		{"fraction of a second", cms.SignOptions{}, "", func(i *info) { i.Time = generalized("20261101120000.25Z") }},
		{"in order", cms.SignOptions{}, "", func(i *info) { i.Ordering = true }},
		{"with a name", cms.SignOptions{}, "", func(i *info) {
			i.Name = asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: []byte{0x82, 1, 'a'}}
		}},
		{"with an extension", cms.SignOptions{}, "", func(i *info) { i.Extensions = extension(false) }},
		{"whole accuracy", cms.SignOptions{}, "", func(i *info) { i.Accuracy = accuracy(2, 1, 1, 0x80, 2, 1, 0xf4, 0x81, 1, 9) }},
		{"accuracy in milliseconds", cms.SignOptions{}, "", func(i *info) { i.Accuracy = accuracy(0x80, 1, 100) }},

		{"version 2", cms.SignOptions{}, tsp.StepStructure, func(i *info) { i.Version = 2 }},
		{"local time", cms.SignOptions{}, tsp.StepStructure, func(i *info) { i.Time = generalized("20261101120000+0500") }},
		{"no seconds", cms.SignOptions{}, tsp.StepStructure, func(i *info) { i.Time = generalized("202611011200Z") }},
		{"a comma", cms.SignOptions{}, tsp.StepStructure, func(i *info) { i.Time = generalized("20261101120000,25Z") }},
		{"no such day", cms.SignOptions{}, tsp.StepStructure, func(i *info) { i.Time = generalized("20260231120000Z") }},
		{"an endless time", cms.SignOptions{}, tsp.StepStructure, func(i *info) { i.Time = generalized("20261101120000.0000000000000Z") }},
		{"1000 milliseconds", cms.SignOptions{}, tsp.StepStructure, func(i *info) { i.Accuracy = accuracy(0x80, 2, 3, 0xe8) }},
		{"milliseconds of three bytes", cms.SignOptions{}, tsp.StepStructure, func(i *info) { i.Accuracy = accuracy(0x80, 3, 0, 0, 1) }},
		{"accuracy below zero", cms.SignOptions{}, tsp.StepStructure, func(i *info) { i.Accuracy = accuracy(2, 1, 0xff) }},
		{"accuracy of two days", cms.SignOptions{}, tsp.StepStructure, func(i *info) { i.Accuracy = accuracy(2, 3, 2, 0xa3, 0) }},
		{"a critical extension", cms.SignOptions{}, tsp.StepStructure, func(i *info) { i.Extensions = extension(true) }},
		{"an extension that is none", cms.SignOptions{}, tsp.StepStructure, func(i *info) {
			i.Extensions = asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 1, IsCompound: true, Bytes: []byte{2, 1, 1}}
		}},
		{"a huge serial number", cms.SignOptions{}, tsp.StepStructure, func(i *info) { i.Serial = new(big.Int).Lsh(big.NewInt(1), 600) }},
		{"a huge digest", cms.SignOptions{}, tsp.StepStructure, func(i *info) { i.Imprint.Sum = make([]byte, 65) }},
		{"detached", cms.SignOptions{Detached: true}, tsp.StepStructure, func(*info) {}},
		{"content of another type", cms.SignOptions{ContentType: oidOther}, tsp.StepStructure, func(*info) {}},
		{"SHA-1", cms.SignOptions{}, tsp.StepImprint, func(i *info) { i.Imprint.Algorithm.Algorithm, i.Imprint.Sum = oidSHA1, make([]byte, 20) }},
		{"unknown digest", cms.SignOptions{}, tsp.StepImprint, func(i *info) { i.Imprint.Algorithm.Algorithm = oidOther }},
		{"another digest", cms.SignOptions{}, tsp.StepImprint, func(i *info) { i.Imprint.Sum[0] ^= 1 }},
		{"of the future", cms.SignOptions{}, tsp.StepTime, func(i *info) { i.Time = generalized("20261101120600Z") }},
		{"certificate not named", cms.SignOptions{Unbound: true}, tsp.StepAuthority, func(*info) {}},
		{"certificate not carried", cms.SignOptions{NoCertificates: true}, tsp.StepSignature, func(*info) {}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			token := w.forge(t, document, tt.o, tt.change)
			_, err := w.verifier().Verify(background, token, document)
			expect(t, err, tt.step)
			if tt.o.Unbound {
				v := w.verifier()
				v.Unbound = true
				_, err := v.Verify(background, token, document)
				expect(t, err, "")
			}
		})
	}
	_, err := w.verifier().Verify(background, []byte("no token"), document)
	expect(t, err, tsp.StepStructure)
}

func TestAccuracyIsRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	token := w.forge(t, document, cms.SignOptions{}, func(i *info) {
		i.Time = generalized("20261101120000.25Z")
		i.Accuracy = asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: []byte{2, 1, 1, 0x80, 2, 1, 0xf4, 0x81, 1, 9}}
	})
	got, err := w.verifier().Verify(background, token, document)
	if err != nil {
		t.Fatal(err)
	}
	if got.Accuracy != time.Second+500*time.Millisecond+9*time.Microsecond || !got.Time.Equal(pkitest.Now().Add(250*time.Millisecond)) {
		t.Errorf("%s, accuracy %s", got.Time, got.Accuracy)
	}
}

func TestPurpose(t *testing.T) {
	t.Parallel()
	codeSigning := oid(1, 3, 6, 1, 5, 5, 7, 3, 3)
	for _, tt := range []struct {
		name          string
		change        func(*x509.Certificate)
		strict, loose tsp.Step
	}{
		{"time-stamping, critical", usage(t, true, timeStamping), "", ""},
		{"time-stamping, not critical", usage(t, false, timeStamping), tsp.StepAuthority, ""},
		{"time-stamping and code signing", usage(t, true, timeStamping, codeSigning), tsp.StepAuthority, ""},
		{"time-stamping and something national", usage(t, true, timeStamping, oidOther), tsp.StepAuthority, ""},
		{"code signing", usage(t, true, codeSigning), tsp.StepAuthority, tsp.StepAuthority},
		{"any purpose", usage(t, true, oid(2, 5, 29, 37, 0)), tsp.StepAuthority, tsp.StepAuthority},
		{"none named", func(*x509.Certificate) {}, tsp.StepAuthority, tsp.StepAuthority},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, pkitest.ECKey(t), tt.change)
			token := w.token(t, document, pkitest.Now())
			_, err := w.verifier().Verify(background, token, document)
			expect(t, err, tt.strict)
			v := w.verifier()
			v.AnyUsage = true
			_, err = v.Verify(background, token, document)
			expect(t, err, tt.loose)
		})
	}
}

// TestTrustAtItsTime holds that the certificate is judged at the moment of the
// token and not at ours.
func TestTrustAtItsTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	later := w.verifier()
	later.Clock = func() time.Time { return day(400) }
	if _, err := later.Verify(background, w.token(t, document, pkitest.Now()), document); err != nil {
		t.Errorf("a token of the certificate's time: %v", err)
	}
	_, err := later.Verify(background, w.token(t, document, day(399)), document)
	expect(t, err, tsp.StepSignature)
	if reasonOf(err) != pki.ReasonExpired {
		t.Errorf("want expired, got %v", err)
	}
}

// TestSignedDocumentOutlivesItsCertificate is the whole use of a time-stamp.
func TestSignedDocumentOutlivesItsCertificate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	key := pkitest.ECKey(t)
	short := w.ca.Issue(t, "Сынақова", key.Public(), func(c *x509.Certificate) { c.NotAfter = day(1) })
	for _, tt := range []struct {
		name  string
		stamp func(value []byte) ([]byte, error)
		step  cms.Step
		class pki.Class
	}{
		{"stamped in time", func(v []byte) ([]byte, error) { return w.token(t, v, day(0)), nil }, "", ""},
		{"stamped too late", func(v []byte) ([]byte, error) { return w.token(t, v, day(2)), nil }, cms.StepTrust, pki.ClassTrust},
		{"stamp of something else", func([]byte) ([]byte, error) { return w.token(t, document, day(0)), nil }, cms.StepTimestamp, pki.ClassCorrelation},
		{"stamp of the future", func(v []byte) ([]byte, error) { return w.token(t, v, day(300)), nil }, cms.StepTimestamp, pki.ClassFreshness},
		{"not stamped", nil, cms.StepTimestamp, pki.ClassSignature},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			message, err := cms.Sign(document, key, short, cms.SignOptions{Stamp: tt.stamp})
			if err != nil {
				t.Fatal(err)
			}
			m, err := cms.Parse(message, cms.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			clock := func() time.Time { return day(200) }
			v := w.verifier()
			v.Clock = clock
			signed, err := m.Verify(background, cms.Options{Keys: w.ca.Store(), Clock: clock, Timestamp: v.Checker(), RequireTimestamp: true})
			var e *cms.Error
			switch {
			case tt.step == "" && (err != nil || !signed.Signers[0].Timestamp.Equal(day(0))):
				t.Errorf("refused: %v", err)
			case tt.step != "" && (!errors.As(err, &e) || e.Step != tt.step || e.Class() != tt.class):
				t.Errorf("want %s, %s, got %v", tt.step, tt.class, err)
			}
		})
	}
}

// TestTampering changes every byte of a token: it is refused, or says the same.
func TestTampering(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	w.Chain = nil
	token := w.token(t, document, pkitest.Now())
	accepted := 0
	for i := range token {
		for _, mask := range []byte{0x01, 0x20, 0x80} {
			spoilt := bytes.Clone(token)
			spoilt[i] ^= mask
			got, err := w.verifier().Verify(background, spoilt, document)
			var e *tsp.Error
			switch {
			case err != nil && !errors.As(err, &e):
				t.Errorf("byte %d: an error of another type: %v", i, err)
			case err != nil:
			case !got.Time.Equal(pkitest.Now()) || got.Serial.Int64() != 7 || !got.Authority.Equal(w.Certificate):
				t.Errorf("byte %d xor %#x: accepted with another meaning", i, mask)
			default:
				accepted++
			}
		}
	}
	if accepted > len(token)/10 { // versions, digestAlgorithms and parameters decide nothing
		t.Errorf("%d of %d changes were let in", accepted, 3*len(token))
	}
}

func TestClasses(t *testing.T) {
	t.Parallel()
	for step, want := range map[tsp.Step]pki.Class{
		tsp.StepStructure: pki.ClassStructure, tsp.StepSignature: pki.ClassSignature, tsp.StepAuthority: pki.ClassTrust,
		tsp.StepPolicy: pki.ClassTrust, tsp.StepTime: pki.ClassFreshness, tsp.StepImprint: pki.ClassCorrelation, tsp.StepNonce: pki.ClassCorrelation,
	} {
		if got := (&tsp.Error{Step: step}).Class(); got != want {
			t.Errorf("%s is of the class %s, not %s", step, got, want)
		}
	}
	inner := &tsp.Error{Step: tsp.StepSignature, Err: &cms.Error{Step: cms.StepTrust}}
	if inner.Class() != pki.ClassTrust {
		t.Errorf("a stranger's token is of the class %s", inner.Class())
	}
}
