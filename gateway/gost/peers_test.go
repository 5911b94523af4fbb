//go:build linux

package gost_test

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// One comparison is some turns of each contender, one after the other, so that a
// disturbance of the machine meets all of them. A turn is as many operations as
// fill its time.
const (
	turn  = 40 * time.Millisecond
	turns = 5
)

// operations are the rows of the comparison. A verification is of a signer who
// comes again, as the e-government gateway does, and of one met for the first
// time, whose key is read and checked as well. RSA, with 2048 bits, is the
// yardstick.
func operations() []string {
	return []string{
		"sign-256", "verify-256", "verify-256-first",
		"sign-512", "verify-512", "verify-512-first",
		"34.311-95", "streebog-512",
		"rsa-sign", "rsa-verify",
	}
}

// BenchmarkPeers has a row for each operation and in it a column for each
// contender: milliseconds of processor time, or millions of bytes hashed in a
// second of it, in the median of the turns. "×openssl" is how many times as fast
// as OpenSSL ours is. Our signatures are verified before they are returned, and
// that is in their time.
func BenchmarkPeers(b *testing.B) {
	s := newSamples(b)
	all := []contender{kopir(s)}
	for _, p := range peers() {
		c, err := p.start(b, s)
		if err != nil {
			b.Logf("without %s: %v", p.name, err)
			continue
		}
		all = append(all, c)
	}
	if len(all) == 1 {
		b.Skip("there is nobody to compare with")
	}
	for _, operation := range operations() {
		b.Run(operation, func(b *testing.B) {
			times, took := make([]int, len(all)), make([][]time.Duration, len(all))
			for i, c := range all {
				times[i] = warmUp(b, c, operation)
			}
			for b.Loop() {
				for range turns {
					for i, c := range all {
						d, _ := do(b, c, operation, times[i])
						took[i] = append(took[i], d/time.Duration(times[i]))
					}
				}
			}
			report(b, operation, all, took)
		})
	}
}

func report(b *testing.B, operation string, all []contender, took [][]time.Duration) {
	b.ReportMetric(0, "ns/op") // of a comparison: of no interest
	ours := median(took[0])
	for i, c := range all {
		d := median(took[i])
		if strings.Contains(operation, "sign") || strings.Contains(operation, "verify") {
			b.ReportMetric(d.Seconds()*1e3, c.name+"-ms/op")
		} else {
			b.ReportMetric(messageBytes/1e6/d.Seconds(), c.name+"-MB/s")
		}
		if i > 0 {
			b.ReportMetric(d.Seconds()/ours.Seconds(), "×"+c.name)
		}
	}
}

// TestPeers has each peer verify our signatures, verifies theirs, and compares
// digests: what BenchmarkPeers measures is the same work.
func TestPeers(t *testing.T) {
	t.Parallel()
	for _, p := range peers() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			s := newSamples(t)
			c, err := p.start(t, s)
			if err != nil {
				t.Skip(err)
			}
			if p.name == "openssl" {
				// It has this hash with the S-box of CryptoPro only: as much work,
				// another digest.
				delete(s.check, "34.311-95")
			}
			for _, operation := range operations() {
				_, result := do(t, c, operation, 1) // fails where our signature is refused
				if check := s.check[operation]; check != nil {
					if err := check(result); err != nil {
						t.Errorf("%s: %v", operation, err)
					}
				}
			}
		})
	}
}

func do(t testing.TB, c contender, operation string, times int) (time.Duration, []byte) {
	t.Helper()
	d, result, err := c.do(operation, times)
	if err != nil {
		t.Fatalf("%s, %s: %v", c.name, operation, err)
	}
	return d, result
}

// warmUp has a contender make its tables and compile its code, and returns how
// many operations fill a turn.
func warmUp(t testing.TB, c contender, operation string) int {
	t.Helper()
	times := 1
	for spent := time.Duration(0); ; {
		d, _ := do(t, c, operation, times)
		if spent += d; spent >= c.warm {
			return max(1, int(int64(times)*int64(turn)/int64(d)))
		}
		if d < c.warm/10 {
			times *= 2
		}
	}
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}
