package gost3410

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"testing"
)

// TestNonces is RFC 6979, appendix A.2.5, with SHA-512: without randomness, and
// with numbers big-endian as there, the derivation is the one of the standard.
// The digests are below the order, so their first 32 bytes are the number.
func TestNonces(t *testing.T) {
	t.Parallel()
	d, err := hex.DecodeString("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721")
	if err != nil {
		t.Fatal(err)
	}
	for message, want := range map[string]string{
		"sample": "5fa81c63109badb88c1f367b47da606da28cad69aa22c4fe6ad7df73a7173aa5",
		"test":   "6915d11632aca3c40d5d51c08daf9c555933819548784480e93499000d9f0b7f",
	} {
		digest := sha512.Sum512([]byte(message))
		n := newNonces(d, digest[:32], nil)
		first := bytes.Clone(n.next(32))
		if hex.EncodeToString(first) != want {
			t.Errorf("%s: the nonce is %x", message, first)
		}
		// Section 3.2, step h, where the first was refused.
		key := mac(n.key[:], n.value[:], []byte{0})
		value := mac(key, mac(key, n.value[:]))
		if second := n.next(32); !bytes.Equal(second, value[:32]) {
			t.Errorf("%s: the nonce after a refused one is %x, not %x", message, second, value[:32])
		}
	}
}

func mac(key []byte, message ...[]byte) []byte {
	h := hmac.New(sha512.New, key)
	h.Write(bytes.Join(message, nil))
	return h.Sum(nil)
}

// TestWiped: nothing of a destroyed key is left in its place.
func TestWiped(t *testing.T) {
	t.Parallel()
	key, err := GenerateKey(TC26A512(), nil)
	if err != nil {
		t.Fatal(err)
	}
	d := key.secret().d
	key.Destroy()
	if !bytes.Equal(d, make([]byte, 64)) {
		t.Error("the number is still there")
	}
}

// TestFault: a signature that does not hold is not given away. A key whose
// public half is another's stands for a machine that computes wrongly.
func TestFault(t *testing.T) {
	t.Parallel()
	for _, c := range []*Curve{CryptoProA(), TC26A512()} {
		key, err := GenerateKey(c, nil)
		if err != nil {
			t.Fatal(err)
		}
		other, err := GenerateKey(c, nil)
		if err != nil {
			t.Fatal(err)
		}
		key.public = other.public
		if sig, err := key.Sign(nil, make([]byte, c.size), nil); sig != nil || !errors.Is(err, ErrFault) {
			t.Errorf("%s: %x, %v", c.name, sig, err)
		}
	}
}
