package cms_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"testing"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki/cms"
)

// FuzzParse reads anything. What is read says the same in every form, and what
// verifies is the one content that the signer has signed.
func FuzzParse(f *testing.F) {
	w := newWorld(f, pkitest.ECKey(f))
	content := []byte("document")
	for _, o := range []cms.SignOptions{{}, {Detached: true}, {SigningTime: day(0)}, {NoCertificates: true}, {ContentType: oidTSTInfo}} {
		message, err := cms.Sign(content, w.key, w.cert, o)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(message)
		f.Add(indefinite(f, message, 9))
		f.Add([]byte(base64.StdEncoding.EncodeToString(message)))
		f.Add(pem.EncodeToMemory(&pem.Block{Type: "CMS", Bytes: message}))
	}
	p := w.parts(f, content)
	p.Signers[0].Signed = nil
	f.Add(p.message(f))
	known := w.ca.Store(w.cert)
	f.Fuzz(func(t *testing.T, in []byte) {
		m, err := cms.Parse(in, cms.Limits{})
		var e *cms.Error
		if err != nil {
			if !errors.As(err, &e) {
				t.Fatalf("an error of another type: %v", err)
			}
			return
		}
		if in[0] == 0x30 {
			other, err := cms.Parse(pem.EncodeToMemory(&pem.Block{Type: "PKCS7", Bytes: in}), cms.Limits{})
			if err != nil || !bytes.Equal(other.Content(), m.Content()) || !other.ContentType().Equal(m.ContentType()) {
				t.Fatalf("PEM is read differently: %v", err)
			}
		}
		o := cms.Options{Keys: known, Clock: pkitest.Now}
		if !m.Attached() {
			o.Content = content
		}
		v, err := m.Verify(context.Background(), o)
		switch {
		case err != nil && !errors.As(err, &e):
			t.Fatalf("an error of another type: %v", err)
		case err == nil && !bytes.Equal(v.Content, content):
			t.Fatal("a content that was never signed is accepted")
		}
	})
}
