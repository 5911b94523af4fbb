package crl_test

import (
	"errors"
	"math/big"
	"testing"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki/crl"
)

// FuzzParse: what is read as a list keeps within its bounds, says the same when
// read again, and holds no signature but the one that was made.
func FuzzParse(f *testing.F) {
	ca := pkitest.NewAuthority(f, "Root")
	good := many(f, ca, 3)
	f.Add(good)
	f.Add(ca.ListDER(f, pkitest.Delta(3, template{RevokedCertificateEntries: pkitest.Entries(now(), 8, ca.Certificate)})))
	f.Add([]byte{0x30, 0x80})
	f.Fuzz(func(t *testing.T, der []byte) {
		l, err := crl.Limits{Bytes: 1 << 16, Entries: 1000}.Parse(der)
		if err != nil {
			if l != nil || !errors.Is(err, crl.ErrMalformed) && !errors.Is(err, crl.ErrTooLong) {
				t.Fatalf("%v, %v", l, err)
			}
			return
		}
		if l.Len() > 1000 || len(der) > 1<<16 || l.Complete() && l.Base != nil || l.Updates(l) {
			t.Fatalf("out of bounds: %+v", l)
		}
		again := parse(t, der)
		for _, serial := range []int64{0, 1, 2, 127, 128, 1 << 20} {
			a, found := l.Find(big.NewInt(serial))
			b, foundAgain := again.Find(big.NewInt(serial))
			if found != foundAgain || a != b {
				t.Fatal("two readings differ")
			}
		}
		if l.CheckFrom(ca.Certificate) == nil && again.CheckFrom(ca.Certificate) != nil {
			t.Fatal("two checks differ")
		}
	})
}
