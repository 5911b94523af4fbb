package gost3410_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/kopir-kz/kopir/gateway/gost/gost3410"
)

var _ crypto.Signer = (*gost3410.PrivateKey)(nil)

func TestGenerateKey(t *testing.T) {
	eachCurve(t, func(t *testing.T, c pair) {
		key, err := gost3410.GenerateKey(c.Curve, nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := key.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		same, err := gost3410.ParsePrivateKey(c.Curve, b)
		if err != nil || !same.Equal(key) || !public(same).Equal(key.Public()) {
			t.Errorf("the key read again is another: %v", err)
		}
		back, err := gost3410.ParsePublicKey(c.Curve, public(key).Bytes())
		if err != nil || !back.Equal(key.Public()) {
			t.Errorf("the public key read again is another: %v", err)
		}
		digest := make([]byte, c.Size())
		sig, err := key.Sign(nil, digest, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := back.Verify(digest, sig); err != nil {
			t.Error(err)
		}
		if other, err := gost3410.GenerateKey(c.Curve, nil); err != nil || other.Equal(key) {
			t.Errorf("two keys are equal, %v", err)
		}
	})
}

func TestGenerateKeyRefuses(t *testing.T) {
	eachCurve(t, func(t *testing.T, c pair) {
		for name, random := range map[string]io.Reader{
			"failing":             iotest.ErrReader(io.ErrClosedPipe),
			"short":               io.LimitReader(chance(1), int64(c.Size()-1)),
			"always out of range": endless(0xff),
			"always zero":         endless(0),
		} {
			if key, err := gost3410.GenerateKey(c.Curve, random); key != nil || !errors.Is(err, gost3410.ErrRandom) {
				t.Errorf("%s: %v", name, err)
			}
		}
		// The first number in range is the key.
		q := c.model.Bytes(c.model.Q)
		one := c.model.Bytes(big.NewInt(1))
		key, err := gost3410.GenerateKey(c.Curve, io.MultiReader(bytes.NewReader(q), bytes.NewReader(one)))
		if err != nil || !key.Equal(c.privateKey(t, big.NewInt(1))) {
			t.Errorf("the key is not the number that follows: %v", err)
		}
	})
}

// endless is a source of one byte.
type endless byte

func (e endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(e)
	}
	return len(b), nil
}

func TestEqual(t *testing.T) {
	t.Parallel()
	small, large := pairs()[0], pairs()[1]
	key := small.privateKey(t, big.NewInt(3))
	for _, tt := range []struct {
		name string
		key  *gost3410.PrivateKey
		want bool
	}{
		{"the same", small.privateKey(t, big.NewInt(3)), true},
		{"another number", small.privateKey(t, big.NewInt(4)), false},
		{"the negative", small.privateKey(t, new(big.Int).Sub(small.model.Q, big.NewInt(3))), false},
		{"another curve", large.privateKey(t, big.NewInt(3)), false},
	} {
		if key.Equal(tt.key) != tt.want || public(key).Equal(tt.key.Public()) != tt.want {
			t.Errorf("%s: not %v", tt.name, tt.want)
		}
	}
	if key.Equal(&ecdsa.PrivateKey{}) || public(key).Equal(&ecdsa.PublicKey{}) || key.Equal(nil) || public(key).Equal(nil) {
		t.Error("equal to what is no key of ours")
	}
}

// TestNonce: the same key, digest and randomness give the same signature;
// another of any of them gives another nonce, which shows in r.
func TestNonce(t *testing.T) {
	eachCurve(t, func(t *testing.T, c pair) {
		seen := map[string]string{}
		sign := func(name string, d int64, digest byte, random io.Reader) []byte {
			b := make([]byte, c.Size())
			b[0] = digest
			sig, err := c.privateKey(t, big.NewInt(d)).Sign(random, b, nil)
			if err != nil {
				t.Fatal(err)
			}
			r := string(sig[:c.Size()])
			if before, ok := seen[r]; ok {
				t.Errorf("%s has the nonce of %s", name, before)
			}
			seen[r] = name
			return sig
		}
		first := sign("the first", 5, 1, endless(7))
		sign("another key", 6, 1, endless(7))
		sign("another digest", 5, 2, endless(7))
		sign("other randomness", 5, 1, endless(8))
		sign("chance", 5, 1, nil)
		sign("chance again", 5, 1, nil)
		clear(seen)
		if again := sign("again", 5, 1, endless(7)); !bytes.Equal(first, again) {
			t.Errorf("the same once more is %x, not %x", again, first)
		}
	})
}

func TestDestroy(t *testing.T) {
	eachCurve(t, func(t *testing.T, c pair) {
		key := c.privateKey(t, big.NewInt(5))
		before := public(key).Bytes()
		key.Destroy()
		key.Destroy()
		if b, err := key.Bytes(); b != nil || !errors.Is(err, gost3410.ErrDestroyed) {
			t.Errorf("the bytes of a destroyed key: %x, %v", b, err)
		}
		if sig, err := key.Sign(nil, make([]byte, c.Size()), nil); sig != nil || !errors.Is(err, gost3410.ErrDestroyed) {
			t.Errorf("the signature of a destroyed key: %x, %v", sig, err)
		}
		if !bytes.Equal(public(key).Bytes(), before) {
			t.Error("the public key is another")
		}
	})
}

// TestBytesAreCopies: what the caller does to the bytes does not touch the key.
func TestBytesAreCopies(t *testing.T) {
	eachCurve(t, func(t *testing.T, c pair) {
		in := c.model.Bytes(big.NewInt(5))
		key, err := gost3410.ParsePrivateKey(c.Curve, in)
		if err != nil {
			t.Fatal(err)
		}
		clear(in)
		out, err := key.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		clear(out)
		clear(public(key).Bytes())
		xy := public(key).Bytes()
		verifier, err := gost3410.ParsePublicKey(c.Curve, xy)
		if err != nil {
			t.Fatal(err)
		}
		clear(xy)
		if !verifier.Equal(key.Public()) {
			t.Error("the public key read has changed")
		}
		if !key.Equal(c.privateKey(t, big.NewInt(5))) {
			t.Error("the public key has changed")
		}
		if sig, err := key.Sign(nil, make([]byte, c.Size()), nil); err != nil || public(key).Verify(make([]byte, c.Size()), sig) != nil {
			t.Errorf("the key has changed: %v", err)
		}
	})
}

// TestNeverPrinted: no printer, logger or encoder shows the number, however the
// key is passed.
func TestNeverPrinted(t *testing.T) {
	eachCurve(t, func(t *testing.T, c pair) {
		d := c.scalar(chance(10))
		key := c.privateKey(t, d)
		little := c.model.Bytes(d)
		var out strings.Builder
		wrapped := struct {
			Key    *gost3410.PrivateKey
			Value  gost3410.PrivateKey
			hidden *gost3410.PrivateKey
			inside gost3410.PrivateKey
		}{key, *key, key, *key}
		for _, v := range []any{key, *key, wrapped, &wrapped, []*gost3410.PrivateKey{key}, map[string]gost3410.PrivateKey{"key": *key}} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t"} {
				fmt.Fprintf(&out, verb+"\n", v)
			}
			b, err := json.Marshal(v)
			fmt.Fprintln(&out, string(b), err)
			slog.New(slog.NewTextHandler(&out, nil)).Info("key", "key", v)
			slog.New(slog.NewJSONHandler(&out, nil)).Info("key", "key", v)
		}
		shown := strings.ToLower(out.String())
		for name, secret := range map[string]string{
			"hexadecimal":              hex.EncodeToString(little),
			"hexadecimal, big-endian":  d.Text(16),
			"decimal":                  d.String(),
			"bytes":                    strings.Trim(fmt.Sprintf("%v", little), "[]"),
			"bytes as in Go":           strings.Trim(fmt.Sprintf("%#v", little), "[]byte{}"),
			"the first limb":           fmt.Sprint(new(big.Int).And(d, new(big.Int).SetUint64(1<<64-1))),
			"the first limb, in words": hex.EncodeToString(little[:8]),
		} {
			if strings.Contains(shown, strings.ToLower(secret)) {
				t.Errorf("%s shows", name)
			}
		}
		if got := fmt.Sprintf("%+v %s %#v", key, *key, key); got != "*** *** ***" {
			t.Errorf("printed as %q", got)
		}
	})
}

// TestConcurrent: one key verifies, and one signs, in many goroutines while its
// table is being made and while it is destroyed.
func TestConcurrent(t *testing.T) {
	eachCurve(t, func(t *testing.T, c pair) {
		key := c.privateKey(t, c.scalar(chance(11)))
		digest := randomBytes(chance(12), c.Size())
		sig, err := key.Sign(nil, digest, nil)
		if err != nil {
			t.Fatal(err)
		}
		verifier, err := gost3410.ParsePublicKey(c.Curve, public(key).Bytes())
		if err != nil {
			t.Fatal(err)
		}
		bad := bytes.Clone(sig)
		bad[0] ^= 1
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 5 {
					if err := verifier.Verify(digest, sig); err != nil {
						t.Error(err)
					}
					if err := verifier.Verify(digest, bad); err == nil {
						t.Error("a bad signature holds")
					}
					switch sig, err := key.Sign(nil, digest, nil); {
					case errors.Is(err, gost3410.ErrDestroyed):
					case err != nil || verifier.Verify(digest, sig) != nil:
						t.Errorf("a bad signature was made: %v", err)
					}
				}
				key.Destroy()
			})
		}
		wg.Wait()
	})
}
