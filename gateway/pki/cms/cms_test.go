package cms_test

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/cms"
)

func TestSignVerify(t *testing.T) {
	t.Parallel()
	content := []byte("өтініш")
	for family, key := range pkitest.Keys(t) {
		w := newWorld(t, key)
		known := w.ca.Store(w.cert)
		for _, tt := range []struct {
			name string
			o    cms.SignOptions
			keys pki.KeyResolver
		}{
			{"attached", cms.SignOptions{}, w.store},
			{"detached", cms.SignOptions{Detached: true}, w.store},
			{"with a signing time", cms.SignOptions{SigningTime: day(-3)}, w.store},
			{"with a signing time after 2049", cms.SignOptions{SigningTime: day(40 * 365)}, w.store},
			{"with the authority", cms.SignOptions{Certificates: []*x509.Certificate{w.ca.Certificate}}, w.store},
			{"without certificates", cms.SignOptions{NoCertificates: true}, known},
			{"without naming the certificate", cms.SignOptions{Unbound: true}, w.store},
			{"of another content type", cms.SignOptions{ContentType: oidTSTInfo}, w.store},
		} {
			t.Run(family+" "+tt.name, func(t *testing.T) {
				t.Parallel()
				message, err := cms.Sign(content, w.key, w.cert, tt.o)
				if err != nil {
					t.Fatal(err)
				}
				o := cms.Options{Keys: tt.keys, Clock: pkitest.Now}
				if tt.o.Detached {
					o.Content = content
				}
				v, err := verify(message, o)
				if err != nil {
					t.Fatal(err)
				}
				s := v.Signers[0]
				want := tt.o.ContentType
				if want == nil {
					want = oidData
				}
				if len(v.Signers) != 1 || !s.Certificate.Equal(w.cert) || !bytes.Equal(v.Content, content) || !v.ContentType.Equal(want) {
					t.Errorf("got %v of %d signers", v.ContentType, len(v.Signers))
				}
				if !s.SigningTime.Equal(tt.o.SigningTime) || s.Bound == tt.o.Unbound || !s.Timestamp.IsZero() {
					t.Errorf("signing time %s, time-stamp %s, bound %t", s.SigningTime, s.Timestamp, s.Bound)
				}
			})
		}
	}
}

func TestSignRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	if _, err := cms.Sign(nil, pkitest.ECKey(t), w.cert, cms.SignOptions{}); err == nil {
		t.Error("signed with a key that is not the certificate's")
	}
	broken := errors.New("the authority is away")
	_, err := cms.Sign(nil, w.key, w.cert, cms.SignOptions{Stamp: func([]byte) ([]byte, error) { return nil, broken }})
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// TestEveryContent holds for all contents what the tables hold for one.
func TestEveryContent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	rapid.Check(t, func(t *rapid.T) {
		content := rapid.SliceOf(rapid.Byte()).Draw(t, "content")
		if content == nil {
			content = []byte{}
		}
		detached := rapid.Bool().Draw(t, "detached")
		message, err := cms.Sign(content, w.key, w.cert, cms.SignOptions{Detached: detached})
		if err != nil {
			t.Fatal(err)
		}
		o := w.options()
		if detached {
			o.Content = content
		}
		v, err := verify(message, o)
		if err != nil || !bytes.Equal(v.Content, content) {
			t.Fatalf("refused: %v", err)
		}
		if detached {
			o.Content = append(slices.Clone(content), 0)
			_, err := verify(message, o)
			expect(t, err, cms.StepDigest, 1)
		}
	})
}

// indefinite writes DER with indefinite lengths, as deep as given.
func indefinite(t testing.TB, in []byte, depth int) []byte {
	t.Helper()
	var v asn1.RawValue
	rest, err := asn1.Unmarshal(in, &v)
	if err != nil {
		t.Fatal(err)
	}
	out := bytes.Clone(v.FullBytes)
	if v.IsCompound && depth > 0 {
		out = []byte{v.FullBytes[0], 0x80}
		if len(v.Bytes) > 0 {
			out = append(out, indefinite(t, v.Bytes, depth-1)...)
		}
		out = append(out, 0, 0)
	}
	if len(rest) > 0 {
		out = append(out, indefinite(t, rest, depth)...)
	}
	return out
}

