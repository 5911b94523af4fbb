package tsp_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki/cms"
	"github.com/kopir-kz/kopir/gateway/pki/tsp"
)

// FuzzResponse reads anything as an answer. Whatever verifies is the one token
// that the authority has made.
func FuzzResponse(f *testing.F) {
	w := newWorld(f, pkitest.ECKey(f))
	r := tsp.NewRequest(imprint(f, oidSHA256, document))
	f.Add(w.answer(f, r, pkitest.Now()))
	w.Chain = nil
	f.Add(w.answer(f, r, pkitest.Now()))
	f.Add(append([]byte{0x30, 0x80, 0x30, 3, 2, 1, 0}, append(w.forge(f, document, cms.SignOptions{}, func(i *info) { i.Nonce = r.Nonce }), 0, 0)...))
	for _, failure := range []tsp.Failure{tsp.BadAlg, tsp.SystemFailure} {
		out, err := tsp.Refusal(tsp.Rejection, failure)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(out)
	}
	v := w.verifier()
	f.Fuzz(func(t *testing.T, in []byte) {
		token, _, err := v.Answer(background, r, in)
		var e *tsp.Error
		var s *tsp.StatusError
		switch {
		case err != nil && !errors.As(err, &e) && !errors.As(err, &s):
			t.Fatalf("an error of another type: %v", err)
		case err == nil && (!token.Time.Equal(pkitest.Now()) || token.Nonce.Cmp(r.Nonce) != 0 || !bytes.Equal(token.Imprint.Sum, r.Imprint.Sum)):
			t.Fatal("a token that was never made is accepted")
		}
	})
}

// FuzzRequest reads anything as a request: what is read is written back as it
// was, up to what DER leaves open, and gets an answer.
func FuzzRequest(f *testing.F) {
	w := newWorld(f, pkitest.ECKey(f))
	for _, policy := range []bool{true, false} {
		r := tsp.NewRequest(imprint(f, oidSHA256, document))
		if policy {
			r.Policy = oidPolicy
		} else {
			r.Nonce, r.CertReq = nil, false
		}
		b, err := r.Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := tsp.ParseRequest(in)
		var e *tsp.Error
		if err != nil {
			if !errors.As(err, &e) {
				t.Fatalf("an error of another type: %v", err)
			}
			return
		}
		b, err := r.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		again, err := tsp.ParseRequest(b)
		if err != nil || again.CertReq != r.CertReq || !bytes.Equal(again.Imprint.Sum, r.Imprint.Sum) || (again.Nonce == nil) != (r.Nonce == nil) {
			t.Fatalf("%x came back as %x: %v", in, b, err)
		}
		if out := w.answer(t, r, pkitest.Now()); len(out) == 0 {
			t.Fatal("no answer")
		}
	})
}
