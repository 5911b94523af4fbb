package bench

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// floor is the processor time that no gateway can save on one exchange: an
// RSA-2048 signature made, another one checked, and SHA-256 over all that is
// signed.
//
// The second signature of an answer, the registry's own inside the envelope's,
// is not in it, although it has to be checked as well; what it covers is.
type floor struct {
	key    *rsa.PrivateKey
	hashed []byte

	taken time.Duration // processor time
	times atomic.Int64
}

// Bytes that are signed beside the answer's record: the Body of the request,
// and SignedInfo of the request and of both signatures of the answer.
const besides = 4 << 10

// newFloor makes a key. The record of an answer is signed twice, by the
// registry and, with the envelope around it, by ШЭП.
func newFloor(answerBytes int) (*floor, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	return &floor{key: key, hashed: make([]byte, 2*answerBytes+besides)}, err
}

// measure works on all cores, as the load does, for a while.
func (f *floor) measure(ctx context.Context, d time.Duration) error {
	before, err := ownCPU()
	if err != nil {
		return err
	}
	end := time.Now().Add(d)
	errs := make(chan error, runtime.NumCPU())
	var wg sync.WaitGroup
	for range runtime.NumCPU() {
		wg.Go(func() {
			for ctx.Err() == nil {
				if err := f.once(); err != nil {
					errs <- err
					return
				}
				f.times.Add(1)
				if time.Now().After(end) {
					return
				}
			}
		})
	}
	wg.Wait()
	after, err := ownCPU()
	f.taken += after - before
	select {
	case err = <-errs:
	default:
	}
	return err
}

func (f *floor) once() error {
	digest := sha256.Sum256(f.hashed)
	value, err := rsa.SignPKCS1v15(nil, f.key, crypto.SHA256, digest[:])
	if err != nil {
		return err
	}
	return rsa.VerifyPKCS1v15(&f.key.PublicKey, crypto.SHA256, digest[:], value)
}

func (f *floor) each() time.Duration { return f.taken / time.Duration(max(f.times.Load(), 1)) }
