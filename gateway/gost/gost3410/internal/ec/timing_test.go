//go:build dudect

// Run by hand, on a machine that does nothing else:
//
//	go test -tags dudect -run Timing -v ./gateway/gost/gost3410/internal/ec

package ec

import (
	"crypto/rand"
	"math"
	mathrand "math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestTiming measures the operations on secrets in the manner of dudect (O.
// Reparaz, J. Balasch, I. Verbauwhede, "Dude, is my code constant time?", IACR
// ePrint 2016/1123): times with one fixed secret against times with secrets of
// chance, in random order, compared by Welch's t-test. As there, the slowest
// measurements are cropped at several percentiles, because they are of
// interruptions; above 10 the difference is certain, below 4.5 there is no
// sign of one.
func TestTiming(t *testing.T) {
	for name, c := range map[string]Curve{"256": Curve256{}, "512": Curve512{}} {
		size := map[string]int{"256": 32, "512": 64}[name]
		g, xy, sig, e := make([]byte, 2*size), make([]byte, 2*size), make([]byte, 2*size), make([]byte, size)
		e[0] = 3
		other := scalars(t, c, size, 1)[0]
		one := make([]byte, size)
		one[0] = 1
		c.Multiply(g, one)
		key, _ := c.NewKey(g)
		for op, run := range map[string]func(secret []byte){
			"Multiply":      func(k []byte) { c.Multiply(xy, k) },
			"Sign by key":   func(d []byte) { c.Sign(sig, d, e, other) },
			"Sign by nonce": func(k []byte) { c.Sign(sig, other, e, k) },
			"InOrder":       func(k []byte) { c.InOrder(k) },
			"Verify":        func(k []byte) { key.Verify(k, g) },
		} {
			for class, fixed := range map[string][]byte{"one": one, "another": other} {
				t.Run(name+" "+op+" "+class, func(t *testing.T) {
					worst, at := compare(t, c, size, fixed, run)
					t.Logf("|t| = %.2f, the worst, at percentile %v", worst, at)
					switch {
					case op != "Verify" && worst > 10:
						t.Error("the time depends on the secret")
					case op == "Verify" && worst < 10:
						t.Error("what is known to depend on its input is not noticed")
					}
				})
			}
		}
	}
}

const samples = 200_000

// scalars are secrets of chance.
func scalars(t *testing.T, c Curve, size, n int) (all [][]byte) {
	for len(all) < n {
		k := make([]byte, size)
		if _, err := rand.Read(k); err != nil {
			t.Fatal(err)
		}
		if c.InOrder(k) {
			all = append(all, k)
		}
	}
	return all
}

func compare(t *testing.T, c Curve, size int, fixed []byte, run func([]byte)) (worst, at float64) {
	// Both kinds of secrets come from the same kind of memory.
	secrets := scalars(t, c, size, samples)
	isFixed := make([]bool, samples)
	for i := range secrets {
		if isFixed[i] = mathrand.IntN(2) == 0; isFixed[i] {
			copy(secrets[i], fixed)
		}
	}
	times := make([]float64, samples)
	for i, secret := range secrets {
		start := time.Now()
		run(secret)
		times[i] = float64(time.Since(start))
	}
	sorted := slices.Clone(times)
	slices.Sort(sorted)
	for _, percentile := range []float64{100, 99.9, 99, 95, 90, 75, 50, 25} {
		limit := sorted[int(percentile/100*(samples-1))]
		if welch := math.Abs(welch(times, isFixed, limit)); welch > worst {
			worst, at = welch, percentile
		}
	}
	return worst, at
}

// welch is the t statistic of the two classes, of times up to a limit.
func welch(times []float64, isFixed []bool, limit float64) float64 {
	var n, mean, square [2]float64
	for i, x := range times {
		if x > limit {
			continue
		}
		class := 0
		if isFixed[i] {
			class = 1
		}
		n[class]++
		delta := x - mean[class]
		mean[class] += delta / n[class]
		square[class] += delta * (x - mean[class])
	}
	variance := square[0]/(n[0]-1)/n[0] + square[1]/(n[1]-1)/n[1]
	if variance == 0 {
		return 0
	}
	return (mean[0] - mean[1]) / math.Sqrt(variance)
}
