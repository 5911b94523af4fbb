package wsse_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kopir-kz/kopir/gateway/c14n"
	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/gateway/xmltext"
)

var (
	idStyles = []wsse.IDStyle{wsse.IDUtility, wsse.IDPlain, wsse.IDBoth}
	keyInfos = []wsse.KeyInfo{wsse.KeyIdentifier, wsse.IssuerSerial, wsse.BinarySecurityToken, wsse.X509Data}
)

// anyHint takes every hint for its one certificate, so that whoever alters a
// message need not care for KeyInfo.
type anyHint struct{ *pki.Certificate }

func (a anyHint) Resolve(context.Context, pki.Hint, time.Time) (*pki.Certificate, error) {
	return a.Certificate, nil
}

// samples are messages signed in every form, with the canonical forms of what
// was signed.
type samples struct {
	keys   anyHint
	signed [][]byte
	bodies [][]byte
}

// newSamples signs with a key that is always the same: the processes of a
// fuzzing run, and one run and the next, must agree on what is signed.
func newSamples(t testing.TB) *samples {
	t.Helper()
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), bytes.Repeat([]byte{0x4b}, 32))
	if err != nil {
		t.Fatal(err)
	}
	signer := pkitest.NewAuthority(t, "Test CA").Signer(t, "Test system", key)
	cert, err := x509.ParseCertificate(signer.Certificate())
	if err != nil {
		t.Fatal(err)
	}
	s := &samples{keys: anyHint{&pki.Certificate{Certificate: cert}}}
	// Everything is declared at the top too, so that what is moved stays bound.
	env := strings.Replace(envelope, "<soap:Envelope ", `<soap:Envelope xmlns:ns="http://bip.bee.kz/SyncChannel/v10/Types" xmlns:ds="`+
		xmldsig.Namespace+`" xmlns:wsse="`+wsse.Namespace+`" xmlns:wsu="`+wsse.NamespaceUtility+`" `, 1)
	for i, id := range idStyles {
		for j, info := range keyInfos {
			o := wsse.SignOptions{ID: id, KeyInfo: info, NewID: func() string { return fmt.Sprintf("0f2b7c1e-0000-4000-8000-0000000000%d%d", i, j) }}
			out, err := wsse.SignBody(context.Background(), []byte(env), signer, o)
			if err != nil {
				t.Fatal(err)
			}
			v, err := s.verify(out)
			if err != nil {
				t.Fatal(err)
			}
			body, err := canonicalBody(v)
			if err != nil {
				t.Fatal(err)
			}
			s.signed, s.bodies = append(s.signed, out), append(s.bodies, body)
		}
	}
	return s
}

func (s *samples) verify(env []byte) (*wsse.Verified, error) {
	return wsse.VerifyBody(context.Background(), env, s.keys, wsse.Policy{Clock: pkitest.Now})
}

// canonicalBody is what a reader of a verified message gets to see.
func canonicalBody(v *wsse.Verified) ([]byte, error) {
	return c14n.Method{Kind: c14n.Exclusive}.Append(nil, v.Body)
}

// check holds an accepted message against what was signed.
func (s *samples) check(v *wsse.Verified) error {
	if !slices.Contains(v.Covered, "Body") {
		return fmt.Errorf("the Body is not covered: %v", v.Covered)
	}
	if v.Body.Parent() != v.Doc.Root() || !v.Body.Is("http://schemas.xmlsoap.org/soap/envelope/", "Body") {
		return errors.New("what is called the Body is not the Body of the Envelope")
	}
	body, err := canonicalBody(v)
	if err != nil {
		return err
	}
	for _, was := range s.bodies {
		if bytes.Equal(was, body) {
			return nil
		}
	}
	return fmt.Errorf("accepted, and nobody signed\n%s", body)
}

// FuzzVerifyBody: whatever is done to signed messages, what is accepted is one
// of the signed Bodies, and every refusal says at which step.
func FuzzVerifyBody(f *testing.F) {
	s := newSamples(f)
	for _, env := range s.signed {
		f.Add(env)
		text := string(env)
		body := text[strings.Index(text, "<soap:Body"):strings.Index(text, "</soap:Envelope")]
		evil := strings.Replace(body, "Сынақова", "Сынақбекова", 1)
		f.Add([]byte(strings.Replace(text, body, evil, 1)))
		f.Add([]byte(strings.NewReplacer(body, evil, "</soap:Header>", body+"</soap:Header>").Replace(text)))
		f.Add([]byte(strings.NewReplacer(body, evil, "</ds:Signature>", "<ds:Object>"+body+"</ds:Object></ds:Signature>").Replace(text)))
	}
	f.Fuzz(func(t *testing.T, env []byte) {
		v, err := s.verify(env)
		if err != nil {
			var e *xmldsig.Error
			if !errors.As(err, &e) || e.Class == "" || e.Reason == "" {
				t.Fatalf("a refusal without class and reason: %v", err)
			}
			return
		}
		if err := s.check(v); err != nil {
			t.Fatal(err)
		}
		if _, err := xmltext.Parse(env, xmltext.Limits{}); err != nil {
			t.Fatalf("accepted, and the strict reader refuses it: %v", err)
		}
	})
}
