package crl_test

import (
	"crypto/x509"
	"math/big"
	"runtime"
	"testing"

	"github.com/kopir-kz/kopir/gateway/internal/pkitest"
	"github.com/kopir-kz/kopir/gateway/pki/crl"
)

const million = 1_000_000

// BenchmarkMillion reads a list of a million entries and looks serial numbers
// up in it; memory is what the list holds on to beside its bytes.
func BenchmarkMillion(b *testing.B) {
	ca := pkitest.NewAuthority(b, "Root")
	der := many(b, ca, million)
	b.Run("parse", func(b *testing.B) {
		b.SetBytes(int64(len(der)))
		b.ReportAllocs()
		for b.Loop() {
			if l := parse(b, der); l.Len() != million {
				b.Fatal(l.Len())
			}
		}
	})
	b.Run("standard library", func(b *testing.B) {
		b.SetBytes(int64(len(der)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := x509.ParseRevocationList(der); err != nil {
				b.Fatal(err)
			}
		}
	})
	l := parse(b, der)
	b.Run("check", func(b *testing.B) {
		for b.Loop() {
			if err := l.CheckFrom(ca.Certificate); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("find", func(b *testing.B) {
		serial := new(big.Int).Lsh(big.NewInt(1), 150)
		b.ReportAllocs()
		for b.Loop() {
			l.Find(serial)
			serial.SetBit(serial, int(serial.Bit(3)), 1).Add(serial, big.NewInt(0x1234567))
		}
	})
	b.Run("memory", func(b *testing.B) {
		var before, after runtime.MemStats
		var held *crl.List
		for b.Loop() {
			runtime.GC()
			runtime.ReadMemStats(&before)
			held = parse(b, der)
			runtime.GC()
			runtime.ReadMemStats(&after)
		}
		runtime.KeepAlive(held)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/million, "heapB/entry")
		b.ReportMetric(float64(len(der))/million, "fileB/entry")
	})
}