func TestForms(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	message, err := cms.Sign([]byte("document"), w.key, w.cert, cms.SignOptions{})
	if err != nil {
		t.Fatal(err)
	}
	armoured := func(label string) []byte { return pem.EncodeToMemory(&pem.Block{Type: label, Bytes: message}) }
	text := base64.StdEncoding.EncodeToString(message)
	lines := text[:76] + "\r\n" + text[76:152] + "\n\t " + text[152:] + "\n"
	join := func(b ...[]byte) []byte { return bytes.Join(b, nil) }
	for _, tt := range []struct {
		name string
		in   []byte
		step cms.Step
	}{
		{"DER", message, ""},
		{"BER", indefinite(t, message, 5), ""},
		{"BER, attributes and all", indefinite(t, message, 9), ""},
		{"PEM", armoured("CMS"), ""},
		{"PEM of PKCS #7", armoured("PKCS7"), ""},
		{"PEM between blank lines", join([]byte("\n\n"), armoured("CMS"), []byte("\n")), ""},
		{"base64", []byte(text), ""},
		{"base64 in lines", []byte(lines), ""},
		{"base64 of BER", []byte(base64.StdEncoding.EncodeToString(indefinite(t, message, 5))), ""},
		{"nothing", nil, cms.StepInput},
		{"blanks", []byte(" \n"), cms.StepInput},
		{"text", []byte("<xml/>"), cms.StepInput},
		{"PEM of something else", armoured("CERTIFICATE"), cms.StepInput},
		{"PEM twice", join(armoured("CMS"), armoured("CMS")), cms.StepInput},
		{"PEM behind other text", join([]byte("see below\n"), armoured("CMS")), cms.StepInput},
		{"PEM with headers", pem.EncodeToMemory(&pem.Block{Type: "CMS", Bytes: message, Headers: map[string]string{"A": "b"}}), cms.StepInput},
		{"bytes behind it", join(message, []byte{0}), cms.StepInput},
		{"cut short", message[:len(message)-1], cms.StepInput},
		{"base64 cut short", []byte(text[:len(text)-5]), cms.StepInput},
		{"a certificate", w.cert.Raw, cms.StepStructure},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v, err := verify(tt.in, w.options())
			expect(t, err, tt.step, 0)
			if err == nil && string(v.Content) != "document" {
				t.Errorf("content %q", v.Content)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	content := []byte("document")
	two, many := w.parts(t, content), w.parts(t, content)
	two.Signers = append(two.Signers, two.Signers[0])
	for range cms.DefaultSigners {
		many.Signers = append(many.Signers, many.Signers[0])
	}
	crowded := w.parts(t, content)
	for range cms.DefaultCertificates {
		crowded.Certificates = append(crowded.Certificates, w.cert.Raw)
	}
	fat := w.parts(t, content)
	fat.Certificates = append(fat.Certificates, sequence(der(t, make([]byte, 33<<10))))
	attributes := w.parts(t, content)
	for i := range 33 {
		attributes.Signers[0].Signed = append(attributes.Signers[0].Signed, attr(t, oid(1, 2, 398, i), i))
	}
	stamps := w.parts(t, content)
	for range 5 {
		stamps.Signers[0].Unsigned = append(stamps.Signers[0].Unsigned, attr(t, oidTimestamp, raw(sequence())))
	}
	message := two.message(t)
	for _, tt := range []struct {
		name    string
		message []byte
		limits  cms.Limits
		step    cms.Step
		signer  int
	}{
		{"within", message, cms.Limits{Bytes: len(message), Signers: 2, Certificates: 1}, "", 0},
		{"a byte too long", message, cms.Limits{Bytes: len(message) - 1}, cms.StepInput, 0},
		{"too long by far", message, cms.Limits{Bytes: len(message)/2 - 1}, cms.StepInput, 0},
		{"a byte too long in base64", []byte(base64.StdEncoding.EncodeToString(message)), cms.Limits{Bytes: len(message) - 1}, cms.StepInput, 0},
		{"a signature too many", message, cms.Limits{Signers: 1}, cms.StepStructure, 0},
		{"17 signatures", many.message(t), cms.Limits{}, cms.StepStructure, 0},
		{"33 certificates", crowded.message(t), cms.Limits{}, cms.StepStructure, 0},
		{"a huge certificate", fat.message(t), cms.Limits{}, cms.StepStructure, 0},
		{"35 attributes", attributes.message(t), cms.Limits{}, cms.StepAttributes, 1},
		{"5 time-stamps", stamps.message(t), cms.Limits{}, cms.StepStructure, 1},
		{"deep", nest(sequence(), 100), cms.Limits{}, cms.StepInput, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := cms.Parse(tt.message, tt.limits)
			expect(t, err, tt.step, tt.signer)
		})
	}
}

func nest(b []byte, depth int) []byte {
	for range depth {
		b = sequence(b)
	}
	return b
}

// TestClasses holds every step to a class of the common vocabulary.
func TestClasses(t *testing.T) {
	t.Parallel()
	for step, want := range map[cms.Step]pki.Class{
		cms.StepInput: pki.ClassInput, cms.StepStructure: pki.ClassStructure, cms.StepContent: pki.ClassStructure,
		cms.StepAttributes: pki.ClassStructure, cms.StepAlgorithm: pki.ClassSignature, cms.StepTimestamp: pki.ClassSignature,
		cms.StepTrust: pki.ClassTrust, cms.StepSigningCertificate: pki.ClassSignature, cms.StepSignature: pki.ClassSignature,
		cms.StepDigest: pki.ClassSignature,
	} {
		if got := (&cms.Error{Step: step}).Class(); got != want {
			t.Errorf("%s is of the class %s, not %s", step, got, want)
		}
	}
	late := &cms.Error{Step: cms.StepTimestamp, Err: &cms.Error{Step: cms.StepTrust}}
	if late.Class() != pki.ClassTrust {
		t.Errorf("a time-stamp of a stranger is of the class %s", late.Class())
	}
}

func TestAccessors(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pkitest.ECKey(t))
	for _, detached := range []bool{false, true} {
		message, err := cms.Sign([]byte("document"), w.key, w.cert, cms.SignOptions{Detached: detached, SigningTime: time.Unix(0, 0)})
		if err != nil {
			t.Fatal(err)
		}
		m, err := cms.Parse(message, cms.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if m.Attached() == detached || (m.Content() == nil) != detached || !m.ContentType().Equal(oidData) {
			t.Errorf("detached %t: attached %t, content %q", detached, m.Attached(), m.Content())
		}
		if certs := m.Certificates(); len(certs) != 1 || !certs[0].Equal(w.cert) {
			t.Errorf("%d certificates", len(certs))
		}
	}
}
