package ocsp_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki"
	"github.com/kopir-kz/kopir/gateway/pki/ocsp"
)

// FuzzParse: what is read keeps within its bounds, and only the answer that was
// signed is ever given.
func FuzzParse(f *testing.F) {
	ca := pkitest.NewAuthority(f, "Root")
	c, unasked := leaf(f, ca), leaf(f, ca)
	good := ca.Respond(f, pkitest.OCSP{State: pki.StateRevoked, Since: now(), Reason: 1, Nonce: []byte{4, 1, 7}}, c)
	f.Add(good)
	f.Add(ca.Respond(f, pkitest.OCSP{State: pki.StateGood}, unasked))
	f.Add(pkitest.Refuse(3))
	f.Fuzz(func(t *testing.T, der []byte) {
		r, err := ocsp.Parse(der)
		if err != nil {
			var refusal ocsp.Refusal
			if r != nil || !errors.Is(err, ocsp.ErrMalformed) && !errors.Is(err, ocsp.ErrTooLong) && !errors.Is(err, ocsp.ErrExtension) && !errors.As(err, &refusal) {
				t.Fatalf("%v, %v", r, err)
			}
			return
		}
		if len(r.Answers) > 64 || len(r.Certificates) > 8 || len(der) > ocsp.MaxBytes {
			t.Fatal("out of bounds")
		}
		a, signer, err := r.About(ocsp.Question{Certificate: c, Issuer: ca.Certificate, At: now()})
		if err == nil && (a.State != pki.StateRevoked || !signer.Equal(ca.Certificate) || !bytes.Contains(der, c.SerialNumber.Bytes())) {
			t.Fatalf("%+v", a)
		}
	})
}
