package wsse_test

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"testing"

	"github.com/beevik/etree"
	"github.com/jonboulle/clockwork"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410"
	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/wsse"
	"github.com/kopir-kz/kopir/gateway/xmldsig"
	"github.com/kopir-kz/kopir/gateway/xmltext"
	"github.com/kopir-kz/kopir/gateway/xmltext/xmltest"
)

// each runs a benchmark for every family of keys and the sizes answers have.
func each(b *testing.B, run func(b *testing.B, w *world, env string)) {
	for _, k := range []struct {
		name string
		key  crypto.Signer
	}{
		{"RSA", pkitest.RSAKey(b, 2048)},
		{"ECDSA", pkitest.ECKey(b)},
		{"GOST2004", pkitest.GOSTKey(b, gost3410.CryptoProA())},
		{"GOST2015", pkitest.GOSTKey(b, gost3410.TC26A512())},
	} {
		w := newWorld(b, k.key)
		for _, size := range []int{4 << 10, 8 << 10, 32 << 10} {
			b.Run(fmt.Sprintf("%s/%dKB", k.name, size>>10), func(b *testing.B) {
				run(b, w, xmltest.Answer(size))
			})
		}
	}
}

func BenchmarkSignBody(b *testing.B) {
	each(b, func(b *testing.B, w *world, text string) {
		ctx, env := context.Background(), []byte(text)
		b.SetBytes(int64(len(env)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := wsse.SignBody(ctx, env, w.signer, wsse.SignOptions{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkVerifyBody(b *testing.B) {
	each(b, func(b *testing.B, w *world, text string) {
		ctx, env := context.Background(), w.sign(b, text, wsse.SignOptions{})
		b.SetBytes(int64(len(env)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := wsse.VerifyBody(ctx, env, w.store, w.policy); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkVerifyReference is the same work with etree and goxmldsig: read the
// text, canonicalize and digest, check the value. goxmldsig knows enveloped
// signatures only, so the Envelope is signed as a whole.
func BenchmarkVerifyReference(b *testing.B) {
	each(b, func(b *testing.B, w *world, text string) {
		if _, ok := w.key.(*rsa.PrivateKey); !ok {
			b.Skip("goxmldsig reads neither ECDSA values as r and s nor national ones")
		}
		signed, err := xmldsig.SignEnveloped(context.Background(), []byte(text), w.signer)
		if err != nil {
			b.Fatal(err)
		}
		cert, err := x509.ParseCertificate(w.signer.Certificate())
		if err != nil {
			b.Fatal(err)
		}
		v := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{cert}})
		v.Clock = dsig.NewFakeClock(clockwork.NewFakeClockAt(pkitest.Now()))
		b.SetBytes(int64(len(signed)))
		b.ReportAllocs()
		for b.Loop() {
			d := etree.NewDocument()
			if err := d.ReadFromBytes(signed); err != nil {
				b.Fatal(err)
			}
			if _, err := v.Validate(d.Root()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkVerifyEnveloped is our side of BenchmarkVerifyReference.
func BenchmarkVerifyEnveloped(b *testing.B) {
	each(b, func(b *testing.B, w *world, text string) {
		ctx := context.Background()
		signed, err := xmldsig.SignEnveloped(ctx, []byte(text), w.signer)
		if err != nil {
			b.Fatal(err)
		}
		p := xmldsig.Policy{Clock: pkitest.Now}
		b.SetBytes(int64(len(signed)))
		b.ReportAllocs()
		for b.Loop() {
			d, err := xmltext.Parse(signed, xmltext.Limits{})
			if err != nil {
				b.Fatal(err)
			}
			if _, err := xmldsig.VerifyEnveloped(ctx, d.Root(), w.store, p); err != nil {
				b.Fatal(err)
			}
		}
	})
}
